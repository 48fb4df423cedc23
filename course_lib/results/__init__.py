"""Figures measured on real data: `NAME.json` in this folder, and `published`, the figures that others
published.

`course evaluate --data DIR` and `course train NAME --final --ship` write the files (`authoring/experiments`,
`authoring/ship.py`). Lessons, plots and the demo only read them, so nothing here needs Keras.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.names import did_you_mean

FOLDER = Path(__file__).parent


def read(name: str) -> dict:
    """Read a result that was measured on real data.

    Parameters
    ----------
    name : str
        The name of the measurement or of the network, such as "fer2013_counts".

    Returns
    -------
    dict
        Plain values. `evaluation.Score.from_dict` turns the ones that are scores into a `Score`.

    Raises
    ------
    CourseError
        If there is no such result.

    Notes
    -----
    Used in lessons 01, 03, 04, 07 and 09 to 17.

    Examples
    --------
    >>> read("ravdess_speech_counts")["actors"]
    24
    """
    path = FOLDER / f"{name}.json"
    if not path.exists():
        raise CourseError(
            f"result {name!r}",
            "there is no such result",
            f"{did_you_mean(name, sorted(one.stem for one in FOLDER.glob('*.json')))}"
            "To measure it: course evaluate NAME --data DIR; for a network: course train NAME --final --ship",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def trained() -> dict[str, dict]:
    """Read the results of all networks that were trained on real data.

    Returns
    -------
    dict of str to dict
        What `course train NAME --final --ship` saved, by the name of the network. Trainings with other seeds
        are left out.

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> "emotion_net" in trained()
    True
    """
    found = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))
    }
    return {name: one for name, one in found.items() if one.get("network") == name}


def other_seeds(name: str) -> list[dict]:
    """Read the results of the same training with other seeds than the one whose weights are in the course.

    Parameters
    ----------
    name : str
        The network's name.

    Returns
    -------
    list of dict
        As in `trained`, in the order of the seeds.

    Examples
    --------
    >>> other_seeds("gudi_cnn")
    []
    """
    found = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob(f"{name}_seed*.json")]
    return sorted(found, key=lambda one: one["seed"])


def trend(history: Mapping[str, Sequence[float]], least: float = 0.01, epochs: int = 12) -> str:
    """Tell from a learning curve whether a network had learnt what this training could teach it.

    Parameters
    ----------
    history : mapping
        With "val_accuracy", one number for each epoch.
    least : float
        By how much the best validation accuracy must have risen in the last quarter of the epochs to count
        as still rising. With 2,841 validation faces, chance alone moves an accuracy by about a point.
    epochs : int
        A shorter training is not judged.

    Returns
    -------
    str
        "converged", "still rising" or "too short to tell".

    Notes
    -----
    A rate that falls to 0 flattens every curve at its end. So "converged" holds for this training, and a
    longer one may still reach more. Used in lesson 10.

    Examples
    --------
    >>> trend({"val_accuracy": [0.3, 0.5, 0.6] + [0.62] * 12})
    'converged'
    """
    curve = np.asarray(history["val_accuracy"], float)
    if len(curve) < epochs:
        return "too short to tell"
    last = len(curve) // 4
    return "converged" if curve[-last:].max() - curve[:-last].max() < least else "still rising"


def compared(first: str, second: str) -> str:
    """Tell what the curves of two trained networks allow to conclude about them.

    Parameters
    ----------
    first, second : str
        Names of networks that `course train NAME --final --ship` has trained.

    Returns
    -------
    str
        One line. Only if both have converged (`trend`) does it say which is better on PublicTest, with the
        exact McNemar test of "fer2013_networks".

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> compared("gudi_cnn", "iiita_face").startswith("gudi_cnn and iiita_face")
    True
    """
    found, both = trained(), f"{first} and {second}"
    trends = {name: trend(found[name]["history"]) for name in (first, second)}
    if set(trends.values()) != {"converged"}:
        told = ", ".join(f"{name} {one} ({found[name]['epochs']} epochs)" for name, one in trends.items())
        return f"{both}: {told}. This comparison decides nothing before longer trainings."
    pairs = read("fer2013_networks")["pairs"]
    one = pairs.get(both) or _turned(pairs[f"{second} and {first}"])
    better = first if one["b"] > one["c"] else second
    verdict = f"{better} is better in these trainings" if one["p"] < 0.05 else "no clear difference"
    counts = f"only the first right {one['b']:,}, only the second {one['c']:,}, p = {one['p']:.2g}"
    return f"{both}, PublicTest, measured on real data: {counts}. Both converged: {verdict}."


def _turned(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"b": one["c"], "c": one["b"]}


def networks_table(networks: Mapping[str, Mapping]) -> pd.DataFrame:
    """List trained networks with their size, their training and their scores on PublicTest.

    Parameters
    ----------
    networks : mapping of str to mapping
        From `trained`: those with a score on "PublicTest".

    Returns
    -------
    pd.DataFrame
        One row for each network, best first. All cells are text or whole numbers.

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> known = {name: one for name, one in trained().items() if "PublicTest" in one["scores"]}
    >>> networks_table(known).columns[0]
    'parameters'
    """
    rows = {}
    for name, one in networks.items():
        top_1, top_3 = (one["scores"]["PublicTest"][kind] for kind in ("top_1", "top_3"))
        low, high = top_1["interval"]
        rows[name] = {
            "parameters": f"{one['parameters']:,}",
            "epochs": one["epochs"],
            "curve": trend(one["history"]),
            "right": top_1["correct"],
            "of": top_1["n"],
            "%": f"{100 * top_1['correct'] / top_1['n']:.1f}",
            "95 % interval": f"{100 * low:.1f} to {100 * high:.1f}",
            "majority %": f"{100 * top_1['baseline']:.1f}",
            "top-3 %": f"{100 * top_3['correct'] / top_3['n']:.1f}",
        }
    table = pd.DataFrame(rows).T.sort_values("right", ascending=False)
    return table.rename_axis("PublicTest, measured on real data")
