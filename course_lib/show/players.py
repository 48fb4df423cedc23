"""Players for sound and video, with the data inside the saved output: 64 kbit/s or less.

Without ffmpeg, as in a browser, the sound is a WAV file, a film is the file itself, and of frames some are
shown as pictures."""

from __future__ import annotations

import base64
import io
import subprocess
import tempfile
import wave
from collections.abc import Mapping
from html import escape
from math import inf
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import existing_file

if TYPE_CHECKING:
    from IPython.display import HTML

BUDGET = 64_000  # bits for each second, in the notebook: base64 makes 4 characters of 3 bytes
_SOUND = 16_000  # of them for the sound of a video, before base64
_LEAST = 6_000  # of a video without sound, where the picture would be no longer recognisable


def audio(samples: npt.ArrayLike, sr: int, title: str) -> HTML:
    """Show a player for a mono signal, stored as MP3 at 32 kbit/s (without ffmpeg as WAV).

    Parameters
    ----------
    samples : array_like, shape (n,)
        Full scale at ±1; louder samples are clipped. Integers are refused: divide 16-bit samples by 32768.
    sr : int
        Sampling rate in Hz, from 1000 to 384000.
    title : str
        Shown under the player and read by screen readers.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If the signal is empty, is not one-dimensional, is not float, or contains NaN or infinite values, or
        if `sr` is not a sampling rate.

    Examples
    --------
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> "<audio controls" in audio(tone, 8000, "A tone of 440 Hz").data
    True
    """
    from IPython.display import HTML

    signal, name = _checked_signal(samples), escape(title)
    kind, data = _sound(signal, _checked_rate("sr", sr, 1000, 384_000))
    sound = base64.b64encode(data).decode()
    return HTML(
        f'<figure style="margin:0.5em 0"><audio controls preload="metadata" aria-label="{name}" '
        f'style="max-width:100%" src="data:audio/{kind};base64,{sound}"></audio>'
        f"<figcaption>{name}</figcaption></figure>"
    )


def sounds(players: Mapping[str, npt.ArrayLike], sr: int, title: str) -> HTML:
    """Show players side by side, all equally loud, each below its log-mel spectrogram.

    Parameters
    ----------
    players : mapping of str to array_like (n,)
        For each sound its floating-point samples, at least 0.1 s. Each is scaled to the same peak.
    sr : int
        Sampling rate of all sounds in Hz.
    title : str
        The caption.

    Returns
    -------
    IPython.display.HTML
        64 mel bands up to 7,600 Hz (or 0.475 sr), one column each 20 ms. All spectrograms have one scale of
        colours (80 dB) and one scale of time.

    Raises
    ------
    CourseError
        If there is no sound; or as `audio` and `features.log_mel_spectrogram` do.

    Examples
    --------
    >>> tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
    >>> shown = sounds({"a tone": tone}, 8000, "One sound")
    >>> shown.data.count("<audio"), shown.data.count("<img")
    (1, 1)

    Notes
    -----
    Used in lesson 12.
    """
    from IPython.display import HTML
    from matplotlib import colormaps

    from course_lib import features
    from course_lib.plots import base

    if not len(players):
        raise CourseError("sounds", "there is no sound", "Give a dict of name to samples")
    loud = {name: np.asarray(samples, float) for name, samples in players.items()}
    loud = {name: 0.9 * samples / max(np.abs(samples).max(initial=0), 1e-9) for name, samples in loud.items()}
    hop, n_fft, fmax = round(0.02 * sr), round(0.064 * sr), min(7600, 0.475 * sr)
    pictures = {
        name: features.log_mel_spectrogram(samples[None], sr, len(samples) / sr, 64, hop, n_fft, fmax)[
            0, ..., 0
        ]
        for name, samples in loud.items()
    }
    longest, cells = max(picture.shape[1] for picture in pictures.values()), ""
    for name, samples in loud.items():
        picture = pictures[name] - pictures[name].max()
        levels = np.pad(picture, [(0, 0), (0, longest - picture.shape[1])], constant_values=-80)
        image = (255 * colormaps["cividis"](np.clip(levels[::-1] / 80 + 1, 0, 1))[..., :3]).astype(np.uint8)
        alt = f"log-mel spectrogram, {len(samples) / sr:.1f} s: {name}"
        cells += (
            '<div style="flex:1 1 14em;max-width:22em">'
            f"{base.image_html(np.kron(image, np.ones((2, 3, 1), np.uint8)), alt)}"
            f"{audio(samples, sr, name).data}</div>"
        )
    row = f'<div style="display:flex;flex-wrap:wrap;gap:0.8em">{cells}</div>'
    return HTML(base.figure_html(row, f"<strong>{escape(title)}</strong>"))


