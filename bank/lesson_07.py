"""References, hidden inputs and near-misses of lesson 07."""

from collections import Counter, defaultdict
from functools import partial
from itertools import islice, product

import numpy as np
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from course_lib.exercises.lesson_07 import drawn_features
from course_lib.grading.bank import Private

# --- 07.1 ---


def labels_by_row(X, y):
    """For each different row of X how often it carries which label: a list of Counters."""
    found = defaultdict(Counter)
    for row, label in zip(X.tolist(), y.tolist(), strict=True):
        found[tuple(row)][label] += 1
    return list(found.values())


def counted(X, y, right):
    return float(sum(map(right, labels_by_row(X, y))) / len(y))


def commonest(labels):
    return max(labels.values())


def where_there_is_one_label(labels):
    return labels.total() if len(labels) == 1 else 0


def half_where_there_are_more(labels):
    return labels.total() if len(labels) == 1 else labels.total() / 2


def mean_of_the_groups(X, y):
    return float(np.mean([commonest(labels) / labels.total() for labels in labels_by_row(X, y)]))


def best_training_accuracy(X, y):
    return counted(X, y, commonest)


def first_label(X, y):
    found = {}
    right = [
        found.setdefault(tuple(row), label) == label
        for row, label in zip(X.tolist(), y.tolist(), strict=True)
    ]
    return float(np.mean(right))


def labels_0_and_1_only(X, y):
    return counted(X, y, lambda labels: max(labels[0], labels[1]))


def first_column_only(X, y):
    return best_training_accuracy(X[:, :1], y)


def sums_of_the_rows(X, y):
    return best_training_accuracy(X.sum(axis=1, keepdims=True).round(6), y)


def equal_rows_inputs(rng, k):
    # Five sounds, each several times under one label; two silences under several, unevenly; ten rows of their
    # own, of which some have the same first number or the same sum.
    d, classes = int(rng.integers(2, 4)), int(rng.integers(2, 4))
    rows = rng.normal(size=(17, d)).round(2)
    rows[7:10, 0], rows[10:12] = rows[12:15, 0], rows[15:17, ::-1]
    times = np.concatenate([rng.integers(2, 5, 5), rng.integers(7, 14, 2), np.ones(10, int)])
    y = np.concatenate(
        [
            np.repeat(rng.integers(classes, size=5), times[:5]),
            *([*range(classes), *[int(rng.integers(classes))] * (t - classes)] for t in times[5:7]),
            rng.integers(classes, size=10),
        ]
    ).astype(int)
    while True:  # until each of these mistakes changes the result
        order = rng.permutation(len(y))
        y[-10:] = rng.integers(classes, size=10)
        X, labels = rows.repeat(times, axis=0)[order], y[order]
        mistakes = [mistake(X, labels) for mistake in (first_label, first_column_only, sums_of_the_rows)]
        if best_training_accuracy(X, labels) not in mistakes:
            return X, labels


# --- 07.2 ---


def spread(block):
    found = block.std(axis=0)
    return np.where(found > 0, found, 1)


def fused(
    blocks, minus=lambda train, test: train.mean(axis=0), by=lambda train, test: spread(train), width=np.sqrt
):
    """(train, test) of `blocks`, a list of (train, test), scaled and weighed by what the functions say of
    them.
    """
    scaled = [
        [(part - minus(train, test)) / by(train, test) / width(part.shape[1]) for part in (train, test)]
        for train, test in blocks
    ]
    return tuple(np.concatenate(parts, axis=1) for parts in zip(*scaled, strict=True))


def pairs(audio_train, video_train, audio_test, video_test):
    return [(audio_train, audio_test), (video_train, video_test)]


def fused_blocks(*parts):
    return fused(pairs(*parts))


def the_test_part_among_them(*parts):
    train, test = fused([(np.concatenate(pair), pair[1]) for pair in pairs(*parts)])
    return train[: -len(test)], test


def the_test_part_by_its_own(*parts):
    return fused_blocks(*parts)[0], fused([(test, test) for _, test in pairs(*parts)])[1]


def sample_spread(train, test):
    return spread(train) * (len(train) / (len(train) - 1)) ** 0.5


