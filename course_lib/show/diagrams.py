"""Diagrams drawn by code, as inline SVG in the colour of the text around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from course_lib.core.errors import CourseError

if TYPE_CHECKING:
    from IPython.display import HTML

_WIDTH, _HEIGHT, _GAP = 150, 44, 46  # of a box, and between boxes, in SVG units


def diagram(boxes: Mapping[str, tuple[int, int]], arrows: Sequence[tuple[str, str]], alt: str) -> HTML:
    """Draw labelled boxes on a grid, with arrows between them.

    Parameters
    ----------
    boxes : mapping of str to (int, int)
        The label of each box and its column and row, from 0.
    arrows : sequence of (str, str)
        Labels of the boxes that an arrow leaves and reaches, in one row or one column.
    alt : str
        What the diagram shows, for screen readers.

    Returns
    -------
    IPython.display.HTML

    Raises
    ------
    CourseError
        If an arrow names an unknown box, or its boxes are in different rows and columns.

    Examples
    --------
    >>> shown = diagram({"clip": (0, 0), "faces": (1, 0)}, [("clip", "faces")], "A clip becomes faces.")
    >>> "<title>A clip becomes faces.</title>" in shown.data
    True
    """
    from IPython.display import HTML

    parts = [_box(label, *place) for label, place in boxes.items()]
    parts += [_arrow(boxes, *arrow) for arrow in arrows]
    width = max(column for column, _ in boxes.values()) * (_WIDTH + _GAP) + _WIDTH + 4
    height = max(row for _, row in boxes.values()) * (_HEIGHT + _GAP) + _HEIGHT + 4
    return HTML(
        f'<svg role="img" viewBox="-2 -2 {width} {height}" width="{width}" style="max-width:100%" '
        f'fill="none" stroke="currentColor" font-size="15" font-family="sans-serif">'
        f"<title>{escape(alt)}</title>{''.join(parts)}</svg>"
    )


def _box(label, column, row):
    x, y = column * (_WIDTH + _GAP), row * (_HEIGHT + _GAP)
    return (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text x="{x + _WIDTH // 2}" y="{y + _HEIGHT // 2 + 5}" text-anchor="middle" '
        f'fill="currentColor" stroke="none">{escape(label)}</text>'
    )


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
            f"arrow {start!r} to {end!r}", "it is not along a row or a column", "Move one of the boxes"
        )
    reach_x, reach_y = dx * _WIDTH // 2, dy * _HEIGHT // 2
    tail = _middle(x0, y0, reach_x, reach_y)
    tip = _middle(x1, y1, -reach_x, -reach_y)
    barb = [(tip[0] - 8 * dx + side * 5 * dy, tip[1] - 8 * dy + side * 5 * dx) for side in (1, -1)]
    (ax, ay), (bx, by) = barb
    return f'<path d="M{tail[0]} {tail[1]}L{tip[0]} {tip[1]}M{ax} {ay}L{tip[0]} {tip[1]}L{bx} {by}"/>'


def _middle(column, row, dx, dy):
    return column * (_WIDTH + _GAP) + _WIDTH // 2 + dx, row * (_HEIGHT + _GAP) + _HEIGHT // 2 + dy
