"""Read the sound of a clip as samples: from wav, FLAC, Ogg Opus, or the audio track of an mp4."""

import io
import re
import subprocess
import warnings
from math import inf
from numbers import Real
from pathlib import Path

import numpy as np
import numpy.typing as npt

from course_lib.core.audio import LECTURE_SR, SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import existing_file
from course_lib.media import ffmpeg


def read_audio(
    path: str | Path,
    sr: int = LECTURE_SR,
    seconds: float | None = 4,
    allow_silent: bool = False,
    at_most: float | None = None,
) -> np.ndarray:
    """Read the sound of a wav, FLAC, Opus or mp4 file as mono samples.

    Channels are averaged (five RAVDESS wavs are stereo), then soxr resamples at its high quality. Lecture 27
    at 07:35 reads 4 s at 8 kHz.

    Parameters
    ----------
    path : str or Path
        The file.
    sr : int
        The sampling rate of the result in Hz.
    seconds : float, optional
        The length of the result in s: a longer clip is cut, a shorter one is padded with zeros at its end.
        None keeps the clip's own length.
    allow_silent : bool
        Accept a track of zeros, as RAVDESS's video-only files have.
    at_most : float, optional
        Read at most this many seconds of the file.

    Returns
    -------
    np.ndarray (round(sr * seconds),)
        float32, full scale at ±1.

    Raises
    ------
    CourseError
        If the file is missing, empty or damaged, has no audio stream, is silent, or contains NaN or infinite
        values; or if `sr`, `seconds` or `at_most` is not a number above 0.

    Notes
    -----
    Used in lessons 00, 05 to 08, 12, 13 and 15 to 17.

    Examples
    --------
    >>> import soundfile, tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(path, np.sin(2 * np.pi * 200 * np.arange(16000) / 16000), samplerate=16000)
    >>> read_audio(path, sr=8000, seconds=4).shape
    (32000,)
    """
    import soxr

    _checked(sr, seconds=seconds, at_most=at_most)
    path = existing_file(path)
    samples, own_sr = _decode(path, at_most)
    if not len(samples):
        raise CourseError(
            path, "its audio track contains no samples", "Fetch or copy the clip again, or leave it out"
        )
    if not np.isfinite(samples).all():
        raise CourseError(
            path, "the signal contains NaN or infinite values", "Make it again, or leave it out"
        )
    mono = samples.mean(axis=1, dtype=np.float32)
    # Channels that cancel each other leave at most what rounding leaves.
    if not allow_silent and np.abs(mono).max() <= 1e-3 * np.abs(samples).max():
        raise CourseError(path, *_silent(path, samples))
    resampled = soxr.resample(mono, own_sr, sr)[: None if at_most is None else round(sr * at_most)]
    return resampled if seconds is None else _fit(resampled, round(sr * seconds))


def trim(samples: npt.ArrayLike, decibels: float = 30) -> np.ndarray:
    """Cut the silence at both ends of a voice.

    Parameters
    ----------
    samples : array_like (n,)
        Floating-point sound.
    decibels : float
        A frame is silent if its level is so far, or further, below the loudest frame's.

    Returns
    -------
    np.ndarray (samples,)
        float32.

    Notes
    -----
    It is `librosa.effects.trim`. Used in lesson 12.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> len(trim(np.pad(tone, 16000))) < 20000
    True
    """
    import librosa

    return librosa.effects.trim(np.asarray(samples, np.float32), top_db=decibels)[0]


def read_voice(path: str | Path, sr: int = SPEECH_SR) -> np.ndarray:
    """Read a recording from where the voice begins to where it ends: `read_audio`, then `trim`.

    Parameters
    ----------
    path : str or Path
        The file.
    sr : int
        The sampling rate of the result in Hz.

    Returns
    -------
    np.ndarray (samples,)
        float32, full scale at ±1.

    Raises
    ------
    CourseError
        As `read_audio` does.

    Notes
    -----
    Used in lesson 12.

    Examples
    --------
    >>> import soundfile, tempfile
    >>> tone = np.sin(2 * np.pi * 200 * np.arange(16000) / 16000)
    >>> path = Path(tempfile.mkdtemp()) / "tone.wav"
    >>> soundfile.write(path, np.pad(tone, 16000), samplerate=16000)
    >>> len(read_voice(path)) < 20000
    True
    """
    return trim(read_audio(path, sr=sr, seconds=None))


def _silent(path, samples):
    """Why a track is silent, and what to do."""
    if samples.any():
        return "its channels cancel each other (one is the other turned upside down)", "Use one channel"
    cure = "Choose a file with sound"
    if re.match(r"02-\d\d-\d\d-", path.name):
        cure = "RAVDESS's 02-… clips are silent: use the audio-video (01-…) or audio-only (03-…) file"
    return "its first audio track is silent (all zeros)", cure


