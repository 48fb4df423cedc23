"""`course run`: what is said is passed on to the Studio and the lessons."""

import importlib.util
import io
import types
from pathlib import Path

import pandas as pd
import pytest

from course_lib import cli, lessons, load
from course_lib.core.paths import ROOT
from course_lib.datasets import fetch
from course_lib.lessons import corpora


@pytest.fixture
def calls(monkeypatch):
    """What `course run` asks of the Studio and of the lessons, which are stood in for; `errors` are the
    lessons'.
    """
    asked = types.SimpleNamespace(clips=[], lessons=[], errors=[""], sites=[], stopped=False, broken=False)

    def clips(**options):
        asked.clips.append(options)
        return pd.DataFrame({"actor": [1, 1, 2]})

    def run(*args):
        *args, ended = args
        asked.lessons.append(tuple(args))
        runs = [
            lessons.Run(f"0{i}_lesson", Path("x"), 1.0, 100.0, error) for i, error in enumerate(asked.errors)
        ]
        for one in runs:
            ended(one)
            if asked.stopped:
                raise KeyboardInterrupt("Finished: 00 (1 of 2).")
        return runs

    class Site:
        """The process of the site: what it was told, and how it ended."""

        def __init__(self, command, **options):
            self.command, self.told, self.ends, self.stdin = command[3:], [], [], io.StringIO()
            self.stdin.close = lambda: self.ends.append("the input ends")
            self.stdin.flush = self.flush
            asked.sites.append(self)

        def flush(self):
            if asked.broken:
                raise BrokenPipeError

        def terminate(self):
            self.ends.append("terminated")

        def wait(self):
            self.ends.append("waited for")

    monkeypatch.setattr(load, "clips", clips)
    monkeypatch.setattr(lessons, "run", run)
    monkeypatch.setattr(cli.lessons.subprocess, "Popen", Site)
    return asked


def test_a_plain_run_makes_the_quick_profiles_clips_and_passes_nothing_on(calls, capsys):
    assert cli.main(["run"]) == 0
    assert calls.clips == [{"actors": range(1, 7), "emotions": ["neutral", "angry"], "seed": 0}]
    [(wanted, parameters, out, kernel, jobs, again)] = calls.lessons
    assert (wanted, parameters, kernel, jobs) == (lessons.names(), {}, None, lessons.at_a_time())
    assert not again
    assert out == ROOT / "build" / "lessons"
    said = capsys.readouterr().out
    assert "3 clips of 2 drawn actors (SYNTHETIC)" in said and "1 of 1 lessons" in said
    assert f"{ROOT / 'build' / 'lessons'}\n" in said and "course lab" in said


def test_beside_a_run_its_own_site_is_made_and_told_of_each_lesson_that_ends(calls, capsys):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    calls.errors = ["", "ZeroDivisionError"]
    assert cli.main(["run", "00", "01", "--profile", "lecture"]) == 1
    own = ROOT / "build" / "studio-lecture"
    [site] = calls.sites
    assert site.command == [
        *("site", "--follow", "--executed", str(own / "lessons"), "--out", str(own / "site"))
    ]
    assert site.stdin.getvalue() == "00_lesson\n01_lesson\n"
    assert site.ends == ["the input ends", "waited for"]
    said = capsys.readouterr().out
    assert said.index(str(own / "site" / "index.html")) < said.index("1 of 2 lessons")


def test_no_site_makes_none(calls, capsys):
    assert cli.main(["run", "02", "--no-site"]) == 0
    assert calls.sites == [] and "web site" not in capsys.readouterr().out


def test_ctrl_c_ends_the_site_too(calls):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    calls.stopped, calls.errors = True, ["", ""]
    assert cli.main(["run", "00", "01"]) == 130
    [site] = calls.sites
    assert site.ends == ["terminated", "the input ends", "waited for"]


