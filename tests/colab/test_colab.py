"""Colab: nothing it brings is changed, and a cell of each lesson says what to do when the course is not to be
found."""

import http.server
import importlib.metadata
import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import types
import urllib.error
import venv
import zipfile
from functools import partial
from pathlib import Path

import colab_stand_in
import pytest

from course_lib.lessons import masters, notebook

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "colab" / "runtime-py313.txt"
CORE = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]


def load(name):
    # From its file: colab/ is a folder of scripts, no package.
    spec = importlib.util.spec_from_file_location(name, ROOT / "colab" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bootstrap, twin = load("bootstrap"), load("twin")


# The requirements, resolved as Colab's pip would have to


def resolve(requirements, constraints=None):
    command = [
        sys.executable,
        "-m",
        "uv",
        "--quiet",
        "pip",
        "compile",
        "-",
        "--python",
        sys.executable,
        "--python-version",
        "3.13",
        "--python-platform",
        "linux",
        *(["--constraint", str(constraints)] if constraints else []),
        # IPython asks for it, Colab takes it out; the course installs neither, since IPython is there.
        *(f"--no-emit-package={name}" for name in twin.TAKEN_OUT),
    ]
    return subprocess.run(command, input="\n".join(requirements), capture_output=True, text=True)


def changes(requirements, runtime=RUNTIME):
    """What of Colab's packages these requirements would change, and what they would add to them."""
    done = resolve(requirements, runtime)
    return [done.stderr] if done.returncode else twin.differing(twin.versions(done.stdout), twin.colab())


@pytest.fixture(scope="module")
def index():
    done = resolve(["six"])
    if done.returncode:
        pytest.skip(f"the package index cannot be reached: {done.stderr.strip().splitlines()[-1]}")


def test_our_requirements_change_nothing_in_colab_and_lack_nothing(index):
    assert changes(CORE) == []


def test_a_requirement_that_colab_cannot_meet_is_reported(index):
    assert "numpy==2.1.3" in changes([*CORE, "numpy>=99"])[0]


def test_a_package_of_another_version_is_reported(index, tmp_path):
    runtime = tmp_path / "runtime.txt"
    runtime.write_text("six==1.16.0")
    assert changes(["six"], runtime) == [f"six 1.16.0 (wanted: {twin.colab()['six']})"]


def test_differing_names_the_changed_and_the_added():
    assert twin.differing(
        {"numpy": "2", "scipy": "1", "dlib": "20"}, {"numpy": "2", "scipy": "1.1", "tqdm": "4"}
    ) == ["scipy 1 (wanted: 1.1)", "dlib 20 (wanted: none)"]


def test_versions_are_read_from_a_list_and_from_a_freeze():
    listed = "# a==1\nPyYAML==6.0.1\njupyter_client==7.4.9\n"
    listed += "course @ file:///course.whl\n-e git+x\n    # via numpy==3\n"
    assert twin.versions(listed) == {
        "pyyaml": "6.0.1",
        "jupyter-client": "7.4.9",
        "course": "file:///course.whl",
    }


# The runtime's list


def test_the_runtime_list_holds_pins_only_and_says_where_it_comes_from():
    header, *lines = RUNTIME.read_text(encoding="utf-8").splitlines()
    assert "googlecolab/backend-info, 2026-08-19" in header
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) == 697
    assert not [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", line)]


def test_the_runtime_list_is_the_shared_one():
    shared = ROOT.parent / "shared" / "colab" / "runtime-py313.txt"
    if not shared.exists():
        pytest.skip("the list that this one was copied from is not beside this checkout")
    assert RUNTIME.read_text(encoding="utf-8") == shared.read_text(encoding="utf-8")


# bootstrap.install, with a Colab made of a dictionary


@pytest.fixture
def colab(monkeypatch, tmp_path):
    """A kernel that brings numpy; what pip is asked to install arrives, and is noted with its constraints."""
    state = types.SimpleNamespace(there={"numpy": "2.1.3"}, pip=[], frozen="")

    def version(name):
        if name not in state.there:
            raise importlib.metadata.PackageNotFoundError(name)
        return state.there[name]

    def pip(*arguments):
        state.pip.append(arguments)
        if arguments[0] == "--constraint":
            state.frozen = Path(arguments[1]).read_text(encoding="utf-8")
        state.there.update({bootstrap.NAME: "0.1"} if arguments[0] == "--no-deps" else {"soxr": "1"})

    requirements = ["numpy>=2.1", "soxr>=0.5", 'pytest; extra == "dev"']
    everything = lambda: [types.SimpleNamespace(metadata={"Name": name}) for name in [*state.there, None]]
    monkeypatch.setattr(importlib.metadata, "version", version)
    monkeypatch.setattr(importlib.metadata, "distributions", everything)
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: requirements)
    monkeypatch.setattr(bootstrap, "_pip", pip)
    monkeypatch.setattr(bootstrap, "__file__", str(tmp_path / "content" / "bootstrap.py"))
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path / "content")
    return state


