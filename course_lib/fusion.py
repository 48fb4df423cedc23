"""Fuse several modalities: their features, what a network of each has learnt (lecture 27 from 27:37), or decisions.

*Early fusion* puts features side by side and trains one classifier on them: scale them with `Blocks`, then any
classifier or `training.NetworkClassifier`. The lecture's *late fusion* (39:03), which the field calls intermediate
fusion, trains a network a modality and fuses what each has learnt: `LateFusion`; *hybrid fusion* (00:22) has a stream
on all features besides. *Decision fusion*, the field's late fusion (project IIITA), takes the shares that a classifier
of each modality answers with: `fuse_decisions` by mean or product, with weights or without; `LearnedFusion`.

A missing modality is a row of NaN (`MISSING`) in its columns: `Blocks` puts the training mean in its place, `combine`
and `LateFusion` do as `combine` says; decisions are fused of the modalities that are there.
"""

from functools import partial

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from course_lib import calibration, evaluation, networks, training
from course_lib.files import CourseError

MISSING = np.nan
HOW = ("concatenate", "sum", "product", "weighted average")


class Blocks(TransformerMixin, BaseEstimator):
    """Early fusion's scaling: X (n, d) holds the modalities side by side, `sizes` says how wide each is, in order.

    `sizes` is a dict such as {"audio": 2520, "video": 420}. Each column is standardised by the mean and spread of what
    `fit` is given, the training part; then each modality is divided by the square root of its width, so that the
    longer one does not outweigh the other. A missing modality becomes zeros, the training mean. Gives float64 (n, d).
    Raises `CourseError` where X is not as wide as the sizes together, a row has only a part of a modality, or all
    training rows lack one.
    """

    def __init__(self, sizes):
        self.sizes = sizes

    def fit(self, X, y=None):
        """Learn each column's mean and spread from the rows that have it."""
        for name, block in split_modalities(X, self.sizes).items():
            if np.isnan(block).all():
                raise CourseError(f"modality {name!r}", "all training rows lack it", "Leave it out of X and sizes")
        self.scaler_ = StandardScaler().fit(np.asarray(X, np.float64))
        return self

    def transform(self, X):
        """The rows scaled so, zeros where a modality is missing: float64 (n, d)."""
        split_modalities(X, self.sizes)
        widths = np.repeat([*self.sizes.values()], [*self.sizes.values()])
        return np.nan_to_num(self.scaler_.transform(np.asarray(X, np.float64))) / np.sqrt(widths)


def split_modalities(X, sizes) -> dict[str, np.ndarray]:
    """The columns of each modality, (n, width) by name; a row of a modality is all there or all NaN, else
    `CourseError`, as where X (n, d) is not as wide as the `sizes` together or holds infinity."""
    X = np.asarray(X)
    if X.ndim != 2 or X.shape[1] != sum(sizes.values()):
        raise CourseError(f"X of shape {X.shape}", f"the modalities {sizes} are {sum(sizes.values())} columns together",
                          "Put them side by side with np.hstack, in this order")
    blocks = dict(zip(sizes, np.split(X, np.cumsum([*sizes.values()])[:-1], axis=1), strict=True))
    for name, block in blocks.items():
        _missing(block, f"modality {name!r}")
    return blocks


def combine(parts, how="concatenate", weights=None) -> np.ndarray:
    """Fuse the representations in `parts`, a list of (n, u) one a modality, row by row (lecture 27 at 35:03).

    `how`: "concatenate" side by side (n, the widths' sum), or, for parts of one width, element by element "sum",
    "product" or "weighted average" (n, u) by `weights`, one above 0 for each part, default equal. Where a part misses a
    row (all NaN): zeros in "concatenate"; the others alone in "sum" and "product"; the others' weights made to sum to
    1 in "weighted average". Raises `CourseError` for another `how`, parts that do not fit each other or the weights,
    and a row that is missing in all parts.
    """
    parts = [np.asarray(part, np.float32) for part in parts]
    weights = _checked(parts, how, weights)
    there = ~np.stack([_missing(part, f"part {number}") for number, part in enumerate(parts)])  # (parts, n)
    if not there.any(axis=0).all():
        raise CourseError("fusion", f"{(~there.any(axis=0)).sum()} rows are missing in every part", "Leave them out")
    if how == "concatenate":
        return np.nan_to_num(np.concatenate(parts, axis=1))
    if how in ("sum", "product"):
        return {"sum": np.nansum, "product": np.nanprod}[how](parts, axis=0)
    shares = weights[:, None] * there / (weights @ there)
    return np.nansum(np.stack(parts) * shares[:, :, None], axis=0, dtype=np.float32)