def test_a_site_that_has_failed_does_not_stop_the_run(calls):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    calls.errors, calls.broken = ["", ""], True
    assert cli.main(["run", "00", "01"]) == 0


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (
            "myst_nb",
            "To read them as a web site: pip install -e '.[site]'",
        ),
        ("course_lib.authoring", "Read them in JupyterLab: jupyter lab "),
    ],
)
def test_without_the_packages_a_run_says_how_to_read_the_lessons(calls, capsys, monkeypatch, module, words):
    found = importlib.util.find_spec
    without = lambda name, *more: None if name == module else found(name, *more)
    monkeypatch.setattr(importlib.util, "find_spec", without)
    monkeypatch.setattr(cli.lessons, "find_spec", without)
    assert cli.main(["run", "02"]) == 0
    assert calls.sites == [] and words in capsys.readouterr().out


def test_only_what_is_said_is_passed_on(calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "01-01-01-01-01-01-01.mp4").touch()
    cli.main(["run", "01", "02", "--corpus", "ravdess", "--data", "clips", "--emotions", "neutral,surprised"])
    [(wanted, parameters, out, *_)] = calls.lessons
    assert wanted == lessons.names(["01", "02"]) and calls.clips == []
    assert parameters == {
        "CORPUS": "ravdess",
        "DATA_DIR": str(tmp_path / "clips"),
        "EMOTIONS": ["neutral", "surprised"],
    }
    assert out == ROOT / "build" / "ravdess-quick" / "lessons"  # the plain run's copies stay as they are


def test_real_data_go_to_the_lessons_that_take_them(calls, faces_npz, monkeypatch):
    monkeypatch.setattr(fetch, "found", lambda name: Path(name))
    cli.main(["run", "--corpus", "fer2013", "--data", str(faces_npz)])
    cli.main(["run", "--corpus", "ravdess"])
    (faces, parameters, *_), (clips, *_) = calls.lessons
    assert (faces, clips) == (
        lessons.that_take("DATA_FILE"),
        lessons.that_take("DATA_DIR"),
    ) and not calls.clips
    assert parameters == {"CORPUS": "fer2013", "DATA_FILE": str(faces_npz)}


@pytest.mark.parametrize("corpus", corpora.LESSONS)
def test_a_corpus_that_comes_with_the_course_goes_to_the_lessons_that_run_on_it(calls, corpus):
    cli.main(["run", "--corpus", corpus])
    [(wanted, parameters, out, *_)] = calls.lessons
    assert tuple(name[:2] for name in wanted) == corpora.LESSONS[corpus] and not calls.clips
    assert parameters == {"CORPUS": corpus} and out == ROOT / "build" / f"{corpus}-quick" / "lessons"


@pytest.mark.parametrize(
    "file, numbers",
    [
        ("1001_DFA_ANG_XX.wav", ["12"]),
        ("1001_DFA_ANG_XX.FLV", ["00", *(f"0{n}" for n in range(2, 7)), "12", "13"]),
    ],
)
def test_a_download_of_crema_d_goes_to_the_lessons_on_voices_or_also_to_those_on_films(
    calls, tmp_path, file, numbers
):
    (tmp_path / file).touch()
    cli.main(["run", "--corpus", "crema_d", "--data", str(tmp_path)])
    [(wanted, parameters, *_)] = calls.lessons
    assert [name[:2] for name in wanted] == numbers
    assert parameters == {"CORPUS": "crema_d", "DATA_DIR": str(tmp_path)}


def test_a_download_of_photographs_is_passed_on_as_clips_and_as_faces(calls, tmp_path):
    (tmp_path / "001_03.jpg").touch()
    cli.main(["run", "--corpus", "london", "--data", str(tmp_path)])
    [(_, parameters, *_)] = calls.lessons
    assert parameters == {"CORPUS": "london", "DATA_DIR": str(tmp_path), "DATA_FILE": str(tmp_path)}


def test_every_corpus_can_be_chosen(capsys):
    with pytest.raises(SystemExit):
        cli.main(["run", "--help"])
    said = capsys.readouterr().out
    assert "{" + ",".join([*load.CORPORA, "fer2013"]) + "}" in "".join(said.split())


def test_which_lessons_take_a_folder_of_clips():
    assert "01_frames_from_video" in lessons.that_take("DATA_DIR")
    assert not set(lessons.that_take("DATA_DIR")) & set(lessons.that_take("DATA_FILE"))


