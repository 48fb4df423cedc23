"""Curves and matrices: signals, training, the phases of an expression."""

import numpy as np
import pytest

from course_lib import plots
from course_lib.core.errors import CourseError

HISTORY = {
    "loss": [2.2, 1.5, 1.1],
    "accuracy": [0.26, 0.5, 0.64],
    "val_loss": [1.8, 1.3, 1.4],
    "val_accuracy": [0.27, 0.59, 0.55],
}
INTENSITY = np.concatenate([np.zeros(10), np.linspace(0, 1, 10), np.ones(10), np.linspace(1, 0, 10)])
FRAMES = np.random.default_rng(0).integers(0, 256, (40, 36, 64, 3), dtype=np.uint8)
BANDS = {
    name: {"x": [4, 80], "y": [low, 0.9], "low": [low - 0.1, 0.85], "high": [low + 0.1, 0.95]}
    for name, low in (("HoG", 0.7), ("conv128_2", 0.8))
}
PHASES = {"onset": (10, 19), "apex": (20, 29), "offset": (30, 39)}


def titled(function, *labels):
    """A function of data and title, as the other figures are."""
    return lambda data, title: function(data, title, *labels)


@pytest.mark.parametrize(
    "function, args",
    [
        (plots.curves, (HISTORY,)),
        (plots.phases, (INTENSITY, PHASES)),
        (titled(plots.lines, "epoch", "loss"), ({"a": [1, 2]},)),
        (titled(plots.bands, "people", "accuracy"), (BANDS,)),
        (titled(plots.heatmap, "frame", "row"), (np.eye(9),)),
        (lambda values, title: plots.mfcc(values, 4, title), ({"a": np.eye(9)},)),
        (
            lambda values, title: plots.curve_with_frames(values, FRAMES, title, "grey levels"),
            (INTENSITY,),
        ),
    ],
    ids=["curves", "phases", "lines", "bands", "heatmap", "mfcc", "curve with frames"],
)
def test_the_title_is_complete_in_caption_and_saved_file(has_its_title, function, args):
    has_its_title(function, *args)


@pytest.mark.parametrize(
    "function, args",
    [(plots.curves, (HISTORY, "")), (plots.phases, (INTENSITY, PHASES, ""))],
    ids=["curves", "phases"],
)
def test_what_to_look_at_is_in_the_caption(shown, function, args):
    assert shown(function, *args, seen="noise").endswith(". Noise.")


# --- lines and matrices ---


def test_lines_are_told_by_their_ends(shown):
    curves = {"training": [0.7, 0.4, 0.1], "test": ([1, 2, 3], [0.7, 0.6, 0.65])}
    text = shown(plots.lines, curves, "Learnt", "epoch", "loss", seen="the curves part")
    assert (
        text == "Learnt: loss over epoch, training from 0.7 to 0.1; test from 0.7 to 0.65. The curves part."
    )


def test_a_long_signal_and_many_filters_are_not_read_out(shown):
    assert (
        shown(plots.lines, {"voice": np.zeros(31)}, "Sound", "sample", "pressure")
        == "Sound: pressure over sample, voice."
    )
    bank = {number: np.eye(12)[number] for number in range(12)}
    assert shown(plots.lines, bank, "Bank", "bin", "weight") == "Bank: weight over bin, 12 curves."


def test_curves_count_from_one_and_only_few_points_are_marked(drawn):
    [few] = drawn(plots.lines, {"a": [5, 6]}, "", "", "").axes[0].lines
    [many] = drawn(plots.lines, {"a": (np.arange(100) / 10, np.zeros(100))}, "", "", "").axes[0].lines
    assert few.get_xdata().tolist() == [1, 2] and few.get_marker() == "o"
    assert many.get_xdata()[-1] == 9.9 and many.get_marker() in (None, "None")


