"""The texts of docs/results.md: their figures are those of the results."""

import pytest

from course_lib import results
from course_lib.authoring import results_text
from course_lib.models import presets


def test_the_summary_has_the_best_network_beside_a_human_rater():
    text = results_text.in_short()
    best = max(
        one["scores"]["PublicTest"]["top_1"]["correct"]
        for one in results.trained().values()
        if "PublicTest" in one["scores"]
    )
    rater = results.read("ferplus_raters")["parts"]["PublicTest"]["one_against_fer2013"]
    for right in (best, rater["correct"]):
        assert f"{100 * right / 3589:.1f} %" in text


def test_the_rules_with_a_formula_are_those_that_were_measured():
    for pairs in results.read("decision_calibration")["pairs"].values():
        if isinstance(pairs, dict):
            assert list(pairs["rules"]) == list(results_text.FORMULAS)
    assert results_text.formulas().count("This is the demo's rule") == 1


def test_the_recipe_is_read():
    recipe = presets.RECIPES["emotion_net"]
    text = results_text._recipe("emotion_net")
    assert f"mixup {recipe.mixup:g}" in text and f"label smoothing {recipe.smoothing:g}" in text
    assert "votes" not in results_text._recipe("gudi_cnn") and "mixup" not in results_text._recipe("gudi_cnn")


def test_the_baselines_of_the_faces_that_the_cascade_drops_are_explained():
    text = results_text.about_pairs(results.read("fer2013_networks"))
    for result in (
        results.read("fer2013_networks")["networks"]["gudi_cnn"],
        results.read("fer2013_nearest")["remembered"]["all"],
    ):
        assert f"{100 * result['cascade drops']['baseline']:.1f} %" in text


@pytest.mark.parametrize("name", sorted(name for name in vars(results_text) if name.startswith("about_")))
def test_no_text_has_an_unfilled_brace(name):
    about = getattr(results_text, name)
    needs = {
        "about_answers": "demo_answers",
        "about_calibration": "emotion_net_calibration",
        "about_cascade": "fer2013_cascade_selection",
        "about_decisions": "decision_calibration",
        "about_identity": "face_identity_alignment",
        "about_iiita": "iiita_face_as_published",
        "about_london": "london_transfer",
        "about_pairs": "fer2013_networks",
        "about_variants": "emotion_net_ablation",
        "about_ways": "face_finding",
    }
    text = about(results.read(needs[name])) if name in needs else about()
    assert len(text) > 30 and "{" not in text and "None" not in text
