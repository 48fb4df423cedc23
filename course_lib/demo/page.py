"""The demo as a page in the browser: live with camera and microphone, or with a file (`course demo`)."""

import atexit
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.demo import live, moments, uploads, view
from course_lib.models.voices import WINDOW

if TYPE_CHECKING:
    import gradio

TITLE = "Emotions from a face and a voice"
INTRO = f"""# {TITLE}

A small network for faces and a classifier for voices predict which of seven emotion words people would *use*
for this face and this voice. They do not know what a person feels, and a face does not show it reliably
(Barrett et al. 2019). If the probability is too low, the answer is "not sure". Do not use this on people at
work or at school: the EU's AI Act, Art. 5(1)(f), forbids it."""
CONSENT = """The images of your camera and the sound of your microphone go to {}. Nothing is stored. An image
is discarded when the next one arrives. Sound passes through a temporary file, which is deleted at once, and
is discarded after three seconds. The last image and the last sound are discarded when you close the page.
Ask every person in front of the camera for permission.

After you agree, click into the camera's field, then on the camera symbol below the image. The microphone has
its own button. You can also use only one of the two."""
HERE = "the program that you started on this machine, and nowhere else"
SHARED = "the computer of the person who gave you this link, through the servers of Gradio's makers"
COLAB = "the Google machine that runs this notebook"
FILE = f"""Give {uploads.KNOWN}, up to {uploads.LARGEST / 1e6:.0f} MB. The demo analyses the first
{uploads.LONGEST} seconds, and then deletes the file."""
# Gradio shows nothing when the browser refuses the camera.
REFUSED = """() => window.addEventListener("unhandledrejection", event => {
    if (!["NotAllowedError", "NotFoundError", "NotReadableError"].includes(event.reason?.name)) return;
    event.preventDefault();
    document.getElementById("refused").innerHTML = `<p role="alert" class="problem">No camera: it was not
        allowed, is missing, or is used by another program. Allow it next to the page's address, then click
        again. You can also use the microphone alone.</p>`})"""
CAMERA = {"width": 640, "height": 480}
EVERY = 0.07  # seconds: the shortest time between two frames of the camera
LIMIT = 900  # seconds after which a visitor must restart the camera
UNREAD = 600  # seconds after which a file in the queue is deleted, because its page was closed
UNTAKEN = 15  # seconds after which any other file is deleted: sound that came after its page was closed
OWN = "own-"  # prefix of the folders with files in the queue


def launch(port: int | None = None, share: bool = False, wait: bool = True) -> "gradio.Blocks":
    """Serve the demo's page on 127.0.0.1; a notebook shows it below the cell.

    Parameters
    ----------
    port : int, optional
        By default the first free port from 7860.
    share : bool
        Also make a public link. The images and the sound of its visitors then pass through Gradio's servers.
    wait : bool
        Keep serving until Ctrl+C.

    Returns
    -------
    gradio.Blocks
        The page. Its `close()` stops it.

    Raises
    ------
    CourseError
        If Gradio is not installed, or the port is in use.

    Notes
    -----
    Used in lesson 14.
    """
    blocks, theme = _page(SHARED if share else COLAB if "google.colab" in sys.modules else HERE)
    try:
        blocks.launch(
            server_name="127.0.0.1",
            server_port=port,
            share=share,
            prevent_thread_lock=True,
            quiet=True,
            max_file_size=uploads.LARGEST,
            css_paths=Path(__file__).with_name("page.css"),
            theme=theme,
        )
    except (OSError, OverflowError) as error:
        raise CourseError(
            f"port {port}", f"the page cannot be served there ({error})", "Give another port"
        ) from error
    if wait:
        print(f"The demo is at {blocks.share_url or blocks.local_url} until you press Ctrl+C.", flush=True)
        for name in {"SIGTERM", "SIGHUP"} & {*dir(signal)}:  # the window was closed: stop as after Ctrl+C
            signal.signal(getattr(signal, name), lambda *_: sys.exit())
        blocks.block_thread()
    return blocks


def _page(where):
    """Build the page and its theme; with the machine's own fonts nothing is loaded from elsewhere."""
    gr = _gradio()
    # Load and compile the networks now, not for the first visitor.
    moments.see(np.zeros((1, 48, 48), np.uint8))
    moments.trained()["voice"].predict(np.zeros((1, round(WINDOW * SPEECH_SR)), np.float32))
    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gr.Markdown(f"{INTRO} {moments.heard_by()}")
        with gr.Tab("Camera and microphone"):
            gr.Markdown(CONSENT.format(where))
            _live_tab(gr, blocks)
        with gr.Tab("A file"):
            gr.Markdown(FILE)
            file, own, found = (
                gr.File(label="image, recording or video"),
                gr.State(),
                gr.HTML(label="predictions of the file"),
            )
            # Gradio's own function leaves an empty file behind each time.
            file._process_single_file = lambda upload: upload.path
            file.upload(keep, file, own, queue=False).then(look_at, own, found, concurrency_limit=1)
            file.clear(lambda: "", outputs=found)
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    return blocks, gr.themes.Default(font=sans, font_mono=mono)


