"""`course release --only-free`: what is left out, what the rest says of itself, and that its lessons run."""

import os
import subprocess
import sys
import tomllib
import zipfile

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from course_lib import cli, lessons
from course_lib.authoring import build, release
from course_lib.core.paths import ROOT, home
from course_lib.datasets import parts

FREE = [name for name, part in parts.load().items() if part.free]
# The checkout's own install (pip install -e) would add what the copy lacks.
WITHOUT_CHECKOUT = """import sys
installed = lambda finder: "__editable__" in getattr(finder, "__module__", "")
sys.meta_path[:] = [finder for finder in sys.meta_path if not installed(finder)]
"""
SKIPPED = "This cell is skipped: it needs {}, which this copy of the course leaves out because of the licence"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return release.build_wheel(tmp_path_factory.mktemp("wheel"), only_free=True)


@pytest.fixture(scope="module")
def student(wheel, tmp_path_factory):
    """A student's folder, and a function that runs Python in it, with the free wheel alone installed."""
    place, folder = tmp_path_factory.mktemp("site"), tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(place)
    (place / "sitecustomize.py").write_text(WITHOUT_CHECKOUT)
    (home() / "studio").mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir()
    (folder / "home" / "studio").symlink_to(home() / "studio")  # a home without networks, with drawn clips
    (folder / "notebooks").mkdir()
    for name in lessons.names():
        nbformat.write(release.free_lesson(build.from_master(name)), folder / "notebooks" / f"{name}.ipynb")
    env = os.environ | {"PYTHONPATH": str(place), "COURSE_HOME": str(folder / "home")}

    def python(code, *arguments):
        return subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=folder, env=env, capture_output=True, text=True
        )

    def course(*arguments):
        return python("import sys; from course_lib.cli import main; sys.exit(main())", *arguments)

    python.course, python.folder = course, folder
    return python


def test_the_wheel_has_the_free_parts_alone_and_says_so(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        [about] = [name for name in names if name.endswith("METADATA")]
        lines = packed.read(about).decode().splitlines()
        [licence] = [packed.read(name).decode() for name in names if name.endswith("licenses/LICENSE")]
    files = [name.removeprefix("course_lib/") for name in names if name.startswith("course_lib/")]
    assert {part for name in files for part in parts.of_file(name)} == set(FREE)
    assert all(map(parts.stays, files)) and "results/voice.json" in files
    assert f"License-Expression: {parts.licence(FREE)}" in lines
    assert [line[14:] for line in lines if line.startswith("License-File: ")] == parts.texts(FREE)
    assert licence.startswith(parts.notice(FREE) + "\nMIT License\n")
    for word in ("ravdess", "Pexels", "emotion_net", "NC-SA", "commercial use"):
        assert word not in licence


def test_the_full_wheel_is_as_the_project_says(tmp_path):
    with zipfile.ZipFile(release.build_wheel(tmp_path)) as packed:
        [about] = [name for name in packed.namelist() if name.endswith("METADATA")]
        lines = packed.read(about).decode().splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"License-Expression: {project['license']}" in lines
    assert {line[14:] for line in lines if line.startswith("License-File: ")} == set(parts.texts())


def output(text, **metadata):
    return new_output("display_data", {"text/plain": text}, metadata=metadata)


def lesson(*corpora):
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell('CORPUS = "embedded"  # real\nSEED = 0', metadata={"tags": ["parameters"]}),
        new_code_cell('network = from_preset("emotion_net"), from_preset("voice")'),
        new_code_cell("notebook.credits()", metadata={"tags": ["credits"]}),
    ]
    for cell, shown in zip(cells[1:], ({}, {}, {"credits": list(corpora)}), strict=True):
        cell.outputs = [output("shown", **shown)]
    return release.free_lesson(new_notebook(cells=cells))


def test_a_cell_that_needs_what_is_left_out_says_so_and_loses_its_outputs():
    _, parameters, network, credited = lesson("emodb", "studio").cells
    assert network.source.startswith("%%needs emotion_net voice\nnetwork = ") and network.outputs == []
    assert parameters.source == 'CORPUS = "studio"  # real\nSEED = 0'
    assert parameters.outputs and credited.outputs and credited.source == "notebook.credits()"


def test_a_lesson_that_shows_a_corpus_that_is_not_free_loses_all_outputs():
    assert all(cell.get("outputs", []) == [] for cell in lesson("emodb", "ravdess").cells)


