# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 02 · HoG features
#
# An image of 224 x 224 pixels with three colours has 150,528 numbers. Most of them say little about a face. In this lesson you turn each
# image into a description of its *edges*: the **histogram of oriented gradients**, or HoG. Such numbers that describe an image are called
# **features**, and computing them is **feature extraction**.
#
# **In this lesson you will**
#
# - keep the images of two emotions, as the lecture does
# - resize images, and check what resizing does to them
# - compute HoG for one image and for all images
# - see with a slider what larger cells do
# - find out what these features describe: the emotion, or the person?
#
# **Lecture 14**, 05:43 to 11:55. **You need** about 40 s on two cores, 1 GiB of memory, and 60 minutes to read and try. **Before this:**
# lesson 01.

# %% parameters for clips

# %% colab

# %% setup

# %% [markdown]
# ## 05:43 · Two classes
#
# The lecture makes the problem *binary* "to save some computational time": it chooses two classes, and keeps the images whose label is 1
# (neutral) or 5 (angry). It does not say how many of its 873 images (lesson 01) remain.
#
# First, load the clips and read some of their frames. `read_frames` keeps only each 30th frame (its argument `every` is 30 here), and resizes
# it to 224 x 224:

# %%
from course_lib import load, show
from course_lib.media import video

emotions = EMOTIONS or ["neutral", "angry"]
clips = load.clips(CORPUS, DATA_DIR, ACTORS, emotions, seed=SEED, most_actors=len(settings.actors))
corpus = clips["corpus"].iloc[0]
images, table = video.read_frames(clips, settings.size, every=settings.every)

# %% [markdown]
# Watch one clip of the second emotion. Look at the brows and the mouth. The images of this lesson are frames of such clips:

# %%
last = clips.iloc[-1]
show.video(last["path"], f"{corpus}: actor {last['actor']}, {last['emotion']}")

# %% [markdown]
# Now keep two classes. `labels` holds the emotion's number, as in the file names. The lecture writes two empty lists and a loop:

# %% tags=["nbval-check-output"]
import numpy as np

from course_lib.datasets import ravdess

labels = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy() + 1
wanted = [ravdess.EMOTIONS.index(emotion) + 1 for emotion in clips["emotion"].unique()]  # the lecture's 1 and 5
data_binary, label_binary = [], []
for image, label in zip(images, labels, strict=True):
    if label == wanted[0] or label == wanted[1]:
        data_binary.append(image)
        label_binary.append(label)
print(len(data_binary), "images, labels:", np.unique(label_binary))

# %% [markdown]
# With NumPy, [`np.isin`](https://numpy.org/doc/stable/reference/generated/numpy.isin.html) does the same in one line:

# %% tags=["nbval-check-output"]
keep = np.isin(labels, wanted)
data_binary, label_binary = images[keep], labels[keep]
print(data_binary.shape, label_binary.shape)

# %% [markdown]
# Nothing was removed here, because `load.clips` had loaded only these two emotions. That is faster: a clip that you do not need is never
# read. How many images does each class have? (RAVDESS has two intensities of anger and only one of neutral.)

# %%
from course_lib import plots

plots.class_balance(table, title=f"Images of {corpus}", unit="images")

# %% [markdown]
# ### Resizing
#
# The lecture resizes its images in a loop, with
# [`skimage.transform.resize`](https://scikit-image.org/docs/stable/api/skimage.transform.html#skimage.transform.resize). Here is this loop
# for the frames of one clip. The results are float images with values from 0 to 1:

# %% tags=["nbval-check-output"]
import skimage.transform

# choose one frame in which a strong emotion is visible
expressive = table.query("intensity == 'strong' and frame >= 30").index
row = expressive[0] if len(expressive) else len(table) // 2
shown = f"actor {table['actor'][row]}, {table['emotion'][row]}, frame {table['frame'][row]}"
data_of_one = video.read_clip(table["path"][row], every=settings.every)  # at full size
resized_data = []
for image in data_of_one:
    resized_data.append(skimage.transform.resize(image, (224, 224)))
