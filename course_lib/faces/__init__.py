"""Faces in images: find, crop and track them, and find eyes, brows and mouth (lesson 09; project G7)."""

from course_lib.faces.expression import Phases, change, changes, phases
from course_lib.faces.face_parts import (
    GENERIC,
    Parts,
    Pose,
    draw_axes,
    fit_head,
    landmarks,
    parts,
    pose,
)
from course_lib.faces.finding import cascade_classifier, crop, detectors, existing_frames, find, largest
from course_lib.faces.tracking import Seen, draw_track, follow, overlap, track

__all__ = [
    "GENERIC",
    "Parts",
    "Phases",
    "Pose",
    "Seen",
    "cascade_classifier",
    "change",
    "changes",
    "crop",
    "detectors",
    "draw_axes",
    "draw_track",
    "existing_frames",
    "find",
    "fit_head",
    "follow",
    "landmarks",
    "largest",
    "overlap",
    "parts",
    "phases",
    "pose",
    "track",
]
