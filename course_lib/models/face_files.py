"""What the networks for faces need with and without Keras: their files of weights, and their images."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.core.paths import home
from course_lib.datasets import parts
from course_lib.models.presets import NAMES, OUTPUTS, RECIPES, SHIPPED, known


def weights_of(model: str | Path) -> Path:
    """Find the file of a trained network's weights.

    Parameters
    ----------
    model : str or path
        As in `load`.

    Returns
    -------
    Path

    Raises
    ------
    CourseError
        If the name is unknown, or there is no such file. It tells how to train the network.
    """
    name, path = NAMES.get(str(model), str(model)), Path(model).expanduser()
    name = "emotion_net" if name in OUTPUTS else name
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
    if name in parts.load():
        raise parts.why_missing(name)
    raise CourseError(
        name,
        "it was not trained on this machine, and its weights do not come with the course",
        f"Run: course train {name} --data fer2013.csv",
    )


def test_time_views(images: np.ndarray, shift: int) -> list[np.ndarray]:
    """Make the views of faces for test-time augmentation.

    Parameters
    ----------
    images : uint8 array of shape (n, 48, 48)
        Grey levels of faces.
    shift : int
        In pixels; 0 gives the faces alone.

    Returns
    -------
    list of np.ndarray
        Each of the shape of `images`: the faces, the faces shifted to each side, with reflected edges, and
        the mirror images of these five.

    Examples
    --------
    >>> len(test_time_views(np.zeros((2, 48, 48), np.uint8), 2))
    10
    """
    if not shift:
        return [images]
    wide, size = np.pad(images, ((0, 0), (shift, shift), (shift, shift)), "reflect"), images.shape[1]
    views = [
        wide[:, y : y + size, x : x + size]
        for y, x in ((shift, shift), (0, shift), (2 * shift, shift), (shift, 0), (shift, 2 * shift))
    ]
    return [*views, *(view[:, :, ::-1] for view in views)]


def checked(images: npt.ArrayLike) -> np.ndarray:
    """Return images of faces as an array, uint8 (n, 48, 48); raise `CourseError` for another shape or dtype.

    Examples
    --------
    >>> checked(np.zeros((1, 48, 48), np.uint8)).shape
    (1, 48, 48)
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.shape != (len(images), 48, 48) or not len(images):
        raise CourseError(
            f"images {images.dtype} {images.shape}",
            "faces uint8 (n, 48, 48) are expected",
            "Use faces.crop(image, box); for values of 0 to 1 (255 * images).round().astype('uint8')",
        )
    return images
