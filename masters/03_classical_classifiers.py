# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 03 · Classical classifiers
#
# **You will** train the lecture's four classifiers on HoG features the lecture's way, be surprised by the score, find the
# cause, and measure again so that the figure means something.
#
# **Lecture 14**, 11:55 to 16:08. **Needs** about 40 s on two cores, 1.5 GiB of memory. **Before:** lesson 02.

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
# ## 11:55 · Features, labels, and a split
#
# The shapes first, as the lecture does; then 10 % of the images, drawn at random, are set aside for the test.

# %%
from sklearn.model_selection import train_test_split

from course_lib import datasets, features, plots, video

clips = datasets.clips(CORPUS, DATA_DIR, ACTORS or settings.actors, EMOTIONS, seed=SEED)
corpus = clips["corpus"].iloc[0]
images, table = video.read_frames(clips, settings.size, every=settings.every)
X, y = features.hog(images), table["emotion"].to_numpy()
train, test = train_test_split(range(len(X)), test_size=settings.test_size, random_state=SEED)
print("features", X.shape, "labels", y.shape, "training", len(train), "test", len(test))

# %% [markdown]
# ### Four classifiers
#
# Gaussian naive Bayes takes each feature for independent; linear discriminant analysis draws one line through the classes'
# means and common spread; a support vector classifier seeks the widest margin, straight or (rbf) bent.

# %%
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from course_lib.evaluation import Score

lecture = {"GaussianNB": GaussianNB(), "LDA": LinearDiscriminantAnalysis(),
           "linear SVC": SVC(kernel="linear"), "SVC rbf": SVC(kernel="rbf")}
for name, classifier in lecture.items():
    classifier.fit(X[train], y[train])
    score = Score.of(y[test], classifier.predict(X[test]), "images at random", y[train], corpus)
    print(f"{name:10}  training {classifier.score(X[train], y[train]):.0%}  test {score}")

# %% [markdown]
# ## The surprise
#
# The lecture published, on real faces, GaussianNB **41 % on training and 48 % on test**, the other three "slightly higher" or
# "similar". Of ours some do no better and one comes out far higher. Which of these figures means anything? First we ask what
# the lecture's is worth, then what ours is.
#
# ### Cause 1: what is 48 % worth?
#
# RAVDESS has no strong neutral, so there are half as many neutral takes as angry ones. What does a classifier score that never
# looks at the image and always says "angry"?

# %%
from course_lib import measure

real = measure.read("ravdess_speech_counts")
print(f"measured on real data: neutral {real['counts']['neutral']}, angry {real['counts']['angry']} takes of "
      f"{real['n']}; always 'angry' is right in {real['majority_baseline']:.1%}")
plots.class_balance(clips, title=f"Clips of {corpus}")

# %% [markdown]
# Two thirds. **41 to 58 %, all that lecture 14 reports, lies below what it takes to say nothing.** (Its exact counts of images
# are not given, but with every clip giving about as many images as the next, the baseline is near 66.7 %.) A percentage
# without its baseline hides that.
#
# ### Cause 2: the same clip on both sides
#
# Now ours. `audit` compares two tables and names what they share.

# %%
from course_lib import evaluation

leaks = evaluation.audit(table.iloc[train], table.iloc[test])
print(leaks["leak"].value_counts().to_string())
leaks[leaks["leak"] == "same clip"].assign(detail=leaks["detail"].str.rsplit("/").str[-1]).head(3)

# %% [markdown]
# Almost every test image has its neighbours, a fraction of a second away, in the training part. The classifier has only to
# recognise the *clip*. On real faces the same happens: one neutral and one surprised take of one actor, images split at random.

# %%
import pandas as pd

two = measure.read("lecture14_two_takes")
pd.DataFrame([{"classifier": name, "measured on real data": f"{found['correct']} of {found['n']}",
               "majority": f"{found['baseline']:.0%}", "recordings": two["takes"]}
              for name, found in two["scores"].items()])

# %% [markdown]
# What has been learnt from two recordings? Which of the two it is. Nothing about surprise can be known from one example.
#
# Sometimes a leak hides where nobody looks. Two of our real speech files (resampled to 16 kHz) differ in name and not in a
# single byte:

# %%
found = measure.read("ravdess_audit")
print(f"measured on real data: of {found['n']} files these have the same content: {found['same_content']}")

# %% [markdown]
# ### Cause 3: the same actor on both sides
#
# Whole clips on one side each is better, but the actors are still known. Lesson 02 showed that HoG knows the actor best.
#
# ## The fix: three protocols, one question each
#
# | protocol | asks |
# | --- | --- |
# | items at random | does it recognise clips it has seen? |
# | whole clips | does it work on new takes of people it knows? |
# | whole actors | does it work on **new people**? |
#
# Each item is tested once (cross-validation in five folds), by a model that never saw its group.

# %%
from course_lib import classifiers

