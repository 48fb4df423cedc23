"""How strong a facial expression is over time, and its phases: onset, apex and offset (on G7's slides)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from course_lib.core.errors import CourseError
from course_lib.faces import finding, tracking

LOW, HIGH = 0.1, 0.9  # fractions of the height at which the onset and the apex begin
REST = 0.1  # fraction of the frames, at the start, that show the face at rest
CLEAR = 3  # standard deviations of the frames at rest that a peak must rise above them


class Phases(NamedTuple):
    """First and last frame of each phase of an expression.

    A phase is None if the clip does not contain all of it.
    """

    onset: tuple[int, int] | None
    apex: tuple[int, int]
    offset: tuple[int, int] | None


def phases(intensity: npt.ArrayLike, rest: float | None = None) -> Phases:
    """Find onset, apex and offset of the strongest expression in a clip.

    The height is the distance from rest to the highest value. The apex is the run of frames around the
    highest value that stay at 90 % of the height or more. The onset is the frames before it that are above
    10 % of the height, and the offset the frames after it.

    Parameters
    ----------
    intensity : array-like of float (n,)
        Strength of the expression, one value for each frame; higher is stronger. Smooth a noisy curve first:
        `scipy.ndimage.median_filter(intensity, 5)`.
    rest : float, optional
        The level of the face at rest; by default the median of the first tenth of the frames.

    Returns
    -------
    Phases
        First and last frame of each phase. A phase without frames is None. So is an onset that begins before
        the clip, or an offset that ends after it.

    Raises
    ------
    CourseError
        If there are fewer than 3 frames, a value is not finite, or the curve does not rise above rest.
        Without `rest`, it must rise by more than three standard deviations of the first tenth of the frames.
        With fewer than 15 frames that tenth is one frame, and noise cannot be estimated.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> phases([0, 0, 0.5, 1, 1, 0.5, 0, 0], rest=0)
    Phases(onset=(2, 2), apex=(3, 4), offset=(5, 5))
    """
    curve = np.asarray(intensity, float)
    if curve.ndim != 1 or len(curve) < 3 or not np.isfinite(curve).all():
        raise CourseError(
            f"intensity {curve.shape}",
            "3 or more finite numbers are expected, one for each frame",
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
    Speaking, blinking and turning the head also raise this value, so it does not measure emotion. Used in
    lesson 09.

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


def changes(frames: Sequence[np.ndarray], neutral: int = 3) -> dict[str, np.ndarray]:
    """Measure how much a face changes in a film, with two ways to crop it.

    Parameters
    ----------
    frames : sequence of np.ndarray
        uint8 (height, width, 3), with the face at rest in the first ones.
    neutral : int
        As in `change`.

    Returns
    -------
    dict
        "own box": each frame is cropped to its own box of `tracking.track`. "one box": all frames are cropped
        to the median of these boxes. Each is what `change` returns, float (n,).

    Raises
    ------
    CourseError
        If no face is found, and as `tracking.track` and `change` do.

    Notes
    -----
    With an own box, the curve jumps where the detector moves the box. With one box, it also shows the head
    that moves. A frame in which the face is lost takes the box of the frame before it. Used in lesson 09.

    Examples
    --------
    >>> import skimage.data
    >>> film = [skimage.data.astronaut()] * 4
    >>> {way: curve.round(1).tolist() for way, curve in changes(film).items()}
    {'own box': [0.0, 0.0, 0.0, 0.0], 'one box': [0.0, 0.0, 0.0, 0.0]}
    """
    own = tracking.track(frames)[["x", "y", "w", "h"]].ffill().bfill()
    boxes = {"own box": own.to_numpy(), "one box": [own.median().to_numpy()] * len(own)}
    return {
        way: change([finding.crop(*pair) for pair in zip(frames, places, strict=True)], neutral)
        for way, places in boxes.items()
    }


def _run(above: np.ndarray, at: int) -> tuple[int, int]:
    """First and last frame of the unbroken run of True around `at`."""
    below = np.flatnonzero(~above)
    before, after = below[below < at], below[below > at]
    return int(before[-1]) + 1 if len(before) else 0, int(after[0]) - 1 if len(after) else len(above) - 1