print(data_of_one.shape, data_of_one.dtype, "->", np.array(resized_data).shape, resized_data[0].dtype)

# %% [markdown]
# Resizing does two things that are easy to miss:
#
# 1. A wide frame (16:9) becomes a square, so faces look narrow.
# 2. Several pixels become one. scikit-image first blurs the image (*anti-aliasing*). Without the blur, fine patterns such as thin stripes
#    would become wide stripes that are not in the photo. Our `read_frames` takes the mean of each small area, while it reads the clip.
#
# How different are the results?

# %%
resized = resized_data[table["frame"][row] // settings.every]  # the frame that is images[row], too
difference = np.abs(255 * resized - images[row])  # both from 0 to 255
print(f"mean difference {difference.mean():.1f} grey levels, largest {difference.max():.0f}")

# %% question
show.quiz("A round ball is in a frame of 1280 x 720 pixels. What shape does it have after resizing to 224 x 224?",
          [("It is still round.", False, "The width shrinks by 5.7 and the height only by 3.2."),
           ("It is tall and narrow.", True, "The width shrinks more than the height, so everything gets narrower, faces too."),
           ("It is flat and wide.", False, "This would happen if the frame were taller than wide.")])

# %% [markdown]
# The mean difference is small. But you will see below that HoG makes such differences larger.
#
# ## 08:12 · Looking at the resized images
#
# The lecture shows images with `skimage.io.imshow`. scikit-image is going to remove this function, so we use
# [`plt.imshow`](https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.imshow.html) of matplotlib. (`plots.finish` adds a title, and a
# description for people who cannot see the image.)

# %%
import matplotlib.pyplot as plt

plt.imshow(images[row])
plt.axis("off")
plots.finish(f"{corpus}: {shown}", "a person's head and shoulders, narrower than in the clip")

# %% [markdown]
# `plots.frames` draws many images at once. Look at the shape of the heads: they are squeezed to about half their width.

# %%
# one frame of each actor and emotion
some = table.groupby(["emotion", "actor"]).head(2).drop_duplicates(["emotion", "actor"], keep="last").groupby("emotion").head(6)
some = some.sort_values(["actor", "emotion"]).index
plots.frames(images[some], [f"actor {table['actor'][i]}, {table['emotion'][i]}" for i in some],
             title=f"Resized to 224 x 224: {corpus}",
             seen="Heads and shoulders, squeezed to about half their width.")

# %% [markdown]
# ## 09:45 · HoG
#
# An *edge* is a place where an image gets brighter or darker, such as the line of a brow. At each pixel, imagine a small arrow, the
# **gradient**. It points to where the image gets brighter. The faster the image gets brighter, the longer the arrow. At an edge it is long.
# HoG describes an image by its gradients ([Dalal and Triggs 2005](https://doi.org/10.1109/CVPR.2005.177)), in four steps:

# %% diagram
show.diagram({"image": (0, 0), "gradient of\neach pixel": (1, 0), "histogram of\neach cell": (2, 0),
              "normalise\neach block": (3, 0), "one long row\nof numbers": (4, 0)},
             [("image", "gradient of\neach pixel"), ("gradient of\neach pixel", "histogram of\neach cell"),
              ("histogram of\neach cell", "normalise\neach block"), ("normalise\neach block", "one long row\nof numbers")],
             "HoG in four steps: from the image to the gradient of each pixel, a histogram for each cell, "
             "normalised blocks of cells, and one long row of numbers.")

# %% [markdown]
# 1. Compute the gradient of each pixel.
# 2. Divide the image into small **cells**. Opposite arrows count as the same, so the angles go from 0 to 180 degrees. Divide these 180
#    degrees into a few equal ranges, the **orientations** (or *bins*). For each cell, keep one sum for each orientation. Each pixel *votes*:
#    its angle chooses one of the sums, and the length of its arrow is added to this sum. These sums are the **histogram** of the cell.
# 3. Group neighbouring cells into **blocks**. **Normalise** each block: divide its numbers by the square root of the sum of their squares.
#    Then the description depends less on the light.
# 4. Write all numbers into one row: the **descriptor**.
#
# Here are steps 1 and 2 for one cell, the one with the strongest edges. `np.gradient` computes the gradient of each pixel. An arrow to the
# right has the angle 0, and an arrow downwards has 90 degrees, because the rows of an image are counted from the top. First compare the
# arrows with the grey levels. Then find the highest bar:

# %%
grey = images[row].mean(axis=2)
down, across = np.gradient(grey)
length, angle = np.hypot(down, across), np.degrees(np.arctan2(down, across)) % 180
strength = length.reshape(28, 8, 28, 8).sum(axis=(1, 3))  # of each cell of 8 x 8 pixels
top, left = 8 * np.array(np.unravel_index(strength.argmax(), strength.shape))
cell = np.s_[top:top + 8, left:left + 8]
sums, edges = np.histogram(angle[cell], bins=9, range=(0, 180), weights=length[cell])

# %%
plt.figure(figsize=(9, 3.4))
plt.subplot(1, 2, 1)
plt.imshow(grey[cell], cmap="gray")
plt.quiver(across[cell], down[cell], color="#1E4BFF", angles="xy")
plt.title("64 pixels and their gradients")
plt.axis("off")
plt.subplot(1, 2, 2)
plt.bar(edges[:-1] + 10, sums, width=18, color="#1E4BFF")
plt.xlabel("angle in degrees")
plt.ylabel("sum of the lengths")
plots.finish(f"From pixels to the histogram of one cell: {corpus}",
             "left an enlarged cell with an arrow for each pixel, right a bar for each of nine orientations",
             "Each arrow points to where the image gets brighter. The highest bar has the angle of the longest arrows.")

# %% question
show.quiz("Why do the angles 10 and 190 degrees count as the same orientation?",
          [("because the histogram has only nine bars", False, "It could have 18. Nine bars for 180 degrees are a choice."),
           ("so that dark hair on a bright wall and bright hair on a dark wall look alike", True, "The edge is in the same place. Only the "
            "arrow turns round."),
           ("because the camera cannot see the difference", False, "The gradient does see it: the arrow points the other way.")])

# %% [markdown]
# The lecture uses 9 orientations, as in the paper, and cells of 8 x 8 pixels. It does not say how large a block is, so we chose 2 x 2 cells.
# `channel_axis=-1` says that the last axis of the array holds the colours:

# %%
from skimage.feature import hog

fd, hog_image = hog(images[row], orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2),
                    visualize=True, channel_axis=-1)
