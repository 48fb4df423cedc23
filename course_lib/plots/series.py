"""Curves and matrices: signals, training curves, the phases of an expression, spectrograms."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import Plot
from course_lib.plots.colours import COLOURS, MARKERS, SPLIT_STYLES, styles

KINDS = {"accuracy": "accuracy", "top_3": "top-3", "loss": "loss"}  # of training curves, and their names


def lines(
    series: Mapping[str, npt.ArrayLike | tuple[npt.ArrayLike, npt.ArrayLike]],
    title: str,
    xlabel: str,
    ylabel: str,
    seen: str = "",
    log_ticks: Sequence[float] | None = None,
) -> Plot:
    """Draw curves with common axes: training curves, a signal, the bands of a filter bank.

    Parameters
    ----------
    series : mapping of str to array_like (n,) or (array_like, array_like)
        For each curve its y values, counted from 1, or a tuple (x, y). A curve named after an emotion or a
        split has its fixed colour. Curves of up to 30 points have markers.
    title, xlabel, ylabel : str
    seen : str
        What to look at, for the caption.
    log_ticks : sequence of float, optional
        Ticks of x; the axis becomes logarithmic.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no curve.

    Examples
    --------
    >>> lines({"training": [0.7, 0.4, 0.1], "test": [0.7, 0.6, 0.65]}, "Loss", "epoch", "loss")
    Loss: loss over epoch, training from 0.7 to 0.1; test from 0.7 to 0.65.

    Notes
    -----
    Used in lessons 01 and 04 to 17.
    """
    if not series:
        raise CourseError("lines", "there is no curve to draw", "Give a dict of name to values")
    figure = Figure(figsize=(9, 3.1))
    axes = figure.subplots()
    for (name, values), (colour, marker) in zip(series.items(), styles(series), strict=True):
        x, y = values if isinstance(values, tuple) else (np.arange(1, len(values) + 1), values)
        few = len(y) <= 30
        axes.plot(x, y, color=colour, marker=marker if few else None, linewidth=1.5 if few else 1, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.yaxis.get_major_locator().set_params(nbins=7)  # else wider tick labels may push out the axis label
    if log_ticks:
        axes.set_xscale("log")
        axes.set_xticks(log_ticks, [f"{tick:,}" for tick in log_ticks])
        axes.minorticks_off()
    elif not any(isinstance(values, tuple) for values in series.values()):
        axes.xaxis.get_major_locator().set_params(integer=True)  # there is no epoch 2.5
    axes.spines[["top", "right"]].set_visible(False)
    if 1 < len(series) <= len(COLOURS):
        _legend(figure)
    return base.show(figure, title, f"{ylabel} over {xlabel}, {_from_to(series)}", seen)


def _from_to(series):
    # Of a training curve the first and last value; these mean nothing for a signal or forty filters.
    curves = {name: values[1] if isinstance(values, tuple) else values for name, values in series.items()}
    if len(curves) > len(COLOURS):
        return f"{len(curves)} curves"
    return "; ".join(
        f"{name} from {y[0]:.3g} to {y[-1]:.3g}" if len(y) <= 30 else str(name) for name, y in curves.items()
    )


def bands(
    curves: Mapping[str, Mapping[str, Sequence[float]]],
    title: str,
    xlabel: str,
    ylabel: str,
    now: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    log_ticks: Sequence[float] | None = None,
    seen: str = "",
) -> Plot:
    """Draw curves with their 95 % confidence bands, and single points that were measured in this run.

    Parameters
    ----------
    curves : mapping of str to mapping
        For each curve {"x": ..., "y": ..., "low": ..., "high": ...}, equally long.
    title, xlabel, ylabel : str
    now : mapping of str to (x, y), optional
        Points of this run, as markers without a line. A name of `curves` has that curve's colour.
    log_ticks : sequence of float, optional
        Ticks of x; the axis becomes logarithmic.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no curve.

    Examples
    --------
    >>> curve = {"x": [4, 8], "y": [0.7, 0.8], "low": [0.6, 0.7], "high": [0.8, 0.9]}
    >>> bands({"HoG": curve}, "Few people", "people", "accuracy", {"HoG": ([4], [0.72])})
    Few people: accuracy over people, HoG from 0.7 to 0.8; 1 point of this run.

    Notes
    -----
    Used in lessons 04 and 07.
    """
    if not curves:
        raise CourseError("bands", "there is no curve to draw", "Give a dict of name to x, y, low and high")
    now = now or {}
    names = list(dict.fromkeys([*curves, *now]))
    looks = dict(zip(names, styles(names), strict=True))
    figure = Figure(figsize=(9, 4.4))
    axes = figure.subplots()
    for name, one in curves.items():
        colour, _ = looks[name]
        axes.fill_between(one["x"], one["low"], one["high"], color=colour, alpha=0.15, linewidth=0)
        axes.plot(one["x"], one["y"], color=colour, label=name)
    for name, (x, y) in now.items():
        colour, marker = looks[name]
        label = None if name in curves else f"{name} (this run)"
        axes.plot(x, y, marker, color=colour, markeredgecolor="black", label=label)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if log_ticks:
        axes.set_xscale("log")
        axes.set_xticks(log_ticks, [f"{tick:,}" for tick in log_ticks])
        axes.minorticks_off()
    axes.spines[["top", "right"]].set_visible(False)
    _legend(figure)
    listed = "; ".join(f"{name} from {one['y'][0]:.3g} to {one['y'][-1]:.3g}" for name, one in curves.items())
    count = sum(len(x) for x, _ in now.values())
    points = f"; {count} point{'s' * (count > 1)} of this run" if count else ""
    return base.show(figure, title, f"{ylabel} over {xlabel}, {listed}{points}", seen)


def curves(
    history: Mapping[str, Sequence[float]] | Mapping[str, Mapping[str, Sequence[float]]],
    title: str,
    best: int | Mapping[str, int] | None = None,
    seen: str = "",
) -> Plot:
    """Draw accuracy, top-3 accuracy and loss by epoch, in training (dashed) and validation (markers).

    Parameters
    ----------
    history : mapping
        What `training.fit` returns: lists accuracy, top_3 and loss, as far as there are, and the same as
        val_accuracy and so on. Or a mapping of network to such a history.
    title : str
    best : int or mapping of str to int, optional
        The epoch, counted from 1, whose weights were kept (of each network): a black star.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is neither accuracy nor loss.

    Examples
    --------
    >>> curves({"loss": [2.2, 1.1], "val_loss": [1.8, 1.4]}, "Small CNN", best=2)
    Small CNN: loss from 2.2 to 1.1, validation loss from 1.8 to 1.4, kept epoch 2.

    Notes
    -----
    Used in lessons 06 and 10.
    """
    networks = history if isinstance(next(iter(history.values()), None), Mapping) else {"": history}
    kept = best if isinstance(best, Mapping) else dict.fromkeys(networks, best)
    kinds = [kind for kind in KINDS if any(kind in one for one in networks.values())]
    if not kinds:
        raise CourseError("curves", "there is neither accuracy nor loss", "Give what training.fit returned")
    figure = Figure(figsize=(10, 3.6))
    panels = figure.subplots(1, len(kinds), squeeze=False)[0]
    one_network = (SPLIT_STYLES["training"], SPLIT_STYLES["validation"])
    looks = [one_network] if len(networks) == 1 else [(style, style) for style in styles(networks)]
    for kind, axes in zip(kinds, panels, strict=True):
        for (name, one), look in zip(networks.items(), looks, strict=True):
            if kind in one:
                _draw_learning(axes, one, kind, name, look, kept.get(name))
        axes.set(xlabel="epoch", ylabel=KINDS[kind])
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.spines[["top", "right"]].set_visible(False)
    if any(kept.values()):
        panels[0].plot([], [], "*", color="black", markersize=11, label="kept epoch")
    _legend(figure, *panels[0].get_legend_handles_labels())
    described = "; ".join(_describe_training(name, one, kept.get(name)) for name, one in networks.items())
    return base.show(figure, title, described, seen)


def _draw_learning(axes, history, kind, name, look, best):
    # One network's training and validation curve of one kind.
    (colour, _), (own, marker) = look
    epochs, last = np.arange(1, len(history[kind]) + 1), history.get(f"val_{kind}", history[kind])
    axes.plot(epochs, history[kind], "--", color=colour, label=f"{name} training".strip())
    if f"val_{kind}" in history:
        axes.plot(
            epochs,
            last,
            "-" + marker,
            color=own,
            label=f"{name} validation".strip(),
            markersize=5,
            markevery=max(1, len(last) // 20),
        )
    if best:
        axes.plot(best, last[best - 1], "*", color="black", markersize=13, zorder=3)


def _describe_training(name, history, best):
    # The same in words: each curve by its ends, and the epoch that was kept.
    ends = [
        f"{split}{KINDS[kind]} from {history[key][0]:.3g} to {history[key][-1]:.3g}"
        for kind in KINDS
        for split, key in (("", kind), ("validation ", f"val_{kind}"))
        if key in history
    ]
    return f"{name}: " * bool(name) + ", ".join(ends) + f", kept epoch {best}" * bool(best)


def phases(
    intensity: npt.ArrayLike,
    phases: Mapping[str, int | Sequence[int] | None],
    title: str,
    xlabel: str = "frame",
    ylabel: str = "intensity",
    seen: str = "",
) -> Plot:
    """Draw how strong an expression is in each frame, with its phases marked.

    Parameters
    ----------
    intensity : array_like, shape (n,)
    phases : mapping of str to int, (int, int) or None
        A phase is a frame, counted from 0, or its first and last frame, such as {"onset": 8, "apex":
        (15, 30)}; None if the clip does not have it.
    title, xlabel, ylabel : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> phases([0, 1, 2, 1], {"onset": 1, "apex": (2, 3), "offset": None}, "Smile")
    Smile: intensity of 4 frames, highest at frame 2; onset 1, apex 2 to 3, no offset.

    Notes
    -----
    Used in lesson 09.
    """
    intensity, figure = np.asarray(intensity), Figure(figsize=(9, 3.1))
    axes = figure.subplots()
    axes.plot(intensity, color="black", linewidth=1.5)
    looks = dict(zip(phases, zip(COLOURS, MARKERS, strict=True), strict=False))
    there = {name: np.ravel(at)[[0, -1]].tolist() for name, at in phases.items() if at is not None}
    for name, (first, last) in there.items():
        colour, marker = looks[name]
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
    listed = [f"{name} {first}" + f" to {last}" * (last > first) for name, (first, last) in there.items()]
    listed += [f"no {name}" for name in phases if name not in there]
    summary = f"{ylabel} of {len(intensity)} {xlabel}s, highest at {xlabel} {intensity.argmax()}"
    return base.show(figure, title, f"{summary}; {', '.join(listed)}", seen)


def curve_with_frames(
    values: npt.ArrayLike,
    images: Sequence[np.ndarray] | np.ndarray,
    title: str,
    ylabel: str,
    seen: str = "",
    shown: int = 8,
) -> Plot:
    """Draw a curve over the frames of a clip, and below it some of the frames.

    Parameters
    ----------
    values : array_like, shape (n,)
        One number for each frame.
    images : sequence of np.ndarray, each (height, width) or (height, width, 3)
        The n frames: uint8 from 0 to 255, or float from 0 to 1.
    title, ylabel : str
    seen : str
        What to look at, for the caption.
    shown : int
        How many frames are drawn below the curve, evenly spaced, with a marker on the curve for each.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no frame, or not one number for each.

    Examples
    --------
    >>> curve_with_frames([0, 2, 1], np.zeros((3, 48, 48), np.uint8), "Smile", "grey levels")
    Smile: grey levels of 3 frames, highest at frame 1 (2); below it, frames 0, 1, 2.

    Notes
    -----
    Used in lesson 01.
    """
    values = np.asarray(values)
    if not len(images) or values.shape != (len(images),):
        raise CourseError(
            "curve_with_frames",
            f"there are {len(images)} frames and values of shape {values.shape}",
            "Give one number for each frame",
        )
    chosen = np.unique(np.linspace(0, len(images) - 1, max(2, shown)).round().astype(int))
    height, width = images[0].shape[:2]
    thumbnail = 9 / len(chosen) * height / width
    figure = Figure(figsize=(9, 2.8 + thumbnail))
    grid = figure.add_gridspec(2, len(chosen), height_ratios=(2.5, thumbnail + 0.3))
    axes = figure.add_subplot(grid[0, :])
    axes.plot(values, color=COLOURS[0], marker=MARKERS[0], markevery=chosen.tolist(), linewidth=1.5)
    axes.set(xlabel="frame", ylabel=ylabel)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.spines[["top", "right"]].set_visible(False)
    for column, frame in enumerate(chosen):
        below = figure.add_subplot(grid[1, column])
        base.draw_image(below, images[frame])
        below.set_title(f"frame {frame}", fontsize=9)
    highest = f"highest at frame {values.argmax()} ({values.max():.3g})"
    summary = f"{ylabel} of {len(images)} frames, {highest}; below it, frames {', '.join(map(str, chosen))}"
    return base.show(figure, title, summary, seen)


def over_time(
    table: pd.DataFrame, modalities: Sequence[str], classes: Sequence[str], title: str, seen: str = ""
) -> Plot:
    """Draw class probabilities over time, with a panel for each modality and a curve for each class.

    Parameters
    ----------
    table : pd.DataFrame
        One row for each moment: "time" in seconds, and a column "modality_class" of probabilities for each
        modality and class, NaN where a modality is missing.
    modalities : sequence of str
        Such as "face".
    classes : sequence of str
        An emotion has its fixed colour and marker.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Examples
    --------
    >>> moments = pd.DataFrame({"time": [0, 1], "face_sad": [0.9, 0.7], "face_happy": [0.1, 0.3]})
    >>> over_time(moments, ["face"], ["sad", "happy"], "One clip")
    One clip: face: on average sad 80%, in 2 of 2 moments.

    Notes
    -----
    Used in lessons 13 and 14.
    """
    figure, summary = over_time_figure(table, modalities, classes)
    return base.show(figure, title, summary, seen)


def over_time_figure(
    table: pd.DataFrame, modalities: Sequence[str], classes: Sequence[str]
) -> tuple[Figure, str]:
    """Draw the figure of `over_time` without displaying it.

    Parameters
    ----------
    table, modalities, classes
        As for `over_time`.

    Returns
    -------
    tuple of (matplotlib.figure.Figure, str)
        The figure, and what it shows in words.

    Notes
    -----
    `over_time` shows it.
    """
    figure, described = Figure(figsize=(9, 2.1 * len(modalities) + 0.6), layout="constrained"), []
    panels = figure.subplots(len(modalities), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for modality, axes in zip(modalities, panels, strict=True):
        probabilities = table[[f"{modality}_{name}" for name in classes]].to_numpy()
        for column, name, (colour, marker) in zip(probabilities.T, classes, styles(classes), strict=True):
            axes.plot(
                table["time"],
                column,
                color=colour,
                marker=marker,
                label=name,
                markersize=5,
                linewidth=1,
                markevery=max(1, len(table) // 12),
            )
        axes.set(ylabel=modality, ylim=(0, 1))
        axes.spines[["top", "right"]].set_visible(False)
        described.append(f"{modality}: {_average(probabilities, classes)}")
    axes.set_xlabel("seconds")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=7, frameon=False)
    return figure, "; ".join(described)


def _average(probabilities, classes):
    there = ~np.isnan(probabilities).any(axis=1)
    if not there.any():
        return "nothing in any moment"
    mean = probabilities[there].mean(axis=0)
    found = f"in {there.sum()} of {len(probabilities)} moments"
    return f"on average {classes[mean.argmax()]} {mean.max():.0%}, {found}"


def heatmap(
    matrix: npt.ArrayLike,
    title: str,
    xlabel: str,
    ylabel: str,
    seen: str = "",
    unit: str = "",
    extent: tuple[float, float, float, float] | None = None,
    limits: tuple[float, float] | None = None,
) -> Plot:
    """Draw a matrix as colours, row 0 at the bottom: a spectrogram, or mel energies.

    Parameters
    ----------
    matrix : array_like, shape (rows, columns)
    title, xlabel, ylabel : str
    seen : str
        What to look at, for the caption.
    unit : str
        The label of the colour bar, such as "dB".
    extent : tuple of float, optional
        Left, right, bottom and top end of the axes, in the units of their labels. By default the axes count
        columns and rows.
    limits : tuple of float, optional
        The smallest and the largest value on the scale of colours. By default those of the matrix.

    Returns
    -------
    Plot

    Examples
    --------
    >>> heatmap(np.eye(40, 63), "MFCC", "frame", "coefficient")
    MFCC: 40 rows (coefficient) by 63 columns (frame).

    Notes
    -----
    Used in lessons 06, 12 and 16.
    """
    matrix = np.asarray(matrix)
    figure = Figure(figsize=(9, 3.1), layout="constrained")  # a colour bar needs the layout beforehand
    axes = figure.subplots()
    low, high = limits or (None, None)
    picture = axes.imshow(
        matrix,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap="cividis",
        extent=extent,
        vmin=low,
        vmax=high,
    )
    figure.colorbar(picture, label=unit)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    for axis in (axes.xaxis, axes.yaxis):
        axis.get_major_locator().set_params(integer=True)
    rows, columns = matrix.shape
    return base.show(figure, title, f"{rows} rows ({ylabel}) by {columns} columns ({xlabel})", seen)


def mfcc(sounds: Mapping[str, npt.ArrayLike], seconds: float, title: str, seen: str = "") -> Plot:
    """Draw the MFCC of sounds side by side: coefficient 0 as a curve, the others as colours around 0.

    Parameters
    ----------
    sounds : mapping of str to array_like (coefficients, moments)
        The MFCC of each sound. They share one scale of colours.
    seconds : float
        The length of each sound.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no sound, or one has fewer than two coefficients.

    Examples
    --------
    >>> mfcc({"a voice": np.ones((13, 63))}, 4, "MFCC")
    MFCC: coefficient 0 as a curve, and the others as colours, over 4 s: a voice, 13 coefficients.

    Notes
    -----
    Used in lesson 06.
    """
    arrays = {name: np.asarray(values, float) for name, values in sounds.items()}
    if not arrays or any(values.ndim != 2 or len(values) < 2 for values in arrays.values()):
        raise CourseError(
            "mfcc",
            "there is no sound to draw, or one has fewer than two coefficients",
            "Give a dict of name to MFCC (coefficients, moments)",
        )
    # Coefficient 0 is so large that the others would all look alike beside it.
    limit = max(np.percentile(np.abs(values[1:]), 99.5) for values in arrays.values())
    figure = Figure(figsize=(10, 4.6), layout="constrained")  # a colour bar needs the layout beforehand
    panels = figure.subplots(2, len(arrays), sharex=True, sharey="row", height_ratios=[1, 2], squeeze=False)
    for (name, values), (top, bottom) in zip(arrays.items(), panels.T, strict=True):
        top.plot(np.linspace(0, seconds, values.shape[1]), values[0], color="black", linewidth=1)
        top.set_title(name)
        top.spines[["top", "right"]].set_visible(False)
        picture = bottom.imshow(
            values[1:],
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
            extent=(0, seconds, 0.5, len(values) - 0.5),
        )
        bottom.set(xlabel="time in s")
    panels[0, 0].set(ylabel="coefficient 0")
    panels[1, 0].set(ylabel="coefficient")
    figure.colorbar(picture, ax=panels[1])
    listed = "; ".join(f"{name}, {len(values)} coefficients" for name, values in arrays.items())
    summary = f"coefficient 0 as a curve, and the others as colours, over {seconds:g} s: {listed}"
    return base.show(figure, title, summary, seen)


def spectrogram(
    sounds: Mapping[str, tuple[npt.ArrayLike, int]], title: str, seen: str = "", loudest: float | None = None
) -> Plot:
    """Draw the spectrograms of sounds side by side, in seconds, kHz and dB, on one scale.

    Parameters
    ----------
    sounds : mapping of str to (array_like (n,), int)
        Samples, and their sampling rate in Hz. Each window has 32 ms, and 8 ms later begins the next.
    title : str
    seen : str
        What to look at, for the caption.
    loudest : float, optional
        The level of 0 dB, as the power of a window at one frequency. By default the loudest of each sound.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no sound, or one is shorter than a window.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / 8000)
    >>> spectrogram({"a tone": (tone, 8000)}, "1 kHz")
    1 kHz: spectrograms, time over frequency: a tone, 1 s, up to 4 kHz, strongest at 1 kHz.

    Notes
    -----
    Used in lessons 05, 06 and 16.
    """
    if not sounds:
        raise CourseError("spectrogram", "there is no sound to draw", "Give a dict of name to (samples, sr)")
    powers = {name: _power(name, np.asarray(samples, float), sr) for name, (samples, sr) in sounds.items()}
    figure = Figure(figsize=(10, 3.3), layout="constrained")  # a colour bar needs the layout beforehand
    panels = figure.subplots(1, len(sounds), sharey=True, squeeze=False)[0]
    listed = []
    for axes, (name, (samples, sr)) in zip(panels, sounds.items(), strict=True):
        power, seconds = powers[name], len(samples) / sr
        level = 10 * np.log10(np.maximum(power / (loudest or power.max() or 1), 1e-12))
        picture = axes.imshow(
            level,
            origin="lower",
            aspect="auto",
            cmap="cividis",
            vmin=-70,
            vmax=0,
            extent=(0, seconds, 0, sr / 2000),
        )
        axes.set(xlabel="time in s", title=name)
        strongest = power.sum(axis=1).argmax() * sr / 1000 / (2 * (len(power) - 1))
        listed.append(f"{name}, {seconds:.3g} s, up to {sr / 2000:g} kHz, strongest at {strongest:.2g} kHz")
    panels[0].set(ylabel="frequency in kHz", ylim=(0, max(sr for _, sr in sounds.values()) / 2000))
    figure.colorbar(picture, ax=panels, label="dB")
    return base.show(figure, title, f"spectrograms, time over frequency: {'; '.join(listed)}", seen)


def _power(name, samples, sr):
    # Power (frequencies, windows) of Hann windows of 32 ms, one each 8 ms.
    length, hop = round(0.032 * sr), round(0.008 * sr)
    if samples.ndim != 1 or len(samples) < length:
        raise CourseError(
            f"sound {name!r} of shape {samples.shape}",
            "it is not mono, or shorter than a window of 32 ms",
            "Give more samples of one channel",
        )
    windows = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop] * np.hanning(length)
    return np.abs(np.fft.rfft(windows, axis=1).T) ** 2


def _legend(figure, *entries):
    # Below the panels, in as many columns as the figure is wide enough for, four at most.
    for columns in (4, 3, 2, 1):
        legend = figure.legend(*entries, loc="outside lower center", ncols=columns, frameon=False)
        if columns == 1 or legend.get_window_extent().width < figure.bbox.width:
            return
        legend.remove()
