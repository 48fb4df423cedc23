"""Lecture 27's features of clips from frames."""

from functools import partial

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels
from course_lib.models import networks
from course_lib.models.network_classifier import train_fresh
from course_lib.models.training import predict


def frame_features(Z, y, train, units=21, seed=0) -> np.ndarray:
    """Lecture 27's features of clips from frames (18:38 to 23:11), learnt from the training clips alone.

    Z: (n, frames, *embedding), what the frozen VGG-Face gives for each frame of each clip, for example (64,
    20, 4, 7, 512); y: (n,) labels of the clips; train: row positions of the training clips. For 20 epochs a
    `networks.frame_head` learns to tell the classes from single frames of those; its "feature_layer" then
    gives `units` numbers for each frame of *every* clip, side by side in the order of time: float32 (n,
    frames * units). The lecture trains it on all clips, the test clips among them: that is `train=range(n)`.
    """
    Z, y = np.asarray(Z), as_labels(y, "y")
    if Z.ndim < 3 or len(Z) != len(y):
        raise CourseError(
            "Z",
            f"shape {Z.shape} does not hold embeddings (n, frames, ...) of {len(y)} labelled clips",
            "Give vggface.embed's rows reshaped to one row a clip",
        )
    classes, codes = np.unique(y[train], return_inverse=True)
    frames, recipe = Z.shape[1], networks.RECIPES["vggface_frame_features"]
    build = partial(networks.frame_head, Z.shape[2:], units, len(classes))
    network, _ = train_fresh(
        build,
        Z[train].reshape(-1, *Z.shape[2:]),
        np.eye(len(classes))[codes.repeat(frames)],
        recipe.batch_size,
        recipe.epochs,
        seed,
    )
    return predict(networks.feature_extractor(network), Z.reshape(-1, *Z.shape[2:])).reshape(len(Z), -1)
