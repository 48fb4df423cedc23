"""Get a corpus or weights: download, verify and unpack the sets that registry.toml lists.

An interrupted download continues where it stopped. It is checked against the size and checksum that the
archive publishes, and unpacked only if both are right; until then no file in the folder looks complete. If
this machine has no connection, put the file into the folder by hand: it is verified and used in the same way.
The folder of a set contains its archives (which may be deleted once unpacked), the unpacked clips, and
`fetched.json`, which records what was unpacked.

VGG-Face's weights are one file without a published checksum. Its content is checked by the reader, and the
hash of the first file is stored, so that a different file later gives a warning.

CREMA-D has no archive. Its recordings are downloaded one by one (`file_by_file.py`), and each is checked
against the official checksum that comes with the course."""

import json
import os
import re
import shlex
import shutil
import stat
import struct
import tempfile
import tomllib
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.names import check_choice
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import crema_d, download, embedded, file_by_file, ravdess, vggface

ASK_ABOVE = 50_000_000  # bytes: a larger download needs a confirmation
MAX_FILES = 10_000  # of one archive; RAVDESS's largest has 1,440
MAX_UNPACKED = 4_000_000_000  # bytes of one archive; RAVDESS's largest has about 600 million
MAX_RATIO = 20  # unpacked to packed; RAVDESS's speech has about 3
CHUNK = 1 << 16  # bytes at a time
MANIFEST = "fetched.json"
RECORD = "record.json"  # the archive's own record, kept so that it is downloaded once
SHOWN = 10  # of the files that failed


# --- Sets ---


def load_registry() -> dict[str, dict[str, Any]]:
    """Read the registry of sets.

    Returns
    -------
    dict
        By name: kind ("corpus", "weights" or "model"), title, licence, citation, doi, page, record, url, and
        files (name, size, checksum, actors).

    Examples
    --------
    >>> "ravdess-speech" in load_registry()
    True
    """
    sets = tomllib.loads(Path(__file__).with_name("registry.toml").read_text(encoding="utf-8"))
    if "crema_d" not in embedded.names():  # a copy of the course without its checksums
        del sets["crema-d"]
    else:
        sets["crema-d"]["files"] = _crema_d()
    return sets


@cache
def _crema_d():
    """The files of CREMA-D that have an official checksum."""
    return [
        {
            "name": f"AudioWAV/{row.recording}.wav",
            "size": int(row.bytes),
            "checksum": f"sha256:{row.sha256}",
            "actors": [int(row.recording.split("_")[0])],
            "emotion": crema_d.EMOTIONS[row.recording.split("_")[2]],
        }
        for row in crema_d.checksums().itertuples()
    ]


def fetch(
    name: str,
    folder: str | Path | None = None,
    actors: int | Iterable[int] | None = None,
    yes: bool = False,
    ask: Callable[[str], str] = input,
    registry: dict[str, dict[str, Any]] | None = None,
    emotions: str | Iterable[str] | None = None,
) -> Path | None:
    """Download a set, verify and unpack it.

    Parameters
    ----------
    name : str
        "ravdess-speech", "ravdess-video", "crema-d", "vggface", "whisper-base" or "face-landmarker".
    folder : str or path, optional
        By default `home() / name`, or the folder that the registry gives.
    actors : int or several, optional
        Only these actors (1 to 24): for ravdess-video only their archives are downloaded, for ravdess-speech,
        which is one archive, only their clips are unpacked. CREMA-D's actors are 1001 to 1091, and only their
        recordings are downloaded. Weights have no actors.
    yes : bool
        Download without a question. Otherwise `ask` is called above 50 MB.
    ask : callable
        Asks the question and returns the answer.
    registry : dict, optional
        Used in place of registry.toml.
    emotions : str or several, optional
        Only these emotions, for crema-d alone: "angry", "disgust", "fear", "happy", "neutral", "sad".

    Returns
    -------
    Path or None
        The folder of the set; None if the answer was not yes.

    Raises
    ------
    CourseError
        For an unknown set or actor, a download that fails or differs from what was published, an archive that
        is not safe to unpack, and a full disk. If a download fails, the message tells how to get the file by
        hand.

    Notes
    -----
    Licence, citation and size are printed first. Files that are there already are not downloaded again.

    CREMA-D's recordings are single files. One that fails is left out, and a list at the end tells which, why,
    and how to try them again. After many failures in a row the download stops with an error.
    """
    entry = _entry(name, registry)
    folder = _home_of(name, entry) if folder is None else Path(folder).expanduser()
    if entry.get("file_by_file"):
        again = _command(name, folder, actors, emotions, entry)
        files = file_by_file.choose(entry["files"], name, actors, emotions)
        return _fetch_files(entry, files, folder, partial(_agreed_to, yes=yes, ask=ask), again)
    if emotions is not None:
        raise CourseError("emotions", f"{name} cannot be fetched by emotion", "Leave the emotions out")
    actors = _checked_actors(actors)
    todo = [file for file in entry["files"] if _missing(folder, file, actors)]
    if not todo:
        for file in entry["files"]:
            warn_of_another(folder / file["name"])
        return folder
    if not _agreed_to(entry, todo, folder, yes, ask):
        return None
    # Unpacked, a set is at least as large as its archives.
    _check_space(folder, _to_download(todo, folder) + sum(file["size"] for file in todo))
    with download.session() as session:
        for file in todo:
            _bring(entry, file, _missing(folder, file, actors), folder, session)
    return folder


