"""Bringing one file: resumed where it broke off, patient with a busy server, one clear error for what goes
wrong.
"""

import errno
import os
import re
import time
from contextlib import contextmanager

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress

CHUNK = 1 << 16  # bytes at a time
TIMEOUT = (15, 60)  # seconds to connect, and between two pieces of an answer
TRIES = 5  # in a row without a new byte
BACKOFF = 1.0  # seconds before the second try, doubled at each further one
MAX_WAIT = 120.0  # seconds: the longest Retry-After that is honoured


class BadAnswer(Exception):
    """The server answered, but not with the file."""


def session():
    """A `requests.Session` that tries again where a server is busy or fails for a moment."""
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class PatientRetry(Retry):
        """Waits as long as the server asks (Retry-After), within reason."""

        def get_retry_after(self, response):
            seconds = super().get_retry_after(response)
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
    session.headers["Accept-Encoding"] = (
        "identity"  # a Range counts the bytes of the file, not of its compressed form
    )
    return session


@contextmanager
def told(path, by_hand):
    """Turn what can go wrong in a download into the one clear error that ends with the way by hand."""
    import requests

    try:
        yield
    except (BadAnswer, requests.RequestException) as error:
        raise CourseError(path, f"it could not be downloaded: {_reason(error)}", by_hand) from error
    except OSError as error:
        raise CourseError(
            path,
            f"it could not be written ({error.strerror})",
            f"{'Free some space. ' if error.errno == errno.ENOSPC else ''}{by_hand}",
        ) from error
    except ValueError as error:  # pooch: the checksum
        raise CourseError(path, str(error).rstrip("."), by_hand) from error


def _reason(error):
    """One short clause instead of the nested text that requests gives."""
    import requests

    if isinstance(error, requests.HTTPError):
        return f"the server answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server did not answer in time"
    if isinstance(error, requests.ConnectionError):
        return "there is no connection to the server (no network, or a proxy or firewall in between)"
    return str(error)


def text_at(url, session) -> str:
    """The text of a small file or an answer, which must not be a web page."""
    response = session.get(url, timeout=TIMEOUT)
    response.raise_for_status()
    _refuse_web_page(response)
    return response.text


def size_at(url, session) -> int:
    """The size in bytes that the server gives for a file of which the registry knows only about what it
    is."""
    with session.get(url, stream=True, timeout=TIMEOUT) as response:
        response.raise_for_status()
        _refuse_web_page(response)
        if not response.headers.get("Content-Length", "").isdigit():
            raise BadAnswer("the server does not say how large the file is")
        return int(response.headers["Content-Length"])


def download(url, output, _pooch, *, session, part, size):
    """pooch's downloader: bring `size` bytes to `part`, from where an earlier try or run stopped, then hand
    it over.
    """
    if size_of(part) > size:
        part.unlink()
    idle = 0
    with progress(total=size, initial=size_of(part), unit="B", unit_scale=True, desc=part.stem) as bar:
        while (before := size_of(part)) < size:
            _transfer(url, session, part, size, bar)
            idle = 0 if size_of(part) > before else idle + 1
            if idle == TRIES:
                raise BadAnswer(
                    f"the connection broke off {TRIES} times; {size_of(part)} of {size} bytes are kept"
                )
            if size_of(part) < size:
                time.sleep(BACKOFF * 2**idle)
    os.replace(part, output)


def _transfer(url, session, part, size, bar):
    """One request: append to `part` what is missing, or write it anew where the server does not do ranges.

    Returns quietly when the connection breaks off; `part` keeps what came.
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
    """True where the answer goes on from byte `have`, False where it begins anew, None where it does
    neither."""
    if response.status_code not in (206, 416):
        return False
    sent = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return True if response.status_code == 206 and sent and int(sent[1]) == have else None


def _check_answer(response, size):
    """Refuse an error, a web page, and a file of another size, before anything is written over what is
    there."""
    response.raise_for_status()
    _refuse_web_page(response)
    total = response.headers.get("Content-Range", "").rpartition("/")[2] or response.headers.get(
        "Content-Length", ""
    )
    if total.isdigit() and int(total) != size:
        raise BadAnswer(f"the server's file has {total} bytes, {size} were expected")


def _refuse_web_page(response):
    if response.headers.get("Content-Type", "").startswith("text/html"):
        raise BadAnswer(
            "a web page came instead (the log-in page of the network, perhaps: open a browser and look)"
        )


def part_of(path):
    """Where the part of a file waits that came before the download broke off."""
    return path.with_name(path.name + ".part")


def size_of(path):
    return path.stat().st_size if path.exists() else 0
