# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 07 · Single and fused features
#
# **You will** train the lecture's four classifiers on sound, on pictures and on both, find out where its 76 % and its 100 %
# come from, see the curse of dimensionality at work, and ask the question again for people and sentences never met before.
#
# **Lecture 27**, 23:11 (its classifiers on sound) to 30:31. **Needs** about 40 s on two cores after lesson 06, which keeps the frames' embeddings (one
# minute more without), and 2 GiB of memory; at least two actors. **Before:** lesson 06.
#
# In the profile "quick" VGG-Face has **random weights**, and every score made with them says so.

# %% parameters for clips

# %% setup

# %% [markdown]
# ## Audio features first
#
# As in lesson 06: 4 s at 8 kHz, 40 MFCC in 63 frames, one row of 2,520 numbers a take. The lecture takes actor 1 alone; to ask
# about new people we need others, too.

# %%
import numpy as np

from course_lib import features, load
from course_lib.media import audio

chosen = {"actors": ACTORS, "emotions": EMOTIONS or ["calm", "angry"], "seed": SEED}
clips = load.clips(CORPUS, DATA_DIR, modality="audio-video", most_actors=len(settings.cast), least_clips=8, **chosen)
corpus, filmed = clips["corpus"].iloc[0], "audio-only" not in set(clips["modality"])
y, first = clips["emotion"].to_numpy(), (clips["actor"] == clips["actor"].min()).to_numpy()
A = features.mfcc(np.stack([audio.read_audio(path) for path in clips["path"]])).reshape(len(clips), -1)
print("audio features", A.shape, "of which the first actor's", first.sum())

# %% [markdown]
# ### The lecture's 32 files
#
# Lesson 05 saw that 32 files of one actor are 16 takes twice, the second time silent. So shall it be here: 16 rows of MFCC,
# and 16 times the MFCC of silence, under the same labels. Then the lecture's split, 20 % for the test, and its four
# classifiers, the features unscaled as there.

# %% tags=["nbval-check-output"]
from sklearn.model_selection import train_test_split

silence = features.mfcc(np.zeros((1, 32000))).reshape(1, -1)
A_silent, y_twice = np.vstack([A[first], silence.repeat(first.sum(), axis=0)]), np.tile(y[first], 2)
train, test = train_test_split(np.arange(len(y_twice)), test_size=0.2, random_state=SEED)
print("features", A_silent.shape, "training", len(train), "test", len(test))


# %%
from course_lib.evaluation import Score
from course_lib.models import classical


def train_and_test(X, note):
    """Print the scores of the four classifiers; of the training files each knows so many."""
    known = {}
    for name, classifier in classical.panel().items():
        classifier.fit(X[train], y_twice[train])
        known[name] = int((classifier.predict(X[train]) == y_twice[train]).sum())
        score = Score.of(y_twice[test], classifier.predict(X[test]), "files at random", y_twice[train], note)
        print(f"{name:10}  training {known[name]} of {len(train)}, test {score}")
    return known


# %%
known = train_and_test(A_silent, corpus)
notebook.record(trained_on=len(train), known_by_sound=known["linear SVC"])  # kept for the course's own tests

# %% [markdown]
# (A baseline below one half: the split is not stratified, so the class that is commoner in training may be the rarer one in the
# test.) Published: a *training* score of about **76 %** (19 of 25) with GaussianNB, LDA and the linear SVC, and a lower one with
# rbf. The lecture concludes that the boundary between the classes is rather linear.
#
# ## The surprise: why not 100 %?
#
# 25 points in 2,520 dimensions can be divided in any way you like by a plane, unless some of them coincide. A linear SVC that gets 19 of its *own* 25
# training items right has met something that no plane can divide: equal points under different labels. Run both readings of
# "32 files", on real speech and here: 30 splits each, mean training accuracy, and the lowest and highest of the 30.

# %%
from threadpoolctl import threadpool_limits


