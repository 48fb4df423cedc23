"""Make answers steady enough to read: keep an answer until another one is clearly better.

A probability near the threshold crosses it many times a second. An answer that flickers cannot be read. So an
answer stays while its probability is at most `SLACK` below the threshold and below the highest one
(hysteresis). In a film, an answer that lasts for less than `SHORTEST` seconds is left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from course_lib.core.labels import EMOTIONS
from course_lib.demo import moments
from course_lib.demo.moments import MODALITIES, NOTHING, UNSURE, Moment, Settings

SLACK = 0.05  # probability: an answer stays while it is so little below the threshold or another emotion
SHORTEST = 0.5  # seconds
WINDOW = 5  # moments: a film's probabilities are averaged over half a second
FUSED = [f"fused_{emotion}" for emotion in EMOTIONS]


class Spell(NamedTuple):
    """A stretch of a film with one answer.

    Attributes
    ----------
    start, end : float
        Seconds.
    answer : str
        One of `EMOTIONS`, `UNSURE` or `NOTHING`.
    words : str
        The answer in words; "not sure" names the two most probable emotions.
    probability : float
        The mean probability of the most probable emotion; NaN for `NOTHING`.
    """

    start: float
    end: float
    answer: str
    words: str
    probability: float


def settle(before: str, moment: Moment) -> str:
    """Choose the answer to show for a moment, given the answer that was shown before.

    Parameters
    ----------
    before : str
        The last answer, "" at the start.
    moment : Moment

    Returns
    -------
    str
        One of `EMOTIONS`, `UNSURE` or `NOTHING`.

    Examples
    --------
    >>> even = Settings({}, dict(face=0.5), {})
    >>> low = moments.judge([0.02, 0.02, 0.02, 0.47, 0.43, 0.02, 0.02], weighing=even)
    >>> settle("happy", low), settle("", low), settle("sad", low)
    ('happy', 'not sure', 'not sure')
    """
    if moment.answer == NOTHING or before not in EMOTIONS:
        return moment.answer
    kept, highest = moment.fused[EMOTIONS.index(before)], moment.fused.max()
    stays = kept >= moment.threshold - SLACK and kept >= highest - SLACK
    return before if stays else moment.answer


def in_short(answer: str, probabilities: npt.ArrayLike) -> str:
    """Write an answer in words; "not sure" names the two most probable emotions.

    Parameters
    ----------
    answer : str
        One of `EMOTIONS`, `UNSURE` or `NOTHING`.
    probabilities : array-like, shape (7,)
        In the order of `EMOTIONS`.

    Returns
    -------
    str

    Examples
    --------
    >>> in_short("not sure", [0.02, 0.02, 0.02, 0.47, 0.43, 0.02, 0.02])
    'not sure between happy and sad'
    >>> in_short("sad", [0.02, 0.02, 0.02, 0.27, 0.63, 0.02, 0.02])
    'sad'
    """
    if answer != UNSURE:
        return answer
    second, first = np.argsort(probabilities, kind="stable")[-2:]
    return f"{UNSURE} between {EMOTIONS[first]} and {EMOTIONS[second]}"


def answers(table: pd.DataFrame, weighing: Settings | None = None) -> list[str]:
    """Choose a steady answer for each moment of a film or a recording.

    Parameters
    ----------
    table : pd.DataFrame
        As `moments.analyse` returns it.
    weighing : Settings, optional
        By default `moments.settings()`.

    Returns
    -------
    list of str
        One for each row.

    Notes
    -----
    The fused probabilities are averaged over half a second first.
    """
    step, before, found = _step(table), "", []
    fused = _averaged(table[FUSED], step)
    for row, (face, voice) in enumerate(zip(*_modalities(table), strict=True)):
        moment = moments.judge(face, voice, weighing)
        before = settle(before, _with(moment, fused[row]))
        found.append(before)
    return _without_short(found, round(SHORTEST / step) if step else 1)


def spells(table: pd.DataFrame, weighing: Settings | None = None) -> list[Spell]:
    """Divide a film or a recording into stretches with one steady answer.

    Parameters
    ----------
    table, weighing
        As in `answers`.

    Returns
    -------
    list of Spell
    """
    found = pd.Series(answers(table, weighing), index=table.index)
    step, result = _step(table), []
    for _, run in found.groupby((found != found.shift()).cumsum()):
        mean = table.loc[run.index, FUSED].mean().to_numpy()
        times, answer = table.loc[run.index, "time"], run.iloc[0]
        words = in_short(answer, mean)
        result.append(Spell(times.iloc[0], times.iloc[-1] + step, answer, words, mean.max()))
    return result


def verdict(found: Sequence[Spell]) -> str:
    """Sum a film or a recording up in one sentence.

    Parameters
    ----------
    found : sequence of Spell
        As from `spells`.

    Returns
    -------
    str

    Examples
    --------
    >>> verdict([Spell(0, 2, "happy", "happy", 0.8), Spell(2, 3, "not sure", "", 0.4)])
    'Mostly happy: for 2.0 of 3.0 seconds; not sure for 1.0 s.'
    """
    whole = found[-1].end - found[0].start
    lasting: dict[str, float] = {}
    for one in found:
        lasting[one.answer] = lasting.get(one.answer, 0) + one.end - one.start
    named = {answer: seconds for answer, seconds in lasting.items() if answer in EMOTIONS}
    if not named and UNSURE not in lasting:
        return "Neither a face nor a voice was found."
    if not named:
        longest = max((one for one in found if one.answer == UNSURE), key=lambda one: one.end - one.start)
        return f"{longest.words[0].upper()}{longest.words[1:]}, all the time."
    first = max(named, key=lambda answer: named[answer])
    rest = sorted((one for one in lasting.items() if one[0] != first), key=lambda one: -one[1])
    others = "".join(f"; {answer} for {seconds:.1f} s" for answer, seconds in rest)
    often = f"Mostly {first}" if rest else f"{first[0].upper()}{first[1:]}, all the time"
    return f"{often}: for {named[first]:.1f} of {whole:.1f} seconds{others}."


def _with(moment, fused):
    """`moment` with averaged fused probabilities, and the answer that they give."""
    if moment.answer == NOTHING or np.isnan(fused).any():
        return moment
    answer = EMOTIONS[fused.argmax()] if fused.max() >= moment.threshold else UNSURE
    return moment._replace(fused=fused, answer=answer)


def _modalities(table):
    return [table[[f"{name}_{emotion}" for emotion in EMOTIONS]].to_numpy() for name in MODALITIES]


def _averaged(fused, step):
    """Means over `WINDOW` moments of a film; a recording has a moment only every half second."""
    if not 0 < step < SHORTEST:
        return fused.to_numpy()
    return fused.rolling(WINDOW, center=True, min_periods=1).mean().to_numpy()


def _step(table):
    return float(table["time"].diff().median()) if len(table) > 1 else 0.0


def _without_short(found, least):
    """Replace each answer that lasts for fewer than `least` moments by the one before it (or after it)."""
    runs: list[list] = []
    for answer in found:
        if runs and runs[-1][0] == answer:
            runs[-1][1] += 1
        else:
            runs.append([answer, 1])
    while len(runs) > 1 and min(length for _, length in runs) < least:
        at = min(range(len(runs)), key=lambda place: runs[place][1])
        other = at - 1 if at else 1
        runs[other][1] += runs[at][1]
        runs = _joined(runs[:at] + runs[at + 1 :])
    return [answer for answer, length in runs for _ in range(length)]


def _joined(runs):
    """Join neighbours with the same answer."""
    result: list[list] = []
    for answer, length in runs:
        if result and result[-1][0] == answer:
            result[-1][1] += length
        else:
            result.append([answer, length])
    return result
