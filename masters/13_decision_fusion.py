# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 13 · Fusing decisions
#
# A friend says "great", and you look at the face before you believe it. Face and voice tell different things, and you use both. In lesson 08 one
# network learnt from sound and pictures together. Here each modality has its own classifier, and only their probabilities meet: **decision fusion**.
#
# **In this lesson you will**
#
# - fuse a face and a voice of one real film by the rule of the student project IIITA
# - find out whether answers with 80 % are right in 80 of 100 cases, and calibrate them
# - compare rules: mean, product, F-scores, and fusion that learns
# - understand the rule of the demo in lesson 14, and take the sound away
#
# **You need** about 45 s on two cores (first run: 2 minutes more), 1.2 GiB of memory (first run: 2.4 GiB), and 90 minutes to read and try. **Before
# this:** lesson 08, lesson 10 for the confusion matrix, and lessons 11 and 12 for the two classifiers. **The five-minute version**: play the film,
# then go to *The rule of IIITA* and to *What the demo does*.

# %% parameters for clips
CORPUS = "embedded"  # where the films come from: "embedded" (two films), "ravdess" (all of it), or "studio" (drawn)
DATA_DIR
ACTORS = None  # of the films, for example [2]; None: one of them
EMOTIONS = None  # of the films, for example ["happy", "sad"]; None: all
PROFILE = "quick"  # for the scores: "quick" draws eight actors, "lecture" 24
SEED
USE_DRIVE

# %% colab

# %% setup

# %% [markdown]
# ## One film, two answers
#
# Play the film without sound. Then listen to the sound alone, in the second player. Which emotion would you name each time?

# %%
import numpy as np
import pandas as pd

from course_lib import evaluation, fusion, load, plots, results, show
from course_lib.core.labels import EMOTIONS as SEVEN
from course_lib.core.labels import OF_RAVDESS
from course_lib.demo import moments
from course_lib.evaluation import calibration
from course_lib.media import audio, video

print("The seven emotions, in FER2013's order:", ", ".join(SEVEN))

# %%
from course_lib.core.errors import CourseError

films = load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS, "audio-video", SEED, most_actors=1)
if "audio-only" in set(films["modality"]):
    raise CourseError(CORPUS, "it has no films with sound", 'Use CORPUS = "studio", "embedded" or "ravdess"')
films = films.drop_duplicates("emotion").iloc[[0, -1]]  # two films, of two emotions
corpus, last = films["corpus"].iloc[0], films.iloc[-1]
show.video(last["path"], f"{corpus}: actor {last['actor']} says one sentence. Which emotion is acted?", width=320)

# %%
show.audio(audio.read_audio(last["path"], 16_000), 16_000, f"{corpus}: actor {last['actor']}, the same sentence without the picture")

# %% [markdown]
# In the saved run the label is "surprised". The course has two classifiers for such a film. The network `emotion_net_raters` (lesson 11) answers for
# each face. The classifier `voice` (lesson 12) answers for 2.5 s of sound. They have no training data in common: one has learnt from FER2013's photographs,
# the other from RAVDESS's voices. Decision fusion needs only that both know the same emotions, in the same order.

# %% diagram
show.diagram({"frames": (0, 0), "face network": (1, 0), "7 probabilities\nof the face": (2, 0), "fusion rule": (2, 1), "answer": (3, 1),
              "sound": (0, 2), "voice classifier": (1, 2), "7 probabilities\nof the voice": (2, 2)},
             [("frames", "face network"), ("face network", "7 probabilities\nof the face"), ("7 probabilities\nof the face", "fusion rule"),
              ("sound", "voice classifier"), ("voice classifier", "7 probabilities\nof the voice"),
              ("7 probabilities\nof the voice", "fusion rule"), ("fusion rule", "answer")],
             "Decision fusion: the face network answers with seven probabilities for the frames, and the voice classifier with seven "
             "for the sound. A fusion rule makes seven fused probabilities of them, and the most probable emotion is the answer.")

# %% [markdown]
# `moments.analyse` asks both for each tenth of a second. Look first at the curve of the label, surprise. Which classifier gives it more probability?

# %%
tables = {}
for film in films.itertuples():
    table, _ = moments.analyse(film.path)
    tables[OF_RAVDESS.get(film.emotion, film.emotion)] = table[table["answer"] != moments.NOTHING]
label, table = list(tables.items())[-1]
plots.over_time(table, moments.MODALITIES, SEVEN, f"{corpus}, labelled {label}: what each classifier answers",
                seen="The voice changes slowly, because its window is 2.5 s long.")

# %% [markdown]
# In the saved run the voice classifier prefers surprise. The face network gives surprise less than 25 %. It prefers neutral, but near 2.3 s happy is
# higher for a moment. So the two contradict each other. **A film is an example and not a test.** The voice classifier was trained on all of RAVDESS,
# also on this sentence. We *show* what the rules do with real people here, and score them later. Take the middle of the film:

