"""dlib's face network in Keras: the same numbers as dlib's, named layers, aligned faces, damaged files."""

import json

import cv2
import numpy as np
import pytest

from course_lib import faces
from course_lib.authoring.experiments.identity import DLIB
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded, london
from course_lib.models import face_identity
from course_lib.models.backend import keras

FOLDER = embedded.folder("london")
THEIRS = json.loads(DLIB.read_text(encoding="utf-8"))["photographs"]


def cosines(one, other):
    return (one * other).sum(axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)


@pytest.fixture(scope="module")
def network():
    return face_identity.build()


@pytest.fixture(scope="module")
def images():
    paths = [FOLDER / "images" / f"{name}.jpg" for name in THEIRS]
    return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in paths]


@pytest.fixture(scope="module")
def chips(images):
    return face_identity.align(images, [one["points"] for one in THEIRS.values()])


# --- the network ---


def test_the_128_numbers_are_dlibs_own(network, chips):
    """8-bit weights and another arithmetic change the angle by less than two degrees."""
    ours = face_identity.features(network, chips, "identity")
    theirs = np.array([one["vector"] for one in THEIRS.values()])
    assert ours.shape == theirs.shape == (8, 128) and ours.dtype == np.float32
    assert cosines(ours, theirs).min() >= 0.9995
    assert np.linalg.norm(ours - theirs, axis=1).max() < 0.05  # two people are 0.6 and more apart


def test_the_stored_points_give_dlibs_numbers_too(network, images):
    """The five points of the London set are finer than the whole pixels that dlib uses."""
    table = london.table(FOLDER).set_index("recording").loc[list(THEIRS)].reset_index()
    ours = face_identity.features(
        network, face_identity.align(images, london.points(table)), layer="identity"
    )
    assert cosines(ours, np.array([one["vector"] for one in THEIRS.values()])).min() >= 0.999


def test_dlib_itself_gives_the_stored_numbers(images):
    """Only where dlib is installed: the course does not need it."""
    dlib, models = (pytest.importorskip(name) for name in ("dlib", "face_recognition_models"))
    theirs = dlib.face_recognition_model_v1(models.face_recognition_model_location())
    for image, one in zip(images, THEIRS.values(), strict=True):
        points = dlib.points([dlib.point(x, y) for x, y in one["points"]])
        points = dlib.full_object_detection(dlib.rectangle(0, 0, 349, 349), points)
        chip = dlib.get_face_chip(image, points, size=150, padding=0.25)
        assert np.abs(face_identity.align(image, one["points"]).astype(int) - chip).max() <= 5
        found = np.array(theirs.compute_face_descriptor(chip))
        assert np.allclose(found, one["vector"], atol=1e-3)


def test_layers_have_their_names_and_shapes(network, chips):
    found = face_identity.features_of_layers(network, chips[:2], pool=1)
    assert tuple(found) == face_identity.LAYERS
    sides = {"conv32_3": 35, "conv64_3": 17, "conv128_2": 8, "conv256_2": 4}
    for name, side in sides.items():
        channels = int(name.removeprefix("conv").split("_")[0])
        assert found[name].shape == (2, side * side * channels)
    assert found["average"].shape == (2, 256) and found["identity"].shape == (2, 128)
    assert all((one >= 0).all() for name, one in found.items() if name != "identity")  # ReLU


def test_the_last_layers_follow_from_the_one_below(network, chips):
    found = face_identity.features_of_layers(network, chips, ("conv256_down_out", "average", "identity"), 1)
    maps = found["conv256_down_out"].reshape(8, 2, 2, 256)
    assert np.allclose(maps.mean(axis=(1, 2)), found["average"], atol=1e-6)
    assert np.allclose(found["average"] @ face_identity.read()["fc"], found["identity"], atol=1e-5)


@pytest.mark.parametrize("side", [2, 3, 4])
def test_maps_are_averaged_over_windows(network, chips, side):
    maps = face_identity.features(network, chips[:1], "conv64_3", pool=1).reshape(17, 17, 64)
    starts = range(0, 17, side)
    expected = [maps[y : y + side, x : x + side].mean(axis=(0, 1)) for y in starts for x in starts]
    found = face_identity.features(network, chips[:1], "conv64_3", pool=side)
    assert np.allclose(found[0], np.concatenate(expected), atol=1e-5)


