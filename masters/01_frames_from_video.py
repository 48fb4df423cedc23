# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 01 · Frames from video
#
# **You will** read what a RAVDESS file name says, take frames out of a clip, save them as the lecture does, and hold images
# and labels as NumPy arrays. On the way you meet four traps: a frame that is not there, swapped colours, a label that is
# parsed twice, and memory.
#
# **Lecture 14**, 00:37 to 05:43. **Needs** about 15 s on two cores, 1.5 GiB of memory.

# %% parameters for clips

# %% setup

# %% [markdown]
# ## 00:37 · RAVDESS
#
# Published (lecture 14): 7,356 files, speech and song, by 24 actors, 12 men and 12 women; eight emotions; two intensities,
# normal and strong; three modalities: audio only (16 bit, 48 kHz wav), audio and video (720p H.264, AAC 48 kHz, mp4), video only.
# The lecture says eight classes and names seven: the one it leaves out is *neutral*.
#
# Do 7,356 files add up? Each take stands once in each modality. Speech has 60 takes an actor; songs have 44, by 23 actors
# (Livingstone & Russo 2018).

# %% tags=["nbval-check-output"]
speech, song = 24 * 60 * 3, 23 * 44 * 3
print(speech, "+", song, "=", speech + song)

# %% [markdown]
# They do. And why 60? Eight emotions, two intensities, two sentences, two repetitions would be 64, but neutral is never
# strong. Keep that in mind: it makes neutral half as frequent as any other emotion, and lesson 03 turns on it.
#
# ## 01:01 · What a file name says
#
# | place | field | codes |
# | --- | --- | --- |
# | 1 | modality | 01 audio-video, 02 video-only, 03 audio-only |
# | 2 | vocal channel | 01 speech, 02 song |
# | 3 | **emotion** | 01 neutral, 02 calm, 03 happy, 04 sad, 05 angry, 06 fearful, 07 disgust, 08 surprised |
# | 4 | intensity | 01 normal, 02 strong (never with neutral) |
# | 5 | statement | 01 "Kids are talking by the door", 02 "Dogs are sitting by the door" |
# | 6 | repetition | 01, 02 |
# | 7 | actor | 01 to 24, odd numbers men, even numbers women |
#
# Python alone can take a name apart.

# %% tags=["nbval-check-output"]
name = "02-01-05-02-01-02-12.mp4"
modality, channel, emotion, intensity, statement, repetition, actor = name.removesuffix(".mp4").split("-")
print("emotion", emotion, "· actor", actor)

# %% [markdown]
# `parse_name` spells all of it out, and refuses a name that cannot be.

# %% tags=["nbval-check-output"]
from course_lib.datasets import ravdess

print(ravdess.parse_name(name))
try:
    ravdess.parse_name("02-01-09-02-01-02-12.mp4")
except ValueError as error:
    print(error)

# %% [markdown]
# The lecture's plan from here: frames from video (this lesson), HoG features (02) with Gaussian naive Bayes, LDA and SVM (03),
# then VGG16 pre-trained on VGG-Face (04; published: 2.6 million faces of 2,622 people).
#
# ## 02:12 · The clips, and the first frames
#
# The lecture imports its libraries and reads the clips from Google Drive: that is `DATA_DIR` and `USE_DRIVE` above. It takes the
# video-only files. Here they are, one row a clip, with what the name says.

# %%
from course_lib import load, plots

clips = load.clips(CORPUS, DATA_DIR, ACTORS or settings.actors, EMOTIONS or ["neutral", "angry"], seed=SEED)
corpus = clips["corpus"].iloc[0]
plots.class_balance(clips, title=f"Clips of {corpus}")

# %% [markdown]
# The lecture opens each clip with OpenCV's `VideoCapture` and asks for one frame after another until none comes.

# %%
import cv2

clip = clips.iloc[-1]
capture = cv2.VideoCapture(clip["path"])
declared = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
frames = []
while True:
    there, frame = capture.read()
    if not there:
        break
    frames.append(frame)
capture.release()
print(f"declared {declared} frames, decoded {len(frames)}; one is {frames[0].shape}, {frames[0].dtype}")

# %% [markdown]
# **Trap 1: the frame that is not there.** The original RAVDESS files declare one frame more than can be decoded (99 against
# 98, for example; the Studio's do not). A loop over the declared count gets `None` for the last frame, and the next line that
# uses it fails. Count what you read.
#
# **Trap 2: swapped colours.** OpenCV gives blue, green, red; everybody else expects red, green, blue.

# %%
middle = len(frames) // 2
plots.frames([frames[middle], cv2.cvtColor(frames[middle], cv2.COLOR_BGR2RGB)], ["as OpenCV gives it", "as RGB"],
             title=f"One frame of {corpus}", columns=2, seen="the same face with blue skin, and with its own colours")

# %% [markdown]
# `video.read_clip` gives RGB, counts what it decodes, and resizes while decoding. Here is one take over its time.

# %%
from course_lib.media import video

strip = video.read_clip(clip["path"], size=(360, 640), every=10)[:12, 30:290, 190:450]  # only the head
plots.frames(strip, [f"frame {10 * number}" for number in range(len(strip))],
             title=f"{corpus}: actor {clip['actor']}, {clip['emotion']}",
             seen="the same head, ten frames from one picture to the next")

# %% [markdown]
# An expression has an onset (it begins), an apex (its peak) and an offset (it fades): the first frame of an expressive clip does
# not show it yet. The label belongs to the clip, and every frame inherits it.
#
# ### Saving frames to a folder
#
# The lecture writes frames into a folder of images. It does not say at which rate; `every` is ours. The files are kept:
# run the cell twice and the second run takes no time.

# %%
from pathlib import Path

from course_lib.core.paths import home

