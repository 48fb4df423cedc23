"""A player for sound, with the sound inside the saved output."""

from __future__ import annotations

import base64
import subprocess
from html import escape
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    from IPython.display import HTML


def audio(samples: npt.ArrayLike, sr: int, title: str) -> HTML:
    """Show a player for a mono signal, stored as MP3 at 32 kbit/s.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Full scale at ±1.
    sr : int
        Sampling rate in Hz.
    title : str
        Shown under the player and read by screen readers.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If the signal is empty, is not one-dimensional, or contains NaN or infinite values.
    """
    from IPython.display import HTML

    signal = np.asarray(samples, dtype="<f4")
    if signal.ndim != 1 or not signal.size or not np.isfinite(signal).all():
        raise CourseError(
            f"samples of shape {signal.shape}",
            "the signal is empty, not mono, or contains NaN or infinite values",
            "Give a one-dimensional array of finite numbers",
        )
    sound = base64.b64encode(_mp3(signal, sr)).decode()
    name = escape(title)
    return HTML(
        f'<figure><audio controls preload="metadata" aria-label="{name}" '
        f'src="data:audio/mpeg;base64,{sound}"></audio><figcaption>{name}</figcaption></figure>'
    )


def _mp3(signal, sr):
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "f32le", "-ar", str(sr), "-ac", "1"]
    command += ["-i", "-", "-ar", "24000", "-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3", "-"]
    done = subprocess.run(command, input=signal.tobytes(), capture_output=True)
    if done.returncode:
        log = done.stderr.decode(errors="replace").strip()
        raise CourseError(f"sound at {sr} Hz", f"ffmpeg cannot encode it: {log}", "Check the sampling rate")
    return done.stdout
