"""A network that learns in no time, and what it learns."""

import numpy as np

from course_lib.models.backend import keras


def small(classes=2, run_eagerly=True):
    """Learns in a few steps; has BatchNorm and Dropout, whose states a second training must not inherit.

    Eagerly a step takes longer, but the first one need not be traced and compiled, which takes seconds.
    """
    network = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(8, "relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(classes, "softmax"),
        ],
        name="small",
    )
    network.compile(
        keras.optimizers.Adam(0.02), "categorical_crossentropy", metrics=["accuracy"], run_eagerly=run_eagerly
    )
    return network


def items(n=40, classes=2, seed=0):
    label = np.arange(n) % classes
    X = np.random.default_rng(seed).normal(size=(n, 6)) + 2 * (np.arange(6) == label[:, None])
    return X.astype(np.float32), np.array(["angry", "calm", "happy"])[label]
