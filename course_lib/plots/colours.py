"""The colours and markers of every figure: one fixed pair for each emotion and for each split.

Every colour has a contrast of at least 3:1 with the white background of a figure (WCAG 2.2, 1.4.11). The
eight emotions differ by at least 16 in CIEDE2000, also for readers with protanopia, deuteranopia or
tritanopia (simulated as in Machado et al. 2009). Each also has a marker of its own."""

from collections.abc import Iterable

from course_lib.core.labels import SPELLINGS
from course_lib.core.looks import EMOTIONS_LIGHT

BACKGROUND = "#FFFFFF"  # of every figure, so that its dark text is readable on a dark page, too

MARKERS = "osD^vPX*"
EMOTION_STYLES = {
    emotion: (colour.upper(), marker)
    for (emotion, colour), marker in zip(EMOTIONS_LIGHT.items(), MARKERS, strict=True)
}
SPLIT_STYLES = {"training": ("#0072B2", "o"), "validation": ("#D55E00", "s"), "test": ("#000000", "^")}
# The protocols of `evaluation.PROTOCOLS`: the same colour and marker in every figure of scores.
PROTOCOL_STYLES = {
    "random split": ("#1E4BFF", "o"),
    "grouped by clip": ("#C3871E", "s"),
    "speaker-independent": ("#963C78", "D"),
}

# What is neither an emotion nor a split takes these in their order.
COLOURS = ("#1E4BFF", "#C3871E", "#963C78", "#1EA5A5", "#960000", "#3C785A", "#2D003C", "#3C3C3C")

# A scatter plot can have more groups than these eight: a colour and a marker of its own for each of twelve.
GROUP_STYLES = tuple(
    zip((*COLOURS, "#FF4B87", "#9687E1", "#697800", "#001E00"), MARKERS + "<>ph", strict=True)
)

_SPELT = {word: words[0] for words in SPELLINGS for word in words if len(word) > 2}
_SPLITS = {"train": "training", "val": "validation", "testing": "test"}


def fixed_style(name: object) -> tuple[str, str] | None:
    """The colour and marker that belong to an emotion or a split, in whatever spelling.

    Parameters
    ----------
    name : object
        A label, such as "angry", "fearful" or "validation".

    Returns
    -------
    tuple of (str, str) or None
        A hexadecimal colour and a matplotlib marker; None for other names.

    Examples
    --------
    >>> fixed_style("fearful") == fixed_style("fear")
    True
    >>> fixed_style("validation")
    ('#D55E00', 's')
    """
    word = str(name).strip().lower()
    return EMOTION_STYLES.get(_SPELT.get(word, word)) or SPLIT_STYLES.get(_SPLITS.get(word, word))


def styles(names: Iterable) -> list[tuple[str, str]]:
    """A colour and a marker for each name: fixed for emotions and splits, in order for all other names.

    Parameters
    ----------
    names : iterable
        The labels of one figure, in their order.

    Returns
    -------
    list of (str, str)

    Examples
    --------
    >>> styles(["SVC", "training"])
    [('#963C78', 'D'), ('#0072B2', 'o')]
    """
    fixed = [fixed_style(name) for name in names]
    used = {style[0] for style in fixed if style}
    free = [pair for pair in zip(COLOURS, MARKERS, strict=True) if pair[0] not in used]
    if used & {colour for colour, _ in SPLIT_STYLES.values()}:
        free = free[2:] + free[:2]  # blue and amber resemble the colours of the splits
    turn = iter(range(len(fixed)))
    return [style or free[next(turn) % len(free)] for style in fixed]