class LateFusion(ClassifierMixin, BaseEstimator):
    """The lecture's late fusion as a scikit-learn classifier (27 from 35:03 to 42:19), no step of it seeing test rows.

    X (n, d) holds the modalities side by side, `sizes` says how wide each is (see `Blocks`). For each of `streams` a
    `networks.cnn_1d` is trained on the modality of that name, "both" being all of them side by side:
    ("audio", "video", "both") is hybrid fusion. `combine(..., how, weights)` fuses what their "feature_layer" gives,
    128 numbers each, and a `networks.late_fusion_mlp` is trained on that. `scale=True` standardises each column by the
    training part first. A row that lacks a modality is left out of that stream's training. After `fit`: `classes_`,
    `cnns_` (by stream) and `mlp_`, each a `training.NetworkClassifier`, with their curves in `history_`.
    """

    def __init__(self, sizes, streams=("audio", "video"), how="concatenate", weights=None, seed=0, scale=False):
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
        self.mlp_ = training.NetworkClassifier(build, recipe.batch_size, recipe.epochs, self.seed).fit(fused, y)
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
            raise CourseError(f"streams {self.streams}", f"{', '.join(sorted(unknown))} is not there",
                              f"Choose from {', '.join(blocks)}")
        return {stream: blocks[stream] for stream in self.streams}

    def _cnn(self, part, y):
        there, recipe = ~np.isnan(part).any(axis=1), networks.RECIPES["cnn_1d"]
        if len(np.unique(y[there])) < len(self.classes_):
            raise CourseError("a modality", "no training row of some class has it", "Leave it out of the streams")
        cnn = training.NetworkClassifier(partial(networks.cnn_1d, part.shape[1]), recipe.batch_size, recipe.epochs,
                                         self.seed, shape=(part.shape[1], 1))
        return cnn.fit(part[there], y[there])


# --- decisions --------------------------------------------------------------------------------------------------------

def fuse_decisions(shares, how="mean", weights=None) -> np.ndarray:
    """Fuse the shares that a classifier of each modality answers with: float64 (n, classes), rows that add up to 1.

    shares: a list of (n, classes), one a modality, rows that add up to 1, or all NaN where it is missing or silent.
    `how`: "mean", or "product", which believes that the modalities err independently. weights: a number a modality, or
    a row of numbers a modality, one a class: IIITA fuses faces and speech so, by the F-score that each reaches for each
    class (`f_score_weights`). In the mean a share is multiplied by its weight, in the product raised to it; rows are
    then made to add up to 1 (IIITA gives no formula). A missing modality is left out, and those that are there are
    weighted as ever. Raises `CourseError` for shares or weights that do not fit or are none, and for items that all
    modalities miss.
    """
    shares = _decisions(shares)
    weights = np.ones((len(shares), 1)) if weights is None else np.asarray(weights, np.float64)
    weights = weights[:, None] if weights.ndim == 1 else weights
    if how not in ("mean", "product") or len(weights) != len(shares) or weights.shape[1] not in (1, shares.shape[2]) \
            or not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise CourseError(f"fusion by {how!r}", f"weights {weights.tolist()} do not go with shares {shares.shape}",
                          'Choose "mean" or "product", and weights of 0 and more: one a modality, or one a modality '
                          "and class")
    there = ~np.isnan(shares).any(axis=2)
    if not there.any(axis=0).all():
        raise CourseError("fusion", f"{(~there.any(axis=0)).sum()} items are missing in every modality",
                          "Leave them out, and say so")
    if how == "mean":
        return _normed(np.nansum(shares * weights[:, None], axis=0))
    logs = np.nansum(np.log(np.clip(shares, calibration.SMALLEST, None)) * weights[:, None], axis=0)
    return _normed(np.exp(logs - logs.max(axis=1, keepdims=True)))


