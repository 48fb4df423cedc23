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
# **You will** train the lecture's four classifiers on HoG features the lecture's way, be surprised by the scores, name their
# baseline, find their leaks with `audit`, and choose the protocol that answers your question.
#
# **Lecture 14**, 11:55 to 16:08. **Needs** about 40 s on two cores and 1.5 GiB of memory (with all 24 actors, profile
# "lecture", 5 minutes and 2.5 GiB), and at least two actors with both emotions. **Before:** lesson 02.

# %% parameters for clips

# %% setup

# %% [markdown]
# ## 11:55 · Features, labels, and a split
#
# The shapes first, as the lecture does; then 10 % of the images, drawn at random, are set aside for the test.

# %%
from course_lib import features, load
from course_lib.media import video

clips = load.clips(CORPUS, DATA_DIR, ACTORS or settings.actors, EMOTIONS or ["neutral", "angry"], seed=SEED)
corpus = clips["corpus"].iloc[0]
images, table = video.read_frames(clips, settings.size, every=settings.every)
X, y = features.hog(images), table["emotion"].to_numpy()

# %% tags=["nbval-check-output"]
from sklearn.model_selection import train_test_split

train, test = train_test_split(range(len(X)), test_size=settings.test_size, random_state=SEED)
print("features", X.shape, "labels", y.shape, "training", len(train), "test", len(test))

# %% [markdown]
# ### Four classifiers
#
# Gaussian naive Bayes takes the features for independent within a class. Linear discriminant analysis (LDA) draws one flat
# boundary from the class means and a shared spread. A support vector classifier (SVC) seeks the widest margin between the
# classes, flat (linear) or bent (rbf).

# %%
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from course_lib.evaluation import Score

panel = {"GaussianNB": GaussianNB(), "LDA": LinearDiscriminantAnalysis(),
         "linear SVC": SVC(kernel="linear"), "SVC rbf": SVC(kernel="rbf")}
for name, classifier in panel.items():
    classifier.fit(X[train], y[train])
    known = (classifier.predict(X[train]) == y[train]).sum()
    score = Score.of(y[test], classifier.predict(X[test]), "images at random", y[train], corpus)
    print(f"{name:10}  test {score}\n            (of the training images themselves: {known} of {len(train)})")

# %% [markdown]
# ## The surprise
#
# The lecture published, on real faces, GaussianNB **41 % on training and 48 % on test**; LDA "slightly higher", linear SVC
# "similar" to LDA, rbf "similar". In the saved run two of ours stay near the majority baseline and two come out far above it.
# Which of these figures mean anything? First we ask what the lecture's are worth, then what ours are. (The baseline differs
# from two thirds because the few test images are drawn as chance has it.)
#
# ### Cause 1: what is 48 % worth?
#
# RAVDESS has no strong neutral, so there are half as many neutral takes as angry ones. What does a classifier score that never
# looks at the image and always says "angry"?

# %%
from course_lib import plots, results

real = results.read("ravdess_speech_counts")
print(f"measured on real data: neutral {real['counts']['neutral']}, angry {real['counts']['angry']} takes of "
      f"{real['n']}; always 'angry' is right in {real['majority_baseline']:.1%}")
plots.class_balance(clips, title=f"Clips of {corpus}")

# %% [markdown]
# Two thirds. **41 and 48 % are below what it takes to say nothing** (and so are the 57 and 58 % of the network at 22:03, lesson
# 04). What does not add up: 41 % on the *training* part of a two-class problem is less than a coin gives. And n is missing: if
# the 873 images kept RAVDESS's shares, about 175 were neutral or angry and about 18 of them tested (our estimate). What
# interval would 48 % of 18 have?

# %% tags=["nbval-check-output"]
from course_lib import evaluation

low, high = evaluation.wilson(9, 18)
print(f"9 of 18: 95 % interval {low:.0%} to {high:.0%}")

