"""Write the model cards beside the weights: one template, filled for faces, voices and frozen networks.

`authoring.cards` fills it with what was measured after the training, too (`course cards`).

Source: Mitchell et al. (2019), "Model Cards for Model Reporting", arXiv:1810.03993."""

import hashlib
from collections.abc import Iterable, Sequence
from math import exp
from pathlib import Path
from typing import Any

from course_lib.evaluation import wilson
from course_lib.models.presets import RECIPES

TEMPLATE = """# {name}

{facts}

## Scores

{scores}

## Calibration

{calibration}

## By group of people

{groups}

## Make it again, and check it

{again}

## Licence and limits

{limits}

## What it must not be used for

{misuse}

Its purpose here is to teach how {purpose} works, and how it fails.
"""

AI_ACT = """The EU's AI Act (Regulation 2024/1689, Article 5(1)(f)) forbids inferring emotions at work and at
school, except for medical or safety reasons."""
MISUSE = f"""\
To judge, select, rank, watch or treat anyone: not in hiring, at school, by police, in health care,
insurance or advertising. {AI_ACT}"""

LICENCE = """\
FER2013 (Goodfellow et al. 2013) was gathered by a web search for words of emotion. No open licence
is known. The rights in its images belong to their owners, and these weights are not under the
course's MIT licence."""
EMOTIONS = f"""\
{LICENCE}

Many of its labels are doubtful: {{doubtful}}, the label is not the answer
that FER+'s ten raters (Barsoum et al. 2016) gave most often; a tie counts as another answer. The people
in the images are not identified, so the errors cannot be compared between groups of people.

A label tells what somebody thought an image shows. It does not tell what the person felt, and a
face does not show that reliably (Barrett et al. 2019)."""
FACE_OR_NOT = f"""\
{LICENCE} The images without a face come from scikit-image and scikit-learn;
`course_lib.datasets.credits` names their authors and licences.

The network looks at one small square. It tells whether this square shows a face, not where in a
photograph the faces are. "Face" means that the image looks like the faces of FER2013. It was not
measured how often the network misses a face that is turned away, covered or drawn. A high score on
lfw_subset does not show that every place without a face is rejected: 100 images without a face are
few, and a detector looks at thousands of places in each photograph.

The people in the images are not identified, so it is not known whether the faces of some groups of
people are missed more often. The network tells nothing about who a person is or what the person feels."""
RAVDESS = """\
RAVDESS (Livingstone & Russo 2018) is under CC BY-NC-SA 4.0: commercial use is not allowed, and what
is made from it must be shared under the same terms. These weights were made from it, so the same
terms hold for them; they are not under the course's MIT licence.

RAVDESS has 24 actors of one city, two sentences and one studio, and each emotion is acted. Do not
expect the same score for felt emotions, other languages or other microphones. The label is the
emotion that an actor was asked to act, not what anyone felt."""

VGG_FACE: dict[str, Any] = {
    "name": "vgg_face",
    "facts": {
        "output": "features of a face image; the last layers, which name 2,622 people, are left out",
        "input": "RGB images, uint8, 48 x 48 pixels or more; the training mean is subtracted inside",
        "parameters": "14,714,688 (13 convolutions of VGG16)",
        "data": "2.6 million photographs of 2,622 well-known people, gathered by a web search",
        "source": "Parkhi, Vedaldi and Zisserman (2015), Deep Face Recognition, "
        "https://doi.org/10.5244/C.29.41; converted by keras-vggface 0.6",
        "weights": "not part of the course: `course fetch vggface`",
    },
    "scores": "The course has not measured these weights on real data. Lessons 04 to 08 show scores of the "
    "current run, and each\nof them names the weights that were used.",
    "again": {
        "how it was chosen": "by its makers",
        "get the file": "`course fetch vggface`",
        "SHA-256 of the file": "not known: its makers publish none, and the course does not pass the file on",
    },
    "limits": """\
The weights are for non-commercial research only and must not be passed on. The people in the
training data did not ask to be in it. They are well-known people of some countries, so for other
groups of people the features may fit less well.""",
    "misuse": f"To recognise people, or to judge, select, rank, watch or treat anyone. {AI_ACT}",
    "purpose": "transfer learning",
}