def found(name: str, registry: dict[str, dict[str, Any]] | None = None) -> Path | None:
    """Return the folder of a set below `home()` if all or some of it is there, else None.

    Parameters
    ----------
    name : str
    registry : dict, optional
        As in `fetch`.

    Returns
    -------
    Path or None
    """
    entry = _entry(name, registry)
    folder = _home_of(name, entry)
    if entry.get("file_by_file"):
        return folder if file_by_file.present(folder, entry["files"]) else None
    return folder if _actors_present(entry, folder) else None


def describe(registry: dict[str, dict[str, Any]] | None = None) -> pd.DataFrame:
    """List the sets.

    Parameters
    ----------
    registry : dict, optional
        As in `fetch`.

    Returns
    -------
    pd.DataFrame
        One row for each set: `name`, `kind` ("corpus", "weights" or "model"), `title`, `size` (text),
        `licence`, `where` (str) and `present` ("all", "no", the actors, or the number of files).
    """
    rows = []
    for name, entry in (registry or load_registry()).items():
        folder = _home_of(name, entry)
        rows.append(
            {
                "name": name,
                "kind": entry.get("kind", "corpus"),
                "title": entry["title"],
                "size": _size_text(sum(file["size"] for file in entry["files"])),
                "licence": entry["licence"],
                "where": str(folder),
                "present": _present_text(entry, folder),
            }
        )
    return pd.DataFrame(rows)


def _entry(name, registry):
    sets = registry or load_registry()
    check_choice("set", name, sets)
    return sets[name]


def _bring(entry, file, actors, folder, session):
    """Download and verify one file, unpack these actors' clips if it is an archive, and record that."""
    if file["name"].endswith(".zip"):
        archive = _archive(entry, file, folder, session)
        _remember(folder, file["name"], actors, unpack(archive, folder, keep=partial(_is_of, actors)))
    elif "checksum" in file:  # a file that is used without unpacking
        _remember(folder, file["name"], actors, [_archive(entry, file, folder, session).name])
    else:
        import pooch

        path = _weights(entry, file, folder, session)
        warn_of_another(path)
        _remember(folder, path.name, _actors_of(file), [path.name], pooch.file_hash(str(path), alg="sha256"))


def _home_of(name, entry):
    return home() / entry.get("folder", name)


def _checked_actors(actors):
    """The actors as a set; all of them if `actors` is None."""
    every = set(ravdess.FIELDS["actor"])
    wanted = every if actors is None else set(np.atleast_1d(actors).tolist())
    if not wanted or wanted - every:
        wrong = ", ".join(map(str, wanted - every)) or "an empty list"
        raise CourseError(
            "actors", f"RAVDESS has no such actor: {wrong}", "Give numbers from 1 to 24, for example 1,2"
        )
    return wanted


def _actors_of(file):
    return set(file.get("actors", ravdess.FIELDS["actor"]))


def _is_of(actors, member):
    """Whether a member of an archive is a clip of these actors, or not a clip (a read-me)."""
    try:
        return ravdess.parse_name(member)["actor"] in actors
    except CourseError:
        return True


def _make_folder(folder):
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(
            folder,
            f"the folder cannot be made ({error.strerror})",
            "Give another folder, or set COURSE_HOME to one that you may write to",
        ) from error


