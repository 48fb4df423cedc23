"""Every figure that stands in more than one lesson.

Each is drawn in colours that colour-blind readers tell apart (Okabe & Ito 2008) and with markers, is shown with alt
text, and prints the same in one line. A figure of the Studio says SYNTHETIC in its title.
"""

import base64
import io
from itertools import zip_longest
from textwrap import fill

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from course_lib.files import CourseError

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")
MARKERS = "osD^vPX*"


def frames(images, labels=(), title="Frames", columns=6, seen=""):
    """A strip of images (n, height, width, 3) or (n, height, width), each with its label above it.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    if not len(images):
        raise CourseError("frames", "there is no image to show", "Check the filter that chose them")
    (height, width), columns = images[0].shape[:2], min(columns, len(images))
    rows, inches = -(-len(images) // columns), 10 / max(3, columns)  # one picture alone is not blown up
    above = [fill(str(label), int(13 * inches)) for label in labels]
    lines = max((text.count("\n") + 1 for text in above), default=0)
    figure = Figure(figsize=(inches * columns, (inches * height / width + 0.17 * lines + 0.15) * rows + 0.5))
    for number, (image, text) in enumerate(zip_longest(images, above, fillvalue="")):
        axes = figure.add_subplot(rows, columns, number + 1)
        _picture(axes, image)
        axes.set_title(text, fontsize=9)
    named = f" ({'; '.join(dict.fromkeys(map(str, labels)))})" if above else ""
    _show(figure, title, f"{len(images)} image{'s' * (len(images) > 1)} of {height} x {width} pixels{named}"
          + f": {seen}" * bool(seen))


def hog(image, hog_image, title="HoG", seen=""):
    """An image (height, width[, 3]) beside the picture of its gradients that `skimage.feature.hog` draws.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    figure = Figure(figsize=(9, 4.7))
    left, right = figure.subplots(1, 2)
    _picture(left, image)
    left.set_title("image")
    right.imshow(hog_image, cmap="gray", vmax=np.percentile(hog_image, 99.5))  # a few strong edges hide the rest
    right.set_title("HoG: a star a cell, a ray an orientation")
    right.axis("off")
    lit = (hog_image > 0).mean()
    _show(figure, title, f"left the image, right its gradients; {lit:.0%} of the pixels lie on a ray"
          + f"; {seen}" * bool(seen))


def class_balance(table, title="Class balance", unit="clips"):
    """How many rows (`unit`) of the table show each emotion, and what always answering the commonest would score."""
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
    _show(figure, title, f"{said}; always answering '{counts.idxmax()}' is right in {counts.max() / counts.sum():.1%}")


def confusion(matrix, title="Confusion matrix"):
    """A confusion matrix as a DataFrame (rows true, columns predicted): counts, coloured by share of the row."""
    totals = matrix.to_numpy().sum(axis=1, keepdims=True)
    shares = matrix.to_numpy() / np.maximum(totals, 1)
    figure = Figure(figsize=(max(5, 1.6 + 0.9 * len(matrix.columns)), 1.4 + 0.7 * len(matrix)))
    axes = figure.subplots()
    axes.imshow(shares, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        axes.text(column, row, f"{matrix.iat[row, column]}\n{share:.0%}", ha="center", va="center",
                  color="black" if share > 0.5 else "white")
    axes.set_xticks(range(len(matrix.columns)), matrix.columns)
    axes.set_yticks(range(len(matrix)), matrix.index)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    recalls = ", ".join(f"{name} {shares[i, i]:.0%}" for i, name in enumerate(matrix.index) if totals[i])
    _show(figure, title, f"right, by true class: {recalls}")


def scores(table, title="Accuracy"):
    """A score panel: table columns `classifier` and `score` (an `evaluation.Score`); its interval, by protocol, and the
    majority baseline. One row a classifier, one colour and marker a protocol."""
    names = list(dict.fromkeys(table["classifier"]))
    protocols = list(dict.fromkeys(score.protocol for score in table["score"]))
    figure = Figure(figsize=(9, 0.3 * len(table) + 1.9))
    axes = figure.subplots()
    for which, protocol in enumerate(protocols):
        rows = table[[score.protocol == protocol for score in table["score"]]]
        y = [names.index(name) + 0.22 * (which - (len(protocols) - 1) / 2) for name in rows["classifier"]]
        axes.hlines(y, *zip(*(score.interval for score in rows["score"]), strict=True), COLOURS[which], linewidth=2)
        axes.plot([score.accuracy for score in rows["score"]], y, MARKERS[which], color=COLOURS[which], markersize=8,
                  label=protocol)
    baseline = np.mean([score.baseline for score in table["score"]])
    axes.axvline(baseline, color="black", linestyle="--", label=f"majority baseline {baseline:.1%}")
    axes.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlim=(0, 1.02),
             xlabel="accuracy with 95 % interval")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    said = {name: [f"{row.score.accuracy:.1%} {row.score.protocol}" for row in rows.itertuples()]
            for name, rows in table.groupby("classifier", sort=False)}
    _show(figure, title, "; ".join(f"{name}: {', '.join(parts)}" for name, parts in said.items())
          + f"; majority baseline {baseline:.1%}")


