"""Whisper-base's encoder as a plain Keras 3 model: a frozen network that turns an utterance into 512 numbers.

OpenAI trained Whisper on 680,000 hours of speech with text (2022; MIT licence). Its encoder never saw a label
of an emotion, but what it computes tells emotions apart well (lesson 16).

Source: Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision",
arXiv:2212.04356."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy.fft import rfft
from scipy.signal import get_window

from course_lib.core.audio import SPEECH_SR
from course_lib.core.errors import CourseError
from course_lib.core.names import check_choice
from course_lib.core.progress import progress
from course_lib.core.validation import check_signals
from course_lib.features import mel_filters
from course_lib.models import whisper_file
from course_lib.models.backend import keras, layers
from course_lib.models.whisper_file import BLOCKS, MELS, POSITIONS, WIDTH

N_FFT, HOP, HEADS = 400, 160, 8
PER_FRAME = 2 * HOP  # samples of one frame of the encoder: 20 ms
BLOCK = SPEECH_SR  # each sound is padded with silence to whole seconds
LONGEST = POSITIONS * PER_FRAME // SPEECH_SR  # seconds
LAYERS = tuple(range(BLOCKS + 1))


def log_mel(signals: npt.ArrayLike) -> np.ndarray:
    """Compute Whisper's log-mel spectrograms.

    Parameters
    ----------
    signals : array of shape (n, samples)
        Floating-point sound at `SPEECH_SR`.

    Returns
    -------
    np.ndarray
        float32 (n, samples // 160, 80): one row each 10 ms.

    Raises
    ------
    CourseError
        If there is no sample, or the samples are whole numbers or contain NaN.

    Notes
    -----
    Hann windows of 25 ms, centred and mirrored at both ends; power in 80 of Slaney's mel bands; logarithm to
    base 10, cut 8 (80 dB) below the sound's maximum; (x + 4) / 4. These are the steps of OpenAI's
    `log_mel_spectrogram`.

    Examples
    --------
    >>> log_mel(np.zeros((2, 16000))).shape
    (2, 100, 80)
    """
    signals = check_signals(signals).astype(np.float32)
    padded = np.pad(signals, [(0, 0), (N_FFT // 2, N_FFT // 2)], mode="reflect")
    frames = sliding_window_view(padded, N_FFT, axis=1)[:, : signals.shape[1] // HOP * HOP : HOP]
    power = np.abs(rfft(frames * get_window("hann", N_FFT).astype(np.float32))) ** 2
    levels = np.log10(np.maximum(power @ mel_filters(SPEECH_SR, N_FFT, MELS).T, 1e-10))
    levels = np.maximum(levels, levels.max(axis=(1, 2), keepdims=True) - 8)
    return ((levels + 4) / 4).astype(np.float32)


# --- the network ---


def build() -> keras.Model:
    """Build the encoder without weights.

    Returns
    -------
    keras.Model
        It takes log-mel spectrograms (n, frames, 80), with an even number of frames, and returns a list of 7
        arrays (n, frames / 2, 512): after the two convolutions and the positions (layer 0), after each of the
        first five blocks (1 to 5), and after the sixth and the last normalisation (6).
    """
    spectrogram = keras.Input((None, MELS), name="log_mel")
    x = _convolution(spectrogram, "conv1", strides=1)
    x = _convolution(x, "conv2", strides=2)
    x = Positions(name="positional_embedding")(x)
    outputs = [x]
    for n in range(BLOCKS):
        x = _block(x, f"blocks.{n}")
        outputs.append(x)
    outputs[-1] = _norm("ln_post")(x)
    network = keras.Model(spectrogram, outputs, name="whisper_base_encoder")
    network.trainable = False
    return network


@keras.saving.register_keras_serializable("course_lib")
class Positions(layers.Layer):
    """Add to each frame the numbers that tell its position."""

    def build(self, shape: tuple) -> None:
        self.positions = self.add_weight((POSITIONS, WIDTH), "zeros", name="positions", trainable=False)

    def call(self, x: keras.KerasTensor) -> keras.KerasTensor:
        return x + self.positions[: keras.ops.shape(x)[1]]

    def compute_output_shape(self, shape: tuple) -> tuple:
        return shape  # JAX cannot find it out, because the number of frames is open


def _convolution(x, name, strides):
    # PyTorch pads by one frame at both ends. Keras's "same" with a stride of 2 pads at the end alone.
    x = layers.ZeroPadding1D(1)(x)
    x = layers.Conv1D(WIDTH, 3, strides, kernel_initializer="zeros", name=name)(x)
    return keras.activations.gelu(x, approximate=False)


def _block(x, name):
    """Self-attention and a network of two dense layers. The input of each is normalised, and added to its
    output."""
    normal = _norm(f"{name}.attn_ln")(x)
    query, key, value = (
        _dense(WIDTH, f"{name}.attn.{part}", use_bias=part != "key")(normal)
        for part in ("query", "key", "value")
    )
    heads = [layers.Reshape((-1, HEADS, WIDTH // HEADS))(part) for part in (query, key, value)]
    mixed = keras.ops.dot_product_attention(*heads)
    x = x + _dense(WIDTH, f"{name}.attn.out")(layers.Reshape((-1, WIDTH))(mixed))
    hidden = _dense(4 * WIDTH, f"{name}.mlp.0")(_norm(f"{name}.mlp_ln")(x))
    hidden = keras.activations.gelu(hidden, approximate=False)
    return x + _dense(WIDTH, f"{name}.mlp.2")(hidden)


def _dense(units, name, use_bias=True):
    return layers.Dense(units, use_bias=use_bias, kernel_initializer="zeros", name=name)


def _norm(name):
    return layers.LayerNormalization(epsilon=1e-5, name=name)


def load(weights: str | Path | dict[str, np.ndarray] | None = None) -> keras.Model:
    """Build the encoder and load its weights.

    Parameters
    ----------
    weights : str or path or dict, optional
        OpenAI's base.pt, by default the one that `course fetch whisper-base` downloaded. Or its tensors by
        name, as `whisper_file.read` returns them.

    Returns
    -------
    keras.Model
        As `build` makes it, frozen.

    Raises
    ------
    CourseError
        As `whisper_file.read` does. Random weights never replace missing ones.
    """
    found = weights if isinstance(weights, dict) else whisper_file.read(weights or whisper_file.path())
    network = build()
    for layer in network.layers:
        parts = [found[name] for name in (f"{layer.name}.weight", f"{layer.name}.bias") if name in found]
        if parts:
            layer.set_weights([parts[0].T, *parts[1:]])
    network.get_layer("positional_embedding").set_weights([found["positional_embedding"]])
    return network


# --- features ---


def features(
    network: keras.Model, sounds: Sequence[npt.ArrayLike], layer: int = BLOCKS, batch_size: int = 8
) -> np.ndarray:
    """Compute the mean of the encoder's output over each utterance.

    Parameters
    ----------
    network : keras.Model
        Of `load`.
    sounds : list of arrays of shape (samples,)
        Floating-point sound at `SPEECH_SR`, 30 s at most.
    layer : int
        0 to 6: 0 is the input of the first block, 6 the output of the last one.
    batch_size : int

    Returns
    -------
    np.ndarray
        float32 (n, 512).

    Raises
    ------
    CourseError
        If a sound is empty, too long, not floating-point or not finite, or there is no such layer.

    Notes
    -----
    Each sound is padded with silence to whole seconds, and only the frames of the sound itself are averaged.
    OpenAI's own code always pads to 30 s, which takes many times as long. Do not mix the two: on twelve
    RAVDESS utterances the last layer's numbers differ by 1.4 of their standard deviations over RAVDESS (by
    0.5 after the shift that all twelve share). `datasets.embeddings` has the result for RAVDESS, EmoDB and
    CREMA-D.
    """
    check_choice("layer", layer, LAYERS)
    return all_layers(network, sounds, batch_size)[:, layer]


def all_layers(network: keras.Model, sounds: Sequence[npt.ArrayLike], batch_size: int = 8) -> np.ndarray:
    """Compute `features` at all layers at once.

    Parameters
    ----------
    network, sounds, batch_size
        As in `features`.

    Returns
    -------
    np.ndarray
        float32 (n, 7, 512).

    Raises
    ------
    CourseError
        As in `features`.

    Notes
    -----
    Used in lesson 16.
    """
    sounds = [_checked(sound) for sound in sounds]
    found = np.empty((len(sounds), len(LAYERS), WIDTH), np.float32)
    lengths = np.array([-(-len(sound) // BLOCK) for sound in sounds])
    batches = [
        rows[first : first + batch_size]
        for rows in (np.flatnonzero(lengths == length) for length in np.unique(lengths))
        for first in range(0, len(rows), batch_size)
    ]
    for rows in progress(batches, desc="encode", unit="batch", delay=2, leave=False):
        padded = [np.pad(sounds[row], (0, lengths[row] * BLOCK - len(sounds[row]))) for row in rows]
        outputs = [np.asarray(one) for one in network.predict_on_batch(log_mel(np.stack(padded)))]
        for place, row in enumerate(rows):
            own = -(-len(sounds[row]) // PER_FRAME)
            found[row] = [one[place, :own].mean(axis=0) for one in outputs]
    return found


def _checked(sound):
    sound = check_signals(np.asarray(sound)[np.newaxis])[0].astype(np.float32)
    if len(sound) > LONGEST * SPEECH_SR:
        raise CourseError(
            f"sound of {len(sound) / SPEECH_SR:.1f} s",
            f"the encoder takes {LONGEST} s at most",
            "Cut it into utterances",
        )
    return sound
