"""Random changes of faces: what stays, what may differ, and that a seed gives the same again."""

import numpy as np
import pytest

from course_lib.faces import augmentation

STILL = {"turn": 0, "zoom": 0, "shift": 0, "light": 0}


def faces(n=20, size=48):
    return np.random.default_rng(0).integers(0, 256, (n, size, size, 1)).astype(np.float32)


def augment(images, seed=0, **more):
    return augmentation.augment(images, np.random.default_rng(seed), **more)


def test_without_any_change_but_the_mirror_each_face_is_itself_or_its_mirror_image():
    images = faces()
    mirrored = [
        np.allclose(found, image[:, ::-1], atol=1e-3)
        for found, image in zip(augment(images, **STILL), images, strict=True)
    ]
    same = [
        np.allclose(found, image, atol=1e-3)
        for found, image in zip(augment(images, **STILL), images, strict=True)
    ]
    assert all(a != b for a, b in zip(mirrored, same, strict=True)) and 3 < sum(mirrored) < 17


def test_a_smaller_size_is_the_middle_of_the_image():
    image = np.repeat(faces(1) + faces(1)[:, :, ::-1], 4, axis=0) / 2  # its own mirror image
    assert np.allclose(augment(image, size=40, **STILL), image[:, 4:44, 4:44], atol=1e-3)


def test_the_middle_of_a_image_that_is_not_square_is_its_middle():
    ramp = np.broadcast_to(np.arange(40, dtype=np.float32)[:, None], (1, 60, 40, 1))
    assert augment(ramp, size=20, **STILL).mean() == pytest.approx(19.5, abs=1e-3)
    assert augment(ramp.transpose(0, 2, 1, 3), size=20, **STILL).mean() == pytest.approx(19.5, abs=1e-3)


def test_all_changes_stay_grey_levels_and_the_seed_gives_them_again():
    images = faces()
    kept = images.copy()
    one, again, other = (augment(images, seed, erase=0.5, blur=0.5) for seed in (1, 1, 2))
    assert one.shape == (20, 48, 48, 1) and one.dtype == np.float32 and one.min() >= 0 and one.max() <= 255
    assert np.array_equal(one, again) and not np.array_equal(one, other)
    assert np.array_equal(images, kept)


@pytest.mark.parametrize("change", ["turn", "zoom", "shift", "light"])
def test_each_change_alone_changes_something(change):
    images = faces()
    amount = 10 if change == "turn" else 0.3
    assert not np.allclose(augment(images, **STILL), augment(images, **STILL | {change: amount}), atol=5)


def test_a_turn_stays_within_its_limit():
    """A bright spot 20 pixels right of the middle: how far round it comes."""
    image = np.zeros((200, 48, 48, 1), np.float32)
    image[:, 23:25, 43:45] = 255
    found = augment(image, **STILL | {"turn": 15})[..., 0]
    y, x = np.mgrid[:48, :48] - 23.5
    weight = found.sum(axis=(1, 2))
    angle = np.rad2deg(
        np.arctan2((found * y).sum(axis=(1, 2)) / weight, np.abs((found * x).sum(axis=(1, 2)) / weight))
    )
    assert 12 < np.abs(angle).max() < 16


def test_an_erased_rectangle_is_grey_and_at_most_a_ninth_of_the_face():
    images = np.zeros((200, 48, 48, 1), np.float32)
    grey = (augment(images, erase=1, **STILL) == augmentation.GREY).mean(axis=(1, 2, 3))
    assert grey.min() >= 1 / 64 - 1e-9 and grey.max() <= 1 / 9 + 1e-9
    some = (augment(images, erase=0.3, **STILL) == augmentation.GREY).any(axis=(1, 2, 3))
    assert some.mean() == pytest.approx(0.3, abs=0.12)


def test_blur_removes_fine_detail_and_keeps_the_mean():
    images = faces()
    sharp, blurred = augment(images, **STILL), augment(images, blur=1, **STILL)
    assert blurred.std() < 0.8 * sharp.std() and blurred.mean() == pytest.approx(sharp.mean(), abs=3)
