"""References, hidden inputs and near-misses of lesson 06."""

import numpy as np

from course_lib.grading.bank import Private

# --- 06.1 ---


def frames_of(padded, length, hop, frames):
    return np.array([padded[i * hop : i * hop + length] for i in range(frames)])


def centred_frames(signal, length, hop):
    padded = np.concatenate([np.zeros(length // 2), signal, np.zeros(length // 2)])
    return frames_of(padded, length, hop, len(signal) // hop + 1)


def only_whole_frames(signal, length, hop):
    return frames_of(signal, length, hop, (len(signal) - length) // hop + 1)


def too_many_zeros(signal, length, hop):
    return frames_of(np.pad(signal, length), length, hop, len(signal) // hop + 1)


def zeros_at_the_end_only(signal, length, hop):
    return frames_of(np.append(signal, np.zeros(length)), length, hop, len(signal) // hop + 1)


def mirrored_ends(signal, length, hop):
    return frames_of(np.pad(signal, length // 2, mode="reflect"), length, hop, len(signal) // hop + 1)


def frames_inputs(rng, k):
    return (
        rng.normal(size=int(rng.integers(60, 200))).round(3),
        2 * int(rng.integers(4, 13)),
        int(rng.integers(3, 11)),
    )


# --- 06.2 ---


def cosines(filters):
    """The lesson's orthonormal basis, a coefficient a row: (filters, filters)."""
    places = np.arange(filters) + 0.5
    basis = np.sqrt(2 / filters) * np.cos(np.pi / filters * np.outer(np.arange(filters), places))
    basis[0] /= np.sqrt(2)
    return basis


def mel_envelope(decibels, keep):
    some = cosines(len(decibels))[:keep]
    return some.T @ (some @ decibels)


def filters_set_to_zero(decibels, keep):
    return np.where(np.arange(len(decibels))[:, None] < keep, decibels, 0)


def loudness_lost(decibels, keep):
    some = cosines(len(decibels))[1:keep]
    return some.T @ (some @ decibels)


def the_last_ones_kept(decibels, keep):
    some = cosines(len(decibels))[-keep:]
    return some.T @ (some @ decibels)


def first_cosine_too_large(decibels, keep):
    return mel_envelope(decibels, keep) + decibels.mean(axis=0)  # the constant's share, twice


def envelope_inputs(rng, k):
    filters, frames = int(rng.integers(20, 41)), int(rng.integers(10, 20))
    return rng.normal(-40, 12, (filters, frames)).round(2), int(rng.integers(3, 10))


# --- 06.3 ---


def nearer(X, y, train, test, columns):
    means = np.stack([X[train & (y == label)].mean(axis=0) for label in (0, 1)])[:, columns]
    distances = ((X[test][:, None, columns] - means) ** 2).sum(axis=2)
    return distances.argmin(axis=1)


def apart(X, y, rows):
    return X[rows & (y == 1)].mean(axis=0) - X[rows & (y == 0)].mean(axis=0)


def left_out(X, y, groups, choose):
    """The answers when one group at a time is left out; `choose(train)` gives the columns."""
    said = np.empty(len(X), int)
    for group in np.unique(groups):
        test = groups == group
        said[test] = nearer(X, y, ~test, test, choose(~test))
    return said


def largest(differences, k):
    return np.argsort(differences)[-k:]


def predicted_left_out(X, y, actors, k):
    return left_out(X, y, actors, lambda train: largest(np.abs(apart(X, y, train)), k))


def divided_by_the_spread(X, y, actors, k):
    def choose(train):
        within = sum(X[train & (y == label)].var(axis=0) for label in (0, 1))
        return largest(
            np.abs(apart(X, y, train)) / np.sqrt(within + 1e-12), k
        )  # a class of one row has no spread

    return left_out(X, y, actors, choose)


def chosen_on_all_rows(X, y, actors, k):
    columns = largest(np.abs(apart(X, y, np.full(len(y), True))), k)
    return left_out(X, y, actors, lambda train: columns)


def means_of_all_rows(X, y, actors, k):
    everyone = np.full(len(y), True)
    return nearer(X, y, everyone, everyone, largest(np.abs(apart(X, y, everyone)), k))


def left_out_inputs(rng, k):
    people, takes, d = int(rng.integers(5, 8)), 4, int(rng.integers(80, 121))
    y = np.concatenate([rng.permutation([0, 0, 1, 1]) for _ in range(people)])
    rows = rng.permutation(people * takes)
    return (
        rng.normal(size=(people * takes, d)).round(3),
        y[rows],
        np.repeat(np.arange(1, people + 1), takes)[rows],
        int(rng.integers(3, 8)),
    )


BANK = {
    "06.1": Private(
        reference=centred_frames,
        inputs=frames_inputs,
        near_misses={
            "only whole frames": only_whole_frames,
            "too many zeros": too_many_zeros,
            "zeros at the end only": zeros_at_the_end_only,
            "one frame too few": lambda signal, length, hop: centred_frames(signal, length, hop)[:-1],
            "a frame a column": lambda signal, length, hop: centred_frames(signal, length, hop).T,
            "mirrored ends": mirrored_ends,
        },
    ),
    "06.2": Private(
        reference=mel_envelope,
        inputs=envelope_inputs,
        near_misses={
            "along time": lambda decibels, keep: mel_envelope(decibels.T, keep).T,
            "filters set to zero": filters_set_to_zero,
            "loudness lost": loudness_lost,
            "the last ones kept": the_last_ones_kept,
            "one too many": lambda decibels, keep: mel_envelope(decibels, keep + 1),
            "first cosine too large": first_cosine_too_large,
            "not turned back": lambda decibels, keep: cosines(len(decibels))[:keep] @ decibels,
        },
    ),
    "06.3": Private(
        reference=predicted_left_out,
        inputs=left_out_inputs,
        near_misses={
            "chosen on all rows": chosen_on_all_rows,
            "means of all rows": means_of_all_rows,
            "one row left out": lambda X, y, actors, k: predicted_left_out(X, y, np.arange(len(y)), k),
            "all columns": lambda X, y, actors, k: predicted_left_out(X, y, actors, X.shape[1]),
            "nearest means": lambda X, y, actors, k: left_out(
                X, y, actors, lambda train: largest(-np.abs(apart(X, y, train)), k)
            ),
            "divided by the spread": divided_by_the_spread,
            "signed difference": lambda X, y, actors, k: left_out(
                X, y, actors, lambda train: largest(apart(X, y, train), k)
            ),
            "the farther class": lambda X, y, actors, k: 1 - predicted_left_out(X, y, actors, k),
        },
    ),
    # Tried on the Studio with random weights, three draws of 64 labels, four folds grouped by clip: 64 of 64
    # right each time; with the extractor trained inside each split 29, 26 and 25.
    "06.4": Private(
        reference=lambda: "about 100 %",
        near_misses={
            "no leak": lambda: "about 50 %",
            "half a leak": lambda: "about 75 %",
            "worse than a coin": lambda: "about 25 %",
        },
    ),
}
