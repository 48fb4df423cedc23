"""The pictures of the demo's page: there, small, listed, and of the present page."""

import importlib.util
import json

from course_lib.core import looks
from course_lib.core.paths import ROOT
from course_lib.demo import pictures


def test_the_pictures_of_the_page_are_there_and_small():
    screens = pictures.read()
    assert [one.name for one in screens][:2] == ["agree", "live"] and len(screens) >= 5
    for one in screens:
        assert one.image.shape[1] <= 800 and one.image.std() > 5 and one.label[0].isupper()
        assert (pictures.FOLDER / f"{one.name}.webp").stat().st_size < 80_000


def test_each_file_is_listed():
    listed = json.loads((pictures.FOLDER / pictures.LIST).read_text(encoding="utf-8"))["pictures"]
    assert {path.stem for path in pictures.FOLDER.glob("*.webp")} == set(listed)


def test_the_pictures_show_the_present_page():
    """If the page has changed: run `python benchmarks/page_pictures.py --write`, and look at them."""
    listed = json.loads((pictures.FOLDER / pictures.LIST).read_text(encoding="utf-8"))
    assert listed["page_sha256"] == script().page_hash()


def test_a_comment_in_a_style_sheet_makes_no_picture_old(monkeypatch):
    page_pictures = script()
    before, rules = page_pictures.page_hash(), looks.style_sheet()
    monkeypatch.setattr(looks, "style_sheet", lambda: f"/* other\nwords */\n{rules}")
    assert page_pictures.page_hash() == before
    monkeypatch.setattr(looks, "style_sheet", lambda: f"{rules}\nbody {{ color: red }}")
    assert page_pictures.page_hash() != before


def script():
    spec = importlib.util.spec_from_file_location("page_pictures", ROOT / "benchmarks" / "page_pictures.py")
    page_pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page_pictures)
    return page_pictures
