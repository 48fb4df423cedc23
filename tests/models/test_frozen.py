"""Frozen networks for faces by name: called alike, and each fed with what it was trained on."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.models import face_identity, frozen, networks, vggface
from course_lib.models.backend import keras


def images(n, shape=(96, 96)):
    """Smooth colour images, uint8."""
    small = np.random.default_rng(0).integers(0, 256, (n, 6, 6, 3)).astype(np.float32)
    return np.asarray(keras.ops.image.resize(small, shape)).round().astype(np.uint8)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))


@pytest.mark.parametrize(
    "weights, named, maps",
    [
        ("random", "random weights", (3, 3, 512)),
        ("face_identity", "face_identity, frozen", (8, 8, 128)),
    ],
)
def test_each_gives_maps_says_its_name_and_takes_a_head(weights, named, maps):
    network = frozen.network(weights, (96, 96, 3))
    assert network.output_shape[1:] == maps and named in network.weights_name
    network.trainable = False
    whole = keras.Sequential([network, keras.layers.Flatten(), keras.layers.Dense(2)])
    whole.compile("adam", "mse")
    faces = images(3)
    embedded = vggface.embed(faces, network)
    assert embedded.shape == (3, *maps)
    np.testing.assert_allclose(
        networks.head(whole).predict_on_batch(embedded),
        whole.predict_on_batch(network.preprocess(faces)),
        rtol=1e-3,
        atol=1e-2,
    )


def test_face_identity_gives_the_features_of_its_preset():
    """On images of its own size the maps are those that `face_identity.features` pools."""
    faces = images(2, (150, 150))
    maps = vggface.embed(faces, frozen.face_identity((150, 150, 3)))
    wanted = face_identity.features(face_identity.build(), faces, pool=1)
    np.testing.assert_allclose(maps.reshape(2, -1), wanted, rtol=1e-3, atol=1e-3)


def test_face_identity_looks_at_the_middle_square_of_a_wide_image():
    wide = np.zeros((1, 100, 180, 3), np.uint8)
    wide[:, :, 40:140] = images(1, (100, 100))
    wide[:, :, :40] = 255
    of_wide = vggface.embed(wide, frozen.face_identity((100, 180, 3)))
    of_square = vggface.embed(wide[:, :, 40:140], frozen.face_identity((100, 100, 3)))
    np.testing.assert_allclose(of_wide, of_square, rtol=1e-3, atol=1e-3)


def test_another_layer_and_a_frozen_network():
    network = frozen.face_identity((96, 96, 3), "conv64_3")
    assert network.output_shape[-1] == 64 and not network.trainable_weights


def test_missing_vggface_is_an_error_and_nothing_takes_its_place():
    with pytest.raises(CourseError, match="course fetch vggface"):
        frozen.network("vggface", (96, 96, 3))
