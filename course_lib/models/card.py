"""Write the model cards beside the weights: one template, filled for faces, voices and frozen networks.

Source: Mitchell et al. (2019), "Model Cards for Model Reporting", arXiv:1810.03993."""

from collections.abc import Iterable, Sequence
from typing import Any

TEMPLATE = """# {name}

{facts}

## Scores

{scores}

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

FER2013 = """\
FER2013 (Goodfellow et al. 2013) was gathered by a web search for words of emotion. No open licence
is known. The rights in its images belong to their owners, and these weights are not under the
course's MIT licence.

Many of its labels are doubtful: for four faces of ten, most of FER+'s ten raters (Barsoum et al.
2016) chose another label. The people in the images are not identified, so the errors cannot be
compared between groups of people.

A label tells what somebody thought an image shows. It does not tell what the person felt, and a
face does not show that reliably (Barrett et al. 2019)."""
RAVDESS = """\
RAVDESS (Livingstone & Russo 2018) is under CC BY-NC-SA 4.0: commercial use is not allowed, and what
is made from it must be shared under the same terms. These weights were made from it, so the same
terms hold for them; they are not under the course's MIT licence.

RAVDESS has 24 actors of one city, two sentences and one studio, and each emotion is acted. Do not
expect the same score for felt emotions, other languages or other microphones. The label is the
emotion that an actor was asked to act, not what anyone felt."""

VGG_FACE = {
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
    "limits": """\
The weights are for non-commercial research only and must not be passed on. The people in the
training data did not ask to be in it. They are well-known people of some countries, so for other
groups of people the features may fit less well.""",
    "misuse": f"To recognise people, or to judge, select, rank, watch or treat anyone. {AI_ACT}",
    "purpose": "transfer learning",
}

FACE_IDENTITY = {
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


def fill(name: str, facts: dict[str, Any], scores: str, limits: str, misuse: str, purpose: str) -> str:
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

    Returns
    -------
    str
        The card, in Markdown.

    Examples
    --------
    >>> fill("a", {"input": "faces"}, "", "", "", "it").splitlines()[:5]
    ['# a', '', '|  |  |', '| --- | --- |', '| input | faces |']
    """
    table = _table(("", ""), facts.items())
    return TEMPLATE.format(
        name=name, facts=table, scores=scores, limits=limits, misuse=misuse, purpose=purpose
    )


def write(about: dict[str, Any]) -> str:
    """Write the model card of a training, or of `face_identity`.

    Parameters
    ----------
    about : dict
        The training, as `face_training.train` or `voice_training.train` returns it. For `face_identity` the
        result "face_identity_alignment".

    Returns
    -------
    str
        The card, in Markdown.
    """
    if "verification" in about:
        return fill(**FACE_IDENTITY, scores=_of_alignment(about))
    return fill(**(_of_faces(about) if "network" in about else _of_voices(about)))


# --- faces ---


def _of_faces(about):
    face = about["network"] == "face_or_not"
    facts = {
        "output": "whether an image shows a face"
        if face
        else "which of seven emotions a face is labelled with",
        "input": "grey faces of 48 x 48 pixels, uint8",
        "parameters": f"{about['parameters']:,}",
        "data": _faces_data(about, face),
        "split": f"{about['trained_on']:,} images in the training set, {about['validated_on']:,} in the "
        "validation set, no face in both; images that repeat one of PublicTest are in neither"
        + _NOT_FACES
        * face,
        "training": f"{about['epochs']} epochs, seed {about['seed']}, batches of {about['batch_size']}, "
        f"{about['precision']}, {about['backend']}",
        "data augmentation": ", ".join(f"{name} {value:g}" for name, value in about["augmentation"].items())
        or "none",
        "weights": _kept(about),
    }
    scores = "\n\n".join(_of_test_set(name, found) for name, found in about["scores"].items())
    return {
        "name": about["network"],
        "facts": facts,
        "scores": scores,
        "limits": FER2013,
        "misuse": MISUSE,
        "purpose": "such a network",
    }


_NOT_FACES = (
    "; the images without a face are crops of the same photographs in both sets, so the validation score is "
    "optimistic; the way in which they are made was chosen after a look at the images of lfw_subset, but not "
    "by a score on them"
)


