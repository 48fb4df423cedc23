"""`course site`: what is on its pages, and that all of it works without another server, also in Chromium."""

import html
import json
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import driver
import pytest
from barriers import barriers

from course_lib import lessons
from course_lib.authoring import site
from course_lib.authoring.site import links
from course_lib.core.paths import ROOT

pytest.importorskip("sphinx", reason="the site's extra is not installed")
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# One page of each kind.The lesson has tables, sliders, quizzes, and layers printed in colours.
SAMPLE = ("index.html", "notebooks/04_vggface_transfer.html", "api/fusion.html", "docs/syllabus.html")


ENDED = {"02_hog_features": "", "05_audio_and_video_arrays": "cell 3: ZeroDivisionError: division by zero"}


def site_of_a_run(folder):
    """The site as `course run` makes it: two lessons end when it is already there, one with an error."""
    copies = folder / "lessons"
    copies.mkdir()

    def end():
        for name, error in ENDED.items():
            before = folder / "site" / "notebooks" / f"{name}.html"
            assert "From your own run" not in before.read_text(encoding="utf-8")
            lesson = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
            lesson["metadata"]["course"] = {"seconds": 12, "memory": 345, "error": error, "key": ""}
            (copies / f"{name}.ipynb").write_text(json.dumps(lesson), encoding="utf-8")
            yield name

    return site.build(folder / "site", copies, ended=end())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    # In a process of its own: Sphinx replaces the signatures of the functions that it describes.
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        return apart.submit(site_of_a_run, tmp_path_factory.mktemp("site")).result()


def page(made, name):
    return (made.folder / name).read_text(encoding="utf-8")


def test_no_link_is_dead_and_nothing_comes_from_another_server(made):
    assert made.problems == []


def test_each_lesson_has_a_page_with_its_outputs(made):
    for name in lessons.names():
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        shown = page(made, f"notebooks/{name}.html")
        outputs = "".join(
            "".join(output.get("data", {}).get("text/html", []))
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
        )
        for element in ("<audio", "<video", "<img alt=", "<details><summary>", 'type="range"', "<svg"):
            assert shown.count(element) >= outputs.count(element), (name, element)
        assert (made.folder / "notebooks" / f"{name}.ipynb").read_bytes() == (
            ROOT / "notebooks" / f"{name}.ipynb"
        ).read_bytes()


def test_the_page_of_a_lesson_is_that_of_the_run_as_soon_as_it_ends(made):
    for name in lessons.names():
        shown = page(made, f"notebooks/{name}.html")
        assert ("From your own run: 12 s, at most 345 MiB" in shown) == (name in ENDED), name
        assert ("The lesson stopped" in shown) == bool(ENDED.get(name)), name
    assert "ZeroDivisionError" in page(made, "notebooks/05_audio_and_video_arrays.html")
    # Beside its text the page is what the other pages are: it asks for the same files of the theme.
    loaded = [
        [link.removeprefix("../") for link in links.Page(page(made, f"notebooks/{name}.html")).loaded]
        for name in ("01_frames_from_video", "02_hog_features")
    ]
    files = [{link for link in one if link.startswith("_static")} for one in loaded]
    assert files[0] == files[1] != set()


def test_the_page_of_a_lesson_says_whose_data_it_shows(made):
    for name in lessons.names():
        notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
        outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
        credits = [one["data"]["text/plain"] for one in outputs if "credits" in one.get("metadata", {})]
        text = html.unescape(re.sub("<[^>]*>", "", page(made, f"notebooks/{name}.html")))
        lines = "".join(map("".join, credits)).splitlines()
        assert lines and [line for line in lines if line not in text] == [], name


def test_every_picture_has_an_alt_text(made):
    for path in made.folder.rglob("*.html"):
        pictures = re.findall(r"<img\b[^>]*?>", links.DATA.sub("", path.read_text(encoding="utf-8")))
        assert [one for one in pictures if 'alt="' not in one or 'alt=""' in one] == [], path


def test_a_function_links_to_its_lessons_and_a_lesson_to_its_functions(made):
    assert "#course_lib.features.hog.hog" in page(made, "notebooks/02_hog_features.html")
    description = page(made, "api/features.html").split('id="course_lib.features.hog.hog"')[1][:3000]
    assert "Introduced in lesson" in description and "../notebooks/02_hog_features.html" in description


def test_the_first_page_begins_as_the_readme_and_leads_to_the_first_lesson(made):
    first = page(made, "index.html")
    assert "follow a university course on affective computing" in first
    assert re.search(r'class="first-lesson" href="notebooks/00_start_here.html"', first)
    assert all(f"notebooks/{name}.html" in first for name in lessons.names())


