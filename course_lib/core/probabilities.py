"""Class probabilities: change their temperature. Nothing here loads SciPy, so the demo starts with it."""

import numpy as np
import numpy.typing as npt

# Keras's epsilon: smaller probabilities count as this one, because the logarithm of 0 is -inf.
SMALLEST = 1e-7


def apply_temperature(probabilities: npt.ArrayLike, temperature: float) -> np.ndarray:
    """Divide the logits behind class probabilities by a temperature (temperature scaling).

    This equals raising each probability to the power of 1 / temperature and dividing each row by its sum.

    Parameters
    ----------
    probabilities : array-like, shape (n, classes)
        Class probabilities. A row of NaN (a missing modality) stays a row of NaN.
    temperature : float
        Above 0. Above 1 the probabilities become more equal, below 1 more extreme.

    Returns
    -------
    np.ndarray
        float64, shape (n, classes). Each row sums to 1.

    Notes
    -----
    Used in lessons 13, 14 and 17.

    Examples
    --------
    >>> apply_temperature([[0.8, 0.2]], 2).round(2)
    array([[0.67, 0.33]])
    """
    logs = np.log(np.clip(probabilities, SMALLEST, 1)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
