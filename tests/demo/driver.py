"""The demo's page on a free port, and a headless Chromium whose camera and microphone are fed from a film.

The browser tests and `benchmarks/demo.py` share it.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import cv2
import imageio_ffmpeg
import numpy as np

from course_lib.media import video

CHROMIUM = shutil.which("chromium")
if CHROMIUM and subprocess.run([CHROMIUM, "--version"], capture_output=True).returncode:
    CHROMIUM = None  # Ubuntu's package without a snap service holds no browser
RATE = 30  # pictures a second that Chromium's fake camera shows
BITS = 8  # of a picture's number, in black and white blocks along its lower edge
SIZE = (640, 480)
# What the page asks the browser for, counted before the page itself begins.
COUNT_CAMERAS = """window.cameras = 0;
const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
media.getUserMedia = wanted => {window.cameras += 1; return ask(wanted)};"""


def heed_sigint():
    # What a shell starts in the background ignores SIGINT, and so does what that starts: the tests, and the
    # demo.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def served(folder):
    """`course demo` on a free port: its address. `folder`: where it may put files."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [Path(sys.executable).with_name("course"), "demo", "--port", str(port)],
        env=os.environ | {"TMPDIR": str(folder)},
        start_new_session=True,
        preexec_fn=heed_sigint,
    )
    try:
        address = f"http://127.0.0.1:{port}/"
        for _ in range(600):
            try:
                urlopen(address).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError("course demo ended") from None
                time.sleep(0.2)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@contextmanager
def chromium(playwright, film, folder, allowed=True):
    """Chromium, headless, whose camera and microphone play the film over and over; its pictures are numbered.
    Not `allowed`: whoever asks for them is refused."""
    camera, microphone = Path(folder) / "camera.mjpeg", Path(folder) / "microphone.wav"
    camera.write_bytes(b"".join(map(_numbered, range(2**BITS), video.stream(film, fps=RATE))))
    subprocess.run(
        [
            imageio_ffmpeg.get_ffmpeg_exe(),
            "-v",
            "error",
            "-i",
            film,
            "-vn",
            "-ac",
            "1",
            "-ar",
            "48000",
            microphone,
        ],
        check=True,
    )
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream" if allowed else "--deny-permission-prompts",
        f"--use-file-for-fake-video-capture={camera}",
        f"--use-file-for-fake-audio-capture={microphone}",
    ]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
    yield browser
    browser.close()


def pictures(film):
    """How many the camera shows before it begins again."""
    return min(2**BITS, sum(1 for _ in video.stream(film, fps=RATE)))


def _numbered(number, frame):
    """The middle of a frame as a camera's picture, with its number, as JPEG."""
    height, width = frame.shape[:2]
    side = round(height * SIZE[0] / SIZE[1])
    middle = frame[:, (width - side) // 2 : (width + side) // 2]
    picture = cv2.cvtColor(cv2.resize(middle, SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    bits = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8)
    picture[-24:] = np.repeat(255 * bits, SIZE[0] // BITS)[np.newaxis, :, np.newaxis]
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def opened(context, address):
    """A page of the demo, which keeps `errors`."""
    page = context.new_page()
    page.errors = errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((address, "data:", "blob:")) else errors.append(request.url)
        ),
    )
    page.add_init_script(COUNT_CAMERAS)
    page.goto(address)
    page.get_by_role("button", name="I agree").wait_for(timeout=60_000)
    return page


def agree(page):
    """Agree with the keyboard."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("I agree"):
            break
    page.keyboard.press("Enter")


def record(page):
    """Switch on the microphone, once the page has loaded no script for two seconds: on a busy machine
    Gradio's recorder may be clicked before its own has come, and then fails ("... is not a constructor")."""
    page.wait_for_function(
        """() => {
        const scripts = performance.getEntriesByType("resource")
            .filter(entry => entry.name.includes(".js")).length;
        if (window.scripts !== scripts) { window.scripts = scripts; window.since = performance.now(); }
        return performance.now() - window.since > 2000;
    }""",
        timeout=60_000,
    )
    page.get_by_text("Record", exact=True).last.click()


def start(page):
    """Agree, then switch on camera and microphone, and wait for the first face."""
    agree(page)
    page.get_by_text("Click to Access Webcam").click()
    page.get_by_label("capture photo").click()
    record(page)
    page.locator(".moment img[alt*='box around the face']").wait_for(timeout=60_000)


def bars(page):
    """The probabilities that the page shows, by part and emotion."""
    found = page.locator(".moment").evaluate(
        "moment => [...moment.querySelectorAll('meter')].map(meter => [meter.ariaLabel, meter.value])"
    )
    return dict(found)


def hand_in(page, path):
    """Upload a file and wait for what the page says of it: the text of the answer."""
    page.locator("input[type=file]").last.set_input_files(path)
    answer = page.locator(".problem:visible, .found:visible")
    answer.first.wait_for(timeout=90_000)
    return answer.first.inner_text()


def wait_until_empty(folder):
    """Until no file is left in the server's folder; what came after a page was closed is swept away."""
    for _ in range(60):
        left = [path for path in Path(folder).rglob("*") if path.is_file()]
        if not left:
            return
        time.sleep(0.5)
    raise AssertionError(f"kept: {left}")


WATCH = """([bits, seconds]) => new Promise(done => {
    const canvas = new OffscreenCanvas(bits, 1), pen = canvas.getContext("2d", {willReadFrequently: true});
    const number = (image, width, height) => {
        pen.drawImage(image, 0, height * 0.965, width, height * 0.02, 0, 0, bits, 1);
        const pixels = pen.getImageData(0, 0, bits, 1).data;
        return [...Array(bits).keys()].reduce((sum, bit) => sum + (pixels[4 * bit] > 127) * 2 ** bit, 0)};
    const camera = document.querySelector("video"), seen = [];
    let last = null;
    const look = async () => {
        const shown = document.querySelector(".moment img");
        if (!shown || shown.src === last) return;
        last = shown.src;
        await shown.decode();
        seen.push([performance.now(), number(shown, shown.naturalWidth, shown.naturalHeight),
                   number(camera, camera.videoWidth, camera.videoHeight)])};
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, {childList: true, subtree: true, attributes: true});
    setTimeout(() => {watcher.disconnect(); done(seen)}, 1000 * seconds)})"""


def watch(page, seconds):
    """What the page shows in so many seconds, (n, 3): when (s), the number of the picture that the bars are
    of, and of the one that the camera is at by then."""
    return np.array(page.evaluate(WATCH, [BITS, seconds])) / [1000, 1, 1]
