# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 12 · Speech: CNN and LSTM
#
# On the phone you cannot see your friend's face. Still, after a few words you may have an idea of how your friend feels. Three students of IIIT
# Allahabad (**IIITA**) built networks for this. In this lesson you build them again, layer by layer, and you listen to what they listen to.
#
# **In this lesson you will**
#
# - listen to eight acted emotions, and look at their log-mel spectrograms
# - measure the pitch (F0), loudness and speed of voices, and compare them with a famous table of 1993
# - build IIITA's CNN and its LSTM, and compute one LSTM step by hand
# - train three models, and test them on speakers whom they have never heard
# - choose the best model without deceiving yourself, and try one with your own microphone
#
# **Project** IIITA ("Multimodal Emotion Classification using User's Speech & Facial Expression", the part on speech). **You need** about 50 s
# on two cores, 2.5 GiB of memory, and 110 minutes to read and try. **Before this:** lessons 06 and 10.
#
# **The five-minute version**: listen, then go to *The LSTM, gate by gate* and to *Three models, two splits*.

# %% parameters for clips
CORPUS = "emodb"  # ten German actors, in the course; or "ravdess" (all of it), or "studio" (drawn, with SAVEE's names)
DATA_DIR
ACTORS
EMOTIONS = None  # for example ["happy", "sad"]; None: all
SAVEE_DIR = None  # the folder of SAVEE's wav files, if you have it
OWN_DIR = None  # a folder of your own recordings: one folder for each emotion, files like angry/anna_01.wav
RECORD = False  # True: record your own voice in the part "Your own voice"
PROFILE = "quick"  # "quick": few epochs, for two cores; "lecture": more epochs
SEED
USE_DRIVE

# %% colab

# %% setup

# %% [markdown]
# ## Listen first
#
# A woman (RAVDESS's actor 2) says "Kids are talking by the door". The instruction was: act one of eight emotions. Above each player you see the
# **log-mel spectrogram** of the sound: time goes to the right, frequency goes up, and bright means loud. All sounds have the same peak, so you do not
# hear which voice was louder. Listen to all eight. Which ones sound alike? In the last player a man (actor 1) says the same sentence.

# %%
import numpy as np
import pandas as pd
from IPython.display import display

from course_lib import evaluation, features, load, plots, results, show
from course_lib.media import audio

kids = load.clips("embedded", modality="audio-only").query("statement == 'kids' and repetition == 1")
kids = kids[(kids["intensity"] == "strong") | (kids["emotion"] == "neutral")]
emotions = ["neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"]
actors = {actor: rows.set_index("emotion")["path"].loc[emotions].map(audio.read_voice) for actor, rows in kids.groupby("actor")}
display(show.sounds(actors[2], 16000, "RAVDESS, actor 2: eight acted emotions"),
        show.sounds({"RAVDESS, actor 1": actors[1]["fearful"]}, 16000, "Which emotion?"))

# %% question
show.predict("Which emotion was actor 1 asked to act?", ["angry", "fearful", "happy"])

# %%
guess = 0  # change this to the number of your answer, then run the next cells

# %% question
show.reveal(2, "fearful", "If you chose another one, you are not alone. Voices with high F0 and much energy are often confused. In lesson 15 you see "
            "how often people agree about such recordings.", guess)

# %%
german = load.clips("emodb", modality="audio-only")

# %%
four = german.query("actor == '14' and statement == 'a07'").set_index("emotion")["path"].loc[["neutral", "sad", "happy", "angry"]]
display(show.sounds(actors[1], 16000, "RAVDESS, actor 1: the same sentence, eight acted emotions"),
        show.sounds(four.map(audio.read_voice), 16000, "EmoDB, speaker 14: one German sentence, four acted emotions"))

# %% [markdown]
# Do you need the words? The last four players are German: "In sieben Stunden wird es soweit sein" (In seven hours it will be time).
#
# ## What the project did
#
# IIITA's students name uses such as call centres, cockpits and e-tutoring. They compare three models. The first has **MFCC** (lesson 06) and a
# classifier that the slides do not name. The second is a **CNN** (lesson 10) on log-mel spectrograms. The third has an **LSTM** behind the CNN.

# %% diagram
show.diagram({"sound": (0, 1), "MFCC": (1, 0), "classifier": (2, 0), "log-mel\nspectrogram": (1, 1), "3 blocks of\nconvolutions": (2, 1),
              "dense layers": (3, 1), "7 probabilities": (4, 1), "4th block": (2, 2), "2 LSTMs": (3, 2), "7 probabilities ": (4, 2)},
             [("sound", "log-mel\nspectrogram"), ("MFCC", "classifier"), ("log-mel\nspectrogram", "3 blocks of\nconvolutions"),
              ("3 blocks of\nconvolutions", "dense layers"), ("dense layers", "7 probabilities"), ("3 blocks of\nconvolutions", "4th block"),
              ("4th block", "2 LSTMs"), ("2 LSTMs", "7 probabilities ")],
             "Three ways from a sound to an answer. Above: MFCC and a classifier. Middle: a log-mel spectrogram, three blocks of convolutions, and "
             "dense layers. Below: the same three blocks, a fourth block, and two LSTMs.")

# %% tags=["nbval-check-output"]
from course_lib.results import literature, published

names = {"MFCC": "by MFCC, accuracy", "CNN": "CNN, accuracy", "CNN + LSTM": "CNN + LSTM, accuracy",
         "CNN + LSTM, SAVEE": "CNN + LSTM, accuracy on SAVEE", "CNN + LSTM, own": "CNN + LSTM, accuracy on own recordings"}
printed = {name: f"{published.FIGURES['IIITA', f'speech {figure}']:.2%}" for name, figure in names.items()}
print("published by IIITA:", printed)

