"""The order of the test files; tiny clips; a few faces in FER2013's place, with a network trained on them."""

import shutil

import imageio_ffmpeg
import numpy as np
import pandas as pd
import pytest
import soundfile
from small_faces import some_faces
from vggface_file import numbers, write

# --- clips: a grey or noisy mp4 of 64x48 pixels, a wav of a few samples
# -----------------------------------------------

# Files that take a minute and more start first, so that no worker is left with one of them at the end.
LONGEST = (
    "real/test_voice_real",
    "lessons/test_light_environment",
    "real/test_results",
    "real/test_models_real",
    "real/",
    "lessons/",
)


def pytest_configure(config):
    config.option.loadscopereorder = False  # xdist would start the files with the most tests first


def pytest_collection_modifyitems(items):
    def place(item):
        path = item.path.as_posix()
        return next((place for place, part in enumerate(LONGEST) if f"tests/{part}" in path), len(LONGEST))

    items.sort(key=place)


@pytest.fixture
def make_wav():
    """Write float samples (n,) or (n, channels) as a wav or FLAC file and return its path."""

    def write(path, samples, sr=48000, subtype="PCM_16"):
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples, sr, subtype=subtype)
        return path

    return write


@pytest.fixture
def make_mp4(make_wav):
    """Write uint8 frames (n, height, width, 3) as an H.264 mp4, with AAC sound if samples are given; return
    its path.

    Without frames: sixteen, frame k all of grey level 8 * k. `faststart` puts the index first, so that a cut
    file still opens."""

    def write(path, frames=None, sound=None, sr=48000, fps=30, faststart=False):
        frames = (
            np.stack([np.full((48, 64, 3), 8 * k, np.uint8) for k in range(16)]) if frames is None else frames
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        wav = None if sound is None else make_wav(path.with_suffix(".track.wav"), sound, sr)
        writer = imageio_ffmpeg.write_frames(
            path,
            frames.shape[2:0:-1],
            fps=fps,
            codec="libx264",
            quality=9,
            macro_block_size=2,
            audio_path=wav and str(wav),
            audio_codec=wav and "aac",
            output_params=["-movflags", "+faststart"] * faststart,
        )
        writer.send(None)
        for frame in np.ascontiguousarray(frames):
            writer.send(frame)
        writer.close()
        return path

    return write


# --- faces ---


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    """A folder for made and downloaded data that holds nothing yet."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def faces_npz(tmp_path):
    """`some_faces()` as a file."""
    return _save(some_faces(), tmp_path / "faces.npz")


@pytest.fixture
def votes_csv(tmp_path):
    """Nine of ten raters see happiness everywhere, one anger; the last face is called no face by all."""
    from course_lib.datasets import ferplus

    table = pd.DataFrame(0, range(84), ferplus.VOTES).assign(happiness=9, anger=1)
    table.loc[83] = [0] * 9 + [10]
    table.insert(0, "Usage", some_faces().usage)
    table.to_csv(tmp_path / "votes.csv", index=False)
    return tmp_path / "votes.csv"


@pytest.fixture(scope="session")
def trained_face(tmp_path_factory):
    """What one epoch of `course train face --final` leaves: its folder, and what `train` returned."""
    from course_lib.models import face_training

    folder = tmp_path_factory.mktemp("trained") / "face_or_not"
    with pytest.warns(UserWarning, match="is not FER2013 as published"):
        about = face_training.train(
            "face", _save(some_faces(), folder.parent / "faces.npz"), epochs=1, folder=folder, final=True
        )
    return folder, about


@pytest.fixture
def home_with_face(own_home, trained_face):
    """A folder for made data in which `course train face` has run."""
    shutil.copytree(trained_face[0], own_home / "models" / "face_or_not")
    return own_home


@pytest.fixture(scope="session")
def real_size(tmp_path_factory):
    """A file like VGG-Face's published one: its layers, names, shapes and size (59 MB), its numbers drawn."""
    from course_lib.datasets import vggface

    path = write(tmp_path_factory.mktemp("weights") / vggface.FILE, numbers(vggface.shapes()))
    yield path
    path.unlink()


def _save(faces, path):
    np.savez(path, **faces._asdict())
    return path


# --- features of recordings for the classifier of voices ---


@pytest.fixture
def few(monkeypatch):
    """96 recordings of six actors in two folds; each emotion has a mean of its own, at all three speeds."""
    from course_lib.datasets import ravdess
    from course_lib.models import voice_training, voices

    rng, emotions = np.random.default_rng(0), np.tile(ravdess.EMOTIONS, 12)
    X = 2 * rng.normal(size=(8, 1, 40))[np.tile(np.arange(8), 12)] + rng.normal(0, 1, (96, 3, 40))
    table = pd.DataFrame(
        {
            "emotion": emotions,
            "actor": np.repeat(np.arange(1, 7), 16),
            "gender": np.repeat(["male", "female"] * 3, 16),
            "recording": np.arange(96).astype(str),
            "path": np.repeat(str(voices.SHIPPED), 96),
        }
    )
    monkeypatch.setattr(voice_training, "recordings", lambda folder: (table, X))
    monkeypatch.setattr(ravdess, "ACTOR_FOLDS", ((1, 2, 3), (4, 5, 6)))
    return table, X
