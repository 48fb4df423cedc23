"""The model cards beside the weights and docs/results.md are what `course cards` writes."""

import hashlib

import pytest

from course_lib import cli, results
from course_lib.authoring import cards, published_page, results_page
from course_lib.models import card


@pytest.mark.parametrize("name", cards.CARDS)
def test_the_card_beside_the_weights_is_what_the_command_writes(name):
    assert cards.path(name).read_text(encoding="utf-8") == cards.text(name), "run: course cards"


@pytest.mark.parametrize("name", ["emotion_net", "face_or_not", "voice", "face_identity"])
def test_a_card_names_the_file_beside_it(name):
    weights = cards.path(name).with_suffix(".npz")
    assert hashlib.sha256(weights.read_bytes()).hexdigest() in cards.text(name)


@pytest.mark.parametrize(
    ("result", "name"),
    [
        ("emotion_net_calibration", "emotion_net"),
        ("london_fairness", "emotion_net"),
        ("face_or_not_calibration", "face_or_not"),
    ],
)
def test_what_a_card_tells_was_measured_with_the_shipped_file(result, name):
    shipped = card.digest(cards.path(name).with_suffix(".npz"))
    assert results.read(result)["weights_sha256"] == shipped, f"run: course evaluate {result} --data DIR"


def test_figures_of_another_file_are_not_in_the_card(tmp_path):
    (tmp_path / "other.npz").write_bytes(b"other weights")
    text = cards.text("emotion_net", tmp_path / "other.npz")
    assert text.count(card.NOT_MEASURED) == 2 and "ECE" not in text and "London" not in text
    assert "To measure it: `course evaluate london_fairness --data DIR`" in text


def test_groups_are_told_with_their_caveats():
    text = cards.text("emotion_net")
    assert "**too few people to conclude**" in text and "What cannot be known" in text
    assert "What the network answers" in text and "includes zero" in text
    assert text.count("By ethnicity") == 1
    assert "| other groups, fewer than 8 people each, together | 1 | not shown | not shown |" in text
    assert "may be harder to see" in text
    assert f"The age of {results.read('london_fairness')['age_unknown']} of them is not known" in text
    found = results.read("london_fairness")
    for section in (cards.groups_of_faces(found), results_page.groups(found)):
        assert "![" not in section and "<img" not in section  # no picture beside a group


def test_a_difference_says_whether_it_includes_zero():
    groups = ["female", "male"]
    one = {"groups": groups, "smiling": {"difference": 0.2, "interval": [0.1, 0.3]}}
    one["neutral"] = {"difference": -0.05, "interval": [-0.1, 0.02]}
    rows = cards.differences_table({"differences": {"gender": one}}).splitlines()[2:]
    assert rows == [
        '| "female" minus "male": "happy" on smiling faces | +20 points (+10 to +30) | no |',
        '| "female" minus "male": "neutral" on neutral faces | -5 points (-10 to +2) | yes |',
    ]


def test_both_outputs_are_in_one_table_by_ethnicity():
    one = results.read("london_fairness")["outputs"]["label"]
    heading, table = cards.by_ethnicity({"label": one, "raters": one})
    assert heading == "By ethnicity: **too few people to conclude**"
    head, _, *rows = table.splitlines()
    assert head.count("raters output") == head.count("label output") == 2
    assert head.index("smiling") < head.index("neutral")  # as in the table of the other groups
    assert "output" not in cards.by_ethnicity({"label": one})[1]  # a network with one output
    assert len(rows) == 1 + len(one["ethnicity"]["groups"]) and rows[-1].count("not shown") == 4


def test_the_views_are_not_called_a_face_alone():
    for name in ("emotion_net", "face_or_not"):
        assert "face alone" not in cards.text(name) and "one view" in cards.text(name)
    assert '"Ten views" (test-time augmentation)' in cards.text("emotion_net")


def test_an_output_is_named_only_beside_another():
    one = {"views": {"face alone": {}, "ten views": {}}}
    assert [name for name, _ in cards.views({"outputs": {"label": one}})] == ["one view", "ten views"]
    both = cards.views({"outputs": {"label": one, "raters": one}})
    assert [name for name, _ in both][2:] == ["raters output, one view", "raters output, ten views"]


def test_the_fraction_of_doubtful_labels_is_measured():
    found = results.read("ferplus_raters")["parts"].values()
    right, n = (sum(one["commonest_is_fer2013"][key] for one in found) for key in ("correct", "n"))
    assert f"for {100 - 100 * right / n:.1f} % of {n:,} faces" in cards.text("emotion_net")


def test_the_accuracy_by_gender_is_over_the_actors_of_that_gender():
    by_actor = {"1": 0.0, "2": 1.0, "3": 1.0, "4": 1.0}
    said = cards.groups_of_voices({"by_gender": {"female": 1.0, "male": 0.5}, "by_actor": by_actor})
    assert "| female | 2 | 100.0 % (100.0–100.0) |" in said
    assert "| male | 2 | 50.0 % (0.0–100.0) |" in said


def test_the_command_writes_every_card_and_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cards, "path", lambda name: tmp_path / f"{name}.md")
    monkeypatch.setattr(cards, "text", lambda name: f"# {name}\n")
    monkeypatch.setattr(results_page, "PAGE", tmp_path / "results.md")
    monkeypatch.setattr(published_page, "PAGE", tmp_path / "published_figures.md")
    assert cli.main(["cards"]) == 0
    written = {path.stem for path in tmp_path.iterdir()}
    assert written == {*cards.CARDS, "results", "published_figures"}
    assert capsys.readouterr().out.count("wrote ") == len(written)
