"""Fetching against a server on this machine that also breaks off, lies, is busy, and sends what it should
not.
"""

import errno
import hashlib
import io
import json
import re
import shutil
import stat
import time
import types
import warnings
import zipfile

import file_server
import numpy as np
import pytest
from file_server import (
    break_off,
    break_off_at_the_same_byte,
    endless,
    ignore_range,
    not_satisfiable,
    serve,
    status,
    too_short,
    web_page,
    weights_bytes,
    wrong_bytes,
    wrong_range,
)
from tqdm import tqdm

from course_lib.core.errors import CourseError
from course_lib.datasets import download, fetch, vggface
from course_lib.faces import face_parts

SPEECH = "Audio_Speech.zip"
WEIGHTS = "weights.h5"
CLIPS = {
    f"Actor_{actor:02d}/03-01-05-01-01-01-{actor:02d}.wav": np.random.default_rng(actor).bytes(50_000)
    for actor in (1, 2)
}


def zip_bytes(members, change=None):
    """A zip of `members` (name to bytes); `change(infos)` may falsify its directory before it is written."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # two members of one name
        for name, content in members.items() if isinstance(members, dict) else members:
            archive.writestr(name, content)
        if change:
            change(archive.filelist)
    return buffer.getvalue()


def md5(content):
    return "md5:" + hashlib.md5(content).hexdigest()


# --- The server ---


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server, what it holds (`contents`), how it answers (`plan`: the last stays), what it was asked
    (`log`).
    """
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "BACKOFF", 0)
    monkeypatch.setattr(download, "CHUNK", 4096)
    with file_server.running(home=tmp_path / "home") as site:
        fill(site)
        yield site


def fill(site):
    base = site.base
    contents = site.contents
    contents |= {SPEECH: zip_bytes({**CLIPS, "README.txt": b"Read me"})}
    contents |= {
        f"Actor_{actor:02d}.zip": zip_bytes({name: CLIPS[name]}) for actor, name in enumerate(CLIPS, start=1)
    }
    contents["record"] = json.dumps(
        {
            "files": [
                {"key": name, "size": len(content), "checksum": md5(content)}
                for name, content in contents.items()
            ]
        }
    ).encode()
    common = {
        "title": "A set",
        "licence": "CC BY-NC-SA 4.0",
        "citation": "Someone (2018)",
        "doi": "10.0/0",
        "page": f"{base}/page",
        "record": f"{base}/record",
        "url": f"{base}/files/{{name}}",
    }
    size = {name: len(content) for name, content in contents.items()}
    speech = {"name": SPEECH, "size": size[SPEECH], "checksum": md5(contents[SPEECH])}
    video = [
        {"name": f"Actor_{a:02d}.zip", "size": size[f"Actor_{a:02d}.zip"], "actors": [a]} for a in (1, 2)
    ]
    site.registry = {"speech": common | {"files": [speech]}, "video": common | {"files": video}}


def get(site, name="speech", **options):
    return fetch.fetch(name, registry=site.registry, **options)


def failure(site, name="speech", **options):
    with pytest.raises(CourseError) as caught:
        get(site, name, **options)
    return str(caught.value)


