"""The figures of the lessons.

Each function displays its figure as one HTML output, with alt text inside and a caption below, and returns a
`Plot`, whose `figure` is matplotlib's. Emotions and splits have the same colour and marker in every figure
(`colours.py`). A figure of synthetic data has SYNTHETIC in its title."""

from course_lib.plots.base import Plot, finish, hold
from course_lib.plots.cells import lstm_cell
from course_lib.plots.pictures import boxes, frames, heat_over, hog, numbers, probabilities
from course_lib.plots.protocols import scatter, score_map, split_tiles
from course_lib.plots.results import (
    bars,
    class_balance,
    confusion,
    dots,
    grouped_bars,
    intervals,
    per_class,
    reliability,
    scores,
)
from course_lib.plots.series import (
    bands,
    curve_with_frames,
    curves,
    heatmap,
    lines,
    mfcc,
    over_time,
    over_time_figure,
    phases,
    spectrogram,
)

__all__ = [
    "Plot",
    "bands",
    "bars",
    "boxes",
    "class_balance",
    "confusion",
    "curve_with_frames",
    "curves",
    "dots",
    "finish",
    "frames",
    "grouped_bars",
    "heat_over",
    "heatmap",
    "hog",
    "hold",
    "intervals",
    "lines",
    "lstm_cell",
    "mfcc",
    "numbers",
    "over_time",
    "over_time_figure",
    "per_class",
    "phases",
    "probabilities",
    "reliability",
    "scatter",
    "score_map",
    "scores",
    "spectrogram",
    "split_tiles",
]