few = clips.groupby("emotion").head(2)
saved = video.extract_frames(few, home() / "frames" / CORPUS, every=settings.every)
saved[["path", "emotion", "actor", "frame"]].assign(path=saved["path"].map(lambda path: Path(path).name)).head(8)

# %% [markdown]
# ## Images to arrays
#
# The lecture then goes through the folder, takes each label out of the image's file name, and reads the image with scikit-image.
# Published: 873 images of 720 x 1280 x 3.

# %%
import skimage.io

data_all, label_all = [], []
for path in saved["path"]:
    label_all.append(int(Path(path).name.split("-")[2]))
    data_all.append(skimage.io.imread(path))
print(len(data_all), "images of", data_all[0].shape, "and labels", label_all)

# %% [markdown]
# **Trap 3: a label that is parsed twice.** Whoever renames an image changes its label. `extract_frames` returns a table with
# each image's label beside its path: nothing is parsed again.
#
# **Trap 4: memory.** What do the lecture's 873 images take, as a list, as an array made of it, and resized to float numbers?

# %% tags=["nbval-check-output"]
whole, resized = 873 * 720 * 1280 * 3, 873 * 224 * 224 * 3 * 8
print(f"list {whole / 1e9:.1f} GB + array {whole / 1e9:.1f} GB + resized floats {resized / 1e9:.1f} GB"
      f" = {(2 * whole + resized) / 1e9:.1f} GB; resized bytes alone {resized / 8 / 1e9:.2f} GB")

# %% [markdown]
# Half of Colab's 12 GB for a small part of RAVDESS. Resizing *while* decoding needs only the last of these: what reaches Python
# is 224 x 224.

# %%
images, table = video.read_frames(clips, settings.size, every=settings.every)
print(f"{images.shape} {images.dtype}: {images.nbytes / 1e6:.0f} MB for {len(clips)} clips")

# %% [markdown]
# ## 05:23 · Labels as a NumPy array
#
# One label an image (published: 873 labels), as the lecture's numbers 1 to 8, from the table that belongs to the images.

# %%
labels = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy() + 1
print(labels.shape, labels.dtype, "first:", labels[:8])
assert len(labels) == len(images)

# %%
plots.class_balance(table, title=f"Images of {corpus}, one frame in {settings.every}", unit="images")

# %% [markdown]
# ## What the lecture has, and what we have

# %%
import pandas as pd

from course_lib import results

real = results.read("lecture14_real_frames")
pd.DataFrame([
    ["published (lecture 14)", "not said", 873, "720 x 1280 x 3", "not said"],
    [f"measured on real data ({real['n']} original clips, every frame)", real["n"], real["decoded"], real["shape"],
     f"{real['declared']} for {real['decoded']}"],
    [f"this run: {corpus}", len(clips), len(images), " x ".join(map(str, images.shape[1:])),
     f"{declared} for {len(frames)} in the clip above"],
], columns=["figure", "clips", "images", "size of one", "frames declared"])


# %% [markdown]
# ## Remember
#
# - Seven numbers name a take; the third is the emotion, the last the actor. There is no strong neutral.
# - Count decoded frames, never declared ones. OpenCV's colours are BGR.
# - Resize while decoding; keep labels in the table that belongs to the images.
#
# ## Exercises

# %% nbgrader={"grade_id": "exercise-01-1"}
def read_names(names):
    ### BEGIN SOLUTION
    fields = [name.split("/")[-1].split(".")[0].split("-") for name in names]
    return np.array(fields).astype(int)[:, 2:]
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-01-2"}
def image_labels(labels, lengths, every):
    ### BEGIN SOLUTION
    frames = [np.arange(0, length, every) for length in lengths]
    repeated = np.repeat(labels, [len(kept) for kept in frames])
    return np.column_stack([repeated, np.concatenate(frames)])
    ### END SOLUTION


# %% [markdown]
# How many of this lesson's images carry a label that they cannot show yet?

# %%
first = (table["frame"] == 0).groupby(table["emotion"], sort=False).agg(["sum", "size"])
for emotion, counts in first.iterrows():
    print(f"{corpus}: {counts['sum']} of the {counts['size']} images labelled {emotion} are frame 0 of their clip")


# %% nbgrader={"grade_id": "exercise-01-3"}
def from_first(frames):
    ### BEGIN SOLUTION
    difference = np.abs(frames - frames[0].astype(float))
    return difference.mean(axis=tuple(range(1, frames.ndim)))
    ### END SOLUTION


# %% [markdown]
# Your function on the head of the clip above. Where is the onset, where the apex?

# %%
head, shown = video.read_clip(clip["path"], size=(360, 640))[:, 30:290, 190:450], f"{corpus}, {clip['emotion']}"
try:
    curve = from_first(head)
except NotImplementedError:  # until you have written it
    curve, shown = given("01.3"), "the example's three frames"
plots.lines({shown: (np.arange(len(curve)), curve)}, f"How far from the first frame: {shown}", "frame", "grey levels")


# %% nbgrader={"grade_id": "exercise-01-4"}
def binary_takes():
    ### BEGIN SOLUTION
    neutral, angry = 1 * 2 * 2, 2 * 2 * 2  # intensities x statements x repetitions
    return 24 * (neutral + angry)
    ### END SOLUTION

# %% [markdown]
# ### To explore, without points
#
# 1. Which frame of a clip shows the expression best? Draw `strip` for two actors and say from when to when. Does the curve above
#    agree with your eyes?
# 2. Set `every` to 5 in `read_frames`. How many images are there now, and how much do two neighbours differ
#    (`abs(images[0].astype(int) - images[1]).mean()`)? And images of two actors? Keep the answers for lesson 03.
# 3. Write a name that `parse_name` refuses for another reason than the one above.
#
# Next: `02_hog_features`.