FACE_IDENTITY: dict[str, Any] = {
    "name": "face_identity",
    "facts": {
        "output": "features of a face at a layer of your choice; the last layer gives 128 numbers",
        "input": "RGB faces, uint8, resized to 150 x 150 pixels; best aligned (`face_identity.align`)",
        "parameters": "5,614,592 (a residual network of 29 convolutions)",
        "data": "about 3 million photographs of 7,485 people; about half of them from VGG-Face and FaceScrub",
        "source": "Davis King's dlib_face_recognition_resnet_model_v1, "
        "https://github.com/davisking/dlib-models; 8-bit copy from the npm package @vladmandic/face-api "
        "1.7.15 (MIT)",
        "weights": "8-bit numbers with a scale and an offset for each array; eight arrays float16",
    },
    "again": {
        "how it was chosen": "by its maker; the course chose the 8-bit copy for its size",
        "make the file again": "`python -m course_lib.authoring.embedding.face_identity DIR`",
        "measure it again": "`course evaluate face_identity_alignment --data DIR`",
        "predictions": "none are kept: the course stores no embedding of a person",
    },
    "limits": """\
Davis King put the weights in the public domain (CC0 1.0 in the PyPI package
face_recognition_models 0.3.0). About half of the training images came from VGG-Face and FaceScrub,
which were made for research: check this before any commercial use.

The people in the training data did not ask to be in it. Many of them are well-known people of some
countries, so for other groups of people the features may fit less well. The network was trained to
tell people apart, so its last layers keep less of the expression.""",
    "misuse": f"""\
To identify people. The course compares nobody with anybody outside this check of the network, and the
demo keeps no embedding. Nor to judge, select, rank, watch or treat anyone. {AI_ACT}""",
    "purpose": "transfer learning",
}


NOT_MEASURED = "Not measured for this file."
NO_PROBABILITIES = "It gives features and no probabilities, so there is nothing to calibrate."


def fill(
    name: str,
    facts: dict[str, Any],
    scores: str,
    limits: str,
    misuse: str,
    purpose: str,
    calibration: str = NOT_MEASURED,
    groups: str = NOT_MEASURED,
    again: dict[str, Any] | None = None,
) -> str:
    """Fill the template of the model cards.

    Parameters
    ----------
    name : str
        The preset's name.
    facts : dict
        The rows of the table at the top.
    scores, limits, misuse : str
        Markdown for these sections.
    purpose : str
        What the preset helps to teach.
    calibration, groups : str
        Markdown for these sections.
    again : dict, optional
        The rows of the table that tells how to make the file again and how to check it.

    Returns
    -------
    str
        The card, in Markdown.

    Examples
    --------
    >>> fill("a", {"input": "faces"}, "", "", "", "it").splitlines()[:5]
    ['# a', '', '|  |  |', '| --- | --- |', '| input | faces |']
    """
    return TEMPLATE.format(
        name=name,
        facts=table(("", ""), facts.items()),
        scores=scores,
        calibration=calibration,
        groups=groups,
        again=table(("", ""), (again or {}).items()),
        limits=limits,
        misuse=misuse,
        purpose=purpose,
    )


def write(
    about: dict[str, Any], weights: str | Path | None = None, others: Sequence[dict] = (), **measured: str
) -> str:
    """Write the model card of a training, or of `face_identity`.

    Parameters
    ----------
    about : dict
        The training, as `face_training.train` or `voice_training.train` returns it. For `face_identity` the
        result "face_identity_alignment".
    weights : path, optional
        The file of weights, for its SHA-256.
    others : sequence of dict
        The same training with other seeds.
    **measured : str
        The sections `calibration`, `groups` and `limits`, where they were measured.

    Returns
    -------
    str
        The card, in Markdown.
    """
    if "verification" in about:
        found = FACE_IDENTITY | {"scores": _of_alignment(about), "calibration": NO_PROBABILITIES}
    else:
        found = _of_faces(about) if "network" in about else VOICES[about["classifier"]](about)
    if weights:
        found["again"] = found["again"] | _beside(
            Path(weights), found.pop("items", "for each face of each test")
        )
    found.pop("items", None)
    if others:
        found["scores"] += f"\n\n{_by_seed([about, *others])}"
    return fill(**found | measured)


