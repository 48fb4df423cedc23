"""How each page of the course looks: its colours, in light and dark, its font, its tables and its focus ring.

The site, the demo and the grading pages include these rules, and add their own.
Figures take the colours of the emotions from here, too. Each page holds or sends its own copy of the rules,
so that no page needs another file of the course.
"""

from collections.abc import Mapping
from pathlib import Path

SHEET = Path(__file__).with_suffix(".css")
# Text has a contrast of at least 4.5 : 1 with the paper and with the wash, a box of at least 3 : 1.
LIGHT = {
    "ink": "#1c2430",  # text
    "soft": "#566173",  # text that matters less
    "line": "#d9dee6",  # lines of a table, empty parts of a bar
    "paper": "#ffffff",
    "wash": "#f4f6f9",  # the ground of what belongs together
    "bar": "#2f5fa3",  # links, buttons, bars
    "on-bar": "#ffffff",  # text on them
    "focus": "#b35c00",  # around what the keyboard has chosen
    "good": "#1f7a4d",
    "part": "#8a5a00",
    "poor": "#a3352c",
}
DARK = {
    "ink": "#e7ebf1",
    "soft": "#a5b0c0",
    "line": "#38414f",
    "paper": "#14181f",
    "wash": "#1d232c",
    "bar": "#7aa7e6",
    "on-bar": "#10141a",
    "focus": "#ffb000",
    "good": "#6fcf9f",
    "part": "#e3b35c",
    "poor": "#f0938a",
}
EMOTIONS_LIGHT = {  # also in each figure; tests/plots/test_colours.py checks that they can be told apart
    "angry": "#960000",
    "disgust": "#3c785a",
    "fear": "#2d003c",
    "happy": "#c3871e",
    "sad": "#1e4bff",
    "surprise": "#963c78",
    "neutral": "#3c3c3c",
    "calm": "#1ea5a5",
}
EMOTIONS_DARK = {
    "angry": "#f2706a",
    "disgust": "#6cc79a",
    "fear": "#b78ad6",
    "happy": "#e8b04a",
    "sad": "#7f9bff",
    "surprise": "#e58cc6",
    "neutral": "#b8bfc9",
    "calm": "#57c7c7",
}


def variables() -> str:
    """Write the colours as CSS custom properties, such as `--ink` and `--angry`.

    Returns
    -------
    str
        CSS. The dark colours hold where the reader's system is dark, and where the page's own switch says so
        (`data-theme` of its root element, as on the site).

    Examples
    --------
    >>> variables().splitlines()[0].startswith(":root { --ink: #1c2430;")
    True
    """
    dark = _listed(DARK | EMOTIONS_DARK)
    return (
        f":root {{ {_listed(LIGHT | EMOTIONS_LIGHT)} }}\n"
        f'@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {dark} }} }}\n'
        f':root[data-theme="dark"] {{ {dark} }}\n'
    )


def style_sheet() -> str:
    """Write the rules of all pages: `variables` and the rules of `looks.css`.

    Returns
    -------
    str
        CSS, which asks for no other file.

    Examples
    --------
    >>> "focus-visible" in style_sheet()
    True
    """
    return variables() + SHEET.read_text(encoding="utf-8")


def _listed(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())