results = pd.concat([classifiers.compare(X, table, protocol, seed=SEED, note=corpus)
                     for protocol in evaluation.PROTOCOLS], ignore_index=True)
plots.scores(results, title=f"Four classifiers, three protocols: {corpus}")

# %%
for row in results.itertuples():
    print(f"{row.classifier:10}  {row.score}")

# %% [markdown]
# The data are the same and the classifiers are the same. With images at random the linear SVC is right in about nine of ten;
# as soon as clips stay whole, hardly anything is left above the baseline. What fell away was recognising *clips*. Between whole
# clips and whole actors the intervals overlap: from six actors no difference can be claimed.
#
# On the Studio this is by construction: its actors' faces differ more than their expressions. RAVDESS behaves alike: published,
# with MFCC and a face network for all eight emotions, **95.8 % at random and 48.1 ± 9.8 % leaving actors out**.
#
# ### One cause is nobody's leak
#
# **Not every image of an angry clip is angry.** One in about four is frame 0, before the expression has begun, and carries the
# label all the same; the last ones come after it has gone (lesson 01). Keep the middle of each clip, chosen by looking at the
# clips and not at the scores, and run the same comparison again.

# %%
middle = table["frame"].between(30, 60).to_numpy()
cleaner = pd.concat([classifiers.compare(X[middle], table[middle], protocol, seed=SEED, note=corpus)
                     for protocol in evaluation.PROTOCOLS], ignore_index=True)
plots.scores(cleaner, title=f"Images from the middle of the clips: {corpus}")

# %% [markdown]
# With labels that fit, the linear SVC recognises expressions of people it has never seen, and the order of the three protocols
# is what it should be. A low score can lie in the labels, a high one in the split: look at both before the classifier.
#
# ### An interval that tells the truth
#
# The intervals above count images as independent. They are not: images of an actor are right or wrong together. Drawing
# whole *actors* again and again gives the honest one, and it is wider.

# %%
actors = classifiers.compare(X, table, "whole actors", cv="leave-one-out", seed=SEED, note=corpus)
for row in actors.itertuples():
    low, high = row.actor_interval
    print(f"{row.classifier:10}  {row.score.accuracy:.1%}  by images {row.low:.1%} to {row.high:.1%}  "
          f"by actors {low:.1%} to {high:.1%}  UAR {row.uar:.1%}")

# %% [markdown]
# UAR, the unweighted average recall, gives each class the same weight; always answering "angry" gets 50 %, not 67 %.
#
# ### Where the errors are, and whether two classifiers differ

# %%
predictions, true = actors.attrs["predictions"], actors.attrs["true"]
best = actors.loc[actors["uar"].idxmax(), "classifier"]
plots.confusion(evaluation.confusion(true, predictions[best], list(dict.fromkeys(true))),
                title=f"{best}, actors left out one by one: {corpus}")

# %%
comparison = evaluation.mcnemar(true, predictions["linear SVC"], predictions["SVC rbf"])
print(f"only linear SVC right: {comparison.b}, only SVC rbf right: {comparison.c}, exact McNemar p = {comparison.p:.3f}")

# %% [markdown]
# (McNemar's test counts images as independent, too, so its p is too small rather than too large.)
#
# ## What was published, and what we have

# %%
lecture_rows = [["published (lecture 14)", name, figures, "images at random, 10 %", "not given"] for name, figures in
                [("GaussianNB", "training 41 %, test 48 %"), ("LDA", "slightly higher"), ("linear SVC", "similar"), ("SVC rbf", "similar")]]
our_rows = [[f"this run: {corpus}", row.classifier, f"{row.score.accuracy:.1%} ({row.score.correct} of {row.score.n})",
             row.score.protocol, f"{row.score.baseline:.1%}"] for row in results.itertuples()]
pd.DataFrame(lecture_rows + our_rows, columns=["figure", "classifier", "accuracy", "protocol", "majority baseline"])

# %% [markdown]
# Lecture and run cannot be compared: other faces, other images, another number of actors. What can be compared is one
# classifier under the three protocols.
#
# ## Remember
#
# - Ask for the baseline first. Neutral against angry on RAVDESS: two thirds.
# - Split by what must be new: for a system that meets new people, by actor.
# - Images of one clip are one recording, not many. Intervals over images are too narrow.
# - A label of the clip is not a label of each image.
#
# ## Exercises
#
# 1. The lecture's own exercise: change HoG's parameters and see what the accuracy does. Do it by "whole actors", and say
#    whether the best setting is better than the second best.
# 2. Which images does the linear SVC get wrong by whole actors, when all are in? Look at their `frame` and `intensity`.
# 3. `classifiers.panel(scale=True)` standardises the features inside each fold. Which classifier gains?
# 4. Choose the best of seven HoG settings on the test images themselves. By how much does its score fall on new actors?
#
# Next: lesson 04 brings VGG-Face (lecture 14 from 16:08).
