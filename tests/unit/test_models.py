"""Networks trained on faces: what is trained on, what is written, what is scored, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from course_lib import cli, evaluation, results
from course_lib.authoring import ship
from course_lib.core.errors import CourseError
from course_lib.datasets import fer2013, ferplus, not_faces
from course_lib.models import card, face_networks, face_training, networks, presets, scoring
from course_lib.models.backend import keras


def some_faces(n=70, public=14, seed=0):
    """Random faces of all emotions; the first PublicTest image is also in Training, and one Training image twice."""
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n + public, 48, 48), dtype=np.uint8)
    labels = (np.arange(n + public) % 7).astype(np.uint8)
    images[0], images[8] = images[n], images[1]
    return fer2013.Faces(images, labels, np.repeat(["Training", "PublicTest"], [n, public]))


pytestmark = pytest.mark.filterwarnings("ignore:.*is not FER2013 as published")


@pytest.fixture
def data(tmp_path):
    faces = some_faces()
    np.savez(tmp_path / "faces.npz", images=faces.images, labels=faces.labels, usage=faces.usage)
    return tmp_path / "faces.npz"


@pytest.fixture
def votes(tmp_path):
    """Nine of ten raters see happiness everywhere, one anger; the last face is called no face by all."""
    table = pd.DataFrame(0, range(84), ferplus.VOTES).assign(happiness=9, anger=1)
    table.loc[83] = [0] * 9 + [10]
    table.insert(0, "Usage", some_faces().usage)
    table.to_csv(tmp_path / "votes.csv", index=False)
    return tmp_path / "votes.csv"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    short = presets.RECIPES["emotion_net"]._replace(further=((2, 0.05, 0.5), (1, 0.02, 0.2)))
    monkeypatch.setitem(presets.RECIPES, "emotion_net", short)
    return tmp_path / "home"


# --- what is trained on -----------------------------------------------------------------------------------------------

def test_no_picture_stands_on_two_sides():
    faces = some_faces()
    X, _, (validation, _) = face_training._items("emotion_cnn6", faces, seed=0)
    train, held_out, public = ({image.tobytes() for image in images}
                               for images in (X, validation, fer2013.part(faces, "PublicTest").images))
    assert not (train & held_out or train & public or held_out & public)
    assert len(X) + len(validation) == 69                                       # 70 less the one that repeats a test


def test_votes_soften_the_labels_that_are_trained_on(votes):
    hard = np.eye(7)[np.arange(84) % 7]
    happy, angry = (fer2013.EMOTIONS.index(emotion) for emotion in ("happy", "angry"))
    said = np.zeros(7)
    said[happy], said[angry] = 0.9, 0.1
    soft = face_training._softened(hard, ferplus.read_votes(votes), 0.5)
    np.testing.assert_allclose(soft[:83], 0.5 * hard[:83] + 0.5 * said, atol=1e-6)
    np.testing.assert_allclose(soft[83], hard[83])                              # no rater took it for a face
    assert face_training._softened(hard, None, 0) is hard


def test_half_of_what_face_or_not_sees_are_faces_and_none_is_of_its_test():
    faces = some_faces()
    X, shares, (validation, truth) = face_training._items("face_or_not", faces, 0)
    assert X.shape[1:] == (48, 48, 1) and shares.mean(axis=0).tolist() == truth.mean(axis=0).tolist() == [0.5, 0.5]
    known = {image.tobytes() for image in faces.images}
    assert all((image.tobytes() in known) == bool(share[1]) for image, share in zip(X, shares, strict=True))
    tested = {image.tobytes() for image in not_faces.lfw_test()[0]}
    assert not tested & {image.tobytes() for image in np.concatenate([X, validation])}


def test_a_picture_without_a_face_validates_only_where_none_was_trained_on(monkeypatch):
    others = np.arange(1, 200, dtype=np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
    monkeypatch.setattr(models.not_faces, "not_faces", lambda n, seed, faces: others[60 * seed:][:n])
    X, _, (validation, truth) = face_training._items("face_or_not", some_faces(), 0)
    known = {image.tobytes() for image in X}
    assert len(validation) and truth.mean() == 0.5 and not any(image.tobytes() in known for image in validation)


# --- train ------------------------------------------------------------------------------------------------------------

def test_train_writes_weights_history_and_card_and_only_at_the_end_looks_at_the_test(data, votes, home, monkeypatch):
    looked = []
    real = face_training._final
    monkeypatch.setattr(models, "_final", lambda *given: looked.append(1) or real(*given))
    about = face_training.train("emotion", data, votes, epochs=1)
    folder = home / "models" / "emotion_net"
    names = {path.name for path in folder.iterdir()}
    assert names == {"checkpoint.npz", "course2", "course3", "weights.npz", "training.json", "card.md"}
    assert json.loads((folder / "training.json").read_text()) == json.loads(json.dumps(about))
    assert list(about["scores"]) == ["validation"] and not looked
    assert about["trained_on"] + about["validated_on"] == 69 and about["epochs"] == 1 + 1 + 1

    final = face_training.train("emotion", data, votes, epochs=1, final=True)          # trains nothing any more
    assert final["history"] == about["history"] and list(final["scores"]) == ["validation", "PublicTest"]
    assert final["scores"]["PublicTest"]["top_1"]["n"] == 14
    card = (folder / "card.md").read_text()
    for said in ("1,915,175", "PublicTest", "of 14 = ", "95 % CI", "disgust", "F1", "No open licence",
                 "must not be used", "a share of 0.5 for 1 epochs, then 0.5 for 1 epochs, then 0.2 for 1",
                 "last layer was then learnt anew"):
        assert said in card
    assert face_networks.load("emotion").name == "emotion_net"
    assert (scoring.evaluate("emotion_net", data)["top_1"]["n"]) == 84


def test_courses_follow_each_other_and_the_labels_have_the_last_word(data, votes, home, monkeypatch):
    """Each course begins with the weights that the one before came to; the last layer is learnt on the labels alone."""
    calls, last = [], []

    def fit(network, X, y, batch_size, epochs, *more, **options):
        calls.append((y, epochs, network.get_weights()[0]))
        network.set_weights([weight + 1 for weight in network.get_weights()])
        return {"loss": [1.0] * epochs, "val_accuracy": [0.5] * epochs}

    monkeypatch.setattr(models.training, "fit", fit)
    monkeypatch.setattr(models.training, "relearn_last_layer", lambda network, *given: last.append(given))
    about = face_training.train("emotion", data, votes, epochs=2)
    (half, *first), (again, *second), (tenth, *third) = calls
    assert [first[0], second[0], third[0], about["epochs"]] == [2, 2, 1, 5] and about["courses"][2] == (1, 0.02, 0.2)
    rows = face_training.split(some_faces(), 0)[0]
    labels, said = np.eye(7)[some_faces().labels[rows]], ferplus.read_votes(votes).iloc[rows]
    np.testing.assert_array_equal(half, face_training._softened(labels, said, 0.5))
    np.testing.assert_array_equal(again, half)
    np.testing.assert_array_equal(tenth, face_training._softened(labels, said, 0.2))
    np.testing.assert_allclose([second[1], third[1]], [first[1] + 1, first[1] + 2], rtol=1e-5)
    (items, truth, strength), = last
    np.testing.assert_array_equal(items[..., 0], some_faces().images[rows])
    np.testing.assert_array_equal(truth, some_faces().labels[rows])
    assert strength == about["last_layer"] == presets.RECIPES["emotion_net"].last_layer
    calls.clear()
    about = face_training.train("emotion", data, epochs=2, folder=home / "b")
    assert [share for *_, share in about["courses"]] == [0, 0, 0]
    assert all(set(np.unique(y)) == {0, 1} for y, *_ in calls)


def test_the_kept_epoch_is_the_best_of_the_last_course():
    """The first course had a better one, whose weights are gone."""
    courses = [{"loss": [3, 2], "val_accuracy": [0.5, 0.9]}, {"loss": [2, 1, 1], "val_accuracy": [0.6, 0.8, 0.7]}]
    found = face_training._curves(courses, patience=8)
    assert (found["epochs"], found["kept_epoch"]) == (5, 4) and face_training._curves(courses, None)["kept_epoch"] == 5
    assert found["history"]["val_accuracy"] == [0.5, 0.9, 0.6, 0.8, 0.7]


def test_what_is_scored_is_what_is_kept(data, home):
    """The weights of the file, not the unrounded ones of the training, give the scores that are written."""
    about = face_training.train("face", data, epochs=1, final=True)
    network = face_networks.load(home / "models" / "face_or_not")
    images, labels = not_faces.lfw_test()
    again = scoring.scores(network, images, labels, presets.LFW)
    assert json.loads(json.dumps(again)) == json.loads(json.dumps(about["scores"][presets.LFW]))


def test_weights_are_rounded_to_float16_but_for_vectors(tmp_path):
    network = networks.face_or_not()
    face_networks.save(network, tmp_path / "weights.npz")
    for kept, weight in zip(face_networks.load(tmp_path / "weights.npz").get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(kept, weight.astype(np.float16) if weight.ndim > 1 else weight)
    assert (tmp_path / "weights.npz").stat().st_size < 2 * network.count_params() + 30_000


@pytest.mark.parametrize("name", ["face", "emotion"])
def test_what_comes_with_the_course_loads_and_says_its_licence(name, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    path = face_networks.weights_of(name)
    assert path.parent == presets.SHIPPED and face_networks.load(name).name == presets.NAMES[name]
    assert "no open licence" in (presets.SHIPPED / "LICENSE.md").read_text()
    assert "must not be used" in path.with_suffix(".md").read_text()


def test_what_comes_with_the_course_is_at_most_six_megabytes():
    assert sum(path.stat().st_size for path in presets.SHIPPED.iterdir()) <= 6_000_000


# --- answers and scores -----------------------------------------------------------------------------------------------

class Bright:
    """In a network's place: the brighter the left half of a face, the surer of class 3."""

    name = "emotion_net"
    input_shape = (None, 48, 48, 1)