# %%
faces_of, voices_of = (table[[f"{name}_{emotion}" for emotion in SEVEN]].to_numpy() for name in moments.MODALITIES)
middle = len(table) // 2
face, voice = faces_of[middle], voices_of[middle]
when = f"{corpus}, labelled {label}, at {table['time'].iloc[middle]:.1f} s"
plots.grouped_bars({"face": face, "voice": voice}, SEVEN, when, seen="Two answers to one moment. How would you combine them?")

# %% [markdown]
# ## The rule of IIITA
#
# The student project IIITA had a network for FER2013's faces, and one for the voices of SAVEE and of 82 people whom the students had recorded. Its
# slides fuse the two "based on F-scores". One network is good at some emotions, and the other at others. So trust each where it is good.
#
# How good is a classifier at *one* emotion? TP (true positives) counts the faces of this emotion that are predicted as this emotion. FP (false
# positives) counts other faces that are predicted as it. FN (false negatives) counts faces of this emotion that are predicted as another:
#
# $$\text{precision} = \frac{TP}{TP + FP} \qquad \text{recall} = \frac{TP}{TP + FN} \qquad
# F = \frac{2 \cdot \text{precision} \cdot \text{recall}}{\text{precision} + \text{recall}}$$
#
# - **Precision**: of the faces that the network *calls* disgust, the fraction that really are.
# - **Recall**: of the faces that *are* disgust, the fraction that it finds.
# - The **F-score** is their harmonic mean, which equals $2\,TP / (2\,TP + FP + FN)$. It is high only if both are high.
#
# Find the row and the column of disgust in the project's confusion matrix:

# %%
from course_lib.results import literature, published

plots.confusion(published.FACE_MATRIX, "IIITA's faces (FER2013's PublicTest), as published",
                seen="For recall divide by the sum of the row, for precision by the sum of the column.")

# %% tags=["nbval-check-output"]
matrix = published.FACE_MATRIX
right, called, there = matrix.loc["disgust", "disgust"], matrix["disgust"].sum(), matrix.loc["disgust"].sum()
print(f"precision {right}/{called} = {right / called:.3f}, recall {right}/{there} = {right / there:.3f}, "
      f"F-score {2 * right / (called + there):.3f} (published matrix)")

# %% question
show.quiz("A network calls every face happy. FER2013's test set has 25 % happy faces. What are precision and recall of happy?",
          [("precision 25 %, recall 100 %", True, "It finds every happy face. But of the faces that it calls happy, only a quarter are."),
           ("precision 100 %, recall 25 %", False, "It is the other way round. Recall asks how many of the happy faces it finds."),
           ("both 25 %", False, "The accuracy is 25 %. But no happy face is missed, so recall is higher.")])

# %% nbgrader={"grade_id": "exercise-13-1"}
def f_score_by_class(matrix):
    ### BEGIN SOLUTION
    right = np.diag(matrix)
    true_and_called = matrix.sum(axis=0) + matrix.sum(axis=1)
    return 2 * right / np.maximum(true_and_called, 1)
    ### END SOLUTION


# %% [markdown]
# Here is IIITA's table of weights. Beside each weight you see the F-score that follows from the published confusion matrix. The last two columns have
# the F-scores of the course's two classifiers, which answer for the film:

# %%
measured = results.read("decision_calibration")
from_matrix = {"faces": published.f_from_matrix(published.FACE_MATRIX), "speech": published.f_from_matrix(published.SPEECH_MATRIX)}
columns = {f"{kind}, {what}": column[list(SEVEN)] for kind in from_matrix
           for what, column in (("IIITA's weight", published.F_SCORES[kind]), ("IIITA's matrix", from_matrix[kind]))}
columns |= {f"{kind}, the course": measured[kind]["f_scores"] for kind in moments.MODALITIES}
pd.DataFrame(columns, SEVEN).round(2)

# %% [markdown]
# For faces, weight and matrix nearly agree. For speech they differ more. Perhaps the weights belong to the project's other network, CNN + LSTM. So
# publish the matrix of the network *that you use*. ([More checks](../docs/published_figures.md))
#
# Now fuse, with IIITA's own weights. (They belong to IIITA's networks. We take them to see the rule as it was published.) The slides give no formula.
# The plainest formula that fits is a **weighted mean**. Multiply each probability by its F-score (modality $m$, emotion $e$), and divide by the sum:
#
# $$p_e = \frac{\sum_m F_{m,e}\; p_{m,e}}{\sum_k \sum_m F_{m,k}\; p_{m,k}}$$

# %%
weights = published.F_SCORES.loc[list(SEVEN)].to_numpy().T  # two rows, faces and speech; seven columns
weighted = weights[0] * face + weights[1] * voice
by_hand = weighted / weighted.sum()
plots.grouped_bars({"face": face, "voice": voice, "IIITA's rule": by_hand}, SEVEN, when, seen="Which emotion wins, and how certain is it?")

# %% [markdown]
# In the saved run face and voice disagree, so the fused answer is uncertain: surprise has only a little more than one half. `fusion.fuse_decisions`
# does the same for all moments of both films:

