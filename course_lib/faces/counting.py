"""Count the faces that a detector found and missed, and its false detections (lesson 09)."""

from collections.abc import Sequence

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
    Used in lesson 09.

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
