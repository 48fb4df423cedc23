"""Networks as scikit-learn classifiers."""

import gc
import inspect
import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels
from course_lib.models.backend import keras
from course_lib.models.training import fit, predict


class NetworkClassifier(ClassifierMixin, BaseEstimator):
    """Use a network as a scikit-learn classifier, in `evaluation.compare` or in a pipeline.

    Parameters
    ----------
    build : callable
        `build(classes=k)` returns a new compiled network for k classes: `partial(networks.cnn_1d, 2520)`.
    batch_size, epochs : int
        As in `training.fit`, which also lists what is refused.
    seed : int
        Set before each fit, so that the same seed gives the same network.
    shape : tuple of int, optional
        Shape of one item if the network does not take rows: X (n, d) is reshaped to `(n, *shape)`.

    Attributes
    ----------
    classes_ : np.ndarray
        The labels, in the order of the columns of `predict_proba`.
    network_ : keras.Model
        The trained network.
    history_ : dict
        Its learning curves.

    Notes
    -----
    Used in lesson 08.
    """

    def __init__(
        self,
        build: Callable[..., keras.Model],
        batch_size: int,
        epochs: int,
        seed: int = 0,
        shape: tuple[int, ...] | None = None,
    ) -> None:
        self.build, self.batch_size, self.epochs = build, batch_size, epochs
        self.seed, self.shape = seed, shape

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> "NetworkClassifier":
        """Train a new network on X (n, d) and labels y (n,), text or numbers."""
        self.classes_, codes = np.unique(as_labels(y, "y"), return_inverse=True)
        build = partial(self.build, classes=len(self.classes_))
        self.network_, self.history_ = train_fresh(
            build, self._items(X), np.eye(len(self.classes_))[codes], self.batch_size, self.epochs, self.seed
        )
        return self

    def predict_proba(self, X: npt.ArrayLike) -> np.ndarray:
        """Return class probabilities, float32 (n, classes), with columns as in `classes_`."""
        check_is_fitted(self)
        return predict(self.network_, self._items(X))

    def predict(self, X: npt.ArrayLike) -> np.ndarray:
        """Return the most probable label of each item, (n,)."""
        probabilities = self.predict_proba(X)
        return self.classes_[probabilities.argmax(axis=1)]

    def _items(self, X):
        X = np.asarray(X, np.float32)
        if self.shape is not None and (X.ndim < 2 or np.prod(X.shape[1:]) != np.prod(self.shape)):
            raise CourseError(
                "X",
                f"shape {X.shape}: an item does not have {' x '.join(map(str, self.shape))} numbers",
                "Give the shape of one item",
            )
        return X if self.shape is None else X.reshape(len(X), *self.shape)


def train_fresh(
    build: partial, X: npt.ArrayLike, y: npt.ArrayLike, batch_size: int, epochs: int, seed: int
) -> tuple[keras.Model, dict[str, list[float]]]:
    """Build a new network and train it.

    Parameters
    ----------
    build : functools.partial
        Returns a new compiled network.
    X, y, batch_size, epochs, seed
        As in `training.fit`.

    Returns
    -------
    network : keras.Model
    history : dict
        Its learning curves.

    Notes
    -----
    Another network of the same kind does the training steps, and the new one gets its weights. That other
    network is kept and used again, because the first step of each network costs 2 s on TensorFlow and 4 s on
    JAX, which trace or compile it. For forty steps this would be most of the time.
    """
    with _ONE_AT_A_TIME:
        keras.utils.set_random_seed(seed)
        network = build()
        if network.count_params() > 10_000_000:
            # The previous network and its optimiser refer to each other and hold hundreds of MB.
            gc.collect()
            return network, fit(network, X, y, batch_size, epochs, seed=seed)
        arguments = inspect.signature(build.func).bind(*build.args, **build.keywords)
        arguments.apply_defaults()
        kind = build.func, arguments.args, tuple(sorted(arguments.kwargs.items()))
        trainer = _TRAINERS.pop(kind, None) or build()
        _TRAINERS[kind] = trainer
        if len(_TRAINERS) > 8:
            del _TRAINERS[next(iter(_TRAINERS))]  # the least recently used one
        _start_like(trainer, network)
        history = fit(trainer, X, y, batch_size, epochs, seed=seed)
        network.set_weights(trainer.get_weights())
    return network, history


# `evaluation.compare` fits in several threads. Networks are trained one after the other, because seeds apply
# to the whole process and one network already uses all cores.
_ONE_AT_A_TIME = threading.Lock()
_TRAINERS = {}


def _start_like(trainer, network):
    """Give `trainer` the initial state of `network`: weights, seeds of dropout, and a new optimiser state."""
    new = type(trainer.optimizer).from_config(trainer.optimizer.get_config())
    for optimizer in (trainer.optimizer, new):
        if not optimizer.built:
            optimizer.build(trainer.trainable_variables)
    pairs = [
        *zip(trainer.variables, network.variables, strict=True),
        *zip(trainer.optimizer.variables, new.variables, strict=True),
    ]
    for old, start in pairs:
        # As a NumPy copy: JAX would share the array and delete it in the first step.
        old.assign(keras.ops.convert_to_numpy(start))
