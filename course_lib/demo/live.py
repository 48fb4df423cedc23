"""A camera and a microphone as they come: one face followed, the last seconds of sound heard, both weighed
up.
"""

import threading
import time
from itertools import count

import numpy as np

from course_lib import faces
from course_lib.demo import moments, uploads
from course_lib.demo.moments import HOP, MISSING
from course_lib.models.voices import WINDOW

FRESH = 0.4  # of a new picture's probabilities, the rest being what was seen before: against flicker
PAUSE = 2.0  # seconds at least between two answers that are read out
STALE = 2.0  # seconds without anything new, after which what was seen or heard is forgotten


class Live:
    """What one visitor's camera and microphone have given so far. Nothing is written anywhere; the last
    picture and the last `WINDOW` seconds of sound are kept."""

    def __init__(self):
        self._lock = threading.Lock()  # pictures and sound come on threads of their own
        self._hearing = threading.Lock()
        self._frame = self._boxes = None
        self._face = self._voice = MISSING
        self._sound = np.zeros(0, np.float32)
        self._unheard, self._heard_at, self._seen_at = 0, -np.inf, -np.inf
        self._told, self._told_at = "", -np.inf

    def see(self, frame):
        """The face's box, float (4,) or None, in a picture uint8 (height, width, 3), and the `Moment` that it
        makes.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._seen_at > STALE:
                self._frame, self._face = None, MISSING
            self._seen_at = now
            box = self._followed(frame)
            if box is None:
                self._face = MISSING
            else:
                seen = moments.see(faces.crop(frame, box)[np.newaxis])[0]
                before = seen if np.isnan(self._face).any() else self._face
                self._face = FRESH * seen + (1 - FRESH) * before
            return box, moments.judge(self._face, self._voice if now - self._heard_at < STALE else MISSING)

    def hear(self, sr, samples):
        """Take in the next piece of sound, float (n,) or (n, channels), at `sr` samples a second: the
        `Moment` that the voice alone makes, or None while a camera is looking, whose pictures say both.

        Nobody is asked before a whole window is there: the classifier knows sentences, not syllables.
        """
        import soxr

        window, now = round(WINDOW * uploads.SR), time.monotonic()
        with self._hearing:
            if now - self._heard_at > STALE:
                self._sound, self._voice = np.zeros(0, np.float32), MISSING
            new = soxr.resample(
                samples.reshape(len(samples), -1).mean(axis=1, dtype=np.float32), sr, uploads.SR
            )
            self._sound = np.concatenate([self._sound, new])[-window:]
            self._unheard, self._heard_at = self._unheard + len(new), now
            if len(self._sound) == window and self._unheard >= HOP * uploads.SR:
                self._unheard, self._voice = 0, moments.hear(self._sound[np.newaxis])[0]
            return None if now - self._seen_at < STALE else moments.judge(voice=self._voice)

    def levels(self) -> np.ndarray:
        """How loud each tenth of a second of the sound that is kept is, in dB to full scale, (tenths,)."""
        return moments.levels(self._sound[np.newaxis])[0]

    def news(self, moment) -> bool:
        """Whether a moment's answer is to be read out: it is another one, and the last was not just now."""
        now = time.monotonic()
        if moment.answer == self._told or now - self._told_at < PAUSE:
            return False
        self._told, self._told_at = moment.answer, now
        return True

    def _followed(self, frame):
        # A camera of another size begins anew: `follow` takes frames of one size.
        if self._frame is None or self._frame.shape != frame.shape:
            self._boxes = faces.follow(self._frame for _ in count())
        self._frame = frame
        return next(self._boxes).box
