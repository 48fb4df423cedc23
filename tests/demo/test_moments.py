"""One moment fused by hand, and files moment by moment, with networks whose predictions are known."""

import numpy as np
import pytest
import skimage
import soundfile
from demo_pieces import EVEN
from PIL import Image

from course_lib.core.audio import SPEECH_SR
from course_lib.core.labels import EMOTIONS
from course_lib.datasets import ferplus
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


def test_both_are_multiplied_by_hand():
    # Happy: 0.5 * 0.4 = 0.2; sad: 0.25 * 0.2 = 0.05; the five others 0.05 * 0.08 = 0.004 each.
    found = moments.judge(probabilities(happy=0.5, sad=0.25), probabilities(happy=0.4, sad=0.2), EVEN)
    assert found.fused[EMOTIONS.index("happy")] == pytest.approx(0.2 / 0.27)
    assert found.fused[EMOTIONS.index("sad")] == pytest.approx(0.05 / 0.27)
    assert (found.answer, found.second) == ("happy", "sad")


def test_the_evidence_is_counted_in_doublings_by_hand():
    # Happy to sad: 8 : 1 says the face, 2 : 1 the voice. So 16 : 1 together: 3 and 1 of 4 doublings.
    found = moments.judge(probabilities(happy=0.8, sad=0.1), probabilities(happy=0.4, sad=0.2), EVEN)
    assert found.contributions == {"face": pytest.approx(0.75), "voice": pytest.approx(0.25)}


def test_a_modality_that_prefers_the_second_emotion_contributes_nothing():
    found = moments.judge(probabilities(happy=0.8, sad=0.1), probabilities(happy=0.2, sad=0.4), EVEN)
    assert (found.answer, found.second) == ("happy", "sad")
    assert found.contributions == {"face": 1.0, "voice": 0.0}


def test_evidence_that_cancels_comes_from_both_in_equal_parts():
    found = moments.judge(probabilities(happy=0.6, sad=0.3), probabilities(happy=0.3, sad=0.6), EVEN)
    assert sum(found.contributions.values()) == pytest.approx(1)
    equal = moments.judge(np.full(7, 1 / 7), np.full(7, 1 / 7), EVEN)
    assert equal.contributions == {"face": 0.5, "voice": 0.5}


def test_each_modality_is_divided_by_its_own_priors():
    # The face network gives happy 0.4, as its training did: that says nothing. The voice decides.
    priors = probabilities(happy=0.4)
    weighing = EVEN._replace(priors={"face": priors, "voice": EVEN.priors["voice"]})
    voice = probabilities(sad=0.5, happy=0.3)
    found = moments.judge(priors, voice, weighing)
    np.testing.assert_allclose(found.fused, voice)
    assert found.answer == "sad" and found.contributions == {"face": 0.0, "voice": 1.0}


def test_fused_probabilities_have_their_own_temperature():
    weighing = EVEN._replace(temperature={"fused": 2.0})
    pair = probabilities(happy=0.5, sad=0.25), probabilities(happy=0.4, sad=0.2)
    expected = np.sqrt(moments.judge(*pair, EVEN).fused)
    np.testing.assert_allclose(moments.judge(*pair, weighing).fused, expected / expected.sum())


def test_no_modality_alone_rules_out_an_emotion():
    """The face is sure of happy. A voice that is nearly as sure of sad still counts."""
    face, voice = np.eye(7)[EMOTIONS.index("happy")], probabilities(sad=0.99)
    found = moments.judge(face, voice, EVEN)
    odds = found.fused[EMOTIONS.index("happy")] / found.fused[EMOTIONS.index("sad")]
    assert odds == pytest.approx((1 / moments.FLOOR) * (0.01 / 6 / 0.99))


def test_contempt_is_left_out_and_the_rest_divided_by_its_sum():
    """FER+'s raters may answer contempt, in another order of the emotions; a voice may not."""
    row = dict(zip(ferplus.CLASSES, [0.1, 0.3, 0.1, 0.1, 0.1, 0.05, 0.05, 0.2], strict=True))
    found = moments.as_emotions([list(row.values())], ferplus.CLASSES)
    np.testing.assert_allclose(found, [[row[emotion] / 0.8 for emotion in EMOTIONS]])
    np.testing.assert_allclose(moments.as_emotions(found, EMOTIONS), found)


def test_a_network_with_contempt_can_answer_for_the_face(monkeypatch):
    class Raters:
        classes = ferplus.CLASSES

        def predict(crops, tta):
            return np.tile(0.1 + 0.2 * np.eye(8)[ferplus.CLASSES.index("happy")], (len(crops), 1))

    monkeypatch.setattr(moments, "model", {"face": Raters}.get)
    seen = moments.see(np.zeros((2, 48, 48), np.uint8), EVEN)
    assert seen.shape == (2, 7) and seen[1, EMOTIONS.index("happy")] == pytest.approx(0.3 / 0.9)


def test_the_shipped_settings_fit():
    """The file of results has all that the demo needs."""
    found = moments.settings()
    assert set(found.temperature) == set(found.threshold) == {"face", "voice", "fused"}
    assert 0.5 <= found.threshold["fused"] < 1
    for name in moments.MODALITIES:
        assert sum(found.priors[name]) == pytest.approx(1) and min(found.priors[name]) > 0


@pytest.mark.parametrize(
    ("face", "voice", "answer"),
    [
        (0.51, None, "happy"),
        (0.49, None, UNSURE),
        (None, 0.31, "happy"),
        (None, 0.29, UNSURE),
        (0.26, 0.26, "happy"),
        (0.24, 0.24, UNSURE),
    ],
)
def test_below_the_threshold_the_answer_is_not_sure(face, voice, answer):
    # The thresholds are 0.5 (face), 0.3 (voice) and 0.4 (fused). Twice 0.26 is 0.26 ** 2 / (0.26 ** 2 +
    # 0.74 ** 2 / 6) = 0.43 when fused; twice 0.24 is 0.37.
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
    """Its temperature and threshold were fitted with its priors, so these stay in."""
    weighing = EVEN._replace(priors={"face": probabilities(sad=0.7), "voice": probabilities(sad=0.7)})
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
