"""Scores of a trained network: `course evaluate --model emotion --data FILE.npz`."""

from pathlib import Path

import numpy as np

from course_lib import evaluation
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013
from course_lib.models.face_networks import classes, load, predict


def scores(network, images, labels, protocol, learnt=None, note="") -> dict:
    """A network's scores on faces uint8 (n, 48, 48) with labels (n,) that index its classes, as plain values.

    `learnt`, the labels that it was trained on, give the baseline; without them the tested ones do.

    "top_1" (with interval and baseline), "uar", "confusion" (rows true), "classes" (n, precision, recall, F1
    of each), "answers" (a digit an image, to compare networks image by image); of seven classes also "top_3",
    "second_guess" and "loss" (the mean cross-entropy of what `predict` answers)."""
    names = np.array(classes(network))
    probabilities, truth = predict(network, images), names[labels]
    answers, learnt = probabilities.argmax(axis=1), None if learnt is None else names[learnt]
    found = {"top_1": evaluation.Score.of(truth, names[answers], protocol, learnt, note).plain()}
    if len(names) > 3:
        given = np.clip(
            probabilities[np.arange(len(labels)), labels], 1e-7, 1
        )  # Keras's epsilon: no probability is nothing
        found["loss"] = float(-np.log(given).mean())
        found["top_3"] = evaluation.top_k(truth, probabilities, names, 3, protocol, learnt, note).plain()
        if (names[answers] != truth).any():
            found["second_guess"] = evaluation.second_guess_right(
                truth, probabilities, names, protocol, note=note
            ).plain()
    return found | {
        "uar": evaluation.unweighted_average_recall(truth, names[answers]),
        "confusion": evaluation.confusion(truth, names[answers], names.tolist()).to_numpy().tolist(),
        "classes": evaluation.f_scores(truth, names[answers], names.tolist()).round(4).to_dict("index"),
        "answers": "".join(map(str, answers)),
    }


def evaluate(model, data) -> dict:
    """`scores` of a trained network (as `load` finds it) on a file of faces, all of its rows
    (`fer2013.read`).

    For `face_or_not` the labels are 0, other, and 1, face. Rows of Training are counted in the score's note.
    Raises `CourseError` as `load` and `fer2013.read` do, and for a label that the network has no class for.
    """
    network, faces = load(model), fer2013.read(data)
    if faces.labels.max() >= len(classes(network)):
        raise CourseError(
            data,
            f"label {faces.labels.max()} is no class of {network.name}",
            f"Labels count from 0: {', '.join(classes(network))}",
        )
    learnt = int((faces.usage == "Training").sum())
    note = (
        f"{learnt:,} of the rows are Training, which it may know by heart"
        if learnt
        else "no row says of which part it is: it may know some" * (not faces.usage.astype(bool).any())
    )
    return scores(network, faces.images, faces.labels, f"all rows of {Path(data).name}", note=note)


def lines(found) -> list[str]:
    """`scores` by part as lines to print: top-1, top-3, second guess, UAR, and each class."""
    lines = []
    for part, one in found.items():
        lines += [
            f"{part}, {kind}: {evaluation.Score.from_dict(one[kind])}"
            for kind in ("top_1", "top_3", "second_guess")
            if kind in one
        ]
        ends = "–".join(f"{100 * end:.1f}" for end in one.get("uar_interval", ()))
        lines += [f"{part}, UAR: {100 * one['uar']:.1f} %{f' ({ends} by drawing actors again)' * bool(ends)}"]
        lines += [
            f"  {name:<9} n {row['n']:>4}, recall {row['recall']:.3f}, F1 {row['F1']:.3f}"
            for name, row in one["classes"].items()
        ]
    return lines
