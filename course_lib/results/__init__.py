"""Figures measured on real data: `NAME.json` in this folder, and `published`, the figures that others
published.

`course evaluate --data DIR` and `course train NAME --final --ship` write the files (`authoring/experiments`,
`authoring/ship.py`). Lessons, plots and the demo only read them, so nothing here needs Keras.
"""

import json
from pathlib import Path

from course_lib.core.errors import CourseError
from course_lib.core.validation import did_you_mean

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
    Used in lessons 01, 03, 04, 07 and 09 to 14.

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
    Used in lessons 10 and 11.

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
