"""Write docs/results.md, every figure that the course states about faces, from course_lib/results.

`TOPICS` lists what the page shows: a title, the result, and the function that writes its table. To add a
figure, add a line there, and run `course cards`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from course_lib import results
from course_lib.authoring import cards
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.models import card
from course_lib.models.presets import PRESETS
from course_lib.results import published

PAGE = ROOT / "docs" / "results.md"
SCORE = {"correct", "n", "protocol", "baseline"}  # the keys of a stored `evaluation.Score`
PLAIN = ("scores", "top_1", "networks", "parts")  # keys that say nothing about a score
HEAD = """# Results on real faces

Every figure that the course states about faces, measured on real data. The page is made from
`course_lib/results/` by `course cards`, so do not edit it. Each table ends with the command that measures it
again and the commit at which it was measured ("-dirty": with changes that were not committed yet). DIR is a
folder of real data, which `course_lib/authoring/experiments/__init__.py` describes; FILE is FER2013's
or FER+'s file.

How to read a row: *n* is the number of test items. *95 % CI* is the confidence interval: Wilson's over
items, if nothing else is said. The *split* tells on which items the figure was measured. The *baseline* is
the accuracy of a classifier that always gives the commonest class of the training set.

The label of a face tells what somebody thought an image shows, or what a person was asked to do. It does
not tell what the person felt. The [model cards](../course_lib/models/weights/) tell what the networks must
not be used for.
"""


CALIBRATION = (
    "Expected calibration error (ECE) with 15 bins of equal count. Each half of the validation set "
    "is scaled by the temperature that was fitted on the other half. The last column is a baseline: "
    "what a perfectly calibrated network with the same confidences shows by chance, as the mean and "
    "as the value that it stays below in 95 % of cases."
)


class Table(NamedTuple):
    """One table of the page: its title, the name of the result, what writes it, and how to read it."""

    title: str
    result: str
    write: Callable[[Mapping], str]
    text: str = ""


def write() -> Path:
    """Write docs/results.md.

    Returns
    -------
    Path
    """
    with whole_file(PAGE) as part:
        part.write_text(text(), encoding="utf-8")
    return PAGE


def text() -> str:
    """Write the page in Markdown.

    Returns
    -------
    str
        Tables whose result was not measured yet are left out.
    """
    there = {path.stem for path in results.FOLDER.glob("*.json")}
    parts = [HEAD]
    for topic, tables in TOPICS.items():
        shown = [table for table in tables if table.result in there]
        if shown:
            parts.append(f"## {topic}\n")
        parts += [_section(table, results.read(table.result)) for table in shown]
    return "\n".join([*parts, _published()])


def _section(table, found):
    said = f"{table.text}\n\n" if table.text else ""
    made = f"`{found['command']}`, commit {found['commit']}; `course_lib/results/{table.result}.json`"
    return f"### {table.title}\n\n{said}{table.write(found)}\n\nMeasured by {made}.\n"


# --- the tables ---


def scores(found: Mapping, skip: Sequence[str] = ("second_guess", "against_hog", "at_random")) -> str:
    """List every stored score of a result, by its place in it.

    Parameters
    ----------
    found : mapping
        A result, or a part of it.
    skip : sequence of str
        Keys to leave out.

    Returns
    -------
    str
        A table in Markdown.

    Examples
    --------
    >>> stored = {"correct": 3, "n": 4, "protocol": "random split", "baseline": 0.5, "interval": [0.3, 0.95]}
    >>> print(scores({"scores": {"HoG": stored}}))
    | what | accuracy (95 % CI) | n | split | baseline |
    | --- | --- | --- | --- | --- |
    | HoG | 75.0 % (30.0–95.0) | 4 | random split | 50.0 % |
    """
    return _of_rows((name, score) for name, score in _scores(found, skip))


def _of_rows(rows):
    head = ("what", "accuracy (95 % CI)", "n", "split", "baseline")
    return card.table(head, ((name, *_score(score)) for name, score in rows))


def _score(score):
    note = f", {score['note']}" if score.get("note") else ""
    return (
        f"{100 * score['correct'] / score['n']:.1f} % ({card.ends(score['interval'])})",
        f"{score['n']:,}",
        score["protocol"] + note,
        f"{100 * score['baseline']:.1f} %",
    )


def _scores(found: Any, skip: Sequence[str], path: tuple = ()) -> Iterator[tuple[str, Mapping]]:
    """The name and the score of each stored score in a result."""
    if not isinstance(found, Mapping):
        return
    if SCORE <= set(found):
        yield ", ".join(_words(step) for step in path if step not in PLAIN), found
    for key, part in found.items():
        if key not in skip:
            yield from _scores(part, skip, (*path, key))


def _words(key):
    return key if any(name in key for name in PRESETS) else key.replace("_", " ")


def network(found: Mapping) -> str:
    """The scores of a trained network, its size and its training, and the classes of the last test set."""
    rows = [
        (f"{name}{kind}", one[key])
        for name, one in found["scores"].items()
        for key, kind in (("top_1", ""), ("top_3", ", among its top 3"))
        if key in one
    ]
    return (
        f"{found['parameters']:,} parameters; {found['epochs']} epochs on {found['trained_on']:,} images.\n\n"
        f"{_of_rows(rows)}\n\n{_classes(found['scores'])}"
    )


def _classes(tests):
    """The classes of the main scores on the last test set that a network was scored on."""
    last = list(tests)[-1].split(", ")[0]
    main = [name for name in tests if name in (last, f"{last}, raters")]
    return "\n\n".join(f"{name}, by class:\n\n{card.classes_table(tests[name])}" for name in main)


def counts(found: Mapping) -> str:
    """FER2013's images by class and by set, and how many of them are repeated."""
    rows = [
        (emotion, *(f"{one[emotion]:,}" for one in found["counts"].values())) for emotion in _emotions(found)
    ]
    rows += [
        ("all sets together", f"{found['n']:,}", ""),
        ("distinct images", f"{found['distinct']:,}", ""),
        ("images under two labels", found["images_under_two_labels"], ""),
        ("PublicTest's images that are also in Training", found["public_also_in_training"], ""),
    ]
    always = _of_rows([(f'always "{found["majority"]}"', found["always_the_majority"])])
    return f"{card.table(('images', *found['counts']), rows)}\n\n{always}"


