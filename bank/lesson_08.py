"""References, hidden inputs and near-misses of lesson 08."""

import numpy as np

from course_lib.grading.bank import Private

# --- 08.1 ---


def size(
    steps,
    channels,
    filters,
    kernel,
    pool,
    bias=1,
    wide=True,
    pooled=lambda steps, pool: steps // pool,
    lost=0,
    per_input=4,
    flattened=lambda steps, channels: steps * channels,
    normalised=lambda inputs, channels: inputs,
):
    """The count of `cnn_size`, and of what goes wrong with it."""
    total = 0
    for count in filters:
        total += count * (kernel * (channels if wide else 1) + bias)
        steps, channels = pooled(steps - lost, pool), count
    inputs = flattened(steps, channels)
    return total + per_input * normalised(inputs, channels) + 128 * (inputs + bias) + 2 * (128 + bias)


def size_inputs(rng, k):
    filters = [int(count) for count in rng.integers(4, 40, int(rng.integers(1, 4)))]
    kernel, pool = int(rng.integers(4, 10)), int(rng.integers(2, 5))
    # Not a multiple of the pool, and enough steps for a kernel without padding.
    return pool * int(rng.integers(300, 900)) + 1, int(rng.integers(2, 41)), filters, kernel, pool


# --- 08.2 ---


def fused_probabilities(probabilities, weights):
    modalities, n, classes = probabilities.shape
    fused = np.empty((n, classes))
    for i in range(n):
        there = [m for m in range(modalities) if not np.isnan(probabilities[m, i]).any()]
        fused[i] = sum(weights[m] * probabilities[m, i] for m in there) / sum(weights[m] for m in there)
    return fused


def plain_average(filled, weights):
    return np.tensordot(weights, filled, axes=1) / weights.sum()


def multiplied(probabilities, weights):
    fused = np.nanprod(probabilities ** weights[:, None, None], axis=0)
    return fused / fused.sum(axis=1, keepdims=True)


def votes(probabilities, weights):
    said = np.nan_to_num(probabilities).argmax(axis=2)
    sure = np.where(np.isnan(probabilities), np.nan, np.eye(probabilities.shape[2])[said])
    return fused_probabilities(sure, weights)


def modalities_inputs(rng, k):
    modalities, n, classes = int(rng.integers(2, 5)), int(rng.integers(12, 30)), int(rng.integers(2, 5))
    probabilities = rng.dirichlet(np.ones(classes), (modalities, n))
    for i in rng.choice(
        n, n // 3, replace=False
    ):  # of a third of the recordings some are missing, but not all
        probabilities[rng.choice(modalities, int(rng.integers(1, modalities)), replace=False), i] = np.nan
    return probabilities, rng.uniform(0.2, 3, modalities).round(2)


# --- 08.3 ---


def moved(steps, momentum, begin):
    """What is left of `begin` and of each step's value (steps, d), which lose `1 - momentum` a step: a
    weighted sum.
    """
    ages = np.arange(len(steps))[::-1]
    return momentum ** len(steps) * begin + (1 - momentum) * (momentum**ages) @ np.array(steps)


def averages(
    X,
    batch,
    epochs,
    momentum,
    rest=True,
    begin=1.0,
    mean=lambda part: part.mean(axis=0),
    variance=lambda part: part.var(axis=0),
):
    parts = [X[start : start + batch] for start in range(0, len(X), batch)]
    parts = [part for part in parts if rest or len(part) == batch] * epochs
    return (
        moved([mean(part) for part in parts], momentum, 0.0),
        moved([variance(part) for part in parts], momentum, begin),
    )


def one_mean_for_all_features(*given):
    return averages(
        *given,
        mean=lambda part: np.full(part.shape[1], part.mean()),
        variance=lambda part: np.full(part.shape[1], part.var()),
    )


def sample_variance(part):
    """NaN for a single row, as NumPy has it, without NumPy's warning."""
    return part.var(axis=0, ddof=1) if len(part) > 1 else np.full(part.shape[1], np.nan)


def recordings_inputs(rng, k):
    batch, d = int(rng.integers(5, 10)), int(rng.integers(2, 6))
    rest = (
        int(rng.integers(2, batch)) if k else 1
    )  # never a whole number of batches; once a single row is left
    n = batch * int(rng.integers(2, 5)) + rest
    X = rng.normal(rng.uniform(-300, 100, d), rng.uniform(2, 40, d), (n, d)).round(2)
    return X, batch, int(rng.integers(2, 6)), float(rng.choice([0.8, 0.9, 0.95, 0.99]))


