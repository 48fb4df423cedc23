"""Images: what is drawn where, what the alt text says, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from course_lib import plots
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 36, 64, 3), dtype=np.uint8)

FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)
PROBABILITIES = np.random.default_rng(1).dirichlet(np.full(7, 0.5), 5)


@pytest.mark.parametrize(
    "function, args",
    [
        (plots.frames, (IMAGES,)),
        (plots.hog, (IMAGES[0], np.eye(36, 64))),
        (plots.boxes, (FACES[0], [[5, 5, 20, 20]])),
        (plots.heat_over, (FACES, FACES / 255)),
        (plots.numbers, ({"a": np.eye(3), "b": [[1]]},)),
        (plots.probabilities, (FACES, PROBABILITIES, EMOTIONS)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_title_is_complete_in_caption_and_saved_file(has_its_title, function, args):
    has_its_title(function, *args)


@pytest.mark.parametrize(
    "function, args",
    [
        (plots.boxes, (FACES[0], [])),
        (plots.heat_over, (FACES[0], FACES[0] / 255)),
        (plots.probabilities, (FACES[0], PROBABILITIES[0], EMOTIONS)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_to_look_at_is_in_the_caption_of_faces(shown, function, args):
    assert shown(function, *args, seen="noise").endswith(". Noise.")


# --- frames and HoG ---


@pytest.mark.parametrize(
    "images, text",
    [
        (IMAGES, "8 images of 36 x 64"),
        (IMAGES[:1], "1 image of 36 x 64"),
        (IMAGES[..., 0], "8 images of 36 x 64"),
        (IMAGES[:1, ..., 0] / 255, "1 image of 36 x 64"),
        (list(IMAGES[:7]), "7 images of 36 x 64"),
    ],
)
def test_frames_are_counted_and_measured(shown, images, text):
    assert shown(plots.frames, images) == f"Frames: {text} pixels."


@pytest.mark.parametrize("images", [[], IMAGES[:0]], ids=["list", "array"])
def test_no_frame_to_show_is_an_error(images):
    with pytest.raises(CourseError, match=r"^frames: there is no image.*filter"):
        plots.frames(images)


def test_equal_labels_are_listed_once(shown):
    labels = pd.Series(["sad, 1", "sad, 1", "calm, 2"], index=[5, 6, 7])
    assert shown(plots.frames, IMAGES[:3], labels) == "Frames: 3 images of 36 x 64 pixels (sad, 1; calm, 2)."


def test_what_to_look_at_is_in_the_caption(shown):
    assert shown(plots.frames, IMAGES[:1], seen="noise") == "Frames: 1 image of 36 x 64 pixels. Noise."
    assert shown(plots.hog, IMAGES[0], np.eye(36, 64), seen="a diagonal").endswith("on a stroke. A diagonal.")


def test_long_labels_do_not_run_into_each_other(drawn):
    figure = drawn(plots.frames, IMAGES, ["actor 12, female, strongly surprised"] * 8)
    figure.set_layout_engine("constrained")
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    boxes = [axes.title.get_window_extent(renderer) for axes in figure.axes]
    assert len(boxes) == 8
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])
    assert not any(axes.get_window_extent(renderer).overlaps(box) for axes in figure.axes for box in boxes)


def test_a_grey_image_is_not_stretched_to_black_and_white(drawn):
    assert drawn(plots.frames, np.full((1, 8, 8), 100, np.uint8)).axes[0].images[0].get_clim() == (0, 255)


def test_hog_gives_the_percentage_of_pixels_on_a_ray(shown):
    picture = np.zeros((20, 20))
    picture[:5] = np.arange(1, 21)
    assert "25% of the pixels lie on a stroke" in shown(plots.hog, IMAGES[0, ..., 0], picture)


# --- boxes ---


def test_boxes_are_where_the_alt_text_says(shown, drawn):
    photo, two = np.zeros((300, 400, 3), np.uint8), np.array([[50, 60, 100, 120], [0, 0, 30, 20]])
    assert shown(plots.boxes, photo, two, "Photo", ["face", "eye"]) == (
        "Photo: an image of 300 x 400 pixels, face 100 x 120 at column 50, row 60; eye 30 x 20 at column "
        "0, row 0."
    )
    frames = [frame.get_bbox().bounds for frame in drawn(plots.boxes, photo, two).axes[0].patches]
    assert frames == [(50, 60, 100, 120)] * 2 + [(0, 0, 30, 20)] * 2  # a white line under a coloured one


def test_a_box_may_be_a_row_of_a_table(shown):
    row = pd.DataFrame({"x": [10], "y": [20], "w": [30], "h": [40]}).iloc[0]
    assert shown(plots.boxes, FACES[0], [row], labels=["followed"]).endswith(
        "followed 30 x 40 at column 10, row 20."
    )


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.frames(FACES[:1], ["one", "two"]),
        lambda: plots.boxes(FACES[0], [(1, 2, 3, 4)], labels=["one", "two"]),
    ],
)
def test_more_labels_than_pictures_or_boxes_are_refused(draw):
    with pytest.raises(CourseError, match="there are 2 labels for 1 "):
        draw()


def test_labels_of_boxes_that_begin_at_one_place_do_not_cover_each_other(drawn):
    photo, parts = (
        np.zeros((300, 400, 3), np.uint8),
        [[100, 104, 30, 30], [98, 95, 30, 12], [300, 104, 30, 30]],
    )
    axes = drawn(plots.boxes, photo, parts, "", ["eye", "brow", "ear"]).axes[0]
    texts = {text.get_text(): text for text in axes.texts}
    assert [(text.get_position()[1], text.get_va()) for text in map(texts.get, ("brow", "eye", "ear"))] == [
        (95, "bottom"),
        (134, "top"),
        (104, "bottom"),
    ]


def test_no_box_is_named_in_the_alt_text(shown):
    assert shown(plots.boxes, FACES[0], np.empty((0, 4), int)) == "Boxes: an image of 48 x 48 pixels, no box."


# --- heat maps ---


def test_a_small_heat_map_is_stretched_over_its_image(drawn):
    heat = np.zeros((6, 6))
    heat[1, 4] = 1
    above, below = drawn(plots.heat_over, FACES[0], heat).axes
    assert len(above.images) == 1
    assert [image.get_array().shape for image in below.images] == [(48, 48)] * 2
    assert below.images[1].get_clim() == (0, pytest.approx(1, abs=0.15))
    [half] = below.collections[0].get_paths()
    assert half.vertices.mean(axis=0) == pytest.approx(
        [35.5, 11.5], abs=1
    )  # the middle of row 1, column 4 of 6
    assert np.ptp(half.vertices, axis=0) == pytest.approx([7, 7], abs=2)  # half a pixel on each side


def test_the_alt_text_says_where_a_heat_map_is_warmest(shown):
    heats = np.zeros((3, 6, 6))
    heats[0, 0, 0], heats[1, 3, 2] = 2, 0.1
    text = shown(plots.heat_over, FACES[:3], heats, "Heat", pd.Series(["sad", "happy", "fear"]))
    assert text == (
        "Heat: above the image, below its heat map: sad warmest at the top left; "
        "happy warmest at the middle centre; fear the same everywhere."
    )


# --- probabilities ---


def test_the_alt_text_has_the_two_largest_probabilities(shown):
    row = np.array([0.1, 0, 0, 0.6, 0.05, 0, 0.25])
    assert shown(plots.probabilities, FACES[0], row, EMOTIONS) == "Probabilities: happy 60%, neutral 25%."
    assert (
        shown(plots.probabilities, FACES[:2], [row, row[::-1]], EMOTIONS, "Two", ["really sad", "happy"])
        == "Two: really sad: happy 60%, neutral 25%; happy: happy 60%, angry 25%."
    )


def test_each_probability_is_a_bar_and_the_largest_is_striped(drawn):
    axes = drawn(plots.probabilities, FACES, PROBABILITIES, EMOTIONS).axes
    bars = [axis.patches for axis in axes if axis.patches]
    assert len(bars) == 5 and sum(bool(axis.images) for axis in axes) == 5
    for row, own in zip(PROBABILITIES, bars, strict=True):
        assert [bar.get_width() for bar in own] == pytest.approx(row)
        assert [bar.get_hatch() is not None for bar in own] == (row == row.max()).tolist()


# --- tables of numbers ---


def test_every_number_of_a_table_is_in_the_alt_text(shown, drawn):
    tables = {"image": [[1, np.nan], [0.5, 2]], "kernel": [[3]]}
    text = shown(plots.numbers, tables, "Two tables", {"image": (0, 0, 1, 2)}, "the frame")
    assert text == "Two tables: image 1 empty / 0.5 2; kernel 3. The frame."
    image, kernel = drawn(plots.numbers, tables, "Two tables", {"image": (0, 0, 1, 2)}).axes
    assert [one.get_text() for one in image.texts] == ["1", "0.5", "2"]
    assert (len(image.patches), len(kernel.patches)) == (6, 1)  # four cells and the frame with its shade


@pytest.mark.parametrize(
    ("tables", "windows", "message"),
    [
        ({}, {}, "rows and columns"),
        ({"a": [1, 2]}, {}, "rows and columns"),
        ({"a": [[1]]}, {"b": (0, 0, 1, 1)}, "no table is named 'b'"),
    ],
)
def test_a_table_that_cannot_be_drawn_is_refused(tables, windows, message):
    with pytest.raises(CourseError, match=message):
        plots.numbers(tables, "x", windows)