plots.hog(images[row], hog_image, title=f"{corpus}, {shown}, and its HoG",
          seen="A bright stroke (a short line) is a strong edge. Strokes follow hair, head, shoulders, eyes and mouth. "
               "Any text in the image has edges, too.")
print("fd", fd.shape, "hog_image", hog_image.shape)

# %% [markdown]
# (scikit-image draws each stroke *along* the edge. The gradient points *across* it.)
#
# The descriptor `fd` has 26,244 numbers. Before we look where they come from, make a guess:

# %% question
show.predict("You double the side of a cell from 8 to 16 pixels. What happens to the length of the descriptor?",
             ["It gets about twice as long.", "It stays the same.", "It gets about a quarter as long."])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %% [markdown]
# Neighbouring blocks overlap. One side has 224 / 8 = 28 cells, and a block of two cells can start at cell 0, 1, ..., 26. These are 27 places:

# %% tags=["nbval-check-output"]
side = 224 // 8
print((side - 1) ** 2, "blocks x 4 cells x 9 orientations =", (side - 1) ** 2 * 4 * 9)

# %% question
show.reveal(3, "It gets about a quarter as long.",
            "With cells of 16 pixels, each side has 14 cells in place of 28. So the image has a quarter of the cells.", guess)

# %% nbgrader={"grade_id": "exercise-02-1"}
def hog_length(size, orientations, pixels, cells):
    ### BEGIN SOLUTION
    blocks = size // pixels - cells + 1
    return blocks**2 * cells**2 * orientations
    ### END SOLUTION