def _live_tab(gr, blocks):
    visitors = {}

    def begin(request: gr.Request):
        visitors[request.session_hash] = live.Live()
        return gr.Column(visible=True), gr.Button(visible=False)

    def seen(frame, request: gr.Request):
        return _or_skip(gr, see(frame, visitors.get(request.session_hash)))

    def heard(path, request: gr.Request):
        return _or_skip(gr, hear(path, visitors.get(request.session_hash)))

    def forget(request: gr.Request):
        visitors.pop(request.session_hash, None)

    agree = gr.Button("I agree: show camera and microphone", variant="primary")
    with gr.Column(visible=False) as stage:
        with gr.Row():
            camera = gr.Image(
                sources=["webcam"],
                streaming=True,
                label="camera",
                height=260,
                webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": CAMERA}),
            )
            microphone = gr.Audio(sources=["microphone"], streaming=True, type="filepath", label="microphone")
        gr.HTML('<div id="refused"></div>')
        shown, spoken = gr.HTML(label="live predictions"), gr.HTML(view.SILENCE, label="answer")
    agree.click(begin, None, [stage, agree])
    often = {
        "outputs": [shown, spoken],
        "time_limit": LIMIT,
        "show_progress": "hidden",
        "concurrency_limit": None,
    }
    camera.stream(seen, camera, stream_every=EVERY, **often)
    microphone.stream(heard, microphone, stream_every=moments.HOP, **often)
    blocks.load(None, js=REFUSED)
    blocks.unload(forget)


def _or_skip(gr, outputs):
    return [gr.skip() if output is None else output for output in outputs]


def _gradio():
    """Import Gradio, set to send no statistics, keep no history, and delete uploads when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="course-demo-")
    atexit.register(folder.cleanup)
    threading.Thread(target=_swept, args=[folder.name], daemon=True).start()
    os.environ |= {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_RUN_HISTORY": "False",
        "GRADIO_TEMP_DIR": folder.name,
    }
    try:
        import gradio
    except ImportError as error:
        raise not_installed("gradio", "the demo") from error
    return gradio


def _swept(folder):
    while Path(folder).exists():
        for path in sorted(Path(folder).rglob("*"), reverse=True):  # the files of a folder before the folder
            with suppress(OSError):
                waits = path.relative_to(folder).parts[0].startswith(OWN)
                if path.stat().st_mtime < time.time() - (UNREAD if waits else UNTAKEN):
                    path.rmdir() if path.is_dir() else path.unlink()
        time.sleep(5)


# --- what the page calls: HTML, or None where nothing changes ---


def see(frame: np.ndarray | None, visitor: live.Live | None) -> tuple[str, str | None]:
    """Turn a frame of the camera, uint8 RGB, into HTML of its moment, and HTML for screen readers or None."""
    if frame is None or visitor is None:
        return view.message("The camera gives no image."), None
    frame = uploads.small(frame)
    box, moment = visitor.see(frame)
    return (
        view.moment(moment, frame, box, visitor.levels()),
        view.spoken(moment) if visitor.news(moment) else None,
    )


def hear(path: str | None, visitor: live.Live | None) -> tuple[str | None, str | None]:
    """Turn a piece of sound, a file from Gradio, into HTML as `see` does; (None, None) while a camera is on.

    The file is deleted.
    """
    piece = _piece(path)
    moment = visitor.hear(*piece) if piece and visitor else None
    if moment is None:
        return None, None
    return (
        view.moment(moment, levels=visitor.levels()),
        view.spoken(moment) if visitor.news(moment) else None,
    )


def _piece(path):
    # Read at most two seconds: anybody could send a longer file to this address.
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            samples = file.read(2 * file.samplerate, dtype="float32")
            return (file.samplerate, samples) if len(samples) and 8000 <= file.samplerate <= 192000 else None
    except (
        soundfile.LibsndfileError,
        TypeError,
    ):  # Gradio stores equal pieces once, so the file may already be deleted
        return None
    finally:
        if path:
            Path(path).unlink(missing_ok=True)


def keep(path: str | None) -> str | None:
    """Move an upload into its own folder, because two visitors may upload equal files and each is deleted."""
    if not path:
        return None
    place = Path(tempfile.mkdtemp(prefix=OWN, dir=os.environ["GRADIO_TEMP_DIR"])) / Path(path).name
    with suppress(FileNotFoundError):  # `look_at` reports it
        os.replace(path, place)
    return str(place)


def look_at(path: str | None) -> str:
    """Turn an uploaded file into HTML of its predictions or of an error, and delete the file."""
    if not path:
        return ""
    name = Path(path).name
    try:
        table, upload = moments.analyse(path)
        return view.clip(name, table, upload.notes, moments.in_words(table))
    except CourseError as error:
        return view.message(str(error).replace(str(path), name))
    except Exception:  # an unexpected error: the page keeps running, the terminal shows the details
        traceback.print_exc()
        return view.message(f"{name}: it could not be analysed. Try another file")
    finally:
        Path(path).unlink(missing_ok=True)