def _beside(weights: Path, items: str) -> dict[str, str]:
    """The rows of the file of weights, and of the probabilities beside it if they were kept."""
    rows = {"SHA-256 of the file": f"`{digest(weights)}`"}
    for path in (weights.with_suffix(".predictions.npz"), weights.with_name("predictions.npz")):
        if path.is_file():
            rows["probabilities"] = f"{items}: `{path.name}` beside the weights, float16"
    return rows


def digest(weights: str | Path) -> str:
    """The SHA-256 of a file of weights, as `sha256sum` prints it."""
    return hashlib.sha256(Path(weights).read_bytes()).hexdigest()


# --- faces ---


def _of_faces(about):
    face, two = about["network"] == "face_or_not", any(", raters" in test for test in about["scores"])
    facts = {
        "output": "whether an image shows a face" if face else _OUTPUT + two * _OUTPUTS,
        "input": f"grey {'images' if face else 'faces'} of 48 x 48 pixels, uint8",
        "parameters": f"{about['parameters']:,}",
        "data": _faces_data(about, face),
        "split": f"{about['trained_on']:,} images in the training set, {about['validated_on']:,} in the "
        "validation set. No face is in both, and no image that repeats one of PublicTest is in either",
        **(_NOT_FACES if face else {}),
        "training": f"{about['epochs']} epochs, seed {about['seed']}, batches of {about['batch_size']}, "
        f"{about['precision']}, {about['backend']}",
        "data augmentation": _augmented(about["augmentation"]),
        "weights": _kept(about),
    }
    short = {"face_or_not": "face", "emotion_net": "emotion"}.get(about["network"], about["network"])
    return {
        "name": about["network"],
        "facts": facts,
        "scores": _of_tests(about),
        "again": {
            "how it was chosen": "on the validation set alone; the test set was scored after the last choice",
            "make it again": made(about.get("command", f"course train {about['network']}")),
            "predictions": 'one digit for each image, in the order of the file, is "answers" of each score '
            f"in `course_lib/results/{about['network']}.json`",
            "score it on another file": f"`course evaluate --model {short} --data FILE.npz`",
            "score another file of weights": "`course evaluate --model WEIGHTS.npz --data FILE.npz`",
        },
        "limits": FACE_OR_NOT if face else limits_of_emotions(),
        "misuse": MISUSE,
        "purpose": "such a network",
    }


_OUTPUT = "which of seven emotions a face is labelled with"
_OUTPUTS = "; a second output: which of eight emotions most of FER+'s raters saw (`emotion_net_raters`)"
_UAR = "UAR (unweighted average recall) is the mean recall of the classes."
_ALL = (
    ' "One view": the face as it is, without the other views. "Raters": the faces on which more than half of '
    "FER+'s raters agree, with eight emotions."
)
_NOT_FACES = {
    "images without a face": "crops of photographs that come with scikit-image and scikit-learn and show no "
    "person, drawn patterns, and spoilt faces (a small piece, or the parts in a wrong order). Crops of the "
    "same photographs are in both sets, so the validation score is optimistic",
    "how these were chosen": "after a look at the images of lfw_subset, but not by a score on them",
}
# Each setting of `augmentation.augment`, and how to write its value.
_AUGMENTATION: dict[str, Any] = {
    "size": lambda value: f"{value} x {value} pixels from the middle",
    "turn": lambda value: f"turned by up to {value:g} degrees",
    "zoom": lambda value: f"zoomed by a factor of {exp(-value):.2f} to {exp(value):.2f}",
    "shift": lambda value: f"shifted by up to {100 * value:g} % of the width and height",
    "light": lambda value: (
        f"contrast changed by up to {100 * value:g} % and brightness by up to "
        f"{64 * value:.0f} of 255 grey levels"
    ),
    "erase": lambda value: f"one rectangle is filled with grey in {100 * value:g} % of the images",
    "blur": lambda value: f"blurred in {100 * value:g} % of the images",
}


