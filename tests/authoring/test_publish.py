"""The course's address, stamped into badges and the cells for Colab."""

import pytest
from small_lesson import COLAB, lesson

from course_lib.authoring import publish
from course_lib.core.errors import CourseError


def test_a_stamp_fills_in_the_address_and_the_badge_and_can_be_replaced():
    once = publish.stamp(lesson(), "01_x", "ada/course/main")
    assert 'COURSE_ADDRESS = "ada/course/main"  # filled in' in once.cells[1].source
    assert once.cells[0].source.splitlines()[2].endswith("/github/ada/course/blob/main/notebooks/01_x.ipynb)")
    again = publish.stamp(once, "01_x", "bob/other/feature/two")
    assert again.cells[0].source.count("Open in Colab") == 1
    assert 'COURSE_ADDRESS = "bob/other/feature/two"' not in once.cells[0].source
    without = publish.stamp(again, "01_x", "")
    assert (without.cells[0].source, without.cells[1].source) == ("# Title\n\ntext", COLAB)


def test_a_branch_with_a_slash_keeps_owner_and_name():
    badge = publish.stamp(lesson(), "01_x", "ada/course/feature/two").cells[0].source
    assert "/github/ada/course/blob/feature/two/notebooks/01_x.ipynb" in badge


@pytest.mark.parametrize("repo", ["course", "a/b/c", "/course", "ada/", 'ada/x"y', "ada/x y"])
def test_publishing_to_what_is_no_repository_is_refused(repo):
    with pytest.raises(CourseError, match=r"not the address of a repository.*course publish --repo"):
        publish.publish(repo, "main")


def test_links_to_the_glossary_lead_to_the_published_copy_and_back():
    here = lesson()
    here.cells[0].source += "\nThe [glossary](../docs/glossary.md#fold) explains it."
    once = publish.stamp(here, "01_x", "ada/course/feature/two")
    assert "(https://github.com/ada/course/blob/feature/two/docs/glossary.md#fold)" in once.cells[0].source
    assert "(../docs/glossary.md#fold)" in publish.stamp(once, "01_x", "").cells[0].source
