"""How many faces a finder found, missed and imagined, where it is known where they are (lesson 09)."""

from course_lib.faces.tracking import overlap

OVERLAP = 0.4  # intersection over union from which on a box counts as the face


def count(boxes, known, cut_off=()) -> dict:
    """How many of the known faces the boxes find, miss, and how many boxes are on none: {"found", "missed",
    "false"}.

    A box finds the face with which it overlaps most, by `OVERLAP` at least. A second box on a face that is
    found is no false one; nor is a box that overlaps a face of `cut_off` by more than a fifth."""
    best = [
        max(((overlap(box, face), number) for number, face in enumerate(known)), default=(0, None))
        for box in boxes
    ]
    seen = {number for share, number in best if share >= OVERLAP}
    false = sum(
        share < OVERLAP and not any(overlap(box, face) > 0.2 for face in cut_off)
        for box, (share, _) in zip(boxes, best, strict=True)
    )
    return {"found": len(seen), "missed": len(known) - len(seen), "false": int(false)}