# %% [markdown]
# Three clips of four from the voice alone: that is a fine result for a student project. (There are 345 clips of seven emotions, and 17 % of them are
# neutral, the commonest class.) But the slides do not tell whether the tested *speakers* were in the training set, too.
#
# ## The recordings
#
# IIITA has two sources. **SAVEE** (Surrey Audio-Visual Expressed Emotion, Haq and Jackson 2009) has four Englishmen with 120 clips each. You get it
# after you [register](http://kahlan.eps.surrey.ac.uk/savee/), and you may not pass it on. If you have it, write its folder into the parameters above.
# The second source is the students' own work: they recorded 853 clips of 82 people (11 women, 71 men).
#
# The names of SAVEE's files hold the label: `DC_a01.wav` is speaker DC, code `a` (angry), sentence 01. The codes are `a`, `d` (disgust), `f` (fear),
# `h` (happy), `n` (neutral), `sa` (sad) and `su` (surprise). Some copies have a folder for each speaker, `DC/a01.wav`:

# %% tags=["nbval-check-output"]
from course_lib.datasets import savee

print(savee.parse_name("DC_a01.wav"), savee.parse_name("AudioData/KL/su15.wav"), sep="\n")

# %% question
show.quiz("A program reads only the first letter of the code. What happens?",
          [("It stops with an error.", False, "It may, if it checks its codes. Many programs do not, and skip what they do not know."),
           ("sad and surprise both look like the code s.", True, "Two classes become one, or get lost. A wrong label gives no error, so check names "
            "strictly."),
           ("Nothing, because the folder holds the emotion.", False, "In SAVEE the folder holds the speaker.")])

# %% nbgrader={"grade_id": "exercise-12-1"}
def savee_fields(paths):
    ### BEGIN SOLUTION
    import re

    speakers, codes = ["DC", "JE", "JK", "KL"], ["a", "d", "f", "h", "sa", "su", "n"]
    rows = np.full((len(paths), 3), -1)
    for row, path in zip(rows, paths, strict=True):
        *folders, file = path.split("/")
        found = re.fullmatch(r"(?:(..)_)?([a-z]{1,2})(\d\d)\..*", file)
        speaker = found and (found[1] or (folders or [""])[-1])
        if found and speaker in speakers and found[2] in codes:
            sentence, last = int(found[3]), 30 if found[2] == "n" else 15
            if 1 <= sentence <= last:
                row[:] = speakers.index(speaker), codes.index(found[2]), sentence
    return rows
    ### END SOLUTION

# %% [markdown]
# In this lesson you train and test with real voices that come with the course: EmoDB's 339 utterances of ten actors, in four emotions ([Burkhardt et
# al. 2005](https://doi.org/10.21437/Interspeech.2005-446)). With the parameters you can choose other voices:

# %%
from course_lib.synthetic import savee as drawn

if SAVEE_DIR or OWN_DIR:
    clips = savee.both(SAVEE_DIR, OWN_DIR).assign(corpus="SAVEE or own, this run")
elif CORPUS == "studio":
    clips = drawn.make(emotions=EMOTIONS or tuple(savee.SENTENCES), seed=SEED)
else:
    clips = load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS, "audio-only", SEED, most_actors=10, least_actors=2)
corpus, y = clips["corpus"].iloc[0], clips["emotion"].to_numpy()
note = corpus if "SYNTHETIC" in corpus else f"{corpus}, measured on real data"
print(f"{len(clips)} clips of {clips['actor'].nunique()} speakers, {clips['emotion'].value_counts().to_dict()}: {corpus}")

# %% [markdown]
# ## Higher, wider, louder
#
# What does an emotion change in a voice? **F0** (fundamental frequency, in Hz) tells how often the vocal folds open in a second. You hear it as
# pitch. IIITA shows a table of [Murray and Arnott 1993](https://doi.org/10.1121/1.405558):
#
# | | F0 | range of F0 | intensity | speaking rate | voice |
# | --- | --- | --- | --- | --- | --- |
# | anger | higher | wider, abrupt changes | higher | slightly faster | breathy, chest tone |
# | joy | higher | wider | higher | faster or slower | breathy, blaring |
# | sadness | lower | narrower | lower | slower | resonant |
# | fear | higher | wider | normal | faster | irregular |
# | disgust | lower | wider | lower | slower | grumbled, chest tone |
#
# Now **listen to the table**. The Studio's drawn actors (lesson 05) speak by rules, and these rules were made after this very table. No person feels
# or acts anything here. You hear only what the words of the table mean. (The column *intensity* is missing, because the players have the same peak.)

# %%
from course_lib.core.audio import RAVDESS_SR
from course_lib.synthetic import voice as studio_voice

fields = {"modality": "audio-only", "vocal_channel": "speech", "intensity": "normal", "statement": "kids", "repetition": 1, "actor": 3,
          "gender": "male"}
table = {emotion: audio.trim(studio_voice.speak(fields | {"emotion": emotion}).samples)
         for emotion in ("neutral", "angry", "happy", "sad", "fearful", "disgust")}
show.sounds(table, RAVDESS_SR, "Murray and Arnott's table, spoken by rules (SYNTHETIC)")

# %% [markdown]
# Nearly every word of the table is a **comparison** with the speaker's own neutral voice. Do real actors follow it? For each utterance of EmoDB we
# measure four things. F0 is the median, in **semitones** above 55 Hz (piano steps: 12 double the frequency). The range goes from its 25 % to its 75 %
# point. The level is the file's mean loudness in dB. The length gives the rate. `features.prosody` uses only loud frames with a clear F0:

# %%
measured = pd.DataFrame([features.prosody(audio.read_voice(path)) for path in german["path"]])
measured[["actor", "emotion", "statement"]] = german[["actor", "emotion", "statement"]]

# %% question
show.predict("EmoDB, ten actors: compared with their own neutral voice, which statement holds for ALL ten?",
             ["angry has a higher F0", "angry is faster", "angry has a higher level in the file"])

# %%
guess = 0  # change this to the number of your answer, then run the next cells

