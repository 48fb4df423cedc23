"""Other right answers of lesson 05, written as students write them. Each must get full marks."""

import numpy as np

# --- 05.1 ---


def heard_by_folding(frequencies, rate, step):
    half = rate / step / 2
    found = []
    for tone in frequencies:
        while tone > half:
            tone = abs(tone - 2 * half)
        found.append(tone)
    return np.array(found)


def heard_by_triangle(frequencies, rate, step):
    new = rate / step
    phase = 2 * np.pi * np.asarray(frequencies) / new
    return np.arccos(np.cos(phase)) * new / (2 * np.pi)


# --- 05.2 ---


def voice_by_numpy(pcm, samples):
    mono = np.mean(pcm / 32768.0, axis=1)
    if len(mono) >= samples:
        return mono[:samples]
    return np.pad(mono, (0, samples - len(mono)))


def voice_by_loop(pcm, samples):
    row = [0.0] * samples
    for place, channels in enumerate(pcm[:samples]):
        row[place] = sum(int(value) for value in channels) / len(channels) / 2**15
    return np.array(row)


# --- 05.3 ---


def files_by_fields(names):
    chosen = {}
    for place, name in enumerate(names):
        first, *others = name[:-4].split("-")
        key = tuple(others)
        if key not in chosen or int(first) < chosen[key][0]:
            chosen[key] = (int(first), place)
    return np.array(sorted(place for _, place in chosen.values()))


def files_by_pandas(names):
    import pandas as pd

    table = pd.Series(names).str.extract(r"^(?P<modality>\d\d)-(?P<recording>[\d-]+)\.")
    kept = table.sort_values("modality", kind="stable").drop_duplicates("recording")
    return kept.index.sort_values().to_numpy()


# --- 05.4 ---


def fit_by_division():
    frame = 1280 * 720 * 3 * np.dtype(np.float32).itemsize
    film = 4 * 30 * frame
    return int(12 * 10**9 / film)


def fit_by_counting():
    films, used, film = 0, 0, 4 * 30 * 1280 * 720 * 3 * 4
    while used + film <= 12_000_000_000:
        used += film
        films += 1
    return films


ALTERNATIVES = {
    "05.1": {"folded until it fits": heard_by_folding, "a triangle wave": heard_by_triangle},
    "05.2": {"np.pad": voice_by_numpy, "sample by sample": voice_by_loop},
    "05.3": {"fields": files_by_fields, "pandas": files_by_pandas},
    "05.4": {"division": fit_by_division, "film by film": fit_by_counting},
}
