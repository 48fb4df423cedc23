"""Measure how well people recognise emotions and agree with each other: CREMA-D's and FER+'s votes.

CREMA-D's votes come with the course. They and all tables made from them are under the Open Database License
(ODbL) 1.0. FER+'s votes are read from DIR. Lesson 15.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from course_lib import evaluation
from course_lib.authoring.experiments.faces import FACES, USAGES, VOTES
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import crema_d, embedded, fer2013, ferplus
from course_lib.evaluation import agreement

OF_CREMA_D = tuple(crema_d.VOTES.values())
MODALITIES = tuple(crema_d.MODALITIES.values())
ODBL = (
    "Made from CREMA-D's votes, and so under the Open Database License (ODbL) 1.0: Cao H, Cooper DG, "
    "Keutmann MK, Gur RC, Nenkova A, Verma R (2014), CREMA-D: Crowd-sourced Emotional Multimodal Actors "
    "Dataset."
)
RATERS = 10  # Fleiss' kappa needs the same number of raters for each item
RESAMPLED = 2000


def crema_d_people(data: Path) -> dict:
    """Measure how often people chose the emotion that an actor was asked to show, and how well they agree.

    For each modality: "votes": the fraction of single votes for the intended emotion; "commonest": the
    fraction of clips whose commonest vote is the intended emotion (k equally common votes count 1/k);
    "by_emotion"; "confusion" (rows are the intended emotions, columns the votes, as counts); "alpha"
    (Krippendorff, nominal); "fleiss" on the clips with ten raters. All intervals are over the 91 actors.

    "best_possible": the highest expected accuracy against one rater and the lowest cross-entropy that any
    classifier can have on these votes. The same votes choose the answer and test it, so it is optimistic.

    "conflicts": the clips that have one commonest vote in each modality, those of them whose voice and face
    differ, and how often the vote for both modalities follows the face, the voice or neither.
    """
    votes = crema_d.votes()
    return {
        "files": [str(embedded.folder("crema_d") / "votes.csv.gz")],
        "licence": ODBL,
        "n": len(votes) // len(MODALITIES),
        "actors": int(votes["actor"].nunique()),
        "split": "all clips; nothing is trained",
        "baseline": evaluation.majority(votes.loc[votes["modality"] == MODALITIES[0], "emotion"]),
        "interval": f"95 %, bootstrap over actors, {RESAMPLED} samples",
        "emotions": list(OF_CREMA_D),
        "modalities": {
            modality: in_modality(rows) for modality, rows in votes.groupby("modality", sort=False)
        },
        "conflicts": conflicts(votes),
    }


def in_modality(rows: pd.DataFrame) -> dict:
    """Measure the votes of one modality, as plain values."""
    counts = rows[list(OF_CREMA_D)].to_numpy()
    intended = rows["emotion"].map(OF_CREMA_D.index).to_numpy()
    actors, hits = rows["actor"].to_numpy(), counts[np.arange(len(counts)), intended]
    most = counts == counts.max(axis=1, keepdims=True)
    commonest = most[np.arange(len(most)), intended] / most.sum(axis=1)
    ten = counts[counts.sum(axis=1) == RATERS]
    return {
        "n_votes": int(counts.sum()),
        "raters_a_clip": counts.sum() / len(counts),
        "votes": ratio(hits, counts.sum(axis=1), actors),
        "commonest": ratio(commonest, np.ones(len(counts)), actors),
        "by_emotion": {
            name: ratio(
                hits[intended == place], counts[intended == place].sum(axis=1), actors[intended == place]
            )
            for place, name in enumerate(OF_CREMA_D)
        },
        "confusion": [counts[intended == place].sum(axis=0).tolist() for place in range(len(OF_CREMA_D))],
        "alpha": alpha(counts, actors),
        "fleiss": {"n": len(ten), "raters": RATERS, "value": agreement.fleiss_kappa(ten)},
        "best_possible": best_possible(counts),
    }


def best_possible(counts: np.ndarray) -> dict:
    """The highest expected accuracy and the lowest cross-entropy that votes (n, categories) allow."""
    return {
        "expected_accuracy": agreement.expected_accuracy(counts, counts.argmax(axis=1)),
        "cross_entropy": agreement.soft_cross_entropy(counts, counts / counts.sum(axis=1, keepdims=True)),
    }


def conflicts(votes: pd.DataFrame) -> dict:
    """Count the clips whose voice and face are called differently, and what people choose with both."""
    counts = votes[list(OF_CREMA_D)].to_numpy().reshape(-1, len(MODALITIES), len(OF_CREMA_D))
    clear = ((counts == counts.max(axis=2, keepdims=True)).sum(axis=2) == 1).all(axis=1)
    voice, face, both = counts.argmax(axis=2)[clear].T
    differ = voice != face
    follows = {"face": both == face, "voice": both == voice, "neither": (both != face) & (both != voice)}
    return {
        "clear": int(clear.sum()),
        "differ": int(differ.sum()),
        "follows": {name: int(one[differ].sum()) for name, one in follows.items()},
    }


def ferplus_agreement(data: Path) -> dict:
    """Measure how well FER+'s raters agree with each other, on Training and on PublicTest.

    "alpha" counts all ten columns; "alpha_seven" only the votes for the seven emotions. "best_possible" as in
    `crema_d_people`, on all ten columns. Intervals are over faces; equal images are not joined.
    """
    paths = [data / "fer2013" / name for name in (FACES, VOTES)]
    faces, votes = fer2013.read(paths[0]), ferplus.read_votes(paths[1])
    ferplus.check_votes(votes, faces)
    columns = {"alpha": list(ferplus.VOTES), "alpha_seven": list(ferplus.VOTES_FOR)}
    parts = {}
    for usage in USAGES:
        rows = votes[faces.usage == usage]
        counts = {name: rows[chosen].to_numpy() for name, chosen in columns.items()}
        parts[usage] = {
            "n": len(rows),
            "n_votes": int(counts["alpha"].sum()),
            **{name: alpha(one, np.arange(len(one))) for name, one in counts.items()},
            "best_possible": best_possible(counts["alpha"]),
        }
    return {
        "files": [str(path) for path in paths],
        "n": len(votes),
        "split": "as published; nothing is trained",
        "interval": f"95 %, bootstrap over faces, {RESAMPLED} samples",
        "emotions": list(EMOTIONS),
        "parts": parts,
    }


def ratio(numerators: np.ndarray, denominators: np.ndarray, groups: np.ndarray) -> dict:
    """Divide one sum by another, with the 95 % interval of a bootstrap over groups.

    Examples
    --------
    >>> found = ratio(np.array([1, 0, 3]), np.array([2, 2, 4]), np.array(["a", "a", "b"]))
    >>> found["value"], found["interval"]
    (0.5, [0.25, 0.75])
    """
    sums = pd.DataFrame({"numerator": numerators, "denominator": denominators}).groupby(groups).sum()
    above, below = sums.to_numpy().T
    drawn = resampled(len(sums))
    return {"value": float(above.sum() / below.sum()), "interval": ends(drawn @ above / (drawn @ below))}


def alpha(counts: np.ndarray, groups: np.ndarray) -> dict:
    """Krippendorff's alpha (nominal) of votes (n, categories), with its 95 % interval over groups.

    Alpha needs three kinds of sums over items: of the votes for each category, of all votes, and of the pairs
    of equal votes. So a resampled alpha is computed from the sums of each group.

    Examples
    --------
    >>> round(alpha(np.array([[3, 0], [0, 3], [1, 1]]), np.arange(3))["value"], 3)
    0.562
    """
    rated = counts.sum(axis=1) >= 2
    table, groups = counts[rated].astype(float), groups[rated]
    raters = table.sum(axis=1)
    equal = (table * (table - 1)).sum(axis=1) / (raters - 1)
    sums = pd.DataFrame(np.column_stack([table, equal])).groupby(groups).sum().to_numpy()
    drawn = resampled(len(sums)) @ sums
    return {"value": agreement.krippendorff_alpha(counts), "interval": ends(_alpha(drawn))}


def _alpha(sums):
    """Alpha from sums (..., categories + 1): the votes for each category, then the pairs of equal votes."""
    totals, equal = sums[..., :-1], sums[..., -1]
    n = totals.sum(axis=-1)
    by_chance = (totals * (totals - 1)).sum(axis=-1) / (n - 1)
    with np.errstate(invalid="ignore"):  # 0 / 0 where a sample has votes for one category only
        return 1 - (n - equal) / (n - by_chance)


def resampled(n: int) -> np.ndarray:
    """How often each of n groups is drawn in each bootstrap sample, int (RESAMPLED, n)."""
    return np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), RESAMPLED)


def ends(values: np.ndarray) -> list[float]:
    """The 2.5 and 97.5 % points."""
    return np.nanquantile(values, [0.025, 0.975]).tolist()
