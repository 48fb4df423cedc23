"""The texts of docs/results.md: how to read its tables, and what they show (`results_page`).

Every figure in them is read from course_lib/results.
"""

from collections.abc import Mapping

from course_lib import results
from course_lib.authoring import cards
from course_lib.datasets import fer2013
from course_lib.models import card
from course_lib.models.presets import RECIPES
from course_lib.results import published

HEAD = """# Results on real data

Every figure that the course states about faces, voices and people, measured on real data. The page is made
from `course_lib/results/` by `course cards`, so do not edit it.

"""
READING = """## How to read this page

*n* is the number of test items. *95 % CI* is the [confidence interval](glossary.md#confidence-interval):
Wilson's over items, unless stated otherwise. The *split* tells on which items the figure was measured. The
[*baseline*](glossary.md#baseline) is the accuracy of a classifier that always gives the commonest class of
the training set, unless stated otherwise. [*UAR*](glossary.md#unweighted-average-recall-uar) is the mean
recall of the classes. [*McNemar's test*](glossary.md#mcnemars-test) compares two classifiers on the same
items. Other words are in the [glossary](glossary.md).

Each table ends with the command that measures it again and the commit at which it was measured ("-dirty":
with changes that were not committed yet). DIR is a folder of real data, which
`course_lib/authoring/experiments/__init__.py` describes; FILE is FER2013's or FER+'s file. `--final` scores
the test set after the training. `--ship` is for maintainers: it writes the figures and the weights into the
course.

The label of a face tells what somebody thought an image shows, or what a person was asked to do. It does
not tell what the person felt. The [model cards](../course_lib/models/weights/) tell what the networks must
not be used for.

Figures that three student projects published are on [their own page](published_figures.md).
"""
ABOUT_PROJECTS = """\
P4, G7 and IIITA are three student projects, whose slides the course discusses. P4: "Human Emotion
Recognition". G7: "Emotion Detection & Classification". IIITA: "Multimodal Emotion Classification using User's
Speech & Facial Expression".
"""
PUBLICTEST = (
    "All networks below were trained on FER2013's Training set, without the images that are also in "
    "PublicTest."
)
DEMO_RULE, FIRST_RULE = "product / priors, temperature", "F-score mean, mean threshold"
FORMULAS = {
    "face alone": "f",
    "voice alone": "v",
    FIRST_RULE: "w f + u v, where w and u are the F-scores of face and voice for the emotion. It has no "
    "temperature, and the threshold is the mean of both thresholds above. This was the demo's first rule",
    "F-score mean, temperature": "the same mean",
    "product, temperature": "f v",
    DEMO_RULE: "(f / p) (v / q), where p and q are the priors: the fractions of the emotion in the training "
    "of face and voice. It treats all emotions as equally common. **This is the demo's rule**",
    "product / priors, temperature, floor 1 %": "the same, but a probability below 1 % counts as 1 % (the "
    "other products have a lower floor)",
}
NOT_TRAINED = {("labels alone", "raters"), ("votes alone", "label")}
FULL = "both outputs"  # the variant from which each other one differs


def _percent(score):
    return f"{100 * score['correct'] / score['n']:.1f} %"


def _with_ci(score):
    return f"{_percent(score)} (95 % CI {card.ends(score['interval'])}; n = {score['n']:,})"


def _best():
    """The name and the score of the network that is best on PublicTest."""
    tested = {
        name: about["scores"]["PublicTest"]["top_1"]
        for name, about in results.trained().items()
        if "PublicTest" in about["scores"]
    }
    return max(tested.items(), key=lambda one: one[1]["correct"] / one[1]["n"])