def clips_in(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.wav"))}


def litter(folder):
    """What a failed run must not leave behind: anything but the part of a download."""
    return [path.name for path in folder.rglob("*") if not path.name.endswith(".part")]


def assert_tells_the_way_by_hand(message, site, folder, name=SPEECH):
    assert (
        f"{site.base}/files/{name}" in message
        and f"put the file here: {folder / name}" in message
        and "run again" in message
    )


# --- What is declared ---


def test_the_declared_sets():
    registry = fetch.load_registry()
    [speech], video = registry["ravdess-speech"]["files"], registry["ravdess-video"]["files"]
    assert speech == {
        "name": "Audio_Speech_Actors_01-24.zip",
        "size": 208_468_073,
        "checksum": "md5:bc696df654c87fed845eb13823edef8a",
    }
    assert [file["name"] for file in video] == [
        f"Video_Speech_Actor_{actor:02d}.zip" for actor in range(1, 25)
    ]
    assert [file["actors"] for file in video] == [[actor] for actor in range(1, 25)]
    assert (video[0]["size"], video[-1]["size"]) == (552_968_353, 595_799_165)
    for entry in (registry["ravdess-speech"], registry["ravdess-video"]):
        assert entry["licence"].startswith("CC BY-NC-SA 4.0") and "e0196391" in entry["citation"]
        assert entry["doi"] == "10.5281/zenodo.1188976" and "{name}" in entry["url"]


def test_the_declared_weights():
    entry = fetch.load_registry()["vggface"]
    assert entry["url"].format(name=entry["files"][0]["name"]) == (
        "https://github.com/rcmalli/keras-vggface/releases/download/v2.0/rcmalli_vggface_tf_notop_vgg16.h5"
    )
    assert entry["files"][0]["name"] == vggface.FILE and entry["files"][0]["size"] // 100_000 == 589
    assert entry["licence"].startswith("non-commercial research only") and "Parkhi" in entry["citation"]
    assert entry["page"] == "https://www.robots.ox.ac.uk/~vgg/software/vgg_face/"


def test_the_declared_landmarker():
    entry = fetch.load_registry()["face-landmarker"]
    [file] = entry["files"]
    assert entry["url"].format(name=file["name"]) == (
        "https://storage.googleapis.com/mediapipe-models/face_landmarker/"
        "face_landmarker/float16/1/face_landmarker.task"
    )
    assert (
        file["name"] == face_parts.MODEL
        and file["size"] == 3_758_596
        and file["checksum"].startswith("sha256:6418")
    )
    assert entry["licence"].startswith("Apache License 2.0") and "Grishchenko" in entry["citation"]


def test_an_unknown_set_says_which_there_are():
    with pytest.raises(
        CourseError, match=r"set 'iemocap': there is no such set.*ravdess-speech, ravdess-video"
    ):
        fetch.fetch("iemocap")


@pytest.mark.parametrize("actors", [25, [1, 0], ["1,2"], [1.5], []])
def test_an_actor_that_is_not_there(site, actors):
    assert "from 1 to 24" in failure(site, actors=actors)
    assert site.log == []


# --- All is well ---


def test_a_set_is_downloaded_unpacked_and_not_asked_for_again(site):
    assert fetch.found("speech", registry=site.registry) is None
    folder = get(site)
    assert folder == site.home / "speech" == fetch.found("speech", registry=site.registry)
    assert clips_in(folder) == CLIPS and (folder / "README.txt").read_bytes() == b"Read me"
    assert sorted(litter(folder)) == sorted(
        [
            "Actor_01",
            "Actor_02",
            "README.txt",
            SPEECH,
            "fetched.json",
            *(name.split("/")[1] for name in CLIPS),
        ]
    )
    asked = len(site.log)
    (folder / SPEECH).unlink()  # to save space, say
    assert get(site) == folder and len(site.log) == asked == 1


def test_a_folder_of_ones_own(site, tmp_path):
    assert clips_in(get(site, folder=tmp_path / "mine")) == CLIPS


def test_a_clip_that_has_gone_is_unpacked_again(site):
    folder = get(site)
    (folder / next(iter(CLIPS))).unlink()
    assert fetch.found("speech", registry=site.registry) is None
    assert clips_in(get(site)) == CLIPS and len(site.log) == 1


def test_a_damaged_manifest_costs_one_more_unpacking(site):
    folder = get(site)
    (folder / fetch.MANIFEST).write_text("{")
    assert clips_in(get(site)) == CLIPS and len(site.log) == 1


def test_speech_of_some_actors_and_later_of_more(site):
    first, second = CLIPS
    assert list(clips_in(get(site, actors=[2]))) == [second]
    present = fetch.describe(site.registry).set_index("name")["present"]
    assert present["speech"] == "actors 2" and present["video"] == "no"
    assert list(clips_in(get(site, actors=[1]))) == [first, second]
    assert len(site.log) == 1
    (site.home / "speech" / second).unlink()
    assert fetch.found("speech", registry=site.registry) is None
    get(site)
    assert fetch.describe(site.registry).set_index("name")["present"]["speech"] == "all"


def test_video_of_one_actor_fetches_one_archive_and_asks_the_record_for_its_checksum(site):
    folder = get(site, "video", actors=2)
    assert [name for name, *_ in site.log] == ["record", "Actor_02.zip"]
    assert list(clips_in(folder)) == [list(CLIPS)[1]]
    get(site, "video", actors=[1, 2])
    assert [name for name, *_ in site.log] == ["record", "Actor_02.zip", "Actor_01.zip"]
    assert clips_in(folder) == CLIPS


# --- Asking ---


def test_licence_citation_and_size_are_shown(site, capsys):
    get(site)
    printed = capsys.readouterr().out
    assert "CC BY-NC-SA 4.0" in printed and "Someone (2018)" in printed and "0.1 MB in 1 file" in printed


def test_a_small_download_is_not_asked_about(site):
    assert get(site, ask=lambda question: pytest.fail("asked")) is not None


@pytest.mark.parametrize(
    "answer, agreed", [("y", True), (" YES ", True), ("n", False), ("", False), ("what?", False)]
)
def test_a_large_download_is_asked_about(site, monkeypatch, capsys, answer, agreed):
    monkeypatch.setattr(fetch, "ASK_ABOVE", 1000)
    folder = get(site, ask=lambda question: answer)
    assert (folder is not None) == bool(site.log) == agreed
    assert ("Nothing was downloaded" in capsys.readouterr().out) != agreed


def test_yes_answers_beforehand(site, monkeypatch):
    monkeypatch.setattr(fetch, "ASK_ABOVE", 1000)
    assert get(site, yes=True, ask=lambda question: pytest.fail("asked")) is not None


def test_nobody_there_to_answer(site, monkeypatch):
    def nobody(question):
        raise EOFError

    monkeypatch.setattr(fetch, "ASK_ABOVE", 1000)
    assert "--yes" in failure(site, ask=nobody) and site.log == []


# --- A download that breaks off ---


def test_a_broken_download_goes_on_where_it_stopped(site):
    site.plan[SPEECH] = [break_off, break_off, serve]
    assert clips_in(get(site)) == CLIPS
    (_, none, *_), (_, second, *_), (_, third, *_) = site.log
    size = len(site.contents[SPEECH])
    starts = [int(header.removeprefix("bytes=").rstrip("-")) for header in (second, third)]
    assert none is None and size * 0.4 < starts[0] <= size * 0.5 < starts[1] <= size * 0.75
    assert site.log[2][2:] == (206, size - starts[1])


def test_an_interrupted_run_is_resumed_by_the_next(site, monkeypatch):
    class Interrupted(tqdm):
        def update(self, n=1):
            super().update(n)
            if self.n > 40_000:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(download, "progress", Interrupted)
        get(site)
    part = site.home / "speech" / f"{SPEECH}.part"
    kept = part.stat().st_size
    assert 40_000 < kept < 50_000 and litter(part.parent) == []
    site.log.clear()
    assert clips_in(get(site)) == CLIPS
    assert site.log == [(SPEECH, f"bytes={kept}-", 206, len(site.contents[SPEECH]) - kept)]


@pytest.mark.parametrize("answer", [ignore_range, wrong_range, not_satisfiable])
def test_a_server_that_cannot_continue_starts_again(site, answer):
    site.plan[SPEECH] = [break_off, answer, serve]
    assert clips_in(get(site)) == CLIPS
    assert site.log[1][1] is not None  # it was asked to resume
    assert site.log[-1][2:] == (200, len(site.contents[SPEECH]))


def test_a_part_of_another_file_is_found_out_by_the_checksum_and_gone(site):
    folder = site.home / "speech"
    folder.mkdir(parents=True)
    (folder / f"{SPEECH}.part").write_bytes(b"x" * 1000)
    assert md5(site.contents[SPEECH]) in failure(site) and list(folder.iterdir()) == []
    assert clips_in(get(site)) == CLIPS


def test_a_part_that_is_complete_is_not_asked_for_again_and_one_too_long_is_dropped(site):
    folder = site.home / "speech"
    folder.mkdir(parents=True)
    (folder / f"{SPEECH}.part").write_bytes(site.contents[SPEECH])
    assert clips_in(get(site)) == CLIPS and site.log == []
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / f"{SPEECH}.part").write_bytes(site.contents[SPEECH] + b"x")
    assert clips_in(get(site)) == CLIPS and site.log[0][1] is None


