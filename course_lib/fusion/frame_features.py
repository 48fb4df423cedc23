"""Learn lecture 27's features of clips from the embeddings of their frames."""

from functools import partial

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.validation import as_labels
from course_lib.models import networks
from course_lib.models.network_classifier import train_fresh
from course_lib.models.training import predict


def frame_features(
    Z: npt.ArrayLike, y: npt.ArrayLike, train: npt.ArrayLike, units: int = 21, seed: int = 0
) -> np.ndarray:
    """Learn the features of clips from their frames, with the training clips only (27 at 18:38 to 23:11).

    Parameters
    ----------
    Z : array of shape (n, frames, ...)
        The output of the frozen VGG-Face for each frame of each clip, for example (64, 20, 4, 7, 512).
    y : array of shape (n,)
        Labels of the clips.
    train : int array
        Row positions of the training clips.
    units : int
        Number of features of each frame.
    seed : int

    Returns
    -------
    np.ndarray
        float32 (n, frames * units): the features of all clips, frame after frame.

    Raises
    ------
    CourseError
        If Z and y do not fit each other, or the training clips have one class only.

    Notes
    -----
    A `networks.frame_head` learns to classify single frames of the training clips. The output of its
    "feature_layer" is the result. The lecture trains it on all clips, including the test clips:
    `train=range(n)`, which leaks the test labels into the features. Used in lessons 06 to 08.
    """
    Z, y = np.asarray(Z), as_labels(y, "y")
    if Z.ndim < 3 or len(Z) != len(y):
        raise CourseError(
            "Z",
            f"shape {Z.shape} does not hold embeddings (n, frames, ...) of {len(y)} labelled clips",
            "Reshape the result of vggface.embed to one row for each clip",
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
