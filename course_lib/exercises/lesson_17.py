"""Exercises of lesson 17, from a score to a system."""

import numpy as np

from course_lib.exercises import Exercise

CONFIDENCE = np.array([0.95, 0.9, 0.8, 0.6, 0.4])
RIGHT = np.array([True, True, False, True, False])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="17.1",
        name="mean_costs",
        title="What does a threshold cost?",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `mean_costs(confidence, right, thresholds, wrong, unsure)`: the mean cost of an item, for each
threshold.

- `confidence`: float array (n,), the probability of each answer
- `right`: bool array (n,), whether the answer is right
- `thresholds`: float array (t,)
- `wrong`: float, what a wrong answer costs
- `unsure`: float, what "not sure" costs

The system answers if the confidence is **at least** the threshold. Otherwise it says "not sure". A right
answer costs nothing. Take the mean over **all** n items.
""",
        returns="float array (t,)",
        examples=(
            (CONFIDENCE, RIGHT, np.array([0.0, 0.5, 0.8, 0.92, 1.0]), 5.0, 1.0),
            (np.array([0.7, 0.7, 0.3]), np.array([False, True, False]), np.array([0.7, 0.3]), 2.0, 0.5),
        ),
        hints={
            "only above": "The system also answers if the confidence equals the threshold.",
            "wrong always costs": "A wrong answer costs only if the system gives it.",
            "mean of the answered": "Take the mean over all items, with those that get no answer.",
            "unsure is free": 'Each "not sure" costs `unsure`.',
            "sum": "Divide by the number of items.",
            "costs swapped": "`wrong` is the cost of a wrong answer, and `unsure` the cost of no answer.",
        },
        levels=(
            "What does each of the five items of the first example cost if the threshold is 0.8?",
            "Make a table of thresholds and items that is True where the system answers: "
            "confidence >= thresholds[:, np.newaxis]. Then replace True and False by costs.",
            "np.where(answered, wrong * ~right, unsure).mean(axis=1)",
        ),
    ),
    Exercise(
        id="17.2",
        name="answer_shift",
        title="A signal without labels",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `answer_shift(before, now, classes)`: how far the answers have shifted.

- `before`, `now`: lists or arrays of answers (text), not equally long
- `classes`: list of all classes

1. Compute the fraction of each class among the answers before, and among the answers now.
2. Add up the absolute differences of the fractions, and divide by 2.

The result is 0 if the fractions are equal, and 1 if none of the earlier answers is given now.
""",
        returns="float",
        examples=(
            (
                ["angry", "sad", "sad", "happy"],
                ["angry", "angry", "neutral", "neutral"],
                ["angry", "happy", "neutral", "sad"],
            ),
            (["sad", "sad"], ["happy", "sad", "happy", "happy", "happy"], ["angry", "happy", "sad"]),
        ),
        hints={
            "not halved": "Divide the sum by 2. Each answer that moves is counted in two classes.",
            "largest difference": "Add up the differences of all classes.",
            "counts": "Compare fractions: there may be more answers now than before.",
            "without absolute values": "Take the absolute value of each difference, or they cancel.",
            "squared": "Take absolute values, not squares.",
        },
        levels=(
            "In the first example, which fraction of the answers was angry before, and which is angry now?",
            "np.mean(np.asarray(answers) == one) is the fraction of one class.",
            "sum(abs(np.mean(before == one) - np.mean(now == one)) for one in classes) / 2",
        ),
    ),
    Exercise(
        id="17.3",
        name="group_difference",
        title="Two groups of people",
        points=3,
        text="""
*Level 3 of 3: about 15 minutes.*

Write `group_difference(right, people, group)`: how much better is a system for the first group, with a 95 %
interval over people?

- `right`: bool array (n,), whether each item is right
- `people`: array (n,), the person of each item
- `group`: bool array (n,), True if this person is in the first group

1. Compute the accuracy of each **person**.
2. The difference is the mean over the people of the first group, minus the mean over the people of the
   second group.
3. Let s be the standard deviation of a group's accuracies (`ddof=1`) and k its number of people. The interval
   is the difference ± 1.96 √(s₁²/k₁ + s₂²/k₂).

Each person counts once, however many items there are.
""",
        returns="a tuple of three floats: the difference, the lower and the upper end",
        examples=(
            (
                np.array([1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 1], bool),
                np.array([1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5]),
                np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], bool),
            ),
            (
                np.array([1, 0, 1, 1, 0, 1, 1, 1, 0], bool),
                np.array(["a", "b", "a", "c", "c", "d", "d", "d", "b"]),
                np.array([1, 0, 1, 0, 0, 1, 1, 1, 0], bool),
            ),
        ),
        hints={
            "items, not people": (
                "Each person counts once: first compute the accuracy of each person, then the mean of these."
            ),
            "second minus first": "Subtract the second group from the first.",
            "ddof 0": "Use ddof=1, because the people are a sample of all people.",
            "standard errors added": "Add the squares s²/k, then take one square root.",
            "not divided by the people": "Divide each variance by the number of people in the group.",
            "counts of items": "k is the number of people, not the number of items.",
        },
        levels=(
            "How many people does the first example have in each group, and what is the accuracy of each?",
            "Loop over np.unique(people[group]) and over np.unique(people[~group]), and collect "
            "right[people == one].mean().",
            "half = 1.96 * np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))",
        ),
    ),
    Exercise(
        id="17.4",
        name="forbidden_use",
        title="Which use is forbidden?",
        points=1,
        text="""
*Level 1 of 3: about 3 minutes.*

Which of these four uses is forbidden by Article 5(1)(f) of the EU's AI Act? Return one of the choices, as a
text, from `forbidden_use()`.
""",
        returns="text",
        choices=(
            "a shop in Spain counts the smiles of its customers",
            "an online video interview in France rates the enthusiasm of the applicants",
            "a hospital in Italy looks for signs of fear in its patients before an operation",
            "a student in Berlin runs the course's demo on her own face at home",
        ),
        hints={
            "the shop": (
                "Customers are neither employees nor students. Other rules apply, and the shop must inform "
                "them."
            ),
            "the hospital": (
                "The article has an exception for medical reasons, and patients are neither employees nor "
                "students."
            ),
            "the demo": "She looks at herself, at home. This is neither work nor education.",
        },
        levels=(
            "Which two places does the article name?",
            "Is somebody who applies for a job at work? Look at the guidelines in the text above.",
            "Recruiting counts as work.",
        ),
    ),
    Exercise(
        id="17.5",
        name="people_needed",
        title="How many people?",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `people_needed(p, half_width, per_person, rho)`: how many people must a study have, so that the 95 %
interval of an accuracy is at most ± `half_width`?

- `p`: float, the accuracy that you expect
- `half_width`: float, such as 0.05
- `per_person`: int, the number m of recordings from each person
- `rho`: float, the intraclass correlation

1. Independent recordings: 1.96² p (1 − p) / half_width².
2. Multiply by the design effect 1 + (m − 1) ρ. This is the number of recordings.
3. Divide by m, and round **up**.
""",
        returns="int",
        examples=((0.74, 0.05, 10, 0.036), (0.6, 0.1, 1, 0.2), (0.8, 0.03, 25, 0.1)),
        hints={
            "recordings": "The function returns people: divide the number of recordings by per_person.",
            "no design effect": "The recordings of one person are alike: multiply by the design effect.",
            "m instead of m - 1": (
                "With one recording from each person the design effect is 1, so it is 1 + (m - 1) rho."
            ),
            "rounded": "With fewer people the interval is too wide: round up.",
            "full width": "half_width is the distance from the accuracy to one end of the interval.",
            "not squared": "Divide by the square of half_width.",
        },
        levels=(
            "How many independent recordings does the second example need?",
            "np.ceil rounds up and gives a float. int makes an int of it.",
            "int(np.ceil(1.96**2 * p * (1 - p) * design / (per_person * half_width**2)))",
        ),
    ),
]