def in_short() -> str:
    """The page in a few lines."""
    (name, best), raters = _best(), results.read("ferplus_raters")["parts"]["PublicTest"]
    rater, others = raters["one_against_fer2013"], raters["one_against_the_others"]
    groups = results.read("london_fairness")
    output, people = next(iter(groups["outputs"].items()))
    who = "`emotion_net`" if len(groups["outputs"]) == 1 else f"the {output} output of `emotion_net`"
    female, male = (people["gender"][one]["smiling"] for one in ("female", "male"))
    faces = results.read("face_or_not")["scores"]["lfw_subset"]["top_1"]
    rules = results.read("decision_calibration")["pairs"]["labels_equally_common"]["rules"]
    lines = (
        f"**Emotions**: the best network, `{name}`, answers with FER2013's label for {_with_ci(best)} of "
        f"PublicTest's faces. The baseline is {100 * best['baseline']:.1f} %.",
        f"**People**: one of FER+'s raters gives FER2013's label for {_with_ci(rater)} of the same faces, "
        f"and agrees with the other raters for {_percent(others)}. The network learnt FER2013's labels, the "
        "raters did not: this does not show that it sees emotions better than people do.",
        f'**Groups**: {who} answers "happy" for the posed smiles of {100 * female["fraction"]:.0f} % of '
        f"{female['n']} women and of {100 * male['fraction']:.0f} % of {male['n']} men.",
        f"**Face or not**: `face_or_not` is right for {faces['correct']} of {faces['n']} images of "
        f"lfw_subset (95 % CI {card.ends(faces['interval'])}).",
        f"**Face and voice**: on artificial pairs, the demo's rule is right for "
        f"{100 * rules[DEMO_RULE]['right']:.1f} %, the face alone for "
        f"{100 * rules['face alone']['right']:.1f} % and the voice alone for "
        f"{100 * rules['voice alone']['right']:.1f} %. In such a pair, face and voice of two people have the "
        "same label: this is easier than real people.",
    )
    return "## In short\n\n" + "\n".join(f"- {line}" for line in lines)


def about_fer2013() -> str:
    """What FER2013's labels are worth, in two sentences."""
    raters = results.read("ferplus_raters")["parts"]["PublicTest"]
    memory = results.read("fer2013_nearest")["remembered"]["all"]
    return (
        "FER2013's labels are doubtful: one rater agrees with them for "
        f"{_percent(raters['one_against_fer2013'])} of PublicTest's faces, and with the other raters for "
        f"{_percent(raters['one_against_the_others'])}. Some images are in both Training and PublicTest, so "
        f"a classifier that memorises scores {_percent(memory['all'])} on all of PublicTest, and "
        f"{_percent(memory['unseen'])} on the images that are not in Training."
    )


def about_networks() -> str:
    """The best network, and how long each was trained."""
    (name, best), trained = _best(), results.trained()
    epochs = ", ".join(
        f"`{one}` {about['epochs']}" for one, about in trained.items() if "PublicTest" in about["scores"]
    )
    return (
        f"The best network is `{name}`, with {_percent(best)} of PublicTest. But the networks were not "
        f"trained equally long (epochs: {epochs}). So the scores compare trainings, and do not tell which "
        "architecture is the best.\n\n"
        f"{PUBLICTEST} {card.views_text('emotion_net')} `emotion_net` is scored with ten views and the other "
        "networks with one."
    )


def about_groups() -> str:
    """The difference between women and men."""
    found = results.read("london_fairness")
    output, network = next(iter(found["outputs"].items()))
    who = cards.output_name(found, output)
    female, male = (100 * network["gender"][one]["smiling"]["fraction"] for one in ("female", "male"))
    first, second = (
        one["differences"]["gender"]["smiling"]["difference"] for one in (network, found["control"])
    )
    return (
        f'{who} answers "happy" for {female:.0f} % of the smiling women and {male:.0f} % of the '
        f"smiling men: {100 * first:+.0f} points. A simple classifier that was trained on the same set (the "
        f"control) has {100 * second:+.0f} points, so a part of the difference may come from the smiles in "
        "these photographs."
    )


def about_face_or_not() -> str:
    """The scores of `face_or_not`."""
    found = results.read("face_or_not")
    scores, hard = found["scores"], found["hard_negatives"]
    valid, test = (scores[one]["top_1"] for one in ("validation", "lfw_subset"))
    return (
        f"`face_or_not` is right for {_percent(test)} of lfw_subset, and for {_percent(valid)} of the "
        f"validation set of its training, where {100 * hard:.0f} % of the images without a face are "
        f"hard negatives. {test['n']} test images are too few to show that errors are rare in a detector, "
        "which looks at thousands of places."
    )


def about_finding() -> str:
    """How many faces each detector finds."""
    found = results.read("face_finding")
    ways = ", ".join(
        f"{way} {one['found']} of {one['found'] + one['missed']}" for way, one in found["photographs"].items()
    )
    clips = found["all_frames"].values()
    least = min(one["found"] / (one["found"] + one["missed"]) for one in clips)
    part = "every frame" if least == 1 else f"at least {100 * least:.0f} % of the frames"
    return (
        f"The clips of actors are easy: each way finds the face in {part}. The photographs are harder. Faces "
        f"found in them: {ways}."
    )