def test_an_answer_is_the_mean_of_ten_views(monkeypatch):
    """The pixel three from the left in the top row, of the face, of the face moved to four sides, and mirrored."""
    asked = []
    monkeypatch.setattr(models.training, "predict",
                        lambda network, X, compiled: asked.append(X) or X[:, 0, 3:4, 0].astype(np.float32))
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    found = face_networks.predict(Bright, faces)
    seen = [(0, 3), (2, 3), (2, 3), (0, 1), (0, 5), (0, 44), (2, 44), (2, 44), (0, 42), (0, 46)]
    np.testing.assert_allclose(found, [[np.mean([face[place] for place in seen])] for face in faces], rtol=1e-6)
    assert asked[0].shape == (20, 48, 48, 1) and len({view.tobytes() for view in asked[0]}) == 20


def test_many_faces_are_asked_some_at_a_time(monkeypatch):
    """So that the memory does not grow with them; each gets its own answer all the same."""
    asked = []
    monkeypatch.setattr(models.training, "predict",
                        lambda network, X, compiled: asked.append(len(X)) or X.mean(axis=(1, 2)))
    faces = np.full((1100, 48, 48), 7, np.uint8) + (np.arange(1100) % 11).astype(np.uint8)[:, None, None]
    np.testing.assert_allclose(face_networks.predict(Bright, faces)[:, 0], 7 + np.arange(1100) % 11)
    assert asked == [5120, 5120, 760]


