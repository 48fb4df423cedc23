"""References, hidden inputs and near-misses of lesson 15."""

import math

import numpy as np

from course_lib.grading.bank import Private

# --- 15.1 ---


def one_and_group(votes, intended):
    hits, points = 0, 0.0
    for row, column in zip(votes.tolist(), intended.tolist(), strict=True):
        hits += row[column]
        if row[column] == max(row):
            points += 1 / row.count(max(row))
    return hits / int(votes.sum()), points / len(votes)


def clips_with_ties(rng, k):
    words, n = int(rng.integers(3, 8)), int(rng.integers(20, 60))
    intended = rng.integers(words, size=n)
    votes = np.stack(
        [
            rng.multinomial(
                rng.integers(4, 13), 0.6 * np.eye(words)[one] + 0.4 * rng.dirichlet(np.ones(words))
            )
            for one in intended
        ]
    )
    votes[0], votes[1], votes[2] = 0, 0, 0
    votes[0, :2], intended[0] = 4, 1  # a tie of two, the intended word second
    votes[1, :3], intended[1] = 3, 2  # a tie of three
    votes[2, :2], intended[2] = (4, 3), 0  # most, but not more than half once a third word has votes
    votes[2, 2] = 2
    return votes, intended


def _group(votes, intended, right):
    hits = votes[np.arange(len(votes)), intended]
    return float(hits.sum() / votes.sum()), float(np.mean(right(votes, hits, intended)))


# --- 15.2 ---


def best_possible(votes):
    accuracy = entropy = 0.0
    for row in votes.tolist():
        accuracy += max(row) / sum(row)
        entropy += sum(-one / sum(row) * math.log(one / sum(row)) for one in row if one)
    return accuracy / len(votes), entropy / len(votes)


def some_votes(rng, k):
    words, n = int(rng.integers(3, 8)), int(rng.integers(15, 50))
    votes = np.stack(
        [rng.multinomial(rng.integers(4, 13), rng.dirichlet(np.full(words, 0.6))) for _ in range(n)]
    )
    votes[0] = 0
    votes[0, 1] = 7  # all agree: words without votes
    return (votes,)


def _fractions(votes):
    return votes / votes.sum(axis=1, keepdims=True)


def _entropies(fractions):
    return -(fractions * np.log(np.where(fractions > 0, fractions, 1)))


def _with_nan(votes):
    fractions = _fractions(votes)
    with np.errstate(all="ignore"):
        return float(fractions.max(axis=1).mean()), float(-(fractions * np.log(fractions)).sum(axis=1).mean())


def _each_vote_once(votes):
    weights, fractions = votes.sum(axis=1) / votes.sum(), _fractions(votes)
    return float(weights @ fractions.max(axis=1)), float(weights @ _entropies(fractions).sum(axis=1))


# --- 15.3 ---


def concordance(y_true, y_pred):
    n, (mean_true, mean_pred) = len(y_true), (sum(y_true) / len(y_true), sum(y_pred) / len(y_pred))
    # 1 - expected squared difference / its value if the two were independent
    apart = sum((a - b) ** 2 for a, b in zip(y_true, y_pred, strict=True)) / n
    alone = sum((a - mean_true) ** 2 for a in y_true) / n + sum((b - mean_pred) ** 2 for b in y_pred) / n
    return float(1 - apart / (alone + (mean_true - mean_pred) ** 2))


def numbers(rng, k):
    n = int(rng.integers(5, 40))
    y_true = rng.uniform(-1, 1, n)
    return y_true, rng.uniform(0.3, 1.5) * y_true * rng.choice([1, 1, -1]) + rng.normal(0.3, 0.3, n)


def _ccc(y_true, y_pred, factor=2.0, ddof=0, means=lambda d: d**2, spread=np.var):
    covariance = np.cov(y_true, y_pred, ddof=ddof)[0, 1]
    return float(
        factor * covariance / (spread(y_true) + spread(y_pred) + means(y_true.mean() - y_pred.mean()))
    )


# --- 15.4 ---


def alpha_of_numbers(votes, values):
    inside, bag = 0.0, []
    for row in votes.tolist():
        clip = [value for value, count in zip(values.tolist(), row, strict=True) for _ in range(count)]
        if len(clip) >= 2:
            inside += sum((a - b) ** 2 for a in clip for b in clip) / (len(clip) - 1)
            bag += clip
    # the sum over all pairs of (a - b)^2 is 2 N sum(a^2) - 2 (sum a)^2
    n, whole = len(bag), sum(bag)
    return 1 - inside / n / ((2 * n * sum(a * a for a in bag) - 2 * whole**2) / (n * (n - 1)))