def test_many_images_are_the_same_as_one_by_one(network, chips):
    many = np.concatenate([chips] * 5)  # more than one batch
    found = face_identity.features(network, many, "identity")
    assert found.shape == (40, 128) and np.allclose(found[:8], found[32:], atol=1e-5)
    one = face_identity.features(network, chips[3:4], "identity")
    assert np.allclose(one, found[3:4], atol=1e-5)


def test_grey_and_small_faces_are_accepted(network, chips):
    grey = np.stack([cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY) for chip in chips])
    same = face_identity.features(network, np.repeat(grey[..., np.newaxis], 3, axis=3), "identity")
    assert np.array_equal(face_identity.features(network, grey, "identity"), same)
    small = np.stack([cv2.resize(one, (48, 48), interpolation=cv2.INTER_AREA) for one in grey])
    assert cosines(face_identity.features(network, small, "identity"), same).min() > 0.9


@pytest.mark.parametrize(
    "images, options, expected",
    [
        (np.zeros((2, 150, 150, 3)), {}, "uint8 faces"),
        (np.zeros((150, 150), np.uint8), {}, "uint8 faces"),
        (np.zeros((150, 150, 3), np.uint8), {}, r"write images\[None\]"),
        (np.zeros((0, 150, 150), np.uint8), {}, "uint8 faces"),
        (np.zeros((1, 150, 150, 4), np.uint8), {}, "uint8 faces"),
        (np.zeros((1, 150, 150), np.uint8), {"layer": "conv64_4"}, "Did you mean 'conv64_"),
        (np.zeros((1, 150, 150), np.uint8), {"pool": 0}, "whole number of at least 1"),
    ],
)
def test_other_arguments_are_one_clear_error(network, images, options, expected):
    with pytest.raises(CourseError, match=expected):
        face_identity.features(network, images, **options)


def test_the_network_is_plain_keras(network, tmp_path, chips):
    """It can be saved and loaded without this course's code, so it holds no layers of our own."""
    network.save(tmp_path / "network.keras")
    again = keras.models.load_model(tmp_path / "network.keras")
    x = chips[:2].astype(np.float32)
    assert np.allclose(again.predict_on_batch(x), network.predict_on_batch(x), atol=1e-6)
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    assert len(convolutions) == 29 and network.count_params() == 5_607_488  # scales are folded in


# --- the weights ---


def test_random_weights_are_the_same_each_time_and_keep_images_apart(chips):
    one, other = (face_identity.build("random") for _ in range(2))
    found = face_identity.features_of_layers(one, chips)
    assert all(np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True))
    for name, features in found.items():
        assert np.isfinite(features).all() and features.std(axis=0).mean() > 0.2 * features.std(), name


def damaged(kind, path):
    if kind == "missing":
        return
    content = face_identity.WEIGHTS.read_bytes()
    if kind == "one byte":
        content = content[:2_000_000] + bytes([content[2_000_000] ^ 1]) + content[2_000_001:]
    path.write_bytes(content[:1_000_000] if kind == "cut" else content)
    if kind in ("another shape", "without an array", "without scales", "infinite"):
        with np.load(face_identity.WEIGHTS) as file:
            arrays = dict(file)
        if kind == "without an array":
            arrays.pop("fc")
        elif kind == "without scales":
            arrays.pop("scale_and_offset")
        elif kind == "infinite":
            arrays["scale_and_offset"][7, 0] = np.inf
        else:
            arrays["fc"] = arrays["fc"].T
        np.savez(path, **arrays)


@pytest.mark.parametrize(
    "kind",
    ["missing", "cut", "one byte", "another shape", "without an array", "without scales", "infinite"],
)
def test_a_damaged_file_is_one_clear_error(kind, tmp_path):
    path = tmp_path / "weights.npz"
    damaged(kind, path)
    with pytest.raises(CourseError, match=r"weights\.npz: .*Install the course again"):
        face_identity.build(path)


def test_the_file_is_small_and_its_licences_are_beside_it():
    assert face_identity.WEIGHTS.stat().st_size <= 6_500_000
    texts = {
        kind: face_identity.WEIGHTS.with_name(f"face_identity.{kind}.txt") for kind in ("CC0-1.0", "MIT")
    }
    assert texts["CC0-1.0"].read_text().startswith("CC0 1.0 Universal")
    assert texts["MIT"].read_text().startswith("MIT License")


