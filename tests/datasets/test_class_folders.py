"""P4's file names: given in order, gone on with after an interruption, and nothing lost."""

import pytest

from course_lib.core.errors import CourseError
from course_lib.datasets import class_folders


def pictures(folder, *names):
    """Files that hold their own old name; `content` gives it back by the new one."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


def test_files_are_named_after_their_class_and_counted(tmp_path):
    pictures(tmp_path, "angry/zz.png", "angry/b.jpg", "sad/b.jpg", "readme.txt", "sad/._b.jpg")
    names = class_folders.new_names(tmp_path)
    assert {
        old.relative_to(tmp_path).as_posix(): new.relative_to(tmp_path).as_posix()
        for old, new in names.items()
    } == {"angry/b.jpg": "angry/an_0.jpg", "angry/zz.png": "angry/an_1.png", "sad/b.jpg": "sad/sa_0.jpg"}
    assert "angry/zz.png" in content(tmp_path)  # only planned so far
    class_folders.rename(names)
    assert content(tmp_path) == {
        "angry/an_0.jpg": "angry/b.jpg",
        "angry/an_1.png": "angry/zz.png",
        "sad/sa_0.jpg": "sad/b.jpg",
        "readme.txt": "readme.txt",
        "sad/._b.jpg": "sad/._b.jpg",
    }


@pytest.mark.parametrize("done", range(5))
def test_an_interrupted_renaming_goes_on_where_it_stopped(tmp_path, done, monkeypatch):
    old = [f"angry/{letter}.png" for letter in "edcba"]
    pictures(tmp_path, *old)
    names, replace = class_folders.new_names(tmp_path), type(tmp_path).rename
    calls = iter(range(done))
    monkeypatch.setattr(type(tmp_path), "rename", lambda self, new: (next(calls), replace(self, new)))
    with pytest.raises(StopIteration):
        class_folders.rename(names)
    monkeypatch.undo()
    class_folders.rename(
        names if done % 2 else class_folders.new_names(tmp_path)
    )  # the old list serves, or a new one
    assert content(tmp_path) == {f"angry/an_{number}.png": name for number, name in enumerate(sorted(old))}
    assert class_folders.new_names(tmp_path) == {}


def test_a_number_that_is_taken_is_left_alone(tmp_path):
    pictures(tmp_path, "angry/an_1.jpg", "angry/AN_2.PNG", "angry/a.png", "angry/b.png")
    class_folders.rename(class_folders.new_names(tmp_path))
    assert content(tmp_path) == {
        "angry/an_1.jpg": "angry/an_1.jpg",
        "angry/AN_2.PNG": "angry/AN_2.PNG",
        "angry/an_0.png": "angry/a.png",
        "angry/an_3.png": "angry/b.png",
    }


def test_nothing_is_overwritten_or_lost(tmp_path):
    pictures(tmp_path, "angry/a.png", "angry/b.png")
    names = class_folders.new_names(tmp_path)
    pictures(tmp_path, "angry/an_1.png")  # came after the list was made
    with pytest.raises(CourseError, match=r"an_1\.png: a file of that name exists already"):
        class_folders.rename(names)
    assert sorted(content(tmp_path).values()) == ["angry/a.png", "angry/an_1.png", "angry/b.png"]
    (tmp_path / "angry" / "an_1.png").unlink(), (tmp_path / "angry" / "b.png").unlink()
    with pytest.raises(CourseError, match=r"b\.png: the file is missing"):
        class_folders.rename(names)


def test_a_folder_without_pictures_in_classes_is_an_error(tmp_path):
    pictures(tmp_path, "one.png", "angry/notes.txt")
    with pytest.raises(CourseError, match="there is no image in a folder of its class"):
        class_folders.new_names(tmp_path)
