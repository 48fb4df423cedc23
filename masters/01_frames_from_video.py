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
# A video is a sequence of still images, called **frames**. The classifiers of this lecture look at such images, one by one. So the lecture's
# first step is to take frames out of clips, and to give each frame a label.
#
# **In this lesson you will**
#
# - watch a clip and guess its emotion
# - read the emotion from the clip's file name
# - save frames as image files, with OpenCV
# - put images and labels into NumPy arrays
# - see how an expression grows from frame to frame
#
# **Lecture 14**, 00:37 to 05:43. **You need** about 30 s on two cores, 1 GiB of memory, and 60 minutes to read and try. **Before this:**
# lesson 00, and some Python: loops, lists, functions.

# %% parameters for clips

# %% colab

# %% setup

# %% [markdown]
# Watch this clip with the sound on. A professional actor says one sentence and acts one emotion. Look at his brows and his mouth.
# (`load.clips` gives a table of clips, as in lesson 00. `.iloc[-1]` takes its last row.)

# %%
from pathlib import Path

from course_lib import load, show
from course_lib.datasets import embedded

source = "embedded" if "ravdess" in embedded.names() else "studio"  # a copy without RAVDESS shows drawn actors
films = load.clips(source, actors=1, emotions=["neutral", "surprised"], modality="audio-video")
film = films.iloc[-1]
show.video(film["path"], f"{film['corpus']}, actor 1: which emotion does he act?")

# %% question
show.predict("Which emotion does the actor show?", ["calm", "happy", "fearful", "surprised"])

# %%
guess = 0  # change this to the number of your answer; you will get the answer at 01:01

# %% [markdown]
# ## 00:37 · RAVDESS
#
# The clip is from RAVDESS ([Livingstone and Russo 2018](https://doi.org/10.1371/journal.pone.0196391)), the *data set* (also called *corpus*)
# of the lecture. The lecture describes it like this:
#
# - 7,356 files by 24 actors, 12 women and 12 men, who speak and sing
# - eight emotions: neutral, calm, happy, sad, angry, fearful, disgust and surprised (the slide at 00:37 leaves out neutral, but the list of
#   codes at 01:01 has it)
# - two intensities: normal and strong
# - three *modalities* (here: kinds of file): sound only, video only, and both
#
# The lecture uses the video-only files, because it looks at images.
#
# When an actor says or sings a sentence once, this is one **recording**. RAVDESS keeps each recording in all three modalities, so each
# recording has three files. Can you check the number 7,356? Each of the 24 actors has 60 spoken recordings. 23 actors also have 44 sung
# recordings each:

# %% tags=["nbval-check-output"]
speech = 24 * 60 * 3
song = 23 * 44 * 3
print(speech, "+", song, "=", speech + song)

# %% [markdown]
# Yes, the lecture's number is right.

# %% question
show.quiz("8 emotions x 2 intensities x 2 sentences x 2 repetitions = 64. Why does each actor have only 60 spoken recordings?",
          [("Four recordings were lost.", False, "Nothing was lost: all 24 actors have exactly 60."),
           ("Neutral has only one intensity.", True,
            "There is no strong neutral, so 2 sentences x 2 repetitions = 4 recordings are missing."),
           ("One sentence has fewer repetitions.", False, "Every actor says both sentences twice, in every emotion and intensity.")])

# %% [markdown]
# Remember this: neutral has half as many spoken recordings as any other emotion. It will matter in lesson 03. In your first exercise you
# count the recordings of two emotions.

# %% nbgrader={"grade_id": "exercise-01-4"}
def binary_takes():
    ### BEGIN SOLUTION
    neutral, angry = 1 * 2 * 2, 2 * 2 * 2  # intensities x statements x repetitions
    return 24 * (neutral + angry)
    ### END SOLUTION