def test_the_card_says_where_the_training_images_come_from():
    text = face_identity.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    for expected in (
        "Davis King",
        "VGG-Face and FaceScrub",
        "before any commercial use",
        "keeps no embedding",
    ):
        assert expected in text.replace("\n", " ")


# --- aligned faces ---


def test_five_points_lie_where_the_network_expects_them(images):
    """A mark at each point of the photograph is found at the point's place in the aligned face."""
    points = np.array(THEIRS["001_neutral"]["points"])
    marks = np.zeros((5, 350, 350), np.uint8)
    for mark, (x, y) in zip(marks, points, strict=True):
        mark[y, x] = 255
    expected = (np.array(face_identity.MEAN_FACE) + 0.25) / 1.5 * 150
    for mark, place in zip(marks, expected, strict=True):
        found = face_identity.align(mark, points)
        y, x = np.unravel_index(found.argmax(), found.shape)
        assert np.hypot(x - place[0], y - place[1]) < 5


def turned(image, points, degrees, scale):
    matrix = cv2.getRotationMatrix2D((175, 175), degrees, scale)
    image = cv2.warpAffine(image, matrix, (350, 350), flags=cv2.INTER_CUBIC)
    return image, np.array(points) @ matrix[:, :2].T + matrix[:, 2]


@pytest.mark.parametrize("degrees, scale", [(25, 1), (-40, 1), (90, 0.9), (0, 0.35)])
def test_a_turned_or_smaller_face_is_aligned_alike(network, images, chips, degrees, scale):
    image, points = turned(images[0], THEIRS["001_neutral"]["points"], degrees, scale)
    again = face_identity.align(image, points)
    assert again.shape == (150, 150, 3)
    vectors = face_identity.features(network, np.stack([chips[0], again]), "identity")
    assert cosines(vectors[:1], vectors[1:])[0] > (0.99 if scale > 0.5 else 0.95)


def test_a_large_photograph_is_made_smaller_first(network, images, chips):
    large = cv2.resize(images[0], (2100, 2100), interpolation=cv2.INTER_CUBIC)
    points = (np.array(THEIRS["001_neutral"]["points"]) + 0.5) * 6 - 0.5
    again = face_identity.align(large, points)
    assert np.abs(again.astype(int) - chips[0]).mean() < 3


def test_what_is_outside_the_image_is_black():
    chip = face_identity.align_by_box(np.full((100, 100), 255, np.uint8), (0, 0, 100, 100))
    assert chip.shape == (150, 150) and chip[75, 75] == 255 and chip[-1, 75] == 0


def test_one_image_and_many_are_aligned_alike(images, chips):
    points = [one["points"] for one in THEIRS.values()]
    assert chips.shape == (8, 150, 150, 3) and chips.dtype == np.uint8
    assert np.array_equal(face_identity.align(images[2], points[2]), chips[2])


def test_a_box_of_the_face_detector_is_nearly_as_good(network, images, chips):
    by_box = np.stack([face_identity.align_by_box(image, faces.largest(image)) for image in images])
    one, other = (face_identity.features(network, some, "identity") for some in (chips, by_box))
    assert cosines(one, other).min() > 0.95


@pytest.mark.parametrize(
    "points",
    [np.zeros((5, 2)), np.zeros((4, 2)), np.full((5, 2), np.nan), np.zeros(10)],
)
def test_points_that_are_no_face_are_one_clear_error(points):
    with pytest.raises(CourseError, match="five different points"):
        face_identity.align(np.zeros((350, 350, 3), np.uint8), points)


def test_each_image_needs_its_points(images):
    with pytest.raises(CourseError, match="8 images and 7 times five points"):
        face_identity.align(images, [one["points"] for one in THEIRS.values()][:7])


def test_a_missing_box_is_one_clear_error():
    with pytest.raises(CourseError, match="no face was found"):
        face_identity.align_by_box(np.zeros((350, 350, 3), np.uint8), None)
    with pytest.raises(CourseError, match="four finite numbers"):
        face_identity.align_by_box(np.zeros((350, 350, 3), np.uint8), (1, 2, 3))
