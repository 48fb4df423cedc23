"""Write docs/results.md, every figure that the course states, from course_lib/results.

`TOPICS` lists what the page shows: a title, the result, the function that writes its table, and a text. To
add a figure, add a line there, and run `course cards`. The texts about faces are in `results_text`; voices
and people are in `results_voices`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from course_lib import results
from course_lib.authoring import cards, results_voices
from course_lib.authoring import results_text as texts
from course_lib.authoring.results_tables import SCORE, Table, of_rows, score_cells, scores
from course_lib.core.io import whole_file
from course_lib.core.paths import ROOT
from course_lib.models import card

PAGE = ROOT / "docs" / "results.md"


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
    parts, names = [], []
    for topic, tables in TOPICS.items():
        shown = [table for table in tables if table.result in there]
        if shown:
            names.append(topic)
            parts.append(f"## {topic}\n")
            parts += [f"{CONCLUSIONS[topic]()}\n"] if topic in CONCLUSIONS else []
        parts += [_section(table, results.read(table.result)) for table in shown]
    contents = "\n".join(f"- [{name}](#{_anchor(name)})" for name in names)
    head = f"{texts.HEAD}{texts.in_short()}\n\n## Contents\n\n{contents}\n\n{texts.READING}"
    return "\n".join([head, *parts])


def _anchor(title):
    # As GitHub and the site name the place of a heading.
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _section(table, found):
    text = table.text(found) if callable(table.text) else table.text
    intro = f"{text}\n\n" if text else ""
    made = f"`{found['command']}`, commit {found['commit']}; `course_lib/results/{table.result}.json`"
    return f"### {table.title}\n\n{intro}{table.write(found)}\n\nMeasured by {made}.\n"


# --- the tables ---


def network(found: Mapping) -> str:
    """The scores of a trained network, its size and its training, and the classes of the last test set."""
    rows = [
        (f"{card.test_name(name)}{kind}", *score_cells(one[key]), f"{100 * one['uar']:.1f} %" if uar else "–")
        for name, one in found["scores"].items()
        for key, kind, uar in (("top_1", "", True), ("top_3", ", label among the 3 most probable", False))
        if key in one
    ]
    head = ("what", "accuracy (95 % CI)", "n", "split", "baseline", "UAR")
    return (
        f"{found['parameters']:,} parameters; {found['epochs']} epochs on {found['trained_on']:,} images.\n\n"
        f"{card.table(head, rows)}\n\n{_classes(found['scores'])}"
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
    totals = [
        ("both sets together", f"{found['n']:,}"),
        ("distinct images", f"{found['distinct']:,}"),
        ("distinct images that have two labels", found["images_under_two_labels"]),
        ("PublicTest's images that are also in Training", found["public_also_in_training"]),
    ]
    always = of_rows([(f'always "{found["majority"]}"', found["always_the_majority"])])
    return "\n\n".join(
        (
            card.table(("class", *found["counts"]), rows),
            card.table(("what", "number of images"), totals),
            f"{always}",
        )
    )


def _emotions(found):
    return next(iter(found["counts"].values()))


def nearest(found: Mapping) -> str:
    """The accuracy of answering with the label of the most similar training image."""
    rows = [
        (
            f"{REMEMBERED[remembered]} ({one['n']:,})",
            SUBSETS.get(tested, tested),
            *score_cells(score | {"protocol": "PublicTest"}),
        )
        for remembered, one in found["remembered"].items()
        for tested, score in one.items()
        if isinstance(score, Mapping)
    ]
    head = ("training images", "test images", "accuracy (95 % CI)", "n", "split", "baseline")
    return card.table(head, rows)


REMEMBERED = {"all": "all", "unseen": "not in PublicTest", "cascade keeps": "G7's cascade finds a face"}
SUBSETS = {
    "unseen": "not in Training",
    "cascade keeps": "G7's cascade finds a face",
    "cascade drops": "G7's cascade finds no face",
    "raters": "raters' commonest answer",
}


def raters(found: Mapping) -> str:
    """How often one of FER+'s raters, or all of them together, gave a label."""
    names = {
        "one_against_the_others": "one rater gives the commonest answer of the others",
        "one_against_fer2013": "one rater gives FER2013's label",
        "commonest_is_fer2013": "the commonest answer of all raters is FER2013's label",
    }
    return of_rows(
        (name, part[key] | {"note": ""}) for part in found["parts"].values() for key, name in names.items()
    )


