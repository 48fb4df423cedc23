# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 05 · Audio and video arrays
#
# **You will** split clips into picture and sound with MoviePy as the lecture does, read them into its two arrays,
# 32×120×128×227×3 and 32×32,000, measure what another way of reading changes, see where the memory goes, and find out why
# there are 32 files.
#
# **Lecture 27**, 00:22 to 09:15. **Needs** about 25 s on two cores and 1.3 GiB of memory (profile "lecture" splits all clips
# and takes longer). **Before:** lesson 01.

# %% parameters for clips

# %% setup

# %% [markdown]
# ## 00:22 · Why several modalities
#
# A face can smile while a voice shakes. Two modalities can tell more than one, if they are joined well. The lecture names
# three ways:
#
# | fusion | what is joined | lesson |
# | --- | --- | --- |
# | feature level (early) | the features, side by side, before one classifier | 07, 08 |
# | decision level | the decisions of one classifier each | a later lesson |
# | hybrid | both levels | 08 has a form of it |
#
# Whether they help is an empirical question. To ask it we need both modalities as arrays, in step: row *i* of the one and row
# *i* of the other must be the same take.
#
# ## 01:09 · RAVDESS, with sound
#
# The lecture lists six emotions. RAVDESS's speech has eight; the two that are missing from the list are *neutral* and *calm*,
# and calm is one of the two this lecture works with. It takes actor 1 alone, calm and angry.

# %%
from course_lib import load, plots

chosen = {"folder": DATA_DIR, "actors": ACTORS or settings.cast[:1], "emotions": EMOTIONS or ["calm", "angry"]}
clips = load.clips(CORPUS, modality="audio-video", seed=SEED, **chosen)
corpus, filmed = clips["corpus"].iloc[0], "audio-only" not in set(clips["modality"])
if not filmed:
    print("There are no pictures in this folder: this lesson goes on with the sound alone.")
plots.class_balance(clips, title=f"Takes of {corpus}")

# %% [markdown]
# ## 01:58 · File names
#
# Seven fields; the third is the emotion. For this lecture the first one matters as much: RAVDESS's video archive holds each take
# **twice**, once with sound (`01-…`) and once as "video only" (`02-…`).

# %% tags=["nbval-check-output"]
from course_lib.datasets import ravdess

for name in ("01-01-02-01-01-01-01.mp4", "02-01-02-01-01-01-01.mp4"):
    fields = ravdess.parse_name(name)
    print(name, "->", fields["modality"], fields["emotion"], "actor", fields["actor"])

# %% [markdown]
# ## 02:12 · The plan
#
# | step | lesson |
# | --- | --- |
# | read picture and sound | this one |
# | features: MFCC of the sound, frame features from VGG16-Face | 06 |
# | one modality against both: Gaussian naive Bayes, LDA, SVM | 07 |
# | 1D-CNN, early and late fusion | 08 |
#
# ## 03:41 · Install and import
#
# Everything is installed already (the setup cell saw to that). One library needs care: the lecture's MoviePy 1 is what Colab
# has, and a new machine gets MoviePy 2, which renamed what the lecture calls. Both work here.

# %%
from pathlib import Path

try:
    from moviepy import VideoFileClip  # MoviePy 2
except ImportError:
    from moviepy.editor import VideoFileClip  # MoviePy 1, the lecture's and Colab's

CUT, RESIZE = ("subclipped", "resized") if hasattr(VideoFileClip, "subclipped") else ("subclip", "resize")


# %% [markdown]
# ## 04:37 · Splitting the clips
#
# Three paths: where the clips are, and two folders for what comes out. For each clip: the first 4 s, resized to 227×128
# (MoviePy says width first; the picture keeps its shape of 16:9), the sound by `clip.audio`, written to the two folders. The
# lecture gives one reason for every cut: Colab's 12 GB of memory. (`min` is ours: some takes are shorter than 4 s, and MoviePy
# 2 refuses to cut what is not there. `logger=None` keeps its progress bars out of the lesson.)

