"""One loop for all networks: its order, its means, what it refuses, and how it is resumed."""

from functools import partial
from itertools import chain

import keras
import numpy as np
import pytest
from small_networks import items, small

from course_lib.core.errors import CourseError
from course_lib.models import training


class Recorder:
    """In a network's place: takes down which items (their only number) each batch holds; loss = mean of the
    batch.
    """

    name, input_shape, output_shape = "recorder", (None, 1), (None, 2)

    def __init__(self):
        self.trained, self.tested, self.batches = [], [], []

    def reset_metrics(self):
        pass

    def train_on_batch(self, X, y, return_dict):
        self.trained.append(X[:, 0].astype(int).tolist())
        self.batches.append((X, y))
        return {"loss": X.mean()}

    def test_on_batch(self, X, y, return_dict):
        self.tested.append(X[:, 0].astype(int).tolist())
        return {"loss": X.mean()}


# --- the loop ---


def run(seed, **more):
    recorder = Recorder()
    history = training.fit(
        recorder, np.arange(25)[:, None], np.eye(2)[np.arange(25) % 2], 8, 3, seed=seed, **more
    )
    return recorder, history


def test_each_epoch_takes_every_item_once_in_a_new_order_that_the_seed_gives():
    recorder, _ = run(seed=5)
    assert [len(batch) for batch in recorder.trained] == 3 * [8, 8, 8, 1]
    epochs = [[*chain(*recorder.trained[start : start + 4])] for start in (0, 4, 8)]
    assert all(sorted(epoch) == list(range(25)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert run(seed=5)[0].trained == recorder.trained != run(seed=6)[0].trained
    order = np.random.default_rng(5)
    assert [epochs[0], epochs[1]] == [order.permutation(25).tolist(), order.permutation(25).tolist()]


def test_the_curve_is_the_mean_over_items_not_over_batches():
    _, history = run(seed=0)
    assert history == {
        "loss": pytest.approx([12.0, 12.0, 12.0])
    }  # the mean of 0 to 24, whatever the last batch holds


def test_validation_items_are_looked_at_after_each_epoch_and_never_trained_on():
    recorder, history = run(seed=0, validation=(np.float32([[100], [102]]), np.eye(2)))
    assert recorder.tested == 3 * [[100, 102]] and max(chain(*recorder.trained)) < 25
    assert history["val_loss"] == [101, 101, 101]


def test_a_real_networks_curves():
    keras.utils.set_random_seed(0)
    (X, y), network = items(), small(run_eagerly=False)
    y = (y[:, None] == ["angry", "calm"]).astype(float)
    history = training.fit(network, X[:30], y[:30], 8, 12, validation=(X[30:], y[30:]))
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history["loss"][-1] < history["loss"][0] and history["val_accuracy"][-1] > 0.7
    evaluated = network.evaluate(X[30:], y[30:], verbose=0, return_dict=True)
    assert history["val_loss"][-1] == pytest.approx(evaluated["loss"], abs=1e-5)
    assert history["val_accuracy"][-1] == pytest.approx(evaluated["accuracy"])


def test_predict_batches_and_keeps_the_order():
    network, X = small(), items()[0]
    whole = keras.ops.convert_to_numpy(network(X))
    assert training.predict(network, X, batch_size=7) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"X": np.zeros((4, 5))}, r"shape \(4, 5\) does not fit.*'n', 6"),
        ({"X": np.zeros((0, 6)), "y": np.zeros((0, 2))}, "does not fit"),
        ({"X": np.full((4, 6), np.nan)}, "NaN or infinity"),
        ({"X": np.full((4, 6), np.inf)}, "NaN or infinity"),
        ({"y": np.eye(2)}, "does not fit"),
        ({"y": [0, 1, 0, 1]}, "one-hot"),
        ({"y": np.eye(3)[[0, 1, 0, 1]]}, "does not fit"),
        ({"y": np.full((4, 2), 0.4)}, "neither one-hot nor probabilities that sum to 1"),
        ({"y": np.ones((4, 2))}, "neither one-hot nor probabilities"),
        ({"y": np.array([[1.5, -0.5], [0, 1], [0, 1], [1, 0]])}, "neither one-hot nor probabilities"),
        ({"patience": 2}, "early stopping needs validation"),
        ({"y": np.eye(2)[[1, 1, 1, 1]]}, "all 4 items belong to one class"),
        ({"epochs": 0}, "epochs=0"),
        ({"epochs": 2.5}, "epochs=2.5"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"batch_size": None}, "batch_size=None"),
        ({"validation": (np.zeros((2, 5)), np.eye(2))}, "does not fit"),
    ],
)
def test_what_cannot_be_trained_on_has_one_clear_error(change, expected):
    given = {"X": np.zeros((4, 6)), "y": np.eye(2)[[0, 1, 0, 1]], "batch_size": 2, "epochs": 1} | change
    with pytest.raises(CourseError, match=expected):
        training.fit(small(), **given)


