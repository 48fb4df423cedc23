"""Networks for faces: built, kept, loaded and asked."""

from functools import partial
from pathlib import Path

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.core.io import read_npz, whole_file
from course_lib.core.labels import EMOTIONS
from course_lib.core.paths import home
from course_lib.models import networks, training
from course_lib.models.backend import keras
from course_lib.models.presets import NAMES, PRESETS, RECIPES, SHIPPED, known


def build(name, steps=1000, precision="float32", rate=None):
    """The network untrained. `steps`: of a course of training, over which a learning rate falls that does so;
    `rate`: the highest, where it is another than the network's own."""
    builders = {
        "emotion_net": partial(networks.emotion_net, steps, rate or 0.1),
        "iiita_face_as_published": partial(networks.iiita_face, as_published=True),
    }
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        network = builders.get(name, getattr(networks, name, None))()
    finally:
        keras.config.set_dtype_policy(before)
    if RECIPES[name].falling:
        rate = rate or float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))
        network.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    return network


# --- weights ---


def save(network, path):
    """Write a network's weights to an npz: matrices and kernels float16, vectors float32, whole or not at
    all.
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


def load(model) -> keras.Model:
    """A trained network, float32: of a name of `RECIPES` (what `course train` made on this machine, else what
    comes with the course), of a folder that `course train` wrote, or of its weights.npz."""
    path, again = weights_of(model), "Make it again: course train"
    found = read_npz(path, "weights", again)
    name, arrays = (
        str(found.pop("network", "")),
        [found.get(f"w{index}", np.empty(0)) for index in range(len(found))],
    )
    if name not in RECIPES:
        raise CourseError(path, "it does not say of which network its weights are", again)
    network = build(name)
    fits = [array.shape for array in arrays] == [tuple(weight.shape) for weight in network.weights]
    if not fits or not all(np.isfinite(array).all() for array in arrays):
        raise CourseError(path, f"its weights do not fit the network {name!r}, or are no numbers", again)
    network.set_weights(arrays)
    return network


def weights_of(model) -> Path:
    """The file of a trained network's weights, as `load` finds it. Raises `CourseError` where there is
    none."""
    name, path = NAMES.get(str(model), str(model)), Path(model).expanduser()
    if name not in RECIPES:
        path = path / "weights.npz" if path.is_dir() else path
        if path.is_file():
            return path
        if path.suffix or len(path.parts) > 1:
            raise CourseError(
                path, "there is no such file of weights", "Give what course train wrote, or a name"
            )
    name = known(name)
    for path in (home() / "models" / name / "weights.npz", SHIPPED / f"{name}.npz"):
        if path.is_file():
            return path
    raise CourseError(
        name,
        "it was not trained on this machine, and its weights do not come with the course",
        f"Run: course train {name} --data fer2013.csv",
    )


# --- answers and scores ---


def classes(network) -> tuple:
    """The classes whose probabilities a network answers with, in their order."""
    return PRESETS[network.name].classes if network.name in PRESETS else EMOTIONS


def predict(network, images, tta: int | None = None) -> np.ndarray:
    """Predict class probabilities for faces.

    Parameters
    ----------
    network : keras.Model
        A network of `presets.PRESETS`, or one of the same input.
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces.
    tta : int, optional
        Test-time augmentation (TTA): the mean over ten views of each face, which are the face, the face
        shifted by so many pixels to each of the four sides, and the mirror images of these five. 0 uses the
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
    Used in lessons 09 to 11 and 14.
    """
    images = _checked(images)
    # Some faces at a time: ten views of all of FER2013 would be gigabytes.
    return np.concatenate(
        [_mean_answer(network, images[first : first + 512], tta) for first in range(0, len(images), 512)]
    )


def _mean_answer(network, images, tta):
    ours = network.name in RECIPES
    views = _views(images, RECIPES[network.name].tta if tta is None else tta) if ours else [images]
    answers = training.predict(network, np.concatenate(views)[..., np.newaxis], compiled=ours)
    return answers.reshape(len(views), len(images), -1).mean(axis=0)


def _views(images, shift):
    """The faces (n, 48, 48). With a `shift` in pixels also shifted to each side, where the edge is continued
    by its reflection, and the mirror images of all five."""
    if not shift:
        return [images]
    wide, size = np.pad(images, ((0, 0), (shift, shift), (shift, shift)), "reflect"), images.shape[1]
    views = [
        wide[:, y : y + size, x : x + size]
        for y, x in ((shift, shift), (0, shift), (2 * shift, shift), (shift, 0), (shift, 2 * shift))
    ]
    return [*views, *(view[:, :, ::-1] for view in views)]


def features(network, images) -> np.ndarray:
    """What a network's last layer is given for faces, uint8 (n, 48, 48): float32 (n, units), each face seen
    once.

    Raises `CourseError` as `predict` does.
    """
    below = keras.Model(network.inputs[0], network.layers[-1].input)
    return training.predict(below, _checked(images)[..., np.newaxis])


def _checked(images):
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.shape != (len(images), 48, 48) or not len(images):
        raise CourseError(
            f"images {images.dtype} {images.shape}",
            "faces uint8 (n, 48, 48) are expected",
            "faces.crop(image, box) gives one; of 0 to 1: (255 * images).round().astype('uint8')",
        )
    return images