def cascade(found: Mapping) -> str:
    """How many faces of each class G7's cascade keeps."""
    rows = [
        (
            BORDERS.get(way, way),
            name,
            f"{100 * one['fraction']:.1f} % ({card.ends(one['interval'])})",
            f"{one['n']:,}",
            split,
        )
        for way, sets in found["kept"].items()
        for split, kept in sets.items()
        for name, one in {"all": kept, **kept["by_class"]}.items()
    ]
    return card.table(("image", "class", "kept (95 % CI)", "n", "split"), rows)


BORDERS = {"as shown": "48 x 48 pixels", "on a border": "with a border"}


def pairs(found: Mapping) -> str:
    """The networks on parts of PublicTest, and every two of them by an exact McNemar test."""
    scored = [
        (name, SUBSETS.get(subset, subset), *score_cells(score | {"protocol": "PublicTest"}))
        for name, subsets in found["networks"].items()
        for subset, score in subsets.items()
    ]
    first = ("network", "test images", "accuracy (95 % CI)", "n", "split", "baseline")
    rows = [
        (name, f"{one['b']:,}", f"{one['c']:,}", f"{one['p']:.2g}") for name, one in found["pairs"].items()
    ]
    head = ("first and second network", "only the first is right", "only the second is right", "p (McNemar)")
    return (
        f"{card.table(first, scored)}\n\nEvery two networks on all {found['n']:,} images, by exact McNemar "
        f"tests, not corrected for several tests. {texts.views_of_emotion_net()}\n\n{card.table(head, rows)}"
    )


def calibration(found: Mapping) -> str:
    """Calibration errors of each output, before and after one temperature, and coverage."""
    rows, curves, accuracies = [], [], []
    for view, one in cards.views(found):
        accuracies.append((view, one["score"]))
        for when, scaled in (("before", "before"), ("after", f"after, {one['temperature']:.2f}")):
            rows.append(
                (
                    view,
                    scaled,
                    cards.error_text(one[when]),
                    f"{one['score']['n']:,}",
                    found["split"],
                    cards.by_chance(one[when]),
                )
            )
        curves += [
            (
                view,
                f"{100 * row['coverage']:.0f} %",
                f"{100 * row['accuracy']:.1f} % ({card.ends((row['accuracy_low'], row['accuracy_high']))})",
                f"{row['n']:,}",
                f"{row['threshold']:.2f}",
            )
            for row in one["coverage"]
        ]
    head = ("views", "temperature scaling", "ECE (95 % CI)", "n", "split", "ECE by chance")
    answered = (
        "views",
        "answers only the surest",
        "right, of these (95 % CI)",
        "n",
        "confidence from",
    )
    return "\n\n".join(
        (
            of_rows(accuracies, "views"),
            card.table(head, rows),
            "[Selective accuracy](glossary.md#selective-accuracy): the network answers only if its "
            "confidence is high enough.",
            card.table(answered, curves),
        )
    )


def groups(found: Mapping) -> str:
    """What each output answers by group of people, with the control, and what cannot be known."""
    control = (
        "The control: histograms of oriented gradients (HoG) and a linear support-vector classifier (SVC), "
        "trained on the other people of the set"
    )
    everything = {cards.output_name(found, output): one for output, one in found["outputs"].items()}
    parts = []
    for name, one in {**everything, control: found["control"]}.items():
        parts += [f"**{name}**", *([cards.CONTROL] if name == control else [])]
        parts += [cards.groups_table(one), cards.differences_table(one)]
    return "\n\n".join(
        (*parts, *cards.by_ethnicity(found["outputs"]), f"What cannot be known: {found['cannot_be_known']}")
    )


def transfer(found: Mapping) -> str:
    """The accuracies with frozen features, each compared with HoG by an exact McNemar test."""
    scored = [
        (name, classifier, score)
        for name, one in found["scores"].items()
        for classifier, score in ({"LDA, shrinkage": one} if SCORE <= set(one) else one).items()
    ]
    uar = all("uar" in score for *_, score in scored)
    rows = [
        (
            name,
            f"{found['dimensions'][name]:,}",
            classifier,
            *score_cells(score),
            *([f"{100 * score['uar']:.1f} %"] if uar else []),
            texts.p_value(score),
        )
        for name, classifier, score in scored
    ]
    tested = ("accuracy (95 % CI)", "n", "split", "baseline", *(["UAR"] if uar else []))
    return card.table(("features", "features per image", "classifier", *tested, "p against HoG"), rows)


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
            scores(shortcut),
            "The features of the aligned faces, in ten folds:",
            transfer(found),
            "With few people in the training set, linear SVC, tested on 22 others, 50 repetitions (the "
            "interval resamples people; baseline 50 %):",
            card.table(("features", "people in the training set", "accuracy (95 % CI)"), curve),
        )
    )


