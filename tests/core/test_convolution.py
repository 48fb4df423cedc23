"""Convolution and pooling with NumPy, and the limit to one core."""

import threading

import numpy as np
from scipy.signal import correlate
from threadpoolctl import threadpool_info

from course_lib.core import convolution


def threads():
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


def test_a_convolution_is_the_sum_over_its_window():
    rng = np.random.default_rng(0)
    x, kernel, bias = rng.normal(size=(2, 7, 6, 3)), rng.normal(size=(3, 3, 3, 4)), rng.normal(size=4)
    for padding, mode in ((0, "valid"), (1, "same")):
        found = convolution.convolution(x, kernel, bias, padding)
        for image, maps in zip(x, found, strict=True):
            for after in range(4):
                planes = [correlate(image[..., k], kernel[..., k, after], mode) for k in range(3)]
                np.testing.assert_allclose(maps[..., after], sum(planes) + bias[after])


def test_an_odd_row_is_left_out_of_the_maximum():
    assert convolution.max_pool(np.arange(15.0).reshape(1, 3, 5, 1))[0, :, :, 0].tolist() == [[6, 8]]


def test_the_limit_ends_with_the_block_also_with_several_threads():
    before, inside = threads(), []

    def product():
        for _ in range(20):
            with convolution.one_core():
                inside.append(max(threads()))

    workers = [threading.Thread(target=product) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(inside) == {1} and threads() == before
