"""Train networks: one loop for all, with the same order of items on every backend."""

import hashlib
import json
from functools import partial
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz, whole_file
from course_lib.core.progress import progress
from course_lib.models.backend import keras


def fit(
    network, X, y, batch_size, epochs, validation=None, seed=0, augment=None, patience=None, folder=None
) -> dict:
    """Train a compiled network and return its curves: loss, accuracy[, val_loss, val_accuracy], a number an
    epoch.

    X: (n, *the network's input), finite; y: (n, classes), rows one-hot or probabilities that add up to 1;
    validation: such a pair (X, y), looked at after each epoch and not trained on. Each epoch takes the items
    in a new order, drawn from `seed` by NumPy, so that it is the same on every backend; the network's own
    draws (first weights, dropout) are `keras.utils.set_random_seed`'s. `augment(batch, rng)` gives what is
    trained on in place of a batch of X: pictures turned and mirrored at random, drawn anew in every epoch.

    With `patience` training ends when validation accuracy has not risen for so many epochs, and the network
    gets the weights back that had the highest. With `folder` all that training has reached is written there
    after each epoch, and the same call goes on from there after a kill, to the same end. (Without a schedule
    of the learning rate `epochs` may be more by then.)

    Batch by batch rather than by `network.fit`, which on TensorFlow leaves cores idle: 10 epochs of lecture
    14's head on 288 images took 22.7 s so and 11.5 s this way (two cores). Loss and accuracy are means over
    the epoch's items, as Keras has them. Raises `CourseError` for items or labels that do not fit the
    network, NaN or infinity, labels that are no probabilities or all of one class, fewer than one epoch or
    item a batch, patience without validation, a folder that another training wrote, and a loss that becomes
    NaN."""
    X, y = _checked(network, X, y, batch_size, epochs)
    held_out = validation and _items_and_labels(network, *validation)
    if patience and not held_out:
        raise CourseError(f"patience={patience}", "there is nothing to look at", "Give validation=(X, y)")
    order = np.random.default_rng(seed)
    same = {
        "network": network.name,
        "items": len(X),
        "batch_size": batch_size,
        "seed": seed,
        "patience": patience,
    }
    if folder:
        same |= _identity(network, (X, y, *(held_out or ())), augment)
    history, best = _resumed(network, folder, same) if folder else ([], None)
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
            rows = order.permutation(
                len(X)
            )  # drawn also for epochs done before, so that the next order is the same
            if epoch < len(history) or _stalled(history, patience):
                continue
            drawn = augment and partial(augment, rng=np.random.default_rng([seed, epoch]))
            logs = _epoch(network.train_on_batch, network, X, y, batch_size, rows, drawn, bar)
            if not np.isfinite(logs["loss"]):
                raise CourseError(
                    f"network {network.name!r}",
                    "its loss is no number any more",
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
    """What else makes a training the same one: its data, how these are changed, its optimiser's settings, the
    weights it begins with, and what it computes in."""
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
    """The epoch with the highest validation accuracy, the first of them where several have it."""
    return int(np.argmax([logs["val_accuracy"] for logs in history]))


def _stalled(history, patience):
    return bool(patience and history) and len(history) - 1 - _highest(history) >= patience


def _keep(network, folder, about, best):
    """Write what training has reached to folder/checkpoint.npz, whole or not at all."""
    arrays = {
        f"{kind}{index}": keras.ops.convert_to_numpy(variable)
        for kind, variables in _state(network).items()
        for index, variable in enumerate(variables)
    }
    arrays |= {f"best{index}": array for index, array in enumerate(best or ())}
    for left in Path(folder).glob(".checkpoint.*.part.npz"):  # of a kill in the middle of this
        left.unlink(missing_ok=True)
    with whole_file(Path(folder) / "checkpoint.npz") as part:
        np.savez(part, about=np.array(json.dumps(about)), **arrays)


def _resumed(network, folder, same):
    """History and best weights (or None) of folder/checkpoint.npz, whose state goes into the network.

    `same`: what the checkpoint must say of its training.
    """
    path = Path(folder) / "checkpoint.npz"
    if not path.exists():
        return [], None
    again = "Delete its folder to begin anew, or give another one"
    arrays = read_npz(path, "a checkpoint", again)
    about = json.loads(str(arrays.get("about", "{}")))
    network.optimizer.build(network.trainable_variables)
    pairs = [
        (variable, arrays.get(f"{kind}{index}"))
        for kind, variables in _state(network).items()
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
    for variable, array in pairs:
        variable.assign(array)
    best = [arrays[f"best{index}"] for index in range(len(network.weights)) if f"best{index}" in arrays]
    return about["history"], best or None


def _state(network):
    # Seeds of dropout are among a network's variables: so the draws go on, too.
    return {"network": network.variables, "optimizer": network.optimizer.variables}


def predict(network, X, batch_size=128, compiled=False) -> np.ndarray:
    """What the network gives for X (n, *its input): float32 (n, *its output), batch by batch.

    The network is called, layer after layer, or first compiled as a whole: that takes a good part of a second
    for a new network, and pays for one that is asked again and again (`emotion_net` for one face: 10 ms in
    place of 37). Raises `CourseError` for no items, items of another shape, and NaN, to which a network
    answers without a word."""
    X = _items(network, X)
    answer = network.predict_on_batch if compiled else partial(network, training=False)
    batches = (answer(X[start : start + batch_size]) for start in range(0, len(X), batch_size))
    return np.concatenate([keras.ops.convert_to_numpy(batch) for batch in batches])


def relearn_last_layer(network, X, y, C=1.0) -> None:
    """Give a network's last layer, three softmax units or more, the weights of a logistic regression on what
    is below.

    X: (n, *its input); y: (n,) numbers of classes, each at least once; C: scikit-learn's, the smaller the
    more the weights are held back, for outputs that were divided by their standard deviations. What the
    layers below have learnt stays, whatever they learnt it from (Kang et al. 2020, arXiv:1910.09217). Raises
    `CourseError` for a missing class."""
    last, y = network.layers[-1], np.asarray(y)
    if not np.array_equal(np.unique(y), np.arange(last.units)):
        raise CourseError(
            "y",
            f"it holds {len(np.unique(y))} of the {last.units} classes of {network.name!r}",
            "Give items of each class, numbered from 0",
        )
    below = predict(keras.Model(network.inputs[0], last.input), X)
    spread = below.std(axis=0) + 1e-6
    regression = LogisticRegression(C=C, max_iter=2000).fit(below / spread, y)
    last.set_weights([(regression.coef_ / spread).T, regression.intercept_])


def _epoch(step, network, X, y, batch_size, order, augment=None, bar=None):
    """The mean metrics of `step` (train_on_batch or test_on_batch) over all items, which go through in this
    order.
    """
    totals = {}
    for start in range(0, len(order), batch_size):
        rows = order[start : start + batch_size]
        network.reset_metrics()  # some versions of Keras do it themselves, and some add up
        batch = augment(X[rows]) if augment else X[rows]
        for name, value in step(batch, y[rows], return_dict=True).items():
            totals[name] = totals.get(name, 0) + float(value) * len(rows)
        if bar is not None:
            bar.update()
    return {name: totals[name] / len(order) for name in ["loss", *sorted(totals.keys() - {"loss"})]}


def _checked(network, X, y, batch_size, epochs):
    """X and y as arrays that the network can be trained on."""
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not isinstance(value, Integral) or value < 1:
            raise CourseError(
                f"{name}={value!r}", "it is no whole number above 0", "Take networks.RECIPES' own"
            )
    X, y = _items_and_labels(network, X, y)
    if (y.sum(axis=0) > 0).sum() < 2:
        raise CourseError(
            "y",
            f"all {len(y)} items are of one class: there is nothing to tell apart",
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
            f"shape {y.shape} does not fit X {X.shape} and network {network.name!r}, which wants "
            f"{(len(X), *network.output_shape[1:])}",
            "Labels go in one-hot, a row an item",
        )
    if not ((y >= 0).all() and np.allclose(y.sum(axis=1), 1)):
        raise CourseError(
            "y",
            "some rows are neither one-hot nor probabilities that add up to 1",
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
            f"shape {X.shape} does not fit network {network.name!r}, which wants {('n', *wanted)}",
            "Reshape it",
        )
    if not np.isfinite(X).all():
        raise CourseError("X", "it holds NaN or infinity", "Leave those items out, or mend their features")
    return X
