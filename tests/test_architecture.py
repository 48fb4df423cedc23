"""docs/architecture.md against the code: the picture of the packages, and three values on their way."""

import re
import sys
import threading
import tomllib
from contextlib import contextmanager

import grimp
import numpy as np
import pandas as pd
import pytest
import skimage.data

from course_lib.core.paths import ROOT
from course_lib.grading import sandbox

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
PICTURE, WAYS = BLOCKS[0].splitlines()[2:], [block.split() for block in BLOCKS[1:]]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("course_lib", cache_dir=None)


def package(module):
    return module.split(".")[1] if "." in module else ""


def drawn():
    """{package: what it imports}, in the picture's order. Two spaces or more divide name, imports and
    purpose.
    """
    columns = [re.split(r" {2,}", line) for line in PICTURE]
    return {name: rest[0].split() if len(rest) > 1 else [] for name, *rest in columns}


def test_the_picture_shows_what_each_package_imports(graph):
    order = list(drawn())
    found = {name: set() for name in order}
    for module in graph.modules - {"course_lib"}:
        found[package(module)] |= {
            package(other) for other in graph.find_modules_directly_imported_by(module)
        }
    expected = {name: sorted(imports - {name, ""}, key=order.index) for name, imports in found.items()}
    assert drawn() == expected


def test_the_order_of_the_picture_is_the_order_of_the_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    assert list(drawn()) == [layer.removeprefix("course_lib.") for layer in layers]


def test_packages_without_a_mark_never_reach_keras(graph):
    marked = {line.split()[0] for line in PICTURE if "[K]" in line}
    heavy = {
        package(module)
        for module in graph.modules - {"course_lib"}
        if module == "course_lib.models.backend"
        or graph.chain_exists(importer=module, imported="course_lib.models.backend")
    }
    assert heavy == marked


@contextmanager
def calls_of(functions):
    """Yield a list that gets the names of `functions` in the order in which they are first called, in any
    thread.
    """
    seen, lock = [], threading.Lock()

    def note(frame, event, _):
        if event == "call" and (module := frame.f_globals.get("__name__", "")).startswith("course_lib."):
            name = f"{module}.{frame.f_code.co_qualname}"
            with lock:
                if name in functions and name not in seen:
                    seen.append(name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def test_a_clip_becomes_a_score(make_mp4, tmp_path):
    from course_lib import evaluation, features
    from course_lib.media import video
    from course_lib.models import classical

    rng = np.random.default_rng(0)
    clips = pd.DataFrame(
        {
            "path": [
                make_mp4(tmp_path / f"{number}.mp4", rng.integers(0, 256, (8, 48, 64, 3), np.uint8))
                for number in range(2)
            ],
            "emotion": ["calm", "angry"],
            "recording": ["a", "b"],
            "actor": [1, 2],
        }
    )
    with calls_of(WAYS[0]) as seen:
        images, table = video.read_frames(clips, (32, 32), jobs=1)
        evaluation.compare(features.hog(images, jobs=1), table, "random split", classical.panel(), cv=2)
    assert seen == WAYS[0]


def test_a_face_becomes_probabilities():
    from course_lib import faces
    from course_lib.models import from_preset

    photograph = skimage.data.astronaut()
    with calls_of(WAYS[1]) as seen:
        face = faces.crop(photograph, faces.largest(photograph))
        from_preset("emotion_net").predict(face[np.newaxis])
    assert seen == WAYS[1]


@pytest.mark.skipif(bool(sandbox.available("bwrap")), reason="no bubblewrap here")
def test_an_answer_becomes_a_grade(tmp_path, monkeypatch):
    from course_lib.grading import grade

    notebook = (
        '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": '
        '"def hog_length(size, orientations, pixels, cells):\\n    return 1"}], '
        '"metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    (tmp_path / "in" / "mm01").mkdir(parents=True)
    (tmp_path / "in" / "mm01" / "hand_in_02.ipynb").write_text(notebook)
    (tmp_path / "roster.csv").write_text("student,name,email\nmm01,Maria Muster,maria@example.org\n")
    (tmp_path / "seed.key").write_text("0" * 64)
    monkeypatch.setattr(sandbox, "available", lambda *_: "")  # it would run an answer of its own to see
    with calls_of(WAYS[2]) as seen:
        grade.grade(
            grade.Run(
                tmp_path / "in",
                ROOT / "bank",
                tmp_path / "seed.key",
                tmp_path / "roster.csv",
                tmp_path / "out",
                lessons=["02"],
                jobs=1,
            )
        )
    assert seen == WAYS[2]
