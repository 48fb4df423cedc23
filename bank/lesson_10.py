"""References, hidden inputs and near-misses of lesson 10."""

import numpy as np

from course_lib.exercises.compare import Tolerance
from course_lib.grading.bank import Private

# --- 10.1 ---


def size(
    rows,
    columns,
    channels,
    filters,
    units,
    bias=1,
    wide=True,
    picture=False,
    convolutions=2,
    grown=2,
    pooled=lambda side: side // 2,
    flattened=np.prod,
    last=True,
):
    """The count of `size_as_read`, and of what goes wrong with it."""
    total, first = 0, channels
    for count in filters:
        for _ in range(convolutions):
            total += count * (9 * ((first if picture else channels) if wide else 1) + bias)
            rows, columns, channels = rows + grown, columns + grown, count
        rows, columns = pooled(rows), pooled(columns)
    inputs = int(flattened((rows, columns, channels)))
    return total + units * (inputs + bias) + 7 * (units + bias) * last


def size_inputs(rng, k):
    # Odd sides and large enough for each block, also without padding.
    filters = [int(count) for count in rng.integers(3, 70, int(rng.integers(2, 4)))]
    rows, columns = (int(side) * 2 + 1 for side in rng.integers(25, 60, 2))
    return rows, columns, int(rng.integers(2, 60)), filters, int(rng.integers(20, 2000))


# --- 10.2 ---


def filter_responses(image, kernel, bias):
    height, width = kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(image, (height, width), axis=(0, 1))
    return np.einsum("rcihw,hwif->rcf", windows, kernel) + bias


