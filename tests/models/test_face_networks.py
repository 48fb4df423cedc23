"""Networks for faces: built, kept, loaded and asked, and what is refused."""

from types import SimpleNamespace

import numpy as np
import pytest

from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import ferplus
from course_lib.models import face_networks, networks, presets, training

# --- answers and scores ---

EMOTION_NET = SimpleNamespace(name="emotion_net")  # in its place where `training.predict` is stood in for


def test_an_answer_is_the_mean_of_ten_views(monkeypatch):
    """The pixel three from the left in the top row, of the face, of the face moved to four sides, and
    mirrored.
    """
    asked = []
    monkeypatch.setattr(
        training,
        "predict",
        lambda network, X, compiled: asked.append(X) or X[:, 0, 3:4, 0].astype(np.float32),
    )
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    found = face_networks.predict(EMOTION_NET, faces)
    seen = [(0, 3), (2, 3), (2, 3), (0, 1), (0, 5), (0, 44), (2, 44), (2, 44), (0, 42), (0, 46)]
    np.testing.assert_allclose(
        found, [[np.mean([face[place] for place in seen])] for face in faces], rtol=1e-6
    )
    assert asked[0].shape == (20, 48, 48, 1) and len({view.tobytes() for view in asked[0]}) == 20


def test_many_faces_are_asked_some_at_a_time(monkeypatch):
    """So that the memory does not grow with them; each gets its own answer all the same."""
    asked = []
    monkeypatch.setattr(
        training, "predict", lambda network, X, compiled: asked.append(len(X)) or X.mean(axis=(1, 2))
    )
    faces = np.full((1100, 48, 48), 7, np.uint8) + (np.arange(1100) % 11).astype(np.uint8)[:, None, None]
    np.testing.assert_allclose(face_networks.predict(EMOTION_NET, faces)[:, 0], 7 + np.arange(1100) % 11)
    assert asked == [5120, 5120, 760]


def test_a_network_without_moves_is_asked_once(monkeypatch):
    monkeypatch.setattr(training, "predict", lambda network, X, compiled: X[:, 0, :2, 0].astype(np.float32))
    monkeypatch.setitem(presets.RECIPES, "emotion_net", presets.RECIPES["emotion_net"]._replace(tta=0))
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    np.testing.assert_array_equal(face_networks.predict(EMOTION_NET, faces), faces[:, 0, :2])


def test_the_fraction_that_is_called_a_face_is_counted(monkeypatch):
    monkeypatch.setattr(face_networks, "predict", lambda network, images: np.eye(2)[[0, 1, 1, 1]])
    assert face_networks.called_face(EMOTION_NET, np.zeros((4, 48, 48), np.uint8)) == 0.75


def test_the_rate_of_a_published_network_falls_to_nothing():
    """In the middle of its training it is half of what it was, and at the end the weights stand still."""
    network = face_networks.build("emotion_cnn6", steps=4)
    X, y = np.zeros((2, 48, 48, 1), np.float32), np.eye(7, dtype=np.float32)[:2]
    rates = []
    for _ in range(4):
        network.train_on_batch(X, y)
        rates.append(float(network.optimizer.learning_rate))
    assert rates[1] == pytest.approx(0.5e-3) and rates[3] == pytest.approx(0, abs=1e-9)
    again = face_networks.build("emotion_cnn6", 4, rate=2e-4)  # the highest rate of another course
    assert float(again.optimizer.learning_rate) == pytest.approx(2e-4)


def test_weights_are_rounded_to_float16_but_for_vectors(tmp_path):
    network = networks.face_or_not()
    face_networks.save(network, tmp_path / "weights.npz")
    again = face_networks.load(tmp_path / "weights.npz").get_weights()
    for kept, weight in zip(again, network.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight.astype(np.float16) if weight.ndim > 1 else weight)
    assert (tmp_path / "weights.npz").stat().st_size < 2 * network.count_params() + 30_000


