"""Other right answers of lesson 15, written as students write them. Each must get full marks."""

from itertools import permutations

import numpy as np

# --- 15.1 ---


def people_by_loop(votes, intended):
    hits, clips = 0, 0.0
    for counts, word in zip(votes.tolist(), intended.tolist(), strict=True):
        hits += counts[word]
        if counts[word] == max(counts):
            clips += 1 / counts.count(max(counts))
    return hits / votes.sum(), clips / len(votes)


def people_by_one_hot(votes, intended):
    wanted = np.eye(votes.shape[1])[intended]
    best = votes == votes.max(axis=1, keepdims=True)
    return float((votes * wanted).sum() / votes.sum()), float(
        ((best / best.sum(axis=1, keepdims=True)) * wanted).sum(axis=1).mean()
    )


# --- 15.2 ---


def possible_by_scipy(votes):
    from scipy.stats import entropy

    return np.mean(votes.max(axis=1) / votes.sum(axis=1)), np.mean(entropy(votes, axis=1))


def possible_by_loop(votes):
    accuracies, entropies = [], []
    for counts in votes:
        fractions = counts[counts > 0] / counts.sum()
        accuracies.append(max(fractions))
        entropies.append(-sum(fraction * np.log(fraction) for fraction in fractions))
    return sum(accuracies) / len(votes), sum(entropies) / len(votes)


# --- 15.3 ---


def concordance_by_cov(y_true, y_pred):
    (variance, covariance), (_, other) = np.cov(y_true, y_pred, bias=True)
    return 2 * covariance / (variance + other + (np.mean(y_true) - np.mean(y_pred)) ** 2)


def concordance_by_errors(y_true, y_pred):
    # The mean squared error is the spread below, minus twice the covariance.
    spread = np.var(y_true) + np.var(y_pred) + (np.mean(y_true) - np.mean(y_pred)) ** 2
    return 1 - np.mean((y_true - y_pred) ** 2) / spread


# --- 15.4 ---


def alpha_by_pairs(votes, values):
    clips = [np.repeat(values, counts) for counts in votes if counts.sum() > 1]
    inside, every = 0.0, np.concatenate(clips)
    for clip in clips:
        pairs = sum((one - other) ** 2 for one, other in permutations(clip, 2))
        inside += pairs / (len(clip) - 1)
    n = len(every)
    bag = ((every[:, None] - every) ** 2).sum() / (n * (n - 1))
    return 1 - inside / n / bag


def alpha_by_variances(votes, values):
    # Over all ordered pairs, (a - b)² adds up to 2 n² times the variance.
    kept = votes[votes.sum(axis=1) > 1].astype(float)
    n = kept.sum(axis=1)
    variance = kept @ values**2 / n - (kept @ values / n) ** 2
    inside = np.sum(2 * n**2 * variance / (n - 1)) / n.sum()
    every, total = kept.sum(axis=0), n.sum()
    whole = every @ values**2 / total - (every @ values / total) ** 2
    return 1 - inside / (2 * total**2 * whole / (total * (total - 1)))


ALTERNATIVES = {
    "15.1": {"a loop": people_by_loop, "one-hot words": people_by_one_hot},
    "15.2": {"SciPy": possible_by_scipy, "a loop": possible_by_loop},
    "15.3": {"np.cov": concordance_by_cov, "the mean squared error": concordance_by_errors},
    "15.4": {"all pairs": alpha_by_pairs, "variances": alpha_by_variances},
}
