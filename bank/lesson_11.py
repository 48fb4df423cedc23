"""References, hidden inputs and near-misses of lesson 11."""

from collections import Counter

import numpy as np

from course_lib.exercises.compare import Tolerance
from course_lib.grading.bank import Private

# --- 11.1 ---

SEVEN = (4, 5, 6, 1, 3, 2, 0)  # FER+'s columns in FER2013's order


def shares(votes, columns=SEVEN, fewest=2, total=sum, nobody=0.0, change=lambda counts: counts):
    """The soft labels of `label_shares`, and of what goes wrong with it."""
    rows = []
    for row in votes.tolist():
        counts = change([row[place] if row[place] >= fewest else 0 for place in columns])
        rows.append([count / total(counts) for count in counts] if any(counts) else [nobody] * len(counts))
    return np.array(rows, float)


def commonest_alone(counts):
    return [1 if place == counts.index(max(counts)) and max(counts) else 0 for place in range(7)]


def contempt_kept(votes):
    kept = np.where(votes > 1, votes, 0)
    return kept[:, list(SEVEN)] / np.maximum(kept.sum(axis=1, keepdims=True), 1)


def votes_inputs(rng, k):
    # Clear faces and doubtful ones, and two rows in each case of which nothing is left.
    n = int(rng.integers(8, 16))
    rows = [rng.multinomial(10, rng.dirichlet(np.full(10, 0.4))) for _ in range(n)]
    rows += [
        np.array([3, 0, 1, 2, 0, 0, 1, 2, 1, 0])[rng.permutation(10)] for _ in range(3)
    ]  # slips and others
    rows += [
        np.array([0, 0, 1, 0, 0, 0, 0, 0, 2, 7]),
        np.array([1, 0, 0, 1, 1, 0, 0, 5, 2, 0]),
    ]  # nobody is left
    return (np.array(rows)[rng.permutation(len(rows))],)


# --- 11.2 ---


def each_rater(answers, right, judged_by=lambda row, rater: row[:rater] + row[rater + 1 :]):
    """Mean over the raters of `right(own answer, {commonest answers of those who judge})`, float (n,)."""
    found = []
    for row in answers.tolist():
        each = []
        for rater, own in enumerate(row):
            counts = Counter(judged_by(row, rater))
            each.append(
                right(own, {answer for answer, count in counts.items() if count == max(counts.values())})
            )
        found.append(sum(each) / len(each))
    return np.array(found)


def shared(own, commonest):
    return (own in commonest) / len(commonest)


def agreement_of_pairs(answers):
    raters = answers.shape[1]
    same = (answers[:, :, None] == answers[:, None]).sum(axis=(1, 2)) - raters
    return same / (raters * (raters - 1))


def answers_inputs(rng, k):
    # Raters, an odd number in every second case, of faces that are more or less clear, and some where the
    # others tie when one of the commonest is left out.
    n, half, classes, odd = int(rng.integers(6, 14)), int(rng.integers(2, 6)), int(rng.integers(3, 11)), k % 2
    clear = [rng.choice(classes, 2 * half + odd, p=rng.dirichlet(np.full(classes, 0.5))) for _ in range(n)]
    low, third, high = np.sort(rng.choice(classes, 3, replace=False))
    tied = [
        rng.permutation(np.repeat([first, second, third], [half, half - 1, 1 + odd]))
        for first, second in ((low, high), (high, low))
    ]
    many = rng.permutation(np.r_[0, : 2 * half + odd - 1])  # all say something else, but for two
    return (np.array([*clear, *tied, many])[rng.permutation(n + 3)],)


# --- 11.3 ---


def cam(maps, gradients, weigh=lambda weights: weights, cut=lambda summed: np.maximum(summed, 0)):
    """Grad-CAM of several images before it is divided."""
    heats = []
    for own, slopes in zip(maps, gradients, strict=True):
        weights = weigh(np.array([slopes[..., channel].mean() for channel in range(slopes.shape[-1])]))
        heats.append(cut(np.tensordot(own, weights, axes=1)))
    return np.array(heats)


def divided(heats):
    return np.array([heat / heat.max() if heat.max() > 0 else heat for heat in heats])


def class_map(maps, gradients, **changes):
    return divided(cam(maps, gradients, **changes))


