"""The demo in a real, headless browser: its camera and microphone play a drawn clip."""

import time
from pathlib import Path

import driver
import numpy as np
import odd_files
import pytest
import skimage.data
import skimage.io
from barriers import barriers

from course_lib.demo import microphone, server, uploads
from course_lib.synthetic import corpus

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(not driver.CHROMIUM, reason="no chromium here (apt install chromium)")
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A video of the Studio, 3 to 4 s: actor 05, happy, strong."""
    return corpus.make(["01-01-03-02-01-01-05.mp4"], tmp_path_factory.mktemp("film"), jobs=1)["path"].iloc[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
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
def page(browser, demo):
    """The demo's page; at the end the console has no error and no request to another machine."""
    context = browser.new_context(viewport=DESK)
    yield driver.opened(context, demo[0])
    errors = context.pages[0].errors
    context.close()
    assert not errors


def inside(page, selector):
    """Tell whether an element is completely inside the window, without scrolling."""
    return page.locator(selector).evaluate(
        "one => {const at = one.getBoundingClientRect(); return at.top >= 0 && at.left >= 0 && at.height > 0 "
        "&& at.bottom <= innerHeight && at.right <= innerWidth}"
    )


def test_no_camera_before_the_visitor_agrees(page):
    assert page.evaluate("window.cameras") == 0
    assert not page.locator("#camera").is_visible()
    law = page.locator(".law").inner_text()
    assert "who agreed" in law and "AI Act" in law
    assert page.get_by_role("button", name="Record").count() == 0


def test_a_face_and_a_voice_are_analysed_and_fused_on_one_screen(page):
    driver.start(page)
    page.locator("#listening").filter(has_text="of 2.5 s").wait_for(timeout=60_000)
    driver.hear(page)
    seen = []
    for _ in range(12):
        seen.append(driver.bars(page))
        time.sleep(0.25)
    assert len({tuple(one.values()) for one in seen}) > 3, "the bars do not move"
    for modality in ("face", "voice", "fused"):
        probabilities = [value for name, value in seen[-1].items() if name.startswith(modality)]
        assert len(probabilities) == 7 and sum(probabilities) == pytest.approx(1, abs=0.01)
    evidence = page.locator("#evidence").inner_text()
    assert "face" in evidence and "voice" in evidence and evidence.count("%") == 2
    x, y, width, height = driver.box(page)
    assert 200 < x + width / 2 < 440 and 150 < y + height / 2 < 330 and 100 < width < 320
    assert all(inside(page, selector) for selector in (".picture", "#answer", "#moment .bars", "#speed"))
    assert "ms late" in page.locator("#speed").inner_text()
    assert page.locator("#spoken").inner_text() and page.locator("#label").inner_text()
    assert page.locator("#about").is_visible() and not page.locator("#folded").is_visible()


def test_each_picture_of_the_camera_is_sent_once(page):
    driver.start(page)
    answered = driver.watch(page, 1.5)[:, 1]
    assert (np.diff(answered) != 0).mean() > 0.9


def test_the_preview_is_mirrored_and_its_box_too(page):
    driver.start(page)
    assert "-1" in page.locator("#camera").evaluate("video => getComputedStyle(video).transform")
    x, _, width, _ = driver.box(page)
    label = page.locator("#label").evaluate(
        "label => parseFloat(label.style.left) / label.parentElement.clientWidth"
    )
    assert label == pytest.approx((640 - x - width) / 640, abs=0.1)


def test_a_microphone_alone_is_enough_and_another_visitor_gets_nothing_of_it(page, browser, demo):
    driver.start(page)
    page.get_by_role("button", name="Camera off").click()
    page.get_by_role("button", name="Camera on").wait_for()
    page.locator("#evidence").filter(has_text="no face").wait_for(timeout=60_000)
    page.locator("#moment [data-there=true][aria-label^=voice]").first.wait_for(
        state="attached", timeout=60_000
    )
    other = driver.opened(browser.new_context(), demo[0])
    driver.start(other)
    other.get_by_role("button", name="Microphone off").click()
    other.locator("#evidence").filter(has_text="microphone off").wait_for(timeout=60_000)
    assert not [name for name in driver.bars(other) if name.startswith("voice")]
    assert not other.errors
    other.context.close()


def test_axe_finds_no_barrier_before_consent_live_and_in_a_picture(page, tmp_path):
    found = {}

    def look(what):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found[what, scheme] = barriers(page)

    look("before consent")
    driver.start(page)
    driver.hear(page)
    look("live")
    driver.files(page)
    skimage.io.imsave(tmp_path / "face.png", skimage.data.astronaut()[:256, 96:352])
    driver.hand_in(page, tmp_path / "face.png")
    look("a picture")
    assert not any(found.values()), found


def test_the_browser_stores_nothing(page):
    driver.start(page)
    assert page.evaluate("[Object.keys(localStorage).length, document.cookie]") == [0, ""]


