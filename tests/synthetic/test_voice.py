"""The Studio's voices, measured from their samples with librosa, independently of the code behind them."""

from functools import cache
from itertools import product

import librosa
import numpy as np
import pytest
from studio_recording import recording

from course_lib.core.audio import RAVDESS_SR
from course_lib.core.errors import CourseError
from course_lib.synthetic import identity, voice
from course_lib.synthetic.voice import FPS, speak, to_int16

# Murray and Arnott (1993), as in the IIITA project: pitch mean, pitch range, intensity, rate; 1 is more
# than neutral, -1 less, 0 the same, None more or less.
MURRAY_ARNOTT = {
    "angry": (1, 1, 1, 1),
    "happy": (1, 1, 1, None),
    "sad": (-1, -1, -1, -1),
    "fearful": (1, 1, 0, 1),
    "disgust": (-1, 1, -1, -1),
}
LEAST = np.array([0.5, 0.15, 1.5, 0.03])  # smallest differences: semitones, log ratio, dB, log ratio
MEN, WOMEN = (sorted(range(first, 25, 2), key=identity.expressiveness) for first in (1, 2))
ACTORS = [MEN[0], WOMEN[0], MEN[-1], WOMEN[-1]]  # the least and the most expressive


@cache
def spoken(*fields):
    return speak(recording(*fields))


def all_recordings(actor):
    """Return the 60 recordings of a RAVDESS actor: neutral has no strong intensity."""
    return [
        recording(actor, *rest)
        for rest in product(voice.PROSODY, ("normal", "strong"), ("kids", "dogs"), (1, 2))
        if rest[:2] != ("neutral", "strong")
    ]


def talking(samples):
    """Return the first and the last sample that is louder than the background."""
    rms = librosa.feature.rms(y=samples, frame_length=960, hop_length=480)[0]
    loud = np.flatnonzero(rms > librosa.db_to_amplitude(-65))
    return loud[0] * 480, loud[-1] * 480


def semitones(samples):
    """Return F0 where the clip is loud below 4 kHz, in semitones above 1 Hz."""
    y = librosa.resample(samples, orig_sr=RAVDESS_SR, target_sr=8000)
    rms = librosa.feature.rms(y=y, frame_length=512, hop_length=80)[0]
    f0 = librosa.yin(y, sr=8000, fmin=60, fmax=650, frame_length=512, hop_length=80, trough_threshold=0.2)
    return 12 * np.log2(f0[rms > 0.2 * rms.max()])


@cache
def measured(actor, emotion, intensity="normal"):
    """Return F0 (semitones), its range (log), level (dB) and rate (log), the mean of both sentences: (4,)."""
    rows = []
    for statement in ("kids", "dogs"):
        samples = spoken(actor, emotion, intensity, statement).samples
        first, last = talking(samples)
        pitch = semitones(samples)
        low, high = np.percentile(pitch, [10, 90])
        level = 10 * np.log10(np.mean(samples[first:last] ** 2))
        rows.append([np.median(pitch), np.log(high - low), level, -np.log(last - first)])
    return np.mean(rows, axis=0)


@pytest.mark.parametrize("emotion", MURRAY_ARNOTT)
@pytest.mark.parametrize("actor", ACTORS)
def test_prosody_follows_murray_and_arnott(actor, emotion):
    change = measured(actor, emotion) - measured(actor, "neutral")
    for name, expected, by, least in zip(
        ("pitch", "range", "intensity", "rate"), MURRAY_ARNOTT[emotion], change, LEAST, strict=True
    ):
        if expected is not None:
            assert np.sign(by) * (abs(by) > least) == expected, f"{name} changed by {by:.2f}"


@pytest.mark.parametrize("actor", ACTORS[::3])
def test_strong_intensity_exaggerates(actor):
    neutral, normal, strong = (
        measured(actor, *how) for how in (("neutral",), ("angry",), ("angry", "strong"))
    )
    assert np.all((strong - neutral)[[0, 2, 3]] > 1.2 * (normal - neutral)[[0, 2, 3]])


def test_neutral_pitch_and_vocal_tract_tell_men_from_women():
    hertz = {actor: 2 ** (np.median(semitones(spoken(actor).samples)) / 12) for actor in range(1, 13)}
    assert all(85 < hertz[actor] < 145 for actor in range(1, 13, 2)), hertz
    assert all(165 < hertz[actor] < 255 for actor in range(2, 13, 2)), hertz
    tracts = [voice.actor_voice(actor).tract for actor in range(1, 25)]
    assert max(tracts[::2]) < min(tracts[1::2])


