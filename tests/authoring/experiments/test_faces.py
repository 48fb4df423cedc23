"""The figures on FER2013 and FER+, with a few faces that can be counted by hand."""

import cv2
import numpy as np
import pandas as pd
import pytest
import skimage.data
from cascades import NEEDS_HAAR

from course_lib.authoring import experiments
from course_lib.authoring.experiments import faces
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ferplus
from course_lib.faces import finding

# The cascade's box around the face of the photograph, reduced to the size of FER2013.
ASTRONAUT = cv2.resize(
    cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2GRAY)[66:161, 176:271],
    (48, 48),
    interpolation=cv2.INTER_AREA,
)
NOISE = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
ANGRY, HAPPY, NEUTRAL = 0, 3, 6


def grey(*levels):
    """Make flat images, each with one pixel of the given level; level 0 leaves the image flat."""
    images = np.zeros((len(levels), 48, 48), np.uint8)
    images[:, 0, 0] = levels
    return images


@pytest.fixture
def folder(tmp_path):
    """Four Training faces (a repeat, a flat one, one with two labels), four of PublicTest (two repeats)."""
    (tmp_path / "fer2013").mkdir()
    np.savez(
        tmp_path / "fer2013" / faces.FACES,
        images=grey(0, 1, 1, 2, 1, 2, 8, 9),
        labels=np.array([HAPPY, HAPPY, HAPPY, ANGRY, HAPPY, NEUTRAL, ANGRY, NEUTRAL], np.uint8),
        usage=["Training"] * 4 + ["PublicTest"] * 4,
    )
    votes = pd.DataFrame(0, index=range(8), columns=list(ferplus.VOTES))
    votes["happiness"] = 10
    votes.loc[4, ["happiness", "neutral"]] = 9, 1
    votes.loc[5, ["happiness", "neutral", "sadness"]] = 0, 5, 5
    votes.loc[6, ["happiness", "NF"]] = 0, 10
    votes.loc[7, ["happiness", "neutral", "contempt"]] = 0, 8, 2
    votes.assign(Usage=["Training"] * 4 + ["PublicTest"] * 4).to_csv(
        tmp_path / "fer2013" / faces.VOTES, index=False
    )
    return tmp_path


def test_faces_are_counted_by_split_class_and_repeat(folder):
    found = faces.fer2013_counts(folder)
    assert found["n"] == 8 and found["files"] == [str(folder / "fer2013" / faces.FACES)]
    assert found["counts"]["Training"] == {**dict.fromkeys(fer2013.EMOTIONS, 0), "angry": 1, "happy": 3}
    assert found["counts"]["PublicTest"] == {
        **dict.fromkeys(fer2013.EMOTIONS, 0),
        "angry": 1,
        "happy": 1,
        "neutral": 2,
    }
    assert found["flat_rows"] == [0]
    assert (found["distinct"], found["repeats"]) == (5, 3)
    assert found["images_under_two_labels"] == 1  # level 2 is angry and neutral
    assert found["public_also_in_training"] == 2  # levels 1 and 2
    assert found["public_with_its_label_in_training"] == 1  # level 1 only
    assert found["majority"] == "happy"
    always = found["always_the_majority"]
    assert (always["correct"], always["n"], always["protocol"]) == (1, 4, "PublicTest")


def test_raters_are_counted_against_each_other_and_against_the_label(folder):
    found = faces.ferplus_raters(folder)
    assert found["n"] == 8 and found["votes"] == 80
    public = found["parts"]["PublicTest"]
    # Leave one rater out: 9 of 10 agree; at 5 to 5 none (5 to 4 against each); all; 8 of 10.
    assert public["one_against_the_others"]["mean"] == pytest.approx((0.9 + 0 + 1 + 0.8) / 4)
    always_neutral = (0 + 0.5 + 0 + 1) / 4
    assert public["one_against_the_others"]["baseline"] == pytest.approx(always_neutral)
    # happy 9 of 10, neutral 5, angry 0, neutral 8
    assert public["one_against_fer2013"]["mean"] == pytest.approx((0.9 + 0.5 + 0 + 0.8) / 4)
    assert public["one_against_fer2013"]["baseline"] == 0.5
    assert (public["one_against_fer2013"]["correct"], public["one_against_fer2013"]["n"]) == (
        2,
        4,
    )  # 2.2 of 4
    assert public["not_a_face"] == public["nobody_named_one_of_the_seven"] == public["all_raters_agree"] == 1
    assert found["parts"]["Training"]["one_against_the_others"]["mean"] == 1


def test_the_commonest_vote_is_compared_with_the_label(folder):
    public = faces.ferplus_raters(folder)["parts"]["PublicTest"]
    table = pd.DataFrame(
        public["commonest"]["counts"], public["commonest"]["labels"], public["commonest"]["answers"]
    )
    assert table.loc["happy", "happy"] == table.loc["neutral", "neutral"] == table.loc["neutral", "tie"] == 1
    assert table.loc["angry", "not a face"] == 1 and table.to_numpy().sum() == 4
    assert (public["commonest_is_fer2013"]["correct"], public["commonest_is_fer2013"]["n"]) == (2, 4)


@NEEDS_HAAR
def test_the_cascade_keeps_faces_and_drops_other_images():
    images = np.stack([ASTRONAUT, NOISE, np.zeros((48, 48), np.uint8)])
    assert faces.cascade_finds(images, border=51).tolist() == [True, False, False]
    assert not faces.cascade_finds(images).any()  # a face that fills its image is not found