def _emotions(found):
    return next(iter(found["counts"].values()))


def nearest(found: Mapping) -> str:
    """The accuracy of answering with the label of the most similar training image."""
    rows = [
        (f"{remembered} ({one['n']:,})", tested, *_score(score))
        for remembered, one in found["remembered"].items()
        for tested, score in one.items()
        if isinstance(score, Mapping)
    ]
    head = ("training images", "test images", "accuracy (95 % CI)", "n", "split", "baseline")
    return card.table(head, rows)


def cascade(found: Mapping) -> str:
    """How many faces of each class G7's cascade keeps."""
    rows = [
        (
            f"{way}: {name}",
            f"{100 * one['fraction']:.1f} % ({card.ends(one['interval'])})",
            f"{one['n']:,}",
            split,
        )
        for way, sets in found["kept"].items()
        for split, kept in sets.items()
        for name, one in {"all": kept, **kept["by_class"]}.items()
    ]
    return card.table(("cascade's way, class", "kept (95 % CI)", "n", "split"), rows)


def pairs(found: Mapping) -> str:
    """The networks on parts of PublicTest, and every two of them by an exact McNemar test."""
    rows = [(name, one["b"], one["c"], f"{one['p']:.2g}") for name, one in found["pairs"].items()]
    head = ("first and second network", "only the first is right", "only the second is right", "p (McNemar)")
    return f"{scores({'networks': found['networks']})}\n\nn = {found['n']:,}.\n\n{card.table(head, rows)}"


