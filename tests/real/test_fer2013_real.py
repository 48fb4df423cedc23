"""The reader on genuine FER2013 rows, and what the README beside them counts."""

import numpy as np
import pytest

from course_lib.datasets import fer2013, ferplus
from course_lib.synthetic.fer2013 import write


@pytest.fixture(scope="module")
def folder(real_data):
    if not (real_data / "fer2013").is_dir():
        pytest.skip(f"no folder fer2013/ in {real_data}")
    return real_data / "fer2013"


@pytest.fixture(scope="module")
def faces(folder):
    return fer2013.read(folder / "fer2013_train_public.npz")


@pytest.fixture(scope="module")
def votes(folder):
    return ferplus.read_votes(folder / "ferplus_train_public.csv")


def test_counts_are_the_published_ones_but_for_what_is_kept_back(faces):
    assert fer2013.check_counts(faces) == ["PrivateTest: 0 faces, published 3589"]


def test_kaggles_csv_holds_the_same_rows(folder, faces):
    sample = fer2013.read(folder / "fer2013_sample.csv")
    assert [(sample.usage == usage).sum() for usage in fer2013.USAGES] == [600, 150, 150]
    for usage, rows in (("Training", 600), ("PublicTest", 150)):
        mine, whole = fer2013.subset(sample, usage), fer2013.subset(faces, usage)
        np.testing.assert_array_equal(mine.images, whole.images[:rows])
        np.testing.assert_array_equal(mine.labels, whole.labels[:rows])


def test_the_studio_writes_kaggles_csv_byte_for_byte(folder, tmp_path):
    write(tmp_path / "again.csv", fer2013.read(folder / "fer2013_sample.csv"))
    assert (tmp_path / "again.csv").read_bytes() == (folder / "fer2013_sample.csv").read_bytes()


def test_flat_images_duplicates_and_what_stands_on_both_sides(faces):
    assert np.flatnonzero(fer2013.flat(faces.images)).tolist() == [
        6458,
        7629,
        10423,
        11286,
        13148,
        13402,
        13988,
        15894,
        22198,
        22927,
        28601,
        30002,
    ]
    groups = fer2013.duplicates(faces.images)
    assert groups.max() + 1 == 30766
    assert len(set(groups[fer2013.under_two_labels(faces)])) == 47
    training, public = fer2013.subset(faces, "Training"), fer2013.subset(faces, "PublicTest")
    assert (~fer2013.without_test_faces(public, training)).sum() == 280


def test_the_validation_split_shares_no_image(faces):
    train, validation = fer2013.validation_split(faces)
    groups = fer2013.duplicates(faces.images)
    assert not set(groups[train]) & set(groups[validation])
    assert len(train) + len(validation) == 28709
    assert len(validation) / 28709 == pytest.approx(0.1, abs=0.001)


def test_votes_fit_the_faces_and_give_the_rater_that_the_readme_names(faces, votes):
    ferplus.check_votes(votes, faces)
    public = faces.usage == "PublicTest"
    assert round(100 * ferplus.rater_agreement(votes)[public].mean(), 1) == 73.3
    soft = ferplus.soft_labels(votes)
    assert (soft.argmax(axis=1) == faces.labels).mean() > 0.6  # in our order: else about one in seven
    assert (soft.sum(axis=1) == 0).sum() == 162
    assert ferplus.not_a_face(votes).sum() == 160


def test_the_makers_rules_leave_out_as_many_faces_as_their_code(faces, votes):
    """Their `generate_training_data.py` gives the same rows in both modes (compared once, all 32,298)."""
    public = faces.usage == "PublicTest"
    assert (ferplus.commonest_emotion(votes)[public] >= 0).sum() == 3372
    for kind, left_out in (("probabilities", 837), ("majority", 4039)):
        assert (ferplus.training_labels(votes, kind).sum(axis=1) == 0).sum() == left_out
