"""What came out: classes and how many, confusions, scores with their intervals, shares and what they are
worth.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.evaluation import wilson
from course_lib.plots import base
from course_lib.plots.base import COLOURS, MARKERS


def class_balance(table, title="Class balance", unit="clips"):
    """How many rows (`unit`) of the table show each emotion, and what always answering the commonest would
    score.
    """
    counts = table["emotion"].value_counts(sort=False)
    if not counts.sum():
        raise CourseError("class_balance", "there is no row to count", "Check the filter that made the table")
    figure = Figure(figsize=(8, 0.45 * len(counts) + 1.2))
    axes = figure.subplots()
    bars = axes.barh([str(name) for name in counts.index], counts, color=COLOURS[0])
    axes.bar_label(bars, padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.locator_params(axis="x", integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    said = ", ".join(f"{name} {count}" for name, count in counts.items())
    share = counts.max() / counts.sum()
    base.show(figure, title, f"{said}; always answering '{counts.idxmax()}' is right in {share:.1%}")


def confusion(matrix, title="Confusion matrix"):
    """A confusion matrix as a DataFrame (rows true, columns predicted): counts, coloured by share of the row.

    The axes bear the names of its index and its columns, where these have names.
    """
    totals = matrix.to_numpy().sum(axis=1, keepdims=True)
    shares = matrix.to_numpy() / np.maximum(totals, 1)
    figure = Figure(figsize=(max(5, 1.6 + 0.9 * len(matrix.columns)), 1.4 + 0.7 * len(matrix)))
    axes = figure.subplots()
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        axes.text(
            column,
            row,
            f"{matrix.iat[row, column]}\n{share:.0%}",
            ha="center",
            va="center",
            color="black" if share > 0.5 else "white",
        )
    axes.set_xticks(range(len(matrix.columns)), matrix.columns)
    axes.set_yticks(range(len(matrix)), matrix.index)
    axes.set_xlabel(matrix.columns.name or "predicted")
    axes.set_ylabel(matrix.index.name or "true")
    recalls = ", ".join(f"{name} {shares[i, i]:.0%}" for i, name in enumerate(matrix.index) if totals[i])
    base.show(figure, title, f"right, by true class: {recalls}")


def per_class(table, title="By class"):
    """Recall with its 95 % interval and F1 of each class, from `evaluation.f_scores`: index the class,
    columns n, recall and F1. Classes without an item are listed and have neither."""
    there = table[table["n"] > 0]
    if there.empty:
        raise CourseError("per_class", "no class has an item", "Check the filter that chose them")
    intervals = [wilson(round(row.recall * row.n), row.n) for row in there.itertuples()]
    y = np.flatnonzero(table["n"] > 0)
    figure = Figure(figsize=(8, 0.45 * len(table) + 1.6))
    axes = figure.subplots()
    axes.hlines(y, *zip(*intervals, strict=True), COLOURS[0], linewidth=2)
    axes.plot(
        there["recall"], y, MARKERS[0], color=COLOURS[0], markersize=8, label="recall with 95 % interval"
    )
    axes.plot(there["F1"], y + 0.18, MARKERS[1], color=COLOURS[1], markersize=7, label="F1")
    axes.set(
        yticks=range(len(table)),
        yticklabels=[f"{row.Index} ({row.n})" for row in table.itertuples()],
        ylim=(len(table) - 0.5, -0.5),
        xlim=(-0.02, 1.02),
        xlabel="recall, F1",
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    said = [
        f"{row.Index} recall {row.recall:.1%} of {row.n} ({low:.1%} to {high:.1%}), F1 {row.F1:.2f}"
        for row, (low, high) in zip(there.itertuples(), intervals, strict=True)
    ]
    base.show(figure, title, "; ".join(said))


def scores(table, title="Accuracy"):
    """A score panel: table columns `classifier` and `score` (an `evaluation.Score`); its interval, by
    protocol, and the majority baseline. One row a classifier, one colour and marker a protocol."""
    names = list(dict.fromkeys(table["classifier"]))
    protocols = list(dict.fromkeys(score.protocol for score in table["score"]))
    figure = Figure(figsize=(9, 0.3 * len(table) + 1.9))
    axes = figure.subplots()
    for which, protocol in enumerate(protocols):
        rows = table[[score.protocol == protocol for score in table["score"]]]
        y = [names.index(name) + 0.22 * (which - (len(protocols) - 1) / 2) for name in rows["classifier"]]
        axes.hlines(
            y, *zip(*(score.interval for score in rows["score"]), strict=True), COLOURS[which], linewidth=2
        )
        axes.plot(
            [score.accuracy for score in rows["score"]],
            y,
            MARKERS[which],
            color=COLOURS[which],
            markersize=8,
            label=protocol,
        )
    baseline = np.mean([score.baseline for score in table["score"]])
    axes.axvline(baseline, color="black", linestyle="--", label=f"majority baseline {baseline:.1%}")
    axes.set(
        yticks=range(len(names)),
        yticklabels=names,
        ylim=(len(names) - 0.5, -0.5),
        xlim=(0, 1.02),
        xlabel="accuracy with 95 % interval",
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    said = {
        name: [f"{row.score.accuracy:.1%} {row.score.protocol}" for row in rows.itertuples()]
        for name, rows in table.groupby("classifier", sort=False)
    }
    base.show(
        figure,
        title,
        "; ".join(f"{name}: {', '.join(parts)}" for name, parts in said.items())
        + f"; majority baseline {baseline:.1%}",
    )


def reliability(tables, title="Reliability", seen=""):
    """Are shares what they seem? `tables` is a dict of name to what `calibration.reliability` gives, one
    panel each.

    A table is a DataFrame or a list of its rows as dicts (as JSON keeps them): n, share and accuracy of each
    step, and accuracy_low and accuracy_high, floats from 0 to 1 (NaN or None where n is 0, which is left
    out). On the broken line a share is what it seems, below it too sure. The bars are 95 % intervals, the
    small numbers at the bottom items. In words: the mean first share, how many guesses are right, and the
    expected calibration error, the items' mean distance from the line. `seen` says what is to be seen. Lesson
    13; Guo et al. 2017, arXiv:1706.04599. Raises `CourseError` where there is no table, or one without an
    item."""
    filled = {
        name: pd.DataFrame(rows).loc[lambda table: table["n"] > 0].astype(float)
        for name, rows in tables.items()
    }
    if not filled or any(table.empty for table in filled.values()):
        raise CourseError(
            "reliability", "there is no item to count", "Give shares of some items to each panel"
        )
    columns, rows = min(2, len(filled)), -(-len(filled) // 2)
    figure = Figure(figsize=(4.4 * columns + 0.6, 3.6 * rows + 0.6))
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    said = []
    for which, (name, table) in enumerate(filled.items()):
        n, shares, right = (table[column].to_numpy() for column in ("n", "share", "accuracy"))
        error = float((n * np.abs(shares - right)).sum() / n.sum())
        _against_shares(panels[which], table, which)
        panels[which].set_title(f"{name}: error {error:.3f}, n = {n.sum():,.0f}", fontsize=10)
        said.append(
            f"{name}: {n.sum():,.0f} items, mean share {n @ shares / n.sum():.1%}, right in "
            f"{n @ right / n.sum():.1%}, calibration error {error:.3f}"
        )
    for axes in panels[len(filled) :]:
        axes.axis("off")
    figure.supxlabel("share of the first guess", fontsize=10)
    figure.supylabel("how often it is right", fontsize=10)
    base.show(figure, title, "; ".join(said) + f"; {seen}" * bool(seen))


def _against_shares(axes, table, which):
    # One panel: the line on which shares are what they seem, the steps with their intervals, and their items.
    axes.plot([0, 1], [0, 1], "--", color="black", linewidth=1)
    axes.vlines(table["share"], table["accuracy_low"], table["accuracy_high"], COLOURS[which % len(COLOURS)])
    axes.plot(
        table["share"],
        table["accuracy"],
        "-" + MARKERS[which % len(MARKERS)],
        linewidth=1,
        color=COLOURS[which % len(COLOURS)],
    )
    for share, n in zip(table["share"], table["n"], strict=True):
        axes.text(share, -0.09, f"{n:,.0f}", fontsize=7, ha="center")
    axes.set(xlim=(0, 1.04), ylim=(-0.12, 1.04), xticks=np.linspace(0, 1, 6), yticks=np.linspace(0, 1, 6))
    axes.tick_params(labelbottom=True, labelleft=True)
    axes.spines[["top", "right"]].set_visible(False)
