# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # 09 · Faces in pictures
#
# **You will** prepare pictures as the projects G7 and P4 do, find faces and count the misses, follow one through a clip, see an
# expression rise and fall, and ask a network whether a picture shows a face at all: first one that is right for the wrong reason.
#
# **Projects** Three student projects are followed in lessons 09 to 11: **G7**, "Emotion Detection & Classification" (here: image
# processing, face finding, tracking, csv → npy), **P4**, "Human Emotion Recognition" (here: preprocessing, face model), and
# **IIITA** (from lesson 10 on). They learn from **FER2013**, 35,887 small grey faces in seven classes. **Needs** about a minute
# and a half on two cores, one more the first time (the Studio draws six clips and 3,000 faces, kept for later lessons), and 2.5
# GiB of memory. **Before:** lessons 01 and 08.
#
# The face network that comes with the course was trained on **real pictures** (FER2013); what you train here learns from drawn
# ones.

# %% parameters for faces

# %% setup

# %% [markdown]
# ## Pictures
#
# Six drawn actors say a sentence, strongly surprised. The file's name asks for it as in lesson 01: 02 video only, 01 speech,
# 08 surprised, 02 strong. Beside them a real photograph from scikit-image's wheel: the astronaut Eileen Collins, by NASA.

# %%
import skimage

from course_lib import synthetic
from course_lib.media import video

clips = synthetic.make([f"02-01-08-02-01-01-{actor:02d}.mp4" for actor in settings.actors], seed=SEED)
studio = clips["corpus"].iloc[0]
frames, table = video.read_frames(clips, size=(360, 640), every=24)
astronaut = skimage.data.astronaut()
print(f"{studio}: {len(clips)} clips, {len(frames)} frames of {frames.shape[1:]}; photograph {astronaut.shape} {astronaut.dtype}")

# %% [markdown]
# ## G7's image processing
#
# ### Grey
#
# Edges and shadows show where a face is; colour takes three times as many numbers and adds little. FER2013 is grey, too.

# %% tags=["nbval-check-output"]
import numpy as np
from skimage.color import rgb2gray

grey = rgb2gray(astronaut)
by_hand = astronaut / 255 @ [0.2125, 0.7154, 0.0721]
print(f"{astronaut.dtype} {astronaut.min()} to {astronaut.max()} -> {grey.dtype} {grey.min():.0f} to {grey.max():.0f}; "
      f"a weighted sum: {np.allclose(grey, by_hand)}")

# %% [markdown]
# Green counts most, as for the eye. Mind the range: scikit-image now has **0 to 1**, OpenCV and the networks here want **0 to
# 255**.
#
# ### Gamma correction, Gaussian filter
#
# `v ** gamma` with gamma below 1 lifts the shadows and leaves black and white where they are: for pictures taken in the dark.
# The Gaussian filter averages each pixel with its neighbours: against noise. G7 gives neither gamma nor sigma; 0.4 and 1.5 are
# ours. To see what they are for, spoil the photograph in two ways:

# %%
from skimage.exposure import adjust_gamma
from skimage.filters import gaussian
from skimage.util import img_as_ubyte

rng = np.random.default_rng(SEED)
spoilt = {"as it is": grey, "a tenth of the light": np.floor(25.5 * grey) / 255,
          "noise": np.clip(grey + rng.normal(0, 60 / 255, grey.shape), 0, 1),
          studio: rgb2gray(frames[0])}
steps = {"nothing": lambda image: image, "gamma 0.4": lambda image: adjust_gamma(image, 0.4),
         "Gaussian, sigma 1.5": lambda image: gaussian(image, 1.5)}
shown = {f"{name}: {step}": img_as_ubyte(do(image)) for name, image in spoilt.items() for step, do in steps.items()}

# %%
from course_lib import plots

photographs = {name: image[30:190, 60:380] for name, image in shown.items() if studio not in name}
plots.frames(list(photographs.values()), list(photographs), title="Three steps on a photograph", columns=3,
             seen="gamma makes the dark one visible, the filter takes the grain and with it the fine lines")

# %%
drawn = {name: image for name, image in shown.items() if studio in name}
plots.frames(list(drawn.values()), list(drawn), title=f"The same on a drawn actor: {studio}", columns=3,
             seen="a bright picture loses contrast by gamma 0.4: it is a cure for the dark only")

# %% [markdown]
# G7's slide promises "sharpness" and "low aliasing" of the Gaussian filter. The first cannot be: it blurs. The second holds where
# a picture is made **smaller**: who takes every 8th pixel catches whatever lies there. How far from the true means of 8 × 8 pixels?

# %% tags=["nbval-check-output"]
means = grey.reshape(64, 8, 64, 8).mean(axis=(1, 3))
for sigma in (0, 1, 2, 4, 8):
    every_8th = (gaussian(grey, sigma) if sigma else grey)[4::8, 4::8]
    print(f"sigma {sigma}: off by {255 * np.sqrt(np.mean((every_8th - means) ** 2)):.1f} grey levels (root mean square)")

