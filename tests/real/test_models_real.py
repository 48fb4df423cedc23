"""What the networks that come with the course score on real pictures is what results/ says."""

import numpy as np
import pytest

from course_lib import results
from course_lib.authoring.experiments import hard_negatives
from course_lib.datasets import fer2013, not_faces
from course_lib.models import face_networks, face_training, presets, scoring

SHIPPED = sorted(presets.NAMES.values())


@pytest.fixture(scope="module")
def faces(real_data):
    return fer2013.read(real_data / "fer2013" / "fer2013_train_public.npz")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_answers_of_a_shipped_network_are_found_again(name, faces):
    """Of PublicTest every fifth one, which takes ten views each; the score follows from the answers, as
    below.
    """
    saved = results.trained()[name]
    part, images, labels, _ = face_training._final(name, faces)
    some = slice(None, None, 1 if name == "face_or_not" else 5)
    again = scoring.scores(
        face_networks.load(presets.SHIPPED / f"{name}.npz"), images[some], labels[some], part
    )
    answers = np.array(list(saved["scores"][part]["answers"]), int)
    differ = (np.array(list(again["answers"]), int) != answers[some]).sum()
    assert differ <= 3  # other processors round otherwise
    assert abs(again["top_1"]["correct"] - (answers == labels)[some].sum()) <= differ
    assert (answers == labels).sum() == saved["scores"][part]["top_1"]["correct"]


@pytest.mark.parametrize("name", sorted(results.trained()))
def test_a_network_was_trained_on_these_faces_split_as_it_says(name, faces):
    saved = results.trained()[name]
    items, _, (validation, _) = face_training._items("emotion_cnn6", faces, None, saved["seed"])
    times = 2 if name == "face_or_not" else 1
    assert saved["data_sha256"] == fer2013.digest(faces)
    assert saved["trained_on"] == times * len(items)
    if name == "face_or_not":  # a few in a hundred pictures without a face are left out, and as many faces
        assert 0.95 < saved["validated_on"] / (2 * len(validation)) <= 1
    else:
        assert saved["validated_on"] == len(validation)
    public = fer2013.subset(faces, "PublicTest")
    if "PublicTest" in saved["scores"]:
        answers = np.array(list(saved["scores"]["PublicTest"]["answers"]), int)
        assert (answers == public.labels).sum() == saved["scores"]["PublicTest"]["top_1"]["correct"]


def test_face_or_not_was_never_trained_on_its_test_but_for_black(faces):
    """FER2013 has pictures that are all black, as "faces"; one of the 200 is all black, and none."""
    images, labels = not_faces.lfw_test()
    known = {image.tobytes() for image in faces.images}
    shared = [row for row, image in enumerate(images) if image.tobytes() in known]
    assert len(shared) == 1 and not images[shared].any() and labels[shared] == 0


def test_the_hard_negatives_that_a_shipped_network_rejects_are_found_again():
    saved = results.read("hard_negatives")["editions"]["shipped"]
    network = face_networks.load(presets.SHIPPED / "face_or_not.npz")
    for kind, images in hard_negatives.mined().items():
        again = hard_negatives.rejected(network, images).sum()
        assert abs(again - saved["mined"][kind]["correct"]) <= 3  # other processors round otherwise
    again = hard_negatives.probabilities(network, hard_negatives.pictures())
    assert again == pytest.approx(saved["pictures"], abs=0.02)


def test_the_second_edition_takes_fewer_hard_negatives_for_a_face():
    found = results.read("hard_negatives")
    before, after = (found["editions"][name] for name in ("first", "shipped"))
    assert after["beside"]["correct"] >= before["beside"]["correct"]
    assert after["mined"]["cascades"]["correct"] > before["mined"]["cascades"]["correct"]
    beside = (one["at_equal_kept"]["beside"]["correct"] for one in (before, after))
    assert next(beside) < next(beside)
    assert before["pictures"]["a cup of coffee"] > 0.5 > after["pictures"]["a cup of coffee"]
    kept = (one["kept"]["London"]["correct"] for one in (before, after))
    assert min(kept) >= 200
