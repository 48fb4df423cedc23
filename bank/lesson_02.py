"""References, hidden inputs and near-misses of lesson 02."""

import math
from functools import partial

import numpy as np

from course_lib.grading.bank import Private

# --- 02.1 ---


def hog_length(size, orientations, pixels, cells):
    blocks = size // pixels - cells + 1
    return blocks * blocks * cells * cells * orientations


def hog_inputs(rng, k):
    pixels, cells = int(rng.choice([4, 6, 8, 10, 16])), int(rng.integers(2, 5))
    return pixels * int(rng.integers(cells + 3, 40)), int(rng.integers(4, 20)), pixels, cells


# --- 02.2 ---


def cell_histogram(patch, orientations):
    votes = [0.0] * orientations
    for row in range(1, patch.shape[0] - 1):
        for column in range(1, patch.shape[1] - 1):
            across = patch[row, column + 1] - patch[row, column - 1]
            down = patch[row + 1, column] - patch[row - 1, column]
            angle = math.degrees(math.atan2(down, across)) % 180
            votes[int(angle * orientations / 180) % orientations] += math.hypot(down, across)
    return np.array(votes) / sum(votes)


def patches(rng, k):
    height, width = rng.integers(6, 13, 2)
    return rng.random((height, width)) * rng.uniform(0.5, 200), int(rng.choice([4, 6, 8, 9, 12, 18]))


def _histogram(
    patch,
    orientations,
    modulo=180,
    end=180,
    weigh=np.hypot,
    angle=np.arctan2,
    divide=np.sum,
    inner=True,
    unit=np.degrees,
    own_range=False,
):
    if inner:
        across, down = patch[1:-1, 2:] - patch[1:-1, :-2], patch[2:, 1:-1] - patch[:-2, 1:-1]
    else:
        down, across = np.gradient(patch)
    angles = unit(angle(down, across))
    votes, _ = np.histogram(
        angles % modulo if modulo else angles,
        orientations,
        None if own_range else (0, end),
        weights=weigh(down, across),
    )
    return votes / divide(votes)


# --- 02.3 ---


def nearest_share(distance, clips, labels):
    hits, chances = 0, []
    for image in range(len(labels)):
        others = np.flatnonzero(clips != clips[image])
        hits += labels[min(others, key=lambda other: distance[image, other])] == labels[image]
        chances.append(np.mean(labels[others] == labels[image]))
    return float(hits / len(labels)), float(np.mean(chances))


def clips_of_images(rng, k):
    number = int(rng.integers(8, 14))
    labels, sizes = rng.integers(1, int(rng.integers(3, 6)), number), rng.integers(2, 6, number)
    labels[:3] = 1, 1, 2
    places = rng.normal(size=(number, 4)) + 2 * rng.normal(size=(6, 4))[labels]
    places[0] = (
        places[2] + 0.01
    )  # two clips of different labels that lie close together: nobody gets all of them
    clips = np.repeat(np.arange(1, number + 1), sizes)
    images = rng.permutation(len(clips))
    points = (places[clips - 1] + rng.normal(0, 0.002, (len(clips), 4)))[images]
    distance = np.sqrt(((points[:, None] - points) ** 2).sum(axis=2))
    case = distance, clips[images], labels[clips - 1][images]
    # In about 1 of 125 of these, as many of the farthest images have the same label: draw others.
    return clips_of_images(rng, k) if _farthest(*case) == _nearest(*case) else case


def _nearest(distance, clips, labels, left_out=True, itself=False, commonest=False, own_clip=False):
    own = (clips[:, None] == clips) if left_out else np.eye(len(clips), dtype=bool) & (not itself)
    share = (labels[np.where(own, np.inf, distance).argmin(axis=1)] == labels).mean()
    if commonest:
        return float(share), float(np.bincount(labels).max() / len(labels))
    others = ~np.eye(len(clips), dtype=bool) if own_clip else clips[:, None] != clips
    same = labels[:, None] == labels
    return float(share), float(((same & others).sum(axis=1) / others.sum(axis=1)).mean())


def _farthest(distance, clips, labels):
    return _nearest(-distance, clips, labels)


BANK = {
    "02.1": Private(
        reference=hog_length,
        inputs=hog_inputs,
        near_misses={
            "blocks side by side": lambda size, o, pixels, cells: (
                (size // pixels // cells) ** 2 * cells**2 * o
            ),
            "one block too many": lambda size, o, pixels, cells: (size // pixels) ** 2 * cells**2 * o,
            "block's cells forgotten": lambda size, o, pixels, cells: (size // pixels - cells + 1) ** 2 * o,
            "one row of blocks": lambda size, o, pixels, cells: (size // pixels - cells + 1) * cells**2 * o,
            "blocks of two cells always": (
                lambda size, o, pixels, cells: (size // pixels - 1) ** 2 * cells**2 * o,
                0.2,
            ),
            "cells not squared": lambda size, o, pixels, cells: (size // pixels - cells + 1) ** 2 * cells * o,
        },
    ),
    "02.2": Private(
        reference=cell_histogram,
        inputs=patches,
        near_misses={
            "0 to 360 degrees": partial(_histogram, modulo=360, end=360),
            "negative angles lost": partial(_histogram, modulo=None),
            "each pixel one vote": partial(_histogram, weigh=lambda down, across: np.ones_like(down)),
            "across and down swapped": partial(
                _histogram, angle=lambda down, across: np.arctan2(across, down)
            ),
            "upper minus lower": partial(_histogram, angle=lambda down, across: np.arctan2(-down, across)),
            "not divided": partial(_histogram, divide=lambda votes: 1.0),
            "radians": partial(_histogram, unit=lambda radians: radians),
            "divided by its length": partial(_histogram, divide=np.linalg.norm),
            "bins over the data's own range": (
                partial(_histogram, own_range=True),
                0.15,
            ),  # few wide bins may agree
            "margin votes": partial(_histogram, inner=False),
        },
    ),
    "02.3": Private(
        reference=nearest_share,
        inputs=clips_of_images,
        near_misses={
            "own clip allowed": partial(_nearest, left_out=False),
            "itself": partial(_nearest, left_out=False, itself=True),
            "farthest": _farthest,
            "chance counts the own clip": partial(_nearest, own_clip=True),
            "chance over all images": lambda distance, clips, labels: (
                nearest_share(distance, clips, labels)[0],
                float((labels[:, None] == labels).mean()),
            ),
            "percent": lambda distance, clips, labels: tuple(
                100 * one for one in nearest_share(distance, clips, labels)
            ),
            "commonest class for chance": partial(_nearest, commonest=True),
        },
    ),
    "02.4": Private(
        reference=lambda: "the gradient",
        near_misses={
            "a factor, not a constant": lambda: "the normalisation over a block",
            "too late": lambda: "the votes of a cell",
            "nothing to do with it": lambda: "the number of orientations",
        },
    ),
}