def about_features() -> str:
    """Which frozen features are the best, and the words of the tables."""
    london, fer = (results.read(f"{one}_transfer")["scores"] for one in ("london", "fer2013"))
    n = results.read("london_transfer")["n"]
    layers = [name for name in fer if name.startswith("face_identity, ")]
    name = max(layers, key=lambda one: london[one]["linear SVC"]["correct"])
    layer, best = max(layers, key=lambda one: fer[one]["correct"]), london[name]["linear SVC"]
    return (
        "Layers in the middle of `face_identity` are better features for expressions than its last layers. "
        f"On FER2013 the best layer ({layer.split(', ')[1]}) has {_percent(fer[layer])}, and histograms of "
        f"oriented gradients (HoG) have {_percent(fer['HoG'])}. On the {n} photographs of the London set the "
        f"best layer ({name.split(', ')[1]}) has {_percent(best)} and HoG "
        f"{_percent(london['HoG']['linear SVC'])} (p = {p_value(best)}).\n\n"
        "[HoG](glossary.md#histogram-of-oriented-gradients-hog): histogram of oriented gradients. SVC: "
        "support-vector classifier. LDA, shrinkage: linear discriminant analysis, whose covariances are "
        "shrunk towards equal variances. conv64_3, conv128_2 and conv256_2 are layers of `face_identity`, "
        "from early to late; average is the mean over all places of the last block, and identity the 128 "
        'numbers with which the network tells people apart. "Random weights": the same network without '
        'training. "p against HoG": an exact McNemar test of the same classifier on these features and on '
        "HoG, not corrected for several tests."
    )


def about_demo() -> str:
    """The demo's rule and its first one."""
    pairs = results.read("decision_calibration")["pairs"]["labels_equally_common"]["rules"]
    rule, first = pairs[DEMO_RULE], pairs[FIRST_RULE]
    return (
        f"On artificial pairs, the demo's rule answers {100 * rule['answered']:.1f} % of the pairs, and "
        f"{100 * rule['right_when_answered']:.1f} % of these answers are right. Its first rule answered "
        f"{100 * first['answered']:.1f} % with {100 * first['right_when_answered']:.1f} % right."
    )


def all_of_fer2013(found: Mapping) -> str:
    """How many images FER2013 has, with those that are not used."""
    everything = sum(map(sum, fer2013.PUBLISHED.values()))
    return (
        f"FER2013 has {everything:,} images. The {everything - found['n']:,} images of its third set, "
        "PrivateTest, are not used in the course: its measurements were made without them."
    )


def about_cascade(found: Mapping) -> str:
    """G7's cascade, and the two ways to show it an image."""
    return (
        "Project G7 kept only the faces in which its cascade (a face detector) found a face. This changes "
        "the test set: a score on the faces that were kept cannot be compared with one on all faces. "
        '"48 x 48 pixels": the cascade gets the image itself, as on G7\'s slides. "With a border": it gets '
        f"the image in the middle of a grey square, with {found['border']['on a border']} pixels on each "
        'side, as in the public copies of that script. Elsewhere on this page, "G7\'s cascade finds a face" '
        "means with the border."
    )


def views_of_emotion_net() -> str:
    """What ten views are worth for `emotion_net`."""
    views = results.read("emotion_net_calibration")["outputs"]["label"]["views"]
    one, ten = (_percent(views[view]["score"]) for view in ("face alone", "ten views"))
    return (
        f"`emotion_net` has ten views here, the others one. On the validation set it has {ten} with ten "
        f"views and {one} with one, so a small part of its lead comes from the views."
    )


def about_pairs(found: Mapping) -> str:
    """The subsets of PublicTest, and the baselines."""
    drops = next(iter(found["networks"].values()))["cascade drops"]
    nearest_drops = results.read("fer2013_nearest")["remembered"]["all"]["cascade drops"]
    return (
        "The test images:\n\n"
        "- *all*: all of PublicTest.\n"
        '- *faces*: without the images that most of FER+\'s raters call "not a face".\n'
        "- *not in Training*: without the images that are also in Training. No network was trained on an "
        "image of PublicTest, so a lower score in this row does not show memory: the images that are left "
        "out differ in other ways, too.\n"
        "- *G7's cascade finds a face* and *finds no face*: see the cascade above, with a border.\n"
        "- *raters' commonest answer*: the images for which one of the seven emotions is the commonest "
        "answer of FER+'s raters. That answer, and not FER2013's label, is right here.\n\n"
        "The baseline of this table is the commonest class of the test images in the row. So it is "
        f"{100 * drops['baseline']:.1f} % where the cascade finds no face, and "
        f'{100 * nearest_drops["baseline"]:.1f} % in the table "Memory alone", where it is the commonest '
        "class of the training images. `emotion_net_raters` is the second output of `emotion_net`, trained "
        'on FER+\'s votes. Its answer "contempt" is wrong here.'
    )


