"""FER2013 in each of its forms, row by row; what is wrong with a file; counts, repeats and splits."""

import zipfile

import cv2
import numpy as np
import pytest
from small_faces import flat_faces

from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import fer2013
from course_lib.datasets.fer2013 import Faces


def some_faces(n=7, seed=0):
    rng = np.random.default_rng(seed)
    return Faces(
        rng.integers(0, 256, (n, 48, 48), np.uint8),
        (np.arange(n) % 7).astype(np.uint8),
        np.resize(["Training", "PublicTest", "PrivateTest"], n),
    )


def text_of(image):
    return " ".join(map(str, image.ravel()))


def csv(path, faces, header="emotion,pixels,Usage", row="{label},{pixels},{usage}", end="\n"):
    rows = [
        row.format(label=label, pixels=text_of(image), usage=usage)
        for image, label, usage in zip(*faces, strict=True)
    ]
    path.write_bytes(end.join([header, *rows, ""]).encode())
    return path


def assert_same(a, b):
    for one, other in zip(a, b, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (a.images.dtype, a.labels.dtype, a.usage.dtype.kind) == (np.uint8, np.uint8, "U")


@pytest.mark.parametrize(
    "way",
    [
        {},
        {"header": "emotion, Usage, pixels", "row": "{label},{usage},{pixels}"},
        {"header": "\ufeffemotion,pixels,Usage", "end": "\r\n"},
        {"header": '"emotion","pixels","Usage"', "row": '"{label}","{pixels}","{usage}"'},
        {"end": "\n\n"},
    ],
    ids=["fer2013.csv", "icml_face_data.csv", "Windows", "quoted", "empty lines"],
)
def test_a_csv_gives_its_faces_in_its_order(tmp_path, way):
    faces = some_faces()
    assert_same(fer2013.read(csv(tmp_path / "a.csv", faces, **way)), faces)


def test_a_csv_of_several_blocks_and_no_newline_at_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(fer2013, "BLOCK", 3)
    faces, path = some_faces(), tmp_path / "a.csv"
    csv(path, faces)
    path.write_bytes(path.read_bytes().rstrip())
    assert_same(fer2013.read(path), faces)


GOOD = " ".join(["7"] * 2304)


@pytest.mark.parametrize(
    "row, expected",
    [
        (f"3,{GOOD[:-2]},Training", "2303 pixels"),
        (f"3,{GOOD} 7,Training", "2305 pixels"),
        (f"3,256{GOOD[1:]},Training", "pixel 1 is '256'"),
        (f"3,{GOOD[:-1]}-7,Training", "pixel 2304 is '-7'"),
        (f"3,{GOOD[:-1]}99999999999999999999,Training", "pixel 2304 is '9999"),
        (f"3,{GOOD[:-1]}18446744073709551623,Training", "pixel 2304 is '1844"),  # 2**64 + 7
        (f"3,{GOOD[:-1]}seven,Training", "pixel 2304 is 'seven'"),
        (f"3,{GOOD[:-1]}7.5,Training", "pixel 2304 is '7.5'"),
        (f"3,{GOOD[:2]} {GOOD[4:]},Training", "pixel 2 is ''"),
        ("3,,Training", "pixel 1 is ''"),
        (f"7,{GOOD},Training", "label is '7'"),
        (f"-1,{GOOD},Training", "label is '-1'"),
        (f"12,{GOOD},Training", "label is '12'"),
        (f",{GOOD},Training", "label is ''"),
        (f"happy,{GOOD},Training", "label is 'happy'"),
        (f"3,{GOOD},Test", "usage is 'Test'"),
        (f"3,{GOOD[:700]}", "2 field(s)"),
        (f"3,{GOOD},Training,1", "4 field(s)"),
    ],
)
def test_a_wrong_row_is_named_as_an_editor_counts(tmp_path, row, expected):
    path = csv(tmp_path / "a.csv", some_faces(2))
    path.write_bytes(path.read_bytes() + b"\n" + row.encode() + f"\n3,{GOOD},Training\n".encode())
    with pytest.raises(CourseError) as caught:
        fer2013.read(path)
    assert "a.csv, row 5: " in str(caught.value)  # the header is row 1, row 4 is empty
    assert expected in str(caught.value)
    assert str(caught.value).count(path.name) == 1


def test_two_wrong_rows_cannot_make_up_for_each_other(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(f"emotion,pixels,Usage\n3,{GOOD[:-2]},Training\n3,{GOOD} 7,Training\n")
    with pytest.raises(CourseError, match="row 2: it has 2303 pixels"):
        fer2013.read(path)


def test_a_cut_off_csv_names_its_last_row(tmp_path):
    path = csv(tmp_path / "a.csv", some_faces(3))
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(CourseError, match=r"row 4: .*cut off"):
        fer2013.read(path)


@pytest.mark.parametrize(
    "content, expected",
    [
        ("", "empty"),
        ("emotion,pixels,Usage\n", "no row"),
        ("a,b", "emotion, pixels, usage"),
        ("emotion,pixels\n0,1 2 3\n", "missing in its first row: usage"),
    ],
)
def test_a_csv_without_rows_or_columns_is_refused(tmp_path, content, expected):
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(CourseError, match=expected):
        fer2013.read(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CourseError, match="no such file or folder"):
        fer2013.read(tmp_path / "fer2013.csv")


# The folder of pictures.


def picture(path, image):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imencode(path.suffix, image)[1].tofile(path)


def test_a_folder_of_pictures(tmp_path):
    images = some_faces(4).images
    for name, image in zip(
        (
            "train/angry/Training_1.png",
            "train/Happy/x.png",
            "validation/sad/0.png",
            "test/neutral/PrivateTest_9.png",
        ),
        images,
        strict=True,
    ):
        picture(tmp_path / name, image)
    (tmp_path / "train" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "train" / "angry" / "._x.png").write_bytes(b"x")
    faces = fer2013.read(tmp_path)  # sorted by path: test, train/Happy, train/angry, validation
    assert sorted(zip(faces.labels.tolist(), faces.usage.tolist(), strict=True)) == [
        (0, "Training"),
        (3, "Training"),
        (4, "PublicTest"),
        (6, "PrivateTest"),
    ]
    np.testing.assert_array_equal(faces.images[faces.labels == 3][0], images[1])
    assert faces.images.dtype == np.uint8


def test_p4s_renamed_files_and_a_part_by_itself(tmp_path):
    for i, name in enumerate(("an_0", "di_0", "fe_0", "ha_0", "sa_0", "su_0", "ne_0")):
        picture(tmp_path / "train" / f"{name}.jpg", np.full((48, 48), 10 * i, np.uint8))
    faces = fer2013.read(tmp_path / "train")
    assert faces.labels[np.argsort(faces.images[:, 0, 0])].tolist() == list(range(7))
    assert set(faces.usage) == {"Training"}


@pytest.mark.parametrize(
    "name, size, expected",
    [
        ("train/angry/a.png", 64, "64 x 64"),
        ("train/angry/a.png", None, "cannot be read"),
        ("train/bored/a.png", 48, "which emotion"),
        ("angry/a.png", 48, "which split"),
        ("train/angry/a.txt", 48, "it contains no image"),
    ],
)
def test_what_a_folder_may_not_hold(tmp_path, name, size, expected):
    picture(tmp_path / "data" / name.replace(".txt", ".png"), np.zeros((size or 48,) * 2, np.uint8))
    path = tmp_path / "data" / name
    if path.suffix == ".txt":
        path.with_suffix(".png").rename(path)
    if size is None:
        path.write_bytes(b"it contains no image")
    with pytest.raises(CourseError, match=expected):
        fer2013.read(tmp_path / "data")


def test_pictures_that_will_not_do_are_skipped_counted_and_named(tmp_path):
    picture(tmp_path / "train" / "sad" / "a.png", np.full((48, 48), 7, np.uint8))
    picture(tmp_path / "train" / "sad" / "large.png", np.zeros((64, 64), np.uint8))
    picture(tmp_path / "preview.png", np.zeros((48, 48), np.uint8))
    (tmp_path / "train" / "folder.png").mkdir()
    with pytest.warns(UserWarning, match=r"2 of 3 images are skipped.*preview.png.*large.png: it is 64 x 64"):
        faces = fer2013.read(tmp_path)
    assert faces.labels.tolist() == [4] and faces.images.max() == 7


def test_an_empty_picture_is_refused(tmp_path):
    (tmp_path / "train" / "sad").mkdir(parents=True)
    (tmp_path / "train" / "sad" / "a.png").write_bytes(b"")
    with pytest.raises(CourseError, match="cannot be read"):
        fer2013.read(tmp_path)


# npz


def test_an_npz_with_and_without_usage(tmp_path):
    faces = some_faces()
    np.savez(tmp_path / "a.npz", **faces._asdict())
    np.savez(tmp_path / "b.npz", images=faces.images, labels=faces.labels.astype(int))
    assert_same(fer2013.read(tmp_path / "a.npz"), faces)
    assert_same(fer2013.read(tmp_path / "b.npz"), faces._replace(usage=np.full(7, "")))


@pytest.mark.parametrize(
    "change",
    [
        lambda images, labels: (images[..., None], labels),
        lambda images, labels: (images[:, None], labels),
        lambda images, labels: (images.reshape(7, -1), labels),
        lambda images, labels: (images.astype(float), labels),
        lambda images, labels: (images / 255, labels),
        lambda images, labels: ((images / 255).astype("f4"), labels),
        lambda images, labels: (images.astype(">i2"), labels),
        lambda images, labels: (images, labels.astype(float)),
        lambda images, labels: (images, labels[:, None]),
        lambda images, labels: (images, np.eye(7)[labels]),
        lambda images, labels: (images, np.array(EMOTIONS)[labels]),
        lambda images, labels: (images, labels.astype(str)),
        lambda images, labels: (
            images,
            np.array(["Anger", "DISGUST", "fear", "ha", "sad", "su", "neutral"], "S"),
        ),
    ],
    ids=[
        "channel last",
        "channel first",
        "rows",
        "float",
        "of 0 to 1",
        "float32 of 0 to 1",
        "big-endian",
        "float labels",
        "column of labels",
        "one-hot",
        "words",
        "digits",
        "bytes",
    ],
)
def test_other_layouts_of_an_npz_give_the_same_faces(tmp_path, change):
    faces = some_faces()
    images, labels = change(faces.images, faces.labels)
    np.savez(tmp_path / "a.npz", images=images, labels=labels)
    assert_same(fer2013.read(tmp_path / "a.npz"), faces._replace(usage=np.full(7, "")))


@pytest.mark.parametrize(
    "changed, expected",
    [
        ({"images": np.zeros((7, 48, 47), np.uint8)}, "images are uint8"),
        ({"images": np.full((7, 48, 48), np.nan)}, "from nan to nan"),
        ({"images": np.full((7, 48, 48), -0.5)}, "from -0.5 to -0.5"),
        ({"images": np.zeros((7, 48, 48), bool)}, "images are bool"),
        ({"images": np.zeros((0, 48, 48), np.uint8)}, r"images are uint8 \(0, 48, 48\)"),
        ({"images": np.zeros((7, 48, 48), object)}, "cannot be read"),
        ({"labels": np.zeros(6, np.uint8)}, r"'labels' has the shape \(6,\), but there are 7"),
        ({"labels": np.ones((7, 7))}, r"shape \(7, 7\), not one"),
        ({"labels": np.zeros(7, bool)}, "labels are bool"),
        (
            {"labels": np.array([0, 1, 2, 3, 4, 5, 7])},
            "row 6 counted from 0: its label is 7. Allowed are 0 or angry, 1 or",
        ),
        ({"labels": np.full(7, 2.5)}, "its label is 2.5"),
        ({"labels": np.full(7, "bored")}, "row 0 counted from 0: its label is bored"),
        ({"usage": np.full(7, "Tset")}, "row 0 counted from 0: its usage is Tset"),
        ({"usage": np.full(3, "Training")}, r"'usage' has the shape \(3,\)"),
        ({"usage": np.full(7, "Training", object)}, "cannot be read"),
        ({"labels": None}, "no labels"),
    ],
)
def test_an_npz_of_something_else_is_refused(tmp_path, changed, expected):
    arrays = {name: array for name, array in (some_faces()._asdict() | changed).items() if array is not None}
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(CourseError, match=expected):
        fer2013.read(tmp_path / "a.npz")


@pytest.mark.parametrize("kept", [0, 100, 9000])
def test_a_damaged_npz_is_refused(tmp_path, kept):
    path = tmp_path / "a.npz"
    np.savez(path, **some_faces()._asdict())
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(CourseError, match="cannot be read as an npz"):
        fer2013.read(path)


def test_what_only_bears_an_npzs_name_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(3))
    (tmp_path / "a.npy").rename(tmp_path / "a.npz")
    with zipfile.ZipFile(tmp_path / "b.npz", "w") as file:
        file.writestr("images", "text")
    for name in ("a.npz", "b.npz"):
        with pytest.raises(CourseError, match=r"cannot be read as an npz|no images"):
            fer2013.read(tmp_path / name)


def test_an_npz_with_a_flipped_byte_is_refused(tmp_path):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, **some_faces()._asdict())
    content = bytearray(path.read_bytes())
    content[4000] ^= 255
    path.write_bytes(content)
    with pytest.raises(CourseError, match="cannot be read as an npz"):
        fer2013.read(path)


