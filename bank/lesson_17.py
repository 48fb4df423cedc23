"""References, hidden inputs and near-misses of lesson 17."""

import numpy as np

from course_lib.grading.bank import Private

# --- 17.1 ---


def reference_costs(confidence, right, thresholds, wrong, unsure, above=False, always=False, free=False):
    costs = []
    for threshold in thresholds:
        total = 0.0
        for value, correct in zip(confidence, right, strict=True):
            answers = value > threshold if above else value >= threshold
            if not correct and (answers or always):
                total += wrong
            if not answers and not free:
                total += unsure
        costs.append(total / len(confidence))
    return np.array(costs)


def of_the_answered(confidence, right, thresholds, wrong, unsure):
    answered = (confidence >= thresholds[:, None]).sum(axis=1)
    return (
        reference_costs(confidence, right, thresholds, wrong, unsure) * len(right) / np.maximum(answered, 1)
    )


def cost_inputs(rng, k):
    n = int(rng.integers(20, 40))
    confidence = rng.uniform(0.2, 1, n).round(2)
    right = rng.random(n) < confidence * 0.8
    confidence[:3], right[:3] = 0.55, [True, False, False]  # three items on a threshold
    return confidence, right, np.array([0.3, 0.55, 0.9]), rng.integers(3, 9) + 0.5, float(rng.integers(1, 3))


# --- 17.2 ---


def differences(before, now, classes):
    return np.array(
        [list(before).count(one) / len(before) - list(now).count(one) / len(now) for one in classes]
    )


def count_differences(before, now, classes):
    return np.array([list(before).count(one) - list(now).count(one) for one in classes])


def shift_inputs(rng, k):
    classes = ["angry", "happy", "neutral", "sad"]
    before = [*rng.choice(classes, int(rng.integers(20, 60)), p=[0.1, 0.2, 0.3, 0.4]), *classes]
    now = ["angry", "happy"] * int(rng.integers(4, 9)) + ["sad"]  # two classes rise, and two fall
    return before, now, classes


# --- 17.3 ---


def reference_difference(right, people, group, ddof=1, sign=1, divided=True, added=False):
    accuracies = ([], [])
    for one in dict.fromkeys(people.tolist()):
        own = people == one
        accuracies[0 if group[own][0] else 1].append(right[own].sum() / own.sum())
    return interval(*map(np.array, accuracies), ddof, sign, divided, added)


def interval(first, second, ddof=1, sign=1, divided=True, added=False):
    squares = [one.var(ddof=ddof) / (len(one) if divided else 1) for one in (first, second)]
    half = 1.96 * (sum(np.sqrt(squares)) if added else np.sqrt(sum(squares)))
    difference = sign * (first.mean() - second.mean())
    return float(difference), float(difference - half), float(difference + half)


def over_items(right, people, group):
    return interval(right[group].astype(float), right[~group].astype(float))


def divided_by_items(right, people, group):
    accuracies = [
        np.array([right[people == one].mean() for one in np.unique(people[rows])]) for rows in (group, ~group)
    ]
    half = 1.96 * np.sqrt(
        sum(one.var(ddof=1) / rows.sum() for one, rows in zip(accuracies, (group, ~group), strict=True))
    )
    difference = accuracies[0].mean() - accuracies[1].mean()
    return float(difference), float(difference - half), float(difference + half)


def group_inputs(rng, k):
    counts = rng.integers(3, 12, int(rng.integers(9, 14)))  # items of each person
    people = np.repeat(np.arange(len(counts)) + 1, counts)
    right = rng.random(len(people)) < np.repeat(rng.uniform(0.3, 0.95, len(counts)), counts)
    order = rng.permutation(len(people))
    return right[order], people[order], (people % 3 == 1)[order]


# --- 17.5 ---


def reference_people(p, half_width, per_person, rho, up=np.ceil):
    recordings = (1.96 / half_width) ** 2 * p * (1 - p) * (1 + (per_person - 1) * rho)
    return int(up(recordings / per_person))


def people_inputs(rng, k):
    while True:  # rounding would go down
        given = (
            rng.uniform(0.55, 0.85),
            rng.uniform(0.03, 0.08),
            int(rng.integers(5, 30)),
            rng.uniform(0.05, 0.3),
        )
        needed = (
            (1.96 / given[1]) ** 2 * given[0] * (1 - given[0]) * (1 + (given[2] - 1) * given[3]) / given[2]
        )
        own = needed / (1 + (given[2] - 1) * given[3]) * (1 + given[2] * given[3])
        if 0.1 < needed % 1 < 0.4 and np.ceil(own) > np.ceil(needed) != 40:  # 40: the first example
            return float(given[0]), float(given[1]), given[2], float(given[3])


BANK = {
    "17.1": Private(
        reference=reference_costs,
        inputs=cost_inputs,
        near_misses={
            "only above": lambda *given: reference_costs(*given, above=True),
            "wrong always costs": lambda *given: reference_costs(*given, always=True),
            "mean of the answered": of_the_answered,
            "unsure is free": lambda *given: reference_costs(*given, free=True),
            "sum": lambda *given: reference_costs(*given) * len(given[0]),
            "costs swapped": lambda c, r, t, wrong, unsure: reference_costs(c, r, t, unsure, wrong),
        },
    ),
    "17.2": Private(
        reference=lambda *given: float(np.abs(differences(*given)).sum() / 2),
        inputs=shift_inputs,
        near_misses={
            "not halved": lambda *given: float(np.abs(differences(*given)).sum()),
            "largest difference": lambda *given: float(np.abs(differences(*given)).max()),
            "counts": lambda *given: float(np.abs(count_differences(*given)).sum() / 2),
            "without absolute values": lambda *given: float(differences(*given).sum() / 2),
            "squared": lambda *given: float((differences(*given) ** 2).sum() / 2),
        },
    ),
    "17.3": Private(
        reference=reference_difference,
        inputs=group_inputs,
        near_misses={
            "items, not people": over_items,
            "second minus first": lambda *given: reference_difference(*given, sign=-1),
            "ddof 0": lambda *given: reference_difference(*given, ddof=0),
            "standard errors added": lambda *given: reference_difference(*given, added=True),
            "not divided by the people": lambda *given: reference_difference(*given, divided=False),
            "counts of items": divided_by_items,
        },
    ),
    "17.4": Private(
        reference=lambda: "an online video interview in France rates the enthusiasm of the applicants",
        cases=1,
        near_misses={
            "the shop": lambda: "a shop in Spain counts the smiles of its customers",
            "the hospital": lambda: (
                "a hospital in Italy looks for signs of fear in its patients before an operation"
            ),
            "the demo": lambda: "a student in Berlin runs the course's demo on her own face at home",
        },
    ),
    "17.5": Private(
        reference=reference_people,
        inputs=people_inputs,
        near_misses={
            "recordings": lambda p, h, m, rho: reference_people(p, h, m, rho) * m,
            "no design effect": lambda p, h, m, rho: reference_people(p, h, m, 0),
            "m instead of m - 1": lambda p, h, m, rho: int(
                np.ceil(1.96**2 * p * (1 - p) / h**2 * (1 + m * rho) / m)
            ),
            "rounded": lambda *given: reference_people(*given, up=np.round),
            "full width": lambda p, h, m, rho: reference_people(p, h / 2, m, rho),
            "not squared": lambda p, h, m, rho: int(
                np.ceil(1.96**2 * p * (1 - p) / h * (1 + (m - 1) * rho) / m)
            ),
        },
    ),
}