def _introduce(entry, todo, folder):
    print(
        f"{entry['title']}\nLicence: {entry['licence']}\nCite: {entry['citation']}\nFrom: {entry['page']}\n"
        f"To download: {_size_text(_to_download(todo, folder))} in {len(todo):,} file(s), into {folder}"
        + (f"\n{entry['note']}" if "note" in entry else ""),
        flush=True,
    )


def _agreed_to(entry, todo, folder, yes, ask):
    """Show licence and size, and ask above `ASK_ABOVE`; make the folder. False if the answer was not yes."""
    _make_folder(folder)
    _introduce(entry, todo, folder)
    agreed = yes or _to_download(todo, folder) <= ASK_ABOVE or _agreed(ask)
    if not agreed:
        print("Nothing was downloaded.")
    return agreed


def _agreed(ask):
    try:
        return ask("Download it? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, NotImplementedError) as error:  # no terminal; a notebook that papermill executes
        raise CourseError(
            "download",
            "the question whether to download cannot be answered here",
            "Answer in advance: course fetch --yes, or fetch(..., yes=True)",
        ) from error


def _to_download(todo, folder):
    """Bytes to download, without those of an interrupted download."""
    return sum(
        file["size"] - min(file["size"], download.size_of(download.part_of(folder / file["name"])))
        for file in todo
        if not (folder / file["name"]).exists()
    )


def _check_space(folder, need):
    free = shutil.disk_usage(folder).free
    if need > free:
        raise CourseError(
            folder,
            f"the disk is too full: {_size_text(need)} are needed, {_size_text(free)} are free",
            "Free some space, choose fewer actors, or give a folder on a larger disk (COURSE_HOME)",
        )


def _size_text(n):
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.1f} MB"


def _present_text(entry, folder):
    if entry.get("file_by_file"):
        n, files = file_by_file.present(folder, entry["files"]), len(entry["files"])
        return "all" if n == files else f"{n:,} of {files:,} files" if n else "no"
    actors = sorted(_actors_present(entry, folder))
    if actors == list(ravdess.FIELDS["actor"]):
        return "all"
    return f"actors {', '.join(map(str, actors))}" if actors else "no"


# --- A set of single files ---


def _fetch_files(entry, files, folder, agreed_to, again):
    """Download and verify the single files of a set that are missing; tell which failed."""
    todo, failed = file_by_file.look(folder, files)
    if todo:
        if not agreed_to(entry, todo, folder):
            return None
        _check_space(folder, _to_download(todo, folder))
        failed |= file_by_file.download_all(
            folder, todo, lambda file: entry["url"].format(name=file), folder.name
        )
    if len(failed) == len(files):
        raise CourseError(folder, f"no file could be downloaded ({_first(failed)})", f"Run again: {again}")
    if failed:
        print(_failed_text(failed, len(files), again))
    return folder


def _failed_text(failed, n, again):
    lines = [f"  {name}: {reason}" for name, reason in list(failed.items())[:SHOWN]]
    more = [f"  … and {len(failed) - SHOWN:,} more"] if len(failed) > SHOWN else []
    head = f"{n - len(failed):,} of {n:,} files are here and verified. {len(failed):,} failed:"
    return "\n".join([head, *lines, *more, f"To try these again, run: {again}"])


def _first(failed):
    return next(iter(failed.values()))


def _command(name, folder, actors, emotions, entry):
    """The command line that downloads the same files."""
    options = [
        f"--{option} {','.join(map(str, np.atleast_1d(value)))}"
        for option, value in (("actors", actors), ("emotions", emotions))
        if value is not None
    ]
    own = [] if folder == _home_of(name, entry) else [f"--folder {shlex.quote(str(folder))}"]
    return " ".join(["course fetch", name, *options, *own])


# --- What was unpacked before ---


def _manifest(folder):
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # missing or damaged: unpacking again does no harm
        return {}


def _unpacked(folder, archive):
    """The actors whose clips were unpacked from `archive` and are all still there."""
    done = _manifest(folder).get(archive, {"actors": [], "files": []})
    return set(done["actors"]) if all((folder / path).exists() for path in done["files"]) else set()


def _missing(folder, file, actors):
    return (_actors_of(file) & actors) - _unpacked(folder, file["name"])


def _actors_present(entry, folder):
    return set().union(*(_unpacked(folder, file["name"]) for file in entry["files"]))


