"""How an image is drawn, and how a figure is shown: as one HTML output with alt text and a caption."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from textwrap import fill

import numpy as np
from IPython import get_ipython
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.plots.colours import BACKGROUND

DPI = 144  # of the stored picture, shown at 100 pixels an inch: sharp when a phone zooms in
_held = 0  # above 0 within `hold`


class Plot:
    """A figure that has been drawn, with its words.

    Every function of `plots` displays one and returns it.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        The figure, with the title above it.
    alt : str
        What the figure shows, in words.
    text : str
        Title, alt text and caption in one line: what a terminal shows.
    html, html_image : str
        The figure as a notebook stores it, with its caption and without.

    Examples
    --------
    >>> from course_lib import plots
    >>> plot = plots.lines({"training": [0.7, 0.4]}, "Loss", "epoch", "loss")
    >>> plot
    Loss: loss over epoch, training from 0.7 to 0.4.
    """

    def __init__(self, figure: Figure, title: str, summary: str, seen: str = "") -> None:
        self.figure, self.alt = figure, _sentence(summary)
        self.text = f"{title}: {summary}." + f" {_sentence(seen)}" * bool(seen)
        figure.set_facecolor(BACKGROUND)
        figure.set_layout_engine("constrained")
        caption = f"<strong>{escape(_sentence(title) if seen else title)}</strong>"
        caption += f" {escape(_sentence(seen))}" * bool(seen)
        self.html_image = image_html(figure, self.alt)
        self.html = figure_html(self.html_image, caption)
        figure.suptitle(fill(title, int(11 * figure.get_figwidth())), fontsize=12)
        self._cell = None  # the number of the cell that displayed it last

    def savefig(self, path: str | Path, **options: object) -> None:
        """Save the figure as an image file, with its title: `figure.savefig` of matplotlib.

        Parameters
        ----------
        path : str or Path
            Its ending names the format: .png, .svg, .pdf.
        **options
            Of `matplotlib.figure.Figure.savefig`, such as `dpi`.
        """
        self.figure.savefig(path, **options)

    def __repr__(self) -> str:
        return self.text

    def _ipython_display_(self) -> None:
        # A cell that ends with plots.lines(…) has displayed it already; a later cell may display it again.
        shell = get_ipython()
        if shell and shell.execution_count != self._cell:
            self._cell = shell.execution_count
            display({"text/html": self.html, "text/plain": self.text}, raw=True)


@contextmanager
def hold() -> Iterator[None]:
    """Draw figures without displaying them, for example to give them to `show.slider`.

    Examples
    --------
    >>> from course_lib import plots
    >>> with plots.hold():
    ...     figures = [plots.lines({"a": [1, n]}, str(n), "x", "y") for n in (2, 3)]
    >>> len(figures)
    2
    """
    global _held
    _held += 1
    try:
        yield
    finally:
        _held -= 1


def show(figure: Figure, title: str, summary: str, seen: str = "") -> Plot:
    """Display a figure under Jupyter, with `summary` as its alt text, and title and `seen` as its caption."""
    plot = Plot(figure, title, summary, seen)
    if not _held:
        plot._ipython_display_()
    return plot


def finish(title: str, alt: str, seen: str = "") -> Plot:
    """Display the figure that was drawn with `plt`, with alt text and a caption as every other figure.

    Parameters
    ----------
    title : str
    alt : str
        What the figure shows, for readers who cannot see it.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If no figure has been drawn.

    Notes
    -----
    Write it as the last line of the cell. Used in lessons 01, 02, 05, 08 to 13 and 15 to 17.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> image = plt.imshow([[0, 255], [255, 0]], cmap="gray")
    >>> finish("A test image", "two black and two white squares")
    A test image: two black and two white squares.
    """
    import matplotlib.pyplot as plt

    if not plt.get_fignums():
        raise CourseError(
            "plots.finish", "nothing has been drawn", "Draw first, in the same cell: plt.imshow(image)"
        )
    figure = plt.gcf()
    plt.close(figure)  # else Jupyter displays it a second time, without its words
    return show(figure, title, alt, seen)


def draw_image(axes: Axes, image: np.ndarray) -> None:
    """Draw an image (height, width[, 3]) on axes, without ticks."""
    # Of grey bytes 0 is black and 255 white; left alone, matplotlib stretches each image to its own range.
    limits = {"vmin": 0, "vmax": 255} if image.dtype == np.uint8 else {}
    axes.imshow(image, cmap="gray", **limits)
    axes.axis("off")


def image_html(image: Figure | np.ndarray, alt: str, more: str = "") -> str:
    """A figure, or uint8 pixels (height, width[, 3]), as an <img> element that holds its data as WebP."""
    from PIL import Image

    if isinstance(image, Figure):
        png, width = io.BytesIO(), round(100 * image.get_figwidth())
        image.savefig(png, format="png", dpi=DPI)
        pixels = Image.open(png).convert("RGB")
    else:
        pixels, width = Image.fromarray(image).convert("RGB"), image.shape[1]
    # Lines and text are smaller and exact without loss; photographs are ten times smaller with it.
    data = base64.b64encode(min(_webp(pixels, lossless=True), _webp(pixels, quality=85), key=len)).decode()
    return (
        f'<img alt="{escape(alt)}" width="{width}" style="max-width:100%;height:auto"{more} '
        f'src="data:image/webp;base64,{data}">'
    )


def figure_html(body: str, caption: str) -> str:
    """A <figure> element with `body` (HTML) and a caption (HTML) in the colour of the text around it."""
    return f'<figure style="margin:0.5em 0">{body}<figcaption>{caption}</figcaption></figure>'


def _webp(pixels, **options):
    data = io.BytesIO()
    pixels.save(data, format="WEBP", **options)
    return data.getvalue()


def _sentence(text):
    # With a full stop, and a capital letter; but a name in code (emotion_net, plots.lines) keeps its case.
    text = text.strip()
    first = text[:1] if re.match(r"\w*[a-z\d][_.]\w", text) else text[:1].upper()
    return first + text[1:] + "." * bool(text and not text.endswith((".", "!", "?")))
