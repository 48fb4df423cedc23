"""The version is made from the commit, so that two releases differ; it needs neither git nor a network."""

import importlib.util
import os
import shutil
import subprocess
import sys

import pytest
from packaging.version import Version

import course_lib
from course_lib.core import version
from course_lib.core.paths import ROOT

FILES = ("pyproject.toml", ".gitattributes", "course_lib/core/version.py")
git_only = pytest.mark.skipif(not shutil.which("git"), reason="no git here")


def version_in(folder):
    """The version that a copy of the course in this folder has."""
    path = folder / "course_lib" / "core" / "version.py"
    spec = importlib.util.spec_from_file_location("version_of_a_copy", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.version()


def git(folder, *arguments, day=1):
    time = f"2026-03-{day:02}T10:20:30+0000"
    who = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", "A"), ("EMAIL", "a@example.org"), ("DATE", time))
    }
    env = os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True).stdout


@pytest.fixture
def tree(tmp_path):
    """A small copy of the course, without git."""
    for name in FILES:
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "course" / name)
    return tmp_path / "course"


@pytest.fixture
def checkout(tree):
    git(tree, "init", "--quiet")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message", "one", day=1)
    return tree


@git_only
def test_two_commits_have_two_versions_in_the_order_of_their_times(checkout):
    first = version_in(checkout)
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "two", day=2)
    second = version_in(checkout)
    assert first.startswith(f"{version.NEXT_RELEASE}.dev20260301102030+g")
    assert Version(first) < Version(second) < Version(version.NEXT_RELEASE)
    assert str(Version(first)) == first  # PEP 440's own spelling, so that a wheel's name has it, too


@git_only
def test_a_changed_file_is_seen_in_the_version(checkout):
    clean = version_in(checkout)
    (checkout / "pyproject.toml").write_text("changed")
    assert version_in(checkout) == f"{clean}.dirty"


@git_only
def test_a_tagged_release_has_the_number_alone(checkout):
    git(checkout, "tag", f"v{version.NEXT_RELEASE}")
    assert version_in(checkout) == version.NEXT_RELEASE


@git_only
def test_a_shallow_clone_and_a_zip_of_a_commit_have_its_version(checkout, tmp_path):
    git(checkout, "commit", "--quiet", "--allow-empty", "--message", "two", day=2)
    git(tmp_path, "clone", "--quiet", "--depth=1", checkout.as_uri(), "shallow")
    (tmp_path / "zip").mkdir()
    (tmp_path / "course.zip").write_bytes(git(checkout, "archive", "--format=zip", "HEAD"))
    shutil.unpack_archive(tmp_path / "course.zip", tmp_path / "zip")
    assert version_in(tmp_path / "shallow") == version_in(tmp_path / "zip") == version_in(checkout)


@git_only
def test_a_tree_inside_another_repository_does_not_use_its_commit(checkout):
    inner = shutil.copytree(checkout, checkout / "inner", ignore=shutil.ignore_patterns(".git"))
    assert version_in(inner) == version.NEXT_RELEASE


def test_without_git_it_is_the_number_of_the_next_release(tree, monkeypatch):
    assert version_in(tree) == version.NEXT_RELEASE
    (tree / ".git").mkdir()
    monkeypatch.setenv("PATH", "")
    assert version_in(tree) == version.NEXT_RELEASE


def test_a_source_archive_keeps_the_version_that_was_written_into_it(tree):
    (tree / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: course\nVersion: 1.2.3\n\nVersion: 9\n")
    assert version_in(tree) == "1.2.3"


def test_without_git_it_is_installed_and_knows_its_version(tmp_path):
    """As pip does it, offline: setuptools is there already."""
    pytest.importorskip("setuptools")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / "tree").mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "tree")
    leave = shutil.ignore_patterns("__pycache__", "*.npz", "*.json")
    shutil.copytree(ROOT / "course_lib", tmp_path / "tree" / "course_lib", ignore=leave)
    (tmp_path / "tree" / "PKG-INFO").write_text("Version: 0.1.0.dev7+gabc\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
    ]
    done = subprocess.run(
        [*pip, "--target", tmp_path / "site", tmp_path / "tree"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    code = "import course_lib; print(course_lib.__file__, course_lib.__version__)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == [str(tmp_path / "site/course_lib/__init__.py"), "0.1.0.dev7+gabc"]
    assert (tmp_path / "site" / "course_lib" / "py.typed").exists()


def test_the_version_is_read_from_the_package_and_nothing_else_is_made_up():
    assert course_lib.__version__ == version.version()
    with pytest.raises(AttributeError, match="no attribute 'no_such_name'"):
        course_lib.no_such_name  # noqa: B018