# %%
iiita = fusion.fuse_decisions([faces_of, voices_of], weights=weights)
print("largest difference from our result by hand:", f"{np.abs(iiita[middle] - by_hand).max():.0e}")
for emotion, one in tables.items():
    both = [one[[f"{name}_{each}" for each in SEVEN]].to_numpy() for name in moments.MODALITIES]
    curves = {"face": both[0], "voice": both[1], "IIITA's rule": fusion.fuse_decisions(both, weights=weights)}
    plots.lines({name: (one["time"].to_numpy(), curve[:, SEVEN.index(emotion)]) for name, curve in curves.items()},
                f"{corpus}, labelled {emotion}: the probability of this label", "time in s", f"probability of {emotion}",
                seen="The fused curve lies between the two others, or near them.")

# %% [markdown]
# So you get one answer for each moment, from two classifiers that were never trained together. The first film is easier, because both prefer
# neutral. Listen to it:

# %%
show.video(films["path"].iloc[0], f"{corpus}: actor {films['actor'].iloc[0]}, labelled {films['emotion'].iloc[0]}", width=320)

# %% nbgrader={"grade_id": "exercise-13-2"}
def weighted_by_class(probabilities, weights):
    ### BEGIN SOLUTION
    fused = np.nansum(probabilities * weights[:, None, :], axis=0)
    return fused / fused.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% [markdown]
# ### What the weights prefer
#
# F-scores compare the modalities, but also the *emotions*. Suppose that both classifiers give 1/7 to each emotion. What should a rule answer?

# %%
nothing = np.full((1, 7), 1 / 7)
blind = fusion.fuse_decisions([nothing, nothing], weights=weights)[0]
fractions = weights / weights.sum(axis=0)  # for Your turn
print("nothing known:", ", ".join(f"{SEVEN[place]} {blind[place]:.0%}" for place in np.argsort(-blind)), "(IIITA's weights)")

# %% [markdown]
# Anger is most probable and fear least, although nothing was seen or heard. An emotion whose two F-scores have a large sum gets more probability.
#
# **Your turn** (two minutes, no points): perhaps you only want "believe the voice more about anger". Then divide the weights of each emotion by their
# sum, as `fractions` does. Use it instead of `weights` in the call above. (You should see 14 % for each emotion.)

# %% question
show.quiz("IIITA's weights for anger are 0.53 (faces) and 0.90 (speech). A face gives anger 60 %, the voice gives it 20 %. Which modality "
          "adds more to the fused probability of anger?",
          [("the voice, because its weight is larger", False, "Multiply: 0.90 x 20 % is 0.18."),
           ("the face", True, "0.53 x 60 % is 0.32, and 0.90 x 20 % is 0.18. The product of weight and probability counts."),
           ("both add the same", False, "That would be so if weight x probability were equal for both.")])

# %% [markdown]
# ## Calibration: are answers of 80 % right in 80 of 100 cases?
#
# Every rule works with probabilities, so they should mean the same in both modalities. A classifier is **calibrated** if 80 of 100 answers with a
# probability of 80 % are right. A **reliability diagram** puts the answers into *bins* by their probability, and shows how many are right in each
# bin. Here are the two classifiers on new faces and voices. (The voice classifier was trained without the tested actor.) On the dashed line both are
# equal. Which points are below it?

# %%
names = {"face": "face, validation set", "voice": "voice, new actors"}
plots.reliability({name: measured[kind]["reliability"] for kind, name in names.items()},
                  "Before calibration: FER2013 and RAVDESS, measured on real data",
                  seen="Below the line, it is right less often than it claims. Small numbers: answers in the bin. Vertical lines: 95 % intervals.")
for kind in names:
    one = measured[kind]["reliability"][7]  # claims of 70 to 80 %
    print(f"{names[kind]}: claims {one['confidence']:.0%}, right in {one['accuracy']:.0%} of {one['n']}")

# %% [markdown]
# The voice classifier is **overconfident**: it is right less often than it claims. The face network is **under-confident**: it is right more often.
# So in a mean the overconfident voice would count too much. The "error" above each panel is the **expected calibration error** (ECE): the mean
# distance from the line, weighted by the number of answers in each bin.

# %% nbgrader={"grade_id": "exercise-13-3"}
def calibration_error(y, probabilities, bins):
    ### BEGIN SOLUTION
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for here in (bin_of == which for which in range(bins)):
        if here.any():
            error += here.sum() / len(y) * abs(confidence[here].mean() - right[here].mean())
    return float(error)
    ### END SOLUTION


# %% [markdown]
# ### Temperature scaling
#
# **Temperature scaling** ([Guo et al. 2017](https://arxiv.org/abs/1706.04599)) gives each probability the exponent $1/T$ and divides by the sum:
#
# $$q_e = \frac{p_e^{1/T}}{\sum_k p_k^{1/T}}$$
#
# With $T > 1$ the probabilities become more equal, with $T < 1$ more extreme. The order of the emotions stays, so the answer stays, too. The demo
# applies a temperature to each modality. We take the moment of both films at which the voice classifier is least certain. `raw` undoes its
# temperature. Move the slider from the raw probabilities to very equal ones:

