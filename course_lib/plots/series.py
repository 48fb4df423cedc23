"""Curves and matrices: signals, training, the phases of an expression, spectrograms."""

import numpy as np
from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import COLOURS, MARKERS

KINDS = {"accuracy": "accuracy", "top_3": "top-3", "loss": "loss"}  # of training curves, as they are told


def lines(series, title, xlabel, ylabel, seen="", log_ticks=None):
    """Curves that share their axes: `series` is a dict of name to y (n,), counted from 1, or to (x, y), each
    (n,).

    Training curves, a signal, the bands of a filter bank. With up to 30 points each point has its marker;
    names are listed unless there are more curves than colours. `log_ticks`, places on x, make that axis
    logarithmic. `seen` says in words what is to be seen."""
    if not series:
        raise CourseError("lines", "there is no curve to draw", "Give a dict of name to values")
    figure = Figure(figsize=(9, 3.4))
    axes = figure.subplots()
    for which, (name, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
        colour, marker = (
            COLOURS[which % len(COLOURS)],
            MARKERS[which % len(MARKERS)] if len(y) <= 30 else None,
        )
        axes.plot(x, y, color=colour, marker=marker, linewidth=1.5 if marker else 1, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if log_ticks:
        axes.set_xscale("log")
        axes.set_xticks(log_ticks, [f"{tick:,}" for tick in log_ticks])
        axes.minorticks_off()
    elif not any(isinstance(values, tuple) for values in series.values()):
        axes.xaxis.get_major_locator().set_params(integer=True)  # there is no epoch 2.5
    axes.spines[["top", "right"]].set_visible(False)
    if 1 < len(series) <= len(COLOURS):
        _legend(figure)
    base.show(
        figure, title, f"{ylabel} over {xlabel}{'; '.join(_from_to(series))}" + f": {seen}" * bool(seen)
    )


def _from_to(series):
    # A training curve is told by where it begins and ends; of a signal or forty filters that would say
    # nothing.
    curves = {name: values[1] if isinstance(values, tuple) else values for name, values in series.items()}
    if len(curves) > len(COLOURS):
        return [f", {len(curves)} curves"]
    said = [
        f"{name} from {y[0]:.3g} to {y[-1]:.3g}" if len(y) <= 30 else str(name) for name, y in curves.items()
    ]
    return [", " + said[0], *said[1:]]


def curves(history, title, best=None, seen=""):
    """Accuracy, top-3 and loss by epoch in training (broken line) and validation (markers), as `training.fit`
    has them.

    `history`: a dict with lists accuracy, top_3 and loss (what there is), perhaps also val_accuracy and so
    on; or a dict of network to such a dict. `best`: the epoch, counted from 1, whose weights were kept, or a
    dict of network to it: a black star."""
    networks = history if isinstance(next(iter(history.values()), None), dict) else {"": history}
    kept = best if isinstance(best, dict) else dict.fromkeys(networks, best)
    kinds = [kind for kind in KINDS if any(kind in one for one in networks.values())]
    if not kinds:
        raise CourseError("curves", "there is neither accuracy nor loss", "Give what training.fit returned")
    figure = Figure(figsize=(10, 3.9))
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    for kind, axes in zip(kinds, panels, strict=True):
        for which, (name, one) in enumerate(networks.items()):
            if kind in one:
                _learning(axes, one, kind, name, which, kept.get(name))
        axes.set(xlabel="epoch", ylabel=KINDS[kind])
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
    if any(kept.values()):
        panels[0].plot([], [], "*", color="black", markersize=11, label="kept epoch")
    _legend(figure, *panels[0].get_legend_handles_labels())
    base.show(
        figure,
        title,
        "; ".join(_trained(name, one, kept.get(name)) for name, one in networks.items())
        + f": {seen}" * bool(seen),
    )


def _learning(axes, history, kind, name, which, best):
    # One network's training and validation curve of one kind.
    colour, marker = COLOURS[which % len(COLOURS)], MARKERS[which % len(MARKERS)]
    epochs, last = np.arange(1, len(history[kind]) + 1), history.get(f"val_{kind}", history[kind])
    axes.plot(epochs, history[kind], "--", color=colour, label=f"{name} training".strip())
    if f"val_{kind}" in history:
        axes.plot(
            epochs,
            last,
            "-" + marker,
            color=colour,
            label=f"{name} validation".strip(),
            markersize=5,
            markevery=max(1, len(last) // 20),
        )
    if best:
        axes.plot(best, last[best - 1], "*", color="black", markersize=13, zorder=3)


def _trained(name, history, best):
    # The same in words: each curve by its ends, and the epoch that was kept.
    ends = [
        f"{part}{KINDS[kind]} from {history[key][0]:.3g} to {history[key][-1]:.3g}"
        for kind in KINDS
        for part, key in (("", kind), ("validation ", f"val_{kind}"))
        if key in history
    ]
    return f"{name}: " * bool(name) + ", ".join(ends) + f", kept epoch {best}" * bool(best)


def phases(intensity, phases, title, xlabel="frame", ylabel="intensity", seen=""):
    """How strong an expression is in each frame (n,), with its phases: a dict such as {"onset": 8, "apex":
    (15, 30)}.

    A phase is a frame, counted from 0, or its first and last frame; None where there is none, which is said.
    """
    intensity, figure = np.asarray(intensity), Figure(figsize=(9, 3.4))
    axes = figure.subplots()
    axes.plot(intensity, color="black", linewidth=1.5)
    there = {name: np.ravel(at)[[0, -1]].tolist() for name, at in phases.items() if at is not None}
    for (name, (first, last)), colour, marker in zip(there.items(), COLOURS, MARKERS, strict=False):
        axes.axvspan(first - 0.5, last + 0.5, color=colour, alpha=0.25)
        axes.plot(
            range(first, last + 1),
            intensity[first : last + 1],
            marker,
            color=colour,
            label=name,
            markevery=max(1, (last - first) // 8),
        )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.spines[["top", "right"]].set_visible(False)
    if there:
        _legend(figure)
    said = [f"{name} {first}" + f" to {last}" * (last > first) for name, (first, last) in there.items()]
    said += [f"no {name}" for name in phases if name not in there]
    base.show(
        figure,
        title,
        f"{ylabel} of {len(intensity)} {xlabel}s, highest at {xlabel} {intensity.argmax()}; "
        + ", ".join(said)
        + f": {seen}" * bool(seen),
    )


def over_time(table, parts, classes, title, seen=""):
    """Shares by the second: for each of `parts` (such as "face") a panel, in it a curve a class.

    table: a row a moment, with `time` in seconds and columns "part_class" of shares, NaN where there is none.
    """
    figure, told = over_time_figure(table, parts, classes)
    base.show(figure, title, told + f": {seen}" * bool(seen))


def over_time_figure(table, parts, classes):
    """The figure of `over_time`, and what is to be seen in it in words."""
    figure, told = Figure(figsize=(9, 2.1 * len(parts) + 0.6), layout="constrained"), []
    for part, axes in zip(
        parts, figure.subplots(len(parts), 1, sharex=True, sharey=True, squeeze=False)[:, 0], strict=True
    ):
        shares = table[[f"{part}_{name}" for name in classes]].to_numpy()
        for share, name, colour, marker in zip(shares.T, classes, COLOURS, MARKERS, strict=False):
            axes.plot(
                table["time"],
                share,
                color=colour,
                marker=marker,
                label=name,
                markersize=5,
                linewidth=1,
                markevery=max(1, len(table) // 12),
            )
        axes.set(ylabel=part, ylim=(0, 1))
        axes.spines[["top", "right"]].set_visible(False)
        there = ~np.isnan(shares).any(axis=1)
        mean = shares[there].mean(axis=0) if there.any() else None
        told.append(
            f"{part}: "
            + (
                "nothing in any moment"
                if mean is None
                else f"on average {classes[mean.argmax()]} "
                f"{mean.max():.0%}, in {there.sum()} of {len(table)} moments"
            )
        )
    axes.set_xlabel("seconds")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=7, frameon=False)
    return figure, "; ".join(told)


def heatmap(matrix, title, xlabel, ylabel, seen="", unit=""):
    """A matrix (rows, columns) as colours, row 0 below: a spectrogram, mel energies, MFCC. `unit` names the
    colours.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    matrix = np.asarray(matrix)
    figure = Figure(
        figsize=(9, 3.4), layout="constrained"
    )  # a colour bar wants to know its layout beforehand
    axes = figure.subplots()
    picture = axes.imshow(matrix, origin="lower", aspect="auto", interpolation="nearest", cmap="cividis")
    figure.colorbar(picture, label=unit)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
    base.show(
        figure,
        title,
        f"{matrix.shape[0]} rows ({ylabel}) by {matrix.shape[1]} columns ({xlabel})"
        + f": {seen}" * bool(seen),
    )


def _legend(figure, *entries):
    """A legend below the panels, in as many columns as the figure is wide enough for, four at most."""
    for columns in (4, 3, 2, 1):
        legend = figure.legend(*entries, loc="outside lower center", ncols=columns, frameon=False)
        if columns == 1 or legend.get_window_extent().width < figure.bbox.width:
            return
        legend.remove()