def test_a_matrix_begins_below_and_names_its_unit(shown, drawn):
    text = shown(
        plots.heatmap, np.eye(40, 63), "MFCC", "frame", "coefficient", seen="a rising line", unit="dB"
    )
    assert text == "MFCC: 40 rows (coefficient) by 63 columns (frame). A rising line."
    matrix, bar = drawn(plots.heatmap, [[1, 2], [3, 4]], "", "", "", unit="dB").axes
    assert matrix.images[0].origin == "lower" and bar.get_ylabel() == "dB"


def test_a_matrix_may_have_units_and_a_scale_of_its_own(drawn):
    matrix, _ = drawn(plots.heatmap, np.eye(4), "", "", "", extent=(0, 4, 0.5, 4.5), limits=(-1, 2)).axes
    assert matrix.images[0].get_extent() == [0, 4, 0.5, 4.5]
    assert matrix.images[0].get_clim() == (-1, 2)


def test_coefficient_0_is_a_curve_and_the_others_share_one_scale_around_0(shown, drawn):
    sounds = {"soft": np.ones((13, 63)), "loud": np.full((13, 63), -5.0)}
    assert shown(plots.mfcc, sounds, 4, "MFCC", seen="red is positive") == (
        "MFCC: coefficient 0 as a curve, and the others as colours, over 4 s: soft, 13 coefficients; "
        "loud, 13 coefficients. Red is positive."
    )
    panels = drawn(plots.mfcc, sounds, 4, "MFCC").axes[:4]
    assert [len(axes.lines) for axes in panels] == [1, 1, 0, 0]
    assert {axes.images[0].get_clim() for axes in panels[2:]} == {(-5, 5)}
    assert panels[2].images[0].get_extent() == [0, 4, 0.5, 12.5]


@pytest.mark.parametrize("sounds", [{}, {"a": np.ones(63)}, {"a": np.ones((1, 63))}])
def test_mfcc_without_coefficients_are_an_error(sounds):
    with pytest.raises(CourseError, match="mfcc: there is no sound to draw, or one has fewer than two"):
        plots.mfcc(sounds, 4, "MFCC")


def test_the_label_of_the_y_axis_is_inside_the_figure(drawn):
    """The layout measured tick labels "1" to "4", and then "1.0" to "4.5" were drawn."""
    x, rest = np.geomspace(0.5, 8, 25), np.linspace(1, 0, 25) ** 3
    curves = {"face": (x, 1.58 + 2.76 * rest), "voice": (x, 1.06 + 0.84 * rest)}
    figure = drawn(plots.lines, curves, "", "temperature", "loss", log_ticks=[0.5, 1, 2, 4, 8])
    figure.draw_without_rendering()
    assert figure.axes[0].yaxis.label.get_window_extent().x0 >= 0


def test_no_line_is_an_error():
    with pytest.raises(CourseError, match="lines: there is no curve"):
        plots.lines({}, "", "", "")


def test_a_logarithmic_axis_has_the_ticks_it_is_given(drawn):
    axes = drawn(plots.lines, {"a": ([10, 51, 1000], [1, 2, 3])}, "", "", "", log_ticks=[10, 51, 1000]).axes[
        0
    ]
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "51", "1,000"]


def test_bands_are_told_by_their_ends_with_the_points_of_this_run(shown):
    text = shown(plots.bands, BANDS, "Few people", "people", "accuracy", {"HoG": ([4, 80], [0.72, 0.9])})
    assert text == (
        "Few people: accuracy over people, HoG from 0.7 to 0.9; conv128_2 from 0.8 to 0.9; "
        "2 points of this run."
    )