@threadpool_limits.wrap(limits=1)  # many small fits: sharing one between the cores costs far more than it brings
def training_accuracy(X, splits=30):
    found = {name: [] for name in classical.panel()}
    for seed in range(splits):
        rows, _ = train_test_split(np.arange(len(X)), test_size=0.2, random_state=seed)
        for name, classifier in classical.panel().items():
            found[name].append(classifier.fit(X[rows], y_twice[rows]).score(X[rows], y_twice[rows]))
    return {name: f"{np.mean(each):.0%} ({min(each):.0%} to {max(each):.0%})" for name, each in found.items()}


# %%
here = {"this run, silent": training_accuracy(A_silent),
        "this run, sounding": training_accuracy(np.vstack([A[first], A[first]]))}

# %%
import pandas as pd

from course_lib import results

two = results.read("lecture27_two_readings")["readings"]
spread = "{mean:.0%} ({lowest:.0%} to {highest:.0%})"
real = {f"real, {name}": {each: spread.format(**two[reading][each]["train"]) for each in classical.panel()}
        for name, reading in (("silent", "16 recordings twice, the second time silent"),
                              ("sounding", "16 recordings twice, both times with their sound"))}
published = {"published": dict.fromkeys(("GaussianNB", "LDA", "linear SVC"), "about 76 %") | {"SVC rbf": "lower"}}
print(f"Training accuracy on {len(train)} of {len(y_twice)} files at random, majority "
      f"{two['16 recordings twice, the second time silent']['baseline']['train']['mean']:.0%}; real: measured on real data; this run: {corpus}")
pd.DataFrame(published | real | here)

# %% [markdown]
# On real speech, with the second time silent, the means are 74, 78, 78 and 64 %: **the lecture's pattern**. With every file
# sounding, GaussianNB and the linear SVC know all 25. (LDA does not: it stumbles over so many dimensions, see below.) The
# reason is simple: all silent files have the same features, so whatever a classifier says of one it says of all, and about
# half of them have the other label. That the lecture's files were these is an inference, since it does not list them; but it
# is the only one of the two that gives its score. And the conclusion "rather linear" falls with it.
#
# ## 25:17 · Video features
#
# Now the same with the pictures: frames of 128×227, each through the frozen VGG-Face, then the frame-feature network of
# lesson 06, trained as in the lecture *on all 32 files*; 21 numbers a frame, side by side.

# %%
if filmed:
    from course_lib.models import frozen, vggface

    vgg = frozen.network(notebook.weights(WEIGHTS, settings), (128, 227, 3))
    note = f"{corpus}, {vgg.weights_name}"
    print(f"VGG-Face with {vgg.weights_name}")
else:
    print("There are no pictures in this folder: what needs them is skipped, and the sound goes on alone.")


# %%
from course_lib.media import video


def embedded(table):
    """What VGG-Face gives for the frames of clips: (clips, frames, 4, 7, 512)."""
    windows, read = video.read_windows(table, size=(128, 227), seconds=4, fps=settings.fps)
    assert len(read) == len(table), "a clip could not be read"
    return vggface.embed(windows.reshape(-1, 128, 227, 3), vgg).reshape(*windows.shape[:2], *vgg.output_shape[1:])


# %%
if filmed:
    from course_lib.fusion.frame_features import frame_features

    Z = embedded(clips)
    twins = load.clips(CORPUS, DATA_DIR, modality="video-only", **chosen | {"actors": [clips["actor"].min()]})
    twins = twins.set_index("recording", drop=False).loc[clips["recording"][first]]
    files = pd.concat([clips[first], twins], ignore_index=True)
    Z_twice = np.concatenate([Z[first], embedded(files.iloc[first.sum():])])
    V_lecture = frame_features(Z_twice, y_twice, train=range(len(files)), seed=SEED)
    print("video features", V_lecture.shape)
    known = train_and_test(V_lecture, note)
    notebook.record(known_by_pictures=known["linear SVC"])  # kept for the course's own tests

# %% [markdown]
# Published: about **100 %** for all four (of the training or of the test part? The lecture does not say; in training it would mean
# nothing). In the saved run three of the four reach 100 % of the test as well (LDA is a case of its own, see below), with a
# VGG-Face whose weights are *random*. What can it have understood of faces? Ask the audit of lesson 03.

# %%
from course_lib import evaluation