# %%
of_demo = measured["voice"]["temperature"]
of_voice = np.concatenate([one[[f"voice_{emotion}" for emotion in SEVEN]] for one in tables.values()])
raw = calibration.apply_temperature(of_voice[[np.nanargmin(of_voice.max(axis=1))]], 1 / of_demo)[0]  # least certain


def at_temperature(temperature):
    row = raw ** (1 / temperature)
    with plots.hold():
        return plots.grouped_bars({"raw": raw, f"T = {temperature}": row / row.sum()}, SEVEN, f"{corpus}: the voice")


temperatures = sorted({1, 1.5, 2, round(of_demo, 1), 4, 8})
show.slider([at_temperature(T) for T in temperatures], [f"T = {T}" for T in temperatures],
            f"One voice at several temperatures ({corpus}). T = 1 is raw, and the demo uses {of_demo:.1f}.")

# %% [markdown]
# Which temperature is right? The one for which the true labels are most probable, on **validation** items: the smallest mean cross-entropy (lesson
# 10). You will compute it in exercise 13.4. Here are both classifiers after temperature scaling (each half is scored with the T of the other half):

# %%
plots.reliability({f"{name}, T = {measured[kind]['temperature']:.2f}": measured[kind]["reliability_scaled"] for kind, name in names.items()},
                  "After temperature scaling: FER2013 and RAVDESS, measured on real data",
                  seen="The points lie near the line. A temperature above 1 corrects overconfidence, and one below 1 corrects under-confidence.")

# %% question
show.quiz("A classifier is right in 70 of 100 cases. You apply a temperature of 3. What is its accuracy now?",
          [("lower, because it is less certain", False, "It is less certain, but its most probable emotion is still the same."),
           ("70 %", True, "Temperature scaling keeps the order of the emotions. It changes the probabilities and not the answers."),
           ("higher, because it is calibrated", False, "Calibration makes probabilities honest. It does not make answers better.")])

# %% [markdown]
# ## Which rule is best?
#
# For a score we need films of many people. RAVDESS has them, but they are too large for the course. So the next scores come from the **Studio**
# (SYNTHETIC): drawn actors with synthetic voices. The scores show how the rules behave, and say nothing about people.

# %%
from course_lib import synthetic
from course_lib.datasets import ravdess

wanted = [name for name in synthetic.recording_names(range(1, 9 if PROFILE == "quick" else 25), ravdess.EMOTIONS, "audio-video")
          if (fields := ravdess.parse_name(name))["intensity"] == "normal" and fields["repetition"] == 1]
drawn = synthetic.make(wanted, seed=SEED)
studio = drawn["corpus"].iloc[0]
drawn["emotion"] = drawn["emotion"].replace(OF_RAVDESS)  # fearful: fear, surprised: surprise, calm: neutral
print(len(drawn), "recordings of", drawn["actor"].nunique(), f"actors ({studio}):", drawn["emotion"].value_counts().to_dict())
one = drawn[drawn["emotion"] == "surprise"].iloc[0]
show.video(one["path"], f"{studio}: actor {one['actor']}, {one['emotion']}")

# %% [markdown]
# Calm counts as neutral, because FER2013 has no calm. So neutral is **twice as common**. Each modality gets a logistic regression: the face on HoG
# (lesson 02), averaged over three frames, and the voice on statistics of MFCC (lesson 07).

# %%
from course_lib import faces, features
from course_lib.features import functionals

windows, _ = video.read_windows(drawn, size=(180, 320), seconds=2.5, fps=2)
crops = [[faces.crop(frame, box) for frame in window[2:] if (box := faces.largest(frame)) is not None] for window in windows]
seen = np.array([len(own) > 0 for own in crops])
drawn, crops = drawn[seen].reset_index(drop=True), [own for own in crops if own]
sounds = np.stack([audio.read_audio(path) for path in drawn["path"]])
owner = np.repeat(np.arange(len(crops)), [len(own) for own in crops])  # the recording of each face
hog, mfcc = features.hog(np.concatenate(crops), jobs=1), features.mfcc(sounds, n_fft=512, hop_length=80)
X = {"face": np.stack([hog[owner == row].mean(axis=0) for row in range(len(crops))]),
     "voice": np.stack([functionals.mfcc_statistics(one) for one in mfcc])}
y, actors = drawn["emotion"].map(SEVEN.index).to_numpy(), drawn["actor"].to_numpy()
print({name: rows.shape for name, rows in X.items()}, f"left out, because no face was found: {(~seen).sum()} ({studio})")

# %% [markdown]
# The split is speaker-independent, with four folds. A fusion rule has settings, too: weights, temperatures and priors. They must not come from the
# test actors, nor from recordings that a classifier was trained on. So inside each training set we hold out actors once more. This gives the
# **validation probabilities**, and all settings come from them.

# %%
from types import SimpleNamespace

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

threadpool_limits(1)  # many small fits are faster on one core


def predict(train, rows):
    """Train both classifiers on `train`, and return their probabilities for `rows`: (2, rows, 7)."""
    new = (make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)) for _ in X)
    return np.stack([one.fit(own[train], y[train]).predict_proba(own[rows]) for one, own in zip(new, X.values(), strict=True)])


