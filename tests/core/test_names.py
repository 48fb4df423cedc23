"""Checks of names: an error suggests the closest one."""

import pytest

from course_lib.core import names
from course_lib.core.errors import CourseError


def test_a_misspelt_name_gets_the_closest_one():
    names.check_choice("protocol", "speaker-independent", ("random split", "speaker-independent"))
    with pytest.raises(
        CourseError,
        match=r"protocol 'Speaker independent': there is no such protocol\. "
        r"Did you mean 'speaker-independent'\? Choose",
    ):
        names.check_choice("protocol", "Speaker independent", ("random split", "speaker-independent"))


@pytest.mark.parametrize("value", ["xyz", 99, None, []])
def test_a_name_unlike_all_choices_gets_only_the_list(value):
    with pytest.raises(CourseError, match=r"there is no such detector\. Choose from haar, lbp"):
        names.check_choice("detector", value, ["haar", "lbp"])


def test_the_closest_of_numbers_is_found_too():
    assert names.did_you_mean(222, range(1, 25)) == "Did you mean 22? "
