"""Predict emotions live: follow one face in the frames, keep the last seconds of sound, and fuse both."""

import threading
import time
from itertools import count

import numpy as np

from course_lib import faces
from course_lib.core.audio import SPEECH_SR, WINDOW
from course_lib.demo import moments
from course_lib.demo.moments import HOP, MISSING, Moment

FRESH = 0.4  # weight of a new frame's probabilities; the rest goes to the frames before, to avoid flicker
PAUSE = 2.0  # minimum number of seconds between two answers that a screen reader speaks
STALE = 2.0  # seconds without new frames (or sound) after which the old ones no longer count


class Live:
    """The live state of one visitor: the last frame and the last `WINDOW` seconds of sound, in memory only.

    Notes
    -----
    Used in lesson 14.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()  # frames and sound arrive in separate threads
        self._hearing = threading.Lock()
        self._frame = self._boxes = None
        self._face = self._voice = MISSING
        self._sound = np.zeros(0, np.float32)
        self._unheard, self._heard_at, self._seen_at = 0, -np.inf, -np.inf
        self._spoken, self._spoken_at = "", -np.inf

    def see(self, frame: np.ndarray) -> tuple[np.ndarray | None, Moment]:
        """Follow the face in the next frame, and predict its emotion.

        Parameters
        ----------
        frame : np.ndarray
            RGB image, uint8 (height, width, 3).

        Returns
        -------
        box : np.ndarray or None
            x, y, width and height of the face in pixels, float (4,); None without a face.
        moment : Moment
            The prediction, with the voice of the last seconds if there is one.
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

    def hear(self, sr: int, samples: np.ndarray) -> Moment | None:
        """Add the next piece of sound, and predict its emotion.

        The classifier runs only on complete windows, because it was trained on sentences, not on syllables.

        Parameters
        ----------
        sr : int
            Sampling rate in Hz.
        samples : np.ndarray
            float, shape (n,) or (n, channels).

        Returns
        -------
        Moment or None
            The prediction from the voice alone; None while frames arrive, because `see` then gives both.
        """
        import soxr

        window, now = round(WINDOW * SPEECH_SR), time.monotonic()
        with self._hearing:
            if now - self._heard_at > STALE:
                self._sound, self._voice = np.zeros(0, np.float32), MISSING
            new = soxr.resample(
                samples.reshape(len(samples), -1).mean(axis=1, dtype=np.float32), sr, SPEECH_SR
            )
            self._sound = np.concatenate([self._sound, new])[-window:]
            self._unheard, self._heard_at = self._unheard + len(new), now
            if len(self._sound) == window and self._unheard >= HOP * SPEECH_SR:
                self._unheard, self._voice = 0, moments.hear(self._sound[np.newaxis])[0]
            return None if now - self._seen_at < STALE else moments.judge(voice=self._voice)

    def levels(self) -> np.ndarray:
        """Compute the level of each tenth of a second of the kept sound, (tenths,), in dB to full scale."""
        return moments.levels(self._sound[np.newaxis])[0]

    def news(self, moment: Moment) -> bool:
        """Tell whether a screen reader should speak the answer: it is new, and `PAUSE` s have passed."""
        now = time.monotonic()
        if moment.answer == self._spoken or now - self._spoken_at < PAUSE:
            return False
        self._spoken, self._spoken_at = moment.answer, now
        return True

    def _followed(self, frame):
        # `follow` needs frames of one size, so it is restarted when the size changes.
        if self._frame is None or self._frame.shape != frame.shape:
            self._boxes = faces.follow(self._frame for _ in count())
        self._frame = frame
        return next(self._boxes).box
