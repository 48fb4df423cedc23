"""Results: class balance, confusion matrices, scores with their intervals, reliability diagrams."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.evaluation import wilson
from course_lib.plots import base
from course_lib.plots.base import Plot
from course_lib.plots.colours import COLOURS, MARKERS, PROTOCOL_STYLES, fixed_style, styles


def class_balance(
    table: pd.DataFrame, title: str = "Class balance", unit: str = "clips", seen: str = ""
) -> Plot:
    """Draw how many items each emotion has, with the accuracy of always answering the largest class.

    Parameters
    ----------
    table : pd.DataFrame
        One row for each item, with a column "emotion".
    title : str
    unit : str
        What the items are, for the axis.
    seen : str
        What to look at, for the caption. Without it the caption gives the majority-class baseline.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If the table has no rows.

    Examples
    --------
    >>> class_balance(pd.DataFrame({"emotion": ["sad", "sad", "angry"]}))
    Class balance: sad 2, angry 1. Always answering 'sad' is right in 66.7%.

    Notes
    -----
    Used in lesson 02.
    """
    counts = table["emotion"].value_counts(sort=False)
    if not counts.sum():
        raise CourseError("class_balance", "there is no row to count", "Check the filter that made the table")
    figure = Figure(figsize=(8, 0.45 * len(counts) + 0.8))
    axes = figure.subplots()
    names = [str(name) for name in counts.index]
    bars = axes.barh(names, counts, color=[(fixed_style(name) or (COLOURS[0],))[0] for name in names])
    axes.bar_label(bars, padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(unit)
    axes.locator_params(axis="x", integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    summary = ", ".join(f"{name} {count}" for name, count in counts.items())
    baseline = f"Always answering '{counts.idxmax()}' is right in {counts.max() / counts.sum():.1%}"
    return base.show(figure, title, summary, " ".join(filter(None, [seen, baseline + "."])))


def confusion(matrix: pd.DataFrame, title: str = "Confusion matrix", seen: str = "") -> Plot:
    """Draw a confusion matrix: counts, and the percentage of each row as number and colour.

    Parameters
    ----------
    matrix : pd.DataFrame, shape (classes, classes)
        Counts, as `evaluation.confusion` gives them: rows the true class, columns the predicted class. The
        names of its index and columns label the axes, if they have names.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> confusion(pd.DataFrame([[3, 1], [2, 8]], index=["sad", "angry"], columns=["sad", "angry"]))
    Confusion matrix: recall by true class: sad 75%, angry 80%.

    Notes
    -----
    Used in lessons 03, 10 to 13, 15 and 16.
    """
    totals = matrix.to_numpy().sum(axis=1, keepdims=True)
    fractions = matrix.to_numpy() / np.maximum(totals, 1)
    figure = Figure(figsize=(max(5, 1.6 + 0.9 * len(matrix.columns)), 1 + 0.7 * len(matrix)))
    axes = figure.subplots()
    axes.imshow(fractions, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (row, column), fraction in np.ndenumerate(fractions):
        text = f"{matrix.iat[row, column]}\n{fraction:.0%}"
        colour = "black" if fraction > 0.5 else "white"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(len(matrix.columns)), matrix.columns)
    axes.set_yticks(range(len(matrix)), matrix.index)
    axes.set_xlabel(matrix.columns.name or "predicted")
    axes.set_ylabel(matrix.index.name or "true")
    recalls = ", ".join(f"{name} {fractions[i, i]:.0%}" for i, name in enumerate(matrix.index) if totals[i])
    return base.show(figure, title, f"recall by true class: {recalls}", seen)


def per_class(table: pd.DataFrame, title: str = "By class", seen: str = "") -> Plot:
    """Draw the recall of each class with its 95 % confidence interval, and its F1 score.

    Parameters
    ----------
    table : pd.DataFrame
        What `evaluation.f_scores` gives: index the class, columns n, recall and F1. A class without items is
        listed, without a recall.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If no class has an item.

    Examples
    --------
    >>> table = pd.DataFrame({"n": [5], "recall": [0.6], "F1": [0.75]}, index=["sad"])
    >>> per_class(table)
    By class: sad recall 60.0% of 5 (23.1% to 88.2%), F1 0.75.
    """
    there = table[table["n"] > 0]
    if there.empty:
        raise CourseError("per_class", "no class has an item", "Check the filter that chose them")
    intervals = [wilson(round(row.recall * row.n), row.n) for row in there.itertuples()]
    y = np.flatnonzero(table["n"] > 0)
    colours = [(fixed_style(name) or (COLOURS[0],))[0] for name in there.index]
    figure = Figure(figsize=(8, 0.45 * len(table) + 1.2))
    axes = figure.subplots()
    axes.hlines(y, *zip(*intervals, strict=True), colours, linewidth=2)
    axes.scatter(there["recall"], y, s=60, c=colours, zorder=3)
    axes.plot([], [], MARKERS[0], color="black", label="recall with 95 % confidence interval")
    axes.plot(there["F1"], y + 0.18, MARKERS[1], color="black", mfc="none", markersize=7, label="F1")
    axes.set(
        yticks=range(len(table)),
        yticklabels=[f"{row.Index} ({row.n})" for row in table.itertuples()],
        ylim=(len(table) - 0.5, -0.5),
        xlim=(-0.02, 1.02),
        xlabel="recall, F1",
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    listed = [
        f"{row.Index} recall {row.recall:.1%} of {row.n} ({low:.1%} to {high:.1%}), F1 {row.F1:.2f}"
        for row, (low, high) in zip(there.itertuples(), intervals, strict=True)
    ]
    return base.show(figure, title, "; ".join(listed), seen)


def scores(table: pd.DataFrame, title: str = "Accuracy", seen: str = "") -> Plot:
    """Draw accuracies with their 95 % confidence intervals, each with its own majority-class baseline.

    Parameters
    ----------
    table : pd.DataFrame
        Columns "classifier" and "score" (an `evaluation.Score`). Each classifier has a row, and each
        protocol a colour and a marker.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> from course_lib.evaluation import Score
    >>> scores(pd.DataFrame({"classifier": ["SVC"], "score": [Score(3, 4, "random split", 0.5)]}))
    Accuracy: SVC: 75.0% random split; majority baseline 50.0%.

    Notes
    -----
    Used in lessons 03 and 04.
    """
    names = list(dict.fromkeys(table["classifier"]))
    protocols = list(dict.fromkeys(score.protocol for score in table["score"]))
    fixed = {name: PROTOCOL_STYLES[name] for name in protocols if name in PROTOCOL_STYLES}
    others = [style for style in zip(COLOURS, MARKERS, strict=True) if style not in fixed.values()]
    unfixed = [name for name in protocols if name not in fixed]
    looks = fixed | dict(zip(unfixed, cycle(others), strict=False))
    figure = Figure(figsize=(9, 0.3 * len(table) + 1.5))
    axes = figure.subplots()
    for which, protocol in enumerate(protocols):
        rows = table[[score.protocol == protocol for score in table["score"]]]
        y = [names.index(name) + 0.22 * (which - (len(protocols) - 1) / 2) for name in rows["classifier"]]
        colour, marker = looks[protocol]
        intervals = zip(*(score.interval for score in rows["score"]), strict=True)
        axes.hlines(y, *intervals, colour, linewidth=2)
        accuracies = [score.accuracy for score in rows["score"]]
        axes.plot(accuracies, y, marker, color=colour, markersize=8, label=protocol)
        baselines = [score.baseline for score in rows["score"]]
        label = "majority baseline" if which == 0 else None
        axes.plot(baselines, y, "|", color="black", markersize=13, markeredgewidth=2, label=label)
    axes.set(
        yticks=range(len(names)),
        yticklabels=names,
        ylim=(len(names) - 0.5, -0.5),
        xlim=(0, 1.02),
        xlabel="accuracy with 95 % confidence interval",
    )
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return base.show(figure, title, _listed_scores(table), seen)


def _listed_scores(table):
    # Each accuracy in words. A baseline that all have in common is named once.
    common = {f"{score.baseline:.1%}" for score in table["score"]}
    listed = {}
    for name, score in zip(table["classifier"], table["score"], strict=True):
        own = f" (majority baseline {score.baseline:.1%})" * (len(common) > 1)
        listed.setdefault(name, []).append(f"{score.accuracy:.1%} {score.protocol}{own}")
    text = "; ".join(f"{name}: {', '.join(parts)}" for name, parts in listed.items())
    return text + f"; majority baseline {common.pop()}" if len(common) == 1 else text


def dots(
    values: Mapping[str, npt.ArrayLike],
    title: str,
    xlabel: str = "accuracy",
    baseline: float | None = None,
    seen: str = "",
) -> Plot:
    """Draw one row of dots for each name: a result over several seeds.

    Parameters
    ----------
    values : mapping of str to array_like (n,)
        For each row its values, such as the accuracy with each seed. A short line shows their mean.
    title, xlabel : str
    baseline : float, optional
        A dashed line.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no row.

    Examples
    --------
    >>> dots({"Adam": [0.8, 0.9], "SGD": [0.5, 0.6]}, "Optimisers", baseline=0.5)
    Optimisers: Adam 0.8 to 0.9; SGD 0.5 to 0.6.

    Notes
    -----
    Used in lessons 04, 07, 11 to 13, 16 and 17.
    """
    if not values:
        raise CourseError("dots", "there is no row to draw", "Give a dict of name to values")
    figure = Figure(figsize=(9, 0.45 * len(values) + 1))
    axes = figure.subplots()
    for row, (colour, found) in enumerate(zip(styles(values), values.values(), strict=True)):
        axes.plot(found, [row] * len(found), colour[1], color=colour[0], alpha=0.7, markersize=8)
        axes.plot([np.mean(found)], [row], "|", color="black", markersize=16)
    if baseline is not None:
        axes.axvline(baseline, color="black", linestyle="--", linewidth=1)
    axes.set(
        yticks=range(len(values)), yticklabels=list(values), ylim=(len(values) - 0.5, -0.5), xlabel=xlabel
    )
    axes.spines[["top", "right"]].set_visible(False)
    listed = "; ".join(f"{name} {min(found):.2g} to {max(found):.2g}" for name, found in values.items())
    return base.show(figure, title, listed, seen)


def bars(
    values: Mapping[str, float] | Mapping[int, float],
    title: str,
    xlabel: str,
    ylabel: str,
    intervals: Mapping[str, tuple[float, float]] | Mapping[int, tuple[float, float]] | None = None,
    log: bool = False,
    seen: str = "",
) -> Plot:
    """Draw one bar for each name, with 95 % confidence intervals if they are known.

    Parameters
    ----------
    values : mapping of str or int to float
    title, xlabel, ylabel : str
    intervals : mapping of str or int to (float, float), optional
        The 95 % confidence interval of each value, in the same unit.
    log : bool
        A logarithmic axis, for counts that differ by factors of ten. A value of 0 then has no bar.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no value, or a value has no interval where others have one.

    Notes
    -----
    Used in lesson 09.

    Examples
    --------
    >>> bars({"sad": 27, "happy": 45}, "Kept", "class", "%")
    Kept: % by class: sad 27, happy 45.
    """
    if not values:
        raise CourseError("bars", "there is no value to draw", "Give a dict of name to value")
    if intervals is not None and set(intervals) != set(values):
        raise CourseError("bars", "values and intervals have other names", "Give one interval for each value")
    names, heights = list(values), list(values.values())
    figure = Figure(figsize=(9, 3.3))
    axes = figure.subplots()
    axes.bar(range(len(names)), heights, color=[(fixed_style(name) or (COLOURS[0],))[0] for name in names])
    if intervals is not None:
        low, high = zip(*(intervals[name] for name in names), strict=True)
        for colour, width in (("white", 5), ("black", 2)):  # seen on a bar of any colour
            axes.vlines(range(len(names)), low, high, colour, linewidth=width)
    axes.set(xlabel=xlabel, ylabel=ylabel, yscale="log" if log else "linear")
    axes.set_xticks(range(len(names)), [str(name) for name in names])
    axes.spines[["top", "right"]].set_visible(False)
    numbers = [f"{height:,.4g}" if height < 1000 else f"{height:,.0f}" for height in heights]
    listed = ", ".join(f"{name} {number}" for name, number in zip(names, numbers, strict=True))
    return base.show(figure, title, f"{ylabel} by {xlabel}: {listed}", seen)


def grouped_bars(
    answers: Mapping[str, npt.ArrayLike],
    labels: Sequence[str],
    title: str,
    ylabel: str = "probability",
    seen: str = "",
) -> Plot:
    """Draw the class probabilities of several classifiers: one group of bars for each class.

    Parameters
    ----------
    answers : mapping of str to array_like (classes,)
        For each name its probabilities, from 0 to 1.
    labels : sequence of str
        The classes, in the order of the probabilities.
    title, ylabel : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no answer, or one has another number of probabilities than there are labels.

    Notes
    -----
    Used in lesson 13.

    Examples
    --------
    >>> grouped_bars({"face": [0.2, 0.8], "voice": [0.7, 0.3]}, ["sad", "happy"], "Two answers")
    Two answers: face: happy 80%; voice: sad 70%.
    """
    rows = {name: np.asarray(row, float) for name, row in answers.items()}
    if not rows or any(row.shape != (len(labels),) for row in rows.values()):
        raise CourseError(
            "grouped_bars",
            f"it needs {len(labels)} probabilities for each name, one for each label",
            "Give a dict of name to probabilities",
        )
    figure = Figure(figsize=(9, 2.8))
    axes = figure.subplots()
    width, places = 0.85 / len(rows), np.arange(len(labels))
    for place, (name, row) in enumerate(rows.items()):
        colour, hatch = COLOURS[place % len(COLOURS)], ("", "///", "...", "xx")[place % 4]
        middle = places + (place - (len(rows) - 1) / 2) * width
        axes.bar(middle, row, width, label=name, edgecolor="white", color=colour, hatch=hatch)
    axes.set_xticks(places, list(labels))
    axes.set(ylim=(0, 1), ylabel=ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=4)
    listed = "; ".join(f"{name}: {labels[int(row.argmax())]} {row.max():.0%}" for name, row in rows.items())
    return base.show(figure, title, listed, seen)


def intervals(
    values: Mapping[str, tuple[float, float, float]],
    title: str,
    xlabel: str,
    marks: Mapping[str, Mapping[str, float]] | None = None,
    lines: Mapping[str, float] | None = None,
    seen: str = "",
) -> Plot:
    """Draw values with their intervals, one row each, and optionally other values as diamonds.

    Parameters
    ----------
    values : mapping of str to (float, float, float)
        For each row its value, and the ends of its interval.
    title, xlabel : str
    marks : mapping of str to mapping of str to float, optional
        Up to two further kinds of values: for each kind the value of some rows.
    lines : mapping of str to float, optional
        Dashed vertical lines, such as published scores.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no row.

    Examples
    --------
    >>> intervals({"voice": (0.62, 0.58, 0.67)}, "Scores", "UAR")
    Scores: UAR, voice 0.62 (0.58 to 0.67).

    Notes
    -----
    Used in lessons 12 and 17.
    """
    if not values:
        raise CourseError("intervals", "there is no row to draw", "Give a dict of name to value, low, high")
    figure = Figure(figsize=(9, 0.45 * len(values) + 1.3))
    axes, names = figure.subplots(), list(values)
    for row, (value, low, high) in enumerate(values.values()):
        axes.plot([low, high], [row, row], color="#1E4BFF")
        axes.plot(value, row, "o", color="#1E4BFF", label="value, 95 % interval" if row == 0 else None)
    for (kind, others), colour in zip((marks or {}).items(), ("#D55E00", "#009E73"), strict=False):
        axes.plot([*others.values()], [names.index(name) for name in others], "D", color=colour, label=kind)
    for name, x in (lines or {}).items():
        axes.axvline(x, color="black", linestyle="--", linewidth=1, label=name)
    axes.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlabel=xlabel)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.35), ncols=3, frameon=False)
    listed = [f"{name} {value:.2g} ({low:.2g} to {high:.2g})" for name, (value, low, high) in values.items()]
    for kind, others in (marks or {}).items():
        listed += [f"{kind}: " + ", ".join(f"{name} {value:.2g}" for name, value in others.items())]
    listed += [f"dashed line, {name}: {x:.2g}" for name, x in (lines or {}).items()]
    return base.show(figure, title, f"{xlabel}, {'; '.join(listed)}", seen)


def reliability(
    tables: Mapping[str, pd.DataFrame | list[dict]], title: str = "Reliability", seen: str = ""
) -> Plot:
    """Draw reliability diagrams: how often a prediction is right, by its confidence (Guo et al. 2017).

    On the dashed line the confidence equals the accuracy; below it the classifier is overconfident. The
    bars are 95 % confidence intervals, and the small numbers at the bottom are counts of items.

    Parameters
    ----------
    tables : mapping of str to pd.DataFrame or list of dict
        For each panel what `calibration.reliability` gives: n, confidence, accuracy, accuracy_low and
        accuracy_high of each bin, from 0 to 1. Bins without items are left out.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot
        Its alt text has the mean confidence, the accuracy and the expected calibration error: the mean
        distance of the items' bins from the line.

    Raises
    ------
    CourseError
        If there is no table, or a table without items.

    References
    ----------
    Guo et al. 2017, On Calibration of Modern Neural Networks, arXiv:1706.04599.

    Examples
    --------
    >>> bins = [{"n": 4, "confidence": 0.8, "accuracy": 0.5, "accuracy_low": 0.15, "accuracy_high": 0.85}]
    >>> reliability({"face": bins})
    Reliability: face: 4 items, mean confidence 80.0%, accuracy 50.0%, calibration error 0.300.

    Notes
    -----
    Used in lessons 13 and 17.
    """
    filled = {
        name: pd.DataFrame(rows).loc[lambda table: table["n"] > 0].astype(float)
        for name, rows in tables.items()
    }
    if not filled or any(table.empty for table in filled.values()):
        raise CourseError(
            "reliability", "there is no item to count", "Give probabilities of some items to each panel"
        )
    columns, rows = min(2, len(filled)), -(-len(filled) // 2)
    figure = Figure(figsize=(4.4 * columns + 0.6, 3.6 * rows + 0.2))
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    listed = []
    for which, (name, table) in enumerate(filled.items()):
        n, confidence, right = (table[column].to_numpy() for column in ("n", "confidence", "accuracy"))
        error = float((n * np.abs(confidence - right)).sum() / n.sum())
        _draw_reliability(panels[which], table, which)
        panels[which].set_title(f"{name}: error {error:.3f}, n = {n.sum():,.0f}", fontsize=10)
        listed.append(
            f"{name}: {n.sum():,.0f} items, mean confidence {n @ confidence / n.sum():.1%}, accuracy "
            f"{n @ right / n.sum():.1%}, calibration error {error:.3f}"
        )
    for axes in panels[len(filled) :]:
        axes.axis("off")
    figure.supxlabel("confidence (probability of the predicted class)", fontsize=10)
    figure.supylabel("accuracy", fontsize=10)
    return base.show(figure, title, "; ".join(listed), seen)


def _draw_reliability(axes, table, which):
    # One panel: the line of perfect calibration, the bins with their intervals, and their counts.
    colour, marker = COLOURS[which % len(COLOURS)], MARKERS[which % len(MARKERS)]
    axes.plot([0, 1], [0, 1], "--", color="black", linewidth=1)
    axes.vlines(table["confidence"], table["accuracy_low"], table["accuracy_high"], colour)
    axes.plot(table["confidence"], table["accuracy"], "-" + marker, linewidth=1, color=colour)
    for confidence, n in zip(table["confidence"], table["n"], strict=True):
        axes.text(confidence, -0.09, f"{n:,.0f}", fontsize=7, ha="center")
    axes.set(xlim=(0, 1.04), ylim=(-0.12, 1.04), xticks=np.linspace(0, 1, 6), yticks=np.linspace(0, 1, 6))
    axes.tick_params(labelbottom=True, labelleft=True)
    axes.spines[["top", "right"]].set_visible(False)