def test_a_server_that_always_breaks_off_at_the_same_byte(site):
    site.plan[SPEECH] = [break_off_at_the_same_byte]
    message = failure(site)
    kept = (site.home / "speech" / f"{SPEECH}.part").stat().st_size
    size = len(site.contents[SPEECH])
    assert f"the connection was lost {download.TRIES} times; {kept} of {size} bytes are kept" in message
    assert len(site.log) == 1 + download.TRIES  # the first brought something
    assert_tells_the_way_by_hand(message, site, site.home / "speech")


# --- A server that is busy, gone, or lies ---


@pytest.fixture
def slept(monkeypatch):
    """The pauses that were asked for, none of which is waited."""
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_too_many_requests_waits_as_long_as_it_is_told(site, slept):
    site.plan[SPEECH] = [status(429, {"Retry-After": "7"}), serve]
    assert clips_in(get(site)) == CLIPS and 7 in slept


def test_nobody_waits_for_a_day(site, slept):
    site.plan[SPEECH] = [status(429, {"Retry-After": "86400"}), serve]
    assert clips_in(get(site)) == CLIPS and max(slept) == download.MAX_WAIT


def test_a_server_error_that_passes(site):
    site.plan[SPEECH] = [status(500), status(503), serve]
    assert clips_in(get(site)) == CLIPS and [code for _, _, code, _ in site.log] == [500, 503, 200]


