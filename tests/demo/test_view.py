"""The HTML of the demo."""

import re

from demo_pieces import EVEN, FACE, HAPPY, SAD, WALL

from course_lib.demo import moments, view
from course_lib.demo.moments import NOTHING


def test_each_bar_is_a_meter_with_a_name_and_its_value_as_text():
    html = view.moment(moments.judge(HAPPY, SAD, EVEN), FACE, [100, 50, 90, 90])
    meters = re.findall(
        r"<meter min='0' max='1' value='([\d.]+)' aria-label='(\w+): (\w+)'>(\d+)%</meter>", html
    )
    assert len(meters) == 21 and {modality for _, modality, _, _ in meters} == {"face", "voice", "fused"}
    assert ("1.000", "face", "happy", "100") in meters and ("0.499", "fused", "sad", "50") in meters
    assert 'alt="the image, with a box around the face"' in html and "(100% of the evidence)" in html


def test_a_missing_modality_is_named():
    html = view.moment(moments.judge(weighing=EVEN), WALL)
    assert all(
        text in html for text in ("no face", "no sound", "nothing to fuse", NOTHING, "no face in the image")
    )
    assert "<meter" not in html


def test_names_from_outside_are_escaped():
    assert "<script>" not in view.message("<script>alert(1)</script>.mp4: it is empty")