# %% [markdown]
# ## 01:01 · What a file name says
#
# RAVDESS writes its labels into the file names. A name has seven numbers of two digits each. The third one is the emotion:
#
# | place | field | codes |
# | --- | --- | --- |
# | 1 | modality | 01 audio and video, 02 video only, 03 audio only |
# | 2 | vocal channel | 01 speech, 02 song |
# | 3 | **emotion** | 01 neutral, 02 calm, 03 happy, 04 sad, 05 angry, 06 fearful, 07 disgust, 08 surprised |
# | 4 | intensity | 01 normal, 02 strong (never with neutral) |
# | 5 | sentence | 01 "Kids are talking by the door", 02 "Dogs are sitting by the door" |
# | 6 | repetition | 01 first, 02 second |
# | 7 | actor | 01 to 24; men have odd numbers, women even ones |
#
# Which clips do we have? List the folder with [`Path.glob`](https://docs.python.org/3/library/pathlib.html#pathlib.Path.glob). `"*.mp4"`
# means: all names that end in `.mp4`. `path.name` is the file name without its folder.

# %%
video_folder = Path(film["path"]).parent
paths = sorted(video_folder.glob("*.mp4"))[:5]  # five are enough here
for path in paths:
    print(path.name)

# %% [markdown]
# The lecture takes the label out of the name. In the next cell, `removesuffix` removes the ending `.mp4`, and `split("-")` makes a list of
# seven *strings* (texts). Python counts from 0, so the third string is `parts[2]`. `int` turns it into a number:

# %% tags=["nbval-check-output"]
name = "01-01-08-02-02-02-01.mp4"
parts = name.removesuffix(".mp4").split("-")
label = int(parts[2])
print(parts)
print("label:", label, "· actor:", int(parts[6]))

# %% [markdown]
# This is the name of the clip that you watched. Was your guess right?

# %% question
show.reveal(4, "surprised", "The third number is 08. The raised brows and the open mouth are typical.", guess)

# %% [markdown]
# The course's function `ravdess.parse_name` reads all seven numbers (the *fields*), and checks them. The second name below has a wrong field.
# Read the error message: it tells you which one.

# %% tags=["nbval-check-output"]
from course_lib.datasets import ravdess

print(ravdess.parse_name(name))
try:
    ravdess.parse_name("02-01-09-02-01-02-12.mp4")
except ValueError as error:
    print(error)

# %% question
show.quiz("Who does what in 03-01-06-01-02-02-24.wav?",
          [("A woman says \"Dogs are sitting by the door\" and acts fear.", True,
            "The third number 06 is fearful. The fifth number 02 is the sentence with the dogs. 24 is even, so the actor is a woman."),
           ("A woman says \"Kids are talking by the door\" and acts fear.", False,
            "Look at the fifth number: 02 is the sentence with the dogs."),
           ("A man sings a fearful song.", False,
            "The second number 01 is speech. 24 is even, so the actor is a woman.")])

# %% nbgrader={"grade_id": "exercise-01-1"}
def read_names(names):
    ### BEGIN SOLUTION
    fields = [name.split("/")[-1].split(".")[0].split("-") for name in names]
    return np.array(fields).astype(int)[:, 2:]
    ### END SOLUTION


# %% [markdown]
# ## 02:12 · From clips to image files
#
# You can now read a label. Next you need the images. Here is the lecture's plan for them. (The lecture's later steps have their own lessons:
# HoG features in 02, classifiers in 03, and the network VGG16 in 04.)

# %% diagram
show.diagram({"clips\n(mp4)": (0, 0), "frames": (1, 0), "image files\n(png)": (2, 0), "data_all (images)": (3, 0),
              "label_all (labels)": (2, 1)},
             [("clips\n(mp4)", "frames"), ("frames", "image files\n(png)"), ("image files\n(png)", "data_all (images)"),
              ("image files\n(png)", "label_all (labels)")],
             "The plan: clips become frames, frames become image files, and the files give the array data_all with the images "
             "and the array label_all with the labels.")

# %% [markdown]
# The lecture imports its libraries, and makes two variables for its folders. Its clips are in Google Drive. Ours come with the course, in
# `video_folder`. The images go into `frame_folder`, a temporary folder that we delete at the end:

# %%
import os
import tempfile

