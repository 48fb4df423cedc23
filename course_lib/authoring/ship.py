"""For maintainers: copy the results of a training into course_lib/results and course_lib/models/weights."""

import json
import shutil
from pathlib import Path

from course_lib import results
from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.models import voices
from course_lib.models.presets import NAMES, RECIPES, SHIPPED

VOICES = ("voice", "voice_encoder")
KINDS = {"weights.npz": "npz", "predictions.npz": "predictions.npz", "card.md": "md"}  # file: its new ending


def ship(folder: str | Path) -> list[Path]:
    """For maintainers: copy the results of a training into the package.

    Parameters
    ----------
    folder : str or Path
        Where `course train --final` wrote its files.

    Returns
    -------
    list of Path
        The written files: `results/NAME.json` with the command, the commit and the content of training.json.
        A training with another seed than 0 is written to `results/NAME_seedN.json`, and nothing else. For the
        networks that come with the course also the weights `NAME.npz`, the model card `NAME.md`, and
        of networks for faces and of `voice_encoder` the probabilities for each test item,
        `NAME.predictions.npz`. `course cards`
        completes the card.

    Raises
    ------
    CourseError
        If the folder has no `training.json`.
    """
    path = Path(folder) / "training.json"
    if not path.is_file():
        raise CourseError(path, "it is missing: no training ended in this folder", "Run: course train")
    about = json.loads(path.read_text(encoding="utf-8"))
    name = about.get("network") or about["classifier"]
    found = {"command": _command(about), **about}
    seed = f"_seed{about['seed']}" if about.get("seed") else ""
    paths = []
    for kind, end in KINDS.items() if name in (*NAMES.values(), *VOICES) and not seed else ():
        if kind == "predictions.npz" and name == "voice":
            continue  # its predictions are in training.json
        target = voices.SHIPPED.parent if name in VOICES else SHIPPED
        paths.append(target / f"{name}.{end}")
        with whole_file(paths[-1]) as part:
            shutil.copyfile(Path(folder) / kind, part)
    paths.append(results.FOLDER / f"{name}{seed}.json")  # last: the figures are of weights that are there
    with whole_file(paths[-1]) as part:
        part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return paths


def _command(about):
    """The command that trains such a network again."""
    if "classifier" in about:
        return f"course train {about['classifier']} --data DIR --ship"
    name = about["network"]
    epochs, recipe = about["stages"][0]["epochs"], RECIPES[name]
    given = {
        "--votes FILE": recipe.votes,
        f"--epochs {epochs}": epochs != recipe.stages[0].epochs,
        f"--seed {about['seed']}": about["seed"] != 0,
    }
    return " ".join(
        [
            f"course train {name} --data FILE",
            *(text for text, used in given.items() if used),
            "--final --ship",
        ]
    )
