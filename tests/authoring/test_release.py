"""The students' bundle: what is in it, what must not be, and that it works away from the checkout."""

import inspect
import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

import course_lib
from course_lib import cli, exercises, lessons
from course_lib.authoring import build, release
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.grading import bank
from course_lib.lessons import masters

TOP = f"affective-computing-course-{course_lib.__version__}"
LESSONS = sorted({one.id[:2] for one in exercises.every()})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The path of the bundle of all lessons, as they stand (tests/lessons says whether they are stale)."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "stale", lambda name: False)
        return release.release(tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def bundle(made):
    """{name in the bundle: content}; the wheel's files, too, under its own name."""
    found = contents(made.read_bytes())
    wheel = next(name for name in found if name.endswith(".whl"))
    return found | {f"{wheel}!{name}": text for name, text in contents(found[wheel]).items()}


@pytest.fixture(scope="module")
def everything(bundle):
    """All that somebody who looks for solutions would read, see `plain`."""
    return "".join(map(plain, texts(bundle)))


def contents(packed):
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


BINARY = (".whl", ".npz", ".gz", ".flac", ".jpg", ".mp4", ".opus", ".wav", ".webp")  # corpora and pictures


def texts(bundle):
    """What somebody who looks for solutions would read: each cell of a notebook, each text file."""
    for name, content in bundle.items():
        if name.endswith(".ipynb"):
            yield from (cell.source for cell in nbformat.reads(content.decode(), 4).cells)
        elif not name.endswith(BINARY):
            yield content.decode()


def plain(source):
    """Without blanks and markers, so that another indentation hides nothing."""
    return re.sub(r"\s+|###(BEGIN|END)SOLUTION", "", re.sub(r"\s+", "", source))


def test_it_is_one_folder_with_lessons_wheel_colab_and_a_page_to_begin_with(made, bundle):
    assert made.name == f"{TOP}.zip"
    wheel = f"colab/affective_computing_course_companion-{course_lib.__version__}-py3-none-any.whl"
    assert sorted(name for name in bundle if "!" not in name) == sorted(
        f"{TOP}/{name}"
        for name in [
            "LICENSE",
            "START_HERE.md",
            "constraints.txt",
            "docs/glossary.md",
            "colab/bootstrap.py",
            wheel,
            *(f"notebooks/{name}.ipynb" for name in lessons.names()),
        ]
    )
    page = bundle[f"{TOP}/START_HERE.md"].decode()
    assert wheel in page and "{" not in page
    for name in lessons.names():
        assert bundle[f"{TOP}/notebooks/{name}.ipynb"] == (ROOT / "notebooks" / f"{name}.ipynb").read_bytes()


SOLUTIONS = "course_lib/exercises/solutions.json"
TEACHERS = re.compile(r"(^|/)(bank|masters|tests)/|^course_lib/(authoring|grading)/")


def test_the_wheel_is_the_course_without_grader_authors_tools_bank_masters_and_tests(bundle):
    packed = {name.partition("!")[2] for name in bundle if "!" in name}
    assert {name.split("/")[0] for name in packed} == {
        "course_lib",
        f"affective_computing_course_companion-{course_lib.__version__}.dist-info",
    }
    there = {path.relative_to(ROOT).as_posix() for path in (ROOT / "course_lib").rglob("*") if path.is_file()}
    there = {name for name in there if "__pycache__" not in name} - {SOLUTIONS}
    assert any(TEACHERS.search(name) for name in there)
    assert {name for name in packed if name.startswith("course_lib/")} == {
        name for name in there if not TEACHERS.search(name)
    }
    assert {
        *(f"course_lib/exercises/lesson_{number}.json" for number in LESSONS),
        "course_lib/results/voice.json",
        *(
            f"course_lib/models/weights/{name}"
            for name in ("emotion_net.npz", "face_or_not.npz", "cc_by_nc_sa/voice.npz")
        ),
    } <= packed


def test_no_marker_of_a_solution_stands_in_a_lesson(bundle):
    for name, content in bundle.items():
        if name.endswith(".ipynb"):
            assert b"BEGIN SOLUTION" not in content and b"END SOLUTION" not in content, name


@pytest.mark.parametrize("number", LESSONS)
def test_no_solution_and_no_reference_stands_anywhere(number, everything):
    solved = masters.solutions(number)
    private = [one.reference for one in bank.load(ROOT / "bank", [number]).values()]
    for source in [*solved.values(), *map(inspect.getsource, private)]:
        assert plain(source) not in everything, source


def test_the_search_for_solutions_would_find_one(everything):
    """The same search finds a function that does stand in the wheel, and in a lesson."""
    assert plain(inspect.getsource(masters.cleared)) in everything
    assert plain("def hog_length(size, orientations, pixels, cells):\n  # YOUR CODE HERE") in everything


def test_the_solutions_travel_only_where_the_teacher_asks_for_them(bundle, tmp_path, monkeypatch):
    assert (ROOT / SOLUTIONS).exists()
    assert not [name for name in bundle if "solutions.json" in name]
    monkeypatch.setattr(build, "stale", lambda name: False)
    assert cli.main(["release", "--out", str(tmp_path), "--lessons", "02", "--with-solutions"]) == 0
    outer = contents((tmp_path / f"{TOP}.zip").read_bytes())
    wheel = next(content for name, content in outer.items() if name.endswith(".whl"))
    assert contents(wheel)[SOLUTIONS] == (ROOT / SOLUTIONS).read_bytes()


def test_the_same_files_make_the_same_bytes(made, tmp_path, monkeypatch):
    monkeypatch.setattr(build, "stale", lambda name: False)
    assert release.release(tmp_path).read_bytes() == made.read_bytes()


def test_no_time_but_one_stands_in_bundle_and_wheel(made):
    with zipfile.ZipFile(made) as outer:
        wheel = next(name for name in outer.namelist() if name.endswith(".whl"))
        with zipfile.ZipFile(io.BytesIO(outer.read(wheel))) as inner:
            assert {entry.date_time for entry in outer.infolist() + inner.infolist()} == {release.WHEN}


@pytest.fixture
def ready(monkeypatch):
    """Lessons in step, and a wheel that is there at once."""

    def build_wheel(folder, with_solutions, only_free):
        path = Path(folder) / "course.whl"
        path.write_bytes(b"")
        return path

    monkeypatch.setattr(build, "stale", lambda name: False)
    monkeypatch.setattr(release, "build_wheel", build_wheel)


def test_some_lessons_only_and_the_command_says_where_it_is(tmp_path, ready, capsys):
    assert cli.main(["release", "--out", str(tmp_path / "new"), "--lessons", "01", "02"]) == 0
    path = tmp_path / "new" / f"{TOP}.zip"
    assert capsys.readouterr().out == f"wrote {path}\n"
    assert [name for name in contents(path.read_bytes()) if "notebooks" in name] == [
        f"{TOP}/notebooks/01_frames_from_video.ipynb",
        f"{TOP}/notebooks/02_hog_features.ipynb",
    ]


def test_a_stale_lesson_is_refused_and_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "stale", lambda name: name.startswith("02"))
    with pytest.raises(
        CourseError, match=r"02_hog_features.*not what their masters make. Run: course build 02$"
    ):
        release.release(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_bundle_that_breaks_off_leaves_the_older_one(tmp_path, ready, monkeypatch):
    older = tmp_path / f"{TOP}.zip"
    older.write_bytes(b"older")
    monkeypatch.setattr(zipfile.ZipFile, "writestr", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        release.release(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [older.name] and older.read_bytes() == b"older"


def test_a_wheel_that_cannot_be_built_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(release, "_BUILD", "raise SystemExit('no such backend')")
    with pytest.raises(
        CourseError, match=r"(?s)the wheel: setuptools could not build it:.*no such backend.*Run: pip"
    ):
        release.build_wheel(tmp_path)
    monkeypatch.setattr(release.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="setuptools, which builds it, is not installed"):
        release.build_wheel(tmp_path)


TRY = """
import sys
# Without what this checkout adds for itself.
sys.meta_path = [one for one in sys.meta_path if "editable" not in repr(one)]
import course_lib
from course_lib import cli
from course_lib.exercises import check, given
print(course_lib.__file__)
check("02.1", lambda size, o, pixels, cells: (size // pixels - cells + 1) ** 2 * cells ** 2 * o)
check("02.1", lambda size, o, pixels, cells: (size // pixels) ** 2 * cells ** 2 * o)
print(given("02.1"))
for command in (["release", "--out", "."], ["grade", "in", *"--bank b --key k --roster r --out o".split()]):
    print(cli.main(command))
"""


def test_a_student_who_has_the_wheel_alone_can_check_and_is_told_what_is_not_in_it(bundle, tmp_path):
    for name, content in bundle.items():
        if "!" in name:
            path = tmp_path / "site" / name.partition("!")[2]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", TRY],
        capture_output=True,
        text=True,
        cwd=tmp_path / "work",
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site"), "COURSE_HOME": str(tmp_path)},
    )
    where, right, wrong, result, *codes = done.stdout.splitlines() or [done.stderr] * 4
    assert Path(where) == tmp_path / "site" / "course_lib" / "__init__.py"
    assert "right on all" in right and "Hint: " in wrong and result == "26244"
    assert (
        codes == ["1", "1"]
        and done.stderr.count("it is not part of the students' version of the course") == 2
    )
