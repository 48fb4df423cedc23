"""Pictures without a face: made alike every time, of many kinds, and nothing of the test in them."""

import numpy as np
import pytest
import skimage

from course_lib import faces
from course_lib.datasets import not_faces


@pytest.fixture(scope="module")
def images():
    return not_faces.not_faces(300, seed=1)


def test_they_are_faces_in_shape_and_the_same_every_time(images):
    assert images.shape == (300, 48, 48) and images.dtype == np.uint8
    np.testing.assert_array_equal(not_faces.not_faces(30, seed=1), images[:30])
    assert (not_faces.not_faces(30, seed=2) != images[:30]).any(axis=(1, 2)).sum() > 25


def test_hardly_two_are_the_same(images):
    assert len({image.tobytes() for image in images}) > 285  # a few are one colour


def test_they_are_dark_and_bright_sharp_and_blurred_plain_and_full(images):
    means, spreads = images.mean(axis=(1, 2)), images.std(axis=(1, 2))
    steps = np.abs(np.diff(images.astype(int), axis=2)).mean(axis=(1, 2))
    for values, low, high in ((means, 40, 200), (spreads, 5, 55), (steps, 1, 12)):
        assert 0.05 < (values < low).mean() < 0.5
        assert 0.03 < (values > high).mean() < 0.5


@pytest.mark.parametrize("name", not_faces.ALL)
def test_every_photograph_comes_with_scikit_image(name, monkeypatch):
    monkeypatch.setattr(skimage.data._fetchers, "_image_fetcher", None)  # nothing can be downloaded
    image = not_faces._grey(name)
    assert image.dtype == np.uint8 and image.ndim == 2 and image.max() > 100


def test_people_are_left_out():
    assert not {"astronaut", "camera", "coins", "phantom", "lfw_subset", "skin"} & set(not_faces.PHOTOGRAPHS)


def test_a_crop_without_turn_and_edge_is_the_photograph(monkeypatch):
    """A photograph whose grey says where it is: a crop must be a straight piece of it."""
    x = np.add.outer(np.zeros(200), np.arange(200)).astype(np.uint8)
    monkeypatch.setattr(not_faces, "_photographs", lambda names: ([not_faces._halved(x)], np.array([1.0])))

    class Rng:
        def choice(self, values, p=None):
            return 0 if p is not None else values[-1]

        def uniform(self, low=0.0, high=1.0):
            return 100.0 if high > 100 else np.log(96.0) if low == np.log(12) else 0.5

        def normal(self, *_):
            return 0.0

    crop = not_faces._crop(Rng())  # 96 pixels about column 100, two to each of the crop
    np.testing.assert_allclose(crop[20], 53 + 2 * np.arange(48), atol=1.1)


@pytest.mark.parametrize(
    "make", [not_faces._crop, not_faces._two_crops, *not_faces.PATTERNS], ids=lambda make: make.__name__
)
def test_each_kind_is_a_picture(make):
    pictures = [make(np.random.default_rng(i)) for i in range(40)]
    assert all(picture.shape == (48, 48) and picture.dtype == np.float32 for picture in pictures)
    assert np.isfinite(pictures).all() and np.min(pictures) > -10 and np.max(pictures) < 265
    assert np.std(pictures, axis=0).mean() > 10


def test_pieces_of_faces_come_in_where_faces_are_given(images):
    faces = np.random.default_rng(0).integers(0, 256, (5, 48, 48), np.uint8)
    before, pieces = faces.copy(), not_faces.not_faces(300, seed=1, faces=faces)
    changed = (pieces != images).any(axis=(1, 2)).mean()
    assert 0.05 < changed < 0.16  # one in ten, the others as without
    np.testing.assert_array_equal(faces, before)


def test_no_piece_is_the_whole_face_and_each_is_of_it():
    face = (np.add.outer(np.arange(48), np.zeros(48)) + 100).astype(np.uint8)  # 100 at the top to 147
    pieces = [not_faces._piece(np.random.default_rng(i), face[None]) for i in range(60)]
    assert all(np.abs(piece - face).max() > 5 for piece in pieces)
    tiled = [piece for piece in pieces if sorted(piece.ravel()) == sorted(face.ravel().tolist())]
    magnified = [piece for piece in pieces if 1 < np.ptp(piece) < 25 and piece.min() >= 99]
    assert len(tiled) > 8 and len(magnified) > 8


# --- hard negatives ---


@pytest.fixture(scope="module")
def hard():
    return not_faces.hard_negatives()


