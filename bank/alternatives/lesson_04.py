"""Other right answers of lesson 04, written as students write them. Each must get full marks."""

from itertools import count, pairwise

import numpy as np

# --- 04.1 ---


def parameters_by_loop(shape, units):
    height, width, channels = shape
    before = height * width * channels
    total = 0
    for unit in units:
        weights = before * unit
        biases = unit
        total += weights + biases
        before = unit
    return total


def parameters_by_arrays(shape, units):
    layers = [int(np.prod(shape)), *units]
    return int(np.dot(layers[:-1], layers[1:]) + np.sum(units))


# --- 04.2 ---


def input_by_channel(images):
    found = np.zeros(images.shape, dtype=np.float32)
    found[:, :, :, 0] = images[:, :, :, 2] - 93.5940
    found[:, :, :, 1] = images[:, :, :, 1] - 104.7624
    found[:, :, :, 2] = images[:, :, :, 0] - 129.1863
    return found


def input_by_opencv(images):
    import cv2

    turned = np.array([cv2.cvtColor(image, cv2.COLOR_RGB2BGR) for image in images]).astype(float)
    turned -= [93.5940, 104.7624, 129.1863]
    return turned


# --- 04.3 ---


def needed_by_squares(accuracy, baseline):
    # Wilson's interval ends at b where (accuracy - b)² = z² b (1 - b) / n.
    edge = 1.96**2 * baseline * (1 - baseline) / (accuracy - baseline) ** 2
    return int(np.ceil(edge))


def needed_by_counting(accuracy, baseline):
    z2 = 1.96 * 1.96
    for n in count(1):
        root = (z2 * accuracy * (1 - accuracy) / n + z2 * z2 / (4 * n * n)) ** 0.5
        middle = accuracy + z2 / (2 * n)
        outside = baseline * (1 + z2 / n) < middle - root or baseline * (1 + z2 / n) > middle + root
        if outside:
            return n
    return None


# --- 04.5 ---


def model_by_functions(shape, filters, units, classes):
    import keras
    from keras import layers

    inputs = keras.Input(shape=shape)
    x = inputs
    for number in filters:
        x = layers.Conv2D(number, (3, 3), padding="same", activation="relu")(x)
    x = layers.MaxPooling2D((2, 2))(x)
    base = keras.Model(inputs, x)
    for layer in base.layers:
        layer.trainable = False
    x = layers.Flatten()(base.output)
    for number in units:
        x = layers.Dense(number, activation="relu")(x)
    model = keras.Model(inputs, layers.Dense(classes, activation="softmax")(x))
    frozen = base.count_params()
    probabilities = np.asarray(model(np.zeros((2, *shape), dtype="float32")))
    return model.count_params() - frozen, frozen, probabilities


def model_by_formula(shape, filters, units, classes):
    channels = [shape[2], *filters]
    frozen = sum(3 * 3 * before * after + after for before, after in pairwise(channels))
    widths = [shape[0] // 2 * (shape[1] // 2) * channels[-1], *units, classes]
    trainable = sum(before * after + after for before, after in pairwise(widths))
    return trainable, frozen, np.ones((2, classes)) / classes


ALTERNATIVES = {
    "04.1": {"a loop": parameters_by_loop, "a product of vectors": parameters_by_arrays},
    "04.2": {"channel by channel": input_by_channel, "OpenCV": input_by_opencv},
    "04.3": {"the equation solved": needed_by_squares, "n counted up": needed_by_counting},
    "04.5": {"functional API": model_by_functions, "a formula": model_by_formula},
}
