"""How strong an expression is over time, and its phases: onset, apex and offset (named on G7's slides)."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError

LOW, HIGH = 0.1, 0.9  # of the height from rest to the peak: where the onset begins, and the apex
REST = 0.1  # of the frames, at the start, that show the face at rest
CLEAR = 3  # times the deviation of the frames at rest: a lower peak is no expression


class Phases(NamedTuple):
    """First and last frame of each phase; None where the clip begins after the onset or ends before the
    offset.
    """

    onset: tuple[int, int] | None
    apex: tuple[int, int]
    offset: tuple[int, int] | None


def phases(intensity, rest=None) -> Phases:
    """Onset, apex and offset of the strongest expression in a curve, one value a frame: float (n,), higher is
    stronger.

    `rest` is the level of the face at rest, by default the median of the first tenth of the frames. From
    there to the highest value is the height. The apex are the frames about the highest one that stay at 90 %
    of the height or more; the onset are the frames before them above 10 %, the offset those after them. A
    phase without a frame is None, and so is an offset that the clip ends in before the curve is down to 10 %,
    or an onset that it begins in. The curve is taken as it is: smooth a noisy one first
    (`scipy.ndimage.median_filter(intensity, 5)`). Raises `CourseError` for fewer than 3 frames, NaN, and a
    curve that does not rise above rest: clearly, where `rest` is taken from its own start, by more than three
    times the deviation there (which wants 15 frames or more: of fewer the first alone is the start, and says
    nothing of noise)."""
    curve = np.asarray(intensity, float)
    if curve.ndim != 1 or len(curve) < 3 or not np.isfinite(curve).all():
        raise CourseError(
            f"intensity {curve.shape}",
            "3 or more finite numbers, one a frame, are expected",
            "Leave out frames without a face, or fill the gaps: np.interp",
        )
    start, noise = curve[: max(1, round(REST * len(curve)))], 0.0
    if rest is None:
        rest, noise = np.median(start), start.std()
    peak, height = int(curve.argmax()), curve.max() - rest
    if height <= max(CLEAR * noise, 1e-12):
        raise CourseError(
            "intensity",
            "it does not rise clearly above the face at rest, so there is no expression",
            "Begin the clip before the expression, or give rest=",
        )
    low, high = rest + LOW * height, rest + HIGH * height
    first, last = _run(curve >= high, peak)
    begin, end = _run(curve > low, peak)
    return Phases(
        onset=(begin, first - 1) if 0 < begin < first else None,
        apex=(first, last),
        offset=(last + 1, end) if last < end < len(curve) - 1 else None,
    )


def change(faces: npt.ArrayLike, neutral: int = 5) -> np.ndarray:
    """Measure how far each face is from the neutral faces at the start of a clip.

    Parameters
    ----------
    faces : array_like (n, height, width)
        uint8 grey crops of one face, at rest in the first frames.
    neutral : int
        The number of frames at the start that show the face at rest.

    Returns
    -------
    np.ndarray (n,)
        float, the root mean square difference from the mean of the neutral faces. Each crop is first brought
        to mean 0 and standard deviation 1, so that lighting does not count.

    Raises
    ------
    CourseError
        If there are fewer faces than `neutral`, or they are not grey crops of one size.

    Notes
    -----
    Speaking, blinking and turning the head also raise this value, so it does not measure emotion.

    Examples
    --------
    >>> change([[[0, 255]], [[0, 255]], [[255, 0]]], neutral=2).tolist()
    [0.0, 0.0, 2.0]
    """
    faces = np.asarray(faces, np.float32)
    if faces.ndim != 3 or len(faces) < max(neutral, 1) or neutral < 1:
        raise CourseError(
            f"faces {faces.shape}",
            f"{max(neutral, 1)} or more grey faces (n, height, width) are expected",
            "Crop the face in each frame: faces.crop(frame, box)",
        )
    level, spread = faces.mean(axis=(1, 2), keepdims=True), faces.std(axis=(1, 2), keepdims=True)
    faces = (faces - level) / np.maximum(spread, 1e-6)
    return np.sqrt(((faces - faces[:neutral].mean(axis=0)) ** 2).mean(axis=(1, 2)))


def _run(above, at):
    # -> first and last frame of the unbroken run of True around `at`
    below = np.flatnonzero(~above)
    before, after = below[below < at], below[below > at]
    return int(before[-1]) + 1 if len(before) else 0, int(after[0]) - 1 if len(after) else len(above) - 1
