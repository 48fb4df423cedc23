"""Faces in images: find, crop and track them, and find eyes, brows and mouth (lesson 09; project G7)."""

from course_lib.faces.expression import Phases, change, phases
from course_lib.faces.face_parts import GENERIC, Parts, Pose, landmarks, parts, pose
from course_lib.faces.finding import crop, detectors, existing_frames, find, largest
from course_lib.faces.tracking import Seen, follow, overlap, track

__all__ = [
    "GENERIC",
    "Parts",
    "Phases",
    "Pose",
    "Seen",
    "change",
    "crop",
    "detectors",
    "existing_frames",
    "find",
    "follow",
    "landmarks",
    "largest",
    "overlap",
    "parts",
    "phases",
    "pose",
    "track",
]
