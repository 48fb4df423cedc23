"""The `course` command: what a user can mend is one line, and the rest is passed on."""

import os
import re
import socket
import subprocess
import sys
import warnings

import cv2
import numpy as np
import pytest

import course_lib
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
        (["dance"], "course: there is no command 'dance'. For help: course --help"),
        (["rnu"], "there is no command 'rnu'. Did you mean 'run'?"),
        (["run", "--corpsu", "london"], "course run: there is no option --corpsu. Did you mean '--corpus'?"),
        (["build", "--solvd"], "there is no option --solvd. Did you mean '--solved'?"),
        (
            ["run", "--corpus", "londn"],
            "--corpus: there is no 'londn'. Did you mean 'london'? Choose from stu",
        ),
        (["run", "--profile", "fast"], "--profile: there is no 'fast'. Choose from quick, lecture."),
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
    printed = capsys.readouterr().err
    assert caught.value.code == 2 and said in printed and printed.count("\n") == 1


COMMANDS = [function.__name__ for group in cli.GROUPS for function in group.COMMANDS]


def printed(capsys, *arguments):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_the_help_lists_each_command_once_in_a_group_and_fits_a_terminal(capsys, arguments):
    said = printed(capsys, *arguments)
    lines = said.splitlines()
    listed = re.findall(r"^  (\w+) {2,}\w", said.partition("Examples:")[0], re.MULTILINE)
    assert sorted(listed) == sorted(COMMANDS)
    assert all(f"{group}:" in lines for group in cli.HELP) and all(len(line) <= 80 for line in lines)


def test_a_students_help_leaves_out_what_is_not_in_their_version(capsys, monkeypatch):
    monkeypatch.setattr(cli, "find_spec", lambda name: None)
    said = printed(capsys, "--help")
    assert "  run  " in said and "  grade" not in said and "  publish" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_examples_that_can_be_typed(capsys, command):
    said = printed(capsys, command, "--help")
    assert f"usage: course {command}" in said
    examples = re.findall(r"^  course (.+?)(?: {2,}.*)?$", said.partition("\nExamples:\n")[2], re.MULTILINE)
    assert examples
    for example in examples:
        assert cli.parser().parse_args(example.split()).name == command


@pytest.mark.parametrize("command", COMMANDS)
def test_each_option_that_takes_a_value_says_what_holds_without_it(capsys, command):
    text = printed(capsys, command, "--help").partition("\noptions:\n")[2].partition("\n\n")[0]
    usage = " ".join(printed(capsys, command, "--help").partition("\n\n")[0].split())
    for entry in re.split(r"\n  (?=-)", text):
        option = re.search(r"--[\w-]+", entry)[0]
        if re.search(rf"\[[^]]*{option} [^|]", usage):  # not required, and with a value
            assert "default" in entry, option


def test_the_version_names_the_commit(capsys):
    assert printed(capsys, "--version") == f"course {course_lib.__version__}\n"


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["analyse", "missing.mp4"], "missing.mp4: there is no such file"),
        (["analyse", "{here}"], "this is a folder"),
        (["analyse", "{file}", "--csv", "{here}"], "Give the name of a file after --csv"),
        (["train", "emotoin", "--data", "{file}"], "there is no such network. Did you mean 'emotion'?"),
        (["train", "emotion", "--data", "missing.csv"], "missing.csv: this file or folder does not exist"),
        (["evaluate", "--model", "face", "--data", "missing.npz"], "missing.npz: this file or folder does"),
        (["fetch", "ravdes-speech"], "there is no such set. Did you mean 'ravdess-speech'?"),
        (["reset", "2.11"], "exercise '02.11': there is no such exercise. There are: 02.1, 02.2"),
        (["lab", "99"], "lesson 99: no lesson has this number"),
        (["demo", "--port", "{port}"], "another program uses it, or it is not allowed"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_name_is_said_before_a_network_is_loaded(tmp_path, arguments, said):
    """And a missing file within one second of one processor."""
    (tmp_path / "file.jpg").write_bytes(b"not empty")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        names = {"here": tmp_path, "file": tmp_path / "file.jpg", "port": taken.getsockname()[1]}
        code = (
            "import os, sys; from course_lib import cli; status = cli.main(sys.argv[1:]); used = os.times();"
            "loaded = [name for name in ('tensorflow', 'starlette') if name in sys.modules];"
            "print(status, used.user + used.system, loaded)"
        )
        words = [argument.format(**names) for argument in arguments]
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert said in done.stderr, done.stderr
    status, seconds, loaded = done.stdout.split(maxsplit=2)
    assert status == "1" and loaded.strip() == "[]"
    assert float(seconds) < 1 or arguments[0] != "analyse"


def test_a_photograph_is_analysed_without_scipy(tmp_path):
    """SciPy, scikit-image and scikit-learn take a second to load, and a face needs none of them."""
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((90, 90), 128, np.uint8))
    heavy = ["tensorflow", "scipy", "skimage", "sklearn"]
    code = (
        "import sys; from course_lib import cli; print(cli.main(sys.argv[1:]),"
        f"[name for name in {heavy} if name in sys.modules])"
    )
    words = ["analyse", str(tmp_path / "grey.png")]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["No face was found in the picture.", "0 []"]


def test_what_the_system_says_of_a_file_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "show", raising(FileNotFoundError(2, "No such file or directory", "/x/y")))
    assert cli.main(["doctor"]) == 1
    assert capsys.readouterr().err == (
        "Error: /x/y: no such file or directory. Check the path and your permissions\n"
    )


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--help"], 0),
        (["--version"], 0),
        (["rnu"], 2),
        (["run", "--corpus", "londn"], 2),
        (["run", "99"], 1),
        (["run", "hgo"], 1),
        (["lab", "99"], 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_help_and_a_wrong_name_load_no_heavy_package(words, status):
    heavy = ["numpy", "pandas", "cv2", "scipy", "sklearn", "tensorflow", "nbformat", "starlette"]
    code = (
        "import sys\nfrom course_lib import cli\n"
        "try: status = cli.main(sys.argv[1:])\nexcept SystemExit as end: status = end.code\n"
        f"print([status, *(name for name in {heavy} if name in sys.modules)])"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == f"[{status}]"


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
