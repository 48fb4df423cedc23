"""`course evaluate`: what is written beside the figures of each measurement."""

import json

from course_lib import results
from course_lib.authoring import experiments


def test_all_results_of_one_call_name_the_commit_at_its_start(monkeypatch, tmp_path):
    commits = iter(["abc1234", "abc1234-dirty"])  # the first file that is written changes the checkout
    monkeypatch.setattr(experiments, "commit", lambda: next(commits))
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    measured = {"one": lambda data: {"files": [__file__], "n": 1}, "two": lambda data: {"files": [], "n": 2}}
    monkeypatch.setattr(experiments, "MEASUREMENTS", measured)
    written = [json.loads(path.read_text()) for path in experiments.write(["one", "two"], tmp_path)]
    assert [one["commit"] for one in written] == ["abc1234", "abc1234"]
    assert [one["n"] for one in written] == [1, 2] and [one["data_files"] for one in written] == [1, 0]
    assert written[0]["command"] == "course evaluate one --data DIR"
