"""What the demo answers for files, found again for the photographs and for the films with sound."""

import pytest

from course_lib import results
from course_lib.authoring.experiments import demo_answers


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("photographs", name) for name in demo_answers.PHOTOGRAPHS),
        *(("films", name) for name in list(demo_answers.FILMS)[:2]),
    ],
)
def test_the_answers_for_a_file_are_found_again(kind, name, real_data):
    if not (real_data / name).is_file():
        pytest.skip(f"{name} is not in {real_data}")
    found = demo_answers.in_file(real_data / name, demo_answers.KINDS[kind][name])
    saved = results.read("demo_answers")[kind][name]
    for when in ("now", "before"):
        for what in ("answer", "first_guess", "plausible"):
            assert found[when][what] == saved[when][what]
        assert found[when]["answered"] == pytest.approx(saved[when]["answered"], abs=0.1)
    assert found["moments"] == saved["moments"]
    assert found["with_voice"] == pytest.approx(saved["with_voice"], abs=0.05)
