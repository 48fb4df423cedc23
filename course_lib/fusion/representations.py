"""Fuse what a network of each modality has learnt: the lecture's late fusion, the field's intermediate
fusion."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler

from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.fusion.blocks import MISSING, combine, split_modalities
from course_lib.models import networks, training
from course_lib.models.network_classifier import NetworkClassifier


class LateFusion(ClassifierMixin, BaseEstimator):
    """The lecture's late fusion as a scikit-learn classifier (27 from 35:03 to 42:19).

    A `networks.cnn_1d` is trained on each modality. `combine` fuses the 128 outputs of each "feature_layer",
    and a `networks.late_fusion_mlp` is trained on the result. All steps see training rows only.

    Parameters
    ----------
    sizes : dict
        Number of columns of each modality, in the order of the columns of X (n, d), as in `Blocks`.
    streams : tuple of str
        The modalities to train a network on. "both" is all of them side by side: ("audio", "video", "both")
        is hybrid fusion.
    how, weights
        As in `combine`.
    seed : int
    scale : bool
        Standardise each column with the mean and standard deviation of the training set first.

    Attributes
    ----------
    classes_ : np.ndarray
        The labels, in the order of the columns of `predict_proba`.
    cnns_ : dict
        A `NetworkClassifier` for each stream, with its learning curves in `history_`.
    mlp_ : NetworkClassifier
        The network on the fused representations.

    Notes
    -----
    A row that lacks a modality is left out of the training of that stream. Used in lesson 08.
    """

    def __init__(
        self,
        sizes: Mapping[str, int],
        streams: tuple[str, ...] = ("audio", "video"),
        how: str = "concatenate",
        weights: npt.ArrayLike | None = None,
        seed: int = 0,
        scale: bool = False,
    ) -> None:
        self.sizes, self.streams, self.how, self.weights = sizes, streams, how, weights
        self.seed, self.scale = seed, scale

    def fit(self, X: npt.ArrayLike, y: npt.ArrayLike) -> "LateFusion":
        """Train a network for each stream, then the one on top, on X (n, d) and labels y (n,)."""
        y = np.asarray(y)
        self.classes_ = np.unique(y)
        # Check X, y, `how` and `weights` before any network is trained.
        split_modalities(X, self.sizes)
        combine([np.zeros((1, 128))] * len(self.streams), self.how, self.weights)
        if len(y) != len(X):
            raise CourseError("X and y", f"{len(X)} rows and {len(y)} labels", "Give one label for each row")
        self.scaler_ = StandardScaler().fit(X) if self.scale else None
        self.cnns_ = {stream: self._cnn(block, y) for stream, block in self._blocks(X).items()}
        fused = self.represent(X)
        build, recipe = partial(networks.late_fusion_mlp, fused.shape[1]), networks.RECIPES["late_fusion_mlp"]
        self.mlp_ = NetworkClassifier(build, recipe.batch_size, recipe.epochs, self.seed).fit(fused, y)
        return self

    def represent(self, X: npt.ArrayLike) -> np.ndarray:
        """Return the fused representation of each row, (n, units): 128 units for each stream with
        "concatenate"."""
        learnt = [_features(self.cnns_[stream], block) for stream, block in self._blocks(X).items()]
        return combine(learnt, self.how, self.weights)

    def predict_proba(self, X: npt.ArrayLike) -> np.ndarray:
        """Return class probabilities, float32 (n, classes), with columns as in `classes_`."""
        return self.mlp_.predict_proba(self.represent(X))

    def predict(self, X: npt.ArrayLike) -> np.ndarray:
        """Return the most probable label of each row, (n,)."""
        return self.mlp_.predict(self.represent(X))

    def _blocks(self, X):
        X = self.scaler_.transform(X) if self.scale else np.asarray(X)
        blocks = split_modalities(X, self.sizes) | {"both": X}
        for stream in self.streams:
            check_choice("stream", stream, blocks)
        return {stream: blocks[stream] for stream in self.streams}

    def _cnn(self, block, y):
        there, recipe = ~np.isnan(block).any(axis=1), networks.RECIPES["cnn_1d"]
        if len(np.unique(y[there])) < len(self.classes_):
            raise CourseError(
                "a modality", "no training row of some class has it", "Leave it out of the streams"
            )
        cnn = NetworkClassifier(
            partial(networks.cnn_1d, block.shape[1]),
            recipe.batch_size,
            recipe.epochs,
            self.seed,
            shape=(block.shape[1], 1),
        )
        return cnn.fit(block[there], y[there])


def _features(cnn, block):
    """The output of the stream's "feature_layer", (n, 128), and `MISSING` for missing rows."""
    there = ~np.isnan(block).any(axis=1)
    features = np.full((len(block), 128), MISSING, np.float32)
    if there.any():
        extractor = networks.feature_extractor(cnn.network_)
        features[there] = training.predict(extractor, block[there][..., None])
    return features
