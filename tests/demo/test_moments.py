"""One moment weighed up by hand, and files moment by moment, with networks whose answers are known."""

import numpy as np
import pytest
import skimage
import soundfile
from demo_pieces import EVEN
from PIL import Image

from course_lib.core.labels import EMOTIONS
from course_lib.demo import moments, uploads
from course_lib.demo.moments import MISSING, NOTHING, UNSURE


def probabilities(**named):
    """Probabilities by name, the rest evenly on the other emotions."""
    rest = (1 - sum(named.values())) / (len(EMOTIONS) - len(named))
    return np.array([named.get(emotion, rest) for emotion in EMOTIONS])


@pytest.fixture
def known(monkeypatch):
    """Settings that weigh evenly, and networks that see happiness and hear sadness."""
    monkeypatch.setattr(moments, "settings", lambda: EVEN)
    monkeypatch.setattr(
        moments, "see", lambda crops, weighing=None: np.tile(probabilities(happy=0.8), (len(crops), 1))
    )

    def hear(windows, weighing=None):
        return np.where(moments.quiet(np.asarray(windows))[:, None], np.nan, probabilities(sad=0.6))

    monkeypatch.setattr(moments, "hear", hear)


def test_both_are_averaged_and_the_parts_are_those_of_the_first_guess():
    said = moments.judge(probabilities(happy=0.7, sad=0.2), probabilities(happy=0.3, sad=0.5), EVEN)
    assert said.fused[EMOTIONS.index("happy")] == pytest.approx(0.5)
    assert said.parts == {"face": pytest.approx(0.7), "voice": pytest.approx(0.3)}
    assert (said.answer, said.second) == ("happy", "sad")


def test_weights_are_by_emotion():
    # Sad: .4 of a face that is never right about it and .5 of a voice that always is; happy: .5 and .3, by
    # halves.
    weighing = EVEN._replace(
        f_scores={
            "face": [0.5 * (name == "happy") for name in EMOTIONS],
            "voice": [1.0 * (name == "sad") + 0.5 * (name == "happy") for name in EMOTIONS],
        }
    )
    said = moments.judge(probabilities(happy=0.5, sad=0.4), probabilities(happy=0.3, sad=0.5), weighing)
    assert said.answer == "sad" and said.parts == {"face": 0.0, "voice": 1.0}
    assert said.fused[EMOTIONS.index("sad")] == pytest.approx(0.5 / 0.9)


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
def test_below_the_threshold_it_is_not_sure(face, voice, answer):
    # Alone, each has its own threshold, .5 and .3; of two with equal parts it is .4.
    said = moments.judge(
        *(MISSING if share is None else probabilities(happy=share) for share in (face, voice)), EVEN
    )
    assert said.answer == answer


def test_without_face_and_sound_nothing_is_said():
    said = moments.judge(weighing=EVEN)
    assert (said.answer, said.second, said.parts) == (NOTHING, "", {"face": 0.0, "voice": 0.0})
    assert np.isnan(said.fused).all()


def test_one_that_is_missing_has_no_part():
    said = moments.judge(face=probabilities(fear=0.9), weighing=EVEN)
    assert said.parts == {"face": 1.0, "voice": 0.0} and said.answer == "fear"


def test_eight_loud_tenths_of_a_second_are_no_longer_quiet():
    sound = np.zeros((4, 2 * uploads.SR), np.float32)
    sound[1] = 0.002 * np.sin(np.arange(2 * uploads.SR))  # -57 dB all along
    sound[2, : uploads.SR // 5] = 0.1 * np.sin(np.arange(uploads.SR // 5))  # a cough
    sound[3, : uploads.SR * 8 // 10] = 0.1 * np.sin(np.arange(uploads.SR * 8 // 10))
    assert moments.quiet(sound).tolist() == [True, True, True, False]


def test_one_alone_keeps_its_shares_and_its_own_threshold():
    """Weighed by class the second guess would win, and the threshold was learnt on probabilities as
    they are."""
    weighing = EVEN._replace(
        f_scores={"face": [0.9 if name == "happy" else 0.4 for name in EMOTIONS], "voice": [0.0] * 7}
    )
    face = probabilities(sad=0.51, happy=0.38)
    said = moments.judge(face, weighing=weighing)
    assert (
        said.answer == "sad"
        and said.fused.tolist() == face.tolist()
        and said.parts == {"face": 1.0, "voice": 0.0}
    )
    assert moments.judge(voice=probabilities(sad=0.31), weighing=weighing).answer == "sad"


def test_a_recording_is_judged_every_half_second(known, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.r_[0.3 * np.sin(np.arange(32000) / 9), np.zeros(96000)], 16000)
    table, upload = moments.analyse(tmp_path / "a.wav")
    assert table["time"].tolist() == [0.5 * row for row in range(16)] and upload.kind == "sound"
    assert table["answer"].iloc[0] == "sad" and table["answer"].iloc[-1] == NOTHING
    assert table[["x", "face_happy"]].isna().all().all() and (table["face_part"] == 0).all()


def test_voices_are_heard_in_windows_that_the_sound_fills(monkeypatch, tmp_path):
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


def test_a_picture_is_one_moment(known, tmp_path):
    Image.fromarray(skimage.data.astronaut()).save(tmp_path / "a.png")
    table, _ = moments.analyse(tmp_path / "a.png")
    assert len(table) == 1 and table["answer"].item() == "happy" and table["face_part"].item() == 1
    assert 70 < table["w"].item() < 200
    assert moments.in_words(table) == ["happy, first guess 80% (face 100%, voice 0% of it)"]


def test_a_picture_without_a_face_says_so(known, tmp_path):
    Image.new("RGB", (90, 90)).save(tmp_path / "a.png")
    table, _ = moments.analyse(tmp_path / "a.png")
    assert moments.in_words(table) == [NOTHING]


def test_words_say_from_when_to_when(known, tmp_path):
    soundfile.write(tmp_path / "a.wav", np.r_[0.3 * np.sin(np.arange(32000) / 9), np.zeros(96000)], 16000)
    lines = moments.in_words(moments.analyse(tmp_path / "a.wav")[0])
    assert [line.split(": ")[1].split(",")[0] for line in lines] == ["sad", NOTHING]
    assert lines[0].startswith("  0.0 to") and lines[-1].split(" s:")[0].endswith(" 8.0")
