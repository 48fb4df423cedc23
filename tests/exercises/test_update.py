"""New lessons come, and not one answer goes: from JupyterLab's files and from Colab's, whole or broken
off."""

import copy
import errno
import json
import os
import random
import zipfile
from pathlib import Path

import nbformat
import pytest
from notebook_files import book, code, save, text

from course_lib import cli, exercises
from course_lib.core.errors import CourseError
from course_lib.exercises import update

NAME = "97_lesson"


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path):
    def unknown(id):
        raise CourseError("lesson_97.json", "not built", "Build it")

    monkeypatch.setattr(exercises, "kept", unknown)  # the installed course may know nothing of these lessons
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


# --- lessons, as `course build` makes them ---


def stub(name, arguments="x"):
    return f"def {name}({arguments}):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def answer(number, source):
    id = f"exercise-97-{number}"
    return code(source, id, id)


FIRST = book(
    text("# 97 · A lesson\n\nSomething to read, of some length.", "97-000"),
    code("import numpy as np\n\nprint(np.arange(3))", "97-001", said="[0 1 2]\n"),
    text("### 97.1 · Twice (2 points)\n\nWrite `double(x)`.", "exercise-97-1-text"),
    answer(1, stub("double")),
    code('check("97.1", double)', "exercise-97-1-check", said="97.1 double: not attempted"),
    text("### 97.2 · Thrice (2 points)\n\nWrite `triple(x)`.", "exercise-97-2-text"),
    answer(2, stub("triple")),
    code('check("97.2", triple)', "exercise-97-2-check"),
    code('hand_in("97")', "97-hand-in"),
)
# The next release: a new cell at the top, so that the positions in the ids move on; changed words; another
# exercise.
SECOND = book(
    text("# 97 · A lesson\n\nSomething to read, of some length, and a little more.", "97-000"),
    text("This is new altogether, nobody has met it.", "97-001"),
    code("import numpy as np\n\nprint(np.arange(3))", "97-002", said="[0 1 2]\n"),
    text("### 97.1 · Twice (3 points)\n\nWrite `double(x)`: twice what it is given.", "exercise-97-1-text"),
    answer(1, stub("double", "x, times=1")),
    code('check("97.1", double)', "exercise-97-1-check"),
    text("### 97.3 · Four times (2 points)", "exercise-97-3-text"),
    answer(3, stub("fourfold")),
    code('hand_in("97")', "97-hand-in"),
)
ONE = "def double(x):\n    # mine, ünïcode\n    return 2 * x"
TWO = "def triple(x):\n    return 3 * x"


def release(*lessons, folder="release"):
    for notebook, name in lessons or [(SECOND, NAME)]:
        save(notebook, Path(folder) / "notebooks" / f"{name}.ipynb")
    return Path(folder)


def student(change=None, notebook=FIRST, name=NAME):
    """The student's file, after what the student did to its cells."""
    own = copy.deepcopy(notebook)
    if change:
        change(own["cells"])
    return save(own, Path("notebooks") / f"{name}.ipynb")


