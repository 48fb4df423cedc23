"""References, hidden inputs and near-misses of lesson 09."""

import math

import numpy as np

from course_lib.exercises.compare import Tolerance
from course_lib.grading.bank import Private

FLOAT32 = Tolerance(1e-4, 1e-6)  # float32 all along is right, too

# --- 09.1 ---


def corrected(image, middle, of=np.median, top=255.0, finish=np.rint):
    return finish(levels(image, middle, of, top)).astype(np.uint8)


def levels(image, middle, of=np.median, top=255.0):
    gamma = math.log(middle / 255) / math.log(of(image) / 255)
    return 255 * (image / top) ** gamma


def upside_down(image, middle):
    gamma = math.log(np.median(image) / 255) / math.log(middle / 255)
    return np.rint(255 * (image / 255) ** gamma).astype(np.uint8)


def by_a_factor(image, middle):
    return np.rint(np.clip(image * (middle / np.median(image)), 0, 255)).astype(np.uint8)


def without_255(image, middle):
    gamma = math.log(middle) / math.log(np.median(image))
    return np.rint(np.clip(image.astype(float) ** gamma, 0, 255)).astype(np.uint8)


def as_shares(image, middle):
    return (image / 255) ** (math.log(middle / 255) / math.log(np.median(image) / 255))


def pictures(rng, k):
    # Not a level ends near a half, where float32 and float64 may round apart.
    while True:
        image, middle = _picture(rng, k)
        if np.abs(levels(image, middle) % 1 - 0.5).min() > 0.002:
            return image, middle


