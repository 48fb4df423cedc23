"""Predict emotions live: follow one face in the frames, keep the last seconds of sound, and fuse both."""

import threading
import time
from itertools import count

import numpy as np

from course_lib import faces
from course_lib.core.audio import SPEECH_SR, WINDOW
from course_lib.demo import moments, steady
from course_lib.demo.moments import HOP, MISSING, Moment, Settings

FRESH = 0.4  # weight of a new frame's probabilities; the rest goes to the frames before, to avoid flicker
PAUSE = 2.0  # minimum number of seconds between two answers that a screen reader speaks
STALE = 2.0  # seconds without new frames after which the old ones no longer count
LATE = 10.0  # seconds: sound may arrive so late, on a slow machine or network, and still counts
GAP = 0.5  # seconds that may be missing in the sound before it starts again
COUNTED = 1.0  # seconds between two looks at the whole frame that count the faces


class Live:
    """The live state of one visitor: the last frame and the last `WINDOW` seconds of sound, in memory only.

    `weighing` holds the visitor's settings, None for `moments.settings()`.

    Notes
    -----
    Used in lesson 14.
    """

    def __init__(self) -> None:
        self.weighing: Settings | None = None
        self.used_at = time.monotonic()
        self._lock = threading.Lock()  # frames and sound arrive in separate threads
        self._hearing = threading.Lock()
        self._frame = self._boxes = None
        self._face = self._voice = MISSING
        self._sound = np.zeros(0, np.float32)
        self._unheard, self._heard_at, self._seen_at = 0, -np.inf, -np.inf
        self._ends: float | None = None  # where the sound ends, in seconds of the microphone's own clock
        self._answer, self._spoken, self._spoken_at = "", "", -np.inf
        self._faces, self._counted_at = 0, -np.inf

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
            now = self.used_at = time.monotonic()
            if now - self._seen_at > STALE:
                self._frame, self._face = None, MISSING
            self._seen_at = now
            box = self._followed(frame)
            if box is None:
                self._face = MISSING
            else:
                seen = moments.see(faces.crop(frame, box)[np.newaxis], self.weighing)[0]
                before = seen if np.isnan(self._face).any() else self._face
                self._face = FRESH * seen + (1 - FRESH) * before
            self._count(frame, now, box is not None)
            voice = self._voice if now - self._heard_at < LATE else MISSING
            return box, moments.judge(self._face, voice, self.weighing)

    def hear(self, sr: int, samples: np.ndarray, start: float | None = None) -> Moment | None:
        """Add the next piece of sound, and predict its emotion.

        The classifier runs only on complete windows, because it was trained on sentences, not on syllables.
        Sound that comes late still counts: what matters is whether a part of it is missing.

        Parameters
        ----------
        sr : int
            Sampling rate in Hz.
        samples : np.ndarray
            float, shape (n,) or (n, channels).
        start : float, optional
            When the piece begins, in seconds of the microphone's own clock. More than `GAP` s after the end
            of the piece before, the window starts again. By default the piece follows without a gap.

        Returns
        -------
        Moment or None
            The prediction from the voice alone; None while frames arrive, because `see` then gives both.
        """
        import soxr

        window, now = round(WINDOW * SPEECH_SR), time.monotonic()
        with self._hearing:
            if self._broken(start, now):
                self._sound, self._unheard, self._voice = np.zeros(0, np.float32), 0, MISSING
            new = soxr.resample(
                samples.reshape(len(samples), -1).mean(axis=1, dtype=np.float32), sr, SPEECH_SR
            )
            self._ends = None if start is None else start + len(samples) / sr
            self._sound = np.concatenate([self._sound, new])[-window:]
            self._unheard, self._heard_at = self._unheard + len(new), now
            self.used_at = now
            if len(self._sound) == window and self._unheard >= HOP * SPEECH_SR:
                self._unheard, self._voice = 0, moments.hear(self._sound[np.newaxis], self.weighing)[0]
            watched = now - self._seen_at < STALE
            return None if watched else moments.judge(voice=self._voice, weighing=self.weighing)

    def silence(self) -> None:
        """Forget the sound, because the microphone was switched off."""
        with self._hearing:
            self._sound, self._voice, self._ends = np.zeros(0, np.float32), MISSING, None
            self._unheard, self._heard_at = 0, -np.inf

    def levels(self) -> np.ndarray:
        """Compute the level of each tenth of a second of the kept sound, (tenths,), in dB to full scale."""
        return moments.levels(self._sound[np.newaxis])[0]

    def listening(self) -> str:
        """Tell what is known of the sound: "no sound", "listening 1.0 of 2.5 s", "too quiet" or "heard"."""
        if time.monotonic() - self._heard_at >= LATE:
            return "no sound"
        seconds = len(self._sound) / SPEECH_SR
        if seconds < WINDOW - 0.05:
            return f"listening {seconds:.1f} of {WINDOW} s"
        return "too quiet" if np.isnan(self._voice).any() else "heard"

    @property
    def faces(self) -> int:
        """The number of faces in the frame, counted about once a second."""
        return self._faces

    def settled(self, moment: Moment) -> str:
        """Choose the answer to show for a moment: it changes only if another one is clearly better."""
        self._answer = steady.settle(self._answer, moment)
        return self._answer

    def news(self, answer: str) -> bool:
        """Tell whether a screen reader should speak the answer: it is new, and `PAUSE` s have passed."""
        now = time.monotonic()
        if answer == self._spoken or now - self._spoken_at < PAUSE:
            return False
        self._spoken, self._spoken_at = answer, now
        return True

    def _broken(self, start, now):
        if start is None or self._ends is None:
            return now - self._heard_at > STALE
        return abs(start - self._ends) > GAP

    def _count(self, frame, now, there):
        if now - self._counted_at > COUNTED:
            self._faces, self._counted_at = len(faces.find(frame, moments.FINDER)), now
        self._faces = max(self._faces, 1) if there else 0

    def _followed(self, frame):
        # `follow` needs frames of one size, so it is restarted when the size changes.
        if self._frame is None or self._frame.shape != frame.shape:
            self._boxes = faces.follow((self._frame for _ in count()), detector=moments.FINDER)
        self._frame = frame
        return next(self._boxes).box