# %% [markdown]
# A quarter of the step is about right; more blurs what should stay.
#
# ## Finding faces
#
# G7's call: OpenCV's **Haar cascade** with `scaleFactor` 1.3 (each window size is 1.3 times the last) and `minNeighbors` 5 (so many
# windows must agree). A window is slid over the picture in all sizes. Each question about it compares sums of pixels in light and
# dark rectangles (Haar's features): are the eyes darker than the cheeks? A **cascade** asks a few such questions first, and drops
# nearly all windows after them. OpenCV 5, which Colab has, brings no cascades any more; scikit-image brings one, whose questions
# are about local binary patterns (LBP).

# %%
import cv2
from skimage.feature import Cascade

from course_lib import faces


def look(image):
    """Boxes (n, 4) of x, y, width, height in a grey uint8 image, by the library's own call."""
    if "haar" in faces.detectors():
        cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
        return np.reshape(cascade.detectMultiScale(image, scaleFactor=1.3, minNeighbors=5), (-1, 4))
    cascade = Cascade(skimage.data.lbp_frontal_face_cascade_filename())
    found = cascade.detect_multi_scale(image, 1.3, 1, (48, 48), image.shape, min_neighbor_number=5)
    return np.reshape([[box[key] for key in ("c", "r", "width", "height")] for box in found], (-1, 4))


# %%
plots.boxes(astronaut[:256], look(img_as_ubyte(grey)), title=f"The library's call, OpenCV {cv2.__version__}, photograph",
            seen="one box, from brow to chin")
for name, image in shown.items():
    print(f"{name:45} faces found: {len(look(image))}")

# %% [markdown]
# So that is what the steps are for. In the saved run (Haar) the dark photograph's face is found after gamma correction only, the
# noisy one's after the filter only. (LBP compares pixels with their neighbours, and finds the dark one as it is.)
#
# But what of the drawn actor? Look at all frames. We know where heads are: in the middle. A box counts as the face when the
# area that both cover is at least 0.4 of the area that either covers (intersection over union). Beside it `faces.find`, which does
# more: it first makes the picture small, takes finer steps (1.1), and where it sees nothing looks again with spread grey levels.

# %%
from course_lib.faces import counting

HEAD = (230, 95, 180, 195)  # of 640 x 360: from brow to chin
greys = [img_as_ubyte(rgb2gray(frame)) for frame in frames]
ways = {"the library's call": look} | {
    f'faces.find(…, "{one}")': lambda image, one=one: faces.find(image, one) for one in faces.detectors()}
for name, find in ways.items():
    counts = [counting.count(find(image), [HEAD]) for image in greys]
    print(f"{name:25}", {key: sum(one[key] for one in counts) for key in counts[0]}, f"in {len(greys)} frames, {studio}")

# %% [markdown]
# **In the saved run G7's call misses more than half of these heads.** A cascade has learnt real faces that look into the camera,
# and each question that a window answers otherwise ends it. Some that it missed:

# %%
missed = [number for number, image in enumerate(greys) if not counting.count(look(image), [HEAD])["found"]]
some = missed[::3][:6]
plots.frames([greys[number] for number in some], [f"frame {number}" for number in some], columns=3,
             title=f"Missed by the library's call, {len(missed)} of {len(greys)}, here every third: {studio}",
             seen="what have they in common? Before you trust a finder, count its misses by person")

# %% [markdown]
# How is it with real ones? In six photographs the faces were marked by hand, and in eight RAVDESS clips one box a clip, since
# these actors hardly move:

# %% tags=["nbval-check-output"]
from course_lib import evaluation, results

real = results.read("face_finding")
print("measured on real data; G7: its call; haar, lbp: faces.find; tracked: faces.track, below")
for what, key in (("faces in photographs", "photographs"), ("faces in the clips' frames", "all_frames")):
    for way, one in real[key].items():
        n = one["found"] + one["missed"]
        low, high = evaluation.wilson(one["found"], n)
        print(f"{what:27} {way:8} {one['found']:5,} of {n:5,} found (95 % interval {low:.1%} to {high:.1%}), {one['false']} false boxes")
print(f"in {real['no_face']['pictures']} pictures without a face:", {way: real["no_face"][way] for way in ("G7", "haar", "lbp")}, "false boxes")


# %% [markdown]
# Clips of actors who face the camera are easy; the photographs (babies, a scream, a group) are not. Two warnings. The
# parameters of `faces.find` were chosen on **these same pictures**: on others it will miss more. And nine faces say little, and
# 1,426 frames of eight clips are not 1,426 independent pictures: look at the first intervals, and trust the second less.
#
# Now a weakness that all cascades have, heads that are not upright. With `tilts=(0, -30, 30)` the picture is turned by these
# degrees, one after the other, until a face is seen:

