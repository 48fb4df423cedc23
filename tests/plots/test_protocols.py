"""Figures of splits and of what they change: tiles, score maps, scatter plots, fixed colours of protocols."""

import doctest

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from course_lib import evaluation, plots
from course_lib.core.errors import CourseError
from course_lib.evaluation import Score
from course_lib.plots import protocols
from course_lib.plots.colours import EMOTION_STYLES, PROTOCOL_STYLES, SPLIT_STYLES

TABLE = pd.DataFrame(
    [
        {"actor": actor, "recording": f"{actor}-{clip}", "emotion": ["neutral", "angry"][clip % 2]}
        for actor in (1, 2, 3)
        for clip in (0, 1, 2)
        for _ in range(2)
    ]
)
SCORES = pd.DataFrame(
    {
        "classifier": ["SVC", "SVC", "LDA"],
        "score": [
            Score(90, 100, "random split", 0.6),
            Score(62, 100, "speaker-independent", 0.6),
            Score(40, 100, "random split", 0.6),
        ],
    }
)


def parts_of(table):
    return {protocol: evaluation.folds(table, protocol, 3, seed=0)[0][1] for protocol in evaluation.PROTOCOLS}


@pytest.mark.parametrize(
    "function, args",
    [
        (plots.split_tiles, (TABLE, parts_of(TABLE))),
        (plots.score_map, (SCORES,)),
        (lambda title: plots.scatter(np.eye(18, 2), TABLE, ["actor", "emotion"], title, "component"), ()),
    ],
    ids=["split_tiles", "score_map", "scatter"],
)
def test_the_title_is_complete_in_caption_and_saved_file(has_its_title, function, args):
    has_its_title(function, *args)


def test_tiles_have_the_colours_of_training_and_test(drawn):
    rows = {"by hand": [0, 17]}
    tiles = drawn(plots.split_tiles, TABLE, rows).axes[0].patches
    colours = [to_hex(tile.get_facecolor()).upper() for tile in tiles]
    assert [n for n, colour in enumerate(colours) if colour == SPLIT_STYLES["test"][0]] == [0, 17]
    assert colours.count(SPLIT_STYLES["training"][0]) == 16


def test_tiles_of_a_recording_touch_and_those_of_two_do_not(drawn):
    tiles = drawn(plots.split_tiles, TABLE, {"one": [0]}).axes[0].patches
    steps = np.diff([tile.get_x() for tile in tiles[:4]])
    assert steps[0] == steps[2] == 1 and steps[1] > 1.5


def test_tiles_say_how_many_actors_are_tested(shown):
    text = shown(plots.split_tiles, TABLE, parts_of(TABLE))
    assert "random split tests 6 of 18 images" in text
    assert "speaker-independent tests 6 of 18 images, of 1 actor." in text


def test_tiles_of_nothing_are_an_error():
    with pytest.raises(CourseError, match="split_tiles: there is no protocol or no image"):
        plots.split_tiles(TABLE, {})


def test_a_score_is_bold_only_where_its_interval_is_above_the_baseline(drawn, shown):
    texts = {text.get_text(): text.get_weight() for text in drawn(plots.score_map, SCORES).axes[0].texts}
    assert {text.split("\n")[0]: weight for text, weight in texts.items()} == {
        "90%": "bold",
        "62%": "normal",
        "40%": "normal",
    }
    assert shown(plots.score_map, SCORES).startswith(
        "Accuracy: SVC: 90% random split, 62% speaker-independent; LDA: 40% random split. Bold"
    )


def test_two_scores_for_one_field_are_an_error():
    with pytest.raises(CourseError, match="score_map"):
        plots.score_map(pd.concat([SCORES, SCORES]))


def test_an_emotion_has_its_colour_and_few_names_a_legend(drawn):
    panels = drawn(plots.scatter, np.eye(18, 2), TABLE, ["actor", "emotion"], "T", "component").axes
    assert to_hex(panels[1].collections[1].get_facecolor()[0]).upper() == EMOTION_STYLES["angry"][0]
    assert [len(axes.collections) for axes in panels] == [3, 2]
    assert panels[0].get_legend() is not None
    many = pd.DataFrame({"actor": range(30)})
    assert drawn(plots.scatter, np.eye(30, 2), many, ["actor"], "T", "x").axes[0].get_legend() is None


def test_each_group_that_the_legend_names_has_a_colour_and_a_marker_of_its_own(drawn):
    """Ten speakers took eight colours: two colours meant two speakers each."""

    def looks(groups):
        table = pd.DataFrame({"actor": range(groups)})
        points = drawn(plots.scatter, np.eye(groups, 2), table, ["actor"], "T", "x").axes[0].collections
        colours = [to_hex(each.get_facecolor()[0]) for each in points]
        return colours, [each.get_paths()[0].vertices.tobytes() for each in points]

    colours, markers = looks(12)
    assert len(set(colours)) == len(set(markers)) == 12
    assert len(set(zip(*looks(24), strict=True))) == 24


def test_places_and_rows_must_fit():
    with pytest.raises(CourseError, match=r"scatter: places of shape \(2, 2\) for 18 rows"):
        plots.scatter(np.eye(2), TABLE, ["actor"], "T", "x")


def test_a_protocol_has_its_colour_whatever_comes_first(drawn):
    assert set(PROTOCOL_STYLES) == set(evaluation.PROTOCOLS)
    for order in (["speaker-independent", "random split"], ["another", "speaker-independent"]):
        table = pd.DataFrame({"classifier": "SVC", "score": [Score(3, 4, name, 0.5) for name in order]})
        lines = {line.get_label(): line.get_color() for line in drawn(plots.scores, table).axes[0].lines}
        assert lines["speaker-independent"] == PROTOCOL_STYLES["speaker-independent"][0]
        assert len({lines[name] for name in order}) == 2


def test_the_examples_run():
    found = doctest.testmod(protocols)
    assert found.attempted and not found.failed
