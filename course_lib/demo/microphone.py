"""Record a few seconds of a microphone in a notebook, in Colab and in JupyterLab."""

import base64
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    from IPython.display import HTML

LONGEST = 30  # seconds
# Record the microphone, and return the recording as a data URL (webm in Chrome and Firefox, mp4 in Safari).
_RECORD = """async seconds => {
    const stream = await navigator.mediaDevices.getUserMedia({audio: true});
    const recorder = new MediaRecorder(stream), pieces = [];
    recorder.ondataavailable = event => pieces.push(event.data);
    const ended = new Promise(done => {recorder.onstop = done});
    recorder.start();
    await new Promise(done => setTimeout(done, 1000 * seconds));
    recorder.stop();
    await ended;
    stream.getTracks().forEach(track => track.stop());
    const reader = new FileReader();
    reader.readAsDataURL(new Blob(pieces, {type: recorder.mimeType}));
    await new Promise(done => {reader.onloadend = done});
    return reader.result;
}"""
_CLICK = """const button = this, says = this.nextElementSibling, link = says.nextElementSibling;
button.disabled = true; says.textContent = ' Speak now.';
(%s)(%g).then(url => {
    link.href = url; link.download = 'voice.' + (url.includes('webm') ? 'webm' : 'mp4');
    link.textContent = 'Save the recording'; says.textContent = ' Recorded. ';
}).catch(error => {says.textContent = ' No microphone: ' + error.message})
.finally(() => {button.disabled = false})"""


def button(seconds: float = 3) -> "HTML":
    """Show a button with which the browser records the microphone and saves a file, for JupyterLab.

    Python takes no part in it: the sound stays in the browser until somebody saves it.

    Parameters
    ----------
    seconds : float
        How long to record, up to `LONGEST`.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If `seconds` is not above 0 and at most `LONGEST`.

    Examples
    --------
    >>> "Record 3 seconds" in button(3).data
    True

    Notes
    -----
    Browsers give the microphone only to pages of this machine (127.0.0.1, localhost) or to encrypted ones
    (https). Used in lessons 12 and 14.
    """
    from html import escape

    from IPython.display import HTML

    click = escape(_CLICK % (_RECORD, _checked(seconds)), quote=True)
    press = f'<button onclick="{click}">Record {seconds:g} seconds</button>'
    return HTML(f'<p>{press}<span role="status"></span><a></a></p>')


def record(seconds: float = 3) -> Path:
    """Record the microphone in Colab: the browser records, and sends the sound to the notebook's machine.

    Parameters
    ----------
    seconds : float
        How long to record, up to `LONGEST`.

    Returns
    -------
    Path
        The recording, in a new folder for temporary files. Delete it when you need it no more.

    Raises
    ------
    CourseError
        If this is not Colab, if the browser gives no microphone, or if `seconds` is not above 0 and at most
        `LONGEST`.

    Notes
    -----
    Used in lessons 12 and 14.
    """
    seconds = _checked(seconds)
    if "google.colab" not in sys.modules:
        raise CourseError(
            "microphone.record", "this is not Colab", "Use microphone.button, or record with your phone"
        )
    from google.colab import output

    try:
        url = output.eval_js(f"({_RECORD})({seconds:g})")
    except Exception as error:  # the browser's own words: refused, missing, or in use
        raise CourseError(
            "microphone", f"the browser gives no sound ({error})", "Allow it next to the page's address"
        ) from error
    head, _, data = url.partition(",")
    path = Path(tempfile.mkdtemp(prefix="voice-")) / ("voice.webm" if "webm" in head else "voice.mp4")
    path.write_bytes(base64.b64decode(data))
    return path


def _checked(seconds):
    if not 0 < seconds <= LONGEST:
        raise CourseError(
            f"seconds={seconds!r}", f"it is not above 0 and at most {LONGEST}", "Give for example 3"
        )
    return seconds
