"""Pictures of the demo's page, made by `python benchmarks/page_pictures.py --write`.

They show an actor of RAVDESS, so they are in its folder, below its licence.
"""

import json
from typing import NamedTuple

import cv2
import numpy as np

from course_lib.datasets import embedded

FOLDER = embedded.FOLDER / "ravdess" / "demo_page"
LIST = "pictures.json"


class Screen(NamedTuple):
    """One picture of the page.

    Attributes
    ----------
    name : str
        Such as "live".
    label : str
        What it shows, in one sentence.
    image : np.ndarray
        RGB, uint8 (height, width, 3).
    """

    name: str
    label: str
    image: np.ndarray


def read() -> list[Screen]:
    """Read the pictures of the demo's page, in the order in which a visitor sees these screens.

    Returns
    -------
    list of Screen

    Raises
    ------
    CourseError
        If this copy of the course leaves out RAVDESS: the pictures show its actor 1.

    Examples
    --------
    >>> [screen.name for screen in read()][:2]
    ['agree', 'live']

    Notes
    -----
    Used in lesson 14.
    """
    embedded.folder("ravdess")  # for the credits; it also says what to do if it is left out
    listed = json.loads((FOLDER / LIST).read_text(encoding="utf-8"))["pictures"]
    return [
        Screen(name, label, cv2.cvtColor(cv2.imread(str(FOLDER / f"{name}.webp")), cv2.COLOR_BGR2RGB))
        for name, label in listed.items()
    ]