def test_a_visitor_who_refuses_the_camera_reads_what_to_do(playwright, demo, film, tmp_path):
    with driver.chromium(playwright, film, tmp_path, allowed=False) as refusing:
        page = driver.opened(refusing.new_context(), demo[0])
        driver.agree(page)
        page.get_by_role("alert").filter(has_text="No camera and No microphone").wait_for(timeout=30_000)
        assert page.get_by_role("button", name="I agree").is_enabled() and not page.errors


def test_it_fits_a_phone(page, film):
    page.set_viewport_size(PHONE)
    driver.start(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert all(inside(page, selector) for selector in (".picture", "#answer", "#moment .bars"))
    driver.files(page)
    driver.hand_in(page, film)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("side", ["wide, the face at the right", "tall, the face in the middle"])
def test_on_a_phone_the_label_of_a_face_is_at_its_box_and_in_the_picture(page, tmp_path, side):
    face = skimage.data.astronaut()[:256, 96:352]
    empty = np.full((256, 640, 3), 90, np.uint8)
    whole = np.hstack([empty, face]) if side.startswith("wide") else np.vstack([face, empty.swapaxes(0, 1)])
    skimage.io.imsave(tmp_path / "face.png", whole)
    page.set_viewport_size(PHONE)
    driver.files(page)
    driver.hand_in(page, tmp_path / "face.png")
    label, picture, shown = page.evaluate(
        """() => {const at = one => {const {left, right, top, bottom, width} = one.getBoundingClientRect();
             return {left, right, top, bottom, width}};
           return [".tag", ".found .picture", ".found img"].map(one => at(document.querySelector(one)))}"""
    )
    assert picture["left"] <= label["left"] and label["right"] <= picture["right"]
    assert picture["top"] <= label["top"] and label["bottom"] <= picture["bottom"]
    high, wide = whole.shape[:2]
    assert shown["width"] / (shown["bottom"] - shown["top"]) == pytest.approx(wide / high, abs=0.02)


def test_a_film_gets_a_verdict_a_player_a_timeline_and_a_table_to_save(page, film):
    driver.files(page)
    told = driver.hand_in(page, film)
    assert Path(film).name in told and " of 3." in page.locator(".verdict").inner_text()
    described = page.locator(".timeline").get_attribute("aria-label")
    assert all(f"{kind}: on average" in described for kind in ("face", "voice", "fused"))
    page.locator(".timeline").click(position={"x": 300, "y": 60})
    page.locator("video[controls]").evaluate(
        "video => new Promise(done => {"
        "const wait = () => video.currentTime > 0.5 ? done() : setTimeout(wait, 50); wait()})"
    )
    assert float(page.locator(".cursor").get_attribute("x1")) > 100
    with page.expect_download() as saved:
        page.get_by_text("Save the table").click()
    assert saved.value.suggested_filename == f"{Path(film).stem}.csv"
    lines = Path(saved.value.path()).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("time,x,y,w,h,face_angry") and 25 < len(lines) < 60


def test_the_switches_change_the_answer_of_a_film_and_back(page, film):
    driver.files(page)
    driver.hand_in(page, film)
    fitted = page.locator(".verdict").inner_text()
    page.locator("#switches summary").click()
    page.locator("#threshold").fill("0.95")
    page.locator("#face").fill("0")
    page.locator("#threshold").dispatch_event("change")
    page.locator(".verdict").filter(has_not_text=fitted).wait_for(timeout=30_000)
    page.get_by_role("button", name="As fitted").click()
    page.locator(".verdict").filter(has_text=fitted).wait_for(timeout=30_000)


def test_an_example_needs_no_camera(page):
    assert server.examples(), "no corpus is there"
    driver.files(page)
    page.locator("#examples button").first.click()
    page.locator(".verdict").wait_for(timeout=90_000)
    assert page.evaluate("window.cameras") == 0


def test_the_page_shows_what_the_network_sees(page):
    page.locator("#switches summary").click()
    page.locator("#look").check()
    driver.start(page)
    page.locator("#seen canvas").wait_for(timeout=30_000)
    grey = page.locator("#seen canvas").evaluate(
        "one => [...one.getContext('2d').getImageData(0, 0, 192, 192).data]"
    )
    assert np.std(grey[::4]) > 5


def test_odd_files_get_an_answer_each_and_leave_nothing(page, film, demo, tmp_path):
    driver.files(page)
    files, answers = odd_files.write(tmp_path, film), {}
    assert len(files) >= 30
    for path in files:
        answers[path.name] = driver.hand_in(page, path)
    for name, answer in answers.items():  # the server replaces some characters, and shortens long names
        shown = name.translate(dict.fromkeys(map(ord, '<>"'), "_"))
        assert Path(shown).stem[:20] in answer or Path(shown).stem[-60:] in answer, (name, answer)
    assert "first 60 seconds" in answers["four_hours.flac"] and "no audio stream" in answers["mute.mp4"]
    assert all("Traceback" not in text and str(demo[1]) not in text for text in answers.values())
    driver.wait_until_empty(demo[1])


def test_a_file_that_is_too_large_is_refused(page, tmp_path):
    driver.files(page)
    with open(tmp_path / "large.mp4", "wb") as file:
        file.truncate(60_000_000)
    assert "more than 50 MB" in driver.hand_in(page, tmp_path / "large.mp4")


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
