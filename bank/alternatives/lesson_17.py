"""Other right answers of lesson 17, written as students write them. Each must get full marks."""

import math
from collections import Counter
from statistics import mean, variance

import numpy as np

# --- 17.1 ---


def costs_by_loop(confidence, right, thresholds, wrong, unsure):
    found = []
    for threshold in thresholds:
        cost = 0.0
        for sure, hit in zip(confidence, right, strict=True):
            if sure < threshold:
                cost += unsure
            elif not hit:
                cost += wrong
        found.append(cost / len(confidence))
    return np.array(found)


def costs_by_counting(confidence, right, thresholds, wrong, unsure):
    silent = [np.count_nonzero(confidence < threshold) for threshold in thresholds]
    mistakes = [np.count_nonzero((confidence >= threshold) & ~right) for threshold in thresholds]
    return (unsure * np.array(silent) + wrong * np.array(mistakes)) / len(right)


# --- 17.2 ---


def shift_by_counter(before, now, classes):
    first, second = Counter(list(before)), Counter(list(now))
    total = 0.0
    for name in classes:
        total += abs(first[name] / len(before) - second[name] / len(now))
    return total / 2


def shift_by_overlap(before, now, classes):
    one = np.array([list(before).count(name) for name in classes]) / len(before)
    other = np.array([list(now).count(name) for name in classes]) / len(now)
    return float(1 - np.minimum(one, other).sum())


# --- 17.3 ---


def difference_by_dictionaries(right, people, group):
    answers = ({}, {})
    for hit, person, first in zip(right, people, group, strict=True):
        answers[0 if first else 1].setdefault(person, []).append(float(hit))
    one, other = ([mean(hits) for hits in each.values()] for each in answers)
    half = 1.96 * math.sqrt(variance(one) / len(one) + variance(other) / len(other))
    gap = mean(one) - mean(other)
    return gap, gap - half, gap + half


def difference_by_pandas(right, people, group):
    import pandas as pd

    table = pd.DataFrame({"right": np.asarray(right, float), "person": people, "group": np.asarray(group)})
    persons = table.groupby(["group", "person"])["right"].mean().groupby("group")
    gap = persons.mean()[True] - persons.mean()[False]
    half = 1.96 * np.sqrt((persons.sem() ** 2).sum())
    return float(gap), float(gap - half), float(gap + half)


# --- 17.5 ---


def people_by_steps(p, half_width, per_person, rho):
    independent = 1.96**2 * p * (1 - p) / half_width**2
    recordings = independent * (1 + (per_person - 1) * rho)
    return math.ceil(recordings / per_person)


def people_by_trying(p, half_width, per_person, rho):
    people = 1
    while True:
        effective = people * per_person / (1 + (per_person - 1) * rho)
        if 1.96 * math.sqrt(p * (1 - p) / effective) <= half_width:
            return people
        people += 1


ALTERNATIVES = {
    "17.1": {"a loop": costs_by_loop, "counts": costs_by_counting},
    "17.2": {"counters": shift_by_counter, "what both share": shift_by_overlap},
    "17.3": {"dictionaries": difference_by_dictionaries, "pandas": difference_by_pandas},
    "17.5": {"step by step": people_by_steps, "tried": people_by_trying},
}
