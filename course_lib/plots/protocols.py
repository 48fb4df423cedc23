"""How data are split and what a split changes: tiles of training and test set, score maps, scatter plots."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import Plot
from course_lib.plots.colours import GROUP_STYLES, SPLIT_STYLES, fixed_style


def split_tiles(
    table: pd.DataFrame, tests: Mapping[str, npt.ArrayLike], title: str = "Splits", seen: str = ""
) -> Plot:
    """Draw which images a protocol trains on and which it tests: one tile for each image.

    Parameters
    ----------
    table : pd.DataFrame
        One row for each image, with columns `actor` (a row of tiles) and `recording` (tiles without a gap).
    tests : mapping of str to int array
        For each protocol the rows of the test set. All other rows are the training set.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no protocol or no image.

    Examples
    --------
    >>> table = pd.DataFrame({"actor": [1, 1, 2, 2], "recording": ["a", "a", "b", "b"]})
    >>> split_tiles(table, {"random split": [0, 3], "by actor": [2, 3]})
    Splits: random split tests 2 of 4 images, of 2 actors; by actor tests 2 of 4 images, of 1 actor.

    Notes
    -----
    Used in lesson 03.
    """
    if not len(tests) or table.empty:
        raise CourseError("split_tiles", "there is no protocol or no image", "Give for example folds(...)[0]")
    actors = list(dict.fromkeys(table["actor"]))
    figure = Figure(figsize=(9, 0.75 + 0.36 * len(actors)))
    panels = figure.subplots(1, len(tests), sharey=True, squeeze=False)[0]
    colour = {False: SPLIT_STYLES["training"][0], True: SPLIT_STYLES["test"][0]}
    listed = []
    for axes, (protocol, rows) in zip(panels, tests.items(), strict=True):
        tested = np.isin(np.arange(len(table)), np.asarray(rows))
        for actor, x, is_test in zip(table["actor"], _places(table), tested, strict=True):
            axes.add_patch(Rectangle((x, actors.index(actor) - 0.4), 0.85, 0.8, color=colour[bool(is_test)]))
        axes.set(xlim=(-0.5, _places(table).max() + 1.5), ylim=(len(actors) - 0.4, -0.6), xticks=[])
        axes.set_title(protocol, fontsize=10)
        axes.spines[:].set_visible(False)
        n = table["actor"][tested].nunique()
        listed.append(f"{protocol} tests {tested.sum()} of {len(table)} images, of {n} actor{'s' * (n != 1)}")
    panels[0].set_yticks(range(len(actors)), [f"actor {actor}" for actor in actors])
    handles = [
        Patch(color=colour[is_test], label=name) for is_test, name in ((False, "training"), (True, "test"))
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False)
    return base.show(figure, title, "; ".join(listed), seen)


def _places(table):
    # Of each image from the left: the images of an actor, with a gap between two recordings.
    image = table.groupby("actor").cumcount()
    clip = table.groupby("actor")["recording"].transform(lambda names: pd.factorize(names)[0])
    return (image + 0.8 * clip).to_numpy(float)


def score_map(table: pd.DataFrame, title: str = "Accuracy", seen: str = "") -> Plot:
    """Draw accuracies as a heat map: one row for each classifier, one column for each protocol.

    A field has the accuracy and, below it, its 95 % confidence interval. It is bold if the whole interval is
    above the majority-class baseline.

    Parameters
    ----------
    table : pd.DataFrame
        Columns "classifier" and "score" (an `evaluation.Score`), as `evaluation.compare` gives them.
    title : str
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is no score, or two for one classifier and protocol.

    Examples
    --------
    >>> from course_lib.evaluation import Score
    >>> score_map(pd.DataFrame({"classifier": ["SVC"], "score": [Score(9, 12, "random split", 0.5)]}))
    Accuracy: SVC: 75% random split. Bold: the interval is above the majority baseline (50%).

    Notes
    -----
    Used in lessons 03, 06 to 08 and 11.
    """
    scores = {
        (name, score.protocol): score for name, score in zip(table["classifier"], table["score"], strict=True)
    }
    if not scores or len(scores) < len(table):
        raise CourseError(
            "score_map", "there is no score, or two for one field", "Give one row for each field"
        )
    names, protocols = (list(dict.fromkeys(keys)) for keys in zip(*scores, strict=True))
    values = np.full((len(names), len(protocols)), np.nan)
    figure = Figure(figsize=(2.2 + 1.9 * len(protocols), 1 + 0.55 * len(names)))
    axes = figure.subplots()
    for (name, protocol), score in scores.items():
        row, column = names.index(name), protocols.index(protocol)
        values[row, column] = score.accuracy
        low, high = score.interval
        axes.text(
            column,
            row,
            f"{score.accuracy:.0%}\n{low:.0%} to {high:.0%}",
            ha="center",
            va="center",
            color="black" if score.accuracy > 0.5 else "white",
            weight="bold" if low > score.baseline else "normal",
        )
    axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(protocols)), protocols)
    axes.set_yticks(range(len(names)), names)
    listed = "; ".join(
        f"{name}: "
        + ", ".join(f"{scores[name, one].accuracy:.0%} {one}" for one in protocols if (name, one) in scores)
        for name in names
    )
    baselines = " or ".join(sorted({f"{score.baseline:.0%}" for score in scores.values()}))
    bold = f"Bold: the interval is above the majority baseline ({baselines})."
    return base.show(figure, title, listed, " ".join(filter(None, [seen, bold])))


def scatter(
    places: npt.ArrayLike, table: pd.DataFrame, columns: Sequence[str], title: str, axis: str, seen: str = ""
) -> Plot:
    """Draw the same points several times, coloured by one column of a table each time.

    Parameters
    ----------
    places : array_like, shape (n, 2)
        x and y of each item, such as the first two principal components of its features.
    table : pd.DataFrame
        One row for each item. An emotion has its fixed colour and marker, and each other group its own. Above
        twelve groups a colour returns with another marker, and there is no legend.
    columns : sequence of str
        The columns, one for each panel, such as ["actor", "emotion"].
    title : str
    axis : str
        What x and y are. They are named with 1 and 2 after it.
    seen : str
        What to look at, for the caption.

    Returns
    -------
    Plot

    Raises
    ------
    CourseError
        If there is not one place (x, y) for each row.

    Examples
    --------
    >>> table = pd.DataFrame({"actor": [1, 1, 2], "emotion": ["sad", "angry", "sad"]})
    >>> scatter([[0, 1], [1, 2], [5, 5]], table, ["actor", "emotion"], "HoG", "component")
    HoG: 3 points; coloured by actor (1, 2); coloured by emotion (sad, angry).

    Notes
    -----
    Used in lessons 03, 04 and 16.
    """
    places = np.asarray(places, float)
    if places.shape != (len(table), 2) or not len(table):
        raise CourseError(
            "scatter", f"places of shape {places.shape} for {len(table)} rows", "Give x and y of each row"
        )
    figure = Figure(figsize=(9.5, 4.6))
    panels = figure.subplots(1, len(columns), sharex=True, sharey=True, squeeze=False)[0]
    listed = [f"{len(table)} points"]
    for axes, column in zip(panels, columns, strict=True):
        names = list(dict.fromkeys(table[column]))
        for number, name in enumerate(names):
            turn, place = divmod(number, len(GROUP_STYLES))
            own = GROUP_STYLES[place][0], GROUP_STYLES[(place + turn) % len(GROUP_STYLES)][1]
            colour, marker = fixed_style(name) or own
            here = (table[column] == name).to_numpy()
            axes.scatter(*places[here].T, s=16, c=colour, marker=marker, alpha=0.7, label=str(name))
        axes.set_title(f"coloured by {column}", fontsize=10)
        axes.set(xlabel=f"{axis} 1", ylabel=f"{axis} 2" if axes is panels[0] else "", xticks=[], yticks=[])
        axes.spines[["top", "right"]].set_visible(False)
        if len(names) <= len(GROUP_STYLES):
            axes.legend(
                fontsize=8,
                ncols=6,
                loc="upper center",
                bbox_to_anchor=(0.5, -0.1),
                frameon=False,
                columnspacing=0.8,
                handletextpad=0.1,
            )
        shown = ", ".join(map(str, names[:12])) + ", ..." * (len(names) > 12)
        listed.append(f"coloured by {column} ({shown})")
    return base.show(figure, title, "; ".join(listed), seen)
