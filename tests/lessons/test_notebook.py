"""What a lesson does first, in Jupyter and with a stand-in for Colab."""

import os
import sys
import types

import pytest

from course_lib.core.errors import CourseError
from course_lib.core.paths import home
from course_lib.lessons import notebook


@pytest.fixture(autouse=True)
def jupyter(monkeypatch, tmp_path):
    """Outside Colab, without a GPU, with a cache of its own."""
    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setattr(notebook, "has_gpu", lambda: False)


@pytest.fixture
def colab(monkeypatch):
    """A stand-in for `google.colab`; the list tells where Drive was mounted."""
    mounted = []
    drive = types.SimpleNamespace(mount=mounted.append)
    google, module = types.ModuleType("google"), types.ModuleType("google.colab")
    google.colab, module.drive = module, drive
    monkeypatch.setitem(sys.modules, "google", google)
    monkeypatch.setitem(sys.modules, "google.colab", module)
    return mounted


def test_a_profile_gives_its_settings(capsys):
    settings = notebook.start("quick")
    assert vars(settings) == notebook.PROFILES["quick"]
    assert "Jupyter" in capsys.readouterr().out
    assert len(notebook.start("lecture").actors) == 24 > len(settings.actors)


def test_every_profile_has_the_same_settings():
    assert len({tuple(sorted(settings)) for settings in notebook.PROFILES.values()}) == 1


def test_an_unknown_profile():
    with pytest.raises(
        CourseError, match=r"PROFILE 'fast': no profile has this name\. Choose one of quick, lecture"
    ):
        notebook.start("fast")


def test_drive_is_for_colab_only(tmp_path, capsys):
    notebook.start(use_drive=True)
    assert home() == tmp_path
    assert f"USE_DRIVE is for Colab; here data and caches stay in {tmp_path}" in capsys.readouterr().out


def test_colab_is_recognised(colab, capsys):
    assert notebook.in_colab()
    notebook.start()
    assert "in Colab, profile 'quick'" in capsys.readouterr().out and colab == []


def test_drive_keeps_data_and_caches(colab, capsys, tmp_path):
    notebook.start(use_drive=True)
    assert colab == ["/content/drive"]
    assert os.environ["COURSE_HOME"] == str(home()) == notebook.DRIVE_FOLDER
    assert notebook.DRIVE_FOLDER in capsys.readouterr().out


def test_without_a_gpu_the_lesson_says_what_to_click_and_goes_on(capsys):
    assert notebook.start("lecture").size
    assert "Runtime > Change runtime type > GPU" in capsys.readouterr().out


@pytest.mark.parametrize("profile, there", [("quick", False), ("lecture", True), ("quick", True)])
def test_no_word_about_a_gpu_that_is_there_or_not_wanted(monkeypatch, capsys, profile, there):
    monkeypatch.setattr(notebook, "has_gpu", lambda: there)
    notebook.start(profile)
    assert "GPU" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "said, there",
    [
        ("GPU 0: NVIDIA T4 (UUID: GPU-1)\n", True),
        ("", False),
        ("NVIDIA-SMI has failed because it couldn't talk to the driver\n", False),
    ],
)
def test_a_gpu_is_one_that_the_driver_lists(monkeypatch, said, there):
    monkeypatch.undo()
    monkeypatch.setattr(notebook.subprocess, "run", lambda *args, **how: types.SimpleNamespace(stdout=said))
    assert notebook.has_gpu() is there


def test_no_driver_is_no_gpu(monkeypatch):
    def missing(*args, **how):
        raise FileNotFoundError("nvidia-smi")

    monkeypatch.undo()
    monkeypatch.setattr(notebook.subprocess, "run", missing)
    assert not notebook.has_gpu()