# %%
def split(path, folder):
    """The first 4 s of a clip, as the lecture writes them: a small silent mp4, and a wav."""
    clip = VideoFileClip(str(path))
    part = getattr(clip, CUT)(0, min(4, clip.duration))
    small = getattr(part, RESIZE)((227, 128))
    video_path = folder / "video_only" / f"{Path(path).stem}.mp4"
    audio_path = folder / "audio_only" / f"{Path(path).stem}.wav"
    for file in (video_path, audio_path):
        file.parent.mkdir(parents=True, exist_ok=True)
    small.write_videofile(str(video_path), audio=False, logger=None)
    small.audio.write_audiofile(str(audio_path), logger=None)
    clip.close()
    return video_path, audio_path


# %%
import time

from course_lib.core.paths import home

step = len(clips) // 2 if PROFILE == "quick" else 1  # quick: two recordings, one of each emotion
some = clips.iloc[::step].reset_index(drop=True)
started = time.perf_counter()
written = [split(path, home() / "lecture27" / CORPUS) for path in some["path"]] if filmed else []
print(f"{len(written)} clips split with MoviePy in {time.perf_counter() - started:.1f} s")

# %% [markdown]
# ## 07:35 · What was written

# %%
for original, paths in zip(some["path"], written, strict=False):
    kilobytes = ", ".join(f"{path.parent.name} {path.stat().st_size / 1000:.0f} kB" for path in paths)
    print(Path(original).name, f"{Path(original).stat().st_size / 1000:.0f} kB ->", kilobytes)

# %% [markdown]
# ## 07:50 · The pictures as an array
#
# The lecture now reads the written files back. `video.read_windows` leaves out the detour: it reads the original clips, resizes
# each frame as it is decoded, and puts it straight into its place in the array. Exactly 120 frames a clip: a shorter take holds
# its last picture, as MoviePy 1 does in the lecture.

# %%
from course_lib.media import video

detour = [video.read_clip(paths[0]) for paths in written]
if filmed:
    started = time.perf_counter()
    direct, _ = video.read_windows(some, size=(128, 227), seconds=4, fps=30)
    print(f"{len(direct)} clips read directly in {time.perf_counter() - started:.1f} s: {direct.shape}, {direct.dtype}")
    print("through MoviePy:", [clip.shape for clip in detour])

# %% [markdown]
# ### The two ways compared
#
# Do they give the same? Not to the bit: MoviePy interpolates between pixels where ours averages over areas, and it compresses
# the small picture once more. And its clock is coarse: it takes a clip's duration from the container's header, rounded to hundredths
# of a second, so that a last frame can go missing.

# %%
import numpy as np

for ours, theirs, paths in zip(direct, detour, written, strict=True) if filmed else []:
    difference = np.abs(ours[:len(theirs)].astype(int) - theirs[:len(ours)])
    moving = 1 + int(np.flatnonzero((np.diff(ours.astype(int), axis=0) != 0).any(axis=(1, 2, 3)))[-1]) + 1
    print(f"{paths[0].name}: {len(theirs)} frames through MoviePy, {moving} directly before the last one is held; "
          f"grey levels apart: {difference.mean():.1f} in the mean, {difference.max()} at most")
if filmed:
    plots.frames([detour[-1][60], direct[-1][60]], ["through MoviePy", "directly"], f"Frame 60, two ways: {corpus}",
                 seen="alike but for smeared colours, in the eyes for example")

# %% [markdown]
# Nearly: look at the colour of the eyes. Compressing the small picture once more smears its colours, and a classifier may see more
# than we do. **Never mix two ways of reading in one data set**, least of all one for training
# and the other for the test.
#
# The same for the sound, at 8,000 samples a second:

# %%
from course_lib.media import audio

for original, paths in zip(some["path"], written, strict=False):
    ours, theirs = (audio.read_audio(path, sr=8000, seconds=4) for path in (original, paths[1]))
    heard = min(len(ours), int(8000 * len(detour[0]) / 30))
    level = 20 * np.log10(theirs[:heard].std() / ours[:heard].std())
    print(f"{paths[1].name}: correlation {np.corrcoef(ours[:heard], theirs[:heard])[0, 1]:.6f}, level {level:+.2f} dB")

