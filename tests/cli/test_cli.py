"""The `course` command: what a user can mend is one line, and the rest is passed on."""

import os
import subprocess
import sys
import warnings

import pytest

from course_lib import cli
from course_lib.core.errors import CourseError
from course_lib.lessons import doctor


def raising(error):
    def function(*_, **__):
        raise error

    return function


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
    assert "Interrupted. All finished work is kept." in capsys.readouterr().err


@pytest.mark.filterwarnings("always")
def test_a_warning_is_one_line_without_the_code_that_raised_it(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "show", lambda: warnings.warn("one clip is left out", stacklevel=1) or True)
    assert cli.main(["doctor"]) == 0
    assert capsys.readouterr().err == "Warning: one clip is left out\n"


@pytest.mark.parametrize("good, code", [(True, 0), (False, 1)])
def test_doctor_says_by_its_exit_code_whether_all_is_well(monkeypatch, good, code):
    monkeypatch.setattr(doctor, "show", lambda: good)
    assert cli.main(["doctor"]) == code


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "required"),
        (["dance"], "dance"),
        (["run", "--corpus", "fer"], "'fer'"),
        (["run", "--profile", "fast"], "'fast'"),
        (["run", "--actors", "1,x"], "--actors"),
        (["run", "--seed", "x"], "--seed"),
        (["fetch", "ravdess-speech", "--actors", "x"], "--actors"),
        (["evaluate"], "--data"),
        (["publish"], "--repo"),
    ],
)
def test_a_wrong_command_line_says_which_part(capsys, arguments, said):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2 and said in capsys.readouterr().err


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "build",
        "lab",
        "doctor",
        "fetch",
        "train",
        "evaluate",
        "publish",
        "release",
        "cards",
        "grade",
        "update",
        "reset",
    ],
)
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
    code = (
        "import sys; from course_lib import cli, features, lessons, load, plots;"
        "from course_lib.lessons import doctor, notebook; from course_lib.media import audio, video;"
        "print([name for name in ('tensorflow', 'keras', 'torch', 'jax') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_console_cannot_print_becomes_a_question_mark(tmp_path):
    script = "import sys; from course_lib.cli import main; sys.exit(main(['analyse', 'no \u5f55\u97f3.m4a']))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"}
    )
    assert (
        done.returncode == 1 and b"Traceback" not in done.stderr and b"there is no such file" in done.stderr
    )
    script = "from course_lib import cli; cli.main(['doctor']); print('\u5f55')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=os.environ | {"PYTHONIOENCODING": "cp1252"}
    )
    assert b"UnicodeEncodeError" not in done.stderr and done.stdout.rstrip().endswith(b"?")


def test_a_folder_in_place_of_a_file_is_one_sentence(tmp_path):
    from course_lib.core.io import whole_file

    with (
        pytest.raises(CourseError, match=r"this is a folder\. Give the name of a file"),
        whole_file(tmp_path),
    ):
        pass


def test_a_reader_that_has_enough_ends_the_command_quietly():
    code = "import sys; from course_lib.cli import main; sys.exit(main(['--help']))"
    done = subprocess.run(
        ["bash", "-c", f'{sys.executable} -c "{code}" | head -1'], capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
