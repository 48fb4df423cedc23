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
# Welcome! In this course you teach a computer to recognise emotions that actors show with their faces and voices. The lessons follow the
# NPTEL lectures on affective computing, step by step. You need no experience with machine learning.
#
# **In this lesson you will**
#
# - listen to a real voice and guess its emotion
# - try an exercise, and get a hint
# - read the score of a classifier
# - meet the data of the course
# - check that your machine is ready
#
# **You need** about 20 s on two cores, 1 GiB of memory, no internet connection, and 30 minutes to read and try. The first time, the computer
# also draws the clips of the Studio (see *The data*). This takes a few minutes more. **Before this:** some Python.

# %% parameters for clips

# %% colab

# %% setup

# %% [markdown]
# ## Listen to a voice
#
# Run each code cell with Shift + Enter, from top to bottom. Here are two recordings of the same woman. They are from CREMA-D ([Cao et al.
# 2014](https://doi.org/10.1109/TAFFC.2014.2336244)). CREMA-D is a **corpus**: a collection of recordings with labels. Its actors say a
# sentence and act an emotion. The emotion is the **label** of the recording.
#
# You do not need to understand every line of code yet. `load.clips` makes a table of recordings, `audio.read_audio` reads one of them as an
# array of numbers (16,000 for each second), and `show.audio` makes a player. The sentence is not the same in the two recordings:

# %%
from course_lib import load, show
from course_lib.media import audio

voices = load.clips("crema_d", actors=1073, emotions=["angry", "neutral"], modality="audio-only")
first, second = (audio.read_audio(path, sr=16000, seconds=None) for path in voices["path"])
show.audio(first, 16000, "CREMA-D, actor 1073: first recording")

# %%
show.audio(second, 16000, "CREMA-D, actor 1073: second recording")

# %% question
show.predict("In which recording does she act anger?", ["in the first one", "in the second one"])

# %%
guess = 0  # change this to the number of your answer, then run this cell and the next one

# %% question
show.reveal(1, "in the first one",
            "Here she is louder: the sound wave is about three times as large. Her voice is also higher. Its median pitch is 222 Hz "
            "(vibrations per second), and 179 Hz in the second one. Eight of ten listeners answered angry.", guess)

# %% [markdown]
# Did you listen to how loud and how high each voice is? A computer can measure both, and you will do it in lessons 06 and 12. Now watch a
# face. This clip has no sound:

# %%
smile = load.clips("crema_d", actors=1083, emotions="happy").iloc[0]
show.video(smile["path"], "CREMA-D, actor 1083: ten of ten people answered happy")

# %% [markdown]
# ## How a lesson works
#
# Each lesson has the same parts:
#
# - **Parameters and setup**, at the top. You can change a parameter, for example the emotions, and run the lesson again.
# - **The lecture's steps.** A heading such as `05:43 · Two classes` gives the time in the lecture's video: 5 minutes 43 seconds. You see the
#   lecture's own code first. Then a function of `course_lib`, the course's own library, does the same for many clips.
# - **Questions.** *Predict* asks for a guess before you see a result. A *quiz* shows some answers. Click an answer to read why it is right or
#   wrong.
# - **Exercises**, from lesson 01 on. Each exercise asks you to write one function. Level 1 is easy, and level 3 is hard. Three calls help
#   you:
#
# | call | what it does |
# | --- | --- |
# | `check("01.1", read_names)` | tries your function `read_names` on the *public examples*, which you see in the exercise's text, and reports the first error |
# | `hint("01.1")` | shows a hint; call it again for a clearer one |
# | `solution("01.1")` | shows our solution, after you have tried the exercise (if your copy has solutions) |
#
# Try it now. Exercise 01.1 asks for the numbers in file names such as `02-01-05-02-01-02-12.mp4`. The function below splits each name at the
# hyphens, and keeps the parts from the third one on. These parts are still *strings* (texts). What does `check` say?

# %%
import numpy as np

from course_lib.exercises import check, hint


def my_first_try(names):
    rows = [name.split("-")[2:] for name in names]
    return np.array(rows)


check("01.1", my_first_try)

# %% [markdown]
# `check` found an error: the function returns texts, and the exercise asks for whole numbers (`int`). Ask for a hint:

# %%
hint("01.1")

# %% question
show.quiz("check says that your function is right on all public examples. Is it right for all inputs, too?",
          [("Yes, check has tried everything.", False, "check tries only the few examples that you can see."),
           ("Perhaps not. The grader uses other inputs.", True,
            "The grader is the program that gives points. A function that is right only for the public examples fails there."),
           ("Nobody knows, because check does not run it.", False, "check runs your function and compares the results.")])

