"""References, hidden inputs and near-misses of lesson 04."""

import math
from functools import partial

import numpy as np

from course_lib.exercises.compare import Tolerance
from course_lib.grading.bank import Private

# --- 04.1 ---


def head_parameters(shape, units):
    count, inputs = 0, shape[0] * shape[1] * shape[2]
    for layer in units:
        count, inputs = count + (inputs + 1) * layer, layer
    return count


def heads(rng, k):
    shape = [int(n) for n in (*rng.integers(2, 9, 2), rng.choice([64, 128, 256, 512]))]
    return shape, [int(n) for n in (*rng.integers(10, 1500, rng.integers(1, 4)), rng.integers(2, 9))]


def _chain(shape, units, bias=lambda inputs, units: units):
    inputs = [math.prod(shape), *units[:-1]]
    return sum(i * u + bias(i, u) for i, u in zip(inputs, units, strict=True))


# --- 04.2 ---

MEANS = (93.5940, 104.7624, 129.1863)  # blue, green, red


def face_input(images):
    return np.stack(
        [images[..., channel] - mean for channel, mean in zip((2, 1, 0), MEANS, strict=True)], axis=-1
    )


def photographs(rng, k):
    return (rng.integers(0, 256, (*rng.integers(2, 5, 1), *rng.integers(6, 20, 2), 3), np.uint8),)


# --- 04.3 ---


def images_needed(accuracy, baseline):
    # Wilson's interval holds b as long as (p - b)² <= z² b (1 - b) / n.
    return math.floor(_bound(baseline, accuracy - baseline)) + 1


def _bound(variance_at, difference, z=1.96):
    return z * z * variance_at * (1 - variance_at) / difference**2


def _counted(accuracy, baseline, inner=1.96**2, outer=1.96**2):
    """Wilson's formula with n = 1, 2, ...; `inner` and `outer` are its z² below the root and outside."""
    low, high, n = 0.0, 1.0, 0
    while low <= baseline <= high:
        n += 1
        spread = math.sqrt(1.96**2 * (accuracy * (1 - accuracy) / n + inner / (4 * n**2)))
        centre = (accuracy + 1.96**2 / (2 * n)) / (1 + 1.96**2 / n)
        low, high = centre - spread / (1 + outer / n), centre + spread / (1 + outer / n)
    return n


SLIPS = {1: {"inner": 2 * 1.96}, 2: {"outer": 2 * 1.96}}  # 2z in the place of z², which changes a small n


def claims(rng, k):
    # Case 0 has a baseline near 0. Cases 1 and 2 have a large difference, so a small n.
    baselines, differences = (
        ((0.02, 0.09) if k == 0 else (0.5, 0.8)),
        (0.15, 0.25) if k in SLIPS else (0.02, 0.07),
    )
    while True:
        difference = rng.uniform(*differences) * (1 if k == 0 else rng.choice([-1, 1]))
        baseline = rng.uniform(*baselines)
        accuracy = round(float(baseline + difference), 3)
        baseline = round(float(baseline), 3)
        if not 0 < accuracy < 1:
            continue
        # No n on the edge, where z = 1.96 and 1.959964 differ; and a textbook interval that is plainly
        # another.
        textbook, n = _bound(accuracy, accuracy - baseline), _bound(baseline, accuracy - baseline)
        edge = 0.01 if k in SLIPS else 0.2
        if edge < n % 1 < 1 - edge and int(textbook) != int(n):
            if k not in SLIPS or _counted(accuracy, baseline, **SLIPS[k]) != int(n) + 1:
                return accuracy, baseline


# --- 04.5: counted without Keras, because the probabilities of a black image are known ---


