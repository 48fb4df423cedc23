"""The guides for teachers fit the lessons and their exercises."""

import re
import tomllib

import pytest

from course_lib import exercises
from course_lib.authoring import teaching
from course_lib.core.errors import CourseError

NAMES = teaching.names()


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_has_all_its_parts(name):
    page = (teaching.FOLDER / f"{name[:2]}.md").read_text("utf-8")
    parts = ["Aims: students will", "Questions in the lesson, and their answers", "To discuss"]
    assert all(f"## {part}\n\n- " in page for part in parts) and "**What to stress.** " in page
    assert re.search(r"Students need about \d+ minutes", page)
    for one in exercises.lesson(name[:2]):
        assert f"**{one.id} {one.title}**" in page and all(
            f"  - {mistake}: " in page for mistake in one.hints
        )


def test_each_task_to_explore_has_an_answer():
    own = tomllib.loads(teaching.WORDS.read_text("utf-8"))
    assert sorted(own) == [name[:2] for name in NAMES]
    for number, words in own.items():
        page = (teaching.FOLDER / f"{number}.md").read_text("utf-8")
        tasks = page.partition("## To explore, without points")[2].partition("**Answers**")[0].strip()
        count = len(re.findall(r"^\d\. ", tasks, re.MULTILINE)) or bool(tasks)
        assert len(words.get("explore", [])) == count, number
        assert len(words["discuss"]) >= 3 and words["stress"]


def test_a_lesson_without_words_is_an_error(monkeypatch, tmp_path):
    (tmp_path / "words.toml").write_text("")
    monkeypatch.setattr(teaching, "WORDS", tmp_path / "words.toml")
    with pytest.raises(
        CourseError, match=r"it has no entry for lesson 02\. Write stress, explore and discuss"
    ):
        teaching.page("02_hog_features")


def test_the_guides_are_as_the_lessons_and_their_exercises_make_them(tmp_path):
    for path in teaching.write(tmp_path):
        kept = (teaching.FOLDER / path.name).read_text("utf-8")
        assert path.read_text("utf-8") == kept, "run: python -m course_lib.authoring.teaching"
    assert [path.name for path in sorted(tmp_path.iterdir())] == [f"{name[:2]}.md" for name in NAMES]