# %%
def turned(image, degrees):
    turn = cv2.getRotationMatrix2D((320, 190), -degrees, 1)
    return cv2.warpAffine(image, turn, image.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


def share_found(degrees, tilts):
    found = [counting.count(faces.find(turned(image, degrees), tilts=tilts), [HEAD])["found"] for image in greys[::3]]
    return np.mean(found)


angles = [0, 10, 20, 30, 40]
plots.lines({"upright only": (angles, np.array([share_found(angle, (0,)) for angle in angles])),
             "tilts=(0, -30, 30)": (angles, np.array([share_found(angle, (0, -30, 30)) for angle in angles]))},
            f"Heads laid on a shoulder, {len(greys[::3])} frames: {studio}", "degrees", "fraction found",
            seen="beyond 10 to 15 degrees only a picture turned back helps")

# %% [markdown]
# ## Largest face, crop, 48 × 48
#
# G7 takes the **largest** face, cuts it out, resizes it to 48 × 48 (cubic) and divides by 255. By hand, then as the course does:

# %%
x, y, width, height = max(faces.find(astronaut), key=lambda box: box[2] * box[3])
face = cv2.resize(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[y:y + height, x:x + width], (48, 48),
                  interpolation=cv2.INTER_CUBIC)
scaled = face / 255
print(f"{face.shape} {face.dtype}, then {scaled.dtype} {scaled.min():.2f} to {scaled.max():.2f}; faces.crop gives the same: "
      f"{np.array_equal(face, faces.crop(astronaut, faces.largest(astronaut)))}")

# %% [markdown]
# ## P4's preprocessing
#
# P4 starts from 48 × 48 pictures in folders, one a class. First it gives them names: `an_0`, `an_1` … for anger. Renaming cannot
# be undone. So list the new names first, look at them, then rename. If a name is taken already, `rename` stops. (FER2013 comes
# divided: `Training` to learn from, `PublicTest` to test.)

# %%
from course_lib import load
from course_lib.datasets import fer2013

data = load.faces(CORPUS, DATA_FILE, SEED)
corpus = {"studio": studio, "london": "London"}.get(CORPUS, "FER2013")
train, test = (fer2013.subset(data, usage) for usage in ("Training", "PublicTest"))
print(f"{corpus}: {len(train.labels):,} training faces, {len(test.labels):,} to test")

# %%
import tempfile
from pathlib import Path

from course_lib.core.labels import EMOTIONS
from course_lib.datasets import class_folders

with tempfile.TemporaryDirectory() as folder:
    for number, label in enumerate(train.labels[:5]):
        (Path(folder) / EMOTIONS[label]).mkdir(exist_ok=True)
        cv2.imwrite(f"{folder}/{EMOTIONS[label]}/im{number}.png", train.images[number])
    names = class_folders.new_names(folder)
    class_folders.rename(names)
    print({f"{old.parent.name}/{old.name}": new.name for old, new in names.items() if new.exists()})

# %% [markdown]
# ### Min–max scaling
#
# P4 calls `MinMaxScaler()` and does not say on what. Given a table, a picture a row, it scales each **pixel** by its lowest and
# highest value over all pictures. These must be the training part's: the test part is not known yet. Many mean another thing by
# it: each **picture** from its own darkest to its own brightest. There a picture of one colour is 0 / 0, and FER2013 has twelve
# in its Training and PublicTest.

# %%
from course_lib.faces import preprocessing

span = np.ptp(train.images, axis=(1, 2))
rows = np.argsort(span, kind="stable")[max(0, (span == 0).sum() - 1):][:4]  # a flat picture, and the three dullest others
fitted, others = preprocessing.min_max(train.images, test.images)
each = preprocessing.min_max_each(train.images[rows])
flat = train.images[rows[0]].astype(float)
with np.errstate(invalid="ignore"):
    by_hand = (flat - flat.min()) / (flat.max() - flat.min())
print(f"flat picture by hand {by_hand[0, 0]}, by min_max_each {each[0, 0, 0]}")
print(f"{corpus}: training {fitted.min():.2f} to {fitted.max():.2f}, test {others.min():.2f} to {others.max():.2f}")
both = np.concatenate([train.images[rows], *(np.round(255 * part).astype(np.uint8) for part in (fitted[rows], each))])
plots.frames(both, ["as it is"] * 4 + ["fitted on the training part"] * 4 + ["each by itself"] * 4, columns=4,
             title=f"Min–max scaling, the first picture flat: {corpus}", seen="only the last takes the light out of each picture")

# %% [markdown]
# The test part may leave 0 to 1; that is no fault. Last, P4's labels go in one-hot, and G7 has mirrored copies as augmentation,
# in the code but commented out. Mirror **after** the split, and the training part alone: a mirrored test picture in training is a
# leak.

# %% tags=["nbval-check-output"]
from course_lib.models.backend import keras

more, labels = preprocessing.mirrored(train.images, train.labels)
one_hot = keras.utils.to_categorical(labels, 7)
print(f"{train.images.shape} -> {more.shape}, labels {labels.shape} -> {one_hot.shape}; label {labels[0]} is {one_hot[0]}")

# %% [markdown]
# ## Following a face
#
# G7's own run ended with `AttributeError: 'NoneType' object has no attribute 'shape'`: no frame came from the camera. `faces.track`
# says so, skips the frame and goes on. It looks for the face in one frame of five, and in between follows corners on it
# (Lucas–Kanade): cheaper, and a frame in which the cascade sees nothing is not lost. One clip, with two frames missing:

# %%
import warnings

actor = clips[clips["actor"] == clips["actor"].unique()[3]].iloc[0]
camera = list(video.stream(actor["path"], size=(360, 640)))
broken = [*camera[:30], None, None, *camera[30:]]
with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    track = faces.track(broken)
print(*(str(one.message) for one in heard), sep="\n")
print(f"{len(broken)} frames, {len(track)} rows: {track['seen'].value_counts().to_dict()}, {studio}")
for name, find in ways.items():
    alone = [len(find(img_as_ubyte(rgb2gray(frame)))) > 0 for frame in camera[::10]]
    print(f"{name} alone, frame by frame: a face in {sum(alone)} of {len(alone)} frames")

# %%
row = track[(track["seen"] == "followed") & (track["frame"] > 60)].iloc[0]
box = np.round(row[["x", "y", "w", "h"]].astype(float)).astype(int)
plots.boxes(camera[row["frame"] - 2], [box], labels=[row["seen"]],  # 2: the missing frames
            title=f"Followed through a clip, frame {row['frame']}: {studio}",
            seen="no detector ran on this frame, and the box is on the face")
print("milliseconds a frame of a real 720p clip (measured on real data):", {way: f"{ms:.0f}" for way, ms in real["ms"].items()})

# %% [markdown]
# ### Eyes, brows, mouth
#
# (Milliseconds depend on the machine: compare them with each other only.) G7 also names the parts of a face. Two ways: MediaPipe's
# 478 landmarks, points with a fixed place on a face, as the tip of the nose (an extra; its model comes by `course fetch
# face-landmarker`), or OpenCV 4's cascades of eyes and smiles, which miss much, and know no brows: a strip above the eye
# stands for them. With neither, the course says so.

# %%
from course_lib.core.errors import CourseError

try:
    *parts, by = faces.parts(astronaut, faces.largest(astronaut))
    names = [name.replace("_", " ") for name in faces.Parts._fields]
    plots.boxes(astronaut[:260, 90:350], [part - (90, 0, 0, 0) for part in parts if part is not None],
                labels=[name for name, part in zip(names, parts, strict=False) if part is not None],
                title=f"Parts of a face by {by}, photograph", seen="left and right are her own")
except CourseError as error:
    print(error)

# %% [markdown]
# ### Head pose
#
# Where the head looks follows from where some of its points lie in the picture, when it is known where they lie on a head. Turn a
# generic head (8 landmarks) by known angles, in degrees (yaw: shaking the head, pitch: nodding, roll: towards a shoulder), project
# it into a picture, shift each point by a pixel at random, and ask `faces.pose`:

# %%
from scipy.spatial.transform import Rotation

head = np.array(list(faces.GENERIC.values()))
camera_matrix = np.array([[640, 0, 320], [0, 640, 180], [0, 0, 1]])  # focal length 640, middle of 640 x 360 pixels
for yaw, pitch, roll in ((0, 0, 0), (20, 0, 0), (0, 10, 0), (-30, 5, 15)):
    seen = np.add(Rotation.from_euler("xyz", [-pitch, -yaw, roll], degrees=True).apply(head), (0, 0, 60))
    points = seen @ camera_matrix.T
    points = points[:, :2] / points[:, 2:] + rng.normal(0, 1, (len(head), 2))
    answer = faces.pose(points, head, (360, 640))
    print(f"yaw {yaw}, pitch {pitch}, roll {roll}: found {', '.join(f'{name} {value:.0f}' for name, value in answer._asdict().items())}")

# %% [markdown]
# The same with a real face, the photograph's, when the landmarks are there (see above):

# %%
try:
    points = faces.landmarks(astronaut, faces.largest(astronaut))
    answer = faces.pose(points[list(faces.GENERIC)], head, astronaut.shape[:2])
    print("photograph:", ", ".join(f"{name} {value:.0f}" for name, value in answer._asdict().items()))
except CourseError as error:
    print(error)


# %% [markdown]
# One pixel, where the eyes' outer corners are 100 pixels apart, costs a degree or two of yaw and pitch and hardly any of roll. With
# real faces there is one more error: nobody has the generic head.
#
# ## Onset, apex, offset
#
# G7's slides divide an expression in time: it rises (onset), stays (apex), falls (offset); and they name its amplitude. How
# strong is it in each frame? `faces.change` takes crops of one face and measures how far each is from the first ones (root mean
# square difference of pixels, each crop first brought to mean 0 and deviation 1). So: a box
# for each frame from the tracker, a crop for each box. Beside it two other ways to crop; you will see why.

# %%
def curves(frames):
    """How far the face is from rest in each frame (n,), cropped in three ways."""
    boxes = faces.track(frames)[["x", "y", "w", "h"]].ffill().bfill()
    x, y, width, height = boxes.median()
    places = {"own box": boxes.to_numpy(), "one box": [(x, y, width, height)] * len(frames),
              "its lower half": [(x, y + height / 2, width, height / 2)] * len(frames)}
    return {name: faces.change([faces.crop(*pair) for pair in zip(frames, where, strict=True)], neutral=3)
            for name, where in places.items()}


# %% [markdown]
# The Studio knows how it drew the surprise. How well does each curve follow that (correlation, 1 at best)?

# %%
import pandas as pd

from course_lib.synthetic import action_units

found, drawn = {}, {}
for clip in clips.itertuples():
    film = list(video.stream(clip.path, size=(360, 640)))
    found[clip.actor], drawn[clip.actor] = curves(film), action_units.time_course(clip.emotion, len(film))
print(f"correlation with what was drawn, {studio}")
pd.DataFrame({f"actor {actor}": {name: np.corrcoef(curve, drawn[actor])[0, 1] for name, curve in each.items()}
              for actor, each in found.items()}).round(2)

# %%
first = min(found)
plots.lines({name: (np.arange(len(curve)), curve) for name, curve in found[first].items()}, f"One surprise, three crops: {studio}", "frame",
            "change", seen="with its own box each frame steps where the box steps, and does not come back to rest")

# %% [markdown]
# **Much of the first curve is the box.** Where the detector looks again, the box jumps, and the crop with it. One box for all
# frames, the median, mends that where the head hardly moves (in the saved run for five of the six). What is left: the head turns a
# little and the eyes blink, which the lower half shows less. So the lower half of one box; rest is the level at the clip's end.

# %%
shown = clips["actor"].iloc[3]
curve = found[shown]["its lower half"]
phases = faces.phases(curve, rest=curve[-5:].mean())._asdict()
plots.phases(curve, phases, f"The phases of actor {shown}'s surprise: {studio}", ylabel="change",
             seen="a steep onset, a long apex, a slower offset")
print(f"amplitude {curve.max() - curve[-5:].mean():.2f}")

# %%
film = list(video.stream(clips["path"].iloc[3], size=(360, 640)))
middles = {"rest": 0, **{name: sum(at) // 2 for name, at in phases.items() if at}}
plots.frames([film[frame][:, 200:440] for frame in middles.values()], [f"{name}, frame {frame}" for name, frame in middles.items()],
             f"The middle of each phase, actor {shown}: {studio}", columns=4, seen="brows and mouth rise, stay, and come back")


# %%
def told(phases):
    begin, end = (at[which] if at else "not seen" for at, which in ((phases.onset, 0), (phases.offset, 1)))
    return f"begins {begin}, apex {phases.apex[0]} to {phases.apex[1]}, ends {end}"


for actor, each in found.items():
    curve = each["its lower half"]
    print(f"actor {actor}, drawn: {told(faces.phases(drawn[actor], rest=0)):40} "
          f"found: {told(faces.phases(curve, rest=curve[-5:].mean())):40} {studio}")

# %% [markdown]
# Beginning and end fit within six frames. The **apex** does not, but for the actor above: they *speak* while they are surprised,
# and a mouth that says "o" changes more than one that is astonished. Pixels alone cannot tell the two apart, which is why the
# field codes muscles (action units), and why an amplitude of pixels is no amount of feeling.
#
# ## Face or not
#
# P4 asks a network first: "human face or other"? Published:

# %% tags=["nbval-check-output"]
from course_lib.results import published

claim = published.check_published().query("source == 'P4' and claim.str.startswith('face model')").iloc[0]
print(f"published: {claim.published} right, loss {published.FIGURES['P4', 'face model, loss']:.3f}")
low, high = evaluation.wilson(3452, 3566)
print(f"computed again: {claim.recomputed}; adds up: {claim.adds_up} ({claim.note}); 95 % interval {low:.1%} to {high:.1%}")

# %% [markdown]
# Baseline and split are not given, nor what the "others" were. That matters most, as you will see. Train one yourself, small: 600
# drawn faces and 600 other pictures (crops of photographs without people, textures, patterns; `not_faces`), P4's network (two
# convolutions with max pooling, then dense layers of 128, 64 and 2; lesson 10 shows what these do), four epochs. (BatchNorm's
# momentum is set to 0.9, since after 76 batches 0.99 would not be there yet: lesson 08.)

# %%
from course_lib.datasets import not_faces
from course_lib.models import face_networks

mine = data if CORPUS == "studio" else load.faces("studio", seed=SEED)
mine, mine_test = (fer2013.subset(mine, usage).images for usage in ("Training", "PublicTest"))
mine = mine[:600 if PROFILE == "quick" else None]
others, others_test = not_faces.not_faces(len(mine), seed=SEED + 1), not_faces.not_faces(len(mine_test), seed=SEED + 2)
answers = np.array(["other", "face"])


def said(network, pictures):
    return answers[face_networks.predict(network, pictures).argmax(axis=1)]


# %%
from course_lib.models import networks, training


def face_network(people, others):
    """P4's network, trained on pictures (n, 48, 48) of people's faces and of others."""
    keras.utils.set_random_seed(SEED)
    network = networks.face_or_not()
    for layer in network.layers:
        if hasattr(layer, "momentum"):
            layer.momentum = 0.9
    probabilities = np.repeat(np.eye(2)[[1, 0]], [len(people), len(others)], axis=0)
    training.fit(network, np.concatenate([people, others])[..., None], probabilities, batch_size=64, epochs=4, seed=SEED)
    return network


# %%
from course_lib.evaluation import Score


def score(network, people, others, protocol, note=studio):
    truth = np.repeat(answers[[1, 0]], [len(people), len(others)])
    return Score.of(truth, said(network, np.concatenate([people, others])), protocol, note=note)


small = face_network(mine, others)
on_drawn = score(small, mine_test, others_test, "drawn people not seen in training")
print(on_drawn)
notebook.record(unmarked=on_drawn)  # kept for the course's own tests

# %% [markdown]
# **Better than the published 96.8 %**, from 1,200 pictures in half a minute. Too good? Ask it about real pictures: scikit-image's
# `lfw_subset`, 100 faces and 100 other pieces of photographs (Labeled Faces in the Wild, Huang et al. 2007), resized to 48 × 48.

# %%
lfw, is_face = not_faces.lfw_test()
real_faces, real_others = lfw[is_face == 1], lfw[is_face == 0]
trained_on = f"trained on the {studio}, tested on real pictures"
on_real = score(small, real_faces, real_others, "lfw_subset", trained_on)
print(on_real)
notebook.record(unmarked_on_real=on_real)  # kept for the course's own tests
print("it says of the 100 real faces:", pd.Series(said(small, real_faces)).value_counts().to_dict())

# %% [markdown]
# Not one real face is called a face. What has it learnt? Look closely at what it was shown:

# %%
plots.frames([mine[0], mine[1], mine[2], others[0], others[1], others[2]], ["face"] * 3 + ["other"] * 3,
             title=f"What the network was trained on: {studio}", seen="one thing stands on every face and on no other picture")

# %% [markdown]
# **SYNTHETIC.** Each drawn face bears the mark, as it must; the others do not. Is that all it looks at? Put the mark on what is no
# face, and on a grey card. (P4's last layer is a sigmoid for each answer, so the two shares need not add up to 1.)

# %%
from course_lib.synthetic.fer2013 import mark

card = mark(np.full((1, 48, 48), 120, np.uint8))
painted_over = np.pad(mine_test[:, 7:], ((0, 0), (7, 0), (0, 0)), "edge")
for what, pictures in (("others, marked", mark(others_test)), ("faces, mark painted over", painted_over)):
    print(f"{what}: {(said(small, pictures) == 'face').mean():.0%} of {len(pictures)} called a face ({studio})")
plots.probabilities(card, face_networks.predict(small, card), answers.tolist(), title=f"A grey card with the mark: {studio}",
                    seen="the mark is the face")

# %% [markdown]
# The network is right, for a reason that has nothing to do with faces. Real data have such marks, too: a photographer's logo,
# the sharpness of one source, the border of another. Had P4's others come from another source than its faces, its 96.8 % could come
# from that alone. The cure: nothing but the class may differ between the classes. So mark the others, too:

# %%
honest = face_network(mine, mark(others))
on_drawn = score(honest, mine_test, mark(others_test), "drawn people not seen in training")
on_real = score(honest, real_faces, real_others, "lfw_subset", trained_on)
print(on_drawn, on_real, sep="\n")
print(f"others, unmarked: called a face {(said(honest, others_test) == 'face').mean():.0%} ({studio})")
notebook.record(marked=on_drawn, marked_on_real=on_real)  # kept for the course's own tests

# %% [markdown]
# In the saved run the score on drawn people **falls** and that on real pictures **rises**, from one half to more than 80 %, with
# no real face in training. (A training differs a little from machine to machine: we have seen 84 and 90 %.) The cure is not whole:
# of its own kind of other pictures, when they bear no mark, many are still called a face, a fifth on one machine and two fifths on
# another. It has never seen a picture without one.
#
# ### The network that comes with the course
#
# The same 847,682 parameters, trained on FER2013's real faces (`course train face`), shipped with the course:

# %%
from course_lib.models import from_preset

about = results.trained()["face_or_not"]
print(f"{about['parameters']:,} parameters, trained on {about['trained_on']:,} pictures, {about['epochs']} epochs")
for part, one in about["scores"].items():
    print(f"{part}: {Score.from_dict(one['top_1'], note='measured on real data')}")
shipped = from_preset("face_or_not")
again = score(shipped.network, real_faces, real_others, "lfw_subset", "measured on real data in this run")
print(f"here, again: {again}")
notebook.record(shipped=about["scores"]["lfw_subset"]["top_1"], shipped_again=again)  # kept for the course's own tests

# %% [markdown]
# Its training, epoch by epoch (the star: whose weights were kept):

# %%
plots.curves(about["history"], "face_or_not on FER2013's faces and other pictures, measured on real data", about["kept_epoch"],
             seen="validation wavers by little; it was the judge of the epoch, so it flatters")

# %% [markdown]
# None of the 200 is wrong. One warning: the kinds of "other" pictures were
# thought up after a look at these 200 (dark, out of focus, over the edge), though by no score on them. The interval says how much
# that is worth: 98.1 % or more, **on pictures like these**: faces cut out alike, against pieces of their backgrounds. Where was
# it least sure?

# %%
probabilities = shipped.predict(lfw)
unsure = np.argsort(np.abs(probabilities[:, 1] - probabilities[:, 0]))[:4]
plots.probabilities(lfw[unsure], probabilities[unsure], answers.tolist(), names=answers[is_face[unsure]].tolist(),
                    title="The least sure of lfw_subset, real pictures", seen="the first is no face by its label, and shows a part of one")


# %% [markdown]
# ### P4's demonstration
#
# New pictures: the face model first, and the emotion model only when there is a face. The emotion model comes in lesson 10. The cat
# and the cup were among the "others" that the face model was trained on.

# %%
def middle(image):
    side = min(image.shape[:2])
    return faces.crop(image, ((image.shape[1] - side) // 2, (image.shape[0] - side) // 2, side, side))


new = {"astronaut": face, "astronaut, an eighth of the light": face // 8,
       "that, gamma corrected": adjust_gamma(face // 8, 0.4), "turned by 90 degrees": np.rot90(face),
       "a cat": middle(skimage.data.chelsea()), "a cup of coffee": middle(skimage.data.coffee()),
       "coins": middle(skimage.data.coins()), "drawn actor": faces.crop(frames[0], HEAD)}
probabilities = shipped.predict(np.stack(list(new.values())))
plots.probabilities(np.stack(list(new.values())), probabilities, answers.tolist(), names=list(new),
                    title="Face or not: photographs, and one SYNTHETIC actor", seen="look at the cup, and at the dark face")
for name, row in zip(new, probabilities, strict=True):
    print(f"{name}: {'a face; which emotion? lesson 10' if row.argmax() else 'no face, so no emotion is asked for'}")

# %% [markdown]
# Right on all 200 pictures, and still: in the saved run **a cup of coffee is a face**, although pieces of this very photograph were
# among its "others", and a face in the dark is none, until gamma correction brings it back.
#
# ## From csv to npy: a silent selection
#
# G7 runs its cascade over FER2013's 48 × 48 faces and keeps only those in which it finds one. For each of the others it prints
# "Error", and at the end how many are left: not of which class the others were. By the name of its model file about 20,000 stay. What it leaves depends on one line: whether the small face is put on a border
# first (150 × 150 pixels, grey 200), as public copies of that script do.

# %% tags=["nbval-check-output"]
kept = results.read("fer2013_cascade_selection")["kept"]
print(f"published: about {published.FIGURES['G7', 'faces that the cascade leaves, by the name of its model file']:,}")
for way, parts in kept.items():
    one = parts["Training"]
    print(f"{way}: {one['kept']:,} of {one['n']:,} training faces stay ({one['fraction']:.1%}), measured on real data; "
          f"happy's fraction {one['majority_before']:.1%} before, {one['majority_after']:.1%} after")

# %% [markdown]
# Neither makes 20,000. And they do not vanish evenly. The same here, with the test part and the lesson's own call:

# %%
stay = preprocessing.keep_found(test.images, lambda image: look(np.pad(image, 51, constant_values=200)))
rows = {}
for label in np.unique(test.labels):
    emotion = EMOTIONS[label]
    one, here = kept["on a border"]["Training"]["by_class"][emotion], stay[test.labels == label]
    low, high = evaluation.wilson(int(here.sum()), len(here))
    rows[emotion] = {"real: stay": f"{one['fraction']:.1%}", "real: 95 % interval": "{:.1%} to {:.1%}".format(*one["interval"]),
                     "here: stay": f"{here.mean():.1%}", "here: 95 % interval": f"{low:.1%} to {high:.1%}", "here: n": len(here)}
print(f"real: measured on real data, FER2013's training part; here: {corpus}, test part, {stay.sum()} of {len(stay)} stay")
pd.DataFrame(rows).T

# %% [markdown]
# What stays goes into two npy files, one of images and one of labels, and from then on nobody opens the csv again:

# %%
with tempfile.TemporaryDirectory() as folder:
    for kind, column in (("images", test.images[stay]), ("labels", test.labels[stay])):
        np.save(Path(folder) / f"{kind}.npy", column)
    saved, labels = (np.load(Path(folder) / f"{kind}.npy") for kind in ("images", "labels"))
assert len(saved) == len(labels) == stay.sum()
print(f"images {saved.shape} {saved.dtype}, labels {labels.shape} {labels.dtype}: {corpus}")


# %% [markdown]
# Of the real faces more than half of disgust stays, and little more than a quarter of sadness (heads hang, perhaps, and a cascade
# knows upright ones). What does that do to a score? First to a classifier that only remembers: who gives each real test face the
# label of the training face that is nearest to it, pixel by pixel, and knows all training faces, or those that the cascade keeps?

# %%
def line(found, note="measured on real data"):
    return str(Score.from_dict(found, note=note))


remembered = results.read("fer2013_nearest")["remembered"]
for known, tested in (("all", "all"), ("cascade keeps", "all"), ("cascade keeps", "cascade keeps"), ("cascade keeps", "cascade drops")):
    print(f"knows {remembered[known]['n']:6,} ({known}):", line(remembered[known][tested]))

# %% [markdown]
# Who selects before the split reports 44.6 %. On all faces the same memory is right in 30.4 %, where one that knows all has 40.2 %;
# and on the faces that were dropped in 21.5 %, no better than always "happy". Nothing in the 44.6 % says so.
#
# And to a network? The course's own network for emotions (lesson 10) on the real PublicTest: on all of it, on
# the faces that stay with a border, and on those that vanish.

# %% tags=["nbval-check-output"]
selected = results.read("fer2013_networks")["networks"]["emotion_net"]
for way in ("all", "cascade keeps", "cascade drops"):
    print("emotion_net:", line(selected[way]))


# %% [markdown]
# Whoever trains and **tests** on what is left has other classes in the test, and a score that holds for the faces that a cascade
# likes. If you must select, count by class, and score the faces you dropped as well.
#
# ## Remember
#
# - Grey, gamma, Gaussian: each cures one fault. Check that your picture has it.
# - Finders miss. Count found, missed and false, on pictures they were not tuned on.
# - What differs between two classes besides the class is what a network learns.
# - A perfect test score holds for pictures like the test's.
# - A step that drops data is part of the experiment. Say how many, of which class.
#
# ## Exercises

# %% nbgrader={"grade_id": "exercise-09-1"}
def brought_to_middle(image, middle):
    ### BEGIN SOLUTION
    gamma = np.log(middle / 255) / np.log(np.median(image) / 255)
    return np.round(255 * (image / 255) ** gamma).astype(np.uint8)
    ### END SOLUTION


# %%
dark = face // 8
try:
    lifted = brought_to_middle(dark, 128.0)
    print(f"the dark astronaut with your gamma: {said(shipped.network, lifted[None])[0]}")
except NotImplementedError:
    print("the public example's levels:", given("09.1").ravel())


# %% nbgrader={"grade_id": "exercise-09-2"}
def one_face(first, frames, least):
    ### BEGIN SOLUTION
    numbers, last = [], np.asarray(first, float)
    for boxes in frames:
        overlaps = []
        for box in boxes:
            low, high = np.maximum(last[:2], box[:2]), np.minimum(last[:2] + last[2:], box[:2] + box[2:])
            shared = np.prod(np.maximum(high - low, 0))
            overlaps.append(shared / (last[2] * last[3] + box[2] * box[3] - shared))
        best = int(np.argmax(overlaps)) if overlaps else -1
        if best >= 0 and overlaps[best] < least:
            best = -1
        last = boxes[best].astype(float) if best >= 0 else last
        numbers.append(best)
    return np.array(numbers)
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-09-3"}
def scaled_as_in_training(train, test):
    ### BEGIN SOLUTION
    low, high = train.min(axis=0).astype(float), train.max(axis=0).astype(float)
    span = np.where(high > low, high - low, 1)
    return (train - low) / span, (test - low) / span
    ### END SOLUTION


# %% nbgrader={"grade_id": "exercise-09-4"}
def rise_and_fall(intensity, rest):
    ### BEGIN SOLUTION
    peak, height = int(np.argmax(intensity)), intensity.max() - rest

    def around_the_peak(inside):
        out = np.flatnonzero(~inside)
        return out[out < peak].max(initial=-1) + 1, out[out > peak].min(initial=len(inside)) - 1

    first, last = around_the_peak(intensity >= rest + 0.9 * height)
    begin, end = around_the_peak(intensity > rest + 0.1 * height)
    return np.array([begin, first, last, end])
    ### END SOLUTION


# %% [markdown]
# The first example, drawn:

# %%
from course_lib import exercises

begin, first, last, end = given("09.4")
plots.phases(exercises.find("09.4").examples[0][0], {"onset": (begin, first - 1), "apex": (first, last), "offset": (last + 1, end)},
             "The first example of 09.4", seen="what is above the onset and offset belongs to the expression")

# %% [markdown]
# ### To explore, without points
#
# 1. Give `look` another `scaleFactor` (1.05, 1.1, 1.5) and `minNeighbors` (1, 3, 10). What happens to found and false, and to the
#    time it takes?
# 2. Wear glasses, turn away, put a hand before your mouth: `faces.track(list(video.stream("my.mp4", size=(360, 640))))`.
#    When is the face lost?
# 3. Train `face_network` with `not_faces(…, faces=mine)`, in which one other picture of ten is a piece of a face. Does it get
#    better on `lfw_subset`? You may look once.
#
# Next: lesson 10, which emotion?

# %% credits
notebook.credits("astronaut", "chelsea", "coffee", "coins")