def _remember(folder, archive, actors, paths, sha256=None):
    """Add to the manifest. An archive whose clips were deleted is recorded again; its first hash is kept."""
    manifest, before = _manifest(folder), _unpacked(folder, archive)
    earlier = manifest[archive]["files"] if before else []
    first = {"sha256": _first_sha256(folder, archive) or sha256} if sha256 else {}
    manifest[archive] = {"actors": sorted(before | actors), "files": sorted({*earlier, *paths})} | first
    with whole_file(folder / MANIFEST) as part:
        part.write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _first_sha256(folder, name):
    return _manifest(folder).get(name, {}).get("sha256")


def warn_of_another(path: Path) -> None:
    """Warn if a file of weights is not the one that was downloaded first, because no checksum is published.

    Parameters
    ----------
    path : Path
    """
    import pooch

    folder, first = path.parent, _first_sha256(path.parent, path.name)
    sha256 = first and pooch.file_hash(str(path), alg="sha256")
    if sha256 != first:
        warnings.warn(
            f"{path}: this is another file than the one that was downloaded first (sha256:{sha256}, the "
            f"first was sha256:{first}). It contains the network, but the course cannot check whether its "
            f"weights are the published ones. If you trust it, delete {folder / MANIFEST} and run again",
            stacklevel=2,
        )


# --- Download ---


def _archive(entry, file, folder, session):
    """The verified archive `file` in `folder`: the existing one, or downloaded."""
    import pooch

    path, url = folder / file["name"], entry["url"].format(name=file["name"])
    by_hand = _by_hand(url, path)
    file = _published(entry, file, folder, session)
    if path.exists():
        _verify(path, file, url)
        return path
    bring = partial(download.download, session=session, part=download.part_of(path), size=file["size"])
    with download.explained(path, by_hand):
        return Path(
            pooch.retrieve(url, known_hash=file["checksum"], fname=path.name, path=folder, downloader=bring)
        )


def _by_hand(url, path):
    return f"Run again to continue, or download {url} by hand, put the file here: {path}, and run again"


def _weights(entry, file, folder, session):
    """The file of weights in `folder`, the existing one or downloaded, after a check by its reader."""
    path, url = folder / file["name"], entry["url"].format(name=file["name"])
    if path.exists():
        vggface.read(path)
        return path
    came = path.with_name(path.name + ".unread")
    with download.explained(path, _by_hand(url, path)):
        size = download.size_at(url, session)
        download.download(url, came, None, session=session, part=download.part_of(path), size=size)
    try:
        vggface.read(came)
    except CourseError as error:
        raise CourseError(url, f"the downloaded file is not usable: {error}", _by_hand(url, path)) from error
    else:
        os.replace(came, path)
    finally:
        came.unlink(missing_ok=True)
    return path


def _published(entry, file, folder, session):
    """`file` with the size and checksum of the archive's own record if the registry lacks the checksum."""
    if "checksum" in file:
        return file
    path = folder / RECORD
    by_hand = (
        f"Without it {file['name']} cannot be verified. Run again later, or open {entry['record']} in a "
        f"browser, save it here: {path}, download {entry['url'].format(name=file['name'])} by hand, "
        f"put the file here: {folder / file['name']}, and run again"
    )
    with download.explained(path, by_hand):
        text = (
            path.read_text(encoding="utf-8") if path.exists() else download.text_at(entry["record"], session)
        )
    try:
        item = next(item for item in json.loads(text)["files"] if item["key"] == file["name"])
        # With an empty checksum pooch would accept every file.
        checksum = re.fullmatch(r"\w+:[0-9a-f]+", item["checksum"])[0]
        published = file | {"size": int(item["size"]), "checksum": checksum}
    except (ValueError, LookupError, TypeError, StopIteration) as error:
        raise CourseError(
            path, f"the archive's record does not give a checksum of {file['name']}", by_hand
        ) from error
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return published


def _verify(path, file, url):
    """Check the size and checksum of an archive that was put there by hand or downloaded before."""
    import pooch

    algorithm = file["checksum"].split(":")[0]
    expected = f"{file['size']} bytes, {file['checksum']}"
    got = f"{download.size_of(path)} bytes, {algorithm}:{pooch.file_hash(str(path), alg=algorithm)}"
    if got != expected:
        raise CourseError(
            path,
            f"it is not the published file: expected {expected}, got {got}",
            f"Delete it and run again, or download {url} once more and put the file here: {path}",
        )


