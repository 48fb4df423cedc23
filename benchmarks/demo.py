"""The demo's delay from camera to bars in a browser, and the time to analyse a video, also the projects' way.

    python benchmarks/demo.py                  # a video of the Studio, 1280 x 720, 3 to 4 s
    python benchmarks/demo.py --film FILE      # your own
    python benchmarks/demo.py --write          # also into course_lib/results/demo_speed.json

Live: `course demo` and a headless Chromium on the same machine. The browser's camera shows the video, 640
x 480, each frame numbered by black and white blocks. The delay is the time from the moment when the
browser has a new frame of the camera until the page shows this frame's bars. A video: our way is
`moments.analyse` (face and voice, fused, ten moments per second). The projects' way is the loop of G7's
and P4's demonstrations on the same ten frames per second: Haar cascade on the whole frame, `model.predict`
on the largest face, and no voice. Both use the course's network; loading it is not counted. What the demo
answers for photographs and films is another measurement: `course evaluate demo_answers --data DIR`.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from side_by_side import measure

from course_lib.core.paths import ROOT

sys.path.append(str(ROOT / "tests" / "demo"))
SECONDS = 20  # how long the page is watched


def live(film):
    """Measure the frames per second and their delay."""
    import driver
    from playwright.sync_api import sync_playwright

    with (
        sync_playwright() as playwright,
        tempfile.TemporaryDirectory() as files,
        tempfile.TemporaryDirectory() as devices,
        driver.served(files) as address,
        driver.chromium(playwright, film, devices) as browser,
    ):
        page = browser.new_context(permissions=["camera", "microphone"]).new_page()
        page.goto(address)
        page.get_by_role("button", name="I agree").wait_for(timeout=60_000)
        driver.start(page)
        driver.hear(page)  # face, voice and both
        time.sleep(3)
        seen = driver.watch(page, SECONDS)
    when, shown, late = seen.T
    rate = (np.diff(shown) != 0).sum() / (when[-1] - when[0])
    found = {
        "pictures_a_second": rate,
        "delay_ms": 1000 * float(np.median(late)),
        "delay_ms_95": 1000 * float(np.quantile(late, 0.95)),
        "pictures": int((np.diff(shown) != 0).sum()),
        "size": driver.SIZE,
    }
    print(
        f"live, {driver.SIZE[0]} x {driver.SIZE[1]}: {rate:.1f} pictures a second from camera to bars, "
        f"{found['delay_ms']:.0f} ms late (median; {found['delay_ms_95']:.0f} ms in 95 of 100)"
    )
    return found


def ours(film, out):
    from course_lib.demo import moments

    moments.trained()
    moments.analyse(film)  # the first call compiles
    since = time.perf_counter()
    table, upload = moments.analyse(film)
    found = {"seconds": time.perf_counter() - since, "moments": len(table), "film": upload.seconds}
    Path(out).write_text(json.dumps(found | {"faces": int(table["x"].notna().sum())}))


def theirs(film, out):
    from course_lib.demo import uploads
    from course_lib.faces import finding
    from course_lib.media import video
    from course_lib.models import face_networks

    cascade, network = (
        finding.cascade("haarcascade_frontalface_default.xml"),
        face_networks.load("emotion_net_raters"),
    )

    def faces_of():
        found = 0
        for frame in video.stream(film, fps=uploads.RATE):
            grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
            boxes = cascade.detectMultiScale(grey, scaleFactor=1.3, minNeighbors=5)
            if len(boxes):
                x, y, width, height = max(boxes, key=lambda box: box[2] * box[3])
                face = cv2.resize(grey[y : y + height, x : x + width], (48, 48))
                network.predict(face[np.newaxis, ..., np.newaxis].astype(np.float32) / 255, verbose=0)
                found += 1
        return found

    faces_of()
    since = time.perf_counter()
    faces = faces_of()
    Path(out).write_text(json.dumps({"seconds": time.perf_counter() - since, "faces": faces}))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--film", help="an mp4 with a face and a voice")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    film = given.film
    if not film:
        from course_lib import synthetic

        film = synthetic.make(["01-01-03-02-01-01-05.mp4"])["path"].iloc[0]
    film = str(Path(film).resolve())
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for way in (theirs, ours):
            peak = measure(way, film, f"{folder}/{way.__name__}")[1]
            one = json.loads(Path(folder, way.__name__).read_text()) | {"peak_mib": round(peak)}
            found[way.__name__] = one
            print(
                f"{way.__name__}: {one['seconds']:.2f} s, a face in {one['faces']} frames, peak "
                f"{peak:.0f} MiB"
            )
    print(
        f"a film of {found['ours']['film']:.1f} s: "
        f"{found['theirs']['seconds'] / found['ours']['seconds']:.1f} times "
        f"as fast as frame by frame, and with the voice"
    )
    found["live"] = live(film)
    if given.write:
        write(found | {"clip": Path(film).name})


def write(found):
    from course_lib import results
    from course_lib.core.io import whole_file
    from course_lib.core.paths import commit

    about = {
        "command": "python benchmarks/demo.py --write",
        "commit": commit(),
        "cores": os.cpu_count(),
        "note": "depends on the machine and on what else runs there; browser and demo share its cores",
        **found,
    }
    with whole_file(results.FOLDER / "demo_speed.json") as part:
        part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
