"""The demo's server without a browser: pictures, pieces of sound, uploads of any kind, and settings."""

import json

import cv2
import numpy as np
import pytest
import soundfile
from demo_pieces import FACE, WALL
from PIL import Image

from course_lib.core.labels import EMOTIONS
from course_lib.demo import live, moments, server, uploads
from course_lib.plots.colours import EMOTION_STYLES

testclient = pytest.importorskip("starlette.testclient", reason="the demo's extra is not installed")


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "files"))
    (tmp_path / "files").mkdir()
    yield testclient.TestClient(server.app("this machine"))
    assert not list((tmp_path / "files").iterdir())


@pytest.fixture
def visitor(client):
    return f"/visitor/{client.post('/visitor').json()['visitor']}"


def jpeg(frame):
    return cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes()


def piece(seconds, rate=16000, level=0.2):
    samples = level * np.sin(np.arange(round(seconds * rate)) / 9)
    return (32767 * samples).astype("<i2").tobytes()


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client.get("/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "://" not in page.text and "this machine" in page.text and "[[W" not in page.text
    for name, kind in server.FILES.items():
        file = client.get(f"/{name}")
        assert file.headers["content-type"].startswith(kind) and "http://" not in file.text.replace(
            "http://www.w3.org/2000/svg", ""
        )
    assert client.get("/server.py").status_code == 404 and client.get("/../pyproject.toml").status_code == 404


def test_each_emotion_has_the_colour_of_the_courses_figures(client):
    css = client.get("/looks.css").text.lower().replace(" ", "")
    light = css[: css.index("@media")]
    for emotion in EMOTIONS:
        assert f"--{emotion}:{EMOTION_STYLES[emotion][0].lower()}" in light


def test_a_picture_gets_a_box_and_probabilities(client, visitor):
    found = client.post(f"{visitor}/see?look=1", content=jpeg(FACE)).json()
    assert 70 < found["box"][2] < 200 and found["size"] == [400, 300] and found["faces"] == 1
    assert sum(found["face"]) == pytest.approx(1, abs=0.01) and found["voice"] is None
    assert len(found["seen"]["crop"]) == 48 * 48 and max(found["seen"]["heat"]) == 1
    assert found["spoken"] == found["words"] and found["listening"] == "no sound"
    nobody = client.post(f"{visitor}/see", content=jpeg(WALL[:, :200])).json()
    assert nobody["box"] is None and nobody["answer"] == moments.NOTHING and nobody["fused"] is None


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0" + bytes(90), bytes(3_000_000)])
def test_an_odd_picture_is_a_sentence(client, visitor, data):
    assert client.post(f"{visitor}/see", content=data).json() == {"problem": "The camera gives no image."}


def test_sound_that_comes_late_still_counts(client, visitor, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(live.time, "monotonic", lambda: clock[0])
    for number in range(5):
        found = client.post(f"{visitor}/hear?rate=16000&start={number / 2}", content=piece(0.5)).json()
        clock[0] += 4  # each piece comes four seconds late
    assert found["voice"] is not None and found["listening"] == "heard"
    assert client.post(f"{visitor}/see", content=jpeg(WALL)).json()["voice"] is not None


def test_the_page_says_how_much_it_has_heard(client, visitor):
    first = client.post(f"{visitor}/hear?rate=16000&start=0", content=piece(1)).json()
    assert first["listening"] == "listening 1.0 of 2.5 s" and first["voice"] is None
    gap = client.post(f"{visitor}/hear?rate=16000&start=5", content=piece(0.5)).json()
    assert gap["listening"] == "listening 0.5 of 2.5 s"
    quiet = client.post(f"{visitor}/hear?rate=16000&start=5.5", content=piece(2, level=0.0005)).json()
    assert quiet["listening"] == "too quiet" and quiet["voice"] is None
    client.post(f"{visitor}/silence")
    assert client.post(f"{visitor}/see", content=jpeg(WALL)).json()["listening"] == "no sound"


@pytest.mark.parametrize("query", ["rate=1&start=0", "rate=999999&start=0", "rate=x&start=0", ""])
def test_odd_sound_is_left_out(client, visitor, query):
    assert client.post(f"{visitor}/hear?{query}", content=piece(1)).json() == {}


def test_nothing_is_analysed_for_an_unknown_visitor(client):
    for what, data in (("see", jpeg(FACE)), ("hear?rate=16000&start=0", piece(1))):
        assert "away for too long" in client.post(f"/visitor/nobody/{what}", content=data).json()["problem"]


def test_a_visitor_who_leaves_or_is_silent_for_long_is_forgotten(client, visitor, monkeypatch):
    visitors = client.app.state.visitors
    client.post(f"{visitor}/leave")
    assert not visitors
    client.post("/visitor")
    later = server.time.monotonic() + server.FORGOTTEN + 1
    monkeypatch.setattr(server.time, "monotonic", lambda: later)
    client.post("/visitor")
    assert len(visitors) == 1


def test_settings_change_the_answer(client, visitor):
    picture = jpeg(FACE)
    assert client.post(f"{visitor}/settings", json={"threshold": 1, "face": 1}).json() == {}
    strict = client.post(f"{visitor}/see", content=picture).json()
    client.post(f"{visitor}/settings", json={})
    fitted = client.post(f"{visitor}/see", content=picture).json()
    assert fitted["answer"] == "happy" and strict["answer"] == moments.UNSURE and strict["threshold"] == 1
    assert "between happy and" in strict["words"]


@pytest.mark.parametrize("body", ['{"threshold": 2}', '{"face": -1}', "[]", "no json", '{"face": "x"}'])
def test_odd_settings_are_a_sentence(client, visitor, body):
    assert client.post(f"{visitor}/settings", content=body).json()["problem"]


def test_a_picture_with_two_faces_gets_two_boxes(client, tmp_path):
    Image.fromarray(np.hstack([FACE, FACE[:, ::-1]])).save(tmp_path / "two.png")
    found = client.post("/file?name=two.png", content=(tmp_path / "two.png").read_bytes()).json()
    assert found["kind"] == "image" and len(found["faces"]) == 2 and "2 faces" in found["verdict"]
    left, right = (one["box"][0] + one["box"][2] / 2 for one in found["faces"])
    assert left + right == pytest.approx(800 * found["size"][0] / 800, abs=12)


def test_a_picture_without_a_face_says_so(client, tmp_path):
    Image.fromarray(WALL).save(tmp_path / "wall.jpg")
    found = client.post("/file?name=wall.jpg", content=(tmp_path / "wall.jpg").read_bytes()).json()
    assert found["faces"] == [] and found["verdict"] == "No face was found in the picture."


def test_a_recording_is_judged_again_with_other_settings(client, tmp_path):
    soundfile.write(tmp_path / "a.wav", 0.3 * np.sin(np.arange(48000) / 9), 16000)
    data = (tmp_path / "a.wav").read_bytes()
    found = client.post("/file?name=a.wav", content=data).json()
    assert found["kind"] == "audio" and found["csv"].startswith("time,x,y,w,h,")
    rows = {name: found[name] for name in ("time", "box", "face", "voice")}
    raw = client.post("/judge", json=rows | {"settings": {"temperature": False}}).json()
    same = client.post("/judge", json=rows | {"settings": {}}).json()
    np.testing.assert_allclose(same["voice"], found["voice"], atol=1e-3)
    # The voice's fitted temperature is above 1: without it the other probabilities fall.
    assert 0.001 < found["voice"][0][0] and raw["voice"][0][0] < found["voice"][0][0] / 5
    assert client.post("/judge", json={"time": []}).json()["problem"]


def test_a_name_from_outside_is_shortened_and_loses_odd_characters(client):
    for name in ("../../etc/passwd", "a\0b.mp4", "long" * 80 + ".png", "<b>.mp4", ""):
        answer = client.post("/file", params={"name": name}, content=b"not a film").json()["problem"]
        assert "first bytes" in answer and "/" not in answer.split(":")[0] and len(answer) < 400


def test_a_file_that_is_too_large_is_refused(client, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    assert "more than" in client.post("/file?name=a.mp4", content=bytes(2000)).json()["problem"]


def test_an_unexpected_error_gives_a_message(client, monkeypatch, capsys):
    monkeypatch.setattr(moments, "analyse", lambda path: 1 / 0)
    answer = client.post("/file?name=odd.wav", content=b"RIFF\x24\x00\x00\x00WAVEfmt ").json()
    assert answer == {"problem": "odd.wav: it could not be analysed. Try another file"}
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_examples_come_with_the_course(client):
    shown = json.loads(json.dumps(list(server.examples())))
    assert len(shown) == len(server.EXAMPLES)
    for name in shown:
        assert client.get(f"/example/{name}").content[4:8] == b"ftyp"
    assert client.get("/example/passwd").status_code == 404
