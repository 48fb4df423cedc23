"""The executed lessons in JupyterLab, in a real browser, before and after their cells are run there."""

import re

import lab
import nbformat
import pytest

from course_lib import lessons

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not lab.CHROMIUM, reason="no chromium here (apt install chromium)")
RUN_IN_THE_BROWSER = ("01_frames_from_video", "02_hog_features", "05_audio_and_video_arrays")
RED = ".jp-RenderedText[data-mime-type$='.stderr'], .jp-RenderedText[data-mime-type$='.error']"


@pytest.fixture(scope="module")
def address(executed, tmp_path_factory):
    """JupyterLab in a folder with the executed copies, which it did not run and so does not trust."""
    folder = tmp_path_factory.mktemp("lessons")
    for name, lesson in executed.items():
        nbformat.write(lesson, folder / f"{name}.ipynb")
    with lab.served(folder, tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        browser = lab.browser(playwright)
        yield browser
        browser.close()


def outputs(lesson):
    """The HTML of all outputs, in one text."""
    found = [output for cell in lesson.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.data["text/html"] for output in found if "text/html" in output.get("data", {}))


@pytest.mark.parametrize("name", lessons.names())
def test_an_executed_lesson_opens_with_its_players_and_questions(name, executed, browser, address):
    with lab.opened(browser, address, name) as page:
        page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.content.widgets.every(cell => cell.isAttached)"
        )
        assert page.locator(".jp-Cell").count() == len(executed[name].cells)
        assert page.locator(RED).count() == 0
        html = outputs(executed[name])
        for element in ("audio", "video"):
            players = page.locator(f".jp-OutputArea {element}[controls]")
            assert players.count() == len(re.findall(f"<{element} ", html)), element
            assert all(player.get_attribute("src").startswith("data:") for player in players.all())
        assert page.locator(".jp-OutputArea details").count() == html.count("<details")
        assert page.locator(".jp-OutputArea img").count() >= html.count("<img ")
        assert not page.locator("text=Untrusted output").count()


def index(lesson, call):
    """The place of the first cell with a call, such as "show.quiz("."""
    return next(
        place for place, cell in enumerate(lesson.cells) if cell.cell_type == "code" and call in cell.source
    )


@pytest.mark.parametrize("name", RUN_IN_THE_BROWSER)
def test_a_slider_moves_and_a_quiz_opens_after_their_cells_ran_in_the_browser(
    name, executed, browser, address
):
    slider, quiz = (index(executed[name], call) for call in ("show.slider(", "show.quiz("))
    with lab.opened(browser, address, name) as page:
        lab.run_up_to(page, max(slider, quiz))
        assert page.locator(RED).count() == 0
        moved = page.locator(".jp-Cell").nth(slider).locator("figure:has(input[type=range])").first
        before = moved.locator("output").inner_text(), moved.locator("details[open] img").get_attribute("src")
        moved.locator("input").press(
            "ArrowRight" if moved.locator("input").input_value() == "0" else "ArrowLeft"
        )
        after = moved.locator("output").inner_text(), moved.locator("details[open] img").get_attribute("src")
        assert before[0] != after[0] and before[1] != after[1]
        choice = page.locator(".jp-Cell").nth(quiz).locator("details").first
        assert not choice.locator("p").is_visible()
        choice.locator("summary").click()
        assert re.match(r"(Right|Not quite)\. \w", choice.locator("p").inner_text())
