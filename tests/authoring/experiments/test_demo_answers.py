"""What the demo answers for files: summaries of moments and the demo's first rule, worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from course_lib.authoring.experiments import demo_answers
from course_lib.core.labels import EMOTIONS
from course_lib.demo.moments import NOTHING, UNSURE


def moments_of(face, voice, fused, answers, seconds):
    """A table as from `moments.analyse`; each of the first three maps emotions to columns of numbers."""
    table = pd.DataFrame({"answer": answers, "second": seconds})
    for name, found in (("face", face), ("voice", voice), ("fused", fused)):
        for emotion in EMOTIONS:
            table[f"{name}_{emotion}"] = found.get(emotion, 0.0) if found else np.nan
    return table


def test_moments_are_summarised_by_hand():
    fused = {"happy": [0.9, 0.4, 0.8, np.nan], "sad": [0.1, 0.6, 0.2, np.nan]}
    fused |= {emotion: [0, 0, 0, np.nan] for emotion in EMOTIONS if emotion not in fused}
    table = moments_of(fused, None, fused, ["happy", UNSURE, "happy", NOTHING], ["sad", "happy", "sad", ""])
    found = demo_answers.summary(table, ["happy", "neutral"])
    expected = {
        "answered": 0.5,
        "answer": "happy",
        "first_guess": "happy",
        "second": "sad",
        "plausible": True,
    }
    assert found == expected
    assert demo_answers.summary(table, ["sad"])["plausible"] is False
    assert demo_answers.summary(table, [])["plausible"] is None
    silent = demo_answers.summary(table.iloc[[3]], ["happy"])
    assert silent == {"answered": 0, "answer": None, "first_guess": None, "second": None, "plausible": False}


def test_the_first_rule_by_hand(monkeypatch):
    # Happy: 0.6 * 1 + 0.2 * 0.5 = 0.7; sad: 0.4 * 0.5 + 0.8 * 0.5 = 0.6. So happy is 0.7 / 1.3 = 0.54, 6/7 of
    # it from the face; the threshold is 6/7 * 0.5 + 1/7 * 0.9 = 0.557, and 0.486 with 0.4 for the voice.
    happy_sad = [EMOTIONS.index("happy"), EMOTIONS.index("sad")]
    scores = {"face": np.zeros(7), "voice": np.zeros(7)}
    scores["face"][happy_sad], scores["voice"][happy_sad] = [1, 0.5], [0.5, 0.5]
    face, voice = {"happy": [0.6, 0.6], "sad": [0.4, 0.4]}, {"happy": [0.2, np.nan], "sad": [0.8, np.nan]}
    voice |= {emotion: [0, np.nan] for emotion in EMOTIONS if emotion not in voice}
    table = moments_of(face, voice, face, ["sad", "happy"], ["happy", "sad"])
    for threshold, answer in ((0.9, UNSURE), (0.4, "happy")):
        fitted = {
            name: {
                "temperature": 1,
                "threshold": line,
                "f_scores": scores[name].tolist(),
                "priors": [1 / 7] * 7,
            }
            for name, line in (("face", 0.5), ("voice", threshold))
        }
        monkeypatch.setattr(demo_answers.results, "read", lambda name, fitted=fitted: fitted)
        found = demo_answers.first_rule(table)
        assert found["answer"].tolist() == [answer, "happy"]  # the second moment has a face alone
        assert found["second"].tolist() == ["sad", "sad"]
        assert found["fused_happy"].tolist() == [pytest.approx(0.7 / 1.3), 0.6]
    assert table["answer"].tolist() == ["sad", "happy"]  # the table given is left as it was


def test_files_of_which_nothing_is_known_are_not_counted():
    yes, no = {"plausible": True}, {"plausible": False}
    files = [
        {"shows": ["sad"], "now": yes, "before": no},
        {"shows": [], "now": {"plausible": None}, "before": {"plausible": None}},
    ]
    assert demo_answers.plausible(files) == {"n": 1, "now": 1, "before": 0}
