"""The `course` command: what is said is passed on, and what a user can mend is one line."""

import subprocess
import sys
import types
import warnings
from pathlib import Path

import pandas as pd
import pytest

from course_lib import cli, lessons
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.datasets import fetch
from course_lib.lessons import doctor


@pytest.fixture(autouse=True)
def own_warnings(monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)     # `main` replaces it


@pytest.fixture
def calls(monkeypatch):
    """What `course run` asks of the Studio and of the lessons, which are stood in for; `errors` are the lessons'."""
    asked = types.SimpleNamespace(clips=[], lessons=[], errors=[""])

    def clips(**options):
        asked.clips.append(options)
        return pd.DataFrame({"actor": [1, 1, 2]})

    def run(*args):
        asked.lessons.append(args)
        return [lessons.Run(f"0{i}_lesson", Path("x"), 1.0, 100.0, error) for i, error in enumerate(asked.errors)]

    monkeypatch.setattr(corpora, "clips", clips)
    monkeypatch.setattr(lessons, "run", run)
    return asked


def raising(error):
    def function(*_, **__):
        raise error
    return function


# --- what every command keeps to --------------------------------------------------------------------------------------

def test_what_a_user_can_mend_is_one_line_without_a_traceback(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "show", raising(CourseError("clip.mp4", "it is empty", "Fetch it again")))
    assert cli.main(["doctor"]) == 1
    said = capsys.readouterr()
    assert said.err == "Error: clip.mp4: it is empty. Fetch it again\n" and said.out == ""


