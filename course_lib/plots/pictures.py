"""Images: frames, faces with a network's probabilities, heat maps and boxes over them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from textwrap import fill

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import Plot
from course_lib.plots.colours import COLOURS, fixed_style


def frames(
    images: Sequence[np.ndarray] | np.ndarray,
    labels: Iterable = (),
    title: str = "Frames",
    columns: int = 6,
    seen: str = "",
) -> Plot:
    """Draw images in a grid, each with its label above it.

    Parameters
    ----------
    images : sequence of np.ndarray, each (height, width) or (height, width, 3)
        uint8 from 0 to 255, or float from 0 to 1.
    labels : iterable, optional
        One label for each image.
    title : str
    columns : int
        Images in a row, at most.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no image, or there are more labels than images.

    Examples
    --------
    >>> frames(np.zeros((2, 48, 48), np.uint8), ["sad", "happy"], "Faces")
    Faces: 2 images of 48 x 48 pixels (sad; happy).

    Notes
    -----
    Used in lessons 00 to 05, 07 to 10, 14 and 17.
    """
    labels = list(labels)
    if not len(images):
        raise CourseError("frames", "there is no image to show", "Check the filter that chose them")
    _check_labels("frames", labels, images, "images")
    (height, width), columns = images[0].shape[:2], min(columns, len(images))
    rows, inches = -(-len(images) // columns), 10 / max(3, columns)  # one image alone is not enlarged
    above = [fill(str(label), int(13 * inches)) for label in labels]
    lines = max((text.count("\n") + 1 for text in above), default=0)
    figure = Figure(figsize=(inches * columns, (inches * height / width + 0.17 * lines + 0.15) * rows))
    for number, (image, text) in enumerate(zip_longest(images, above, fillvalue="")):
        axes = figure.add_subplot(rows, columns, number + 1)
        base.draw_image(axes, image)
        axes.set_title(text, fontsize=9)
    named = f" ({'; '.join(dict.fromkeys(map(str, labels)))})" if above else ""
    plural = "s" * (len(images) > 1)
    return base.show(figure, title, f"{len(images)} image{plural} of {height} x {width} pixels{named}", seen)


def _check_labels(name, labels, items, kind):
    if len(labels) > len(items):
        raise CourseError(
            name, f"there are {len(labels)} labels for {len(items)} {kind}", "Give one label for each"
        )


def hog(image: np.ndarray, hog_image: np.ndarray, title: str = "HoG", seen: str = "") -> Plot:
    """Draw an image beside its histogram of oriented gradients.

    Parameters
    ----------
    image : np.ndarray, shape (height, width) or (height, width, 3)
    hog_image : np.ndarray, shape (height, width)
        What `skimage.feature.hog(..., visualize=True)` draws: in each cell a stroke for each
        orientation, as bright as its histogram is high.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> hog(np.zeros((8, 8)), np.eye(8))
    HoG: left the image, right its gradients; 12% of the pixels lie on a stroke.

    Notes
    -----
    Used in lesson 02.
    """
    tallest = max(each.shape[0] / each.shape[1] for each in (image, hog_image))
    figure = Figure(figsize=(9, 4.5 * tallest + 0.5))
    left, right = figure.subplots(1, 2)
    base.draw_image(left, image)
    left.set_title("image")
    limit = np.percentile(hog_image, 99.5)  # else a few strong edges hide the rest
    right.imshow(hog_image, cmap="gray", vmax=limit)
    right.set_title("HoG: in each cell, a stroke for each orientation")
    right.axis("off")
    lit = (hog_image > 0).mean()
    summary = f"left the image, right its gradients; {lit:.0%} of the pixels lie on a stroke"
    return base.show(figure, title, summary, seen)


def boxes(
    image: np.ndarray, boxes: Iterable, title: str = "Boxes", labels: Iterable = (), seen: str = ""
) -> Plot:
    """Draw boxes over an image, each with its label or its number.

    Parameters
    ----------
    image : np.ndarray, shape (height, width) or (height, width, 3)
    boxes : iterable of 4 numbers
        x, y, width and height of each box in pixels.
    title : str
    labels : iterable, optional
        One label for each box. Without labels the boxes are numbered from 1.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there are more labels than boxes.

    Examples
    --------
    >>> boxes(np.zeros((60, 80), np.uint8), [(10, 5, 30, 40)], "Photo", ["face"])
    Photo: an image of 60 x 80 pixels, face 30 x 40 at column 10, row 5.

    Notes
    -----
    Used in lessons 09 and 10.
    """
    (height, width), boxes = image.shape[:2], [tuple(box) for box in boxes]  # a box may be a table's row
    labels = list(labels)
    _check_labels("boxes", labels, boxes, "boxes")
    figure = Figure(figsize=(8, min(8, max(2, 8 * height / width))))
    axes = figure.subplots()
    base.draw_image(axes, image)
    names = labels or range(1, len(boxes) + 1)
    for which, (x, y, across, down) in enumerate(boxes):
        colour, line = COLOURS[which % len(COLOURS)], ("-", "--", "-.", ":")[which % 4]
        below, above = {"edgecolor": "white", "linewidth": 4}, {"edgecolor": colour, "linewidth": 2}
        axes.add_patch(Rectangle((x, y), across, down, fill=False, **below))
        axes.add_patch(Rectangle((x, y), across, down, fill=False, **above, linestyle=line))
    _label_boxes(axes, boxes, names, width, height)
    listed = [
        f"{name} {w} x {h} at column {x}, row {y}" for name, (x, y, w, h) in zip(names, boxes, strict=True)
    ]
    summary = f"an image of {height} x {width} pixels, {'; '.join(listed) or 'no box'}"
    return base.show(figure, title, summary, seen)


def _label_boxes(axes, boxes, names, width, height):
    # Above each box, or below it where the label of another box is in the way.
    taken = []
    for (x, y, _, down), name in sorted(zip(boxes, names, strict=True), key=lambda pair: pair[0][1]):
        below = any(abs(x - column) < 0.1 * width and abs(y - row) < 0.06 * height for column, row in taken)
        axes.text(
            x,
            y + down * below,
            str(name),
            va="top" if below or y < 0.06 * height else "bottom",
            color="white",
            clip_on=True,
            bbox={"facecolor": "black", "pad": 2},
        )
        taken.append((x, y))


def heat_over(
    images: np.ndarray,
    heats: npt.ArrayLike,
    title: str = "Where a network looks",
    labels: Iterable = (),
    seen: str = "",
) -> Plot:
    """Draw grey images, and below each the same image under its heat map, as Grad-CAM gives it.

    Parameters
    ----------
    images : np.ndarray, shape (n, height, width) or (height, width)
    heats : array_like, shape (n, rows, columns) or (rows, columns)
        0 and up. A map of fewer pixels is stretched over its image. Each map has its own colour scale; a
        white line surrounds the values above half of its maximum.
    title : str
    labels : iterable, optional
        One label for each image. Without labels several images are numbered from 1.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> heat_over(np.zeros((48, 48)), np.eye(3)[[0, 0, 2]], labels=["angry"])
    Where a network looks: above the image, below its heat map: angry warmest at the top left.

    Notes
    -----
    Used in lesson 11.
    """
    images, heats = (each if np.ndim(each) > 2 else [each] for each in (images, heats))
    names = list(labels) or ([""] if len(images) == 1 else range(1, len(images) + 1))
    figure = Figure(figsize=(10 / max(4, len(images)) * len(images), 20 / max(4, len(images)) + 0.4))
    axes = figure.subplots(2, len(images), squeeze=False)
    for above, below, image, heat, name in zip(*axes, images, heats, names, strict=True):
        base.draw_image(above, image)
        above.set_title(fill(str(name), 22), fontsize=9)
        base.draw_image(below, image)
        stretched = cv2.resize(np.asarray(heat, np.float32), image.shape[1::-1])
        below.imshow(stretched, cmap="inferno", alpha=0.55, vmin=0)
        if stretched.max() > stretched.min():
            below.contour(stretched, levels=[stretched.max() / 2], colors="white", linewidths=1)
    warmest = [f"{name} {_warmest(heat)}".strip() for name, heat in zip(names, heats, strict=True)]
    return base.show(figure, title, f"above the image, below its heat map: {'; '.join(warmest)}", seen)


def _warmest(heat):
    heat = np.asarray(heat)
    if heat.max() <= heat.min():
        return "the same everywhere"
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    down, across = 3 * row // heat.shape[0], 3 * column // heat.shape[1]
    return f"warmest at the {('top', 'middle', 'bottom')[down]} {('left', 'centre', 'right')[across]}"


def probabilities(
    images: Sequence[np.ndarray] | np.ndarray,
    probabilities: npt.ArrayLike,
    labels: Sequence[str],
    title: str = "Probabilities",
    names: Iterable = (),
    seen: str = "",
) -> Plot:
    """Draw images, each above a bar chart of its class probabilities.

    Parameters
    ----------
    images : sequence of np.ndarray (height, width[, 3]), or one
    probabilities : array_like, shape (n, classes) or (classes,)
        A network's softmax output for each image, from 0 to 1.
    labels : sequence of str
        The classes, in the order of the columns. An emotion has its own colour. The largest probability is
        striped and has its number.
    title : str
    names : iterable, optional
        What is written above each image, such as its true label.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> probabilities(np.zeros((48, 48)), [0.1, 0.7, 0.2], ["sad", "happy", "angry"])
    Probabilities: happy 70%, angry 20%.

    Notes
    -----
    Used in lessons 10, 11, 14 and 15.
    """
    several = np.ndim(probabilities) > 1
    images, rows_of = (images, probabilities) if several else ([images], [probabilities])
    names = list(names) or [""] * len(images)
    columns = min(4, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(2.3 * columns + 0.8, (2.1 + 0.22 * len(labels)) * rows + 0.2))
    axes = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=[1.7, 0.22 * len(labels)] * rows)
    for axis in axes.flat:
        axis.axis("off")
    for which, (image, row, name) in enumerate(zip(images, rows_of, names, strict=True)):
        above, below = (axes[2 * (which // columns) + half, which % columns] for half in (0, 1))
        base.draw_image(above, image)
        above.set_title(fill(str(name), 24), fontsize=9)
        _draw_bars(below, row, labels, named=which % columns == 0)
    listed = [
        f"{name}: " * bool(name) + _two_largest(row, labels) for row, name in zip(rows_of, names, strict=True)
    ]
    return base.show(figure, title, "; ".join(listed), seen)


def _draw_bars(axes, row, labels, named):
    colours = [(fixed_style(label) or (COLOURS[0],))[0] for label in labels]
    axes.axis("on")
    bars = axes.barh(range(len(labels)), row, color=colours)
    bars[np.argmax(row)].set(hatch="///", edgecolor="white")
    axes.text(max(row) + 0.02, np.argmax(row), f"{max(row):.0%}", va="center", fontsize=9)
    axes.set(xlim=(0, 1.25), xticks=(0, 0.5, 1), xlabel="probability", ylim=(len(labels) - 0.5, -0.5))
    axes.set_yticks(range(len(labels)), labels if named else [""] * len(labels), fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _two_largest(row, labels):
    order = np.argsort(-np.asarray(row), kind="stable")[:2]
    return ", ".join(f"{labels[place]} {row[place]:.0%}" for place in order)


def numbers(
    tables: Mapping[str, npt.ArrayLike],
    title: str,
    windows: Mapping[str, tuple[int, int, int, int]] | None = None,
    seen: str = "",
) -> Plot:
    """Draw small tables of numbers side by side, each number in its cell.

    Parameters
    ----------
    tables : mapping of str to array_like (rows, columns)
        The name of each table and its numbers. A cell with NaN stays empty.
    title : str
    windows : mapping of str to (row, column, height, width), optional
        For some of the tables: the cells that a frame surrounds, counted from 0.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no table, a table has not two axes, or a window belongs to no table.

    Notes
    -----
    Used in lesson 10.

    Examples
    --------
    >>> numbers({"image": [[1, 0], [0, 1]], "largest": [[1]]}, "A pool", {"image": (0, 0, 2, 2)})
    A pool: image 1 0 / 0 1; largest 1.
    """
    arrays = {name: np.asarray(table, float) for name, table in tables.items()}
    if not arrays or any(array.ndim != 2 for array in arrays.values()):
        raise CourseError(
            "plots.numbers", "each table needs rows and columns", "Give at least one such table"
        )
    windows = dict(windows or {})
    if unknown := set(windows) - set(arrays):
        raise CourseError("plots.numbers", f"no table is named {unknown.pop()!r}", "Use the tables' names")
    widths = [array.shape[1] for array in arrays.values()]
    tall = max(array.shape[0] for array in arrays.values())
    figure = Figure(figsize=(max(4.0, 0.42 * (sum(widths) + len(widths))), 0.42 * tall + 0.9))
    panels = figure.subplots(1, len(arrays), squeeze=False, gridspec_kw={"width_ratios": widths})[0]
    for axes, (name, array) in zip(panels, arrays.items(), strict=True):
        _draw_numbers(axes, array, windows.get(name))
        axes.set_title(name, fontsize=10)
    summary = "; ".join(f"{name} {_spoken(array)}" for name, array in arrays.items())
    return base.show(figure, title, summary, seen)


def _draw_numbers(axes, array, window):
    rows, columns = array.shape
    for row, column in np.ndindex(rows, columns):
        axes.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor="0.6"))
        if not np.isnan(array[row, column]):
            axes.text(column + 0.5, row + 0.5, f"{array[row, column]:.3g}", ha="center", va="center")
    if window:
        colour = COLOURS[1]
        row, column, height, width = window
        axes.add_patch(Rectangle((column, row), width, height, fill=True, alpha=0.25, color=colour))
        axes.add_patch(Rectangle((column, row), width, height, fill=False, edgecolor=colour, linewidth=3))
    axes.set(xlim=(-0.1, columns + 0.1), ylim=(rows + 0.1, -0.1), aspect="equal")
    axes.axis("off")


def _spoken(array):
    return " / ".join(" ".join("empty" if np.isnan(one) else f"{one:.3g}" for one in row) for row in array)
