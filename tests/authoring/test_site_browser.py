"""The lessons for the browser: their copies, JupyterLite's configuration, and the copies run where what
Pyodide lacks is blocked. The browser itself was not seen: Pyodide's packages could not be had."""

import json
import sys

import nbformat
import pytest

from course_lib import cli
from course_lib.authoring.site import browser, generate, sources
from course_lib.core.paths import ROOT
from course_lib.lessons import execute

# What Pyodide does not have, and what it has, but the setup cell of these lessons does not load.
BLOCKED = (
    "librosa", "numba", "tensorflow", "keras", "imageio_ffmpeg", "moviepy", "h5py", "pooch",
    "requests",
)  # fmt: skip
SITECUSTOMIZE = f"""
import importlib.abc, subprocess, sys, types

class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

class Popen(subprocess.Popen):
    def __init__(self, *_, **__):
        raise OSError(138, "emscripten does not support processes.")

async def install(requirements, deps):
    assert not deps and "affective-computing-course-companion" in requirements

sys.meta_path.insert(0, Missing())
subprocess.Popen = Popen
sys.modules["piplite"] = types.ModuleType("piplite")
sys.modules["piplite"].install = install
"""


@pytest.fixture(scope="module")
def copies():
    return {name: browser.copy(name) for name in browser.lessons()}


def test_five_lessons_run_in_the_browser_and_keep_most_of_their_cells(copies):
    assert [name[:2] for name in copies] == ["02", "03", "06", "15", "16"]
    for name, copy in copies.items():
        code = [cell for cell in copy.notebook.cells if cell.cell_type == "code"]
        assert len(copy.left_out) < len(code) and not any(cell.outputs for cell in code), name
        assert sum("This cell needs" in cell.source or "this cell needs" in cell.source
                   for cell in copy.notebook.cells) == len(copy.left_out)  # fmt: skip
        assert {cell.id for cell in copy.notebook.cells} == saved_ids(name) - {f"{name[:2]}-colab"}


def saved_ids(name):
    lesson = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    return {cell.id for cell in lesson.cells}


def test_the_copy_has_its_own_setup_and_the_parameters_of_the_browser(copies):
    sources_of = {name[:2]: [cell.source for cell in copy.notebook.cells] for name, copy in copies.items()}
    for number, cells in sources_of.items():
        assert sum("await piplite.install(" in source for source in cells) == 1
        assert not any("google.colab" in source for source in cells)
        corpus = browser.LESSONS[number].parameters.get("CORPUS")
        assert corpus is None or any(f"CORPUS = '{corpus}'" in source for source in cells)


def test_a_page_says_what_its_browser_lesson_loads_and_what_it_leaves_out():
    html = browser.button("06_mfcc_and_frame_features", 24_400_000)
    assert 'href="../browser/lab/index.html?path=06_mfcc_and_frame_features.ipynb"' in html
    assert "the course (24 MB), all from this site" in html
    assert "because they need Keras, ffmpeg, librosa: open the lesson in Colab" in html
    assert "left out" not in browser.button("02_hog_features", 1)


def test_only_a_site_that_was_made_with_pyodide_has_the_button(copies, monkeypatch):
    monkeypatch.setattr(sources, "with_links", lambda text, path: text)  # which would import Keras
    for name, size in (("02_hog_features", 0), ("02_hog_features", 9), ("01_frames_from_video", 9)):
        first = sources._shown(name, sources.read_lessons()[name], [], size)["cells"][0]["source"]
        assert ("Run in this browser" in first) == (name in copies and size > 0)


def test_the_configuration_loads_all_from_the_site(tmp_path, monkeypatch):
    def wheel(folder):
        (folder / "course.whl").touch()
        return folder / "course.whl"

    monkeypatch.setattr(browser, "build_wheel", wheel)
    browser.configure(tmp_path / "lite", "pyodide-1.tar.bz2")
    build, page = (
        json.loads((tmp_path / "lite" / name).read_text(encoding="utf-8"))
        for name in ("jupyter_lite_config.json", "jupyter-lite.json")
    )
    assert build["PyodideAddon"] == {"pyodide_url": "pyodide-1.tar.bz2"}
    assert build["PipliteAddon"] == {"piplite_urls": ["course.whl"]}
    assert page["jupyter-config-data"]["litePluginSettings"][browser.KERNEL] == {"disablePyPIFallback": True}
    assert sorted(path.stem for path in (tmp_path / "lite" / "files").iterdir()) == browser.lessons()


def test_without_jupyterlite_the_command_names_the_extra(tmp_path, capsys, monkeypatch):
    pytest.importorskip("sphinx_book_theme", reason="the site's extra is not installed")
    found = generate.importlib.util.find_spec
    missing = lambda name, *more: None if name == "jupyterlite_core" else found(name, *more)
    monkeypatch.setattr(generate.importlib.util, "find_spec", missing)
    assert cli.main(["site", "--browser", "x.tar.bz2", "--out", str(tmp_path / "site")]) == 1
    assert "jupyterlite_core is not installed. Run: pip install -e '.[browser]'" in capsys.readouterr().err


@pytest.mark.nightly
@pytest.mark.parametrize("number", browser.LESSONS)
def test_a_copy_runs_where_what_pyodide_lacks_is_blocked(number, copies, tmp_path, monkeypatch):
    name = next(name for name in copies if name.startswith(number))
    (tmp_path / "sitecustomize.py").write_text(SITECUSTOMIZE)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "COURSE_HOME": str(tmp_path / "home")}
    spec = {"argv": argv, "language": "python", "display_name": "blocked", "env": env}
    (tmp_path / "kernels" / "blocked").mkdir(parents=True)
    (tmp_path / "kernels" / "blocked" / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    nbformat.write(copies[name].notebook, tmp_path / f"{name}.ipynb")
    [run] = execute.execute_all([(tmp_path / f"{name}.ipynb", tmp_path / "out.ipynb", {}, "blocked")], 1)
    assert run.error == ""