def test_every_option_of_run(calls, tmp_path):
    cli.main(
        [
            "run",
            "--actors",
            "1,12",
            "--profile",
            "lecture",
            "--seed",
            "0",
            "--again",
            "--jobs",
            "2",
            "--kernel",
            "python3",
            "--weights",
            "random",
            "--out",
            str(tmp_path / "here"),
        ]
    )
    said = {"ACTORS": [1, 12], "PROFILE": "lecture", "SEED": 0, "WEIGHTS": "random"}
    assert calls.lessons == [(lessons.names(), said, tmp_path / "here", "python3", 2, True)]
    assert calls.clips == [{"actors": [1, 12], "emotions": ["neutral", "angry"], "seed": 0}]


@pytest.mark.parametrize(
    "words, numbers",
    [
        (["2"], ["02"]),
        (["1", "02"], ["01", "02"]),
        (["0-2"], ["00", "01", "02"]),
        (["hog"], ["02"]),
        (["03_class"], ["03"]),
        (["notebooks/02_hog_features.ipynb"], ["02"]),
    ],
)
def test_a_lesson_is_named_in_any_way_that_a_person_would_try(calls, words, numbers):
    assert cli.main(["run", *words]) == 0
    assert [name[:2] for name in calls.lessons[0][0]] == numbers


def test_the_lecture_profile_has_all_actors(calls):
    cli.main(["run", "--profile", "lecture", "--seed", "5"])
    assert calls.clips == [{"actors": range(1, 25), "emotions": ["neutral", "angry"], "seed": 5}]


def test_a_lesson_that_fails_fails_the_command(calls, capsys):
    calls.errors = ["", "cell 3: ValueError: no clip"]
    assert cli.main(["run"]) == 1
    assert "1 of 2 lessons ran to their end" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["77"], "lesson 77: no lesson has this number"),
        (["feature"], "lesson feature: no lesson has this name. Did you mean 'features'?"),
        (["--actors", "25"], "actor 25: there is no such actor"),
        (["--emotions", "neutral,angri"], "there is no such emotion. Did you mean 'angry'?"),
        (["--emotions", "neutral"], "Give two with a comma between them"),
        (["--corpus", "emodb", "--actors", "4"], "actor '04': there is no such actor"),
        (
            ["--corpus", "fer2013", "--data", "{faces}", "--actors", "1"],
            "--actors and --emotions are for clips",
        ),
        (["--corpus", "ravdess", "--data", "{empty}"], "empty: "),
        (["--corpus", "london", "--data", "{empty}"], "empty: "),
        (
            ["01", "10", "--corpus", "fer2013", "--data", "{faces}"],
            "lesson 01_frames_from_video: it cannot run on fer2013",
        ),
        (["--data", "{faces}"], "--corpus ravdess, or --corpus fer2013"),
        (["--data", "{faces}", "--corpus", "embedded"], "--corpus ravdess, or --corpus fer2013"),
        (["02", "--corpus", "emodb"], "02_hog_features: it cannot run on emodb. These lessons can: 12"),
        (["--corpus", "fer2013"], "FER2013: its path is missing. Add: --data"),
        (["--corpus", "fer2013", "--data", "nowhere.csv"], "nowhere.csv: this file or folder does not exist"),
        (["--corpus", "ravdess"], "RAVDESS: it is not on this machine. Run: course fetch"),
        (["--weights", "vggface"], "Run: course fetch vggface"),
        (["--weights", "nowhere.h5"], "nowhere.h5: this file of weights does not exist"),
        (["--kernel", "colab"], "kernel 'colab': no Jupyter kernel has this name"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_is_not_there_is_said_before_anything_is_drawn_or_run(
    calls, faces_npz, own_home, tmp_path, capsys, arguments, said
):
    (tmp_path / "empty").mkdir()
    names = {"faces": faces_npz, "empty": tmp_path / "empty"}
    assert cli.main(["run", *(argument.format(**names) for argument in arguments)]) == 1
    assert said in capsys.readouterr().err and not calls.clips and not calls.lessons
