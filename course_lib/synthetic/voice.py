"""The Studio's voices: two sentences in eight emotions for 24 actors, made by a source-filter model.

A buzz at the pitch of the vocal folds and a hiss of noise pass through the resonances of a vocal tract, 200
times per second (Fant, Acoustic Theory of Speech Production, 1960; the cascade of formants is Klatt's, J.
Acoust. Soc. Am. 67, 1980). `SOUNDS` and `SENTENCES` define the words, `PROSODY` the emotion, and
`actor_voice` the speaker. No person spoke or felt anything: a score on these voices never measures emotion
recognition.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import irfft, rfft
from scipy.ndimage import gaussian_filter1d
from scipy.signal import get_window, lfilter

from course_lib.core.audio import RAVDESS_SR
from course_lib.core.names import check_choice
from course_lib.synthetic import identity

FPS = 30  # video frames per second, as in RAVDESS
VOICE_RATE = 16_000  # Hz, sampling rate of the synthesis: enough for a voice
HOP = 80  # samples between two positions of the vocal tract: 5 ms
N_FFT = 1280  # samples: 80 ms, long enough for the narrowest formant to ring out
CENTRE = 320  # place of the sound in those 80 ms: a short gap before it, a longer one after it
FREQUENCIES = np.linspace(0, VOICE_RATE / 2, N_FFT // 2 + 1, dtype=np.float32)  # Hz, of the spectra
NEUTRAL_LEVEL = -36.0  # dB re full scale (RMS of the speech); leaves strong anger below full scale
ROOM_LEVEL = -76.0  # dB re full scale, the faint noise of a studio


class Speech(NamedTuple):
    """Spoken sound, and how the mouth moves with it.

    Attributes
    ----------
    samples : np.ndarray
        float32 (1600 * n_frames,), mono, -1 to 1, at `RAVDESS_SR`.
    jaw : np.ndarray
        float32 (n_frames,), opening of the mouth, 0 to 1, at `FPS`.
    rounding : np.ndarray
        float32 (n_frames,), rounding of the lips, 0 to 1, at `FPS`.
    """

    samples: np.ndarray
    jaw: np.ndarray
    rounding: np.ndarray


class Sound(NamedTuple):
    """One piece of speech with one target position of the mouth.

    A stop consonant consists of two: its closure, such as `t_`, and its burst, such as `t`.
    """

    f1: float  # formants of an average man, Hz
    f2: float
    f3: float
    damping: float  # factor on the formants' bandwidths
    ms: float  # duration at rate 1
    voice: float  # amplitude of the buzz of the vocal folds
    breath: float  # amplitude of noise made at the glottis, which passes all formants
    noise: float  # amplitude of noise made at the lips, teeth or palate
    noise_centre: float  # Hz
    noise_width: float  # Hz, one standard deviation
    jaw: float  # opening, 0..1
    rounding: float  # 0..1


# Vowel formants roughly after Peterson and Barney (J. Acoust. Soc. Am. 24, 1952), the consonants' after Klatt
# (1980).
SOUNDS = {  # f1    f2    f3  damp   ms voice breath noise centre width  jaw  round
    "ih": Sound(390, 1990, 2550, 1.0, 90, 0.9, 0.04, 0.0, 4000, 1000, 0.40, 0.00),
    "aa": Sound(730, 1090, 2440, 1.0, 100, 1.0, 0.04, 0.0, 4000, 1000, 0.90, 0.00),
    "ah": Sound(720, 1250, 2500, 1.0, 115, 1.0, 0.04, 0.0, 4000, 1000, 1.00, 0.00),  # the start of "by"
    "ao": Sound(570, 840, 2410, 1.0, 165, 1.0, 0.04, 0.0, 4000, 1000, 0.70, 0.75),
    "uh": Sound(500, 1400, 2450, 1.0, 60, 0.8, 0.04, 0.0, 4000, 1000, 0.40, 0.05),  # the schwa of "the"
    "r": Sound(400, 1150, 1650, 1.2, 70, 0.7, 0.05, 0.0, 4000, 1000, 0.30, 0.45),
    "r.": Sound(430, 1150, 1700, 1.2, 170, 0.5, 0.07, 0.0, 4000, 1000, 0.25, 0.45),  # the end of the sentence
    "ng": Sound(280, 2000, 2700, 2.5, 90, 0.5, 0.02, 0.0, 4000, 1000, 0.22, 0.00),
    "dh": Sound(280, 1300, 2500, 1.8, 45, 0.45, 0.03, 0.05, 5500, 1500, 0.18, 0.00),
    "z": Sound(280, 1600, 2600, 2.0, 80, 0.3, 0.03, 0.25, 5800, 1100, 0.10, 0.00),
    "s": Sound(320, 1600, 2600, 2.0, 110, 0.0, 0.03, 0.45, 6000, 1000, 0.10, 0.00),
    "h": Sound(450, 1500, 2500, 2.0, 38, 0.0, 0.35, 0.0, 4000, 1000, 0.35, 0.10),  # after k and t
    "k_": Sound(300, 1900, 2400, 2.0, 55, 0.0, 0.0, 0.0, 2300, 500, 0.22, 0.00),
    "k": Sound(300, 1900, 2400, 2.0, 20, 0.0, 0.1, 0.4, 2300, 500, 0.25, 0.00),
    "g_": Sound(250, 1400, 2300, 2.5, 50, 0.12, 0.0, 0.0, 1700, 500, 0.22, 0.10),
    "g": Sound(250, 1400, 2300, 2.0, 15, 0.25, 0.1, 0.2, 1700, 500, 0.22, 0.05),
    "t_": Sound(300, 1750, 2600, 2.0, 60, 0.0, 0.0, 0.0, 4500, 1500, 0.12, 0.00),
    "t": Sound(300, 1750, 2600, 2.0, 15, 0.0, 0.1, 0.6, 4500, 1500, 0.15, 0.00),
    "d_": Sound(250, 1700, 2600, 2.5, 50, 0.12, 0.0, 0.0, 4000, 1500, 0.12, 0.00),
    "d": Sound(250, 1700, 2600, 2.0, 12, 0.25, 0.1, 0.3, 4000, 1500, 0.15, 0.00),
    "b_": Sound(220, 900, 2200, 2.5, 75, 0.12, 0.0, 0.0, 800, 500, 0.00, 0.00),
    "b": Sound(250, 900, 2200, 2.0, 10, 0.25, 0.1, 0.15, 800, 500, 0.10, 0.00),
}

BY_THE_DOOR = "b_ b ah ih dh uh d_ d ao' r."
SENTENCES = {  # an accent (') on the vowel of each content word
    "kids": f"k h ih' d_ d z aa r t_ t h ao' k_ k h ih ng {BY_THE_DOOR}",  # Kids are talking by the door
    "dogs": f"d_ d ao' g_ g z aa r s ih' t_ t h ih ng {BY_THE_DOOR}",  # Dogs are sitting by the door
}


class Prosody(NamedTuple):
    """How an emotion changes a neutral voice: factors, or values that are added (`ADDED`)."""

    pitch: float = 1.0  # mean of the fundamental
    range: float = 1.0  # its movement in semitones
    level: float = 0.0  # dB, added
    rate: float = 1.0
    breath: float = 1.0  # noise in the voice
    tilt: float = 0.0  # dB per octave, added; above 0 is brighter
    jitter: float = 1.0  # irregular voicing
    tract: float = 1.0  # formants: a smile shortens the vocal tract, a lowered larynx lengthens it
    abrupt: float = 1.0  # steepness of the accents
    ending: float = 0.0  # semitones, added at the sentence's end


ADDED = {"level", "tilt", "ending"}

# The directions are Murray and Arnott's (J. Acoust. Soc. Am. 93, 1993, as in the IIITA project); the amounts
# are ours.
PROSODY = {
    "neutral": Prosody(),
    # higher, wider, louder, slightly faster; breathy chest tone, abrupt changes
    "angry": Prosody(1.22, 1.55, 7.0, 1.10, breath=1.5, tilt=1.5, jitter=1.5, abrupt=1.4),
    # higher, wider, louder, faster or slower (here faster); breathy, blaring
    "happy": Prosody(1.27, 1.50, 5.0, 1.06, breath=1.4, tilt=1.0, tract=1.05),
    # lower, narrower, softer, slower; resonant
    "sad": Prosody(0.88, 0.60, -5.0, 0.85, breath=0.6, tilt=-1.5, tract=0.98, abrupt=0.8),
    # higher, wider, of normal intensity, faster; irregular voicing
    "fearful": Prosody(1.30, 1.35, 0.0, 1.17, breath=1.3, jitter=3.0, tract=1.02),
    # lower, wider, softer, slower; grumbled chest tone
    "disgust": Prosody(0.87, 1.35, -3.0, 0.82, tilt=-1.0, jitter=2.0, tract=0.96),
    # These two are not in the table: ours.
    "calm": Prosody(0.95, 0.75, -2.5, 0.92, breath=1.2, tilt=-0.8, abrupt=0.8),
    "surprised": Prosody(1.30, 1.50, 2.5, 1.03, breath=1.3, tract=1.03, ending=11.0),
}
STRONG = 1.5  # strong intensity exaggerates: the factors' exponent

# The fields of a recording that its voice depends on.
FIELDS = {
    "actor": range(1, 25),
    "emotion": PROSODY,
    "intensity": ("normal", "strong"),
    "statement": SENTENCES,
    "repetition": range(1, 16),
}


class Voice(NamedTuple):
    """How one actor's voice differs from the others."""

    pitch: float  # Hz, mean of the neutral voice
    tract: float  # factor on the formants: above 1 for a shorter vocal tract
    tilt: float  # dB per octave, of the buzz as radiated
    rate: float
    range: float
    breath: float
    level: float  # dB


