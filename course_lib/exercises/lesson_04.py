"""Exercises of lesson 04, VGG-Face transfer (lecture 14 at 16:08)."""

import numpy as np

from course_lib.exercises import Exercise

# One pixel each: red, blue, middle grey, and one with three different values.
_PIXELS = np.array([[[[255, 0, 0], [0, 0, 255]], [[128, 128, 128], [10, 100, 200]]]], np.uint8)

EXERCISES = [
    Exercise(
        id="04.1",
        name="head_parameters",
        title="How many numbers does the head learn?",
        points=2,
        text="""
Write `head_parameters(shape, units)`: the number of parameters of a head of dense layers on a frozen network.

- `shape`: list of three ints, height, width and channels of what the frozen network gives; a `Flatten` comes
  first
- `units`: list of ints, the units of each dense layer, in their order; each unit has a weight for each of its
  inputs and **one bias**

The lecture prints 26,216,962 and goes on. Ask, before you train: how many numbers, from how many images?
""",
        returns="int",
        examples=(([7, 7, 512], [1024, 512, 2]), ([1, 1, 512], [1024, 512, 2]), ([4, 7, 512], [21, 2])),
        hints={
            "biases forgotten": "Each unit has a bias besides its weights.",
            "not flattened": "Flatten makes one row of all height x width x channels numbers.",
            "every layer sees the image": "The inputs of a layer are the units of the layer before it.",
            "a bias for each input": "There is one bias for each unit, not for each input.",
            "last layer forgotten": "The layer with softmax is a dense layer, too.",
        },
    ),
    Exercise(
        id="04.2",
        name="face_input",
        title="What VGG-Face wants to see",
        points=2,
        text="""
Write `face_input(images)`: images made ready for VGG-Face, with NumPy alone.

- `images`: uint8 array (n, height, width, 3), red, green, blue, 0 to 255
- returns: **blue, green, red**, each less the mean of VGG-Face's training images, which is 93.5940 for blue,
  104.7624 for green and 129.1863 for red

Whoever forgets one of the two steps gets no error: the network answers to pictures unlike any it was trained
on. """,
        returns="float array (n, height, width, 3)",
        examples=((_PIXELS,),),
        hints={
            "colours not turned round": "Turn the last axis round: images[..., ::-1] is blue, green, red.",
            "means not turned round": (
                "After turning the colours round the means must stand in the order blue, green, red, too."
            ),
            "scaled to 0 to 1": "The network was trained on 0 to 255: do not divide.",
            "means added": "The means are taken off.",
            "another network's means": (
                "103.939, 116.779 and 123.68 are ImageNet's means. VGG-Face has its own."
            ),
            "picture mirrored": (
                "The colours stand on the last axis. You have turned round the one before it."
            ),
            "nothing below zero": (
                "Bytes know no negative numbers: make the images float before you subtract."
            ),
        },
    ),
    Exercise(
        id="04.3",
        name="images_needed",
        title="How many test images does a claim take?",
        points=3,
        text="""
The lecture's network is right on 58 % of its test images; always "angry" is right on two thirds of RAVDESS's
takes. Is 58 % really below, or was it bad luck? Write `images_needed(share, baseline)`: the smallest n for
which the 95 % Wilson interval of the accuracy `share` no longer holds `baseline`.

- `share`, `baseline`: floats between 0 and 1, different from each other; either may be the larger

Wilson's interval of p on n images, with z = 1.96: centre (p + z² / 2n) / (1 + z² / n), to each side
z · √(p (1 − p) / n + z² / 4n²) / (1 + z² / n). (`share` · n need not be a whole number here.)
""",
        returns="int",
        examples=((0.58, 2 / 3), (0.86, 0.71), (0.62, 0.55)),
        hints={
            "textbook interval": (
                "That is p ± z · √(p (1 − p) / n). Wilson's interval has another centre and another "
                "half-width."
            ),
            "z of one side": "1.645 leaves 5 % on one side. For 95 % between two ends z is 1.96.",
            "still inside": "With this n the interval still holds the baseline. The next one does not.",
            "difference of two half-widths": (
                "The baseline is no measurement here: it has no interval of its own."
            ),
        },
    ),
    Exercise(
        id="04.4",
        name="layer_to_keep",
        title="What can still be kept?",
        points=1,
        text="""
You unfreeze the fifth block, `conv5_1` to `conv5_3`, and train it together with the head. The embeddings of
`pool5` then change with every batch and cannot be kept any more. Which layer is the **last** one whose output
still is the same in all epochs, so that it can be computed once? Return its name from `layer_to_keep()`. """,
        returns="text",
        choices=("pool3", "conv4_3", "pool4", "conv5_1", "conv5_3", "pool5"),
        hints={
            "the first that is trained": (
                "conv5_1 is trained, so what it gives changes. What comes before it does not."
            ),
            "one layer too early": "That can be kept. But the layer after it has no parameters at all.",
            "a block too early": (
                "That can be kept, but so can later ones: which is the last before a trained layer?"
            ),
            "the last that is trained": "conv5_3 is itself trained.",
            "after what is trained": "pool5 comes after trained layers: it changes with them.",
        },
    ),
]
