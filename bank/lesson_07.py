"""References, hidden inputs and near-misses of lesson 07."""

from collections import Counter, defaultdict
from itertools import product

import numpy as np

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


def equal_rows_inputs(rng, k):
    # Five sounds, each several times under one label; two silences under several, unevenly; ten rows of their
    # own.
    d, classes = int(rng.integers(1, 4)), int(rng.integers(2, 4))
    rows = rng.normal(size=(17, d)).round(2)
    times = np.concatenate([rng.integers(2, 5, 5), rng.integers(7, 14, 2), np.ones(10, int)])
    y = np.concatenate(
        [
            np.repeat(rng.integers(classes, size=5), times[:5]),
            *([*range(classes), *[int(rng.integers(classes))] * (t - classes)] for t in times[5:7]),
            rng.integers(classes, size=10),
        ]
    ).astype(int)
    order = rng.permutation(len(y))
    return rows.repeat(times, axis=0)[order], y[order]


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
    others = [np.column_stack([np.ones(len(some), int), some]) for some in (new, other)]
    return train, rng.permutation(np.concatenate([twins, again, *others]))


BANK = {
    "07.1": Private(
        reference=best_training_accuracy,
        inputs=equal_rows_inputs,
        near_misses={
            "everything right": lambda X, y: 1.0,
            "contradictions all wrong": lambda X, y: counted(X, y, where_there_is_one_label),
            "half of the contradictions": lambda X, y: counted(X, y, half_where_there_are_more),
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
            "repetitions taken for one": lambda train, test: met(
                train, test, lambda a, b: a[1:5] + a[6:] == b[1:5] + b[6:]
            ),
            "in every training row": lambda train, test: met_before(train, test, some=all),
            "asked of the training rows": lambda train, test: met_before(test, train),
            "never met": lambda train, test: ~met_before(train, test),
            "a tested file a column": lambda train, test: met_before(train, test).T,
        },
    ),
}