def _faces_data(about, face):
    if face:
        return "FER2013's Training set, and as many images without a face (`datasets/not_faces.py`)"
    if about.get("last_layer"):  # emotion_net's first edition, which had one output
        fractions = [f"{fraction:g} for {epochs} epochs" for epochs, _, fraction in about["stages"]]
        return (
            "FER2013's Training set; FER+'s votes make up a fraction of each label: "
            f"{', then '.join(fractions)}; the last layer was then retrained on the labels alone"
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


def _of_test_set(name, found):
    top_3 = f"; top-3 {_score(found['top_3'])}" if "top_3" in found else ""
    line = f"**{name}**: {_score(found['top_1'])}{top_3}; UAR {100 * found['uar']:.1f} %."
    return f"{line}\n\n{_classes(found)}"


# --- voices ---


def _of_voices(about):
    facts = {
        "output": "which of eight emotions an actor was asked to act",
        "input": f"sound at 16 kHz: {about['measured']:,} statistics of its MFCC, of how they change over "
        "time, and of its fundamental frequency",
        "classifier": f"linear discriminant analysis, covariances shrunk by {about['shrinkage']:g}, equal "
        f"prior probabilities for all emotions; {about['parameters']:,} parameters",
        "prediction": f"the mean over three speeds ({', '.join(f'{speed:g}' for speed in about['speeds'])}), "
        "which the training used, too",
        "data": f"RAVDESS, {about['trained_on']:,} speech recordings of 24 actors",
        "training": f"scikit-learn {about['scikit-learn']}. The kind of classifier, its features, the speeds "
        "and the shrinkage were chosen on other splits of the same 24 actors, where the UAR was 61.7 to "
        "64.0 %: the score may be slightly optimistic",
        "weights": "trained on all actors; float32",
    }
    scores = [_by_actors(about["scores"]), _at_random(about["at_random"]), _classes(about["scores"])]
    return {
        "name": about["classifier"],
        "facts": facts,
        "scores": "\n\n".join(scores),
        "limits": RAVDESS,
        "misuse": MISUSE,
        "purpose": "such a classifier",
    }


def _by_actors(found):
    genders = ", ".join(f"{gender} {100 * right:.1f} %" for gender, right in found["by_gender"].items())
    actors = [100 * right for right in found["by_actor"].values()]
    return (
        "Speaker-independent cross-validation. These weights were trained on all actors, so the score is "
        "that of five classifiers trained in the same way, each tested on actors that it was not trained on: "
        f"{_score(found['top_1'])}; 95 % CI over actors {_ends(found['actor_interval'])}. UAR "
        f"{100 * found['uar']:.1f} % (95 % CI over actors {_ends(found['uar_interval'])}). Accuracy by "
        f"gender: {genders}; by actor from {min(actors):.0f} to {max(actors):.0f} %."
    )


def _at_random(found):
    return (
        "With a random split, so that every actor is in the training set, too: "
        f"{_score(found['top_1'])}; UAR {100 * found['uar']:.1f} %."
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
            f"{100 * found['equal_error']['value']:.1f} % ({_ends(found['equal_error']['interval'])})",
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
        _table(head, rows),
        f"At dlib's threshold of {about['threshold']:g} and with five points, {100 * missed['value']:.1f} % "
        f"of the pairs of the same person are missed (95 % CI {_ends(missed['interval'])}). Both "
        "photographs of a person were taken in one session, which makes this easy: see the row of the "
        "pixels.",
    )
    return "\n\n".join(paragraphs)


# --- both ---


def _score(score):
    return (
        f"{score['correct']:,} of {score['n']:,} = {100 * score['correct'] / score['n']:.1f} % "
        f"(95 % CI {_ends(score['interval'])}; majority-class baseline {100 * score['baseline']:.1f} %)"
    )


def _ends(interval):
    return "–".join(f"{100 * end:.1f}" for end in interval)


def _classes(found):
    rows = [
        (label, row["n"], f"{row['recall']:.3f}", f"{row['F1']:.3f}")
        for label, row in found["classes"].items()
    ]
    return _table(("class", "n", "recall", "F1"), rows)


def _table(head: Sequence, rows: Iterable[Sequence]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows))
