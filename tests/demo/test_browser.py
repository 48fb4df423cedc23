"""The demo in a real browser, headless: its camera and microphone are fed from a drawn clip."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import imageio_ffmpeg
import odd_files
import pytest

from course_lib.synthetic import corpus

pytest.importorskip("gradio", reason="the demo's extra is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no chromium here (apt install chromium)")

# What the page asks the browser for, counted before the page itself begins.
COUNT_CAMERAS = """window.cameras = 0; const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
media.getUserMedia = wanted => {window.cameras += 1; return ask(wanted)};"""


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of the Studio, 3 to 4 s: actor 05, happy, strong."""
    return corpus.make(["01-01-03-02-01-01-05.mp4"], tmp_path_factory.mktemp("film"), jobs=1)["path"].iloc[0]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """`course demo` on a free port: its address and the folder in which it may put files."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("uploads")
    process = subprocess.Popen([Path(sys.executable).with_name("course"), "demo", "--port", str(port)],
                               env=os.environ | {"TMPDIR": str(folder)}, start_new_session=True)
    address = f"http://127.0.0.1:{port}/"
    for _ in range(600):
        try:
            urlopen(address).close()
            break
        except OSError:
            assert process.poll() is None, "course demo ended"
            time.sleep(0.2)
    yield address, folder
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert not list(folder.iterdir()), "something is left when the demo has ended"


@pytest.fixture(scope="module")
def browser(film, tmp_path_factory):
    """Chromium whose camera shows the film, 640 x 480, and whose microphone plays its sound, over and over."""
    folder, ffmpeg = tmp_path_factory.mktemp("devices"), imageio_ffmpeg.get_ffmpeg_exe()
    camera, microphone = folder / "camera.mjpeg", folder / "microphone.wav"
    fill = "scale=640:480:force_original_aspect_ratio=increase,crop=640:480"
    subprocess.run([ffmpeg, "-v", "error", "-i", film, "-an", "-vf", fill, "-q:v", "3", camera], check=True)
    subprocess.run([ffmpeg, "-v", "error", "-i", film, "-vn", "-ac", "1", "-ar", "48000", microphone], check=True)
    flags = ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
             f"--use-file-for-fake-video-capture={camera}", f"--use-file-for-fake-audio-capture={microphone}"]
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, server):
    """The demo's page, opened; at the end: no error in its console, and nothing asked of another machine."""
    context = browser.new_context(permissions=["camera", "microphone"])
    page, errors = context.new_page(), []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((server[0], "data:", "blob:"))
            else errors.append(request.url))
    page.add_init_script(COUNT_CAMERAS)
    page.errors = errors
    page.goto(server[0])
    page.get_by_role("button", name="I agree").wait_for(timeout=60_000)
    yield page
    context.close()
    assert not errors


def start(page):
    """Agree with the keyboard, then switch on camera and microphone."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("I agree"):
            break
    page.keyboard.press("Enter")
    page.get_by_text("Click to Access Webcam").click()
    page.get_by_label("capture photo").click()
    page.get_by_text("Record", exact=True).last.click()
    page.locator(".moment img[alt*='box around the face']").wait_for(timeout=60_000)


def bars(page):
    """The shares that the page shows, by part and emotion."""
    found = page.locator(".moment").evaluate(
        "moment => [...moment.querySelectorAll('meter')].map(meter => [meter.ariaLabel, meter.value])")
    return dict(found)


def test_no_camera_before_somebody_agreed(page):
    assert page.evaluate("window.cameras") == 0
    assert not page.get_by_text("Click to Access Webcam").is_visible()


def test_a_face_and_a_voice_are_seen_heard_and_fused(page):
    start(page)
    page.wait_for_function("document.querySelectorAll('.moment meter').length == 21", timeout=30_000)
    seen = []
    for _ in range(12):
        seen.append(bars(page))
        time.sleep(0.4)
    assert len({tuple(one.values()) for one in seen}) > 3, "the bars do not move"
    for part in ("face", "voice", "fused"):
        shares = [value for name, value in seen[-1].items() if name.startswith(part)]
        assert len(shares) == 7 and sum(shares) == pytest.approx(1, abs=0.01)
    weights = [int(text) for text in re.findall(r"\((\d+)% of the answer\)", page.locator(".moment").inner_text())]
    assert len(weights) == 2 and sum(weights) in (99, 100, 101) and min(weights) > 0
    x, y, width, height = map(float, page.locator(".moment img").get_attribute("data-box").split(","))
    assert 200 < x + width / 2 < 440 and 150 < y + height / 2 < 330 and 100 < width < 320


def test_everything_has_a_name_and_a_new_answer_is_read_out(page):
    start(page)
    for button in page.get_by_role("button").all():
        assert (button.get_attribute("aria-label") or button.inner_text()).strip()
    assert page.get_by_role("status").count() == 1 and page.get_by_role("status").inner_text()
    assert page.evaluate("document.documentElement.lang")


def test_it_fits_a_phone(page):
    page.set_viewport_size({"width": 390, "height": 844})
    start(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def hand_in(page, path):
    """Upload a file and wait for what the page says of it: the text of the answer."""
    page.locator("input[type=file]").last.set_input_files(path)
    answer = page.locator(".problem:visible, .found:visible, .toast-body:visible")
    answer.first.wait_for(timeout=90_000)
    return answer.first.inner_text()


def test_a_film_gets_a_timeline_and_a_table_to_save(page, film):
    page.get_by_role("tab", name="A file").click()
    hand_in(page, film)
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
        answers[path.name] = hand_in(page, path)
        page.get_by_label("Clear").last.click()
        page.locator(".problem:visible, .found:visible").first.wait_for(state="hidden")
    for name in ("empty.mp4", "diary.mp4", "list.m3u8", "half.mp4", "bomb.png", "head.jpg", "riff.wav", "nan.wav"):
        assert name in answers[name], answers[name]
    assert "first 60 seconds" in answers["four_hours.flac"] and "no audio stream" in answers["mute.mp4"]
    assert all("\n\n\n" not in text and "Traceback" not in text for text in answers.values())
    assert not [path for path in server[1].rglob("*") if path.is_file()], "an upload was kept"


def test_a_file_that_is_too_large_is_refused(page, tmp_path, server):
    page.get_by_role("tab", name="A file").click()
    with open(tmp_path / "large.mp4", "wb") as file:
        file.truncate(60_000_000)
    assert "size" in hand_in(page, tmp_path / "large.mp4")
    page.errors.clear()     # the browser, too, notes that it was refused
    assert not [path for path in server[1].rglob("*") if path.is_file()]
