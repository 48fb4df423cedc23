"""References, hidden inputs and near-misses of lesson 14."""

import numpy as np

from course_lib.grading.bank import Private

# --- 14.4 ---


def blended(frame, picture, x, y, mix):
    """`mix(emoji, frame, alpha from 0 to 255)` gives floats for each pixel and colour."""
    found = frame.astype(float)
    for row in range(len(picture)):
        for column in range(len(picture)):
            *colours, alpha = picture[row, column].tolist()
            for which, colour in enumerate(colours):
                below = float(frame[y + row, x + column, which])
                found[y + row, x + column, which] = mix(colour, below, alpha)
    return found


def rounded(*given):
    return np.floor(np.clip(blended(*given), 0, 255) + 0.5).astype(np.uint8)


def exact(colour, below, alpha):
    return (alpha * colour + (255 - alpha) * below) / 255


def transposed(frame, picture, x, y):
    # as far as the exchanged place is inside the frame
    x, y = min(y, frame.shape[1] - len(picture)), min(x, frame.shape[0] - len(picture))
    return rounded(frame, picture, x, y, exact)


def emojis(rng, k):
    # Transparent, opaque and half transparent pixels; the place is not on the diagonal.
    side = int(rng.integers(4, 7))
    frame = rng.integers(0, 256, (12, 16, 3)).astype(np.uint8)
    picture = rng.integers(0, 256, (side, side, 4)).astype(np.uint8)
    picture[0, 0, 3], picture[-1, -1, 3], picture[0, -1, 3] = 0, 255, rng.integers(60, 200)
    return frame, picture, int(rng.integers(5, 9)), int(rng.integers(0, 4))


# --- 14.1 ---


def windows(pieces, size, window):
    """`window(all that has come, size)` after each piece."""
    return np.stack(
        [window(np.concatenate([np.zeros(0), *pieces[: count + 1]]), size) for count in range(len(pieces))]
    )


def newest(sound, size):
    return np.concatenate([np.zeros(size), sound])[len(sound) :]


def zeros_behind(sound, size):
    kept = sound[max(0, len(sound) - size) :]
    return np.concatenate([kept, np.zeros(size - len(kept))])


def oldest(sound, size):
    return newest(sound[:size], size)


def each_cut_first(pieces, size):
    # A new piece goes to the end of a window of zeros, in place of all that stood there.
    return np.stack(
        [
            newest(piece, size) if len(piece) else newest(pieces[max(0, count - 1)], size)
            for count, piece in enumerate(pieces)
        ]
    )


def forgets(pieces, size):
    kept, found = np.zeros(0), []
    for piece in pieces:
        kept = np.concatenate([kept, piece])
        found.append(newest(kept, size))
        kept = kept if len(kept) < size else np.zeros(0)
    return np.stack(found)


def sounds(rng, k):
    # Pieces shorter and longer than the window, an empty one after the first, and a window that is not full
    # at first.
    size = int(rng.integers(20, 40))
    lengths = [
        int(rng.integers(3, 9)),
        0,
        *rng.integers(1, 15, 8).tolist(),
        size + int(rng.integers(3, 30)),
        4,
        0,
        7,
    ]
    return [rng.uniform(-1, 1, length) for length in lengths], size


# --- 14.2 ---


def mixed(shares, fresh, steady=True, over_gap=False, start=None):
    found, before = np.full(shares.shape, np.nan), start
    for row, share in enumerate(shares):
        if np.isnan(share).any():
            before = before if over_gap else start
            continue
        found[row] = share if before is None else fresh * share + (1 - fresh) * before
        before = found[row] if steady else share
    return found


def lost_for_good(shares, fresh):
    found = shares.copy()
    for row in range(1, len(shares)):
        found[row] = fresh * shares[row] + (1 - fresh) * found[row - 1]
    return found


def gap_filled(shares, fresh):
    found = mixed(shares, fresh)
    for row in range(1, len(found)):
        found[row] = found[row - 1] if np.isnan(found[row]).any() else found[row]
    return found


def mean_of_all(shares, fresh):
    found, since = np.full(shares.shape, np.nan), 0
    for row, share in enumerate(shares):
        since = row + 1 if np.isnan(share).any() else since
        found[row] = share if np.isnan(share).any() else shares[since : row + 1].mean(axis=0)
    return found


def faces(rng, k):
    # Two gaps, one of them of several moments, in every second case one at the beginning.
    shares = rng.dirichlet(np.full(7, 0.6), 24)
    shares[[8, 15, 16, 17]] = np.nan
    shares[: 2 * (k % 2)] = np.nan
    return shares, float(rng.uniform(0.15, 0.45))