# %%
def validation_probabilities(train, seed):
    probabilities = np.empty((2, len(train), 7))
    for inner, held_out in evaluation.folds(drawn.iloc[train], "speaker-independent", 3, seed):
        probabilities[:, held_out] = predict(train[inner], train[held_out])
    return probabilities


def calibrate(train, test, seed):
    """One fold: its temperatures, and the calibrated probabilities for its validation and its test recordings."""
    raw = validation_probabilities(train, seed)
    T = [calibration.fit_temperature(y[train], own) for own in raw]
    validation, answers = (np.stack([calibration.apply_temperature(own, one) for own, one in zip(both, T, strict=True)])
                           for both in (raw, predict(train, test)))
    return SimpleNamespace(train=train, test=test, raw=raw, T=T, validation=validation, answers=answers)


# %%
folds = [calibrate(*fold, SEED) for fold in evaluation.folds(drawn, "speaker-independent", 4, SEED)]
print("temperatures of the four folds (face, voice):", [[round(T, 1) for T in fold.T] for fold in folds], f"({studio})")

# %% nbgrader={"grade_id": "exercise-13-4"}
def losses_at(y, probabilities, temperatures):
    ### BEGIN SOLUTION
    logs, rows, losses = np.log(np.maximum(probabilities, 1e-7)), np.arange(len(y)), []
    for temperature in temperatures:
        powers = np.exp(logs / temperature)
        losses.append(-np.log(powers[rows, y] / powers.sum(axis=1)).mean())
    return np.array(losses)
    ### END SOLUTION


# %% [markdown]
# Plot your function for the first fold. Is each curve lowest near its temperature printed above (in the saved run 3.6 for the face, 1.6 for the
# voice)?

# %%
try:
    steps = np.geomspace(0.5, 8, 25)
    plots.lines({name: (steps, losses_at(y[folds[0].train], own, steps)) for name, own in zip(X, folds[0].raw, strict=True)},
                f"Which temperature fits? {studio}", "temperature", "mean cross-entropy", log_ticks=[0.5, 1, 2, 4, 8],
                seen="Each curve is lowest at the temperature of its classifier.")
except NotImplementedError:
    print("Write losses_at, then run this cell again. The first example has the losses", given("13.4").round(3))

# %% [markdown]
# ### The rules
#
# - **Mean**: add the two probabilities and divide by 2. It has no settings.
# - **F-scores**: IIITA's rule, with weights from the validation probabilities.
# - **Product**: multiply the two probabilities, and divide the row by its sum.
# - **Product / priors**: the product, divided by how common each emotion is. *Why divide by the priors?* below explains it.
# - **Learnt** (*stacking*, [Wolpert 1992](https://doi.org/10.1016/S0893-6080(05)80023-1)): a logistic regression on the logarithms of the 14 probabilities.

# %% question
show.predict("The face gives surprise 40 %, and the voice gives it 60 %. Each divides the rest equally among the other six emotions. What does the "
             "product rule give surprise?", ["less than 40 %", "between 40 and 60 %", "more than 60 %"])

# %%
guess = 0  # change this to the number of your answer, then run the next cells

# %% tags=["nbval-check-output"]
a_face, a_voice = np.full(7, 0.1), np.full(7, 0.4 / 6)
a_face[SEVEN.index("surprise")], a_voice[SEVEN.index("surprise")] = 0.4, 0.6
product = a_face * a_voice
print(f"mean {np.mean([a_face, a_voice], axis=0).max():.0%}, product {product.max() / product.sum():.0%}")

# %% question
show.reveal(3, "more than 60 %", "Both prefer surprise, and they have looked at different things. Two independent witnesses who agree are more "
            "convincing than each alone. A mean can never be more certain than the more certain of the two.", guess)

# %%
def apply_rules(fold, given):
    """The answers of each rule for `given` probabilities (2, m, 7). All settings come from the fold's validation probabilities."""
    known, validation = y[fold.train], fold.validation
    weights, priors = [fusion.f_score_weights(known, own) for own in validation], np.bincount(known, minlength=7) / len(known)
    learnt = fusion.LearnedFusion().fit(validation, known)
    return {"face alone": given[0], "voice alone": given[1], "mean": fusion.fuse_decisions(given),
            "F-scores (IIITA)": fusion.fuse_decisions(given, weights=weights), "product": fusion.fuse_decisions(given, "product"),
            "product / priors": fusion.fuse_decisions(given, "product", priors=priors), "learnt": learnt.predict_proba(given)}


# %%
def summary(answers):
    """Accuracy with an interval over actors, mean probability of the answer, and ECE, for each rule."""
    rows = {}
    for name, probabilities in answers.items():
        right = probabilities.argmax(axis=1) == y
        low, high = evaluation.cluster_bootstrap(right, actors)
        rows[name] = {"right": right.sum(), "accuracy": f"{right.mean():.0%}", "95 % over actors": f"{low:.0%} to {high:.0%}",
                      "mean probability": f"{probabilities.max(axis=1).mean():.0%}",
                      "ECE": f"{calibration.expected_calibration_error(y, probabilities):.2f}"}
    return pd.DataFrame(rows).T.rename_axis(f"{studio}, n = {len(y)}, new actors, majority {evaluation.majority(y):.0%}")


