"""Write the model cards beside the weights, from the results and the files of weights: `course cards`.

`models.card` has the template. Here it is filled with what was measured after the training: calibration, and
scores by group of people.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course_lib import evaluation, results
from course_lib.core.io import whole_file
from course_lib.datasets import fetch
from course_lib.models import card, voices
from course_lib.models.presets import SHIPPED

CARDS = (
    "emotion_net",
    "face_or_not",
    "voice",
    "voice_encoder",
    "face_identity",
    "vgg_face",
    "whisper_base_encoder",
)

# The classifiers for voices, and the result with their calibration.
VOICES = {"voice": "decision_calibration", "voice_encoder": "encoder_calibration"}

WHISPER: dict[str, Any] = {
    "name": "whisper_base_encoder",
    "facts": {
        "output": "512 numbers for an utterance: the mean of the encoder's output over the utterance's own "
        "frames of 20 ms, at a layer from 0 (after the convolutions) to 6 (the last); the decoder, which "
        "writes text, is left out",
        "input": "sound at 16 kHz, 30 s at most; silence is added to whole seconds; a log-mel spectrogram of "
        "80 bands, one row each 10 ms, is computed inside",
        "parameters": "20,590,592 (2 convolutions, 6 transformer blocks of width 512 with 8 heads)",
        "data": "680,000 hours of speech with text from the internet, in 97 languages; no label of an "
        "emotion",
        "source": "Radford et al. (2022), Robust Speech Recognition via Large-Scale Weak Supervision, "
        "https://doi.org/10.48550/arXiv.2212.04356; OpenAI's base.pt",
        "weights": "not part of the course: `course fetch whisper-base` (145 MB). Their embeddings of 1,440 "
        "RAVDESS, 339 EmoDB and 19 CREMA-D recordings are (`course_lib.datasets.embeddings`)",
    },
    "limits": """\
The code and the weights of Whisper are under the MIT licence (OpenAI). What is computed from a corpus stays
under the licence of the corpus.