# --- 08.5 ---


def early_fusion(audio, video):
    rows = [
        [*sound, *(number for frame in frames for number in frame)]
        for sound, frames in zip(audio, video, strict=True)
    ]
    return np.array(rows)[:, :, None]


def rows_inputs(rng, k):
    n, a, frames, units = (int(number) for number in rng.integers(3, 9, 4))
    return rng.normal(size=(n, a)).round(2), rng.normal(size=(n, frames, units + 1)).round(2)


# --- 08.6 ---


def one_filter(row, kernel, bias):
    places = range(len(row) - len(kernel) + 1)
    return np.array([max(0.0, float(row[t : t + len(kernel)] @ kernel + bias)) for t in places])


def filter_inputs(rng, k):
    n, length = int(rng.integers(20, 40)), int(rng.integers(3, 9))
    return (
        rng.normal(size=n).round(2),
        rng.normal(size=length).round(2),
        round(float(rng.uniform(0.3, 1)), 2) * (-1) ** k,
    )


BANK = {
    "08.1": Private(
        reference=size,
        inputs=size_inputs,
        near_misses={
            "biases forgotten": lambda *shape: size(*shape, bias=0),
            "channels forgotten": lambda *shape: size(*shape, wide=False),
            "pools forgotten": lambda *shape: size(*shape, pooled=lambda steps, pool: steps),
            "pools rounded up": lambda *shape: size(*shape, pooled=lambda steps, pool: -(-steps // pool)),
            "no padding": lambda *shape: size(*shape, lost=shape[3] - 1),
            "two numbers a BatchNorm": lambda *shape: size(*shape, per_input=2),
            "no BatchNorm": lambda *shape: size(*shape, per_input=0),
            "BatchNorm on the filters": lambda *shape: size(
                *shape, normalised=lambda inputs, channels: channels
            ),
            "steps alone flattened": lambda *shape: size(*shape, flattened=lambda steps, channels: steps),
        },
    ),
    "08.2": Private(
        reference=fused_probabilities,
        inputs=modalities_inputs,
        near_misses={
            "missing as zeros": lambda p, weights: plain_average(np.nan_to_num(p), weights),
            "missing as undecided": lambda p, weights: plain_average(
                np.nan_to_num(p, nan=1 / p.shape[2]), weights
            ),
            "NaN stays": plain_average,
            "weights ignored": lambda p, weights: np.nanmean(p, axis=0),
            "weights not of sum 1": lambda p, weights: np.nansum(p * weights[:, None, None], axis=0),
            "product": multiplied,
            "votes": votes,
        },
    ),
    "08.3": Private(
        reference=averages,
        inputs=recordings_inputs,
        near_misses={
            "momentum the other way round": lambda X, batch, epochs, m: averages(X, batch, epochs, 1 - m),
            "one epoch": lambda X, batch, epochs, m: averages(X, batch, 1, m),
            "one mean for all features": one_mean_for_all_features,
            "last batch left out": lambda *given: averages(*given, rest=False),
            "variance begins at 0": lambda *given: averages(*given, begin=0.0),
            "sample variance": lambda *given: averages(*given, variance=sample_variance),
            "spread for variance": lambda *given: averages(*given, variance=lambda part: part.std(axis=0)),
            "no memory": lambda X, batch, epochs, m: (X.mean(axis=0), X.var(axis=0)),
        },
    ),
    "08.5": Private(
        reference=early_fusion,
        inputs=rows_inputs,
        near_misses={
            "video first": lambda audio, video: np.hstack([video.reshape(len(video), -1), audio])[..., None],
            "unit after unit": lambda audio, video: early_fusion(audio, video.transpose(0, 2, 1)),
            "no channel": lambda audio, video: early_fusion(audio, video)[..., 0],
            "channel before the steps": lambda audio, video: early_fusion(audio, video).transpose(0, 2, 1),
            "audio alone": lambda audio, video: audio[..., None],
        },
    ),
    "08.6": Private(
        reference=one_filter,
        inputs=filter_inputs,
        near_misses={
            "kernel flipped": lambda row, kernel, bias: one_filter(row, kernel[::-1], bias),
            "no ReLU": lambda row, kernel, bias: np.correlate(row, kernel, "valid") + bias,
            "bias forgotten": lambda row, kernel, bias: one_filter(row, kernel, 0.0),
            "bias after ReLU": lambda row, kernel, bias: one_filter(row, kernel, 0.0) + bias,
            "padded": lambda row, kernel, bias: np.maximum(0, np.correlate(row, kernel, "same") + bias),
        },
    ),
}