# %% [markdown]
# ### Cause 2: the same clip on both sides
#
# Now ours. `audit` compares two tables and names what they share: one row a leak, with its images on each side.

# %%
leaks = evaluation.audit(table.iloc[train], table.iloc[test]).table
same_clip = leaks[leaks["leak"] == "same clip"]
print(leaks["leak"].value_counts().to_string())
print(same_clip["test"].sum(), "of", len(test), "test images have another image of their clip in the training part")

# %% [markdown]
# The classifier has only to recognise the *clip*. On real faces the same happens. Here are one neutral and one surprised
# take of one actor, all images split at random:

# %% tags=["nbval-check-output"]
two = results.read("lecture14_two_recordings")
measured = {name: Score.from_dict(found)
            for name, found in two["scores"].items()}
for name, score in measured.items():
    print(f"measured on real data: {name:10}  {score}")

# %% [markdown]
# What has been learnt from two recordings? Which of the two it is. Nothing about surprise can be known from one example.
#
# Sometimes a leak hides where nobody looks. Two of our real speech files (resampled to 16 kHz) differ in name and not in a
# single byte:

# %% tags=["nbval-check-output"]
found = results.read("ravdess_audit")
print(f"measured on real data: of {found['n']} files these have the same content: {found['same_content']}")

# %% [markdown]
# ### Cause 3: the same actor on both sides
#
# Whole clips on one side each is better, but the actors are still known. Lesson 02 showed that HoG knows the actor best.
#
# ## The fix: three protocols, one question each
#
# | protocol (an item is an image here) | asks |
# | --- | --- |
# | random split | does it recognise clips it has seen? |
# | grouped by clip | does it work on new recordings of people it knows? |
# | speaker-independent | does it work on **new people**? |
#
# Each in five folds: the images are dealt into five parts, and each part is tested once, by a model trained on the others.
# So every image counts, not 10 % of them.

# %%
import pandas as pd

from course_lib.models import classical

folds = min(5, table["actor"].nunique())  # no more folds than actors
this_run = pd.concat([evaluation.compare(X, table, protocol, classical.panel(), cv=folds, seed=SEED, note=corpus).table
                      for protocol in evaluation.PROTOCOLS], ignore_index=True)
plots.scores(this_run, title=f"Four classifiers, three protocols: {corpus}")

# %%
for row in this_run.itertuples():
    print(f"{row.classifier:10}  {row.score}")
linear = this_run[this_run["classifier"] == "linear SVC"]
notebook.record(all_images=linear["score"])  # kept for the course's own tests

# %% [markdown]
# The data are the same and the classifiers are the same. In the saved run, with images at random, the linear SVC is right in
# about nine of ten; as soon as clips stay whole, it no longer stands clearly above the baseline. What fell away was recognising
# *clips*. On the Studio this is by construction: its actors' faces differ more than their expressions. Real data point the same
# way: published for RAVDESS's eight emotions, with MFCC and a face network, **95.8 % at random and 48.1 ± 9.8 % leaving one
# speaker out** (Ibrahim et al., abstract).
#
# ### One cause is nobody's leak
#
# **Not every image of an angry clip is angry.** One in about four is frame 0, before the expression has begun, and carries the
# label all the same; the last ones come after it has gone (lesson 01). Keep the middle of each clip, chosen by looking at the
# clips and not at the scores, and run the same comparison again.

# %%
middle = table["frame"].between(30, 60).to_numpy()
X, table = X[middle], table[middle].reset_index(drop=True)
cleaner = pd.concat([evaluation.compare(X, table, protocol, classical.panel(), cv=folds, seed=SEED, note=corpus).table
                     for protocol in evaluation.PROTOCOLS], ignore_index=True)
plots.scores(cleaner, title=f"Images from the middle of the clips: {corpus}")

# %%
linear = cleaner[cleaner["classifier"] == "linear SVC"]
for row in linear.itertuples():
    print(f"middle of the clips: {row.classifier}  {row.score}")
