"""Everything that is trained, by one call; and what the table of presets says of it before it is loaded."""

import doctest

import numpy as np
import pytest

from course_lib import results
from course_lib.core.errors import CourseError
from course_lib.models import (
    face_identity,
    face_networks,
    from_preset,
    presets,
    speech_encoder,
    vggface,
    voices,
    zoo,
)
from course_lib.models.backend import keras

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)
SOUNDS = np.random.default_rng(0).normal(0, 0.1, (2, 16000)).astype(np.float32)
SHIPPED = ("face_or_not", "emotion_net", "emotion_net_raters", "voice")
# Parameters of the networks that the course did not train, counted in the network or in the file.
COUNTED = {
    "vgg_face": lambda: vggface.VGGFace(False, weights="random", input_shape=(48, 48, 3)).count_params(),
    "face_identity": lambda: sum(array.size for array in face_identity.read().values()),
    "whisper_base_encoder": lambda: speech_encoder.build().count_params(),
    "emotion_net_raters": lambda: results.read("emotion_net")["parameters"],  # one file, one training
}


@pytest.fixture(autouse=True)
def nothing_trained_here(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))


@pytest.fixture(scope="module", params=SHIPPED)
def shipped(request):
    return from_preset(request.param)


def test_examples_in_the_docstrings_run():
    assert doctest.testmod(zoo).failed == doctest.testmod(presets).failed == 0


def test_what_comes_with_the_course_answers_with_probabilities_of_its_classes(shipped):
    probabilities = shipped.predict(SOUNDS if shipped.preset.kind == "voice" else FACES)
    assert probabilities.shape[1] == len(shipped.classes) == len(shipped.preset.classes)
    if shipped.name != "face_or_not":  # its last activation is a sigmoid: rows need not add up to 1
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", presets.OUTPUTS)
def test_the_last_layer_on_the_features_gives_the_answer(name):
    network = from_preset(name)
    assert network.features(FACES).shape == (3, 256)
    last = network.network.layers[-1]
    again = keras.ops.convert_to_numpy(last(network.features(FACES)))
    assert np.allclose(again, network.predict(FACES, tta=0), atol=1e-5)


def test_the_classifier_on_the_features_of_a_voice_gives_the_answer():
    voice = from_preset("voice")
    sums = voice.features(SOUNDS) @ voice.network.weights + voice.network.bias
    again = np.exp(sums) / np.exp(sums).sum(axis=1, keepdims=True)
    assert np.allclose(again, voice.predict(SOUNDS))
    assert np.allclose(
        again[0],
        voices.probabilities(voice.network, voices.describe(SOUNDS[0])),
    )


def test_both_outputs_of_a_network_stand_on_the_same_features():
    label, raters = (from_preset(name) for name in presets.OUTPUTS)
    assert np.array_equal(label.features(FACES), raters.features(FACES)) and label.card == raters.card
    assert "contempt" in raters.classes and "contempt" not in label.classes


def test_each_card_is_of_its_own_network(shipped):
    assert (
        shipped.card.startswith(f"# {shipped.name.removesuffix('_raters')}\n")
        and "must not be used for" in shipped.card
    )


@pytest.mark.parametrize("name", presets.PRESETS)
def test_the_table_says_how_many_parameters_there_are(name):
    trained = lambda: results.read(name)["parameters"]  # counted when it was trained
    assert presets.table().loc[name, "parameters"] == COUNTED.get(name, trained)()


def test_every_network_that_can_be_trained_is_a_preset():
    assert set(presets.RECIPES) <= set(presets.PRESETS)
    assert set(presets.NAMES.values()) == set(SHIPPED) - {"voice", "emotion_net_raters"}


@pytest.mark.parametrize("name", presets.OUTPUTS)
def test_random_weights_are_the_same_each_time_and_others_than_the_trained_ones(name):
    one, other = (from_preset(name, weights="random") for _ in range(2))
    assert np.array_equal(one.features(FACES), other.features(FACES))
    assert one.classes == presets.PRESETS[name].classes
    assert not np.allclose(one.features(FACES), from_preset(name).features(FACES))


def test_weights_of_a_file_or_folder_are_those_that_are_loaded(tmp_path):
    network = face_networks.build("face_or_not")
    face_networks.save(network, tmp_path / "mine" / "weights.npz")
    expected = face_networks.predict(face_networks.load(tmp_path / "mine"), FACES)
    for found in (
        from_preset(tmp_path / "mine"),
        from_preset("face", weights=tmp_path / "mine" / "weights.npz"),
    ):
        assert found.name == "face_or_not" and np.array_equal(found.predict(FACES), expected)


def test_a_preset_by_name_is_what_comes_with_the_course_whatever_was_trained_here(tmp_path):
    face_networks.save(
        face_networks.build("face_or_not"), tmp_path / "models" / "face_or_not" / "weights.npz"
    )
    shipped = face_networks.load(presets.SHIPPED / "face_or_not.npz")
    assert np.array_equal(from_preset("face").predict(FACES), face_networks.predict(shipped, FACES))


def test_a_classifier_for_voices_of_ones_own_is_loaded_from_its_folder(tmp_path):
    (tmp_path / "mine").mkdir()
    shipped = voices.load()
    np.savez(tmp_path / "mine" / "weights.npz", weights=2 * shipped.weights, bias=shipped.bias)
    for found in (from_preset(tmp_path / "mine"), from_preset("voice", weights=tmp_path / "mine")):
        assert found.name == "voice" and np.array_equal(found.network.weights, 2 * shipped.weights)


def test_vgg_face_gives_features_for_images_of_any_size_and_no_probabilities():
    vgg = from_preset("vgg_face", weights="random")
    images = np.zeros((1, 64, 96, 3), np.uint8)
    assert vgg.features(images).shape == (1, 2, 3, 512) and vgg.classes == ()
    with pytest.raises(CourseError, match="without the layers that name people"):
        vgg.predict(images)


def test_face_identity_gives_features_of_named_layers_and_no_probabilities():
    network = from_preset("face_identity")
    assert network.features(FACES).shape == (3, 2048) and network.classes == ()
    assert network.features(FACES, layer="identity").shape == (3, 128)
    assert network.card.startswith("# face_identity\n") and "must not be used for" in network.card
    with pytest.raises(CourseError, match="compares nobody with anybody"):
        network.predict(FACES)
    random = from_preset("face_identity", weights="random")
    assert "Untrained" in random.card
    assert not np.allclose(random.features(FACES), network.features(FACES))


@pytest.mark.parametrize(
    "name, weights, expected",
    [
        ("emotoin", None, "there is no such preset, file or folder. Did you mean 'emotion'"),
        ("vgg_face", None, "course fetch vggface"),
        ("gudi_cnn", None, "course train gudi_cnn"),
        ("voice", "random", "no random weights"),
        ("emotion_net", presets.SHIPPED / "face_or_not.npz", "weights of face_or_not"),
        ("emotion_net", "nowhere/weights.npz", "no such file"),
        ("face_identity", "nowhere/weights.npz", "cannot be read as weights"),
    ],
)
def test_what_is_not_there_says_how_to_get_it(name, weights, expected):
    with pytest.raises(CourseError, match=expected):
        from_preset(name, weights)
