"""CREMA-D's recordings, one by one, from a server on this machine; and Whisper's single file."""

import errno
import hashlib
import threading
import time
import types

import file_server
import numpy as np
import pytest
from file_server import break_off, serve, status, web_page, wrong_bytes
from tqdm import tqdm

from course_lib import load
from course_lib.core.errors import CourseError
from course_lib.datasets import crema_d, download, fetch, file_by_file

NAMES = {
    f"{actor}_{sentence}_{emotion}_XX.wav": (actor, word)
    for actor in (1001, 1002, 1003)
    for sentence in ("DFA", "TIE")
    for emotion, word in (("ANG", "angry"), ("HAP", "happy"))
}
FIRST = next(iter(NAMES))
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:c6f9\nsize 72862\n"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A server with twelve recordings, and a registry that declares them like CREMA-D."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(download, "BACKOFF", 0)
    monkeypatch.setattr(download, "CHUNK", 4096)
    with file_server.running(home=tmp_path / "home", folder=tmp_path / "home" / "crema-d") as site:
        site.contents |= {name: np.random.default_rng(n).bytes(20_000) for n, name in enumerate(NAMES)}
        files = [
            {
                "name": f"AudioWAV/{name}",
                "size": 20_000,
                "checksum": "sha256:" + hashlib.sha256(site.contents[name]).hexdigest(),
                "actors": [actor],
                "emotion": emotion,
            }
            for name, (actor, emotion) in NAMES.items()
        ]
        entry = {
            "title": "CREMA-D",
            "licence": "ODbL 1.0",
            "citation": "Cao et al. (2014)",
            "page": f"{site.base}/page",
            "url": f"{site.base}/media/{{name}}",
            "note": "Left out: one clip.",
            "file_by_file": True,
        }
        site.registry = {"crema-d": entry | {"files": files}}
        yield site


def get(site, **options):
    return fetch.fetch("crema-d", registry=site.registry, **options)


def failure(site, **options):
    with pytest.raises(CourseError) as caught:
        get(site, **options)
    return str(caught.value)


def here(site):
    return {path.name: path.read_bytes() for path in sorted(site.folder.rglob("*.wav"))}


def others(site):
    """Names of files in the folder that are no finished recordings."""
    return [path.name for path in site.folder.rglob("*.*") if path.suffix != ".wav"]


def asked(site):
    return [name for name, *_ in site.log]


# --- What is declared ---


def test_crema_d_is_declared_with_all_official_checksums():
    entry = fetch.load_registry()["crema-d"]
    official = crema_d.checksums()
    assert len(entry["files"]) == 7439 and sum(file["size"] for file in entry["files"]) == 605_686_258
    assert "7,439 wav files" in entry["title"] and "ODbL" in entry["licence"] and "DbCL" in entry["licence"]
    first, row = entry["files"][0], official.iloc[0]
    assert first == {
        "name": f"AudioWAV/{row['recording']}.wav",
        "size": row["bytes"],
        "checksum": f"sha256:{row['sha256']}",
        "actors": [1001],
        "emotion": "angry",
    }
    assert entry["url"].format(name=first["name"]) == (
        "https://media.githubusercontent.com/media/CheyneyComputerScience/CREMA-D/master/"
        "AudioWAV/1001_DFA_ANG_XX.wav"
    )


def test_the_clips_without_a_checksum_are_named_and_not_fetched():
    entry = fetch.load_registry()["crema-d"]
    files = {file["name"] for file in entry["files"]}
    missing = set(crema_d.votes()["recording"]) - {name[9:-4] for name in files}
    assert len(missing) == 3 and all(recording in entry["note"] for recording in missing)


def test_a_copy_of_the_course_without_crema_d_does_not_offer_it(monkeypatch):
    monkeypatch.setattr(fetch.embedded, "names", lambda: ["emodb"])
    assert "crema-d" not in fetch.load_registry() and "vggface" in fetch.load_registry()


def test_the_names_of_actors_and_emotions_are_those_of_the_file_names():
    for file in fetch.load_registry()["crema-d"]["files"][::500]:
        fields = crema_d.parse_name(file["name"])
        assert ([fields["actor"]], fields["emotion"]) == (file["actors"], file["emotion"])


# --- All is well ---


def test_all_recordings_come_and_none_is_asked_for_again(site, capsys):
    assert fetch.found("crema-d", site.registry) is None
    assert get(site) == site.folder == fetch.found("crema-d", site.registry)
    assert here(site) == site.contents and others(site) == []
    printed = capsys.readouterr().out
    assert "ODbL 1.0" in printed and "0.2 MB in 12 file(s)" in printed and "Left out: one clip." in printed
    assert sorted(asked(site)) == sorted(NAMES)
    assert get(site) == site.folder and len(site.log) == 12
    assert fetch.describe(site.registry)["present"].item() == "all"


