# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 15 · How well do people do it?
#
# A network finds the right emotion in 60 % of some voices. Is that good or bad? You cannot tell until you know how well *people* do it. In
# this lesson you are one of them. You listen to voices, choose an emotion, and compare your choices with those of others: 212,000 of them.
#
# **In this lesson you will**
#
# - listen to real voices and choose an emotion, as 2,443 people did before you
# - find out how often people choose the emotion that an actor meant: from the voice, from the face, and from both
# - measure how well people agree, with Cohen's kappa, Fleiss' kappa and Krippendorff's alpha
# - compare a network with all votes, and not only with one label
# - describe an emotion by numbers (valence and arousal), and explain what a label cannot tell you
#
# **You need** about 30 s on two cores, 1 GiB of memory, and 75 minutes to read and try. **Before this:** lesson 03 for the bootstrap, lesson 10 for
# confusion matrices, and lesson 11 for soft labels.

# %% parameters for clips
PROFILE = "quick"  # here nothing depends on it
SEED
USE_DRIVE

# %% colab

# %% setup

# %% [markdown]
# ## Listen first
#
# CREMA-D is a corpus of 91 actors. Each actor says twelve sentences, for example "I would like a new alarm clock". The words carry no
# emotion. The actor was asked to say the sentence in one of six ways: angry, disgusted, fearful, happy, sad or neutral
# ([Cao et al. 2014](https://doi.org/10.1109/TAFFC.2014.2336244)). Listen to six recordings. Which of the six words fits best?

# %%
import numpy as np
import pandas as pd
from IPython.display import HTML, display

from course_lib import plots, show
from course_lib.datasets import crema_d, embedded
from course_lib.media import audio

clips = crema_d.table(embedded.folder("crema_d"))
six = clips[clips["modality"] == "audio-only"].iloc[[14, 3, 1, 8, 10, 18]]
for number, path in enumerate(six["path"], 1):
    samples = audio.read_audio(path, sr=16000, seconds=None)
    display(show.audio(0.9 * samples / np.abs(samples).max(), 16000, f"CREMA-D: voice {number}"))

# %%
mine = ["", "", "", "", "", ""]  # your word for each voice: angry, disgust, fear, happy, sad or neutral

# %% [markdown]
# First write your six words into the cell above, and run it. About ten people did the same for each recording. Here are these **votes**:

# %%
WORDS = list(crema_d.VOTES.values())  # the six words, in the order of the columns
heard = crema_d.join_votes(six)[["emotion", *WORDS]].rename(columns={"emotion": "the actor meant"})
heard.index = [f"voice {number}" for number in range(1, 7)]
heard.assign(you=mine)

# %% [markdown]
# Did you choose the word with most votes? For voices 1 to 3, the commonest vote is the emotion that the actor meant. For voices 4 to 6 it is
# not: the actor of voice 6 meant fear, and all ten listeners chose neutral. Nobody did anything wrong. The actors were asked to show an
# emotion, and the listeners were asked what they heard. These are two different questions.
#
# ## 212,000 votes
#
# The makers of CREMA-D asked 2,443 people over the internet. For each clip, about ten people heard the voice alone, about ten saw the face
# alone, and about ten had both. `crema_d.votes()` returns all these votes: three rows for each clip. Here are the rows of one clip:

# %% tags=["nbval-check-output"]
MODALITIES = {"audio-only": "voice alone", "video-only": "face alone", "audio-video": "both"}
votes = crema_d.votes()
counts = votes[WORDS].to_numpy()  # int (rows, 6)
raters = counts.sum(axis=1)
print(f"{counts.sum():,} votes for {votes['recording'].nunique():,} clips of {votes['actor'].nunique()} actors")
print(f"people for each clip and modality: {raters.min()} to {raters.max()}, on average {raters.mean():.1f}")
print(votes.attrs["licence"])

# %%
votes.loc[votes["recording"] == "1085_TIE_ANG_XX", ["modality", "emotion", *WORDS]]

# %% [markdown]
# A person who votes is a **rater**, or annotator. The table does not tell which person gave which vote. (The votes are under the Open Database
# License 1.0. So is every table and figure on this page that is made from them.)
#
# ## Do people choose what the actor meant?

