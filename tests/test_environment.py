"""pyproject.toml, constraints.txt, environment.yml and README tell the same story."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from course_lib.core.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").split())


# Not in `all`: landmarks brings a second OpenCV, and browser needs a release of Pyodide. They have pins, too.
APART = {"all", "landmarks", "browser"}


def requirements(*extras):
    lines = PROJECT["dependencies"] + [
        line for extra in extras for line in PROJECT["optional-dependencies"][extra]
    ]
    return [Requirement(line) for line in lines]


def test_every_requirement_on_linux_has_a_pin_that_meets_it():
    every = requirements(*(set(PROJECT["optional-dependencies"]) - {"all"}))
    for need in every:
        if need.marker is None or need.marker.evaluate({"sys_platform": "linux"}):
            assert need.specifier.contains(PINS[canonicalize_name(need.name)]), need


def test_the_tested_set_names_no_address_and_no_file():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.search(r"://| @ |--", text)


def test_conda_makes_the_same_environment():
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in dependencies if isinstance(entry, dict))
    assert pip == ["--constraint constraints.txt", "--editable .[all]"]
    python = next(entry for entry in dependencies if str(entry).startswith("python=")).removeprefix("python=")
    assert PROJECT["requires-python"] == f">={python}"


def test_the_core_brings_no_backend_and_no_browser_tool():
    core = {need.name for need in requirements()}
    assert "keras" in core and not core & {
        "tensorflow",
        "tensorflow-cpu",
        "jax",
        "torch",
        "jupyterlab",
        "starlette",
    }
    assert not {need.name for need in requirements("tf", "lab", "grade", "demo")} & {"playwright", "selenium"}


def test_all_is_all_extras_but_the_one_that_stands_apart():
    extras = PROJECT["optional-dependencies"]
    assert set(Requirement(extras["all"][0]).extras) == set(extras) - APART


def test_readme_has_the_two_commands_that_ci_runs():
    blocks = re.findall(r"```bash\n(.*?)\n```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2 and all(len(block.splitlines()) == 1 for block in blocks)
    assert blocks[0].endswith("course run") and "pytest" in blocks[1]