def divided_by_0(maps, gradients):
    with np.errstate(invalid="ignore"):
        return np.array([heat / heat.max() for heat in cam(maps, gradients)])


def one_weight_for_all_images(maps, gradients):
    return class_map(maps, np.broadcast_to(gradients.mean(axis=0), maps.shape))


def maps_inputs(rng, k):
    # Of the first image nothing speaks for the class, of the second everything does everywhere, of the others
    # some.
    n, rows, columns, channels = (int(rng.integers(*ends)) for ends in ((4, 7), (3, 6), (3, 6), (4, 8)))
    maps = np.maximum(0, rng.normal(0.6, 1, (n, rows, columns, channels))).round(2)
    gradients = (rng.normal(size=(n, 1, 1, channels)) + rng.normal(0, 0.7, maps.shape)).round(2)
    gradients[0] = -np.abs(gradients[0])
    maps[1, ..., 0] += 30
    gradients[1, ..., 0] = 1 + np.abs(gradients[1, ..., 0])
    order = rng.permutation(n)
    return maps[order], gradients[order]


# --- 11.4 ---


def taken(images, order, n_test, counts=len, stop=False, alike=None):
    """The rows of the test part: `counts(rows)` of each image, at most `n_test` together."""
    keys = [image.tobytes() for image in images] if alike is None else alike(images)
    test, used = np.zeros(len(images), bool), 0
    for row in order.tolist():
        rows = [other for other, key in enumerate(keys) if key == keys[row]]
        if test[row]:
            continue
        if used + counts(rows) <= n_test:
            test[rows] = True
            used += counts(rows)
        elif stop:
            break
    return test


def first_rows(images, order, n_test):
    return np.isin(np.arange(len(images)), order[:n_test])


def neighbours(images):
    # a new number wherever an image differs from the one before it
    return np.concatenate([[0], np.cumsum((images[1:] != images[:-1]).any(axis=(1, 2)))]).tolist()


def repeats_thrown_away(images, order, n_test):
    test, keys = taken(images, order, n_test), [image.tobytes() for image in images]
    return test & np.array([keys.index(key) == row for row, key in enumerate(keys)])


def images_inputs(rng, k):
    # A third of the images stand two to four times, far apart; they differ in two pixels that changed places,
    # so that sums and histograms are the same. The first in the order stands three times, and the part is
    # full when an image that stands four times comes, after which single ones fit. These two differ in their
    # last rows alone.
    single, (height, width) = int(rng.integers(10, 16)), rng.choice([3, 4, 5, 6], 2, False).tolist()
    kinds = np.concatenate([np.arange(single), np.repeat([single, single + 1, single + 2], [3, 4, 2])])
    kinds = kinds[rng.permutation(len(kinds))]
    four = np.flatnonzero(kinds == single + 1)[0]
    kinds[[0, four]] = kinds[[four, 0]]  # the one that does not fit in is the file's first
    drawn = np.repeat(rng.permutation(256)[None, : height * width].astype(np.uint8), single + 3, axis=0)
    pairs = rng.permutation([(a, b) for a in range(height * width) for b in range(a)])
    low = pairs.min(axis=1) >= (height - 1) * width
    pairs = np.concatenate([pairs[~low][:single], pairs[low][:2], pairs[~low][single:]])
    for image, pair in zip(drawn, pairs, strict=False):
        image[pair] = image[pair[::-1]]
    drawn = drawn.reshape(-1, height, width)
    three, four = np.flatnonzero(kinds == single)[0], np.flatnonzero(kinds == single + 1)[0]
    others = rng.permutation([row for row in range(len(kinds)) if row not in (three, four)])
    return drawn[kinds], np.array([three, four, *others.tolist()]), int(rng.integers(4, 7))


# --- 11.5 ---


def score_to_report(validation, test):
    best = max(range(len(validation)), key=lambda place: (validation[place], -place))
    return float(test[best]), float(max(test) - test[best])


def two_curves(rng, k):
    # Accuracies of 5 to 30 candidates. The best on validation is never the best on test, the last of two that
    # tie on validation is better on test than the first, and no two test scores are equal.
    n = int(rng.integers(5, 30))
    test = rng.permutation(np.linspace(0.4, 0.7, n)).round(4)
    validation = (0.5 * test + 0.3 + rng.normal(0, 0.03, n)).round(4)
    first, last = sorted(rng.choice(np.flatnonzero(test < test.max()), 2, replace=False).tolist())
    validation[[first, last]] = validation.max() + 0.01
    if test[first] > test[last]:
        test[[first, last]] = test[[last, first]]
    return validation, test


