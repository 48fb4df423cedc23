"""The demo in a real, headless browser: its camera and microphone play a drawn clip."""

import re
import time
from pathlib import Path

import driver
import numpy as np
import odd_files
import pytest

from course_lib.demo import microphone, uploads
from course_lib.synthetic import corpus

pytest.importorskip("gradio", reason="the demo's extra is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not driver.CHROMIUM, reason="no chromium here (apt install chromium)")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A video of the Studio, 3 to 4 s: actor 05, happy, strong."""
    return corpus.make(["01-01-03-02-01-01-05.mp4"], tmp_path_factory.mktemp("film"), jobs=1)["path"].iloc[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """`course demo` on a free port: its address and its folder for files."""
    folder = tmp_path_factory.mktemp("uploads")
    with driver.served(folder) as address:
        yield address, folder
    assert not list(folder.iterdir()), "files remain after the demo has ended"


@pytest.fixture(scope="module")
def playwright():
    with sync_api.sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright, film, tmp_path_factory):
    """Chromium whose camera shows the video, 640 x 480, and whose microphone plays its sound, in a loop."""
    with driver.chromium(playwright, film, tmp_path_factory.mktemp("devices")) as chromium:
        yield chromium


@pytest.fixture
def page(browser, server):
    """The demo's page; at the end the console has no error and no request to another machine."""
    context = browser.new_context()
    yield driver.opened(context, server[0])
    errors = context.pages[0].errors
    context.close()
    assert not errors


def test_no_camera_before_the_visitor_agrees(page):
    assert page.evaluate("window.cameras") == 0
    assert not page.get_by_text("Click to Access Webcam").is_visible()


def test_a_face_and_a_voice_are_analysed_and_fused(page):
    driver.start(page)
    page.wait_for_function("document.querySelectorAll('.moment meter').length == 21", timeout=30_000)
    seen, contributions = [], []
    for _ in range(12):
        seen.append(driver.bars(page))
        shown = re.findall(r"\((\d+)% of the evidence\)", page.locator(".moment").inner_text())
        contributions.append([int(percent) for percent in shown])
        time.sleep(0.4)
    assert len({tuple(one.values()) for one in seen}) > 3, "the bars do not move"
    for modality in ("face", "voice", "fused"):
        probabilities = [value for name, value in seen[-1].items() if name.startswith(modality)]
        assert len(probabilities) == 7 and sum(probabilities) == pytest.approx(1, abs=0.01)
    assert all(len(pair) == 2 and sum(pair) in (99, 100, 101) for pair in contributions), contributions
    # A modality that prefers the second emotion contributes 0 %, so one of the two may always show 0 %.
    x, y, width, height = map(float, page.locator(".moment img").get_attribute("data-box").split(","))
    assert 200 < x + width / 2 < 440 and 150 < y + height / 2 < 330 and 100 < width < 320


def test_everything_has_a_name_and_a_new_answer_is_spoken(page):
    driver.start(page)
    for button in page.get_by_role("button").all():
        assert (button.get_attribute("aria-label") or button.inner_text()).strip()
    assert page.locator("[role=status].spoken").inner_text()
    assert page.evaluate("document.documentElement.lang")


def test_a_microphone_alone_is_enough_and_another_visitor_gets_nothing_of_it(page, browser, server):
    driver.agree(page)
    driver.record(page)
    page.locator(".moment meter[aria-label^='voice']").first.wait_for(timeout=60_000)
    page.locator(".moment").get_by_text("no face", exact=True).wait_for()
    other = driver.opened(browser.new_context(), server[0])
    driver.agree(other)
    other.get_by_text("Click to Access Webcam").click()
    other.get_by_label("capture photo").click()
    other.locator(".moment img[alt*='box around the face']").wait_for(timeout=60_000)
    other.locator(".moment").get_by_text("no sound", exact=True).wait_for()
    assert not other.errors
    other.context.close()


def test_the_browser_stores_nothing(page):
    driver.start(page)
    time.sleep(2)
    assert "run-history" not in page.evaluate("Object.keys(localStorage).join()")


def test_a_visitor_who_refuses_the_camera_reads_what_to_do(playwright, server, film, tmp_path):
    with driver.chromium(playwright, film, tmp_path, allowed=False) as refusing:
        page = driver.opened(refusing.new_context(), server[0])
        driver.agree(page)
        page.get_by_text("Click to Access Webcam").click()
        page.get_by_role("alert").filter(has_text="No camera").wait_for(timeout=30_000)
        assert not page.errors


def test_it_fits_a_phone(page, film):
    page.set_viewport_size({"width": 390, "height": 844})
    driver.start(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("tab", name="A file").click()
    driver.hand_in(page, film)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_video_gets_a_timeline_and_a_table_to_save(page, film):
    page.get_by_role("tab", name="A file").click()
    driver.hand_in(page, film)
    assert "face: on average" in page.locator(".found img").get_attribute("alt")
    with page.expect_download() as saved:
        page.get_by_text("Save the table").click()
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("time,x,y,w,h,face_angry") and 25 < len(lines) < 60


def test_thirty_odd_files_get_an_answer_each_and_leave_nothing(page, film, server, tmp_path):
    page.get_by_role("tab", name="A file").click()
    files, answers = odd_files.write(tmp_path, film), {}
    assert len(files) >= 30
    for path in files:
        answers[path.name] = driver.hand_in(page, path)
        page.get_by_label("Clear").last.click()
        page.locator(".problem:visible, .found:visible").first.wait_for(state="hidden")
    for name, answer in answers.items():  # Gradio removes some characters, and shortens long names
        assert Path(name.translate(dict.fromkeys(map(ord, "<>")))).stem[:20] in answer, (name, answer)
    assert "first 60 seconds" in answers["four_hours.flac"] and "no audio stream" in answers["mute.mp4"]
    assert all("\n\n\n" not in text and "Traceback" not in text for text in answers.values())
    driver.wait_until_empty(server[1])


def test_a_file_that_is_too_large_is_refused(page, tmp_path, server):
    page.get_by_role("tab", name="A file").click()
    with open(tmp_path / "large.mp4", "wb") as file:
        file.truncate(60_000_000)
    page.locator("input[type=file]").last.set_input_files(tmp_path / "large.mp4")
    page.locator(".toast-body").filter(has_text="size").wait_for(timeout=60_000)
    page.errors.clear()  # the browser also reports the refusal
    driver.wait_until_empty(server[1])


def test_the_browser_records_its_microphone_into_a_file(browser, tmp_path):
    (tmp_path / "page.html").write_text(f"<!doctype html><title>x</title>{microphone.button(1.5).data}")
    page = browser.new_page()
    page.goto(f"file://{tmp_path}/page.html")
    page.get_by_role("button", name="Record 1.5 seconds").click()
    page.get_by_text("Save the recording").wait_for(timeout=30_000)
    with page.expect_download() as saved:
        page.get_by_text("Save the recording").click()
    saved.value.save_as(tmp_path / saved.value.suggested_filename)
    upload = uploads.read(tmp_path / "voice.webm")
    assert upload.frames == [] and 1 < upload.seconds < 2 and np.abs(upload.sound).max() > 0.001
    page.close()
