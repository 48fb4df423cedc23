"""The hosted workflows cannot run here; what they name is there: files, commands, extras, actions'
versions."""

import re
import shlex
import subprocess
import sys
import tomllib

import pytest
import yaml

from course_lib import cli
from course_lib.core.paths import ROOT

WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))
}
JOBS = {
    f"{name}: {job}": steps for name, workflow in WORKFLOWS.items() for job, steps in workflow["jobs"].items()
}
STEPS = [step for job in JOBS.values() for step in job["steps"]]
RUN = [step["run"] for step in STEPS if "run" in step]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
MADE = (".venv/", "build/")  # by the run itself


def triggers(workflow):
    return workflow[True]  # YAML reads `on` as a truth value


def words(text):
    """The words of a shell script, comments and redirections' targets left out; of `--option=value` the
    value.
    """
    for line in text.splitlines():
        for word in shlex.split(re.sub(r"[12]?>+ *\S+", "", line), comments=True):
            yield word.partition("=")[2] if word.startswith("--") else word


def files(text):
    """What looks like a file or folder of the course in a script."""
    return [
        word
        for word in words(text)
        if re.fullmatch(r"[\w.*/-]*(/[\w.*-]+|\.(txt|toml|md|py))", word)
        and not word.startswith((*MADE, "/", "-"))
    ]


def test_the_workflows_and_their_jobs():
    assert set(WORKFLOWS) == {"gpu.yml", "nightly.yml", "site.yml", "tests.yml"}
    assert {"lessons", "twin", "tests", "other-systems"} == set(WORKFLOWS["tests.yml"]["jobs"])
    assert {"colab-today", "long-tests", "newest", "links"} == set(WORKFLOWS["nightly.yml"]["jobs"])


def test_the_site_gets_the_repositorys_address_before_it_is_built():
    steps = [step.get("run", step.get("uses")) for step in JOBS["site.yml: publish"]["steps"]]
    stamp = next(n for n, step in enumerate(steps) if "course publish --repo" in step)
    build = next(n for n, step in enumerate(steps) if step.startswith("course site"))
    upload = next(n for n, step in enumerate(steps) if "upload-pages-artifact" in step)
    assert stamp < build < upload < len(steps) - 1 and "deploy-pages" in steps[-1]
    assert WORKFLOWS["site.yml"]["permissions"] == {
        "contents": "write",
        "pages": "write",
        "id-token": "write",
    }


@pytest.mark.parametrize("script", RUN)
def test_every_file_that_a_step_names_is_there(script):
    assert [name for name in files(script) if not list(ROOT.glob(name))] == []


def test_files_are_found_in_scripts():
    assert files("python colab/twin.py --ignore=tests/no.py > out.txt  # a/b") == [
        "colab/twin.py",
        "tests/no.py",
    ]


@pytest.mark.parametrize("key", ["PYTEST_ADDOPTS", "cache-dependency-path", "key"])
def test_every_file_that_a_setting_names_is_there(key):
    texts = [
        where[key] for step in STEPS for where in (step.get("env", {}), step.get("with", {})) if key in where
    ]
    named = [name for text in texts for name in (files(text) or re.findall(r"'([^']+)'", text))]
    assert named and [name for name in named if not (ROOT / name).exists()] == []


def test_every_command_of_the_course_exists():
    commands = {function.__name__ for group in cli.GROUPS for function in group.COMMANDS}
    named = {name for script in RUN for name in re.findall(r"(?:^|\s)course (\w+)", script)}
    assert named and named <= commands


def test_every_extra_exists():
    named = {
        extra
        for script in RUN
        for group in re.findall(r'"\.\[([\w,]+)\]"', script)
        for extra in group.split(",")
    }
    assert named and named <= set(EXTRAS)


def test_the_readmes_two_commands_are_found_as_the_workflow_looks_for_them():
    lines = re.findall(r"^python3\.11.*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(lines) == 2 and "course run" in lines[0] and "pytest" in lines[1]
    assert [script for script in RUN if "README.md" in script] == [
        f"""bash -c "$(grep '^python3.11' README.md | sed -n {number}p)\"""" for number in (1, 2)
    ]


@pytest.mark.parametrize("action", sorted({step["uses"] for step in STEPS if "uses" in step}))
def test_actions_are_pinned_to_a_major_version(action):
    assert re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", action)


@pytest.mark.parametrize(
    "name", [name for name, workflow in WORKFLOWS.items() if set(triggers(workflow)) != {"workflow_dispatch"}]
)
def test_an_outdated_run_is_cancelled(name):
    assert WORKFLOWS[name]["concurrency"]["cancel-in-progress"] is True
    assert "github.ref" in WORKFLOWS[name]["concurrency"]["group"]


@pytest.mark.parametrize("job", [job for job, steps in JOBS.items() if "self-hosted" not in steps["runs-on"]])
def test_a_job_keeps_downloads_for_the_next_one_and_ends_by_itself(job):
    assert any(step.get("with", {}).get("cache") == "pip" for step in JOBS[job]["steps"])
    assert JOBS[job]["timeout-minutes"] <= 120


def test_the_jobs_run_side_by_side():
    assert not any("needs" in job for job in JOBS.values())


def test_only_the_newest_packages_may_fail():
    assert [job for job, steps in JOBS.items() if steps.get("continue-on-error")] == ["nightly.yml: newest"]
    newest = JOBS["nightly.yml: newest"]
    assert newest["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert not any("constraints" in step.get("run", "") for step in newest["steps"])


CODE = (ROOT / ".ci" / "code").read_text(encoding="utf-8")
CHECKS = re.search(r'^CHECKS="(.*)"$', CODE, re.MULTILINE).group(1).split()


def test_the_checks_of_the_code_are_listed_in_one_script():
    tools = dict(re.findall(r"^(\w+)\(\) \{ ([\w-]+) ", CODE, re.MULTILINE))
    assert list(tools) == CHECKS
    names = {"lint-imports": "import-linter"}
    wanted = {names.get(tool, tool) for tool in tools.values()}
    assert wanted <= {re.match(r"[\w-]+", line).group() for line in EXTRAS["dev"]}


def test_each_place_that_checks_the_code_calls_the_script():
    assert ".ci/code" in RUN and re.search(
        r"^step .* \.ci/code$", (ROOT / ".ci/run").read_text(), re.MULTILINE
    )
    assert not any(re.search(r"\b(ruff|lint-imports|mypy|deptry|codespell)\b", script) for script in RUN)
    settings = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repo,) = settings["repos"]
    assert repo["repo"] == "local", "the hooks must need no network"
    assert [hook["id"] for hook in repo["hooks"]] == CHECKS
    for hook in repo["hooks"]:
        assert hook["entry"] == f".ci/code {hook['id']}" and hook["language"] == "system"


@pytest.mark.skipif(sys.platform == "win32", reason="a bash script")
def test_a_check_that_does_not_exist_is_an_error():
    done = subprocess.run(["bash", ROOT / ".ci" / "code", "nope"], capture_output=True, text=True)
    assert done.returncode == 2 and f"choose from {' '.join(CHECKS)}" in done.stdout
