"""Whisper-base's encoder with random weights, against the same steps in NumPy and against librosa."""

import doctest

import librosa
import numpy as np
import pytest
from scipy.special import erf
from whisper_pt import numbers, write

from course_lib import results
from course_lib.core.errors import CourseError
from course_lib.models import from_preset, presets, speech_encoder, whisper_file

RNG = np.random.default_rng(0)
SOUND = RNG.normal(0, 0.1, 30_000).astype(np.float32)  # 1.9 s


@pytest.fixture(scope="module")
def weights():
    return {name: array.astype(np.float32) for name, array in numbers(whisper_file.shapes()).items()}


@pytest.fixture(scope="module")
def network(weights):
    return speech_encoder.load(weights)


def gelu(x):
    return x * (1 + erf(x / np.sqrt(2))) / 2


def norm(x, weights, name):
    x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def dense(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0)


def convolution(x, weights, name, step):
    x = np.pad(x, [(1, 1), (0, 0)])
    frames = np.stack([x[first : first + 3] for first in range(0, len(x) - 2, step)])
    return gelu(np.einsum("twc,fcw->tf", frames, weights[f"{name}.weight"]) + weights[f"{name}.bias"])


def attention(x, weights, name):
    query, key, value = (
        dense(x, weights, f"{name}.{part}").reshape(len(x), 8, 64) for part in ("query", "key", "value")
    )
    levels = np.einsum("thd,shd->hts", query, key) / 8
    levels = np.exp(levels - levels.max(-1, keepdims=True))
    mixed = np.einsum("hts,shd->thd", levels / levels.sum(-1, keepdims=True), value)
    return dense(mixed.reshape(len(x), 512), weights, f"{name}.out")


def by_numpy(log_mel, weights):
    """OpenAI's AudioEncoder, step by step."""
    x = convolution(log_mel, weights, "conv1", 1)
    x = convolution(x, weights, "conv2", 2)
    x = x + weights["positional_embedding"][: len(x)]
    outputs = [x]
    for n in range(6):
        x = x + attention(norm(x, weights, f"blocks.{n}.attn_ln"), weights, f"blocks.{n}.attn")
        hidden = gelu(dense(norm(x, weights, f"blocks.{n}.mlp_ln"), weights, f"blocks.{n}.mlp.0"))
        x = x + dense(hidden, weights, f"blocks.{n}.mlp.2")
        outputs.append(x)
    return [*outputs[:-1], norm(x, weights, "ln_post")]


def padded(sound):
    return np.pad(sound, (0, -len(sound) % 16000))


def test_the_examples_in_the_docstrings_run():
    assert doctest.testmod(speech_encoder).failed == 0


def test_log_mel_is_what_librosa_computes_by_openais_steps():
    power = np.abs(librosa.stft(SOUND, n_fft=400, hop_length=160, pad_mode="reflect"))[:, :-1] ** 2
    levels = np.log10(np.maximum(librosa.filters.mel(sr=16000, n_fft=400, n_mels=80) @ power, 1e-10))
    expected = (np.maximum(levels, levels.max() - 8) + 4) / 4
    assert np.abs(speech_encoder.log_mel(SOUND[None])[0] - expected.T[: len(SOUND) // 160]).max() < 1e-4


def test_every_layer_is_what_numpy_computes(network, weights):
    log_mel = speech_encoder.log_mel(padded(SOUND)[None])
    found = [np.asarray(output)[0] for output in network.predict_on_batch(log_mel)]
    expected = by_numpy(log_mel[0].astype(np.float64), weights)
    assert len(found) == 7
    for one, other in zip(found, expected, strict=True):
        assert one.shape == (100, 512)
        assert np.abs(one - other).max() < 1e-3 * np.abs(other).max()


def test_nothing_is_trainable_and_the_parameters_are_counted(network):
    assert network.count_params() == presets.PRESETS["whisper_base_encoder"].parameters
    assert not network.trainable_weights


def test_only_the_sounds_own_frames_are_averaged(network, weights):
    expected = by_numpy(speech_encoder.log_mel(padded(SOUND)[None])[0].astype(np.float64), weights)
    for layer in (0, 6):
        mean = expected[layer][: -(-len(SOUND) // 320)].mean(axis=0)
        found = speech_encoder.features(network, [SOUND], layer=layer)
        assert found.shape == (1, 512) and found.dtype == np.float32
        assert np.abs(found[0] - mean).max() < 1e-3 * np.abs(mean).max()


def test_sounds_of_many_lengths_keep_their_order(network):
    sounds = [SOUND[:length] for length in (100, 30_000, 16_000, 20_000, 8_000)]
    together = speech_encoder.features(network, sounds, batch_size=2)
    alone = np.concatenate([speech_encoder.features(network, [sound]) for sound in sounds])
    assert np.abs(together - alone).max() < 1e-4 * np.abs(alone).max()


def test_half_a_minute_is_the_longest_sound(network):
    assert speech_encoder.features(network, [np.resize(SOUND, 480_000)]).shape == (1, 512)


@pytest.mark.parametrize(
    ("sound", "layer", "expected"),
    [
        (np.zeros(480_001, np.float32), 6, r"sound of 30\.0 s: the encoder takes 30 s at most"),
        (np.zeros(0, np.float32), 6, "at least one of each"),
        (np.zeros(16_000, np.int16), 6, "Divide 16-bit samples by 32768"),
        (np.full(16_000, np.nan), 6, "NaN or infinite"),
        (SOUND, 7, "Choose from 0, 1, 2, 3, 4, 5, 6"),
    ],
)
def test_a_wrong_sound_or_layer_is_named(network, sound, layer, expected):
    with pytest.raises(CourseError, match=expected):
        speech_encoder.features(network, [sound], layer)


def test_the_preset_reads_openais_file(tmp_path, weights, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    (tmp_path / "whisper").mkdir()
    write(tmp_path / "whisper" / "base.pt", {name: one.astype(np.float16) for name, one in weights.items()})
    encoder = from_preset("whisper_base_encoder")
    expected = speech_encoder.features(speech_encoder.load(weights), [SOUND], layer=3)
    assert np.array_equal(encoder.features([SOUND], layer=3), expected)
    assert encoder.classes == () and encoder.card.startswith("# whisper_base_encoder\n")
    with pytest.raises(CourseError, match="it gives features only"):
        encoder.predict([SOUND])


def test_missing_weights_say_how_to_get_them(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    with pytest.raises(CourseError, match=r"base\.pt.*145 MB, MIT.*Run: course fetch whisper-base"):
        from_preset("whisper_base_encoder")
    with pytest.raises(CourseError, match="no random weights"):
        from_preset("whisper_base_encoder", weights="random")


def test_the_card_prints_the_measured_figures():
    card = (presets.SHIPPED / "whisper_base_encoder.md").read_text(encoding="utf-8")
    parts = [
        part
        for name in ("ravdess_speech_encoder", "emodb_speech_encoder")
        for part in results.read(name)["protocols"].values()
    ]
    across = results.read("cross_corpus_speech")["directions"].values()
    for part in [*parts, *(one["standardised on the training corpus"] for one in across)]:
        for system in ("handcrafted", "encoder, last layer", "encoder, layer chosen"):
            found = part["systems"][system]
            ends = "–".join(f"{100 * end:.1f}" for end in found["uar_interval"])
            assert f"{100 * found['uar']:.1f} % ({ends})" in card
            assert f"| {100 * found['baseline']:.1f} % |" in card
