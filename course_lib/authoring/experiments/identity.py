"""Measure what the alignment costs `face_identity`: by five points, or by the box of a face detector.

The London set comes with the course: 102 people, each once neutral and once smiling. It also shows how close
the network with 8-bit weights is to dlib's own: `dlib_vectors.json` holds what dlib answers for eight of the
photographs. This checks the network. The course uses its layers as features and recognises nobody. Lesson 04.
"""

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from course_lib import evaluation
from course_lib.core.progress import progress
from course_lib.datasets import embedded, london
from course_lib.faces import finding

DLIB = Path(__file__).with_name("dlib_vectors.json")
THRESHOLD = 0.6  # dlib's: two faces that are closer count as one person
N_BOOT = 2000


def face_identity_alignment(data: Path) -> dict:
    """Compare aligning by five points with aligning by box, on 204 photographs.

    "dlib": the cosine between dlib's 128 numbers and ours on eight photographs. "dlib's points" are the whole
    pixels that dlib itself used, so that only the weights and the arithmetic differ.

    "verification": the distances between the 128 numbers of a neutral and a smiling photograph, for the same
    person (102 pairs) and for two people (10,302 pairs). "auc": how often a pair of the same person is closer
    than one of two people (0.5 is chance). "equal_error": the error at the threshold where both kinds of
    pairs are equally often wrong. "missed": the fraction of pairs of the same person that are at least 0.6
    apart; "false": the fraction of pairs of two people that are closer. Intervals resample people, but that
    of "missed" is Wilson's. Both photographs of a person were taken in one session, which makes the task
    easy: see the contrast with pixels. The box's place in the aligned face was set on the same photographs.
    """
    table = london.table(embedded.folder("london"))
    images = [cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB) for path in table["path"]]
    chips = aligned(images, london.points(table))
    return {
        "files": [*map(Path, table["path"]), DLIB],
        "n": len(table),
        "people": int(table["actor"].nunique()),
        "dlib": agreement(images, chips, list(table["recording"])),
        "threshold": THRESHOLD,
        "verification": {
            way: verification(vectors, table)
            for way, vectors in progress(_representations(chips).items(), desc="ways", leave=False)
        },
    }


def aligned(images: list[np.ndarray], points: np.ndarray) -> dict[str, np.ndarray]:
    """Align the faces in every way: each uint8 (n, 150, 150, 3). Each image shows one face."""
    from course_lib.models import face_identity

    boxes = {detector: [finding.largest(one, detector) for one in images] for detector in finding.detectors()}
    return {
        "points": face_identity.align(images, points),
        **{
            f"box, {detector}": np.stack(
                [face_identity.align_by_box(image, box) for image, box in zip(images, found, strict=True)]
            )
            for detector, found in boxes.items()
        },
        "whole photograph": np.stack(
            [cv2.resize(one, (150, 150), interpolation=cv2.INTER_AREA) for one in images]
        ),
    }


def agreement(images: list[np.ndarray], chips: dict[str, np.ndarray], recordings: list[str]) -> dict:
    """Compare our 128 numbers with dlib's own on the photographs in `DLIB`, for every way to align."""
    from course_lib.models import face_identity

    about = json.loads(DLIB.read_text(encoding="utf-8"))
    places = [recordings.index(name) for name in about["photographs"]]
    photographs = about["photographs"].values()
    theirs = np.array([one["vector"] for one in photographs])
    points = np.array([one["points"] for one in photographs])
    ways = {"dlib's points": face_identity.align([images[place] for place in places], points)}
    ways |= {way: found[places] for way, found in chips.items()}
    return {
        "n": len(places),
        "made_with": about["made_with"],
        "cosine": {way: _cosines(_identity(found), theirs) for way, found in ways.items()},
    }


def verification(vectors: np.ndarray, table: pd.DataFrame) -> dict:
    """Distances of the same person and of two people, with the errors of telling them apart."""
    neutral, smiling = (
        vectors[(table["expression"] == expression).to_numpy()] for expression in ("neutral", "smiling")
    )
    distances = np.linalg.norm(neutral[:, np.newaxis] - smiling, axis=2)  # row and column: the person
    people = np.arange(len(distances))
    same, other = pairs(distances, people)
    drawn = np.random.default_rng(0).integers(len(people), size=(N_BOOT, len(people)))
    resampled = [
        [figure(*found) for figure in FIGURES.values()]
        for found in (pairs(distances, some) for some in drawn)
    ]
    ends = np.quantile(resampled, [0.025, 0.975], axis=0).T.tolist()
    missed = int((same >= THRESHOLD).sum())
    return {
        "same": _spread(same),
        "other": _spread(other),
        "missed": {"value": missed / len(same), "interval": evaluation.wilson(missed, len(same))},
        **{
            name: {"value": figure(same, other), "interval": interval}
            for (name, figure), interval in zip(FIGURES.items(), ends, strict=True)
        },
    }


def pairs(distances: np.ndarray, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distances of the same person and of two people, from (people, people), for the people drawn."""
    drawn, same = distances[np.ix_(people, people)], people[:, np.newaxis] == people
    return np.diag(drawn), drawn[~same]


def auc(same: np.ndarray, other: np.ndarray) -> float:
    """How often a pair of the same person is closer than a pair of two people."""
    other = np.sort(other)
    further = len(other) - (np.searchsorted(other, same) + np.searchsorted(other, same, "right")) / 2
    return float(further.mean() / len(other))


def equal_error(same: np.ndarray, other: np.ndarray) -> float:
    """The error at the threshold where pairs of the same person and of two people are equally often wrong."""
    missed = 1 - np.arange(1, len(same) + 1) / len(same)  # with a threshold at each distance of one person
    false = np.searchsorted(np.sort(other), np.sort(same), "right") / len(other)
    return float(np.maximum(missed, false).min())


FIGURES: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "auc": auc,
    "equal_error": equal_error,
    "false": lambda same, other: float((other < THRESHOLD).mean()),
}


def _representations(chips):
    """The 128 numbers for every way to align, and two contrasts that have learnt nothing."""
    by_points = chips["points"]
    small = [cv2.resize(chip, (16, 16), interpolation=cv2.INTER_AREA).ravel() / 255 for chip in by_points]
    return {
        **{way: _identity(found) for way, found in chips.items()},
        "points, random weights": _identity(by_points, "random"),
        "points, pixels": np.stack(small),
    }


def _identity(chips, weights=None):
    from course_lib.models import from_preset

    return from_preset("face_identity", weights).features(chips, layer="identity")


def _cosines(ours, theirs):
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    cosines = (ours * theirs).sum(axis=1) / lengths
    return {"lowest": float(cosines.min()), "mean": float(cosines.mean())}


def _spread(distances):
    low, median, high = np.quantile(distances, [0.05, 0.5, 0.95])
    return {"n": len(distances), "median": float(median), "quantiles_5_95": [float(low), float(high)]}