# %% question
show.quiz("An image has 64 x 64 pixels, cells of 8 x 8 pixels, and blocks of 2 x 2 cells. How many blocks are there?",
          [("16", False, "That would be right if the blocks did not overlap."),
           ("49", True, "Each side has 8 cells, and a block can start at 7 of them: 7 x 7 = 49."),
           ("64", False, "That is the number of cells. A block needs two cells on each side.")])

# %% [markdown]
# ### What each parameter does
#
# The table shows the length of the descriptor for other settings. The first row has the lecture's settings:

# %%
import pandas as pd

tries = [(9, 8, 2), (4, 8, 2), (18, 8, 2), (9, 16, 2), (9, 32, 2), (9, 8, 1), (9, 8, 3)]
lengths = [len(hog(images[row], orientations=orientations, pixels_per_cell=(pixels, pixels),
                   cells_per_block=(cells, cells), channel_axis=-1))
           for orientations, pixels, cells in tries]
pd.DataFrame(tries, columns=["orientations", "pixels", "cells"]).assign(length=lengths)

# %% [markdown]
# What do larger cells do to the picture? Move the slider:

# %%
drawings = []
for pixels in (8, 16, 32):
    _, drawing = hog(images[row], orientations=9, pixels_per_cell=(pixels, pixels),
                     cells_per_block=(2, 2), visualize=True, channel_axis=-1)
    bright = np.clip(drawing / np.percentile(drawing, 99.5), 0, 1)  # else a few strong edges hide the rest
    drawings.append((255 * bright).astype(np.uint8).repeat(2, axis=0).repeat(2, axis=1))  # twice as large
show.slider(drawings, ["8 x 8 pixels: outline and glasses or eyes are clear", "16 x 16 pixels: a rough head",
                       "32 x 32 pixels: you see only where the head is"],
            f"{corpus}: HoG with larger cells. When do you lose the face?")

# %% [markdown]
# Larger cells show less detail, but their numbers also change less when the face moves a little. More orientations separate angles more
# finely. A larger block is normalised with the numbers of a larger area. Each cell is then in more blocks, so its numbers are written more
# often, and the descriptor gets longer. Which setting is best depends on the data. The lecturer leaves this to you as an exercise, and it is
# exercise 03.1.

# %% question
show.quiz("The light in the studio gets twice as bright: each grey level is doubled, and none is above 255. What changes?",
          [("The descriptor doubles.", False, "The gradients double. But then each block is divided by the square root of the sum of its squares, which "
            "doubles, too."),
           ("The descriptor stays the same.", True, "The gradients double, and the normalisation of each block removes this factor."),
           ("The orientations change.", False, "A gradient that is twice as large points in the same direction.")])

# %% nbgrader={"grade_id": "exercise-02-2"}
def cell_histogram(patch, orientations):
    ### BEGIN SOLUTION
    across = patch[1:-1, 2:] - patch[1:-1, :-2]
    down = patch[2:, 1:-1] - patch[:-2, 1:-1]
    angles = np.degrees(np.arctan2(down, across)) % 180
    votes, _ = np.histogram(angles, bins=orientations, range=(0, 180), weights=np.hypot(down, across))
    return votes / votes.sum()
    ### END SOLUTION