A probe that scores well on one corpus can fail on another: compare the rows of EmoDB above. Both corpora are
acted, and recorded without noise. Whisper was trained on far more English than any other language, and it
does not work equally well for all accents and groups of people. The label is the emotion that an actor was
asked to act, not what anyone felt.""",
    "misuse": card.MISUSE,
    "purpose": "transfer learning for speech",
    "calibration": card.NO_PROBABILITIES,
}
# The rows of Whisper's table: (result, path to the systems, what was tested).
PROBES = (
    (
        "ravdess_speech_encoder",
        ("protocols", "speaker-independent, five published folds"),
        "RAVDESS, 8 emotions, five published folds of actors",
    ),
    (
        "ravdess_speech_encoder",
        ("protocols", "speaker-independent, leave-one-speaker-out"),
        "RAVDESS, 8 emotions, leave-one-speaker-out",
    ),
    (
        "emodb_speech_encoder",
        ("protocols", "speaker-independent, leave-one-speaker-out"),
        "EmoDB, 4 emotions, leave-one-speaker-out",
    ),
    (
        "cross_corpus_speech",
        ("directions", "ravdess to emodb", "standardised on the training corpus"),
        "trained on RAVDESS, tested on EmoDB, 4 emotions",
    ),
    (
        "cross_corpus_speech",
        ("directions", "emodb to ravdess", "standardised on the training corpus"),
        "trained on EmoDB, tested on RAVDESS, 4 emotions",
    ),
)
SYSTEMS = ("handcrafted", "encoder, last layer", "encoder, layer chosen")


def write() -> list[Path]:
    """Write the card of each preset that comes with the course, or that `course fetch` gets.

    Returns
    -------
    list of Path
        The files `NAME.md`, beside the weights.
    """
    for name in CARDS:
        with whole_file(path(name)) as part:
            part.write_text(text(name), encoding="utf-8")
    return [path(name) for name in CARDS]


def path(name: str) -> Path:
    """Where the card of a preset is."""
    return (voices.SHIPPED.parent if name in VOICES else SHIPPED) / f"{name}.md"


def text(name: str, weights: Path | None = None) -> str:
    """Write one card in Markdown.

    Parameters
    ----------
    name : str
        One of `CARDS`.
    weights : path, optional
        The file of weights, whose SHA-256 the card prints. By default the one beside the card.

    Returns
    -------
    str

    Examples
    --------
    >>> text("vgg_face").splitlines()[0]
    '# vgg_face'
    """
    if name == "vgg_face":
        return card.fill(**card.VGG_FACE, calibration=card.NO_PROBABILITIES)
    if name == "whisper_base_encoder":
        return card.fill(**WHISPER, scores=_probes(), groups=_probes_by_gender(), again=_whisper_again())
    about = results.read("face_identity_alignment" if name == "face_identity" else name)
    weights = weights or path(name).with_suffix(".npz")
    return card.write(about, weights, results.other_seeds(name), **_measured(name, about, weights))


def _measured(name: str, about: Mapping, weights: Path) -> dict[str, str]:
    """The sections of one card that were measured after the training."""
    if name in VOICES:
        return {"calibration": calibration_of_voices(name), "groups": groups_of_voices(about["scores"])}
    if name == "emotion_net":
        return {
            "calibration": _of_file(weights, "emotion_net_calibration", calibration_of_faces),
            "groups": _of_file(weights, "london_fairness", groups_of_faces),
            "limits": card.limits_of_emotions(doubtful_labels()),
        }
    if name == "face_or_not":
        return {
            "calibration": _of_file(
                weights,
                "face_or_not_calibration",
                calibration_of_faces,
            ),
            "groups": "FER2013 does not tell who is shown, so the errors are not known by group.",
        }
    return {"groups": "Not measured: the London set has too few people of most groups."}


def doubtful_labels() -> str:
    """For how many faces FER2013's label is not the commonest answer of FER+'s raters."""
    found = [one["commonest_is_fer2013"] for one in results.read("ferplus_raters")["parts"].values()]
    right, n = (sum(one[key] for one in found) for key in ("correct", "n"))
    return f"for {100 - 100 * right / n:.1f} % of {n:,} faces"


def _of_file(weights: Path, name: str, describe: Callable[[Mapping], str]) -> str:
    """What `describe` says of a result, if it was measured with this file of weights."""
    found = results.read(name)
    if found["weights_sha256"] == card.digest(weights):
        return describe(found)
    return f"{card.NOT_MEASURED} To measure it: `course evaluate {name} --data DIR`."


# --- calibration ---


def calibration_of_faces(found: Mapping) -> str:
    """The calibration of each output of a network, from the result `emotion_net_calibration`."""
    rows, answered = [], []
    for view, each in views(found):
        score, after = each["score"], each["after"]
        rows.append(
            (
                view,
                f"{score['n']:,}",
                f"{each['temperature']:.2f}",
                error_text(each["before"]),
                error_text(after),
                by_chance(after),
            )
        )
        answered += [
            f"- {view}: if it answers only the surest {100 * row['coverage']:.0f} % of the images, "
            f"{100 * row['accuracy']:.1f} % of these answers are right (95 % CI "
            f"{card.ends((row['accuracy_low'], row['accuracy_high']))}; n = {row['n']:,})."
            for row in each["coverage"]
            if view.endswith(VIEWS["face alone"]) and round(row["coverage"], 1) in (0.5, 0.8)
        ]
    head = ("views", "n", "temperature", "ECE before (95 % CI)", "ECE after (95 % CI)", BY_CHANCE)
    return "\n\n".join(
        (
            f"{calibration_text(found)} Measured by `{found['command']}`.",
            card.table(head, rows),
            "Selective accuracy after scaling:\n\n" + "\n".join(answered),
        )
    )


BY_CHANCE = "ECE by chance, after"
VIEWS = {"face alone": "one view", "ten views": "ten views"}  # the results' keys, and what is printed


def calibration_text(found: Mapping) -> str:
    """How to read a result of `experiments.face_calibration`."""
    return (
        "Expected calibration error (ECE): the mean distance between confidence and accuracy in "
        f'{found["bins"]} bins of equal count. "After": each half of the validation set is scaled by the '
        "temperature that was fitted on the other half; the temperature in the table is the one fitted on "
        "all of it. The interval is that of a basic bootstrap. Chance makes an ECE larger on average, and "
        'this interval corrects for it, so it can start at 0 and end at the value itself. "ECE by chance": '
        "that of a perfectly calibrated network with the same confidences, as the mean and as the value that "
        "it stays below in 95 % of cases."
    )


def by_chance(measured: Mapping) -> str:
    """The expected calibration error of a perfectly calibrated network with the same confidences."""
    return f"{measured['if_calibrated']['mean']:.3f}, below {measured['if_calibrated']['95 %']:.3f}"


def views(found: Mapping) -> list[tuple[str, Mapping]]:
    """The views and what was measured, for each entry of a result about calibration.

    If the network has several outputs, the name of the output is before that of the views.
    """
    several = len(found["outputs"]) > 1
    return [
        (f"{output} output, {VIEWS[view]}" if several else VIEWS[view], one)
        for output, each in found["outputs"].items()
        for view, one in each["views"].items()
    ]


def error_text(found: Mapping) -> str:
    """An expected calibration error with its interval, in three decimals."""
    return f"{found['error']:.3f} ({'–'.join(f'{end:.3f}' for end in found['interval'])})"


def calibration_of_voices(name: str) -> str:
    """The calibration of a classifier for voices, from the result that `VOICES` names."""
    result = results.read(VOICES[name])
    found, top_1 = result["voice"], results.read(name)["scores"]["top_1"]
    return (
        f"Expected calibration error (10 bins of equal width) {found['ece']:.3f} before and "
        f"{found['ece_scaled']:.3f} after a temperature of {found['temperature']:.2f}, on {found['n']:,} "
        "recordings, each predicted by a classifier that was not trained on its actor. The temperature for "
        f"each half of the actors is fitted on the other half. Measured by `{result['command']}`.\n\n"
        "This is how the demo uses the classifier: calm counts as neutral, so there are seven emotions, and "
        "only the middle 2.5 s of a recording are heard. The accuracy is then "
        f"{100 * found['accuracy']:.1f} % (baseline {100 * found['baseline']:.1f} %). It is "
        f"not the same test as the {100 * top_1['correct'] / top_1['n']:.1f} % with eight emotions and whole "
        "recordings above."
    )


# --- groups of people ---


def groups_of_faces(found: Mapping) -> str:
    """What `emotion_net` answers on the London set by group, from the result `london_fairness`."""
    parts = [
        f"What the network answers on the London set: {found['people']} people, each once neutral and once "
        f"smiling. {ages_text(found)} The intervals are over people. Measured by `{found['command']}`."
    ]
    for output, one in found["outputs"].items():
        parts += [f"**{output_name(found, output)}**", groups_table(one), differences_table(one)]
    parts += [
        "For comparison, histograms of oriented gradients (HoG) and a linear support-vector classifier "
        f"(SVC), trained on the other people: {_control(found)}",
        *by_ethnicity(found["outputs"]),
    ]
    return "\n\n".join((*parts, f"What cannot be known: {found['cannot_be_known']}"))


def ages_text(found: Mapping) -> str:
    """How many people of the London set have no age, so that the age groups do not add up to all."""
    unknown, people = found["age_unknown"], found["people"]
    return f"The age of {unknown} of them is not known, so the age groups have {people - unknown} people."


def output_name(found: Mapping, output: str) -> str:
    """The name of a network's output; "the network" if it has only one."""
    return "The network" if len(found["outputs"]) == 1 else f"The {output} output"