def test_a_loss_that_becomes_nan_stops_the_training():
    recorder = Recorder()
    recorder.train_on_batch = lambda X, y, return_dict: {"loss": float("nan")}
    with pytest.raises(CourseError, match="its loss became NaN"):
        training.fit(recorder, np.zeros((4, 1)), np.eye(2)[[0, 1, 0, 1]], 2, 1)


# --- probabilities, data augmentation, early stop, resume ---


def test_labels_may_be_probabilities():
    network, (X, y) = small(), items()
    probabilities = np.where(np.eye(2)[(y == "calm").astype(int)], 0.8, 0.2)
    assert training.fit(network, X, probabilities, 8, 2)["loss"][-1] > 0


def test_what_is_trained_on_is_the_augmented_batch_and_validation_is_not_augmented():
    recorder = Recorder()

    def augment(batch, rng):
        return batch + 100 * rng.integers(1, 1000)

    training.fit(
        recorder,
        np.arange(4)[:, None],
        np.eye(2)[[0, 1, 0, 1]],
        4,
        2,
        augment=augment,
        validation=(np.arange(4)[:, None], np.eye(2)[[0, 1, 0, 1]]),
    )
    first, second = recorder.trained
    assert sorted(x % 100 for x in first) == [0, 1, 2, 3] and min(first) >= 100
    assert min(first) // 100 != min(second) // 100
    assert recorder.tested == [[0, 1, 2, 3]] * 2


class Wavering(Recorder):
    """Its validation accuracy rises and falls as told; its weights are the number of epochs trained."""

    def __init__(self, course):
        super().__init__()
        self.course, self.weights_now = course, 0

    def test_on_batch(self, X, y, return_dict):
        self.weights_now = len(self.tested) + 1
        self.tested.append(1)
        return {"loss": 1.0, "accuracy": self.course[len(self.tested) - 1]}

    def get_weights(self):
        return self.weights_now

    def set_weights(self, weights):
        self.weights_now = weights


@pytest.mark.parametrize(
    ("course", "epochs", "kept"),
    [
        ([0.1, 0.5, 0.4, 0.3, 0.9], 4, 2),
        ([0.1, 0.5, 0.5, 0.6, 0.2, 0.3, 0.4], 6, 4),
        ([0.3, 0.2, 0.1], 3, 1),
    ],
    ids=["stops before it would rise again", "a tie is no gain", "ends at the last epoch"],
)
def test_patience_stops_and_gives_the_best_weights_back(course, epochs, kept):
    wavering, X, y = Wavering(course), np.arange(4)[:, None], np.eye(2)[[0, 1, 0, 1]]
    history = training.fit(wavering, X, y, 4, len(course), (X, y), patience=2)
    assert len(history["val_accuracy"]) == epochs and wavering.weights_now == kept


def trained(folder, epochs, falling=False, **more):
    keras.utils.set_random_seed(5)
    network, (X, y) = small(), items()
    probabilities = (y[:, None] == ["angry", "calm"]).astype(float)
    validation = (X[30:], probabilities[30:, ::-1] if falling else probabilities[30:])

    def augment(batch, rng):
        return batch + rng.normal(0, 0.1, batch.shape)

    history = training.fit(
        network,
        X[:30],
        probabilities[:30],
        8,
        epochs,
        validation,
        seed=2,
        augment=augment,
        folder=folder,
        **more,
    )
    return history, network


