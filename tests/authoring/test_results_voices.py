"""The tables about voices and people, from small results worked out by hand."""

from course_lib import results
from course_lib.authoring import results_voices
from course_lib.authoring.results_tables import spoken

SCORE = {"correct": 3, "n": 4, "protocol": "speaker-independent", "baseline": 0.5, "interval": [0.3, 0.95]}


def test_a_table_of_voices_has_the_uar_of_women_and_men_only_where_it_was_measured():
    uar = {"uar": 0.7, "uar_interval": [0.6, 0.8]}
    both = {"female": SCORE | uar, "male": SCORE | uar | {"uar": 0.5}}
    table = spoken({"systems": {"encoder": SCORE | uar | {"by_gender": both}, "MFCC": SCORE}})
    assert table.splitlines()[2:] == [
        "| encoder | 75.0 % (30.0–95.0) | 4 | speaker-independent | 50.0 % | 70.0 % (60.0–80.0) | "
        "70.0 % (60.0–80.0) / 50.0 % (60.0–80.0) |",
        "| MFCC | 75.0 % (30.0–95.0) | 4 | speaker-independent | 50.0 % | – | – |",
    ]
    accuracies = SCORE | {"by_gender": {"female": 0.5, "male": 0.6}}  # as older results keep them
    assert "women" not in spoken({"MFCC": accuracies})


def test_what_the_split_says_is_not_said_twice():
    crossed = {
        "directions": {"a to b": {"systems": {"MFCC": SCORE | {"protocol": "trained on a, tested on b"}}}}
    }
    assert spoken(crossed).splitlines()[2].startswith("| MFCC | 75.0 %")


def test_the_votes_of_each_emotion_add_up_to_all_votes():
    found = results.read("crema_d_people")
    text = results_voices.crema_d(found)
    for modality, one in found["modalities"].items():
        assert sum(map(sum, one["confusion"])) == one["n_votes"] and f"Votes, {modality}" in text
        assert f"{100 * one['votes']['value']:.1f} % (" in text
    assert "ODbL" in text
