"""Getting a corpus, or weights: download, verify and unpack what registry.toml declares.

A download is resumed where it broke off, checked against the size and checksum that the archive publishes,
and unpacked only when both are right; until then nothing in the folder looks finished. Whoever cannot
download from here puts the file in the folder by hand: it is verified and used in the same way. In the folder
of a set stand its archives (they may be deleted once unpacked), the unpacked clips, and `fetched.json`, which
remembers what was unpacked.

VGG-Face's weights are one file, no archive, and nobody has published its checksum: its content is checked by
the reader, and the hash of the first file that came is remembered, so that another one later is noticed."""

import json
import os
import re
import shutil
import stat
import struct
import tempfile
import tomllib
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from course_lib.core.errors import CourseError
from course_lib.core.io import whole_file
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import download, ravdess, vggface

ASK_ABOVE = 50_000_000  # bytes: a larger download is asked about first
MAX_FILES = 10_000  # of one archive; RAVDESS's largest has 1,440
MAX_UNPACKED = 4_000_000_000  # bytes of one archive; RAVDESS's largest has about 600 million
MAX_RATIO = 20  # unpacked to packed; RAVDESS's speech has about 3
CHUNK = 1 << 16  # bytes at a time
MANIFEST = "fetched.json"
RECORD = "record.json"  # the archive's own record, kept so that a set needs it once


# --- Sets ---


def load_registry() -> dict:
    """The sets, by name: title, licence, citation, doi, page, record, url, files (name, size, checksum,
    actors).
    """
    return tomllib.loads(Path(__file__).with_name("registry.toml").read_text(encoding="utf-8"))


def fetch(name, folder=None, actors=None, yes=False, ask=input, registry=None) -> Path | None:
    """Get the set `name` ("ravdess-speech", "ravdess-video", "vggface", "face-landmarker"), verified: its
    folder.

    `folder` is `home() / name` by default. `actors` (one int or several, 1 to 24) gets only these: of
    ravdess-video only their archives, of ravdess-speech, which is one archive, only their clips; vggface and
    face-landmarker, the weights of networks, have no actors. Licence, citation and size are shown; more than
    50 MB are asked about first with `ask`, unless `yes`, and None is returned where the answer is not yes.
    What is there already is not fetched again, and a download that broke off goes on where it stopped.
    `registry` stands in for the declared one, in the same form.

    Raises `CourseError` for an unknown set or actor, a download that fails or is not what was published, an
    archive that is not safe to unpack, and a full disk; where a download fails it says how to bring the file
    by hand."""
    entry, actors = _entry(name, registry), _checked_actors(actors)
    folder = _home_of(name) if folder is None else Path(folder).expanduser()
    todo = [file for file in entry["files"] if _missing(folder, file, actors)]
    if not todo:
        for file in entry["files"]:
            warn_of_another(folder / file["name"])
        return folder
    _make_folder(folder)
    _introduce(entry, todo, folder)
    if not (yes or _to_download(todo, folder) <= ASK_ABOVE or _agreed(ask)):
        print("Nothing was downloaded.")
        return None
    # Unpacked, a set is at least as large as its archives.
    _check_space(folder, _to_download(todo, folder) + sum(file["size"] for file in todo))
    with download.session() as session:
        for file in todo:
            _bring(entry, file, _missing(folder, file, actors), folder, session)
    return folder


def found(name, registry=None) -> Path | None:
    """The folder of the set `name` below `home()` if all or some of it is there, else None."""
    return _home_of(name) if _actors_present(_entry(name, registry), _home_of(name)) else None


def describe(registry=None) -> pd.DataFrame:
    """The sets, one row each: `name`, `title`, `size` (text), `licence`, `where` (str), `present` (all, no,
    or who).
    """
    rows = []
    for name, entry in (registry or load_registry()).items():
        actors = sorted(_actors_present(entry, _home_of(name)))
        size = sum(file["size"] for file in entry["files"])
        rows.append(
            {
                "name": name,
                "title": entry["title"],
                "size": _size_text(size),
                "licence": entry["licence"],
                "where": str(_home_of(name)),
                "present": _present_text(actors),
            }
        )
    return pd.DataFrame(rows)


