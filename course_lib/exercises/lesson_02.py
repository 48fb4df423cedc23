"""Exercises of lesson 02, HoG features (lecture 14 at 09:45)."""

import numpy as np

from course_lib.exercises import Exercise


def _upright_edge() -> np.ndarray:
    # Dark on the left, bright on the right.
    return np.array([[0, 0, 8, 8]] * 4, float)


def _darker_to_the_right() -> np.ndarray:
    # Angles of exactly 180 degrees, and pixels without a gradient.
    return np.array([[8, 8, 0, 0, 0]] * 4, float)


def _slope() -> np.ndarray:
    # Rises by 3 to the right and falls by 1 downwards; one bright spot.
    patch = 3.0 * np.arange(4) - 1.0 * np.arange(4)[:, None]
    patch[2, 1] += 8
    return patch


def _four_clips() -> tuple[np.ndarray, np.ndarray]:
    # Four clips of two images each, as points on a line: their distances, and whose clip it is.
    places = np.array([0, 1, 3, 5, 20, 22, 25, 29.0])
    return np.abs(places[:, None] - places), np.repeat([11, 12, 13, 14], 2)


EXERCISES = [
    Exercise(
        id="02.1",
        name="hog_length",
        title="How long is a HoG description?",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `hog_length(size, orientations, pixels, cells)`. It returns how many numbers `skimage.feature.hog` gives
for a square image.

- `size`: int, the image's side in pixels (a multiple of `pixels`)
- `orientations`: int, bins of the histogram of one cell
- `pixels`: int, a cell's side in pixels
- `cells`: int, a block's side in cells. The next block begins **one cell** further.

One image gives very many numbers. It is good to know how many, before you compute the features of all images.
""",
        returns="int",
        examples=((224, 9, 8, 2), (224, 8, 16, 1), (64, 9, 8, 3)),
        hints={
            "blocks side by side": (
                "Blocks overlap: the next one begins one cell further, not one block further."
            ),
            "one block too many": "A block of two cells fits 27 times into 28 cells, not 28 times.",
            "block's cells forgotten": "Each block holds cells x cells histograms.",
            "one row of blocks": "Blocks lie in rows and columns: square their number.",
            "blocks of two cells always": "How often does a block of three cells fit into 8 cells?",
            "cells not squared": "A block is a square: it holds cells x cells histograms.",
        },
        levels=(
            "In how many places along one side does a block fit, if it moves on by one cell?",
            "Multiply three numbers: the blocks in the whole image, the cells in one block, the bins of one "
            "cell.",
            "Along one side there are size // pixels - cells + 1 blocks. Square this for the whole image.",
        ),
    ),
    Exercise(
        id="02.2",
        name="cell_histogram",
        title="The histogram of one cell",
        points=3,
        forbidden=("skimage.feature", "cv2"),
        text="""
*Level 3 of 3: about 20 minutes.*

Write `cell_histogram(patch, orientations)`. It computes the histogram of one cell, with NumPy alone (not with
`skimage.feature`).

- `patch`: float array (h + 2, w + 2), a cell of h x w grey pixels with a border of one pixel all round. Only
  the h x w inner pixels vote. With the border, each of them has four neighbours. At least one gradient is not
  zero, so the sum in step 4 is not zero.
- `orientations`: int, the number of bins

1. Each pixel's gradient: **across** = right neighbour minus left neighbour; **down** = lower neighbour minus
   upper neighbour.
2. Its angle is arctan2(down, across) in degrees, **modulo 180** (-160 becomes 20). So an edge from dark to
   bright and one from bright to dark count as the same.
3. Bin i holds the angles from i · w up to (but not including) (i + 1) · w, where w = 180 / `orientations`.
   Each pixel votes for one bin: it adds the **length** of its gradient to this bin.
4. Divide the histogram by its sum.

The first example by hand: the patch is 0, 0, 8, 8 in each row. Each inner pixel has across = 8 and down = 0,
so its angle is 0 degrees and its length is 8. All four vote for bin 0, which gets 32. Divided by the sum,
bin 0 is 1 and the other bins are 0.

(HoG does steps 1 to 3 for each cell. In place of step 4 it normalises blocks of cells.)
""",
        returns="float array (orientations,)",
        examples=((_upright_edge(), 9), (_slope(), 9), (_slope().T, 4), (_darker_to_the_right(), 9)),
        hints={
            "0 to 360 degrees": (
                "Opposite arrows count as the same: 190 degrees is 10 degrees. Take angles modulo 180, and "
                "divide 180 into bins."
            ),
            "negative angles lost": (
                "arctan2 gives -180 to 180 degrees. Negative angles vote, too: take them modulo 180 first."
            ),
            "each pixel one vote": (
                "Do not count pixels. Add the length of each gradient: np.hypot(down, across)."
            ),
            "across and down swapped": "It is arctan2(down, across): down first.",
            "upper minus lower": "Take the lower neighbour minus the upper one.",
            "not divided": "Divide the histogram by its sum.",
            "radians": "np.arctan2 gives radians: take np.degrees of them before the modulo.",
            "divided by its length": (
                "Divide by the sum of the histogram, not by the root of the sum of its squares."
            ),
            "bins over the data's own range": (
                "np.histogram spreads its bins over the angles that occur. Write range=(0, 180)."
            ),
            "margin votes": (
                "Only the inner pixels vote: patch[1:-1, 2:] - patch[1:-1, :-2] has the cell's own shape."
            ),
        },
        levels=(
            "Which two neighbours of a pixel give its gradient across, and which two its gradient down?",
            "Compute `across` and `down` with slices of `patch`, then the angles. Let np.histogram count the "
            "votes; its argument `weights` takes the gradients' lengths.",
            "angles = np.degrees(np.arctan2(down, across)) % 180",
        ),
    ),
    Exercise(
        id="02.3",
        name="nearest_share",
        title="Nearest in another clip, and by chance",
        points=3,
        seconds=5.0,
        text="""
*Level 2 of 3: about 15 minutes.*

Write `nearest_share(distance, clips, labels)`. It returns how often the nearest image **of another clip** has
the same label, and how often an image drawn at random from the other clips has it.

- `distance`: float array (n, n), the distance between each two images; do not change it
- `clips`: int array (n,), the number of each image's clip; images of one clip have the same number
- `labels`: int array (n,), such as actors or emotions, the same for all images of a clip
- returns two numbers from 0 to 1:
  1. the fraction of images whose nearest image of another clip has the same label
  2. the **chance**. For each image, take all images of other clips. Which fraction of them has the same label
     as the image? The chance is the mean of these fractions.

In the examples the images are eight points on a line, at 0, 1, 3, 5, 20, 22, 25 and 29. So
`distance[0, 2]` is 3.
""",
        returns="two floats",
        examples=(
            (*_four_clips(), np.array([1, 1, 5, 5, 5, 5, 1, 1])),
            (*_four_clips(), np.array([1, 1, 1, 1, 2, 2, 3, 3])),
        ),
        hints={
            "own clip allowed": (
                "The images of its own clip are nearest of all: leave out all of them, not only the image "
                "itself."
            ),
            "itself": "Each image is nearest to itself. Leave out its own clip.",
            "farthest": "The nearest image has the smallest distance.",
            "chance counts the own clip": "For the chance, too, take only images of other clips.",
            "chance over all images": (
                "For the chance, too, leave out the image's own clip. Divide by the number of other images."
            ),
            "percent": "Return fractions from 0 to 1, not percent.",
            "commonest class for chance": (
                "This is the score of one label for all images. For each image, count the images of other "
                "clips that have its label."
            ),
        },
        levels=(
            "Which images may image 0 be compared with?",
            "Make a boolean array (n, n) that is True where two images belong to the same clip. Use it for "
            "both results, to leave out these images.",
            "nearest = np.where(own, np.inf, distance).argmin(axis=1) and, for the chance, "
            "(same & ~own).sum(axis=1) / (~own).sum(axis=1)",
        ),
    ),
    Exercise(
        id="02.4",
        name="brighter",
        title="A brighter picture",
        points=1,
        text="""
*Level 1 of 3: about 3 minutes.*

If you add 20 grey levels to every pixel of an image (as floats), its HoG stays exactly the same. Which step
of HoG causes this? Return one of the choices, as a text, from `brighter()`.

(If you halve all grey levels, another step decides: see point 2 under "To explore".)
""",
        returns="text",
        choices=(
            "the gradient",
            "the votes of a cell",
            "the normalisation over a block",
            "the number of orientations",
        ),
        hints={
            "a factor, not a constant": (
                "The division removes a factor. Which step removes a constant that is added?"
            ),
            "too late": "The votes use the gradients. Are the 20 still in the gradients?",
            "nothing to do with it": "With more or fewer bins, the 20 have the same effect.",
        },
        levels=(
            "What is (a + 20) - (b + 20)?",
            "Go through the steps of HoG in their order. Which is the first one that gives the same result?",
            "Try it: compare np.diff(row) with np.diff(row + 20) for a row of grey levels.",
        ),
    ),
]
