"""Write recordings of the Studio as files: mp4 (1280x720, 30 fps, H.264 + AAC 48 kHz) and wav (48 kHz,
16 bit)."""

import itertools
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import ravdess
from course_lib.synthetic import face, voice

VERSION = 1  # a new drawing or voice gets a new number, so that clips of an older one are not taken for it
_SUFFIX = {"audio-video": ".mp4", "video-only": ".mp4", "audio-only": ".wav"}


def recording_names(actors=range(1, 25), emotions=ravdess.EMOTIONS, modality="video-only") -> list[str]:
    """File names of the speech recordings (60 an actor for all emotions) in RAVDESS's scheme, with their
    ending.

    Two intensities but for neutral, two statements, two repetitions: 4 neutral recordings an actor, 8 of each
    other emotion."""
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


def make(names, folder=None, seed=0, jobs=-1) -> pd.DataFrame:
    """Make the recordings in `names` that are not there yet and return their table, as `ravdess.table` with
    `corpus`.

    A name is a RAVDESS file name of a speech recording with its ending (see `recording_names`). Files go to
    `folder/Actor_01/…`; by default a folder of the course's cache that belongs to the seed. Each is moved
    into place whole, so an interrupted run goes on where it stopped. The same seed gives the same frames and
    samples to the encoder, in whatever order and on however many cores they are made. A recording's
    audio-video and video-only files show the same picture: it is drawn and encoded for the first of them and
    copied into the second."""
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
                progress(made, total=len(recordings), desc="the Studio speaks", unit="recording", leave=False)
            )
    return pd.DataFrame([ravdess.row(path) for path in paths]).assign(corpus="Studio (SYNTHETIC)")


def render(name, seed=0):
    """What is handed to the encoder for one recording: an iterator of uint8 (720, 1280, 3) frames, or None
    for a wav, and int16 (n,) samples at 48 kHz, which are all zeros for a video-only recording (as RAVDESS's
    own are)."""
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

    cv2.setNumThreads(1)  # recordings are made side by side, one a core
    frames, samples = render(path.name, seed)
    with whole_file(path) as part:
        if frames is None:
            soundfile.write(part, samples, voice.SAMPLE_RATE, subtype="PCM_16")
        else:
            _film(frames, samples, part, _twin(path))


def _twin(path):
    # The other file of the recording with the same picture; None for a wav.
    number = {"01": "02", "02": "01"}.get(path.name[:2])
    return number and path.with_name(number + path.name[2:])


def _film(frames, samples, path, twin):
    import soundfile

    sound = path.with_suffix(".wav")
    try:
        soundfile.write(sound, samples, voice.SAMPLE_RATE, subtype="PCM_16")
        # A copy takes 0.07 s and not 1.0 s; from a damaged twin none is made.
        if not (twin.exists() and _picture_copied(twin, sound, path)):
            _encode(frames, sound, path)
    finally:
        sound.unlink(missing_ok=True)
    if not path.exists() or not path.stat().st_size:
        raise CourseError(path, "ffmpeg wrote no clip", f"See that there is space in {path.parent}")


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
        # Half the bytes through the pipe, and the conversion the encoder would do anyway.
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