def _entry(name, registry):
    sets = registry or load_registry()
    if name not in sets:
        raise CourseError(name, "there is no set of this name", f"There are: {', '.join(sets)}")
    return sets[name]


def _bring(entry, file, actors, folder, session):
    """Have one file here and verified, unpack these actors' clips where it is an archive, and remember
    that."""
    if file["name"].endswith(".zip"):
        archive = _archive(entry, file, folder, session)
        _remember(folder, file["name"], actors, unpack(archive, folder, keep=partial(_is_of, actors)))
    elif "checksum" in file:  # a file that is used as it came
        _remember(folder, file["name"], actors, [_archive(entry, file, folder, session).name])
    else:
        import pooch

        path = _weights(entry, file, folder, session)
        warn_of_another(path)
        _remember(folder, path.name, _actors_of(file), [path.name], pooch.file_hash(str(path), alg="sha256"))


def _home_of(name):
    return home() / name


def _checked_actors(actors):
    """The actors asked for, as a set; every one where `actors` is None."""
    every = set(ravdess.FIELDS["actor"])
    wanted = every if actors is None else set(np.atleast_1d(actors).tolist())
    if not wanted or wanted - every:
        wrong = ", ".join(map(str, wanted - every)) or "none at all"
        raise CourseError(
            "actors", f"RAVDESS has no such actor: {wrong}", "Give numbers from 1 to 24, for example 1,2"
        )
    return wanted


def _actors_of(file):
    return set(file.get("actors", ravdess.FIELDS["actor"]))


def _is_of(actors, member):
    """Whether a member of an archive is one of these actors' clips; what is no clip (a read-me) belongs to
    everyone.
    """
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
        f"To download: {_size_text(_to_download(todo, folder))} in {len(todo)} file(s), into {folder}",
        flush=True,
    )


def _agreed(ask):
    try:
        return ask("Download it? [y/N] ").strip().lower() in ("y", "yes")
    except (EOFError, NotImplementedError) as error:  # no terminal; a notebook that papermill executes
        raise CourseError(
            "download",
            "nobody is there to answer whether to download",
            "Say yes beforehand: course fetch --yes, or fetch(..., yes=True)",
        ) from error


def _to_download(todo, folder):
    """Bytes still to come, less what an earlier download that broke off has left."""
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
            f"no space for it: {_size_text(need)} are needed, {_size_text(free)} are free",
            "Free some space, take fewer actors, or give a folder on a larger disk (COURSE_HOME)",
        )


def _size_text(n):
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.1f} MB"


def _present_text(actors):
    if actors == list(ravdess.FIELDS["actor"]):
        return "all"
    return f"actors {', '.join(map(str, actors))}" if actors else "no"


# --- What was unpacked before ---


def _manifest(folder):
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or damaged: unpacking once more does no harm
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
    """Add to the manifest; what it said of an archive whose clips have gone is forgotten, its first hash
    never.
    """
    manifest, before = _manifest(folder), _unpacked(folder, archive)
    earlier = manifest[archive]["files"] if before else []
    first = {"sha256": _first_sha256(folder, archive) or sha256} if sha256 else {}
    manifest[archive] = {"actors": sorted(before | actors), "files": sorted({*earlier, *paths})} | first
    with whole_file(folder / MANIFEST) as part:
        part.write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def _first_sha256(folder, name):
    return _manifest(folder).get(name, {}).get("sha256")


def warn_of_another(path):
    """Warn where a file of weights is not the one that came first: nobody has published which is the right
    one.
    """
    import pooch

    folder, first = path.parent, _first_sha256(path.parent, path.name)
    sha256 = first and pooch.file_hash(str(path), alg="sha256")
    if sha256 != first:
        warnings.warn(
            f"{path}: this is another file than the one that was fetched first (sha256:{sha256}, the first "
            f"was sha256:{first}). It holds the network, but whether its numbers are the published ones "
            f"nobody can say. Where you trust it, delete {folder / MANIFEST} and run again",
            stacklevel=2,
        )


# --- Download ---


