"""The tables and texts of docs/results.md about voices, and about people (`TOPICS`, `CONCLUSIONS`)."""

from collections.abc import Mapping

from course_lib import results
from course_lib.authoring import cards
from course_lib.authoring.results_tables import Table, spoken
from course_lib.models import card

# --- voices ---


def voice(found: Mapping) -> str:
    """The classifier `voice` with two kinds of split, its classes, and its accuracy by gender."""
    tests = {"new speakers": found["scores"], "known speakers": found["at_random"]}
    rows = {
        name: one["top_1"] | {"uar": one["uar"], "uar_interval": one["uar_interval"]}
        for name, one in tests.items()
    }
    return "\n\n".join(
        (spoken(rows), card.classes_table(found["scores"]), cards.groups_of_voices(found["scores"]))
    )


def voice_encoder(found: Mapping) -> str:
    """The classifier `voice_encoder` with each kind of split, its classes, and its accuracy by gender."""
    tests = {
        "new speakers": found["scores"],
        "new speakers, one by one": found["one_out"],
        "new speakers, the middle 2.5 s": found["windows"],
        "known speakers": found["at_random"],
    }
    rows = {
        name: one["top_1"] | {"uar": one["uar"], "uar_interval": one["uar_interval"]}
        for name, one in tests.items()
    }
    return "\n\n".join(
        (spoken(rows), card.classes_table(found["scores"]), cards.groups_of_voices(found["scores"]))
    )


def about_voice_encoder(found: Mapping) -> str:
    """How the classifier on the encoder was trained, and the layers that were chosen."""
    layers = found["layers"]
    of_folds, all_actors = next(iter(layers.values())), layers["all actors"]
    return (
        "The eight emotions of RAVDESS by a linear classifier on the frozen encoder. It is trained on whole "
        "recordings and on their middle 2.5 s, and its layer is chosen within each training set: layer "
        f"{', '.join(map(str, of_folds))} in the five folds, layer {all_actors} for the shipped weights. The "
        "intervals of the UAR are over actors."
    )


def encoder_calibration(found: Mapping) -> str:
    """How well the demo hears with `voice_encoder`: seven emotions in windows of 2.5 s."""
    rows = [
        (
            name,
            f"{100 * one['accuracy']:.1f} %",
            f"{one['n']:,}",
            f"{one['temperature']:.2f}",
            f"{one['ece']:.3f}",
            f"{one['ece_scaled']:.3f}",
            f"{100 * one['answered']:.1f} %",
            f"{100 * one['right_when_answered']:.1f} %",
        )
        for name, one in (
            ("`voice`", results.read("decision_calibration")["voice"]),
            ("`voice_encoder`", found["voice"]),
        )
    ]
    head = (
        "preset",
        "accuracy",
        "n",
        "temperature",
        "ECE before",
        "ECE after",
        "answered",
        "right when answered",
    )
    return card.table(head, rows)


def eight_classes(found: Mapping) -> str:
    """The pipeline chosen in each fold, and the pipeline that is best on average in three ways."""
    ways = {name: one for name, one in found.items() if name.startswith("usual_")}
    return spoken(
        {"chosen in each fold": {name: one for name, one in found.items() if name not in ways}} | ways
    )


def readings(found: Mapping) -> str:
    """The accuracies of lecture 27's classifiers on its 32 recordings, by what is read as the sound."""
    rows = [
        (reading, name, *(_mean(one[part]) for part in ("train", "test")), one_reading["tested_on"])
        for reading, one_reading in found["readings"].items()
        for name, one in one_reading.items()
        if isinstance(one, Mapping)
    ]
    head = ("recordings", "classifier", "training accuracy", "test accuracy", "n (test) of each split")
    return f"{found['protocol']}: mean (lowest to highest).\n\n{card.table(head, rows)}"


def _mean(one):
    return f"{100 * one['mean']:.1f} % ({100 * one['lowest']:.0f}–{100 * one['highest']:.0f})"


def about_voices() -> str:
    """The voices in a few sentences."""
    ours = results.read("voice")["scores"]
    encoder = _encoder("ravdess_speech_encoder", "speaker-independent, five published folds")
    german = results.read("cross_corpus_speech")["directions"]["ravdess to emodb"]
    other = german["standardised on the training corpus"]["systems"]["encoder, layer chosen"]
    return (
        "With statistics of MFCC, F0 and voice quality, eight emotions of new speakers of RAVDESS are "
        f"recognised with a UAR of {_uar(ours)}, and with a frozen speech encoder with {_uar(encoder)}. The "
        f"same encoder, trained on RAVDESS and tested on EmoDB with four emotions, has {_uar(other)}: a "
        "score within one corpus does not hold for another."
    )