def wheel_here(name="affective_computing_course_companion-0.1.0-py3-none-any.whl", age=0):
    path = Path(name).resolve()
    path.touch()
    os.utime(path, (1e9 - age, 1e9 - age))
    return str(path)


def test_when_nothing_lacks_only_the_course_is_installed(colab, capsys):
    colab.there["soxr"] = "1.1"
    wheel = wheel_here()
    bootstrap.install()
    assert colab.pip == [("--no-deps", wheel)]
    assert capsys.readouterr().out == "Course installed; added to what Colab brings: nothing.\n"


def test_what_lacks_is_installed_with_all_that_is_there_held_fast(colab, capsys):
    wheel_here()
    bootstrap.install()
    assert [arguments[2:] for arguments in colab.pip[1:]] == [("soxr>=0.5",)]
    assert colab.frozen.splitlines() == ["affective-computing-course-companion==0.1", "numpy==2.1.3"]
    assert capsys.readouterr().out == "Course installed; added to what Colab brings: soxr>=0.5.\n"


def test_a_second_call_does_nothing(colab, capsys):
    colab.there.update({bootstrap.NAME: "0.1", "soxr": "1.1"})
    bootstrap.install("OWNER/NAME/main")
    assert colab.pip == [] and capsys.readouterr().out == ""


def test_a_call_that_broke_off_is_finished_by_the_next(colab):
    colab.there[bootstrap.NAME] = "0.1"
    bootstrap.install()
    assert [arguments[2:] for arguments in colab.pip] == [("soxr>=0.5",)]


def test_the_newest_of_several_wheels_is_taken(colab):
    wheel_here("affective_computing_course_companion-0.9.0-py3-none-any.whl", age=60)
    newest = wheel_here("affective_computing_course_companion-0.10.0-py3-none-any.whl")
    bootstrap.install()
    assert colab.pip[0] == ("--no-deps", newest)


def test_from_the_courses_folder_it_builds_a_copy_without_what_older_builds_left(
    colab, tmp_path, monkeypatch
):
    for name in (
        "pyproject.toml",
        "course_lib/video.py",
        "build/lib/old.py",
        ".git/HEAD",
        "x.egg-info/PKG-INFO",
    ):
        twin.write(tmp_path / name, "")
    copied = []
    note = lambda flag, path, *_: copied.extend(
        p.relative_to(path).as_posix() for p in Path(path).rglob("*") if p.is_file()
    )
    monkeypatch.setattr(bootstrap, "_pip", note)
    colab.there["soxr"] = "1.1"
    bootstrap.install()
    assert sorted(copied) == ["course_lib/video.py", "pyproject.toml"]


def test_without_wheel_and_folder_it_says_both_ways_out(colab):
    with pytest.raises(RuntimeError) as error:
        bootstrap.install()
    for way in ("MyDrive/course", "drive.mount", "pip wheel --no-deps", "upload", "run this cell again"):
        assert way in str(error.value)
    assert colab.pip == []


def test_an_address_is_where_the_branch_is_packed():
    assert (
        bootstrap._published("OWNER/NAME/feature/x")
        == "https://github.com/OWNER/NAME/archive/refs/heads/feature/x.zip"
    )


# bootstrap.install for once in earnest: an environment of its own, a published archive, pip, no network but
# loopback

BACKEND = """
import pathlib, shutil
def build_wheel(folder, *_):
    wheel = next(pathlib.Path().glob("*.whl"))
    return pathlib.Path(shutil.copy(wheel, folder)).name
"""
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
RUN = f"""
import sys; sys.path.insert(0, {str(ROOT / "colab")!r})
import bootstrap
bootstrap.GITHUB = sys.argv[1]
bootstrap.install("OWNER/NAME/main")
from importlib.metadata import version
print(*(version(name) for name in (bootstrap.NAME, "brought", "lacking")))
"""


