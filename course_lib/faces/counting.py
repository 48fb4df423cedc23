"""Count the faces that a detector found and missed, and its false detections (lesson 09)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from course_lib.faces.tracking import overlap

OVERLAP = 0.4  # smallest intersection over union at which a box counts as the face


def count(
    boxes: Sequence[npt.ArrayLike], known: Sequence[npt.ArrayLike], cut_off: Sequence[npt.ArrayLike] = ()
) -> dict[str, int]:
    """Count the faces that a detector found and missed, and its false detections.

    Parameters
    ----------
    boxes : sequence of array_like (4,)
        The detected boxes: x, y, width, height in pixels.
    known : sequence of array_like (4,)
        The boxes of the faces in the image.
    cut_off : sequence of array_like (4,)
        Faces at the edge: a detection that overlaps one by more than a fifth is not counted as false.

    Returns
    -------
    dict
        "found", "missed" and "false". A box finds the face that it overlaps most, by an intersection over
        union of at least `OVERLAP`. A second box on a found face is not false.

    Notes
    -----
    `course evaluate face_finding` counts with it.

    Examples
    --------
    >>> count([[0, 0, 10, 10], [50, 50, 5, 5]], known=[[1, 0, 10, 10]])
    {'found': 1, 'missed': 0, 'false': 1}
    """
    best = [
        max(((overlap(box, face), number) for number, face in enumerate(known)), default=(0, None))
        for box in boxes
    ]
    seen = {number for covered, number in best if covered >= OVERLAP}
    false = sum(
        covered < OVERLAP and not any(overlap(box, face) > 0.2 for face in cut_off)
        for box, (covered, _) in zip(boxes, best, strict=True)
    )
    return {"found": len(seen), "missed": len(known) - len(seen), "false": int(false)}


def contains(boxes: npt.ArrayLike, points: npt.ArrayLike) -> bool:
    """Tell whether one of the boxes contains all points of a face.

    Parameters
    ----------
    boxes : array_like (n, 4)
        x, y, width, height in pixels. n may be 0.
    points : array_like (m, 2)
        x, y in pixels, as in `london.points`.

    Returns
    -------
    bool
        False if there is no box.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> contains([(0, 0, 10, 10)], [(2, 3), (8, 8)]), contains([], [(2, 3)])
    (True, False)
    """
    points = np.asarray(points)
    return any(
        ((points > box[:2]) & (points < box[:2] + box[2:])).all() for box in np.reshape(boxes, (-1, 4))
    )
