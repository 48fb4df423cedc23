"""The drawn faces' action units over time."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.synthetic import action_units, identity

RECORDING = {
    "emotion": "angry",
    "intensity": "strong",
    "statement": "dogs",
    "repetition": 1,
    "actor": 3,
    "gender": "male",
}
NAMES = list(action_units.UNITS)


def test_neutral_moves_nothing_and_the_others_move_known_units():
    assert action_units.EMOTIONS["neutral"] == {}
    assert len(action_units.EMOTIONS) == 8
    for units in action_units.EMOTIONS.values():
        assert set(units) <= set(NAMES) and all(0 < value <= 1 for value in units.values())
    assert {6, 12} <= set(action_units.EMOTIONS["happy"])  # Duchenne's smile
    assert {1, 4, 15} <= set(action_units.EMOTIONS["sad"])
    assert {1, 2, 5, 26} <= set(action_units.EMOTIONS["surprised"])


@pytest.mark.parametrize("emotion", action_units.EMOTIONS)
def test_time_course_rises_from_0_to_1_and_falls_back(emotion):
    course = action_units.time_course(emotion, 120)
    apex = int(np.argmax(course))
    assert course[0] == 0 and course[apex] == 1 and course[-1] == 0
    assert (np.diff(course[: apex + 1]) >= 0).all() and (np.diff(course[-30:]) <= 0).all()


def test_surprise_is_quicker_than_sadness():
    half = {e: int(np.argmax(action_units.time_course(e, 300) > 0.5)) for e in ("surprised", "sad")}
    assert half["surprised"] < half["sad"] / 2


def test_smoothstep_by_hand():
    np.testing.assert_allclose(
        action_units.smoothstep(np.array([-1, 0, 0.25, 0.5, 1, 2])), [0, 0, 0.15625, 0.5, 1, 1]
    )


def test_gains_stay_within_their_range_and_differ_between_actors():
    gains = np.array([action_units.gains(actor) for actor in range(1, 25)])
    assert gains.shape == (24, 17) and gains.min() >= 0.4 and gains.max() <= 1.4
    assert gains.std(axis=0).min() > 0.1


def test_a_neutral_recording_shows_the_resting_face_throughout():
    units = action_units.over_time(RECORDING | {"emotion": "neutral", "intensity": "normal"}, 90)
    np.testing.assert_array_equal(units, np.tile(action_units.resting(3), (90, 1)))


def test_strong_intensity_is_stronger_and_uses_the_actors_own_gains():
    strong, normal = (
        action_units.over_time(RECORDING | {"intensity": i}, 120).max(axis=0) - action_units.resting(3)
        for i in ("strong", "normal")
    )
    active = [NAMES.index(unit) for unit in action_units.EMOTIONS["angry"]]
    assert strong[active].sum() > 1.2 * normal[active].sum()
    assert (np.delete(strong, active) == 0).all()
    brow = NAMES.index(4)
    expected = action_units.gains(3)[brow] * identity.expressiveness(3)
    assert 0.84 * expected < strong[brow] < 1.16 * expected


def test_moves_by_hand():
    units = np.zeros((2, 19))
    units[1, NAMES.index(12)], units[1, 17] = 0.5, 1.0  # half a smile, the jaw wide open
    rest, smile = action_units.moves(units)
    assert set(rest.values()) == {0.0}
    assert smile["corner_y"] == pytest.approx(0.5 * action_units.MOVES["corner_y"][12])
    assert smile["opening"] == pytest.approx(action_units.MOVES["opening"]["jaw"])


@pytest.mark.parametrize(("field", "value"), [("emotion", "bored"), ("intensity", "mild")])
def test_an_unknown_emotion_or_intensity_is_named(field, value):
    with pytest.raises(CourseError, match=f"{field} '{value}'"):
        action_units.over_time(RECORDING | {field: value}, 90)