@NEEDS_HAAR
def test_faces_that_the_cascade_keeps_are_counted_by_class(monkeypatch):
    monkeypatch.setattr(faces, "cascade_finds", lambda images, border: images[:, 0, 0] > border)
    labels = np.repeat(np.arange(7, dtype=np.uint8), 4)
    images = grey(*[9] * 8, *[9, 9, 0, 0] * 5)
    found = faces.selection(fer2013.Faces(images, labels, np.array(["Training"] * 28)), border=3)
    assert (found["kept"], found["n"], found["fraction"]) == (18, 28, 18 / 28)
    assert [one["kept"] for one in found["by_class"].values()] == [4, 4, 2, 2, 2, 2, 2]
    assert found["interval"][0] < 18 / 28 < found["interval"][1]
    assert found["majority_before"] == 1 / 7 and found["majority_after"] == pytest.approx(4 / 18)


def test_the_error_names_opencv_5(monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier", raising=False)
    finding._cascade.cache_clear()
    with pytest.raises(CourseError, match=r"has no such cascade.*opencv-python-headless<5"):
        faces.cascade_finds(grey(1))


def test_predictions_are_scored_on_several_subsets(folder, monkeypatch):
    """Labels happy, neutral, angry, neutral; the first two images are also in Training, the third is
    voted "not a face", and two of the commonest votes (happy, tie, not a face, neutral) are emotions."""
    answers = {"one": "3606", "other": "3336"}  # as happy, neutral, angry, neutral
    digest = fer2013.digest(fer2013.read(folder / "fer2013" / faces.FACES))
    trained = {
        name: {"scores": {"PublicTest": {"answers": given}}, "data_sha256": digest}
        for name, given in answers.items()
    }
    elsewhere = {"elsewhere": trained["one"] | {"data_sha256": "of other faces"}}
    monkeypatch.setattr(
        faces.results,
        "trained",
        lambda: trained | elsewhere | {"face_or_not": {"scores": {"lfw_subset": {}}}},
    )
    monkeypatch.setattr(faces, "cascade_finds", lambda images, border: np.array([True, False, False, False]))
    found = faces.fer2013_networks(folder)
    counted = {
        name: {way: (score["correct"], score["n"]) for way, score in ways.items()}
        for name, ways in found["networks"].items()
    }
    assert counted == {
        "one": {
            "all": (4, 4),
            "unseen": (2, 2),
            "faces": (3, 3),
            "raters": (2, 2),
            "cascade keeps": (1, 1),
            "cascade drops": (3, 3),
        },
        "other": {
            "all": (2, 4),
            "unseen": (1, 2),
            "faces": (2, 3),
            "raters": (2, 2),
            "cascade keeps": (1, 1),
            "cascade drops": (1, 3),
        },
    }
    assert found["pairs"] == {"one and other": {"b": 2, "c": 0, "p": 0.5}}


def test_the_second_output_of_the_network_is_scored_too(folder, monkeypatch, tmp_path):
    digest = fer2013.digest(fer2013.read(folder / "fer2013" / faces.FACES))
    one = {"scores": {"PublicTest": {"answers": "3606"}}, "data_sha256": digest}
    monkeypatch.setattr(faces.results, "trained", lambda: {"emotion_net": one})
    monkeypatch.setattr(faces, "cascade_finds", lambda images, border: np.array([True, False, False, False]))
    answers = ["happy", "contempt", "contempt", "neutral"]
    rows = np.eye(len(ferplus.CLASSES))[[ferplus.CLASSES.index(answer) for answer in answers]]
    np.savez(tmp_path / "predictions.npz", **{"PublicTest, raters": rows.astype(np.float16)})
    monkeypatch.setattr(faces, "PREDICTIONS", tmp_path / "predictions.npz")
    found = faces.fer2013_networks(folder)
    raters = found["networks"]["emotion_net_raters"]
    assert (raters["all"]["correct"], raters["raters"]["correct"]) == (2, 2)
    assert found["pairs"]["emotion_net and emotion_net_raters"]["b"] == 2


def test_the_nearest_neighbour_memorises_its_training_faces(folder, monkeypatch):
    """Training: levels 0, 1, 1 (happy) and 2 (angry); PublicTest: 1 happy, 2 neutral, 8 angry, 9 neutral.
    Without the images of PublicTest only the flat, happy one remains."""
    monkeypatch.setattr(faces, "cascade_finds", lambda images, border: images[:, 0, 0] == 1)
    found = faces.fer2013_nearest(folder)["remembered"]
    counted = {
        way: {subset: (one["correct"], one["n"]) for subset, one in ways.items() if subset != "n"}
        for way, ways in found.items()
    }
    assert {way: ways["n"] for way, ways in found.items()} == {"all": 4, "unseen": 1, "cascade keeps": 2}
    assert counted == {
        "all": {"all": (2, 4), "unseen": (1, 2), "cascade keeps": (1, 1), "cascade drops": (1, 3)},
        "unseen": {"all": (1, 4), "unseen": (0, 2), "cascade keeps": (1, 1), "cascade drops": (0, 3)},
        "cascade keeps": {"all": (1, 4), "unseen": (0, 2), "cascade keeps": (1, 1), "cascade drops": (0, 3)},
    }


def test_each_is_a_measurement():
    names = {
        "fer2013_counts",
        "ferplus_raters",
        "fer2013_cascade_selection",
        "fer2013_nearest",
        "fer2013_networks",
    }
    assert names <= experiments.MEASUREMENTS.keys()
