"""Networks drawn part by part: the cell of an LSTM."""

from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import Plot

LSTM_PARTS = {  # name: x, symbol, what its wires are
    "forget gate": (2.4, "σ", "f"),
    "input gate": (4.2, "σ", "i"),
    "new content": (5.8, "tanh", "g"),
    "output gate": (7.6, "σ", "o"),
}
_WIRES = [  # (parts that the wire belongs to, its points)
    ((), [(0, 5), (2.15, 5)]),
    ((), [(2.65, 5), (4.75, 5)]),
    ((), [(5.25, 5), (10, 5)]),
    ((), [(0, 0.8), (7.6, 0.8)]),
    (("forget gate",), [(2.4, 2.3), (2.4, 4.75)]),
    (("input gate",), [(4.2, 2.3), (4.2, 3.5), (4.75, 3.5)]),
    (("new content",), [(5.8, 2.3), (5.8, 3.5), (5.25, 3.5)]),
    (("input gate", "new content"), [(5, 3.75), (5, 4.75)]),
    (("output gate",), [(7.6, 2.3), (7.6, 2.8), (8.55, 2.8)]),
    (("output gate",), [(8.8, 5), (8.8, 4.3)]),
    (("output gate",), [(8.8, 3.7), (8.8, 3.05)]),
    (("output gate",), [(9.05, 2.8), (10, 2.8)]),
]
_SIGNS = [((2.4, 5), "×"), ((5, 5), "+"), ((5, 3.5), "×"), ((8.8, 2.8), "×")]


def lstm_cell(lit: str = "", title: str = "An LSTM cell", seen: str = "") -> Plot:
    """Draw the cell of an LSTM, with one of its four parts in colour.

    Parameters
    ----------
    lit : {"", "forget gate", "input gate", "new content", "output gate"}
        The part that is drawn in colour, with its wires.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If the cell has no such part.

    Examples
    --------
    >>> lstm_cell("forget gate")
    An LSTM cell: above, the cell state runs from left to right; ... In colour: forget gate.

    Notes
    -----
    Used in lesson 12.
    """
    if lit not in ("", *LSTM_PARTS):
        raise CourseError(f"lit={lit!r}", "the cell has no such part", f"Give one of {', '.join(LSTM_PARTS)}")
    figure = Figure(figsize=(8, 4))
    axes = figure.subplots()
    axes.set(xlim=(-0.9, 11), ylim=(0.2, 5.9))
    axes.axis("off")

    def colour(parts):
        return "#D55E00" if lit and lit in parts else "black"

    wires = [*_WIRES, *(((name,), [(x, 0.8), (x, 1.7)]) for name, (x, *_) in LSTM_PARTS.items())]
    for parts, points in wires:
        axes.plot(*zip(*points[:-1], strict=True), color=colour(parts), linewidth=1.5)
        axes.annotate(
            "", points[-1], points[-2], arrowprops={"arrowstyle": "->", "color": colour(parts), "lw": 1.5}
        )
    for name, (x, symbol, letter) in LSTM_PARTS.items():
        box = {"boxstyle": "square,pad=0.45", "facecolor": "white", "edgecolor": colour((name,))}
        axes.text(x, 2, symbol, ha="center", va="center", bbox=box, color=colour((name,)))
        axes.text(x + 0.15, 2.5, letter, style="italic", color=colour((name,)))
        axes.text(x, 0.35, name, ha="center", fontsize=9, color=colour((name,)))
    box = {"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": colour(("output gate",))}
    axes.text(8.8, 4, "tanh", ha="center", va="center", bbox=box, color=colour(("output gate",)))
    for (x, y), sign in _SIGNS:
        axes.text(x, y, sign, ha="center", va="center", bbox={"boxstyle": "circle", "facecolor": "white"})
    for x, y, text, side in (
        (0, 5.25, "$c_{t-1}$, the old cell state", "left"),
        (10.1, 5.25, "$c_t$", "left"),
        (-0.1, 1.0, "$x_t$ and $h_{t-1}$", "left"),
        (10.1, 2.8, "$h_t$", "left"),
    ):
        axes.text(x, y, text, ha=side, va="center")
    alt = (
        "above, the cell state runs from left to right; it is multiplied by the forget gate, then the "
        "product of input gate and new content is added. Below, all four parts read the step x and the last "
        "output h. The output gate multiplies the tanh of the cell state, and this is the output"
    )
    return base.show(figure, title, alt + (f". In colour: {lit}" if lit else ""), seen)
