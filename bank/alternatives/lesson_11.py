"""Other right answers of lesson 11, written as students write them. Each must get full marks."""

from collections import Counter

import numpy as np

# --- 11.1 ---


def shares_by_names(votes):
    makers = ["neutral", "happy", "surprise", "sad", "angry", "disgust", "fear"]
    course = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    found = np.zeros((len(votes), 7))
    for row, counts in enumerate(votes):
        kept = {name: int(count) for name, count in zip(makers, counts[:7], strict=True) if count != 1}
        total = sum(kept.values())
        if total:
            found[row] = [kept.get(name, 0) / total for name in course]
    return found


def shares_by_division(votes):
    counts = votes[:, :7].astype(float)
    counts[counts == 1] = 0
    ordered = np.take(counts, [4, 5, 6, 1, 3, 2, 0], axis=1)
    sums = ordered.sum(axis=1, keepdims=True)
    return np.divide(ordered, sums, out=np.zeros_like(ordered), where=sums != 0)


# --- 11.2 ---


def rater_by_counter(answers):
    found = []
    for face in answers.tolist():
        scores = []
        for number, own in enumerate(face):
            counts = Counter(face[:number] + face[number + 1 :])
            most = max(counts.values())
            commonest = [answer for answer, count in counts.items() if count == most]
            scores.append(1 / len(commonest) if own in commonest else 0)
        found.append(sum(scores) / len(scores))
    return np.array(found)


def rater_by_one_hot(answers):
    chosen = np.eye(answers.max() + 1)[answers]  # (n, raters, classes)
    others = chosen.sum(axis=1, keepdims=True) - chosen
    best = others == others.max(axis=2, keepdims=True)
    return ((chosen * best).sum(axis=2) / best.sum(axis=2)).mean(axis=1)


# --- 11.3 ---


def map_by_loop(maps, gradients):
    found = np.zeros(maps.shape[:3])
    for number, (channels, gradient) in enumerate(zip(maps, gradients, strict=True)):
        for channel in range(channels.shape[-1]):
            found[number] += gradient[..., channel].mean() * channels[..., channel]
        found[number][found[number] < 0] = 0
        if found[number].max() > 0:
            found[number] /= found[number].max()
    return found


def map_by_einsum(maps, gradients):
    places = maps.shape[1] * maps.shape[2]
    heat = np.einsum("nrcd,nd->nrc", maps, gradients.sum(axis=(1, 2)) / places).clip(min=0)
    highest = heat.reshape(len(heat), -1).max(axis=1)
    highest[highest == 0] = 1
    return heat / highest[:, None, None]


# --- 11.4 ---


def split_by_bytes(images, order, n_test):
    groups = {}
    for row, image in enumerate(images):
        groups.setdefault(image.tobytes(), []).append(row)
    chosen = set()
    for row in order:
        group = groups[images[row].tobytes()]
        if row not in chosen and len(chosen) + len(group) <= n_test:
            chosen.update(group)
    return np.array([row in chosen for row in range(len(images))])


def split_by_comparing(images, order, n_test):
    test = np.full(len(images), False)
    for row in order.tolist():
        if test[row]:
            continue
        copies = (images == images[row]).all(axis=(1, 2))
        if np.count_nonzero(test) + np.count_nonzero(copies) > n_test:
            continue
        test[copies] = True
    return test


# --- 11.5 ---


def report_by_loop(validation, test):
    best = 0
    for candidate in range(len(validation)):
        if validation[candidate] > validation[best]:
            best = candidate
    return float(test[best]), float(max(test) - test[best])


def report_by_list(validation, test):
    scores = list(validation)
    reported = list(test)[scores.index(max(scores))]
    return reported, sorted(test)[-1] - reported


ALTERNATIVES = {
    "11.1": {"names": shares_by_names, "np.divide": shares_by_division},
    "11.2": {"counters": rater_by_counter, "one-hot answers": rater_by_one_hot},
    "11.3": {"a loop": map_by_loop, "einsum": map_by_einsum},
    "11.4": {"the bytes of an image": split_by_bytes, "images compared": split_by_comparing},
    "11.5": {"a loop": report_by_loop, "a list": report_by_list},
}
