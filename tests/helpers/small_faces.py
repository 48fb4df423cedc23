"""A handful of faces in FER2013's place."""

import numpy as np

from course_lib.datasets import fer2013


def some_faces(n=70, public=14, seed=0):
    """Random faces of all emotions; the first PublicTest image is also in Training, and one Training image
    twice.
    """
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (n + public, 48, 48), dtype=np.uint8)
    labels = (np.arange(n + public) % 7).astype(np.uint8)
    images[0], images[8] = images[n], images[1]
    return fer2013.Faces(images, labels, np.repeat(["Training", "PublicTest"], [n, public]))


def flat_faces(levels, labels, usage="Training"):
    """Flat faces: their grey level says which are the same."""
    return fer2013.Faces(
        np.array(levels, np.uint8)[:, None, None] * np.ones((1, 48, 48), np.uint8),
        np.array(labels, np.uint8),
        np.resize(usage, len(levels)),
    )
