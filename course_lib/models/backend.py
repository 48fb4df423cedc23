"""Keras with its backend, loaded once and quietly: `from course_lib.models.backend import keras`.

TensorFlow writes lines about its build straight to the process's error stream while it is loaded and at its
first compiled step, whatever level it is told; in a notebook they stand as red boxes under the first cell.
Exceptions still come through; where Keras or its backend is not installed, the error says how to install it.
"""

import logging
import os
from contextlib import contextmanager

from course_lib.core.extras import BACKENDS, not_installed

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # later on: errors only


@contextmanager
def _no_error_stream():
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


try:
    with _no_error_stream():
        import keras
        from keras import layers

        # One step, compiled as a whole where that is TensorFlow's to do, so that all has been said that is
        # said once.
        _step = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
        _step.compile("sgd", "mse", jit_compile=True if keras.backend.backend() == "tensorflow" else "auto")
        _step.train_on_batch(keras.ops.zeros((1, 1)), keras.ops.zeros((1, 1)))
        if keras.backend.backend() == "tensorflow":
            import tensorflow

            # A fresh network a fold is wanted, and no reason to warn. In a notebook get_logger sets the
            # level, once.
            tensorflow.get_logger().setLevel(logging.ERROR)
except ModuleNotFoundError as error:
    if error.name not in ("keras", *BACKENDS):
        raise
    raise not_installed(error.name, "the networks") from error


@keras.saving.register_keras_serializable("course_lib")
class BatchNormalization(layers.BatchNormalization):
    """Keras's own, trained by TensorFlow's one operation for it where TensorFlow is the backend.

    Keras 3 takes mean, variance and each image's normalisation as operations of their own, each of which goes
    through memory once: a network of ten convolutions trains 1.3 times as fast with it (bfloat16, two cores,
    273 against 352 images a second). Weights and results are the same (a test holds it to that); elsewhere it
    *is* Keras's."""

    def call(self, inputs, training=None, mask=None):
        images = len(inputs.shape) == 4
        if not (training and self.trainable and images and keras.backend.backend() == "tensorflow"):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        gamma, beta = (keras.ops.cast(weight, "float32") for weight in (self.gamma, self.beta))
        normalised, mean, variance, *_ = tf.compat.v1.nn.fused_batch_norm(
            inputs, gamma, beta, epsilon=self.epsilon
        )
        pixels = keras.ops.cast(keras.ops.size(inputs[..., 0]), "float32")
        for average, now in (
            (self.moving_mean, mean),
            (self.moving_variance, variance * (pixels - 1) / pixels),
        ):
            average.assign(average * self.momentum + now * (1 - self.momentum))
        return normalised


__all__ = ["BatchNormalization", "keras", "layers"]