def _of(validation, test, place):
    return float(test[place]), float(test.max() - test[place])


BANK = {
    "11.1": Private(
        reference=shares,
        inputs=votes_inputs,
        near_misses={
            "FER+'s order": lambda votes: shares(votes, columns=range(7)),
            "slips kept": lambda votes: shares(votes, fewest=1),
            "divided by all ten": lambda votes: shares(votes, total=lambda counts: 10),
            "nothing divided by nothing": lambda votes: shares(votes, nobody=np.nan),
            "the commonest alone": lambda votes: shares(votes, change=commonest_alone),
            "contempt kept": contempt_kept,
            "alike where nobody": lambda votes: shares(votes, nobody=1 / 7),
        },
    ),
    "11.2": Private(
        reference=lambda answers: each_rater(answers, shared),
        inputs=answers_inputs,
        near_misses={
            "own vote counted": lambda answers: each_rater(answers, shared, lambda row, rater: row),
            "ties all right": lambda answers: each_rater(answers, lambda own, commonest: own in commonest),
            "ties all wrong": lambda answers: each_rater(answers, lambda own, commonest: commonest == {own}),
            "first of those that tie": lambda answers: each_rater(
                answers, lambda own, commonest: own == min(commonest)
            ),
            "a half for every tie": lambda answers: each_rater(
                answers, lambda own, commonest: (own in commonest) / min(2, len(commonest))
            ),
            "agreement of pairs": agreement_of_pairs,
            "one number for all": lambda answers: float(each_rater(answers, shared).mean()),
        },
    ),
    "11.3": Private(
        reference=class_map,
        inputs=maps_inputs,
        tolerance=Tolerance(1e-4, 1e-6),  # float32 will do, as in the lesson
        near_misses={
            "place by place": lambda maps, gradients: divided(np.maximum((maps * gradients).sum(axis=-1), 0)),
            "signs lost": lambda *given: class_map(*given, weigh=np.abs),
            "negative weights left out": lambda *given: class_map(
                *given, weigh=lambda weights: np.maximum(weights, 0)
            ),
            "below 0 kept": lambda *given: divided(cam(*given, cut=lambda summed: summed)),
            "distance from 0": lambda *given: class_map(*given, cut=np.abs),
            "gradients unused": lambda *given: class_map(*given, weigh=np.ones_like),
            "not divided": cam,
            "divided by 0": divided_by_0,
            "one scale for all": lambda *given: cam(*given) / cam(*given).max(),
            "one weight for all images": one_weight_for_all_images,
            "shifted as well": lambda *given: divided(np.array([heat - heat.min() for heat in cam(*given)])),
        },
    ),
    "11.4": Private(
        reference=taken,
        inputs=images_inputs,
        near_misses={
            "repeats on both sides": first_rows,
            "images counted": lambda *given: taken(*given, counts=lambda rows: 1),
            "stopped too early": lambda *given: taken(*given, stop=True),
            "neighbours alone": lambda *given: taken(*given, alike=neighbours),
            "sums compared": lambda *given: taken(
                *given, alike=lambda images: images.sum(axis=(1, 2)).tolist()
            ),
            "first rows compared": lambda *given: taken(
                *given, alike=lambda images: [image[0].tobytes() for image in images]
            ),
            "repeats thrown away": repeats_thrown_away,
            "the training part": lambda *given: ~taken(*given),
            "the order forgotten": lambda images, order, n_test: taken(
                images, np.arange(len(images)), n_test
            ),
        },
    ),
    "11.5": Private(
        reference=score_to_report,
        inputs=two_curves,
        near_misses={
            "chosen by test": lambda validation, test: (float(test.max()), 0.0),
            "validation score": lambda validation, test: (
                float(validation.max()),
                float(test.max() - validation.max()),
            ),
            "last of a tie": lambda validation, test: _of(
                validation, test, len(test) - 1 - int(validation[::-1].argmax())
            ),
            "the other way round": lambda validation, test: (
                score_to_report(validation, test)[0],
                -score_to_report(validation, test)[1],
            ),
            "mean of all": lambda validation, test: (float(test.mean()), float(test.max() - test.mean())),
        },
    ),
}
