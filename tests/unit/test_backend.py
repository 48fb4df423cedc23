"""The backend is loaded without a word, and its errors still come through."""

import subprocess
import sys


def python(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)


def test_nothing_is_written_until_and_at_the_first_step():
    done = python("from course_lib.backend import keras, layers; import numpy as np;"
                  "n = keras.Sequential([keras.Input((2,)), layers.Dense(1)]); n.predict_on_batch(np.zeros((1, 2)));"
                  "n.compile('adam', 'mse', jit_compile=True); n.train_on_batch(np.zeros((1, 2)), np.zeros((1, 1)))")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_error_stream_is_open_again_afterwards():
    done = python("import os, sys; from course_lib.backend import keras; os.write(2, b'one '); sys.stderr.write('two')")
    assert done.stderr == "one two"


def test_a_backend_that_is_not_there_is_an_error_that_is_seen():
    done = python("import os; os.environ['KERAS_BACKEND'] = 'none'; import course_lib.backend")
    assert done.returncode != 0 and "none" in done.stderr
