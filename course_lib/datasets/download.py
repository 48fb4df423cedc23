"""Download one file: continue an interrupted download, retry a busy server, and give one clear error."""

import errno
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.core.version import NEXT_RELEASE, address

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 16  # bytes read at a time
TIMEOUT = (15, 60)  # seconds to connect, and between two chunks of a response
TRIES = 5  # attempts in a row without a new byte
BACKOFF = 1.0  # seconds before the second attempt, doubled for each further one
LONGEST_POINTER = 1024  # bytes: a Git LFS pointer is shorter
MAX_WAIT = 120.0  # seconds: the longest Retry-After that is respected


class BadAnswer(Exception):
    """The server answered, but not with the file."""


def session() -> "requests.Session":
    """Return a `requests.Session` that tries again when a server is busy or fails for a moment.

    It names the course as its User-Agent, because servers refuse programs that do not say what they are.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class PatientRetry(Retry):
        """Waits as long as the server asks (Retry-After, or X-RateLimit-Reset), within reason."""

        def get_retry_after(self, response):
            seconds = super().get_retry_after(response) or _until_reset(response)
            return seconds and min(seconds, MAX_WAIT)

    session = requests.Session()
    retry = PatientRetry(
        total=TRIES,
        connect=2,
        backoff_factor=BACKOFF,
        status_forcelist=(429, 500, 502, 503, 504),
        raise_on_status=False,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    # A Range header counts the bytes of the file, not of a compressed form.
    session.headers["Accept-Encoding"] = "identity"
    session.headers["User-Agent"] = " ".join(
        [f"affective-computing-course-companion/{NEXT_RELEASE}", *[f"(+{one})" for one in [address()] if one]]
    )
    return session


def _until_reset(response):
    """The seconds until a server that counts requests takes the next one; None if it does not tell."""
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.status != 429 or not reset.isdigit():
        return None
    seconds = int(reset)  # some servers give a time, others the seconds that are left
    return max(0.0, seconds - time.time()) if seconds > 1e9 else float(seconds)


@contextmanager
def explained(path: Path, by_hand: str) -> Iterator[None]:
    """Replace the errors of a download by one `CourseError`, which ends with how to do it `by_hand`."""
    import requests

    try:
        yield
    except (BadAnswer, requests.RequestException) as error:
        if (
            getattr(error.response if isinstance(error, requests.HTTPError) else None, "status_code", 0)
            == 403
        ):
            by_hand = by_hand.replace(
                "Run again to continue, or download", "A browser may be let in: download"
            )
        raise CourseError(path, f"it could not be downloaded: {reason(error)}", by_hand) from error
    except OSError as error:
        raise CourseError(
            path,
            f"it could not be written ({error.strerror})",
            f"{'Free some space. ' if error.errno == errno.ENOSPC else ''}{by_hand}",
        ) from error
    except ValueError as error:  # pooch: the checksum
        raise CourseError(path, str(error).rstrip("."), by_hand) from error


def reason(error: Exception) -> str:
    """Return one short clause in place of the nested text of requests.

    Parameters
    ----------
    error : BadAnswer or requests.RequestException

    Returns
    -------
    str

    Examples
    --------
    >>> reason(BadAnswer("the server does not give the size of the file"))
    'the server does not give the size of the file'
    """
    import requests

    if isinstance(error, requests.HTTPError):
        refused = ", it refuses this program" * (error.response.status_code == 403)
        return f"the server answered {error.response.status_code} {error.response.reason}{refused}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server (no network, or a proxy or firewall blocks it)"
    return str(error)


def text_at(url: str, session: "requests.Session") -> str:
    """Return the text at a URL; raise `BadAnswer` for a web page."""
    response = session.get(url, timeout=TIMEOUT)
    response.raise_for_status()
    _refuse_web_page(response)
    return response.text


def size_at(url: str, session: "requests.Session") -> int:
    """Return the size in bytes that the server gives for a file whose exact size the registry lacks."""
    with session.get(url, stream=True, timeout=TIMEOUT) as response:
        response.raise_for_status()
        _refuse_web_page(response)
        if not response.headers.get("Content-Length", "").isdigit():
            raise BadAnswer("the server does not give the size of the file")
        return int(response.headers["Content-Length"])


def download(
    url: str,
    output: str | Path,
    _pooch: object,
    *,
    session: "requests.Session",
    part: Path,
    size: int,
    quiet: bool = False,
) -> None:
    """Download a file, as one of pooch's downloaders.

    Parameters
    ----------
    url : str
    output : str or path
        Where the complete file is moved to.
    _pooch : object
        Not used.
    session : requests.Session
    part : path
        Where the bytes are written. A download continues after the bytes that it has already.
    size : int
        Size of the file in bytes.
    quiet : bool
        Show no progress bar.

    Raises
    ------
    BadAnswer
        If the connection is lost `TRIES` times in a row without a new byte, or another file comes.
    """
    if size_of(part) > size:
        part.unlink()
    idle = 0
    shown = {"unit": "B", "unit_scale": True, "desc": part.stem, "disable": quiet}
    with progress(total=size, initial=size_of(part), **shown) as bar:
        while (before := size_of(part)) < size:
            _transfer(url, session, part, size, bar)
            idle = 0 if size_of(part) > before else idle + 1
            if idle == TRIES:
                raise BadAnswer(
                    f"the connection was lost {TRIES} times; {size_of(part)} of {size} bytes are kept"
                )
            if size_of(part) < size:
                time.sleep(BACKOFF * 2**idle)
    os.replace(part, output)


def _transfer(url, session, part, size, bar):
    """One request: append the missing bytes to `part`, or write it from the start if the server cannot
    continue.

    Returns without an error when the connection is lost; `part` keeps its bytes.
    """
    import requests

    have = size_of(part)
    headers = {"Range": f"bytes={have}-"} if have else {}
    with session.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        resumed = _resumes(response, have)
        if resumed is None:
            part.unlink(missing_ok=True)
            return
        _check_answer(response, size)
        with open(part, "ab" if resumed else "wb") as out:
            bar.n = out.tell()
            try:
                for chunk in response.iter_content(CHUNK):
                    bar.update(out.write(chunk))
                    if out.tell() > size:
                        raise BadAnswer(f"the server sends more than the {size} bytes that were expected")
            except (requests.exceptions.ChunkedEncodingError, requests.ConnectionError):
                return


def _resumes(response, have):
    """True if the response continues at byte `have`, False if it starts at byte 0, None if neither."""
    if response.status_code not in (206, 416):
        return False
    sent = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return True if response.status_code == 206 and sent and int(sent[1]) == have else None


def _check_answer(response, size):
    """Refuse an error, a web page, and a file of another size, before existing bytes are overwritten."""
    response.raise_for_status()
    _refuse_web_page(response)
    total = response.headers.get("Content-Range", "").rpartition("/")[2] or response.headers.get(
        "Content-Length", ""
    )
    if total.isdigit() and int(total) != size:
        if int(total) < LONGEST_POINTER and is_pointer(response.content):
            raise BadAnswer("the server sent a Git LFS pointer, a short text in place of the file")
        raise BadAnswer(f"the server's file has {total} bytes, {size} were expected")


def _refuse_web_page(response):
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise BadAnswer(
            "the server sent a web page (perhaps the log-in page of your network: open a browser and look)"
        )


def is_pointer(start: bytes) -> bool:
    """Tell whether a file is a Git LFS pointer: the text that a repository holds in place of a large file.

    Parameters
    ----------
    start : bytes
        The file's first bytes, at least 23 of them.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_pointer(b"version https://git-lfs.github.com/spec/v1"), is_pointer(b"RIFF")
    (True, False)
    """
    return start.startswith(b"version https://git-lfs")


def part_of(path: Path) -> Path:
    """Return the path of the incomplete file while `path` is being downloaded.

    Examples
    --------
    >>> from pathlib import Path
    >>> part_of(Path("a.zip")).name
    'a.zip.part'
    """
    return path.with_name(path.name + ".part")


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0