if filmed:
    leaks = evaluation.audit(files.iloc[train], files.iloc[test]).table
    same = leaks[leaks["leak"].str.startswith("same recording")]
    print(same[["leak", "detail"]].to_string(index=False))
    print(f"{len(same)} recordings stand on both sides; {len(test)} files are tested")
    notebook.record(on_both_sides=len(same), tested=len(test))  # kept for the course's own tests

# %% [markdown]
# **The pictures of a test file stand in the training part, in its twin**, frame by frame the same. And where they do not, the
# extractor has seen them with their label when it was trained. Sound hides this leak (the twin is silent); pictures show it.
#
# Seven test files also say little. What lies within the interval of a perfect score?

# %% tags=["nbval-check-output"]
for right in (7, 6, 5, 3):
    low, high = evaluation.wilson(right, 7)
    print(f"{right} of 7 right: the 95 % interval goes from {low:.0%} to {high:.0%}")

# %% [markdown]
# ## 27:37 · Both: early fusion
#
# Early fusion is concatenation: 2,520 numbers of sound beside those of the pictures (2,520 as well at the lecture's 30 frames
# a second, which makes its **32×5,040**).

# %%
if filmed:
    fused = np.hstack([A_silent, V_lecture])
    print("fused features", fused.shape)
    train_and_test(fused, note)


# %% [markdown]
# Published: GaussianNB and LDA fall below the video's 100 %, the SVCs keep it, and the lecture names the *curse of
# dimensionality* as one possible reason. In the saved run others fall: the rbf SVC, whose distances are ruled by the modality
# with the larger numbers (MFCC reach into the hundreds, and half of them are silence). Fusing without scaling is a lottery.
# But first the curse.
#
# ### The curse of dimensionality, shown
#
# Take ten numbers that are good (the means over time of the first ten MFCC) and put columns of pure noise beside them, all
# standardised on the training part. The takes stay the same, the good numbers stay there, and only the number of columns grows. Means over 20
# splits of 20 %.

# %%
@threadpool_limits.wrap(limits=1)
def test_accuracy(X, splits=20):
    right = {name: [] for name in ("GaussianNB", "LDA", "linear SVC")}
    for seed in range(splits):
        rows, others = train_test_split(np.arange(len(X)), test_size=0.2, random_state=seed)
        for name in right:
            right[name].append(classical.panel(scale=True)[name].fit(X[rows], y[rows]).score(X[others], y[others]))
    return {name: np.mean(each) for name, each in right.items()}


# %%
from course_lib import plots

good = A.reshape(len(A), 40, -1).mean(axis=2)[:, :10]
noise = np.random.default_rng(SEED).normal(size=(len(A), 3000))
n_train = len(A) - int(np.ceil(0.2 * len(A)))
columns = sorted({10, 20, 30, 100, 300, 1000, 3000, n_train - 10, n_train, n_train + 30})
curves = pd.DataFrame({d: test_accuracy(np.hstack([good, noise])[:, :d]) for d in columns}).T
plots.lines({name: (columns, curves[name].to_numpy()) for name in curves},
            f"Ten good columns and more and more noise, {n_train} takes to learn from: {corpus}",
            "columns", "test accuracy", log_ticks=[10, n_train, 300, 1000, 3000],
            seen=f"look for LDA at {n_train}, where there are as many columns as takes")
print(curves.round(2).T.to_string())

# %% [markdown]
# In the saved run all three get worse, though nothing was taken away: **with few examples, chance offers more and more planes that divide them,
# and fewer and fewer of these have a meaning.** LDA suffers first and twice. It divides by the spread *within* the classes,
# estimated from the takes; with about as many columns as takes some directions have almost none, and these get all the
# weight. With still more columns scikit-learn's LDA leaves out directions without any spread, and recovers for a while. The
# SVC seeks the widest margin, which bounds it without counting columns. (Below one half? The splits are not stratified: the
# class that is commoner in training is rarer in the test, and who has learnt only that answers wrongly.)
#
# Is it then the *number* of columns? Take more and more of the 2,520 MFCC themselves, in random order, over the same splits:

