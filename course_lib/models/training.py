"""Train networks with one loop, which uses the same order of items on every backend."""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from numbers import Integral
from pathlib import Path

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz, whole_file
from course_lib.core.progress import progress
from course_lib.models.backend import keras


def fit(
    network: keras.Model,
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    batch_size: int,
    epochs: int,
    validation: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    seed: int = 0,
    augment: Callable[..., np.ndarray] | None = None,
    patience: int | None = None,
    folder: str | Path | None = None,
    mixup: float = 0.0,
) -> dict[str, list[float]]:
    """Train a compiled network and return its learning curves.

    Parameters
    ----------
    network : keras.Model
        A compiled network.
    X : array
        n items, each of the shape that the network takes.
        Items to train on.
    y : array of shape (n, classes)
        Labels, one-hot or probabilities that sum to 1.
    batch_size, epochs : int
    validation : (X, y), optional
        The validation set, scored after each epoch. It is not trained on.
    seed : int
        Seed of the order of the items, which NumPy draws again for each epoch, so it is the same on every
        backend. First weights and dropout depend on `keras.utils.set_random_seed`.
    augment : callable, optional
        Data augmentation: `augment(batch, rng)` returns the images to train on in place of a batch of X. It
        is called in every epoch, so the network sees new variants each time.
    patience : int, optional
        Early stopping: stop when the validation accuracy has not risen for so many epochs, and keep the
        weights of the best epoch.
    folder : str or path, optional
        Where a checkpoint is written after each epoch. After an interruption the same call continues from it
        and ends with the same result. Without a schedule of the learning rate, `epochs` may be larger then.
    mixup : float
        With a number above 0: each batch is mixed with itself in another order, items and labels alike. The
        fraction is drawn from Beta(mixup, mixup) (Zhang et al. 2018, arXiv:1710.09412).

    Returns
    -------
    dict
        "loss", "accuracy" and, with `validation`, "val_loss" and "val_accuracy": one number for each epoch,
        the mean over its items.

    Raises
    ------
    CourseError
        If items or labels do not fit the network, contain NaN or infinity, are not probabilities or all
        belong to one class; for fewer than one epoch or one item in a batch, patience without validation, a
        checkpoint of another training, and a loss that becomes NaN.

    Notes
    -----
    The loop calls `train_on_batch`. With `network.fit` TensorFlow leaves cores idle: ten epochs of lecture
    14's head on 288 images took 22.7 s with `fit` and 11.5 s with this loop (two cores). Used in lessons 06
    and 09 to 12.
    """
    X, y = _checked(network, X, y, batch_size, epochs)
    held_out = validation and _items_and_labels(network, *validation)
    if patience and not held_out:
        raise CourseError(f"patience={patience}", "early stopping needs validation", "Give validation=(X, y)")
    order = np.random.default_rng(seed)
    same = {
        "network": network.name,
        "items": len(X),
        "batch_size": batch_size,
        "seed": seed,
        "patience": patience,
        "mixup": mixup,
    }
    if folder:
        same |= _identity(network, (X, y, *(held_out or ())), augment)
    history, best = _resumed(network, folder, same, epochs) if folder else ([], None)
    steps = -(-len(X) // batch_size)
    with progress(
        total=epochs * steps,
        initial=len(history) * steps,
        desc=f"train {network.name}",
        unit="batch",
        delay=1,
        leave=False,
    ) as bar:
        for epoch in range(epochs):
            # Also drawn for epochs that are done, so that the next epochs have the same order.
            rows = order.permutation(len(X))
            if epoch < len(history) or _stalled(history, patience):
                continue
            drawn = augment and partial(augment, rng=np.random.default_rng([seed, epoch]))
            mix = mixup and partial(_mixed, alpha=mixup, rng=np.random.default_rng([seed, epoch, 1]))
            logs = _epoch(network.train_on_batch, network, X, y, batch_size, rows, drawn, bar, mix)
            if not np.isfinite(logs["loss"]):
                raise CourseError(
                    f"network {network.name!r}",
                    "its loss became NaN or infinite",
                    "Scale the features, or lower the learning rate",
                )
            if held_out:
                seen = _epoch(
                    network.test_on_batch, network, *held_out, batch_size, np.arange(len(held_out[0]))
                )
                logs |= {f"val_{name}": value for name, value in seen.items()}
                bar.set_postfix_str(f"epoch {epoch + 1}, validation {logs.get('val_accuracy', 0):.3f}")
            history.append(logs)
            if patience and _highest(history) == epoch:
                best = network.get_weights()
            if folder:
                _keep(network, folder, same | {"history": history}, best)
    if patience:
        network.set_weights(best)
    return {name: [logs[name] for logs in history] for name in history[0]}


def _identity(network, arrays, augment):
    """What makes two trainings the same besides their sizes: data, augmentation, optimiser's settings, first
    weights and precision."""
    settings = network.optimizer.get_config() | {"name": None}  # Keras counts names up within a process
    return {
        "data": _hashed(arrays),
        "augmentation": getattr(augment, "keywords", None),
        "optimizer and rate": _hashed([json.dumps(settings, sort_keys=True, default=str).encode()]),
        "first weights": _hashed(network.get_weights()),
        "precision": network.dtype_policy.name,
    }


def _hashed(arrays):
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(array if isinstance(array, bytes) else np.ascontiguousarray(array))
    return digest.hexdigest()[:12]


def _highest(history):
    """The epoch with the highest validation accuracy, the first of them if several have it."""
    return int(np.argmax([logs["val_accuracy"] for logs in history]))


def _stalled(history, patience):
    return bool(patience and history) and len(history) - 1 - _highest(history) >= patience


def _keep(network, folder, about, best):
    """Write the state of the training to folder/checkpoint.npz, whole or not at all."""
    arrays = {
        f"{kind}{index}": keras.ops.convert_to_numpy(variable)
        for kind, variables in _state(network).items()
        for index, variable in enumerate(variables)
    }
    arrays |= {f"best{index}": array for index, array in enumerate(best or ())}
    for left in Path(folder).glob(".checkpoint.*.part.npz"):  # left by an interruption while writing
        left.unlink(missing_ok=True)
    with whole_file(Path(folder) / "checkpoint.npz") as part:
        np.savez(part, about=np.array(json.dumps(about)), **arrays)


def finish(network: keras.Model, folder: str | Path) -> None:
    """Reduce the checkpoint of a training that has ended to the network's weights, rounded to float16.

    It then has about a fifth of its size, so that it can be kept with a project. The same call of `fit` loads
    it and trains no more.

    Parameters
    ----------
    network : keras.Model
        The network as `fit` left it. It gets the rounded weights, too.
    folder : str or path
        The folder that was given to `fit`.
    """
    path = Path(folder) / "checkpoint.npz"
    about = json.loads(str(read_npz(path, "a checkpoint", "Run fit again", ["about"])["about"]))
    arrays = {}
    for index, variable in enumerate(network.variables):
        array = keras.ops.convert_to_numpy(variable)
        arrays[f"network{index}"] = array.astype(np.float16) if array.ndim > 1 else array
        variable.assign(arrays[f"network{index}"].astype(array.dtype))
    with whole_file(path) as part:
        np.savez_compressed(part, about=np.array(json.dumps(about | {"finished": True})), **arrays)


def _resumed(network, folder, same, epochs):
    """Load folder/checkpoint.npz into the network; return its history and best weights (or None).

    `same` holds what the checkpoint must have in common with this training. A finished checkpoint holds no
    state of the optimizer.
    """
    path = Path(folder) / "checkpoint.npz"
    if not path.exists():
        return [], None
    again = "Delete its folder to start again from epoch 1, or give another folder"
    arrays = read_npz(path, "a checkpoint", again)
    about = json.loads(str(arrays.get("about", "{}")))
    network.optimizer.build(network.trainable_variables)
    finished = about.get("finished", False)
    state = {"network": network.variables} if finished else _state(network)
    pairs = [
        (variable, arrays.get(f"{kind}{index}"))
        for kind, variables in state.items()
        for index, variable in enumerate(variables)
    ]
    fits = all(array is not None and array.shape == tuple(variable.shape) for variable, array in pairs)
    differs = [
        f"{name} {about.get(name)}, now {value}" for name, value in same.items() if about.get(name) != value
    ]
    if differs or not fits:
        raise CourseError(
            path,
            f"this is the checkpoint of another training ({'; '.join(differs) or 'weights of other shapes'})",
            again,
        )
    if finished and len(about["history"]) < epochs and not _stalled(about["history"], same["patience"]):
        raise CourseError(path, f"this training ended after {len(about['history'])} epochs", again)
    for variable, array in pairs:
        variable.assign(array.astype(variable.dtype))
    if finished and same["patience"]:
        return about["history"], network.get_weights()
    best = [arrays[f"best{index}"] for index in range(len(network.weights)) if f"best{index}" in arrays]
    return about["history"], best or None


def _state(network):
    # The seeds of dropout are among a network's variables, so dropout also continues as before.
    return {"network": network.variables, "optimizer": network.optimizer.variables}


def predict(
    network: keras.Model, X: npt.ArrayLike, batch_size: int = 128, compiled: bool = False
) -> np.ndarray:
    """Compute the output of a network batch by batch.

    Parameters
    ----------
    network : keras.Model
    X : array
        n items, each of the shape that the network takes.
    batch_size : int
    compiled : bool
        Compile the network first. This takes most of a second for a new network, and pays if you call it many
        times (`emotion_net` on one face: 10 ms instead of 37 ms).

    Returns
    -------
    np.ndarray
        float32: n outputs of the network.

    Raises
    ------
    CourseError
        If there are no items, their shape does not fit, or they contain NaN or infinity. A network would
        answer NaN without an error.
    """
    X = _items(network, X)
    answer = network.predict_on_batch if compiled else partial(network, training=False)
    batches = (answer(X[start : start + batch_size]) for start in range(0, len(X), batch_size))
    return np.concatenate([keras.ops.convert_to_numpy(batch) for batch in batches])


def curve_state(losses: Sequence[float], last: float = 0.25, least: float = 0.02) -> str:
    """Tell whether a network had finished learning, from its loss on validation data.

    Parameters
    ----------
    losses : sequence of float
        The validation loss after each epoch.
    last : float
        The fraction of epochs at the end that is looked at.
    least : float
        If the best loss of this end is lower than the best loss before by more than this fraction, the curve
        was still falling.

    Returns
    -------
    {"still falling", "converged"}

    Raises
    ------
    CourseError
        If there are fewer than 8 epochs.

    Examples
    --------
    >>> curve_state([2, 1.8, 1.6, 1.4, 1.2, 1.0, 0.8, 0.6])
    'still falling'
    >>> curve_state([2, 1.5, 1.2, 1.1, 1.0, 1.0, 1.0, 1.01])
    'converged'

    Notes
    -----
    Used in lesson 12.
    """
    losses = np.asarray(losses, float)
    if len(losses) < 8:
        raise CourseError("curve_state", f"{len(losses)} epochs are too few", "Train for 8 epochs or more")
    cut = len(losses) - max(2, round(last * len(losses)))
    return "still falling" if losses[cut:].min() < (1 - least) * losses[:cut].min() else "converged"


def prepare(
    network: keras.Model, epochs: int, items: int, batch_size: int = 16, rate: float = 2e-3
) -> keras.Model:
    """Compile a classifier for a short training.

    The learning rate of Adam falls from `rate` to 0 along a cosine. Batch normalisation gets momentum 0.9, so
    that its moving averages fit after few steps (lesson 08).

    Parameters
    ----------
    network : keras.Model
        With class probabilities as output.
    epochs, items, batch_size : int
        What `fit` will get; they give the number of steps.
    rate : float
        The learning rate of the first step.

    Returns
    -------
    keras.Model
        The same network, compiled.

    Notes
    -----
    Used in lesson 12.
    """
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-items // batch_size))
    network.compile(keras.optimizers.Adam(schedule), "categorical_crossentropy", metrics=["accuracy"])
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    return network


def _mixed(batch, labels, alpha, rng):
    """A batch mixed with itself in another order, items and labels with the same fraction."""
    fraction, order = rng.beta(alpha, alpha), rng.permutation(len(batch))
    return tuple(fraction * both + (1 - fraction) * both[order] for both in (batch, labels))


def _epoch(step, network, X, y, batch_size, order, augment=None, bar=None, mix=None):
    """The mean metrics of `step` (train_on_batch or test_on_batch) over all items, taken in this order."""
    totals = {}
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        network.reset_metrics()  # only some versions of Keras reset them for each batch
        batch, labels = augment(X[rows]) if augment else X[rows], y[rows]
        if mix:
            batch, labels = mix(batch, labels)
        for name, value in step(batch, labels, return_dict=True).items():
            totals[name] = totals.get(name, 0) + float(value) * len(rows)
        if bar is not None:
            bar.update()
    return {name: totals[name] / len(order) for name in ["loss", *sorted(totals.keys() - {"loss"})]}


def _checked(network, X, y, batch_size, epochs):
    """X and y as arrays that the network can be trained on."""
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not isinstance(value, Integral) or value < 1:
            raise CourseError(
                f"{name}={value!r}", "it is not a whole number above 0", "Use the value in networks.RECIPES"
            )
    X, y = _items_and_labels(network, X, y)
    if (y.sum(axis=0) > 0).sum() < 2:
        raise CourseError(
            "y",
            f"all {len(y)} items belong to one class, so there is nothing to learn",
            "Give items of at least two classes",
        )
    return X, y


def _items_and_labels(network, X, y):
    """X (n, *input) and probabilities y (n, classes) as float32 arrays that fit the network and each
    other."""
    X, y = _items(network, X), np.asarray(y)
    if y.shape != (len(X), *network.output_shape[1:]):
        raise CourseError(
            "y",
            f"shape {y.shape} does not fit X {X.shape} and network {network.name!r}, which expects "
            f"{(len(X), *network.output_shape[1:])}",
            "Give one-hot labels, one row for each item",
        )
    if not ((y >= 0).all() and np.allclose(y.sum(axis=1), 1)):
        raise CourseError(
            "y",
            "some rows are neither one-hot nor probabilities that sum to 1",
            "keras.utils.to_categorical makes one-hot rows of class numbers",
        )
    return X, y.astype(np.float32)


def _items(network, X):
    """X as finite float32 (n, *the network's input)."""
    X = np.asarray(X, np.float32)
    wanted = network.input_shape[1:]
    fits = X.ndim == len(wanted) + 1 and all(b in (None, a) for a, b in zip(X.shape[1:], wanted, strict=True))
    if not fits or not len(X):
        raise CourseError(
            "X",
            f"shape {X.shape} does not fit network {network.name!r}, which expects {('n', *wanted)}",
            "Reshape it",
        )
    if not np.isfinite(X).all():
        raise CourseError(
            "X", "it contains NaN or infinity", "Leave those items out, or correct their features"
        )
    return X