def test_the_reader_takes_the_folder_that_is_found(site):
    get(site)
    table = crema_d.table(fetch.found("crema-d", site.registry))
    assert len(table) == 12 and set(table["emotion"]) == {"angry", "happy"}
    clips = load.clips("crema_d", site.folder, [1002], ["happy"], modality="audio-only")
    assert set(clips["recording"]) == {"1002_DFA_HAP_XX", "1002_TIE_HAP_XX"}


def test_only_some_actors_and_emotions_and_later_the_rest(site):
    get(site, actors=[1001, 1003], emotions="happy")
    assert set(here(site)) == {name for name in NAMES if "HAP" in name and not name.startswith("1002")}
    assert fetch.describe(site.registry)["present"].item() == "4 of 12 files"
    get(site)
    assert here(site) == site.contents and len(site.log) == 12


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"actors": [1001, 7]}, "crema-d has no such actor: 7. Choose numbers from 1001 to 1003"),
        ({"actors": []}, "no such actor: an empty list"),
        ({"emotions": ["calm"]}, "crema-d has no such emotion: calm. Choose angry, happy"),
    ],
)
def test_an_actor_or_an_emotion_that_is_not_there(site, options, expected):
    assert expected in failure(site, **options) and site.log == []


def test_other_sets_are_not_fetched_by_emotion():
    with pytest.raises(CourseError, match="ravdess-speech cannot be fetched by emotion"):
        fetch.fetch("ravdess-speech", emotions=["angry"])


def test_at_most_four_at_the_same_time(site):
    busy, most, lock = [0], [0], threading.Lock()

    def slow(site, request):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        time.sleep(0.02)
        with lock:
            busy[0] -= 1
        serve(site, request)

    site.plan = {name: [slow] for name in NAMES}
    get(site)
    assert here(site) == site.contents and 2 <= most[0] <= 4 == file_by_file.THREADS


def test_a_no_downloads_nothing(site, monkeypatch, capsys):
    monkeypatch.setattr(fetch, "ASK_ABOVE", 1000)
    assert get(site, ask=lambda question: "n") is None and site.log == []
    assert "Nothing was downloaded" in capsys.readouterr().out


# --- One file fails ---


@pytest.mark.parametrize(
    "answer, reason",
    [
        (status(404), "the server answered 404"),
        (wrong_bytes, "the downloaded file does not have the official checksum"),
        (web_page, "the server sent a web page"),
        (lambda site, request: request.answer(200, POINTER), "the server sent a Git LFS pointer"),
        (lambda site, request: request.answer(200, b"x" * 900), "the server's file has 900 bytes"),
        (lambda site, request: request.answer(200, b"x" * 30_000), "the server's file has 30000 bytes"),
    ],
    ids=["404", "wrong bytes", "web page", "LFS pointer", "short", "long"],
)
def test_one_failing_file_is_left_out_listed_and_fetched_by_the_next_run(site, capsys, answer, reason):
    site.plan[FIRST] = [answer]
    assert get(site, actors=[1001, 1002]) == site.folder
    assert FIRST not in here(site) and len(here(site)) == 7 and others(site) == []
    printed = capsys.readouterr().out
    assert "7 of 8 files are here and verified. 1 failed:" in printed
    assert f"AudioWAV/{FIRST}: {reason}" in printed
    assert "run: course fetch crema-d --actors 1001,1002\n" in printed
    site.plan.clear()
    site.log.clear()
    get(site, actors=[1001, 1002])
    assert here(site)[FIRST] == site.contents[FIRST] and asked(site) == [FIRST]


def test_a_long_list_of_failures_is_cut(site, capsys, monkeypatch):
    monkeypatch.setattr(fetch, "SHOWN", 2)
    site.plan = {name: [status(404)] for name in list(NAMES)[:5]}
    get(site, folder=site.home / "my clips", emotions=["angry", "happy"])
    printed = capsys.readouterr().out
    assert "5 failed" in printed and printed.count("answered 404") == 2 and "… and 3 more" in printed
    assert f"course fetch crema-d --emotions angry,happy --folder '{site.home / 'my clips'}'" in printed


def test_nothing_came_is_an_error(site):
    site.plan = {name: [status(404)] for name in NAMES}
    message = failure(site)
    assert "no file could be downloaded (the server answered 404" in message
    assert message.endswith("Run again: course fetch crema-d") and here(site) == {}


def test_many_failures_in_a_row_stop_the_download(site, monkeypatch):
    monkeypatch.setattr(file_by_file, "GIVE_UP", 3)
    monkeypatch.setattr(file_by_file, "THREADS", 1)
    site.plan = {name: [status(403)] for name in list(NAMES)[2:]}
    message = failure(site)
    assert "3 files in a row could not be downloaded (the server answered 403" in message
    assert "run again later" in message and len(here(site)) == 2 and len(site.log) < 12


# --- Interrupted ---


def test_a_broken_file_goes_on_where_it_stopped(site):
    site.plan[FIRST] = [break_off, serve]
    get(site)
    assert here(site) == site.contents
    (_, _, first, _), (_, start, second, sent) = [asked for asked in site.log if asked[0] == FIRST]
    assert (first, second) == (200, 206) and sent == 20_000 - int(start[6:-1]) < 20_000