# %% [markdown]
# You can leave an exercise out, and the lesson still runs to its end. In a lesson with exercises, the last cell writes a file with your
# answers. If you have a teacher, send this file.
#
# ## How to read a score
#
# A **classifier** is a program that chooses a label for each clip. It learns from *training clips* with known labels. Then we *test* it on
# other clips. Lecture 27 ends with a classifier that has two labels, calm and angry. It is right for 85 % of the test clips. The test set is
# 20 % of 32 clips, so it has 7 clips (6.4, rounded up). The classifier is right for 6 of them.
#
# In this course we print such a score in one line. You give `Score` five things: the number of right answers, the number of test clips, the
# split, the baseline and a note. The table below the output explains them:

# %% tags=["nbval-check-output"]
from course_lib.evaluation import Score

print(Score(6, 7, "random split", 4 / 7, "published (lecture 27)"))

# %% [markdown]
# The **accuracy** is the fraction of the test clips for which the classifier is right. The *true accuracy* is the one that you would measure
# with a very large number of clips. Nobody knows it. Read the line from left to right:
#
# | part | meaning |
# | --- | --- |
# | 6 of 7 = 85.7 % | the accuracy: the classifier is right for 6 of 7 test clips |
# | 95 % CI 48.7-97.4 | the **confidence interval** (CI): every true accuracy from 49 % to 97 % fits the result 6 of 7. With 7 clips you cannot say it more exactly |
# | random split | the **split**: how the clips were divided into training and test clips. Here a random generator chose |
# | majority 57.1 % | the **majority baseline**: the accuracy if you always answer with the most common label of the training clips |
# | published (lecture 27) | the **note**: where the score comes from |
#
# If you repeat the test many times with new clips, each test gives another interval. About 95 of 100 such intervals contain the true
# accuracy. This is the "95 %".
#
# Where does 57.1 % come from? The lecture does not show the labels of its 7 test clips. But there are only two labels, so one of them belongs
# to at least 4 clips. We assume that this label is also the most common one in training. Then the baseline is right for these 4 of 7 clips.
# This is 57.1 %.

# %% question
show.quiz("What does the majority baseline look at?",
          [("The brows and the mouth.", False, "It looks at no image at all."),
           ("Only the labels of the training set.", True,
            "It counts them, and always gives the most common one. A useful classifier must be better than that."),
           ("The loudness of the voice.", False, "It does not use the sound.")])

