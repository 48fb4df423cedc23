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
# In lesson 01 you turned films into arrays of pictures. Now you add the **sound**. Lecture 27 recognises an emotion from the voice and the
# face together. For this it needs two arrays: one for the frames, and one for the sound.
#
# **In this lesson you will**
#
# - listen to a real voice, calm and angry, and look at its spectrogram
# - split real films into pictures and sound with MoviePy, as the lecture does
# - read pictures, sound and labels into NumPy arrays
# - make a sound array smaller, and hear what goes wrong if you simply leave numbers out
# - find out where the lecture's 32 files probably come from
#
# **Lecture 27**, 00:22 to 09:15. **You need** about 40 s on two cores, 1.7 GiB of memory, and 90 minutes to read and try. **Before this:**
# lesson 01.

# %% parameters for clips

# %% colab

# %% setup

# %% [markdown]
# ## Listen first
#
# The course brings 16 recordings of actor 1 of RAVDESS, eight calm ones and eight angry ones. `load.clips` returns a table with one row for
# each recording. Load it, and count the rows of each emotion:

# %%
import numpy as np

from course_lib import load, plots, show
from course_lib.media import audio, video

voices = load.clips("embedded", actors=1, emotions=["calm", "angry"], modality="audio-only")
voices.groupby("emotion").size()

# %% [markdown]
# The actor says "Dogs are sitting by the door", first calmly, then angrily. `query` picks these two recordings from the table. The angry one
# is much louder. So the code scales both to the same largest value, and you can compare the voices themselves.

# %%
pair = voices.query("statement == 'dogs' and intensity == 'strong' and repetition == 1")
calm, angry = (audio.read_audio(path, sr=16000, seconds=None) for path in pair["path"])
show.audio(0.9 * calm / np.abs(calm).max(), 16000, "RAVDESS, actor 1, calm")

# %%
show.audio(0.9 * angry / np.abs(angry).max(), 16000, "RAVDESS, actor 1, angry")

# %% [markdown]
# A **spectrogram** is a picture of a sound. Time goes from left to right, frequency from bottom to top, and the colour is the energy.
# **Frequency** is the number of vibrations per second, in hertz (Hz). A low frequency is a low tone. Energy is given in **decibels** (dB):
# the strongest point of each sound is 0 dB. A point at -10 dB has a tenth of the energy of this strongest point, and a point at -20 dB a
# hundredth.
#
# First make a guess. Then the spectrogram shows the answer, and the cell after it measures the answer.
# [`np.fft.rfft`](https://numpy.org/doc/stable/reference/generated/numpy.fft.rfft.html) splits a sound into its frequencies. It returns one
# complex number for each frequency. The square of its absolute value is the energy at this frequency.

