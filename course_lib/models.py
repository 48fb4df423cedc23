"""Networks for faces trained on real pictures: how each is trained, its weights, its scores and its model card.

`course train emotion --data fer2013.npz --votes fer2013new.csv` makes one, `course evaluate --model emotion --data
FILE.npz` scores it, `load("emotion_net")` gives it to a lesson. The best two come with the course (`weights/`).
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from course_lib import augmentation, evaluation, model_card, networks, training
from course_lib.backend import keras
from course_lib.datasets import fer2013, not_faces
from course_lib.files import ROOT, CourseError, commit, home, read_npz, whole_file

SHIPPED = Path(__file__).parent / "weights"
NAMES = {"face": "face_or_not", "emotion": "emotion_net"}          # short for the two that come with the course
CLASSES = {"face_or_not": ("other", "face")}                       # of the others: fer2013.EMOTIONS
LFW = "lfw_subset"                                                  # face_or_not's test, of scikit-image


class Recipe(NamedTuple):
    """How a network is trained: images a batch, epochs at most, epochs without gain before it stops (None: it goes on),
    what `augmentation.changed` does, which share of a label FER+'s votes have, the courses of training that follow
    (epochs, highest rate, the votes' share), the C with which its last layer is learnt anew on the labels alone, by how
    many pixels a face is moved to be answered for again, mirrored as well (`predict`), and whether its optimiser's rate
    falls along a cosine to nothing."""

    batch_size: int
    epochs: int
    patience: int | None
    changes: dict
    votes: float = 0.0
    further: tuple = ()
    last_layer: float | None = None
    moved: int = 0
    falling: bool = False


# The projects give batch and epochs of cnn6 alone (64, 20 logged). The published networks for emotions see the same
# faces, changed alike, and their rate falls alike. Their epochs are chosen for two cores and not for what a network can
# reach, which the table of lesson 10 must be read with; cnn6 has most. Where there is a GPU, give more.
ALIKE = {"turn": 10, "zoom": 0.1, "shift": 0.08, "light": 0.2}
RECIPES = {
    "face_or_not": Recipe(64, 12, 4, {"turn": 20, "zoom": 0.2, "shift": 0.1, "light": 0.4, "blur": 0.5}),
    # Raters say "neutral" where the label says "fear" or "sad" (lesson 11), so the labels have the last word, in the
    # last layer alone. On validation, for the face and its mirror image: 65.0 % after one course with half of each,
    # 67.3 % after two and a third of the whole network on the labels, 68.8 % with the last layer learnt anew in place
    # of the third; 69.4 % with the faces moved as well. All this was chosen there, so it flatters.
    "emotion_net": Recipe(128, 30, None, {"size": 40, "turn": 12, "zoom": 0.1, "shift": 0.06, "light": 0.2,
                                          "erase": 0.5}, 0.5, further=((30, 0.05, 0.5),), last_layer=0.003, moved=2),
    "emotion_cnn6": Recipe(64, 20, 8, ALIKE, further=((24, None, 0), (16, 3e-4, 0)), falling=True),
    "gudi_cnn": Recipe(128, 3, 8, ALIKE, falling=True),
    "iiita_face": Recipe(64, 6, 8, ALIKE, falling=True),
    "iiita_face_as_published": Recipe(64, 20, 8, ALIKE, falling=True),
}

# --- train ------------------------------------------------------------------------------------------------------------

def train(name, data, votes=None, epochs=None, seed=0, folder=None, final=False) -> dict:
    """Train a network of `RECIPES` on FER2013 and write checkpoint, weights, training.json and card.md into `folder`.

    data: a FER2013 file or folder (`fer2013.read`); a warning names what differs from the published counts. votes:
    FER+'s csv, for a recipe that takes them. Trained on are the Training rows that repeat no PublicTest image, less the
    tenth of them that validates (`fer2013.validation_split`); nothing else is looked at, unless `final`: then
    PublicTest (for `face_or_not`, lfw_subset) is scored, for which one waits until nothing is to be chosen any more.
    `folder` is by default `models/NAME` in the course's cache; the same call goes on where it was stopped. Returns what
    training.json says. Raises `CourseError` for an unknown name, data that cannot be read or have no test where one is
    asked for, votes of other rows or for a recipe without, and a folder that another training wrote.
    """
    name = known(name)
    recipe, (faces, votes) = RECIPES[name], _read(name, data, votes)
    items, labels, validation = _items(name, faces, seed)
    tests = [("validation", validation[0][..., 0], validation[1].argmax(axis=1))]
    tests += _final(name, faces) if final else []
    folder = _made(folder or home() / "models" / name)
    courses = _courses(recipe, epochs, votes is not None)
    said = votes if votes is None else votes.iloc[split(faces, seed)[0]]
    shares = [_softened(labels, said, share) for *_, share in courses]
    network, histories = _trained(name, items, shares, courses, validation, seed, folder)
    if recipe.last_layer:
        training.relearn_last_layer(network, items, labels.argmax(axis=1), recipe.last_layer)
    save(network, folder / "weights.npz")
    network, learnt = load(folder), labels.argmax(axis=1)   # scored is what is kept: rounded weights, in float32
    about = {"network": name, "parameters": network.count_params(), "trained_on": len(items),
             "validated_on": len(validation[0]), "data_sha256": fer2013.digest(faces), "seed": seed,
             "batch_size": recipe.batch_size, "patience": recipe.patience, "changes": recipe.changes,
             "courses": courses, "last_layer": recipe.last_layer, "precision": precision(), "commit": commit(),
             "backend": f"keras {keras.__version__}, {keras.backend.backend()}", **_curves(histories, recipe.patience),
             "scores": {part: scores(network, images, labels, part, learnt) for part, images, labels in tests}}
    for file, text in (("training.json", json.dumps(about, indent=1) + "\n"), ("card.md", model_card.write(about))):
        with whole_file(folder / file) as part:
            part.write_text(text, encoding="utf-8")
    return about


def _courses(recipe, epochs, votes):
    """The courses of a training, one after the other: epochs, highest rate (None: the network's own), votes' share."""
    return [(min(count, epochs or count), rate, share * votes)
            for count, rate, share in ((epochs or recipe.epochs, None, recipe.votes), *recipe.further)]


def _trained(name, items, shares, courses, validation, seed, folder):
    """The network after all courses, each on its `shares` and from the weights of the one before, and their curves."""
    network, histories, recipe = None, [], RECIPES[name]
    for number, (epochs, rate, _) in enumerate(courses):
        keras.utils.set_random_seed(seed)
        before, network = network, _built(name, epochs * -(-len(items) // recipe.batch_size), precision(), rate)
        if before is not None:
            network.set_weights(before.get_weights())
        change, where = partial(augmentation.changed, **recipe.changes), folder / f"course{number + 1}"
        histories.append(training.fit(network, items, shares[number], recipe.batch_size, epochs, validation,
                                      seed + number, change, recipe.patience, where if number else folder))
    return network, histories


def _read(name, data, votes):
    """The faces of `data` and the votes of `votes`, None where none are given."""
    faces = fer2013.read(data)
    fer2013.warn_of_counts(faces, data)
    if votes and not RECIPES[name].votes:
        raise CourseError(votes, f"{name} is trained without votes", "Leave them out")
    if not votes:
        return faces, None
    votes = fer2013.read_votes(votes)
    fer2013.check_votes(votes, faces)
    return faces, votes


def _made(folder):
    """The folder, which is there from now on: what cannot be made is said before a training, not after it."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(folder, f"this folder cannot be made ({error.strerror})", "Give another one") from error
    return Path(folder)


def precision() -> str:
    """What `train` computes in: "mixed_bfloat16" where the processor has it (1.6 times as fast there), else float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return "float32"
    return "mixed_bfloat16" if "avx512_bf16" in flags or "amx_bf16" in flags else "float32"


def _items(name, faces, seed):
    """What `name` is trained on: images (n, 48, 48, 1), one-hot (n, classes), and the pair of these that validates."""
    rows, held_out = split(faces, seed)
    if not len(held_out):
        raise CourseError("FER2013", f"{len(rows)} Training faces are too few to set a tenth aside", "Give more")
    if name == "face_or_not":
        items, labels = _faces_and_others(faces.images[rows], seed)
        return items, labels, _faces_and_others(faces.images[held_out], seed + 1, items)
    images, labels = faces.images[..., np.newaxis], keras.utils.to_categorical(faces.labels, len(fer2013.EMOTIONS))
    return images[rows], labels[rows], (images[held_out], labels[held_out])


def split(faces, seed=0):
    """Rows of `fer2013.Faces` to train on and to validate on: no image of PublicTest, and no image on both sides."""
    rows, held_out = fer2013.validation_split(faces, seed=seed)
    if "PublicTest" not in faces.usage:
        return rows, held_out
    kept = fer2013.without_test_faces(faces, fer2013.part(faces, "PublicTest"))
    return rows[kept[rows]], held_out[kept[held_out]]


def _softened(labels, votes, share):
    """Labels (n, 7) of which `share` is what FER+'s raters said, where any of them named one of the seven."""
    if not share:
        return labels
    said = fer2013.soft_labels(votes)
    share = share * said.sum(axis=1, keepdims=True)
    return (1 - share) * labels + share * said


def _faces_and_others(faces, seed, trained_on=()):
    """The faces, then as many pictures without one: (2n, 48, 48, 1) and one-hot shares of (other, face).

    Pictures without a face that are among the `trained_on` ones are left out, and as many faces.
    """
    seen = {picture.tobytes() for picture in trained_on}
    others = not_faces.not_faces(len(faces), seed=seed, faces=faces)
    others = others[[picture.tobytes() not in seen for picture in others]]
    shares = np.repeat(np.eye(2, dtype=np.float32)[::-1], len(others), axis=0)
    return np.concatenate([faces[:len(others)], others])[..., np.newaxis], shares


def _curves(histories, patience):
    """The curves of a training's courses in one, how many epochs it had, and which epoch's weights were kept, counted
    from 1: with `patience` the best of the last course."""
    history = {curve: [value for course in histories for value in course[curve]] for curve in histories[0]}
    epochs, best = len(history["loss"]), int(np.argmax(histories[-1]["val_accuracy"])) + 1
    return {"epochs": epochs, "kept_epoch": epochs - len(histories[-1]["loss"]) + best if patience else epochs,
            "history": {curve: np.round(values, 4).tolist() for curve, values in history.items()}}


def _final(name, faces):
    """The test: (its name, images, labels)."""
    if name == "face_or_not":
        return [(LFW, *not_faces.lfw_test())]
    public = fer2013.part(faces, "PublicTest")
    return [("PublicTest", public.images, public.labels)]


def _built(name, steps=1000, precision="float32", rate=None):
    """The network untrained. `steps`: of a course of training, over which a learning rate falls that does so; `rate`:
    the highest, where it is another than the network's own."""
    builders = {"emotion_net": partial(networks.emotion_net, steps, rate or 0.1),
                "iiita_face_as_published": partial(networks.iiita_face, as_published=True)}
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        network = builders.get(name, getattr(networks, name, None))()
    finally:
        keras.config.set_dtype_policy(before)
    if RECIPES[name].falling:
        rate = rate or float(keras.ops.convert_to_numpy(network.optimizer.learning_rate))
        network.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    return network


# --- weights ----------------------------------------------------------------------------------------------------------

def save(network, path):
    """Write a network's weights to an npz: matrices and kernels float16, vectors float32, whole or not at all."""
    arrays = [keras.ops.convert_to_numpy(weight) for weight in network.weights]
    with whole_file(path) as part:
        np.savez_compressed(part, network=np.array(network.name), **{
            f"w{index}": array.astype(np.float16 if array.ndim > 1 else np.float32)
            for index, array in enumerate(arrays)})


def load(model) -> keras.Model:
    """A trained network, float32: of a name of `RECIPES` (what `course train` made on this machine, else what comes
    with the course), of a folder that `course train` wrote, or of its weights.npz."""
    path, again = weights_of(model), "Make it again: course train"
    found = read_npz(path, "weights", again)
    name, arrays = str(found.pop("network", "")), [found.get(f"w{index}", np.empty(0)) for index in range(len(found))]
    if name not in RECIPES:
        raise CourseError(path, "it does not say of which network its weights are", again)
    network = _built(name)
    fits = [array.shape for array in arrays] == [tuple(weight.shape) for weight in network.weights]
    if not fits or not all(np.isfinite(array).all() for array in arrays):
        raise CourseError(path, f"its weights do not fit the network {name!r}, or are no numbers", again)
    network.set_weights(arrays)
    return network


def known(name) -> str:
    """The full name of a network of `RECIPES`, of which `face` and `emotion` are short. Raises `CourseError`."""
    name = NAMES.get(name, name)
    if name not in RECIPES:
        raise CourseError(f"network {name!r}", "there is no recipe of that name",
                          f"Choose from {', '.join([*NAMES, *RECIPES])}")
    return name


def weights_of(model) -> Path:
    """The file of a trained network's weights, as `load` finds it. Raises `CourseError` where there is none."""
    name, path = NAMES.get(str(model), str(model)), Path(model).expanduser()
    if name not in RECIPES:
        path = path / "weights.npz" if path.is_dir() else path
        if path.is_file():
            return path
        if path.suffix or len(path.parts) > 1:
            raise CourseError(path, "there is no such file of weights", "Give what course train wrote, or a name")
    name = known(name)
    for path in (home() / "models" / name / "weights.npz", SHIPPED / f"{name}.npz"):
        if path.is_file():
            return path
    raise CourseError(name, "it was not trained on this machine, and its weights do not come with the course",
                      f"Run: course train {name} --data fer2013.csv")


def ship(folder) -> list[Path]:
    """For maintainers: what `train` left in `folder`, its test scored, into results/ and the package.

    Returns the paths written: results/NAME.json with the command, the commit and what training.json says, and of the
    two networks that come with the course NAME.npz and NAME.md beside their licence note. `course train voice` leaves
    the same files, and all of them come with the course.
    """
    path = Path(folder) / "training.json"
    if not path.is_file():
        raise CourseError(path, "there is no such file: no training ended in this folder", "Run course train first")
    about = json.loads(path.read_text(encoding="utf-8"))
    name = about.get("network") or about["classifier"]
    found = {"command": _command(about), **about}
    paths = [ROOT / "results" / f"{name}.json"]
    with whole_file(paths[0]) as part:
        part.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for kind, end in (("weights.npz", "npz"), ("card.md", "md")) if name in (*NAMES.values(), "voice") else ():
        paths.append(SHIPPED / f"{name}.{end}")
        with whole_file(paths[-1]) as part:
            shutil.copyfile(Path(folder) / kind, part)
    return paths


def _command(about):
    """The command that trains such a network again."""
    if "classifier" in about:
        return f"course train {about['classifier']} --data DIR --ship"
    name, (epochs, *_), votes = about["network"], about["courses"][0], any(share for *_, share in about["courses"])
    given = {"--votes FILE": votes, f"--epochs {epochs}": epochs != RECIPES[name].epochs,
             f"--seed {about['seed']}": about["seed"] != 0}
    return " ".join([f"course train {name} --data FILE", *(text for text, used in given.items() if used),
                     "--final --ship"])


# --- answers and scores -----------------------------------------------------------------------------------------------

def classes(network) -> tuple:
    """The classes whose shares a network answers with, in their order."""
    return CLASSES.get(network.name, fer2013.EMOTIONS)


def predict(network, images, moved=None) -> np.ndarray:
    """What a network answers for faces, uint8 (n, 48, 48): shares float32 (n, classes), in the order of its `classes`.

    Of a recipe with `moved`, the mean of ten answers: for the face, for it moved by so many pixels to the four sides,
    and for the mirror images of these; `moved=0` asks once, in a fifth of the time or less. Raises `CourseError` for
    faces of another kind: those of 0 to 1 would be answered as black.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.shape != (len(images), 48, 48) or not len(images):
        raise CourseError(f"images {images.dtype} {images.shape}", "faces uint8 (n, 48, 48) are expected",
                          "faces.crop(image, box) gives one; of 0 to 1: (255 * images).round().astype('uint8')")
    # Some faces at a time: ten views of all of FER2013 would be gigabytes.
    return np.concatenate([_mean_answer(network, images[first:first + 512], moved)
                           for first in range(0, len(images), 512)])


def _mean_answer(network, images, moved):
    ours = network.name in RECIPES
    views = _views(images, RECIPES[network.name].moved if moved is None else moved) if ours else [images]
    answers = training.predict(network, np.concatenate(views)[..., np.newaxis], compiled=ours)
    return answers.reshape(len(views), len(images), -1).mean(axis=0)


def _views(images, moved):
    """The faces (n, 48, 48); with `moved` also moved by so many pixels to each side, what comes in being what is at the
    edge mirrored, and all of them mirrored."""
    if not moved:
        return [images]
    wide, size = np.pad(images, ((0, 0), (moved, moved), (moved, moved)), "reflect"), images.shape[1]
    views = [wide[:, y:y + size, x:x + size] for y, x in (
        (moved, moved), (0, moved), (2 * moved, moved), (moved, 0), (moved, 2 * moved))]
    return [*views, *(view[:, :, ::-1] for view in views)]


def scores(network, images, labels, protocol, learnt=None, note="") -> dict:
    """A network's scores on faces uint8 (n, 48, 48) with labels (n,) that index its classes, as plain values.

    `learnt`, the labels that it was trained on, give the baseline; without them the tested ones do.

    "top_1" (with interval and baseline), "uar", "confusion" (rows true), "classes" (n, precision, recall, F1 of each),
    "answers" (a digit an image, to compare networks image by image); of seven classes also "top_3", "second_guess" and
    "loss" (the mean cross-entropy of what `predict` answers).
    """
    names = np.array(classes(network))
    shares, truth = predict(network, images), names[labels]
    answers, learnt = shares.argmax(axis=1), None if learnt is None else names[learnt]
    found = {"top_1": evaluation.Score.of(truth, names[answers], protocol, learnt, note).plain()}
    if len(names) > 3:
        given = np.clip(shares[np.arange(len(labels)), labels], 1e-7, 1)    # Keras's epsilon: no share is nothing
        found["loss"] = float(-np.log(given).mean())
        found["top_3"] = evaluation.top_k(truth, shares, names, 3, protocol, learnt, note).plain()
        if (names[answers] != truth).any():
            found["second_guess"] = evaluation.second_guess_right(truth, shares, names, protocol, note=note).plain()
    return found | {"uar": evaluation.unweighted_average_recall(truth, names[answers]),
                    "confusion": evaluation.confusion(truth, names[answers], names.tolist()).to_numpy().tolist(),
                    "classes": evaluation.f_scores(truth, names[answers], names.tolist()).round(4).to_dict("index"),
                    "answers": "".join(map(str, answers))}


def evaluate(model, data) -> dict:
    """`scores` of a trained network (as `load` finds it) on a file of faces, all of its rows (`fer2013.read`).

    For `face_or_not` the labels are 0, other, and 1, face. Rows of Training are counted in the score's note. Raises
    `CourseError` as `load` and `fer2013.read` do, and for a label that the network has no class for.
    """
    network, faces = load(model), fer2013.read(data)
    if faces.labels.max() >= len(classes(network)):
        raise CourseError(data, f"label {faces.labels.max()} is no class of {network.name}",
                          f"Labels count from 0: {', '.join(classes(network))}")
    learnt = int((faces.usage == "Training").sum())
    note = f"{learnt:,} of the rows are Training, which it may know by heart" if learnt else \
        "no row says of which part it is: it may know some" * (not faces.usage.astype(bool).any())
    return scores(network, faces.images, faces.labels, f"all rows of {Path(data).name}", note=note)


def lines(found) -> list[str]:
    """`scores` by part as lines to print: top-1, top-3, second guess, UAR, and each class."""
    said = []
    for part, one in found.items():
        said += [f"{part}, {kind}: {_score(one[kind])}" for kind in ("top_1", "top_3", "second_guess") if kind in one]
        ends = "–".join(f"{100 * end:.1f}" for end in one.get("uar_interval", ()))
        said += [f"{part}, UAR: {100 * one['uar']:.1f} %{f' ({ends} by drawing actors again)' * bool(ends)}"]
        said += [f"  {name:<9} n {row['n']:>4}, recall {row['recall']:.3f}, F1 {row['F1']:.3f}"
                 for name, row in one["classes"].items()]
    return said


def _score(plain):
    return evaluation.Score(**{name: value for name, value in plain.items() if name != "interval"})
