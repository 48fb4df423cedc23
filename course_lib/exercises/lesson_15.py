"""Exercises of lesson 15, How well do people do it?"""

import numpy as np

from course_lib.exercises import Exercise

# Votes of CREMA-D for six words: angry, disgust, fear, happy, sad, neutral (Cao et al. 2014, ODbL 1.0).
FACES = np.array(
    [
        [0, 0, 0, 1, 3, 6],
        [2, 4, 0, 1, 0, 3],
        [9, 0, 0, 0, 0, 0],
        [0, 0, 0, 9, 0, 1],
    ]
)
MEANT = np.array([4, 0, 0, 3])
TIES = np.array([[4, 4, 1], [3, 3, 3], [3, 4, 2], [0, 6, 0]])

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="15.1",
        name="one_and_group",
        title="One person and a group",
        points=2,
        text="""
*Level 1 of 3: about 10 minutes.*

Write `one_and_group(votes, intended)`: how often people choose the intended emotion, counted in two ways.

- `votes`: int array (n, k), how many people chose each of k words for each of n clips. Each clip has votes.
- `intended`: int array (n,), the column of the intended emotion of each clip
- returns two numbers from 0 to 1:
  1. **one person**: of all votes, the fraction that is for the intended emotion. Each *vote* counts once.
  2. **the group**: the fraction of the clips whose commonest word is the intended one. Each *clip* counts
     once. If m words are equally common and the intended one is among them, the clip counts 1/m.

The first example by hand: 3 + 2 + 9 + 9 = 23 of the 39 votes are for the intended emotion. The commonest word
is the intended one on the last two of four clips.
""",
        returns="two floats",
        examples=(
            (FACES, MEANT),
            (TIES, np.array([0, 2, 1, 1])),
            (TIES[:, ::-1].copy(), np.array([1, 1, 1, 1])),
        ),
        hints={
            "mean of the clips": (
                "For one person, each vote counts once: divide the sum of the hits by the sum of all "
                "votes. Do "
                "not average the fractions of the clips."
            ),
            "ties are wrong": "If the intended word is one of m commonest words, the clip counts 1/m, not 0.",
            "ties are right": "If the intended word is one of m commonest words, the clip counts 1/m, not 1.",
            "first of a tie": (
                "np.argmax takes the first of several commonest words. A tie of m words counts 1/m."
            ),
            "more than half": "The commonest word need not have more than half of the votes.",
            "the other way round": "Return the fraction of the votes first, and then that of the clips.",
        },
        levels=(
            "In the first clip of example 1, how many votes are for the intended emotion, and how many "
            "are there?",
            "votes[np.arange(len(votes)), intended] picks one column of each row. Compare these numbers with "
            "the largest number of each row.",
            "winners = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) counts the words of each tie.",
        ),
    ),
    Exercise(
        id="15.2",
        name="best_possible",
        title="The best that is possible",
        points=3,
        text="""
*Level 2 of 3: about 15 minutes.*

Write `best_possible(votes)`: how well a perfect system could agree with people. Such a system knows the votes
of each clip.

- `votes`: int array (n, k), how many people chose each of k words for each of n clips. Each clip has votes.
- returns two floats, each a mean over the clips:
  1. the largest **expected accuracy**. The system answers with the commonest word of each clip. Take the
     fraction of the clip's raters who chose this word.
  2. the lowest **cross-entropy**. The system gives the fractions v of the votes as its probabilities. The
     cross-entropy of a clip is then the sum of -v log(v) over its words. Use the natural logarithm. A word
     without votes adds 0. (This is the *entropy* of the votes.)

Each clip counts once, whatever its number of raters is.
""",
        returns="two floats",
        examples=((FACES,), (TIES,)),
        hints={
            "NaN": "0 log(0) is NaN in NumPy. A word without votes adds 0.",
            "each vote once": "Each clip counts once: compute the fractions of each clip first.",
            "logarithm to base 2": "Use the natural logarithm, np.log.",
            "sum over the clips": "Return the mean over the clips, not the sum.",
            "commonest word of all": "Each clip has its own commonest word.",
            "mean over the words": "The cross-entropy of a clip is the sum over its words, not their mean.",
        },
        levels=(
            "Which fraction of the raters chose the commonest word of the first clip?",
            "Divide each row by its sum. The first number needs the maximum of each row. For the second one, "
            "replace a fraction of 0 by 1 inside the logarithm: log(1) is 0.",
            "logs = np.log(np.where(fractions > 0, fractions, 1)); entropy = -(fractions * logs).sum(axis=1)",
        ),
    ),
    Exercise(
        id="15.3",
        name="concordance",
        title="The concordance correlation coefficient",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `concordance(y_true, y_pred)`: the CCC of the formula above.

- `y_true`, `y_pred`: float arrays (n,), true and predicted numbers. They are not all equal.

Use the covariance and the variances that divide by n. (`np.var` does so. `np.cov` divides by n - 1, if you do
not tell it otherwise.)
""",
        returns="float",
        examples=(
            (np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])),
            (np.array([-1.0, 0.0, 0.5, 1.0]), np.array([-0.2, 0.1, 0.0, 0.3])),
            (np.array([0.3, -0.6, 0.9, 0.1]), np.array([-0.1, 0.4, -0.8, 0.2])),
        ),
        hints={
            "correlation": (
                "This is Pearson's correlation. The CCC also falls if numbers are shifted or stretched."
            ),
            "n - 1 in the covariance": "np.cov divides by n - 1, and np.var by n. Use n for both.",
            "means forgotten": "Add the squared difference of the two means to the denominator.",
            "means not squared": "The difference of the means is squared.",
            "factor 2 forgotten": "The numerator is two times the covariance.",
            "standard deviations": "The denominator has variances, not standard deviations.",
        },
        levels=(
            "In the first example the correlation is 1. Which part of the formula makes the CCC smaller?",
            "Compute the covariance as the mean of the products of the two deviations from the mean.",
            "covariance = ((y_true - y_true.mean()) * (y_pred - y_pred.mean())).mean()",
        ),
    ),
    Exercise(
        id="15.4",
        name="alpha_of_numbers",
        title="Krippendorff's alpha for numbers",
        points=4,
        text="""
*Level 3 of 3: about 25 minutes.*

Write `alpha_of_numbers(votes, values)`: Krippendorff's alpha, where each word stands for a number,
for example its valence. `alpha_by_hand` above counts a pair of different words as 1. Now a pair of votes
with the numbers a and b counts as (a - b)².

- `votes`: int array (n, k), how many people chose each of k words for each of n clips. A clip with fewer
  than two votes is left out.
- `values`: float array (k,), the number of each word

1. **Inside.** For each clip, add up (a - b)² over all ordered pairs of its votes. Divide by (number of votes
   of this clip - 1). Add this up over the clips, and divide by the number of all votes.
2. **Bag.** Put all votes of the clips that are left into one bag of N votes. Add up (a - b)² over all ordered
   pairs, and divide by N (N - 1).
3. Return 1 - inside / bag.

The first example by hand: clip 3 has one vote for 1 and one for -1. Its two ordered pairs count 2² = 4 each.
So inside is 8 / 1 / 8 = 1. In the bag, 2 x 4 x 4 = 32 pairs count 4. This gives 128 / 56 = 2.286, and
alpha is 0.5625.
""",
        returns="float",
        examples=(
            (np.array([[3, 0], [0, 3], [1, 1]]), np.array([1.0, -1.0])),
            (FACES, np.array([-1.0, -1.0, -1.0, 1.0, -1.0, 0.0])),
            (np.array([[5, 0, 0], [1, 2, 1], [0, 1, 6], [0, 0, 1], [2, 2, 0]]), np.array([0.0, 1.0, 3.0])),
        ),
        hints={
            "differences not squared": "A pair counts the square of the difference: (a - b)², not |a - b|.",
            "words, not numbers": (
                "Here every pair of different words counts 1. Use the numbers: angry and disgust have "
                "the same "
                "valence, so their difference is 0."
            ),
            "single votes kept": (
                "A clip with one vote has no pair. Leave it out, also in the bag, before you do "
                "anything else."
            ),
            "single votes in the bag": "A clip with one vote is left out of the bag, too.",
            "bag with N squared": "The bag has N (N - 1) ordered pairs: a vote makes no pair with itself.",
            "each clip once": (
                "Do not average over the clips. Divide each clip's sum by (votes - 1), add up, and divide by "
                "the number of all votes."
            ),
        },
        levels=(
            "How large is the difference between two votes for the same word, and how much does such a "
            "pair add?",
            "Make a table squared = (values[:, None] - values) ** 2 of all pairs of words. For one clip "
            "with the "
            "counts c, the sum over its ordered pairs is c @ squared @ c.",
            'inside = np.einsum("ij,jk,ik->i", votes, squared, votes) gives this sum for all clips.',
        ),
    ),
    Exercise(
        id="15.5",
        name="what_it_means",
        title="What does a prediction say?",
        points=1,
        text="""
*Level 1 of 3: about 3 minutes.*

A network was trained on the commonest votes for the faces of CREMA-D. For a new face it answers "sad" with a
probability of 90 %. Suppose that its probabilities are calibrated (lesson 13), also for faces like this one.
What does the answer predict? Return one of the choices, as a text, from `what_it_means()`.
""",
        returns="text",
        choices=(
            "what the person feels",
            "what the person wants to show",
            "what most people would call it",
            "what every person would call it",
        ),
        hints={
            "a feeling": "Which step of the diagram did the votes measure? Nobody measured the first box.",
            "an intention": "The network learnt from votes, not from what the actors were asked to show.",
            "everybody": "The commonest vote is sad. This does not mean that all votes are.",
        },
        levels=(
            "What were the labels that this network learnt from?",
            "A network predicts its labels. Who gave them, and what was asked?",
            "The label was the commonest vote of about ten people who saw the face.",
        ),
    ),
]