# %%
by_voice = measured.groupby(["actor", "emotion"])[["F0", "range", "level"]].mean()
change = by_voice - by_voice.xs("neutral", level="emotion").reindex(by_voice.index, level="actor")
lengths = measured.groupby(["actor", "statement", "emotion"])["length"].mean().unstack()  # of the same sentence
ratio = lengths.div(lengths["neutral"], axis=0).groupby("actor").median()
change["rate"] = -np.log(ratio.stack()).reindex(change.index)  # above 0: faster
table_signs = pd.DataFrame({"F0": [1, 1, -1], "range": [1, 1, -1], "level": [1, 1, -1], "rate": [1, 0, -1]}, ["angry", "happy", "sad"])
agree = {(emotion, what): f"{(change.xs(emotion, level='emotion')[what] * sign > 0).sum()} of 10" if sign else "(both)"
         for emotion, signs in table_signs.iterrows() for what, sign in signs.items()}
pd.Series(agree).unstack()[["F0", "range", "level", "rate"]].rename_axis("speakers who follow the table, measured on real data: EmoDB")

# %% question
show.reveal(1, "angry has a higher F0", "F0 is the most reliable column of the table. The rate is not: for the same sentence most of these actors "
            "need MORE time when they act anger. And the level is surprising. Read on.", guess)

# %% [markdown]
# **Two traps.** First, the level. Anger is louder, as you can hear in any quarrel. But in EmoDB's files it is not. The next cell looks for the
# loudest sample of some files (1 is full scale). EmoDB's files are all scaled to nearly full scale. The loudness of the voice is lost, and nothing
# tells you. RAVDESS kept it. So "level" describes the *file* first. ([Pfitzinger and Kaernbach
# 2008](https://www.isca-speech.org/archive/interspeech_2008/pfitzinger08_interspeech.html) warn that amplitude says much about emotion and should not
# be normalised away.) Second, the range of F0. A sad voice often creaks, so F0 is unreliable. A few wrong frames make the range very wide.
#
# Now the most important point. The table compares with the speaker's *own* neutral voice. What if you do not know it? Look at the last two lines.
# They show the lowest angry voice and the highest neutral voice of EmoDB:

# %%
for name, table in {"EmoDB": german[::8], "RAVDESS": kids}.items():
    peaks = [np.abs(audio.read_audio(path, sr=16000, seconds=None)).max() for path in table["path"]]
    print(f"{name}, {len(peaks)} files: peaks from {min(peaks):.2f} to {max(peaks):.2f}")
own = by_voice["F0"].unstack()
for emotion, actor in {"angry": own["angry"].idxmin(), "neutral": own["neutral"].idxmax()}.items():
    print(f"EmoDB: speaker {actor}, {emotion}, has an F0 of {own.loc[actor, emotion]:.1f} semitones above 55 Hz")

# %% question
show.quiz("What do the numbers of the last two lines mean for a model that has never heard the two speakers?",
          [("It cannot use F0 at all.", False, "It can use how F0 moves, for example. But F0 alone is misleading."),
           ("The angry voice of the one is lower than the neutral voice of the other.", True, "Compare the numbers above. Without the "
            "speaker's neutral voice, the same F0 can be anger or nothing special. A model that knows the speakers from training has an advantage."),
           ("One of the two was recorded badly.", False, "Women, men and different people have different voices. This is no error.")])

# %% [markdown]
# ## A sound as a picture
#
# A CNN wants a picture. IIITA's has **96 x 431** numbers: 96 mel bands and 431 frames. It is a log-mel spectrogram, steps 2 to 6 of lesson 06. The
# cosine transform of step 7 is left out. (A kernel of 3 x 3 looks at neighbours. Neighbouring mel bands are alike, neighbouring MFCC are not.) The
# figure shows stripes, the **harmonics**: a voice also has energy at 2, 3, 4, ... times F0. In librosa:

# %%
import librosa

signal = librosa.util.fix_length(audio.read_voice(kids.query("actor == 2 and emotion == 'angry'")["path"].iloc[0], 44100), size=round(2.5 * 44100))
power = librosa.feature.melspectrogram(y=signal, sr=44100, n_fft=2048, hop_length=256, n_mels=96)
theirs = librosa.power_to_db(power)
ours = features.log_mel_spectrogram(signal[np.newaxis])
print(f"librosa {theirs.shape}; features.log_mel_spectrogram {ours.shape}; difference at most {np.abs(ours[0, ..., 0] - theirs).max():.0e} dB")
plots.heatmap(theirs, "2.5 s in 96 mel bands: RAVDESS, actor 2, angry", "time in s", "mel band", unit="dB", extent=(0, 2.5, 0, 96),
              seen="Stripes are harmonics: they rise and fall with F0. The dark part on the right is silence. Why is the top dark, too?")

# %% [markdown]
# The slides do not give the settings. Their clips have 44,100 samples per second and last 2 to 3 s. With 2.5 s and one frame every 256 samples (hop)
# you get $1 + \lfloor 110250 / 256 \rfloor = 431$ frames, so we use this. But it is a guess: 5 s and a hop of 512 also give 431. Publish your settings.
#
# ### The trap: empty bands
#
# By default the mel bands go up to half the sampling rate, here 22,050 Hz. But a recording that was once stored at 16,000 Hz has nothing above 8,000
# Hz, whatever its file promises now. We send noise, which has the same energy everywhere, through 16,000 Hz and back:

# %%
import soxr

noise = np.random.default_rng(SEED).normal(0, 0.1, 5 * 44100).astype(np.float32)
once_16000 = soxr.resample(noise, 44100, 16000)
bands = {"44,100 Hz": features.log_mel_spectrogram(noise[np.newaxis]),
         "once 16,000 Hz, now 44,100 Hz": features.log_mel_spectrogram(soxr.resample(once_16000, 16000, 44100)[np.newaxis]),
         "16,000 Hz, bands up to 7,600 Hz": features.log_mel_spectrogram(once_16000[np.newaxis], 16000, fmax=7600)}
