"""`course site`: what is on its pages, and that all of it works without another server."""

import json
import re

import pytest

from course_lib import lessons
from course_lib.authoring import site
from course_lib.authoring.site import links
from course_lib.core.paths import ROOT


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return site.build(tmp_path_factory.mktemp("site") / "site")


def page(made, name):
    return (made.folder / name).read_text(encoding="utf-8")


def test_no_link_is_dead_and_nothing_comes_from_another_server(made):
    assert made.problems == []


def test_each_lesson_has_a_page_with_its_outputs(made):
    for name in lessons.names():
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        html = page(made, f"notebooks/{name}.html")
        outputs = "".join(
            "".join(output.get("data", {}).get("text/html", []))
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
        )
        for element in ("<audio", "<video", "<img alt=", "<details><summary>", 'type="range"', "<svg"):
            assert html.count(element) >= outputs.count(element), (name, element)
        assert (made.folder / "notebooks" / f"{name}.ipynb").read_bytes() == (
            ROOT / "notebooks" / f"{name}.ipynb"
        ).read_bytes()


def test_every_picture_has_an_alt_text(made):
    for path in made.folder.rglob("*.html"):
        pictures = re.findall(r"<img\b[^>]*?>", links.DATA.sub("", path.read_text(encoding="utf-8")))
        assert [one for one in pictures if 'alt="' not in one or 'alt=""' in one] == [], path


def test_a_function_links_to_its_lessons_and_a_lesson_to_its_functions(made):
    assert "#course_lib.features.hog.hog" in page(made, "notebooks/02_hog_features.html")
    description = page(made, "api/features.html").split('id="course_lib.features.hog.hog"')[1][:3000]
    assert "Introduced in lesson" in description and "../notebooks/02_hog_features.html" in description


def test_the_first_page_begins_as_the_readme_and_leads_to_the_first_lesson(made):
    html = page(made, "index.html")
    assert "follow a university course on affective computing" in html
    assert re.search(r'class="first-lesson" href="notebooks/00_start_here.html"', html)
    assert all(f"notebooks/{name}.html" in html for name in lessons.names())