def test_what_only_a_maintainer_can_mend_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr(doctor, "show", raising(ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_an_interrupt_is_no_crash(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "show", raising(KeyboardInterrupt))
    assert cli.main(["doctor"]) == 130
    assert "run the same command again" in capsys.readouterr().err


@pytest.mark.filterwarnings("always")
def test_a_warning_is_one_line_without_the_code_that_raised_it(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "show", lambda: warnings.warn("one clip is left out", stacklevel=1) or True)
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().err == "Warning: one clip is left out\n"


@pytest.mark.parametrize("good, code", [(True, 0), (False, 1)])
def test_doctor_says_by_its_exit_code_whether_all_is_well(monkeypatch, good, code):
    monkeypatch.setattr(doctor, "show", lambda: good)
    assert cli.main(["doctor"]) == code


@pytest.mark.parametrize("arguments, said", [
    ([], "required"), (["dance"], "dance"), (["run", "--corpus", "fer"], "'fer'"),
    (["run", "--profile", "fast"], "'fast'"), (["run", "--actors", "1,x"], "--actors"),
    (["run", "--seed", "x"], "--seed"), (["fetch"], "name"), (["evaluate"], "--data"), (["publish"], "--repo")])
def test_a_wrong_command_line_says_which_part(capsys, arguments, said):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize("command", ["run", "build", "lab", "doctor", "fetch", "train", "evaluate", "publish",
                                     "release", "grade", "update", "reset"])
def test_each_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as caught:
        cli.main([command, "--help"])
    assert caught.value.code == 0 and f"course {command}" in capsys.readouterr().out


def test_importing_the_course_is_light():
    heavy = ["tensorflow", "keras", "numpy", "pandas", "cv2"]
    code = f"import course_lib, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_module_of_the_course_loads_tensorflow():
    code = ("import sys; from course_lib import audio, cli, doctor, features, lessons, notebook, plots, video;"
            "print([name for name in ('tensorflow', 'keras', 'torch', 'jax') if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- run --------------------------------------------------------------------------------------------------------------

def test_a_plain_run_makes_the_quick_profiles_clips_and_passes_nothing_on(calls, capsys):
    assert cli.main(["run"]) == 0
    assert calls.clips == [{"actors": range(1, 7), "emotions": ["neutral", "angry"], "seed": 0}]
    [(wanted, parameters, out, kernel, jobs)] = calls.lessons
    assert (wanted, parameters, kernel, jobs) == ([], {}, None, lessons.at_a_time())
    assert out == ROOT / "build" / "lessons"
    said = capsys.readouterr().out
    assert "3 clips of 2 drawn actors (SYNTHETIC)" in said and "1 of 1 lessons" in said
    assert str(ROOT / "build" / "index.html") in said and "course lab" in said


def test_only_what_is_said_is_passed_on(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cli.main(["run", "01", "02", "--corpus", "ravdess", "--data", "clips", "--emotions", "neutral,surprised"])
    [(wanted, parameters, out, _, _)] = calls.lessons
    assert wanted == ["01", "02"] and calls.clips == []
    assert parameters == {"CORPUS": "ravdess", "DATA_DIR": str(tmp_path / "clips"),
                          "EMOTIONS": ["neutral", "surprised"]}
    assert out == ROOT / "build" / "ravdess-quick" / "lessons"      # the plain run's copies stay as they are


def test_real_faces_go_to_the_lessons_that_take_them(calls, tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "that_take", {"DATA_FILE": ["10", "11"], "DATA_DIR": ["01"]}.get)
    cli.main(["run", "--corpus", "fer2013", "--data", str(tmp_path / "faces.npz")])
    cli.main(["run", "--corpus", "ravdess"])
    (first, parameters, *_), (second, *_) = calls.lessons
    assert (first, second) == (["10", "11"], ["01"]) and not calls.clips
    assert parameters == {"CORPUS": "fer2013", "DATA_FILE": str(tmp_path / "faces.npz")}


def test_data_without_their_corpus_are_refused(calls, capsys):
    assert cli.main(["run", "--data", "faces.npz"]) == 1
    assert "--corpus ravdess, or --corpus fer2013" in capsys.readouterr().err and not calls.lessons


def test_which_lessons_take_a_folder_of_clips():
    assert "01_frames_from_video" in lessons.that_take("DATA_DIR")
    assert not set(lessons.that_take("DATA_DIR")) & set(lessons.that_take("DATA_FILE"))


def test_every_option_of_run(calls, tmp_path):
    cli.main(["run", "--actors", "1,12", "--profile", "lecture", "--seed", "0", "--jobs", "2", "--kernel", "colab",
              "--weights", "random", "--out", str(tmp_path / "here")])
    said = {"ACTORS": [1, 12], "PROFILE": "lecture", "SEED": 0, "WEIGHTS": "random"}
    assert calls.lessons == [([], said, tmp_path / "here", "colab", 2)]
    assert calls.clips == [{"actors": [1, 12], "emotions": ["neutral", "angry"], "seed": 0}]


def test_the_lecture_profile_has_all_actors(calls):
    cli.main(["run", "--profile", "lecture", "--seed", "5"])
    assert calls.clips == [{"actors": range(1, 25), "emotions": ["neutral", "angry"], "seed": 5}]


def test_a_lesson_that_fails_fails_the_command(calls, capsys):
    calls.errors = ["", "cell 3: ValueError: no clip"]
    assert cli.main(["run"]) == 1
    assert "1 of 2 lessons ran to their end" in capsys.readouterr().out


# --- fetch ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def fetched(monkeypatch):
    asked = []
    monkeypatch.setattr(fetch, "fetch", lambda *args: asked.append(args) or args[1])
    return asked


def test_fetch_passes_on_what_is_said(fetched, capsys):
    assert cli.main(["fetch", "ravdess-video", "--actors", "1,2", "--folder", "here", "--yes"]) == 0
    assert fetched == [("ravdess-video", Path("here"), [1, 2], True)]
    assert "ravdess-video is in here. Use it: course run --corpus ravdess --data here" in capsys.readouterr().out


@pytest.mark.parametrize("options, use", [([], "--weights vggface"), (["--folder", "here"], "--weights here")])
def test_fetch_says_how_the_weights_are_used(fetched, capsys, monkeypatch, options, use):
    monkeypatch.setattr(fetch, "fetch", lambda *_: Path("here"))
    assert cli.main(["fetch", "vggface", *options]) == 0
    assert f"vggface is in here. Use it: course run {use}" in capsys.readouterr().out


def test_fetch_that_was_not_agreed_to_says_nothing_of_a_folder(fetched, capsys):
    assert cli.main(["fetch", "ravdess-speech"]) == 0
    assert fetched == [("ravdess-speech", None, None, False)] and capsys.readouterr().out == ""