def test_a_point_has_the_colour_of_its_curve_and_a_band_goes_from_low_to_high(drawn):
    now = {"conv128_2": ([4], [0.75]), "other": ([4], [0.5])}
    axes = drawn(plots.bands, BANDS, "", "people", "accuracy", now, log_ticks=[4, 80]).axes[0]
    colours = {line.get_label(): line.get_color() for line in axes.lines}
    first, second = [line for line in axes.lines if line.get_marker() not in (None, "None")]
    assert first.get_color() == colours["conv128_2"] and second.get_label() == "other (this run)"
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((0.6, 0.95))
    assert axes.get_xscale() == "log" and [text.get_text() for text in axes.get_xticklabels()] == ["4", "80"]


def test_no_band_is_an_error():
    with pytest.raises(CourseError, match="bands: there is no curve"):
        plots.bands({}, "", "", "")


# --- training curves ---


def test_training_and_validation_are_told_by_their_ends(shown):
    text = shown(plots.curves, HISTORY, "P4", best=2)
    assert text == (
        "P4: accuracy from 0.26 to 0.64, validation accuracy from 0.27 to 0.55, loss from 2.2 to 1.1, "
        "validation loss from 1.8 to 1.4, kept epoch 2."
    )
    several = shown(plots.curves, {"relu": HISTORY, "swish": {"loss": [3, 1]}}, "Two", best={"relu": 2})
    assert several.startswith("Two: relu: accuracy from 0.26") and several.endswith(
        "epoch 2; swish: loss from 3 to 1."
    )


def test_the_names_of_five_networks_stand_whole(shown):
    names = ("emotion_cnn6", "emotion_net", "gudi_cnn", "iiita_face", "iiita_face_as_published")
    shown(plots.curves, dict.fromkeys(names, HISTORY), "Five", best=dict.fromkeys(names, 2))


def test_top_3_has_a_panel_of_its_own(shown, drawn):
    history = HISTORY | {"top_3": [0.5, 0.7, 0.8], "val_top_3": [0.6, 0.7, 0.75]}
    text = shown(plots.curves, history, "P4")
    assert "top-3 from 0.5 to 0.8, validation top-3 from 0.6 to 0.75, loss" in text
    assert [axes.get_ylabel() for axes in drawn(plots.curves, history, "").axes] == [
        "accuracy",
        "top-3",
        "loss",
    ]


def test_the_kept_epoch_is_starred_on_the_validation_curves(drawn):
    accuracy, loss = drawn(plots.curves, HISTORY, "", best=2).axes
    for axes, kind in ((accuracy, "accuracy"), (loss, "loss")):
        training, validation, star = axes.lines[:3]
        assert training.get_ydata().tolist() == HISTORY[kind] and training.get_linestyle() == "--"
        assert validation.get_ydata().tolist() == HISTORY[f"val_{kind}"] and validation.get_marker() == "s"
        assert validation.get_xdata().tolist() == [1, 2, 3]
        assert (star.get_xdata()[0], star.get_ydata()[0]) == (2, HISTORY[f"val_{kind}"][1])


def test_networks_differ_in_colour_and_marker(drawn):
    lines = drawn(plots.curves, {"relu": HISTORY, "swish": HISTORY}, "").axes[0].lines
    assert [line.get_label() for line in lines] == [
        f"{name} {part}" for name in ("relu", "swish") for part in ("training", "validation")
    ]
    assert lines[1].get_marker() != lines[3].get_marker() and lines[1].get_color() != lines[3].get_color()


def test_no_curve_is_an_error():
    with pytest.raises(CourseError, match="neither accuracy nor loss"):
        plots.curves({}, "")


# --- onset, apex, offset ---


def test_phases_are_said_and_missing_ones_too(shown):
    text = shown(plots.phases, INTENSITY, {"onset": 10, "apex": np.array([20, 29]), "offset": None}, "Smile")
    assert text == "Smile: intensity of 40 frames, highest at frame 19; onset 10, apex 20 to 29, no offset."