# --- 14.3 ---


def told(answers, times, pause, first=True, compare=True, enough=np.greater_equal):
    found = [0] if first else []
    last, since = answers[0], times[0]
    for number in range(1, len(answers)):
        if (answers[number] != last or not compare) and enough(times[number] - since, pause):
            found.append(number)
            last, since = answers[number], times[number]
    return np.array(found, int)


def than_just_before(answers, times, pause):
    found, since = [0], times[0]
    for number in range(1, len(answers)):
        if answers[number] != answers[number - 1] and times[number] - since >= pause:
            found.append(number)
            since = times[number]
    return np.array(found)


def since_it_changed(answers, times, pause):
    found, last, changed = [0], answers[0], times[0]
    for number in range(1, len(answers)):
        changed = times[number] if answers[number] != answers[number - 1] else changed
        if answers[number] != last and times[number] - changed >= pause:
            found.append(number)
            last = answers[number]
    return np.array(found)


def days(rng, k):
    # Times are multiples of a quarter, so that a pause is met exactly, without rounding; answers come in
    # short runs.
    lengths = rng.integers(1, 6, 16)
    lengths[7] = 12  # longer than any pause
    words = rng.choice(["happy", "sad", "fear", "neutral", "not sure"], 16).tolist()
    lengths[14:], words[14:] = (12, 1), ("sad", "happy")  # so that the very last answer is read out
    answers = [word for word, length in zip(words, lengths, strict=True) for _ in range(length)]
    times = np.cumsum(rng.choice([0.25, 0.25, 0.5], len(answers)))
    pause = float(rng.choice([0.75, 1.0, 1.5]))
    if k == 0:  # the second answer comes late, is another one, and is read out
        answers[0] = "sad" if answers[1] == "fear" else "fear"
        times[1:] += pause
    case = answers, times, pause
    # In a few of these days a typical mistake changes nothing: draw another day.
    mistakes = than_just_before(*case), told(*case, enough=np.greater)
    return days(rng, k) if any(np.array_equal(told(*case), one) for one in mistakes) else case


BANK = {
    "14.4": Private(
        reference=lambda *given: rounded(*given, exact),
        inputs=emojis,
        near_misses={
            "x and y exchanged": transposed,
            "alpha the other way round": lambda *given: rounded(
                *given, lambda colour, below, alpha: exact(below, colour, alpha)
            ),
            "alpha not divided": lambda *given: rounded(
                *given, lambda colour, below, alpha: alpha * colour + (1 - alpha) * below
            ),
            "hard edge": lambda *given: rounded(
                *given, lambda colour, below, alpha: colour if alpha else below
            ),
            "not rounded": lambda *given: blended(*given, exact).astype(np.uint8),
            "added": lambda *given: rounded(
                *given, lambda colour, below, alpha: alpha / 255 * colour + below
            ),
        },
    ),
    "14.1": Private(
        reference=lambda pieces, size: windows(pieces, size, newest),
        inputs=sounds,
        near_misses={
            "the last piece alone": lambda pieces, size: np.stack([newest(piece, size) for piece in pieces]),
            "zeros behind": lambda pieces, size: windows(pieces, size, zeros_behind),
            "the first ones": lambda pieces, size: windows(pieces, size, oldest),
            "each piece cut first": each_cut_first,
            "newest first": lambda pieces, size: windows(pieces, size, newest)[:, ::-1],
            "forgets when it is full": forgets,
        },
    ),
    "14.2": Private(
        reference=mixed,
        inputs=faces,
        near_misses={
            "the other way round": lambda shares, fresh: mixed(shares, 1 - fresh),
            "with the row before": lambda shares, fresh: mixed(shares, fresh, steady=False),
            "from nothing": lambda shares, fresh: mixed(shares, fresh, start=np.zeros(shares.shape[1])),
            "lost for good": lost_for_good,
            "remembers over the gap": lambda shares, fresh: mixed(shares, fresh, over_gap=True),
            "gap filled": gap_filled,
            "mean of all": mean_of_all,
        },
    ),
    "14.3": Private(
        reference=told,
        inputs=days,
        near_misses={
            "another than just before": than_just_before,
            "the pause is forgotten": lambda answers, times, pause: told(answers, times, 0.0),
            "again and again": lambda *given: told(*given, compare=False),
            "longer than the pause": lambda *given: told(*given, enough=np.greater),
            "pause since it changed": since_it_changed,
            "the first is left out": lambda *given: told(*given, first=False),
            "counted from 1": lambda *given: told(*given) + 1,
        },
    ),
}