# %%
order = np.random.default_rng(SEED).permutation(A.shape[1])
columns = sorted({10, 30, 100, 300, 1000, A.shape[1], n_train - 10, n_train, n_train + 30})
growing = pd.DataFrame({d: test_accuracy(A[:, order[:d]]) for d in columns}).T
plots.lines({name: (columns, growing[name].to_numpy()) for name in growing},
            f"More and more of the MFCC themselves, {n_train} takes to learn from: {corpus}",
            "columns", "test accuracy", log_ticks=[10, n_train, 300, 1000, A.shape[1]],
            seen=f"look for LDA at {n_train} again, and whether the linear SVC falls")
print(growing.round(2).T.to_string())

# %% [markdown]
# **No.** In the saved run the linear SVC gains up to the last of them: columns that say something help, even thousands. LDA
# stumbles again at the same place, and once more at the end. GaussianNB loses a little, for another reason: it takes columns
# for independent, and counts what neighbouring frames repeat as ever new evidence. So the number 5,040 alone explains little.
#
# ## What the lecture leaves unsaid
#
# Its twins, its seven test files, and the extractor that knew them we have seen. Two more: all files are of **one actor** and
# of **two sentences**. So ask again: each take once, no twin; one actor (or one sentence) left out at a time; whatever
# learns, the frame features and the scaling, learns from the training part only. `fusion.Blocks` standardises each column and
# then weighs each modality by its width, so that neither outweighs the other.

# %%
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

if filmed:
    from course_lib import fusion


def scaled_panel(sizes):
    before = [fusion.Blocks(sizes)] if filmed else [StandardScaler()]
    return {name: make_pipeline(*before, classifier) for name, classifier in classical.panel().items()}


# %%
def modalities(V):
    """Each modality's features and the widths of its blocks."""
    if V is None:
        return {"audio": (A, {"audio": A.shape[1]})}
    sizes = {"audio": A.shape[1], "video": V.shape[1]}
    return {"audio": (A, {"audio": sizes["audio"]}), "video": (V, {"video": sizes["video"]}),
            "both": (np.hstack([A, V]), sizes)}


# %%
def by_folds(splits, protocol, pictures):
    """One row a modality and classifier, with its score over all splits; `pictures(train)` are each split's features."""
    predicted = {}
    for train, test in splits:
        for modality, (X, sizes) in modalities(pictures(train)).items():
            result = evaluation.compare(X, clips, protocol, scaled_panel(sizes), cv=[(train, test)])
            for name, y_pred in result.predictions.items():
                predicted.setdefault((modality, name), np.empty_like(y))[result.tested] = y_pred
    return [{"modality": modality, "classifier": name, "predicted": said,
             "score": Score.of(y, said, protocol, note=corpus if modality == "audio" else note)}
            for (modality, name), said in predicted.items()]


# %%
def learnt_from(train):
    return frame_features(Z, y, train, seed=SEED) if filmed else None


