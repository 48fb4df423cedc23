"""A slider over pictures that were made beforehand: it works in a saved notebook, without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from course_lib.core.errors import CourseError
from course_lib.plots.base import Plot, figure_html, image_html

if TYPE_CHECKING:
    from IPython.display import HTML
    from matplotlib.figure import Figure

# Where scripts run, the first picture's arrival shows the slider and hides the summaries; where they are
# removed (a notebook that JupyterLab does not trust, GitHub), each picture stays in a fold of its own. Both
# find their elements from `this`, so that outputs on one page need no ids. Without data-lm-suppress-shortcuts
# JupyterLab would take the arrow keys as its own shortcuts.
_START = (
    "const f=this.closest('figure');f.firstElementChild.style.display='';"
    "f.querySelectorAll('summary').forEach(function(s){s.style.display='none'})"
)
_MOVE = (
    "const f=this.closest('figure'),d=[...f.querySelectorAll('details')],i=+this.value;"
    "d.forEach(function(e,k){e.open=k===i});const t=d[i].querySelector('summary').textContent;"
    "this.setAttribute('aria-valuetext',t);this.parentNode.nextElementSibling.textContent=t"
)
_KEY = (
    "const s={ArrowRight:1,ArrowUp:1,ArrowLeft:-1,ArrowDown:-1}[event.key];"
    "if(s){event.preventDefault();event.stopPropagation();this.stepUp(s);this.oninput()}"
)


def slider(
    pictures: Sequence[Plot | Figure | np.ndarray], labels: Sequence, title: str, start: int = 0
) -> HTML:
    """Show a slider that moves through pictures; without scripts each picture is in a fold.

    Parameters
    ----------
    pictures : sequence of Plot, matplotlib.figure.Figure or np.ndarray
        What `plots` returns (see `plots.hold`), figures, or uint8 images (height, width[, 3]).
    labels : sequence
        What each picture shows, such as a value of a parameter with its unit: its label and, for figures and
        images, its alt text.
    title : str
        What the slider changes. Shown in the caption.
    start : int
        Which picture is shown first, counted from 0.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If there is no picture, not one label for each, no such `start`, or a picture of another kind.

    Examples
    --------
    >>> images = [np.full((32, 32), 60 * n, np.uint8) for n in range(4)]
    >>> shown = slider(images, ["0", "60", "120", "180"], "Grey level")
    >>> shown.data.count("<img "), shown.data.count("<details")
    (4, 4)
    """
    from IPython.display import HTML

    labels = [str(label) for label in labels]
    if not len(pictures) or len(labels) != len(pictures):
        raise CourseError(
            "slider",
            f"there are {len(pictures)} pictures and {len(labels)} labels",
            "Give one label for each",
        )
    if not 0 <= start < len(pictures):
        raise CourseError("slider", f"there is no picture {start!r}", f"Give 0 to {len(pictures) - 1}")
    folds = ""
    for which, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        image = _image(picture, label, f' onload="{_START}"' if which == start else "")
        folds += f"<details{' open' * (which == start)}><summary>{escape(label)}</summary>{image}</details>"
    control = (
        f'<p style="display:none" data-lm-suppress-shortcuts="true"><label>{escape(title)}: '
        f'<input type="range" min="0" max="{len(labels) - 1}" step="1" '
        f'value="{start}" aria-valuetext="{escape(labels[start])}" style="width:100%;max-width:24em" '
        f'oninput="{_MOVE}" onkeydown="{_KEY}"></label> <output>{escape(labels[start])}</output></p>'
    )
    return HTML(figure_html(control + folds, f"<strong>{escape(title)}</strong>"))


def _image(picture, label, more):
    from matplotlib.figure import Figure

    if isinstance(picture, Plot):
        return picture.html_image.replace("<img ", f"<img{more} ", 1)
    array = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim in (2, 3)
    if not (array or isinstance(picture, Figure)):
        raise CourseError(
            f"a picture of type {type(picture).__name__}",
            "it is neither a figure nor a uint8 image (height, width[, 3])",
            "Give what plots.lines and the like return, or multiply an image from 0 to 1 by 255",
        )
    return image_html(picture, label, more)
