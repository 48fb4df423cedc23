"""Write recordings of the Studio as files: mp4 (1280x720, 30 fps, H.264 and AAC at 48 kHz) and wav (48 kHz,
16 bit).
"""

import itertools
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.audio import RAVDESS_SR
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.names import check_choice
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import credits, ravdess
from course_lib.synthetic import face, voice

VERSION = 1  # increase it when drawing or voice changes, so that cached clips are made again
_SUFFIX = {"audio-video": ".mp4", "video-only": ".mp4", "audio-only": ".wav"}


def recording_names(
    actors: Iterable[int] = range(1, 25),
    emotions: Iterable[str] = ravdess.EMOTIONS,
    modality: str = "video-only",
) -> list[str]:
    """The file names of the Studio's speech recordings, in RAVDESS's scheme.

    Parameters
    ----------
    actors : iterable of int
        1 to 24.
    emotions : iterable of str
        RAVDESS's emotions.
    modality : {"audio-video", "video-only", "audio-only"}

    Returns
    -------
    list of str
        Each with its suffix, .mp4 or .wav. For each actor 4 neutral recordings and 8 of each other emotion:
        two intensities (neutral has one), two statements, two repetitions.

    Raises
    ------
    CourseError
        If RAVDESS does not have the emotion or the modality.

    Notes
    -----
    Used in most lessons, through `load.clips`.

    Examples
    --------
    >>> len(recording_names([1])), recording_names([1], ["calm"])[0]
    (60, '02-01-02-01-01-01-01.mp4')
    """
    check_choice("modality", modality, _SUFFIX)
    fields = itertools.product(actors, emotions, ("normal", "strong"), ravdess.STATEMENTS, (1, 2))
    return [
        ravdess.format_name(
            modality=modality,
            vocal_channel="speech",
            emotion=emotion,
            intensity=intensity,
            statement=statement,
            repetition=repetition,
            actor=actor,
        )
        + _SUFFIX[modality]
        for actor, emotion, intensity, statement, repetition in fields
        if (emotion, intensity) != ("neutral", "strong")
    ]


def make(
    names: Sequence[str], folder: str | Path | None = None, seed: int = 0, jobs: int = -1
) -> pd.DataFrame:
    """Make recordings of the Studio that do not exist yet.

    The same seed gives the encoder the same frames and samples, in any order and on any number of cores. The
    audio-video and the video-only file of a recording show the same frames, which are drawn and encoded only
    once.

    Parameters
    ----------
    names : sequence of str
        RAVDESS file names of speech recordings, as `recording_names` gives them.
    folder : str or Path, optional
        Files go to `folder/Actor_01` and so on; by default to a folder of the course's cache for this seed.
    seed : int
        The Studio's seed.
    jobs : int
        Recordings that are made at the same time; -1 uses all cores.

    Returns
    -------
    pd.DataFrame
        One row for each name, with the columns of `ravdess.table`, and `corpus`: "Studio (SYNTHETIC)".

    Raises
    ------
    CourseError
        If a name is not that of a speech recording, or there is no space on the disk.

    Notes
    -----
    Each file is written completely or not at all, so an interrupted run can be continued. Used in most
    lessons, through `load.clips`.
    """
    folder = Path(folder or home() / "studio" / f"seed-{seed}-version-{VERSION}")
    paths = [folder / f"Actor_{_fields(name)['actor']:02d}" / name for name in names]
    missing = {path for path in paths if not path.exists()}
    seconds = {path for path in missing if path.name.startswith("02") and _twin(path) in missing}
    for recordings in (missing - seconds, seconds):  # a twin must be there before it is copied
        if recordings:
            made = Parallel(n_jobs=jobs if len(recordings) > 1 else 1, return_as="generator")(
                delayed(_make_recording)(path, seed) for path in sorted(recordings)
            )
            list(
                progress(
                    made, total=len(recordings), desc="making Studio clips", unit="recording", leave=False
                )
            )
    credits.used("studio")
    return pd.DataFrame([ravdess.row(path) for path in paths]).assign(corpus="Studio (SYNTHETIC)")


def render(name: str, seed: int = 0) -> tuple[Iterator[np.ndarray] | None, np.ndarray]:
    """The frames and the sound of one recording, as they go to the encoder.

    Parameters
    ----------
    name : str
        A RAVDESS file name of a speech recording.
    seed : int
        The Studio's seed.

    Returns
    -------
    frames : iterator of np.ndarray or None
        uint8 (720, 1280, 3), RGB; None for a wav.
    samples : np.ndarray
        int16 (n,) at 48 kHz; all zeros for a video-only recording, as in RAVDESS's own files.

    Raises
    ------
    CourseError
        If the name is not that of a speech recording.
    """
    fields = _fields(name)
    speech = voice.speak(fields, seed)
    samples = voice.to_int16(speech.samples)
    if fields["modality"] == "audio-only":
        return None, samples
    silent = fields["modality"] == "video-only"
    return face.frames(fields, speech.jaw, speech.rounding, seed), np.zeros_like(
        samples
    ) if silent else samples


def _make_recording(path, seed):
    import soundfile

    cv2.setNumThreads(1)  # recordings are made in parallel, one on each core
    frames, samples = render(path.name, seed)
    with whole_file(path) as part:
        if frames is None:
            soundfile.write(part, samples, RAVDESS_SR, subtype="PCM_16")
        else:
            _film(frames, samples, part, _twin(path))


def _twin(path):
    """The other file of the recording with the same frames; None for a wav."""
    number = {"01": "02", "02": "01"}.get(path.name[:2])
    return number and path.with_name(number + path.name[2:])


def _film(frames, samples, path, twin):
    import soundfile

    sound = path.with_suffix(".wav")
    try:
        soundfile.write(sound, samples, RAVDESS_SR, subtype="PCM_16")
        # Copying takes 0.07 s, encoding 1.0 s. A damaged twin is not copied.
        if not (twin.exists() and _picture_copied(twin, sound, path)):
            _encode(frames, sound, path)
    finally:
        sound.unlink(missing_ok=True)
    if not path.exists() or not path.stat().st_size:
        raise CourseError(path, "ffmpeg wrote no clip", f"Check that there is space in {path.parent}")


def _encode(frames, sound, path):
    import imageio_ffmpeg

    writer = imageio_ffmpeg.write_frames(
        str(path),
        (1280, 720),
        pix_fmt_in="yuv420p",
        fps=voice.FPS,
        codec="libx264",
        quality=None,
        audio_path=str(sound),
        audio_codec="aac",
        ffmpeg_log_level="error",
        output_params=["-preset", "veryfast", "-crf", "23", "-threads", "1"],
    )
    writer.send(None)
    for frame in frames:
        # This halves the bytes in the pipe; the encoder would convert the colours anyway.
        writer.send(np.ascontiguousarray(cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420)))
    writer.close()


def _picture_copied(twin, sound, path):
    import imageio_ffmpeg

    done = subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-nostdin",
            "-y",
            "-i",
            f"file:{twin}",
            "-i",
            f"file:{sound}",
            "-map",
            "0:v",
            "-map",
            "1:a",
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            f"file:{path}",
        ],
        capture_output=True,
    )
    return done.returncode == 0 and not done.stderr


def _fields(name):
    fields = ravdess.parse_name(name)
    if Path(name).suffix != _SUFFIX[fields["modality"]] or fields["vocal_channel"] != "speech":
        raise CourseError(
            name,
            "the Studio makes speech recordings: 01-01-….mp4, 02-01-….mp4 and 03-01-….wav",
            "Ask for one of course_lib.synthetic.recording_names()",
        )
    return fields