def test_the_command_writes_a_bundle_with_changed_lessons(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(build, "stale", lambda name: False)
    assert cli.main(["release", "--out", str(tmp_path), "--only-free", "--lessons", "00", "14"]) == 0
    [bundle] = tmp_path.iterdir()
    assert bundle.name.endswith("-free.zip")
    assert (
        "without ravdess, pexels, emotion_net, face_or_not, voice, voice_encoder, whose"
        in capsys.readouterr().out
    )
    with zipfile.ZipFile(bundle) as packed:
        texts = {name.partition("/")[2]: packed.read(name) for name in packed.namelist()}
    assert texts["LICENSE"].decode().startswith(parts.notice(FREE))
    assert "leaves out** ravdess, pexels" in texts["START_HERE.md"].decode()
    assert nbformat.reads(texts["notebooks/14_live_demo.ipynb"].decode(), 4).cells


ASK = """
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.models import from_preset
import course_lib
print(course_lib.__file__)
print(*embedded.names())
for ask, name in ((from_preset, "emotion_net"), (from_preset, "face_or_not"), (from_preset, "voice"),
                  (embedded.folder, "ravdess"), (embedded.folder, "pexels")):
    try:
        ask(name)
    except CourseError as error:
        print(error)
print(from_preset("face_identity").name)
"""


def test_what_is_asked_for_and_left_out_is_one_clear_error(student):
    done = student(ASK)
    where, names, *errors, identity = done.stdout.splitlines()
    assert str(ROOT) not in where and names == "crema_d emodb london" and identity == "face_identity"
    assert len(errors) == 5 and all(
        ": this copy of the course leaves out course_lib/" in error for error in errors
    ), done.stdout
    assert "course train emotion" in errors[0] and "course fetch ravdess-speech" in errors[3]


COMMANDS = """
import sys
from course_lib.cli import main
for command in (["analyse", sys.argv[1]], ["demo"], ["evaluate", "--model", "emotion", "--data", "."]):
    print(main(command))
"""


def test_commands_that_need_what_is_left_out_say_it_in_one_line(student, make_wav):
    sound = 0.1 * np.random.default_rng(0).normal(size=32000)
    done = student(COMMANDS, str(make_wav(student.folder / "own.wav", sound, 16000)))
    assert done.stdout.splitlines() == ["1"] * 3, done.stdout + done.stderr
    errors = done.stderr.strip().splitlines()
    missing = ("voice", "emotion_net", "emotion_net")  # a recording needs no network for faces
    assert len(errors) == 3
    assert all(
        f"{name}: this copy of the course leaves" in one for name, one in zip(missing, errors, strict=True)
    )


def test_doctor_lists_what_is_left_out(student):
    done = student.course("doctor")
    [row] = [line for line in done.stdout.splitlines() if "parts of the course" in line]
    assert row.startswith("--") and "without ravdess, pexels, emotion_net, face_or_not, voice" in row


def printed(path):
    """The text of a lesson's outputs, and the corpora that it credits."""
    outputs = [output for cell in nbformat.read(path, 4).cells for output in cell.get("outputs", [])]
    text = "".join(output.get("text", output.get("data", {}).get("text/plain", "")) for output in outputs)
    return text, [one for output in outputs for one in output.get("metadata", {}).get("credits", [])]


def ran(student, names):
    done = student.course("run", *names)
    assert done.returncode == 0, done.stdout + done.stderr
    return {
        path.stem[:2]: printed(path) for path in (student.folder / "build" / "lessons").glob("[0-9]*.ipynb")
    }


def test_a_lesson_that_needs_nothing_and_one_that_skips_run_to_their_end(student):
    found = ran(student, ["00", "14"])
    assert "is skipped" not in found["00"][0] and "studio" in found["00"][1]
    assert all(
        SKIPPED.format(name) in found["14"][0] for name in ("ravdess", "ravdess and emotion_net and voice")
    )
    assert not {"ravdess", "pexels", "fer2013"} & {*found["00"][1], *found["14"][1]}


@pytest.mark.nightly
def test_all_lessons_run_to_their_end(student):
    found = ran(student, [])
    assert sorted(found) == [name[:2] for name in lessons.names()]
    skipped = [number for number, (text, _) in found.items() if "This cell is skipped: " in text]
    assert {f"{number:02}" for number in range(9, 18)} <= set(skipped)
    assert not {"ravdess", "pexels", "fer2013"} & {one for _, credited in found.values() for one in credited}
    assert all(credited for _, credited in found.values())
