"""Lesson 12: the references against course_lib's own functions, Keras, librosa, scikit-learn, and values by
hand.
"""

import librosa
import numpy as np
import pytest
from every_lesson import EveryLesson
from sklearn.metrics import recall_score

from course_lib import evaluation, features
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import savee
from course_lib.models import networks
from course_lib.models.backend import keras, layers


class TestExercises(EveryLesson):
    """See `EveryLesson`."""


def test_paths_are_read_as_the_course_reads_them(lesson):
    for case in lesson.cases_and_examples("12.1"):
        [paths] = case.arguments
        for path, row in zip(paths, case.right.tolist(), strict=True):
            try:
                fields = savee.parse_name(path)
            except CourseError:
                assert row == [-1, -1, -1], path
            else:
                assert row == [
                    savee.SPEAKERS.index(fields["actor"]),
                    EMOTIONS.index(fields["emotion"]),
                    fields["sentence"],
                ], path


def test_each_hidden_list_has_all_classes_in_both_layouts_and_names_that_are_refused(lesson):
    for case in lesson.hidden("12.1"):
        [paths], rows = case.arguments, case.right
        assert {*rows[:, 1].tolist()} == {-1, *range(7)} and (rows[:, 0] < 0).sum() >= 8
        assert {
            "_" in path.rpartition("/")[2] for path, row in zip(paths, rows, strict=True) if row[0] >= 0
        } == {True, False}


def parts(network, *kinds):
    return [each for each in network.layers if type(each).__name__ in kinds]


def test_iiitas_network_has_the_sizes_and_parameters_that_keras_says(lesson):
    network = networks.speech_cnn_lstm()
    sizes, parameters = lesson.shown("12.2")[0].right
    assert sizes.tolist() == [list(each.output.shape[1:]) for each in parts(network, "MaxPooling2D")]
    first = parts(network, "LSTM")[0]
    assert parameters == first.count_params() + sum(
        each.count_params() for each in parts(network, "Conv2D", "BatchNormalization")
    )


def test_where_several_bands_are_left_the_lstm_reads_all_of_them(lesson):
    for (bands, frames, filters, pools, units), (sizes, parameters), *_ in lesson.cases_and_examples("12.2"):
        blocks = [
            layer
            for count, pool in zip(filters, pools, strict=True)
            for layer in (
                layers.ZeroPadding2D(2),
                layers.Conv2D(count, 3),
                layers.BatchNormalization(),
                layers.MaxPooling2D(pool),
            )
        ]
        rows, columns, channels = sizes[-1].tolist()
        network = keras.Sequential(
            [
                keras.Input((bands, frames, 1)),
                *blocks,
                layers.Permute((2, 1, 3)),
                layers.Reshape((columns, rows * channels)),
                layers.LSTM(units),
            ]
        )
        assert sizes.tolist() == [list(each.output.shape[1:]) for each in parts(network, "MaxPooling2D")]
        assert parameters == network.count_params()


def test_a_small_lstm_by_hand(lesson):
    # 2 filters on 4 x 6: 2 * (9 + 1 + 4) = 28 parameters; 6 x 8, pooled to 3 x 4 x 2. Six numbers a step into
    # 1 unit.
    sizes, parameters = lesson.right("12.2", 4, 6, [2], [2], 1)
    assert sizes.tolist() == [[3, 4, 2]] and parameters == 28 + 4 * (6 + 1 + 1)


def test_the_picture_is_librosas(lesson):
    for (signal, length, hop, filters), right, *_ in lesson.cases_and_examples("12.3"):
        spectra = librosa.stft(signal, n_fft=length, hop_length=hop, pad_mode="constant")
        theirs = librosa.power_to_db(filters @ np.abs(spectra) ** 2)
        assert np.allclose(right, theirs, atol=1e-6)


def test_with_mel_filters_it_is_the_courses_picture(lesson):
    signal = np.random.default_rng(0).normal(0, 0.1, 8000)
    ours = features.log_mel_spectrogram(
        signal[np.newaxis], sr=8000, seconds=1, n_mels=20, n_fft=512, hop_length=128, fmax=4000
    )
    found = lesson.right("12.3", signal, 512, 128, features.mel_filters(8000, 512, 20))
    assert found == pytest.approx(ours[0, ..., 0], abs=1e-3)


def test_the_hidden_sounds_have_silence_that_is_cut(lesson):
    for case in lesson.hidden("12.3"):
        picture = case.right
        assert np.isclose(picture.max() - picture.min(), 80) and (picture > picture.min()).mean() > 0.2


def test_the_uar_is_the_courses_and_scikit_learns_in_each_draw(lesson):
    for (true, predicted, actors, draws), right, *_ in lesson.cases_and_examples("12.4"):
        uars = []
        for drawn in draws:
            rows = np.concatenate([np.flatnonzero(actors == actor) for actor in drawn])
            uars.append(
                recall_score(true[rows], predicted[rows], labels=np.unique(true[rows]), average="macro")
            )
        expected = (evaluation.unweighted_average_recall(true, predicted), *np.quantile(uars, [0.025, 0.975]))
        assert right == pytest.approx(expected)


def test_an_interval_by_hand(lesson):
    # Actor 1 is right in 1 of 2 of class 0 and in all of class 1, actor 2 shows class 0 alone and is right
    # once of 1.
    true, predicted, actors = np.array([0, 0, 1, 0]), np.array([0, 1, 1, 0]), np.array([1, 1, 1, 2])
    found = lesson.right("12.4", true, predicted, actors, np.array([[2, 2]]))
    assert found == pytest.approx(((2 / 3 + 1) / 2, 1, 1))


def test_in_some_hidden_draws_a_class_is_missing(lesson):
    for case in lesson.hidden("12.4"):
        true, _, actors, draws = case.arguments
        kinds = [len(np.unique(true[np.isin(actors, drawn)])) for drawn in draws]
        assert min(kinds) < max(kinds) == len(np.unique(true))


def test_one_step_is_that_of_kerass_lstm(lesson):
    for (x, h, c, W, U, b), (output, state), *_ in lesson.cases_and_examples("12.5"):
        units = len(h)
        lstm = layers.LSTM(units, return_state=True)
        lstm.build((1, 1, len(x)))
        lstm.set_weights([W, U, b])
        step = x[np.newaxis, np.newaxis].astype("float32")
        start = [h[np.newaxis].astype("float32"), c[np.newaxis].astype("float32")]
        _, keras_h, keras_c = lstm(step, initial_state=start)
        np.testing.assert_allclose(np.asarray(keras_h)[0], output, atol=1e-5)
        np.testing.assert_allclose(np.asarray(keras_c)[0], state, atol=1e-5)


def test_a_step_by_hand(lesson):
    # All gates are open halfway: half of the memory stays, and no content is added.
    output, state = lesson.right(
        "12.5", np.zeros(1), np.zeros(1), np.array([2.0]), *np.zeros((2, 1, 4)), np.zeros(4)
    )
    assert state == pytest.approx([1]) and output == pytest.approx([np.tanh(1) / 2])