def test_each_output_of_a_network_is_loaded_alone(tmp_path):
    network = face_networks.build("emotion_net", two_outputs=True)
    path = tmp_path / "weights.npz"
    face_networks.save(network, path)
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    rows = training.predict(network, faces[..., np.newaxis])
    halves = {"label": rows[:, :7], "raters": rows[:, 7:]}
    for output, half in halves.items():
        found = face_networks.load(path, output)
        assert face_networks.classes(found) == (ferplus.CLASSES if output == "raters" else EMOTIONS)
        np.testing.assert_allclose(face_networks.predict(found, faces, tta=0), 2 * half, atol=5e-3)
    assert face_networks.load(path).name == "emotion_net"
    with pytest.raises(CourseError, match=r"output 'rater'.*Did you mean 'raters'"):
        face_networks.load(path, "rater")


def test_a_network_with_one_output_has_no_raters(tmp_path):
    face_networks.save(networks.face_or_not(), tmp_path / "weights.npz")
    with pytest.raises(CourseError, match="the network 'face_or_not' has no output 'raters'"):
        face_networks.load(tmp_path, "raters")


# --- what is refused ---


def test_a_network_that_was_not_trained_says_how_to(own_home):
    with pytest.raises(CourseError, match=r"gudi_cnn: it was not trained.*course train gudi_cnn --data"):
        face_networks.load("gudi_cnn")


def test_weights_that_are_damaged_or_of_another_network_are_refused(tmp_path):
    path = tmp_path / "weights.npz"
    face_networks.save(networks.face_or_not(), path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CourseError, match=r"weights.npz: it cannot be read as weights"):
        face_networks.load(path)
    np.savez(path, network=np.array("face_or_not"), w0=np.zeros(3))
    with pytest.raises(CourseError, match="do not fit the network 'face_or_not'"):
        face_networks.load(path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"\x93NUMPY" + path.read_bytes()[6:]),
        lambda path: np.save(path.open("wb"), np.zeros(3)),
        lambda path: path.write_bytes(b""),
    ],
    ids=["another magic", "a npy", "empty"],
)
def test_no_damage_of_weights_is_a_traceback(tmp_path, damage):
    face_networks.save(networks.face_or_not(), tmp_path / "weights.npz")
    damage(tmp_path / "weights.npz")
    with pytest.raises(CourseError, match="cannot be read as weights"):
        face_networks.load(tmp_path / "weights.npz")


def test_flipped_bytes_and_nan_are_refused(tmp_path):
    network = networks.face_or_not()
    face_networks.save(network, tmp_path / "weights.npz")
    content, whole = (
        (tmp_path / "weights.npz").read_bytes(),
        face_networks.load(tmp_path / "weights.npz").get_weights(),
    )
    for place in range(1000, len(content), len(content) // 12):
        (tmp_path / "flipped.npz").write_bytes(
            content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]
        )
        try:
            kept = face_networks.load(tmp_path / "flipped.npz").get_weights()
        except CourseError:
            continue
        assert all(
            np.array_equal(*pair) for pair in zip(kept, whole, strict=True)
        )  # a date, which nothing reads
    network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
    face_networks.save(network, tmp_path / "weights.npz")
    with pytest.raises(CourseError, match="or contain NaN or infinity"):
        face_networks.load(tmp_path / "weights.npz")


@pytest.mark.parametrize("model", ["nothing.npz", "some/folder", "~/nothing.npz"])
def test_a_missing_file_of_weights_has_a_clear_error(model):
    with pytest.raises(CourseError, match="there is no such file of weights"):
        face_networks.weights_of(model)


def test_a_file_of_a_networks_name_does_not_hide_the_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    (tmp_path / "face").write_text("notes")
    assert face_networks.weights_of("face").parent == presets.SHIPPED


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 48, 48)), *(np.zeros(shape, np.uint8) for shape in ((2, 64, 64), (48, 48), (0, 48, 48)))],
    ids=["0 to 1", "64 x 64", "one", "none"],
)
def test_faces_of_another_kind_are_refused(images):
    with pytest.raises(CourseError, match=r"faces uint8 \(n, 48, 48\) are expected"):
        face_networks.predict(networks.face_or_not(), images)
