"""What a lesson does first, in Jupyter and with a stand-in for Colab."""

import os
import sys
import types

import file_server
import pytest
from file_server import status, web_page, weights_bytes

from course_lib.core.errors import CourseError
from course_lib.core.paths import home
from course_lib.datasets import download, fetch, vggface
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


@pytest.mark.parametrize("error", [RuntimeError("credential propagation was unsuccessful"), ValueError("x")])
def test_a_lesson_goes_on_where_drive_was_not_connected(colab, capsys, monkeypatch, error):
    def refuse(folder):
        raise error

    before = os.environ.get("COURSE_HOME")
    monkeypatch.setattr(sys.modules["google.colab"].drive, "mount", refuse)
    assert notebook.start(use_drive=True).weights
    told = capsys.readouterr().out
    assert f"not connected ({error})" in told and "USE_DRIVE = False" in told
    assert os.environ.get("COURSE_HOME") == before


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


# --- The weights of the frozen network for faces ---


@pytest.fixture
def weights_site(tmp_path, monkeypatch):
    """A server that has a small file in VGG-Face's place, and the registry that names it."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "BACKOFF", 0)
    monkeypatch.setattr(vggface, "LAYERS", {"conv1_1": 64})
    with file_server.running() as site:
        site.contents[vggface.FILE] = weights_bytes(tmp_path / "made.h5", 1)
        sets = fetch.load_registry()
        sets["vggface"]["url"] = f"{site.base}/{{name}}"
        monkeypatch.setattr(fetch, "load_registry", lambda: sets)
        yield site


QUICK = types.SimpleNamespace(weights="random")


def test_colab_fetches_the_real_weights_once_and_shows_size_and_licence_first(weights_site, colab, capsys):
    assert notebook.weights(None, QUICK) == "vggface"
    assert vggface.path().read_bytes() == weights_site.contents[vggface.FILE]
    printed = capsys.readouterr().out
    assert "non-commercial research only" in printed and "58.9 MB" in printed
    assert 'set WEIGHTS = "face_identity" or "random"' in printed
    asked = len(weights_site.log)
    assert notebook.weights(None, QUICK) == notebook.weights("vggface", QUICK) == "vggface"
    assert len(weights_site.log) == asked and capsys.readouterr().out == ""


@pytest.mark.parametrize("profile", ["quick", "lecture"])
@pytest.mark.parametrize(
    "answer, reason", [(status(404), "the server answered 404"), (web_page, "the server sent a web page")]
)
def test_an_address_that_fails_gives_one_sentence_and_face_identity(
    weights_site, colab, capsys, answer, reason, profile
):
    weights_site.plan[vggface.FILE] = [answer]
    settings = notebook.start(profile)
    assert notebook.weights(None, settings) == "face_identity" and not vggface.path().exists()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("face_identity is used in VGG-Face's place") and reason in last
    weights_site.plan.clear()
    assert notebook.weights(None, settings) == "vggface"


def test_no_connection_gives_face_identity(weights_site, colab, capsys):
    fetch.load_registry()["vggface"]["url"] = "http://127.0.0.1:9/{name}"
    assert notebook.weights(None, QUICK) == "face_identity"
    assert "there is no connection" in capsys.readouterr().out


def test_weights_asked_for_by_name_are_not_replaced(weights_site, colab):
    weights_site.plan[vggface.FILE] = [status(404)]
    with pytest.raises(CourseError, match="answered 404"):
        notebook.weights("vggface", QUICK)


@pytest.mark.parametrize("wanted", ["random", "face_identity", "my/weights.h5"])
def test_the_parameter_says_no(weights_site, colab, capsys, wanted):
    assert notebook.weights(wanted, QUICK) == wanted
    assert weights_site.log == [] and capsys.readouterr().out == ""


@pytest.mark.parametrize("wanted", [None, "vggface", "random", "face_identity"])
def test_outside_colab_nothing_is_downloaded(weights_site, capsys, wanted):
    assert notebook.weights(wanted, QUICK) == (wanted or "random")
    assert weights_site.log == [] and capsys.readouterr().out == ""


@pytest.fixture
def run(monkeypatch):
    """What a cell runs, in place of IPython."""
    ran = []
    done = types.SimpleNamespace(raise_error=lambda: None)
    shell = types.SimpleNamespace(run_cell=lambda cell: ran.append(cell) or done)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    monkeypatch.setattr(notebook.parts, "is_here", lambda name: name in ("emodb", "london"))
    return ran


def test_a_cell_that_needs_a_missing_part_imports_and_tells_it_in_one_sentence(run, capsys):
    notebook.needs("emodb emotion_net voice", "import os\nfrom math import pi as p, e\n1 / 0")
    assert run == ["import os\nfrom math import pi as p, e"]
    assert capsys.readouterr().out == (
        "This cell is skipped: it needs emotion_net and voice, which this copy of the course leaves out "
        "because of the licence (the full release has it).\n"
    )


def test_a_cell_whose_parts_are_here_runs(run, capsys):
    notebook.needs("emodb london", "1 + 1")
    assert run == ["1 + 1"] and capsys.readouterr().out == ""