def test_a_network_without_moves_is_asked_once(monkeypatch):
    monkeypatch.setattr(models.training, "predict", lambda network, X, compiled: X[:, 0, :2, 0].astype(np.float32))
    monkeypatch.setitem(presets.RECIPES, "emotion_net", presets.RECIPES["emotion_net"]._replace(moved=0))
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48), dtype=np.uint8)
    np.testing.assert_array_equal(face_networks.predict(Bright, faces), faces[:, 0, :2])


def test_scores_on_answers_worked_by_hand(monkeypatch):
    shares = np.eye(7)[[0, 1, 3, 3, 3]] + 0.1 * np.eye(7)[[1, 2, 0, 4, 5]]
    monkeypatch.setattr(models, "predict", lambda network, images: shares)
    found = scoring.scores(Bright, np.zeros((5, 48, 48), np.uint8), np.array([0, 1, 3, 4, 6]), "PublicTest")
    assert (found["top_1"]["correct"], found["top_1"]["n"], found["answers"]) == (3, 5, "01333")
    assert found["top_3"]["correct"] == 4 and (found["second_guess"]["correct"], found["second_guess"]["n"]) == (1, 2)
    assert found["uar"] == pytest.approx(3 / 5) and np.trace(found["confusion"]) == 3
    assert found["classes"]["happy"] == {"n": 1, "precision": pytest.approx(1 / 3, abs=1e-4), "recall": 1.0, "F1": 0.5}
    assert found["top_1"]["interval"] == evaluation.wilson(3, 5)
    assert found["loss"] == pytest.approx(-(np.log(0.1) + np.log(1e-7)) / 5)       # a share of nothing counts as 1e-7