@pytest.mark.parametrize(
    "code, asked", [(500, download.TRIES + 1), (429, download.TRIES + 1), (404, 1), (403, 1)]
)
def test_a_server_error_that_stays(site, code, asked):
    site.plan[SPEECH] = [status(code)]
    message = failure(site)
    assert f"the server answered {code}" in message and len(site.log) == asked
    assert_tells_the_way_by_hand(message, site, site.home / "speech")
    assert litter(site.home / "speech") == []


@pytest.mark.parametrize(
    "answer, expected",
    [
        (wrong_bytes, ["expected md5:", "but got"]),
        (too_short, ["has 1000 bytes"]),
        (endless, ["sends more than"]),
        (web_page, ["the server sent a web page", "log-in page"]),
    ],
)
def test_what_is_not_the_published_file_is_not_kept_as_if_it_were(site, answer, expected):
    site.plan[SPEECH] = [answer]
    message = failure(site)
    assert all(text in message for text in [str(site.home / "speech" / SPEECH), *expected])
    assert_tells_the_way_by_hand(message, site, site.home / "speech")
    assert litter(site.home / "speech") == []
    site.plan.clear()
    assert clips_in(get(site)) == CLIPS


def test_a_web_page_does_not_cost_what_was_downloaded(site):
    site.plan[SPEECH] = [break_off, web_page]
    failure(site)
    assert (site.home / "speech" / f"{SPEECH}.part").stat().st_size > 40_000


def test_no_server_at_all(site):
    site.registry["speech"]["url"] = "http://127.0.0.1:9/{name}"
    message = failure(site)
    assert "no connection" in message and "put the file here" in message and SPEECH in message


# --- By hand ---


def test_a_file_put_there_by_hand_is_verified_and_used(site):
    folder = site.home / "speech"
    folder.mkdir(parents=True)
    (folder / SPEECH).write_bytes(site.contents[SPEECH])
    assert clips_in(get(site)) == CLIPS and site.log == []