# Counts, parts, duplicates, splits.


def published(usages=fer2013.USAGES):
    labels = [np.repeat(np.arange(7), fer2013.PUBLISHED[usage]) for usage in usages]
    usage = np.repeat(usages, [len(part) for part in labels])
    return Faces(np.zeros((len(usage), 1, 1), np.uint8), np.concatenate(labels).astype(np.uint8), usage)


def test_counts_as_published_and_not():
    assert fer2013.check_counts(published()) == []
    assert fer2013.check_counts(published(("Training", "PublicTest"))) == [
        "PrivateTest: 0 faces, published 3589"
    ]
    without_one = Faces(*(column[1:] for column in published()))
    assert fer2013.check_counts(without_one) == ["Training angry: 3994 faces, published 3995"]


def test_published_counts_add_up_to_the_whole_set():
    assert [sum(counts) for counts in fer2013.PUBLISHED.values()] == [28709, 3589, 3589]


def test_a_subset_keeps_the_order_and_an_empty_one_is_refused():
    faces = some_faces()
    assert fer2013.subset(faces, "Training").labels.tolist() == [0, 3, 6]
    with pytest.raises(
        CourseError, match=r"no faces of 'Test' \(it has: PrivateTest, PublicTest, Training\)"
    ):
        fer2013.subset(faces, "Test")


