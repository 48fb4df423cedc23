"""The lecture's late fusion, which the field calls intermediate: what a network of each modality has
learnt."""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.preprocessing import StandardScaler

from course_lib.core.errors import CourseError
from course_lib.fusion.blocks import MISSING, combine, split_modalities
from course_lib.models import networks, training
from course_lib.models.network_classifier import NetworkClassifier


class LateFusion(ClassifierMixin, BaseEstimator):
    """The lecture's late fusion as a scikit-learn classifier (27 from 35:03 to 42:19), no step of it seeing
    test rows.

    X (n, d) holds the modalities side by side, `sizes` says how wide each is (see `Blocks`). For each of
    `streams` a `networks.cnn_1d` is trained on the modality of that name, "both" being all of them side by
    side: ("audio", "video", "both") is hybrid fusion. `combine(..., how, weights)` fuses what their
    "feature_layer" gives, 128 numbers each, and a `networks.late_fusion_mlp` is trained on that. `scale=True`
    standardises each column by the training part first. A row that lacks a modality is left out of that
    stream's training. After `fit`: `classes_`, `cnns_` (by stream) and `mlp_`, each a `NetworkClassifier`,
    with their curves in `history_`."""

    def __init__(
        self, sizes, streams=("audio", "video"), how="concatenate", weights=None, seed=0, scale=False
    ):
        self.sizes, self.streams, self.how, self.weights = sizes, streams, how, weights
        self.seed, self.scale = seed, scale

    def fit(self, X, y):
        """Train a network for each stream, then the one on top, on X (n, d) and labels y (n,)."""
        y = np.asarray(y)
        self.classes_ = np.unique(y)
        # What is wrong with X, y, `how` or `weights` is said before any network is trained.
        split_modalities(X, self.sizes)
        combine([np.zeros((1, 128))] * len(self.streams), self.how, self.weights)
        if len(y) != len(X):
            raise CourseError("X and y", f"{len(X)} rows and {len(y)} labels", "Give one label for each row")
        self.scaler_ = StandardScaler().fit(X) if self.scale else None
        self.cnns_ = {stream: self._cnn(part, y) for stream, part in self._parts(X).items()}
        fused = self.represent(X)
        build, recipe = partial(networks.late_fusion_mlp, fused.shape[1]), networks.RECIPES["late_fusion_mlp"]
        self.mlp_ = NetworkClassifier(build, recipe.batch_size, recipe.epochs, self.seed).fit(fused, y)
        return self

    def represent(self, X):
        """The fused representation (n, u) of each row: 128 numbers a stream where `how` is "concatenate"."""
        parts = [_features(self.cnns_[stream], part) for stream, part in self._parts(X).items()]
        return combine(parts, self.how, self.weights)

    def predict_proba(self, X):
        """float32 (n, classes), columns as in `classes_`."""
        return self.mlp_.predict_proba(self.represent(X))

    def predict(self, X):
        """The likeliest label of each row, (n,)."""
        return self.mlp_.predict(self.represent(X))

    def _parts(self, X):
        X = self.scaler_.transform(X) if self.scale else np.asarray(X)
        blocks = split_modalities(X, self.sizes) | {"both": X}
        unknown = set(self.streams) - set(blocks)
        if unknown:
            raise CourseError(
                f"streams {self.streams}",
                f"{', '.join(sorted(unknown))} is not there",
                f"Choose from {', '.join(blocks)}",
            )
        return {stream: blocks[stream] for stream in self.streams}

    def _cnn(self, part, y):
        there, recipe = ~np.isnan(part).any(axis=1), networks.RECIPES["cnn_1d"]
        if len(np.unique(y[there])) < len(self.classes_):
            raise CourseError(
                "a modality", "no training row of some class has it", "Leave it out of the streams"
            )
        cnn = NetworkClassifier(
            partial(networks.cnn_1d, part.shape[1]),
            recipe.batch_size,
            recipe.epochs,
            self.seed,
            shape=(part.shape[1], 1),
        )
        return cnn.fit(part[there], y[there])


def _features(cnn, part):
    """What the stream's "feature_layer" gives, (n, 128), and `MISSING` where the stream is."""
    there = ~np.isnan(part).any(axis=1)
    features = np.full((len(part), 128), MISSING, np.float32)
    if there.any():
        extractor = networks.feature_extractor(cnn.network_)
        features[there] = training.predict(extractor, part[there][..., None])
    return features