@pytest.mark.parametrize("content", [b"<html>not a zip</html>", None], ids=["another file", "cut short"])
def test_a_wrong_file_put_there_by_hand_is_refused_and_left_alone(site, content):
    content = content or site.contents[SPEECH][:-100]
    folder = site.home / "speech"
    folder.mkdir(parents=True)
    (folder / SPEECH).write_bytes(content)
    message = failure(site)
    assert (
        md5(content) in message
        and md5(site.contents[SPEECH]) in message
        and "Delete it and run again" in message
    )
    assert_tells_the_way_by_hand(message, site, folder)
    assert (folder / SPEECH).read_bytes() == content and clips_in(folder) == {} and site.log == []


@pytest.mark.parametrize(
    "answer, reason", [(status(404), "answered 404"), (web_page, "the server sent a web page")]
)
def test_without_the_record_nothing_unverified_is_unpacked(site, answer, reason):
    site.plan["record"] = [answer]
    folder = site.home / "video"
    folder.mkdir(parents=True)
    (folder / "Actor_01.zip").write_bytes(site.contents["Actor_01.zip"])
    message = failure(site, "video", actors=1)
    assert reason in message and "Actor_01.zip cannot be verified" in message
    assert f"{site.base}/record" in message and f"save it here: {folder / fetch.RECORD}" in message
    assert_tells_the_way_by_hand(message, site, folder, "Actor_01.zip")
    assert litter(folder) == ["Actor_01.zip"]


def test_record_and_archive_by_hand_need_no_network(site):
    folder = site.home / "video"
    folder.mkdir(parents=True)
    for name, file in (("record", fetch.RECORD), ("Actor_01.zip", "Actor_01.zip")):
        (folder / file).write_bytes(site.contents[name])
    assert list(clips_in(get(site, "video", actors=1))) == [next(iter(CLIPS))] and site.log == []


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"files": []}',
        '{"files": [{"key": "Actor_01.zip"}]}',
        '{"files": [{"key": "Actor_01.zip", "size": 9, "checksum": null}]}',
        '{"files": [{"key": "Actor_01.zip", "size": 9, "checksum": ""}]}',
    ],
)
def test_a_record_that_does_not_help(site, text):
    site.contents["record"] = text.encode()
    message = failure(site, "video", actors=1)
    assert "does not give a checksum of Actor_01.zip" in message and "save it here" in message
    assert litter(site.home / "video") == []


# --- The disk ---


def test_too_little_space_is_seen_before_the_download(site, monkeypatch):
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: types.SimpleNamespace(free=150_000))
    message = failure(site)
    assert (
        "0.2 MB are needed, 0.1 MB are free" in message
        and str(site.home / "speech") in message
        and "COURSE_HOME" in message
    )
    assert site.log == []


def test_a_disk_that_fills_up_keeps_what_came(site, monkeypatch):
    class Full(tqdm):
        def update(self, n=1):
            super().update(n)
            if self.n > 40_000:
                raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(download, "progress", Full)
        message = failure(site)
    assert "No space left" in message and "Free some space" in message and SPEECH in message
    assert (site.home / "speech" / f"{SPEECH}.part").stat().st_size > 40_000
    assert clips_in(get(site)) == CLIPS and site.log[1][2] == 206


def test_a_folder_that_cannot_be_made(site, tmp_path):
    (tmp_path / "file").touch()
    message = failure(site, folder=tmp_path / "file" / "speech")
    assert str(tmp_path / "file" / "speech") in message and "cannot be made" in message and site.log == []


# --- Archives that are not safe or not sound ---


def link():
    info = zipfile.ZipInfo("Actor_01/link.wav")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zip_bytes([(info, b"/etc/passwd")])


def falsified(**fields):
    def change(infos):
        for key, value in fields.items():
            setattr(infos[0], key, value(getattr(infos[0], key)))

    return zip_bytes(CLIPS, change)


def flipped():
    content = bytearray(zip_bytes(CLIPS))
    content[20_000] ^= 0xFF
    return bytes(content)


