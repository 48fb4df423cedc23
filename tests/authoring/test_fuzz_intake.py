"""Damaged notebooks through the intake: each is read or refused with a reason, the same ones each time."""

import json
import random
from pathlib import Path

import pytest

from course_lib import exercises
from course_lib.authoring import fuzz_intake
from course_lib.grading import intake

N = 200


@pytest.fixture(scope="module")
def found():
    return list(fuzz_intake.outcomes(N, seed=1))


def test_each_of_200_damaged_notebooks_is_read_or_refused_with_a_reason(found):
    assert [f"{one.crash} ({one.how})" for one in found if one.crash] == []
    read, refused = [one for one in found if not one.why], [one for one in found if one.why]
    assert len(found) == N and len(read) > N / 4 and len(refused) > N / 4
    assert sum(one.answers for one in read) > N  # and the damage leaves many answers
    assert max(one.seconds for one in found) < intake.SECONDS
    assert "0 crashes" in fuzz_intake.closing(found)


def test_every_kind_of_damage_is_tried(found):
    done = {kind for one in found for kind in one.how.split(", ")}
    assert done == {
        kind.__name__.replace("_", " ") for kind in (*fuzz_intake.OF_CELLS, *fuzz_intake.OF_BYTES)
    }


def test_the_same_seed_gives_the_same_notebooks(found):
    again = list(fuzz_intake.outcomes(8, seed=1))
    assert [one.data for one in again] == [one.data for one in found[:8]]
    other = fuzz_intake.outcomes(8, seed=2)
    assert [one.data for one in other] != [one.data for one in again]


def test_a_notebook_without_damage_has_all_its_answers(tmp_path):
    book = fuzz_intake.solved("02")
    (tmp_path / "ann.ipynb").write_text(json.dumps(book), encoding="utf-8")
    [one], refused = intake.collect(tmp_path, [intake.Student("ann")], exercises.lesson("02"))
    assert set(one.answers) == {each.id for each in exercises.lesson("02")} and not refused
    assert all(answer.attempted for answer in one.answers.values())


def test_a_crash_is_found_and_ends_with_1(monkeypatch, capsys):
    def broken(folder, roster, wanted):
        [file] = Path(folder, "ann").iterdir()
        if random.Random(len(file.read_bytes())).random() < 0.5:
            raise ZeroDivisionError
        return [], [intake.Refused("a", "it cannot be read: KeyError")]

    monkeypatch.setattr(fuzz_intake.intake, "collect", broken)
    assert fuzz_intake.main(["-n", "12", "--seed", "3"]) == 1
    said = capsys.readouterr().out
    assert "12 crashes" in said and "ZeroDivisionError" in said and "KeyError" in said


def test_nothing_that_is_neither_read_nor_refused_passes():
    one = fuzz_intake._outcome("", "a.ipynb", b"", lambda: ([], []))
    assert one.crash == "neither read nor refused"
