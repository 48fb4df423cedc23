"""Which lessons run on which corpus: their loading cells, and whole lessons if COURSE_EVERY_CORPUS is set."""

import ast
import os
import warnings

import nbformat
import pytest

from course_lib import lessons, load
from course_lib.authoring import build
from course_lib.core.errors import CourseError
from course_lib.lessons import corpora, masters, notebook

NAMES = [name for name in lessons.names() if name[:2] < "14"]  # from 14 on, none loads CORPUS
RUN = [(name, corpus) for corpus, numbers in corpora.LESSONS.items() for name in NAMES if name[:2] in numbers]


def load_in(name, corpus):
    """Run the statement of a master that loads CORPUS, with what is before it in its cell, and a check of the
    clips right after it. The rest of the lesson is not run.
    """
    known = {"settings": notebook.start("quick"), "load": load, "SEED": 0, "PROFILE": "quick"}
    known |= {"CORPUS": corpus, "DATA_DIR": None, "DATA_FILE": None, "ACTORS": None, "EMOTIONS": None}
    exec(compile(ast.Module(_loading(name), []), name, "exec"), known)


def _loading(name):
    """The statements up to the one that loads CORPUS, and the checks after it."""
    for cell in masters.read_master(name).cells:
        body = ast.parse(cell.source).body if cell.cell_type == "code" else []
        for place, line in enumerate(body):
            calls = [node for node in ast.walk(line) if isinstance(node, ast.Call) and _loads_corpus(node)]
            if not calls:
                continue
            if not isinstance(line, ast.Assign):  # in an `if`: the call alone
                return [ast.fix_missing_locations(ast.Expr(calls[0]))]
            before = [
                one for one in body[:place] if isinstance(one, ast.Assign | ast.ImportFrom | ast.Import)
            ]
            checks = [one for one in body[place + 1 : place + 2] if isinstance(one, ast.If) and _raises(one)]
            return [*before, line, *checks]
    raise AssertionError(f"{name} loads no corpus")


def _raises(line):
    return any(isinstance(node, ast.Raise) for node in ast.walk(line))


def _loads_corpus(call):
    loads = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", None) == "load"
    return loads and call.args and getattr(call.args[0], "id", None) == "CORPUS"


def executed(name, corpus, folder):
    """The error of a lesson that was run on a corpus, or ""."""
    source = folder / f"{name}.ipynb"
    nbformat.write(build.from_master(name), source)
    [run] = lessons.execute.execute_all([(source, folder / "out" / source.name, {"CORPUS": corpus}, None)], 1)
    return run.error


@pytest.mark.parametrize("name, corpus", [(name, corpus) for name in NAMES for corpus in corpora.LESSONS])
def test_a_lesson_takes_a_corpus_or_says_at_once_which_it_takes(name, corpus):
    if name[:2] in corpora.LESSONS[corpus]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            load_in(name, corpus)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(CourseError, match=r"Use CORPUS = |[Cc]hoose from studio"):
                load_in(name, corpus)


@pytest.mark.parametrize(
    "name, corpus",
    [
        ("05_audio_and_video_arrays", "embedded"),
        pytest.param("12_speech_cnn_and_lstm", "emodb", marks=pytest.mark.nightly),
    ],
)
def test_a_lesson_on_voices_runs_on_real_voices(name, corpus, tmp_path):
    assert executed(name, corpus, tmp_path) == ""


@pytest.mark.skipif("COURSE_EVERY_CORPUS" not in os.environ, reason="set COURSE_EVERY_CORPUS (20 minutes)")
@pytest.mark.parametrize("name, corpus", RUN)
def test_every_lesson_runs_to_its_end_on_the_corpora_that_it_takes(name, corpus, tmp_path):
    assert executed(name, corpus, tmp_path) == ""
