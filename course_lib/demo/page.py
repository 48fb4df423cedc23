"""The demo as a page in the browser: live with camera and microphone, or with a file (`course demo`)."""

import signal
import socket
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.extras import not_installed
from course_lib.demo import moments

if TYPE_CHECKING:
    import uvicorn

HERE = "the program that you started on this machine, and nowhere else"
COLAB = "the Google machine that runs this notebook"
FIRST, LAST = 7860, 7959  # ports that are tried
HEIGHT = 900  # pixels of the frame in a notebook: picture, answer and bars at once
# A frame of another origin gets the camera only if the page around it allows it.
FRAME = (
    '<p><a href="{0}" target="_blank" rel="noopener">Open the demo in a tab of its own</a></p>'
    '<iframe src="{0}" width="100%" height="{1}" title="The demo" allow="camera; microphone; fullscreen" '
    'style="border: 1px solid #8888; border-radius: 6px"></iframe>'
)


class Served(NamedTuple):
    """The demo while it is served.

    Attributes
    ----------
    address : str
        Where the page is.
    server : uvicorn.Server
    thread : threading.Thread
        It runs the server.
    """

    address: str
    server: "uvicorn.Server"
    thread: threading.Thread

    def close(self) -> None:
        """Stop serving, and forget all visitors."""
        self.server.should_exit = True
        self.thread.join(10)


def launch(port: int | None = None, wait: bool = True) -> Served:
    """Serve the demo's page on 127.0.0.1; a notebook shows it below the cell.

    Parameters
    ----------
    port : int, optional
        By default the first free port from 7860.
    wait : bool
        Keep serving until Ctrl+C. Otherwise return at once, and show the page in a notebook.

    Returns
    -------
    Served
        The page. Its `close()` stops it.

    Raises
    ------
    CourseError
        If the demo's extra is not installed, or the port is in use.

    Notes
    -----
    Used in lesson 14.
    """
    try:
        import uvicorn
    except ImportError as error:
        raise not_installed(error.name, "the demo") from error
    from course_lib.demo import server

    moments.model("face")  # raises an error now if its weights are missing
    listening = _socket(port)
    colab = "google.colab" in sys.modules
    made = server.app(COLAB if colab else HERE)
    # uvicorn's own configuration of logging would close the handlers of other packages.
    running = uvicorn.Server(
        uvicorn.Config(made, log_config=None, log_level="warning", timeout_graceful_shutdown=2)
    )
    thread = threading.Thread(target=running.run, args=[[listening]], daemon=True)
    thread.start()
    threading.Thread(target=_warmed_up, daemon=True).start()
    while not running.started and thread.is_alive():
        time.sleep(0.01)
    served = Served(f"http://127.0.0.1:{listening.getsockname()[1]}/", running, thread)
    if wait:
        _until_the_end(served)
    else:
        _show(served, colab)
    return served


def _socket(port):
    """A socket that listens on the port, or on the first free one."""
    for number in [port] if port else range(FIRST, LAST + 1):
        # Only with this number asyncio sends small answers at once: otherwise each waits about 40 ms (Nagle).
        made = socket.socket(proto=socket.IPPROTO_TCP)
        if sys.platform != "win32":  # there it would share a port that is in use
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", number))
            made.listen()
            return made
        except (OSError, OverflowError) as error:
            made.close()
            if port:
                raise CourseError(
                    f"port {port}", f"the page cannot be served there ({error})", "Give another port"
                ) from error
    raise CourseError(f"ports {FIRST} to {LAST}", "all of them are in use", "Give another one with --port")


def _warmed_up():
    """Load face finder, network and classifier while the visitor reads, not for the first picture."""
    from course_lib import faces

    try:
        faces.find(np.zeros((480, 640, 3), np.uint8), moments.FINDER)
        seen = moments.see(np.zeros((1, 48, 48), np.uint8))[0]
        noise = np.random.default_rng(0).normal(0, 0.1, (1, round(moments.WINDOW * moments.SPEECH_SR)))
        moments.judge(seen, moments.hear(noise)[0])
    except Exception:  # for example missing weights: the page says so when it is asked
        traceback.print_exc()


def _until_the_end(served):
    print(f"The demo is at {served.address} until you press Ctrl+C.", flush=True)
    for name in {"SIGTERM", "SIGHUP"} & {*dir(signal)}:  # the window was closed: stop as after Ctrl+C
        signal.signal(getattr(signal, name), lambda *_: sys.exit())
    try:
        while served.thread.is_alive():
            served.thread.join(1)
    except KeyboardInterrupt:
        print()
    finally:
        served.close()


def _show(served, colab):
    """Show the page below the cell; in Colab through the notebook's own proxy."""
    address = served.address
    if colab:
        from google.colab import output

        port = address.rstrip("/").rpartition(":")[2]
        address = output.eval_js(f"google.colab.kernel.proxyPort({port}, {{cache: false}})")
    try:
        from IPython import get_ipython
        from IPython.display import HTML, display
    except ImportError:
        get_ipython = None
    if get_ipython is None or get_ipython() is None:
        print(f"The demo is at {address} until this program ends.")
        return
    display(HTML(FRAME.format(address, HEIGHT)))
