"""Other right answers of lesson 01, written as students write them. Each must get full marks."""

import io
import math
import re

import numpy as np

# --- 01.1 ---


def names_by_pattern(names):
    pattern = re.compile(r"(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)\.")
    rows = []
    for name in names:
        found = pattern.search(name)
        rows.append([int(found.group(place)) for place in range(3, 8)])
    return np.array(rows)


def names_by_place(names):
    table = np.zeros((len(names), 5), dtype=int)
    for row, name in enumerate(names):
        stem = name[-24:-4]  # seven numbers of two digits, and six hyphens
        for column in range(5):
            start = 3 * (column + 2)
            table[row, column] = int(stem[start : start + 2])
    return table


# --- 01.2 ---


def labels_by_loops(labels, lengths, every):
    rows = []
    for label, length in zip(labels, lengths, strict=True):
        frame = 0
        while frame < length:
            rows.append((label, frame))
            frame += every
    return np.array(rows)


def labels_by_rounding_up(labels, lengths, every):
    counts = -(-np.asarray(lengths) // every)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    frames = (np.arange(counts.sum()) - first) * every
    return np.stack([np.repeat(labels, counts), frames], axis=1)


# --- 01.3 ---


def movement_by_loop(frames):
    reference = frames[0].astype(int)
    found = []
    for frame in frames:
        found.append(np.abs(frame.astype(int) - reference).sum() / reference.size)
    return np.array(found)


def movement_by_larger_and_smaller(frames):
    flat = frames.reshape(len(frames), -1)
    difference = np.maximum(flat, flat[0]) - np.minimum(flat, flat[0])  # never below 0, so uint8 is enough
    return difference.mean(axis=1, dtype=np.float64)


# --- 01.4 ---


def takes_by_counting():
    count = 0
    for _actor in range(24):
        for emotion in ("neutral", "angry"):
            intensities = 1 if emotion == "neutral" else 2
            for _intensity in range(intensities):
                for _statement in range(2):
                    for _repetition in range(2):
                        count += 1
    return count


def takes_by_product():
    return math.prod([24, 2, 2]) + math.prod([24, 2, 2, 2])


# --- 01.5 ---


def images_by_pillow(names, files):
    from PIL import Image

    images, labels = [], []
    for name, file in zip(names, files, strict=True):
        images.append(np.asarray(Image.open(io.BytesIO(bytes(file)))))
        labels.append(int(name[6:8]))
    return np.array(images), np.array(labels)


def images_by_opencv_reversed(names, files):
    import cv2

    images = np.stack([cv2.imdecode(np.asarray(file), 1)[:, :, ::-1] for file in files])
    return images, np.fromiter((int(name.split("-", 3)[2]) for name in names), dtype=int)


ALTERNATIVES = {
    "01.1": {"a pattern": names_by_pattern, "the places in the name": names_by_place},
    "01.2": {"loops": labels_by_loops, "division rounded up": labels_by_rounding_up},
    "01.3": {"a loop": movement_by_loop, "larger minus smaller": movement_by_larger_and_smaller},
    "01.4": {"counted one by one": takes_by_counting, "two products": takes_by_product},
    "01.5": {"Pillow": images_by_pillow, "OpenCV, columns reversed": images_by_opencv_reversed},
}
