"""Other right answers of lesson 09, written as students write them. Each must get full marks."""

import math

import numpy as np

# --- 09.1 ---


def middle_by_table(image, middle):
    gamma = math.log(middle / 255, np.median(image) / 255)
    table = np.array([255 * (level / 255) ** gamma for level in range(256)])
    return np.rint(table).astype("uint8")[image]


def middle_by_exponentials(image, middle):
    fractions = image.astype(float) / 255
    gamma = (np.log(middle) - np.log(255)) / (np.log(np.median(image)) - np.log(255))
    bright = np.power(fractions, gamma) * 255
    return (bright + 0.5).astype(np.uint8)


# --- 09.2 ---


def face_by_arrays(first, frames, least):
    known, found = tuple(first), []
    for boxes in frames:
        if len(boxes) == 0:
            found.append(-1)
            continue
        x, y, w, h = known
        left, top = np.maximum(boxes[:, 0], x), np.maximum(boxes[:, 1], y)
        right = np.minimum(boxes[:, 0] + boxes[:, 2], x + w)
        bottom = np.minimum(boxes[:, 1] + boxes[:, 3], y + h)
        both = np.clip(right - left, 0, None) * np.clip(bottom - top, 0, None)
        either = w * h + boxes[:, 2] * boxes[:, 3] - both
        overlap = both / either
        place = overlap.argmax()
        if overlap[place] >= least:
            known = tuple(boxes[place])
            found.append(place)
        else:
            found.append(-1)
    return np.array(found)


def face_by_plain_python(first, frames, least):
    def overlap(one, other):
        width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
        height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
        if width <= 0 or height <= 0:
            return 0.0
        return width * height / (one[2] * one[3] + other[2] * other[3] - width * height)

    last, answer = [int(n) for n in first], []
    for frame in frames:
        best, chosen = 0.0, -1
        for number, box in enumerate(frame.tolist()):
            if overlap(last, box) > best:
                best, chosen = overlap(last, box), number
        if best < least:
            chosen = -1
        if chosen != -1:
            last = frame.tolist()[chosen]
        answer.append(chosen)
    return np.array(answer)


# --- 09.3 ---


def scaled_by_flat_rows(train, test):
    flat = train.reshape(len(train), -1).astype(float)
    other = test.reshape(len(test), -1).astype(float)
    lowest = flat.min(axis=0)
    width = np.ptp(flat, axis=0)
    width[width == 0] = 1.0
    return ((flat - lowest) / width).reshape(train.shape), ((other - lowest) / width).reshape(test.shape)


def scaled_by_loop(train, test):
    new_train, new_test = np.zeros(train.shape), np.zeros(test.shape)
    for row in range(train.shape[1]):
        for column in range(train.shape[2]):
            pixel = train[:, row, column].astype(int)
            least, most = pixel.min(), pixel.max()
            divisor = most - least if most != least else 1
            new_train[:, row, column] = (pixel - least) / divisor
            new_test[:, row, column] = (test[:, row, column].astype(int) - least) / divisor
    return new_train, new_test


# --- 09.4 ---


def phases_by_walking(intensity, rest):
    peak = list(intensity).index(max(intensity))
    height = intensity[peak] - rest
    first = last = peak
    while first > 0 and intensity[first - 1] >= rest + 0.9 * height:
        first -= 1
    while last < len(intensity) - 1 and intensity[last + 1] >= rest + 0.9 * height:
        last += 1
    begin, end = first, last
    while begin > 0 and intensity[begin - 1] > rest + 0.1 * height:
        begin -= 1
    while end < len(intensity) - 1 and intensity[end + 1] > rest + 0.1 * height:
        end += 1
    return np.array([begin, first, last, end])


def phases_by_runs(intensity, rest):
    height = np.max(intensity) - rest
    peak = np.argmax(intensity)

    def run(inside):
        number = np.cumsum(np.r_[True, inside[1:] != inside[:-1]])
        own = np.flatnonzero(number == number[peak])
        return own[0], own[-1]

    apex, expression = run(intensity >= rest + 0.9 * height), run(intensity > rest + 0.1 * height)
    return np.array([expression[0], *apex, expression[1]])


# --- 09.5 ---


def rectangle_by_differences(integral, box):
    left, top, width, height = box
    rows = integral[top + height] - integral[top]
    return int(rows[left + width] - rows[left])


def rectangle_by_pixels(integral, box):
    pixels = np.diff(np.diff(integral, axis=0), axis=1)
    x, y, width, height = box
    return int(pixels[y : y + height, x : x + width].sum())


ALTERNATIVES = {
    "09.1": {"a table of 256 levels": middle_by_table, "0.5 added": middle_by_exponentials},
    "09.2": {"all boxes at once": face_by_arrays, "plain Python": face_by_plain_python},
    "09.3": {"flat rows": scaled_by_flat_rows, "pixel by pixel": scaled_by_loop},
    "09.4": {"walking from the peak": phases_by_walking, "numbered runs": phases_by_runs},
    "09.5": {"two differences": rectangle_by_differences, "the pixels again": rectangle_by_pixels},
}
