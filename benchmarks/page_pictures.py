"""Pictures of the demo's page, for lesson 14: a headless Chromium visits `course demo` and takes them.

    python benchmarks/page_pictures.py             # into build/page_pictures, to look at
    python benchmarks/page_pictures.py --write     # into datasets/embedded/ravdess/demo_page, for the lesson

The browser's camera and microphone play a film of RAVDESS that comes with the course, so the pictures are in
its folder and under its licence (CC BY-NC-SA 4.0). For the picture without a face the camera shows a grey
wall, and the microphone still plays the film. Make the pictures again when the page changes:
`tests/demo/test_pictures.py` fails then.

The browser needs a font with emoji (apt install fonts-noto-color-emoji), else an answer has an empty box.
"""

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from course_lib.core import looks
from course_lib.core.paths import ROOT
from course_lib.demo import pictures

sys.path.append(str(ROOT / "tests" / "demo"))
FILM = "01-01-08-02-02-02-01.mp4"  # actor 1, asked for surprise, strong
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
WIDTH = 800  # pixels of a stored picture: a slider shows it without enlarging
QUALITY = 80  # of WebP
SOURCES = (
    "page.html",
    "page.css",
    "page.js",
    "draw.js",
    "film.js",
)  # if one of them changes, the pictures are old
LABELS = {
    "agree": "Before the camera starts: what happens with your picture, and one button to agree and start",
    "live": "Live: the face in its box, and beside it the answer, the evidence and the bars",
    "not_sure": "Live, not sure between two emotions: the highest probability is below the threshold",
    "no_face": "No face in the picture: the voice alone is used",
    "phone": "The same page on a phone",
    "file": "A film: one sentence, the player, and the probabilities over time with a cursor",
}


def look(address, film, wall, folder, playwright):
    """Visit the page in each of its states; yield the name and the screenshot (PNG) of each."""
    import driver

    with driver.chromium(playwright, film, folder / "face", numbered=False) as browser:
        with _page(browser, address, DESK) as page:
            yield "agree", page.screenshot()
            driver.start(page)
            driver.hear(page)
            heard = "!document.body.innerText.includes('too quiet')"
            yield "live", _when(page, f"!answer.includes('not sure') && {heard}")
            yield "not_sure", _when(page, f"answer.includes('not sure') && {heard}")
        with _page(browser, address, PHONE) as page:
            driver.start(page)
            driver.hear(page)
            yield "phone", _when(page, "true")
        with _page(browser, address, DESK) as page:
            driver.files(page)
            driver.hand_in(page, film)
            page.locator(".timeline").click(position={"x": 250, "y": 60})
            time.sleep(1)
            yield "file", page.screenshot()
    with (
        driver.chromium(playwright, wall, folder / "wall", numbered=False) as browser,
        _page(browser, address, DESK) as page,
    ):
        driver.agree(page)
        page.locator("#moment [data-there=true][aria-label^=voice]").first.wait_for(state="attached")
        yield "no_face", _when(page, "true")


@contextmanager
def _page(browser, address, size):
    import driver

    context = browser.new_context(viewport=size, permissions=["camera", "microphone"])
    page = driver.opened(context, address)
    yield page
    if page.errors:
        raise RuntimeError(f"the page reports {page.errors}")
    context.close()


def _when(page, condition):
    """Take a picture when the answer fulfils a condition (JavaScript); None after a minute."""
    for _ in range(200):
        text = page.locator("#answer").inner_text()
        if page.evaluate(f"answer => {condition}", text):
            picture = page.screenshot()
            if page.locator("#answer").inner_text() == text:  # the bars move: else take it again
                return picture
        time.sleep(0.3)
    return None


def wall_of(film, path):
    """Make a film that shows a grey wall and has the sound of another film."""
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    command += ["-f", "lavfi", "-i", "color=c=gray:s=640x480:r=30", "-i", str(film)]
    command += ["-map", "0:v", "-map", "1:a", "-shortest", "-c:a", "aac", "-pix_fmt", "yuv420p", str(path)]
    subprocess.run(command, check=True)
    return path


def page_hash():
    """Hash the sources of the page; `tests/demo/test_pictures.py` compares it with that of the pictures."""
    folder = ROOT / "course_lib" / "demo"
    # as text, because git may change line ends
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in SOURCES}
    texts["looks.css"] = looks.style_sheet()
    shown = [without_comments(text) if name.endswith(".css") else text for name, text in texts.items()]
    return hashlib.sha256("\0".join(shown).encode()).hexdigest()


def without_comments(css):
    """Take the comments out of a style sheet, because they change no picture."""
    return re.sub(r"/\*.*?\*/\s*", "", css, flags=re.DOTALL)


def store(png, path):
    """Store a screenshot as WebP, at most `WIDTH` pixels wide."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if image.width > WIDTH:
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.save(path, "WEBP", quality=QUALITY, method=6)
    print(f"{path.name}: {image.width} x {image.height}, {path.stat().st_size / 1000:.0f} kB")


def main():
    import driver
    from playwright.sync_api import sync_playwright

    from course_lib.datasets import embedded

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="for the lesson, not only to look at")
    out = pictures.FOLDER if parser.parse_args().write else ROOT / "build" / "page_pictures"
    out.mkdir(parents=True, exist_ok=True)
    film, made = embedded.folder("ravdess") / "Actor_01" / FILM, []
    with (
        tempfile.TemporaryDirectory() as devices,
        tempfile.TemporaryDirectory() as files,
        sync_playwright() as playwright,
        driver.served(files) as address,
    ):
        folder = Path(devices)
        for name in ("face", "wall"):
            (folder / name).mkdir()
        wall = wall_of(film, folder / "wall.mp4")
        for name, png in look(address, str(film), str(wall), folder, playwright):
            if png is None:
                print(f"{name}: this state did not come within a minute, so its picture is left out")
                (out / f"{name}.webp").unlink(missing_ok=True)
                continue
            store(png, out / f"{name}.webp")
            made.append(name)
    listed = {
        "command": "python benchmarks/page_pictures.py --write",
        "page_sha256": page_hash(),
        "film": FILM,
        "pictures": {name: LABELS[name] for name in LABELS if name in made},
    }
    (out / pictures.LIST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
