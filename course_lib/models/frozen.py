"""Frozen networks for faces under one call: VGG-Face, or face_identity in its place.

VGG-Face's weights must be downloaded. face_identity comes with the course. Both give a map of features for
each image, so the same small network fits on top of either."""

from pathlib import Path

import numpy as np

from course_lib.models import face_identity as identity
from course_lib.models import vggface
from course_lib.models.backend import keras, layers

IN_ITS_PLACE = "face_identity"


def network(weights: str | Path, input_shape: tuple[int, int, int]) -> keras.Model:
    """Build a frozen network for faces by the name of its weights.

    Parameters
    ----------
    weights : str or path
        "face_identity": that network. Else as in `vggface.load`: "vggface", "random", or a file.
    input_shape : (int, int, 3)
        Height, width and channels of the images.

    Returns
    -------
    keras.Model
        From images that `network.preprocess(images)` prepared to maps of features. `vggface.embed(images,
        network)` computes and stores them, and `network.weights_name` names the weights for a report.

    Raises
    ------
    CourseError
        As in `vggface.VGGFace`.

    Notes
    -----
    Used in lessons 04, 06 and 07.
    """
    if str(weights) == IN_ITS_PLACE:
        return face_identity(input_shape)
    return vggface.VGGFace(include_top=False, weights=weights, input_shape=input_shape)


def face_identity(input_shape: tuple[int, int, int], layer: str = identity.LAYER) -> keras.Model:
    """Build face_identity for images of any size, up to one of its layers.

    Parameters
    ----------
    input_shape : (int, int, 3)
        Height, width and channels of the images. The middle square of an image is scaled to 150x150.
    layer : str
        One of `face_identity.BLOCKS`.

    Returns
    -------
    keras.Model
        Its output for each image is (height, width, channels), such as (8, 8, 128) for conv128_2.

    Raises
    ------
    CourseError
        If the weights that come with the course are damaged.

    Notes
    -----
    Used in lesson 04, where VGG-Face is not at hand. The faces are not aligned.
    """
    whole = identity.build()
    part = keras.Model(whole.inputs[0], whole.get_layer(layer).output, name=f"to_{layer}")
    part.trainable = False
    image = keras.Input(input_shape)
    side = (identity.SIZE, identity.SIZE)
    scaled = layers.Resizing(*side, crop_to_aspect_ratio=True, antialias=True, name="scaled_down")(image)
    found = keras.Model(image, part(scaled), name="face_identity")
    found.weights_name = "face_identity, frozen"
    found.preprocess = _as_float
    return found


def _as_float(images):
    """face_identity takes RGB values from 0 to 255; it subtracts the means itself."""
    return np.asarray(images, np.float32)