# %% [markdown]
# The same sound, but in the saved run 3 dB softer: MoviePy asks ffmpeg for two channels, and ffmpeg spreads a track of one, as the
# Studio's are, with a factor of 1/√2 each. (A track of two keeps its level.) MFCC's first coefficient is loudness: once more, do
# not mix.
#
# Two shortcuts look tempting, and both are traps:
#
# - **Let MoviePy go down to 8,000 samples a second itself** (`write_audiofile(…, fps=8000)`). It takes one sample in
#   every five or six and filters nothing, so what lies above 4 kHz, all the hissing of an *s*, is folded down into the speech.
# - **Ask MoviePy for the array** (`clip.audio`'s `to_soundarray` with `fps=8000`). In MoviePy 2.2.1, for up to 50,000 samples, that
#   is the lecture's very case, it returns one constant, without an error. A test in this project shows it.
#
# `read_audio` resamples with a proper filter (soxr). The first trap, heard on a tone of 5 kHz, which 8,000 samples a second
# cannot hold:

# %%
import soxr

t = np.arange(4 * 48000) / 48000
tone = 0.5 * np.sin(2 * np.pi * 5000 * t)
skipped, filtered = tone[::6], soxr.resample(tone, 48000, 8000)
print(f"of a tone of level {tone.std():.3f}, taking every sixth sample leaves {skipped.std():.3f}, "
      f"filtering first {filtered[100:-100].std():.4f}")
ms = 1000 * t[::6][:80]
plots.lines({"every sixth sample: a tone of 3 kHz that nobody sang": (ms, skipped[1000:1080]),
             "filtered first: silence": (ms, filtered[1000:1080])},
            "A tone of 5 kHz at 8,000 samples a second", "time in ms", "amplitude",
            seen="without a filter a false tone at full strength, with it nothing")

# %% [markdown]
# ## 07:55 · All files, labels as 0 and 1, and the sound
#
# The lecture goes through its folder and ends with 32 files. Actor 1 has 8 calm takes and 8 angry ones: 16. Where do 32 come
# from? Let us take both of what the video archive holds, `01-…` and `02-…`, and try to read the sound of each.

# %%
from course_lib.core.errors import CourseError


def sound_of(path):
    try:
        audio.read_audio(path)
        return "a voice"
    except CourseError as error:
        return str(error).split(": ", 1)[1].split(".")[0]  # what is wrong, without the file's name


# %%
import pandas as pd

files = clips
if filmed:
    silent = load.clips(CORPUS, modality="video-only", seed=SEED, **chosen)
    twins = silent[silent["recording"].isin(clips["recording"])]
    files = pd.concat([clips, twins]).drop_duplicates("path").reset_index(drop=True)
files["sound"] = [sound_of(path) for path in files["path"]]
pd.crosstab([files["modality"], files["sound"]], files["emotion"])

# %% [markdown]
# **32 files are 16 takes twice, and the second time silent**: a "video-only" file carries a sound track, of zeros. This is an
# (A folder without `02-…` files shows 16.) That the lecture had these is an *inference* (it does not list its files), but a strong one: 16 takes twice are 32, and lesson 07 shows that the
# lecture's scores come out this way and not the other. `read_audio` refuses a silent track, unless it is told that silence is
# meant. To have the lecture's arrays, we mean it here, and only here.

# %%
table = files
if filmed:
    windows, table = video.read_windows(files, size=(128, 227), seconds=4, fps=30)
signals = np.stack([audio.read_audio(path, sr=8000, seconds=4, allow_silent=True) for path in table["path"]])
classes = list(dict.fromkeys(table["emotion"]))
y = (table["emotion"] == classes[1]).to_numpy().astype(int)

# %% tags=["nbval-check-output"]
print("video ", windows.shape if filmed else "none: there are no pictures in this folder")
print("audio ", signals.shape)
print("labels", y.shape, f"0 = {classes[0]}: {(y == 0).sum()}, 1 = {classes[1]}: {(y == 1).sum()}")

# %% [markdown]
# These are the lecture's shapes: 32 files; 30 frames a second for 4 s are 120; 8,000 samples a second for 4 s are 32,000. Look at
# one take, its picture and its sound:

