"""Count what `emotion_net` answers on the London set's neutral and smiling faces, by gender and by age.

The set has 102 people, each once neutral and once smiling. So each person counts once in each cell, and an
interval over photographs is an interval over people.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from course_lib import evaluation, features, load
from course_lib.authoring.experiments import transfer
from course_lib.authoring.experiments.face_calibration import WEIGHTS, shipped_outputs
from course_lib.datasets import embedded, london
from course_lib.models import card, face_networks

POSED = {expression: emotion for expression, (_, emotion) in london.EXPRESSIONS.items()}
AGES = {"18 to 24": (18, 24), "25 to 29": (25, 29), "30 and over": (30, 120)}
# Of each pair the first group minus the second one.
DIFFERENCES = {"gender": ("female", "male"), "age": ("30 and over", "18 to 24")}
SMALLEST = 8  # people in a group of the table by ethnicity; smaller groups are not shown
TOO_FEW = "too few people to conclude"
CANNOT_BE_KNOWN = (
    "The expressions are posed, in one studio, with one light and one camera, by 102 people, most of them "
    "between 18 and 40. Gender, age and ethnicity are those of the set's own table. Groups "
    "by gender, age and ethnicity overlap, so a difference between two groups can have another cause. Smiles "
    'differ: a group whose smiles are slighter on average is answered "happy" less often, and nobody '
    "measured how strong the smiles are. The label is what the person was asked to do, not what the person "
    "felt. Only neutral and smiling faces are here, so nothing is known about the other emotions. A "
    "difference whose interval includes zero does not show that two groups are treated alike."
)


def london_fairness(data: Path) -> dict:
    """Count what each output of `emotion_net` answers on 204 faces, by expression and by group of people.

    The faces are turned and scaled so that the eyes are where FER2013 has them (`load.faces`), and predicted
    with test-time augmentation. "as_posed": how many smiling faces are answered "happy", and how many neutral
    faces "neutral", with the 95 % Wilson interval over people. "differences": the fraction of the first group
    minus that of the second, with its 95 % interval.

    "control": HoG and a linear SVC that were trained on the other people of the same set, ten folds. It shows
    whether the smiles of a group can be told from neutral faces at all.
    """
    table = london.table(embedded.folder("london"))
    images = load.faces("london").images
    return {
        "files": list(table["path"]),
        "weights_sha256": card.digest(WEIGHTS),
        "n": len(table),
        "people": int(table["actor"].nunique()),
        "age_unknown": int(table["age"].isna().sum() // len(POSED)),
        "cannot_be_known": CANNOT_BE_KNOWN,
        "outputs": {
            output: by_group(table, np.array(face_networks.classes(network))[_predicted(network, images)])
            for output, network in shipped_outputs().items()
        },
        "control": by_group(table, control(table)),
    }


def control(table: pd.DataFrame) -> np.ndarray:
    """Predict "happy" or "neutral" for each photograph by a classifier that was trained on other people."""
    X, linear = features.hog(transfer.london_faces(table)[0]), "linear SVC"
    classifiers = {linear: transfer.CLASSIFIERS[linear]}
    return evaluation.compare(X, table, transfer.PROTOCOL, classifiers, cv=10).predictions[linear]


def _predicted(network, images):
    return face_networks.predict(network, images).argmax(axis=1)


def by_group(table: pd.DataFrame, answers: np.ndarray) -> dict:
    """Count the answers in all photographs, by gender, by age and by ethnicity, as plain values.

    Parameters
    ----------
    table : pd.DataFrame
        As from `london.table`.
    answers : np.ndarray
        str (n,): the emotion that the network answers for each photograph.

    Returns
    -------
    dict
        "all", "gender", "age", "ethnicity" and "differences".
    """
    table = table.assign(answer=answers, age=_age_group(table["age"]))
    found = {"all": by_expression(table)}
    for column in ("gender", "age"):
        groups = sorted(table[column].dropna().unique())
        found[column] = {group: by_expression(table[table[column] == group]) for group in groups}
    found["ethnicity"] = by_ethnicity(table)
    found["differences"] = {
        column: {
            "groups": [first, second],
            **{expression: difference(found[column], first, second, expression) for expression in POSED},
        }
        for column, (first, second) in DIFFERENCES.items()
        if {first, second} <= set(found[column])
    }
    return found


def _age_group(ages):
    """The group of each age, None where the age is unknown."""
    named = pd.Series([None] * len(ages), ages.index, dtype=object)
    for name, (youngest, oldest) in AGES.items():
        named[(ages >= youngest) & (ages <= oldest)] = name
    return named


def by_expression(table: pd.DataFrame) -> dict:
    """Count the answers for the neutral and for the smiling faces of some people."""
    found = {}
    for expression, emotion in POSED.items():
        answers = table.loc[table["expression"] == expression, "answer"].value_counts()
        n, posed = int(answers.sum()), int(answers.get(emotion, 0))
        other = (
            answers.drop(emotion, errors="ignore").sort_index().sort_values(ascending=False, kind="stable")
        )
        found[expression] = {
            "n": n,
            "as_posed": posed,
            "fraction": posed / n,
            "interval": evaluation.wilson(posed, n),
            "commonest_other": {"answer": other.index[0], "n": int(other.iloc[0])} if len(other) else None,
        }
    return found


def by_ethnicity(table: pd.DataFrame) -> dict:
    """Count by ethnicity without a conclusion; groups of fewer than 8 people are not shown."""
    people = table.drop_duplicates("actor")["ethnicity"].value_counts()
    shown = people[people >= SMALLEST].sort_index()
    groups = {}
    for group in shown.index:
        cells = by_expression(table[table["ethnicity"] == group])
        groups[group.replace("_", " ")] = {
            expression: {key: cell[key] for key in ("n", "as_posed", "fraction", "interval")}
            for expression, cell in cells.items()
        }
    return {"heading": TOO_FEW, "not_shown": int(people.sum() - shown.sum()), "groups": groups}


def difference(groups: dict, first: str, second: str, expression: str) -> dict:
    """The difference of two groups' fractions, with its 95 % interval (Newcombe 1998, method 10)."""
    cells = [groups[name][expression] for name in (first, second)]
    (p1, p2), ((low1, high1), (low2, high2)) = (
        [cell[key] for cell in cells] for key in ("fraction", "interval")
    )
    return {
        "difference": p1 - p2,
        "interval": [
            p1 - p2 - float(np.hypot(p1 - low1, high2 - p2)),
            p1 - p2 + float(np.hypot(high1 - p1, p2 - low2)),
        ],
    }
