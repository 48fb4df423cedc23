"""Faces in real photographs and clips: what is found, how still a tracked box is, and the saved measurement
again.
"""

import numpy as np
import pytest
from cascades import DETECTORS, NEEDS_HAAR

from course_lib import faces, results
from course_lib.authoring.experiments import face_finding, steady_faces
from course_lib.core.io import hash_files
from course_lib.media import video

MISSED = {("lbp", "surprised.jpeg"): 1, ("lbp", "group.jpeg"): 1}  # a hat and a beard; a bowed head
BOX = ["x", "y", "w", "h"]


@pytest.fixture(scope="module")
def photographs(real_data):
    if not (real_data / "face_photos").is_dir():
        pytest.skip(f"no folder face_photos/ in {real_data}")
    return real_data / "face_photos"


@pytest.fixture(scope="module")
def clips(real_data):
    return real_data / "ravdess" / "video"


@pytest.mark.parametrize("detector", DETECTORS)
@pytest.mark.parametrize("name", face_finding.PHOTOGRAPHS)
def test_the_faces_of_photographs_and_no_other(photographs, name, detector):
    image, known = face_finding.read_image(photographs / name), face_finding.PHOTOGRAPHS[name]
    found = face_finding.count(faces.find(image, detector), known, face_finding.CUT_OFF.get(name, ()))
    missed = MISSED.get((detector, name), 0)
    assert found == {"found": len(known) - missed, "missed": missed, "false": 0}


@NEEDS_HAAR
def test_g7s_way_misses_faces_that_ours_finds(photographs):
    missed = {way: 0 for way in ("G7", "haar")}
    for name, known in face_finding.PHOTOGRAPHS.items():
        image = face_finding.read_image(photographs / name)
        for way in missed:
            missed[way] += face_finding.count(face_finding.WAYS[way](image), known)["missed"]
    assert missed["haar"] == 0 and missed["G7"] >= 4


@NEEDS_HAAR
@pytest.mark.parametrize("name", face_finding.CLIPS)
def test_every_frame_of_a_clip_is_tracked(clips, name):
    table = faces.track(video.stream(clips / name, threads=1))
    counts = [face_finding.count([box], [face_finding.CLIPS[name]]) for box in table[BOX].to_numpy()]
    assert [one["found"] for one in counts] == [1] * len(table)
    if name.startswith("Actor_01"):  # it moves as heads do: about a quarter of its width from frame to frame
        steps = np.diff(table[BOX].to_numpy(), axis=0) / table["w"].to_numpy()[1:, None]
        assert np.abs(steps).max() < 0.1 and np.abs(steps).mean() < 0.01


@NEEDS_HAAR
def test_eyes_and_mouth_of_real_frames(clips):
    seen = np.zeros(5)
    for frame in video.stream(clips / "Actor_01" / "01-01-01-01-01-01-01.mp4", every=20, threads=1):
        x, y, width, height = faces.largest(frame)
        found = faces.parts(frame, (x, y, width, height), "cascades")
        seen += [part is not None for part in found[:5]]
        places = {"right_eye": (0.3, 0.4), "left_eye": (0.7, 0.4), "mouth": (0.5, 0.83)}
        for name, place in places.items():
            box = getattr(found, name)
            if box is not None:
                middle = (box[:2] + box[2:] / 2 - (x, y)) / (width, height)
                np.testing.assert_allclose(middle, place, atol=0.12)
    assert (seen >= 4).all()  # of five frames


# --- the saved measurement ---


@NEEDS_HAAR
def test_the_saved_photographs_are_found_again(photographs):
    saved = results.read("face_finding")
    for name, known in face_finding.PHOTOGRAPHS.items():
        image = face_finding.read_image(photographs / name)
        cut = face_finding.CUT_OFF.get(name, ())
        for way, find in face_finding.WAYS.items():
            assert saved["pictures"][name][way] == face_finding.count(find(image), known, cut), (name, way)
    assert {way: saved["no_face"][way] for way in face_finding.WAYS} == face_finding.without_faces()


@NEEDS_HAAR
def test_a_saved_clip_is_found_again(clips):
    """All frames by the fast ways; all clips and ways take minutes, and only add up."""
    saved, name = results.read("face_finding"), next(iter(face_finding.CLIPS))
    again = face_finding.in_clip(clips / name, face_finding.CLIPS[name], ways=("haar", "tracked"))
    assert {key: saved["clips"][name][key] for key in again} == again
    for way, total in saved["all_frames"].items():
        assert total == face_finding._sum(clip[way] for clip in saved["clips"].values())
        assert total["found"] + total["missed"] == saved["n"]


def test_the_sources_of_the_saved_measurement_are_the_same(photographs, clips):
    saved = results.read("face_finding")
    paths = [
        *(photographs / name for name in face_finding.PHOTOGRAPHS),
        *(clips / name for name in face_finding.CLIPS),
    ]
    assert saved["data_files"] == len(paths) and saved["data_sha256"] == hash_files(paths)


@NEEDS_HAAR
def test_a_bearded_man_is_not_lost_when_he_moves(photographs):
    """One photograph by the two ways that need no slow cascade; all of them take minutes."""
    saved, name = results.read("steady_faces")["moved"], "surprised.jpeg"
    image = face_finding.read_image(photographs / name)
    copies = list(steady_faces.moved(image, face_finding.PHOTOGRAPHS[name][0]))
    assert len(copies) == 24
    for way in ("haar", "steady"):
        assert saved[way][name] == steady_faces._sum(way, copies)
    assert saved["steady"]["all"]["found"] >= 0.95 * 120 > saved["haar"]["all"]["found"]
