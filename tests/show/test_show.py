"""course_lib/show: what is shown is escaped, needs no kernel and no ids, and is small."""

import base64
import doctest
import io
import re
import subprocess
from types import SimpleNamespace

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from matplotlib.figure import Figure

from course_lib import plots, show
from course_lib.core.errors import CourseError
from course_lib.datasets import embedded
from course_lib.show import diagrams, players, questions, sliders

RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (20, 72, 96, 3), dtype=np.uint8)  # nothing is harder to compress
GREY = [np.full((8, 8), 50 * n, np.uint8) for n in range(3)]


def everything():
    """One output of each helper."""
    return [
        show.quiz("?", [("a", True, "b")]),
        show.predict("?", ["a", "b"]),
        show.reveal(1, "a", "b"),
        show.audio(np.zeros(800), 8000, "silence"),
        show.video(NOISE[:10], "noise"),
        show.slider(GREY, "abc", "grey"),
        show.diagram({"a": (0, 0), "b": (1, 0)}, [("a", "b")], "a becomes b"),
    ]


def data_of(html):
    return base64.b64decode(re.search('base64,([^"]+)', html)[1])


def test_outputs_can_be_on_one_page():
    for shown in everything():
        tags = re.sub('base64,[^"]*', "", shown.data)
        assert not re.search(r"<script|<style|\bid=|\bname=|autoplay|https?:", tags), tags


# --- questions ---


def test_a_quiz_escapes_its_text_and_needs_no_script_or_style():
    html = show.quiz("a < b?", [("<script>", True, "x & y"), ("no", False, "z")]).data
    assert "a &lt; b?" in html and "&lt;script&gt;" in html and "x &amp; y" in html
    assert "<script" not in html and "style" not in html and html.count("<summary>") == 2


@pytest.mark.parametrize(
    ("choices", "message"),
    [([("a", True, " ")], "no explanation"), ([("a", False, "b")], "no choice is marked as right")],
)
def test_an_incomplete_quiz_is_refused(choices, message):
    with pytest.raises(CourseError, match=message):
        show.quiz("?", choices)


# --- players ---


def test_a_sound_is_at_most_64_kbit_s_in_the_output_and_does_not_start_by_itself():
    seconds, sr = 4, 16000
    html = show.audio(0.5 * np.sin(np.arange(seconds * sr) * 0.2), sr, 'A "tone"').data
    assert len(html) * 8 / seconds <= 64_000
    assert "autoplay" not in html and 'aria-label="A &quot;tone&quot;"' in html
    assert data_of(html)


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "empty or not mono"),
        ([[0.0]], "empty or not mono"),
        ([0.0, np.nan], "1 of 2 samples: the signal contains NaN"),
        (np.zeros(9, np.int16), "divide 16-bit samples by 32768"),
    ],
)
def test_a_signal_that_cannot_be_played_is_refused(samples, message):
    with pytest.raises(CourseError, match=message):
        show.audio(samples, 8000, "x")


