"""Compare rules of decision fusion on artificial pairs: a real face and a real voice of the same label.

The course has no recordings of faces and voices of enough people. So a validation face of FER2013 is paired
at random with a recording of RAVDESS that has the same label. Face and voice then show different people, and
their errors are independent by construction. Face and voice of one person probably go wrong together more
often, so these figures are an upper bound for all rules (lesson 13).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from course_lib import fusion
from course_lib.demo import moments
from course_lib.evaluation import calibration

RIGHT = 0.75  # the selective accuracy that the thresholds must reach on the items they are fitted to
# A low threshold reaches `RIGHT` with faces, and on pairs, which are easier than people (see above). So an
# answer must also be more probable than all other emotions together.
LEAST = 0.5
PAIRS = 20_000
RESAMPLED = 1000
PROTOCOL = "artificial pairs; each half of the faces and actors is measured with values fitted on the other"
UPPER_BOUND = "face and voice show different people, so their errors are independent by construction"
INTERVAL = "bootstrap over actors and faces (Owen 2007); it does not cover fitting again, nor real pairs"


class Items(NamedTuple):
    """Validation items of one modality.

    Attributes
    ----------
    y : np.ndarray
        True labels, int (n,), places in `EMOTIONS`.
    probabilities : np.ndarray
        Class probabilities of a classifier that was not trained on the item, (n, 7).
    units : np.ndarray
        int (n,): the number of the face, or the actor.
    half : np.ndarray
        bool (n,): the items of the first half.
    priors : np.ndarray
        The prior probabilities in the classifier's training, (7,).
    """

    y: np.ndarray
    probabilities: np.ndarray
    units: np.ndarray
    half: np.ndarray
    priors: np.ndarray

    def take(self, rows: np.ndarray) -> "Items":
        """Return some of the items."""
        return Items(*(one[rows] for one in self[:4]), self.priors)


class Single(NamedTuple):
    """The values fitted to single items, each for face and voice."""

    temperatures: list[float]
    thresholds: list[float]
    f_scores: np.ndarray
    priors: np.ndarray


def _f_score_mean(single, pair):
    return fusion.fuse_decisions(pair, weights=single.f_scores)


def _product(single, pair):
    return fusion.fuse_decisions(pair, "product", floor=moments.FLOOR)


def _product_by_priors(single, pair):
    weighing = moments.Settings({"fused": 1.0}, {}, dict(zip(moments.MODALITIES, single.priors, strict=True)))
    return moments.fuse(*pair, weighing)


def _higher_floor(single, pair):
    return fusion.fuse_decisions(pair, "product", priors=single.priors, floor=0.01)


BEFORE, SHIPPED = "F-score mean, mean threshold", "product / priors, temperature"
RULES: dict[str, Callable[[Single, Sequence[np.ndarray]], np.ndarray]] = {
    "face alone": lambda single, pair: pair[0],
    "voice alone": lambda single, pair: pair[1],
    BEFORE: _f_score_mean,
    "F-score mean, temperature": _f_score_mean,
    "product, temperature": _product,
    SHIPPED: _product_by_priors,
    "product / priors, temperature, floor 1 %": _higher_floor,
}


def fit(parts: Sequence[Items]) -> Single:
    """Fit temperature, threshold and F-scores of face and voice, each to its own items."""
    temperatures = [calibration.fit_temperature(one.y, one.probabilities) for one in parts]
    after = [
        calibration.apply_temperature(one.probabilities, temperature)
        for one, temperature in zip(parts, temperatures, strict=True)
    ]
    found = list(zip([one.y for one in parts], after, strict=True))
    return Single(
        temperatures,
        [calibration.threshold(*one, RIGHT) for one in found],
        np.array([fusion.f_score_weights(*one) for one in found]),
        np.array([one.priors for one in parts]),
    )


def fit_pairs(y: np.ndarray, fused: np.ndarray) -> tuple[float, float, float]:
    """Fit a temperature to fused probabilities; return it, the threshold, and the one that `RIGHT` alone
    needs."""
    temperature = calibration.fit_temperature(y, fused)
    enough = calibration.threshold(y, calibration.apply_temperature(fused, temperature), RIGHT)
    return temperature, max(LEAST, enough), enough


def draw(parts: Sequence[Items], fractions: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Draw pairs of a face and a voice with the same label, with replacement.

    Returns
    -------
    np.ndarray
        Rows of the faces and of the voices, int (2, n). `fractions` (7,) tells how common each label is.
    """
    rng = np.random.default_rng(seed)
    labels = np.searchsorted(np.cumsum(fractions)[:-1], (np.arange(n) + 0.5) / n)
    counts = list(zip(*np.unique(labels, return_counts=True), strict=True))
    return np.array(
        [
            np.concatenate([rng.choice(np.flatnonzero(one.y == label), count) for label, count in counts])
            for one in parts
        ]
    )


def scaled(single: Single, parts: Sequence[Items], rows: np.ndarray) -> list[np.ndarray]:
    """Return the calibrated probabilities of both modalities for pairs, each (n, 7)."""
    return [
        calibration.apply_temperature(one.probabilities[row], temperature)
        for one, temperature, row in zip(parts, single.temperatures, rows, strict=True)
    ]


def mean_threshold(single: Single, pair: Sequence[np.ndarray], fused: np.ndarray) -> np.ndarray:
    """Return the threshold of the demo's first rule for each pair, (n,): the mean of the thresholds of face
    and voice, weighted by their parts of the fused probability."""
    rows, first = np.arange(len(fused)), fused.argmax(axis=1)
    weights = np.array(pair)[:, rows, first] * single.f_scores[:, first]
    return np.array(single.thresholds) @ (weights / weights.sum(axis=0))