def _augmented(settings):
    """The settings of the data augmentation in words, with units."""
    each = [_AUGMENTATION[name](value) for name, value in settings.items()]
    return "; ".join(["each image is mirrored in half of the cases", *each]) if each else "none"


def limits_of_emotions(doubtful: str = "for many faces") -> str:
    """The section "Licence and limits" of a network for emotions.

    Parameters
    ----------
    doubtful : str
        For how many faces FER2013's label is doubtful, in words.

    Returns
    -------
    str

    Examples
    --------
    >>> "doubtful: for many faces, the label" in limits_of_emotions()
    True
    """
    return EMOTIONS.format(doubtful=doubtful)


def views_text(network: str) -> str:
    """The views of a network's test-time augmentation in words; empty for a network without any."""
    shift = RECIPES[network].tta if network in RECIPES else 0
    if not shift:
        return ""
    return (
        f'"Ten views" (test-time augmentation): the face, the face shifted by {shift} pixels to each of the '
        "four sides, and the mirror images of these five. The prediction is the mean of the ten."
    )


def made(command: str) -> str:
    """A command that trained a network, and what `--ship` does."""
    ship = "; `--ship` is for maintainers: it writes the figures and the weights into the course"
    return f"`{command}`{ship if '--ship' in command else ''}"


def _faces_data(about, face):
    if face:
        return (
            "FER2013's Training set, and as many images without a face (`datasets/not_faces.py`); "
            f"{100 * about['hard_negatives']:g} % of these are places that a cascade or the first edition "
            "took for a face"
        )
    votes = "; the second output is trained on FER+'s votes for the same faces"
    return "FER2013's Training set" + votes * (about["network"] == "emotion_net")


def _kept(about):
    if about["patience"]:
        return (
            f"of epoch {about['kept_epoch']}, the best on the validation set, so the validation score is "
            "optimistic; float16"
        )
    return (
        "of the last epoch; the training was designed on the validation set, so the validation score is "
        "optimistic; float16"
    )


def _of_tests(about):
    """The scores of all tests in one table, then the classes of those with test-time augmentation."""
    scores, views = about["scores"], views_text(about["network"])
    three = any("top_3" in found for found in scores.values())
    rows = [
        (
            test_name(name),
            _counted(found["top_1"]),
            f"{100 * found['top_1']['baseline']:.1f} %",
            *([_counted(found["top_3"]) if "top_3" in found else "not measured"] if three else []),
            f"{100 * found['uar']:.1f} %",
        )
        for name, found in scores.items()
    ]
    top = ["label among its 3 most probable (95 % CI)"] if three else []
    head = ("test", "accuracy (95 % CI)", "majority-class baseline", *top, "UAR")
    main = (name for name in scores if not name.endswith(("face alone", "seven emotions")))
    classes = (f"**{name}**, by class:\n\n{classes_table(scores[name])}" for name in main)
    note = f"{_UAR} The scores are with ten views, unless stated otherwise. {views}" if views else _UAR
    return "\n\n".join((note + _ALL * (len(scores) > 2), table(head, rows), *classes))


def _by_seed(trainings):
    """The accuracies of trainings that differ in their seed, one column each."""
    tests = [name for name in trainings[0]["scores"] if name != "validation"]
    rows = [
        (test_name(name), *(_counted(one["scores"][name]["top_1"]) for one in trainings)) for name in tests
    ]
    head = ("test", *(f"seed {one['seed']}" for one in trainings))
    note = (
        f"The same training with {len(trainings)} seeds. The seed of the weights, {trainings[0]['seed']}, "
        "was chosen before any of them was scored on the test set."
    )
    return f"{note}\n\n{table(head, rows)}"


def test_name(name: str) -> str:
    """The name of a test as the cards print it.

    Examples
    --------
    >>> test_name("PublicTest, face alone")
    'PublicTest, one view'
    """
    return name.replace("face alone", "one view")


def _counted(score):
    return (
        f"{score['correct']:,} of {score['n']:,} = {100 * score['correct'] / score['n']:.1f} % "
        f"({ends(score['interval'])})"
    )


# --- voices ---


