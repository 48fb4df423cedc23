"""The parts of `course site` without Sphinx: links, functions and lessons, and what is refused."""

import importlib.util
import io
import os
import signal

import nbformat
import pytest

from course_lib import cli
from course_lib.authoring import publish, site
from course_lib.authoring.site import api, generate, links, sources
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT

BANNER = "papermill-error-cell-tag"


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(publish, "address", lambda: "owner/course/main")


def test_a_file_that_is_no_page_is_linked_in_the_repository_if_there_is_one(published):
    text = sources.with_links(
        "[the bank](../bank) [page](grading.md#a) [x](https://x.org)", "docs/syllabus.md"
    )
    assert text == (
        "[the bank](https://github.com/owner/course/blob/main/bank) [page](grading.md#a) [x](https://x.org)"
    )


def test_without_a_repository_it_is_plain_text():
    assert sources.with_links("[`bank/`](../bank)", "docs/syllabus.md") == "`bank/`"
    assert sources.with_links("[all](notebooks)", "README.md") == "[all](index.md#the-lessons)"


def test_a_function_becomes_a_link_but_not_in_code_a_heading_or_a_link():
    link = "{py:obj}`features.hog() <course_lib.features.hog.hog>`"
    assert sources.with_links("`features.hog()`, `numpy.array`", "README.md") == f"{link}, `numpy.array`"
    for text in ("# `features.hog`", "```\n`features.hog`\n```", "[`features.hog`](https://x.org)"):
        assert sources.with_links(text, "README.md") == text


def test_the_functions_of_a_lesson_are_found_by_their_imports():
    cells = [
        "%matplotlib inline",
        "from course_lib import evaluation as e, load\nfrom course_lib.media import video",
        "load.clips()\nscore = e.Score.of(y, p)\nvideo.read_clip(path)\ncheck('02.1', f)\nother.hog(x)",
    ]
    assert api.used_in(cells) == [
        "course_lib.load.clips",
        "course_lib.evaluation.scores.Score.of",
        "course_lib.evaluation.scores.Score",
        "course_lib.media.video.read_clip",
        "course_lib.exercises.check",
    ]


def test_a_function_that_is_named_as_its_module_is_found_by_both_names():
    assert api.canonical("features.hog") == api.canonical("course_lib.features.hog.hog")
    assert api.summary("course_lib.features.hog.hog").startswith("Compute histograms of oriented gradients")


def test_each_function_that_lessons_use_is_on_a_page():
    on_pages = {
        f"{module.__name__}.{name}"
        for package in api.PACKAGES
        for module in api.modules(package)
        for name, _ in api.public(module)
    }
    used = {name for lesson in sources.read_lessons().values() for name in api.used_in(code(lesson))}
    assert {
        name for name in used if name not in on_pages and name.rpartition(".")[0] not in on_pages
    } == set()
    assert len(used & on_pages) > 150


def code(lesson):
    return [cell.source for cell in lesson.cells if cell.cell_type == "code"]


def test_executed_lessons_take_the_place_of_the_saved_ones(tmp_path):
    text = (ROOT / "notebooks" / "02_hog_features.ipynb").read_text(encoding="utf-8")
    (tmp_path / "02_hog_features.ipynb").write_text(text.replace("# 02 · HoG features", "# 02 · My run"))
    lessons = sources.read_lessons(tmp_path)
    assert lessons["02_hog_features"].cells[0].source.startswith("# 02 · My run")
    assert len(lessons) == len(sources.read_lessons()) == 18


def test_what_papermill_adds_to_a_lesson_that_failed_is_left_out(tmp_path):
    lesson = nbformat.read(ROOT / "notebooks" / "02_hog_features.ipynb", 4)
    banner = nbformat.v4.new_markdown_cell("An Exception was encountered", metadata={"tags": [BANNER]})
    lesson.cells.insert(0, banner)
    nbformat.write(lesson, tmp_path / "02_hog_features.ipynb")
    first = sources.read_lessons(tmp_path)["02_hog_features"].cells[0]
    assert first.source.startswith("# 02 · HoG features")


def test_a_folder_without_lessons_is_refused(tmp_path, capsys):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    with pytest.raises(CourseError, match="no executed lesson"):
        sources.check(tmp_path)
    assert cli.main(["site", "--executed", str(tmp_path), "--out", str(tmp_path / "site")]) == 1
    assert "no executed lesson" in capsys.readouterr().err
    assert not any(tmp_path.iterdir()), "it left something behind"


def test_new_files_come_into_the_site_as_whole_files_the_page_last(tmp_path, monkeypatch):
    new, out, moved = tmp_path / "new", tmp_path / "out", []
    for name in ("notebooks/02_hog.html", "_images/a.png"):
        (new / name).parent.mkdir(parents=True)
        (new / name).write_text("new")
    (out / "notebooks").mkdir(parents=True)
    (out / "notebooks" / "02_hog.html").write_text("old")
    replace = os.replace
    monkeypatch.setattr(site.os, "replace", lambda *pair: (moved.append(pair[1].name), replace(*pair)))
    site._move(new, out)
    assert moved == ["a.png", "02_hog.html"]
    assert (out / "notebooks" / "02_hog.html").read_text() == "new" and not [*new.rglob("*.*")]


def test_course_run_names_the_lessons_and_the_end_of_its_input_ends_the_site(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("00_start_here\n02_hog_features\n"))
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert list(cli.authoring._told()) == ["00_start_here", "02_hog_features"]
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_missing_package_is_named_with_the_extra_that_brings_it(tmp_path, capsys, monkeypatch):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "myst_nb" else found(name, *more)
    )
    assert cli.main(["site", "--out", str(tmp_path / "site")]) == 1
    assert "the package myst_nb is not installed. Run: pip install -e '.[site]'" in capsys.readouterr().err


def test_a_button_opens_the_published_lesson_in_colab(published):
    assert (
        'href="https://colab.research.google.com/github/owner/course/blob/main/notebooks/02_x.ipynb"'
        in sources._buttons("02_x")
    )


def test_broken_pages_are_found(tmp_path):
    good = '<h1 id="a">A</h1><a href="b.html#b">b</a><a href="https://x.org">x</a>'
    good += '<img src="data:image/png;base64,AA==">'
    (tmp_path / "a.html").write_text(good)
    (tmp_path / "b.html").write_text('<p id="b"></p><a href="a.html#a">a</a><a href="#b">b</a>')
    assert links.check(tmp_path) == []
    (tmp_path / "b.html").write_text(
        '<a href="a.html#none">a</a><a href="c.html">c</a><script src="https://x.org/x.js"></script>'
        '<link rel="stylesheet" href="none.css">'
    )
    assert links.check(tmp_path) == [
        "a.html: b.html#b leads nowhere",
        "b.html: a.html#none leads nowhere",
        "b.html: c.html leads nowhere",
        "b.html: loads https://x.org/x.js",
        "b.html: none.css is not there",
    ]


def test_the_description_of_a_function_names_its_lessons():
    assert generate.in_lessons([["02_hog", "02 · HoG"]]) == (
        "Introduced in lesson :doc:`02 · HoG </notebooks/02_hog>`."
    )
