"""Read the sound of a clip as samples: wav, FLAC, or the track of an mp4."""

import subprocess

import imageio_ffmpeg
import numpy as np
import soundfile
import soxr

from course_lib.files import CourseError
from course_lib.video import existing_file


def read_audio(path, sr=8000, seconds=4, allow_silent=False) -> np.ndarray:
    """The sound of a wav, FLAC or mp4 as float32 (sr * seconds,), mono, in [-1, 1].

    Channels are averaged (five RAVDESS wavs are stereo), then soxr resamples at its high quality. A longer clip is cut
    at `seconds`, a shorter one is padded with zeros at its end; `seconds=None` keeps the clip's own length.
    Lecture 27 at 07:35 takes 4 s at 8 kHz. Raises `CourseError` for an empty or damaged file, a clip without an audio
    stream, and a silent track: RAVDESS's video-only files carry one, all zeros (`allow_silent=True` lets it pass).
    """
    path = existing_file(path)
    samples, own_sr = _decode(path)
    if not len(samples):
        raise CourseError(path, "its sound track holds no samples", "Fetch or copy the clip again, or leave it out")
    mono = samples.mean(axis=1, dtype=np.float32)
    if not allow_silent and not mono.any():
        raise CourseError(path, "its sound track is silent (all zeros)",
                          "Video-only clips (02-…) are so: take the audio-video (01-…) or audio-only (03-…) file")
    resampled = soxr.resample(mono, own_sr, sr)
    return resampled if seconds is None else _fit(resampled, round(sr * seconds))


def _decode(path):
    # -> float32 (n, channels), rate. libsndfile reads wav and FLAC; what it does not know goes through ffmpeg.
    try:
        return soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        if path.suffix.lower() in {".wav", ".flac"}:
            raise CourseError(path, f"it is not a {path.suffix[1:]} file, or it is damaged ({error.error_string})",
                              "Fetch or copy it again") from error
    return _decode_with_ffmpeg(path)


def _decode_with_ffmpeg(path, sr=48000):
    # Two channels whatever the file has: ffmpeg's own way to mono (-ac 1) is √2 too loud when it writes floats.
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-i", str(path), "-map", "0:a:0",
               "-f", "f32le", "-ac", "2", "-ar", str(sr), "-"]
    done = subprocess.run(command, capture_output=True)
    said = done.stderr.decode(errors="replace").strip()
    if "matches no streams" in said:
        raise CourseError(path, "it has no audio stream", "Take the audio-only (03-…) file of this take")
    if done.returncode:
        raise CourseError(path, f"its sound cannot be read (ffmpeg says: {said[-200:]})", "Fetch or copy it again")
    return np.frombuffer(done.stdout, "<f4").reshape(-1, 2), sr


def _fit(samples, n):
    return np.pad(samples[:n], (0, max(0, n - len(samples))))