def row_by_row(*parts):
    blocks = [
        [
            (part - part.mean(axis=1, keepdims=True))
            / np.maximum(part.std(axis=1, keepdims=True), 1e-12)
            / part.shape[1] ** 0.5
            for part in pair
        ]
        for pair in pairs(*parts)
    ]
    return tuple(np.concatenate(part, axis=1) for part in zip(*blocks, strict=True))


def divided_by_nothing(*parts):
    with np.errstate(divide="ignore", invalid="ignore"):
        return fused(pairs(*parts), by=lambda train, test: train.std(axis=0))


def blocks_inputs(rng, k):
    n, m, a, v = (int(rng.integers(*ends)) for ends in ((12, 20), (5, 9), (4, 9), (10, 17)))
    audio, video = (
        rng.normal(-200, 90, (n + m, a)).round(1),
        np.maximum(0, rng.normal(1, 1, (n + m, v))).round(2),
    )
    video[:n, int(rng.integers(v))] *= k % 2  # in every second case a feature that is always 0 in training
    return audio[:n], video[:n], audio[n:], video[n:]


# --- 07.3 ---


def met(train, test, same_recording, some=any):
    same = (same_recording, lambda a, b: a[6] == b[6], lambda a, b: a[4] == b[4])
    return np.array(
        [[some(each(one, other) for other in train.tolist()) for each in same] for one in test.tolist()]
    )


def met_before(train, test, some=any):
    return met(train, test, lambda a, b: a[1:] == b[1:], some=some)


def fields_inputs(rng, k):
    # Takes of five actors, each as 01 and as 02. Trained on: three of the actors, and of every second case
    # one sentence only. Tested: files that are no training files, of which some have their twin there and
    # some another repetition.
    actors = rng.choice(24, 5, replace=False) + 1
    takes = rng.permutation([[1, *fields] for fields in product((2, 5), (1, 2), (1, 2), (1, 2), actors)])
    sentence = int(rng.integers(1, 3))
    fits = np.isin(takes[:, 5], actors[:3]) & ((takes[:, 3] == sentence) | (k % 2 == 0))
    known = takes[fits & (takes[:, 4] == 1)][:6]
    train = np.column_stack([rng.integers(1, 3, len(known)), known])
    twins = np.column_stack([3 - train[:4, 0], known[:4]])
    again = np.column_stack([train[2:5, 0], known[2:5]])
    again[:, 5] = 2
    new = takes[np.isin(takes[:, 5], actors[3:])][:4]
    other = takes[np.isin(takes[:, 5], actors[:3]) & (takes[:, 3] != sentence) & (takes[:, 4] == 2)][:3]
    song = np.column_stack([train[:1, 0], known[:1]])
    song[:, 1] = 2
    fields = product(*(np.unique(column) for column in train.T))  # each field of a training file, but mixed
    new_mix = (row for row in fields if not (train[:, 1:] == row[1:]).all(axis=1).any())
    if not (
        mixed := list(islice(new_mix, 1))
    ):  # the training files are all mixes of their fields: draw again
        return fields_inputs(rng, k)
    others = [np.column_stack([np.ones(len(some), int), some]) for some in (new, other)]
    return train, rng.permutation(np.concatenate([twins, again, song, mixed, *others]))


# --- 07.4 ---

NAMED = {
    "GaussianNB": GaussianNB,
    "LDA": LinearDiscriminantAnalysis,
    "linear": partial(SVC, kernel="linear"),
    "rbf": partial(SVC, kernel="rbf"),
}


def four_scores(X, y, train, test, fitted=None, order=tuple(NAMED)):
    fitted = train if fitted is None else fitted
    models = [NAMED[name]().fit(X[fitted], y[fitted]) for name in order]
    return np.array(
        [[np.mean(model.predict(X[rows]) == y[rows]) for rows in (train, test)] for model in models]
    )


def fitted_on_all_rows(X, y, train, test):
    return four_scores(X, y, train, test, np.concatenate([train, test]))


def scores_inputs(rng, k):
    while True:
        case = drawn_features(rng, int(rng.integers(36, 61)), int(rng.integers(4, 8)))
        if _telling(*case):
            return case