def lines(series, title, xlabel, ylabel, seen="", log_ticks=None):
    """Curves that share their axes: `series` is a dict of name to y (n,), counted from 1, or to (x, y), each (n,).

    Training curves, a signal, the bands of a filter bank. With up to 30 points each point has its marker; names are
    listed unless there are more curves than colours. `log_ticks`, places on x, make that axis logarithmic. `seen` says
    in words what is to be seen.
    """
    if not series:
        raise CourseError("lines", "there is no curve to draw", "Give a dict of name to values")
    figure = Figure(figsize=(9, 3.4))
    axes = figure.subplots()
    for which, (name, values) in enumerate(series.items()):
        x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
        colour, marker = COLOURS[which % len(COLOURS)], MARKERS[which % len(MARKERS)] if len(y) <= 30 else None
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
        figure.legend(loc="outside lower center", ncols=4, frameon=False)
    _show(figure, title, f"{ylabel} over {xlabel}{'; '.join(_from_to(series))}" + f": {seen}" * bool(seen))


def _from_to(series):
    # A training curve is told by where it begins and ends; of a signal or forty filters that would say nothing.
    curves = {name: values[1] if isinstance(values, tuple) else values for name, values in series.items()}
    if len(curves) > len(COLOURS):
        return [f", {len(curves)} curves"]
    said = [f"{name} from {y[0]:.3g} to {y[-1]:.3g}" if len(y) <= 30 else str(name) for name, y in curves.items()]
    return [", " + said[0], *said[1:]]


def heatmap(matrix, title, xlabel, ylabel, seen="", unit=""):
    """A matrix (rows, columns) as colours, row 0 below: a spectrogram, mel energies, MFCC. `unit` names the colours.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    matrix = np.asarray(matrix)
    figure = Figure(figsize=(9, 3.4), layout="constrained")  # a colour bar wants to know its layout beforehand
    axes = figure.subplots()
    picture = axes.imshow(matrix, origin="lower", aspect="auto", interpolation="nearest", cmap="cividis")
    figure.colorbar(picture, label=unit)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
    _show(figure, title, f"{matrix.shape[0]} rows ({ylabel}) by {matrix.shape[1]} columns ({xlabel})"
          + f": {seen}" * bool(seen))


def _picture(axes, image):
    # Of grey bytes 0 is black and 255 white; left alone, matplotlib stretches each image to its own range.
    limits = {"vmin": 0, "vmax": 255} if image.dtype == np.uint8 else {}
    axes.imshow(image, cmap="gray", **limits)
    axes.axis("off")


def _show(figure, title, summary):
    # Shown as data with metadata rather than as a figure, because only so does the picture keep its alt text.
    figure.set_layout_engine("constrained")
    figure.suptitle(fill(title, int(11 * figure.get_figwidth())), fontsize=12)
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=100)
    text = f"{title}: {summary}."
    display({"image/png": base64.b64encode(png.getvalue()).decode(), "text/plain": "<figure>"},
            metadata={"image/png": {"alt": text}}, raw=True)
    print(text)