# %%
def in_order(folds, parts):  # joins the test folds, in the order of the recordings: (n, 7)
    return np.concatenate(parts)[np.argsort(np.concatenate([fold.test for fold in folds]))]


def all_rules(folds):
    parts = [apply_rules(fold, fold.answers) for fold in folds]
    return {name: in_order(folds, [part[name] for part in parts]) for name in parts[0]}


rules = all_rules(folds)
summary(rules)

# %% [markdown]
# Is this order of the rules real? Eight actors are few. So divide them into folds in four more ways. One dot is one division:

# %%
several = {name: [(own.argmax(axis=1) == y).mean()] for name, own in rules.items()}
for seed in range(SEED + 1, SEED + 5):
    again = [calibrate(*fold, seed) for fold in evaluation.folds(drawn, "speaker-independent", 4, seed)]
    for name, own in all_rules(again).items():
        several[name].append((own.argmax(axis=1) == y).mean())
notebook.record(rules=several)  # kept for the course's own tests
plots.dots(several, f"Five divisions of the actors: {studio}", "accuracy on new actors", evaluation.majority(y),
           seen="The short black line is the mean, the dashed line the majority baseline.")

# %% [markdown]
# **You should see** 48-58 % for the face, 60-70 % for the voice, and 59-76 % for the product over the priors. On average the mean and the two
# products beat the voice by 2 or 3 points, but not in every division. The learnt fusion gains less: it has 14 inputs, 7 classes and only 96
# recordings.
#
# ### One temperature for the fused answer
#
# Now compare *mean probability* with *accuracy* in the table. In the saved run the mean claims 46 %, and it is right in 68 %. It is under-confident,
# although both parts were calibrated. Two classifiers that agree should be more certain than the more certain one alone. A mean never is. The remedy
# is the same as before: one temperature, fitted on the *fused* validation probabilities.

# %%
calibrated = {}
for name in ("mean", "F-scores (IIITA)", "product / priors"):
    own = [calibration.fit_temperature(y[fold.train], apply_rules(fold, fold.validation)[name]) for fold in folds]
    scaled = [calibration.apply_temperature(rules[name][fold.test], T) for fold, T in zip(folds, own, strict=True)]
    calibrated[f"{name}, T = {np.mean(own):.2f}"] = in_order(folds, scaled)
summary(calibrated)

# %% [markdown]
# **You should see** temperatures of 0.5 to 0.65 for the two means, and of 1.1 to 1.2 for the product over the priors. So the product needs little
# correction, and the means need much. In the saved run scaling reduces the ECE of the mean from 0.22 to 0.05.

# %% question
show.quiz("Face and voice are both calibrated, and both answer happy with 60 %. What does their mean answer?",
          [("60 %, which is too little", True, "Two independent signs for happy are more convincing than one. A mean cannot show this."),
           ("60 %, which is right", False, "It would be right if the voice only repeated what the face says."),
           ("120 %", False, "A mean divides the sum by 2, and no probability is above 100 %.")])

# %% [markdown]
# ## Why divide by the priors?
#
# Let $v$ be what the camera sees and $a$ what the microphone hears. Suppose that $v$ and $a$ are **independent** for each emotion $e$: if you know
# $e$, then $v$ tells nothing more about $a$. Then Bayes' theorem gives ([Kittler et al. 1998](https://doi.org/10.1109/34.667881)):
#
# $$P(e \mid v, a) \;\propto\; \frac{P(e \mid v)\; P(e \mid a)}{P(e)}$$
#
# $P(e)$ is the **prior**: how common the emotion is in the training data. Each classifier has learnt it. A plain product counts it twice, so we
# divide by it once. Two classifiers that see and hear nothing answer with the priors, for example 25 % neutral and 12.5 % for each other emotion:

# %% tags=["nbval-check-output"]
priors = np.full((1, 7), 0.125)
priors[0, SEVEN.index("neutral")] = 0.25
for name, given_priors in (("product", None), ("product / priors", priors[0])):
    answer = fusion.fuse_decisions([priors, priors], "product", priors=given_priors)[0]
    print(f"{name}: neutral {answer[SEVEN.index('neutral')]:.0%}, each other emotion {answer[0]:.1%}")

# %% [markdown]
# The plain product raises neutral to 40 %, although nobody saw or heard anything.

# %% nbgrader={"grade_id": "exercise-13-5"}
def product_over_priors(probabilities, priors):
    ### BEGIN SOLUTION
    fused = probabilities.prod(axis=0) / priors ** (len(probabilities) - 1)
    return fused / fused.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# ### When a product is wrong
#
# The product assumes that each factor brings *new* information. But neighbouring frames of a film show nearly the same face. Take the moment at which
# the face network is least certain. The slider multiplies its probabilities of two neighbouring frames, of four, and so on:

# %%
least = int(np.nanargmin(faces_of.max(axis=1)))