def negatives(found: Mapping) -> str:
    """How often `face_or_not` is right on windows that fooled a detector, and what it gives some pictures."""
    editions = found["editions"]
    pictures = next(iter(editions.values()))["pictures"]
    rows = [(name, *(f"{one['pictures'][name]:.2f}" for one in editions.values())) for name in pictures]
    head = ("picture", *(f"probability of a face, {name} edition" for name in editions))
    return f"{scores(found)}\n\n{card.table(head, rows)}"


def moved(found: Mapping) -> str:
    """How many faces each detector finds in moved copies, in frames of clips and in the London set."""
    sizes = found["sizes"]
    head = (
        "detector",
        f"found in {sizes['copies']} copies",
        "false detections there",
        f"found in {sizes['frames']} frames",
        f"found in {sizes['london']} of the London set",
        f"false detections in {sizes['no_face']} photographs without a face",
    )
    rows = [
        (
            way,
            found["moved"][way]["all"]["found"],
            found["moved"][way]["all"]["false"],
            found["clips"][way]["found"],
            found["london"][way],
            found["no_face"][way],
        )
        for way in found["moved"]
    ]
    return card.table(head, rows)


def finding(found: Mapping) -> str:
    """How many faces each way to find faces finds, misses, and finds in a place without a face."""
    rows = [
        (way, where, *(f"{one[key]:,}" for key in ("found", "missed", "false")))
        for key, where in (("photographs", "photographs"), ("all_frames", "frames of clips"))
        for way, one in found[key].items()
    ]
    no_face = found["no_face"]
    rows += [
        (way, f"{no_face['pictures']} photographs without a face", "–", "–", false)
        for way, false in no_face.items()
        if way != "pictures"
    ]
    times = ", ".join(f"{way} {ms:.0f} ms" for way, ms in found["ms"].items())
    head = ("way", "in", "found", "missed", "false detections")
    return f"{card.table(head, rows)}\n\nTime for a frame of a clip, on one processor core: {times}."


def identity(found: Mapping) -> str:
    """How well `face_identity` tells pairs of the same person from pairs of two people."""
    rows = []
    for way, one in found["verification"].items():
        auc = one["auc"]
        rows.append(
            (
                ALIGNED.get(way, way),
                f"{auc['value']:.4f} ({'–'.join(f'{end:.4f}' for end in auc['interval'])})",
                *(
                    f"{100 * one[key]['value']:.1f} % ({card.ends(one[key]['interval'])})"
                    for key in ("equal_error", "missed", "false")
                ),
                f"{one['same']['n']:,} and {one['other']['n']:,}",
            )
        )
    head = (
        "face aligned by",
        "AUC (95 % CI)",
        "equal error rate",
        "pairs of one person, missed at 0.6",
        "pairs of two people, accepted as one at 0.6",
        "n, pairs of one person and of two",
    )
    return f"{card.table(head, rows)}\n\nBaseline: an AUC of 0.5 and an equal error rate of 50 %."


ALIGNED = {
    "points": "five points",
    "box, haar": "box of haar",
    "box, lbp": "box of lbp",
    "whole photograph": "not aligned, whole photograph",
    "points, random weights": "five points, random weights",
    "points, pixels": "five points, pixels instead of the network",
}


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
        "confidence from",
        "answered",
        "right, of these",
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
            f"{one['threshold']:.2f}",
            f"{100 * one['answered']:.1f} %",
            f"{100 * one['right_when_answered']:.1f} %",
        )
        for name, one in ((name, found[name]) for name in ("face", "voice"))
    ]
    pairs = found["pairs"]
    kinds = {"protocol": "Pairs", "upper_bound": "Why they are easy", "interval": "Interval"}
    notes = "\n".join(f"- *{kind}*: {pairs[key]}." for key, kind in kinds.items())
    return "\n\n".join(
        (
            card.table(head, rows),
            f"Both tables of pairs:\n\n{notes}\n\nThe rules, with f and v the calibrated probabilities of "
            "face and voice for an emotion. Each result is divided by its sum over the emotions. Then it is "
            "scaled by a temperature, and a threshold decides whether it is an answer; both are fitted to "
            f"pairs, unless stated otherwise.\n\n{texts.formulas()}",
            *(_rules(pairs, key) for key in _compared(found)),
        )
    )


