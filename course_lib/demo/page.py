"""The demo as a page in the browser, on this machine: camera and microphone live, or a file (`course demo`)."""

import atexit
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import soundfile

from course_lib.demo import live, moments, uploads, view
from course_lib.files import CourseError

TITLE = "What a face and a voice say"
INTRO = f"""# {TITLE}

A small network for faces and a classifier for voices guess which of seven emotions somebody would *call* this face and
this voice. They do not know what anyone feels, and a face does not tell it reliably (Barrett et al. 2019). Where they
are too unsure, they say so. Not for use on people at work or at school: the EU's AI Act, Art. 5(1)(f), forbids it."""
CONSENT = """Your camera's pictures and your microphone's sound go to the program that you started, and nowhere else.
Nothing is stored: a picture is forgotten when the next one comes, sound after three seconds. Ask everybody whom the
camera sees."""
FILE = f"""A picture, a recording or a film: {uploads.KNOWN}, up to {uploads.LARGEST / 1e6:.0f} MB; of longer ones the
first {uploads.LONGEST} seconds are looked at. The file is deleted as soon as it was read."""
CAMERA = {"width": 640, "height": 480}
EVERY = 0.07                # seconds from one picture of the camera to the next, at best
LIMIT = 900                 # seconds, after which the camera is to be started anew


def launch(port=None, share=False, wait=True):
    """Serve the page on 127.0.0.1 and, with `wait`, until it is interrupted; in a notebook it is shown below the cell.

    `port`: the first free one from 7860 on, where none is given. `share` makes a public link through Gradio's servers:
    then pictures and sound of whoever opens it go through them. Returns the page, whose `close()` ends it. Raises
    `CourseError` where Gradio is not installed or the port is taken.
    """
    blocks, theme = _page()
    try:
        blocks.launch(server_name="127.0.0.1", server_port=port, share=share, prevent_thread_lock=True,
                      max_file_size=uploads.LARGEST, css_paths=Path(__file__).with_name("page.css"),
                      theme=theme)
    except OSError as error:
        raise CourseError(f"port {port}", f"the page cannot be served there ({error})", "Give another one") from error
    if wait:
        blocks.block_thread()
    return blocks


def _page():
    """The page, and how it looks: with fonts of the machine, for nothing is loaded from elsewhere."""
    gr = _gradio()
    moments.trained()       # a visitor would wait for them
    # What nobody came to read, because the page was closed, Gradio deletes after a minute.
    with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(10, 60)) as blocks:
        gr.Markdown(INTRO)
        with gr.Tab("Camera and microphone"):
            _live_part(gr)
        with gr.Tab("A file"):
            gr.Markdown(FILE)
            file, found = gr.File(label="picture, recording or film"), gr.HTML(label="what was found")
            file._process_single_file = lambda upload: upload.path      # its own leaves an empty file behind each time
            file.upload(look_at, file, found, concurrency_limit=1)
            file.clear(lambda: "", outputs=found)
    sans, mono = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    return blocks, gr.themes.Default(font=sans, font_mono=mono)


def _live_part(gr):
    visitor = gr.State()
    gr.Markdown(CONSENT)
    agree = gr.Button("I agree: show camera and microphone", variant="primary")
    with gr.Column(visible=False) as stage:
        with gr.Row():
            camera = gr.Image(sources=["webcam"], streaming=True, label="camera", height=260,
                              webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": CAMERA}))
            microphone = gr.Audio(sources=["microphone"], streaming=True, type="filepath", label="microphone")
        shown, spoken = gr.HTML(label="what is seen and heard"), gr.HTML(label="answer")
    agree.click(lambda: (live.Live(), gr.Column(visible=True), gr.Button(visible=False)), None,
                [visitor, stage, agree])
    often = {"time_limit": LIMIT, "show_progress": "hidden", "concurrency_limit": 4}
    camera.stream(see, [camera, visitor], [shown, spoken], stream_every=EVERY, **often)
    microphone.stream(hear, [microphone, visitor], None, stream_every=moments.HOP, **often)


def _gradio():
    """Gradio, told to stay on this machine and to put what is uploaded into a folder that ends with the program."""
    folder = tempfile.TemporaryDirectory(prefix="course-demo-")
    atexit.register(folder.cleanup)
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "GRADIO_TEMP_DIR": folder.name}
    try:
        import gradio
    except ImportError as error:
        raise CourseError("Gradio", "it is not installed", 'Run: pip install -e ".[demo]"') from error
    return gradio


def see(frame, visitor):
    """A picture of the camera -> HTML of the moment, and of what a screen reader is to say, now and then."""
    from gradio import skip

    if frame is None or visitor is None:
        return view.message("The camera gives no picture."), skip()
    box, moment = visitor.see(frame)
    return view.moment(moment, frame, box), view.spoken(moment) if visitor.news(moment) else skip()


def hear(path, visitor):
    """A piece of the microphone's sound, which Gradio puts into a file: heard, and deleted."""
    if path and visitor:
        with suppress(soundfile.LibsndfileError):   # the same silence twice: it was deleted after the first time
            visitor.hear(*reversed(soundfile.read(path, dtype="float32")))
        Path(path).unlink(missing_ok=True)


def look_at(path) -> str:
    """A file that was uploaded -> HTML of what it holds, or of what is wrong with it; the file is deleted."""
    if not path:
        return ""
    try:
        table, upload = moments.analyse(path)
        return view.clip(Path(path).name, table, upload.notes, moments.in_words(table))
    except CourseError as error:
        return view.message(str(error).replace(str(path), Path(path).name))
    finally:
        Path(path).unlink(missing_ok=True)
