"""Other right answers of lesson 10, written as students write them. Each must get full marks."""

import math

import numpy as np

# --- 10.1 ---


def size_layer_by_layer(rows, columns, channels, filters, units):
    sizes = []
    for number in filters:
        sizes.append(9 * channels * number + number)
        sizes.append(9 * number * number + number)
        rows, columns, channels = (rows + 4) // 2, (columns + 4) // 2, number
    flat = rows * columns * channels
    sizes += [flat * units, units, units * 7, 7]
    return sum(sizes)


def size_by_recursion(rows, columns, channels, filters, units):
    if not filters:
        return units * (rows * columns * channels) + units + 7 * units + 7
    first = filters[0]
    own = first * (9 * channels + 1) + first * (9 * first + 1)
    return own + size_by_recursion(rows // 2 + 2, columns // 2 + 2, first, filters[1:], units)


# --- 10.2 ---


def responses_by_loops(image, kernel, bias):
    height, width, _, filters = kernel.shape
    found = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1, filters))
    for row in range(found.shape[0]):
        for column in range(found.shape[1]):
            window = image[row : row + height, column : column + width]
            for number in range(filters):
                found[row, column, number] = (window * kernel[:, :, :, number]).sum() + bias[number]
    return found


def responses_by_einsum(image, kernel, bias):
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    return np.einsum("rcdhw,hwdf->rcf", windows, kernel) + bias


# --- 10.3 ---


def first_by_rank(true, probabilities, k):
    own = probabilities[np.arange(len(true)), true][:, None]
    numbers = np.arange(probabilities.shape[1])
    ahead = (probabilities > own) | ((probabilities == own) & (numbers < np.asarray(true)[:, None]))
    return float(np.mean(ahead.sum(axis=1) < k))


def first_by_sorting(true, probabilities, k):
    right = 0
    for label, row in zip(true, probabilities, strict=True):
        order = sorted(range(len(row)), key=lambda number: (-row[number], number))
        if label in order[:k]:
            right += 1
    return right / len(true)


# --- 10.4 ---


def guesses_by_loop(true, probabilities):
    misclassified = rescued = 0
    for label, row in zip(true, probabilities, strict=True):
        first = int(np.argmax(row))
        others = row.copy()
        others[first] = -1
        if first != label:
            misclassified += 1
            rescued += int(np.argmax(others)) == label
    return (rescued / misclassified if misclassified else 0.0), rescued / len(true)


def guesses_by_removing(true, probabilities):
    rows = np.arange(len(true))
    first = probabilities.argmax(axis=1)
    rest = probabilities.astype(float)
    rest[rows, first] = -np.inf
    saved = np.sum((first != true) & (rest.argmax(axis=1) == true))
    return float(saved / max(1, np.sum(first != true))), float(saved / len(true))


# --- 10.5 ---


def loss_by_logarithms(scores, true):
    highest = scores.max(axis=1)
    log_sum = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return float(np.mean(log_sum - scores[np.arange(len(true)), true]))


def loss_by_loop(scores, true):
    losses = []
    for row, label in zip(scores.tolist(), true.tolist(), strict=True):
        # 1 / p of the true class is a sum of powers, so the largest number is taken out of it.
        differences = [score - row[label] for score in row]
        most = max(differences)
        losses.append(most + math.log(math.fsum(math.exp(one - most) for one in differences)))
    return sum(losses) / len(losses)


ALTERNATIVES = {
    "10.1": {"layer by layer": size_layer_by_layer, "recursion": size_by_recursion},
    "10.2": {"loops": responses_by_loops, "einsum": responses_by_einsum},
    "10.3": {"the rank of the true class": first_by_rank, "sorted": first_by_sorting},
    "10.4": {"a loop": guesses_by_loop, "the first class removed": guesses_by_removing},
    "10.5": {"logarithms": loss_by_logarithms, "a loop": loss_by_loop},
}
