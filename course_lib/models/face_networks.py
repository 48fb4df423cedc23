"""Build, save, load and use networks for faces."""

from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz, whole_file
from course_lib.core.labels import EMOTIONS
from course_lib.core.names import check_choice
from course_lib.models import networks, training
from course_lib.models.backend import keras
from course_lib.models.face_files import checked, test_time_views, weights_of
from course_lib.models.presets import OUTPUTS, PRESETS, RECIPES


def build(
    name: str,
    steps: int = 1000,
    precision: str = "float32",
    rate: float | None = None,
    two_outputs: bool = False,
) -> keras.Model:
    """Build an untrained network by its name.

    Parameters
    ----------
    name : str
        A name of `presets.RECIPES`.
    steps : int
        Number of training steps, over which the learning rate falls if the recipe says so.
    precision : str
        Keras's dtype policy, "float32" or "mixed_bfloat16".
    rate : float, optional
        Highest learning rate. By default the network's own.
    two_outputs : bool
        `emotion_net` as it is trained: `networks.emotion_net_two_outputs`.

    Returns
    -------
    keras.Model
        Compiled.
    """
    if two_outputs:
        name = f"{name}_two_outputs"
    builders = {
        "emotion_net_two_outputs": partial(networks.emotion_net_two_outputs, steps, rate or 0.1),
        "emotion_net": partial(networks.emotion_net, steps, rate or 0.1),
        "iiita_face_as_published": partial(networks.iiita_face, as_published=True),
    }
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        network = builders.get(name, getattr(networks, name, None))()
    finally:
        keras.config.set_dtype_policy(before)
    if name in RECIPES and RECIPES[name].falling:
        rate = rate or float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))
        network.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    return network


# --- weights ---


def save(network: keras.Model, path: str | Path) -> None:
    """Write the weights of a network to an npz file: matrices and kernels as float16, vectors as float32.

    Parameters
    ----------
    network : keras.Model
        A network of `build`.
    path : str or path
        The file is written whole or not at all.
    """
    arrays = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
    with whole_file(path) as part:
        np.savez_compressed(
            part,
            network=np.array(network.name),
            **{
                f"w{index}": array.astype(np.float16 if array.ndim > 1 else np.float32)
                for index, array in enumerate(arrays)
            },
        )


def load(model: str | Path, output: str | None = None) -> keras.Model:
    """Load a trained network as float32.

    Parameters
    ----------
    model : str or path
        A name of `presets.RECIPES` or `presets.OUTPUTS`: the network that `course train` made on this
        machine, else the one that comes with the course. Or a folder that `course train` wrote, or its
        weights.npz.
    output : {"label", "raters"}, optional
        Which output of a network with two outputs. By default the one of the preset's name, else "label".

    Returns
    -------
    keras.Model

    Raises
    ------
    CourseError
        If the name is unknown, there are no weights, they do not fit the network, or it lacks the output.
    """
    path, again = weights_of(model), "Make it again: course train"
    found = read_npz(path, "weights", again)
    name = str(found.pop("network", ""))
    two_outputs = name.endswith("_two_outputs")
    if name.removesuffix("_two_outputs") not in RECIPES:
        raise CourseError(path, "the name of the network is missing in it, or is unknown", again)
    network = build(name.removesuffix("_two_outputs"), two_outputs=two_outputs)
    arrays = [found.get(f"w{index}", np.empty(0)) for index in range(len(found))]
    fits = [array.shape for array in arrays] == [tuple(weight.shape) for weight in network.weights]
    if not fits or not all(np.isfinite(array).all() for array in arrays):
        raise CourseError(
            path, f"its weights do not fit the network {name!r}, or contain NaN or infinity", again
        )
    network.set_weights(arrays)
    output = output or OUTPUTS.get(str(model), "label")
    if two_outputs:
        return one_output(network, output)
    if output != "label":
        raise CourseError(path, f"the network {name!r} has no output {output!r}", again)
    return network


def one_output(network: keras.Model, output: str) -> keras.Model:
    """Return the part of a network with two outputs that computes one of them.

    Parameters
    ----------
    network : keras.Model
        As from `networks.emotion_net_two_outputs`. The part shares its weights.
    output : {"label", "raters"}

    Returns
    -------
    keras.Model
        Under the name of its preset.

    Raises
    ------
    CourseError
        If there is no such output.
    """
    presets = {output: preset for preset, output in OUTPUTS.items()}
    check_choice("output", output, presets)
    return keras.Model(network.inputs[0], network.get_layer(output).output, name=presets[output])


# --- predictions and features ---


def classes(network: keras.Model) -> tuple[str, ...]:
    """Return the classes of a network, in the order of its output.

    Parameters
    ----------
    network : keras.Model

    Returns
    -------
    tuple of str
        For a network without a preset: the seven emotions.
    """
    return PRESETS[network.name].classes if network.name in PRESETS else EMOTIONS


def predict(network: keras.Model, images: npt.ArrayLike, tta: int | None = None) -> np.ndarray:
    """Predict class probabilities for faces.

    Parameters
    ----------
    network : keras.Model
        A network of `presets.PRESETS`, or one of the same input.
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces.
    tta : int, optional
        Test-time augmentation (TTA): the mean over ten views of each face, which are the face, the face
        shifted by `tta` pixels to each of the four sides, and the mirror images of these five. 0 uses the
        face alone and is about five times faster. By default as in the network's recipe.

    Returns
    -------
    probabilities : float32 array of shape (n, classes)
        In the order of `classes(network)`.

    Raises
    ------
    CourseError
        For images of another shape or dtype: a face of values 0 to 1 would look black to the network.

    Notes
    -----
    Used in lessons 10, 11 and 14.
    """
    images = checked(images)
    # In batches of 512 faces: with test-time augmentation all of FER2013 would take gigabytes.
    return np.concatenate(
        [_over_views(network, images[first : first + 512], tta) for first in range(0, len(images), 512)]
    )


def called_face(network: keras.Model, images: np.ndarray) -> float:
    """Return the fraction of images that a network of "other" and "face" calls a face.

    Parameters
    ----------
    network : keras.Model
        `networks.face_or_not`, trained.
    images : uint8 array of shape (n, 48, 48)

    Returns
    -------
    float

    Notes
    -----
    Used in lesson 10.
    """
    return float((predict(network, images).argmax(axis=1) == 1).mean())


def _over_views(network, images, tta):
    recipe = RECIPES.get("emotion_net" if network.name in OUTPUTS else network.name)
    ours = recipe is not None
    views = test_time_views(images, recipe.tta if tta is None else tta) if ours else [images]
    probabilities = training.predict(network, np.concatenate(views)[..., np.newaxis], compiled=ours)
    return probabilities.reshape(len(views), len(images), -1).mean(axis=0)


def features(network: keras.Model, images: npt.ArrayLike) -> np.ndarray:
    """Compute the features of faces: the input of a network's last layer.

    Parameters
    ----------
    network : keras.Model
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces. There is no test-time augmentation.

    Returns
    -------
    np.ndarray
        float32 (n, units).

    Raises
    ------
    CourseError
        As in `predict`.
    """
    below = keras.Model(network.inputs[0], network.layers[-1].input)
    return training.predict(below, checked(images)[..., np.newaxis])