def test_hard_negatives_are_squares_of_all_photographs_but_too_plain_ones(hard):
    images, table = hard
    assert images.shape == (len(table), 48, 48) and images.dtype == np.uint8
    assert list(table) == ["photograph", "x", "y", "side", "turn", "found_by"]
    assert set(table["photograph"]) == set(not_faces.ALL)
    assert set(table["found_by"]) == {"haar", "lbp", "network"} and not table.duplicated().any()
    for name, squares in table.groupby("photograph"):
        height, width = not_faces._grey(name).shape
        middles = squares[["x", "y"]].to_numpy() + squares[["side"]].to_numpy() / 2
        assert (middles > 0).all() and (middles < (width, height)).all()
        assert squares["side"].between(24, min(height, width)).all()


def test_one_photograph_has_its_hard_negatives_alone(hard):
    images, table = hard
    found, rows = not_faces.hard_negatives(["coffee"])
    assert set(rows["photograph"]) == {"coffee"}
    np.testing.assert_array_equal(found, images[table["photograph"] == "coffee"])


def test_an_upright_square_is_cut_as_faces_crop_does():
    coffee = not_faces._grey("coffee")
    for x, y, side in ((100, 0, 400), (30, 40, 77), (300, 100, 31)):
        cut = not_faces.cut_square(coffee, x, y, side).astype(int)
        assert np.abs(cut - faces.crop(coffee, (x, y, side, side))).mean() < 0.5


def test_a_square_is_turned_clockwise():
    noise = np.random.default_rng(0).integers(0, 256, (48, 48), np.uint8)
    for turns in range(4):
        turned = np.ascontiguousarray(np.rot90(noise, -turns))  # clockwise
        np.testing.assert_allclose(not_faces.cut_square(turned, 0, 0, 48, 90 * turns), noise, atol=2)


def test_a_fraction_are_hard_negatives_and_the_others_stay_as_they_are(images):
    mixed = not_faces.not_faces(300, seed=1, hard=0.15)
    same = (mixed == images).all(axis=(1, 2)).mean()
    assert same < 0.05  # the draw changes all of them
    np.testing.assert_array_equal(not_faces.not_faces(300, seed=1, hard=0.15), mixed)


def test_each_hard_negative_is_near_one_of_the_list(hard, monkeypatch):
    squares, cut = [], not_faces._square

    def recorded(levels, centre, side, *rest):
        squares.append((levels[0].shape, centre, side))
        return cut(levels, centre, side, *rest)

    monkeypatch.setattr(not_faces, "_square", recorded)
    assert not_faces.not_faces(80, seed=2, hard=1.0).std(axis=(1, 2)).mean() > 15
    table = hard[1].assign(shape=[not_faces._levels(name)[0].shape for name in hard[1]["photograph"]])
    middles, sides = table[["x", "y"]].to_numpy() + table[["side"]].to_numpy() / 2, table["side"].to_numpy()
    for shape, centre, side in squares:
        near = (np.abs(middles - centre) <= 0.08 * sides[:, None] + 1).all(axis=1)
        near &= np.abs(np.log(side / sides)) <= 0.12 + 1e-9
        assert any(found == shape for found in table["shape"][near])
    assert len(squares) == 80 and len({tuple(centre) for _, centre, _ in squares}) == 80


def test_a_photograph_that_is_left_out_is_in_no_image(monkeypatch):
    """Of three photographs, black, grey and white, the white one is left out."""
    greys = {"brick": 0, "cell": 100, "moon": 255}
    for cached in (not_faces._photographs, not_faces._levels, not_faces._hard_rows):
        cached.cache_clear()
    monkeypatch.setattr(not_faces, "_grey", lambda name: np.full((200, 200), greys[name], np.uint8))
    monkeypatch.setattr(not_faces, "_photographed", lambda rng, picture: picture.astype(np.uint8))
    monkeypatch.setattr(not_faces, "FRACTIONS", {"crop": 0.5, "two crops": 0.0, "piece of a face": 0.5})
    white = np.full((1, 48, 48), 50, np.uint8)
    made = not_faces.not_faces(200, faces=white, hard=0.3, photographs=["brick", "cell"])
    for cached in (not_faces._photographs, not_faces._levels, not_faces._hard_rows):
        cached.cache_clear()
    assert made.max() <= 100 and (made == 100).any()


def test_the_real_test_is_scikit_images_own():
    images, labels = not_faces.lfw_test()
    assert images.shape == (200, 48, 48) and images.dtype == np.uint8
    assert labels.tolist() == [1] * 100 + [0] * 100
    small = skimage.data.lfw_subset()
    np.testing.assert_allclose(images.mean(axis=(1, 2)) / 255, small.mean(axis=(1, 2)), atol=0.02)
    assert (
        np.corrcoef(images[7, 1::2, 1::2].ravel(), skimage.transform.resize(small[7], (24, 24)).ravel())[0, 1]
        > 0.97
    )
