"""Lesson 16: the references against values worked out by hand."""

import numpy as np
from every_lesson import EveryLesson


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_only_the_frames_of_the_sound_itself_are_averaged(lesson):
    outputs = np.array([[[1.0], [3.0], [100.0]]])
    assert lesson.right("16.1", outputs, np.array([640])).tolist() == [[2.0]]  # two whole frames
    assert np.allclose(lesson.right("16.1", outputs, np.array([641])), 104 / 3)  # and a part of a third
    for (outputs, samples), right, *_ in lesson.cases("16.1"):
        assert (samples <= 320 * outputs.shape[1]).all() and not np.allclose(right, outputs.mean(axis=1))


def test_attention_is_a_weighted_average_of_the_values(lesson):
    same = np.zeros((2, 4))  # all scores equal: the plain mean
    assert np.allclose(lesson.right("16.2", same, same, np.array([[1.0], [3.0]])), 2)
    key = np.array([[np.log(3)], [0.0]])  # d = 1, so the weights are 3/4 and 1/4
    assert np.allclose(lesson.right("16.2", np.ones((1, 1)), key, np.array([[8.0], [4.0]])), 7)
    for (_, _, values), right, *_ in lesson.cases("16.2"):
        assert np.isfinite(right).all() and (right <= values.max(axis=0) + 1e-9).all()


def test_a_doubly_new_split_shares_neither_speaker_nor_sentence(lesson):
    for (speakers, sentences, speaker, sentence), (train, test), *_ in lesson.cases("16.3"):
        assert len(test) >= 2 and not set(speakers[train]) & {speaker}
        assert not set(sentences[train]) & {sentence} and len(train) + len(test) < len(speakers)


def test_an_honest_choice_never_looks_at_the_test_set(lesson):
    inner, correct, sizes = np.array([[0.6, 0.6], [0.1, 0.2]]), np.array([[1, 4], [2, 3]]), np.array([4, 4])
    chosen, honest, flattered = lesson.right("16.4", inner, correct, sizes)
    assert (chosen.tolist(), honest, flattered) == ([0, 1], 4 / 8, 7 / 8)
    for (inner, *_), (chosen, *_), *_ in lesson.cases("16.4"):
        assert (inner[np.arange(len(chosen)), chosen] == inner.max(axis=1)).all() and len(set(chosen)) > 1