def video(
    clip: str | Path | npt.ArrayLike,
    title: str,
    fps: float = 10,
    sound: bool = True,
    seconds: float = 10,
    width: int = 240,
) -> HTML:
    """Show a player for a clip, stored as H.264 in mp4: at most 64 kbit/s in the saved notebook.

    Parameters
    ----------
    clip : str, Path or array_like
        A file, or frames as uint8 (n, height, width, 3) RGB or (n, height, width) grey.
    title : str
        What the clip shows. Shown under the player and read by screen readers.
    fps : float
        Frames per second: of the player for a file, of the frames themselves for an array.
    sound : bool
        Keep the sound of a file, if it has any (mono, 16 kbit/s). Frames have no sound.
    seconds : float
        The longest duration that is kept, in s.
    width : int
        Width of the stored frames in pixels; the height follows. Smaller frames are not enlarged.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If the file cannot be read, the frames are not uint8 images, a number is not above 0, or the clip
        does not fit into 64 kbit/s.

    Examples
    --------
    >>> frames = np.zeros((20, 48, 64, 3), np.uint8)
    >>> "<video controls" in video(frames, "Twenty black frames").data
    True
    """
    from IPython.display import HTML

    _checked_rate("fps", fps, 0.1, 120)
    _checked_rate("seconds", seconds, 0.1, 600)
    _checked_rate("width", width, 16, 1280)
    name = escape(title)
    if not _has_ffmpeg() and not _is_film(clip):
        return HTML(_stills(clip, name, width))
    film = _mp4(clip, fps, sound, seconds, width) if _has_ffmpeg() else existing_file(clip).read_bytes()
    data = base64.b64encode(film).decode()
    return HTML(
        f'<figure style="margin:0.5em 0"><video controls playsinline preload="auto" width="{2 * width}" '
        f'style="max-width:100%;height:auto" aria-label="{name}" src="data:video/mp4;base64,{data}"></video>'
        f"<figcaption>{name}</figcaption></figure>"
    )


def _checked_signal(samples):
    signal = np.asarray(samples)
    if signal.ndim != 1 or not signal.size:
        raise CourseError(
            f"samples of shape {signal.shape}",
            "the signal is empty or not mono",
            "Give a one-dimensional array; of two channels take the mean",
        )
    if signal.dtype.kind != "f":
        raise CourseError(
            f"samples of type {signal.dtype}",
            "full scale is not known",
            "Give floats from -1 to 1; divide 16-bit samples by 32768",
        )
    if not np.isfinite(signal).all():
        raise CourseError(
            f"{np.count_nonzero(~np.isfinite(signal))} of {signal.size} samples",
            "the signal contains NaN or infinite values",
            "Remove them, for example with np.nan_to_num",
        )
    return np.clip(signal, -1, 1).astype("<f4")


def _checked_rate(name, value, low, high):
    if isinstance(value, bool) or not isinstance(value, Real) or not low <= value <= high < inf:
        raise CourseError(
            f"{name}={value!r}", f"it is not a number from {low} to {high}", f"Give another {name}"
        )
    return value


def _has_ffmpeg():
    try:
        import imageio_ffmpeg  # noqa: F401
    except ModuleNotFoundError:
        return False
    return True


def _is_film(clip):
    from course_lib.media.video import PHOTOGRAPHS

    return isinstance(clip, str | Path) and Path(clip).suffix.lower() not in PHOTOGRAPHS