def about_protocols(found: Mapping) -> str:
    """What each protocol of the table is worth, and the scores with shuffled labels."""
    shuffled = [100 * uar for uar in found["shuffled"]["uar"]]
    mean = sum(shuffled) / len(shuffled)
    return (
        "The first two protocols are fair: the tested speakers are not in the training set. The other three "
        "give a score that is too high for new speakers: a random split has each tested speaker in the "
        "training set; standardising the features for each speaker needs many recordings of a speaker before "
        "the first prediction; and the encoder's best layer on the test sets was chosen on what is scored. "
        f"With labels shuffled within each speaker ({len(shuffled)} times), the whole classifier `voice` has "
        f"a UAR of {mean:.1f} % on average, {max(shuffled):.1f} % at most (p = "
        f"{found['shuffled']['p']:.3f}); chance is 12.5 %."
    )


def _encoder(result, protocol):
    return results.read(result)["protocols"][protocol]["systems"]["encoder, layer chosen"]


def _uar(one):
    return f"{100 * one['uar']:.1f} % (95 % CI over actors {card.ends(one['uar_interval'])})"


def about_lectures() -> str:
    """The lectures' classifiers in a few sentences."""
    frames = results.read("lecture14_two_recordings")["scores"]["linear SVC"]
    spoken_clips = results.read("lecture27_calm_angry")["scores"]
    known, new = (
        spoken_clips[protocol]["linear SVC"] for protocol in ("random split", "speaker-independent")
    )
    return (
        "The lectures train on a few recordings, with a random split. Frames of one recording are alike, so "
        "a linear SVC that has other frames of both recordings in its training set is right for "
        f"{100 * frames['correct'] / frames['n']:.0f} % of lecture 14's frames. With 24 speakers, the same "
        f"classifier tells calm from angry voices in {100 * known['correct'] / known['n']:.1f} % with a "
        f"random split, and in {100 * new['correct'] / new['n']:.1f} % for new speakers."
    )


# --- people ---


def crema_d(found: Mapping) -> str:
    """What people recognise in CREMA-D's clips, how well they agree, and their confusions."""
    names, ways = found["emotions"], found["modalities"]
    recognised = [
        (what, *(_percent(one[key]) for one in ways.values()))
        for what, key in (
            ("single votes for the intended emotion", "votes"),
            ("commonest vote of a clip", "commonest"),
        )
    ]
    recognised += [
        (f"single votes, {name}", *(_percent(one["by_emotion"][name]) for one in ways.values()))
        for name in names
    ]
    agreed = [
        ("Krippendorff's alpha (nominal)", *(_number(one["alpha"]) for one in ways.values())),
        (
            "Fleiss' kappa, clips with ten raters",
            *(f"{one['fleiss']['value']:.3f} (n = {one['fleiss']['n']:,})" for one in ways.values()),
        ),
        (
            "highest possible accuracy against one rater",
            *(f"{100 * one['best_possible']['expected_accuracy']:.1f} %" for one in ways.values()),
        ),
        ("votes", *(f"{one['n_votes']:,}" for one in ways.values())),
    ]
    parts = [card.table(("what", *ways), [*recognised, *agreed])]
    for modality, one in ways.items():
        rows = [
            (name, *(f"{count:,}" for count in counts))
            for name, counts in zip(names, one["confusion"], strict=True)
        ]
        parts.append(f"Votes, {modality} (rows: the intended emotion):\n\n{card.table(('', *names), rows)}")
    return "\n\n".join([*parts, found["licence"]])


def ferplus(found: Mapping) -> str:
    """How well FER+'s raters agree."""
    rows = [
        (
            part,
            f"{one['n']:,}",
            f"{one['n_votes']:,}",
            _number(one["alpha"]),
            _number(one["alpha_seven"]),
            f"{100 * one['best_possible']['expected_accuracy']:.1f} %",
        )
        for part, one in found["parts"].items()
    ]
    head = (
        "set",
        "faces",
        "votes",
        "alpha, ten answers (95 % CI)",
        "alpha, seven emotions (95 % CI)",
        "highest possible accuracy against one rater",
    )
    return card.table(head, rows)


def _percent(one):
    return f"{100 * one['value']:.1f} % ({card.ends(one['interval'])})"