def f_score_weights(y, shares) -> np.ndarray:
    """A modality's F-score for each class, (classes,), by which `fuse_decisions` weighs it, as IIITA does.

    y (n,): labels of validation items, columns of their shares (n, classes). Never from items that are scored after.
    """
    y, shares = calibration.checked(y, shares)
    return evaluation.f_scores(y, shares.argmax(axis=1), range(shares.shape[1]))["F1"].to_numpy()


class LearnedFusion(BaseEstimator):
    """Decision fusion that is learnt (stacking, Wolpert 1992): a logistic regression on the logarithms of all shares.

    `fit` and `predict_proba` take shares as `fuse_decisions` does; `fit` wants those of validation items, and y (n,),
    columns of the shares, each at least once. A missing modality counts as equal shares, and so do both where both are.
    `C` is scikit-learn's.
    """

    def __init__(self, C=0.1):
        self.C = C

    def fit(self, shares, y):
        """Learn how far each modality is to be believed, class by class."""
        shares = _decisions(shares)
        if not np.array_equal(np.unique(y), np.arange(shares.shape[2])):
            raise CourseError("y", f"it holds {len(np.unique(y))} of {shares.shape[2]} classes",
                              "Give validation items of each class, numbered from 0")
        self.regression_ = LogisticRegression(C=self.C, max_iter=1000).fit(self._logs(shares), y)
        return self

    def predict_proba(self, shares):
        """The fused shares, float64 (n, classes)."""
        return self.regression_.predict_proba(self._logs(_decisions(shares)))

    def _logs(self, shares):
        filled = np.where(np.isnan(shares), 1 / shares.shape[2], shares)
        return np.hstack(np.log(np.clip(filled, calibration.SMALLEST, 1)))


def _decisions(shares):
    """The shares as one float64 array (modalities, n, classes), each row adding up to 1 or NaN."""
    shares = [np.asarray(part, np.float64) for part in shares]
    if not shares or any(part.shape != shares[0].shape or part.ndim != 2 for part in shares):
        raise CourseError("shares", f"their shapes {[part.shape for part in shares]} do not fit each other",
                          "Give (n, classes) for each modality, of the same items and classes")
    for part in shares:
        gaps = _missing(part, "shares")
        if (part[~gaps] < 0).any() or not np.allclose(part[~gaps].sum(axis=1), 1, atol=1e-3):
            raise CourseError("shares", "some rows are below 0 or do not add up to 1",
                              "Give softmax's answers, NaN where a modality is missing")
    return np.stack(shares)


def _normed(shares):
    total = shares.sum(axis=1, keepdims=True)
    return np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / shares.shape[1])


def _features(cnn, part):
    """What the stream's "feature_layer" gives, (n, 128), and `MISSING` where the stream is."""
    there = ~np.isnan(part).any(axis=1)
    features = np.full((len(part), 128), MISSING, np.float32)
    if there.any():
        extractor = networks.feature_extractor(cnn.network_)
        features[there] = training.predict(extractor, part[there][..., None])
    return features


def _missing(block, name):
    """Which rows of a modality (n, u) are missing, (n,) bool."""
    gaps = np.isnan(block)
    if np.isinf(block).any() or (gaps.any(axis=1) != gaps.all(axis=1)).any():
        raise CourseError(name, "some rows hold infinity, or NaN beside numbers",
                          "A missing row is NaN in all its columns; mend the others or leave them out")
    return gaps.all(axis=1)


def _checked(parts, how, weights):
    """The weights (parts,) as an array, once the parts fit each other and `how`."""
    shapes = [part.shape for part in parts]
    same = len({shape if how != "concatenate" else shape[:1] for shape in shapes}) == 1
    if how not in HOW or not same or any(len(shape) != 2 for shape in shapes):
        raise CourseError(f"fusion by {how!r}", f"it does not go with parts of shapes {shapes}",
                          f"Choose one of {', '.join(HOW)}; all parts need the same rows, and all but concatenation "
                          "the same width")
    if weights is not None and how != "weighted average":
        raise CourseError(f"fusion by {how!r}", "it takes no weights", 'Set how="weighted average", or leave them out')
    weights = np.ones(len(parts)) if weights is None else np.asarray(weights, np.float64)
    if weights.shape != (len(parts),) or not (np.isfinite(weights).all() and (weights > 0).all()):
        raise CourseError(f"weights {weights.tolist()}", f"{len(parts)} numbers above 0 are needed",
                          "Give one for each part, in their order")
    return weights
