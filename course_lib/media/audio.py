"""Read the sound of a clip as samples: from wav, FLAC, Ogg Opus, or the audio track of an mp4."""

import io
import subprocess
from math import inf
from numbers import Real
from pathlib import Path

import numpy as np

from course_lib.core.audio import LECTURE_SR
from course_lib.core.errors import CourseError
from course_lib.media.video import CONTAINERS, existing_file, explain


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
    Used in lessons 00, 05 to 08, 12 and 13.

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
    if not allow_silent and not mono.any():
        raise CourseError(
            path,
            "its audio track is silent (all zeros)",
            "RAVDESS's 02-… clips are silent: use the audio-video (01-…) or audio-only (03-…) file",
        )
    resampled = soxr.resample(mono, own_sr, sr)[: None if at_most is None else round(sr * at_most)]
    return resampled if seconds is None else _fit(resampled, round(sr * seconds))


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
    know.

    If `at_most` is given, one second more is read, because the resampler looks a little ahead.
    """
    import soundfile

    if _cut_off(path):
        raise CourseError(path, "it is cut off (shorter than its header says)", "Fetch or copy it again")
    try:
        with soundfile.SoundFile(path) as file:
            frames = -1 if at_most is None else int((at_most + 1) * file.samplerate)
            return file.read(frames, dtype="float32", always_2d=True), file.samplerate
    except soundfile.LibsndfileError as error:
        if path.suffix.lower() in {".wav", ".flac"}:
            raise CourseError(
                path,
                f"it is not a {path.suffix[1:]} file, or it is damaged ({error.error_string})",
                "Fetch or copy it again",
            ) from error
    return _decode_with_ffmpeg(path, at_most)


def _cut_off(path):
    """Whether a wav is shorter than its header declares. One that was written to a pipe declares no
    length.
    """
    with open(path, "rb") as file:
        head = file.read(8)
    declared = int.from_bytes(head[4:], "little")
    return head[:4] == b"RIFF" and declared != 0xFFFFFFFF and path.stat().st_size < 8 + declared


def _decode_with_ffmpeg(path, at_most):
    """Decode with the track's own channels and rate, as an AU file.

    When ffmpeg changes the number of channels of float samples, it changes the level: stereo to mono is √2
    too loud, mono to stereo √2 too soft.
    """
    import imageio_ffmpeg
    import soundfile

    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-nostdin",
        "-format_whitelist",
        CONTAINERS,
        "-i",
        f"file:{path}",
        "-map",
        "0:a:0",
        *(["-t", str(at_most + 1)] if at_most is not None else []),
        "-f",
        "au",
        "-c:a",
        "pcm_f32be",
        "-",
    ]
    done = subprocess.run(command, capture_output=True)
    log = done.stderr.decode(errors="replace").strip()
    if "matches no streams" in log:
        raise CourseError(
            path,
            "it has no audio stream",
            "Choose a file with sound, such as RAVDESS's audio-only ones (03-…)",
        )
    if done.returncode or log:
        raise CourseError(path, f"its sound cannot be read: {explain(log)}", "Fetch or copy it again")
    return soundfile.read(io.BytesIO(done.stdout), dtype="float32", always_2d=True)


def _fit(samples, n):
    return np.pad(samples[:n], (0, max(0, n - len(samples))))