@pytest.mark.parametrize("sr", [0, -8000, 999, np.nan, np.inf, "8000", None, True])
def test_a_wrong_sampling_rate_is_refused(sr):
    with pytest.raises(CourseError, match=r"sr=.*not a number from 1000"):
        show.audio(np.zeros(9), sr, "x")


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Three seconds of noise with a tone, as a file."""
    path = tmp_path_factory.mktemp("clip") / "noise.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", "nullsrc=s=320x240:r=25,geq=random(1)*255:128:128", "-f", "lavfi", "-i", "sine=440"]
    subprocess.run([*command, "-t", "3", "-c:v", "libx264", "-preset", "ultrafast", str(path)], check=True)
    return path


@pytest.mark.parametrize("sound", [True, False])
def test_a_video_is_at_most_64_kbit_s_in_the_output_also_of_noise(clip, sound, tmp_path):
    html = show.video(clip, "noise", sound=sound).data
    assert len(html) * 8 / 3 <= 64_000
    assert 'aria-label="noise"' in html and "<figcaption>noise</figcaption>" in html
    (tmp_path / "back.mp4").write_bytes(data_of(html))
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(tmp_path / "back.mp4")]
    found = subprocess.run(command, capture_output=True, text=True).stderr
    assert "Video: h264 (Main)" in found and "yuv420p" in found and "240x180" in found
    assert ("Audio: aac" in found) == sound and "Duration: 00:00:03" in found


@pytest.mark.parametrize("frames", [NOISE, NOISE[..., 0]], ids=["RGB", "grey"])
def test_frames_are_a_video_too(frames):
    html = show.video(frames, "noise", fps=10).data
    assert players._duration(data_of(html)) == pytest.approx(2, abs=0.1) and len(html) * 8 / 2 <= 64_000


def test_without_ffmpeg_a_sound_is_a_wav_file_and_frames_are_pictures(monkeypatch, tmp_path):
    monkeypatch.setattr(players, "_has_ffmpeg", lambda: False)  # as in a browser
    tone = np.sin(np.arange(800) / 3)
    html = show.audio(tone, 8000, "a tone").data
    assert 'src="data:audio/wav;base64,' in html
    samples, rate = soundfile.read(io.BytesIO(data_of(html)))
    assert rate == 8000 and np.abs(samples - tone).max() < 1e-4
    photograph = next((embedded.folder("london") / "images").rglob("*.jpg"))
    counts = {name: show.video(clip, "<b>").data.count("<img alt=") for name, clip in
              {"film": NOISE, "short": NOISE[:2], "photograph": photograph}.items()}  # fmt: skip
    assert counts == {"film": 6, "short": 2, "photograph": 1}
    film = tmp_path / "film.mp4"
    film.write_bytes(b"as it is")
    assert data_of(show.video(film, "a film").data) == b"as it is"


def test_a_photograph_is_a_video_of_three_seconds():
    path = next(embedded.folder("london").rglob("001_neutral.jpg"))
    assert players._duration(data_of(show.video(path, "a photograph").data)) == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize(
    ("clip", "options", "message"),
    [
        (NOISE / 255, {}, "not uint8 images"),
        (NOISE[..., :2], {}, "2 channels, not 3"),
        ("missing.mp4", {}, "missing.mp4"),
        (NOISE, {"fps": 0}, "fps=0: it is not a number"),
        (NOISE, {"seconds": -1}, "seconds=-1: it is not a number"),
    ],
)
def test_a_video_that_cannot_be_shown_is_refused(clip, options, message):
    with pytest.raises(CourseError, match=message):
        show.video(clip, "x", **options)


# --- sliders ---


def test_a_slider_shows_one_picture_and_keeps_all_of_them_without_scripts():
    html = show.slider(GREY, ["0 dB", "<3 dB", "6 dB"], "Gain", start=1).data
    assert html.count("<details>") == 2 and html.count("<details open>") == 1
    assert re.search("<details open><summary>&lt;3 dB", html) and 'alt="6 dB"' in html
    assert '<p style="display:none" ' in html and '<input type="range" min="0" max="2"' in html
    handlers = r' on\w+="[^"]*"'  # what a sanitizer removes
    assert re.sub(handlers, "", html).count("<img alt=") == 3


def test_a_slider_takes_plots_and_figures():
    with plots.hold():
        plot = plots.lines({"a": [1, 2]}, "One", "x", "y")
    figure = Figure()
    figure.subplots()
    html = show.slider([plot, figure], [1, 2], "Which").data
    assert f'alt="{plot.alt}"' in html and 'alt="2"' in html


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "0 pictures"),
        ((GREY, ["a"]), "3 pictures and 1 labels"),
        ((GREY, "abc", "t", 3), "no picture 3"),
        (([GREY[0] / 255], ["a"]), "neither a figure nor a uint8 image"),
    ],
)
def test_a_slider_that_cannot_be_shown_is_refused(arguments, message):
    with pytest.raises(CourseError, match=message):
        show.slider(*arguments[:2], *(arguments[2:] or ("t",)))


# --- diagrams ---


@pytest.mark.parametrize("arrow", [("a", "c"), ("a", "b")])
def test_an_arrow_that_cannot_be_drawn_is_refused(arrow):
    with pytest.raises(CourseError, match=r"no box|not in one row"):
        show.diagram({"a": (0, 0), "b": (1, 1)}, [arrow], "x")


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ({}, "there is no box"),
        ({"a": (0, 0), "b": (0, 0)}, "box 'a' is at"),
        ({"a": (0, -1)}, "not a column and a row"),
        ({"a" * 37: (0, 0)}, "1 to 36 characters"),
    ],
)
def test_a_box_that_cannot_be_drawn_is_refused(boxes, message):
    with pytest.raises(CourseError, match=message):
        show.diagram(boxes, [], "x")


def test_a_diagram_is_an_image_with_alt_text_and_its_own_background():
    html = show.diagram({"a < b": (0, 0)}, [], 'a "b"').data
    assert 'alt="a &quot;b&quot;"' in html
    svg = data_of(html).decode()
    assert "a &lt; b" in svg and 'fill="white"' in svg and svg.startswith("<svg xmlns")


def test_a_label_is_broken_at_its_line_break_and_nowhere_else():
    html = show.diagram({"5 mel filters\n6 logarithm": (0, 0)}, [], "x").data
    svg = base64.b64decode(re.search('base64,([^"]+)', html)[1]).decode()
    assert re.findall(">([^<]+)</text>", svg) == ["5 mel filters", "6 logarithm"]


def layer(kind, shape, **sides):
    """A stand-in for a Keras layer of this kind, which returns this shape."""
    return type(kind, (SimpleNamespace,), {})(output=SimpleNamespace(shape=(None, *shape)), **sides)


NETWORK = SimpleNamespace(
    name="tiny",
    input_shape=(None, 48, 48, 1),
    layers=[
        layer("Rescaling", (48, 48, 1)),
        layer("Conv2D", (45, 45, 32), kernel_size=(4, 4)),
        layer("BatchNormalization", (45, 45, 32)),
        layer("MaxPooling2D", (22, 22, 32), pool_size=(2, 2)),
        layer("Dropout", (22, 22, 32)),
        layer("Flatten", (15488,)),
        layer("Dense", (7,)),
    ],
)


def test_a_box_of_a_network_names_the_layer_and_what_it_returns():
    assert diagrams.layer_labels(NETWORK) == [
        "1: Conv 4x4 + BN\n45 x 45 x 32",
        "2: Max 2x2\n22 x 22 x 32",
        "3: Flatten\n15488",
        "4: Dense\n7",
    ]


def test_the_second_row_of_a_network_runs_back():
    html = show.network(NETWORK, columns=3).data
    assert 'alt="tiny: image, 48 x 48 x 1; then 1: Conv 4x4 + BN, 45 x 45 x 32;' in html
    svg = data_of(html).decode()
    places = dict(
        zip(re.findall(r">([^<]+)</text>", svg)[::2], re.findall(r'<rect x="(\d+)"', svg), strict=True)
    )
    assert places["2: Max 2x2"] == places["3: Flatten"] > places["4: Dense"] > places["image"]


def test_a_network_without_a_layer_to_draw_is_refused():
    with pytest.raises(CourseError, match="network 'none': it has no layer to draw"):
        show.network(SimpleNamespace(name="none", input_shape=(None, 4), layers=[]))


@pytest.mark.parametrize("module", [diagrams, players, questions, sliders])
def test_the_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed
