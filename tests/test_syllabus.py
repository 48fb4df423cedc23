"""docs/syllabus.md: its lessons exist, and the long plan has each of them once."""

import re

from course_lib import lessons
from course_lib.core.paths import ROOT

TEXT = (ROOT / "docs" / "syllabus.md").read_text(encoding="utf-8")


def numbers(heading):
    plan = TEXT.split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"\d\d", "".join(re.findall(r"^\| \d+ \|([^|]*)\|", plan, re.MULTILINE)))


def test_each_linked_lesson_exists():
    links = re.findall(r"\[(\d\d)\]\(\.\./notebooks/(\w+)\.ipynb\)", TEXT)
    assert links and all(name in lessons.names() and name.startswith(number) for number, name in links)


def test_the_long_plan_has_each_lesson_once_and_the_short_one_some_of_them():
    each = [name[:2] for name in lessons.names()]
    assert numbers("A plan for 12 weeks") == each
    short = numbers("A plan for 6 weeks")
    assert set(short) < set(each) and len(short) == len(set(short))
    left_out = re.search(r"Lessons (.*) are left out", TEXT)[1]
    assert sorted(set(each) - set(short)) == re.findall(r"\d\d", left_out)
