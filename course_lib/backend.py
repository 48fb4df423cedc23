"""Keras with its backend, loaded once and quietly: `from course_lib.backend import keras`.

TensorFlow writes lines about its build straight to the process's error stream while it is loaded and at its first
compiled step, whatever level it is told; in a notebook they stand as red boxes under the first cell. Exceptions still
come through.
"""

import logging
import os
from contextlib import contextmanager

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # later on: errors only
logging.getLogger("tensorflow").setLevel(logging.ERROR)  # a fresh network a fold is wanted, and no reason to warn


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


with _no_error_stream():
    import keras
    from keras import layers

    # One step, compiled as a whole where that is TensorFlow's to do, so that all has been said that is said once.
    _step = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    _step.compile("sgd", "mse", jit_compile=True if keras.backend.backend() == "tensorflow" else "auto")
    _step.train_on_batch(keras.ops.zeros((1, 1)), keras.ops.zeros((1, 1)))

__all__ = ["keras", "layers"]