def _compared(found):
    return [key for key, one in found.get("pairs", {}).items() if isinstance(one, Mapping)]


def _rules(compared, key):
    one = compared[key]
    rows = [
        (
            f"**{rule}** (demo)" if rule == texts.DEMO_RULE else rule,
            *(_with_interval(each, name) for name in _FUSED),
        )
        for rule, each in one["rules"].items()
    ]
    head = ("rule", "right (95 % CI)", "answered (95 % CI)", "right, of the answered (95 % CI)")
    return (
        f"Pairs of a face and a voice, {key.replace('_', ' ')}: n = {one['n']:,}, baseline "
        f"{100 * one['baseline']:.1f} %.\n\n{card.table(head, rows)}"
    )


_FUSED = ("right", "answered", "right_when_answered")


def _with_interval(one, name):
    return f"{100 * one[name]:.1f} % ({card.ends(one[f'{name}_interval'])})"


def demo(found: Mapping) -> str:
    """The demo's answers for photographs and films, beside their descriptions."""
    rows = [
        (
            Path(name).name,
            ", ".join(one["shows"]) or "several people, no emotion named",
            *(cell for rule in ("now", "before") for cell in (_answered(one[rule]), _fits(one[rule]))),
        )
        for kind in ("photographs", "films", "more_films")
        for name, one in found[kind].items()
    ]
    head = ("file", "described as", "the demo's answer", "fits", "the first rule's answer", "fits")
    return card.table(head, rows)


def _answered(one):
    return one["answer"] or f"not sure between {one['first_guess']} and {one['second']}"


def _fits(one):
    return {True: "yes", False: "no", None: "–"}[one["plausible"]]


def speed(found: Mapping) -> str:
    """Items a second for the presets for faces."""
    rows = [
        (name, found["items"][name], found["n"][found["items"][name]], f"{rate:,.4g}")
        for name, rate in found["items_a_second"].items()
        if "utterance" not in found["items"][name]
    ]
    head = ("preset", "items", "n", "items a second")
    machine = found["machine"].split(";")[0]
    return (
        f"Measured on {machine}. On another machine the figures are others, but their ratios are similar.\n\n"
        f"{card.table(head, rows)}"
    )


def live(found: Mapping) -> str:
    """Pictures a second of the live demo, and the seconds for a film, ours beside the projects' way."""
    camera, ours, theirs = found["live"], found["ours"], found["theirs"]
    width, height = camera["size"]
    rows = [
        ("camera: pictures a second", f"{camera['pictures_a_second']:.1f}", ""),
        ("camera: delay in ms, median", f"{camera['delay_ms']:.0f}", ""),
        ("camera: delay in ms, 95th percentile", f"{camera['delay_ms_95']:.0f}", ""),
        ("film: seconds", f"{ours['seconds']:.2f}", f"{theirs['seconds']:.2f}"),
        ("film: peak memory in MiB", f"{ours['peak_mib']}", f"{theirs['peak_mib']}"),
    ]
    return (
        f"Measured on {found['cores']} cores, which the browser and the demo share. The camera gives 30 "
        f"pictures a second of {width} x {height} pixels; {camera['pictures']} were answered. The delay goes "
        f"from a new picture in the browser to its bars on the page. The film lasts {ours['film']:.1f} s. "
        "The projects' way looks at the same frames, but hears no voice.\n\n"
        f"{card.table(('measured', 'demo', 'projects, frame by frame'), rows)}"
    )


def variants(found: Mapping) -> str:
    """Each ingredient of `emotion_net`'s training, changed once."""
    rows = [
        (
            name,
            SCORED[output] + UNTRAINED * ((name, output) in texts.NOT_TRAINED),
            views,
            *score_cells(score),
        )
        for name, output, views, score in texts.of_variants(found)
    ]
    head = ("trained with", "scored against", "views", "accuracy (95 % CI)", "n", "split", "baseline")
    return card.table(head, rows)