def transfer_model(shape, filters, units, classes, padding=1, pools=None, black=2):
    """(trainable, frozen, probabilities). `padding` 0 is "valid"; `pools` how many poolings there are."""
    (height, width, inputs), fixed = shape, 0
    for count in filters:
        fixed, inputs = fixed + (9 * inputs + 1) * count, count
        height, width = height - 2 * (1 - padding), width - 2 * (1 - padding)
    pools = 1 if pools is None else pools
    flat, trainable = (height // 2**pools) * (width // 2**pools) * inputs, 0
    for count in (*units, classes):
        trainable, flat = trainable + (flat + 1) * count, count
    return trainable, fixed, np.full((black, classes), 1 / classes, np.float32)


def networks(rng, k):
    height, width = (2 * int(n) for n in rng.integers(6, 12, 2))
    return (
        (height, width, int(rng.choice([1, 3]))),
        [
            int(n) for n in rng.integers(2, 9, rng.integers(2, 4))
        ],  # two or three: "pooling after each" differs
        [int(n) for n in rng.integers(4, 30, rng.integers(1, 3))],
        int(rng.integers(3, 7)),  # three or more: sigmoid's 0.5 is not 1 / classes
    )


def _with(change):
    return lambda *arguments: change(*transfer_model(*arguments))


BANK = {
    "04.1": Private(
        reference=head_parameters,
        inputs=heads,
        near_misses={
            "biases forgotten": partial(_chain, bias=lambda inputs, units: 0),
            "not flattened": lambda shape, units: _chain(shape[-1:], units),
            "every layer sees the image": lambda shape, units: sum((math.prod(shape) + 1) * u for u in units),
            "a bias for each input": partial(_chain, bias=lambda inputs, units: inputs),
            "last layer forgotten": lambda shape, units: _chain(shape, units[:-1]),
        },
    ),
    "04.2": Private(
        reference=face_input,
        inputs=photographs,
        tolerance=Tolerance(atol=1e-4),  # float32 is enough
        near_misses={
            "colours not turned round": lambda images: images - np.array(MEANS),
            "means not turned round": lambda images: images[..., ::-1] - np.array(MEANS[::-1]),
            "scaled to 0 to 1": lambda images: images[..., ::-1] / 255 - np.array(MEANS),
            "means added": lambda images: images[..., ::-1] + np.array(MEANS),
            "another network's means": lambda images: (
                images[..., ::-1] - np.array([103.939, 116.779, 123.68])
            ),
            "picture mirrored": lambda images: images[..., ::-1, :] - np.array(MEANS),
            "nothing below zero": lambda images: np.maximum(images[..., ::-1] - np.array(MEANS), 0),
        },
    ),
    "04.3": Private(
        reference=images_needed,
        inputs=claims,
        near_misses={
            "textbook interval": lambda accuracy, baseline: (
                math.floor(_bound(accuracy, accuracy - baseline)) + 1
            ),
            "z of one side": lambda accuracy, baseline: (
                math.floor(_bound(baseline, accuracy - baseline, 1.645)) + 1
            ),
            "still inside": lambda accuracy, baseline: images_needed(accuracy, baseline) - 1,
            "difference of two half-widths": lambda accuracy, baseline: (
                math.floor(_bound(baseline, accuracy - baseline) + _bound(accuracy, accuracy - baseline)) + 1
            ),
        },
    ),
    "04.4": Private(
        reference=lambda: "block4_pool",
        near_misses={
            name: partial(str, layer)
            for name, layer in {
                "the first that is trained": "block5_conv1",
                "one layer too early": "block4_conv3",
                "a block too early": "block3_pool",
                "the last that is trained": "block5_conv3",
                "after what is trained": "block5_pool",
            }.items()
        },
    ),
    "04.5": Private(
        reference=transfer_model,
        inputs=networks,
        tolerance=Tolerance(atol=1e-5),
        near_misses={
            "nothing frozen": _with(lambda trainable, fixed, black: (trainable + fixed, 0, black)),
            "everything frozen": _with(lambda trainable, fixed, black: (0, trainable + fixed, black)),
            "valid padding": partial(transfer_model, padding=0),
            "no pooling": partial(transfer_model, pools=0),
            "pooling after each": lambda shape, filters, units, classes: transfer_model(
                shape, filters, units, classes, pools=len(filters)
            ),
            "sigmoid": _with(lambda trainable, fixed, black: (trainable, fixed, np.full_like(black, 0.5))),
            "one image": partial(transfer_model, black=1),
        },
    ),
}
