"""A matrix: what each reader of files says about each file that is not what it should be.

Each cell is one error of one line, which names the file and, where its first bytes tell it, what it is.
"""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import crema_d, fer2013, ferplus, vggface
from course_lib.demo import uploads
from course_lib.exercises import cells, update
from course_lib.faces import finding, stages
from course_lib.grading import roster
from course_lib.media import audio, video
from course_lib.models import face_identity, voice_encoder, voices, whisper_ctranslate2, whisper_file

TEXT = b"emotion,pixels,Usage\n0,1 2 3,Training\n"


def zipped():
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr("a.csv", TEXT)
    return buffer.getvalue()


def tarred():
    with tarfile.open(fileobj=(buffer := io.BytesIO()), mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"), io.BytesIO())
    return buffer.getvalue()


# fault: (content; None makes no file and () a folder, words of the error)
FAULTS = {
    "missing": (None, "there is no|cannot be read|not here"),
    "a folder": ((), "folder|there is no|cannot be read|not a file"),
    "empty": (b"", "empty"),
    "only blanks": (b" \n\n", "empty"),
    "zip": (zipped(), "zip archive"),
    "gzip": (gzip.compress(TEXT), r"compressed \(gzip\)"),
    "tar": (tarred(), "tar archive"),
    "web page": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "pointer of Git LFS"),
    "answer of a server": (b"404: Not Found", r"server's error message \(404: Not Found\)"),
    "UTF-16": (TEXT.decode().encode("utf-16"), "UTF-16"),
    "PDF": (b"%PDF-1.7\n" + bytes(99), "PDF"),
    "zeros": (bytes(3000), ""),
    "noise": (np.random.default_rng(0).bytes(3000), ""),
    "text": (b"These are my notes.\n" * 9, ""),
    "cut off": (..., ""),  # the first third of a good file, if the reader has one here
}
# What is right for a reader, or is told in other words.
ZIPS = {"zip": "no images|a zip without|do not fit|zip of other files|lacks"}
OWN = {
    "FER2013, npz": ZIPS,
    "weights of faces": ZIPS,
    "weights of voices": ZIPS,
    "weights on the encoder": ZIPS,
    "Whisper": ZIPS,
    "release": {
        "zip": "no lessons",
        **dict.fromkeys(FAULTS.keys() - {"missing", "zip"}, "unpacked|no lessons"),
    },
    "cascade, by OpenCV": dict.fromkeys(FAULTS.keys() - {"missing", "a folder"}, "reads no cascade"),
    "cascade, its stages": dict.fromkeys(FAULTS.keys() - {"missing", "a folder"}, "cascade|no such"),
    "upload": dict.fromkeys(FAULTS.keys() - {"missing", "a folder", "empty"}, "first bytes|cut off|neither"),
}


def votes(path):
    folder = path.parent / "votes"
    folder.mkdir()
    return crema_d.votes(path.rename(folder / crema_d.ORIGINAL_VOTES) if path.exists() else path)


# reader: (function, name of its file)
READERS = {
    "FER2013, csv": (fer2013.read, "fer2013.csv"),
    "FER2013, npz": (fer2013.read, "fer2013.npz"),
    "FER+": (ferplus.read_votes, "fer2013new.csv"),
    "votes of CREMA-D": (votes, "votes.csv"),
    "roster": (roster.read_roster, "roster.csv"),
    "notebook": (cells.read, "02_hog_features.ipynb"),
    "release": (lambda path: list(update.update(path, path.parent / "mine")), "release.zip"),
    "sound": (audio.read_audio, "voice.wav"),
    "sound of a film": (audio.read_audio, "film.mp4"),
    "film": (video.read_clip, "film.mp4"),
    "photograph": (video.read_clip, "face.png"),
    "upload": (uploads.read, "upload.mp4"),
    "VGG-Face": (vggface.read, vggface.FILE),
    "Whisper": (whisper_file.read, whisper_file.FILE),
    "weights of faces": (face_identity.read, "face_identity.npz"),
    "weights of voices": (voices.load, "voice.npz"),
    "weights on the encoder": (voice_encoder.load, "voice_encoder.npz"),
    "Whisper for CTranslate2": (whisper_file.read, whisper_ctranslate2.FILE),
    "cascade, by OpenCV": (finding.opened, "cascade.xml"),
    "cascade, its stages": (stages.read, "cascade.xml"),
}


@pytest.fixture
def good(make_wav, make_mp4, tmp_path):
    """The content of a good file, for some of the readers."""
    folder = tmp_path / "good"
    tone = 0.5 * np.sin(np.arange(24000) / 9)
    noise = np.random.default_rng(0).integers(0, 256, (30, 48, 64, 3), dtype=np.uint8)
    book = cells.read(Path(__file__).parents[1] / "notebooks" / "02_hog_features.ipynb")
    cells.write(folder / "a.ipynb", book)
    film = make_mp4(folder / "a.mp4", noise, tone).read_bytes()
    np.savez(folder / "a.npz", images=noise[0])
    npz = (folder / "a.npz").read_bytes()
    return {
        ".wav": make_wav(folder / "a.wav", tone).read_bytes(),
        ".mp4": film,
        ".png": cv2.imencode(".png", noise[0])[1].tobytes(),
        ".ipynb": (folder / "a.ipynb").read_bytes(),
        ".npz": npz,
        ".zip": zipped(),
    }


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_names_each_fault(tmp_path, reader, good):
    function, name = READERS[reader]
    for number, (fault, (content, words)) in enumerate(FAULTS.items()):
        path = tmp_path / f"case{number}" / name
        path.parent.mkdir()
        if content is ...:
            whole = good.get(path.suffix)
            if whole is None:
                continue
            content = whole[: len(whole) // 3]
        if content == ():
            path.mkdir()
        elif content is not None:
            path.write_bytes(content)
        words = OWN.get(reader, {}).get(fault, words)
        with pytest.raises(CourseError, match=f"(?i){words}") as caught:
            function(path)
        said = str(caught.value)
        assert "\n" not in said and "Traceback" not in said and "0x" not in said, (fault, said)
        assert path.stem in said or path.parent.name in said, (fault, said)


def test_the_matrix_is_full():
    assert len(READERS) * len(FAULTS) >= 250