# %% question
show.predict("An actor shows one of six emotions. People who guess are right in 17 %. How often do people choose the emotion that the actor "
             "meant, if they hear only the voice?", ["in about 40 %", "in about 60 %", "in about 80 %"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %% [markdown]
# For each row, take the votes for the intended emotion. Divide their sum by the sum of all votes:

# %% tags=["nbval-check-output"]
from course_lib.results import literature

intended = votes["emotion"].map(WORDS.index).to_numpy()  # as a column of counts
votes["hits"], votes["votes"] = counts[np.arange(len(counts)), intended], raters
for modality, row in votes.groupby("modality", sort=False)[["hits", "votes"]].sum().iterrows():
    print(f"{MODALITIES[modality]:11} {row['hits']:,} of {row['votes']:,} votes: {row['hits'] / row['votes']:.1%}, "
          f"published {literature.CREMA_D[modality]:.1%} (CREMA-D, measured on real data)")

# %% question
show.reveal(1, "in about 40 %", "Most people expect more. With the face it is 57 %, and with both it is 63 %. All three are far above 17 %, and "
            "far below 100 %.", guess)

# %% [markdown]
# The makers' own figures are up to one point higher. We do not know which votes the paper counts. Report such small differences. Our figures are the
# accuracy of *one* person, because each vote counts once. A group may do better. Let each row choose its commonest word:

# %% nbgrader={"grade_id": "exercise-15-1"}
def one_and_group(votes, intended):
    ### BEGIN SOLUTION
    hits = votes[np.arange(len(votes)), intended]
    most = votes.max(axis=1)
    winners = (votes == most[:, None]).sum(axis=1)  # 1, or more if several words are equally common
    return hits.sum() / votes.sum(), np.where(hits == most, 1 / winners, 0).mean()
    ### END SOLUTION


# %%
try:
    for modality, name in MODALITIES.items():
        rows = (votes["modality"] == modality).to_numpy()
        one, group = one_and_group(counts[rows], intended[rows])
        print(f"{name:11} one person {one:.1%}, the commonest vote {group:.1%} (CREMA-D, measured on real data)")
except NotImplementedError:
    print("Write one_and_group, then run this cell again. The example has {:.3f} and {:.3f}".format(*given("15.1")))

# %% [markdown]
# With your function you should see that the commonest vote is right in 45 % (voice), 69 % (face) and 74 % (both) of the clips. So the group
# gains 11 points with the face, and only 5 with the voice. A later section shows why.
#
# Now look at each emotion. The votes are not independent: ten people rate the same clip, and an actor has about 82 clips. So we use the bootstrap of
# lesson 03. It draws 91 actors, some of them several times, and computes everything again. We do this 2,000 times:

# %%
summed = votes.pivot_table(values=["hits", "votes"], index="actor", columns=["emotion", "modality"], aggfunc="sum")
accuracy = summed["hits"].sum() / summed["votes"].sum()
rng = np.random.default_rng(SEED)
drawn = rng.multinomial(91, np.full(91, 1 / 91), size=2000)  # how often each actor is drawn
again = pd.DataFrame(drawn @ summed["hits"].to_numpy() / (drawn @ summed["votes"].to_numpy()), columns=accuracy.index)

# %%
import matplotlib.pyplot as plt

from course_lib.plots.colours import COLOURS, EMOTION_STYLES

for which, (modality, name) in enumerate(MODALITIES.items()):
    middle = accuracy.xs(modality, level="modality")[WORDS].to_numpy()
    low, high = again.xs(modality, axis=1, level="modality")[WORDS].quantile([0.025, 0.975]).to_numpy()
    plt.errorbar(np.arange(6) + 0.2 * (which - 1), middle, [middle - low, high - middle], fmt="osD"[which],
                 color=COLOURS[which], capsize=3, label=name)
plt.axhline(1 / 6, color="black", linestyle="--", label="guessing")
plt.xticks(range(6), WORDS)
plt.ylabel("votes for the intended emotion")
plt.legend(ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1))
plots.finish("What people recognise: CREMA-D, measured on real data", "three points with intervals for each of six emotions",
             "Happy: compare the voice with the face. Sad: all three points are low. The bars are 95 % intervals over actors.")

# %% [markdown]
# **You should see** that a happy face is recognised in 88 % of the votes, and a happy voice only in 29 %. A smile is easy to see and hard to
# hear. Sad is low everywhere, at 25 to 33 %. Neutral is high everywhere. But be careful: people often choose neutral when they are not sure,
# and then neutral clips look easy. The confusions show this.
#
# ## What do they choose instead?
#
# A confusion matrix works for people, too. A row is what the actor meant, and a column is what people chose. Move the slider from the voice
# to the face, and then to both. Watch the column *neutral*:

# %%
matrices = {}
for modality in MODALITIES:
    matrix = votes[votes["modality"] == modality].groupby("emotion")[WORDS].sum().loc[WORDS]
    matrices[modality] = matrix.rename_axis(index="the actor meant", columns="people chose")
with plots.hold():
    pictures = [plots.confusion(matrix, f"People, {MODALITIES[modality]}: CREMA-D, measured on real data")
                for modality, matrix in matrices.items()]
notebook.record(confusions=[matrix.to_numpy() for matrix in matrices.values()])  # kept for the course's own tests
show.slider(pictures, list(MODALITIES.values()), "What people chose from the voice, the face, and both")

# %% [markdown]
# With the voice alone, many votes of *every* row are in the column neutral: 38 to 53 % of the votes for disgust, fear, happy and sad. Only the
# angry voice is different. With the face, this column gets darker, and the diagonal gets brighter. Two confusions stay with
# both modalities. A sad clip is called neutral more often than sad, and an angry clip is often called disgust.

# %% question
show.quiz("Most votes for a sad voice are neutral. What can you conclude?",
          [("The listeners were careless.", False, "The same listeners agree well on angry voices. Careless votes would be spread over all "
            "words, for all emotions."),
           ("In these recordings, sad and neutral voices sound alike to most people.", True, "This is what the votes show. They cannot show "
            "the reason: perhaps the acting was quiet, or perhaps sadness has few signs in one short sentence."),
           ("The actors were not really sad.", False, "They were probably not: they acted. But this is true of all six emotions, and angry "
            "was recognised.")])

# %% [markdown]
# ## One clip, three answers
#
# In the next film an actor says "I'm on my way to the meeting". He was asked to say it in a happy way. (The film is silent: its sound is not in
# the course.) Beside the film you see the votes of two groups. The first group heard only the voice, and the second saw only the face.

# %%
def film_and_votes(recording, modalities=tuple(MODALITIES)):
    """A silent film beside the votes for it: one panel for each modality."""
    rows = votes[votes["recording"] == recording].set_index("modality")
    _, panels = plt.subplots(1, 3, figsize=(6.5, 2.6), sharex=True, sharey=True)
    for axes, (modality, name) in zip(panels, MODALITIES.items(), strict=True):
        axes.set(title=name if modality in modalities else f"{name}: ?", xlabel="votes", xlim=(0, 11), xticks=(0, 5, 10))
        if modality in modalities:
            axes.barh(WORDS, rows.loc[modality, WORDS].astype(int), color=[EMOTION_STYLES[word][0] for word in WORDS])
    panels[0].invert_yaxis()
    most = {MODALITIES[modality]: rows.loc[modality, WORDS].astype(int).idxmax() for modality in modalities}
    with plots.hold():
        bars = plots.finish(f"Votes for {recording}", "most votes for " + ", ".join(f"{word} ({name})" for name, word in most.items()))
    film = show.video(clips.set_index("recording").loc[recording, "path"], f"CREMA-D: {recording}, without sound", width=160)
    display(HTML(f'<div style="display:flex;flex-wrap:wrap;align-items:center">{film.data}{bars.html}</div>'))


# %%
film_and_votes("1083_IOM_HAP_XX", ["audio-only", "video-only"])

# %% question
show.predict("Seven of nine people who heard this voice chose neutral. All ten people who saw this face chose happy. What did most of the nine "
             "people choose who had both?", ["neutral", "happy", "There is no clear answer."])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %%
film_and_votes("1083_IOM_HAP_XX")

# %% question
show.reveal(2, "happy", "Seven of nine chose happy. Here the face decides. Did you expect that? Then look at the next film.", guess)

# %%
film_and_votes("1024_DFA_HAP_XX")

# %% [markdown]
# This actor was also asked to be happy, and says "Don't forget a jacket". Again the voice is called neutral and the face happy. But of the
# people who had both, most chose neutral! So there is no simple rule such as "the face wins".
#
# But we have 7,442 clips. Take those with one commonest word in each modality. If voice and face disagree, which of them do people follow?

# %% tags=["nbval-check-output"]
best = counts.argmax(axis=1).reshape(-1, 3)  # the three rows of a clip become three columns: voice, face, both
clear = ((counts == counts.max(axis=1, keepdims=True)).sum(axis=1) == 1).reshape(-1, 3).all(axis=1)
voice, face, both = best[clear].T
differ = voice != face
print(f"{clear.sum():,} clips with clear votes; voice and face disagree on {differ.sum():,} of them")
print(f"there, people with both choose like the face in {(both == face)[differ].mean():.0%}, like the voice in "
      f"{(both == voice)[differ].mean():.0%}, something else in {((both != face) & (both != voice))[differ].mean():.0%}")
print(f"where voice and face agree, people with both choose the same in {(both == face)[~differ].mean():.0%}")
smile = differ & (voice == WORDS.index("neutral")) & (face == WORDS.index("happy"))
print(f"neutral voice and happy face: {smile.sum()} clips, like the face in {(both == face)[smile].mean():.0%}")
notebook.record(clear=clear.sum(), differ=differ.sum(), like_face=(both == face)[differ].sum(), like_voice=(both == voice)[differ].sum())

# %% [markdown]
# A neutral voice with a happy face is the commonest conflict. There, people nearly always choose like the face, so the second film was an exception. In
# other conflicts, the voice counts more.
#
# ### When do both help?
#
# In lesson 13 you fused a face network and a voice network. People fuse, too. For each emotion, take the better of the two single modalities. How
# much do people gain when they get both? The interval comes from the 2,000 draws of actors above:

# %%
rows = []
for word in WORDS:
    better = max(("audio-only", "video-only"), key=lambda modality: accuracy[word, modality])
    gain, gains = (100 * (rates[word, "audio-video"] - rates[word, better]) for rates in (accuracy, again))
    low, high = np.quantile(gains, [0.025, 0.975])
    rows.append([MODALITIES[better], gain, f"{low:.1f} to {high:.1f}"])
pd.DataFrame(rows, WORDS, ["the better one", "gain in points (CREMA-D)", "95 % interval"]).round(1)

# %% [markdown]
# **You should see** the largest gain for fear (13 points), then angry (8.5) and disgust (6). Happy loses 2 points, perhaps because a neutral voice
# changes some people's mind. The makers write that disgust and fear need both, while "anger and happiness can be well recognized based on
# evidence from a single modality". Our table differs only for angry. Fusion helps where the two modalities bring *different* evidence.

# %% question
show.quiz("People gain nothing for happy when they also hear the voice. Your fusion of two networks gains nothing for happy either. What is the "
          "best explanation?",
          [("The fusion rule is wrong.", False, "It may be. But even people gain nothing here, so this result is no evidence for it."),
           ("The face has nearly all the evidence for happy in these clips.", True, "88 % of the votes are right with the face alone, and a "
            "happy voice mostly sounds neutral. The second modality cannot add much."),
           ("Voices never help.", False, "For fear, people gain 13 points.")])

# %% [markdown]
# ## Do people agree with each other?
#
# Until now we compared people with the actor. In an ordinary film nobody knows what a person meant. Then the only truth is what raters choose,
# and you need to know whether they agree. This is called **inter-rater agreement**. Suppose that two people nearly always answer neutral. They
# then agree nearly always, but not because they heard the same thing. So measures of agreement subtract what you would get by chance.
#
# ### Two raters: Cohen's kappa
#
# CREMA-D does not tell who gave which vote. So we draw two votes for each voice at random, and call them rater A and rater B:

# %%
def draw_votes(counts, rng):
    """All votes in random order: the row of each vote, the word, and its place (0, 1, ...) among the votes of its row."""
    n = counts.sum(axis=1)
    row = np.repeat(np.arange(len(counts)), n)
    word = np.repeat(np.tile(np.arange(6), len(counts)), counts.ravel())
    word = word[np.lexsort((rng.random(len(word)), row))]  # shuffled inside each row
    return row, word, np.arange(len(word)) - np.repeat(np.cumsum(n) - n, n)


by_modality = {modality: counts[(votes["modality"] == modality).to_numpy()] for modality in MODALITIES}
_, word, place = draw_votes(by_modality["audio-only"], rng)
a, b = np.array(WORDS)[word[place == 0]], np.array(WORDS)[word[place == 1]]
print(len(a), "voices; rater A:", ", ".join(a[:6]))
print("              rater B:", ", ".join(b[:6]))

# %% [markdown]
# Now count. The **observed agreement** $p_o$ is the fraction of voices with the same word. For the **expected agreement** $p_e$, look how often
# each rater uses each word. If each uses neutral in 50 %, both use it by chance in 0.5 x 0.5 = 25 %. Add this up over all words:
#
# $$\kappa = \frac{p_o - p_e}{1 - p_e}$$
#
# Cohen's kappa ([Cohen 1960](https://doi.org/10.1177/001316446002000104)) is 1 if A and B always agree. It is 0 if they agree only as often as
# chance. The usual call is scikit-learn's
# [`cohen_kappa_score`](https://scikit-learn.org/stable/modules/generated/sklearn.metrics.cohen_kappa_score.html):

# %%
from sklearn.metrics import cohen_kappa_score

from course_lib.evaluation import agreement

observed = (a == b).mean()
expected = sum((a == one).mean() * (b == one).mean() for one in WORDS)
kappa = (observed - expected) / (1 - expected)
print(f"observed agreement {observed:.3f}, expected by chance {expected:.3f}, kappa {kappa:.3f} (CREMA-D voices, measured on real data)")
print(f"scikit-learn {cohen_kappa_score(a, b):.3f}, course_lib {agreement.cohen_kappa(a, b):.3f}")

# %% [markdown]
# **You should see** a kappa of 0.26 to 0.29. Two listeners agree on about 46 % of the voices. Two who guess with these words would agree on 26 %.

# %% question
show.quiz("Two raters look at 100 faces. Each of them calls 90 faces happy, and the other 10 sad. They agree on 82 faces. What is kappa?",
          [("0.82", False, "This is the observed agreement. What would chance give?"),
           ("0", True, "By chance they agree on 0.9 x 0.9 + 0.1 x 0.1 = 82 %. So they agree exactly as often as chance."),
           ("0.9", False, "This is how often they use the word happy. It goes into the expected agreement.")])

# %% [markdown]
# ### Ten raters: Fleiss' kappa
#
# Two votes of ten are only a part of the data. Fleiss' kappa uses *all pairs* of raters of a clip
# ([Fleiss 1971](https://doi.org/10.1037/h0031619)). If $c$ of $n$ people chose a word, $c\,(c-1)$ of the $n\,(n-1)$ ordered pairs agree on it. All
# clips must have the same number of raters, so we use those with exactly ten:

# %%
def fleiss_by_hand(counts):
    n = counts.sum(axis=1)  # the same for all rows
    observed = (counts * (counts - 1)).sum(axis=1) / (n * (n - 1))
    frequencies = counts.sum(axis=0) / counts.sum()  # how often each word is used
    expected = (frequencies**2).sum()
    return (observed.mean() - expected) / (1 - expected)


for modality, name in MODALITIES.items():
    ten = by_modality[modality][by_modality[modality].sum(axis=1) == 10]
    print(f"{name:11} {len(ten):,} clips with ten raters: by hand {fleiss_by_hand(ten):.6f}, course_lib {agreement.fleiss_kappa(ten):.6f}")

# %% [markdown]
# ### Any number of raters: Krippendorff's alpha
#
# Fleiss' kappa leaves out more than half of the voices, because they do not have exactly ten raters. Krippendorff's alpha needs no equal numbers
# ([Hayes and Krippendorff 2007](https://doi.org/10.1080/19312450709336664)). It counts *disagreement* $D$:
#
# $$\alpha = 1 - \frac{D_\text{observed}}{D_\text{expected}}$$
#
# Start with three clips and two words. Clip 1 has the votes (3, 0), clip 2 has (0, 3), and clip 3 has (1, 1). For the observed disagreement,
# take the pairs *inside* a clip. For the expected one, put all eight votes into one bag, and take the pairs of the bag:

# %%
def alpha_by_hand(counts):
    counts = counts[counts.sum(axis=1) >= 2]  # one vote alone has no pair
    n, bag = counts.sum(axis=1), counts.sum(axis=0)
    different = n * (n - 1) - (counts * (counts - 1)).sum(axis=1)  # ordered pairs with different words, for each clip
    observed = (different / (n - 1)).sum() / n.sum()  # each vote counts once
    expected = (bag.sum() * (bag.sum() - 1) - (bag * (bag - 1)).sum()) / (bag.sum() * (bag.sum() - 1))
    return 1 - observed / expected


# %% tags=["nbval-check-output"]
small = np.array([[3, 0], [0, 3], [1, 1]])
print(f"three clips: by hand {alpha_by_hand(small):.6f}, course_lib {agreement.krippendorff_alpha(small):.6f}")
for modality, name in MODALITIES.items():
    table = by_modality[modality]
    print(f"{name:11} {len(table):,} clips: by hand {alpha_by_hand(table):.6f}, course_lib {agreement.krippendorff_alpha(table):.6f}")
fleiss = [fleiss_by_hand(one[one.sum(axis=1) == 10]) for one in by_modality.values()]
notebook.record(alpha=[alpha_by_hand(one) for one in by_modality.values()], fleiss=fleiss)  # for the course's own tests

# %% [markdown]
# On paper: clips 1 and 2 have no pair that differs. Both ordered pairs of clip 3 differ. So the observed disagreement is 2 / 8 = 0.25. The bag
# has four votes of each word. Of its 8 x 7 = 56 ordered pairs, 2 x 4 x 4 = 32 differ, which is 0.571. So alpha is 1 - 0.25 / 0.571 = 0.5625.
#
# **Is 0.28 low?** Krippendorff's advice is often quoted: "It is customary to require α ≥ .800", and 0.667 is the lowest limit for tentative
# conclusions. CREMA-D has 0.28 (voice), 0.46 (face) and 0.50 (both). Is the corpus bad, then? No. The limits come from tasks with trained observers
# and written rules. Here people heard one short sentence without any context, and no rule tells them where sad begins. Low agreement is a result
# about emotion. It also warns you: *a single vote is a poor label*.

# %% question
show.quiz("You have 500 clips. Each was rated by 3 to 6 of your 20 friends. Which measure do you use?",
          [("Cohen's kappa", False, "It takes exactly two raters, and both must rate all items."),
           ("Fleiss' kappa", False, "Each item needs the same number of raters."),
           ("Krippendorff's alpha", True, "It takes any number of raters for each item, from two on.")])

# %% [markdown]
# ## How many raters do you need?
#
# Take the clips with at least nine votes. Draw one vote, two votes, and so on, and let the commonest word decide:

# %%
def group_of(k, table, truth):
    """How often the commonest of k drawn votes is the intended emotion; a tie of m words counts 1/m."""
    row, word, place = draw_votes(table, np.random.default_rng(SEED))
    few = np.zeros_like(table)
    np.add.at(few, (row[place < k], word[place < k]), 1)
    most = few == few.max(axis=1, keepdims=True)
    return (most[np.arange(len(few)), truth] / most.sum(axis=1)).mean()


curves = {}
for modality, name in MODALITIES.items():
    rows = (votes["modality"] == modality) & (raters >= 9)
    curves[name] = [group_of(k, counts[rows], intended[rows]) for k in range(1, 10)]
plots.lines(curves, "A group's answer: CREMA-D, measured on real data", "people in the group", "commonest vote is intended",
            seen="Compare groups of one and of two. Where do the curves become flat?")

# %% question
show.quiz("Why is a group of two not better than one person?",
          [("Two people disturb each other.", False, "Nobody met anybody: each person voted alone."),
           ("If they differ, the group has to toss a coin.", True, "If both agree, the second person changes nothing. If they differ, a coin chooses "
            "one of the two, which is as good as asking one person. From three on, a majority is possible."),
           ("It is chance.", False, "It holds for every table of votes, apart from small random differences.")])

# %% [markdown]
# With the face or with both, five people are much better than one, and nine are a little better than five. With the voice, even nine people gain only
# a few points. More raters remove *random* errors. They cannot hear what is not in the voice.
#
# ## All votes are the label
#
# Look at one face. The actor of 1021_IOM_SAD_XX was asked to be sad. Six of ten people who saw the face chose neutral, three chose sad, and one chose
# happy. What is the label? The *intended* emotion is sad. The *majority* vote is neutral. The **soft label** (lesson 11) is 60 % neutral, 30 % sad
# and 10 % happy, and it keeps the most. To score a network against it, use the **cross-entropy** of the vote fractions $v_k$ and the network's
# probabilities $p_k$. Here are three networks, made up for this example. All of them answer neutral, so for the accuracy they are equal:
#
# $$H = -\sum_k v_k \log p_k$$

# %% tags=["nbval-check-output"]
one_face = counts[(votes["recording"] == "1021_IOM_SAD_XX") & (votes["modality"] == "video-only")]
fractions = one_face / one_face.sum()
networks = {"very sure": [0.01, 0.01, 0.01, 0.01, 0.01, 0.95], "like people": [0.01, 0.01, 0.01, 0.10, 0.28, 0.59],
            "hardly sure": [0.16, 0.16, 0.16, 0.16, 0.16, 0.20]}
for name, p in networks.items():
    by_hand = -(fractions * np.log(p)).sum()
    print(f"{name:11} cross-entropy by hand {by_hand:.3f}, course_lib {agreement.soft_cross_entropy(one_face, [p]):.3f}")

# %% [markdown]
# The network that doubts where people doubt has the lowest cross-entropy. The sure one loses most on the three people who chose sad.
#
# ### The best that is possible
#
# Suppose a perfect system always answers with the commonest vote. It still disagrees with all people who chose another word. So there is a
# **ceiling** for the agreement with a single person. `expected_accuracy` computes the agreement with one rater, drawn at random:

# %% nbgrader={"grade_id": "exercise-15-2"}
def best_possible(votes):
    ### BEGIN SOLUTION
    fractions = votes / votes.sum(axis=1, keepdims=True)
    logs = np.log(np.where(fractions > 0, fractions, 1))  # 0 log 0 counts as 0
    return fractions.max(axis=1).mean(), -(fractions * logs).sum(axis=1).mean()
    ### END SOLUTION


# %% tags=["nbval-check-output"]
for modality, name in MODALITIES.items():
    table = by_modality[modality]
    print(f"{name:11} ceiling: {agreement.expected_accuracy(table, table.argmax(axis=1)):.1%} of the votes, "
          f"lowest cross-entropy {agreement.soft_cross_entropy(table, table / table.sum(axis=1, keepdims=True)):.3f}")

# %% [markdown]
# For voices the ceiling is 64 %: no system can agree with more than 64 of 100 listeners, because the listeners disagree with each other. So a reported
# 90 % on such data is not the agreement with single listeners. (The true ceiling is a little lower: the same votes choose and test the word.)
#
# ## A network against people
#
# `emotion_net` and `emotion_net_raters` (lesson 11) learnt from photographs of the web: the first one from FER2013's labels, and the second one
# from the votes of FER+'s raters. Neither of them has seen a film of CREMA-D. We show them every fourth frame of the ten films that the course
# has, and average their probabilities. CREMA-D has no surprise and no contempt, so these classes are left out:

# %%
from course_lib.faces import finding
from course_lib.media import video
from course_lib.models import zoo

films = crema_d.join_votes(clips[clips["modality"] == "video-only"])
seen, crops = films[WORDS].to_numpy(), []
for path in films["path"]:
    frames = video.read_clip(path)[::4]
    box = finding.largest(frames[0])
    crops.append(np.stack([finding.crop(frame, box) for frame in frames]))

# %%
guesses = {"always neutral": np.tile(np.eye(6)[5], (10, 1)), "the best possible": seen / seen.sum(axis=1, keepdims=True)}
for network in (zoo.from_preset("emotion_net"), zoo.from_preset("emotion_net_raters")):
    columns = [network.classes.index(word) for word in WORDS]
    each = pd.DataFrame(network.predict(np.concatenate(crops), tta=0)[:, columns])
    means = each.groupby(np.repeat(np.arange(10), [len(one) for one in crops])).mean().to_numpy()
    guesses[network.name] = means / means.sum(axis=1, keepdims=True)
four = [4, 6, 7, 9]
plots.probabilities([video.read_clip(path)[-8] for path in films["path"].iloc[four]], guesses["emotion_net_raters"][four], WORDS,
                    "emotion_net_raters on four films: CREMA-D, measured on real data",
                    [f"most votes: {WORDS[row.argmax()]}" for row in seen[four]])
scores = {name: [agreement.expected_accuracy(seen, p.argmax(axis=1)), agreement.soft_cross_entropy(seen, p)] for name, p in guesses.items()}
notebook.record(networks={name: scores[name] for name in guesses if "net" in name})
pd.DataFrame(scores, ["agrees with one rater", "cross-entropy"]).T.round(2)

# %% [markdown]
# **You should see** that both networks agree with 50 % of the votes, "always neutral" with 37 %, and the best possible answer with 79 %. The networks find
# the smile in two of three happy films. Where people saw fear, anger or disgust, they answer neutral.
#
# Now compare the cross-entropies. "Always neutral" is by far the worst: it gives the other words a probability of 0. $-\log 0$ is infinite, so
# `soft_cross_entropy` counts each probability below $10^{-7}$ as $10^{-7}$. Then a vote for another word costs 16.1. A network that gives 1/6 to each word
# has only log 6 = 1.79! `emotion_net_raters` has 1.9, so it is too sure of its wrong answers. The errors of `emotion_net` cost less (1.5). But ten films of
# seven people are far too few for a verdict.
#
# ## Beyond words: valence and arousal
#
# Six words are a rough tool. "Angry" and "fear" are two words, although both are unpleasant and excited. Many researchers describe an emotion by two
# numbers ([Russell 1980](https://doi.org/10.1037/h0077714)). **Valence** tells how pleasant it is. **Arousal** tells how excited or active it is.
#
# Do such dimensions appear in the votes? Two emotions are *near* each other if people choose the same words for them. So take the six rows of
# the confusion matrix as six points, and draw them with PCA (lesson 03). (The square root gives small fractions more weight.)

# %%
from sklearn.decomposition import PCA

_, panels = plt.subplots(1, 2, figsize=(9, 4))
for axes, modality in zip(panels, ("audio-only", "video-only"), strict=True):
    rows = matrices[modality].to_numpy()
    pca = PCA(2).fit(np.sqrt(rows / rows.sum(axis=1, keepdims=True)))
    for word, (x, y) in zip(WORDS, pca.transform(np.sqrt(rows / rows.sum(axis=1, keepdims=True))), strict=True):
        axes.plot(x, y, EMOTION_STYLES[word][1], color=EMOTION_STYLES[word][0], markersize=10)
        axes.annotate(word, (x, y), (6, 6), textcoords="offset points")
    axes.set(title=f"{MODALITIES[modality]}: {pca.explained_variance_ratio_.sum():.0%} kept", aspect="equal", xticks=[], yticks=[])
    axes.margins(0.25)
plots.finish("A map from confusions: CREMA-D, measured on real data", "six emotions as points, for the voice and for the face",
             "Near means that people confuse them. What is at the two ends of the longest (horizontal) axis?")

# %% [markdown]
# (The maps may be mirrored.) In the map of the *voice*, the longest axis goes from angry to sad, or from loud to quiet. This looks like arousal.
# In the map of the *face*, it separates happy from all others. This looks like valence. But it is only one way to read six points, and it does
# not fit everywhere. The voice of fear is near sad, although fear is usually called excited.
#
# ### A score for numbers: CCC
#
# Some corpora have numbers as labels, for example a valence from -1 to 1. Accuracy does not work for numbers. The usual score is the
# **concordance correlation coefficient** (CCC, [Lin 1989](https://doi.org/10.2307/2532051)):
#
# $$\text{CCC} = \frac{2\, \text{cov}(y, \hat{y})}{\text{var}(y) + \text{var}(\hat{y}) + (\bar{y} - \bar{\hat{y}})^2}$$
#
# (A bar is a mean.) It is 1 only if all predictions *equal* the true numbers. Pearson's correlation is 1 even if all predictions are ten times too large.

# %% nbgrader={"grade_id": "exercise-15-3"}
def concordance(y_true, y_pred):
    ### BEGIN SOLUTION
    covariance = ((y_true - y_true.mean()) * (y_pred - y_pred.mean())).mean()
    return 2 * covariance / (y_true.var() + y_pred.var() + (y_true.mean() - y_pred.mean()) ** 2)
    ### END SOLUTION

# %% [markdown]
# CREMA-D has no valence labels. For practice we make a rough one: happy is 1, neutral is 0, and the other four are -1. The valence of a clip is
# the mean over its votes. (For arousal we could not do this: sad, for example, can be calm or excited.) Does it agree with the intended one?

# %%
VALENCE = np.array([{"happy": 1, "neutral": 0}.get(word, -1) for word in WORDS])
meant = VALENCE[intended[(votes["modality"] == "audio-only").to_numpy()]]
rows = []
for modality, name in MODALITIES.items():
    table = by_modality[modality]
    felt = table @ VALENCE / table.sum(axis=1)
    rows.append([name, np.corrcoef(meant, felt)[0, 1], agreement.ccc(meant, felt), meant.std(), felt.std()])
pd.DataFrame(rows, columns=["CREMA-D", "correlation", "CCC", "spread of the intended", "spread of the votes"]).round(2)

# %% [markdown]
# **You should see** for the voice a correlation of 0.61, and a CCC of only 0.49. The last two columns explain it. The votes for voices are close
# together, because many people choose neutral. The correlation ignores this, and the CCC does not.

# %% question
show.quiz("A network predicts the valence of all clips perfectly, but always 0.5 too high. What happens?",
          [("Correlation 1, CCC below 1", True, "The correlation ignores a constant shift. In the CCC, the difference of the means is in the "
            "denominator."),
           ("Correlation below 1, CCC 1", False, "It is the other way round: the CCC asks for equal numbers."),
           ("Both are 1.", False, "For the CCC, the numbers must be equal. Here they differ by 0.5.")])

# %% [markdown]
# Do people agree better on such a number than on a word? Krippendorff's alpha can answer this, too. For numbers, a disagreement counts with the
# *square* of the difference: happy against sad counts 4, and neutral against sad counts 1. This is exercise 15.4.

# %% nbgrader={"grade_id": "exercise-15-4"}
def alpha_of_numbers(votes, values):
    ### BEGIN SOLUTION
    votes = votes[votes.sum(axis=1) >= 2]
    squared = (values[:, None] - values) ** 2
    n, bag = votes.sum(axis=1), votes.sum(axis=0)
    inside = np.einsum("ij,jk,ik->i", votes, squared, votes)  # ordered pairs of each item; equal votes add 0
    observed = (inside / (n - 1)).sum() / n.sum()
    expected = bag @ squared @ bag / (bag.sum() * (bag.sum() - 1))
    return 1 - observed / expected
    ### END SOLUTION


# %%
for modality, name in MODALITIES.items():
    table = by_modality[modality]
    print(f"{name:11} alpha of the six words {agreement.krippendorff_alpha(table):.2f}, "
          f"of our valence {agreement.krippendorff_alpha(table, 'interval', VALENCE):.2f} (CREMA-D, measured on real data)")

# %% [markdown]
# With the face, people agree much better on our rough valence (0.74) than on the word (0.46). Most confusions, such as angry and disgust, do not
# change it. With the voice, valence gains much less (0.36 and 0.28). Both facts fit the two maps.
#
# ## Other people, other corpora
#
# Be careful when you compare figures of two corpora. The number of words, the recordings and the people differ, and some corpora were *selected*.
# EmoDB is an example. Its ten actors recorded 816 utterances, and 20 people listened. Only utterances "recognised better than 80%" (and natural
# enough) went into the corpus ([Burkhardt et al. 2005](https://doi.org/10.21437/Interspeech.2005-446)). The course has the listening test of all 816:

# %% tags=["nbval-check-output"]
from course_lib.datasets import emodb

test = emodb.listening_test()
for name, rows in {"all": test, "published": test[test["public"]], "left out": test[~test["public"]]}.items():
    print(f"EmoDB, {name:9} {len(rows)} recordings: {rows['recognised'].mean():.1%} of the listeners, measured on real data")

# %% [markdown]
# So a network on EmoDB has an easier task than one on CREMA-D, which also has the clips that few people recognise.
#
# **FER+** (lesson 11) has ten votes for each photograph of FER2013. Here are the 3,589 faces of PublicTest. In the first line the truth is the
# commonest vote of the other nine raters. In the second line it is FER2013's own label:

# %% tags=["nbval-check-output"]
from course_lib import results
from course_lib.evaluation import Score

ferplus = results.read("ferplus_raters")["parts"]["PublicTest"]
for key in ("one_against_the_others", "one_against_fer2013"):
    print(f"{key}: {Score.from_dict(ferplus[key], note='measured on real data')}")
alpha = results.read("ferplus_agreement")["parts"]["PublicTest"]["alpha"]["value"]
print(f"Krippendorff's alpha {alpha:.2f}, with ten answers to choose from (FER+, measured on real data)")

# %% [markdown]
# **RAVDESS**, the corpus of the lectures, was rated by 247 people. Each of its 7,356 recordings got ten ratings
# ([Livingstone and Russo 2018](https://doi.org/10.1371/journal.pone.0196391)). Look up in this free paper how often they chose the
# intended emotion, and compare this with CREMA-D. If you compare listeners with a network, remember that they have different tasks. The network
# learns from many labelled recordings of this corpus. The listeners came without any training.

# %% question
show.quiz("On the voices of a corpus, a network is right in 75 % and listeners in 60 %. What may you conclude?",
          [("The network understands emotions better than people.", False, "It predicts better what the actors of this corpus were asked to "
            "show. Outside the corpus, nobody has tested it here."),
           ("The network has learnt how these actors show what they were asked for.", True, "It saw many labelled examples of the same kind. The "
            "listeners had none."),
           ("The listeners were bad.", False, "They did without training what they do every day, but without any context.")])

# %% [markdown]
# ## What is a label?
#
# Follow a label from its beginning to your table. At each arrow something can get lost:

# %% diagram
show.diagram({"what a person\nfeels": (0, 0), "what the person\nshows": (1, 0), "what the camera\nrecords": (2, 0),
              "what a rater\nsees and hears": (3, 0), "one of six words": (4, 0), "majority or\nfractions": (4, 1), "your label": (3, 1)},
             [("what a person\nfeels", "what the person\nshows"), ("what the person\nshows", "what the camera\nrecords"),
              ("what the camera\nrecords", "what a rater\nsees and hears"), ("what a rater\nsees and hears", "one of six words"),
              ("one of six words", "majority or\nfractions"), ("majority or\nfractions", "your label")],
             "From what a person feels to a label, in six steps: what the person shows, what the camera records, what a rater sees and hears, "
             "one of six words, the majority or the fractions of the votes, and the label.")

# %% [markdown]
# The votes of CREMA-D measure the steps from the third box on. Nobody measured the first one: the actors *acted*. Can you go back from a face to
# a feeling? [Barrett et al. (2019)](https://doi.org/10.1177/1529100619832930) reviewed the evidence. People do smile when they are happy and scowl
# when they are angry, "more than what would be expected by chance". But how people show an emotion "varies substantially across cultures,
# situations, and even across people within a single situation". And "similar configurations of facial movements variably express instances of
# more than one emotion category". (Lesson 17 has a study that finds more that is common to all cultures.)
#
# So choose your words with care. Write "seven of ten people chose happy" and "the network answers happy", and not "she is happy". Write "63 % of
# the votes are for the intended emotion", and not "people are wrong in 37 %".

# %% nbgrader={"grade_id": "exercise-15-5"}
def what_it_means():
    ### BEGIN SOLUTION
    return "what most people would call it"
    ### END SOLUTION

# %% [markdown]
# ## What you can do now
#
# - You can measure agreement: Cohen's kappa for two raters, Fleiss' kappa for equal numbers, Krippendorff's alpha for all other cases.
# - You compare a system with people on the same clips and the same words, and you know the ceiling that people set.
# - You can score probabilities against votes (cross-entropy), and numbers against numbers (CCC).
# - You write what was measured: an intention, a vote, or an answer of a network. None of them is a feeling.
#
# **Words you met:** rater, vote, inter-rater agreement, Cohen's kappa, Fleiss' kappa, Krippendorff's alpha, observed and expected agreement,
# ceiling, soft label, valence and arousal, CCC.
#
# ### To explore, without points
#
# 1. Are some actors easier to read than others? Use `summed`. (You should find 36 to 80 %, with both modalities.)
# 2. Be a rater for all 19 voices of CREMA-D. Ask a friend to do the same, and compute your Cohen's kappa.
#
# Next: `16_frozen_speech_encoders` asks how much of this a network finds in a voice.

# %% credits
