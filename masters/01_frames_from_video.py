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
# and labels as NumPy arrays. On the way you meet four traps: swapped colours, a frame that is not there, a label that is
# parsed twice, and 2.4 GB of memory.
#
# **Lecture 14**, 00:37 to 05:43. **Needs** about 15 s on two cores, 0.8 GiB of memory.

# %% tags=["parameters"]
CORPUS = "studio"  # "studio": drawn actors, made on this machine; "ravdess": real ones
DATA_DIR = None  # the folder of real clips; None: where `course fetch` puts them
ACTORS = None  # for example [1, 2, 3]; None: as many as the profile takes
EMOTIONS = ["neutral", "angry"]  # the two classes
PROFILE = "quick"  # "quick" for two cores, "lecture" for the lecture's own sizes
SEED = 0  # the same seed, the same result
USE_DRIVE = False  # in Colab: keep data and caches in your Google Drive

# %% tags=["setup"]
# Setup, the same in every lesson. In Colab it installs what Colab lacks; elsewhere it only says where it runs.
import importlib
import sys

COURSE_ADDRESS = ""  # "OWNER/NAME/BRANCH", filled in by `course publish`
if "google.colab" in sys.modules:
    from urllib.request import urlretrieve

    sys.path[:0] = [".", "/content/drive/MyDrive/course/colab"]
    if COURSE_ADDRESS:
        urlretrieve(f"https://raw.githubusercontent.com/{COURSE_ADDRESS}/colab/bootstrap.py", "bootstrap.py")
    importlib.invalidate_caches()  # what was uploaded or mounted since the last try counts
    try:
        import bootstrap
    except ModuleNotFoundError:
        raise RuntimeError("No course here yet. Upload its wheel and colab/bootstrap.py (folder icon on the left), or put "
                           "its folder in Drive as MyDrive/course and mount the drive; then run this again.") from None
    bootstrap.install(COURSE_ADDRESS)
from course_lib import notebook

settings = notebook.start(PROFILE, USE_DRIVE)

# %% [markdown]
# ## 00:37 · RAVDESS
#
# The lecture names 7,356 files by 24 actors, half of them women, in three modalities. Does that add up? Each take stands
# once as audio-video, once as video-only and once as audio-only. Speech has 60 takes an actor; songs have 44, by 23 actors.

# %% tags=["nbval-check-output"]
speech, song = 24 * 60 * 3, 23 * 44 * 3
print(speech, "+", song, "=", speech + song)

# %% [markdown]
# It does. And why 60? Eight emotions, two intensities, two sentences, two repetitions would be 64, but neutral is never
# strong. Keep that in mind: it makes neutral half as frequent as any other emotion, and lesson 03 turns on it.
#
# ## 01:01 · What a file name says
#
# Seven numbers, in this order. Python alone can take them apart; the third is the emotion.

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
# ## 02:12 · The clips, and the first frames
#
# One row a clip, with what its name says. Lecture 14 takes the video-only files.

# %%
from course_lib import datasets, plots, video

clips = datasets.clips(CORPUS, DATA_DIR, ACTORS or settings.actors, EMOTIONS, seed=SEED)
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
# 98, for example; the Studio's do not). A loop over the declared count ends in an error. Count what you read.
#
# **Trap 2: swapped colours.** OpenCV gives blue, green, red; everybody else expects red, green, blue.

# %%
middle = len(frames) // 2
plots.frames([frames[middle], cv2.cvtColor(frames[middle], cv2.COLOR_BGR2RGB)], ["as OpenCV gives it", "as RGB"],
             title=f"One frame of {corpus}", columns=2)

# %% [markdown]
# `video.read_clip` gives RGB, counts what it decodes, and resizes while decoding. Here is one take over its time.

# %%
strip = video.read_clip(clip["path"], size=(180, 320), every=10)
plots.frames(strip[:12], [f"frame {10 * number}" for number in range(len(strip[:12]))],
             title=f"{corpus}: actor {clip['actor']}, {clip['emotion']}")

# %% [markdown]
# An expression has an onset, an apex and an offset: the first frame of an angry clip is not angry yet. The label belongs to
# the clip, and every frame inherits it.
#
# ### Saving frames to a folder
#
# The lecture writes frames into a folder of images. It does not say at which rate; `every` is ours. The files are kept:
# run the cell twice and the second run takes no time.

# %%
from course_lib.files import home

folder = home() / "frames" / CORPUS
few = clips.groupby("emotion").head(2)
saved = video.extract_frames(few, folder, every=settings.every)
saved[["path", "emotion", "actor", "frame"]].assign(path=saved["path"].str[-28:]).head(8)

# %% [markdown]
# **Trap 3: a label that is parsed twice.** The lecture takes each label out of the image's file name again. `extract_frames`
# returns a table instead: whoever renames a file cannot change a label.
#
# ## Images to arrays
#
# The lecture reads the images back one by one with scikit-image: 873 images of 720 x 1280 x 3.

# %%
import skimage.io

image = skimage.io.imread(saved["path"].iloc[0])
print(image.shape, image.dtype)

# %% [markdown]
# **Trap 4: memory.** All of them in one array, and again as the floats that a resize returns:

# %% tags=["nbval-check-output"]
whole = 873 * 720 * 1280 * 3
print(f"873 whole images: {whole / 1e9:.1f} GB as bytes, {8 * whole / 1e9:.1f} GB as float64")

# %% [markdown]
# Colab's 12 GB hold the first and not the second. Resizing *while* decoding needs neither: what reaches Python is 224 x 224.

# %%
images, table = video.read_frames(clips, settings.size, every=settings.every)
print(f"{images.shape} {images.dtype}: {images.nbytes / 1e6:.0f} MB for {len(clips)} clips")

# %% [markdown]
# ## 05:23 · Labels as a NumPy array
#
# One label an image, as the lecture's numbers 1 to 8, from the table that belongs to the images.

# %%
labels = table["emotion"].map(ravdess.EMOTIONS.index).to_numpy() + 1
print(labels.shape, labels.dtype, "first:", labels[:8])
assert len(labels) == len(images)

# %%
plots.class_balance(table, title=f"Images of {corpus}, one frame in {settings.every}")

# %% [markdown]
# ## What the lecture has, and what we have

# %%
import pandas as pd

from course_lib import measure

real = measure.read("lecture14_real_frames")
pd.DataFrame([
    ["published (lecture 14)", "not said", 873, "720 x 1280 x 3", "not said"],
    [f"measured on real data ({real['n']} original clips)", real["n"], real["decoded"], real["shape"], real["declared"]],
    [f"this run: {corpus}", len(clips), len(images), " x ".join(map(str, images.shape[1:])), "not looked at"],
], columns=["figure", "clips", "images decoded", "size of one", "frames declared"])

# %% [markdown]
# ## Remember
#
# - Seven numbers name a take; the third is the emotion, the last the actor. There is no strong neutral.
# - Count decoded frames, never declared ones. OpenCV's colours are BGR.
# - Resize while decoding; keep labels in the table that belongs to the images.
#
# ## Exercises
#
# 1. Which frame of a clip shows the expression best? Look at `strip` for two actors and say from when to when.
# 2. Set `every` to 5 in `read_frames`. How many images are there now, and how much do two neighbours differ
#    (`abs(images[0].astype(int) - images[1]).mean()`)? Keep the answer for lesson 03.
# 3. Write a name that `parse_name` refuses for another reason than the one above.
#
# Next: `02_hog_features`.