def _number(one):
    return f"{one['value']:.3f} ({'–'.join(f'{end:.3f}' for end in one['interval'])})"


def about_crema_d(found: Mapping) -> str:
    """What the table of CREMA-D shows."""
    follows, differ = found["conflicts"]["follows"], found["conflicts"]["differ"]
    return (
        f"About ten people rated each of {found['n']:,} clips of {found['actors']} actors in each modality. "
        "Nothing is trained, so there is no split; always the commonest intended emotion would be "
        f"{100 * found['baseline']:.1f} %. The intervals are over actors. In {differ:,} of "
        f"{found['conflicts']['clear']:,} clips with one commonest vote in each modality, voice and face "
        f"differ. There, people who had both chose as the face in {100 * follows['face'] / differ:.0f} %, as "
        f"the voice in {100 * follows['voice'] / differ:.0f} %, and something else in "
        f"{100 * follows['neither'] / differ:.0f} %."
    )


def about_people() -> str:
    """The people in a few sentences."""
    ways = results.read("crema_d_people")["modalities"]
    voice, face, both = (_percent(one["votes"]) for one in ways.values())
    return (
        f"People choose the emotion that an actor of CREMA-D was asked to show in {voice} of their votes "
        f"with the voice alone, in {face} with the face alone, and in {both} with both. They often disagree "
        "with each other, so no system can agree with all of them."
    )


TOPICS = {
    "Voices": (
        Table(
            "`voice`",
            "voice",
            voice,
            "The eight emotions of RAVDESS. The interval of the UAR is over actors.",
        ),
        Table("`voice_encoder`", "voice_encoder", voice_encoder, about_voice_encoder),
        Table(
            "The demo with each classifier for voices",
            "encoder_calibration",
            encoder_calibration,
            "Seven emotions (calm counts as neutral) in the middle 2.5 s of each recording, which is how the "
            "demo hears. Each recording is predicted by a classifier that was not trained on its actor. "
            "Temperature and threshold for each half of the actors are fitted on the other half.",
        ),
        Table(
            "`voice` and the encoder under other protocols",
            "ravdess_voice_protocols",
            spoken,
            about_protocols,
        ),
        Table(
            "Frozen speech encoder: RAVDESS",
            "ravdess_speech_encoder",
            spoken,
            "Linear discriminant analysis on the encoder's 512 numbers, on handcrafted features, and on "
            'both. "Layer chosen": in each fold, by its training speakers alone. Intervals of the UAR are '
            "over actors.",
        ),
        Table("Frozen speech encoder: EmoDB, four emotions", "emodb_speech_encoder", spoken),
        Table(
            "Trained on one corpus, tested on the other",
            "cross_corpus_speech",
            spoken,
            "Four emotions that both corpora have. The baseline is the commonest class of the test corpus. "
            "The rows without a note are standardised on the training corpus. Standardising each corpus by "
            "itself needs many recordings of the test corpus before the first prediction.",
        ),
        Table(
            "Handcrafted features: RAVDESS",
            "ravdess_eight_classes",
            eight_classes,
            "Features and classifier are chosen in each fold by its training speakers. The pair that is "
            'best on average ("usual") is scored in three more ways, and only their differences count: on '
            "the same folds, on a random split, and with the features standardised for each speaker.",
        ),
        Table(
            "Handcrafted features: EmoDB, four emotions",
            "emodb_four_classes",
            spoken,
            'Leave-one-speaker-out. "flac" is the published sound, "opus" the smaller copy in the course.',
        ),
        Table(
            "IIITA's networks, reduced, and other classifiers: RAVDESS",
            "ravdess_speech_networks",
            spoken,
            "The networks have few epochs and small inputs, so their scores are no verdict on such networks.",
        ),
    ),
    "The lectures' classifiers": (
        Table("Lecture 14: frames of two recordings", "lecture14_two_recordings", spoken),
        Table("Lecture 27: its 32 recordings", "lecture27_two_readings", readings),
        Table("Lecture 27: calm or angry, 24 actors", "lecture27_calm_angry", spoken),
    ),
    "People": (
        Table("CREMA-D: voice, face and both", "crema_d_people", crema_d, about_crema_d),
        Table("FER+: agreement of the raters", "ferplus_agreement", ferplus, "The intervals are over faces."),
    ),
}
CONCLUSIONS = {
    "Voices": about_voices,
    "The lectures' classifiers": about_lectures,
    "People": about_people,
}