def answered(cells):
    cells[3]["source"] = ONE.splitlines(keepends=True)
    cells[1]["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["[0 1 2] mine\n"]}]


def texts(path):
    ids = [cell["id"] for cell in json.loads(path.read_text("utf-8"))["cells"]]
    assert len(set(ids)) == len(ids)  # nbformat would mend them while it reads
    found = nbformat.read(path, 4)
    nbformat.validate(found)
    return [cell.source for cell in found.cells]


def plain(notebook):
    return ["".join(cell["source"]) for cell in notebook["cells"]]


def brought(source="release", to="notebooks"):
    return [str(lesson) for lesson in update.update(source, to)]


# --- what comes ---


def test_a_new_lesson_comes_as_it_is():
    source = release((FIRST, NAME), (SECOND, "98_next"))
    assert brought() == ["97_lesson: new", "98_next: new"]
    for name in (NAME, "98_next"):
        ours = Path("notebooks", f"{name}.ipynb").read_bytes()
        assert ours == (source / "notebooks" / f"{name}.ipynb").read_bytes()
    assert brought() == ["97_lesson: unchanged", "98_next: unchanged"] and not Path("notebooks/old").exists()


def test_an_unchanged_lesson_is_not_touched_whatever_was_done_in_it():
    def work(cells):
        answered(cells)
        cells.insert(5, {**code("print(double(3))", "f3a9c1d2"), "outputs": []})
        for cell in cells:
            cell["execution_count"] = 7
        cells.append(code("", "00000000"))

    path = student(work)
    before, when = path.read_bytes(), path.stat().st_mtime_ns
    release((FIRST, NAME))
    assert brought() == ["97_lesson: unchanged"]
    assert (
        path.read_bytes() == before
        and path.stat().st_mtime_ns == when
        and os.listdir("notebooks") == [path.name]
    )


def test_a_changed_lesson_comes_with_the_answers_of_the_old_one():
    path = student(answered)
    before = path.read_bytes()
    release()
    assert brought() == ["97_lesson: updated, 1 answer kept, the file as it was: old/97_lesson-1.ipynb"]
    expected = plain(SECOND)
    expected[4] = ONE
    assert texts(path) == expected and (path.parent / "old" / "97_lesson-1.ipynb").read_bytes() == before
    cells = json.loads(path.read_text("utf-8"))["cells"]
    assert cells[4]["metadata"] == SECOND["cells"][4]["metadata"] and cells[4]["id"] == "exercise-97-1"
    assert cells[2]["outputs"][0]["text"] == ["[0 1 2] mine\n"]  # an unchanged cell keeps what it printed


def test_a_lesson_without_answers_becomes_the_new_one():
    path = student()
    release()
    assert brought() == ["97_lesson: updated, the file as it was: old/97_lesson-1.ipynb"]
    assert texts(path) == plain(SECOND)


def test_a_cell_that_a_release_folds_is_folded_also_where_the_student_changed_it():
    folded = {"tags": ["parameters"], "jupyter": {"source_hidden": True}, "cellView": "form"}
    old = code("SEED = 1  # the same seed, the same result", "97-001", metadata={"tags": ["parameters"]})
    new = code("# @title Parameters\nSEED = 0  # the same seed, the same result", "97-001", metadata=folded)
    label = text("The next cell is folded.", "97-parameters-text")
    merged, kept = update.merge(book(old), book(label, new))
    assert [cell["metadata"] for cell in merged["cells"]] == [{}, folded] and not kept


def test_cells_of_the_students_own_stay_behind_the_cell_they_followed():
    def work(cells):
        answered(cells)
        cells.insert(9, code("after_the_end = 1", "aaaaaaa5"))
        cells.insert(5, code("double(2)", "aaaaaaa4"))
        cells.insert(2, text("my note", "aaaaaaa3"))
        cells.insert(2, code("np.arange(4)", "aaaaaaa2", said="[0 1 2 3]"))
        cells.insert(1, code("a copy of\nSomething to read, of some length.", "aaaaaaa1"))
        cells.insert(0, text("top", "aaaaaaa0"))

    path = student(work)
    release()
    assert "1 answer kept, 6 cells of your own kept" in brought()[0]
    first, note, *_ = plain(SECOND)
    assert texts(path) == [
        "top",
        first,
        "a copy of\nSomething to read, of some length.",
        note,
        plain(SECOND)[2],
        "np.arange(4)",
        "my note",
        plain(SECOND)[3],
        ONE,
        plain(SECOND)[5],
        "double(2)",
        *plain(SECOND)[6:],
        "after_the_end = 1",
    ]
    kept = [cell for cell in json.loads(path.read_text())["cells"] if cell["id"] == "aaaaaaa2"]
    assert kept[0]["outputs"][0]["text"] == ["[0 1 2 3]"]


def test_a_copy_of_a_lessons_cell_is_the_students_own():
    def work(cells):
        for place in (2, 2):
            cells.insert(
                place, {**copy.deepcopy(cells[1]), "id": "aaaaaaa1"}
            )  # twice the same id, as tools may do

    path = student(work)
    release()
    assert "2 cells of your own kept" in brought()[0] and texts(path).count(plain(SECOND)[2]) == 3


def test_of_two_cells_with_the_same_text_the_id_tells_which_is_meant():
    def twice(notebook):
        cells = notebook["cells"]
        return {
            **notebook,
            "cells": [
                cells[0],
                code("plt.show()", "97-900"),
                *cells[1:3],
                code("plt.show()", "97-901"),
                *cells[3:],
            ],
        }

    def work(cells):
        del cells[1]  # the first one
        cells.insert(4, text("my note", "aaaaaaa1"))

    path = student(work, twice(FIRST))
    release((twice(SECOND), NAME))
    brought()
    now = texts(path)
    assert (
        now.count("plt.show()") == 2
        and now[now.index("my note") - 1] == "plt.show()"
        and now.index("my note") > 3
    )


def test_an_answer_whose_exercise_is_gone_is_at_the_end_until_it_comes_back():
    path = student(lambda cells: cells[6].update(source=[TWO]))
    release()
    assert "1 answer at its end, as the exercise is gone" in brought()[0]
    assert texts(path) == [*plain(SECOND), "## Answers to exercises that this lesson no longer has", TWO]
    assert brought() == ["97_lesson: unchanged"]
    release((FIRST, NAME))
    assert "1 answer kept" in brought()[0]
    expected = plain(FIRST)
    expected[6] = TWO
    assert texts(path) == expected


@pytest.mark.parametrize(
    "old",
    [
        stub("double"),
        stub("double") + "\n",
        "",
        stub("double", "x, times=1"),
        'def double(x):\n    """Of another release."""\n    # YOUR CODE HERE\n    raise '
        "NotImplementedError()",
    ],
)
def test_an_empty_copy_of_any_release_is_no_answer(old):
    path = student(lambda cells: cells[3].update(source=old))
    release()
    assert "answer" not in brought()[0] and texts(path) == plain(SECOND)


@pytest.mark.parametrize(
    "own",
    [
        ONE,
        "def double(x:\n    return",
        "# later",
        "import numpy\n\n" + stub("double"),
        stub("double") + "\n# think of 0",
        "def double(x):\n    # YOUR CODE HERE\n    return 3\n    raise NotImplementedError()",
        "double = lambda x: x",
    ],
)
def test_whatever_a_student_wrote_is_an_answer(own):
    path = student(lambda cells: cells[3].update(source=own.splitlines(keepends=True)))
    release()
    assert "1 answer kept" in brought()[0] and texts(path)[4] == own


def test_the_installed_courses_empty_copy_is_no_answer_either(monkeypatch):
    old = "def double(x):\n    y = x\n    # YOUR CODE HERE\n    raise NotImplementedError()\n    return y"
    monkeypatch.setattr(exercises, "kept", lambda id: {"97.1": {"stub": old}}.get(id, {"stub": ""}))
    path = student(lambda cells: cells[3].update(source=[old]))
    release()
    assert "answer" not in brought()[0] and texts(path) == plain(SECOND)


def test_a_second_answer_in_a_copied_cell_is_kept_beside_the_one_that_counts():
    def work(cells):
        cells[3]["source"] = [ONE]
        cells.insert(4, {**copy.deepcopy(cells[3]), "id": "aaaaaaa1", "source": [ONE.replace("2", "4")]})

    path = student(work)
    release()
    assert "1 answer kept, 1 cell of your own kept" in brought()[0]
    assert texts(path)[4:6] == [ONE, ONE.replace("2", "4")]  # the last one counted, and does
    marked = [cell for cell in nbformat.read(path, 4).cells if "nbgrader" in cell.metadata]
    assert len(marked) == 2


# --- as front ends save ---


def as_colab(notebook, ids="none"):
    """As Colab writes it: format 4.0, no ids of its own or new ones, text in one piece, metadata of its
    own."""
    saved = copy.deepcopy(notebook)
    for number, cell in enumerate(saved["cells"]):
        id = cell.pop("id")
        cell["source"] = "".join(cell["source"])
        cell["metadata"] |= (
            {"id": {"none": None, "kept": id, "new": f"Xy{number}_abc"}[ids]} if ids != "none" else {}
        )
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "1-2-3"}
    return {
        **saved,
        "nbformat_minor": 0,
        "metadata": {
            "colab": {"provenance": []},
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
        },
    }


@pytest.mark.parametrize("ids", ["none", "kept", "new"])
@pytest.mark.parametrize("marks", [True, False])
def test_a_file_that_colab_saved(ids, marks):
    def work(cells):
        answered(cells)
        cells.insert(5, code("double(2)", "aaaaaaa4"))
        cells.insert(2, text("my note", "aaaaaaa3"))
        for cell in cells if not marks else ():
            cell["metadata"] = {}

    own = copy.deepcopy(FIRST)
    work(own["cells"])
    path = save(as_colab(own, ids), Path("notebooks") / f"{NAME}.ipynb")
    release((FIRST, NAME))
    assert brought() == ["97_lesson: unchanged"]
    release()
    assert "updated, 1 answer kept, " in brought()[0]
    expected = plain(SECOND)
    expected[3:6] = ["my note", expected[3], ONE, expected[5], "double(2)"]
    # Without ids a cell that the lesson no longer has could be the student's: it stays.
    now = [one for one in texts(path) if one in expected or one not in plain(FIRST)]
    assert now == expected and (ids != "kept" or texts(path) == expected)
    assert not {plain(FIRST)[0], plain(FIRST)[2], stub("triple")} & set(texts(path))
    assert brought() == ["97_lesson: unchanged"]


def test_in_colab_an_answer_whose_exercise_is_gone_stays():
    own = copy.deepcopy(FIRST)
    own["cells"][6]["source"] = [TWO]
    path = save(as_colab(own), Path("notebooks") / f"{NAME}.ipynb")
    release()
    brought()
    assert texts(path)[-1] == TWO and brought() == ["97_lesson: unchanged"]


