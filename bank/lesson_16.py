"""References, hidden inputs and near-misses of lesson 16."""

import numpy as np

from course_lib.grading.bank import Private

# --- 16.1 ---


def own_means(outputs, samples, size=320, up=True, extra=0):
    rows = []
    for utterance, length in zip(outputs, samples, strict=True):
        own = int(np.ceil(length / size) if up else max(1, length // size)) + extra
        rows.append(np.mean([utterance[t] for t in range(min(own, len(utterance)))], axis=0))
    return np.array(rows)


def divided_by_all(outputs, samples):
    own = np.ceil(np.asarray(samples) / 320)[:, None]
    return own_means(outputs, samples) * own / outputs.shape[1]


def batch_inputs(rng, k):
    n, frames, d = int(rng.integers(3, 7)), int(rng.integers(8, 15)), int(rng.integers(2, 6))
    samples = rng.integers(2, frames - 1, n) * 320 + rng.integers(1, 320, n)  # never a whole number of frames
    samples[0] = 320 * int(rng.integers(2, frames - 1))  # but for one, which has no further frame
    samples[1] = 320 * int(rng.integers(2, frames - 1)) + 1  # and one whose last frame has a single sample
    return rng.normal(size=(n, frames, d)).round(2), samples


# --- 16.2 ---


def attention(queries, keys, values, root=np.sqrt, axis=1, passed=None):
    scores = queries @ keys.T / root(queries.shape[1])
    weights = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True) @ (values if passed is None else passed)


def reference_attention(queries, keys, values):
    outputs = []
    for query in queries:
        scores = np.array([query @ key for key in keys]) / len(query) ** 0.5
        weights = np.exp(scores - scores.max())
        outputs.append(sum(w * value for w, value in zip(weights / weights.sum(), values, strict=True)))
    return np.array(outputs)


def overflowing(queries, keys, values):
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.exp(queries @ keys.T / np.sqrt(queries.shape[1]))
        return weights / weights.sum(axis=1, keepdims=True) @ values


def attention_inputs(rng, k):
    n, m, d = int(rng.integers(3, 6)), int(rng.integers(6, 9)), int(rng.integers(3, 7))  # n != m
    queries, keys = rng.normal(size=(n, d)).round(2), rng.normal(size=(m, d)).round(2)
    queries[0] = 1000 * np.sqrt(d) * keys[0] / (keys[0] @ keys[0])  # a score of 1,000: its exponential is inf
    return queries, keys, rng.normal(size=(m, d)).round(2)  # as wide as the keys: a swap has the same shape


# --- 16.3 ---


def reference_split(speakers, sentences, speaker, sentence):
    pairs = [*zip(speakers, sentences, strict=True)]
    train = [row for row, (who, what) in enumerate(pairs) if who != speaker and what != sentence]
    test = [row for row, (who, what) in enumerate(pairs) if who == speaker and what == sentence]
    return np.array(train, int), np.array(test, int)


def rows(train, test):
    return np.flatnonzero(train), np.flatnonzero(test)


def split_inputs(rng, k):
    n = int(rng.integers(40, 60))
    speakers, sentences = rng.integers(1, 6, n), rng.integers(1, 5, n)
    speakers[:2], sentences[:2] = 3, 2  # at least two are tested
    return speakers, sentences, 3, 2


# --- 16.4 ---


def chosen_layers(inner, last=False):
    if last:
        return inner.shape[1] - 1 - inner[:, ::-1].argmax(axis=1)
    return np.array([int(np.flatnonzero(row == row.max())[0]) for row in inner])


def reference_choice(inner, correct, sizes, last=False):
    chosen = chosen_layers(inner, last)
    right = sum(int(row[layer]) for row, layer in zip(correct, chosen, strict=True))
    return chosen, right / sizes.sum(), max(correct.sum(axis=0)) / sizes.sum()


def with_layers(chosen, correct, sizes):
    return (
        chosen,
        correct[np.arange(len(chosen)), chosen].sum() / sizes.sum(),
        correct.sum(0).max() / sizes.sum(),
    )


def mean_of_folds(inner, correct, sizes):
    fractions, chosen = correct / sizes[:, None], chosen_layers(inner)
    return chosen, fractions[np.arange(len(chosen)), chosen].mean(), fractions.mean(axis=0).max()


def best_in_each_fold(inner, correct, sizes):
    chosen, honest, _ = reference_choice(inner, correct, sizes)
    return chosen, honest, correct.max(axis=1).sum() / sizes.sum()


def choice_inputs(rng, k):
    folds, layers = int(rng.integers(4, 7)), int(rng.integers(4, 8))
    inner = rng.uniform(0.4, 0.7, (folds, layers)).round(3)
    inner[0, [1, layers - 1]] = 0.8  # two equal ones
    inner[1, 0] = inner[2, 2] = 0.81  # folds that do not choose the same layer
    sizes = rng.integers(50, 300, folds)
    correct = rng.integers(0.4 * sizes[:, None], 0.8 * sizes[:, None], (folds, layers))
    return inner, correct, sizes


BANK = {
    "16.1": Private(
        reference=own_means,
        inputs=batch_inputs,
        near_misses={
            "padding averaged": lambda outputs, samples: outputs.mean(axis=1),
            "rounded down": lambda outputs, samples: own_means(outputs, samples, up=False),
            "divided by all frames": divided_by_all,
            "frames of 160 samples": lambda outputs, samples: own_means(outputs, samples, size=160),
            "one frame too many": lambda outputs, samples: own_means(outputs, samples, up=False, extra=1),
            "the last frame": lambda outputs, samples: outputs[:, -1],
        },
    ),
    "16.2": Private(
        reference=reference_attention,
        inputs=attention_inputs,
        near_misses={
            "not divided by the root": lambda q, k, v: attention(q, k, v, root=lambda d: 1),
            "divided by d": lambda q, k, v: attention(q, k, v, root=lambda d: d),
            "softmax over the queries": lambda q, k, v: attention(q, k, v, axis=0),
            "softmax over everything": lambda q, k, v: attention(q, k, v, axis=(0, 1)),
            "keys for values": lambda q, k, v: attention(q, k, v, passed=k),
            "overflow": overflowing,
            "largest score only": lambda q, k, v: v[(q @ k.T).argmax(axis=1)],
        },
    ),
    "16.3": Private(
        reference=reference_split,
        inputs=split_inputs,
        near_misses={
            "speaker alone": lambda s, t, who, what: rows(s != who, (s == who) & (t == what)),
            "sentence alone": lambda s, t, who, what: rows(t != what, (s == who) & (t == what)),
            "everything else": lambda s, t, who, what: rows(
                (s != who) | (t != what), (s == who) & (t == what)
            ),
            "all of the speaker tested": lambda s, t, who, what: rows((s != who) & (t != what), s == who),
            "test before training": lambda *given: reference_split(*given)[::-1],
            "masks": lambda s, t, who, what: ((s != who) & (t != what), (s == who) & (t == what)),
        },
    ),
    "16.4": Private(
        reference=reference_choice,
        inputs=choice_inputs,
        near_misses={
            "chosen on the test folds": lambda inner, correct, sizes: with_layers(
                correct.argmax(axis=1), correct, sizes
            ),
            "one layer for all folds": lambda inner, correct, sizes: with_layers(
                np.full(len(inner), inner.mean(axis=0).argmax()), correct, sizes
            ),
            "mean of the folds": mean_of_folds,
            "best in each fold": best_in_each_fold,
            "the later of two equal ones": lambda *given: reference_choice(*given, last=True),
            "flattered first": lambda *given: (lambda c, h, f: (c, f, h))(*reference_choice(*given)),
        },
    ),
}