def test_phases_are_marked_on_the_curve(drawn):
    axes = drawn(plots.phases, INTENSITY, PHASES, "").axes[0]
    curve, *marked = axes.lines
    assert curve.get_ydata() == pytest.approx(INTENSITY)
    assert [line.get_label() for line in marked] == ["onset", "apex", "offset"]
    for line, (first, last) in zip(marked, PHASES.values(), strict=True):
        assert line.get_xdata()[[0, -1]].tolist() == [first, last]
        assert line.get_ydata() == pytest.approx(INTENSITY[first : last + 1])
    assert len({line.get_marker() for line in marked}) == 3


# --- a curve with frames ---


def test_a_curve_has_a_marker_for_each_frame_below_it(shown, drawn):
    text = shown(plots.curve_with_frames, INTENSITY, FRAMES, "Smile", "grey levels", seen="it grows")
    assert text == (
        "Smile: grey levels of 40 frames, highest at frame 19 (1); below it, frames 0, 6, 11, 17, 22, 28, "
        "33, 39. It grows."
    )
    curve, *below = drawn(plots.curve_with_frames, INTENSITY, FRAMES, "Smile", "grey levels").axes
    assert curve.lines[0].get_markevery() == [0, 6, 11, 17, 22, 28, 33, 39]
    assert [axes.get_title() for axes in below][:2] == ["frame 0", "frame 6"]
    assert np.array_equal(below[1].images[0].get_array(), FRAMES[6])


def test_a_short_clip_shows_each_frame_once(shown):
    text = shown(plots.curve_with_frames, [0, 1, 0], FRAMES[:3], "Short", "grey levels")
    assert text.endswith("below it, frames 0, 1, 2.")


def test_one_number_for_each_frame_is_needed():
    with pytest.raises(CourseError, match="there are 3 frames and values of shape \\(2,\\)"):
        plots.curve_with_frames([0, 1], FRAMES[:3], "Smile", "grey levels")
    with pytest.raises(CourseError, match="there are 0 frames"):
        plots.curve_with_frames([], [], "Smile", "grey levels")


# --- spectrograms ---


def tone(frequency, sr, seconds=1):
    return np.sin(2 * np.pi * frequency * np.arange(seconds * sr) / sr)


def test_a_spectrogram_is_in_seconds_and_kilohertz(shown, drawn):
    sounds = {"low": (tone(500, 8000, 2), 8000), "high": (tone(5000, 16000), 16000)}
    assert shown(plots.spectrogram, sounds, "Two tones", seen="two lines") == (
        "Two tones: spectrograms, time over frequency: low, 2 s, up to 4 kHz, strongest at 0.5 kHz; high, "
        "1 s, up to 8 kHz, strongest at 5 kHz. Two lines."
    )
    low, high, bar = drawn(plots.spectrogram, sounds, "Two tones").axes
    assert low.images[0].get_extent() == [0, 2, 0, 4] and high.images[0].get_extent() == [0, 1, 0, 8]
    assert low.get_ylim() == (0, 8) and low.get_ylabel() == "frequency in kHz" and bar.get_ylabel() == "dB"


def test_spectrograms_may_share_their_0_db(drawn):
    sounds = {"loud": (tone(500, 8000), 8000), "soft": (0.1 * tone(500, 8000), 8000)}
    top = lambda axes: float(axes.images[0].get_array().max())
    loud, soft, _ = drawn(plots.spectrogram, sounds, "").axes
    assert (top(loud), top(soft)) == (0, 0)
    loud, soft, _ = drawn(plots.spectrogram, sounds, "", loudest=1).axes
    assert top(loud) - top(soft) == pytest.approx(20)


def test_silence_is_drawn_and_too_short_a_sound_is_an_error(drawn):
    drawn(plots.spectrogram, {"silence": (np.zeros(8000), 8000)}, "")
    with pytest.raises(CourseError, match=r"sound 'click' of shape \(9,\): it is not mono, or shorter"):
        plots.spectrogram({"click": (np.zeros(9), 8000)}, "")
    with pytest.raises(CourseError, match="there is no sound"):
        plots.spectrogram({}, "")