def _stills(clip, name, width):
    """A photograph, or at most six of some frames, from the first to the last."""
    from course_lib.media.video import read_clip
    from course_lib.plots import base

    frames = _checked_frames(read_clip(clip) if isinstance(clip, str | Path) else clip)
    chosen = frames[np.unique(np.linspace(0, len(frames) - 1, 6).round().astype(int))]
    step = -(-chosen.shape[2] // width)
    pictures = (base.image_html(frame[::step, ::step], f"{name}, frame") for frame in chosen)
    return base.figure_html("".join(pictures), name)


def _sound(signal, sr):
    """The kind of the file for the player, and its bytes."""
    if _has_ffmpeg():
        return "mpeg", _mp3(signal, sr)
    with io.BytesIO() as file:
        with wave.open(file, "wb") as sound:
            sound.setparams((1, 2, round(sr), 0, "NONE", ""))
            sound.writeframes((32767 * signal).astype("<i2").tobytes())
        return "wav", file.getvalue()


def _mp3(signal, sr):
    command = ["-f", "f32le", "-ar", str(round(sr)), "-ac", "1", "-i", "-"]
    command += ["-ar", "24000", "-c:a", "libmp3lame", "-b:a", "32k", "-f", "mp3", "-"]
    return _run_ffmpeg(f"sound at {sr} Hz", command, signal.tobytes())


def _mp4(clip, fps, sound, seconds, width):
    # Encode, measure, and encode again at a lower bitrate until the result fits its duration.
    from course_lib.media.ffmpeg import CONTAINERS
    from course_lib.media.video import PHOTOGRAPHS, read_clip

    if isinstance(clip, str | Path) and Path(clip).suffix.lower() in PHOTOGRAPHS:
        clip = np.repeat(read_clip(clip), round(3 * fps), axis=0)  # three seconds of one frame
    if isinstance(clip, str | Path):
        path = existing_file(clip)
        source, frames = ["-format_whitelist", CONTAINERS, "-i", f"file:{path}"], None
        source += ["-map", "0:v:0", *(["-map", "0:a:0?"] if sound else [])]
    else:
        frames, path = _checked_frames(clip), "frames"
        size = f"{frames.shape[2]}x{frames.shape[1]}"
        source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(fps), "-i", "-"]
    bits = BUDGET * 3 // 4 - 4000
    rate = bits - _SOUND * (frames is None and sound)
    while rate > _LEAST:
        data = _encode(path, source, frames, rate, fps, seconds, width)
        length = _duration(data)
        if 8 * len(data) * 4 / 3 <= BUDGET * length - 4000:  # the HTML around it has 500 characters
            return data
        rate = int(rate * min(0.9, 0.95 * BUDGET * 3 / 4 * length / (8 * len(data))))
    raise CourseError(
        path,
        "the clip does not fit into 64 kbit/s",
        "Give a smaller width, fewer fps, or a longer part of it",
    )


def _encode(path, source, frames, rate, fps, seconds, width):
    scale = f"fps={fps},scale='2*trunc(min({width},iw)/2)':-2"
    options = ["-t", str(seconds), "-vf", scale, "-c:v", "libx264", "-preset", "veryslow", "-threads", "2"]
    options += ["-profile:v", "main", "-pix_fmt", "yuv420p", "-g", str(max(1, round(5 * fps)))]
    options += ["-b:v", str(rate), "-maxrate", str(rate), "-bufsize", str(rate), "-map_metadata", "-1"]
    options += ["-c:a", "aac", "-ar", "16000", "-ac", "1", "-b:a", str(_SOUND), "-movflags", "+faststart"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "clip.mp4"
        given = None if frames is None else frames.tobytes()
        _run_ffmpeg(path, [*source, *options, "-fflags", "+bitexact", str(out)], given)
        return out.read_bytes()


def _duration(data):
    # In s, from the movie header ("mvhd" version 0): its time scale and its length are 32-bit numbers.
    at = data.index(b"mvhd") + 16
    scale, length = (int.from_bytes(data[at + offset : at + offset + 4]) for offset in (0, 4))
    return length / scale


def _checked_frames(clip):
    frames = np.asarray(clip)
    if frames.dtype != np.uint8 or not frames.size or frames.ndim not in (3, 4):
        raise CourseError(
            f"frames of shape {frames.shape} and type {frames.dtype}",
            "they are not uint8 images (n, height, width[, 3])",
            "Give for example what video.read_clip returns",
        )
    if frames.ndim == 3:
        frames = np.repeat(frames[..., None], 3, axis=3)
    if frames.shape[3] != 3:
        raise CourseError(
            f"frames of shape {frames.shape}", f"they have {frames.shape[3]} channels, not 3", "Give RGB"
        )
    return np.ascontiguousarray(frames)


def _run_ffmpeg(name, command, given):
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *command]
    stdin = {"input": given} if given is not None else {"stdin": subprocess.DEVNULL}
    done = subprocess.run(command, capture_output=True, **stdin)
    if done.returncode:
        log = done.stderr.decode(errors="replace").strip()[-300:]
        raise CourseError(name, f"ffmpeg cannot encode it: {log}", "Check the file and the rates")
    return done.stdout