def fourth_formant(samples):
    """Return the median of the first resonance above 2.9 kHz in loud frames, by linear prediction, in Hz."""
    y = librosa.resample(samples, orig_sr=RAVDESS_SR, target_sr=10_000)
    power = (librosa.util.frame(y, frame_length=400, hop_length=100) ** 2).mean(axis=0)
    frames = librosa.util.frame(librosa.effects.preemphasis(y, coef=1), frame_length=400, hop_length=100).T
    found = []
    for frame in frames[power > 0.1 * power.max()]:
        roots = np.roots(librosa.lpc(frame * np.hanning(400), order=12))
        hertz = np.sort(np.angle(roots[np.abs(roots) > 0.83])) * 10_000 / (2 * np.pi)  # narrower than 600 Hz
        found += list(hertz[(hertz > 2900) & (hertz < 4700)][:1])
    return np.median(found)


def test_measured_formants_are_in_the_order_of_the_actors_vocal_tracts():
    actors = sorted(range(1, 13), key=lambda actor: voice.actor_voice(actor).tract)[::3]
    formants = [fourth_formant(spoken(actor).samples) for actor in actors]
    assert formants == sorted(formants)
    for actor, formant in zip(actors, formants, strict=True):
        assert formant == pytest.approx(3500 * voice.actor_voice(actor).tract, rel=0.03)


def test_an_actor_can_be_recognised_from_another_repetition():
    def timbre(actor, emotion, repetition):
        samples = spoken(actor, emotion, "normal", "kids", repetition).samples
        first, last = talking(samples)
        y = librosa.resample(samples[first:last], orig_sr=RAVDESS_SR, target_sr=16_000)
        return librosa.feature.mfcc(y=y, sr=16_000, n_mfcc=20)[1:].mean(axis=1)

    actors = range(1, 9)
    known = np.array([timbre(actor, "neutral", 1) for actor in actors])
    for emotion, least in (("neutral", 7), ("calm", 4)):  # by chance: 1 of 8
        guesses = [np.linalg.norm(known - timbre(actor, emotion, 2), axis=1).argmin() + 1 for actor in actors]
        assert np.sum(np.equal(guesses, actors)) >= least, guesses


def test_every_recording_has_the_shape_of_a_ravdess_recording():
    recordings = all_recordings(actor=MEN[-1])
    assert len(recordings) == 60
    for fields in recordings:
        samples, jaw, rounding = speak(fields)
        assert samples.dtype == jaw.dtype == rounding.dtype == np.float32
        assert samples.ndim == 1 and len(samples) == 1600 * len(jaw) == 1600 * len(rounding)
        assert 3 <= len(jaw) / FPS <= 5
        assert np.abs(samples).max() < 0.9
        assert 0 <= jaw.min() and jaw.max() <= 1 and 0 <= rounding.min() and rounding.max() <= 1


def test_the_loudest_voice_stays_below_full_scale(monkeypatch):
    monkeypatch.setattr(identity, "expressiveness", lambda actor, seed: 1.3)
    loudest = max(range(1, 25), key=lambda actor: voice.actor_voice(actor).level)
    peaks = [
        np.abs(speak(recording(loudest, "angry", "strong", *rest)).samples).max()
        for rest in product(("kids", "dogs"), (1, 2))
    ]
    assert 0.3 < max(peaks) < 0.95


def test_the_same_recording_gives_the_same_bytes_whatever_came_before():
    fields = recording(3, "fearful", "strong", "dogs", 2)
    first = speak(fields)
    speak(recording(4, "sad"))
    np.random.seed(1)  # noqa: NPY002 (the old global state must not matter)
    again = speak({**fields, "modality": "audio-only"})
    assert all(a.tobytes() == b.tobytes() for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    "other", [{"repetition": 1}, {"statement": "kids"}, {"actor": 5}, {"intensity": "normal"}]
)
def test_another_recording_gives_another_sound(other):
    fields = recording(3, "fearful", "strong", "dogs", 2)
    assert speak(fields).samples.tobytes() != speak({**fields, **other}).samples.tobytes()


def test_another_seed_gives_another_actor():
    assert voice.actor_voice(1, seed=0) != voice.actor_voice(1, seed=1)
    assert speak(recording(), seed=0).samples.tobytes() != speak(recording(), seed=1).samples.tobytes()