# --- Unpack ---

# Faults of a member of an archive. Each test gets a zipfile.ZipInfo.
PLAIN = (0, stat.S_IFREG, stat.S_IFDIR)
UNSAFE = {
    "is encrypted": lambda member: member.flag_bits & 1,
    "is a link or a device": lambda member: stat.S_IFMT(member.external_attr >> 16) not in PLAIN,
    "has an absolute path": lambda member: member.orig_filename.startswith("/"),
    "leads out of the folder": lambda member: ".." in member.orig_filename.split("/"),
    "has a drive letter or a backslash in its path": lambda member: set(member.orig_filename) & set(":\\"),
}


def unpack(
    archive: str | Path, folder: str | Path, keep: Callable[[str], bool] = lambda name: True
) -> list[str]:
    """Unpack a zip archive into a folder: all of it or, on any error, nothing.

    Parameters
    ----------
    archive, folder : str or path
    keep : callable
        `keep(name)` tells whether to unpack a member.

    Returns
    -------
    list of str
        The paths in the archive that were unpacked.

    Raises
    ------
    CourseError
        If the archive is damaged or not safe (absolute paths, "..", drive letters, links, encryption, a path
        twice, more than `MAX_FILES` members, more than `MAX_UNPACKED` bytes or `MAX_RATIO` times its own
        size, as in a zip bomb, a member shorter than declared), or the disk is full.

    Notes
    -----
    The members are unpacked into a temporary folder and moved into place when all are complete.
    """
    archive, folder = Path(archive), Path(folder)
    with _sound(archive), zipfile.ZipFile(archive) as zipped:
        members = [
            member
            for member in _safe_members(zipped, archive)
            if not member.is_dir() and keep(member.filename)
        ]
        need = sum(member.file_size for member in members)
        _check_space(folder, need)
        with (
            tempfile.TemporaryDirectory(prefix=".unpacking-", dir=folder) as temp,
            progress(total=need, unit="B", unit_scale=True, desc=f"unpack {archive.stem}") as bar,
        ):
            for member in members:
                _extract(zipped, member, Path(temp, member.filename), bar)
            _merge(Path(temp), folder)
    return [member.filename for member in members]


def _safe_members(zipped, archive):
    """The members of an archive; a single unsafe member makes the whole archive an error."""
    members = zipped.infolist()
    for member in members:
        for fault, is_so in UNSAFE.items():
            if is_so(member):
                raise _unsafe(archive, f"its member {member.orig_filename!r} {fault}")
    total, packed = sum(member.file_size for member in members), archive.stat().st_size
    if len({member.filename.casefold() for member in members}) < len(members):
        raise _unsafe(archive, "it contains two members with the same path")
    if len(members) > MAX_FILES:
        raise _unsafe(archive, f"it contains {len(members)} members, more than {MAX_FILES}")
    if total > min(MAX_UNPACKED, MAX_RATIO * packed):
        raise _unsafe(archive, f"its {_size_text(packed)} would unpack to {_size_text(total)} (a zip bomb?)")
    return members


def _unsafe(archive, fault):
    return CourseError(
        archive,
        f"it is not safe to unpack: {fault}",
        "Nothing was unpacked. Delete it, and download it from its official source",
    )


def _extract(zipped, member, target, bar):
    """Write one member. zipfile checks the CRC and gives at most the declared size; here less is an error."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(member) as source, open(target, "wb") as out:
        while chunk := source.read(CHUNK):
            bar.update(out.write(chunk))
    if target.stat().st_size != member.file_size:
        raise zipfile.BadZipFile(
            f"{member.filename} declares {member.file_size} bytes and has {target.stat().st_size}"
        )


def _merge(source, target):
    """Move `source` to `target`; if both are folders, move the entries one by one."""
    if source.is_dir() and target.is_dir():
        for entry in sorted(source.iterdir()):
            _merge(entry, target / entry.name)
    else:
        os.replace(source, target)


@contextmanager
def _sound(archive):
    """Replace the errors of a damaged archive or a full disk by one `CourseError`."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
        UnicodeDecodeError,
    ) as error:
        raise CourseError(
            archive, f"the archive is damaged ({error})", "Nothing was unpacked. Delete it and run again"
        ) from error
    except OSError as error:
        raise CourseError(
            archive,
            f"it could not be unpacked ({error.strerror})",
            "Check the disk's free space and the folder's permissions, and run again",
        ) from error