def test_a_file_with_a_byte_order_mark_and_windows_lines():
    path = student(answered)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    release()
    assert "1 answer kept" in brought()[0] and texts(path)[4] == ONE


# --- whatever was done to it ---


@pytest.mark.parametrize("seed", range(40))
def test_nothing_a_student_wrote_is_lost_and_a_second_time_nothing_changes(seed):
    """Any mixture of answers, added, copied, moved and deleted cells, JupyterLab's or Colab's."""
    rng = random.Random(seed)
    own, mine = copy.deepcopy(FIRST), []
    for place, name in ((3, "double"), (6, "triple")):
        if rng.random() < 0.6:
            mine.append(f"def {name}(x):\n    return {rng.random()} * x")
            own["cells"][place]["source"] = mine[-1].splitlines(keepends=True)
    for _ in range(rng.randint(0, 3)):
        own["cells"].remove(rng.choice([cell for cell in own["cells"] if not cell["metadata"]]))
    for _ in range(rng.randint(0, 6)):
        made = rng.choice([code, text])(f"my own {rng.random()}", f"{rng.getrandbits(32):08x}")
        mine.append("".join(made["source"]))
        own["cells"].insert(rng.randint(0, len(own["cells"])), made)
    own = as_colab(own, rng.choice(["none", "new", "kept"])) if rng.random() < 0.5 else own
    path = save(own, Path("notebooks") / f"{NAME}.ipynb")
    before = path.read_bytes()
    release()
    brought()
    now = texts(path)
    assert all(now.count(one) == 1 for one in mine)
    assert [one for one in now if one in plain(SECOND)] == [one for one in plain(SECOND) if one in now]
    assert set(plain(SECOND)) - set(now) <= {stub("double", "x, times=1")}
    assert (path.parent / "old" / f"{NAME}-1.ipynb").read_bytes() == before
    assert brought() == ["97_lesson: unchanged"] and texts(path) == now


# --- what goes wrong on the way ---


