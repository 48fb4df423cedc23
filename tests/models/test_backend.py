"""The backend is loaded without a word, and its errors still come through."""

import subprocess
import sys

import numpy as np
import pytest

from course_lib.models.backend import BatchNormalization, keras, layers


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


def test_nothing_is_written_until_and_at_the_first_step_and_then_the_error_stream_is_open_again():
    done = python(
        "import os, sys; from course_lib.models.backend import keras, layers; import numpy as np;"
        "n = keras.Sequential([keras.Input((2,)), layers.Dense(1)]); n.predict_on_batch(np.zeros((1, 2)));"
        "n.compile('adam', 'mse', jit_compile=True); n.train_on_batch(np.zeros((1, 2)), np.zeros((1, 1)));"
        "os.write(2, b'one '); sys.stderr.write('two')"
    )
    assert (done.returncode, done.stderr) == (0, "one two")


def test_a_backend_that_is_not_there_is_an_error_that_is_seen():
    done = python("import os; os.environ['KERAS_BACKEND'] = 'none'; import course_lib.models.backend")
    assert done.returncode != 0 and "none" in done.stderr


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("shape", [(7, 5, 5, 3), (7, 3)], ids=["pictures", "rows"])
def test_batch_normalisation_is_keras_own_in_results_weights_and_gradients(shape, policy):
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, shape).astype(np.float32), np.eye(2)[rng.integers(0, 2, 7)]
    found = []
    for kind in (BatchNormalization, layers.BatchNormalization):
        keras.utils.set_random_seed(1)
        network = keras.Sequential(
            [
                keras.Input(shape[1:]),
                kind(momentum=0.9, dtype=policy),
                layers.Flatten(),
                layers.Dense(2, activation="softmax"),
            ]
        )
        network.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
        for _ in range(3):
            loss = network.train_on_batch(x, y)
        found.append([np.array(loss), keras.ops.convert_to_numpy(network(x)), *network.get_weights()])
    rtol, atol = (2e-4, 1e-5) if policy == "float32" else (0.02, 0.02)
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)