def actor_voice(actor: int, seed: int = 0) -> Voice:
    """The voice of an actor, the same in all recordings of one seed.

    Parameters
    ----------
    actor : int
        1 to 24; odd actors are male, even ones female.
    seed : int
        The Studio's seed.

    Returns
    -------
    Voice

    Examples
    --------
    >>> bool(actor_voice(1).pitch < actor_voice(2).pitch)
    True
    """
    male = actor % 2 == 1
    pitch, tract, tilt, rate, span, breath, level = identity.rng(seed, "voice", actor).uniform(-1, 1, 7)
    return Voice(
        pitch=115 + 20 * pitch if male else 210 + 32 * pitch,
        tract=(1.0 if male else 1.15) + 0.05 * tract,
        tilt=-7.5 + 1.2 * tilt,
        rate=1 + 0.06 * rate,
        range=1 + 0.15 * span,
        breath=(1.0 if male else 1.3) * 1.5**breath,
        level=1.5 * level,
    )


def prosody_of(recording: dict, seed: int, rng: np.random.Generator) -> Prosody:
    """The prosody of a recording: its emotion's row of `PROSODY`, scaled by intensity and actor, with a
    little noise.

    Parameters
    ----------
    recording : dict
        At least actor, emotion and intensity.
    seed : int
        The Studio's seed.
    rng : np.random.Generator

    Returns
    -------
    Prosody
    """
    strength = identity.expressiveness(recording["actor"], seed) * rng.uniform(0.92, 1.08)
    if recording["intensity"] == "strong":
        strength *= STRONG
    row = PROSODY[recording["emotion"]]._asdict()
    return Prosody(
        **{name: value * strength if name in ADDED else value**strength for name, value in row.items()}
    )


