"""Networks as scikit-learn classifiers."""

import gc
import threading
from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels
from course_lib.models.backend import keras
from course_lib.models.training import fit, predict


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """A network as a scikit-learn classifier, so that `evaluation.compare` scores it and pipelines hold it.

    `build(classes=k)` gives a fresh compiled network for k classes, for example `partial(networks.cnn_1d,
    2520)`; `shape` is that of one item where the network takes more than rows: X (n, d) is reshaped to (n,
    *shape). `seed` is set before each fit: the same seed, the same network. After `fit`: `classes_`,
    `network_`, `history_` (see `training.fit`, which also says what is refused)."""

    def __init__(self, build, batch_size, epochs, seed=0, shape=None):
        self.build, self.batch_size, self.epochs, self.seed, self.shape = (
            build,
            batch_size,
            epochs,
            seed,
            shape,
        )

    def fit(self, X, y):
        """Train a fresh network on X (n, d) and labels y (n,), text or numbers."""
        self.classes_, codes = np.unique(as_labels(y, "y"), return_inverse=True)
        build = partial(self.build, classes=len(self.classes_))
        self.network_, self.history_ = train_fresh(
            build, self._items(X), np.eye(len(self.classes_))[codes], self.batch_size, self.epochs, self.seed
        )
        return self

    def predict_proba(self, X):
        """float32 (n, classes), columns as in `classes_`."""
        check_is_fitted(self)
        return predict(self.network_, self._items(X))

    def predict(self, X):
        """The likeliest label of each item, (n,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _items(self, X):
        X = np.asarray(X, np.float32)
        if self.shape is not None and (X.ndim < 2 or np.prod(X.shape[1:]) != np.prod(self.shape)):
            raise CourseError(
                "X",
                f"shape {X.shape}: an item is not {' x '.join(map(str, self.shape))} numbers",
                "Give the shape of one item",
            )
        return X if self.shape is None else X.reshape(len(X), *self.shape)


def train_fresh(build, X, y, batch_size, epochs, seed):
    """A fresh network from the partial `build`, trained by `fit`, and its curves.

    The steps are done by a second network of the same make, which is kept for the next: a new one's first
    step costs 2 s on TensorFlow and 4 s on JAX, to trace or compile it, which for forty steps is nearly all
    of the time."""
    with _ONE_AT_A_TIME:
        keras.utils.set_random_seed(seed)
        network = build()
        if network.count_params() > 10_000_000:
            gc.collect()  # the one before and its optimiser hang together in circles: hundreds of MB
            return network, fit(network, X, y, batch_size, epochs, seed=seed)
        make = build.func, build.args, tuple(sorted(build.keywords.items()))
        trainer = _TRAINERS.pop(make, None) or build()
        _TRAINERS[make] = trainer
        if len(_TRAINERS) > 8:
            del _TRAINERS[next(iter(_TRAINERS))]  # the one that was used longest ago
        _start_like(trainer, network)
        history = fit(trainer, X, y, batch_size, epochs, seed=seed)
        network.set_weights(trainer.get_weights())
    return network, history


# `evaluation.compare` fits in several threads. Seeds are set for the whole process, and one network keeps all
# cores busy: so networks are trained one after the other.
_ONE_AT_A_TIME = threading.Lock()
_TRAINERS = {}


def _start_like(trainer, network):
    """Give `trainer` all that `network` starts with: weights, the seeds of its dropout, and a new optimiser's
    state.
    """
    new = type(trainer.optimizer).from_config(trainer.optimizer.get_config())
    for optimizer in (trainer.optimizer, new):
        if not optimizer.built:
            optimizer.build(trainer.trainable_variables)
    pairs = [
        *zip(trainer.variables, network.variables, strict=True),
        *zip(trainer.optimizer.variables, new.variables, strict=True),
    ]
    for old, start in pairs:
        old.assign(
            keras.ops.convert_to_numpy(start)
        )  # JAX would share the array, and delete it in the first step
