"""Other right answers of lesson 06, written as students write them. Each must get full marks."""

import numpy as np
from scipy.fft import dct

# --- 06.1 ---


def frames_by_loop(signal, length, hop):
    half = length // 2
    longer = np.concatenate([np.zeros(half), signal, np.zeros(half)])
    frames = []
    middle = 0
    while middle <= len(signal):
        frames.append(longer[middle : middle + length])
        middle += hop
    return np.array(frames)


def frames_by_places(signal, length, hop):
    middles = np.arange(0, len(signal) + 1, hop)
    places = middles[:, None] + np.arange(length) - length // 2
    inside = (places >= 0) & (places < len(signal))
    return np.where(inside, signal[np.clip(places, 0, len(signal) - 1)], 0)


# --- 06.2 ---


def envelope_by_matrix(decibels, keep):
    matrix = dct(np.eye(len(decibels)), axis=0, norm="ortho")  # orthonormal, so its transpose is its inverse
    first = matrix[:keep]
    return first.T @ (first @ decibels)


def envelope_by_cosines(decibels, keep):
    filters = decibels.shape[0]
    middles = (np.arange(filters) + 0.5) * np.pi / filters
    found = np.zeros(decibels.shape)
    for number in range(keep):
        cosine = np.cos(number * middles)
        cosine = cosine / np.sqrt((cosine**2).sum())
        found += np.outer(cosine, cosine @ decibels)
    return found


# --- 06.5 ---


def mfcc_by_loop(signals, n_mfcc):
    import librosa

    found = []
    for signal in signals:
        coefficients = librosa.feature.mfcc(y=signal, sr=8000, n_mfcc=n_mfcc)
        row = []
        for moment in range(coefficients.shape[1]):
            row.extend(coefficients[:, moment])
        found.append(row)
    return np.array(found)


def mfcc_of_all(signals, n_mfcc):
    from librosa.feature import mfcc

    return mfcc(y=signals, sr=8000, n_mfcc=n_mfcc).transpose(0, 2, 1).reshape(len(signals), -1)


# --- 06.6 ---


def features_by_frame(maps, gamma, beta, mean, variance, weights, bias):
    found = []
    for one in maps:
        row = one.flatten()
        row = (row - mean) / (variance + 0.001) ** 0.5
        row = row * gamma + beta
        row = np.dot(row, weights) + bias
        row[row < 0] = 0
        found.append(row)
    return np.concatenate(found)


def features_folded_into_one_layer(maps, gamma, beta, mean, variance, weights, bias):
    scale = gamma / np.sqrt(variance + 1e-3)
    own_weights, own_bias = scale[:, None] * weights, (beta - mean * scale) @ weights + bias
    return np.clip(maps.reshape(maps.shape[0], -1) @ own_weights + own_bias, 0, None).ravel()


ALTERNATIVES = {
    "06.1": {"a loop": frames_by_loop, "places of samples": frames_by_places},
    "06.2": {"a matrix": envelope_by_matrix, "cosines": envelope_by_cosines},
    "06.5": {"a loop": mfcc_by_loop, "all signals at once": mfcc_of_all},
    "06.6": {"frame by frame": features_by_frame, "one layer": features_folded_into_one_layer},
}