def compare(parts: Sequence[Items], fractions: np.ndarray, n: int = PAIRS) -> dict:
    """Measure all `RULES` on pairs, each half of the items with the values fitted on the other.

    Parameters
    ----------
    parts : sequence of Items
        Faces and voices.
    fractions : np.ndarray
        How common each label is among the pairs, (7,).
    n : int
        Number of pairs.

    Returns
    -------
    dict
        n, baseline, and "rules": for each rule "right" (accuracy of the first guess), "gain" (its difference
        from the demo's first rule), "answered" (coverage), "right_when_answered" (selective accuracy) and
        "right_of_as_many" (accuracy on the most confident pairs, as many as the demo's first rule answers),
        each with its "..._interval"; "ece"; and the temperature and threshold fitted on each half.
    """
    found = {name: [] for name in RULES}
    y, units = [], []
    for first in (True, False):
        learn, count = ([one.take(one.half == side) for one in parts] for side in (first, not first))
        single, learnt, rows = (
            fit(learn),
            draw(learn, fractions, n // 2, 1),
            draw(count, fractions, n // 2, 2),
        )
        pairs = scaled(single, learn, learnt), scaled(single, count, rows)
        labels = learn[0].y[learnt[0]], count[0].y[rows[0]]
        for name in RULES:
            found[name].append(_measured(name, single, labels, pairs))
        y.append(labels[1])
        units.append([one.units[row] for one, row in zip(count, rows, strict=True)])
    y, units = np.concatenate(y), np.hstack(units)
    rules = _with_intervals(found, y, units)
    for name, halves in found.items():
        fused = np.concatenate([half["fused"] for half in halves])
        rules[name]["ece"] = calibration.expected_calibration_error(y, fused)
        rules[name]["temperatures"] = [half["temperature"] for half in halves]
        rules[name]["thresholds"] = [half["threshold"] for half in halves]
    return {"n": len(y), "baseline": np.bincount(y).max() / len(y), "rules": rules}


def _measured(name, single, labels, pairs):
    """Fit a rule to the first of two sets of pairs, and return its answers for the second."""
    learnt, fused = (RULES[name](single, pair) for pair in pairs)
    if name == BEFORE:
        temperature, threshold, line = 1.0, None, mean_threshold(single, pairs[1], fused)
    else:
        temperature, threshold, _ = fit_pairs(labels[0], learnt)
        fused, line = calibration.apply_temperature(fused, temperature), threshold
    return {
        "fused": fused,
        "right": fused.argmax(axis=1) == labels[1],
        "answered": fused.max(axis=1) >= line,
        "temperature": temperature,
        "threshold": threshold,
    }


def _with_intervals(found, y, units):
    """The rates of each rule in both directions together, with their intervals."""
    right, answered = (
        np.stack([np.concatenate([half[key] for half in halves]) for halves in found.values()], axis=1)
        for key in ("right", "answered")
    )
    confidence = [np.concatenate([half["fused"].max(axis=1) for half in halves]) for halves in found.values()]
    as_many = 1 - answered[:, list(RULES).index(BEFORE)].mean()
    sure = np.stack([one >= np.quantile(one, as_many) for one in confidence], axis=1)
    counts = np.stack([right, answered, right & answered, sure, right & sure], axis=1).astype(float)
    means, drawn = _rates(counts.mean(axis=0)), _rates(resampled(counts, y, units))
    return {
        rule: {name: float(value[place]) for name, value in means.items()}
        | {f"{name}_interval": np.quantile(drawn[name][:, place], [0.025, 0.975]).tolist() for name in means}
        for place, rule in enumerate(RULES)
    }


def _rates(counts):
    """Rates (..., rules) from fractions of the pairs (..., 5, rules)."""
    right, answered, both, sure, right_and_sure = np.moveaxis(counts, -2, 0)
    return {
        "right": right,
        "gain": right - right[..., [list(RULES).index(BEFORE)]],
        "answered": answered,
        "right_when_answered": both / np.maximum(answered, 1e-9),
        "right_of_as_many": right_and_sure / sure,
    }


def resampled(counts: np.ndarray, y: np.ndarray, units: np.ndarray, n_boot: int = RESAMPLED) -> np.ndarray:
    """Compute means of pairs again for other faces and other actors (the pigeonhole bootstrap).

    Actors and faces are resampled separately. A pair counts as often as its actor times its face. Each label
    stays as common as before.

    Parameters
    ----------
    counts : np.ndarray
        (n, ...): what to take the means of.
    y : np.ndarray
        Labels of the pairs, int (n,).
    units : np.ndarray
        Faces and actors of the pairs, int (2, n).

    Returns
    -------
    np.ndarray
        (n_boot, ...).

    References
    ----------
    Owen (2007), "The pigeonhole bootstrap", doi:10.1214/07-AOAS122.
    """
    rng, common = np.random.default_rng(0), np.bincount(y) / len(y)
    codes = [np.unique(one, return_inverse=True)[1] for one in units]
    found = []
    for _ in range(n_boot):
        weights = np.ones(len(y))
        for code in codes:
            n = code.max() + 1
            weights *= np.bincount(rng.integers(n, size=n), minlength=n)[code]
        weights *= (common / np.maximum(np.bincount(y, weights), 1e-9))[y]
        found.append(np.tensordot(weights, counts, axes=1))
    return np.array(found)