def about_calibration(found: Mapping) -> str:
    """How to read a table about calibration, with links."""
    return (
        f"{cards.calibration_text(found)} See [calibration](glossary.md#calibration) and "
        "[temperature scaling](glossary.md#temperature-scaling) in the glossary."
    )


def p_value(score: Mapping) -> str:
    """The p of a McNemar test against HoG."""
    return f"{score['against_hog']['p']:.2g}" if "against_hog" in score else "–"


def about_london(found: Mapping) -> str:
    """The shortcut of the set, and the two scores of `emotion_net`."""
    hidden = found["shortcut"]["face hidden"]
    answers = next(iter(results.read("london_fairness")["outputs"].values()))["all"].values()
    right, n = (sum(one[key] for one in answers) for key in ("as_posed", "n"))
    features = found["scores"]["emotion_net"]["linear SVC"]
    return (
        f"First a warning: HoG of the whole photograph has {_percent(hidden)} with the face hidden. In the "
        "smiling photographs the heads are lower, so the place of the head tells the label by itself. A "
        "score on whole photographs of this set shows nothing about expressions. In the other tables every "
        "classifier sees only the aligned face. Both photographs of a person are always in the same fold.\n\n"
        f"`emotion_net` has two scores on this set. Its own answers are as posed for {100 * right / n:.0f} % "
        f"of the photographs (see [the London set](#the-london-set)). A linear SVC on its features has "
        f"{_percent(features)}: this SVC was trained on the other people of the set, and has only two "
        "classes to choose from."
    )


def about_ways(found: Mapping) -> str:
    """The detectors, and when a face counts as found."""
    return (
        "*G7*: OpenCV's default Haar cascade, with that project's settings. *haar*: the course's detector, "
        "with another of OpenCV's Haar cascades, and a second look if it finds nothing. *lbp*: the cascade "
        "in scikit-image. *tracked*: haar in some frames, and the face is followed in between. The true "
        "boxes were drawn by hand. A face counts as found if a box overlaps it by at least "
        f"{found['overlap']:g} (intersection over union). The settings were chosen on the same images, so "
        "expect lower figures on others."
    )


def about_steady() -> str:
    """The detectors of the table on moved copies."""
    return (
        "Each of five photographs of one person is shifted by ten pixels, scaled and turned in 24 ways. A "
        "cascade finds the face in a photograph and loses it in a copy. *haar* and *lbp* are the cascades of "
        "the table above. *steady* asks a small network where the cascade finds nothing; the demo uses it. "
        "With OpenCV 5, which has no such cascade (*steady, no cascade*), it asks the network first, then "
        "*lbp*. The network's lowest score was chosen on these copies, so expect lower figures on others."
    )


def about_identity(found: Mapping) -> str:
    """The columns of the table about `face_identity`."""
    return (
        "This checks the network and the ways to align a face; the course recognises nobody. Each pair is a "
        "neutral and a smiling photograph of the London set. The *AUC* is how often a pair of one person is "
        "closer than a pair of two people. The *equal error rate* is the error at the distance where both "
        f"kinds of pairs are equally often wrong. *Missed at {found['threshold']:g}*: pairs of one person "
        "that are at least this far apart; dlib's own threshold. *Five points*: the corners of the eyes and "
        "the nose. Both photographs of a person were taken in one session, which makes the task easy: even "
        "the pixels tell most pairs."
    )


def formulas() -> str:
    """The formula of each rule of fusion."""
    return "\n".join(f"- *{rule}*: {formula}." for rule, formula in FORMULAS.items())


def about_decisions(found: Mapping) -> str:
    """The columns of the demo's settings."""
    voice, trained = found["voice"], results.read("voice")["scores"]["top_1"]
    bins = len(voice["reliability"]), results.read("emotion_net_calibration")["bins"]
    return (
        "Values are fitted on one half of the items and measured on the other. The face has one view. The "
        f"ECE has {bins[0]} bins of equal width here and {bins[1]} bins of equal count in the calibration of "
        "`emotion_net`, so the two differ for the same probabilities.\n\n"
        f"The voice has {100 * voice['accuracy']:.1f} % here and {_percent(trained)} in its model card: here "
        "it hears only the middle 2.5 s, and calm counts as neutral, so there are seven emotions and not "
        "eight.\n\n"
        f"A threshold is chosen so that {100 * found['right']:g} % of the answers are right. The classifier "
        'answers only if its confidence is at least the threshold ("confidence from"). A threshold fitted to '
        "pairs is also at least one half."
    )


