"""The demo's server: the page asks it about pictures and sound, and gets plain values (JSON) back.

It stores nothing. A picture is in memory until the next one comes, 2.5 seconds of sound are kept, and an
uploaded file is deleted when it has been analysed, or when its page was closed.
"""

import html
import json
import re
import tempfile
import threading
import time
import traceback
import uuid
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from course_lib import faces
from course_lib.core import looks
from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import embedded
from course_lib.demo import answers, live, moments, uploads
from course_lib.demo.moments import Settings

try:
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise not_installed(error.name, "the demo") from error

PAGE = Path(__file__).with_name("page.html")
FILES = {
    "page.js": "text/javascript",
    "draw.js": "text/javascript",
    "film.js": "text/javascript",
    "sound.js": "text/javascript",
    "page.css": "text/css",
}
FORGOTTEN = 60.0  # seconds without a picture or sound after which a visitor is forgotten
PICTURE = 2_000_000  # bytes of a picture of the camera
PIECE = 4_000_000  # bytes of a piece of sound: half a minute at 48 kHz
SIDE = 1920  # pixels: no camera gives more
# Nothing is loaded from elsewhere, whatever a file's name contains.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'"
)
# Examples that come with the course: corpus, file, what it is. Copies without a corpus leave its films out.
EXAMPLES = {
    "surprise": ("ravdess", "Actor_01/01-01-08-02-02-02-01.mp4", "An actor asked for surprise (RAVDESS)"),
    "neutral": ("ravdess", "Actor_01/01-01-01-01-01-01-01.mp4", "An actor asked for neutral (RAVDESS)"),
    "happy": ("crema_d", "faces/1022_IOM_HAP_XX_silent.mp4", "A silent film: happy (CREMA-D)"),
    "sad": ("crema_d", "faces/1021_ITH_SAD_XX_silent.mp4", "A silent film: sad (CREMA-D)"),
}


def app(where: str) -> Starlette:
    """Build the server's application.

    Parameters
    ----------
    where : str
        Where the pictures and the sound go, as the page tells its visitors.

    Returns
    -------
    Starlette
        An ASGI application. Its `state.visitors` holds the visitors by their number.
    """
    routes = [
        Route("/", _page),
        Route("/visitor", _arrive, methods=["POST"]),
        Route("/visitor/{visitor}/see", _see, methods=["POST"]),
        Route("/visitor/{visitor}/hear", _hear, methods=["POST"]),
        Route("/visitor/{visitor}/silence", _silence, methods=["POST"]),
        Route("/visitor/{visitor}/settings", _settings, methods=["POST"]),
        Route("/visitor/{visitor}/leave", _leave, methods=["POST"]),
        Route("/file", _file, methods=["POST"]),
        Route("/judge", _judge, methods=["POST"]),
        Route("/example/{name}", _example),
        Route("/{name}", _static),
    ]
    made = Starlette(routes=routes)
    made.state.where, made.state.visitors, made.state.one = where, {}, threading.Lock()
    return made


def examples() -> dict[str, Path]:
    """Return the examples of `EXAMPLES` that this copy of the course has, by name."""
    found = {}
    for name, (corpus, file, _) in EXAMPLES.items():
        if corpus in embedded.names() and (embedded.folder(corpus) / file).is_file():
            found[name] = embedded.folder(corpus) / file
    return found


# --- the page and its files ---


async def _page(request: Request) -> Response:
    fitted = moments.settings()
    shown = {
        "emotions": EMOTIONS,
        "threshold": fitted.threshold["fused"],
        "quiet": moments.QUIET,
        "known": uploads.KNOWN,
        "largest": uploads.LARGEST,
        "longest": uploads.LONGEST,
        "examples": [[name, EXAMPLES[name][2]] for name in examples()],
    }
    text = PAGE.read_text(encoding="utf-8")
    words = {"WHERE": request.app.state.where, "HEARD": moments.heard_by(), "CONFIG": json.dumps(shown)}
    for word, value in words.items():
        text = text.replace(f"[[{word}]]", html.escape(value))
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"})


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name == "looks.css":
        return Response(looks.style_sheet(), media_type="text/css", headers={"Cache-Control": "no-cache"})
    if name not in FILES:
        return Response(status_code=204 if name == "favicon.ico" else 404)
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(PAGE.with_name(name), media_type=FILES[name], headers=headers)