@pytest.mark.parametrize(
    "ours",
    [
        b"",
        b'{"cells": [',
        b"[1]",
        b'{"nbformat": 3, "worksheets": []}',
        b"\x00\xff",
        b'{"nbformat": 4, "cells": {}}',
        b'{"nbformat": 4, "cells": [3]}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1], "metadata": {}}]}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "metadata": []}]}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_notebook_is_skipped_listed_and_left_alone(ours, capsys):
    path = student(answered)
    path.write_bytes(ours)
    release((SECOND, NAME), (FIRST, "98_next"))
    assert cli.main(["update", "release"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert (
        said[0].startswith("97_lesson: skipped, ")
        and "97_lesson.ipynb: this is not a complete notebook" in said[0]
    )
    assert said[1:] == ["98_next: new", "notebooks: 1 skipped, 1 new"] and path.read_bytes() == ours


def test_a_damaged_lesson_of_the_release_is_skipped_too():
    path = student(answered)
    before = path.read_bytes()
    release()
    Path("release/notebooks/97_lesson.ipynb").write_bytes(b"{")
    assert (
        "97_lesson.ipynb of the release: this is not a complete notebook" in brought()[0]
        and path.read_bytes() == before
    )


@pytest.mark.parametrize("step", [0, 1, 2])
def test_broken_off_and_run_again_it_gives_the_same(monkeypatch, step):
    for name in (NAME, "98_next"):
        student(answered, name=name)
    release((SECOND, NAME), (SECOND, "98_next"))
    replace, moved = os.replace, []

    def interrupted(*paths):
        if len(moved) == step:
            raise KeyboardInterrupt
        moved.append(paths)
        replace(*paths)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            brought()
    brought()
    for name in (NAME, "98_next"):
        assert texts(Path("notebooks", f"{name}.ipynb"))[4] == ONE
    assert sorted(os.listdir("notebooks/old")) == [f"{NAME}-1.ipynb", "98_next-1.ipynb"]
    assert sorted(os.listdir("notebooks")) == ["97_lesson.ipynb", "98_next.ipynb", "old"]


def test_a_full_disk_is_one_error_and_the_old_file_stays(monkeypatch, capsys):
    path = student(answered)
    before = path.read_bytes()
    release()

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    assert cli.main(["update", "release"]) == 1
    assert "there is no space left on the disk" in capsys.readouterr().err and path.read_bytes() == before


# --- releases ---


def packed(*members, path="release.zip"):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("top", ["", "affective-computing-course-1.0/"])
def test_a_zip_is_a_release_with_or_without_a_folder_around_it(top, capsys):
    path = student(answered)
    others = [
        (f"{top}{name}", b"x")
        for name in (
            "START_HERE.md",
            "notebooks/old/97_lesson.ipynb",
            "colab/97_x.ipynb",
            "notebooks/hand_in_97.ipynb",
            "notebooks/notes.txt",
        )
    ]
    packed(*others, (f"{top}notebooks/{NAME}.ipynb", json.dumps(SECOND)))
    assert cli.main(["update", "release.zip", "--to", "notebooks"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "97_lesson: updated, 1 answer kept, the file as it was: old/97_lesson-1.ipynb",
        "notebooks: 1 updated",
    ]
    assert texts(path)[4] == ONE and sorted(os.listdir("notebooks")) == ["97_lesson.ipynb", "old"]


def no_zip():
    Path("release.zip").write_bytes(b"PK nothing")


def cut_zip():
    data = Path(packed((f"notebooks/{NAME}.ipynb", os.urandom(5000)))).read_bytes()
    Path("release.zip").write_bytes(data[:3000])


def bent_zip():
    data = bytearray(Path(packed((f"notebooks/{NAME}.ipynb", os.urandom(5000)))).read_bytes())
    data[2000:2010] = bytes(10)
    Path("release.zip").write_bytes(data)


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: None, "release.zip: there is no such release"),
        (no_zip, "it cannot be unpacked"),
        (cut_zip, "it cannot be unpacked"),
        (bent_zip, "it cannot be unpacked"),
        (lambda: packed(("readme", b"")), "it holds no lessons"),
        (lambda: packed(("a/b/notebooks/97_x.ipynb", b"")), "it holds no lessons"),
        (lambda: Path("release.zip").mkdir(), "it holds no lessons"),
        (lambda: Path("release.zip", "notebooks").mkdir(parents=True), "it holds no lessons"),
        *(
            (
                lambda name=name: packed((f"notebooks/{NAME}.ipynb", json.dumps(SECOND)), (name, b"x")),
                "leads to another folder",
            )
            for name in (
                "../97_x.ipynb",
                "notebooks/../../97_x.ipynb",
                "/97_x.ipynb",
                "C:/97_x.ipynb",
                "a\\..\\97_x.ipynb",
            )
        ),
        (lambda: packed((f"notebooks/{NAME}.ipynb", bytes((100 << 20) + 1))), "is larger than any lesson"),
    ],
)
def test_what_is_no_release_is_one_line_and_changes_nothing(make, words, capsys):
    path = student(answered)
    before = path.read_bytes()
    make()
    assert cli.main(["update", "release.zip"]) == 1
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and said.out == ""
    assert path.read_bytes() == before and os.listdir("notebooks") == [path.name]


def test_lessons_that_a_release_does_not_have_stay():
    path = student(answered, name="99_mine")
    before = path.read_bytes()
    release()
    assert brought() == ["97_lesson: new"] and path.read_bytes() == before


# --- a worksheet: a cell with the tag "worksheet", which holds a dict of the student's texts ---

BLANK = 'plan = {  # write a few sentences\n    "question": "", "people": "",\n    "size": "",\n}'
FILLED = 'plan = {\n    "question": "Does the probe work for my family?", "people": "six relatives",\n}\n'


def worksheet(source, id="97-003", **metadata):
    return code(source, id) | {"metadata": {"tags": ["worksheet"], **metadata}}


def with_worksheet(cell, *, lesson=SECOND):
    return book(*lesson["cells"][:4], cell, *lesson["cells"][4:])


def test_a_written_worksheet_is_kept_though_its_text_and_its_place_changed():
    release((with_worksheet(worksheet(BLANK.replace('"size"', '"consent": "", "size"'), "97-009")), NAME))
    path = student(notebook=with_worksheet(worksheet(FILLED), lesson=FIRST))
    assert brought()[0].startswith("97_lesson: updated, 1 answer kept")
    assert texts(path).count(FILLED) == 1 and not [one for one in texts(path) if '"consent"' in one]
    assert brought() == ["97_lesson: unchanged"]


def test_an_empty_worksheet_becomes_the_new_one():
    new = BLANK.replace('"size"', '"consent": "", "size"')
    release((with_worksheet(worksheet(new)), NAME))
    path = student(notebook=with_worksheet(worksheet(BLANK), lesson=FIRST))
    brought()
    assert texts(path).count(new) == 1 and BLANK not in texts(path)


def test_a_worksheet_is_found_where_a_front_end_removed_tags_and_ids():
    release((with_worksheet(worksheet(BLANK)), NAME))
    path = student(notebook=with_worksheet(code(FILLED, "a1b2c3d4"), lesson=FIRST))
    brought()
    assert texts(path).count(FILLED) == 1 and BLANK not in texts(path)


def test_a_worksheet_that_cannot_be_parsed_is_kept_and_one_that_is_gone_stays_below():
    broken = FILLED.replace("}", "")
    release((with_worksheet(worksheet(BLANK)), NAME))
    path = student(notebook=with_worksheet(worksheet(broken), lesson=FIRST))
    brought()
    assert texts(path).count(broken) == 1 and BLANK not in texts(path)
    release()  # this one has no worksheet
    brought()
    assert texts(path).count(broken) == 1


# --- copies under another name ---


COPIES = [f"Copy of {NAME}.ipynb", f"{NAME} (1).ipynb", f"{NAME}-Copy1.ipynb", f"Kopie von {NAME}.ipynb"]


@pytest.mark.parametrize("copy_name", COPIES)
def test_a_copy_under_another_name_is_named_and_left_alone(copy_name):
    path = save(FIRST, Path("notebooks") / copy_name)
    before = path.read_bytes()
    (lesson,) = update.update(release(), "notebooks")
    assert lesson.state == "new" and copy_name in str(lesson) and f"rename it to {NAME}.ipynb" in str(lesson)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["Copy of 02_hog_features.ipynb", "Kopie von 02_hog_features.ipynb"])
def test_reset_names_the_copy_that_it_does_not_take(name, monkeypatch):
    exercise = exercises.find("02.1")
    monkeypatch.setattr(exercises, "kept", lambda id: {"stub": stub(exercise.name)})
    cell = code(stub(exercise.name), exercise.grade_id, exercise.grade_id)
    save(book(cell), Path("notebooks") / name)
    with pytest.raises(CourseError) as caught:
        update.reset("02.1", "notebooks")
    assert f"there are copies: {name}" in str(caught.value) and "course reset 02.1 " in str(caught.value)
    path, _ = update.reset("02.1", Path("notebooks") / name)
    assert path.name == name