notebook.record(middle_of_clips=linear["score"])  # kept for the course's own tests

# %% [markdown]
# With labels that fit, the linear SVC of the saved run stands clearly above the baseline for people it has never seen. (The rbf
# one still says "angry" to everything.) A low score can lie in the labels, a high one in the split: look at both before the
# classifier. From here on we keep the middle images.
#
# ### How far does it vary between people?
#
# The intervals above count images as independent. They are not: images of one actor are right or wrong together. Drawing whole
# *actors* again and again (a bootstrap) shows how far the accuracy varies between people. Beside it stands the UAR, the
# unweighted average recall: the mean, over the classes, of the share that is found. Always answering "angry" gets a UAR of 50 %,
# not 67 %.

# %%
by_actor = evaluation.compare(X, table, "speaker-independent", classical.panel(), cv="leave-one-out", seed=SEED, note=corpus)
for row in by_actor.table.itertuples():
    low, high = row.actor_interval
    print(f"{row.classifier:10}  {row.score}")
    print(f"            by actors {low:.1%} to {high:.1%}, UAR {row.uar:.1%}")

# %% [markdown]
# Who has the same score for every actor, as one that answers "angry" to everything, gets a tiny interval and a UAR of 50 %.
# For the others it is mostly wider than the one over images; with fewer than about ten actors it is itself too narrow.
#
# ### Where the errors are, and whether two classifiers differ

# %%
predictions, true = by_actor.predictions, by_actor.y_true
plots.confusion(evaluation.confusion(true, predictions["linear SVC"], list(dict.fromkeys(true))),
                title=f"linear SVC, actors left out one by one: {corpus}")

# %% [markdown]
# McNemar's test counts only the images on which exactly one of two classifiers is right, and asks how often a fair coin would
# be as uneven. (It, too, takes images for independent, so its p is too small rather than too large.)

# %%
comparison = evaluation.mcnemar(true, predictions["linear SVC"], predictions["GaussianNB"])
print(f"only linear SVC right: {comparison.b}, only GaussianNB right: {comparison.c}, exact p = {comparison.p:.2g}")

# %% [markdown]
# ## What was published, what was measured, and this run

# %%
published = [("GaussianNB", "training 41 %, test 48 %"), ("LDA", "slightly higher"), ("linear SVC", "similar to LDA"),
             ("SVC rbf", "similar")]
rows = [["published (lecture 14)", name, f"{said}; images at random; n, interval, baseline not given", "10 %"]
        for name, said in published]
rows += [["measured on real data: 2 takes", name, str(measured[name]), "5 folds"] for name in measured]
for which, scores in (("all images", this_run), ("middle", cleaner)):
    rows += [[f"this run, {which}", row.classifier, str(row.score), f"{folds} folds"] for row in scores.itertuples()]
pd.set_option("display.max_colwidth", None)
pd.DataFrame(rows, columns=["figure", "classifier", "score", "tested"])

# %% [markdown]
# The three kinds cannot be compared with each other: other faces, other images, other numbers of actors. What can be compared
# is one classifier under the three protocols.
#
# ## Remember
#
# - Ask for the baseline first. Neutral against angry on RAVDESS: two thirds.
# - Split by what must be new: for a system that meets new people, by actor.
# - Images of one clip are one recording, not many. Intervals over images are usually too narrow.
# - A label of the clip is not a label of each image.
#
# ## Exercises

# %% nbgrader={"grade_id": "exercise-03-1"}
from skimage.feature import hog
from sklearn.svm import SVC


def hog_predictions(images, labels, actors, orientations, pixels):
    ### BEGIN SOLUTION
    X = np.array([hog(image, orientations=orientations, pixels_per_cell=(pixels, pixels), cells_per_block=(2, 2))
                  for image in images])
    predicted = np.zeros_like(labels)
    for actor in np.unique(actors):
        test = actors == actor
        predicted[test] = SVC(kernel="linear").fit(X[~test], labels[~test]).predict(X[test])
    return predicted, (predicted == labels).mean()
    ### END SOLUTION


