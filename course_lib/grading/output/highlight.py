"""Students' code as HTML, with its colours, for the teacher's pages."""

import html

import pygments
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course_lib.grading.output.wording import plain_lines

COLOURED = 6_000  # the most characters that get colours; code made to be slow takes 0.5 s for so many
LINES = 1_500  # the most lines that are shown

_LEXER = PythonLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def lines(text: str) -> list[str]:
    """Return each line of Python code as HTML.

    Parameters
    ----------
    text : str
        Any text, from any source.

    Returns
    -------
    list of str
        Escaped text in `<span class=...>`. No element goes over a line's end. The template writes them with
        `|safe`.

    Examples
    --------
    >>> lines("x < 1")
    ['<span class="n">x</span> <span class="o">&lt;</span> <span class="mi">1</span>']
    """
    text = plain_lines(text.rstrip("\n"))
    if len(text) > COLOURED:
        shown = [html.escape(line) for line in text.split("\n")]
    else:
        shown = pygments.highlight(text, _LEXER, _FORMATTER).rstrip("\n").split("\n")
    return [*shown[:LINES], *(["…"] if len(shown) > LINES else [])]