def groups_table(one: Mapping) -> str:
    """The answers by gender and by age, as a table in Markdown."""
    groups = {"everybody": one["all"], **one["gender"], **one["age"]}
    other = "commonest other answer"
    head = ("group", "n", '"happy" on smiling (95 % CI)', other, '"neutral" on neutral (95 % CI)', other)
    rows = [
        (name, cells["smiling"]["n"], *_cell(cells["smiling"]), *_cell(cells["neutral"]))
        for name, cells in groups.items()
    ]
    return card.table(head, rows)


def _cell(cell):
    other = cell.get("commonest_other")
    fraction = f"{100 * cell['fraction']:.0f} % ({card.ends(cell['interval'])})"
    return fraction, f"{other['answer']}: {other['n']}" if other else "none"


def by_ethnicity(outputs: Mapping[str, Mapping]) -> tuple[str, str]:
    """The heading and the only table of the answers by ethnicity, of all outputs.

    Groups of fewer than 8 people are not shown.
    """
    tables = {output: one["ethnicity"] for output, one in outputs.items()}
    first, posed = next(iter(tables.values())), {"smiling": "happy", "neutral": "neutral"}
    rows = [
        (
            name,
            cells["smiling"]["n"],
            *(_cell(one["groups"][name][expression])[0] for one in tables.values() for expression in posed),
        )
        for name, cells in first["groups"].items()
    ]
    others = "other groups, fewer than 8 people each, together"
    rows.append((others, first["not_shown"], *["not shown"] * 2 * len(tables)))
    head = [
        f'{f"{output} output: " * (len(tables) > 1)}"{emotion}" on {expression} (95 % CI)'
        for output in tables
        for expression, emotion in posed.items()
    ]
    return f"By ethnicity: **{first['heading']}**", card.table(("group", "n", *head), rows)