def votes_and_values(rng, k):
    words, n = int(rng.integers(4, 7)), int(rng.integers(8, 25))
    values = np.round(rng.uniform(-2, 2, words), 1)
    values[1] = values[0]  # two words of one number
    values[2], values[3] = values[0] + 1.5, values[0] - 0.7
    votes = np.stack(
        [rng.multinomial(rng.integers(2, 12), rng.dirichlet(np.full(words, 0.5))) for _ in range(n)]
    )
    votes[0] = 0
    votes[0, 2] = 1  # one vote only
    votes[1] = 0
    votes[1, [0, 2]] = 2, 3
    return votes, values


def _alpha(votes, values, distance=lambda d: d**2, least=2, bag_least=2, squared_n=False, mean=False):
    distances = distance(values[:, None] - values)
    left, bag = votes[votes.sum(axis=1) >= least], votes[votes.sum(axis=1) >= bag_least].sum(axis=0)
    n, total = left.sum(axis=1), bag.sum()
    inside = np.einsum("ij,jk,ik->i", left, distances, left)
    with np.errstate(all="ignore"):
        observed = (inside / (n * (n - 1))).mean() if mean else (inside / (n - 1)).sum() / n.sum()
    return float(1 - observed / (bag @ distances @ bag / (total**2 if squared_n else total * (total - 1))))


BANK = {
    "15.1": Private(
        reference=one_and_group,
        inputs=clips_with_ties,
        near_misses={
            "mean of the clips": lambda votes, intended: (
                float((votes[np.arange(len(votes)), intended] / votes.sum(axis=1)).mean()),
                one_and_group(votes, intended)[1],
            ),
            "ties are wrong": lambda votes, intended: _group(
                votes,
                intended,
                lambda v, hits, i: (
                    (hits == v.max(axis=1)) & ((v == v.max(axis=1, keepdims=True)).sum(axis=1) == 1)
                ),
            ),
            "ties are right": lambda votes, intended: _group(
                votes, intended, lambda v, hits, i: hits == v.max(axis=1)
            ),
            "first of a tie": lambda votes, intended: _group(
                votes, intended, lambda v, hits, i: v.argmax(axis=1) == i
            ),
            "more than half": lambda votes, intended: _group(
                votes, intended, lambda v, hits, i: hits > v.sum(axis=1) / 2
            ),
            "the other way round": lambda votes, intended: one_and_group(votes, intended)[::-1],
        },
    ),
    "15.2": Private(
        reference=best_possible,
        inputs=some_votes,
        near_misses={
            "NaN": _with_nan,
            "each vote once": _each_vote_once,
            "logarithm to base 2": lambda votes: (
                best_possible(votes)[0],
                best_possible(votes)[1] / math.log(2),
            ),
            "sum over the clips": lambda votes: tuple(len(votes) * one for one in best_possible(votes)),
            "commonest word of all": lambda votes: (
                float(_fractions(votes)[:, votes.sum(axis=0).argmax()].mean()),
                best_possible(votes)[1],
            ),
            "mean over the words": lambda votes: (
                best_possible(votes)[0],
                best_possible(votes)[1] / votes.shape[1],
            ),
        },
    ),
    "15.3": Private(
        reference=concordance,
        inputs=numbers,
        near_misses={
            "correlation": lambda y_true, y_pred: float(np.corrcoef(y_true, y_pred)[0, 1]),
            "n - 1 in the covariance": lambda y_true, y_pred: _ccc(y_true, y_pred, ddof=1),
            "means forgotten": lambda y_true, y_pred: _ccc(y_true, y_pred, means=lambda d: 0.0),
            "means not squared": lambda y_true, y_pred: _ccc(y_true, y_pred, means=abs),
            "factor 2 forgotten": lambda y_true, y_pred: _ccc(y_true, y_pred, factor=1.0),
            "standard deviations": lambda y_true, y_pred: _ccc(y_true, y_pred, spread=np.std),
        },
    ),
    "15.4": Private(
        reference=alpha_of_numbers,
        inputs=votes_and_values,
        near_misses={
            "differences not squared": lambda votes, values: _alpha(votes, values, distance=abs),
            "words, not numbers": lambda votes, values: _alpha(
                votes, values, distance=lambda d: 1.0 - np.eye(len(d))
            ),
            "single votes kept": lambda votes, values: _alpha(votes, values, least=0, bag_least=0),
            "single votes in the bag": lambda votes, values: _alpha(votes, values, bag_least=0),
            "bag with N squared": lambda votes, values: _alpha(votes, values, squared_n=True),
            "each clip once": lambda votes, values: _alpha(votes, values, mean=True),
        },
    ),
    "15.5": Private(
        reference=lambda: "what most people would call it",
        near_misses={
            "a feeling": lambda: "what the person feels",
            "an intention": lambda: "what the person wants to show",
            "everybody": lambda: "what every person would call it",
        },
    ),
}