def _of_voices(about):
    facts = {
        "output": "which of eight emotions an actor was asked to act",
        "input": f"sound at 16 kHz: {about['measured']:,} statistics of its MFCC, of how they change over "
        "time, of its fundamental frequency, and of voice quality (jitter, shimmer, harmonics-to-noise "
        "ratio, formants, spectral balance, loudness)",
        "classifier": f"linear discriminant analysis, covariances shrunk by {about['shrinkage']:g}, equal "
        f"prior probabilities for all emotions; {about['parameters']:,} parameters",
        "prediction": f"the mean over three speeds ({', '.join(f'{speed:g}' for speed in about['speeds'])}), "
        "which the training used, too",
        "data": f"RAVDESS, {about['trained_on']:,} speech recordings of 24 actors",
        "training": f"scikit-learn {about['scikit-learn']}. The kind of classifier, its features, the speeds "
        "and the shrinkage were chosen on other splits of the same 24 actors, so the score may be slightly "
        f"optimistic. On four other splits the UAR is {100 * min(about['other_splits']):.1f} to "
        f"{100 * max(about['other_splits']):.1f} %",
        "weights": "trained on all actors; float32",
    }
    scores = [_by_actors(about["scores"]), _at_random(about["at_random"]), classes_table(about["scores"])]
    chosen = 'on other splits of the same 24 actors (see the row "training")'
    return _voice_card(about, facts, scores, {"how it was chosen": chosen})


def _of_voice_encoder(about):
    layers, window = about["layers"], f"{about['window']:g} s"
    by_fold = next(iter(layers.values()))
    facts = {
        "output": "which of eight emotions an actor was asked to act",
        "input": "sound at 16 kHz, 30 s at most: 512 numbers of layer "
        f"{layers['all actors']} of Whisper-base's frozen encoder (`whisper_base_encoder`), their mean over "
        "the utterance",
        "classifier": "linear discriminant analysis, covariances shrunk by Ledoit and Wolf's formula, equal "
        f"prior probabilities for all emotions; {about['parameters']:,} parameters of its own, 20,590,592 of "
        "the encoder",
        "data": f"RAVDESS, {about['trained_on']:,} speech recordings of 24 actors, each whole and its middle "
        f"{window}, which is how long the live demo hears",
        "training": f"scikit-learn {about['scikit-learn']}. The encoder was not trained further",
        "weights": "trained on all actors; float32. The encoder's weights are not part of the course: "
        "`course fetch whisper-base` (145 MB). SHA-256 of the encoder's tensors: "
        f"`{about['encoder_sha256']}`",
    }
    scores = [
        _by_actors(about["scores"]),
        f"Leave-one-speaker-out: {score_text(about['one_out']['top_1'])}; UAR "
        f"{100 * about['one_out']['uar']:.1f} % (95 % CI over actors "
        f"{ends(about['one_out']['uar_interval'])}).",
        f"The middle {window} of each recording, on the five folds: "
        f"{score_text(about['windows']['top_1'])}; UAR {100 * about['windows']['uar']:.1f} %.",
        _at_random(about["at_random"]),
        classes_table(about["scores"]),
    ]
    how = (
        "the layer within each training set, by cross-validation over its actors: layer "
        f"{', '.join(map(str, by_fold))} in the five folds"
    )
    found = _voice_card(about, facts, scores, {"how it was chosen": how})
    return found | {"items": "for each recording, whole and its middle"}


def _voice_card(about, facts, scores, chosen):
    """What the cards of both classifiers for voices share."""
    name = about["classifier"]
    return {
        "name": name,
        "facts": facts,
        "scores": "\n\n".join(scores),
        "again": {
            **chosen,
            "make it again": made(about.get("command", f"course train {name}")),
            "predictions": "for each recording, by a classifier that was not trained on its actor: "
            f'"answers" in `course_lib/results/{name}.json`',
            "score it on another folder": f"`course evaluate --model {name} --data DIR`",
            "score another file of weights": "`course evaluate --model WEIGHTS.npz --data DIR`",
        },
        "limits": RAVDESS,
        "misuse": MISUSE,
        "purpose": "such a classifier",
    }


VOICES = {"voice": _of_voices, "voice_encoder": _of_voice_encoder}