def calibration(found: Mapping) -> str:
    """Calibration errors of each output, before and after one temperature, and coverage."""
    rows, curves = [], []
    for output, view, one in _views(found):
        for when in ("before", "after"):
            chance = one[when]["if_calibrated"]
            rows.append(
                (
                    f"{output}, {view}, {when} temperature {one['temperature']:.2f}",
                    cards.error_text(one[when]),
                    f"{one['score']['n']:,}",
                    found["split"],
                    f"{chance['mean']:.3f}, below {chance['95 %']:.3f}",
                )
            )
        curves += [
            (
                f"{output}, {view}",
                f"{100 * row['coverage']:.0f} %",
                f"{100 * row['accuracy']:.1f} % ({card.ends((row['accuracy_low'], row['accuracy_high']))})",
                f"{row['n']:,}",
                f"{row['threshold']:.2f}",
            )
            for row in one["coverage"]
        ]
    accuracies = _of_rows((f"{output}, {view}", one["score"]) for output, view, one in _views(found))
    head = ("output", "ECE (95 % CI, bootstrap)", "n", "split", "ECE of a perfectly calibrated network")
    answered = ("output", "answered", "right when answered (95 % CI)", "n", "threshold")
    return "\n\n".join((accuracies, card.table(head, rows), card.table(answered, curves)))


def _views(found):
    return (
        (output, view, one)
        for output, each in found["outputs"].items()
        for view, one in each["views"].items()
    )


def groups(found: Mapping) -> str:
    """What each output answers by group of people, with the control, and what cannot be known."""
    control = "HoG and a linear SVC, trained on the other people of the set"
    everything = {f"{output} output": one for output, one in found["outputs"].items()}
    parts = []
    for name, one in {**everything, control: found["control"]}.items():
        parts += [f"**What the network answers: {name}**" if name != control else f"**{control}**"]
        parts += [cards.groups_table(one), cards.differences_table(one)]
    return "\n\n".join(
        (*parts, *cards.by_ethnicity(found["outputs"]), f"What cannot be known: {found['cannot_be_known']}")
    )


def transfer(found: Mapping) -> str:
    """The accuracies with frozen features, each compared with HoG by an exact McNemar test."""
    rows = [
        (name, f"{found['dimensions'][name]:,}", classifier, *_score(score), _p(score))
        for name, one in found["scores"].items()
        for classifier, score in ({"LDA, shrinkage": one} if SCORE <= set(one) else one).items()
    ]
    head = (
        "features",
        "numbers",
        "classifier",
        "accuracy (95 % CI)",
        "n",
        "split",
        "baseline",
        "p against HoG",
    )
    return card.table(head, rows)


def _p(score):
    return f"{score['against_hog']['p']:.2g}" if "against_hog" in score else ""


def london(found: Mapping) -> str:
    """The transfer to the London set, its learning curve, and the shortcut of the head's place."""
    curve = [
        (name, people, f"{100 * one['accuracy']:.1f} % ({card.ends(one['interval'])})")
        for name, points in found["curve"].items()
        for people, one in points.items()
    ]
    shortcut = {name: one for name, one in found["shortcut"].items() if SCORE <= set(one)}
    return "\n\n".join(
        (
            transfer(found),
            "With few people in the training set, linear SVC, tested on 22 others, 50 repetitions (the "
            "interval resamples people; baseline 50 %):",
            card.table(("features", "people", "accuracy (95 % CI)"), curve),
            "HoG of the whole photograph, which shows that the head's place tells the label:",
            scores(shortcut),
        )
    )


def negatives(found: Mapping) -> str:
    """How often `face_or_not` is right on windows that fooled a detector, and what it gives some pictures."""
    editions = found["editions"]
    pictures = next(iter(editions.values()))["pictures"]
    rows = [(name, *(f"{one['pictures'][name]:.2f}" for one in editions.values())) for name in pictures]
    head = ("picture", *(f"probability of a face, {name} edition" for name in editions))
    return f"{scores(found)}\n\n{card.table(head, rows)}"


def finding(found: Mapping) -> str:
    """How many faces each way to find faces finds, misses, and finds where there is none."""
    rows = [
        (way, where, one["found"], one["missed"], one["false"])
        for key, where in (("photographs", "photographs"), ("all_frames", "frames of clips"))
        for way, one in found[key].items()
    ]
    no_face = found["no_face"]
    rows += [
        (way, f"{no_face['pictures']} photographs without a face", "", "", false)
        for way, false in no_face.items()
        if way != "pictures"
    ]
    times = ", ".join(f"{way} {ms:.0f} ms" for way, ms in found["ms"].items())
    head = ("way", "in", "found", "missed", "false detections")
    return f"{card.table(head, rows)}\n\nTime for an image on one processor core: {times}."