def differences_table(one: Mapping) -> str:
    """The differences between two groups, each with its interval and whether it includes zero."""
    rows = []
    for found in one["differences"].values():
        first, second = found["groups"]
        for expression, emotion in (("smiling", "happy"), ("neutral", "neutral")):
            low, high = found[expression]["interval"]
            rows.append(
                (
                    f'"{first}" minus "{second}": "{emotion}" on {expression} faces',
                    f"{100 * found[expression]['difference']:+.0f} points "
                    f"({100 * low:+.0f} to {100 * high:+.0f})",
                    "yes" if low <= 0 <= high else "no",
                )
            )
    return card.table(("difference", "points (95 % CI)", "interval includes zero"), rows)


CONTROL = (
    "If this classifier, too, finds fewer smiles in a group, the smiles of that group may be harder to see. "
    "Then a part of the network's difference may come from the photographs."
)


def _control(found):
    gender = found["control"]["gender"]
    each = (f"{name} {_cell(cells['smiling'])[0]}" for name, cells in gender.items())
    return f'"happy" on smiling faces, {", ".join(each)}. {CONTROL}'


def groups_of_voices(scores: Mapping) -> str:
    """The accuracy of the classifier for voices by gender, with intervals over the actors of each."""
    rows = []
    for gender, accuracy in scores["by_gender"].items():
        own = {
            actor: right
            for actor, right in scores["by_actor"].items()
            if (gender == "male") == bool(int(actor) % 2)  # RAVDESS's actors with odd numbers are men
        }
        low, high = evaluation.cluster_bootstrap(list(own.values()), list(own))
        rows.append((gender, len(own), f"{100 * accuracy:.1f} % ({card.ends((low, high))})"))
    head = ("gender", "actors", "accuracy (95 % CI over actors)")
    return (
        f"{card.table(head, rows)}\n\nRAVDESS tells nothing about its actors' age or ethnicity, and 24 "
        "actors of one city are too few to compare other groups."
    )


# --- whisper_base_encoder ---


def _systems(result, steps):
    found: Any = results.read(result)
    for step in steps:
        found = found[step]
    return found["systems"]


def _probes():
    rows = []
    for result, steps, what in PROBES:
        systems = _systems(result, steps)
        first = systems[SYSTEMS[0]]
        each = (
            f"{100 * systems[one]['uar']:.1f} % ({card.ends(systems[one]['uar_interval'])})"
            for one in SYSTEMS
        )
        rows.append((what, f"{first['n']:,}", *each, f"{100 * first['baseline']:.1f} %"))
    head = ("test", "n", "handcrafted", "last layer", "layer chosen", "majority-class baseline (accuracy)")
    voice = results.read("voice")["scores"]
    return "\n\n".join(
        (
            "A linear probe (standardised features, linear discriminant analysis with shrinkage) on the "
            'frozen encoder; UAR with its 95 % CI over actors. "Layer chosen": within each training set. '
            "Handcrafted: the features of the preset `voice` at one speed, with the same probe.",
            card.table(head, rows),
            "For comparison: the preset `voice`, handcrafted features at three speeds, has "
            f"{100 * voice['uar']:.1f} % ({card.ends(voice['uar_interval'])}) on the five folds. With other "
            "ways of fusing: `results.read` of `ravdess_speech_encoder`, `emodb_speech_encoder` and "
            "`cross_corpus_speech`. The weights for these figures were read from a file in CTranslate2's "
            "format, float16; OpenAI's file itself was not at hand, so the reader of base.pt has been tested "
            "on other PyTorch files only.",
        )
    )


def _probes_by_gender():
    systems = _systems(*PROBES[0][:2])
    rows = [
        (
            gender,
            *(
                f"{100 * one['uar']:.1f} % ({card.ends(one['uar_interval'])})"
                for one in (systems[name]["by_gender"][gender] for name in SYSTEMS)
            ),
        )
        for gender in systems[SYSTEMS[0]]["by_gender"]
    ]
    head = ("RAVDESS, five published folds, UAR (95 % CI over 12 actors)", "handcrafted", *SYSTEMS[1:])
    return card.table(head, rows)


def _whisper_again():
    known = next(one for one in fetch.load_registry()["whisper-base"]["files"] if one["name"] == "base.pt")
    return {
        "how it was chosen": "by its makers; the layer within each training set",
        "get the file": "`course fetch whisper-base`",
        "measure it again": f"`{results.read('ravdess_speech_encoder')['command']}`",
        "predictions": "none are kept; the confusion matrices are in "
        "`course_lib/results/ravdess_speech_encoder.json`",
        "SHA-256 of the file": f"`{known['checksum'].removeprefix('sha256:')}` (OpenAI's {known['name']})",
    }