def test_a_course_is_not_resumed_from_weights_of_another_training(data, votes, home):
    """Course 1 trained anew, with other epochs: what its checkpoint's name does not say, the next courses' must."""
    face_training.train("emotion", data, votes, epochs=2)
    (home / "models" / "emotion_net" / "checkpoint.npz").unlink()
    with pytest.raises(CourseError, match=r"course2.checkpoint.npz: this is the checkpoint of another.*first weights"):
        face_training.train("emotion", data, votes, epochs=3)


def test_the_command_in_results_makes_the_same_network_again():
    about = {"network": "emotion_net", "courses": [[30, None, 0.5], [30, 0.05, 0.5], [8, 0.02, 0]], "seed": 0}
    assert ship._command(about) == "course train emotion_net --data FILE --votes FILE --final --ship"
    other = about | {"courses": [[4, None, 0]], "seed": 3}
    assert ship._command(other) == "course train emotion_net --data FILE --epochs 4 --seed 3 --final --ship"


def test_a_file_that_names_no_parts_is_scored_with_a_warning(data, home):
    face_training.train("face", data, epochs=1)
    images, labels = not_faces.lfw_test()
    np.savez(data, images=images, labels=labels)
    assert scoring.evaluate("face", data)["top_1"]["note"] == "no row says of which part it is: it may know some"


def test_evaluate_scores_any_npz_of_images_and_labels(data, home, tmp_path, capsys):
    face_training.train("face", data, epochs=1)
    images, labels = not_faces.lfw_test()
    np.savez(tmp_path / "mine.npz", images=images, labels=labels)
    assert cli.main(["evaluate", "--model", "face", "--data", str(tmp_path / "mine.npz")]) == 0
    said = capsys.readouterr().out
    assert "mine.npz, top_1: " in said and " of 200 = " in said and "majority 50.0 %" in said and "other" in said
    np.savez(tmp_path / "seven.npz", images=images[:7], labels=np.arange(7))
    with pytest.raises(CourseError, match="label 6 is no class of face_or_not"):
        scoring.evaluate("face", tmp_path / "seven.npz")