def identity(found: Mapping) -> str:
    """How well `face_identity` tells pairs of the same person from pairs of two people."""
    rows = []
    for way, one in found["verification"].items():
        auc = one["auc"]
        rows.append(
            (
                way,
                f"{auc['value']:.4f} ({'–'.join(f'{end:.4f}' for end in auc['interval'])})",
                *(
                    f"{100 * one[key]['value']:.1f} % ({card.ends(one[key]['interval'])})"
                    for key in ("equal_error", "missed", "false")
                ),
                f"{one['same']['n']:,} and {one['other']['n']:,}",
            )
        )
    head = (
        "aligned by",
        "AUC (95 % CI)",
        "equal error",
        "missed at 0.6",
        "false at 0.6",
        "n, same and other pairs",
    )
    return f"{card.table(head, rows)}\n\nBaseline: an AUC of 0.5 and an equal error of 50 %."


def decisions(found: Mapping) -> str:
    """The settings of the demo's two classifiers, and the rules of fusion on artificial pairs."""
    head = (
        "classifier",
        "accuracy",
        "n",
        "baseline",
        "temperature",
        "ECE before",
        "ECE after",
        "answered",
        "right then",
    )
    rows = [
        (
            name,
            f"{100 * one['accuracy']:.1f} %",
            f"{one['n']:,}",
            f"{100 * one['baseline']:.1f} %",
            f"{one['temperature']:.2f}",
            f"{one['ece']:.3f}",
            f"{one['ece_scaled']:.3f}",
            f"{100 * one['answered']:.1f} %",
            f"{100 * one['right_when_answered']:.1f} %",
        )
        for name, one in ((name, found[name]) for name in ("face", "voice"))
    ]
    return "\n\n".join((card.table(head, rows), *(_rules(found["pairs"], key) for key in _compared(found))))


def _compared(found):
    return [key for key, one in found.get("pairs", {}).items() if isinstance(one, Mapping)]


def _rules(compared, key):
    one = compared[key]
    rows = [(rule, *(_with_interval(each, name) for name in _FUSED)) for rule, each in one["rules"].items()]
    head = ("rule", "right (95 % CI)", "answered (95 % CI)", "right when answered (95 % CI)")
    return (
        f"Pairs of a face and a voice, {key.replace('_', ' ')}: {compared['protocol']}; "
        f"{compared['upper_bound']}. n = {one['n']:,}, baseline {100 * one['baseline']:.1f} %. The interval: "
        f"{compared['interval']}.\n\n{card.table(head, rows)}"
    )


_FUSED = ("right", "answered", "right_when_answered")


def _with_interval(one, name):
    return f"{100 * one[name]:.1f} % ({card.ends(one[f'{name}_interval'])})"


def demo(found: Mapping) -> str:
    """The demo's answers for photographs and films, beside what they are said to show."""
    rows = [
        (
            Path(name).name,
            ", ".join(one["shows"]) or "not named",
            *(one[rule]["answer"] or "none" for rule in ("now", "before")),
        )
        for kind in ("photographs", "films", "more_films")
        for name, one in found[kind].items()
    ]
    head = ("file", "said to show", "the demo's answer", "with its first rule")
    return f"{found['protocol'].capitalize()}. n = {found['n']}.\n\n{card.table(head, rows)}"


def speed(found: Mapping) -> str:
    """Items a second for the presets for faces."""
    rows = [
        (name, found["items"][name], found["n"][found["items"][name]], f"{rate:g}")
        for name, rate in found["items_a_second"].items()
        if "utterance" not in found["items"][name]
    ]
    head = ("preset", "items", "n", "items a second")
    return f"Machine: {found['machine']}.\n\n{card.table(head, rows)}"


def variants(found: Mapping) -> str:
    """Each ingredient of `emotion_net`'s training, changed once."""
    rows = [
        (f"{name}: {test}", *_score(score))
        for name, one in found["variants"].items()
        for test, score in one.items()
        if isinstance(score, Mapping)
    ]
    head = ("variant: test", "accuracy (95 % CI)", "n", "split", "baseline")
    return f"{found['trained_on']:,} training faces, {found['epochs']} epochs.\n\n{card.table(head, rows)}"


