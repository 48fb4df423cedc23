"""Exercises of lesson 04, transfer with a frozen face network (lecture 14 at 16:08)."""

import numpy as np

from course_lib.exercises import Exercise

# One pixel each: red, blue, middle grey, and one with three different values.
_PIXELS = np.array([[[[255, 0, 0], [0, 0, 255]], [[128, 128, 128], [10, 100, 200]]]], np.uint8)

EXERCISES = [  # in the order of the lesson
    Exercise(
        id="04.2",
        name="face_input",
        title="What VGG-Face wants to see",
        points=2,
        text="""
*Level 1 of 3: about 5 minutes.*

Write `face_input(images)`. It prepares images for VGG-Face, with NumPy alone.

- `images`: uint8 array (n, height, width, 3), red, green, blue, 0 to 255
- returns the colours in the order **blue, green, red**. From each colour, subtract the mean of VGG-Face's
  training images: 93.5940 for blue, 104.7624 for green, 129.1863 for red.

If you forget one of the two steps, Keras raises no error. The network then sees images unlike those of its
training, and its features get worse.
""",
        returns="float array (n, height, width, 3)",
        examples=((_PIXELS,),),
        hints={
            "colours not turned round": "Reverse the last axis: images[..., ::-1] is blue, green, red.",
            "means not turned round": "The means must be in the order blue, green, red, too.",
            "scaled to 0 to 1": "The network was trained on values from 0 to 255: do not divide.",
            "means added": "Subtract the means.",
            "another network's means": (
                "103.939, 116.779 and 123.68 are the means of ImageNet. VGG-Face has its own."
            ),
            "picture mirrored": "The colours are on the last axis. You reversed the axis before it.",
            "nothing below zero": (
                "uint8 has no negative numbers: make the images float before you subtract."
            ),
        },
        levels=(
            "Which axis of the array holds the colours?",
            "Reverse the last axis first. Then subtract an array of three means, one for each colour.",
            "images[..., ::-1] - np.array([93.5940, 104.7624, 129.1863])",
        ),
    ),
    Exercise(
        id="04.1",
        name="head_parameters",
        title="How many parameters does the MLP have?",
        points=2,
        text="""
*Level 2 of 3: about 10 minutes.*

Write `head_parameters(shape, units)`. It returns the number of parameters of an MLP on top of a frozen
network.

- `shape`: list of three ints, the height, width and channels of the frozen network's output. A `Flatten`
  comes first.
- `units`: list of ints, the units of each dense layer, in their order. Each unit has one weight for each of
  its inputs, and **one bias**.

For the lecture's network the result is 26,216,962. The second example is the same MLP on only 1 x 1 x 512
numbers. You will use it at 22:03. Compare the two counts. Before you train a network, always ask
how many parameters it has, and how many images you have.
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
        levels=(
            "How many inputs does the first dense layer have?",
            "Loop over `units`. Each layer has (inputs + 1) x units parameters. Its units are the inputs of "
            "the next layer.",
            "count, inputs = count + (inputs + 1) * layer, layer",
        ),
    ),
    Exercise(
        id="04.5",
        name="transfer_model",
        title="Freeze a network, and put an MLP on top",
        points=4,
        seconds=20.0,  # Keras compiles for the first call
        imports=60.0,
        memory=1536,
        text="""
*Level 3 of 3: about 20 minutes.*

Do the lecture's steps with Keras, for a network of any size. Write
`transfer_model(shape, filters, units, classes)`.

1. Build a small convolutional network. Its input is `shape`. For each number n in `filters`, add one
   `Conv2D` with n filters of 3 x 3, `padding="same"` and ReLU. One `MaxPooling2D(2)` ends it.
2. **Freeze** it.
3. Put on top: `Flatten`, one `Dense` with ReLU for each number in `units`, and a `Dense` with `classes` units
   and softmax.

- `shape`: tuple of three ints, height, width and channels, such as (32, 32, 3). Height and width are even.
- `filters`, `units`: lists of ints
- returns a tuple of three things: the number of **trainable** parameters, the number of **frozen** ones, and
  the probabilities that the new network gives for **two black images** (all values 0)

Keep Keras' default initialisation. All biases then begin at 0, so for a black image all probabilities are
equal. Write `import keras` inside the cell. The grader loads Keras, too. It allows 60 seconds for loading it,
then 20 seconds for each call, and 1.5 GiB of memory.
""",
        returns="int, int, float array (2, classes)",
        atol=1e-5,
        examples=(
            ((8, 8, 3), [4], [16], 2),
            ((12, 6, 1), [3, 5], [10, 7], 3),
        ),
        hints={
            "nothing frozen": "Set `trainable = False` for the first network.",
            "everything frozen": (
                "The MLP must stay trainable. Freeze the small network before you put the MLP on top of it."
            ),
            "valid padding": 'Without padding="same" the maps get smaller, and Flatten gives fewer numbers.',
            "no pooling": "A MaxPooling2D(2) ends the convolutional network.",
            "pooling after each": "There is one MaxPooling2D, after the last convolution.",
            "sigmoid": "The probabilities of an image must sum to 1. Which activation does this?",
            "one image": "Give the network two black images, as one array (2, height, width, channels).",
        },
        levels=(
            "Which of the lecture's steps makes 14.7 of the 40.9 million parameters non-trainable?",
            "Build two `keras.Sequential`. The first one begins with keras.Input(shape). Set its "
            "`trainable`. It is then the first entry of the second one, as `vgg` is in the lecture. "
            "Count the numbers in model.trainable_weights.",
            "model = keras.Sequential([frozen, keras.layers.Flatten(), *dense, keras.layers.Dense(classes, "
            'activation="softmax")])',
        ),
    ),
    Exercise(
        id="04.4",
        name="layer_to_keep",
        title="What can still be kept?",
        points=1,
        text="""
*Level 1 of 3: about 5 minutes.*

You unfreeze block 5 of VGG16, `block5_conv1` to `block5_conv3`, and train it together with the MLP.
The output of `block5_pool` then changes with every batch, so it cannot be kept. Which is the **last** layer
whose output is still the same in all epochs, so that you can compute it once? Return its name from
`layer_to_keep()`.
""",
        returns="text",
        choices=(
            "block3_pool",
            "block4_conv3",
            "block4_pool",
            "block5_conv1",
            "block5_conv3",
            "block5_pool",
        ),
        hints={
            "the first that is trained": (
                "block5_conv1 is trained, so its output changes. The output of the layer before it does not."
            ),
            "one layer too early": "This can be kept. But the next layer has no parameters at all.",
            "a block too early": (
                "This can be kept, but later ones can, too. Which is the last one before a trained layer?"
            ),
            "the last that is trained": "block5_conv3 is trained.",
            "after what is trained": "block5_pool comes after trained layers: its output changes with them.",
        },
        levels=(
            "When does the output of a layer change during training?",
            "It changes if the layer itself or a layer before it is trained. A pooling layer has no weights.",
            "Look for the layer just before block5_conv1.",
        ),
    ),
    Exercise(
        id="04.3",
        name="images_needed",
        title="How many test images does a claim need?",
        points=3,
        text="""
*Level 2 of 3: about 10 minutes.*

The lecture's network is right on 58 % of its test images. Always "angry" is right on two thirds of
RAVDESS's recordings. Is 58 % really lower, or could it be chance? Write `images_needed(accuracy, baseline)`.
It returns the smallest number of test images n for which the 95 % Wilson interval of `accuracy` does not
contain `baseline`.

- `accuracy`, `baseline`: floats between 0 and 1. They are different, and either may be the larger one.

Wilson's interval of an accuracy $p$ on $n$ images, with $z = 1.96$, goes from centre − half to centre + half:

$$\\text{centre} = \\frac{p + z^2 / (2n)}{1 + z^2 / n} \\qquad
\\text{half} = \\frac{z \\sqrt{p (1 - p) / n + z^2 / (4n^2)}}{1 + z^2 / n}$$

Put `accuracy` into the formula as $p$, without rounding.
""",
        returns="int",
        examples=((0.58, 2 / 3), (0.86, 0.71), (0.62, 0.55)),
        hints={
            "textbook interval": (
                "That is p ± z · √(p (1 − p) / n). Wilson's interval has another centre and another width."
            ),
            "z of one side": "You use z = 1.645. For a 95 % interval with two ends, z is 1.96.",
            "still inside": "With this n the interval still contains the baseline. Try the next n.",
            "difference of two half-widths": (
                "The baseline is a fixed number here. It has no interval of its own."
            ),
        },
        levels=(
            "What happens to the interval when n grows?",
            "Begin with n = 1. Compute the interval, and increase n as long as low <= baseline <= high.",
            "while low <= baseline <= high: n += 1, then compute centre and half-width again",
        ),
    ),
]
