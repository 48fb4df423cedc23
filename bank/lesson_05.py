"""References, hidden inputs and near-misses of lesson 05."""

import numpy as np

from course_lib.grading.bank import Private

# --- 05.1 ---


def frequencies_heard(frequencies, rate, step):
    # Tones that lie whole multiples of the rate apart give the same samples, and so do plus and minus: what
    # is heard is the distance to the nearest multiple.
    new = rate / step
    return np.abs(frequencies - new * np.round(frequencies / new))


def mirrored_once(frequencies, rate, step):
    return np.where(frequencies > rate / step / 2, np.abs(rate / step - frequencies), frequencies)


def heard_inputs(rng, k):
    rate, step = int(rng.choice([16000, 22050, 44100, 48000])), int(rng.integers(4, 9))
    tones = np.append(rng.uniform(0.01, 0.5, 10), [0.3 / step, 0.8 / step, rng.uniform(1.6, 1.9) / step])
    return rng.permutation(rate * tones).round(1), rate, step


# --- 05.2 ---


def fitted(sound, samples):
    row = np.zeros(samples)
    row[: len(sound)] = sound[:samples]
    return row


def voice(pcm, samples):
    return fitted(pcm.astype(float).sum(axis=1) / pcm.shape[1] / 32768, samples)


def added_as_int16(pcm, samples):
    return fitted(pcm.sum(axis=1, dtype=np.int16) / pcm.shape[1] / 32768, samples)


def zeros_in_front(pcm, samples):
    return np.concatenate([np.zeros(max(0, samples - len(pcm))), voice(pcm, len(pcm))[:samples]])


def last_sample_held(pcm, samples):
    return voice(pcm, len(pcm))[np.minimum(np.arange(samples), len(pcm) - 1)]


def end_kept(pcm, samples):
    return voice(pcm[-samples:], samples)


def voice_inputs(rng, k):
    frames = int(rng.integers(200, 400))
    samples = frames + (-1) ** k * int(rng.integers(20, 100))  # to be filled up, to be cut, in turns
    return rng.integers(-32768, 32768, (frames, int(rng.integers(2, 4)))).astype(np.int16), samples


# --- 05.3 ---


def best(names, key, fits=lambda name: True):
    """{key: place} of the file with the smallest modality, in the order in which the keys are met."""
    found = {}
    for place, name in enumerate(names):
        if fits(name) and (key(name) not in found or name < names[found[key(name)]]):
            found[key(name)] = place
    return found


def rising(found):
    return np.sort(np.array(list(found.values()), int))


def take(name):
    return name.split(".")[0][3:]


def one_of_each(names):
    return rising(best(names, take))


def first_in_the_list(names):
    takes = list(map(take, names))
    return np.array([place for place, one in enumerate(takes) if one not in takes[:place]])


def in_the_order_of_the_takes(names):
    return np.array([place for _, place in sorted(best(names, take).items())])


def names_inputs(rng, k):
    # Five recordings of two actors each; the first three of each actor have an 01 file, and some twins.
    emotion, intensity, repetition = rng.choice([2, 5]), rng.integers(1, 3), rng.integers(1, 3)
    modalities = [[1, 3], [1, 2, 3], [1, 2], [2, 3], [int(rng.choice([2, 3]))]]
    names = []
    for actor in rng.choice(np.arange(1, 25), 2, replace=False):
        for number, there in enumerate(modalities):
            fields = (1, (emotion + number) % 8 + 1, intensity, number % 2 + 1, repetition, actor)
            rest = "-".join(f"{field:02}" for field in fields)
            names += [f"{modality:02}-{rest}.{'wav' if modality == 3 else 'mp4'}" for modality in there]
    names = list(map(str, rng.permutation(names)))
    late = next(
        place for place, name in enumerate(names) if name[:2] == "03" and f"01-{take(name)}.mp4" in names
    )
    return ([names.pop(late), *names],)  # so that the first of a take's files is not always the one to keep


BANK = {
    "05.1": Private(
        reference=frequencies_heard,
        inputs=heard_inputs,
        near_misses={
            "divided by the step": lambda f, rate, step: f / step,
            "filtered away": lambda f, rate, step: np.where(f > rate / step / 2, 0, f),
            "nothing changes": lambda f, rate, step: f,
            "cut off at half the rate": lambda f, rate, step: np.minimum(f, rate / step / 2),
            "only repeated": lambda f, rate, step: f % (rate / step),
            "mirrored once": mirrored_once,
            "begins again at half the rate": lambda f, rate, step: f % (rate / step / 2),
        },
    ),
    "05.2": Private(
        reference=voice,
        inputs=voice_inputs,
        cases=6,
        near_misses={
            "added up": lambda pcm, samples: pcm.shape[1] * voice(pcm, samples),
            "equal power": lambda pcm, samples: pcm.shape[1] ** 0.5 * voice(pcm, samples),
            "added as int16": added_as_int16,
            "mean as int16": lambda pcm, samples: fitted(pcm.mean(axis=1).astype(np.int16) / 32768, samples),
            "one channel": lambda pcm, samples: fitted(pcm[:, 0] / 32768, samples),
            "zeros in front": (zeros_in_front, 0.5),
            "end kept": (end_kept, 0.5),
            "last sample held": (last_sample_held, 0.5),
            "not scaled": lambda pcm, samples: 32768 * voice(pcm, samples),
            "divided by 32,767": lambda pcm, samples: 32768 / 32767 * voice(pcm, samples),
            "averaged over time": lambda pcm, samples: voice(pcm.T, samples),
        },
    ),
    "05.3": Private(
        reference=one_of_each,
        inputs=names_inputs,
        near_misses={
            "first in the list": first_in_the_list,
            "02 files dropped": lambda names: rising(
                best(names, take, lambda name: not name.startswith("02"))
            ),
            "only sound and picture": lambda names: rising(
                best(names, take, lambda name: name.startswith("01"))
            ),
            "ending counts": lambda names: rising(best(names, lambda name: name[3:])),
            "actor forgotten": lambda names: rising(best(names, lambda name: take(name)[:-3])),
            "every file": lambda names: np.arange(len(names)),
            "in the order of the takes": in_the_order_of_the_takes,
        },
    ),
    "05.4": Private(
        reference=lambda: int(12e9 // (120 * 720 * 1280 * 3 * 4)),
        near_misses={
            "as uint8": lambda: 36,
            "as float64": lambda: 4,
            "one colour": lambda: 27,
            "rounded up": lambda: 10,
        },
    ),
}
