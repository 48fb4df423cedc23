"""What is for other places: Gradescope's autograder in a root of its own, and two files that are read.

The layout is Gradescope's documentation, "Autograder specifications" (2026-11): /autograder/source,
/autograder/submission, /autograder/submission_metadata.json and /autograder/results/results.json.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile

import notebook_files
import pytest
import yaml
from notebook_files import code
from small_class import HOG_LENGTH

from course_lib import cli, exercises
from course_lib.core.errors import CourseError
from course_lib.core.paths import ROOT
from course_lib.grading import gradescope, sandbox

PLACES = ROOT / "docs" / "grading"
KEY = "0123456789abcdef"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Gradescope's folders, with the autograder unpacked as Gradescope does it."""
    root = tmp_path_factory.mktemp("autograder")
    (root / "seed.key").write_text(KEY)
    made = root / "autograder.zip"
    (block,) = re.findall(r"```bash\n(.*?)```", (PLACES / "elsewhere.md").read_text(), re.DOTALL)
    places = {"bank": ROOT / "bank", "seed.key": root / "seed.key", "autograder.zip": made}
    name, *words = [str(places.get(word, word)) for word in shlex.split(block)]
    assert name == "course" and cli.main(words) == 0
    with zipfile.ZipFile(made) as archive:
        archive.extractall(root / "source")
        modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
    assert all(modes[name] & 0o111 for name in ("setup.sh", "run_autograder"))
    (root / "submission").mkdir()
    users = [{"email": "b@u", "id": 9, "name": "Bob"}, {"email": "ann@u.example", "id": 7, "name": "Ann Lee"}]
    metadata = {
        "id": 1,
        "created_at": "2026-11-30T14:05:00.1-08:00",
        "users": users,
        "previous_submissions": [],
    }
    (root / "submission_metadata.json").write_text(json.dumps(metadata))
    return root


def run(root):
    own = {**os.environ, "AUTOGRADER": str(root), "PYTHON": sys.executable, "COURSE_HOME": str(root / "home")}
    script = ["bash", str(root / "source" / "run_autograder")]
    return subprocess.run(script, cwd=root, env=own, capture_output=True, text=True, timeout=300)


def hand_in(root, answer):
    cell = code(answer, grade_id=exercises.find("02.1").grade_id)
    (root / "submission" / "hand_in_02.ipynb").write_text(json.dumps(notebook_files.book(cell)))


@pytest.mark.skipif(bool(sandbox.available("bwrap")), reason="no bubblewrap here")
def test_gradescope_gets_its_results(root):
    hand_in(root, HOG_LENGTH)
    ran = run(root)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads((root / "results" / "results.json").read_text())
    assert found["score"] == 2 and found["stdout_visibility"] == "hidden"
    assert (found["tests"][0]["score"], found["tests"][0]["max_score"]) == (2, 2)
    assert {"score", "max_score", "name", "output"} <= set(found["tests"][0])


def test_a_failure_is_one_error_and_writes_no_results(tmp_path, monkeypatch, root):
    """Gradescope takes a missing results.json for a failure of the autograder."""
    monkeypatch.setattr(sandbox, "available", lambda kind: f"there is no {kind}")
    for name in ("source", "submission", "submission_metadata.json"):
        (tmp_path / name).symlink_to(root / name)
    with pytest.raises(CourseError, match="--sandbox bwrap: it does not work here"):
        gradescope.main(tmp_path)
    assert not (tmp_path / "results").exists()


def test_the_zip_holds_the_lesson_s_bank_and_no_other(root):
    names = {path.relative_to(root / "source").as_posix() for path in (root / "source").rglob("*")}
    assert {name for name in names if name.startswith("course/bank/")} == {"course/bank/lesson_02.py"}
    assert not any("__pycache__" in name or name.startswith("course/masters") for name in names)
    subprocess.run(["bash", "-n", root / "source" / "setup.sh"], check=True)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    asked = re.search(r"\[([\w,]+)\]\"$", (root / "source" / "setup.sh").read_text(), re.MULTILINE)
    assert set(asked[1].split(",")) <= set(extras)


def test_a_lesson_that_is_none_is_one_error(tmp_path):
    (tmp_path / "seed.key").write_text(KEY)
    with pytest.raises(CourseError, match="--lessons 77: there are no exercises of this lesson"):
        gradescope.pack(tmp_path / "a.zip", ROOT / "bank", tmp_path / "seed.key", ["77"])


def test_the_image_has_what_answers_import_in_the_course_s_versions():
    text = (PLACES / "Dockerfile").read_text().replace("\\\n", " ")
    names = re.search(r"-c /constraints.txt (.*)", text)[1].split()
    pinned = set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / "constraints.txt").read_text()))
    assert set(names) <= pinned and {"numpy", "keras", "tensorflow-cpu"} <= set(names)


def test_the_workflow_s_commands_and_files_are_there():
    workflow = yaml.safe_load((PLACES / "github_classroom.yml").read_text())
    steps = workflow["jobs"]["run"]["steps"]
    ours = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())
    known = {step["uses"] for job in ours["jobs"].values() for step in job["steps"] if "uses" in step}
    assert {step["uses"] for step in steps if "uses" in step} <= known
    (command,) = [step["run"] for step in steps if step.get("run", "").startswith("course ")]
    assert vars(cli.parser().parse_args(command.split()[1:]))["name"] == "run"