def test_a_training_that_was_stopped_goes_on_to_the_same_end(tmp_path):
    whole, network = trained(None, 5)
    trained(tmp_path, 3)
    resumed, again = trained(tmp_path, 5)
    assert {curve: resumed[curve] for curve in whole} == {
        curve: pytest.approx(whole[curve]) for curve in whole
    }
    for one, other in zip(network.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("patience", [None, 2])
def test_a_finished_training_keeps_a_small_checkpoint_and_trains_no_more(tmp_path, patience, monkeypatch):
    history, network = trained(tmp_path, 3, patience=patience)
    before, size = network.get_weights(), (tmp_path / "checkpoint.npz").stat().st_size
    training.finish(network, tmp_path)
    for kept, weight in zip(network.get_weights(), before, strict=True):
        np.testing.assert_array_equal(kept, weight.astype(np.float16) if weight.ndim > 1 else weight)
    assert (tmp_path / "checkpoint.npz").stat().st_size < 0.6 * size
    monkeypatch.setattr(training, "_epoch", None)
    again, resumed = trained(tmp_path, 3, patience=patience)
    assert again == history
    for one, other in zip(network.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(CourseError, match=r"this training ended after 3 epochs. Delete its folder"):
        trained(tmp_path, 4, patience=patience)


def test_best_weights_survive_the_stop(tmp_path):
    """Validation is best after the first epoch, which was before the stop."""
    _, after_one = trained(None, 1, falling=True)
    trained(tmp_path, 2, falling=True, patience=5)
    resumed, again = trained(tmp_path, 4, falling=True, patience=5)
    assert len(resumed["val_accuracy"]) == 4 and np.argmax(resumed["val_accuracy"]) == 0
    np.testing.assert_allclose(after_one.get_weights()[0], again.get_weights()[0], atol=1e-6)


def test_a_checkpoint_is_not_taken_up_by_another_training(tmp_path):
    def started(name, y=1.0, rate=0.1, turn=5, drawn=5, **more):
        keras.utils.set_random_seed(drawn)
        network, (X, labels) = small(), items()
        network.optimizer.learning_rate = rate
        probabilities = (labels[:, None] == ["angry", "calm"]).astype(float)
        augment = partial(lambda batch, rng, turn: batch, turn=turn)
        training.fit(
            network,
            X * y,
            probabilities,
            8,
            1,
            (X, probabilities),
            augment=augment,
            folder=tmp_path / name,
            **more,
        )

    for name, other in (
        ("data", {"y": 2.0}),
        ("optimizer and rate", {"rate": 0.2}),
        ("augmentation", {"turn": 9}),
        ("patience", {"patience": 3}),
        ("first weights", {"drawn": 6}),
    ):
        started(name)
        with pytest.raises(CourseError, match=f"the checkpoint of another training.*{name} .*, now "):
            started(name, **other)


def test_what_a_kill_left_of_a_checkpoint_goes_with_the_next(tmp_path):
    left = tmp_path / ".checkpoint.1-2.part.npz"
    left.write_bytes(b"half")
    trained(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_a_finished_training_is_not_trained_again(tmp_path):
    first, network = trained(tmp_path, 2)
    second, again = trained(tmp_path, 2)
    assert first == second
    np.testing.assert_array_equal(network.get_weights()[0], again.get_weights()[0])


def test_a_damaged_or_foreign_checkpoint_is_refused_and_kept(tmp_path):
    trained(tmp_path, 1)
    keras.utils.set_random_seed(5)
    network, (X, y) = small(), items()
    probabilities = (y[:, None] == ["angry", "calm"]).astype(float)
    with pytest.raises(
        CourseError, match=r"checkpoint.npz: this is the checkpoint of another.*seed 2, now 3"
    ):
        training.fit(network, X[:30], probabilities[:30], 8, 2, seed=3, folder=tmp_path)
    with pytest.raises(CourseError, match="items 30, now 40"):
        training.fit(network, X, probabilities, 8, 2, seed=2, folder=tmp_path)
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(CourseError, match=r"checkpoint.npz: it cannot be read as a checkpoint"):
        training.fit(network, X[:30], probabilities[:30], 8, 2, seed=2, folder=tmp_path)
    assert path.stat().st_size == 500


# --- mixup ---


def test_mixup_mixes_each_item_and_its_label_with_another_of_the_batch():
    """With item i = i and the label (1 - i / 30, i / 30), a mixed label still fits its mixed item."""
    recorder, X = Recorder(), np.arange(24, dtype=np.float32)[:, None]
    training.fit(recorder, X, np.hstack([1 - X / 30, X / 30]), 8, 2, seed=1, mixup=0.4)
    for batch, labels in recorder.batches:
        np.testing.assert_allclose(labels[:, 1:], batch / 30, atol=1e-5)
        np.testing.assert_allclose(labels.sum(axis=1), 1, atol=1e-6)
    mixed = np.concatenate([batch for batch, _ in recorder.batches])
    assert (mixed != mixed.round()).mean() > 0.5 and mixed.mean() == pytest.approx(X.mean(), rel=1e-5)
    again = Recorder()
    training.fit(again, X, np.hstack([1 - X / 30, X / 30]), 8, 2, seed=1, mixup=0.4)
    np.testing.assert_array_equal(mixed, np.concatenate([batch for batch, _ in again.batches]))


def test_a_training_with_mixup_is_resumed_to_the_same_weights(tmp_path):
    _, whole = trained(None, 3, mixup=0.2)
    trained(tmp_path, 2, mixup=0.2)
    with pytest.raises(CourseError, match=r"mixup 0\.2, now 0\.0"):
        trained(tmp_path, 3)
    _, resumed = trained(tmp_path, 3, mixup=0.2)
    for one, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