# %% [markdown]
# scikit-image divides by the sum, too, if you ask for `block_norm="L1"`. (Its default, "L2-Hys", divides by the square root of the sum of
# squares, limits each value to 0.2, and does the same division once more.) Compare your histogram with scikit-image's, for one cell in the
# middle of the image:

# %%
grey = images[row].mean(axis=2)
theirs = hog(grey, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(1, 1), block_norm="L1",
             feature_vector=False)
cell = (grey.shape[0] // 16, grey.shape[1] // 16)  # in the middle
top, left = 8 * cell[0] - 1, 8 * cell[1] - 1
try:
    ours = cell_histogram(grey[top:top + 10, left:left + 10], 9)
    print("largest difference from scikit-image:", f"{np.abs(ours - theirs[cell].ravel()).max():.0e}")
except NotImplementedError:
    print("Write cell_histogram, then run this cell again. The example has", given("02.2").round(3))


# %% [markdown]
# ### HoG of every image
#
# The lecture computes HoG in a loop over its images, and keeps the descriptor and the drawing of each. Here is that loop, for the first four
# images:

# %% tags=["nbval-check-output"]
hog_features, hog_images = [], []
for image in data_binary[:4]:
    fd_of_one, drawing = hog(image, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2),
                             visualize=True, channel_axis=-1)
    hog_features.append(fd_of_one)
    hog_images.append(drawing)
print(np.array(hog_features).shape, np.array(hog_images).shape)

# %% [markdown]
# `features.hog` calls the same function for many images on all cores. It leaves out the drawings, which take more time than the features. Are
# the numbers the same?

# %%
from course_lib import features

X = features.hog(images, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2))
print("features", X.shape, X.dtype, f"{X.nbytes / 1e6:.0f} MB")
print("largest difference from scikit-image on one image:", f"{np.abs(X[row] - fd).max():.0e}")

# %% [markdown]
# `read_frames` and the lecture's `resize` differed by 0.4 grey levels on average (see *Resizing*). How much do their HoG descriptors differ?
# `np.linalg.norm` is the square root of the sum of squares, so it measures how large a difference is:

# %%
fd_of_resized = hog(resized, orientations=9, pixels_per_cell=(8, 8), cells_per_block=(2, 2), channel_axis=-1)
print(f"relative difference: {np.linalg.norm(fd_of_resized - fd) / np.linalg.norm(fd):.0%}")

# %% [markdown]
# That is a lot. Most of it comes from the plain wall: there the gradients are almost zero, and the normalisation makes tiny differences
# large. So a classifier could learn *how* an image was resized. Use one way of resizing for all images.

# %% [markdown]
# ## What do these features describe?
#
# Take each image and find the nearest image **in another clip**, by the Euclidean distance between their HoG descriptors. What do you expect
# the two images to have in common?

