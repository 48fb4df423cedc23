"""What the page and `course analyse` say of pictures and films."""

import numpy as np
import pytest
import soundfile
from demo_pieces import EVEN, FACE, HAPPY, SAD, WALL
from PIL import Image

from course_lib import cli
from course_lib.demo import answers, moments, uploads
from course_lib.demo.moments import MISSING, NOTHING


def test_a_missing_modality_is_none_and_the_evidence_comes_from_the_other():
    found = answers.moment(moments.judge(HAPPY, weighing=EVEN))
    assert found["voice"] is None and found["evidence"] == {"face": 1.0, "voice": 0.0}
    assert found["answer"] == found["words"] == "happy" and found["threshold"] == 0.5
    nothing = answers.moment(moments.judge(weighing=EVEN))
    assert nothing["words"] == NOTHING and nothing["fused"] is None and nothing["threshold"] is None


def test_a_face_that_says_happy_and_a_voice_that_says_sad_are_not_sure_between_both():
    weighing = EVEN._replace(threshold={"fused": 0.6})
    found = answers.moment(moments.judge(HAPPY, SAD, weighing))
    assert found["words"] in ("not sure between happy and sad", "not sure between sad and happy")


def test_a_weight_decides_between_a_face_and_a_voice_that_disagree():
    face, voice = 0.8 * HAPPY + 0.2 / 7, 0.8 * SAD + 0.2 / 7
    for weights, answer in (({"face": 1.5, "voice": 0.5}, "happy"), ({"face": 0.5, "voice": 1.5}, "sad")):
        assert moments.judge(face, voice, EVEN._replace(weights=weights)).answer == answer


def film(seconds, seen, **options):
    times = np.arange(0, seconds, 0.1)
    boxes = np.tile([10.0, 10, 80, 80] if not np.isnan(seen).any() else MISSING[:4], (len(times), 1))
    nothing = np.tile(MISSING, (len(times), 1))
    table = moments.tabled(times, boxes, np.tile(seen, (len(times), 1)), nothing, EVEN)
    return answers.film(
        table, uploads.Upload("video", [options.get("frame", FACE)] * len(times), None, ()), EVEN
    )


def test_several_faces_and_no_face_are_said():
    assert film(1, HAPPY)["notes"] == []
    two = np.hstack([FACE, FACE[:, ::-1]])
    assert film(1, HAPPY, frame=two)["notes"] == ["There are 2 faces. The demo follows the largest one."]
    assert film(1, MISSING, frame=WALL)["notes"] == ["No face was found in any frame."]


def test_a_quiet_recording_is_said(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(32000, 1e-4), 16000)
    table, upload = moments.analyse(tmp_path / "a.wav")
    assert "too quiet" in answers.film(table, upload)["notes"][0]


@pytest.mark.parametrize(
    "picture, said", [(FACE, "One face: happy ("), (WALL, "No face was found in the picture.")]
)
def test_analyse_sums_a_picture_up(tmp_path, capsys, picture, said):
    Image.fromarray(picture).save(tmp_path / "a.png")
    assert cli.main(["analyse", str(tmp_path / "a.png"), "--csv", str(tmp_path / "a.csv")]) == 0
    assert capsys.readouterr().out.startswith(said)
    assert (tmp_path / "a.csv").read_text(encoding="utf-8").startswith("time,x,y,w,h,")


def test_analyse_gives_a_line_for_each_stretch(tmp_path, capsys):
    tone = 0.3 * np.sin(np.arange(48000) / 9)
    soundfile.write(tmp_path / "a.wav", np.r_[tone, np.zeros(96000)], 16000)
    assert cli.main(["analyse", str(tmp_path / "a.wav")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and "no face and no sound for" in lines[0]
    assert lines[1].startswith("  0.0 to") and lines[2].endswith("9.0 s: no face and no sound")
    assert lines[3].startswith("Voices are classified by the preset voice")