async def _example(request: Request) -> Response:
    found = examples().get(request.path_params["name"])
    return Response(status_code=404) if found is None else FileResponse(found)


# --- live ---


async def _arrive(request: Request) -> Response:
    visitors, now = request.app.state.visitors, time.monotonic()
    for number in [number for number, one in visitors.items() if now - one.used_at > FORGOTTEN]:
        del visitors[number]
    number = uuid.uuid4().hex
    visitors[number] = live.Live()
    return JSONResponse({"visitor": number})


async def _leave(request: Request) -> Response:
    request.app.state.visitors.pop(request.path_params["visitor"], None)
    return JSONResponse({})


async def _silence(request: Request) -> Response:
    visitor = _visitor(request)
    if visitor:
        visitor.silence()
    return JSONResponse({})


async def _settings(request: Request) -> Response:
    try:
        visitor, weighing = _visitor(request), _weighing(await request.json())
    except (CourseError, ValueError, TypeError, AttributeError) as error:
        return JSONResponse({"problem": str(error)})
    if visitor:
        visitor.weighing = weighing
    return JSONResponse({})


async def _see(request: Request) -> Response:
    visitor, data = _visitor(request), await _body(request, PICTURE)
    if visitor is None:
        return JSONResponse({"problem": "The page was away for too long. Switch the camera on again."})
    look = request.query_params.get("look") == "1"
    return JSONResponse(await run_in_threadpool(see, data, visitor, look))


async def _hear(request: Request) -> Response:
    visitor, data = _visitor(request), await _body(request, PIECE)
    if visitor is None:
        return JSONResponse({"problem": "The page was away for too long. Switch the microphone on again."})
    query = request.query_params
    try:
        rate, start = int(query["rate"]), float(query["start"])
    except (KeyError, ValueError):
        rate, start = 0, 0.0
    return JSONResponse(await run_in_threadpool(hear, data, rate, start, visitor))


def see(data: bytes, visitor: live.Live, look: bool = False) -> dict[str, Any]:
    """Predict the emotion in a picture of the camera.

    Parameters
    ----------
    data : bytes
        A JPEG.
    visitor : Live
    look : bool
        Also return what the network saw (`answers.seen`).

    Returns
    -------
    dict
        As `answers.moment`, with `box`, `size`, `faces`, `listening`, `levels` and `spoken`. Or `problem`, a
        sentence.
    """
    frame = _decoded(data)
    if frame is None:
        return {"problem": "The camera gives no image."}
    box, moment = visitor.see(frame)
    found = _answer(visitor, moment) | {
        "box": None if box is None else np.round(box, 1).tolist(),
        "size": frame.shape[1::-1],
        "faces": visitor.faces,
    }
    if look and box is not None:
        found["seen"] = answers.seen(faces.crop(frame, box), int(np.argmax(moment.face)))
    return found


def hear(data: bytes, rate: int, start: float, visitor: live.Live) -> dict[str, Any]:
    """Predict the emotion of the last seconds of sound.

    Parameters
    ----------
    data : bytes
        Samples as 16-bit whole numbers, little-endian, one channel.
    rate : int
        Samples a second.
    start : float
        When the piece begins, in seconds of the microphone's clock.
    visitor : Live

    Returns
    -------
    dict
        As `see`, without a picture; empty while a camera is on, and for a piece without samples.
    """
    samples = np.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(np.float32) / 32768
    if not len(samples) or not 8000 <= rate <= 192_000:
        return {}
    moment = visitor.hear(rate, samples, start)
    return {} if moment is None else _answer(visitor, moment)