def test_rows_that_may_be_known_by_heart_are_said(data, home, capsys):
    face_training.train("face", data, epochs=1)
    capsys.readouterr()
    assert cli.main(["evaluate", "--model", "emotion_cnn6", "--data", str(data)]) == 1
    faces = some_faces()
    np.savez(data, images=faces.images, labels=faces.labels % 2, usage=faces.usage)
    assert cli.main(["evaluate", "--model", "face", "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert f"weights: {home / 'models' / 'face_or_not' / 'weights.npz'}" in said
    assert "70 of the rows are Training, which it may know by heart" in said


def test_the_baseline_is_the_commonest_class_of_what_was_learnt(monkeypatch):
    monkeypatch.setattr(models, "predict", lambda network, images: np.eye(7)[[0, 1, 3, 3, 3]])
    found = scoring.scores(Bright, np.zeros((5, 48, 48), np.uint8), np.array([0, 1, 3, 3, 4]), "PublicTest", [1, 1, 0])
    assert found["top_1"]["baseline"] == pytest.approx(1 / 5)


# --- results/ ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", sorted(results.trained()))
def test_what_results_say_of_a_network_agrees_with_itself(name):
    about = results.trained()[name]
    assert about["parameters"] == face_networks.build(name).count_params()
    assert about["epochs"] == len(about["history"]["val_accuracy"]) >= about["kept_epoch"]
    for part, found in about["scores"].items():
        matrix = np.array(found["confusion"])
        assert np.trace(matrix) == found["top_1"]["correct"] and matrix.sum() == found["top_1"]["n"]
        assert len(found["answers"]) == found["top_1"]["n"] == (200 if part == presets.LFW else matrix.sum())
        answers = np.array(list(found["answers"]), int)
        assert np.bincount(answers, minlength=len(matrix)).tolist() == matrix.sum(axis=0).tolist()
        assert found["uar"] == pytest.approx((np.diag(matrix) / matrix.sum(axis=1)).mean())
    if name in presets.NAMES.values():
        assert (presets.SHIPPED / f"{name}.md").read_text(encoding="utf-8") == card.write(about)


def test_the_rate_of_a_published_network_falls_to_nothing():
    """In the middle of its training it is half of what it was, and at the end the weights stand still."""
    network = face_networks.build("emotion_cnn6", steps=4)
    X, y = np.zeros((2, 48, 48, 1), np.float32), np.eye(7, dtype=np.float32)[:2]
    rates = []
    for _ in range(4):
        network.train_on_batch(X, y)
        rates.append(float(network.optimizer.learning_rate))
    assert rates[1] == pytest.approx(0.5e-3) and rates[3] == pytest.approx(0, abs=1e-9)
    again = face_networks.build("emotion_cnn6", 4, rate=2e-4)               # the highest rate of another course
    assert float(again.optimizer.learning_rate) == pytest.approx(2e-4)


# --- what is refused --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("use", [presets.known, face_networks.load], ids=["known", "load"])
def test_an_unknown_name_lists_those_that_there_are(use):
    with pytest.raises(CourseError, match=r"no recipe of that name\. Choose from face, emotion, face_or_not"):
        use("resnet")


def test_a_network_that_was_not_trained_says_how_to(home):
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


@pytest.mark.parametrize("damage", [
    lambda path: path.write_bytes(b"\x93NUMPY" + path.read_bytes()[6:]),
    lambda path: np.save(path.open("wb"), np.zeros(3)), lambda path: path.write_bytes(b"")],
    ids=["another magic", "a npy", "empty"])
def test_no_damage_of_weights_is_a_traceback(tmp_path, damage):
    face_networks.save(networks.face_or_not(), tmp_path / "weights.npz")
    damage(tmp_path / "weights.npz")
    with pytest.raises(CourseError, match="cannot be read as weights"):
        face_networks.load(tmp_path / "weights.npz")


def test_flipped_bytes_and_nan_are_refused(tmp_path):
    network = networks.face_or_not()
    face_networks.save(network, tmp_path / "weights.npz")
    content, whole = (tmp_path / "weights.npz").read_bytes(), face_networks.load(tmp_path / "weights.npz").get_weights()
    for place in range(1000, len(content), len(content) // 12):
        (tmp_path / "flipped.npz").write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1:])
        try:
            kept = face_networks.load(tmp_path / "flipped.npz").get_weights()
        except CourseError:
            continue
        assert all(np.array_equal(*pair) for pair in zip(kept, whole, strict=True))     # a date, which nothing reads
    network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
    face_networks.save(network, tmp_path / "weights.npz")
    with pytest.raises(CourseError, match="or are no numbers"):
        face_networks.load(tmp_path / "weights.npz")


@pytest.mark.parametrize("model", ["nothing.npz", "some/folder", "~/nothing.npz"])
def test_a_file_of_weights_that_is_not_there_is_said(model):
    with pytest.raises(CourseError, match="there is no such file of weights"):
        face_networks.weights_of(model)


def test_a_file_of_a_networks_name_does_not_hide_the_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    (tmp_path / "face").write_text("notes")
    assert face_networks.weights_of("face").parent == presets.SHIPPED


@pytest.mark.parametrize("images", [
    np.zeros((2, 48, 48)), *(np.zeros(shape, np.uint8) for shape in ((2, 64, 64), (48, 48), (0, 48, 48)))],
    ids=["0 to 1", "64 x 64", "one", "none"])
def test_faces_of_another_kind_are_refused(images):
    with pytest.raises(CourseError, match=r"faces uint8 \(n, 48, 48\) are expected"):
        face_networks.predict(networks.face_or_not(), images)


def test_what_would_fail_after_a_training_is_said_before_it(data, votes, home, tmp_path, monkeypatch):
    monkeypatch.setattr(models.training, "fit", None)
    with pytest.raises(CourseError, match="emotion_cnn6 is trained without votes"):
        face_training.train("emotion_cnn6", data, votes)
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"file: this folder cannot be made"):
        face_training.train("face", data, folder=tmp_path / "file")
    faces = some_faces()
    np.savez(data, images=faces.images, labels=faces.labels, usage=np.full(84, "Training"))
    with pytest.raises(CourseError, match="no face is of the part 'PublicTest'"):
        face_training.train("emotion_cnn6", data, final=True)
    np.savez(data, images=faces.images[:7], labels=faces.labels[:7], usage=np.full(7, "Training"))
    with pytest.raises(CourseError, match="too few to set a tenth aside"):
        face_training.train("emotion_cnn6", data)


