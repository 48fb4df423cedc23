"""References, hidden inputs and near-misses of lesson 12."""

import re

import numpy as np

from course_lib.exercises.compare import Tolerance
from course_lib.grading.bank import Private

# --- 12.1 ---

SPEAKERS = ("DC", "JE", "JK", "KL")
CODES = {"a": 0, "d": 1, "f": 2, "h": 3, "sa": 4, "su": 5, "n": 6}
NONE = (-1, -1, -1)


def fields(
    paths,
    name=r"(?:([A-Z]{2})_)?([a-z]{1,2})([0-9]{2})",
    speaker=lambda own, folders: own or folders[-1],
    codes=CODES,
    first=1,
    most=lambda code: 30 if code == "n" else 15,
    whole=re.fullmatch,
):
    """The rows of `savee_fields`, and of what goes wrong with it."""
    rows = []
    for path in paths:
        *folders, file = path.split("/")
        found = whole(name, file.rpartition(".")[0])
        who = speaker(found[1], ["", *folders]) if found else ""
        known = who in SPEAKERS and found[2] in codes and first <= int(found[3]) <= most(found[2])
        rows.append((SPEAKERS.index(who), codes[found[2]], int(found[3])) if known else NONE)
    return np.array(rows)


def any_folder(own, folders):
    return own or next((folder for folder in folders if folder in SPEAKERS), "")


def left_out(paths):
    rows = fields(paths)
    return rows[rows[:, 0] >= 0]


def paths_inputs(rng, k):
    # Both layouts mixed, and of each fault one; where name and folder differ, the name counts.
    def speaker():
        return SPEAKERS[rng.integers(4)]

    def good(code):
        number = rng.integers(16, 31) if code == "n" else rng.integers(1, 16)
        where = (f"{speaker()}_", f"AudioData/{speaker()}/", f"{speaker()}/", f"data/savee/{speaker()}/")
        return f"{where[rng.integers(4)]}{code}{number:02d}.{('wav', 'WAV', 'flac')[rng.integers(3)]}"

    def odd(code):
        return f"{code}{rng.integers(1, 10):02d}.wav"

    one, other = rng.choice(SPEAKERS, 2, False).tolist()
    code = ("a", "d", "f", "h", "sa", "su")[rng.integers(6)]
    unknown, stranger = (words[rng.integers(3)] for words in (("x", "s", "ha"), ("AB", "MK", "DJ")))
    paths = [
        *map(good, CODES),
        *map(good, CODES),
        f"{one}/{other}_{odd(code)}",
        f"{one}/n{rng.integers(16, 31)}.wav",
        f"{one}_{code}{rng.integers(16, 31)}.wav",
        f"{one}/n31.wav",
        f"{one}_{code}16.wav",
        f"{one}/n{rng.integers(32, 99)}.wav",
        f"{other}_{code}00.wav",
        f"{one}_{code}{rng.integers(1, 10)}.wav",
        f"{other}/{code}{rng.integers(10, 16)}{rng.integers(10)}.wav",
        f"{one}_{code}{rng.integers(10, 16)}b.wav",
        f"old_{one}_{odd(code)}",
        f"{one}/{stranger}_{odd(code)}",
        f"{one}_{unknown}03.wav",
        f"{stranger}/{odd(code)}",
        odd(code),
        f"{one}/takes/{odd(code)}",
        "notes.wav",
    ]
    return (rng.permutation(paths).tolist(),)


# --- 12.2 ---


def read(
    bands,
    frames,
    filters,
    pools,
    units,
    grown=2,
    after=True,
    pooled=lambda side, pool: side // pool,
    wide=True,
    bias=1,
    normal=4,
    gates=4,
    own=1,
    biases=1,
    step=lambda size: size[0] * size[2],
):
    """What `read_by_the_lstm` returns, and what goes wrong with it."""
    channels, total, sizes = 1, 0, []
    for count, pool in zip(filters, pools, strict=True):
        total += count * (9 * (channels if wide else 1) + bias + normal)
        before = (bands + grown, frames + grown, count)
        bands, frames = (pooled(side, pool) for side in before[:2])
        sizes.append((bands, frames, count) if after else before)
        channels = count
    inputs = step((bands, frames, channels))
    return np.array(sizes), total + gates * units * (inputs + own * units + biases)