def product_of_frames(count):
    start = max(0, min(least, len(faces_of) - count))
    several = faces_of[start:start + count]
    answer = fusion.fuse_decisions(several[~np.isnan(several).any(axis=1)][:, np.newaxis], "product")[0]
    with plots.hold():
        return plots.grouped_bars({"one frame": faces_of[least], f"product of {count}": answer}, SEVEN,
                                  f"{corpus}, labelled {label}: frames from {table['time'].iloc[start]:.1f} s")


counts = [2, 4, 8, 16]
show.slider([product_of_frames(count) for count in counts], [f"{count} frames" for count in counts],
            "The product of neighbouring frames of one face. Do more frames bring new information?")

# %% [markdown]
# In the saved run one frame is undecided between neutral and happy. The product of 8 frames is certain, although it has seen one face. It answers
# neutral, and the label is surprise! So average what comes from one source, as the demo does. Multiply only different sources. (Even a face and a
# voice of *one* person depend on each other a little.)

# %% question
show.quiz("You have three networks for faces, all trained on FER2013. How do you combine their probabilities for one photograph?",
          [("by a product, because there are three of them", False, "They learnt from the same faces and look at the same one. They often make the "
            "same errors."),
           ("by a mean", True, "Their errors are alike, so the product would be overconfident. Several networks whose answers are averaged are called an ensemble."),
           ("only the best one counts", False, "A mean of several is usually at least as good, because small errors cancel.")])

# %% [markdown]
# ## What the demo does
#
# The demo of lesson 14 multiplies face and voice. It divides *each* by its own priors, so all emotions count as equally common. Then it applies one
# temperature. Why does it not use IIITA's rule? The course has no real films of enough people. So the rules were compared on **artificial pairs**: a
# real face of FER2013's validation set, and a real voice of RAVDESS with the same label. Each half was scored with settings fitted on the other half.
# The demo answers "not sure" if its probability is too low. So two numbers count: the pairs that it *answers*, and how many of these are *right*.

# %%
pairs = measured["pairs"]["labels_equally_common"]
shown = {"face alone": "face alone", "voice alone": "voice alone", "F-score mean, mean threshold": "F-scores (IIITA), no temperature after fusing",
         "F-score mean, temperature": "F-scores (IIITA), one temperature", "product, temperature": "product, one temperature",
         "product / priors, temperature": "product / priors, one temperature (the demo)"}
rows = {name: {"most probable emotion right": f"{(one := pairs['rules'][key])['right']:.1%}",
               "95 %": "{:.0%} to {:.0%}".format(*one["right_interval"]), "answered": f"{one['answered']:.0%}",
               "right when it answers": f"{one['right_when_answered']:.0%}", "ECE": f"{one['ece']:.3f}",
               "right, labels as in the face's training": f"{measured['pairs']['labels_as_in_face_training']['rules'][key]['right']:.1%}"}
        for key, name in shown.items()}
pd.DataFrame(rows).T.rename_axis(f"{pairs['n']:,} artificial pairs, majority {pairs['baseline']:.0%}, measured on real data")

# %% [markdown]
# 1. With each rule the most probable emotion is right more often than with one modality alone. For these pairs, the project's idea works.
# 2. Both classifiers are calibrated. But without a temperature *after* fusing, IIITA's rule has the largest ECE. One temperature corrects this.
# 3. The products are right more often than the mean. The product over the priors is best here, and it needs no weights. In the face's training, neutral
#    was 41 times as common as disgust. In these pairs all labels are equally common, so it helps to divide by the priors.
#
# **The warning:** in such a pair, face and voice belong to different people. So their errors are independent, as the product assumes. With one person
# the gain is probably smaller. Here is the surprised film once more:

# %%
demo = table[[f"fused_{emotion}" for emotion in SEVEN]].to_numpy()
curves = {"face": faces_of, "voice": voices_of, "IIITA's rule": iiita, "the demo's rule": demo}
plots.lines({name: (table["time"].to_numpy(), curve[:, SEVEN.index(label)]) for name, curve in curves.items()},
            f"{corpus}, labelled {label}: two rules", "time in s", f"probability of {label}",
            seen="IIITA's rule stays between face and voice. The demo's rule can be higher than both.")

# %% [markdown]
# In the saved run the demo's rule prefers surprise, although the face network prefers neutral. The voice gives neutral almost nothing, and a very
# small factor makes a product small. When the smile begins, after 2 s, surprise falls to about one half. (If labels are as common as in the face's
# training, the plain product is as good: last column of the table. The demo treats all seven alike.)
#
# ## The sound is gone
#
# Ten films of CREMA-D come with the course, without sound. In this one, the face network prefers happy. What does the voice classifier answer?

# %%
quiet = load.clips("crema_d", emotions=["happy"], modality="video-only").iloc[0]
show.video(quiet["path"], f"{quiet['corpus']}: actor {quiet['actor']}, labelled {quiet['emotion']}. The film has no sound.", width=320)

# %% question
show.predict("The voice classifier gets 2.5 s of silence, which are zeros. What does it answer?",
             ["about 1/7 for each emotion", "neutral, because there is nothing to hear", "another emotion, with more than one half"])

# %%
guess = 0  # change this to the number of your answer, then run the next cells

