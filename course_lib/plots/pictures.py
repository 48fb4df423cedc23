"""Pictures: frames, faces with what a network says of them, heat maps and boxes over them."""

from itertools import zip_longest
from textwrap import fill

import cv2
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.core.errors import CourseError
from course_lib.plots import base
from course_lib.plots.base import COLOURS


def frames(images, labels=(), title="Frames", columns=6, seen=""):
    """A strip of images (n, height, width, 3) or (n, height, width), each with its label above it.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    if not len(images):
        raise CourseError("frames", "there is no image to show", "Check the filter that chose them")
    _enough(images, labels, "frames")
    (height, width), columns = images[0].shape[:2], min(columns, len(images))
    rows, inches = -(-len(images) // columns), 10 / max(3, columns)  # one picture alone is not blown up
    above = [fill(str(label), int(13 * inches)) for label in labels]
    lines = max((text.count("\n") + 1 for text in above), default=0)
    figure = Figure(figsize=(inches * columns, (inches * height / width + 0.17 * lines + 0.15) * rows + 0.5))
    for number, (image, text) in enumerate(zip_longest(images, above, fillvalue="")):
        axes = figure.add_subplot(rows, columns, number + 1)
        base.picture(axes, image)
        axes.set_title(text, fontsize=9)
    named = f" ({'; '.join(dict.fromkeys(map(str, labels)))})" if above else ""
    base.show(
        figure,
        title,
        f"{len(images)} image{'s' * (len(images) > 1)} of {height} x {width} pixels{named}"
        + f": {seen}" * bool(seen),
    )


def _enough(items, labels, name):
    if len(labels) > len(items):
        raise CourseError(
            name, f"there are {len(labels)} labels for {len(items)} of them", "Give one for each"
        )


def hog(image, hog_image, title="HoG", seen=""):
    """An image (height, width[, 3]) beside the picture of its gradients that `skimage.feature.hog` draws.

    `seen` says in words what is to be seen, for whoever does not see it.
    """
    figure = Figure(figsize=(9, 4.7))
    left, right = figure.subplots(1, 2)
    base.picture(left, image)
    left.set_title("image")
    right.imshow(
        hog_image, cmap="gray", vmax=np.percentile(hog_image, 99.5)
    )  # a few strong edges hide the rest
    right.set_title("HoG: a star a cell, a ray an orientation")
    right.axis("off")
    lit = (hog_image > 0).mean()
    base.show(
        figure,
        title,
        f"left the image, right its gradients; {lit:.0%} of the pixels lie on a ray"
        + f"; {seen}" * bool(seen),
    )


def boxes(image, boxes, title="Boxes", labels=(), seen=""):
    """A picture (height, width[, 3]) with a frame around each of the boxes (n, 4), x, y, width and height in
    pixels.

    Each has its label above it, or its number (below it where another label stands); without a box the
    picture stands alone and the line says so."""
    (height, width), boxes = image.shape[:2], [tuple(box) for box in boxes]  # a box may be a table's row
    _enough(boxes, labels, "boxes")
    figure = Figure(figsize=(8, min(8, max(2, 8 * height / width)) + 0.5))
    axes = figure.subplots()
    base.picture(axes, image)
    names, taken = list(labels) or range(1, len(boxes) + 1), []
    for which, (x, y, across, down) in enumerate(boxes):
        colour, line = COLOURS[which % len(COLOURS)], ("-", "--", "-.", ":")[which % 4]
        axes.add_patch(Rectangle((x, y), across, down, fill=False, edgecolor="white", linewidth=4))
        axes.add_patch(
            Rectangle((x, y), across, down, fill=False, edgecolor=colour, linewidth=2, linestyle=line)
        )
    for (x, y, _, down), name in sorted(zip(boxes, names, strict=True), key=lambda pair: pair[0][1]):
        beside = any(abs(x - column) < 0.1 * width and abs(y - row) < 0.06 * height for column, row in taken)
        axes.text(
            x,
            y + down * beside,
            str(name),
            va="top" if beside or y < 0.06 * height else "bottom",
            color="white",
            clip_on=True,
            bbox={"facecolor": "black", "pad": 2},
        )
        taken.append((x, y))
    said = [
        f"{name} {w} x {h} at column {x}, row {y}" for name, (x, y, w, h) in zip(names, boxes, strict=True)
    ]
    base.show(
        figure,
        title,
        f"a picture of {height} x {width} pixels, {'; '.join(said) or 'no box'}" + f": {seen}" * bool(seen),
    )


def heat_over(images, heats, title="Where a network looks", labels=(), seen=""):
    """Grey images (n, height, width), or one, and below each the same under its heat map (n, rows, columns),
    0 and up.

    A map of fewer pixels is stretched over the image; each has its own scale, and a line where it falls below
    half of its highest value. For Grad-CAM: lesson 11."""
    images, heats = (each if np.ndim(each) > 2 else [each] for each in (images, heats))
    names = list(labels) or ([""] if len(images) == 1 else range(1, len(images) + 1))
    figure = Figure(figsize=(10 / max(4, len(images)) * len(images), 20 / max(4, len(images)) + 0.8))
    axes = figure.subplots(2, len(images), squeeze=False)
    for above, below, image, heat, name in zip(*axes, images, heats, names, strict=True):
        base.picture(above, image)
        above.set_title(fill(str(name), 22), fontsize=9)
        base.picture(below, image)
        stretched = cv2.resize(np.asarray(heat, np.float32), image.shape[1::-1])
        below.imshow(stretched, cmap="inferno", alpha=0.55, vmin=0)
        if stretched.max() > stretched.min():
            below.contour(stretched, levels=[stretched.max() / 2], colors="white", linewidths=1)
    said = [f"{name} {_warmest(heat)}".strip() for name, heat in zip(names, heats, strict=True)]
    base.show(
        figure, title, f"above the image, below its heat map: {'; '.join(said)}" + f"; {seen}" * bool(seen)
    )


def _warmest(heat):
    if heat.max() <= heat.min():
        return "the same everywhere"
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    down, across = 3 * row // heat.shape[0], 3 * column // heat.shape[1]
    return f"warmest at the {('top', 'middle', 'bottom')[down]} {('left', 'centre', 'right')[across]}"


def probabilities(images, shares, labels, title="Probabilities", names=(), seen=""):
    """Images (n, height, width), or one, each above bars of its shares (n, classes), in the order of
    `labels`.

    The largest share is orange, striped and has its number; `names` stand above the images (what each one
    really is)."""
    images, shares = (images, shares) if np.ndim(shares) > 1 else ([images], [shares])
    names = list(names) or [""] * len(images)
    columns = min(4, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(2.3 * columns + 0.8, (2.1 + 0.22 * len(labels)) * rows + 0.5))
    axes = figure.subplots(2 * rows, columns, squeeze=False, height_ratios=[1.7, 0.22 * len(labels)] * rows)
    for axis in axes.flat:
        axis.axis("off")
    for which, (image, share, name) in enumerate(zip(images, shares, names, strict=True)):
        above, below = (axes[2 * (which // columns) + part, which % columns] for part in (0, 1))
        base.picture(above, image)
        above.set_title(fill(str(name), 24), fontsize=9)
        below.axis("on")
        bars = below.barh(range(len(labels)), share, color=COLOURS[0])
        bars[np.argmax(share)].set(facecolor=COLOURS[1], hatch="///", edgecolor="black")
        below.text(max(share) + 0.02, np.argmax(share), f"{max(share):.0%}", va="center", fontsize=9)
        below.set(xlim=(0, 1.25), xticks=(0, 0.5, 1), xlabel="share", ylim=(len(labels) - 0.5, -0.5))
        below.set_yticks(
            range(len(labels)), labels if which % columns == 0 else [""] * len(labels), fontsize=9
        )
        below.spines[["top", "right"]].set_visible(False)
    said = [
        f"{name}: " * bool(name) + _two_largest(share, labels)
        for share, name in zip(shares, names, strict=True)
    ]
    base.show(figure, title, "; ".join(said) + f"; {seen}" * bool(seen))


def _two_largest(share, labels):
    order = np.argsort(-np.asarray(share), kind="stable")[:2]
    return ", ".join(f"{labels[place]} {share[place]:.0%}" for place in order)