def sizes_inputs(rng, k):
    # Large enough for every reading; more than one band is left for the LSTM, and other than frames.
    while True:
        blocks = int(rng.integers(2, 4))
        filters, pools = rng.integers(3, 70, blocks).tolist(), rng.permutation([2, 3, 4])[:blocks].tolist()
        bands, frames = int(rng.integers(60, 100)), int(rng.integers(150, 300))
        given = bands, frames, filters, pools, int(rng.integers(5, 60))
        plain = read(*given)[0]
        others = [
            read(*given, pooled=lambda side, pool: -(-side // pool)),
            read(*given, grown=0),
            read(*given, grown=-2),
        ]
        if (
            plain[-1, 0] > 1
            and plain[-1, 0] != plain[-1, 1]
            and plain[-1, 1] != plain[-1, 2]
            and all((sizes != plain).any() for sizes, _ in others)
        ):
            return given


# --- 12.3 ---


def frames_of(signal, length, hop, around=True):
    padded = np.pad(signal, length // 2) if around else signal
    return np.lib.stride_tricks.sliding_window_view(padded, length)[::hop]


def hann(length):
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def energies(signal, length, hop, filters, around=True, window=hann, exponent=2):
    spectra = np.fft.rfft(frames_of(signal, length, hop, around) * window(length))
    return filters @ np.abs(spectra).T ** exponent


def decibels(values, factor=10, log=np.log10):
    return factor * log(np.maximum(values, 1e-10))


def cut(levels, axis=None):
    return np.maximum(levels, levels.max(axis=axis, keepdims=True) - 80)


def band_picture(signal, length, hop, filters, **changes):
    return cut(decibels(energies(signal, length, hop, filters, **changes)))


def decibels_first(signal, length, hop, filters):
    power = np.abs(np.fft.rfft(frames_of(signal, length, hop) * hann(length))) ** 2
    return cut(filters @ decibels(power.T))


def means(signal, length, hop, filters):
    return cut(decibels(energies(signal, length, hop, filters) / filters.sum(axis=1, keepdims=True)))


def sound_inputs(rng, k):
    # A tone in noise that comes and goes, soft and loud, with silence of exact zeros: levels far more than 80
    # dB apart.
    length, hop = int(rng.choice([48, 64, 80])), int(rng.integers(20, 45))
    n, bands = int(rng.integers(400, 600)), int(rng.integers(4, 8))
    n -= (n % hop, n % hop + 1, 0)[k % 3]  # so that the last frame is the last sample's, or one short of it
    times = np.arange(n)
    loud = (0.4, 3.0)[k % 2] * np.exp(-(((times - n * rng.uniform(0.3, 0.5)) / 60) ** 2))
    signal = loud * (np.sin(2 * np.pi * rng.uniform(0.05, 0.4) * times) + 0.1 * rng.normal(size=n))
    signal[-int(rng.integers(100, 140)) :] = 0
    centres = np.linspace(2, length // 2 - 3, bands)
    filters = np.maximum(0, 1 - np.abs(np.arange(length // 2 + 1) - centres[:, None]) / rng.uniform(3, 6))
    filters *= rng.uniform(0.4, 0.9)
    if k == 1:  # so soft that 80 dB below the loudest level lies just above the lowest one, 1e-10
        signal *= np.sqrt(10**-1.98 / energies(signal, length, hop, filters).max())
    return signal.round(4 if k != 1 else 8), length, hop, filters


# --- 12.4 ---


def recall(true, predicted, classes=None):
    classes = sorted(set(true.tolist())) if classes is None else classes
    return sum(
        int(((predicted == each) & (true == each)).sum()) / max(1, int((true == each).sum()))
        for each in classes
    ) / len(classes)


def drawn_uars(true, predicted, actors, draws, measure=recall, rows=lambda drawn: drawn.tolist()):
    places = [np.concatenate([np.flatnonzero(actors == actor) for actor in rows(drawn)]) for drawn in draws]
    return np.array([measure(true[place], predicted[place]) for place in places])


def interval(true, predicted, actors, draws, measure=recall, ends=(0.025, 0.975), **changes):
    low, high = np.quantile(drawn_uars(true, predicted, actors, draws, measure, **changes), ends)
    return measure(true, predicted), float(low), float(high)


def accuracy(true, predicted):
    return float((true == predicted).mean())


def precision(true, predicted):
    return recall(predicted, true)


def mean_of_the_actors(true, predicted, actors, draws):
    own = {
        actor: recall(true[actors == actor], predicted[actors == actor])
        for actor in np.unique(actors).tolist()
    }
    low, high = np.quantile(
        [np.mean([own[actor] for actor in drawn.tolist()]) for drawn in draws], (0.025, 0.975)
    )
    return recall(true, predicted), float(low), float(high)


def not_there(true, predicted, actors, draws):
    return interval(true, predicted, actors, draws, lambda *given: recall(*given, sorted(set(true.tolist()))))


def two_spreads(true, predicted, actors, draws):
    uars, plain = drawn_uars(true, predicted, actors, draws), recall(true, predicted)
    return plain, float(plain - 1.96 * uars.std()), float(plain + 1.96 * uars.std())


def mean_of_the_draws(true, predicted, actors, draws):
    return float(drawn_uars(true, predicted, actors, draws).mean()), *interval(
        true, predicted, actors, draws
    )[1:]


def answers_inputs(rng, k):
    # Some are named well and some badly, with other numbers of clips; one class is of one person, one of two
    # people.
    people, classes = int(rng.integers(5, 8)), int(rng.integers(4, 6))
    names = rng.choice(np.arange(1, 25), people, False)
    true, predicted, who = [], [], []
    for which, name in enumerate(names.tolist()):
        shown = np.arange(classes - min(which, 2))
        own = rng.choice(
            shown, int(rng.integers(12, 30)), p=np.r_[3, np.ones(len(shown) - 1)] / (len(shown) + 2)
        )
        own[: len(shown)] = shown
        wrong = rng.random(len(own)) > rng.uniform(0.25, 0.95)
        true.append(own)
        predicted.append(np.where(wrong, rng.integers(0, classes, len(own)), own))
        who.append(np.full(len(own), name))
    order = rng.permutation(sum(map(len, true)))
    draws = names[rng.integers(0, people, (int(rng.integers(60, 90)), people))]
    return (*(np.concatenate(part)[order] for part in (true, predicted, who)), draws)


# --- 12.5 ---


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step(
    x,
    h,
    c,
    W,
    U,
    b,
    order=(0, 1, 2, 3),
    content=np.tanh,
    shown=np.tanh,
    recurrent=1,
    bias=1,
    write=lambda i, g: i * g,
    keep=lambda f, c: f * c,
    old=False,
    cut=lambda z: z.reshape(4, -1),
):
    """What `lstm_step` returns, and what goes wrong with it."""
    parts = cut(np.array([x @ W[:, k] + recurrent * (h @ U[:, k]) + bias * b[k] for k in range(len(b))]))
    i, f, g, o = (parts[place] for place in order)
    new = keep(sigmoid(f), c) + write(sigmoid(i), content(g))
    return sigmoid(o) * shown(c if old else new), new


def lstm_inputs(rng, k):
    n, units = int(rng.integers(4, 9)), int(rng.integers(2, 6))
    W, U = rng.normal(size=(n, 4 * units)).round(2), rng.normal(size=(units, 4 * units)).round(2)
    h, c = rng.uniform(-0.9, 0.9, units).round(2), rng.uniform(-2, 2, units).round(2)
    return rng.normal(size=n).round(2), h, c, W, U, rng.normal(size=4 * units).round(2)


BANK = {
    "12.1": Private(
        reference=fields,
        inputs=paths_inputs,
        near_misses={
            "one letter": lambda paths: fields(paths, name=r"(?:([A-Z]{2})_)?([a-z])([0-9]{2})"),
            "folders refused": lambda paths: fields(paths, speaker=lambda own, folders: own or ""),
            "folder before name": lambda paths: fields(
                paths, speaker=lambda own, folders: folders[-1] if folders[-1] in SPEAKERS else own or ""
            ),
            "any folder": lambda paths: fields(paths, speaker=any_folder),
            "neutral to 15": lambda paths: fields(paths, most=lambda code: 15),
            "all to 30": lambda paths: fields(paths, most=lambda code: 30),
            "sentence 0": lambda paths: fields(paths, first=0),
            "not to the end": lambda paths: fields(paths, whole=re.match),
            "somewhere in it": lambda paths: fields(paths, whole=re.search),
            "the folder instead": lambda paths: fields(
                paths, speaker=lambda own, folders: own if own in SPEAKERS else folders[-1]
            ),
            "any digits": lambda paths: fields(paths, name=r"(?:([A-Z]{2})_)?([a-z]{1,2})([0-9]+)"),
            "alphabetical": lambda paths: fields(
                paths, codes={code: n for n, code in enumerate(sorted(CODES))}
            ),
            "left out": left_out,
        },
    ),
    "12.2": Private(
        reference=read,
        inputs=sizes_inputs,
        near_misses={
            "padded same": lambda *given: read(*given, grown=0),
            "padded valid": lambda *given: read(*given, grown=-2),
            "before the pool": lambda *given: read(*given, after=False),
            "rounded up": lambda *given: read(*given, pooled=lambda side, pool: -(-side // pool)),
            "one channel all along": lambda *given: read(*given, wide=False),
            "biases forgotten": lambda *given: read(*given, bias=0),
            "no BatchNorm": lambda *given: read(*given, normal=0),
            "two a BatchNorm": lambda *given: read(*given, normal=2),
            "one gate": lambda *given: read(*given, gates=1),
            "without its own output": lambda *given: read(*given, own=0),
            "two biases": lambda *given: read(*given, biases=2),
            "filters alone": lambda *given: read(*given, step=lambda size: size[2]),
            "a row a step": lambda *given: read(*given, step=lambda size: size[1] * size[2]),
        },
    ),
    "12.3": Private(
        reference=band_picture,
        inputs=sound_inputs,
        tolerance=Tolerance(1e-4, 1e-3),  # float32 as in librosa will do
        near_misses={
            "only whole frames": lambda *given: band_picture(*given, around=False),
            "no window": lambda *given: band_picture(*given, window=np.ones),
            "window that ends at 0": lambda *given: band_picture(*given, window=np.hanning),
            "magnitude": lambda *given: band_picture(*given, exponent=1),
            "twenty": lambda *given: cut(decibels(energies(*given), factor=20)),
            "natural logarithm": lambda *given: cut(decibels(energies(*given), log=np.log)),
            "nothing cut": lambda *given: decibels(energies(*given)),
            "frame by frame": lambda *given: cut(decibels(energies(*given)), axis=0),
            "cut at -80": lambda *given: np.maximum(-80, decibels(energies(*given))),
            "decibels first": decibels_first,
            "means": means,
        },
    ),
    "12.4": Private(
        reference=interval,
        inputs=answers_inputs,
        near_misses={
            "accuracy": lambda *given: interval(*given, measure=accuracy),
            "precision": lambda *given: interval(*given, measure=precision),
            "each once": lambda *given: interval(*given, rows=lambda drawn: sorted(set(drawn.tolist()))),
            "mean of the actors": mean_of_the_actors,
            "classes that are not there": not_there,
            "5 and 95 %": lambda *given: interval(*given, ends=(0.05, 0.95)),
            "lowest and highest": lambda *given: interval(*given, ends=(0, 1)),
            "two spreads": two_spreads,
            "mean of the draws": mean_of_the_draws,
        },
    ),
    "12.5": Private(
        reference=step,
        inputs=lstm_inputs,
        near_misses={
            "forget gate first": lambda *given: step(*given, order=(1, 0, 2, 3)),
            "output gate before the content": lambda *given: step(*given, order=(0, 1, 3, 2)),
            "sigmoid for the content": lambda *given: step(*given, content=sigmoid),
            "no tanh at the end": lambda *given: step(*given, shown=lambda c: c),
            "output of the old state": lambda *given: step(*given, old=True),
            "without the last output": lambda *given: step(*given, recurrent=0),
            "without the bias": lambda *given: step(*given, bias=0),
            "content not gated": lambda *given: step(*given, write=lambda i, g: g),
            "nothing forgotten": lambda *given: step(*given, keep=lambda f, c: c),
            "state first": lambda *given: step(*given)[::-1],
            "interleaved": lambda *given: step(*given, cut=lambda z: z.reshape(-1, 4).T),
        },
    ),
}