def _by_actors(found):
    genders = ", ".join(f"{gender} {100 * right:.1f} %" for gender, right in found["by_gender"].items())
    actors = [100 * right for right in found["by_actor"].values()]
    return (
        "Speaker-independent cross-validation. These weights were trained on all actors, so the score is "
        "that of five classifiers trained in the same way, each tested on actors that it was not trained on: "
        f"{score_text(found['top_1'])}; 95 % CI over actors {ends(found['actor_interval'])}. UAR "
        f"(unweighted average recall, the mean recall of the classes) {100 * found['uar']:.1f} % (95 % CI "
        f"over actors {ends(found['uar_interval'])}). Accuracy by gender: {genders}; by actor from "
        f"{min(actors):.0f} to {max(actors):.0f} %."
    )


def _at_random(found):
    return (
        "With a random split, so that every actor is in the training set, too: "
        f"{score_text(found['top_1'])}; UAR {100 * found['uar']:.1f} %."
    )


# --- face_identity ---


def _of_alignment(about):
    cosine, ways = about["dlib"]["cosine"], about["verification"]
    rows = [
        (
            way,
            f"{cosine[way]['lowest']:.4f}" if way in cosine else "",
            f"{found['same']['median']:.2f}",
            f"{found['other']['median']:.2f}",
            f"{found['auc']['value']:.4f} ({'–'.join(f'{end:.4f}' for end in found['auc']['interval'])})",
            f"{100 * found['equal_error']['value']:.1f} % ({ends(found['equal_error']['interval'])})",
        )
        for way, found in ways.items()
    ]
    head = (
        "aligned by",
        "lowest cosine",
        "same person",
        "two people",
        "AUC (95 % CI)",
        "equal error (95 % CI)",
    )
    n, missed = {kind: ways["points"][kind]["n"] for kind in ("same", "other")}, ways["points"]["missed"]
    alike = cosine["dlib's points"]["lowest"]
    paragraphs = (
        f"With dlib's own 128 numbers for {about['dlib']['n']} faces, aligned alike, the cosine is at least "
        f"{alike:.4f}.",
        f"The London set, {about['people']} people, each once neutral and once smiling: the lowest cosine "
        f"with dlib's numbers, the median distances, and how well they tell {n['same']} pairs of photographs "
        f"of the same person from {n['other']:,} pairs of two people.",
        table(head, rows),
        f"At dlib's threshold of {about['threshold']:g} and with five points, {100 * missed['value']:.1f} % "
        f"of the pairs of the same person are missed (95 % CI {ends(missed['interval'])}). Both "
        "photographs of a person were taken in one session, which makes this easy: see the row of the "
        "pixels.",
    )
    return "\n\n".join(paragraphs)


# --- both ---


def score_text(score: dict) -> str:
    """Write a score that `Score.to_dict` gave: correct, n, accuracy, interval and baseline."""
    return (
        f"{score['correct']:,} of {score['n']:,} = {100 * score['correct'] / score['n']:.1f} % "
        f"(95 % CI {ends(score['interval'])}; majority-class baseline {100 * score['baseline']:.1f} %)"
    )


def ends(interval: Sequence[float]) -> str:
    """Write an interval in percent, without the sign.

    Examples
    --------
    >>> ends((0.1, 0.254))
    '10.0–25.4'
    """
    return "–".join(f"{100 * end:.1f}" for end in interval)


def classes_table(found: dict) -> str:
    """The classes of a score as a table in Markdown, with Wilson's interval of each recall."""
    rows = []
    for label, row in found["classes"].items():
        n = int(row["n"])  # of a data frame's row it is a float
        low, high = wilson(round(row["recall"] * n), n) if n else (0, 1)
        recall = f"{row['recall']:.3f} ({low:.3f}–{high:.3f})"
        rows.append((label, f"{n:,}", recall, f"{row['F1']:.3f}"))
    return table(("class", "n", "recall (95 % CI)", "F1"), rows)


def table(head: Sequence, rows: Iterable[Sequence]) -> str:
    """Write a table in Markdown.

    Examples
    --------
    >>> print(table(("class", "n"), [("sad", 3)]))
    | class | n |
    | --- | --- |
    | sad | 3 |
    """
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows))