# %%
if filmed:
    plots.frames(windows[-1, ::24], [f"{frame / 30:.1f} s" for frame in range(0, 120, 24)],
                 f"One video-only recording, {table['emotion'].iloc[-1]}: {corpus}", columns=5)
with_sound = np.flatnonzero(signals.any(axis=1))[-1]
plots.lines({"sound": (np.arange(32000) / 8000, signals[with_sound])},
            f"{Path(table['path'].iloc[with_sound]).stem}: {corpus}", "time in s", "amplitude",
            seen="the sentence between two silences; after the clip's end, zeros")

# %% [markdown]
# ## Where the memory goes
#
# An array's memory is the product of its shape times the bytes of one number.

# %% tags=["nbval-check-output"]
numbers = 32 * 120 * 128 * 227 * 3
for what, size in {"32 clips as uint8 (0 to 255), as here": numbers, "the same as float32": 4 * numbers,
                   "as float64, NumPy's own choice after a division by 255": 8 * numbers,
                   "one clip at 1280x720, uint8": 120 * 720 * 1280 * 3,
                   "32 clips at 1280x720, uint8": 32 * 120 * 720 * 1280 * 3}.items():
    print(f"{size / 1e9:6.2f} GB  {what}")


# %% [markdown]
# **One** clip at full size takes as much as all 32 small ones, and 32 of them nearly fill Colab's 12 GB: that is why the lecture
# writes small files first. Resizing while decoding makes the detour unnecessary: only one full-size frame stands
# in memory at a time.
#
# ## Remember
#
# - Know what your reader does: the clock, the filter, the level, the last frame. Two readers are two data sets.
# - Going to fewer samples a second needs a filter first.
# - Count what must be there (16 takes) against what is (32 files) before you train on it.
# - `uint8` until the last moment.
#
# ## Exercises

# %% nbgrader={"grade_id": "exercise-05-1"}
def frequencies_heard(frequencies, rate, step):
    ### BEGIN SOLUTION
    new = rate / step
    above = frequencies % new  # tones a whole new rate apart give the same samples
    return np.minimum(above, new - above)
    ### END SOLUTION


# %% [markdown]
# Every tone up to 24 kHz, at 8,000 samples a second, unfiltered:

# %%
sung, heard = np.arange(0, 24.5, 0.5), given("05.1", 2) / 1000
plots.lines({"heard": (sung, heard)}, "Every sixth of 48,000 samples a second, without a filter", "sung, in kHz", "heard, in kHz",
            seen="up and down between 0 and 4 kHz: six tones become one")


# %% nbgrader={"grade_id": "exercise-05-2"}
def voice(pcm, samples):
    ### BEGIN SOLUTION
    mono = pcm.mean(axis=1) / 32768  # a mean is a float: nothing overflows
    missing = max(0, samples - len(mono))
    return np.pad(mono, (0, missing))[:samples]
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-05-3"}
def one_of_each(names):
    ### BEGIN SOLUTION
    chosen = {}
    for name in sorted(names):  # the modality comes first in a name: the smallest first
        take = name.split(".")[0][3:]
        chosen.setdefault(take, names.index(name))
    return np.array(sorted(chosen.values()))
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-05-4"}
def clips_that_fit():
    ### BEGIN SOLUTION
    bytes_each = 4 * 30 * 720 * 1280 * 3 * 4  # seconds, frames a second, height, width, colours, bytes of a float32
    return int(12e9) // bytes_each
    ### END SOLUTION

# %% [markdown]
# ### To explore, without points
#
# 1. Listen to what `every sixth sample` does to speech: `from IPython.display import Audio`, then `Audio(signals[0], rate=8000)`
#    beside the clip's own sound at 48,000 (`read_audio(path, sr=48000)`) with `[::6]`.
# 2. How many of all 24 actors' calm and angry takes are shorter than 4 s? (`seconds=None` keeps a clip's own length.)
# 3. Read the clips at 224×224. By how much does the array grow, and what happens to the actors' faces?
#
# Next: lesson 06 turns the two arrays into features (lecture 27 from 09:15).
