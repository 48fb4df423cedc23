"""What a student has is the wheel, without grader and authors' tools: what `course` says and does there."""

import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from urllib.request import urlopen

import numpy as np
import pytest
from driver import waited_for

from course_lib.authoring import release

LESSON = [
    "DATA_FILE = None",
    """import importlib.util, pathlib
import course_lib
assert pathlib.Path(course_lib.__file__).is_relative_to(PLACE), course_lib.__file__
assert not importlib.util.find_spec("course_lib.grading")""",
]
# The checkout's own install (pip install -e) would add what the wheel lacks.
WITHOUT_CHECKOUT = """import sys
installed = lambda finder: "__editable__" in getattr(finder, "__module__", "")
sys.meta_path[:] = [finder for finder in sys.meta_path if not installed(finder)]
"""
COURSE = [sys.executable, "-c", "import sys; from course_lib.cli import main; sys.exit(main())"]
FULL = "pip install -e '.[all]' in the course's folder"


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """A student's folder with one lesson, and a function that runs `course …` in it, with the wheel alone
    installed.
    """
    place, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(release.build_wheel(tmp_path_factory.mktemp("wheel"))) as wheel:
        wheel.extractall(place)  # what pip does with it, without the packages that it needs: those are here
    (place / "sitecustomize.py").write_text(WITHOUT_CHECKOUT)
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": str(number),
            "outputs": [],
            "metadata": tags,
            "source": source.replace("PLACE", repr(str(place))),
        }
        for number, (source, tags) in enumerate(zip(LESSON, [{"tags": ["parameters"]}, {}], strict=True))
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "09_tiny.ipynb").write_text(
        json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8"
    )
    rng = np.random.default_rng(0)
    np.savez(
        folder / "faces.npz", images=rng.integers(0, 256, (4, 48, 48), np.uint8), labels=np.arange(4) % 2
    )
    env = os.environ | {"PYTHONPATH": str(place), "COURSE_HOME": str(folder / "home")}

    def course(*arguments, cwd=folder):
        return subprocess.run(
            [*COURSE, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=300
        )

    course.folder, course.env = folder, env
    return course


@pytest.mark.parametrize(
    "arguments",
    [
        "grade in --bank bank --key key --roster roster.csv --out out",
        "build",
        "release --out out",
        "publish --repo someone/course",
        "cards",
        "evaluate --data .",
        "train face --data faces.npz --final --ship",
    ],
)
def test_what_is_left_out_is_said_in_one_line_with_the_full_install(student, arguments):
    if arguments.startswith("grade") and sys.platform != "linux":
        pytest.skip("grading needs Linux, which it says first")
    done = student(*arguments.split())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: course {arguments.split()[0]}: it is not part of the students' version of the "
        f"course. Teachers and maintainers: get the whole course and run {FULL}\n"
    )


def test_doctor_looks_at_a_students_machine(student):
    done = student("doctor")
    rows = dict(line.split()[1::-1] for line in done.stdout.splitlines())
    assert done.stderr == "" and rows["numpy"] == rows["pandas"] == rows["Python"] == "ok"


def test_lessons_are_found_and_run_in_the_working_folder(student):
    done = student("run", "--corpus", "fer2013", "--data", "faces.npz")
    assert "1 of 1 lessons ran to their end" in done.stdout, done.stdout + done.stderr
    assert (student.folder / "build" / "fer2013-quick" / "lessons" / "09_tiny.ipynb").exists()


def test_a_finished_lesson_is_not_run_again_also_from_the_folder_of_the_lessons(student):
    words = ("run", "9", "--corpus", "fer2013", "--data", str(student.folder / "faces.npz"))
    assert student(*words).returncode == 0
    again = student(*words, cwd=student.folder / "notebooks")
    assert "Finished before: 09." in again.stdout and "1 of 1 lessons ran to their end" in again.stdout
    assert not (student.folder / "notebooks" / "build").exists()


def test_the_lessons_open_in_jupyterlab(student, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{which}_DIR": str(tmp_path / which) for which in ("CONFIG", "DATA", "RUNTIME")}
    process = subprocess.Popen(
        [*COURSE, "lab", "9", "--no-browser", "--port", str(port), "--allow-root"],
        cwd=student.folder,
        env=student.env | folders | {"JUPYTER_TOKEN": "told"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        listed = waited_for(f"http://127.0.0.1:{port}/api/contents?token=told", process)
        with urlopen(listed) as answer:
            assert [entry["name"] for entry in json.load(answer)["content"]] == ["09_tiny.ipynb"]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        said = process.communicate()[1]
    assert f"http://127.0.0.1:{port}/lab/tree/09_tiny.ipynb" in said


def test_lab_in_a_folder_without_lessons_says_where_to_call_it(student, tmp_path):
    done = student("lab", cwd=tmp_path)
    assert done.returncode == 1 and "there are no lessons in this folder. Run `course` in" in done.stderr


def test_a_network_of_the_wheel_is_scored(student):
    done = student("evaluate", "--model", "face", "--data", "faces.npz")
    assert done.returncode == 0, done.stderr
    assert "face_or_not.npz" in done.stdout and "of 4 = " in done.stdout
