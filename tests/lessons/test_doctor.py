"""The doctor names what is missing and what to do about it."""

import importlib.metadata
import importlib.util
import types

import pytest

import course_lib
from course_lib.core.errors import CourseError
from course_lib.lessons import doctor


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "not made yet"))
    return tmp_path / "not made yet"


@pytest.fixture
def row():
    """The (state, said) of one row of the report."""
    return lambda what: {name: (state, said) for state, name, said in doctor.report()}[what]


@pytest.fixture
def versions(monkeypatch):
    """Change what is installed: name -> version, None for missing."""
    real = importlib.metadata.version

    def change(**changed):
        def version(name):
            name_here = name.replace("-", "_")
            if changed.get(name_here, "") is None:
                raise importlib.metadata.PackageNotFoundError(name)
            return changed.get(name_here) or real(name)

        monkeypatch.setattr(importlib.metadata, "version", version)

    return change


@pytest.fixture
def backends(monkeypatch):
    """Only these Keras backends are installed; no KERAS_BACKEND is set."""
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return lambda *there: monkeypatch.setattr(importlib.util, "find_spec", lambda name: name in there or None)


def test_rows_are_states_names_and_words():
    rows = doctor.report()
    assert {state for state, _, _ in rows} <= {"ok", "--", "!!"} and all(said for _, _, said in rows)
    assert len({what for _, what, _ in rows}) == len(rows) <= 50, "more than one screen"
    assert {
        "Python",
        "numpy",
        "keras",
        "Keras backend",
        "GPU",
        "ffmpeg",
        "corpus: the Studio",
        "weights: VGG-Face",
        "disk",
    } <= {what for _, what, _ in rows}


def test_show_prints_each_row_and_says_whether_all_is_well(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "report", lambda: [("ok", "numpy", "2.1"), ("--", "GPU", "none")])
    assert doctor.show()
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["ok", "numpy", "2.1"],
        ["--", "GPU", "none"],
    ]
    monkeypatch.setattr(doctor, "report", lambda: [("ok", "numpy", "2.1"), ("!!", "disk", "full")])
    assert not doctor.show()


def test_show_can_leave_out_what_is_well(monkeypatch, capsys):
    rows = [("ok", "numpy", "2.1"), ("--", "GPU", "none"), ("ok", "disk", "9 GiB")]
    monkeypatch.setattr(doctor, "report", lambda: rows)
    assert doctor.show(everything=False)
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "ok  2 checks. The others:" and [line.split() for line in others] == [
        ["--", "GPU", "none"]
    ]


def test_packages_that_are_there(row):
    assert row("numpy") == ("ok", importlib.metadata.version("numpy"))


def test_the_version_of_the_course(row):
    assert row("the course") == ("ok", course_lib.__version__)


def test_a_missing_package(row, versions):
    versions(scikit_image=None)
    assert row("scikit-image") == ("!!", "missing: pip install 'scikit-image>=0.25'")


def test_a_package_that_something_else_made_older(row, versions):
    versions(numpy="1.26.4")
    assert row("numpy") == ("!!", "1.26.4: pip install 'numpy>=2.1'")


def test_a_course_that_is_not_installed(row, versions):
    versions(affective_computing_course_companion=None)
    assert row("the course") == ("!!", "not installed: pip install -e . in its folder")


@pytest.mark.parametrize(
    "version, state", [("3.10.14", "!!"), ("3.11.0", "ok"), ("3.13.0rc1", "ok"), ("3.14.1", "ok")]
)
def test_python(row, monkeypatch, version, state):
    monkeypatch.setattr(doctor.platform, "python_version", lambda: version)
    assert row("Python")[0] == state and version in row("Python")[1]
    assert ("install 3.11" in row("Python")[1]) == (state == "!!")


def test_no_backend(row, backends):
    backends()
    state, said = row("Keras backend")
    assert state == "--" and "pip install -e '.[tf]'" in said


def test_a_backend(row, backends, versions):
    backends("tensorflow", "torch")
    versions(tensorflow="2.20.0")
    assert row("Keras backend") == ("ok", "tensorflow 2.20.0")


def test_a_backend_that_only_the_cpu_package_brings(row, backends, versions):
    backends("tensorflow")
    versions(tensorflow=None, tensorflow_cpu="2.20.0")
    assert row("Keras backend") == ("ok", "tensorflow 2.20.0")


@pytest.mark.parametrize("chosen", ["jax", None])
def test_a_backend_that_is_chosen_and_not_there(row, backends, monkeypatch, chosen):
    backends("torch")
    if chosen:
        monkeypatch.setenv("KERAS_BACKEND", chosen)
    assert row("Keras backend") == (
        "!!",
        f"{chosen or 'tensorflow'} is not installed: set KERAS_BACKEND=torch",
    )


@pytest.mark.parametrize("there", [True, False])
def test_gpu(row, monkeypatch, there):
    monkeypatch.setattr(doctor.notebook, "has_gpu", lambda: there)
    assert row("GPU")[0] == ("ok" if there else "--")
    assert there or "Runtime > Change runtime type > GPU" in row("GPU")[1]


def test_no_ffmpeg(row, monkeypatch):
    import imageio_ffmpeg

    def missing():
        raise RuntimeError("No ffmpeg exe could be found")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_version", missing)
    assert row("ffmpeg") == ("!!", "missing: pip install --force-reinstall imageio-ffmpeg")


def test_a_missing_tool(row, versions):
    versions(papermill=None)
    assert row("papermill") == (
        "--",
        "missing, for `course run`: pip install -e '.[lab]' in the course's folder",
    )


def test_corpora(row, cache):
    assert row("corpus: the Studio")[1].startswith("0 clips made")
    assert row("corpus: ravdess-speech")[0] == "--"
    assert "course fetch ravdess-speech" in row("corpus: ravdess-speech")[1]
    clip = cache / "studio" / "seed-0" / "Actor_01" / "02-01-01-01-01-01-01.mp4"
    clip.parent.mkdir(parents=True)
    clip.touch()
    assert row("corpus: the Studio")[1].startswith("1 clips made")


@pytest.mark.parametrize(
    "what", ["corpus: crema-d", "weights: whisper-base", "model: face-landmarker", "corpus: ravdess-video"]
)
def test_what_can_be_fetched(row, what):
    state, said = row(what)
    assert state == "--" and f"course fetch {what.split()[1]}" in said


def test_no_weights(row):
    state, said = row("weights: VGG-Face")
    assert state == "--" and "course fetch vggface" in said and '"random"' in said


@pytest.mark.parametrize("fault", [None, "it is a web page"])
def test_weights(row, cache, monkeypatch, fault):
    def read(path):
        if fault:
            raise CourseError(path, fault, "Get it again")

    monkeypatch.setattr(doctor.vggface, "read", read)
    path = cache / "vggface" / "rcmalli_vggface_tf_notop_vgg16.h5"
    path.parent.mkdir(parents=True)
    path.touch()
    assert row("weights: VGG-Face") == (
        ("!!", f"{path}: {fault}. Get it again") if fault else ("ok", str(path))
    )


def test_weights_are_no_corpus(row):
    with pytest.raises(KeyError):
        row("corpus: vggface")


@pytest.mark.parametrize("free, state", [(50, "ok"), (1, "!!")])
def test_disk(row, monkeypatch, cache, free, state):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: types.SimpleNamespace(free=free * 2**30))
    assert row("disk")[0] == state and f"{free} GiB free for {cache}" in row("disk")[1]
    assert ("set COURSE_HOME" in row("disk")[1]) == (state == "!!")