def padded_same(image, kernel, bias):
    sides = [((side - 1) // 2, side // 2) for side in kernel.shape[:2]]
    return filter_responses(np.pad(image, [*sides, (0, 0)]), kernel, bias)


def channels_apart(image, kernel, bias):
    return np.concatenate(
        [filter_responses(image[..., [c]], kernel[:, :, [c]], bias) for c in range(image.shape[2])], axis=2
    )


def rows_and_columns_changed(image, kernel, bias):
    # As far as it goes: the changed kernel may be of another form, so the rest is cut off or filled up.
    changed = filter_responses(image, kernel.transpose(1, 0, 2, 3), bias)
    right = np.zeros(filter_responses(image, kernel, bias).shape)
    rows, columns = (min(sides) for sides in zip(changed.shape[:2], right.shape[:2], strict=True))
    right[:rows, :columns] = changed[:rows, :columns]
    return right


def picture_inputs(rng, k):
    rows, columns, height, width = (int(rng.integers(*ends)) for ends in ((9, 16), (9, 16), (2, 5), (2, 5)))
    channels, filters = int(rng.integers(2, 4)), int(rng.integers(2, 5))
    return (
        rng.integers(0, 256, (rows, columns, channels)) / 255,
        rng.normal(size=(height, width, channels, filters)),
        rng.normal(size=filters),
    )


# --- 10.3 and 10.4 ---


def ranked(shares):
    """The classes of each row from the largest share to the smallest; of equals the one that stands first."""
    return np.argsort(-shares, axis=1, kind="stable")


def turned_ranks(shares):
    return np.argsort(shares, axis=1, kind="stable")[:, ::-1]


def place(true, shares, order=ranked):
    """On which place of a row the true class is, from 0: (n,)."""
    return (order(shares) == true[:, None]).argmax(axis=1)


def among_the_first(true, shares, k):
    return float((place(true, shares) < k).mean())


def all_of_equals(true, shares, k):
    own = shares[np.arange(len(true)), true]
    return float((own >= np.sort(shares, axis=1)[:, -k]).mean())


def shares_inputs(rng, k):
    # In tenths, so that many shares are equal; the true class has more than the others, mostly.
    n, classes = int(rng.integers(60, 120)), int(rng.integers(5, 8))
    true = rng.integers(classes, size=n)
    weights = rng.dirichlet(np.ones(classes), n) + 0.3 * np.eye(classes)[true] * rng.integers(0, 2, (n, 1))
    return true, (10 * weights / weights.sum(axis=1, keepdims=True)).round() / 10


def top_inputs(rng, k):
    # A dozen rows more in which the true class is the last of equals: orders that cancel out elsewhere do not
    # here.
    (true, shares), first = shares_inputs(rng, k), int(rng.integers(2, 4))
    last = rng.integers(first, shares.shape[1], 12)
    tied = (np.arange(shares.shape[1]) < first) | (np.arange(shares.shape[1]) == last[:, None])
    order = rng.permutation(len(true) + 12)
    return np.append(true, last)[order], np.concatenate([shares, tied / (first + 1)])[order], first


NOTHING_WRONG = 5  # the last case of 10.4: each first guess is right
ONE_CASE = 1 / (NOTHING_WRONG + 1)  # of the points, for an answer that is right there alone


def guesses_inputs(rng, k):
    """As `shares_inputs`; in the last case each first guess is right, so there is no second one."""
    true, shares = shares_inputs(rng, k)
    return (shares.argmax(axis=1) if k == NOTHING_WRONG else true), shares


def second_guesses(true, shares, order=ranked, at=(1,)):
    places = place(true, shares, order)
    found, wrong = int(np.isin(places, at).sum()), int((places > 0).sum())
    return (found / wrong if wrong else 0.0), found / len(true)


def of_those_right_at_first(true, shares):
    places = place(true, shares)
    found, right = int((places == 1).sum()), int((places == 0).sum())
    return (found / right if right else 0.0), found / len(true)


# --- 10.5 ---


def softmax(scores, axis=1):
    exponentials = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def mean_loss(scores, true, axis=1):
    return float(-np.log(of_the_true(softmax(scores, axis), true)).mean())


def of_the_true(table, true):
    """One number of each row: that of the true class."""
    return table[np.arange(len(true)), true]


def overflowed(scores, true):
    with np.errstate(all="ignore"):
        exponentials = np.exp(scores)
        probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
        return float(-np.log(of_the_true(probabilities, true)).mean())


def without_softmax(scores, true):
    with np.errstate(all="ignore"):
        return float(-np.log(of_the_true(scores, true)).mean())


def over_faces(scores, true):
    with np.errstate(all="ignore"):
        return mean_loss(scores, true, axis=0)


def loss_inputs(rng, k):
    # All scores are too large or too small for np.exp alone. The true class mostly has more.
    n, classes = int(rng.integers(5, 12)), int(rng.integers(4, 8))
    true = rng.integers(classes, size=n)
    scores = rng.normal(0, 1, (n, classes)) + 1.5 * np.eye(classes)[true]
    return scores + (900 if k % 2 else -900), true


BANK = {
    "10.1": Private(
        reference=size,
        inputs=size_inputs,
        near_misses={
            "biases forgotten": lambda *given: size(*given, bias=0),
            "channels forgotten": lambda *given: size(*given, wide=False),
            "channels of the picture all along": lambda *given: size(*given, picture=True),
            "one convolution a block": lambda *given: size(*given, convolutions=1),
            "padded same": lambda *given: size(*given, grown=0),
            "padded valid": lambda *given: size(*given, grown=-2),
            "pools forgotten": lambda *given: size(*given, pooled=lambda side: side),
            "pools rounded up": lambda *given: size(*given, pooled=lambda side: -(-side // 2)),
            "filters not flattened": lambda *given: size(*given, flattened=lambda shape: shape[0] * shape[1]),
            "no last layer": lambda *given: size(*given, last=False),
        },
    ),
    "10.2": Private(
        reference=filter_responses,
        inputs=picture_inputs,
        tolerance=Tolerance(1e-4, 1e-5),  # float32 as in Keras will do
        near_misses={
            "turned round": lambda image, kernel, bias: filter_responses(image, kernel[::-1, ::-1], bias),
            "padded same": padded_same,
            "bias forgotten": lambda image, kernel, bias: filter_responses(image, kernel, 0),
            "first channel alone": lambda image, kernel, bias: filter_responses(
                image[..., :1], kernel[:, :, :1], bias
            ),
            "channels apart": channels_apart,
            "mean for sum": lambda image, kernel, bias: filter_responses(
                image, kernel / np.prod(kernel.shape[:3]), bias
            ),
            "filters first": lambda *given: filter_responses(*given).transpose(2, 0, 1),
            "relu": lambda *given: np.maximum(0, filter_responses(*given)),
            "rows and columns changed": rows_and_columns_changed,
        },
    ),
    "10.3": Private(
        reference=among_the_first,
        inputs=top_inputs,
        cases=6,
        near_misses={
            "smallest shares": lambda true, shares, k: among_the_first(true, -shares, k),
            "place k alone": lambda true, shares, k: float((place(true, shares) == k - 1).mean()),
            "top-1": lambda true, shares, k: among_the_first(true, shares, 1),
            "one place more": lambda true, shares, k: among_the_first(true, shares, k + 1),
            "last of equals first": lambda true, shares, k: float(
                (place(true, shares, turned_ranks) < k).mean()
            ),
            "all of equals": all_of_equals,
            "a count": lambda true, shares, k: len(true) * among_the_first(true, shares, k),
        },
    ),
    "10.4": Private(
        reference=second_guesses,
        inputs=guesses_inputs,
        cases=NOTHING_WRONG + 1,
        zeros=ONE_CASE,
        near_misses={
            "the other way round": (lambda *given: second_guesses(*given)[::-1], ONE_CASE),
            "of all twice": (lambda *given: (second_guesses(*given)[1],) * 2, ONE_CASE),
            "first or second": lambda *given: second_guesses(*given, at=(0, 1)),
            "of those right at first": (of_those_right_at_first, ONE_CASE),
            "third guess": (lambda *given: second_guesses(*given, at=(2,)), ONE_CASE),
            "smallest share": (lambda true, shares: second_guesses(true, -shares), ONE_CASE),
            "last of equals first": lambda *given: second_guesses(*given, order=turned_ranks),
        },
    ),
    "10.5": Private(
        reference=mean_loss,
        inputs=loss_inputs,
        near_misses={
            "overflow": overflowed,
            "no softmax": without_softmax,
            "softmax over faces": over_faces,
            "sum": lambda scores, true: len(true) * mean_loss(scores, true),
            "sign": lambda scores, true: -mean_loss(scores, true),
            "log10": lambda scores, true: mean_loss(scores, true) / np.log(10),
            "one minus p": lambda scores, true: float(1 - of_the_true(softmax(scores), true).mean()),
            "all classes": lambda scores, true: float(-np.log(softmax(scores)).mean()),
        },
    ),
}