BAD_ARCHIVES = {
    "absolute path": (zip_bytes({**CLIPS, "/outside/x.wav": b"x"}), "'/outside/x.wav' has an absolute path"),
    "parent folder": (zip_bytes({**CLIPS, "Actor_01/../../x.wav": b"x"}), "leads out of the folder"),
    "drive letter": (zip_bytes({**CLIPS, "C:/x.wav": b"x"}), "'C:/x.wav' has a drive letter"),
    "backslash": (zip_bytes({**CLIPS, "..\\x.wav": b"x"}), "backslash"),
    "symbolic link": (link(), "'Actor_01/link.wav' is a link"),
    "encrypted": (falsified(flag_bits=lambda flags: flags | 1), "is encrypted"),
    "one path twice": (zip_bytes([("a.wav", b"1"), ("A.wav", b"2")]), "two members with the same path"),
    "zip bomb": (zip_bytes({"zeros.wav": bytes(5_000_000)}), "would unpack to 5.0 MB (a zip bomb?)"),
    "declares a bomb": (falsified(file_size=lambda size: 10**9), "would unpack to 1.0 GB"),
    "declares too little": (falsified(file_size=lambda size: size - 100), "is damaged (Bad CRC-32"),
    "declares too much": (falsified(file_size=lambda size: size + 100), "declares 50100 bytes and has 50000"),
    "wrong CRC": (falsified(CRC=lambda crc: crc ^ 1), "is damaged (Bad CRC-32"),
    "unknown compression": (falsified(compress_type=lambda kind: 99), "is damaged"),
    "flipped bits": (flipped(), "is damaged"),
    "cut short": (zip_bytes(CLIPS)[:-50], "is damaged (File is not a zip file"),
    "a web page": (b"<html></html>", "is damaged (File is not a zip file"),
    "nothing": (b"", "is damaged (File is not a zip file"),
}


@pytest.mark.parametrize("kind", BAD_ARCHIVES)
def test_a_bad_archive_unpacks_nothing(tmp_path, kind):
    content, fault = BAD_ARCHIVES[kind]
    (tmp_path / "bad.zip").write_bytes(content)
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    with pytest.raises(CourseError) as caught:
        fetch.unpack(tmp_path / "bad.zip", folder)
    message = str(caught.value)
    assert (
        message.startswith(str(tmp_path / "bad.zip"))
        and fault in message
        and "Nothing was unpacked. Delete it" in message
    )
    assert list(folder.iterdir()) == [] and sorted(path.name for path in tmp_path.iterdir()) == [
        "bad.zip",
        "deep",
    ]


@pytest.mark.parametrize(
    "bound, value, fault",
    [
        ("MAX_FILES", 1, "it contains 2 members, more than 1"),
        ("MAX_UNPACKED", 99_999, "would unpack to 0.1 MB"),
    ],
)
def test_bounds_of_an_archive(tmp_path, monkeypatch, bound, value, fault):
    monkeypatch.setattr(fetch, bound, value)
    (tmp_path / "large.zip").write_bytes(zip_bytes(CLIPS))
    with pytest.raises(CourseError, match=re.escape(fault)):
        fetch.unpack(tmp_path / "large.zip", tmp_path)


def test_a_bad_archive_that_was_published_so_is_not_remembered_as_there(site):
    content, fault = BAD_ARCHIVES["parent folder"]
    site.contents[SPEECH] = content
    site.registry["speech"]["files"][0] |= {"size": len(content), "checksum": md5(content)}
    assert fault in failure(site)
    assert fetch.found("speech", registry=site.registry) is None and litter(site.home / "speech") == [SPEECH]


# --- Weights: one file, whose checksum nobody has published ---


@pytest.fixture
def weights(site, monkeypatch, tmp_path):
    """The server also has the weights of a network of one convolution, which stands in VGG-Face's place."""
    monkeypatch.setattr(vggface, "LAYERS", {"conv1_1": 64})
    site.contents[WEIGHTS] = weights_bytes(tmp_path / "made.h5", 1)
    common = site.registry["speech"] | {"licence": "research only"}
    site.registry["weights"] = common | {"files": [{"name": WEIGHTS, "size": 20_000}]}
    return site.home / "weights" / WEIGHTS