import cv2
import matplotlib.pyplot as plt
import numpy as np
import skimage.io

from course_lib import plots

scratch = tempfile.TemporaryDirectory()
frame_folder = Path(scratch.name)

# %% [markdown]
# Now the lecture's loop. [`cv2.VideoCapture`](https://docs.opencv.org/4.x/d8/dfe/classcv_1_1VideoCapture.html) opens a clip. Each `read`
# gives two things: `success` (True or False) and the next frame. When no frame is left, `success` is False, and the loop ends. `cv2.imwrite`
# saves a frame as a file.
#
# The lecture does not say which frames it keeps. We keep one frame in ten: `number % 10 == 0` is true for the frames 0, 10, 20 and so on. The
# name of the image is the name of its clip (`path.stem` has no `.mp4`) and the frame number with three digits, such as `_020`:

# %% tags=["nbval-check-output"]
for path in paths:
    capture = cv2.VideoCapture(str(path))
    number = 0
    while True:
        success, frame = capture.read()
        if not success:
            break
        if number % 10 == 0:
            cv2.imwrite(str(frame_folder / f"{path.stem}_{number:03d}.png"), frame)
        number += 1
    capture.release()
print("frames in the last clip:", number, "· images saved:", len(os.listdir(frame_folder)))

# %% [markdown]
# "This code might take a couple of minutes", the lecturer says. Ours takes seconds, because it reads five small clips. `video.extract_frames`
# of `course_lib` does the same for many clips, and returns a table with the label of each image.
#
# Why does the loop not ask first how many frames there are? A video file *declares* its number of frames in its first bytes, the *header*.
# `capture.get(cv2.CAP_PROP_FRAME_COUNT)` returns this number, but it can be wrong. We measured the originals of our five clips. They declare
# 99, 98, 99, 108 and 105 frames, and you can read one frame less from each. (Our smaller copies declare the right number.)

# %% question
show.quiz("A clip declares 99 frames and has 98. Your loop over range(99) reads and saves each frame. What happens at the end?",
          [("Nothing. OpenCV repeats the last frame.", False, "OpenCV does not repeat a frame."),
           ("The last read gives False and None, and imwrite fails.", True,
            "This is why the lecture's loop tests success after each read. Count the frames that you really get."),
           ("OpenCV corrects the number while it reads.", False,
            "The declared number comes from the file's header, and range(99) is fixed before the loop begins.")])

# %% [markdown]
# ### The order of colours
#
# Now look at one frame with [`plt.imshow`](https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.imshow.html). A pixel has three
# numbers, one for each colour. OpenCV stores them in the order blue, green, red (**BGR**). Matplotlib expects red, green, blue (**RGB**). In
# the next cell, `cv2.cvtColor` changes BGR into RGB.