def tiny_wheel(folder, name, version, *requires):
    stem = f"{name.replace('-', '_')}-{version}"
    needs = "".join(f"Requires-Dist: {need}\n" for need in requires)
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        info = f"{stem}.dist-info"
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return Path(wheel.filename)


@pytest.fixture
def github(tmp_path):
    """Serves the course as GitHub packs a branch: one folder NAME-BRANCH in a zip."""
    course = tiny_wheel(
        tmp_path, bootstrap.NAME, "0.1.0", "brought>=1", "lacking>=1", 'nowhere; extra == "dev"'
    )
    archive = tmp_path / "www" / "OWNER" / "NAME" / "archive" / "refs" / "heads" / "main.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(course, f"NAME-main/{course.name}")
        packed.writestr("NAME-main/backend.py", BACKEND)
        packed.writestr("NAME-main/pyproject.toml", PYPROJECT)
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(quiet, directory=tmp_path / "www")
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def kernel(tmp_path):
    """An environment that brings `brought` 1.0, runs bootstrap, and finds newer packages in a folder only."""
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    links = tmp_path / "links"
    links.mkdir()
    env = os.environ | {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(links),
        "PIP_CONFIG_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
        "PYTHONPATH": "",
    }
    old = tiny_wheel(tmp_path, "brought", "1.0")
    subprocess.run([python, "-m", "pip", "install", "--quiet", old], env=env, check=True)
    tiny_wheel(links, "brought", "2.0")
    run = lambda address: subprocess.run(
        [python, "-c", RUN, address], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    return types.SimpleNamespace(run=run, links=links)


def test_a_published_course_arrives_and_what_colab_brought_stays(kernel, github):
    tiny_wheel(kernel.links, "lacking", "2.0", "brought>=2")
    clash = kernel.run(github)
    assert "lacking>=1 failed" in clash.stderr and "run this cell again" in clash.stderr
    tiny_wheel(kernel.links, "lacking", "1.0", "brought")
    assert (
        kernel.run(github).stdout
        == "Course installed; added to what Colab brings: lacking>=1.\n0.1.0 1.0 1.0\n"
    )
    assert kernel.run("http://127.0.0.1:1").stdout == "0.1.0 1.0 1.0\n"


# The cell for Colab, and the setup cell


BOOTSTRAP = "def install(address):\n    print('installing', address or 'what is at hand')\n"
REPOSITORY = "https://github.com/OWNER/NAME/blob/feature/x/notebooks/02_hog_features.ipynb"
DRIVE = "1AbC-9_z"


@pytest.fixture
def run_cells(monkeypatch, tmp_path):
    """Runs a lesson's first cells in a folder of its own, with MyDrive beside it, where the repositories
    OWNER/NAME/main and OWNER/NAME/feature/x are public. Returns the addresses that were fetched."""
    fetched = []

    def urlretrieve(url, path):
        fetched.append(url)
        if not re.search(r"/OWNER/NAME/(main|feature/x)/colab/bootstrap.py$", url):
            raise urllib.error.HTTPError(url, 404, "Not Found", {}, None)
        Path(path).write_text(BOOTSTRAP)

    monkeypatch.setattr("urllib.request.urlretrieve", urlretrieve)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "path_importer_cache", {})
    monkeypatch.chdir(tmp_path)
    first = "\n".join(masters.common_cells()[name].source for name in ("colab", "setup"))
    cells = first.replace("/content/drive/MyDrive", (tmp_path / "MyDrive").as_posix())

    def run(address=""):
        stamped = cells.replace('ADDRESS = ""', f'ADDRESS = "{address}"', 1)
        exec(stamped, {"PROFILE": "quick", "USE_DRIVE": False})
        return fetched

    yield run
    sys.modules.pop("bootstrap", None)


def test_a_stamped_lesson_goes_to_its_address_and_asks_nobody(run_cells, monkeypatch, capsys):
    with colab_stand_in.colab(monkeypatch, REPOSITORY) as asked:
        fetched = run_cells("OWNER/NAME/main")
    assert asked == []
    assert fetched == ["https://raw.githubusercontent.com/OWNER/NAME/main/colab/bootstrap.py"]
    assert re.match(
        r"installing OWNER/NAME/main\nCompanion .* in Colab, profile 'quick'", capsys.readouterr().out
    )


