"""Download a set that consists of many small files: several at a time, each verified and moved in whole.

A file that fails does not stop the others. The next run downloads only what is missing."""

import hashlib
import os
import queue
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.progress import progress
from course_lib.datasets import download

THREADS = 4  # downloads at the same time: more would be impolite
GIVE_UP = 20  # failures in a row; then the server or the network is the problem, not a file
NOT_OFFICIAL = "another file with this name is there: delete it to get the official one"


def choose(
    files: Iterable[dict[str, Any]],
    title: str,
    actors: int | Iterable[int] | None = None,
    emotions: str | Iterable[str] | None = None,
) -> list[dict[str, Any]]:
    """Return the files of some actors and emotions.

    Parameters
    ----------
    files : iterable of dict
        Each with `actors` (a list of one number) and `emotion`.
    title : str
        What an error calls the set.
    actors, emotions : one or several, optional
        By default all.

    Returns
    -------
    list of dict

    Raises
    ------
    CourseError
        If the set has no such actor or emotion, or a list is empty.

    Examples
    --------
    >>> files = [{"name": "a.wav", "actors": [1001], "emotion": "angry"}]
    >>> choose(files, "CREMA-D", actors=1001, emotions=["angry"]) == files
    True
    """
    files = list(files)
    known = sorted({file["actors"][0] for file in files})
    actors = _known("actor", actors, known, f"numbers from {known[0]} to {known[-1]}", title)
    known = sorted({file["emotion"] for file in files})
    emotions = _known("emotion", emotions, known, ", ".join(known), title)
    return [file for file in files if file["actors"][0] in actors and file["emotion"] in emotions]


def _known(what, wanted, known, allowed, title):
    """The wanted actors or emotions as a set, all of them by default."""
    wanted = set(known if wanted is None else np.atleast_1d(wanted).tolist())
    if not wanted or wanted - set(known):
        wrong = ", ".join(map(str, wanted - set(known))) or "an empty list"
        raise CourseError(f"{what}s", f"{title} has no such {what}: {wrong}", f"Choose {allowed}")
    return wanted


def look(folder: Path, files: Iterable[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Verify the files that are in a folder already.

    Parameters
    ----------
    folder : Path
    files : iterable of dict
        Each with `name`, `size` (bytes) and `checksum` ("sha256:…").

    Returns
    -------
    todo : list of dict
        The files that are not there. A Git LFS pointer does not count as the file.
    refused : dict
        Why, by name, for each file that is there and is not the official one. It is left as it is.
    """
    todo, there, refused = [], [], {}
    for file in files:
        (there if _is_there(folder / file["name"]) else todo).append(file)
    for file in progress(there, desc="verify", unit="file", delay=1):
        if not _is_official(folder / file["name"], file):
            refused[file["name"]] = NOT_OFFICIAL
    return todo, refused


def present(folder: Path, files: Iterable[dict[str, Any]]) -> int:
    """Count the files that are in a folder with their right size. Their content is not read.

    Parameters
    ----------
    folder : Path
    files : iterable of dict
        As in `look`.

    Returns
    -------
    int
    """
    if not folder.is_dir():
        return 0
    return sum(download.size_of(folder / file["name"]) == file["size"] for file in files)


def download_all(
    folder: Path, files: list[dict[str, Any]], address: Callable[[str], str], desc: str = ""
) -> dict[str, str]:
    """Download files, at most `THREADS` at a time.

    Parameters
    ----------
    folder : Path
    files : list of dict
        As in `look`.
    address : callable
        `address(name)` is the URL of a file.
    desc : str
        A few words in front of the progress bar.

    Returns
    -------
    dict
        Why, by name, for each file that failed.

    Raises
    ------
    CourseError
        If a file cannot be written (a full disk), or `GIVE_UP` files in a row fail. The files that came
        before are kept.
    """
    failed, in_a_row = {}, 0
    with ExitStack() as stack:
        sessions = queue.SimpleQueue()
        for _ in range(THREADS):
            sessions.put(stack.enter_context(download.session()))
        bar = stack.enter_context(
            progress(total=sum(file["size"] for file in files), unit="B", unit_scale=True, desc=desc)
        )
        pool = stack.enter_context(ThreadPoolExecutor(THREADS))
        stack.callback(partial(pool.shutdown, wait=True, cancel_futures=True))  # also when it is interrupted
        jobs = {pool.submit(_bring, folder, file, address, sessions): file for file in files}
        for job in as_completed(jobs):
            file = jobs[job]
            reason = _reason(job, folder)
            bar.update(file["size"])
            in_a_row = in_a_row + 1 if reason else 0
            if reason:
                failed[file["name"]] = reason
            if in_a_row == GIVE_UP:
                raise CourseError(
                    folder,
                    f"{GIVE_UP} files in a row could not be downloaded ({reason})",
                    "The files that came are kept. Look at your connection, and run again later to continue",
                )
    return failed


def _reason(job: Future, folder: Path) -> str | None:
    """Why a download failed, None if it did not."""
    try:
        return job.result()
    except OSError as error:
        raise CourseError(
            folder,
            f"a file could not be written ({error.strerror})",
            "The files that came are kept. Free some space, and run again to continue",
        ) from error


def _bring(
    folder: Path, file: dict[str, Any], address: Callable[[str], str], sessions: "queue.SimpleQueue"
) -> str | None:
    """Download and verify one file and move it into place; return why it failed, None if it did not."""
    import requests

    path = folder / file["name"]
    came = path.with_name(path.name + ".unread")
    session = sessions.get()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        download.download(
            address(file["name"]),
            came,
            None,
            session=session,
            part=download.part_of(path),
            size=file["size"],
            quiet=True,
        )
        if not _is_official(came, file):
            return "the downloaded file does not have the official checksum"
        os.replace(came, path)
    except (download.BadAnswer, requests.RequestException) as error:
        return download.reason(error)
    finally:
        came.unlink(missing_ok=True)
        sessions.put(session)


def _is_there(path: Path) -> bool:
    """Whether a file is there that is not a Git LFS pointer."""
    if not path.exists():
        return False
    with open(path, "rb") as file:
        return not download.is_pointer(file.read(64))


def _is_official(path: Path, file: dict[str, Any]) -> bool:
    if download.size_of(path) != file["size"]:
        return False
    algorithm, _, digits = file["checksum"].partition(":")
    return hashlib.new(algorithm, path.read_bytes()).hexdigest() == digits