def timeline(statement: str, rate: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The sounds of a sentence over time.

    Parameters
    ----------
    statement : {"kids", "dogs"}
    rate : float
        Speaking rate; above 1 is faster.
    rng : np.random.Generator

    Returns
    -------
    sounds : np.ndarray
        float (n, 12): one row for each 5 ms, columns as in `Sound`.
    accents : np.ndarray
        float (3,): the times of the accents, in seconds.
    """
    names = SENTENCES[statement].split()
    sounds = np.array([SOUNDS[name.rstrip("'")] for name in names])
    seconds = sounds[:, 4] / 1000 / rate * rng.uniform(0.95, 1.05, len(names))
    ends = np.cumsum(seconds)
    times = np.arange(HOP / 2, ends[-1] * VOICE_RATE, HOP) / VOICE_RATE
    accented = [name.endswith("'") for name in names]
    return sounds[np.searchsorted(ends, times).clip(max=len(names) - 1)], (ends - 0.6 * seconds)[accented]


def melody(voiced: np.ndarray, accents: np.ndarray, prosody: Prosody, rng: np.random.Generator) -> np.ndarray:
    """The pitch contour: it declines, rises on each accent, and ends low or high.

    Parameters
    ----------
    voiced : np.ndarray
        Amplitude of the voice, float (n,).
    accents : np.ndarray
        Times of the accents, in seconds.
    prosody : Prosody
    rng : np.random.Generator

    Returns
    -------
    np.ndarray
        float (n,): semitones relative to the mean.
    """
    n = len(voiced)
    times, progress = np.arange(n) * HOP / VOICE_RATE, np.linspace(0, 1, n)
    width = 0.10 / prosody.rate / prosody.abrupt
    heights = 3.5 * rng.uniform(0.85, 1.15, len(accents))
    bumps = heights * np.exp(-0.5 * ((times[:, None] - accents) / width) ** 2)
    ending = (prosody.ending - 1.5) * np.clip((progress - 0.8) / 0.2, 0, 1) ** 2
    contour = prosody.range * (1.5 - 3 * progress + bumps.sum(axis=1)) + ending
    return contour - np.average(contour, weights=voiced)


def loudness(accents: np.ndarray, n: int) -> np.ndarray:
    """The amplitude of the sentence: a little more on the accents, and fading towards the end.

    Parameters
    ----------
    accents : np.ndarray
        Times of the accents, in seconds.
    n : int
        Number of steps of 5 ms.

    Returns
    -------
    np.ndarray
        float (n,).
    """
    times, progress = np.arange(n) * HOP / VOICE_RATE, np.linspace(0, 1, n)
    decibels = 3 * np.exp(-0.5 * ((times[:, None] - accents) / 0.12) ** 2).sum(axis=1) - 4 * progress
    fade_in, fade_out = np.arange(n) / 4, np.arange(n)[::-1] / 24  # 20 and 120 ms: no click at either end
    return 10 ** (decibels / 20) * np.minimum(1, np.minimum(fade_in, fade_out))


def buzz(f0: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sound of the vocal folds: all harmonics below 7.5 kHz with equal power per Hz.

    The sum of N cosines has a closed form (Dirichlet's kernel), so no harmonic exceeds half the sampling
    rate.

    Parameters
    ----------
    f0 : np.ndarray
        Fundamental frequency in Hz for each sample, (n,).

    Returns
    -------
    signal, phase : np.ndarray
        float (n,) each; the phase in radians.
    """
    phase = 2 * np.pi * np.cumsum(f0) / VOICE_RATE
    harmonics = np.floor(7500 / f0)
    half = np.sin(phase / 2)
    half = np.where(np.abs(half) < 1e-6, 1e-6, half)
    return (np.sin((harmonics + 0.5) * phase) / (2 * half) - 0.5) * np.sqrt(f0 / 100), phase


def resonator(centre: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The effect of one formant on each frequency, with a gain of 1 at 0 Hz.

    Parameters
    ----------
    centre, width : np.ndarray
        Hz, (n,).

    Returns
    -------
    np.ndarray
        complex64 (n, N_FFT // 2 + 1).
    """
    radius = np.exp(-np.pi * width / VOICE_RATE)
    b = 2 * radius * np.cos(2 * np.pi * centre / VOICE_RATE)
    b, c = (np.float32(part)[:, None] for part in (b, -(radius**2)))
    z = np.exp(-2j * np.pi * FREQUENCIES / VOICE_RATE).astype(np.complex64)
    return (1 - b - c) / (1 - b * z - c * z**2)


def vocal_tract(sounds: np.ndarray, tract: float) -> np.ndarray:
    """The effect of all formants together; the ones above the third are constant.

    Parameters
    ----------
    sounds : np.ndarray
        (n, 12), columns as in `Sound`.
    tract : float
        Factor on the formants: above 1 for a shorter vocal tract.

    Returns
    -------
    np.ndarray
        complex64 (n, N_FFT // 2 + 1).
    """
    transfer = np.prod(
        [resonator(np.array([tract * f]), np.array([f / 15])) for f in (3500, 4500, 5500, 6500)], axis=0
    )
    for formant, width in zip(sounds.T[:3], (70, 90, 140), strict=True):
        transfer = transfer * resonator(tract * formant, width * sounds[:, 3])
    return transfer


def spectra(signal: np.ndarray) -> np.ndarray:
    """Spectra of overlapping windows of 10 ms, one every 5 ms, which sum to the signal.

    Parameters
    ----------
    signal : np.ndarray
        (samples,) at `VOICE_RATE`.

    Returns
    -------
    np.ndarray
        complex64 (n, N_FFT // 2 + 1).
    """
    frames = sliding_window_view(np.pad(np.float32(signal), HOP // 2), 2 * HOP)[::HOP]
    return rfft(frames * get_window("hann", 2 * HOP).astype(np.float32), N_FFT, axis=1)


def overlap_add(spectrum: np.ndarray) -> np.ndarray:
    """The signal of filtered `spectra`.

    Parameters
    ----------
    spectrum : np.ndarray
        complex (n, N_FFT // 2 + 1).

    Returns
    -------
    np.ndarray
        float32 (HOP * n + N_FFT - HOP,); sample 0 of the original signal is at `CENTRE`.
    """
    blocks = np.roll(irfft(spectrum, N_FFT, axis=1), CENTRE - HOP // 2, axis=1).reshape(
        len(spectrum), -1, HOP
    )
    signal = np.zeros((len(spectrum) + N_FFT // HOP - 1, HOP), np.float32)
    for k in range(N_FFT // HOP):
        signal[k : k + len(spectrum)] += blocks[:, k]
    return signal.ravel()


def synthesise(
    sounds: np.ndarray,
    loud: np.ndarray,
    semitones: np.ndarray,
    voice: Voice,
    prosody: Prosody,
    rng: np.random.Generator,
) -> np.ndarray:
    """Synthesise a sentence, at any level.

    Parameters
    ----------
    sounds : np.ndarray
        (n, 12), as `timeline` gives it.
    loud : np.ndarray
        Amplitude, (n,).
    semitones : np.ndarray
        Pitch contour, (n,).
    voice : Voice
    prosody : Prosody
    rng : np.random.Generator

    Returns
    -------
    np.ndarray
        float32 (samples,) at `VOICE_RATE`.
    """
    sounds = np.hstack(
        [
            gaussian_filter1d(sounds[:, :4], 5, axis=0),  # the tongue needs 25 ms from sound to sound
            gaussian_filter1d(sounds[:, 4:], 0.8, axis=0),
        ]
    )  # vocal folds and lips are faster
    wobble = prosody.jitter * gaussian_filter1d(rng.standard_normal(len(sounds)), 1)
    f0 = voice.pitch * prosody.pitch * 2 ** ((voice.range * semitones + 0.15 * wobble) / 12)
    times = np.arange(HOP * len(f0)) / HOP - 0.5
    source, phase = buzz(np.interp(times, np.arange(len(f0)), f0))
    hiss = rng.standard_normal(len(source)) * (
        1 + 0.5 * np.cos(phase)
    )  # breath comes in puffs, when the vocal folds open
    glottis = (
        FREQUENCIES / (FREQUENCIES + 40) * (1 + FREQUENCIES / 100) ** ((voice.tilt + prosody.tilt) / 6.02)
    )
    tract = vocal_tract(sounds, voice.tract * prosody.tract)
    voicing, breath, noise, centre, width = (
        sounds[:, [column]].astype(np.float32) for column in range(5, 10)
    )
    throat = breath * voice.breath * prosody.breath / (1 + FREQUENCIES / 3000)
    palate = noise * np.exp(-0.5 * ((FREQUENCIES - centre) / width) ** 2)
    gain = np.float32(loud * 10 ** (0.5 * wobble / 20))[:, None]
    return overlap_add(
        gain * (spectra(source) * voicing * glottis * tract + spectra(hiss) * (throat * tract + palate))
    )


def mouth(
    sounds: np.ndarray, loud: np.ndarray, start: float, n_frames: int, effort: float
) -> tuple[np.ndarray, np.ndarray]:
    """The movement of jaw and lips in each video frame.

    Parameters
    ----------
    sounds : np.ndarray
        (n, 12), as `timeline` gives it.
    loud : np.ndarray
        Amplitude, (n,).
    start : float
        When the sentence begins, in seconds.
    n_frames : int
    effort : float
        Factor on the opening of the jaw.

    Returns
    -------
    jaw, rounding : np.ndarray
        float32 (n_frames,), 0 to 1.
    """
    jaw = gaussian_filter1d(sounds[:, 10], 4) * loud / loud.max() * effort
    track = np.stack([jaw, gaussian_filter1d(sounds[:, 11], 6) * np.minimum(1, 2 * loud / loud.max())])
    pictures = (np.arange(n_frames) + 0.5) / FPS - start
    times = (np.arange(len(sounds)) + 0.5) * HOP / VOICE_RATE
    return tuple(
        np.interp(pictures, times, part, left=0, right=0).clip(0, 1).astype(np.float32) for part in track
    )


def room_noise(n: int, rng: np.random.Generator) -> np.ndarray:
    """The noise of a quiet room at `ROOM_LEVEL`, with more energy at low frequencies.

    Parameters
    ----------
    n : int
        Number of samples.
    rng : np.random.Generator

    Returns
    -------
    np.ndarray
        float32 (n,).
    """
    noise = lfilter([1], [1, -0.95], rng.standard_normal(n, dtype=np.float32))
    return np.float32(noise * 10 ** (ROOM_LEVEL / 20) / noise.std())


def check(recording: dict) -> None:
    """Check that there is a voice for each field of a recording.

    Parameters
    ----------
    recording : dict

    Raises
    ------
    CourseError
        For the first field with a value that no voice has.

    Examples
    --------
    >>> check(dict(actor=1, emotion="hapy", intensity="normal", statement="kids", repetition=1))
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: emotion 'hapy': there is no such emotion. Did you mean 'happy'? ...
    """
    for field, allowed in FIELDS.items():
        check_choice(field, recording.get(field), allowed)


def speak(recording: dict, seed: int = 0) -> Speech:
    """Speak the sentence of a recording, between two short silences.

    Levels differ as in real recordings: an angry voice is louder than a sad one. The same recording and seed
    give the same bytes.

    Parameters
    ----------
    recording : dict
        The fields of `ravdess.parse_name`. Only those in `FIELDS` matter, so a video and its sound file have
        the same sound.
    seed : int
        The Studio's seed.

    Returns
    -------
    Speech
        3 to 5 s.

    Raises
    ------
    CourseError
        If there is no voice for a field.
    """
    import soxr

    check(recording)
    rng = identity.rng(seed, "voice", *(recording[field] for field in FIELDS))
    voice, prosody = actor_voice(recording["actor"], seed), prosody_of(recording, seed, rng)
    sounds, accents = timeline(recording["statement"], voice.rate * prosody.rate, rng)
    loud = loudness(accents, len(sounds))
    semitones = melody(sounds[:, 5] * loud, accents, prosody, rng)
    speech = synthesise(sounds, loud, semitones, voice, prosody, rng)
    level = NEUTRAL_LEVEL + voice.level + prosody.level + rng.uniform(-0.8, 0.8)
    speech *= 10 ** (level / 20) / np.sqrt(np.mean(speech**2))
    speech = soxr.resample(speech, VOICE_RATE, RAVDESS_SR)

    seconds = len(sounds) * HOP / VOICE_RATE
    silence = max(rng.uniform(1.2, 1.9), 3 - seconds)
    start, n_frames = silence * rng.uniform(0.45, 0.55), int(np.ceil((seconds + silence) * FPS))
    samples = room_noise(n_frames * RAVDESS_SR // FPS, rng)
    first = round((start - CENTRE / VOICE_RATE) * RAVDESS_SR)
    samples[first : first + len(speech)] += speech
    return Speech(samples, *mouth(sounds, loud, start, n_frames, effort=10 ** (prosody.level / 60)))


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Convert samples to 16-bit integers, as in a wav file.

    Parameters
    ----------
    samples : np.ndarray
        float, -1 to 1; other values are clipped.

    Returns
    -------
    np.ndarray
        int16, of the same shape.

    Examples
    --------
    >>> to_int16(np.array([-1.0, 0.5])).tolist()
    [-32767, 16384]
    """
    return np.round(np.clip(samples, -1, 1) * 32767).astype(np.int16)
