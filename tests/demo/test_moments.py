"""One moment fused by hand, and files moment by moment, with networks whose predictions are known."""

import numpy as np
import pytest
import skimage
import soundfile
from demo_pieces import EVEN
from PIL import Image

from course_lib.core.audio import SPEECH_SR
from course_lib.core.labels import EMOTIONS
from course_lib.demo import moments
from course_lib.demo.moments import MISSING, NOTHING, UNSURE


def probabilities(**named):
    """Return probabilities by name; the other emotions get equal probabilities."""
    rest = (1 - sum(named.values())) / (len(EMOTIONS) - len(named))
    return np.array([named.get(emotion, rest) for emotion in EMOTIONS])


@pytest.fixture
def known(monkeypatch):
    """Use equal weights, a face network that predicts happy, and a voice classifier that predicts sad."""
    monkeypatch.setattr(moments, "settings", lambda: EVEN)
    monkeypatch.setattr(
        moments, "see", lambda crops, weighing=None: np.tile(probabilities(happy=0.8), (len(crops), 1))
    )

    def hear(windows, weighing=None):
        return np.where(moments.quiet(np.asarray(windows))[:, None], np.nan, probabilities(sad=0.6))

    monkeypatch.setattr(moments, "hear", hear)


def test_both_are_averaged_and_the_contributions_are_those_to_the_predicted_emotion():
    found = moments.judge(probabilities(happy=0.7, sad=0.2), probabilities(happy=0.3, sad=0.5), EVEN)
    assert found.fused[EMOTIONS.index("happy")] == pytest.approx(0.5)
    assert found.contributions == {"face": pytest.approx(0.7), "voice": pytest.approx(0.3)}
    assert (found.answer, found.second) == ("happy", "sad")


def test_weights_are_by_emotion():
    # Sad: 0.4 from a face network with F-score 0, and 0.5 from a voice classifier with F-score 1.
    # Happy: 0.5 and 0.3, with F-scores of 0.5.
    weighing = EVEN._replace(
        f_scores={
            "face": [0.5 * (name == "happy") for name in EMOTIONS],
            "voice": [1.0 * (name == "sad") + 0.5 * (name == "happy") for name in EMOTIONS],
        }
    )
    found = moments.judge(probabilities(happy=0.5, sad=0.4), probabilities(happy=0.3, sad=0.5), weighing)
    assert found.answer == "sad" and found.contributions == {"face": 0.0, "voice": 1.0}
    assert found.fused[EMOTIONS.index("sad")] == pytest.approx(0.5 / 0.9)


@pytest.mark.parametrize(
    ("face", "voice", "answer"),
    [
        (0.51, None, "happy"),
        (0.49, None, UNSURE),
        (None, 0.31, "happy"),
        (None, 0.29, UNSURE),
        (0.41, 0.41, "happy"),
        (0.39, 0.39, UNSURE),
    ],
)
def test_below_the_threshold_the_answer_is_not_sure(face, voice, answer):
    # The thresholds are 0.5 (face) and 0.3 (voice); with both and equal contributions it is 0.4.
    found = moments.judge(
        *(MISSING if happy is None else probabilities(happy=happy) for happy in (face, voice)), EVEN
    )
    assert found.answer == answer


def test_without_face_and_sound_there_is_no_prediction():
    found = moments.judge(weighing=EVEN)
    assert (found.answer, found.second, found.contributions) == (NOTHING, "", {"face": 0.0, "voice": 0.0})
    assert np.isnan(found.fused).all()


def test_a_missing_modality_contributes_nothing():
    found = moments.judge(face=probabilities(fear=0.9), weighing=EVEN)
    assert found.contributions == {"face": 1.0, "voice": 0.0} and found.answer == "fear"


def test_eight_loud_tenths_of_a_second_are_not_quiet():
    sound = np.zeros((4, 2 * SPEECH_SR), np.float32)
    sound[1] = 0.002 * np.sin(np.arange(2 * SPEECH_SR))  # -57 dB all along
    sound[2, : SPEECH_SR // 5] = 0.1 * np.sin(np.arange(SPEECH_SR // 5))  # a cough
    sound[3, : SPEECH_SR * 8 // 10] = 0.1 * np.sin(np.arange(SPEECH_SR * 8 // 10))
    assert moments.quiet(sound).tolist() == [True, True, True, False]


def test_a_single_modality_keeps_its_probabilities_and_its_own_threshold():
    """Weights by class would change the prediction, and the threshold was fitted without them."""
    weighing = EVEN._replace(
        f_scores={"face": [0.9 if name == "happy" else 0.4 for name in EMOTIONS], "voice": [0.0] * 7}
    )
    face = probabilities(sad=0.51, happy=0.38)
    found = moments.judge(face, weighing=weighing)
    assert (
        found.answer == "sad"
        and found.fused.tolist() == face.tolist()
        and found.contributions == {"face": 1.0, "voice": 0.0}
    )
    assert moments.judge(voice=probabilities(sad=0.31), weighing=weighing).answer == "sad"


def test_a_recording_is_analysed_every_half_second(known, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.r_[0.3 * np.sin(np.arange(32000) / 9), np.zeros(96000)], 16000)
    table, upload = moments.analyse(tmp_path / "a.wav")
    assert table["time"].tolist() == [0.5 * row for row in range(16)] and upload.kind == "audio"
    assert table["answer"].iloc[0] == "sad" and table["answer"].iloc[-1] == NOTHING
    assert table[["x", "face_happy"]].isna().all().all() and (table["face_contribution"] == 0).all()


def test_the_voice_classifier_gets_complete_windows_only(monkeypatch, tmp_path):
    heard = []
    monkeypatch.setattr(
        moments, "hear", lambda windows: heard.extend(windows) or np.tile(MISSING, (len(windows), 1))
    )
    for name, seconds, first in (
        ("long.wav", 4, [0, 0, 0, 0.25, 0.75, 1.25, 1.5, 1.5, 1.5]),
        ("short.wav", 1, [0] * 3),
    ):
        sound = np.linspace(0.1, 0.5, 16000 * seconds, dtype=np.float32)
        soundfile.write(tmp_path / name, sound, 16000, subtype="FLOAT")
        moments.analyse(tmp_path / name)
        starts = [np.flatnonzero(sound == window[0])[0] / 16000 for window in heard]
        assert starts == first and {len(window) for window in heard} == {40000}
        heard.clear()


def test_an_image_is_one_moment(known, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save(tmp_path / "a.png")
    table, _ = moments.analyse(tmp_path / "a.png")
    assert len(table) == 1 and table["answer"].item() == "happy" and table["face_contribution"].item() == 1
    assert 70 < table["w"].item() < 200
    assert moments.in_words(table) == ["happy, mean probability 80% (contributions: face 100%, voice 0%)"]


def test_the_answer_for_an_image_without_a_face_tells_so(known, tmp_path):
    Image.new("RGB", (90, 90)).save(tmp_path / "a.png")
    table, _ = moments.analyse(tmp_path / "a.png")
    assert moments.in_words(table) == [NOTHING]


def test_each_line_gives_its_start_and_end(known, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.r_[0.3 * np.sin(np.arange(32000) / 9), np.zeros(96000)], 16000)
    lines = moments.in_words(moments.analyse(tmp_path / "a.wav")[0])
    assert [line.split(": ")[1].split(",")[0] for line in lines] == ["sad", NOTHING]
    assert lines[0].startswith("  0.0 to") and lines[-1].split(" s:")[0].endswith(" 8.0")