def about_answers(found: Mapping) -> str:
    """Why the answers of the demo are no score."""
    known = [found["plausible"][kind] for kind in ("photographs", "films", "more_films")]
    now, n = (sum(one[key] for one in known) for key in ("now", "n"))
    return (
        f"These {found['n']} files are examples, not a test set. The name of a file, or the text beside it, "
        "tells what it shows; no rater labelled it. The voice classifier was trained on recordings of the "
        "same actors. So this is not a score. The answer of a film is the commonest answer of its moments. "
        "The first rule of the demo is the F-score mean (see the table above); it differs from the demo's "
        "rule only if there are a face and a voice. The answer fits the file's description in "
        f"{now} of the {n} files that have one."
    )


def of_variants(found: Mapping) -> list[tuple[str, str, str, Mapping]]:
    """The variant, the output, the views and the score of each row."""
    return [
        (name, test.split(", ")[0], "ten" if test.endswith("ten views") else "one", score)
        for name, one in found["variants"].items()
        for test, score in one.items()
        if isinstance(score, Mapping)
    ]


def about_variants(found: Mapping) -> str:
    """How to read the ablation, and the recipe in use."""
    rows = of_variants(found)
    full = {(output, views): score for name, output, views, score in rows if name == FULL}
    compared = [
        score["interval"][0]
        <= full[output, views]["correct"] / full[output, views]["n"]
        <= score["interval"][1]
        for name, output, views, score in rows
        if name != FULL and (name, output) not in NOT_TRAINED
    ]
    return (
        f"Each network was trained once (one seed) on {found['trained_on']:,} faces. The schedule has "
        f'{found["epochs"]} epochs, and twice as many in "twice the epochs". Each network differs from '
        f'"{FULL}" in one ingredient. In {sum(compared)} of {len(compared)} rows the interval includes the '
        f'accuracy of "{FULL}", so these differences may be due to chance. The table helps to choose, and '
        "does not prove what an ingredient is worth.\n\n"
        "*Labels alone* and *votes alone*: only one of the two outputs is trained. *Mixup*: two faces and "
        "their labels are mixed. *Label smoothing*: a small part of each label is spread over all classes. "
        "*Erasing*: a rectangle is filled with grey, with this probability. *Squeeze and excitation*: blocks "
        "that weigh the channels of a layer. The other names tell the size of the training images or the "
        "length of the schedule. *FER+'s raters*: the emotion, of eight, on which more than half of the "
        "raters agree; faces without such an emotion are left out.\n\n"
        f"The recipe of `emotion_net` in `models.presets.RECIPES` has: {_recipe('emotion_net')}."
    )


def _recipe(name):
    """The ingredients of a training, read from `RECIPES`."""
    recipe = RECIPES[name]
    size = recipe.augmentation.get("size", fer2013.SIZE)
    parts = (
        f"{sum(stage.epochs for stage in recipe.stages)} epochs",
        f"images of {size} x {size} pixels",
        "both outputs" if recipe.votes else "",
        f"mixup {recipe.mixup:g}" if recipe.mixup else "",
        f"label smoothing {recipe.smoothing:g}" if recipe.smoothing else "",
        f"erasing {recipe.augmentation['erase']:g}" if recipe.augmentation.get("erase") else "",
        "ten views in use" if recipe.tta else "",
    )
    return ", ".join(filter(None, parts))


def about_iiita(found: Mapping) -> str:
    """Why IIITA's figure and ours differ."""
    theirs = published.FIGURES["IIITA", "face network, accuracy"]
    curve = found["history"]["accuracy"]
    return (
        f"IIITA published {100 * theirs:.2f} % on PublicTest for this network, and our training reaches "
        f"{_percent(found['scores']['PublicTest']['top_1'])}. It is another training: {found['epochs']} "
        "epochs with data augmentation and a learning rate that falls to 0. The accuracy on its training "
        f"images was still low and rising ({100 * curve[-5]:.1f} to {100 * curve[-1]:.1f} % in the last five "
        "epochs), so a longer training would probably score higher. This does not contradict the published "
        "figure."
    )