def _archive(entry, file, folder, session):
    """The verified archive `file` in `folder`: the one that stands there, else downloaded."""
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
    return f"Run again to go on, or download {url} by hand, put the file here: {path}, and run again"


def _weights(entry, file, folder, session):
    """The file of weights in `folder`, the one that stands there or downloaded, if its reader finds no fault
    in it.
    """
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
        raise CourseError(url, f"what came from there is not used: {error}", _by_hand(url, path)) from error
    else:
        os.replace(came, path)
    finally:
        came.unlink(missing_ok=True)
    return path


def _published(entry, file, folder, session):
    """`file` with the size and checksum of the archive's own record, where the registry does not know the
    checksum.
    """
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
        # An empty checksum would pass every file: pooch checks nothing where it is given nothing.
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
    """Check size and checksum of an archive that somebody put there (or that was downloaded before)."""
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

# What no member of an archive may be. Each test takes a zipfile.ZipInfo.
PLAIN = (0, stat.S_IFREG, stat.S_IFDIR)
UNSAFE = {
    "is encrypted": lambda member: member.flag_bits & 1,
    "is a link or a device": lambda member: stat.S_IFMT(member.external_attr >> 16) not in PLAIN,
    "has an absolute path": lambda member: member.orig_filename.startswith("/"),
    "leads out of the folder": lambda member: ".." in member.orig_filename.split("/"),
    "has a drive letter or a backslash in its path": lambda member: set(member.orig_filename) & set(":\\"),
}


def unpack(archive, folder, keep=lambda name: True) -> list[str]:
    """Unpack the zip `archive` into `folder`: all of it or, on any error, nothing. Returns the paths in the
    archive.

    `keep(name)` says which members are wanted. Everything is first unpacked into a temporary folder beside
    and moved into place when complete. Raises `CourseError` for an archive that is damaged or not safe:
    absolute paths, "..", drive letters, links, encryption, one path twice, more than `MAX_FILES` members,
    more than `MAX_UNPACKED` bytes or `MAX_RATIO` times its own size (a zip bomb), a member that is not as
    long as it declares; and for a full disk."""
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
    """The members of an archive in which every one is safe; one that is not condemns the archive."""
    members = zipped.infolist()
    for member in members:
        for fault, is_so in UNSAFE.items():
            if is_so(member):
                raise _unsafe(archive, f"its member {member.orig_filename!r} {fault}")
    total, packed = sum(member.file_size for member in members), archive.stat().st_size
    if len({member.filename.casefold() for member in members}) < len(members):
        raise _unsafe(archive, "it holds two members of the same path")
    if len(members) > MAX_FILES:
        raise _unsafe(archive, f"it holds {len(members)} members, more than {MAX_FILES}")
    if total > min(MAX_UNPACKED, MAX_RATIO * packed):
        raise _unsafe(archive, f"its {_size_text(packed)} would unpack to {_size_text(total)} (a zip bomb?)")
    return members


def _unsafe(archive, fault):
    return CourseError(
        archive,
        f"it is not safe to unpack: {fault}",
        "Nothing was unpacked. Delete it, and get it from its own source",
    )


def _extract(zipped, member, target, bar):
    """Write one member. zipfile never gives more than the declared size and checks the CRC; less is ours to
    notice.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipped.open(member) as source, open(target, "wb") as out:
        while chunk := source.read(CHUNK):
            bar.update(out.write(chunk))
    if target.stat().st_size != member.file_size:
        raise zipfile.BadZipFile(
            f"{member.filename} declares {member.file_size} bytes and has {target.stat().st_size}"
        )


def _merge(source, target):
    """Move `source` to `target`, whole where nothing stands there, else entry by entry into the folder that
    does.
    """
    if source.is_dir() and target.is_dir():
        for entry in sorted(source.iterdir()):
            _merge(entry, target / entry.name)
    else:
        os.replace(source, target)


@contextmanager
def _sound(archive):
    """Turn what zipfile raises for a damaged archive, and the disk for a full one, into the one clear
    error."""
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
            "See to the disk's space and to the folder's permissions, and run again",
        ) from error