def test_duplicates_flat_images_and_two_labels():
    faces = flat_faces([5, 9, 5, 7, 9], [0, 1, 3, 2, 1])
    assert fer2013.duplicates(faces.images).tolist() == [0, 1, 0, 2, 1]
    assert fer2013.under_two_labels(faces).tolist() == [True, False, True, False, False]
    faces.images[3, 47, 47] += 1
    assert fer2013.flat(faces.images).tolist() == [True, True, True, False, True]


def test_training_faces_that_the_test_knows_are_left_out():
    kept = fer2013.without_test_faces(flat_faces([1, 2, 3, 2], [0] * 4), flat_faces([2, 9], [0] * 2))
    assert kept.tolist() == [True, False, True, False]


def test_a_validation_split_keeps_duplicates_together_and_every_emotion_shared_out():
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (1400, 48, 48), np.uint8)
    images[700:900] = images[:200]  # repeats, some under another label
    faces = Faces(
        images, rng.integers(0, 7, 1400).astype(np.uint8), np.resize(["Training"] * 9 + ["PublicTest"], 1400)
    )
    train, validation = fer2013.validation_split(faces, fraction=0.2, seed=3)
    assert sorted([*train, *validation]) == np.flatnonzero(faces.usage == "Training").tolist()
    groups = fer2013.duplicates(images)
    assert not set(groups[train]) & set(groups[validation])
    fractions = np.bincount(faces.labels[validation], minlength=7) / np.bincount(
        faces.labels[faces.usage == "Training"]
    )
    assert np.abs(fractions - 0.2).max() < 0.05
    again = fer2013.validation_split(faces, fraction=0.2, seed=3)
    assert all((one == other).all() for one, other in zip((train, validation), again, strict=True))
    assert set(fer2013.validation_split(faces, fraction=0.2, seed=4)[1]) != set(validation)


def test_nothing_to_split_is_refused():
    with pytest.raises(CourseError, match="'Training'"):
        fer2013.validation_split(flat_faces([1], [0], "PublicTest"))