# %% question
show.predict("Which voice has the larger fraction of its own energy above 500 Hz?",
             ["the calm one", "the angry one", "neither, because the sentence is the same"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %%
plots.spectrogram({"calm": (calm, 16000), "angry": (angry, 16000)}, "One sentence, two emotions: RAVDESS, actor 1",
                  seen="The stripes are the tones of the voice. For the calm voice, the lowest stripes are the brightest. For the "
                       "angry voice, higher stripes are bright, too. The two clouds without stripes are the s in Dogs and the s in "
                       "sitting.")

# %%
for name, signal in {"calm": calm, "angry": angry}.items():
    power = np.abs(np.fft.rfft(signal)) ** 2
    high = np.fft.rfftfreq(len(signal), 1 / 16000) > 500
    print(f"{name}: {power[high].sum() / power.sum():.0%} of the energy is above 500 Hz")

# %% question
show.reveal(2, "the angry one", "About 73 % of the angry voice's energy is above 500 Hz, and about 36 % of the calm voice's. The 16 "
            "recordings form eight such pairs. In seven of them the angry voice has the larger fraction. The MFCC features of lesson 06 "
            "describe this difference.", guess)

# %% [markdown]
# Now play a film with sound. The same actor acts surprise. Watch it once without sound. Then play it again with your eyes closed. What tells
# you more about the emotion, the face or the voice?

# %%
real = load.clips("embedded", actors=1, emotions=["neutral", "surprised"], modality="audio-video")
show.video(real["path"].iloc[-1], "RAVDESS: actor 1, surprised, \"Dogs are sitting by the door\"")

# %% [markdown]
# ## 00:22 · Why several modalities
#
# A **modality** is one way in which a person shows an emotion: the face and the voice are two modalities. The lecture says that both together
# give "a more complete and accurate understanding" than one alone. To combine them is called **fusion**. The lecture names three kinds. Later
# (35:03) it uses one more, the second row of this table:
#
# | fusion | what is combined | lesson |
# | --- | --- | --- |
# | feature level (early) | the features of both modalities: one classifier gets them all | 07, 08 |
# | intermediate (the lecture calls it *late*) | the features that two networks have learnt | 07, 08 |
# | decision level | the outputs (probabilities or labels) of two classifiers | 13 |
# | hybrid | features and outputs | 07, 08 |
#
# "Each approach has its own strength and weakness", says the lecturer. Does fusion help? Only an experiment can answer this. The experiment
# needs both modalities as arrays **in the same order**: row 5 of the video array and row 5 of the audio array must belong to the same
# recording.

# %% question
show.quiz("One classifier gets the voice, another one gets the face. The final prediction is the mean of their probabilities. "
          "Which fusion is this?",
          [("feature level", False, "Then one classifier would get the features of both modalities. Here there are two classifiers."),
           ("decision level", True, "Each classifier computes its own probabilities, and only these outputs are combined."),
           ("hybrid", False, "A hybrid system would also combine features. Here only the outputs are combined.")])

# %% [markdown]
# ## 01:09 · RAVDESS, with sound
#
# The lecture lists six emotions. The spoken recordings of RAVDESS have two more, *neutral* and *calm*. The lecture works with calm and angry,
# and only with actor 1.
#
# Here is the folder of actor 1 that comes with the course. [`os.listdir`](https://docs.python.org/3/library/os.html#os.listdir) lists the
# names of its files:

# %% tags=["nbval-check-output"]
import os

from course_lib.datasets import embedded

names = sorted(os.listdir(embedded.folder("ravdess") / "Actor_01"))
print(f"{len(names)} files. The films:", *[name for name in names if name.endswith(".mp4")], sep="\n")

# %% [markdown]
# Five are films and 22 are sounds (16 of them calm or angry). Two of the films have sound. No film shows anger.
#
# ## 01:58 · File names
#
# A file name has seven fields. The third field is the emotion. In this lesson you also need the first field, which is the modality:
#
# | first field | file | picture | sound |
# | --- | --- | --- | --- |
# | 01 | mp4 | yes | yes |
# | 02 | mp4 | yes | no, or a silent track ("video-only") |
# | 03 | wav (here FLAC, which is smaller) | no | yes |

# %% tags=["nbval-check-output"]
name = "02-01-05-01-01-01-01.mp4"
fields = name.removesuffix(".mp4").split("-")
print(fields, "-> modality", int(fields[0]), "emotion", int(fields[2]), "actor", int(fields[6]))

# %% [markdown]
# **Your turn** (two minutes, no points). The fourth field is the intensity (1 normal, 2 strong), and the fifth one is the sentence (1 "Kids
# are talking by the door", 2 "Dogs are sitting by the door"). Print both for the film that you have just seen:

# %%
name = os.path.basename(real["path"].iloc[-1])
print(name)  # add your line below

# %% [markdown]
# ## 02:12 · The plan
#
# In this lesson a film becomes two arrays. Follow the two branches of the diagram, one for the pictures and one for the sound. (A *sample* is
# one measured value of the sound. You will meet it below.)

# %% diagram
show.diagram({"film with sound": (0, 0), "the first 4 s": (1, 0), "small film, silent": (2, 0), "120 frames as an array": (3, 0),
              "sound file (wav)": (1, 1), "32,000 samples as an array": (2, 1)},
             [("film with sound", "the first 4 s"), ("the first 4 s", "small film, silent"),
              ("small film, silent", "120 frames as an array"), ("the first 4 s", "sound file (wav)"),
              ("sound file (wav)", "32,000 samples as an array")],
             "A film with sound is cut to its first 4 seconds. One branch leads to a small silent film and then to an array "
             "of 120 frames, the other one to a sound file and then to an array of 32,000 samples.")

# %% [markdown]
# Lesson 06 turns these arrays into features. Lesson 07 compares the scores of one modality with the scores of both. Lesson 08 trains networks
# on the features. The lecturer advises "to carefully evaluate the performance of the system", and these lessons do that.
#
# ## 03:41 · Install and import
#
# Everything is already installed (in Colab, by the setup cell). The lecture splits films with [MoviePy](https://zulko.github.io/moviepy/).
# Colab has version 1 of it. In version 2 some methods have new names: `subclip` is now `subclipped`. The lines below add the old names to
# version 2, so that the lecture's code works with both versions:

# %%
import tempfile
import warnings
from pathlib import Path

import cv2
import librosa

try:
    from moviepy.editor import AudioFileClip, VideoFileClip  # version 1
except ImportError:
    from moviepy import AudioFileClip, VideoFileClip  # version 2
    VideoFileClip.subclip = VideoFileClip.subclipped
    VideoFileClip.resize = VideoFileClip.resized
warnings.filterwarnings("ignore", module="moviepy")  # it warns when it repeats a film's last frame

# %% [markdown]
# ## 04:37 · Splitting the films
#
# The lecture reduces the data before it makes arrays. It takes one actor ("the only purpose of using actor1 data is to reduce the
# computational demand"), two emotions, 4 seconds and small frames. The lecturer's reason is memory: "Google colab only consist of 12 GB of
# RAM". Let us check this. An array of 32 films of 4 s, at 30 frames per second, needs
#
# $$\text{memory} = \underbrace{32}_{\text{films}} \times \underbrace{4 \times 30}_{\text{frames}} \times
# \underbrace{128 \times 227}_{\text{pixels}} \times \underbrace{3}_{\text{colours}} \times \text{bytes per number}$$
#
# A `uint8` is a whole number from 0 to 255 and takes 1 byte. A `float32` takes 4 bytes. A `float64` takes 8 bytes. If you divide a `uint8`
# array by 255, NumPy makes a `float64` array. The code counts the numbers in each array, and multiplies this count by the bytes per number.
# The table shows gigabytes (GB):

# %%
import pandas as pd

sizes = {"1280 x 720, as filmed": 720 * 1280, "227 x 128, as in the lecture": 128 * 227}
rows = {f"{films} film{'s' * (films > 1)}, {size}": films * 120 * pixels * 3
        for size, pixels in sizes.items() for films in (1, 32)}
memory = pd.DataFrame({dtype: {row: numbers * size / 1e9 for row, numbers in rows.items()}
                       for dtype, size in (("uint8", 1), ("float32", 4), ("float64", 8))})
memory.round(2)

# %% [markdown]
# At full size (1280 x 720), 32 films nearly fill Colab's 12 GB, even as `uint8`. As `float32` they do not fit. At the lecture's size they
# take 0.33 GB as `uint8`. So the lecture is right to make the frames small.

# %% question
show.quiz("You divide the small array of 32 films (0.33 GB) by 255. What happens to its memory?",
          [("It stays 0.33 GB.", False, "The shape stays the same, but each number takes more bytes after the division."),
           ("It gets four times larger.", False, "That would be float32. NumPy chooses float64 unless you ask for another type."),
           ("It gets eight times larger.", True, "NumPy makes float64: 8 bytes instead of 1. Keep uint8 as long as you can, and "
            "convert a few films at a time.")])

# %% nbgrader={"grade_id": "exercise-05-4"}
def clips_that_fit():
    ### BEGIN SOLUTION
    bytes_each = 4 * 30 * 720 * 1280 * 3 * 4  # seconds, frames a second, height, width, colours, bytes of a float32
    return int(12e9) // bytes_each
    ### END SOLUTION

# %% [markdown]
# ### The lecture's loop
#
# The lecture sets three paths. One is the folder of the films. The other two are folders for the new video files and the new audio files.
# Here these two are in a temporary folder, which Python removes at the end:

# %%
work = tempfile.TemporaryDirectory()
video_path = embedded.folder("ravdess") / "Actor_01"  # in the lecture, a folder of Google Drive
video_only_path = Path(work.name) / "video_only"
audio_only_path = Path(work.name) / "audio_only"
for folder in (video_only_path, audio_only_path):
    folder.mkdir()

# %% [markdown]
# The loop goes over all files and keeps two emotions. The lecture keeps 2 (calm) and 5 (angry). The course has no angry film, so here the
# loop keeps 1 (neutral) and 8 (surprised). For each film it does four things:
#
# 1. `subclip` keeps the first 4 s.
# 2. `resize` makes the frames 227 pixels wide and 128 pixels high.
# 3. `write_videofile` writes the pictures without the sound.
# 4. `.audio` is the sound of the film, and `write_audiofile` writes it.
#
# (The lecturer cuts each film at 4 s ("a smallest threshold"), so that all films have the same length. This works only if every film has at
# least 4 s. But of the 16 recordings in `voices`, 9 are shorter, and so are our films. MoviePy 2 raises an error if you ask for more than
# there is, so we add `min`. `logger=None` hides the progress bars.)

# %%
for name in sorted(os.listdir(video_path)):
    emotion = int(name.split("-")[2])
    if name.endswith(".mp4") and (emotion == 1 or emotion == 8):  # in the lecture: 2 or 5
        video_clip = VideoFileClip(str(video_path / name))
        part = video_clip.subclip(0, min(4, video_clip.duration)).resize((227, 128))
        part.write_videofile(str(video_only_path / name), audio=False, logger=None)
        part.audio.write_audiofile(str(audio_only_path / name.replace(".mp4", ".wav")), logger=None)
        video_clip.close()

# %% [markdown]
# ## 07:35 · What was written

# %%
for folder in (video_only_path, audio_only_path):
    for name in sorted(os.listdir(folder)):
        print(folder.name, name, f"{(folder / name).stat().st_size / 1000:.0f} kB")

# %% [markdown]
# There are three small films and three sound files. The sound files are larger because a wav file is not compressed. Look at one of the
# films. Its frames have the lecture's size, and it has no sound:

# %%
show.video(video_only_path / "01-01-08-02-02-02-01.mp4", "227 x 128 pixels, without sound: RAVDESS, actor 1, surprised")

# %% question
show.predict("Three sound files were written. In how many of them will you hear a voice? (Look at the first field of their names.)",
             ["in 1", "in 2", "in 3"])

# %%
guess = 0  # change this to the number of your answer, then run the cells below

# %% [markdown]
# ## 07:50 · A film as an array
#
# Now read the small films back. `capture.read()` of OpenCV returns one frame at each call. OpenCV's colours are in the order blue, green, red
# (lesson 01), so `cv2.cvtColor` changes each frame to red, green, blue:

# %%
def frames_of(path):
    capture = cv2.VideoCapture(str(path))
    frames = []
    while True:
        success, frame = capture.read()
        if not success:
            break
        frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    capture.release()
    return frames


frames = frames_of(video_only_path / "01-01-08-02-02-02-01.mp4")
print(len(frames), "frames of", frames[0].shape, frames[0].dtype)

# %% [markdown]
# Move through the film. In which frames does the face show surprise most clearly?

# %%
show.slider(frames[::8], [f"actor 1 at {number / 30:.1f} s" for number in range(0, len(frames), 8)],
            "Time in the film: RAVDESS, surprised")

# %% [markdown]
# You should see 98 frames (99 with MoviePy 1). The small film is about 3.27 s long. (The original has one frame less: see *Two ways to
# read*.) The lecture has 120 frames for each film: 30 frames per second x 4 s = 120. All films in one array must have the same length.
# MoviePy 1 repeats the last frame of a short film, and the next cell does the same.
#
# ## 07:55 · All files, labels, and the sound
#
# The lecture makes two empty lists, fills them in a loop over the folder, and turns them into arrays:

# %%
label_all, video_only = [], []
for name in sorted(os.listdir(video_only_path)):
    frames = frames_of(video_only_path / name)
    frames = frames[:120] + [frames[-1]] * (120 - len(frames))  # repeat the last frame
    video_only.append(frames)
    label_all.append(int(name.split("-")[2]))
video_only, label_all = np.array(video_only), np.array(label_all)
print(video_only.shape, video_only.dtype, "labels", label_all)

# %% [markdown]
# The first axis of the array counts the films, and the second axis counts the frames. The other three are height, width and colour. The
# lecture then changes the labels to 0 and 1 (binary labels). It does not say which emotion becomes 0. Here 0 is neutral, and 1 is surprised:

# %% tags=["nbval-check-output"]
label_binary = np.array([0 if label == 1 else 1 for label in label_all])
print(label_all, "->", label_binary)

# %% question
show.quiz("video_only has the shape (3, 120, 128, 227, 3). What is video_only[1, 60]?",
          [("one number", False, "That needs five indices: film, frame, row, column and colour."),
           ("frame 60 of the second film", True, "Indices begin at 0, so film 1 is the second film. "
            "The other three axes are left: one image of 128 x 227 x 3."),
           ("the first 60 films", False, "There are only 3 films. The first index chooses the film, the second one the frame.")])

# %% [markdown]
# ### The sound as an array
#
# A microphone measures the air pressure many times in each second. Each measured value is a **sample**. The number of samples per second is
# the **sampling rate**, in hertz (Hz). [soundfile](https://python-soundfile.readthedocs.io/) reads a wav file without any change of its
# sampling rate:

# %%
import soundfile

samples, rate = soundfile.read(audio_only_path / "01-01-08-02-02-02-01.wav")
print(samples.shape, samples.dtype, f"{rate} Hz, from {samples.min():.3f} to {samples.max():.3f}")
show.audio(5 * samples.mean(axis=1), rate, "The sound that MoviePy wrote, made 5 times louder: RAVDESS, actor 1, surprised")

# %% [markdown]
# The array has two columns: one for the left and one for the right loudspeaker. They are called **channels**. The rate is 44,100 Hz, because
# MoviePy writes this rate unless you choose another. The lecture uses 8,000 Hz, and its array has one channel.
# [`librosa.load`](https://librosa.org/doc/latest/generated/librosa.load.html) makes both changes: it takes the mean of the channels and
# reduces the rate to `sr`. `fix_length` adds zeros, so that each row has 4 x 8,000 = 32,000 samples:

# %%
audio_only = []
for name in sorted(os.listdir(audio_only_path)):
    samples, rate = librosa.load(audio_only_path / name, sr=8000, duration=4)
    audio_only.append(librosa.util.fix_length(samples, size=32000))  # zeros after the end
    print(name, samples.shape, "largest value", f"{np.abs(samples).max():.3f}")
audio_only = np.array(audio_only)
print(audio_only.shape, audio_only.dtype)

# %% question
show.reveal(2, "in 2", "The largest value of the third file is 0, so it is silent. It comes from 02-01-01-01-01-01-01.mp4, and 02 means "
            "video-only. Such a film does have a sound track, so the loop wrote a file. But every sample of this track is zero.", guess)

# %% nbgrader={"grade_id": "exercise-05-2"}
def voice(pcm, samples):
    ### BEGIN SOLUTION
    import librosa

    mono = librosa.to_mono(pcm.T / 32768)  # librosa wants channels first; a quotient is a float: nothing overflows
    return librosa.util.fix_length(mono, size=samples)
    ### END SOLUTION

# %% [markdown]
# ### Look at all three rows
#
# Before you use a new array, look at its rows. A **waveform** shows the samples over time. Which row is different from the others?

# %%
import matplotlib.pyplot as plt

_, axes = plt.subplots(3, 1, figsize=(9, 4), sharex=True, sharey=True)
for axis, signal, name in zip(axes, audio_only, sorted(os.listdir(audio_only_path)), strict=True):
    axis.plot(np.arange(32000) / 8000, signal, linewidth=0.8)
    axis.set_title(name, fontsize=9)
axes[-1].set_xlabel("time in s")
plots.finish("The three rows of the sound array: RAVDESS, actor 1", "waveforms of a neutral voice, a surprised voice, and a flat line",
             seen="The first two rows show a sentence between two pauses. The third row is a flat line, because all its samples are zero.")
show.audio(20 * audio_only[0], 8000, "The first row, made 20 times louder: RAVDESS, actor 1, neutral")

# %% [markdown]
# Now compare the pictures of the first and the third file. A grey level goes from 0 to 255, so a mean difference of about 1 is very small:

# %%
difference = np.abs(video_only[0].astype(int) - video_only[2]).mean()
print(f"mean difference of their pictures: {difference:.2f} grey levels")
plots.frames([video_only[0][60], video_only[2][60]], ["01-01-01-01-01-01-01.mp4", "02-01-01-01-01-01-01.mp4"],
             "Frame 60 of two files: RAVDESS, actor 1, neutral", columns=2,
             seen="You see no difference. The small measured difference comes from the compression of the two files.")

# %% [markdown]
# The two files are the **same recording**. RAVDESS publishes it twice: once with sound, and once without. We call the second file the *silent
# twin* of the first one. The loop checks only the emotion, not the modality, so it took both.
#
# ### The same with `course_lib`
#
# `video.read_windows` reads the first seconds of all films of a table into one array. It makes each frame small while it reads the film, so
# you need no small files. `audio.read_audio` reads the sound of one film:

# %%
direct, _ = video.read_windows(real, size=(128, 227), seconds=4, fps=30)
heard = np.stack([audio.read_audio(path, sr=8000, seconds=4) for path in real["path"]])
print(direct.shape, heard.shape)

# %% [markdown]
# ## Two ways to read: what is different
#
# You have now read the same films in two ways: through MoviePy's small files, and directly with `course_lib`. The arrays are nearly equal.
# Three short measurements show the differences.
#
# **1. The number of frames.** MoviePy uses the length of a film in seconds, rounded to hundredths. For example, 97 frames last 3.237 s.
# MoviePy uses 3.24 s, which is a little longer, so it writes a 98th frame. Compare the two numbers in each line:

# %%
for path in real["path"]:
    name = os.path.basename(path)
    print(f"{name}: {len(video.read_clip(path))} frames in the film, "
          f"{len(frames_of(video_only_path / name))} in the small film")

# %% [markdown]
# **2. The loudness.** MoviePy always writes two channels. If the recording has only one channel, each of the two new channels gets half of
# its energy. The next cell tests this with the angry voice, which has one channel. It compares the standard deviations of the samples, which
# measure the loudness, and prints the difference in decibels:

# %%
with AudioFileClip(pair["path"].iloc[1]) as clip:
    clip.write_audiofile(str(Path(work.name) / "mono.wav"), logger=None)
written, _ = librosa.load(Path(work.name) / "mono.wav", sr=16000)
n = min(len(written), len(angry))
print(f"level after MoviePy: {20 * np.log10(written[:n].std() / angry[:n].std()):+.1f} dB")

# %% [markdown]
# You should see -3.0 dB, which is half the energy. (Decibels are $10 \log_{10}$ of a ratio of energies. The energy is the square of the
# standard deviation $s$. Because $\log_{10} s^2 = 2 \log_{10} s$, the 10 becomes 20 in the code.) Loudness is a feature in lesson 06 (the
# first MFCC coefficient), so this difference changes the feature.
#
# **3. The colours.** MoviePy compresses the film again when it writes the small file. Compare the colour of the eyes:

# %%
row, eyes = len(real) - 1, (45, slice(40, 64), slice(86, 144))
detour, ours = video_only[1][eyes], direct[row][eyes]
change = np.clip(10 * np.abs(detour.astype(int) - ours), 0, 255).astype(np.uint8)
plots.frames([detour, ours, change], ["through MoviePy", "read directly", "difference x 10"],
             "The eyes in frame 45: RAVDESS, actor 1, surprised", columns=3,
             seen="In the film that was read directly, the eyes are blue. Through MoviePy they are greenish, and skin and hair have lost "
                  "detail.")

# %% [markdown]
# You hardly notice these changes, but a classifier can learn to use them. **Read all your data in the same way**, training and test data
# alike.
#
# ## Fewer samples need a filter
#
# The film itself has 48,000 samples per second, and the lecture's array has 8,000. To reduce the rate is called **downsampling**. The
# simplest idea is to keep every sixth sample. Try it with a pure tone of 5 kHz (5,000 Hz). First listen to the original:

# %%
import soxr

seconds = np.arange(2 * 48000) / 48000
tone = 0.3 * np.cos(2 * np.pi * 5000 * seconds)
show.audio(tone, 48000, "A tone of 5 kHz, at 48,000 samples per second")

# %%
every_sixth = tone[::6]
show.audio(every_sixth, 8000, "Every sixth sample of it. The tone is lower!")

# %% [markdown]
# You hear another tone. The slider shows why. The grey curve is the tone that was played. The black dots are the samples that remain. The
# blue curve is a lower tone that goes through the same dots. So the samples do not show which of the two tones was played, and you hear the
# lower one. Move the slider: for 1 and 3 kHz both curves are the same:

# %%
fine, kept = np.linspace(0, 1, 500), np.arange(9) / 8  # in ms: 8 samples in each ms
pictures = []
for played, low in {1: 1, 3: 3, 5: 3, 7: 1, 9: 1, 11: 3}.items():
    plt.figure(figsize=(9, 3))
    plt.plot(fine, np.cos(2 * np.pi * played * fine), color="#999999", label=f"played: {played} kHz")
    plt.plot(fine, np.cos(2 * np.pi * low * fine), color="#1E4BFF", label=f"heard: {low} kHz")
    plt.stem(kept, np.cos(2 * np.pi * played * kept), linefmt="k", markerfmt="ko", basefmt=" ")
    plt.xlabel("time in ms")
    plt.legend(loc="upper left", bbox_to_anchor=(1, 1))
    with plots.hold():
        pictures.append(plots.finish(f"{played} kHz", f"a tone of {played} kHz, a tone of {low} kHz, and nine samples on both"))
show.slider(pictures, [f"{played} kHz" for played in (1, 3, 5, 7, 9, 11)], "The tone that is played", start=2)

# %% [markdown]
# This is **aliasing**: a tone above half of the sampling rate turns into a lower tone that was never played. The limit, half of the sampling
# rate, is called the **Nyquist frequency**. At 8,000 samples per second it is 4 kHz. So you need a **low-pass filter**, which removes all
# frequencies above the limit *before* samples are left out. `librosa.load` and `read_audio` do this with
# [soxr](https://python-soxr.readthedocs.io/). The tone of 5 kHz is above the limit, so it should disappear:

# %%
filtered = soxr.resample(tone, 48000, 8000)
print(f"level of the tone (standard deviation): {every_sixth.std():.3f} with every sixth sample, "
      f"{filtered[100:-100].std():.3f} with a filter")  # without the ends, where the tone switches on and off

# %% [markdown]
# Does this matter for speech? The *s* in "dogs" and the *s* in "sitting" have most of their energy above 4 kHz. Here is the angry voice
# again, with 8,000 samples per second instead of 16,000. Listen to the two *s*, first without a filter and then with one:

# %%
careless, careful = angry[::2], soxr.resample(angry, 16000, 8000)
show.audio(careless, 8000, "Every second sample: each s is a rough, false noise")

# %%
show.audio(careful, 8000, "With a filter: each s is weak, and nothing false is added")

# %%
both_s = slice(round(1.2 * 16000), round(2.3 * 16000))
plots.spectrogram({"16,000 Hz": (angry[both_s], 16000), "every second sample": (angry[both_s][::2], 8000),
                   "with a filter": (soxr.resample(angry[both_s], 16000, 8000), 8000)},
                  "Two s in 1.1 s of sound: RAVDESS, actor 1, angry",
                  seen="On the left, the clouds of the two s are brightest above 4 kHz. In the middle, aliasing has moved this "
                       "energy below 4 kHz. On the right, only the energy that was below 4 kHz is left.")

# %% [markdown]
# So at 8,000 samples per second, as on a classic telephone line, an *s* is weak. The lecture's choice saves memory, but it loses these
# frequencies. (MoviePy has two shorter calls that you should not use here. `write_audiofile(..., fps=8000)` leaves out samples without a filter.
# `clip.audio.to_soundarray` has an error in versions 2.1.2 and 2.2.1: for a short sound (50,000 samples or fewer), all its values are the same.)

# %% question
show.quiz("A voice is recorded at 8,000 samples per second, with a filter. Which is the highest tone that the file can hold?",
          [("8 kHz", False, "This is the number of samples. One period of a tone needs more than one sample."),
           ("4 kHz", True, "Each period of a tone needs at least two samples, one for its peak and one for its valley. "
            "So 8,000 samples hold at most 4,000 periods."),
           ("any tone, if it is loud", False, "Loudness does not help. The filter removes all tones above half of the sampling "
            "rate, loud ones too.")])

# %% nbgrader={"grade_id": "exercise-05-1"}
def frequencies_heard(frequencies, rate, step):
    ### BEGIN SOLUTION
    new = rate / step
    above = frequencies % new  # tones a whole new rate apart give the same samples
    return np.minimum(above, new - above)
    ### END SOLUTION

# %% [markdown]
# The figure shows the result for tones from 0 to 24 kHz, when every sixth of 48,000 samples per second is kept. Find all tones that are heard
# at 2 kHz:

# %%
plots.lines({"heard": (np.arange(0, 24.5, 0.5), given("05.1", 2) / 1000)}, "Which tone is heard at 8,000 samples per second",
            "tone that is played (kHz)", "tone that is heard (kHz)",
            seen="The line goes up to 4 kHz and down to 0 again, three times. So six tones are heard at 2 kHz: 2, 6, 10, 14, 18 and 22 kHz.")

# %% [markdown]
# ## The lecture's 32 files
#
# At 09:15 the lecture shows its arrays. They have 32 rows, one for each file. Where do 32 files of one actor come from?
#
# **What we know.** Actor 1 has 16 calm and angry recordings: 2 emotions x 2 intensities x 2 sentences x 2 repetitions. The course brings the
# sound of all 16. RAVDESS's archive of films has two files for each recording: `01-...` with sound, and its silent twin `02-...`.
#
# **What we infer.** We think that the lecture used both kinds of file, because 16 + 16 = 32. Lesson 07 shows that the lecture's scores fit
# this, too. We cannot be sure, because the lecture does not list its files.
#
# Let us build these arrays. If you did not change `CORPUS`, the films come from the Studio, the course's program that draws actors and makes
# synthetic voices. (If you have all of RAVDESS, set `CORPUS = "ravdess"`.) The first cell loads the films with sound:

# %%
from course_lib.core.errors import CourseError

emotions = EMOTIONS or (["neutral", "surprised"] if CORPUS == "embedded" else ["calm", "angry"])
with_sound = load.clips(CORPUS, DATA_DIR, ACTORS, emotions, "audio-video", SEED, most_actors=1)
if "audio-only" in set(with_sound["modality"]):
    raise CourseError(CORPUS, "it has no films with sound", 'Use CORPUS = "studio", "embedded" or "ravdess"')
print(len(with_sound), "films with sound:", with_sound["corpus"].iloc[0])

# %% [markdown]
# The next cell adds the silent twins. Then it reads the pictures and the sound of each file. The table counts the files by modality, sound
# and emotion.

# %%
silent = load.clips(CORPUS, DATA_DIR, ACTORS, emotions, "video-only", SEED, most_actors=1)
silent = silent[silent["recording"].isin(with_sound["recording"])]
files = pd.concat([with_sound, silent]).drop_duplicates("path").reset_index(drop=True)
windows, table = video.read_windows(files, size=(128, 227), seconds=4, fps=30)
signals = np.stack([audio.read_audio(path, sr=8000, seconds=4, allow_silent=True) for path in table["path"]])
classes = list(table["emotion"].unique())
y = (table["emotion"] == classes[1]).to_numpy().astype(int)
table["sound"] = np.where(signals.any(axis=1), "a voice", "zeros")
pd.crosstab([table["modality"], table["sound"]], table["emotion"])

# %% tags=["nbval-check-output"]
print("video ", windows.shape, windows.dtype)
print("audio ", signals.shape, signals.dtype)
print("labels", y.shape, "0:", (y == 0).sum(), "1:", (y == 1).sum())

# %% [markdown]
# With the Studio you should see the lecture's shapes: 32 x 120 x 128 x 227 x 3 and 32 x 32,000. Now check one row. The pictures and the sound
# of row 0 must belong together:

# %%
corpus = table["corpus"].iloc[0]
plots.frames(windows[0, ::24], [f"{frame / 30:.1f} s" for frame in range(0, 120, 24)],
             f"Row 0 of the video array, {table['emotion'].iloc[0]}: {corpus}", columns=5)
show.audio(signals[0], 8000, f"Row 0 of the audio array, {table['emotion'].iloc[0]}: {corpus}")

# %% [markdown]
# `read_audio` raises an error for a silent track unless you write `allow_silent=True`. In your own projects, leave the twins out. A row of
# zeros gives no information about an emotion, and the pictures are in the data twice.

# %% question
show.quiz("A random split puts the file 01-01-05-01-01-01-01 into the training set and its silent twin 02-01-05-01-01-01-01 into the test "
          "set. A classifier that uses only the pictures predicts the twin's emotion correctly. What does this show?",
          [("that it recognises anger", False, "It may have recognised only this recording, which it has already seen."),
           ("only that it has seen these pictures in training", True, "Both files have the same pictures. The test item was in the training "
            "set: this is data leakage (lesson 03)."),
           ("nothing, because the file has no sound", False, "This classifier uses only the pictures, so the missing sound "
            "does not matter.")])

# %% nbgrader={"grade_id": "exercise-05-3"}
def one_of_each(names):
    ### BEGIN SOLUTION
    chosen = {}
    for name in sorted(names):  # the modality comes first in a name: the smallest first
        recording = name.split(".")[0][3:]
        chosen.setdefault(recording, names.index(name))
    return np.array(sorted(chosen.values()))
    ### END SOLUTION

# %% [markdown]
# ## The lecture's figures and ours

# %%
pd.DataFrame([["published (lecture 27)", 32, "32 x 120 x 128 x 227 x 3", "32 x 32,000", "not said"],
              [f"this run: {corpus}", len(table), " x ".join(map(str, windows.shape)),
               " x ".join(f"{size:,}" for size in signals.shape), ", ".join(classes)]],
             columns=["source", "files", "video", "audio", "labels 0 and 1"])

# %% [markdown]
# With the Studio, the 32 rows hold only 16 recordings. Half of the rows have pictures and a voice. The other half have the same pictures
# again, and silence.
#
# ## What you can do now
#
# - You can split films with MoviePy, and read frames, sound and labels into arrays with the same order of rows.
# - You can compute how much memory an array needs, before you make it.
# - You can explain why downsampling needs a filter, and you have heard what happens without one.
# - You can check your files: you count the recordings, and you look for silent rows and twins.
#
# **Words you met:** spectrogram, frequency, decibel, modality, fusion, sample, sampling rate, channel, waveform, downsampling, aliasing,
# Nyquist frequency, low-pass filter.
#
# ### To explore, without points
#
# Repeat the cells about the *s* with the calm voice. Is the false noise stronger, compared with the voice? (You should find that it is
# stronger: 13 % of the calm recording's energy is above 4 kHz, and only 3 % of the angry recording's.)
#
# Next: `06_mfcc_and_frame_features` turns the two arrays into features (lecture 27 from 09:15).

# %% credits