# %% question
show.predict("Take one image, and find its nearest image in another clip. What do the two have in common?",
             ["the actor", "the emotion", "both equally often"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %%
from sklearn.metrics import pairwise_distances

from course_lib.evaluation import Score, majority

distance = pairwise_distances(X)
recording, actor, emotion = (table[name].to_numpy() for name in ("recording", "actor", "emotion"))
same_clip = recording[:, None] == recording[None, :]  # (n, n): True for two images of one clip
nearest = np.where(same_clip, np.inf, distance).argmin(axis=1)
for what, values in (("same actor", actor), ("same emotion", emotion)):
    right = int((values[nearest] == values).sum())
    print(f"{what}: {Score(right, len(X), 'nearest image of another clip', majority(values), corpus)}")

# %% question
show.reveal(1, "the actor", "Hair, shoulders and the shape of the head have strong edges, and they are the same in all "
            "clips of an actor. A lowered brow has weak edges.", guess)

# %% [markdown]
# In the saved run (the Studio, six actors) the nearest image always shows **the same actor**. It shows the same emotion in about 60 % of cases. Is 60
# % much? Each line also has the majority baseline (lesson 00), but this baseline gives every image the same label. A fairer comparison is a *random*
# image of another clip. How often does it have the same label? In exercise 02.3 you compute this. (The interval assumes that each image brings new
# information. Images of one clip are nearly equal, so the real uncertainty is larger.)

# %% nbgrader={"grade_id": "exercise-02-3"}
def nearest_share(distance, clips, labels):
    ### BEGIN SOLUTION
    own = clips[:, None] == clips[None, :]
    nearest = np.where(own, np.inf, distance).argmin(axis=1)
    same = labels[:, None] == labels[None, :]
    chance = (same & ~own).sum(axis=1) / (~own).sum(axis=1)
    return (labels[nearest] == labels).mean(), chance.mean()
    ### END SOLUTION


# %% [markdown]
# Here is your function on the images of this lesson. For which label is the nearest image much better than a random one?

# %%
try:
    for what, values in (("actor", actor), ("emotion", emotion)):
        fraction, chance = nearest_share(distance, pd.factorize(recording)[0], pd.factorize(values)[0])
        print(f"{corpus}: same {what} in {fraction:.1%} of the nearest images, "
              f"in {chance:.1%} of images drawn at random")
except NotImplementedError:
    print("Write nearest_share, then run this cell again. The example has",
          "{} and {}".format(*given("02.3")))

# %% [markdown]
# <details><summary>What you should see</summary>
#
# In the saved run the actor agrees in 100 % of the nearest images, and in about 15 % of random images. The emotion agrees in about 60 % of the
# nearest images, and in about 54 % of random ones. So HoG of whole frames describes the person very well, and the emotion only a little.
#
# </details>

# %% question
show.quiz("A friend trains a classifier on HoG of whole frames. Its training images and its test images show the same actors. The test "
          "score is high. What can the reason be?",
          [("It certainly recognises the emotion.", False, "Perhaps. But HoG describes the person much better than the emotion."),
           ("It may recognise actors and their clips.", True, "The nearest image always shows the same actor. This helps, if the actor is "
            "in both sets."),
           ("HoG has too many numbers.", False, "Many numbers do not make a test score high.")])

# %% [markdown]
# This is a warning for lesson 03. There you train a classifier on some images and test it on others. If one actor is in both sets, the
# classifier can use what HoG describes best: the person.

# %% nbgrader={"grade_id": "exercise-02-4"}
def brighter():
    ### BEGIN SOLUTION
    return "the gradient"
    ### END SOLUTION

# %% [markdown]
# ## The lecture's settings and ours
#
# These are settings, not scores. Lesson 03 has scores.

# %%
pd.DataFrame([
    ["published (lecture 14)", "fewer than 873", "224 x 224 x 3", "9", "8 x 8", "not given", "not given"],
    [f"this run: {corpus}", len(images), " x ".join(map(str, images.shape[1:])), "9", "8 x 8", "2 x 2",
     X.shape[1]],
], columns=["source", "images", "size", "orientations", "pixels per cell", "cells per block", "length"])

# %% [markdown]
# ## What you can do now
#
# - You can describe an image by HoG. It sums the lengths of the gradients for each orientation in each cell, and normalises each block.
# - You can compute the length of the descriptor: blocks x cells in a block x orientations.
# - You have seen that HoG of whole frames describes the person better than the emotion.
#
# **Words you met:** feature extraction, edge, gradient, orientation, histogram, cell, block, normalisation, descriptor.
#
# ### To explore, without points
#
# 1. Crop the head before you compute HoG (for the Studio: `images[:, 40:180, 70:154]`). What happens to the two scores of the nearest image?
#    (The emotion should agree a little more often.) Crop more closely, to brows, eyes and mouth. Does it help?
# 2. Compare the HoG of `images[row]`, of `images[row] / 2` (as floats) and of `images[row] // 2`. Which step of HoG makes two of them equal,
#    and why is the third different?
#
# Next: `03_classical_classifiers`.

# %% credits
