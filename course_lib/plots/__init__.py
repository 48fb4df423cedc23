"""The figures of the lessons.

Each function displays its figure as one HTML output, with alt text inside and a caption below, and returns a
`Plot`, whose `figure` is matplotlib's. Emotions and splits have the same colour and marker in every figure
(`colours.py`). A figure of synthetic data has SYNTHETIC in its title."""

from course_lib.plots.base import Plot, hold
from course_lib.plots.pictures import boxes, frames, heat_over, hog, probabilities
from course_lib.plots.results import class_balance, confusion, per_class, reliability, scores
from course_lib.plots.series import curves, heatmap, lines, over_time, over_time_figure, phases

__all__ = [
    "Plot",
    "boxes",
    "class_balance",
    "confusion",
    "curves",
    "frames",
    "heat_over",
    "heatmap",
    "hog",
    "hold",
    "lines",
    "over_time",
    "over_time_figure",
    "per_class",
    "phases",
    "probabilities",
    "reliability",
    "scores",
]