# %% [markdown]
# Your function on the lesson's own images from the middle of the clips, grey and of half the size (some ten seconds). Is the
# best setting better than the second best, or the same as far as these images can tell?

# %%
small = images[middle].reshape(-1, 112, 2, 112, 2, 3).mean(axis=(2, 4, 5)).astype(np.uint8)
numbers = np.where(table["emotion"] == table["emotion"].iloc[0], 1, 5)
try:
    for orientations, pixels in [(9, 4), (9, 8), (4, 8), (18, 8), (9, 16)]:
        predicted, _ = hog_predictions(small, numbers, table["actor"].to_numpy(), orientations, pixels)
        print(f"orientations {orientations:2}, cells {pixels:2}:", Score.of(numbers, predicted, "speaker-independent", note=corpus))
except NotImplementedError:
    print("Write hog_predictions, then run this cell again. The example's labels are", given("03.1")[0])


# %% [markdown]
# Whoever tries five settings and reports the best has chosen on the test: what is reported is too high.

# %% nbgrader={"grade_id": "exercise-03-2"}
def honest_score(true, predicted):
    ### BEGIN SOLUTION
    n, p, z = len(true), np.mean(true == predicted), 1.96
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    classes, counts = np.unique(true, return_counts=True)
    recalls = [np.mean(predicted[true == one] == one) for one in classes]
    return p, centre - half, centre + half, counts.max() / n, np.mean(recalls)
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-03-3"}
from sklearn.svm import SVC


def new_people(X_train, y_train, actors_train, X_test, actors_test):
    ### BEGIN SOLUTION
    def without_the_actor(X, actors):
        centred = X.copy()
        for actor in np.unique(actors):
            centred[actors == actor] -= X[actors == actor].mean(axis=0)
        return centred

    classifier = SVC(kernel="linear").fit(without_the_actor(X_train, actors_train), y_train)
    return classifier.predict(without_the_actor(X_test, actors_test))
    ### END SOLUTION


# %% [markdown]
# Your function on the lesson's own images, one actor left out at a time, beside the linear SVC from above, which sees the same
# features as they are. Does what you did help there, too?

# %%
whose, guessed = table["actor"].to_numpy(), np.zeros_like(numbers)
try:
    for one in np.unique(whose):
        new = whose == one
        guessed[new] = new_people(X[~new], numbers[~new], whose[~new], X[new], whose[new])
    print("linear SVC: ", by_actor.set_index("classifier")["score"]["linear SVC"])
    print("new_people: ", Score.of(numbers, guessed, "speaker-independent", note=corpus))
except NotImplementedError:
    print("Write new_people, then run this cell again. The example's labels begin with", given("03.3")[:12])


# %% [markdown]
# What does your function ask for in return? It needs several images of a new person before its first answer. And what would it
# say of somebody who is angry on all of their images? (Point 4 below lets you try.)

# %% nbgrader={"grade_id": "exercise-03-4"}
def never_angry():
    ### BEGIN SOLUTION
    takes, angry = 60, 2 * 2 * 2  # of one actor: all, and intensities x statements x repetitions
    return (takes - angry) / takes
    ### END SOLUTION

# %% [markdown]
# ### To explore, without points
#
# 1. Which images does the linear SVC get wrong? Join `by_actor.predictions` with `table` and count by `actor`,
#    `intensity` and `frame`.
# 2. Standardise the features inside each fold: `compare(..., classifiers=classical.panel(scale=True))`. Which classifier gains?
# 3. Choose the best of lesson 02's seven settings on actors 1 to 3, then score it once on actors 4 to 6. By how much does its
#    score fall?
# 4. Give `new_people` test actors who are all angry (`people` in `course_lib.exercises.lesson_03` draws them; keep the rows with
#    label 5). What becomes of its score?
#
# Next: lesson 04 brings VGG-Face (lecture 14 from 16:08).
