"""The demo's page on a free port, and a headless Chromium whose camera and microphone play a video.

Used by the browser tests and `benchmarks/demo.py`.
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
    CHROMIUM = None  # Ubuntu's package without a snap service contains no browser
RATE = 30  # frames per second of Chromium's fake camera
BITS = 8  # of a frame's number, drawn as black and white blocks along its lower edge
SIZE = (640, 480)
# Counts how often the page asks for a camera; it runs before the page itself.
COUNT_CAMERAS = """window.cameras = 0;
const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
media.getUserMedia = wanted => {window.cameras += 1; return ask(wanted)};"""


def heed_sigint():
    # A process that a shell starts in the background ignores SIGINT, and so do the tests and their demo.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def waited_for(address, process):
    """Wait until a server that was just started answers, and return its address."""
    for _ in range(600):
        try:
            urlopen(address).close()
            return address
        except OSError:
            if process.poll() is not None:
                raise RuntimeError(f"{process.args[:3]} ended") from None
            time.sleep(0.2)
    raise RuntimeError(f"{process.args[:3]} does not answer")


@contextmanager
def served(folder):
    """Run `course demo` on a free port and yield its address; it puts its files into `folder`."""
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
        yield waited_for(f"http://127.0.0.1:{port}/", process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@contextmanager
def chromium(playwright, film, folder, allowed=True, numbered=True):
    """Start a headless Chromium whose camera and microphone play the video in a loop.

    With `allowed=False` the browser refuses every request for them. With `numbered=False` the frames have no
    number along their lower edge.
    """
    camera, microphone = Path(folder) / "camera.mjpeg", Path(folder) / "microphone.wav"
    numbers = range(2**BITS) if numbered else [None] * 2**BITS
    camera.write_bytes(b"".join(map(_jpeg, numbers, video.stream(film, fps=RATE))))
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


def _jpeg(number, frame):
    """Return the middle of a frame as the camera's JPEG image, with its number if there is one."""
    height, width = frame.shape[:2]
    side = round(height * SIZE[0] / SIZE[1])
    middle = frame[:, (width - side) // 2 : (width + side) // 2]
    picture = cv2.cvtColor(cv2.resize(middle, SIZE, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    if number is not None:
        bits = np.array([number >> bit & 1 for bit in range(BITS)], np.uint8)
        picture[-24:] = np.repeat(255 * bits, SIZE[0] // BITS)[np.newaxis, :, np.newaxis]
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def opened(context, address):
    """Open a page of the demo that collects its errors in `errors`."""
    page = context.new_page()
    page.errors = errors = []
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
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
    """Press the one button, by keyboard: it is consent and starts camera and microphone."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").startswith("I agree"):
            break
    page.keyboard.press("Enter")


def start(page):
    """Agree, and wait for the first face."""
    agree(page)
    page.locator("#moment:not([data-box=''])[data-box]").wait_for(timeout=60_000)


def hear(page):
    """Wait until face and voice are there and fused: 21 bars with a probability."""
    page.locator("#moment [data-there=true]").nth(20).wait_for(state="attached", timeout=60_000)


def bars(page):
    """Return the probabilities on the page, by modality and emotion, without a missing modality."""
    found = page.locator("#moment").evaluate(
        "moment => [...moment.querySelectorAll('[data-there=true]')].map(meter => [meter.ariaLabel, "
        "Number(meter.getAttribute('aria-valuenow'))])"
    )
    return dict(found)


def box(page):
    """Return the box of the face on the page: x, y, width, height in the camera's pixels."""
    return [float(side) for side in page.locator("#moment").get_attribute("data-box").split(",")]


def files(page):
    """Go to the part of the page that takes files."""
    page.get_by_role("tab", name="A file").click()


def hand_in(page, path):
    """Upload a file, wait for the answer, and return its text."""
    page.locator("#found").evaluate("found => found.replaceChildren()")
    page.locator("#file").set_input_files(path)
    answer = page.locator("#found > *")
    answer.first.wait_for(timeout=90_000)
    return answer.first.inner_text()


def wait_until_empty(folder):
    """Wait until the server has deleted all files of its folder."""
    for _ in range(60):
        left = [path for path in Path(folder).rglob("*") if path.is_file()]
        if not left:
            return
        time.sleep(0.5)
    raise AssertionError(f"not deleted: {left}")


# The frame whose answer is shown is in the canvas `sent`. Its delay begins when the camera's video shows it.
WATCH = """([bits, seconds]) => new Promise(done => {
    const canvas = new OffscreenCanvas(bits, 1), pen = canvas.getContext("2d", {willReadFrequently: true});
    const number = (image, width, height) => {
        pen.drawImage(image, 0, height * 0.965, width, height * 0.02, 0, 0, bits, 1);
        const pixels = pen.getImageData(0, 0, bits, 1).data;
        return [...Array(bits).keys()].reduce((sum, bit) => sum + (pixels[4 * bit] > 127) * 2 ** bit, 0)};
    const camera = document.getElementById("camera"), sent = document.getElementById("sent");
    const seen = [], since = {};
    let frame = -1;
    const look = () => {
        const now = number(camera, camera.videoWidth, camera.videoHeight);
        if (now !== frame) since[frame = now] = performance.now();
        camera.requestVideoFrameCallback(look)};
    camera.requestVideoFrameCallback(look);
    const watcher = new MutationObserver(() => {
        const answered = number(sent, sent.width, sent.height), now = performance.now();
        if (since[answered]) seen.push([now, answered, now - since[answered]])});
    watcher.observe(document.getElementById("moment"), {attributes: true, attributeFilter: ["data-number"]});
    setTimeout(() => {watcher.disconnect(); done(seen)}, 1000 * seconds)})"""


def watch(page, seconds):
    """Watch the page for some seconds and return (n, 3): time (s), frame of the bars, their delay (s)."""
    return np.array(page.evaluate(WATCH, [BITS, seconds])) / [1000, 1, 1000]