def _picture(rng, k):
    # Dark or bright, with a tail to the other side, so that mean and median differ, and a pixel of 0;
    # `middle` is no whole number in every second case (a quarter and not a half: right answers then round
    # apart).
    height, width = (int(n) for n in rng.integers(12, 20, 2))
    low, high = ((5, 70), (150, 215))[k % 2]
    image = rng.integers(low, high, (height, width))
    tail = rng.choice(height * width, height * width // 5, replace=False)
    image.flat[tail] = rng.integers(120, 250, len(tail)) if k % 2 == 0 else rng.integers(3, 60, len(tail))
    image.flat[int(rng.integers(image.size))] = 0
    return image.astype(np.uint8), float(rng.integers(100, 141)) + 0.25 * (k % 2)


# --- 09.2 ---


def shared(box, other):
    """The area that two boxes share, one pixel column and row at a time: slow and plain."""
    columns = set(range(box[0], box[0] + box[2])) & set(range(other[0], other[0] + other[2]))
    rows = set(range(box[1], box[1] + box[3])) & set(range(other[1], other[1] + other[3]))
    return len(columns) * len(rows)


def over_union(box, other):
    both = shared(box, other)
    return both / (box[2] * box[3] + other[2] * other[3] - both)


def over_smaller(box, other):
    return shared(box, other) / min(box[2] * box[3], other[2] * other[3])


def nearness(box, other):
    """1 for the same middle, falling with the distance."""
    apart = [box[i] + box[i + 2] / 2 - other[i] - other[i + 2] / 2 for i in (0, 1)]
    return math.exp(-math.hypot(*apart) / (box[2] + other[2]))


def follow(first, frames, least, overlap=over_union, moves=True, choose=max, back=True):
    last, found, lost = np.asarray(first).tolist(), [], False
    for boxes in frames:
        fits = [(overlap(last, box), number) for number, box in enumerate(boxes.tolist())]
        fits = [fit for fit in fits if fit[0] >= least and not lost]
        number = choose(fits, key=lambda fit: fit[0])[1] if fits else -1
        found.append(number)
        last = boxes[number].tolist() if number >= 0 and moves else last
        lost = lost or (number < 0 and not back)
    return np.array(found)


def first_that_fits(first, frames, least):
    return follow(first, frames, least, choose=lambda fits, key: fits[0])


def largest(first, frames, least):
    return np.array([int(np.argmax(boxes[:, 2] * boxes[:, 3])) if len(boxes) else -1 for boxes in frames])


def areas_added(box, other):
    return shared(box, other) / (box[2] * box[3] + other[2] * other[3])


def width_for_height(box, other):
    return over_union(*([x, y, height, width] for x, y, width, height in (box, other)))


def clips(rng, k):
    # Not one in which the face is lost for good in the middle: the rest would ask nothing any more.
    while True:
        first, frames, least = _clip(rng, k)
        if follow(first, frames, least)[17] >= 0:
            return first, frames, least


def _clip(rng, k):
    """A face that walks far and breathes, with a bystander, a wide box around it, a smaller shifted one, and
    gaps.

    No box is square, and `least` is not always the same. In a gap a box stands beside the face's last place,
    along its shorter side, that overlaps too little: with width and height mistaken it would do. At the end
    come a frame without a box, the face again, and in every second clip a box that overlaps by `least`
    exactly."""
    least, n, gaps = (0.25, 0.35)[k % 2], 16, set(rng.choice([4, 6, 9, 12], 2, False))
    at, step, wide = rng.uniform(60, 120, 2), rng.uniform(5, 8, 2), float(rng.uniform(50, 70))
    size = np.array([wide, wide * (0.7, 1.4)[k % 2]])
    beside_last = (np.array([0, 0.714 * size[1], 0, 0]), np.array([0.565 * size[0], 0, 0, 0]))[k % 2]
    first = known = np.array([*at, *size]).round().astype(int)
    frames, stranger = [], np.array([420, 40, 150, 110])
    for t in range(1, n + 1):
        place = at + t * step
        face = np.array([*place, *size]) + rng.uniform(-1, 1, 4)
        boxes, before = [stranger + rng.integers(-2, 3, 4), known + beside_last if t in gaps else face], []
        known = known if t in gaps else face
        if t % 3 == 0 or t in gaps:  # around the face, with its very middle
            boxes.append(np.array([*(place - 0.6 * size), *(2.2 * size)]))
        if t % 4 == 1 and t not in gaps:  # overlaps enough, but less than the face
            before = [face + np.array([0.32, -0.1, 0, 0]) * np.r_[size, size]]
        boxes = [*before, *rng.permutation(boxes)]  # before it, so that the first that fits is wrong
        frames.append(np.round(boxes).astype(int))
    (x, y), (width, height) = (at + (n + 1) * step).round().astype(int), 2 * (size / 2).round().astype(int)
    frames += [np.empty((0, 4), int), np.array([[x, y, width, height]])]
    if k % 2 == 0:
        frames.append(np.array([[x + 3, y + 5, width // 2, height // 2]]))
    return first, frames, least


# --- 09.3 ---


def scaled(train, test, rule_of=None, flat=1.0, axis=0):
    train, test = train.astype(float), test.astype(float)
    rule = train if rule_of is None else rule_of(train, test)
    low, high = rule.min(axis=axis), rule.max(axis=axis)
    span = np.where(high > low, high - low, flat)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (train - low) / span, (test - low) / span


def each_picture(train, test):
    return tuple(
        np.stack([scaled(image[np.newaxis], image[np.newaxis], axis=None)[0][0] for image in part])
        for part in (train, test)
    )


def each_part(train, test):
    return scaled(train, train)[0], scaled(test, test)[0]


def flat_as_zero(train, test):
    flat = train.min(axis=0) == train.max(axis=0)
    return tuple(np.where(flat, 0.0, part) for part in scaled(train, test))


def wrapped(train, test):
    low, high = train.min(axis=0), train.max(axis=0)
    span = np.where(high > low, high - low, 1).astype(float)
    return (train - low) / span, (test - low) / span


def image_parts(rng, k):
    n, m, height, width = (int(v) for v in rng.integers((6, 4, 3, 3), (10, 8, 6, 6)))
    train = rng.integers(60, 190, (n, height, width))
    test = rng.integers(0, 256, (m, height, width))  # beyond the training part's range on both sides
    flat = rng.choice(height * width, 3, replace=False)
    train.reshape(n, -1)[:, flat] = rng.integers(80, 120, 3)
    return train.astype(np.uint8), test.astype(np.uint8)


# --- 09.4 ---


def run(above, at):
    """First and last frame of the unbroken run of True around `at`, walked step by step."""
    first = last = at
    while first > 0 and above[first - 1]:
        first -= 1
    while last < len(above) - 1 and above[last + 1]:
        last += 1
    return first, last


def whole(above, at):
    frames = np.flatnonzero(above)
    return int(frames[0]), int(frames[-1])


def phases(intensity, rest, top=0.9, outer=run, inner=run, start=0):
    height, peak = intensity.max() - rest, int(intensity.argmax())
    begin, end = outer(intensity > rest + 0.1 * height, peak)
    first, last = inner(intensity >= rest + top * height, peak)
    return np.array([begin, first, last, end]) + start


def without_end(intensity, rest):
    begin, first, last, end = phases(intensity, rest)
    return np.array([begin, first, last, end + 1])


def curves(rng, k):
    """A weaker expression, rest, the strongest one with a dip in its apex, and right beside it values below
    rest.

    Its slopes have a frame just below and just above 10 %, and one just below 90 %; the first frames are near
    rest and not at it, so that they are no measure of it."""
    rest, height = float(rng.uniform(2, 5)), float(rng.uniform(4, 8))
    low, high = [], []
    if k == 0:  # frames at exactly 10 % and 90 %; with these numbers no rounding decides
        rest, height, low, high = float(rng.integers(2, 5)), 10.0, [0.1], [0.9]

    def gap():
        return rng.uniform(-0.04, 0.04, int(rng.integers(5, 10)))

    rise = np.r_[0.085, low, 0.105, np.linspace(0.2, 0.8, int(rng.integers(3, 7))), 0.885]
    fall = np.r_[0.885, np.linspace(0.8, 0.2, int(rng.integers(3, 7))), 0.105]
    apex = rng.uniform(0.915, 0.98, int(rng.integers(9, 15)))
    apex[int(rng.integers(4, len(apex) - 3))] = 1.0  # the highest frame
    apex = np.r_[high, apex]
    dip = np.r_[rng.uniform(0.6, 0.8, 2), rng.uniform(0.92, 0.97, 3)]
    weak = rng.uniform(0.3, 0.6) * np.sin(np.linspace(0.3, 2.8, int(rng.integers(6, 10))))
    shape = np.concatenate(
        [
            [0.07, 0.07, 0.06],
            gap(),
            weak,
            gap(),
            rise,
            apex,
            dip,
            fall,
            np.full(3, -0.2),
            gap(),
            [-0.05, -0.06, -0.06],
        ]
    )
    return rest + height * (shape if k % 2 else shape[::-1]), rest


# --- 09.5 ---


def added_up(integral, box):
    """The pixels themselves, from differences of the integral image, added up in two loops."""
    pixels = np.diff(np.diff(np.asarray(integral, int), axis=0), axis=1)
    x, y, width, height = box
    return int(sum(pixels[row, column] for row in range(y, y + height) for column in range(x, x + width)))


def corners(integral, box, end=0, back=1, swapped=False, edges=True, cut=True):
    x, y, width, height = box
    right, bottom = (x + width - end, y + height - end) if edges else (width, height)
    if swapped:
        x, y, right, bottom = y, x, bottom, right
        size = integral.shape
        bottom, right = min(bottom, size[0] - 1), min(right, size[1] - 1)
        y, x = min(y, size[0] - 1), min(x, size[1] - 1)
    if not cut:
        return int(integral[bottom, right])
    return int(integral[bottom, right] - integral[y, right] - integral[bottom, x] + back * integral[y, x])


def integrals(rng, k):
    # No box begins at column or row 0, and none is square: with swapped axes the sum then differs.
    height, width = (int(n) for n in rng.integers(8, 15, 2))
    image = rng.integers(1, 256, (height, width))
    integral = np.zeros((height + 1, width + 1), int)
    integral[1:, 1:] = image.cumsum(axis=0).cumsum(axis=1)
    x, y = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    across, down = int(rng.integers(1, width - x + 1)), int(rng.integers(1, height - y + 1))
    if across == down:
        down = down - 1 if down > 1 else 2
    return integral, (x, y, across, down)


BANK = {
    "09.1": Private(
        reference=corrected,
        inputs=pictures,
        near_misses={
            "mean for median": lambda image, middle: corrected(image, middle, of=np.mean),
            "gamma upside down": upside_down,
            "a factor": by_a_factor,
            "255 forgotten": without_255,
            "cut off": lambda image, middle: corrected(image, middle, finish=np.floor),
            "own range": lambda image, middle: corrected(image, middle, top=float(image.max())),
            "shares": as_shares,
        },
    ),
    "09.2": Private(
        reference=follow,
        inputs=clips,
        near_misses={
            "nearest middle": lambda *given: follow(*given, overlap=nearness),
            "intersection alone": lambda *given: follow(*given, overlap=shared),
            "share of the smaller": lambda *given: follow(*given, overlap=over_smaller),
            "areas added": lambda *given: follow(*given, overlap=areas_added),
            "width for height": lambda *given: follow(*given, overlap=width_for_height),
            "always the first box": lambda *given: follow(*given, moves=False),
            "first that fits": first_that_fits,
            "no least": lambda first, frames, least: follow(first, frames, 0),
            "largest": largest,
            "lost for good": lambda *given: follow(*given, back=False),
        },
    ),
    "09.3": Private(
        reference=scaled,
        inputs=image_parts,
        tolerance=FLOAT32,
        near_misses={
            "each part by itself": each_part,
            "both parts together": lambda *parts: scaled(*parts, rule_of=lambda a, b: np.concatenate([a, b])),
            "each picture by itself": each_picture,
            "one range for all pixels": lambda *parts: scaled(*parts, axis=None),
            "flat pixels divided": lambda *parts: scaled(*parts, flat=0.0),
            "flat pixels 0": flat_as_zero,
            "clipped": lambda *parts: tuple(np.clip(part, 0, 1) for part in scaled(*parts)),
            "bytes wrap around": wrapped,
        },
    ),
    "09.4": Private(
        reference=phases,
        inputs=curves,
        near_misses={
            "rest ignored": lambda intensity, rest: phases(intensity, 0.0),
            "whole clip": lambda *given: phases(*given, outer=whole),
            "dip bridged": lambda *given: phases(*given, inner=whole),
            "first frame for rest": lambda intensity, rest: phases(intensity, intensity[0]),
            "lowest for rest": lambda intensity, rest: phases(intensity, intensity.min()),
            "apex at half": lambda *given: phases(*given, top=0.5),
            "offset without its end": without_end,
            "counted from 1": lambda *given: phases(*given, start=1),
        },
    ),
    "09.5": Private(
        reference=added_up,
        inputs=integrals,
        near_misses={
            "last row and column left out": lambda *given: corners(*given, end=1),
            "corner subtracted twice": lambda *given: corners(*given, back=0),
            "rows and columns swapped": lambda *given: corners(*given, swapped=True),
            "width as the right edge": lambda *given: corners(*given, edges=False),
            "everything above and left": lambda *given: corners(*given, cut=False),
        },
    ),
}