def _checked(sr, **lengths):
    for name, value in (("sr", sr), *lengths.items()):
        if not (name in lengths and value is None) and not (isinstance(value, Real) and 0 < value < inf):
            raise CourseError(
                f"{name}={value!r}",
                "it is not a number above 0",
                "Give a number, such as sr=8000 or seconds=4",
            )


def _decode(path, at_most):
    """Samples, float32 (n, channels), and their rate: by libsndfile, or by ffmpeg for what that does not
    know, whatever the name of the file.

    If `at_most` is given, one second more is read, because the resampler looks a little ahead.
    """
    import soundfile

    with open(path, "rb") as file:
        head = file.read(12)
    kind = "wav" if head[:4] + head[8:] == b"RIFFWAVE" else "flac" if head[:4] == b"fLaC" else ""
    if kind == "wav" and _cut_off(path):
        raise CourseError(path, "it is cut off (shorter than its header says)", "Fetch or copy it again")
    try:
        with soundfile.SoundFile(path) as file:
            frames = -1 if at_most is None else int((at_most + 1) * file.samplerate)
            samples = file.read(frames, dtype="float32", always_2d=True)
            if len(samples) or kind != "wav":
                return samples, file.samplerate
    except soundfile.LibsndfileError as error:
        damaged = CourseError(
            path, f"it is a {kind} file, and it is damaged ({error.error_string})", "Fetch or copy it again"
        )
        if kind == "flac":
            raise damaged from error
        try:  # a wav may hold sound that only ffmpeg knows, such as AAC
            return _decode_with_ffmpeg(path, at_most)
        except CourseError as other:
            raise (damaged if kind else other) from error
    return _decode_with_ffmpeg(path, at_most)


def _cut_off(path):
    """Whether samples are missing that the `data` chunk of a wav declares.

    Recorders and pipes that cannot know the length write a placeholder: 0, or nearly the largest number. The
    size of the whole file in the header is often wrong, and is not looked at.
    """
    size = path.stat().st_size
    with open(path, "rb") as file:
        file.seek(12)
        while len(chunk := file.read(8)) == 8:
            name, declared = chunk[:4], int.from_bytes(chunk[4:], "little")
            if name == b"data":
                there = size - file.tell()
                return 0 < declared < ffmpeg.PLACEHOLDER and there < declared - 1
            file.seek(declared + declared % 2, 1)
    return True  # the file ends before its samples


def _decode_with_ffmpeg(path, at_most):
    """Decode with the track's own channels and rate, as an AU file.

    When ffmpeg changes the number of channels of float samples, it changes the level: stereo to mono is √2
    too loud, mono to stereo √2 too soft. Sound that begins after the pictures is preceded by zeros.
    """
    import soundfile

    command = [
        *ffmpeg.command(path),
        "-map",
        "0:a:0",
        *(["-t", str(at_most + 1)] if at_most is not None else []),
        "-af",
        "aresample=async=1:first_pts=0",
        "-f",
        "au",
        "-c:a",
        "pcm_f32be",
        "-",
    ]
    done = subprocess.run(command, capture_output=True)
    known = ffmpeg.facts(done.stderr.decode(errors="replace").strip(), "Audio")
    if "matches no streams" in known.complaints:
        raise CourseError(path, "it has no audio stream", "Choose a file with sound")
    if done.returncode or not done.stdout:
        why, cure = ffmpeg.refusal(path, known.complaints, "Fetch or copy it again")
        raise CourseError(path, f"its sound cannot be read: {why}", cure)
    samples, sr = soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)
    if known.complaints or ffmpeg.lost(path, 1):
        _judge(path, len(samples) / sr, known, None if at_most is None else at_most + 1)
    return samples, sr


def _judge(path, seconds, known, wanted):
    """Raise an error about sound that is cut off, and warn of complaints about sound that came whole."""
    short = ffmpeg.missing(known, seconds, wanted)
    if wanted is None or seconds < wanted:
        lost = ffmpeg.lost(path, seconds)
        short = max(short or 0, lost) if lost else short
    if short is not None and short > ffmpeg.ENOUGH:
        whole = max(known.seconds or 0, seconds + short)
        raise CourseError(
            path,
            f"only {seconds:.1f} of {whole:.1f} s of its sound could be read: "
            f"{ffmpeg.explain(known.complaints) if known.complaints else 'it is cut off'}",
            "Fetch or copy it again",
        )
    if not known.complaints:
        return
    end = ", and its end may be missing" * (short is None or short > 0.1)
    complaint = ffmpeg.first_line(known.complaints)
    warnings.warn(
        f"{path}: {seconds:.2f} s of sound were read{end}, but ffmpeg complains: {complaint}", stacklevel=4
    )


def _fit(samples, n):
    return np.pad(samples[:n], (0, max(0, n - len(samples))))