def test_data_that_differ_from_fer2013_are_said(data, home, monkeypatch):
    monkeypatch.setattr(models.training, "fit", None)
    with pytest.warns(UserWarning, match="Training angry: 10 faces, published 3995"), pytest.raises(TypeError):
        face_training.train("emotion_cnn6", data)


def test_votes_of_other_rows_are_refused(data, votes, home):
    rows = pd.read_csv(votes).iloc[:-1]
    rows.to_csv(votes, index=False)
    with pytest.raises(CourseError, match=r"FER\+: it has 83 rows for 84 faces"):
        face_training.train("emotion", data, votes, epochs=1)


def test_another_seed_does_not_go_on_with_the_folder_of_the_first(data, home):
    face_training.train("face", data, epochs=1)
    with pytest.raises(CourseError, match="seed 0, now 1"):
        face_training.train("face", data, epochs=1, seed=1)


def test_ship_wants_the_test_scored(data, capsys):
    assert cli.main(["train", "face", "--data", str(data), "--ship"]) == 1
    assert "Add: --final" in capsys.readouterr().err


def test_nothing_to_ship_is_said(tmp_path):
    with pytest.raises(CourseError, match="no training ended in this folder"):
        ship.ship(tmp_path)


def test_ship_writes_results_and_package(data, home, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "ROOT", tmp_path)
    monkeypatch.setattr(models, "SHIPPED", tmp_path / "weights")
    face_training.train("face", data, epochs=1, final=True)
    written = ship.ship(home / "models" / "face_or_not")
    assert [path.name for path in written] == ["face_or_not.json", "face_or_not.npz", "face_or_not.md"]
    found = json.loads(written[0].read_text())
    assert found["command"] == "course train face_or_not --data FILE --epochs 1 --final --ship" and found["commit"]
    assert presets.LFW in found["scores"]


def test_training_leaves_keras_precision_as_it_was(data, home, monkeypatch):
    monkeypatch.setattr(models, "precision", lambda: "mixed_bfloat16")
    before = keras.config.dtype_policy().name
    face_training.train("face", data, epochs=1)
    assert keras.config.dtype_policy().name == before
    assert face_networks.load("face").layers[1].compute_dtype == "float32"