def test_weights_are_downloaded_read_and_not_asked_for_again(site, weights, capsys):
    assert get(site, "weights") == weights.parent == fetch.found("weights", site.registry)
    assert weights.read_bytes() == site.contents[WEIGHTS]
    assert "research only" in capsys.readouterr().out
    assert sorted(path.name for path in weights.parent.iterdir()) == ["fetched.json", WEIGHTS]
    asked = len(site.log)
    assert get(site, "weights", actors=3) and len(site.log) == asked
    assert fetch.describe(site.registry).set_index("name")["present"]["weights"] == "all"


def test_the_hash_of_the_first_weights_is_kept_and_another_warns(site, weights, tmp_path):
    first = hashlib.sha256(site.contents[WEIGHTS]).hexdigest()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        get(site, "weights")
        weights.unlink()
        get(site, "weights")  # the same again
    site.contents[WEIGHTS] = weights_bytes(tmp_path / "other.h5", 2)
    other = hashlib.sha256(site.contents[WEIGHTS]).hexdigest()
    for _ in range(2):  # the first stays the measure
        weights.unlink()
        with pytest.warns(UserWarning, match=f"sha256:{other}, the first was sha256:{first}"):
            get(site, "weights")
    assert json.loads((weights.parent / fetch.MANIFEST).read_text())[WEIGHTS]["sha256"] == first


def test_a_broken_download_of_weights_goes_on_where_it_stopped(site, weights):
    site.plan[WEIGHTS] = [serve, break_off, serve]  # the first answer is asked for its size alone
    get(site, "weights")
    assert weights.read_bytes() == site.contents[WEIGHTS] and [code for _, _, code, _ in site.log] == [
        200,
        200,
        206,
    ]


@pytest.mark.parametrize(
    "answer, expected",
    [
        (web_page, "the server sent a web page"),
        (status(404), "answered 404"),
        (wrong_bytes, "not an HDF5 file"),
        (too_short, "cut short or damaged"),
        (lambda site, request: request.answer(200, b"", length=False), "the size of the file"),
    ],
)
def test_what_is_not_the_network_is_not_kept(site, weights, answer, expected):
    site.plan[WEIGHTS] = [answer]
    message = failure(site, "weights")
    assert expected in message
    assert_tells_the_way_by_hand(message, site, weights.parent, WEIGHTS)
    assert litter(weights.parent) == [] and fetch.found("weights", site.registry) is None
    site.plan.clear()
    assert get(site, "weights")


def test_weights_put_there_by_hand_are_read_and_used(site, weights):
    weights.parent.mkdir(parents=True)
    weights.write_bytes(site.contents[WEIGHTS])
    assert get(site, "weights") == weights.parent and site.log == []
    assert json.loads((weights.parent / fetch.MANIFEST).read_text())[WEIGHTS]["sha256"]


def test_wrong_weights_put_there_by_hand_are_refused_and_left_alone(site, weights):
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"<html>")
    message = failure(site, "weights")
    assert message.startswith(f"{weights}: it is a web page") and site.log == []
    assert weights.read_bytes() == b"<html>" and fetch.found("weights", site.registry) is None


# --- One file with a checksum, used as it comes ---

MODEL = "model.task"


@pytest.fixture
def model(site):
    """A zip under another ending, as MediaPipe's model is."""
    site.contents[MODEL] = zip_bytes({"face.tflite": np.random.default_rng(0).bytes(50_000)})
    sha256 = hashlib.sha256(site.contents[MODEL]).hexdigest()
    site.registry["model"] = site.registry["speech"] | {
        "files": [{"name": MODEL, "size": len(site.contents[MODEL]), "checksum": f"sha256:{sha256}"}]
    }
    return site.home / "model" / MODEL