# %%
from course_lib.models import voices

silence = np.zeros((1, 40_000), np.float32)  # 2.5 s at 16 kHz
asked = voices.as_seven(moments.trained()["voice"].predict(silence))[0]
print(f"asked anyway: {SEVEN[asked.argmax()]} {asked.max():.1%} (RAVDESS's voices, measured on zeros)")
print("the demo's way, moments.hear:", moments.hear(silence)[0])
notebook.record(silence=asked.max())  # kept for the course's own tests

# %% question
show.reveal(3, "another emotion, with more than one half", "Silence is unlike everything in the training, so its features lie far away. There an "
            "answer means nothing, but the classifier still gives one. Its probabilities sum to 1, whatever it hears.", guess)

# %% [markdown]
# A temperature does not help, because it was fitted on voices. So silence must be *noticed* first. `moments.hear` measures the level of the sound,
# and returns NaN for a quiet window. `fuse_decisions` then leaves the voice out. What happens if we use the answer to silence?

# %%
table_of_quiet, _ = moments.analyse(quiet["path"])
face_of_quiet = table_of_quiet[[f"face_{emotion}" for emotion in SEVEN]].mean().to_numpy()
believed = calibration.apply_temperature(asked[np.newaxis], measured["voice"]["temperature"])[0]
plots.grouped_bars({"face alone": face_of_quiet, "silence believed": moments.fuse(face_of_quiet, believed)}, SEVEN,
                   f"{quiet['corpus']}, labelled {quiet['emotion']}, without sound: mean of all frames",
                   seen="The face prefers happy. What does the system answer if it believes the silence?")

# %% [markdown]
# The answer of the face is lost. So a microphone that is switched off is worse than no microphone, if the system does not notice it.
#
# ## Where may weights come from?
#
# Suppose that you fit the learnt fusion on the test recordings. How much does it "gain"?

# %%
stacked = {"fitted on validation recordings": rules["learnt"]}
cheat = fusion.LearnedFusion().fit([rules["face alone"], rules["voice alone"]], y)
stacked["fitted on the test recordings"] = cheat.predict_proba([rules["face alone"], rules["voice alone"]])
notebook.record(stacked=[(own.argmax(axis=1) == y).mean() for own in stacked.values()])  # kept for the course's own tests
summary(stacked)

# %% [markdown]
# **You should see** 55-73 % and 82-94 %. The second number is worth nothing: the fusion has read the labels of these recordings. A small form of this
# happens easily: you try five rules on the test set, and report the best one. (IIITA's slides do not say where the weights come from. Any recordings
# are fine, if neither the classifiers were trained nor the *fused* system is tested on them.)

# %% question
show.quiz("You have 1,000 films with labels. You train a face network, a voice classifier, and fusion weights. How do you split?",
          [("800 to train all three, 200 to test", False, "The classifiers are too certain about the films that they were trained on. So weights and "
            "temperatures from these films are wrong."),
           ("by people: most to train the classifiers, some to fit weights and temperature, and others to test", True, "Each step needs "
            "people whom the step before has not met."),
           ("1,000 to train, and the same to test", False, "Then the score says only how well the system memorises.")])

# %% [markdown]
# ## The project's figures, the field's, and ours

# %%
right = pairs["rules"]["product / priors, temperature"]["right"]
films_of_others = literature.SPEECH_ENCODERS.query("`how used` == 'fine-tuned, with video'")
pd.DataFrame([
    ["IIITA (slides)", "faces alone: CNN", "61.27 % of 3,589 faces of FER2013's PublicTest"],
    ["IIITA (slides)", "speech alone: CNN + LSTM", "74.49 %, SAVEE and own voices; split not given"],
    ["IIITA (slides)", "fused by F-scores", "no score given"],
    *([source.split(",")[0], "face and speech, late fusion", f"{score:.2f} %, RAVDESS, 8 emotions, 5-fold, new actors"]
      for source, score in zip(films_of_others["source"], films_of_others["score in %"], strict=True)),
    ["measured on real data", "face and voice, the demo's rule", f"{right:.1%} of {pairs['n']:,} artificial pairs, 7 emotions"],
], columns=["source", "what", "score"])

# %% [markdown]
# The rows have different data, so you cannot rank them. Luna-Jiménez et al. ([2021](https://doi.org/10.3390/s21227665),
# [2022](https://doi.org/10.3390/app12010327)) show what pretrained networks reach with real films (lesson 16).
#
# ## What you can do now
#
# - You can compute precision, recall and F-score, and fuse two classifiers by a mean, by F-scores, or by a product.
# - You can read a reliability diagram, and calibrate a classifier by one temperature, before and after fusing.
# - You know when a product is right: independent errors, and each prior counted once.
# - You notice a missing modality before you ask, and you fit weights and temperatures on validation people.
#
# **Words you met:** decision fusion, precision, recall, F-score, weighted mean, calibration, overconfident, reliability diagram, expected calibration
# error (ECE), temperature scaling, product rule, prior, stacking, missing modality.
#
# Next: `14_live_demo` puts all of this before a camera.

# %% credits
