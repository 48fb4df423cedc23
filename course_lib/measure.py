"""Figures measured on real data: `course evaluate --data DIR` writes them to results/NAME.json, the lessons read them.

DIR holds `ravdess/speech_16k` (the 1,440 speech takes as FLAC, 16 kHz), `ravdess/original` (some original wavs) and
`ravdess/video/Actor_01` (original mp4s): the folder that `COURSE_REAL_DATA` names for the tests. Each file says which
command wrote it, at which commit, from which files (a hash of their contents), and n; a score also its protocol,
interval and baseline. A test computes them again where the real data are present.
"""

import hashlib
import json
import re
import subprocess
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np

from course_lib import classifiers, evaluation, features, video
from course_lib.datasets import ravdess
from course_lib.files import ROOT, CourseError, whole_file


def ravdess_speech_counts(data) -> dict:
    """How many real speech takes there are of each emotion, and what always "angry" scores against neutral."""
    table = ravdess.table(data / "ravdess" / "speech_16k")
    counts = table["emotion"].value_counts(sort=False).to_dict()
    two = table[table["emotion"].isin(["neutral", "angry"])]
    return {"files": list(table["path"]), "n": len(table), "actors": int(table["actor"].nunique()), "counts": counts,
            "neutral_or_angry": len(two), "majority_baseline": evaluation.majority(two["emotion"])}


def lecture14_real_frames(data) -> dict:
    """Frames declared and decoded of the original clips, and the shape of one (lecture 14 at 02:12)."""
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    decoded = [sum(1 for _ in video.stream(path)) for path in table["path"]]
    declared = [video.declared_frames(path) for path in table["path"]]
    shape = " x ".join(map(str, next(video.stream(table["path"].iloc[0])).shape))
    return {"files": list(table["path"]), "n": len(table), "declared": sum(declared), "decoded": sum(decoded),
            "shape": shape, "declared_each": declared, "decoded_each": decoded}


def lecture14_two_takes(data) -> dict:
    """The lecture's four classifiers on frames of one neutral and one surprised take, frames at random, five folds.

    Two recordings, so what can be learnt is which recording a frame is of: a leak on purpose, on real faces.
    """
    table = ravdess.table(data / "ravdess" / "video" / "Actor_01")
    two = table[table["take"].isin(["01-01-01-01-01-01", "01-08-02-02-02-01"]) & (table["modality"] == "audio-video")]
    images, frames = video.read_frames(two, (224, 224))
    result = classifiers.compare(features.hog(images), frames, "items at random")
    scores = {row.classifier: {**asdict(row.score), "interval": row.score.interval} for row in result.itertuples()}
    return {"files": list(two["path"]), "n": len(frames), "takes": len(two), "scores": scores}


def ravdess_audit(data) -> dict:
    """What stands more than once in the whole folder: speech at 16 kHz, original wavs and videos of the same takes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # re-encoded clips without a RAVDESS name are there on purpose
        table = ravdess.table(data / "ravdess")
    found = evaluation.audit(table)
    same = found[found["leak"] == "same file content"]["detail"]
    return {"files": list(table["path"]), "n": len(table), "leaks": found["leak"].value_counts().to_dict(),
            "same_content": [sorted(re.findall(r"\d\d(?:-\d\d){6}", detail)) for detail in same]}


MEASUREMENTS = {function.__name__: function for function in
                (ravdess_speech_counts, ravdess_audit, lecture14_real_frames, lecture14_two_takes)}


def write(names, data) -> list[Path]:
    """Compute the named figures (all when none is named) from the real data in `data` and write results/NAME.json."""
    unknown = set(names) - MEASUREMENTS.keys()
    if unknown:
        raise CourseError(", ".join(unknown), "there is no such figure", f"There are: {', '.join(MEASUREMENTS)}")
    paths = []
    for name in names or MEASUREMENTS:
        found = MEASUREMENTS[name](Path(data))
        sources = found.pop("files")
        found = {"command": f"course evaluate {name} --data DIR", "commit": _commit(),
                 "data_sha256": hash_files(sources), "data_files": len(sources), **found}
        paths.append(ROOT / "results" / f"{name}.json")
        with whole_file(paths[-1]) as part:
            part.write_text(json.dumps(found, indent=1, default=_plain) + "\n")
    return paths


def read(name) -> dict:
    """A figure measured on real data, as `course evaluate` wrote it. Raises `CourseError` where there is none."""
    # In a checkout results/ stands at the top; an installed wheel carries it inside the package.
    for folder in (ROOT / "results", Path(__file__).parent / "results"):
        if (folder / f"{name}.json").exists():
            return json.loads((folder / f"{name}.json").read_text())
    raise CourseError(name, "it was not measured yet", f"Where the real data lie: course evaluate {name} --data DIR")


def hash_files(paths) -> str:
    """One SHA-256 over the names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(map(Path, paths), key=lambda path: path.name):
        total.update(path.name.encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _commit():
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    except OSError:  # no git here: what was measured counts all the same
        return "unknown"
    return done.stdout.strip() or "unknown"


def _plain(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))
