"""The model card that `course train` writes beside weights. After Mitchell et al. 2019, arXiv:1810.03993."""

SAYS = {"face_or_not": "whether a picture shows a face"}
OTHERS = (
    "; the pictures without a face are crops of the same photographs in both, so validation flatters, and "
    "how "
    "they are made was settled after a look at lfw_subset's pictures, though by no score on them"
)
LIMITS = """## Licence and limits

FER2013 (Goodfellow et al. 2013) was gathered by a web search for words of emotion. No open licence is known, the rights
in its pictures stay with their owners, and these weights are not under the course's MIT licence.

Many of its labels are doubtful: on four faces of ten, what most of FER+'s ten raters say (Barsoum et al. 2016) is not
the label. Nobody knows who the people are, so nobody can say how the errors differ between groups of people.

A label says what somebody took a picture for. It does not say what the person felt, and a face does not tell it
reliably (Barrett et al. 2019).

## What it must not be used for

To judge, select, rank, watch or treat anyone: not in hiring, at school, by police, in health care, insurance or
advertising. The EU's AI Act (Regulation 2024/1689, Article 5(1)(f)) forbids inferring emotions at work and at school,
except for medical or safety reasons. It is here to learn how such networks work, and how they fail.
"""  # noqa: E501
VOICE_LIMITS = """## Licence and limits

RAVDESS (Livingstone & Russo 2018) is under CC BY-NC-SA 4.0: not for commercial use, and what is made of it is passed on
under the same terms. These weights are made of it and follow them; they are not under the course's MIT licence.

24 actors of one city, two sentences, in a studio, each emotion played: a voice that feels it, another language, another
microphone are something else. What an actor was asked to play is the label; nobody's feeling is.

""" + LIMITS[LIMITS.index("## What it must") :]  # noqa: E501


def write_voice(about) -> str:
    """The card, in Markdown, of a training as `voice_training.train` describes it."""
    scores, (low, high) = about["scores"], about["scores"]["uar_interval"]
    rows = {
        "what it says": "which of eight emotions an actor was asked to play",
        "input": f"sound at 16 kHz: {about['measured']:,} statistics of its MFCC, their slopes and course "
        f"in time, and "
        "of its fundamental frequency",
        "classifier": f"linear discriminant analysis, covariances shrunk by {about['shrinkage']:g}, all "
        f"emotions taken "
        f"to be equally likely; {about['parameters']:,} numbers",
        "answer": f"the mean over three speeds ({', '.join(f'{speed:g}' for speed in about['speeds'])}), "
        f"with which it "
        "was trained, too",
        "data": f"RAVDESS, {about['trained_on']:,} speech recordings of 24 actors",
        "training": f"scikit-learn {about['scikit-learn']}. That it is this kind of classifier and no "
        f"network, what it "
        "measures, the speeds and the shrinkage were settled on other divisions of the same 24 actors, "
        "where it had a UAR of 61.7 to 64.0 %: the score may flatter a little",
        "weights": "trained on all actors; float32",
    }
    genders = ", ".join(
        f"{gender} {100 * fraction:.1f} %" for gender, fraction in scores["by_gender"].items()
    )
    actors = [100 * fraction for fraction in scores["by_actor"].values()]
    at_random, own_low, own_high = about["at_random"], *(100 * end for end in scores["actor_interval"])
    text = (
        f"Not of these weights, which have heard every actor, but of five trained alike, each on other "
        f"actors than "
        f"it is asked about: {_score(scores['top_1'])}, the interval counting recordings; "
        f"{own_low:.1f}–{own_high:.1f} "
        f"by drawing actors again. UAR {100 * scores['uar']:.1f} % ({100 * low:.1f}–{100 * high:.1f} by "
        f"drawing "
        f"actors again). Right by gender: {genders}; by actor from {min(actors):.0f} to {max(actors):.0f} "
        f"%.\n\n"
        f"With a random split, so that every actor is in the training set, too: "
        f"{_score(at_random['top_1'])}; "
        f"UAR {100 * at_random['uar']:.1f} %."
    )
    classes = [
        (label, row["n"], f"{row['recall']:.3f}", f"{row['F1']:.3f}")
        for label, row in scores["classes"].items()
    ]
    return "\n\n".join(
        [
            f"# {about['classifier']}",
            _table(("", ""), rows.items()),
            "## Scores",
            text,
            _table(("class", "n", "recall", "F1"), classes),
            VOICE_LIMITS,
        ]
    )


def write(about) -> str:
    """The card, in Markdown, of a training as `face_training.train` describes it."""
    name = about["network"]
    rows = {
        "what it says": SAYS.get(name, "which of seven emotions a face was labelled with"),
        "input": "grey faces of 48 x 48 pixels, uint8",
        "parameters": f"{about['parameters']:,}",
        "data": _data(about, name == "face_or_not"),
        "split": f"{about['trained_on']:,} images to train on and {about['validated_on']:,} to validate, "
        f"no face in "
        f"both; rows that repeat a PublicTest image are in neither{OTHERS * (name == 'face_or_not')}",
        "training": f"{about['epochs']} epochs, seed {about['seed']}, batches of "
        f"{about['batch_size']}, {about['precision']}, {about['backend']}",
        "data augmentation": ", ".join(f"{name} {value:g}" for name, value in about["augmentation"].items()),
        "weights": _kept(about),
    }
    parts = [f"# {name}", _table(("", ""), rows.items()), "## Scores"]
    for part, found in about["scores"].items():
        top_3 = f"; top-3 {_score(found['top_3'])}" if "top_3" in found else ""
        classes = [
            (label, row["n"], f"{row['recall']:.3f}", f"{row['F1']:.3f}")
            for label, row in found["classes"].items()
        ]
        parts += [
            f"**{part}**: {_score(found['top_1'])}{top_3}; UAR {100 * found['uar']:.1f} %.",
            _table(("class", "n", "recall", "F1"), classes),
        ]
    return "\n\n".join([*parts, LIMITS])


def _data(about, face):
    if face:
        return "FER2013's Training part, and as many pictures without a face (`datasets/not_faces.py`)"
    fractions = [f"{fraction:g} for {epochs} epochs" for epochs, _, fraction in about["stages"]]
    votes = f"; of a label FER+'s votes are a fraction of {', then '.join(fractions)}"
    last = "; the last layer was then learnt anew, on the labels alone"
    return (
        "FER2013's Training part"
        + votes * any(fraction for *_, fraction in about["stages"])
        + last * bool(about["last_layer"])
    )


def _kept(about):
    if about["patience"]:
        return (
            f"of epoch {about['kept_epoch']}, the best in validation, whose score flatters for that; float16"
        )
    return (
        "of the last epoch; how it is trained was chosen on the validation faces, whose score flatters "
        "for that; "
        "float16"
    )


def _score(score):
    low, high = score["interval"]
    return (
        f"{score['correct']:,} of {score['n']:,} = {100 * score['correct'] / score['n']:.1f} % "
        f"(95 % CI {100 * low:.1f}–{100 * high:.1f}; majority {100 * score['baseline']:.1f} %)"
    )


def _table(head, rows):
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows))