SCORED = {"label": "FER2013's label", "raters": "FER+'s raters"}
UNTRAINED = " (this output was not trained)"


TOPICS = {
    "FER2013 and its raters": (
        Table("FER2013's images", "fer2013_counts", counts, texts.all_of_fer2013),
        Table(
            "FER+'s raters",
            "ferplus_raters",
            raters,
            "Ten raters looked at each face. In the rows of one rater, each of the ten counts in turn, and "
            "the figure is the mean; the interval is that of one rater for each face. An answer is one of "
            'eight emotions, "unknown" or "not a face". The baseline of the first kind of row always gives '
            "the answer that is most often the commonest one.",
        ),
        Table(
            "Memory alone",
            "fer2013_nearest",
            nearest,
            "Each test image is answered with the label of the most similar training image (the nearest "
            "neighbour by pixels). Some rows leave out the images that are in both sets, or keep those in "
            "which the cascade of project G7 finds a face.",
        ),
        Table("What a face detector keeps", "fer2013_cascade_selection", cascade, texts.about_cascade),
    ),
    "Networks for emotions": (
        Table(
            "`emotion_net`",
            "emotion_net",
            network,
            'It has two outputs. "Raters": the output that was trained on FER+\'s votes, on the faces where '
            'more than half of the raters agree. "Seven emotions": the faces where one of the seven is the '
            "commonest vote. See its model card.",
        ),
        *(Table(f"`{name}`", name, network) for name in ("emotion_cnn6", "gudi_cnn", "iiita_face")),
        Table("`iiita_face_as_published`", "iiita_face_as_published", network, texts.about_iiita),
        Table("The networks compared", "fer2013_networks", pairs, texts.about_pairs),
        Table("What each ingredient is worth", "emotion_net_ablation", variants, texts.about_variants),
        Table(
            "Calibration of `emotion_net`",
            "emotion_net_calibration",
            calibration,
            texts.about_calibration,
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
            lambda found: (
                f"{found['people']} people, each once neutral and once smiling. {cards.ages_text(found)} The "
                "intervals are over people."
            ),
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
            'of the network. The shipped one was trained on the "mined" places, so its score there is '
            'optimistic. A network that answers "face" less often is right for more places and for fewer '
            'faces. "at equal kept" therefore compares at thresholds that keep 98 % of the validation faces.',
        ),
        Table(
            "Calibration of `face_or_not`",
            "face_or_not_calibration",
            calibration,
            texts.about_calibration,
        ),
    ),
    "Finding faces": (
        Table("Three ways to find faces", "face_finding", finding, texts.about_ways),
        Table("Moved copies of photographs", "steady_faces", moved, lambda found: texts.about_steady()),
    ),
    "Frozen features": (
        Table("Two expressions of the London set", "london_transfer", london, texts.about_london),
        Table(
            "Seven emotions of FER2013",
            "fer2013_transfer",
            transfer,
            lambda found: (
                f"The classifier was trained on all {found['n_train']:,} faces of Training. Some of these "
                "images are also in PublicTest. `emotion_net` was trained for FER2013's labels, so its row "
                "shows no transfer to another task."
            ),
        ),
        Table(
            "`face_identity`: the same person or not",
            "face_identity_alignment",
            identity,
            texts.about_identity,
        ),
    ),
    "The demo": (
        Table(
            "Temperatures, thresholds and fusion",
            "decision_calibration",
            decisions,
            texts.about_decisions,
        ),
        Table("Answers for photographs and films", "demo_answers", demo, texts.about_answers),
        Table("Speed of the live demo", "demo_speed", live),
        Table("Speed", "preset_speed", speed),
    ),
    **results_voices.TOPICS,
}
# What each topic shows, in a few sentences.
CONCLUSIONS = {
    "FER2013 and its raters": texts.about_fer2013,
    "Networks for emotions": texts.about_networks,
    "Groups of people": texts.about_groups,
    "Face or not": texts.about_face_or_not,
    "Finding faces": texts.about_finding,
    "Frozen features": texts.about_features,
    "The demo": texts.about_demo,
    **results_voices.CONCLUSIONS,
}
# Results that are counts of recordings, and no scores.
ELSEWHERE = ("lecture14_real_frames", "ravdess_audit", "ravdess_speech_counts")
