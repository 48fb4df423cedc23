"""Diagrams drawn by code, as an SVG image with its own white background, which dark pages need."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    from IPython.display import HTML

_WIDTH, _HEIGHT, _GAP = 150, 44, 46  # of a box, and between boxes, in SVG units
# How `network` names the layers that have a box of their own.
_SHORT = {
    "Conv2D": "Conv",
    "MaxPooling2D": "Max",
    "AveragePooling2D": "Mean",
    "GlobalAveragePooling2D": "Mean of maps",
    "Reshape": "Reshape",
    "Flatten": "Flatten",
    "Dense": "Dense",
}


def diagram(boxes: Mapping[str, tuple[int, int]], arrows: Sequence[tuple[str, str]], alt: str) -> HTML:
    """Draw labelled boxes on a grid, with arrows between them.

    Parameters
    ----------
    boxes : mapping of str to (int, int)
        The label of each box, up to two lines of 18 characters, and its column and row, from 0. A label with
        a line break is broken there.
    arrows : sequence of (str, str)
        Labels of the boxes that an arrow leaves and reaches, in one row or one column.
    alt : str
        What the diagram shows, in words, for screen readers.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If there is no box, two boxes are in one place, a place is not two whole numbers from 0, a label is
        too long, an arrow names an unknown box, or its boxes are in different rows and columns.

    Examples
    --------
    >>> shown = diagram({"clip": (0, 0), "faces": (1, 0)}, [("clip", "faces")], "A clip becomes faces.")
    >>> 'alt="A clip becomes faces."' in shown.data
    True
    """
    from IPython.display import HTML

    _check_places(boxes)
    parts = [_box(label, *place) for label, place in boxes.items()]
    parts += [_arrow(boxes, *arrow) for arrow in arrows]
    width = max(column for column, _ in boxes.values()) * (_WIDTH + _GAP) + _WIDTH + 4
    height = max(row for _, row in boxes.values()) * (_HEIGHT + _GAP) + _HEIGHT + 4
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {width + 12} {height + 12}" '
        f'width="{width + 12}" height="{height + 12}" fill="none" stroke="black" font-size="15" '
        f'font-family="sans-serif"><rect x="-8" y="-8" width="100%" height="100%" fill="white" '
        f'stroke="none"/>{"".join(parts)}</svg>'
    )
    # As an image, since JupyterLab removes inline SVG from a notebook that it does not trust.
    data = base64.b64encode(svg.encode()).decode()
    return HTML(
        f'<figure style="margin:0.5em 0"><img alt="{escape(alt)}" width="{width + 12}" '
        f'style="max-width:100%;height:auto" src="data:image/svg+xml;base64,{data}"></figure>'
    )


def _check_places(boxes):
    if not boxes:
        raise CourseError("diagram", "there is no box", "Give a dict of label to (column, row)")
    taken = {}
    for label, place in boxes.items():
        lines = _lines(label)
        if len(lines) > 2 or max(map(len, lines), default=99) > 18:
            raise CourseError(
                f"box {label!r}", "its label needs 1 to 36 characters in two lines", "Give another label"
            )
        if len(place) != 2 or not all(isinstance(at, int) and at >= 0 for at in place):
            raise CourseError(
                f"box {label!r}", f"{place!r} is not a column and a row, from 0", "Give for example (0, 1)"
            )
        if place in taken:
            raise CourseError(
                f"box {label!r}", f"box {taken[place]!r} is at {place}, too", "Move one of the boxes"
            )
        taken[place] = label


def _lines(label):
    return label.split("\n") if "\n" in label else wrap(label, 18)


def _box(label, column, row):
    x, y = column * (_WIDTH + _GAP), row * (_HEIGHT + _GAP)
    lines = _lines(label)
    top = y + _HEIGHT // 2 + 5 - 9 * (len(lines) - 1)
    text = "".join(
        f'<text x="{x + _WIDTH // 2}" y="{top + 18 * which}" text-anchor="middle" fill="black" '
        f'stroke="none">{escape(line)}</text>'
        for which, line in enumerate(lines)
    )
    return f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>{text}'


def _arrow(boxes, start, end):
    for label in (start, end):
        if label not in boxes:
            raise CourseError(
                f"arrow {start!r} to {end!r}", f"there is no box {label!r}", "Add it to `boxes`"
            )
    (x0, y0), (x1, y1) = boxes[start], boxes[end]
    dx, dy = (x1 > x0) - (x1 < x0), (y1 > y0) - (y1 < y0)
    if abs(dx) + abs(dy) != 1:
        raise CourseError(
            f"arrow {start!r} to {end!r}",
            "the boxes are not in one row or one column",
            "Move one of the boxes",
        )
    reach_x, reach_y = dx * _WIDTH // 2, dy * _HEIGHT // 2
    tail = _middle(x0, y0, reach_x, reach_y)
    tip = _middle(x1, y1, -reach_x, -reach_y)
    barb = [(tip[0] - 8 * dx + side * 5 * dy, tip[1] - 8 * dy + side * 5 * dx) for side in (1, -1)]
    (ax, ay), (bx, by) = barb
    return f'<path d="M{tail[0]} {tail[1]}L{tip[0]} {tip[1]}M{ax} {ay}L{tip[0]} {tip[1]}L{bx} {by}"/>'


def _middle(column, row, dx, dy):
    return column * (_WIDTH + _GAP) + _WIDTH // 2 + dx, row * (_HEIGHT + _GAP) + _HEIGHT // 2 + dy


def network(model: Any, columns: int = 4, what: str = "") -> HTML:
    """Draw the layers of a sequential network as boxes, each with its output shape.

    Scaling, padding, normalisation, activation and dropout have no box of their own: they belong to the box
    before (or, for scaling and padding, to the next one).

    Parameters
    ----------
    model : keras.Sequential
        A network that is built.
    columns : int
        Boxes in a row. The next row runs back, so that every arrow is short.
    what : str
        The first words of the alt text; by default the network's name.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If no layer has a box.

    Notes
    -----
    Used in lesson 10. It reads names and shapes only, so it does not import Keras.
    """
    size = " x ".join(str(one) for one in model.input_shape[1:])
    labels = [f"image\n{size}", *layer_labels(model)]
    if len(labels) == 1:
        raise CourseError(f"network {model.name!r}", "it has no layer to draw", "Give a built network")
    places = {}
    for number, label in enumerate(labels):
        row, column = divmod(number, columns)
        places[label] = (column if row % 2 == 0 else columns - 1 - column, row)
    spoken = "; then ".join(label.replace("\n", ", ") for label in labels)
    return diagram(places, list(pairwise(labels)), f"{what or model.name}: {spoken}.")


def layer_labels(model: Any) -> list[str]:
    """List the boxes of `network`: a number, what the layer is, and below it the size of what it returns.

    Parameters
    ----------
    model : keras.Sequential

    Returns
    -------
    list of str
        Two lines each.
    """
    found = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "BatchNormalization" and found:
            found[-1][0] += " + BN"
        elif kind == "LocalResponseNormalization" and found:
            found[-1][0] += " + LRN"
        elif kind in _SHORT:
            sides = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
            name = _SHORT[kind] + (f" {sides[0]}x{sides[1]}" if sides else "")
            found.append([name, " x ".join(str(one) for one in layer.output.shape[1:])])
    return [f"{number}: {name}\n{shape}" for number, (name, shape) in enumerate(found, 1)]