# --- in a browser ---


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not driver.CHROMIUM:
        pytest.skip("no chromium here (apt install chromium)")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=driver.CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, made):
    """Open a page of the site; at the end nothing was asked of another server, and no script has failed."""
    contexts, asked, errors = [], [], []

    def opened(name, size=DESK, scheme="light", **device):
        context = browser.new_context(viewport=size, color_scheme=scheme, **device)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        file, question, query = str(name).partition("?")
        page.goto((made.folder / file).as_uri() + question + query)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert {url for url in asked if not url.startswith(("file:", "data:", "blob:"))} == set()
    # Of a page that was opened from a file, the search cannot show excerpts.
    assert set(errors) <= {"Failed to fetch"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SAMPLE)
def test_a_page_of_each_kind_has_no_barrier(open_page, name, scheme):
    assert barriers(open_page(name, scheme=scheme)) == {}


@pytest.mark.nightly
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier(open_page, made, scheme):
    page, found = open_page("index.html", scheme=scheme), {}
    for path in links.html_pages(made.folder):
        page.goto(path.as_uri())
        found[path.relative_to(made.folder).as_posix()] = barriers(page)
    assert len(found) == made.pages > 60
    assert {name: hits for name, hits in found.items() if hits} == {}


@pytest.mark.parametrize("name", [*SAMPLE, "api/models.html", "docs/glossary.html", "genindex.html"])
def test_on_a_phone_no_page_is_wider_than_the_screen(open_page, name):
    page = open_page(name, PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_from_the_first_page_to_a_first_result_on_a_phone(open_page):
    """By taps alone: a sound that plays, a quiz that answers, a picture that changes."""
    page = open_page("index.html", PHONE, has_touch=True, is_mobile=True)

    def tap(place, at=None):
        box = place.bounding_box()
        assert min(box["width"], box["height"]) >= 24, "too small for a finger (WCAG 2.2, 2.5.8)"
        place.tap(position=at)

    first = page.get_by_role("link", name="Read the first lesson")
    assert first.bounding_box()["y"] + first.bounding_box()["height"] < PHONE["height"]  # without scrolling
    tap(first)
    page.wait_for_url("**/notebooks/00_start_here.html")
    sound = page.locator("audio").first
    tap(sound, {"x": 27, "y": 27})  # its play button
    page.wait_for_function("document.querySelector('audio').currentTime > 0")
    why = page.locator("details p", has_text="check tries only the few examples that you can see")
    assert not why.is_visible()
    tap(page.locator("summary", has_text="Yes, check has tried everything."))
    assert why.is_visible()
    tap(page.get_by_role("button", name="Toggle primary sidebar"))
    lesson = page.get_by_role("link", name="02 · HoG features").filter(visible=True).first
    tap(lesson)
    page.wait_for_url("**/notebooks/02_hog_features.html")
    control = page.locator("input[type=range]").first
    pictures = page.locator("figure", has=page.locator("input[type=range]")).first.locator("details img")
    assert pictures.nth(0).is_visible() and not pictures.nth(2).is_visible()
    tap(control, {"x": control.bounding_box()["width"] - 4, "y": control.bounding_box()["height"] / 2})
    assert pictures.nth(2).is_visible()


def test_sound_and_film_play(open_page):
    page = open_page("notebooks/00_start_here.html")
    for kind in ("audio", "video"):
        length = page.locator(kind).first.evaluate(
            """async player => {
              player.muted = true; await player.play(); player.pause(); return player.duration }"""
        )
        assert 1 < length < 10


def test_a_slider_moves_through_its_pictures(open_page):
    page = open_page("notebooks/02_hog_features.html")
    control = page.locator("input[type=range]").first
    figure = page.locator("figure", has=page.locator("input[type=range]")).first
    pictures = figure.locator("details img")
    assert [one.is_visible() for one in pictures.all()] == [True, False, False]
    control.fill("2")
    assert [one.is_visible() for one in pictures.all()] == [False, False, True]


def test_formulas_are_typeset(open_page):
    page = open_page("notebooks/06_mfcc_and_frame_features.html")
    page.wait_for_selector("mjx-container svg")
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 10


def test_the_search_finds_a_lesson_and_a_function(open_page):
    page = open_page("search.html?q=hog")
    page.wait_for_selector("#search-results li a")
    page.get_by_text("Search finished").wait_for()
    titles = page.locator("#search-results li a").all_inner_texts()
    assert any("HoG features" in title for title in titles)
    assert any("features.hog" in title for title in titles)
