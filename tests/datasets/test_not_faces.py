"""Pictures without a face: made alike every time, of many kinds, and nothing of the test in them."""

import numpy as np
import pytest
import skimage

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


@pytest.mark.parametrize("name", not_faces.PHOTOGRAPHS)
def test_every_photograph_comes_with_scikit_image(name, monkeypatch):
    monkeypatch.setattr(skimage.data._fetchers, "_image_fetcher", None)  # nothing can be downloaded
    image = not_faces._grey(name)
    assert image.dtype == np.uint8 and image.ndim == 2 and image.max() > 100


def test_people_are_left_out():
    assert not {"astronaut", "camera", "coins", "phantom", "lfw_subset", "skin"} & set(not_faces.PHOTOGRAPHS)


def test_a_crop_without_turn_and_edge_is_the_photograph(monkeypatch):
    """A photograph whose grey says where it is: a crop must be a straight piece of it."""
    x = np.add.outer(np.zeros(200), np.arange(200)).astype(np.uint8)
    monkeypatch.setattr(not_faces, "_photographs", lambda: ([not_faces._halved(x)], np.array([1.0])))

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