levels = {name: picture[0, :, :, 0].mean(axis=1) for name, picture in bands.items()}
print("empty bands of 96:", {name: int((level < np.median(level) - 20).sum()) for name, level in levels.items()})
plots.lines({name: (np.arange(96), level) for name, level in levels.items()}, "The same noise in 96 mel bands", "mel band", "level in dB",
            seen="The upper bands of the second curve are empty. The third curve has none.")

# %% [markdown]
# A quarter of the picture is empty. Worse: if one source was recorded at 44,100 Hz and the other at 16,000 Hz, a network can tell the *sources* apart
# by these bands. In the training below, all sounds are at 16,000 Hz, and the bands end at 7,600 Hz.

# %% question
show.quiz("Look at the picture of RAVDESS again. Its upper bands are dark while actor 2 speaks. What do you conclude?",
          [("She has no energy at high frequencies.", False, "The sound of an s has most of its energy there, as you can see in RAVDESS's "
            "official files of 48,000 Hz."),
           ("The copy that comes with the course was once stored at 16,000 Hz.", True, "Our copy is smaller than the "
            "official files: nothing above 8,000 Hz is left. You found this in a picture, without any description of the file."),
           ("The mel filters are wrong.", False, "They gave librosa's values, to less than 0.001 dB.")])