# %% question
show.predict("You give a BGR frame to plt.imshow. What colour does the actor's skin get?", ["It stays the same.", "blue", "green"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %%
capture = cv2.VideoCapture(film["path"])
success, frame = capture.read()
capture.release()
rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
plt.figure(figsize=(8, 2.7))
for place, (image, title) in enumerate([(frame, "as OpenCV gives it"), (rgb, "after cvtColor")], 1):
    plt.subplot(1, 2, place)
    plt.imshow(image)
    plt.title(title)
    plt.axis("off")
plots.finish(f"One frame of {film['corpus']}", "the same frame twice: left with swapped colours, right with true ones",
             "On the left the skin is blue. On the right it has its true colour.")

# %% question
show.reveal(2, "blue", "Skin reflects much red and little blue. If you swap the two, the image shows much blue and little red.", guess)

# %% [markdown]
# `cv2.imwrite` expects BGR, so the files from the loop have the right colours. Convert a frame only before you give it to another library,
# such as Matplotlib.
#
# ### A label belongs to a whole clip, a frame is one moment
#
# Does the label of a clip fit each of its frames? Run the cell, then move the slider. It shows every third frame. The actor in this clip
# (from CREMA-D, [Cao et al. 2014](https://doi.org/10.1109/TAFFC.2014.2336244)) was asked to act anger. Nine people saw the clip without
# sound, and all nine answered "angry". In which frame do *you* see anger first?

# %%
from course_lib.media import video

angry = load.clips("crema_d", actors=1083, emotions="angry").iloc[0]
moments = video.read_clip(angry["path"])
fps = 14.985  # frames per second
chosen = range(0, len(moments), 3)
show.slider([cv2.resize(moments[i], (320, 320)) for i in chosen], [f"frame {i} ({i / fps:.1f} s)" for i in chosen],
            f"{angry['corpus']}, actor 1083: anger grows")

# %% [markdown]
# An expression begins (**onset**), reaches its strongest moment (**apex**) and fades (**offset**). This clip ends before the expression
# fades, so you hardly see an offset.
#
# **Your turn, two minutes.** Write down the first frame in which you see anger, and the frame with the most anger. Ask a friend to do the
# same. How far apart are your answers?

# %%
my_onset, my_apex = None, None  # your frame numbers

# %% question
show.quiz("The lecture gives every frame the label of its clip. Which frames of an angry clip may have a wrong label?",
          [("None. The clip is angry, so each frame is angry.", False, "Look at frame 0 again: the face is still at rest."),
           ("The frames near the beginning and the end.", True,
            "Before the onset and after the offset the face does not show the emotion. (The clip above ends early, so look at "
            "its beginning.)"),
           ("The frames in which the mouth is open.", False,
            "The actor opens the mouth to speak, or to show the emotion. An open mouth does not make the label wrong.")])

# %% [markdown]
# You searched for the onset with your eyes. Can a number help? Compare each frame with the first one, pixel by pixel. The more the face has
# moved, the larger the differences are. A difference of 1, on the scale from 0 to 255, is one *grey level*.

# %% nbgrader={"grade_id": "exercise-01-3"}
def from_first(frames):
    ### BEGIN SOLUTION
    difference = np.abs(frames - frames[0].astype(float))
    return difference.mean(axis=tuple(range(1, frames.ndim)))
    ### END SOLUTION


# %% [markdown]
# Now use your function on the angry clip. Before you run the cell: where should the curve rise?

# %%
try:
    plots.curve_with_frames(from_first(moments), moments, f"Distance from the first frame: {angry['corpus']}, actor 1083",
                            "grey levels", "The curve rises while the anger grows, then it stays high.")
except NotImplementedError:
    print("Write from_first, then run this cell again: it draws the curve with the frames below it.")

# %% [markdown]
# <details><summary>What you should see</summary>
#
# The curve rises from 0 to about 7 grey levels until about frame 22. Then it stays between 6 and 8. The moving lips also change it a little.
# The curve measures movement, not emotion: if the actor nods, it rises, too.
#
# </details>
#
# ### Images to arrays
#
# Back to the lecture. It now reads the image files again, because a classifier needs them as arrays. It starts with two empty lists,
# `data_all` and `label_all`. For each file it takes the label out of the name, and reads the image with scikit-image
# ([`skimage.io.imread`](https://scikit-image.org/docs/stable/api/skimage.io.html#skimage.io.imread)), which gives RGB. At the end, `np.array`
# makes one array of all images:

# %% tags=["nbval-check-output"]
data_all, label_all = [], []
names = sorted(os.listdir(frame_folder))
for name in names:
    label_all.append(int(name.split("-")[2]))
    data_all.append(skimage.io.imread(frame_folder / name))
data_all = np.array(data_all)
print("data_all:", data_all.shape, data_all.dtype)

# %% [markdown]
# Read the shape from left to right: the number of images, then the rows, columns and colours of each image. The lecture gets 873 images of
# 720 x 1280 x 3. Our clips were made smaller (360 x 640), so that they fit into the course.
#
# The next cell shows one image of each clip, frame 50. Do the faces fit their labels? And do you see the same image twice?

# %%
some = [i for i, name in enumerate(names) if name.endswith("_050.png")]
plt.figure(figsize=(10, 2))
for place, i in enumerate(some, 1):
    plt.subplot(1, len(some), place)
    plt.imshow(data_all[i])
    plt.title(ravdess.EMOTIONS[label_all[i] - 1])
    plt.axis("off")
plots.finish(f"Frame 50 of each clip: {film['corpus']}", "an actor in five images, each with the emotion of its clip",
             "The actor is always the same. The label of the clip is above each image.")

# %% [markdown]
# The two neutral images show the same moment. RAVDESS has this recording once with sound (`01-…`) and once without (`02-…`). Count such a
# pair once. The lecture has no such pairs, because it uses only the video-only files. In the next exercise you write the step from image
# files to arrays yourself, with OpenCV.

# %% nbgrader={"grade_id": "exercise-01-5"}
def images_and_labels(names, files):
    ### BEGIN SOLUTION
    import cv2

    label_all = [int(name.split("-")[2]) for name in names]
    data_all = [cv2.cvtColor(cv2.imdecode(file, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for file in files]
    return np.array(data_all), np.array(label_all)
    ### END SOLUTION


# %% [markdown]
# ### How much memory do the images need?
#
# The array holds rows x columns x colours numbers for each image. As `uint8`, a number is a whole number from 0 to 255, and needs one byte.
# Will 873 images fit into your machine? Guess first:

# %% question
show.predict("How much memory do 873 images of 720 x 1280 x 3 need, with one byte for each number?", ["0.24 GB", "2.4 GB", "24 GB"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %%
import pandas as pd

full, small = 720 * 1280 * 3, 224 * 224 * 3  # numbers in one image, before and after resizing
memory = pd.DataFrame([
    ["one image, uint8", full],
    ["873 images, uint8", 873 * full],
    ["the list and the array of it, at the same time", 2 * 873 * full],
    ["873 images of 224 x 224, uint8", 873 * small],
    ["873 images of 224 x 224, float64", 873 * small * 8],
], columns=["what", "bytes"])
memory["GB"] = (memory["bytes"] / 1e9).round(3)
memory

# %% question
show.reveal(2, "2.4 GB", "873 x 720 x 1280 x 3 bytes are 2.41 GB. np.array copies the list, so for a moment you need twice as much.", guess)

# %% [markdown]
# The last two rows look ahead: in lesson 02 the images are resized to 224 x 224, and become numbers with decimals (`float64`), which need
# eight bytes each. Colab's free machine has about 12 GB. This is enough for the lecture's 873 images. But all frames of all spoken
# recordings, 24 x 60 clips of about 100 frames, would need about 400 GB.
#
# ### Many clips at once
#
# `video.read_frames` saves memory and time. It makes each frame small as soon as it has read it, works on several clips at once, and saves no
# files. It returns the images and a **table** with one row for each image. The label is in the table, so you do not have to read it from a
# name again.
#
# The clips come from the corpus that the parameters name. If you did not change it, this is the Studio: its actors are drawn by a program,
# and marked SYNTHETIC. The profile in the parameters sets the size of the images and how many frames are kept (here one in 30):

# %%
clips = load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS or ["neutral", "angry"], seed=SEED,
                   most_actors=len(settings.actors), ravdess_names=True)
corpus = clips["corpus"].iloc[0]
images, table = video.read_frames(clips, settings.size, every=settings.every)
print(f"{corpus}: {len(clips)} clips, images {images.shape}, {images.nbytes / 1e6:.0f} MB")
table[["emotion", "intensity", "actor", "frame"]].head()

# %% [markdown]
# The next cell shows one of these images for each actor and emotion. It leaves out the first frame of each clip, because the expression has
# not begun there. How do the images differ from the frames above?

# %%
later = table[table["frame"] >= 30] if table["frame"].max() >= 30 else table
some = later.sort_values("intensity").drop_duplicates(["actor", "emotion"], keep="last")
some = some.sort_values(["actor", "emotion"]).index[:6]
plots.frames(images[some], [f"actor {table['actor'][i]}, {table['emotion'][i]}" for i in some],
             title=f"Some of the images: {corpus}", seen="You see each actor in both emotions. The wide frames were squeezed into squares.")

# %% [markdown]
# ## 05:23 · Labels as a NumPy array
#
# The lecture turns the list of labels into an array: one label for each image, 873 in all. Here are ours:

# %% tags=["nbval-check-output"]
label_all = np.array(label_all)
print("label_all:", label_all.shape)
values, counts = np.unique(label_all, return_counts=True)
print("labels:", values, "· images of each:", counts)

# %% [markdown]
# Always check that there are as many labels as images. For the many clips, the labels come from the table. `ravdess.EMOTIONS` lists the
# emotions in the order of their codes. Python counts from 0 and RAVDESS from 1, so we add 1. `assert` stops with an error if the two lengths
# differ:

# %%
labels = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy() + 1
assert len(labels) == len(images)
print(f"{corpus}:", table["emotion"].value_counts().to_dict())

# %% [markdown]
# The Studio has about twice as many angry images as neutral ones, and so does the whole of RAVDESS. Do you remember the reason from 00:37? If
# one class (here: emotion) has many more images than another, this is called **class imbalance**.

# %% question
show.quiz("You sort data_all by actor, but you forget to sort label_all. What does Python do?",
          [("It raises an error.", False, "Both arrays still have the right length, so nothing fails."),
           ("It runs, and many images get the wrong label.", True,
            "Python does not warn you. Keep the labels in a table with one row for each image, or sort both in the same order."),
           ("It sorts the labels, too.", False, "Python does not know that the two arrays belong together.")])

# %% nbgrader={"grade_id": "exercise-01-2"}
def image_labels(labels, lengths, every):
    ### BEGIN SOLUTION
    frames = [np.arange(0, length, every) for length in lengths]
    repeated = np.repeat(labels, [len(kept) for kept in frames])
    return np.column_stack([repeated, np.concatenate(frames)])
    ### END SOLUTION


# %% [markdown]
# At the end, delete the temporary folder with the image files:

# %%
scratch.cleanup()

# %% [markdown]
# ## The lecture's figures and ours

# %%
from course_lib import results

real = results.read("lecture14_real_frames")
pd.DataFrame([
    ["published (lecture 14)", "not said", 873, "720 x 1280 x 3"],
    [f"measured on real data: every frame of {real['n']} original clips", real["n"], real["decoded"], real["shape"]],
    [f"this run: one frame in ten of {film['corpus']}", len(paths), len(data_all), " x ".join(map(str, data_all.shape[1:]))],
    [f"this run: one frame in {settings.every} of {corpus}", len(clips), len(images), " x ".join(map(str, images.shape[1:]))],
], columns=["source", "clips", "images", "size of one image"])

# %% [markdown]
# The lecture does not say how many clips it read, or which frames it kept. So we cannot check where the number 873 comes from.
#
# ## What you can do now
#
# - You can read the emotion, the actor and the other fields from a RAVDESS file name.
# - You can save the frames of a clip with `cv2.VideoCapture` and `cv2.imwrite`, and read them back into arrays.
# - You know four traps. The declared number of frames can be wrong. OpenCV uses BGR. Labels and images can get into a different order. Many
#   images need much memory.
# - You have seen that an expression grows, so a clip's first frames may not show its emotion.
#
# **Words you met:** frame, recording, modality, BGR and RGB, onset, apex, offset, uint8, class imbalance. The [glossary](../docs/glossary.md)
# explains them.
#
# ### To explore, without points
#
# 1. Set `CORPUS = "embedded"` and `EMOTIONS = ["neutral", "surprised"]` in the parameters, and run the lesson again. You then work with real
#    clips only. How do the images differ from the Studio's?
# 2. Change `number % 10` to `number % 5` in the lecture's loop. How many images do you get? (103 instead of 52.) How much do the first two
#    images differ? Compute `np.abs(data_all[0].astype(int) - data_all[1]).mean()`. Keep the answer for lesson 03.
# 3. Replace 1083 by 1022 and "angry" by "happy" in the cell with the slider. When does the smile begin?
#
# Next: `02_hog_features`.

# %% credits