def _published():
    checks = published.check_published()
    kept = checks[~checks["claim"].str.contains("speech|MFCC")]
    rows = [
        (row.source, row.claim, row.published, row.recomputed, "yes" if row.adds_up else "no", row.note)
        for row in kept.itertuples()
    ]
    head = ("project", "figure", "as published", "computed again from what was published", "adds up", "note")
    return (
        "## Figures that student projects published\n\n"
        "Nothing here was measured by the course. The figures were typed from the projects' slides, and "
        f"`results.published.check_published` computes again what can be.\n\n{card.table(head, rows)}\n"
    )


TOPICS = {
    "FER2013 and its raters": (
        Table("FER2013's images", "fer2013_counts", counts),
        Table(
            "FER+'s raters",
            "ferplus_raters",
            scores,
            "Ten raters looked at each face. One of them, taken at random, is scored like a network.",
        ),
        Table(
            "Memory alone",
            "fer2013_nearest",
            nearest,
            'Each test image is answered with the label of the most similar training image. "Unseen" leaves '
            'out the images that are in both sets, "cascade" is that of project G7.',
        ),
        Table(
            "What a face detector keeps",
            "fer2013_cascade_selection",
            cascade,
            "Project G7 kept only the faces that its cascade found, which changes the test set.",
        ),
    ),
    "Networks for emotions": (
        *(
            Table(f"`{name}`", name, network)
            for name in ("emotion_net", "emotion_cnn6", "gudi_cnn", "iiita_face", "iiita_face_as_published")
        ),
        Table(
            "The networks compared", "fer2013_networks", pairs, "Scores on parts of PublicTest, and pairs."
        ),
        Table("What each ingredient is worth", "emotion_net_ablation", variants),
        Table(
            "Calibration of `emotion_net`",
            "emotion_net_calibration",
            calibration,
            CALIBRATION,
        ),
        Table(
            "Calibration of `emotion_net` on PublicTest",
            "emotion_net_publictest",
            calibration,
            "From the saved probabilities of the shipped network, with the temperature that was fitted on "
            "the validation set. The columns are as above.",
        ),
    ),
    "Groups of people": (
        Table(
            "The London set",
            "london_fairness",
            groups,
            "102 people, each once neutral and once smiling. The intervals are over people.",
        ),
    ),
    "Face or not": (
        Table("`face_or_not`", "face_or_not", network),
        Table(
            "Hard negatives",
            "hard_negatives",
            negatives,
            'Places without a face on which a cascade fires: an answer is right if it is not "face". '
            '"kept": faces, for which "face" is right. "cross_fit": short trainings without and with hard '
            'negatives, tested on photographs that were not trained on. "first" and "shipped": the editions '
            "of the network.",
        ),
        Table("Calibration of `face_or_not`", "face_or_not_calibration", calibration, CALIBRATION),
    ),
    "Finding faces": (Table("Three ways to find faces", "face_finding", finding),),
    "Frozen features": (
        Table("Two expressions of the London set", "london_transfer", london),
        Table("Seven emotions of FER2013", "fer2013_transfer", transfer),
        Table("`face_identity`: the same person or not", "face_identity_alignment", identity),
    ),
    "The demo": (
        Table(
            "Temperatures, thresholds and fusion",
            "decision_calibration",
            decisions,
            "ECE with 10 bins of equal width. Values are fitted on one half of the items and measured on the "
            "other.",
        ),
        Table("Answers for photographs and films", "demo_answers", demo),
        Table("Speed", "preset_speed", speed),
    ),
}
# Results without a figure about faces: voices have no page yet, and the audit's are counts of recordings.
ELSEWHERE = (
    "cross_corpus_speech",
    "emodb_four_classes",
    "emodb_speech_encoder",
    "lecture14_real_frames",
    "lecture14_two_recordings",
    "lecture27_calm_angry",
    "lecture27_two_readings",
    "ravdess_audit",
    "ravdess_eight_classes",
    "ravdess_speech_counts",
    "ravdess_speech_encoder",
    "ravdess_speech_networks",
    "voice",
)