def test_a_model_is_downloaded_verified_left_whole_and_not_asked_for_again(site, model):
    for _ in (1, 2):
        assert get(site, "model") == model.parent == fetch.found("model", registry=site.registry)
    assert model.read_bytes() == site.contents[MODEL] and len(site.log) == 1
    assert sorted(litter(model.parent)) == ["fetched.json", MODEL]


def test_a_broken_download_of_a_model_goes_on_where_it_stopped(site, model):
    site.plan[MODEL] = [break_off, serve]
    get(site, "model")
    assert [code for _, _, code, _ in site.log] == [200, 206] and site.log[1][3] < len(site.contents[MODEL])
    assert model.read_bytes() == site.contents[MODEL]


@pytest.mark.parametrize(
    "answer, expected",
    [(wrong_bytes, "SHA256 hash"), (web_page, "the server sent a web page"), (status(404), "answered 404")],
    ids=["other bytes", "web page", "404"],
)
def test_a_model_that_is_not_the_declared_one_is_not_kept(site, model, answer, expected):
    site.plan[MODEL] = [answer]
    message = failure(site, "model")
    assert expected in message and not model.exists()
    assert_tells_the_way_by_hand(message, site, model.parent, MODEL)


def test_a_model_put_there_by_hand_is_verified(site, model):
    model.parent.mkdir(parents=True)
    model.write_bytes(site.contents[MODEL][:-1])
    assert "it is not the published file" in failure(site, "model") and not fetch.found(
        "model", site.registry
    )
    model.write_bytes(site.contents[MODEL])
    assert get(site, "model") == model.parent and site.log == []


def test_unpacking_into_a_folder_in_use_leaves_the_rest_alone(tmp_path):
    (tmp_path / "set.zip").write_bytes(zip_bytes(CLIPS))
    (tmp_path / "Actor_01").mkdir()
    (tmp_path / "Actor_01" / "mine.txt").write_text("mine")
    assert fetch.unpack(tmp_path / "set.zip", tmp_path) == list(CLIPS)
    assert clips_in(tmp_path) == CLIPS and (tmp_path / "Actor_01" / "mine.txt").read_text() == "mine"


def test_no_space_to_unpack(tmp_path, monkeypatch):
    (tmp_path / "set.zip").write_bytes(zip_bytes(CLIPS))
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: types.SimpleNamespace(free=10))
    with pytest.raises(CourseError, match=r"the disk is too full: 0\.1 MB are needed"):
        fetch.unpack(tmp_path / "set.zip", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["set.zip"]


def test_weights_that_were_replaced_in_place_are_noticed_although_nothing_is_to_fetch(tmp_path):
    path = tmp_path / vggface.FILE
    path.write_bytes(b"another")
    (tmp_path / fetch.MANIFEST).write_text(
        json.dumps({path.name: {"actors": list(range(1, 25)), "files": [path.name], "sha256": "0" * 64}})
    )
    with pytest.warns(UserWarning, match="another file than the one that was downloaded first"):
        assert fetch.fetch("vggface", tmp_path) == tmp_path


def test_the_course_names_itself_to_the_server():
    agent = download.session().headers["User-Agent"]
    assert re.fullmatch(r"affective-computing-course-companion/\d+\.\d+\.\d+( \(\+https://\S+\))?", agent)


@pytest.mark.parametrize("kind", ["time", "seconds"])
def test_a_server_that_counts_requests_is_waited_for(site, slept, kind):
    reset = {"time": str(int(time.time()) + 9), "seconds": "9"}[kind]
    site.plan[SPEECH] = [status(429, {"X-RateLimit-Reset": reset}), serve]
    assert clips_in(get(site)) == CLIPS and any(7 < pause <= 9 for pause in slept)


def test_a_server_that_refuses_programs_is_not_asked_again_and_a_browser_is_advised(site):
    site.plan[SPEECH] = [status(403)]
    message = failure(site)
    assert "it refuses this program" in message and "A browser may be let in" in message
    assert "Run again to continue" not in message
