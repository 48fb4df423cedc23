"""The networks computed with NumPy against the same networks in Keras, on real faces."""

import numpy as np
import pytest

from course_lib import faces
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.media import video
from course_lib.models import attribution, forward, from_preset, presets

PRESETS = ("emotion_net", "emotion_net_raters", "face_or_not")


@pytest.fixture(scope="module")
def crops():
    """24 crops of faces of two embedded films, and 8 of their backgrounds."""
    found = []
    for name in ("01-01-01-01-01-01-01.mp4", "01-01-08-02-02-02-01.mp4"):
        for frame in video.stream(embedded.folder("ravdess") / "Actor_01" / name, every=8):
            box = faces.largest(frame)
            found += [] if box is None else [faces.crop(frame, box)]
    walls = [faces.crop(frame, (20 * step, 10, 90, 90)) for step in range(8)]
    assert len(found) >= 20
    return np.stack([*found[:24], *walls])


@pytest.mark.parametrize("name", PRESETS)
def test_the_probabilities_and_features_are_those_of_keras(name, crops):
    network, keras = forward.load(name), from_preset(name)
    assert network.classes == keras.classes
    np.testing.assert_allclose(forward.predict(network, crops), keras.predict(crops, tta=0), atol=1e-5)
    np.testing.assert_allclose(forward.features(network, crops), keras.features(crops), atol=1e-4, rtol=1e-4)


def test_test_time_augmentation_is_that_of_keras(crops):
    network, keras = forward.load("emotion_net_raters"), from_preset("emotion_net_raters")
    expected = keras.predict(crops[:3], tta=2)
    np.testing.assert_allclose(forward.predict(network, crops[:3], tta=2), expected, atol=1e-5)


def test_the_class_activation_map_is_grad_cam_times_its_places(crops):
    network, keras = forward.load("emotion_net_raters"), from_preset("emotion_net_raters")
    some = crops[:4]
    classes = forward.predict(network, some).argmax(axis=1)
    expected = 36 * attribution.grad_cam(keras.network, some[..., np.newaxis], classes)
    np.testing.assert_allclose(forward.class_activation(network, some, classes), expected, atol=1e-3)
    assert expected.max() > 1


def test_more_faces_than_one_batch_keep_their_order(crops):
    network, many = forward.load("emotion_net"), np.concatenate([crops, crops[::-1]])
    found = forward.predict(network, many)
    np.testing.assert_allclose(found[: len(crops)], found[len(crops) :][::-1], atol=1e-6)


def test_weights_of_another_network_are_refused():
    with pytest.raises(CourseError, match="contains weights of face_or_not"):
        forward.load("emotion_net", presets.SHIPPED / "face_or_not.npz")


def test_damaged_weights_are_refused(tmp_path):
    with np.load(presets.SHIPPED / "emotion_net.npz") as file:
        arrays = dict(file)
    arrays["w5"] = arrays["w5"][0]
    np.savez(tmp_path / "weights.npz", **arrays)
    with pytest.raises(CourseError, match="do not fit"):
        forward.load("emotion_net", tmp_path)


@pytest.mark.parametrize("images", [np.zeros((1, 48, 48)), np.zeros((48, 48), np.uint8)])
def test_other_images_are_refused(images):
    with pytest.raises(CourseError, match="faces uint8"):
        forward.predict(forward.load("emotion_net"), images)


def test_face_or_not_has_no_class_activation_map(crops):
    with pytest.raises(CourseError, match="global average pooling"):
        forward.class_activation(forward.load("face_or_not"), crops[:1], [1])
