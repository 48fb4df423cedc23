"""The Studio's FER2013: its plan, its images, and its csv in Kaggle's format."""

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013
from course_lib.synthetic import fer2013 as studio

DISGUST, HAPPY = fer2013.EMOTIONS.index("disgust"), fer2013.EMOTIONS.index("happy")


@pytest.fixture(scope="module")
def plan():
    return studio.plan(3000)


@pytest.fixture(scope="module")
def faces():
    return studio.faces(studio.FEWEST, jobs=1)


def own(table):
    return table[(table["same_as"] == table.index) & (table["grey"] < 0)]


# --- the plan ---


def test_splits_and_classes_have_the_proportions_of_the_real_data(plan):
    assert plan["usage"].tolist() == ["Training"] * 2400 + ["PublicTest"] * 300 + ["PrivateTest"] * 300
    for usage, published in fer2013.PUBLISHED.items():
        counts = np.bincount(plan["label"][plan["usage"] == usage], minlength=7)
        assert np.abs(counts / counts.sum() - np.array(published) / sum(published)).max() < 0.005
        assert counts[DISGUST] == round(counts.sum() * published[DISGUST] / sum(published))


def test_nobody_is_in_two_splits(plan):
    people = plan.groupby("person")["usage"].agg(["nunique", "size"])
    assert set(people["nunique"]) == {1}
    assert people["size"].between(studio.FACES_EACH, studio.FACES_EACH + 1).all()
    assert len(people) == 150 and people.index.tolist() == list(range(150))


def test_a_person_shows_several_emotions_and_rows_are_shuffled(plan):
    assert plan.groupby("person")["label"].nunique().min() >= 3
    assert (np.diff(plan["label"][:2400]) != 0).mean() > 0.6
    assert (np.diff(plan["person"][:2400]) != 0).mean() > 0.9


def test_the_faults_are_few_and_never_disgust(plan):
    flat, repeated = plan["grey"] >= 0, plan["same_as"] != plan.index
    assert flat.groupby(plan["usage"]).sum().to_dict() == {"Training": 3, "PublicTest": 1, "PrivateTest": 0}
    assert repeated.groupby(plan["usage"]).sum().to_dict() == {
        "Training": 24,
        "PublicTest": 9,
        "PrivateTest": 9,
    }
    assert not (flat & repeated).any() and DISGUST not in set(plan["label"][flat | repeated])


def test_a_repeat_shows_a_drawn_training_face_and_some_have_another_label(plan):
    repeats = plan[plan["same_as"] != plan.index]
    sources = plan.loc[repeats["same_as"]]
    assert set(sources["usage"]) == {"Training"} and (sources["same_as"] == sources.index).all()
    assert (sources["grey"] < 0).all()
    others = repeats["label"].to_numpy() != sources["label"].to_numpy()
    assert {usage: others[repeats["usage"] == usage].sum() for usage in fer2013.USAGES} == {
        "Training": 5,
        "PublicTest": 2,
        "PrivateTest": 2,
    }


def test_a_plan_depends_on_its_seed_alone(plan):
    assert studio.plan(3000).equals(plan)
    assert not studio.plan(3000, seed=1)["label"].equals(plan["label"])


@pytest.mark.parametrize("n", [200, 205, 333, 1000])
@pytest.mark.parametrize("seed", range(5))
def test_small_plans_have_every_class_in_every_split(n, seed):
    table = studio.plan(n, seed)
    assert len(table) == n and table.groupby("usage")["label"].nunique().tolist() == [7] * 3
    assert table.groupby("person")["usage"].nunique().max() == 1


def test_too_few_faces_are_refused():
    with pytest.raises(CourseError, match=r"n=199: .*Ask for 200"):
        studio.faces(199)


# --- the images ---


def test_faces_are_as_planned(faces):
    table = studio.plan(studio.FEWEST)
    assert faces.images.shape == (200, 48, 48)
    assert (faces.images.dtype, faces.labels.dtype, faces.usage.dtype.kind) == (np.uint8, np.uint8, "U")
    np.testing.assert_array_equal(faces.labels, table["label"])
    assert fer2013.flat(faces.images).tolist() == (table["grey"] >= 0).tolist()
    drawn = (table["grey"] < 0).to_numpy()
    groups = fer2013.duplicates(faces.images[drawn])
    same = table["same_as"][drawn].to_numpy()
    np.testing.assert_array_equal(groups[:, None] == groups, same[:, None] == same)
    assert fer2013.under_two_labels(faces).sum() >= 6