# %% nbgrader={"grade_id": "exercise-12-3"}
def band_picture(signal, length, hop, filters):
    ### BEGIN SOLUTION
    padded = np.pad(signal, length // 2)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    frames = [padded[start:start + length] * window for start in range(0, len(signal) + 1, hop)]
    power = np.abs(np.fft.rfft(frames)) ** 2
    decibels = 10 * np.log10(np.maximum(filters @ power.T, 1e-10))
    return np.maximum(decibels, decibels.max() - 80)
    ### END SOLUTION

# %% [markdown]
# ## Why a CNN?
#
# IIITA's slide gives the reason: for pictures, "the no of parameters in input layer become large". Let us count. We want 64 feature maps from one
# picture. A convolution uses the *same* 3 x 3 weights at each place. A dense layer has its own weight for each pair of input and output:

# %% tags=["nbval-check-output"]
pixels, maps = 96 * 431, 64 * 98 * 433  # one picture in, 64 pictures of 98 x 433 out
dense, convolution = (pixels + 1) * maps, (3 * 3 * 1 + 1) * 64
print(f"dense:       ({pixels:,} + 1) x {maps:,} = {dense:,} weights and biases, {dense * 4 / 1e9:,.0f} GB")
print(f"convolution: (3 x 3 + 1) x 64 = {convolution} weights and biases, {convolution * 4 / 1000:.1f} kB")

# %% [markdown]
# Few weights have a second advantage. If the speaker starts half a second later, the same pattern appears at another place. The convolution has the
# same weights there, so it answers in the same way. A dense layer would have to learn each pattern at each place again.

# %% question
show.quiz("In a photograph, a face that moves to the right is the same face. What happens if a voice moves UP by ten bands?",
          [("It is the same voice.", False, "It has a higher F0, or it comes from a smaller speaker. This is not the same."),
           ("It is a higher voice. The convolution treats both alike at first.", True, "The kernel itself does not know how high it is. Later layers "
            "can know, because Flatten and Dense keep the place."),
           ("The convolution cannot be computed there.", False, "It can be computed at each place.")])

# %% [markdown]
# ## Both networks, layer by layer
#
# **Model 2** has three **blocks** and three dense layers. In each block:

# %% diagram
show.diagram({"convolution\n3 x 3": (0, 0), "batch\nnormalisation": (1, 0), "ELU": (2, 0), "max pooling": (3, 0), "dropout": (4, 0)},
             [("convolution\n3 x 3", "batch\nnormalisation"), ("batch\nnormalisation", "ELU"), ("ELU", "max pooling"), ("max pooling", "dropout")],
             "One block: a convolution of 3 x 3, batch normalisation, ELU, max pooling, dropout.")

# %% [markdown]
# Only **ELU** is new ([Clevert et al. 2016](https://arxiv.org/abs/1511.07289)): it is like ReLU, but a large negative sum becomes $-1$ instead of 0.
# **Model 3** adds a fourth block and two LSTMs. The slides show the summaries of both networks. Compare them with ours:

# %%
from course_lib.models import networks, training

built = {"CNN": networks.speech_cnn(), "CNN + LSTM": networks.speech_cnn_lstm()}
display(published.beside_summary(built["CNN"], "CNN"), published.beside_summary(built["CNN + LSTM"], "CNN + LSTM").iloc[6:])
for name, network in built.items():
    total, largest = network.count_params(), max(network.layers, key=lambda each: each.count_params())
    print(f"{name}: {total:,} parameters, published {published.FIGURES['IIITA', f'speech {name}, parameters']:,}; "
          f"{largest.count_params() / total:.0%} of them in one {type(largest).__name__} layer")
notebook.record(parameters={name: network.count_params() for name, network in built.items()})  # kept for the course's own tests

# %% [markdown]
# All shapes and both totals are the same. Why does 96 x 431 become 98 x 433? The padding is **full**: the kernel counts wherever it touches the
# picture at all. (Keras 3 has no such padding. We add zeros around the picture first.) Pooling drops an incomplete rest: 51 x 218 becomes 17 x 72.
#
# Nearly nine of ten parameters of Model 2 are *between Flatten and the first dense layer*: 9,216 numbers x 2,048 units. There, the argument "few
# weights" is lost again. Model 3 reads the columns one after the other, always with the same weights. It has one parameter where Model 2 has 53.

# %% nbgrader={"grade_id": "exercise-12-2"}
def read_by_the_lstm(bands, frames, filters, pools, units):
    ### BEGIN SOLUTION
    sizes, parameters, channels = [], 0, 1
    for count, pool in zip(filters, pools, strict=True):
        parameters += (3 * 3 * channels + 1) * count + 4 * count  # 1: the bias; 4: BatchNorm
        bands, frames, channels = (bands + 2) // pool, (frames + 2) // pool, count
        sizes.append((bands, frames, channels))
    numbers = bands * channels
    return np.array(sizes), parameters + 4 * (numbers + units + 1) * units
    ### END SOLUTION

# %% [markdown]
# ## The LSTM, gate by gate
#
# You read this sentence word by word, and you remember how it began. An **LSTM** (long short-term memory, [Hochreiter and Schmidhuber
# 1997](https://doi.org/10.1162/neco.1997.9.8.1735)) does the same. At step $t$ it gets the numbers $x_t$ of this step. It also gets two rows of
# numbers from the step before: its last **output** $h_{t-1}$, and its memory, the **cell state** $c_{t-1}$. Three **gates** control the memory. A
# gate is a small dense layer with a sigmoid ($\sigma$), so each of its numbers is between 0 (closed) and 1 (open). Move the slider through the cell:

# %%
from scipy.special import expit as sigmoid  # the gates below use it

parts = {"forget gate": "How much of the old memory do we keep?", "new content": "What could we write into the memory?",
         "input gate": "How much of the new content do we write?", "output gate": "How much of the memory do we show?"}
with plots.hold():
    cells = [plots.lstm_cell(part, f"The {part}", seen=question) for part, question in parts.items()]
show.slider(cells, [f"{part}: {question}" for part, question in parts.items()], "An LSTM cell, part by part")

# %% [markdown]
# Each part has weights $W$ and $U$, and a bias $b$. The sign $\odot$ multiplies number by number, and tanh is like $\sigma$, but from -1 to 1:
#
# $$f = \sigma(x_t W_f + h_{t-1} U_f + b_f) \qquad i = \sigma(x_t W_i + h_{t-1} U_i + b_i) \qquad o = \sigma(x_t W_o + h_{t-1} U_o + b_o)$$
#
# $$g = \tanh(x_t W_g + h_{t-1} U_g + b_g) \qquad c_t = f \odot c_{t-1} + i \odot g \qquad h_t = o \odot \tanh(c_t)$$
#
# The important sign is the **plus**. The memory is kept, and something is added. (The forget gate came three years later: [Gers et al.
# 2000](https://doi.org/10.1162/089976600300015015).) Here is an LSTM with one unit. Its weights are set by hand, so that it remembers loud steps:

# %%
def remember(steps, forget_bias):
    """The cell state of one unit after each step. Its input gate opens for loud steps."""
    states = [0.0]
    for x in steps:
        f, i, g = sigmoid(forget_bias), sigmoid(10 * x - 5), np.tanh(2 * x)
        states.append(f * states[-1] + i * g)
    return np.array(states[1:])


loudness_steps = np.array([0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0.0])
with plots.hold():
    curves = [plots.lines({"loudness": loudness_steps, "cell state": remember(loudness_steps, bias)}, f"Forget bias {bias}", "step", "value")
              for bias in (-2, 0, 2, 5)]
show.slider(curves, [f"forget gate {sigmoid(bias):.2f}" for bias in (-2, 0, 2, 5)], "The forget gate decides how long it remembers")

# %% [markdown]
# **Your turn** (two minutes, no points). Call `remember` with a second loud part at the end, and a bias of 5. (You should see how the two add up.)

# %% question
show.quiz("The forget gate is 0.5 in each step. How much of a memory is left after five steps without new content?",
          [("0.5", False, "This is left after one step. Each further step halves it again."), ("about 3 %", True, "0.5 to the power of 5 is 0.031."),
           ("all of it", False, "For this the forget gate must be 1.")])

# %% nbgrader={"grade_id": "exercise-12-5"}
def lstm_step(x, h, c, W, U, b):
    ### BEGIN SOLUTION
    z = x @ W + h @ U + b
    i, f, g, o = np.split(z, 4)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c
    ### END SOLUTION

# %% [markdown]
# Is your step the same as that of [`keras.layers.LSTM`](https://keras.io/api/layers/recurrent_layers/lstm/)? We give both five steps of 128 numbers:

# %%
from course_lib.models.backend import keras, layers

keras.utils.set_random_seed(SEED)
lstm, five_steps = layers.LSTM(32), np.random.default_rng(SEED).normal(size=(5, 128))
by_keras = np.asarray(lstm(five_steps[np.newaxis].astype("float32")))[0]
try:
    h = c = np.zeros(32)
    for x in five_steps:
        h, c = lstm_step(x, h, c, *lstm.get_weights())
    print(f"your step and Keras's LSTM differ by at most {np.abs(h - by_keras).max():.0e}")
except NotImplementedError:
    print("Write lstm_step, then run this cell again. Keras's first three outputs:", by_keras[:3].round(3))

# %% [markdown]
# ### What does IIITA's LSTM read?
#
# An LSTM reads steps, so ask: how many steps does it get? The last pooling leaves one band, five frames and 128 filters: **five steps of 128 numbers**.

# %% tags=["nbval-check-output"]
def steps_left(frames):
    """How many steps the four blocks leave."""
    for pool in (2, 3, 4, 4):
        frames = (frames + 2) // pool
    return frames


print(f"first LSTM: 4 x ((128 + 32) x 32 + 32) = {4 * ((128 + 32) * 32 + 32):,} parameters")
print(f"one step is 2 x 3 x 4 x 4 = {2 * 3 * 4 * 4} frames, {2 * 3 * 4 * 4 * 256 / 44100:.2f} s")
for frames in (431, 126, 40):
    print(f"{frames} frames: {steps_left(frames)} step{'s' * (steps_left(frames) > 1)}")

# %%
import matplotlib.pyplot as plt

plt.figure(figsize=(9, 3))
plt.imshow(theirs, origin="lower", aspect="auto", cmap="cividis", extent=(0, 2.5, 0, 96))
for start in np.arange(steps_left(431)) * 96 * 256 / 44100:
    plt.axvline(start, color="white", linestyle="--")
plt.xlabel("time in s")
plots.finish("What the LSTM reads: RAVDESS, actor 2, angry", "a log-mel spectrogram of 2.5 s with dashed lines at about every 0.56 s: five steps",
             seen="Each step is a little more than half a second, and the convolutions also look a little beyond its ends.")

# %% [markdown]
# Five steps are enough to hear how a sentence develops. With 126 frames only two are left, and with 40 a single one. An LSTM with one step has
# nothing to remember. So before you make a picture smaller, count the steps that remain.

# %% question
show.quiz("Why does a smaller picture hurt Model 3 more than Model 2?",
          [("It has more parameters.", False, "It has fewer, by a factor of 53."),
           ("Its LSTM gets fewer steps.", True, "Pooling divides the time axis by 96. Few frames leave two steps, or one."),
           ("An LSTM needs 431 frames.", False, "It can read any number of steps.")])

# %% [markdown]
# ## Three models, two splits
#
# Which network would you choose? We train IIITA's three models, but small. With 32 bands and 126 frames (2.5 s), the LSTM reads only two steps.
#
# - **MFCC**: mean and standard deviation of 20 coefficients over time. Our classifier is **logistic regression**: linear scores, then softmax.
# - **CNN**: Model 2 for these pictures, with a falling learning rate (lesson 10) and batch normalisation of momentum 0.9 (lesson 08).
# - **CNN + LSTM**: Model 3. It takes the three blocks of our trained CNN, **frozen** (lesson 04), and trains only the rest. (IIITA: probably all.)
#
# We test on half of the clips. In the **random split** their speakers are also in the training set, and in the **speaker-independent** split they are new.

# %%
signals = np.stack([librosa.util.fix_length(audio.read_voice(path), size=40000) for path in clips["path"]])  # 2.5 s
mfcc = features.mfcc(signals, sr=16000, n_mfcc=20, n_fft=1024, hop_length=400)
statistics = np.hstack([mfcc.mean(axis=2), mfcc.std(axis=2)])
pictures = features.log_mel_spectrogram(signals, sr=16000, n_mels=32, hop_length=320, n_fft=1024, fmax=7600)
pictures = (pictures + 50) / 20  # fixed numbers: nothing is computed from test clips
labels, SHAPE = np.unique(y), pictures.shape[1:]
one_hot = np.eye(len(labels))[np.searchsorted(labels, y)]
print(f"statistics {statistics.shape}, pictures {pictures.shape}, LSTM steps {steps_left(SHAPE[1])}: {corpus}")

# %%
CNN_EPOCHS, LSTM_EPOCHS = (8, 30) if PROFILE == "quick" else (40, 80)


def both_networks(train):
    """Train CNN and CNN + LSTM on these rows. Returns their predictions for all clips."""
    keras.utils.set_random_seed(SEED)
    cnn = training.prepare(networks.speech_cnn(len(labels), SHAPE), CNN_EPOCHS, len(train), batch_size=8, rate=1e-3)
    first = training.fit(cnn, pictures[train], one_hot[train], 8, CNN_EPOCHS, seed=SEED)
    frozen = training.predict(networks.feature_extractor(cnn, cnn.layers[17].name), pictures)  # after three blocks of six layers
    above = networks.speech_cnn_lstm(len(labels), SHAPE).layers[18:]
    lstm = training.prepare(keras.Sequential([keras.Input(frozen.shape[1:]), *above]), LSTM_EPOCHS, len(train))
    then = training.fit(lstm, frozen[train], one_hot[train], 16, LSTM_EPOCHS, seed=SEED)
    print(f"last epoch, training clips: CNN {first['accuracy'][-1]:.0%} right, CNN + LSTM {then['accuracy'][-1]:.0%} right")
    answers = {"CNN": training.predict(cnn, pictures), "CNN + LSTM": training.predict(lstm, frozen)}
    return {name: labels[probabilities.argmax(axis=1)] for name, probabilities in answers.items()}


# %% question
show.quiz("Which split will give the MFCC model the higher score?",
          [("the random split", True, "The model learns how these speakers sound. With new speakers, this knowledge is missing."),
           ("the speaker-independent split", False, "There it has never heard the tested speakers, so the task is harder. (One split can be lucky.)"),
           ("both the same", False, "Only if it made no difference to know the speaker. Remember the two speakers above.")])

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

by_mfcc = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
rows = []
for protocol in ("random split", "speaker-independent"):
    train, test = evaluation.split(clips, protocol, 0.5, SEED)
    y_pred = {"MFCC": by_mfcc.fit(statistics[train], y[train]).predict(statistics)} | both_networks(train)
    rows += [{"classifier": name, "score": evaluation.Score.of(y[test], each[test], protocol, y[train], note)} for name, each in y_pred.items()]
this_run = pd.DataFrame(rows)
notebook.record(scores={f"{row.classifier}, {row.score.protocol}": row.score for row in this_run.itertuples()})  # kept for the course's own tests
plots.score_map(this_run, f"Three models, two splits: {note}", seen="Compare both columns in each row.")

# %% [markdown]
# **You should see**, with seeds 0 to 3, MFCC at 81 to 87 % with the random split and at 71 to 78 % with new speakers. CNN + LSTM has 74 to 79 % and
# 71 to 78 %, so with new speakers it is about as good. The CNN has 61 to 72 % and 63 to 69 %. But look at the lines above the figure. In its last
# epoch the CNN is right on only about seven of ten of its own *training* clips (dropout is on there, and costs a little). It has not finished
# learning. So you may not conclude that CNNs are worse. Our networks also learn from only 170 clips. IIITA had 988, and larger pictures.
#
# Which split was IIITA's? One published number is a clue. Try to find out:

# %% question
show.quiz("Model 3 has 60.19 % on SAVEE's part of the validation set. Each of SAVEE's four speakers has 120 clips. Suppose that one, two, "
          "three or four complete speakers were held out. The nearest results are 72 of 120, 144 of 240, 217 of 360, 289 of 480. These are "
          "60.00, 60.00, 60.28 and 60.21 %. What follows?",
          [("At least one speaker of SAVEE was in both sets, if the figure is right.", True, "No split by complete speakers gives 60.19 %. Most "
            "likely the 345 clips were drawn at random, as in our first column."),
           ("60.21 % is near enough.", False, "A program that prints 289 / 480 with two decimals prints 60.21."),
           ("The students made a mistake.", False, "The figure may be right, with another number of clips. The slides do not give it. The check of "
            "all published figures is in docs/published_figures.md.")])

# %% [markdown]
# ### May a model know the speaker?
#
# Murray and Arnott compare with the speaker's own neutral voice. Can a model do so, too? We test three ways, each speaker left out in turn:

# %%
BASE = "neutral" if "neutral" in set(y) else y[0]
first = clips[clips["emotion"] == BASE].groupby("actor").head(3).index.to_numpy()  # three neutral clips of each speaker, never tested
rest = np.setdiff1d(clips.index, first)
ways = {"as they are": statistics.copy(), "minus the mean of 3 neutral clips": statistics.copy(), "standardised by speaker": statistics.copy()}
for actor in clips["actor"].unique():
    rows, own = np.flatnonzero(clips["actor"] == actor), [row for row in first if clips["actor"][row] == actor]
    ways["minus the mean of 3 neutral clips"][rows] -= statistics[own].mean(axis=0)
    ways["standardised by speaker"][rows] = StandardScaler().fit_transform(statistics[rows])
others = clips.loc[rest].reset_index(drop=True)
by_way = {way: evaluation.compare(X[rest], others, "speaker-independent", {"MFCC": by_mfcc}, "leave-one-out", note=note) for way, X in ways.items()}
for way, scores in by_way.items():
    print(f"{way}: {scores.table['score'].iloc[0]}")
notebook.record(ways={way: scores.table["score"].iloc[0] for way, scores in by_way.items()})  # kept for the course's own tests

# %% [markdown]
# **You should see** about 78, 80 and 84 %. Here a model that knows more of the speaker scores higher, but the intervals overlap. And ask what each
# way needs. A car may know three neutral sentences of its driver. Standardising needs *many clips of all emotions* of this person before the first
# prediction, and a call centre does not have them. So use only what will be there when the system runs, and report it with the score.

# %% question
show.quiz("Papers A and B test new speakers. A has 84 %, and standardises each of them with all clips of this speaker. B has 78 %. What follows?",
          [("A has the better model.", False, "You have just seen the same model reach both scores."),
           ("They solved different tasks.", True, "A needs many recordings of each test speaker in advance. "
            "Compare scores only if the same things are known."),
           ("A has cheated.", False, "This test is allowed, if A reports it. But it is a different test.")])

# %% [markdown]
# ## Real speech: 24 people
#
# RAVDESS has 24 actors, eight emotions and 1,440 recordings. The course tested several models in two ways. New speakers are in the five folds by
# [Luna-Jiménez et al. 2021](https://doi.org/10.3390/s21227665). **UAR** is the mean of the eight recalls (chance: 12.5 %).

# %%
real = results.read("ravdess_speech_networks")
kept = {name: (one["by_actor"], one["at_random"]) for name, one in real["models"].items()}
for name, one in real["models"].items():
    state = f" ({training.curve_state(one['validation_loss'])})" if "validation_loss" in one else ""
    print(f"{name}: {one['what']}{state}")

# %% [markdown]
# The figure below needs an interval over **people**. It draws *actors* again and again, with replacement. The recordings of one actor tend to be
# right or wrong together, so an interval that counts recordings would be too narrow.

# %% nbgrader={"grade_id": "exercise-12-4"}
def recall_interval(true, predicted, actors, draws):
    ### BEGIN SOLUTION
    def uar(rows):
        return np.mean([(predicted[rows] == label)[true[rows] == label].mean() for label in np.unique(true[rows])])

    clips_of = {actor: np.flatnonzero(actors == actor) for actor in np.unique(actors)}
    drawn = [uar(np.concatenate([clips_of[actor] for actor in row])) for row in draws]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(uar(np.arange(len(true)))), float(low), float(high)
    ### END SOLUTION

# %% [markdown]
# Did the networks of the list above finish learning? The words in brackets are decided by code, from the loss on the held-out actors. After "still
# falling", you may not conclude anything about the network. After "converged", you know how far it gets *with this training* and with these small
# pictures, and nothing about networks in general. On these very folds, an LSTM with 46,772 parameters is published with a UAR of about 62 %, without
# any pretraining ([Krasnoproshin and Vashkevich 2026](https://arxiv.org/abs/2606.03359)). The dashed line shows it:

# %%
lstm_published = literature.SPEECH_ENCODERS.set_index("measure").loc["UAR", "score in %"] / 100
plots.intervals({name: (new["uar"], *new["uar_interval"]) for name, (new, _) in kept.items()},
                "Eight emotions, measured on real data: RAVDESS", "UAR (chance: 0.125)",
                marks={"random split": {name: split["uar"] for name, (_, split) in kept.items()}},
                lines={"published LSTM, new speakers": lstm_published},
                seen="A dot is the UAR on new speakers, with its 95 % interval over actors. How far is each diamond from its dot?")

# %% [markdown]
# With the random split, the classical pipeline is nearly as good as `ours`. With new speakers, it is far behind. The random split hides this difference.
#
# ### For whom does it work?

# %%
best = max(kept, key=lambda name: kept[name][0]["uar"])
by_actor = pd.Series(kept[best][0]["by_actor"])
women = by_actor.index.astype(int) % 2 == 0  # in RAVDESS, women have even numbers
plots.dots({"12 women": by_actor[women], "12 men": by_actor[~women]}, f"{best}: each dot is one new speaker, measured on real data: RAVDESS",
           "accuracy on 60 recordings", seen="How far apart are the best and the worst speaker?")
uars = [new["uar"] for new, _ in kept.values()]
print(f"speakers: {100 * (by_actor.max() - by_actor.min()):.0f} points apart; models: {100 * (max(uars) - min(uars)):.0f} points apart (UAR)")

# %% [markdown]
# Compare both distances: it can matter more *who* is tested than *which model* you use. So a test on four men (SAVEE) tells little about a fifth man,
# and nearly nothing about women. Compare models on the same people only. Lesson 17 comes back to fairness. And which emotions are confused?

# %%
found = kept[best][0]
matrix = pd.DataFrame(found["confusion"], pd.Index(found["labels"], name="true"), pd.Index(found["labels"], name="predicted"))
plots.confusion(matrix, f"{best} on new speakers, measured on real data: RAVDESS",
                seen="Look at neutral, calm and sad. Then think of what you heard above.")

# %% [markdown]
# ### Choosing the best model
#
# IIITA's last goal is "choosing the best one". It compares three models on the validation clips and takes the best. The best of several scores is
# always a little too high, because luck is chosen, too (lesson 11). A fair way chooses **inside the training set**. In each of the five folds, some
# training actors are held back. All models are compared on them. The winner alone answers for the test actors:

# %%
for number, (name, fold) in enumerate(zip(real["chosen"], real["folds"], strict=True), 1):
    print(f"fold {number}, test actors {', '.join(map(str, fold))}: validation chooses {name}")
print(f"UAR of this way of choosing {real['chosen_by_actor']['uar']:.1%}; best model, picked after the test, {kept[best][0]['uar']:.1%} "
      "(measured on real data)")

# %% question
show.quiz("When are the two numbers in the last line equal?",
          [("Always.", False, "If folds choose different models, the way of choosing can have a lower score than the best model."),
           ("When each fold chooses the model that is best in the end.", True, "Then choosing costs nothing. This "
            "happens when one model is far ahead."),
           ("When the validation set is large.", False, "A large validation set helps, but it does not make them equal.")])

# %% [markdown]
# (The features of `ours`, the model `voice`, were developed on the same 24 actors. So its score may be a little too high, and no fold can undo this.)
#
# ## Your own voice
#
# IIITA's program also reads a microphone. You can do this from a notebook. **Record only yourself, or somebody who agreed.** In the EU, systems that
# infer emotions of employees or students at work or school are forbidden, medical and safety reasons aside (lesson 17). To try it, set
# `RECORD = True` in the parameters. The browser asks for permission, and gives the microphone only to pages with https or from your own computer.
#
# - **In Colab**, `microphone.record` records, and sends the sound to Google's machine, where your notebook runs.
# - **In JupyterLab**, `microphone.button` shows a button. Your *browser* records and saves a file. Write its path into `MY_VOICE`.
#
# The player below is stored in your notebook when you save it: clear the output before you hand it in. (Many browsers make a soft voice louder.)

# %%
import sys

from course_lib.demo import microphone

MY_VOICE = None  # in JupyterLab: the file that the browser saved, for example "voice.webm". Then run this cell again
if RECORD and "google.colab" in sys.modules:
    MY_VOICE = microphone.record(4)
elif RECORD and MY_VOICE is None:
    display(microphone.button(4))
print("your recording:", MY_VOICE)

# %%
from course_lib.models import from_preset

row = load.clips("crema_d", modality="audio-only").query("emotion == 'angry'").iloc[0]  # until you record
source, path = f"CREMA-D, actor {row['actor']}, acts angry", row["path"]
if MY_VOICE is not None:
    source, path = "your recording", MY_VOICE
mine, voice = audio.read_voice(path), from_preset("voice")
probabilities = pd.Series(voice.predict([mine])[0], voice.classes).sort_values(ascending=False)
print("; ".join(f"{emotion} {probability:.0%}" for emotion, probability in probabilities.head(3).items()), f"({source})")
show.sounds({source: mine}, 16000, "What the answer above is about")

# %% [markdown]
# In the saved run the answer is wrong, because the actor acts angry. The model learnt from another corpus. Now say one sentence in three ways. The
# model always answers with one of RAVDESS's eight words, also for a cough. It does not know what you feel. Lesson 14's demo can answer "not sure".
#
# ## Published and measured
#
# Read the columns *test* and *split* before you compare two rows of the table. What comes next? **Lesson 16** starts from a frozen network that has
# heard 680,000 hours of speech. The first line below compares it on the same five folds. And how well do *people* do (lesson 15)? The second line has
# EmoDB's listeners, for these 339 utterances. (The rates are high by selection: only recordings that 80 % of the listeners recognised are published.)

# %%
probe = results.read("ravdess_speech_encoder")["protocols"]["speaker-independent, five published folds"]["systems"]["encoder, last layer"]
print(f"lesson 16, RAVDESS, new speakers: UAR {probe['uar']:.1%}; best model above: {kept[best][0]['uar']:.1%} (measured on real data)")
print("EmoDB's listeners:", ", ".join(f"{emotion} {rate:.0%}" for emotion, rate in german.groupby("emotion")["recognised"].mean().items()))
table = [["published, IIITA", name, "7 emotions, SAVEE and own", "not given", accuracy] for name, accuracy in printed.items()]
table += [["this run", row.classifier, f"{len(labels)} emotions, {corpus}", row.score.protocol, f"{row.score.accuracy:.2%}"]
          for row in this_run.itertuples()]
pd.DataFrame(table, columns=["source", "model", "test", "split", "accuracy"])

# %% [markdown]
# ## What you can do now
#
# - You can explain what F0, level and rate tell about an acted emotion.
# - You can make a log-mel spectrogram by hand, and you check its settings and its empty bands.
# - You can count the parameters of a CNN and of an LSTM, and compute an LSTM step with NumPy.
# - You test with new speakers, with an interval over people, and you choose a model inside the training set.
#
# **Words you met:** F0, semitone, log-mel spectrogram, full padding, ELU, LSTM, gate, cell state, forget gate, UAR, model selection.
#
# ### To explore, without points
#
# 1. Give `pictures` a hop of 160 (251 frames). How many steps does the LSTM read now, and does it help?
# 2. **An open task.** Improve one of the three models on new speakers. Use only training speakers to choose, test once, and write five sentences:
#    what you tried, what you measured, with how many speakers, and what you do not know.
#
# Next: `13_decision_fusion` combines the voice with the face.

# %% credits
notebook.credits("studio")