def test_an_interrupted_run_keeps_whole_files_and_the_next_gets_the_rest(site, monkeypatch):
    class Interrupted(tqdm):
        def update(self, n=1):
            super().update(n)
            if self.n >= 60_000:
                raise KeyboardInterrupt

    monkeypatch.setattr(file_by_file, "THREADS", 1)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(file_by_file, "progress", lambda iterable=None, **how: Interrupted(iterable, **how))
        get(site)
    kept = here(site)
    assert 3 <= len(kept) < 12 and all(site.contents[name] == kept[name] for name in kept)
    assert others(site) == []
    site.log.clear()
    get(site)
    assert here(site) == site.contents and sorted(asked(site)) == sorted(set(NAMES) - set(kept))


def test_part_of_another_file_is_found_out_and_does_not_come_back(site, capsys):
    part = site.folder / "AudioWAV" / f"{FIRST}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 5000)
    get(site)
    assert "does not have the official checksum" in capsys.readouterr().out and others(site) == []
    get(site)
    assert here(site) == site.contents


# --- Files that are there already ---


def put(site, content):
    path = site.folder / "AudioWAV" / FIRST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_file_put_there_by_hand_is_verified_and_used(site):
    put(site, site.contents[FIRST])
    get(site)
    assert here(site) == site.contents and FIRST not in asked(site)


def test_a_pointer_of_a_clone_is_replaced_by_the_recording(site):
    put(site, POINTER)
    assert fetch.found("crema-d", site.registry) is None
    get(site)
    assert here(site) == site.contents


@pytest.mark.parametrize("content", [b"mine", bytes(20_000)], ids=["another size", "the same size"])
def test_another_file_is_refused_and_left_alone(site, capsys, content):
    path = put(site, content)
    assert get(site) == site.folder and path.read_bytes() == content
    printed = capsys.readouterr().out
    assert f"AudioWAV/{FIRST}: another file with this name is there: delete it" in printed
    assert "11 of 12 files are here and verified" in printed
    get(site)
    assert "1 failed" in capsys.readouterr().out and len(site.log) == 11
    path.unlink()
    get(site)
    assert here(site) == site.contents


# --- The disk ---


def test_too_little_space_is_seen_before_the_download(site, monkeypatch):
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: types.SimpleNamespace(free=150_000))
    assert "0.2 MB are needed, 0.1 MB are free" in failure(site) and site.log == []


def test_a_disk_that_fills_up_stops_the_download_and_keeps_what_came(site, monkeypatch):
    def full(source, target):
        if len(here(site)) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return replace(source, target)

    replace = file_by_file.os.replace
    monkeypatch.setattr(file_by_file, "THREADS", 1)
    with monkeypatch.context() as patch:
        patch.setattr(file_by_file.os, "replace", full)
        message = failure(site)
    assert "No space left on device" in message and "Free some space, and run again" in message
    assert len(here(site)) == 3 and len(site.log) < 12
    get(site)
    assert here(site) == site.contents


# --- Whisper's weights: one file, whose checksum is in its address ---


def test_whisper_base_is_declared_as_openai_names_it():
    entry = fetch.load_registry()["whisper-base"]
    [file] = entry["files"]
    digits = file["checksum"].removeprefix("sha256:")
    assert len(digits) == 64 and entry["url"].split("/")[-2] == digits
    assert entry["url"].format(name=file["name"]).endswith("/base.pt")
    assert entry["licence"].startswith("MIT") and "Radford" in entry["citation"]


def test_whisper_base_comes_into_its_own_folder_and_goes_on_where_it_stopped(site, capsys):
    content = np.random.default_rng(0).bytes(50_000)
    checksum = "sha256:" + hashlib.sha256(content).hexdigest()
    entry = fetch.load_registry()["whisper-base"] | {
        "url": f"{site.base}/models/{checksum[7:]}/{{name}}",
        "files": [{"name": "base.pt", "size": len(content), "checksum": checksum}],
    }
    site.contents["base.pt"] = content
    site.plan["base.pt"] = [break_off, serve]
    folder = fetch.fetch("whisper-base", registry={"whisper-base": entry})
    assert folder == site.home / "whisper" == fetch.found("whisper-base", {"whisper-base": entry})
    assert (folder / "base.pt").read_bytes() == content and [code for _, _, code, _ in site.log] == [200, 206]
    assert "MIT" in capsys.readouterr().out
    fetch.fetch("whisper-base", registry={"whisper-base": entry})
    assert len(site.log) == 2


def test_another_whisper_is_not_kept(site):
    entry = fetch.load_registry()["whisper-base"] | {"url": f"{site.base}/{{name}}"}
    entry["files"] = [entry["files"][0] | {"size": 1000}]
    site.contents["base.pt"] = bytes(1000)
    with pytest.raises(CourseError, match="SHA256 hash"):
        fetch.fetch("whisper-base", registry={"whisper-base": entry})
    assert not (site.home / "whisper" / "base.pt").exists()