def test_a_face_does_not_depend_on_the_faces_drawn_before(faces):
    table = own(studio.plan(studio.FEWEST))
    person = int(table["person"].iloc[-1])
    rows = table["label"][table["person"] == person]
    np.testing.assert_array_equal(
        studio.mark(studio._faces_of(person, rows.to_dict(), 0)), faces.images[rows.index]
    )


def test_another_seed_has_other_people():
    one, other = (studio._faces_of(0, {0: HAPPY}, seed) for seed in (0, 1))
    assert np.abs(one.astype(int) - other).mean() > 8


def test_faces_are_neither_too_dark_nor_too_bright(faces):
    images = faces.images[~fer2013.flat(faces.images)]
    middle = images[:, 12:44, 10:38].reshape(len(images), -1)
    assert (middle.mean(axis=1) > 45).all() and (middle.mean(axis=1) < 225).all()
    assert (middle.std(axis=1) > 5).all()
    assert ((middle == 255).mean(axis=1) < 0.3).all()


@pytest.mark.parametrize(
    "emotion, moving",
    [
        ("angry", ["brows"]),
        ("disgust", ["brows", "mouth"]),
        ("happy", ["mouth"]),
        ("fear", ["brows", "mouth"]),
        ("sad", ["brows", "mouth"]),
        ("surprise", ["brows", "mouth"]),
    ],
)
def test_an_emotion_moves_brows_and_mouth_and_not_the_nose(emotion, moving):
    """The same rows of a plan with two labels: pose, light and noise are the same."""
    shown, neutral = (
        np.stack([studio._faces_of(person, {person: label}, 0)[0] for person in range(6)]).astype(int)
        for label in (fer2013.EMOTIONS.index(emotion), fer2013.EMOTIONS.index("neutral"))
    )
    change = np.abs(shown - neutral)[:, :, 10:38].mean(axis=(0, 2))
    rows = {"brows": change[8:16].mean(), "mouth": change[31:41].mean()}
    assert all(rows[part] > max(2.5, 1.5 * change[24:28].mean()) for part in moving)


def test_the_mark_is_readable_on_dark_bright_and_mixed_images():
    images = np.stack(
        [
            np.zeros((48, 48)),
            np.full((48, 48), 255),
            np.full((48, 48), 128),
            np.repeat([[40, 210]], 24, axis=1) * np.ones((48, 1)),
        ]
    ).astype(np.uint8)
    marked = studio.mark(images)
    letters = np.array([[dot == "#" for dot in row] for row in studio.MARK])
    changed = np.abs(marked.astype(int) - images) > 60
    left = (48 - letters.shape[1]) // 2
    for picture in changed:
        np.testing.assert_array_equal(picture[1:6, left : left + letters.shape[1]], letters)
        assert picture.sum() == letters.sum()
    assert images[0].max() == 0  # the input does not change


def test_every_drawn_face_is_marked(faces):
    letters = np.array([[dot == "#" for dot in row] for row in studio.MARK])
    left = (48 - letters.shape[1]) // 2
    for image in faces.images[~fer2013.flat(faces.images)].astype(float):
        strip = image[1:6, left : left + letters.shape[1]]
        contrast = [
            abs(strip[letters[:, i], i].mean() - strip[~letters[:, i], i].mean())
            for i in range(letters.shape[1])
            if 0 < letters[:, i].sum() < 5
        ]
        assert np.mean(contrast) > 60


# --- the csv ---


def test_the_csv_is_kaggles(tmp_path, faces):
    path = tmp_path / "there" / "fer2013.csv"
    path.parent.mkdir()
    studio.write(path, faces)
    lines = path.read_bytes().split(b"\n")
    assert lines[0] == b"emotion,pixels,Usage" and lines[-1] == b"" and len(lines) == 202
    label, pixels, usage = lines[1].split(b",")
    assert (int(label), usage) == (faces.labels[0], b"Training")
    assert [int(word) for word in pixels.split(b" ")] == faces.images[0].ravel().tolist()
    for one, other in zip(fer2013.read(path), faces, strict=True):
        np.testing.assert_array_equal(one, other)


def test_it_is_drawn_once_and_cached(tmp_path, faces, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    asked = []
    monkeypatch.setattr(studio, "faces", lambda *options: asked.append(options) or faces)
    path = studio.make(n=200, seed=3)
    assert studio.make(n=200, seed=3) == path and path.is_relative_to(tmp_path) and "seed-3" in str(path)
    assert studio.make(tmp_path / "own", n=200) == tmp_path / "own" / "fer2013_synthetic_200.csv"
    assert asked == [(200, 3, -1), (200, 0, -1)]
    assert not list(tmp_path.rglob("*.part*"))
