"""`course train` and `course evaluate`."""

from course_lib import cli


def test_ship_wants_the_test_scored(faces_npz, capsys):
    assert cli.main(["train", "face", "--data", str(faces_npz), "--ship"]) == 1
    assert "Add: --final" in capsys.readouterr().err
