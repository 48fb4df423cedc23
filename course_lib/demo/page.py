"""The demo as a page in the browser, on this machine: camera and microphone live, or a file (`course
demo`)."""

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

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.demo import live, moments, uploads, view

TITLE = "What a face and a voice say"
INTRO = f"""# {TITLE}

A small network for faces and a classifier for voices guess which of seven emotions somebody would *call* this
face and this voice. They do not know what anyone feels, and a face does not tell it reliably (Barrett et
al. 2019). Where they are too unsure, they say so. Not for use on people at work or at
school: the EU's AI Act, Art. 5(1)(f), forbids it."""
CONSENT = """Your camera's pictures and your microphone's sound go to {}. Nothing is kept: a picture is
forgotten when the next one comes; sound passes through a temporary file, which is deleted at once, and is
forgotten after three seconds; the last of both when the page is closed. Ask everybody whom the camera sees.

After you agree: click into the camera's field, then on the sign of a camera below the picture; the microphone
has a button of its own. Either will do alone."""
HERE = "the program that you started on this machine, and nowhere else"
SHARED = "the machine of whoever gave you this link, through servers of Gradio's makers"
COLAB = "the machine of Google's on which this notebook runs"
FILE = f"""A picture, a recording or a film: {uploads.KNOWN}, up to {uploads.LARGEST / 1e6:.0f} MB; of longer
ones the first {uploads.LONGEST} seconds are looked at. The file is deleted as soon as it was read."""
# Gradio lets the browser's refusal pass in silence.
REFUSED = """() => window.addEventListener("unhandledrejection", event => {
    if (!["NotAllowedError", "NotFoundError", "NotReadableError"].includes(event.reason?.name)) return;
    event.preventDefault();
    document.getElementById("refused").innerHTML = `<p role="alert" class="problem">No camera: it was not
        allowed, is not there, or another program has it. Allow it beside the page's address, then press
        again. A microphone alone will do.</p>`})"""
CAMERA = {"width": 640, "height": 480}
EVERY = 0.07  # seconds from one picture of the camera to the next, at best
LIMIT = 900  # seconds of work for one camera, after which it is to be started anew
UNREAD = 600  # seconds, after which a file that waits to be read is deleted: its page was closed
UNTAKEN = 15  # seconds for one that not even waits: sound that came after its page was closed
OWN = "own-"  # how the folders begin that hold what waits


def launch(port=None, share=False, wait=True):
    """Serve the page on 127.0.0.1 and, with `wait`, until it is interrupted; in a notebook it is shown below
    the cell.

    `port`: the first free one from 7860 on, where none is given. `share` makes a public link through Gradio's
    servers: then pictures and sound of whoever opens it go through them. Returns the page, whose `close()`
    ends it. Raises `CourseError` where Gradio is not installed or the port is taken."""
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
            f"port {port}", f"the page cannot be served there ({error})", "Give another one"
        ) from error
    if wait:
        print(f"The demo is at {blocks.share_url or blocks.local_url} until you press Ctrl+C.", flush=True)
        for name in {"SIGTERM", "SIGHUP"} & {*dir(signal)}:  # the window was closed: end as after Ctrl+C
            signal.signal(getattr(signal, name), lambda *_: sys.exit())
        blocks.block_thread()
    return blocks


def _page(where):
    """The page, and how it looks: with fonts of the machine, for nothing is loaded from elsewhere."""
    gr = _gradio()
    moments.see(np.zeros((1, 48, 48), np.uint8))  # read and compiled: a visitor would wait for it
    with gr.Blocks(title=TITLE, analytics_enabled=False) as blocks:
        gr.Markdown(INTRO)
        with gr.Tab("Camera and microphone"):
            gr.Markdown(CONSENT.format(where))
            _live_part(gr, blocks)
        with gr.Tab("A file"):
            gr.Markdown(FILE)
            file, own, found = (
                gr.File(label="picture, recording or film"),
                gr.State(),
                gr.HTML(label="what was found"),
            )
            file._process_single_file = lambda upload: (
                upload.path
            )  # its own leaves an empty file behind each time
            file.upload(taken, file, own, queue=False).then(look_at, own, found, concurrency_limit=1)
            file.clear(lambda: "", outputs=found)
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    return blocks, gr.themes.Default(font=sans, font_mono=mono)


def _live_part(gr, blocks):
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
        shown, spoken = gr.HTML(label="what is seen and heard"), gr.HTML(view.SILENCE, label="answer")
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
    """Gradio, told to stay on this machine, to keep no history in the browser, and to put what is uploaded
    into a folder that ends with the program."""
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
        for path in sorted(Path(folder).rglob("*"), reverse=True):  # what is in a folder before the folder
            with suppress(OSError):
                waits = path.relative_to(folder).parts[0].startswith(OWN)
                if path.stat().st_mtime < time.time() - (UNREAD if waits else UNTAKEN):
                    path.rmdir() if path.is_dir() else path.unlink()
        time.sleep(5)


# --- what the page asks: HTML, or None where nothing changes
# ---------------------------------------------------------


def see(frame, visitor):
    """A picture of the camera -> HTML of the moment, and of what a screen reader is to say, now and then."""
    if frame is None or visitor is None:
        return view.message("The camera gives no picture."), None
    frame = uploads.small(frame)
    box, moment = visitor.see(frame)
    return (
        view.moment(moment, frame, box, visitor.levels()),
        view.spoken(moment) if visitor.news(moment) else None,
    )


def hear(path, visitor):
    """A piece of the microphone's sound, which Gradio puts into a file: heard, and deleted -> as `see` where
    there is no camera, else None twice."""
    piece = _piece(path)
    moment = visitor.hear(*piece) if piece and visitor else None
    if moment is None:
        return None, None
    return (
        view.moment(moment, levels=visitor.levels()),
        view.spoken(moment) if visitor.news(moment) else None,
    )


def _piece(path):
    # No more than two seconds of it: whatever is sent here need not be the page's own.
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            samples = file.read(2 * file.samplerate, dtype="float32")
            return (file.samplerate, samples) if len(samples) and 8000 <= file.samplerate <= 192000 else None
    except (soundfile.LibsndfileError, TypeError):  # the same silence twice was deleted after the first time
        return None
    finally:
        if path:
            Path(path).unlink(missing_ok=True)


def taken(path):
    """An upload, moved to a place of its own: two visitors may hand in the same file, and each deletes
    his."""
    if not path:
        return None
    place = Path(tempfile.mkdtemp(prefix=OWN, dir=os.environ["GRADIO_TEMP_DIR"])) / Path(path).name
    with suppress(FileNotFoundError):  # `look_at` says so
        os.replace(path, place)
    return str(place)


def look_at(path) -> str:
    """A file that was uploaded -> HTML of what it holds, or of what is wrong with it; the file is deleted."""
    if not path:
        return ""
    name = Path(path).name
    try:
        table, upload = moments.analyse(path)
        return view.clip(name, table, upload.notes, moments.in_words(table))
    except CourseError as error:
        return view.message(str(error).replace(str(path), name))
    except Exception:  # what nobody thought of: the page lives on, the terminal says more
        traceback.print_exc()
        return view.message(f"{name}: it could not be looked at. Try another file")
    finally:
        Path(path).unlink(missing_ok=True)