@pytest.mark.parametrize("actor, emotion", [(1, "neutral"), (2, "angry"), (3, "sad"), (4, "surprised")])
def test_there_is_background_noise_before_and_after_the_speech(actor, emotion):
    samples = spoken(actor, emotion).samples
    first, last = talking(samples)
    assert 0.5 < first / RAVDESS_SR < 1.1 and 0.5 < (len(samples) - last) / RAVDESS_SR < 1.1
    for silence in (samples[: first - 2400], samples[last + 2400 :]):
        assert -80 < 20 * np.log10(silence.std()) < -70
    assert len(np.unique(to_int16(samples[: first - 2400]))) > 5  # not digital zero


@pytest.mark.parametrize("actor, emotion", [(1, "neutral"), (2, "angry"), (3, "sad"), (4, "surprised")])
def test_the_jaw_follows_the_voice(actor, emotion):
    samples, jaw, rounding = spoken(actor, emotion)
    first, last = (edge / 1600 for edge in talking(samples))
    picture = np.arange(len(jaw)) + 0.5
    outside = (picture < first - 2) | (picture > last + 2)
    assert jaw[outside].max() < 0.02 and rounding[outside].max() < 0.02
    assert jaw.max() > 0.3 and rounding.max() > 0.4
    envelope = np.sqrt(np.mean(samples.reshape(-1, 1600) ** 2, axis=1))
    assert np.corrcoef(envelope, jaw)[0, 1] > 0.7


def test_the_lips_close_on_b_and_are_round_at_the_door():
    _, jaw, rounding = spoken(1)
    spoken_frames = np.flatnonzero(jaw > 0.02)
    half = spoken_frames[len(spoken_frames) // 2]
    middle = jaw[half : spoken_frames[-1] + 1]  # "by the door" begins after the middle
    closed = middle[: len(middle) // 2].argmin() + half
    assert jaw[closed] < 0.06
    assert jaw[closed:].max() > 0.4
    assert rounding[spoken_frames[-1] - 10 : spoken_frames[-1] + 1].max() > 0.5
    assert rounding[closed] < 0.05


@pytest.mark.parametrize("fields", [(1, "neutral"), (2, "angry", "strong"), (5, "happy", "strong", "dogs")])
def test_nothing_clicks_or_hums(fields):
    samples = spoken(*fields).samples
    power = np.abs(librosa.stft(samples, n_fft=512, hop_length=128)) ** 2 / (512 * 0.375 * 256)
    hertz = librosa.fft_frequencies(sr=RAVDESS_SR, n_fft=512)
    # A click would have energy above the voice's 8 kHz.
    assert 10 * np.log10(power[hertz > 8600].sum(axis=0).max()) < -80
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    assert spectrum[np.fft.rfftfreq(len(samples), 1 / RAVDESS_SR) < 40].sum() < 0.005 * spectrum.sum()


def test_fricatives_are_noise_and_vowels_are_tone():
    samples = spoken(1, "neutral", "normal", "dogs").samples
    power = np.abs(librosa.stft(samples, n_fft=1024, hop_length=480)) ** 2
    hertz = librosa.fft_frequencies(sr=RAVDESS_SR, n_fft=1024)
    low, high = power[hertz < 1000].sum(axis=0), power[(hertz > 4500) & (hertz < 8000)].sum(axis=0)
    loud = low + high > 0.003 * (low + high).max()
    hissing = (high > low)[loud].mean()
    assert 0.03 < hissing < 0.25  # s, z and t: some of the sentence
    flatness = librosa.feature.spectral_flatness(S=power[(hertz > 100) & (hertz < 8000)], power=1.0)[0]
    assert flatness[loud & (high > low)].mean() > 5 * flatness[loud & (low > 100 * high)].mean()


def test_sixteen_bit_samples():
    values = np.array([0, 0.5, -0.5, 1, -1, 1.5, -1.5], np.float32)
    whole = to_int16(values)
    assert whole.dtype == np.int16
    assert whole.tolist() == [0, 16384, -16384, 32767, -32767, 32767, -32767]


@pytest.mark.parametrize(
    "field, value",
    [
        ("emotion", "bored"),
        ("intensity", "loud"),
        ("statement", "cats"),
        ("actor", 25),
        ("repetition", 16),
        ("emotion", None),
    ],
)
def test_the_error_names_a_field_without_a_voice(field, value):
    with pytest.raises(CourseError, match=f"{field} {value!r}: there is no such {field}"):
        speak({**recording(), field: value})
