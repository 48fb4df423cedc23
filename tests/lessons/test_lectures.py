"""Time marks become links into the lecture's video, once its address is known."""

import re

import pytest

from course_lib.authoring import build
from course_lib.lessons import lectures, masters, names

VIDEO = {"page": "https://course.org", "video": "https://video.org/watch?v=1"}


def test_a_time_mark_in_a_heading_becomes_a_link():
    assert lectures.with_links("## 25:17 · Video\n\nAt 25:17.", VIDEO) == (
        "## [25:17](https://video.org/watch?v=1&t=1517s) · Video\n\nAt 25:17."
    )


def test_without_an_address_the_marks_stay_plain():
    assert lectures.with_links("## 25:17 · Video", VIDEO | {"video": ""}) == "## 25:17 · Video"


def test_the_lecture_is_linked_to_the_page_of_the_course():
    assert lectures.with_links("**Lecture 14**, all", VIDEO) == "[**Lecture 14**](https://course.org), all"


@pytest.mark.parametrize("name", names(["01", "02", "03", "04", "05", "06", "07", "08"]))
def test_each_lesson_of_a_lecture_has_a_link_for_each_mark(name, monkeypatch):
    monkeypatch.setattr(lectures, "lectures", lambda: {"14": VIDEO, "27": VIDEO})
    marks = sum(
        len(lectures.MARK.findall(cell.source))
        for cell in masters.read_master(name).cells
        if cell.cell_type == "markdown"
    )
    text = "\n".join(cell.source for cell in build.from_master(name).cells)
    assert marks and len(re.findall(r"watch\?v=1&t=\d+s", text)) == marks