# %% question
show.predict("A test with 700 clips also gives 85.7 %. How wide is its interval?",
             ["as wide as with 7 clips", "about ten times narrower", "about a hundred times narrower"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %% tags=["nbval-check-output"]
for times in (1, 10, 100):
    print(Score(6 * times, 7 * times, "random split", 4 / 7, "an example"))

# %% question
show.reveal(2, "about ten times narrower",
            "The first interval is about 49 points wide (97.4 - 48.7). The last one is about 5 points wide (88.1 - 82.9). With "
            "100 times as many clips, the interval is about 10 times narrower, and 10 is the square root of 100.", guess)

# %% question
show.quiz("The baseline of the seven clips, 57.1 %, lies inside the interval of 6 of 7. What follows?",
          [("The classifier is useless.", False, "It may be good. Seven clips cannot show it."),
           ("The test cannot show that the classifier is better than the baseline.", True,
            "57.1 % is one of the accuracies that fit the result. You need a test with more clips."),
           ("The classifier is better, because 85.7 is more than 57.1.", False,
            "With seven clips, such a difference can happen by chance.")])

# %% [markdown]
# **Your turn, two minutes.** Lecture 27 also has a classifier with 71 %, so it is right for 5 of 7 clips. Print its score, with the same
# split and baseline. Do the two intervals overlap?
#
# <details><summary>What you should see</summary>
#
# 5 of 7 has the interval 35.9-91.8, and 6 of 7 has 48.7-97.4. They overlap a lot. So this test cannot show which classifier is better.
#
# </details>

# %%
# print(Score(...))

# %% [markdown]
# ## The data
#
# | name | what it is |
# | --- | --- |
# | RAVDESS | the corpus of lectures 14 and 27: 24 actors say two sentences in eight emotions. A small part comes with the course (`"embedded"`) |
# | CREMA-D | 91 actors. Ten films and 19 sound recordings come with the course, with the votes of people who saw or heard them |
# | EmoDB | voices of ten actors who speak German |
# | London | photographs of 102 people, neutral and smiling |
# | the Studio | 24 actors **drawn by a program**, with synthetic voices. It gives you as many clips as a lesson needs |
#
# Everything from the Studio is marked **SYNTHETIC**. It shows how a method works. It does not show how well a computer recognises the
# emotions of people.
#
# The next cell loads the corpus that the parameters name (the Studio, if you did not change it). It takes one clip of each actor and emotion,
# and shows one frame of each of the first six. A **frame** is one still image of a clip. (You can skip the code. Later lessons explain these
# calls.) Compare the brows and the mouths of each actor:

# %%
from course_lib import plots
from course_lib.media import video

clips = load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS or ["neutral", "angry"], seed=SEED, most_actors=len(settings.actors))
corpus = clips["corpus"].iloc[0]
one_each = clips.sort_values("intensity").drop_duplicates(["actor", "emotion"], keep="last")
one_each = one_each.sort_values(["actor", "emotion"]).head(6)
faces = [video.read_clip(path, size=(180, 320), every=45)[:2][-1] for path in one_each["path"]]  # frame 45, or the only one
labels = [f"actor {row.actor}, {row.emotion}" for row in one_each.itertuples()]
plots.frames(faces, labels, title=f"Some actors: {corpus}", seen="Compare the brows and the mouths of each actor.")

# %% [markdown]
# Did you see it? The angry actors pull their brows down and together.
#
# In this course a corpus is a [pandas](https://pandas.pydata.org/docs/user_guide/10min.html) table with one row for each clip. The column
# `statement` names the sentence, and `repetition` tells whether the actor says it for the first or the second time:

# %%
clips[["emotion", "intensity", "statement", "repetition", "actor", "gender", "corpus"]].head()

# %% [markdown]
# You can filter and count the clips. Here we keep the rows whose `gender` is `female`:

# %% tags=["nbval-check-output"]
women = clips[clips["gender"] == "female"]
print(len(women), "of", len(clips), "clips are of women")

# %% question
show.quiz("A classifier is right for 95 % of the Studio's clips. What does this tell you about real people?",
          [("It recognises their emotions in 95 % of cases.", False, "The Studio's actors are drawn, and no real person was tested."),
           ("Nothing yet. It must be tested on real people.", True,
            "This is why such a score is marked SYNTHETIC, and why the course also has real data."),
           ("It works better on real people.", False,
            "Real faces and voices differ more from each other than drawn ones. They are usually harder to classify.")])

# %% [markdown]
# The lessons compare three kinds of results. *Published* results are from a lecture or a paper. Results *measured on real data* come from the
# makers of the course, and do not change when you run a lesson. Each of them has a file in `course_lib/results`, which names the command that
# computed it. Results of *this run* are computed by the cells above them.
#
# ## Is your machine ready?
#
# The *doctor* checks your machine. `ok` counts the checks that passed. `--` means that something is not here, but only some lessons need it.
# `!!` means that you must repair something first. The line tells you how.

# %%
from course_lib.lessons import doctor

healthy = doctor.show(everything=False)

# %% [markdown]
# ### More real data
#
# You can do all lessons with the data of the course. If you want the whole of RAVDESS, type in a terminal:
#
# ```
# course fetch ravdess-speech                       # 208 MB, sound only
# course fetch ravdess-video --actors 1,2,3,4,5,6   # about 3.4 GB
# course run --corpus ravdess                       # run the lessons with it
# ```
#
# `course fetch` first shows the licence and the size, and asks whether you agree. If the download breaks off, start it again: it continues
# where it stopped. If your network blocks the download, `course fetch` tells you which file you need, and in which folder to put it. You may
# use RAVDESS for non-commercial purposes, and you must name its source ([Livingstone and Russo
# 2018](https://doi.org/10.1371/journal.pone.0196391), CC BY-NC-SA 4.0).
#
# ## What a face does not tell
#
# The actors of these corpora *act*. A classifier learns which emotion an actor was asked to show. It does not learn what a person feels.
# Angry people do not always scowl (pull their brows down), and people also scowl for other reasons. The link between face and feeling depends
# on the person, the situation and the culture ([Barrett et al. 2019](https://doi.org/10.1177/1529100619832930)). So we write "the network
# answers angry", never "she is angry". (A *network* is one kind of classifier. You meet it in lesson 04.)
#
# In the European Union, the law forbids systems that guess ("infer") people's emotions at work and in schools. Medical and safety reasons are
# exceptions ([AI Act](https://eur-lex.europa.eu/eli/reg/2024/1689/oj), Article 5(1)(f)).

# %% question
show.quiz("A network answers \"angry\" for a photo of your friend. What may you write?",
          [("My friend is angry.", False, "The network has only seen a photo. It does not know what your friend feels."),
           ("The network answers \"angry\" for this photo.", True, "This is what you know. The rest is interpretation."),
           ("My friend hides anger.", False, "Nothing in the photo tells you this.")])

# %% [markdown]
# ## What you can do now
#
# - You can run a lesson, change its parameters, and use `check`, `hint` and `solution`.
# - You can read a score: accuracy, confidence interval, split and baseline.
# - You can tell real data from SYNTHETIC data.
#
# **Words you met:** corpus, recording, label, frame, accuracy, confidence interval, baseline. The [glossary](../docs/glossary.md) explains
# most of them.
#
# ### To explore, without points
#
# 1. Set `EMOTIONS = ["happy", "sad"]` in the parameters, and run the lesson again. Which pictures change? (Only those of the Studio.)
# 2. Filter the table: find the clips of women with strong intensity. Two conditions are joined by `&`, each in brackets:
#    `clips[(clips["gender"] == "female") & (...)]`. How many are there? (12, if you did not change the parameters.)
#
# Next: `01_frames_from_video`.

# %% credits