everything = learnt_from(range(len(y)))  # as the lecture: the extractor is trained on all recordings, the tested ones too
spoken = clips["statement"].to_numpy()
by_sentence = [(np.flatnonzero(spoken != one), np.flatnonzero(spoken == one)) for one in np.unique(spoken)]
at_random = evaluation.folds(clips, "random split", min(5, len(clips) // 4), SEED)
several = clips["actor"].nunique() > 1  # of one actor there is nobody to leave out
by_actor = evaluation.folds(clips, "speaker-independent", "leave-one-out") if several else []
this_run = pd.DataFrame(by_folds(at_random, "random split, extractor saw them", lambda train: everything)
                        + by_folds(by_sentence, "one sentence left out", learnt_from)
                        + by_folds(by_actor, "one actor left out", learnt_from))

# %%
linear = this_run[this_run["classifier"] == "linear SVC"]
plots.scores(linear.assign(classifier=linear["modality"]), title=f"linear SVC on sound, pictures and both: {note if filmed else corpus}")

# %%
for row in this_run.itertuples():
    print(f"{row.modality:6} {row.classifier:10}  {row.score}")

# %% [markdown]
# Three things can be seen in the saved run, with the linear SVC. The **pictures** are right every time when the extractor has seen
# the tested takes, and no better than a coin when the actor or the sentence is new: with random weights there was nothing else to learn.
# The **sound** of the Studio carries over to new actors and sentences (it is made by a few rules, so this says nothing about
# people). And **fusion hurts** it: with both it gets fewer right than with the sound alone, because a modality that says nothing
# there weighs as much as the one that knows. (LDA hardly changes.)
#
# Is the difference between both and sound alone more than chance? McNemar's test, the same takes, one actor left out:

# %%
if filmed:
    new = [row for row in linear.itertuples() if row.score.protocol == "one actor left out"]
    said = {row.modality: row.predicted for row in new}
    comparison = evaluation.mcnemar(y, said["both"], said["audio"])
    print(f"only both right: {comparison.b}, only sound right: {comparison.c}, exact p = {comparison.p:.2g} ({note})")

# %% [markdown]
# ### Real speech, all 24 actors
#
# How far does the lecture's question carry on real people? The same MFCC, unscaled, 384 real takes of 24 actors, three
# protocols: five folds, or the one sentence for training and the other for the test. (The 1D-CNN is lesson 08's.)

# %%
real_scores = results.read("lecture27_calm_angry")["scores"]
rows = [{"classifier": name, "train": found["train"], "uar": found["uar"], "actor_interval": found["actor_interval"],
         "score": Score.from_dict(found, note="measured on real data")}
        for protocol in real_scores.values() for name, found in protocol.items() if "standardised" not in name]
plots.scores(pd.DataFrame(rows), title="Calm against angry, measured on real data: RAVDESS speech")

# %%
for row in rows:
    low, high = row["actor_interval"]
    print(f"{row['classifier']:10}  {row['score']}; by actors {low:.1%} to {high:.1%}")

# %% [markdown]
# Calm against angry is easy to hear: of **new people** 84 to 93 % are right, against half by chance, where the lecture's
# files gave 76 % on what had been trained on. Not knowing the actor costs most classifiers some points (the rbf SVC none);
# not knowing the sentence costs fewer.
#
# And **all eight emotions** of people never heard before, on the five folds of actors on which published scores are compared?
# Features (MFCC as here; their statistics while there is speech; their course in time) and classifier are chosen inside each
# training part, by leaving out some of its own actors.

# %% tags=["nbval-check-output"]
eight = results.read("ravdess_eight_classes")
best = Score(eight["correct"], eight["n"], eight["protocol"], eight["baseline"], "measured on real data")
print(f"all eight emotions: {best}")
print(f"by actors {eight['actor_interval'][0]:.1%} to {eight['actor_interval'][1]:.1%}, UAR {eight['uar']:.1%}; "
      f"actors from {min(eight['by_actor'].values()):.0%} to {max(eight['by_actor'].values()):.0%}; "
      f"women {eight['by_gender']['female']:.0%}, men {eight['by_gender']['male']:.0%}")
for name, way in (("by actor", "usual_by_actor"), ("random split", "usual_at_random"),
                  ("each speaker standardised", "usual_speaker_standardised")):
    found = eight[way]
    print(f"one pipeline, {name}: {Score.from_dict(found, note='measured on real data')}")

# %%
matrix = pd.DataFrame(eight["confusion"], index=pd.Index(eight["labels"], name="true"), columns=eight["labels"])
plots.confusion(matrix, title="Eight emotions of people never heard, measured on real data: RAVDESS speech")

# %% [markdown]
# Knowing the speakers (takes at random) is worth 12 points; standardising each speaker's features 7, but that needs many takes of a
# person, of all emotions, before the first can be judged. (The one pipeline was chosen with all actors' help: compare its three
# scores with each other, not with the 53.1 %.) Most often confused, as shares of the true class: neutral taken for sad, happy for fearful, calm for sad.
#
# ## What was published, what was measured, and this run

# %%
published = [("audio", "GaussianNB, LDA, linear SVC", "on the training part about 76 %"),
             ("audio", "SVC rbf", "on the training part lower"), ("video", "all four", "about 100 %"),
             ("both", "GaussianNB, LDA", "lower than video"), ("both", "linear SVC, SVC rbf", "as video")]
table = [["published (lecture 27)", modality, name, f"{said}; files at random; n, interval, baseline not given"]
         for modality, name, said in published]
table += [["measured on real data: 24 actors", "audio", row["classifier"], str(row["score"])] for row in rows
          if row["score"].protocol == "speaker-independent"]
table += [["this run", row.modality, row.classifier, str(row.score)] for row in this_run.itertuples()
          if row.score.protocol == "one actor left out"]
pd.set_option("display.max_colwidth", None)
pd.DataFrame(table, columns=["figure", "modality", "classifier", "score"])


# %% [markdown]
# ## Remember
#
# - A training score that is too *low* is a clue, too: equal features under different labels.
# - Look for twins before you split: 100 % on seven files can say that the files were known, not that faces were understood.
# - Whatever learns, learns from the training part: classifier, scaling, and the network that makes the features.
# - More columns hurt when they say nothing. LDA stumbles where there are as many of them as examples.
# - Fusion is not better by itself. Compare it with the better single modality, on the same takes.
#
# ## Exercises

# %% nbgrader={"grade_id": "exercise-07-1"}
def best_training_accuracy(X, y):
    ### BEGIN SOLUTION
    import pandas as pd

    counts = pd.DataFrame(X).assign(label=y).value_counts()  # how often each row carries each label
    same_row = list(range(X.shape[1]))
    return counts.groupby(level=same_row).max().sum() / len(y)
    ### END SOLUTION


# %% [markdown]
# The third example is a training part as the lecture's may have been, 12 of its 25 files silent, six of each class. And over the 30
# splits from above?

# %%
from course_lib import exercises

sounds, labels = exercises.find("07.1").examples[1]
parts = [train_test_split(np.arange(32), test_size=0.2, random_state=seed)[0] for seed in range(30)]
print(f"third example: no classifier can know more than {given('07.1', 3):.0%}, {25 * given('07.1', 3):.0f} of 25")
try:
    bounds = [best_training_accuracy(sounds[rows], labels[rows]) for rows in parts]
    print(f"30 splits: no classifier more than {np.mean(bounds):.0%} ({min(bounds):.0%} to {max(bounds):.0%})")
except NotImplementedError:
    print("30 splits: as soon as you have written best_training_accuracy")
print("linear SVC, measured on real data:", real["real, silent"]["linear SVC"])


# %% [markdown]
# 19 of 25 is the published 76 %. And over the 30 splits the linear SVC on real speech is not weak: its mean, its lowest and its
# highest score are those of the bound. It knew all that could be known.

# %% nbgrader={"grade_id": "exercise-07-2"}
def fused_blocks(audio_train, video_train, audio_test, video_test):
    ### BEGIN SOLUTION
    from sklearn.preprocessing import StandardScaler

    audio, video = StandardScaler().fit(audio_train), StandardScaler().fit(video_train)
    a, v = np.sqrt(audio_train.shape[1]), np.sqrt(video_train.shape[1])
    return (np.hstack([audio.transform(audio_train) / a, video.transform(video_train) / v]),
            np.hstack([audio.transform(audio_test) / a, video.transform(video_test) / v]))
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-07-3"}
def met_before(train, test):
    ### BEGIN SOLUTION
    def shared(fields):
        same = test[:, None, fields] == train[None, :, fields]  # (m, n, fields)
        return same.all(axis=2).any(axis=1)

    recording, actor, sentence = [1, 2, 3, 4, 5, 6], [6], [4]
    return np.column_stack([shared(recording), shared(actor), shared(sentence)])
    ### END SOLUTION

# %% [markdown]
# ### To explore, without points
#
# 1. Draw the noise figure again with `LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")` in LDA's place: does it fall
#    twice?
# 2. Leave out `fusion.Blocks` in `scaled_panel`. Which classifiers change on "both", and why should GaussianNB and LDA hardly?
# 3. Repeat the two readings with 16 silent files under *shuffled* labels of other counts, for example 12 calm and 4 angry. What
#    does 07.1 say of them before you run it?
# 4. `ACTORS = [1, 2]`: how wide do the intervals become, and what remains of the differences?
#
# Next: lesson 08 puts a 1D-CNN in the classifiers' place, and fuses late.

# %% credits