def _telling(X, y, train, test):
    # Each mistake changes the scores, and no item is so near a boundary that rounding decides its label.
    right = four_scores(X, y, train, test)
    margins = [
        NAMED[name]().fit(X[train], y[train]).decision_function(X) for name in ("LDA", "linear", "rbf")
    ]
    odds = np.diff(GaussianNB().fit(X[train], y[train]).predict_log_proba(X), axis=1)
    return (
        min(np.abs(each).min() for each in (*margins, odds)) > 0.005
        and (right[:, 0] != right[:, 1]).all()
        and (right[2] != right[3]).any()
        and (right[[0, 1]] != right[[1, 0]]).any()
        and (fitted_on_all_rows(X, y, train, test) != right).any()
    )


BANK = {
    "07.1": Private(
        reference=best_training_accuracy,
        inputs=equal_rows_inputs,
        near_misses={
            "everything right": lambda X, y: 1.0,
            "contradictions all wrong": lambda X, y: counted(X, y, where_there_is_one_label),
            "half of the contradictions": lambda X, y: counted(X, y, half_where_there_are_more),
            "first label of the group": first_label,
            "labels 0 and 1 only": (labels_0_and_1_only, 0.5),
            "first column only": first_column_only,
            "mean of the groups": mean_of_the_groups,
            "one answer for all": lambda X, y: best_training_accuracy(np.zeros((len(y), 1)), y),
            "a count": lambda X, y: len(y) * best_training_accuracy(X, y),
        },
    ),
    "07.2": Private(
        reference=fused_blocks,
        inputs=blocks_inputs,
        cases=6,
        near_misses={
            "the test part among them": the_test_part_among_them,
            "the test part by its own": the_test_part_by_its_own,
            "sample spread": lambda *parts: fused(pairs(*parts), by=sample_spread),
            "one mean a modality": lambda *parts: fused(
                pairs(*parts), lambda train, test: train.mean(), lambda train, test: train.std()
            ),
            "row by row": row_by_row,
            "widths forgotten": lambda *parts: fused(pairs(*parts), width=lambda columns: 1),
            "one root for both": lambda *parts: fused(
                pairs(*parts), width=lambda columns: (parts[0].shape[1] + parts[1].shape[1]) ** 0.5
            ),
            "divided by the width": lambda *parts: fused(pairs(*parts), width=lambda columns: columns),
            "video first": lambda *parts: fused(pairs(*parts)[::-1]),
            "divided by nothing": (divided_by_nothing, 0.5),
            "divided by nearly nothing": (
                lambda *parts: fused(pairs(*parts), by=lambda train, test: train.std(axis=0) + 1e-8),
                0.5,
            ),
        },
    ),
    "07.3": Private(
        reference=met_before,
        inputs=fields_inputs,
        near_misses={
            "twins overlooked": lambda train, test: met(train, test, lambda a, b: a == b),
            "each field alone": lambda train, test: np.column_stack(
                [
                    [
                        all(field in train[:, place] for place, field in enumerate(one) if place)
                        for one in test
                    ],
                    met_before(train, test)[:, 1:],
                ]
            ),
            "song and speech taken for one": lambda train, test: met(
                train, test, lambda a, b: a[2:] == b[2:]
            ),
            "repetitions taken for one": lambda train, test: met(
                train, test, lambda a, b: a[1:5] + a[6:] == b[1:5] + b[6:]
            ),
            "in every training row": lambda train, test: met_before(train, test, some=all),
            "asked of the training rows": lambda train, test: met_before(test, train),
            "never met": lambda train, test: ~met_before(train, test),
            "a tested file a column": lambda train, test: met_before(train, test).T,
        },
    ),
    "07.4": Private(
        reference=four_scores,
        inputs=scores_inputs,
        near_misses={
            "fitted on all rows": fitted_on_all_rows,
            "training score twice": lambda *case: four_scores(*case)[:, [0, 0]],
            "columns the other way round": lambda *case: four_scores(*case)[:, ::-1],
            "transposed": lambda *case: four_scores(*case).T,
            "the default kernel": lambda *case: four_scores(*case, order=("GaussianNB", "LDA", "rbf", "rbf")),
            "another order": lambda *case: four_scores(*case, order=("LDA", "GaussianNB", "linear", "rbf")),
            "errors": lambda *case: 1 - four_scores(*case),
        },
    ),
}