def _answer(visitor, moment):
    answer = visitor.settled(moment)
    found = answers.moment(moment, answer) | {
        "listening": visitor.listening(),
        "levels": np.round(visitor.levels()).astype(int).tolist(),
    }
    return found | {"spoken": found["words"] if visitor.news(answer) else ""}


def _visitor(request):
    return request.app.state.visitors.get(request.path_params["visitor"])


def _decoded(data):
    """A JPEG as RGB, small enough; None if it is none."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data[:2] == b"\xff\xd8" else None
    if image is None or max(image.shape) > SIDE:
        return None
    return uploads.small(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _weighing(given):
    """The settings of a visitor; None for the fitted ones."""
    threshold = given.get("threshold")
    return moments.changed(
        None if threshold is None else float(threshold),
        bool(given.get("temperature", True)),
        float(given.get("face", 1)),
    )


async def _body(request, at_most):
    """The body of a request; b"" if it is too long."""
    data = bytearray()
    async for chunk in request.stream():
        if len(data) <= at_most:
            data += chunk
    return bytes(data) if len(data) <= at_most else b""


# --- files ---


async def _file(request: Request) -> Response:
    name, weighing = _safe(request.query_params.get("name", "")), _given(request)
    with tempfile.TemporaryDirectory(prefix="course-demo-") as folder:
        path = Path(folder) / name
        try:
            too_large = await _received(request, path)
        except ClientDisconnect:
            return Response(status_code=400)
        if too_large:
            most = uploads.LARGEST / 1e6
            return JSONResponse({"problem": f"{name}: it has more than {most:.0f} MB. Cut out a short piece"})
        found = await run_in_threadpool(look_at, path, weighing, request.app.state.one)
    return JSONResponse(found)


async def _received(request, path):
    """Write the body to a file, and tell whether it is too large; the rest is then read and dropped."""
    size = 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= uploads.LARGEST:
                file.write(chunk)
    return size > uploads.LARGEST


def look_at(
    path: Path, weighing: Settings | None = None, one: AbstractContextManager | None = None
) -> dict[str, Any]:
    """Analyse an uploaded file.

    Parameters
    ----------
    path : Path
        The file.
    weighing : Settings, optional
        For a picture. By default `moments.settings()`, which a film always gets: `answers.judged` changes
        them afterwards.
    one : context manager, optional
        A lock that is held while it is analysed, so that two films do not share the processor.

    Returns
    -------
    dict
        `name`, `kind` and what `answers.picture` or `answers.film` give. Or `problem`, a sentence.
    """
    try:
        with one or nullcontext():
            if uploads.kind_of(path) == "image":
                found = answers.picture(uploads.read_image(path), weighing)
                return {"name": path.name, "kind": "image", "notes": [], **found}
            table, upload = moments.analyse(path)
            return {"name": path.name, "kind": upload.kind, **answers.film(table, upload)}
    except CourseError as error:
        return {"problem": str(error).replace(str(path), path.name)}
    except Exception:  # an unexpected error: the page keeps running, the terminal shows the details
        traceback.print_exc()
        return {"problem": f"{path.name}: it could not be analysed. Try another file"}


def _safe(name):
    """A name of a file that every system allows."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", name).strip(". ")[-100:] or "file"


def _given(request):
    """The settings in a request's address; None for none, or for odd ones."""
    try:
        return _weighing(json.loads(request.query_params["settings"]))
    except (KeyError, ValueError, TypeError, AttributeError, CourseError):
        return None


async def _judge(request: Request) -> Response:
    """Judge the moments of a film again, with the visitor's settings."""
    try:
        given = json.loads(await _body(request, PIECE))
        weighing = _weighing(given["settings"])
        table = answers.judged(given, weighing, moments.settings())
        found = await run_in_threadpool(answers.film, table, None, weighing)
    except (CourseError, ValueError, TypeError, KeyError, AttributeError) as error:
        return JSONResponse({"problem": str(error)})
    return JSONResponse({key: value for key, value in found.items() if key not in ("notes", "size")})
