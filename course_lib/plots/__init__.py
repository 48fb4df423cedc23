"""Every figure that stands in more than one lesson.

Each is drawn in colours that colour-blind readers tell apart (Okabe & Ito 2008) and with markers, is shown
with alt text, and prints the same in one line. A figure of the Studio says SYNTHETIC in its title."""

from course_lib.plots.pictures import boxes, frames, heat_over, hog, probabilities
from course_lib.plots.results import class_balance, confusion, per_class, reliability, scores
from course_lib.plots.series import curves, heatmap, lines, over_time, over_time_figure, phases

__all__ = [
    "boxes",
    "class_balance",
    "confusion",
    "curves",
    "frames",
    "heat_over",
    "heatmap",
    "hog",
    "lines",
    "over_time",
    "over_time_figure",
    "per_class",
    "phases",
    "probabilities",
    "reliability",
    "scores",
]