def test_a_lesson_opened_from_a_repository_finds_its_address(run_cells, monkeypatch, capsys):
    with colab_stand_in.colab(monkeypatch, REPOSITORY) as asked:
        run_cells()
    assert asked[0] == "/api/sessions"
    assert capsys.readouterr().out.startswith("installing OWNER/NAME/feature/x\n")


@pytest.mark.parametrize("server", [True, False])
def test_a_copy_in_drive_finds_the_address_of_its_original(run_cells, monkeypatch, capsys, server):
    with colab_stand_in.colab(monkeypatch, DRIVE, [DRIVE, REPOSITORY], server):
        run_cells()
    assert capsys.readouterr().out.startswith("installing OWNER/NAME/feature/x\n")


@pytest.mark.parametrize(
    ("file", "originals"),
    [
        (DRIVE, [DRIVE]),  # put into Drive by hand
        ("", []),  # uploaded
        ("", None),  # uploaded, and the page does not answer in time
        (REPOSITORY.replace("OWNER", "PRIVATE"), []),
        ("https://github.com/OWNER/NAME/blob/main/copies/02.ipynb", []),  # not the course's folder
    ],
)
def test_a_lesson_without_a_public_repository_says_in_one_sentence_what_to_do(
    run_cells, monkeypatch, file, originals
):
    with colab_stand_in.colab(monkeypatch, file, originals), pytest.raises(RuntimeError) as error:
        run_cells()
    words = str(error.value)
    for way in ("upload the course's wheel and colab/bootstrap.py", "MyDrive/course", "run this again"):
        assert way in words
    assert words.count(".") == words.count(".py") + 1 and words.endswith(".")


@pytest.mark.parametrize("file", [DRIVE, "", REPOSITORY.replace("OWNER", "PRIVATE")])
def test_what_was_uploaded_or_mounted_meanwhile_is_found(run_cells, monkeypatch, tmp_path, capsys, file):
    with colab_stand_in.colab(monkeypatch, file):
        with pytest.raises(RuntimeError):
            run_cells()
        twin.write(tmp_path / "MyDrive" / "course" / "colab" / "bootstrap.py", BOOTSTRAP)
        run_cells()
    assert capsys.readouterr().out.startswith("installing what is at hand\n")


def test_on_a_laptop_nothing_is_asked_or_installed(run_cells, monkeypatch, capsys):
    def never(*_, **__):
        raise AssertionError("the cell for Colab opened an address")

    monkeypatch.delitem(sys.modules, "google.colab", raising=False)
    monkeypatch.setattr("urllib.request.urlopen", never)
    assert run_cells() == []
    assert re.match(r"Companion (?!.* in Colab).*profile 'quick'", capsys.readouterr().out)


def test_use_drive_mounts_and_keeps_data_there(monkeypatch, capsys):
    package, drive = types.ModuleType("google.colab"), types.ModuleType("google.colab.drive")
    exec(twin.STAND_IN["drive.py"], vars(drive))
    package.drive = drive
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab.drive", drive)
    monkeypatch.setenv("COURSE_HOME", "elsewhere")
    notebook.start("quick", use_drive=True)
    assert os.environ["COURSE_HOME"] == "/content/drive/MyDrive/affective-computing-course"
    assert "Mounted at /content/drive\n" in capsys.readouterr().out


# The twin


def test_without_a_python_313_the_twin_is_skipped_with_a_word(monkeypatch, capsys):
    monkeypatch.setattr(twin, "find_python", lambda: "")
    assert twin.main() == 0
    assert capsys.readouterr().out == "no Python 3.13 found: the Colab twin is skipped\n"


@pytest.mark.skipif(
    sys.platform == "win32", reason="shell scripts stand in for Python; the twin is for Linux"
)
def test_a_python_that_is_none_or_another_is_passed_over(tmp_path):
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    real = tmp_path / "real"
    real.write_text("#!/bin/sh\necho '(3, 13)'\n")
    real.chmod(0o755)
    assert [twin._is_313(path) for path in (shim, real)] == [False, True]


def test_the_twin_downloads_no_weights():
    saved = (ROOT / "notebooks" / "04_vggface_transfer.ipynb").read_text(encoding="utf-8")
    cells = json.loads(twin.without_download(saved))["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    assert any('WEIGHTS = "face_identity"  #' in source for source in sources)
    assert not any("WEIGHTS = None" in source for source in sources)
