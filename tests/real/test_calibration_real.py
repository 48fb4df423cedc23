"""The calibration of `emotion_net` on FER2013's validation faces, found again by the face alone."""

import pytest

from course_lib import results
from course_lib.authoring.experiments import face_calibration
from course_lib.core.io import hash_files
from course_lib.datasets import fer2013, ferplus
from course_lib.models import face_networks, face_training


def test_the_calibration_of_each_output_is_found_again(real_data):
    saved = results.read("emotion_net_calibration")
    paths = [real_data / "fer2013" / name for name in (face_calibration.FACES, face_calibration.VOTES)]
    assert saved["data_sha256"] == hash_files(paths)
    faces = fer2013.read(paths[0])
    rows = face_training.split(faces, results.read("emotion_net")["seed"])[1]
    labels = face_calibration.true_labels(faces, ferplus.read_votes(paths[1]), rows)
    half = face_calibration.halves(faces.images[rows])
    for output, network in face_calibration.shipped_outputs().items():
        probabilities = face_networks.predict(network, faces.images[rows], tta=0)
        again = face_calibration.of_output(labels[output], probabilities, half)
        one = saved["outputs"][output]["views"]["face alone"]
        assert again["score"]["n"] == one["score"]["n"]
        assert again["score"]["correct"] == pytest.approx(one["score"]["correct"], abs=2)  # other BLAS
        assert again["temperature"] == pytest.approx(one["temperature"], abs=0.01)
        for when in ("before", "after"):
            assert again[when]["error"] == pytest.approx(one[when]["error"], abs=0.005)
            assert again[when]["if_calibrated"]["mean"] == pytest.approx(
                one[when]["if_calibrated"]["mean"], abs=0.002
            )
