# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 00 · Start here
#
# **You will** see what works on your machine, meet the data and filter its table, read a printed score, and know how to get
# real data.
#
# **Needs** about 10 s on two cores (a minute more the first time, while the data are made), 1 GiB of memory, no network.
#
# The lessons follow the NPTEL lectures on affective computing step by step: headings carry the lecture's time marks. What a
# lecture has no time for stands beside it: is the score any good, and what would it be worth on new people?

# %% [markdown]
# ## How a lesson works
#
# The next cell holds the **parameters**. Change them and run the lesson again; nothing else has to change, whether the data
# are drawn or real. The cell after it sets up and is the same in every lesson: run it and pass on.
#
# From lesson 01 on each lesson ends with **exercises**. An answer is always one function. `check` tries it on public
# examples, as often as you like, and says what is wrong; the grader later uses other inputs, which are yours alone. What you
# leave open stops nothing: the lesson runs to its end. Its last cell writes the file to hand in and names it.

# %% parameters for clips

# %% setup

# %% [markdown]
# ## The machine
#
# The doctor says what works here. `ok` is there, `--` is missing and only some lessons want it, `!!` has to be mended.

# %%
from course_lib.lessons import doctor

healthy = doctor.show()

# %% [markdown]
# ## The data: the Studio
#
# The lectures use RAVDESS, 24 actors who speak two sentences in eight emotions. It is free for non-commercial use, but its
# videos are 13 GB. So that everything runs at once and offline, this course brings **the Studio**: 24 *drawn* actors with
# synthetic voices, in RAVDESS's own file names and formats.
#
# What a lesson says about the Studio is marked **SYNTHETIC**. It shows how a method behaves. It is never emotion
# recognition: these actors were drawn from a table of facial action units and speak by a table of pitch and pace.

# %%
from course_lib import load

clips = load.clips(CORPUS, DATA_DIR, ACTORS or settings.actors, EMOTIONS or ["neutral", "angry"], seed=SEED)
corpus = clips["corpus"].iloc[0]
clips[["emotion", "intensity", "statement", "repetition", "actor", "gender", "corpus"]].head()

# %% [markdown]
# A corpus is a pandas table, one row a file, so what you know of pandas picks the clips you want.

# %% tags=["nbval-check-output"]
women = clips[clips["gender"] == "female"]
print(len(women), "of", len(clips), "clips are of women")

# %%
from course_lib import plots

plots.class_balance(clips, title=f"Clips of {corpus}")

# %%
from course_lib.media import video

one_each = clips.sort_values("intensity").drop_duplicates(["actor", "emotion"], keep="last")
one_each = one_each.sort_values(["actor", "emotion"]).head(12)
faces = [video.read_clip(path, size=(180, 320), every=45)[1] for path in one_each["path"]]  # frame 45
labels = [f"actor {row.actor}, {row.emotion}" for row in one_each.itertuples()]
plots.frames(faces, labels, title=f"Who is who: {corpus}", seen="one face a picture, angry ones with lowered brows")

# %% [markdown]
# And a voice: always the Studio's here. It comes from a source (the vocal folds' buzz) and a filter (the mouth's resonances).

# %%
from IPython.display import Audio

from course_lib.media import audio

sounding = load.clips("studio", None, [2], ["angry"], modality="audio-only", seed=SEED).iloc[-1]
print(f"SYNTHETIC voice: actor {sounding['actor']}, {sounding['emotion']}, {sounding['intensity']}")
Audio(audio.read_audio(sounding["path"], sr=16000, seconds=None), rate=16000)

# %% [markdown]
# ## Three kinds of figure
#
# | kind | where it comes from | how it is marked |
# | --- | --- | --- |
# | published | a lecture or a paper | *published*, with what does not add up |
# | measured on real data | `course_lib/results/*.json`, written by `course evaluate` | *measured on real data* |
# | this run | the cell above it | *this run*, and SYNTHETIC on the Studio |
#
# They are never mixed. And no test score stands alone: each says how many of how many, how the data were split, its 95 %
# interval, and what always giving the commonest answer would score. Lecture 27 published 85 % at 42:19; here it is whole:

# %% tags=["nbval-check-output"]
from course_lib.evaluation import Score

print(Score(6, 7, "clips at random", 4 / 7))

# %% [markdown]
# Read it so: six of seven test clips are right. The interval (Wilson's formula) is made so that, were the test repeated on
# other independent clips, 95 of 100 such intervals would hold the true share: from seven clips one cannot tell 49 % from 97 %.
# *Majority* is the baseline: always say the commonest class, look at nothing, and be right this often.
#
# ## Getting real data
#
# In a terminal, once the course is installed:
#
# ```
# course fetch ravdess-speech                       # 208 MB, sound only
# course fetch ravdess-video --actors 1,2,3,4,5,6   # about 3.4 GB
# course run --corpus ravdess
# ```
#
# The command shows licence and size, asks, resumes after a break and checks what arrived. If your network forbids it, it
# says which file to put where. RAVDESS is licensed CC BY-NC-SA 4.0: cite Livingstone & Russo (2018), and do not sell it.
#
# ## Before you begin: what a face does not say
#
# People do not always scowl when angry, and scowl for other reasons: the link between face and feeling varies with person,
# situation and culture (Barrett et al. 2019). RAVDESS is *acted*. A classifier of it recognises which instruction an
# actor followed. In the European Union, inferring emotions at work and in schools is forbidden, except for medical or
# safety reasons (AI Act, Art. 5(1)(f)).
#
# ## Remember
#
# - One parameter changes the data; the lesson stays the same.
# - What is drawn is marked SYNTHETIC and is no emotion recognition.
# - A score without n, protocol, interval and baseline says little.
#
# ## Exercises
#
# 1. Set `EMOTIONS = ["happy", "sad"]` and run the lesson again. What changes in the class balance, and why?
# 2. Find with pandas the clips of women with strong intensity. How many are there, and could you have known before?
# 3. Print `Score(5, 7, "clips at random", 4 / 7)`. Does its interval overlap that of 6 of 7? What follows?
#
# Next: `01_frames_from_video`.
