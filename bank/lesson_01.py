"""References, hidden inputs and near-misses of lesson 01."""

import io
import re

import cv2
import numpy as np
import skimage.io

from course_lib.grading.bank import Private

# --- 01.1 ---


def read_names(names):
    return np.array(
        [[int(number) for number in re.search(r"(\d\d-){6}\d\d", name)[0].split("-")[2:]] for name in names]
    )


def names(rng, k):
    return ([_name(rng) for _ in range(rng.integers(4, 12))],)


def _name(rng):
    emotion, actor = rng.integers(1, 9), rng.integers(1, 25)
    fields = [
        rng.integers(1, 4),
        rng.integers(1, 3),
        emotion,
        1 if emotion == 1 else rng.integers(1, 3),
        rng.integers(1, 3),
        rng.integers(1, 3),
        actor,
    ]
    folder = f"Actor_{actor:02d}/" if rng.random() < 0.5 else ""
    return folder + "-".join(f"{field:02d}" for field in fields) + str(rng.choice([".mp4", ".wav"]))


def _fields(names, first):
    return np.array([name.split("/")[-1].split(".")[0].split("-") for name in names]).astype(int)[
        :, first : first + 5
    ]


# --- 01.2 ---


def image_labels(labels, lengths, every):
    return np.array(
        [
            (label, frame)
            for label, length in zip(labels, lengths, strict=True)
            for frame in range(length)
            if frame % every == 0
        ]
    )


def clips(rng, k):
    number, every = int(rng.integers(3, 9)), int(rng.integers(2, 12))
    lengths = rng.integers(every + 1, 110, number)
    lengths[0] += (
        lengths[0] % every == 0
    )  # a length that is no multiple, so that rounding and running on show
    labels = rng.integers(1, 9, number)
    labels[1] = labels[0] % 8 + 1
    return labels, lengths, every


def _by_clip(labels, frames):
    return np.column_stack([np.repeat(labels, [len(kept) for kept in frames]), np.concatenate(frames)])


def _last_lost(labels, lengths, every):
    return _by_clip(labels, [every * np.arange(length // every) for length in lengths])


def _first_left_out(labels, lengths, every):
    return _by_clip(labels, [np.arange(every, length, every) for length in lengths])


def _counted_on(labels, lengths, every):
    return _by_clip(labels, [np.arange(length) for length in lengths])[::every]


def _in_turn(labels, lengths, every):
    right = image_labels(labels, lengths, every)
    return np.column_stack([np.resize(labels, len(right)), right[:, 1]])


# --- 01.3 ---


def from_first(frames):
    frames = frames.reshape(len(frames), -1).astype(np.int64)
    return np.abs(frames - frames[:1]).sum(axis=1) / frames.shape[1]


def moving(rng, k):
    shape = (int(rng.integers(5, 12)), *rng.integers(6, 14, 2), *[3] * int(rng.integers(2)))
    base, step = rng.integers(60, 190, shape[1:]), rng.integers(-4, 5, shape).cumsum(axis=0)
    return (np.clip(base + step + rng.integers(-2, 3, shape), 0, 255).astype(np.uint8),)


def _inner(frames):
    return tuple(range(1, frames.ndim))


# --- 01.5 ---


def images_and_labels(names, files):
    images = [skimage.io.imread(io.BytesIO(file.tobytes())) for file in files]
    return np.stack(images), np.array([int(name[6:8]) for name in names])


def image_files(rng, k):
    height, width = rng.integers(2, 8, 2)
    names = [f"{_name(rng).split('/')[-1].split('.')[0]}_{10 * number:03d}.png" for number in range(4)]
    images = rng.integers(0, 256, (4, height, width, 3), dtype=np.uint8)
    return names, [cv2.imencode(".png", image)[1].ravel() for image in images]


def _as_opencv_gives_it(names, files):
    images, labels = images_and_labels(names, files)
    return images[..., ::-1], labels


def _other_labels(names, files, labels):
    return images_and_labels(names, files)[0], labels


BANK = {
    "01.1": Private(
        reference=read_names,
        inputs=names,
        near_misses={
            "one field too early": lambda names: _fields(names, 1),
            "counted from 0": lambda names: read_names(names) - 1,
            "texts, not numbers": lambda names: np.array(
                [name.split("/")[-1][6:20].split("-") for name in names]
            ),
            "the first five": lambda names: _fields(names, 0),
        },
    ),
    "01.2": Private(
        reference=image_labels,
        inputs=clips,
        near_misses={
            "last frame lost": _last_lost,
            "frame 0 left out": _first_left_out,
            "counted on across clips": _counted_on,
            "labels in turn": _in_turn,
        },
    ),
    "01.3": Private(
        reference=from_first,
        inputs=moving,
        near_misses={
            "bytes wrap around": lambda frames: np.abs(frames - frames[0]).mean(axis=_inner(frames)),
            "from the frame before": lambda frames: np.abs(
                np.diff(frames.astype(float), axis=0, prepend=frames[:1])
            ).mean(axis=_inner(frames)),
            "plus and minus cancel": lambda frames: (frames - frames[0].astype(float)).mean(
                axis=_inner(frames)
            ),
            "the largest difference": lambda frames: np.abs(frames - frames[0].astype(float)).max(
                axis=_inner(frames)
            ),
            "scaled to 0 to 1": lambda frames: from_first(frames) / 255,
        },
    ),
    "01.4": Private(
        # actors x (neutral + angry, each its intensities x statements x repetitions)
        reference=lambda: 24 * (1 * 2 * 2 + 2 * 2 * 2),
        near_misses={
            "neutral as often as angry": lambda: 384,
            "one actor": lambda: 12,
            "modalities counted": lambda: 864,
            "normal intensity only": lambda: 192,
        },
    ),
    "01.5": Private(
        reference=images_and_labels,
        inputs=image_files,
        near_misses={
            "blue and red swapped": _as_opencv_gives_it,
            "intensity as label": lambda names, files: _other_labels(
                names, files, np.array([int(name.split("-")[3]) for name in names])
            ),
            "counted from 0": lambda names, files: _other_labels(
                names, files, images_and_labels(names, files)[1] - 1
            ),
            "floats from 0 to 1": lambda names, files: (
                images_and_labels(names, files)[0] / 255,
                images_and_labels(names, files)[1],
            ),
        },
    ),
}
