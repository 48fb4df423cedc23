"""Lessons 01 and 02 on the real clips that are there, as `course run 01 02 --corpus ravdess --data DIR` runs
them.
"""

import nbformat

from course_lib import cli


def test_lessons_01_and_02_run_on_real_clips(real_data, tmp_path):
    out = tmp_path / "lessons"
    assert (
        cli.main(
            [
                "run",
                "01",
                "02",
                "--corpus",
                "ravdess",
                "--data",
                str(real_data / "ravdess" / "video"),
                "--out",
                str(out),
            ]
        )
        == 0
    )
    for path in out.glob("[0-9]*.ipynb"):
        printed = "".join(
            output.get("text", "")
            for cell in nbformat.read(path, 4).cells
            for output in cell.get("outputs", [])
        )
        assert "RAVDESS" in printed and "SYNTHETIC" not in printed
        assert "Used instead: neutral, surprised" in printed
