"""Other right answers of lesson 12, written as students write them. Each must get full marks."""

import re

import numpy as np

# --- 12.1 ---


def fields_without_patterns(paths):
    speakers, codes = ["DC", "JE", "JK", "KL"], ["a", "d", "f", "h", "sa", "su", "n"]
    rows = []
    for path in paths:
        parts = path.split("/")
        stem, dot, _ = parts[-1].partition(".")
        if "_" in stem:
            speaker, _, stem = stem.partition("_")
        else:
            speaker = parts[-2] if len(parts) > 1 else ""
        code, digits = stem[:-2], stem[-2:]
        row = [-1, -1, -1]
        if dot and speaker in speakers and code in codes and len(digits) == 2 and digits.isdigit():
            sentence = int(digits)
            if 0 < sentence < (31 if code == "n" else 16):
                row = [speakers.index(speaker), codes.index(code), sentence]
        rows.append(row)
    return np.array(rows)


def fields_by_one_pattern(paths):
    number = r"(?P<neutral>n(?:0[1-9]|[12]\d|30))|(?P<other>(?:a|d|f|h|sa|su)(?:0[1-9]|1[0-5]))"
    whole = re.compile(
        rf"(?:(?:.*/)?(?P<name>DC|JE|JK|KL)_|(?:.*/)?(?P<folder>DC|JE|JK|KL)/)(?:{number})\.[^/]*"
    )
    speakers, codes = {"DC": 0, "JE": 1, "JK": 2, "KL": 3}, dict(a=0, d=1, f=2, h=3, sa=4, su=5, n=6)
    table = np.full((len(paths), 3), -1)
    for place, path in enumerate(paths):
        if found := whole.fullmatch(path):
            text = found["neutral"] or found["other"]
            speaker = found["name"] or found["folder"]
            table[place] = speakers[speaker], codes[text[:-2]], int(text[-2:])
    return table


# --- 12.2 ---


def sizes_layer_by_layer(bands, frames, filters, pools, units):
    sizes, counts, before = [], [], 1
    for number in range(len(filters)):
        kernels = filters[number]
        counts.append(9 * before * kernels)  # weights
        counts.append(kernels)  # biases
        counts.append(4 * kernels)  # batch normalisation
        bands = int((bands + 2) / pools[number])
        frames = int((frames + 2) / pools[number])
        before = kernels
        sizes.append([bands, frames, kernels])
    counts += [4 * units * bands * before, 4 * units * units, 4 * units]
    return np.array(sizes), sum(counts)


def sizes_by_arrays(bands, frames, filters, pools, units):
    sizes = np.zeros((len(filters), 3), int)
    side = np.array([bands, frames])
    for row, (kernels, pool) in enumerate(zip(filters, pools, strict=True)):
        side = (side + 2) // pool
        sizes[row] = *side, kernels
    kernels = np.array(filters)
    inputs = np.concatenate([[1], kernels[:-1]])
    blocks = np.sum(kernels * (9 * inputs + 5))
    step = sizes[-1, 0] * sizes[-1, 2]
    return sizes, int(blocks + 4 * units * (step + units + 1))


# --- 12.3 ---


def picture_by_loop(signal, length, hop, filters):
    zeros = np.zeros(length // 2)
    longer = np.concatenate([zeros, signal, zeros])
    window = 0.5 * (1 - np.cos(2 * np.pi / length * np.arange(length)))
    columns = []
    for number in range(1 + len(signal) // hop):
        spectrum = np.fft.rfft(longer[number * hop : number * hop + length] * window)
        energy = filters @ (spectrum.real**2 + spectrum.imag**2)
        energy[energy < 1e-10] = 1e-10
        columns.append(10 * np.log10(energy))
    picture = np.stack(columns, axis=1)
    limit = picture.max() - 80
    picture[picture < limit] = limit
    return picture


def picture_by_matrices(signal, length, hop, filters):
    padded = np.pad(signal, (length // 2, length // 2))
    starts = np.arange(0, len(signal) + 1, hop)
    frames = padded[starts[:, None] + np.arange(length)] * np.hanning(length + 1)[:-1]
    spectra = frames @ np.exp(-2j * np.pi * np.outer(np.arange(length), np.arange(length // 2 + 1)) / length)
    levels = 10 * np.log10(np.clip((np.abs(spectra) ** 2) @ filters.T, 1e-10, None)).T
    return np.clip(levels, levels.max() - 80, None)


# --- 12.4 ---


def interval_by_lists(true, predicted, actors, draws):
    def uar(y, answers):
        recalls = []
        for label in sorted(set(y)):
            own = [answer == label for one, answer in zip(y, answers, strict=True) if one == label]
            recalls.append(sum(own) / len(own))
        return sum(recalls) / len(recalls)

    found = []
    for row in draws:
        y, answers = [], []
        for actor in row:
            y += true[actors == actor].tolist()
            answers += predicted[actors == actor].tolist()
        found.append(uar(y, answers))
    whole = uar(true.tolist(), predicted.tolist())
    return whole, float(np.quantile(found, 0.025)), float(np.quantile(found, 0.975))


def interval_by_counts(true, predicted, actors, draws):
    people, labels = np.unique(actors), np.unique(true)
    of_label = (actors[None] == people[:, None])[:, None] & (true == labels[:, None])[None]
    n, right = of_label.sum(axis=2), (of_label & (predicted == true)).sum(axis=2)
    times = (draws[:, :, None] == people).sum(axis=1)  # how often each person is drawn
    n_drawn, right_drawn = times @ n, times @ right
    recalls = np.where(n_drawn > 0, right_drawn / np.maximum(n_drawn, 1), np.nan)
    low, high = np.quantile(np.nanmean(recalls, axis=1), (0.025, 0.975))
    return float(np.mean(right.sum(axis=0) / n.sum(axis=0))), float(low), float(high)


# --- 12.5 ---


def step_gate_by_gate(x, h, c, W, U, b):
    n = len(h)

    def part(number):
        columns = slice(number * n, (number + 1) * n)
        return W[:, columns].T @ x + U[:, columns].T @ h + b[columns]

    def sigmoid(z):
        return (1 + np.tanh(z / 2)) / 2

    new_c = sigmoid(part(1)) * c + sigmoid(part(0)) * np.tanh(part(2))
    return sigmoid(part(3)) * np.tanh(new_c), new_c


def step_by_units(x, h, c, W, U, b):
    from scipy.special import expit

    z = (np.concatenate([x, h]) @ np.concatenate([W, U]) + b).reshape(4, -1)
    gates = expit(z)
    cell = gates[1] * c + gates[0] * np.tanh(z[2])
    return np.tanh(cell) * gates[3], cell


ALTERNATIVES = {
    "12.1": {"no pattern": fields_without_patterns, "one pattern": fields_by_one_pattern},
    "12.2": {"layer by layer": sizes_layer_by_layer, "arrays": sizes_by_arrays},
    "12.3": {"a loop": picture_by_loop, "the Fourier transform as a matrix": picture_by_matrices},
    "12.4": {"lists": interval_by_lists, "counts of each actor": interval_by_counts},
    "12.5": {"gate by gate": step_gate_by_gate, "one product": step_by_units},
}
