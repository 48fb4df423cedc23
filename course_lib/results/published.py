"""Figures that three student projects published on faces and on speech, and which of them add up (lessons 09
to 13).

P4: "Human Emotion Recognition". G7: "Emotion Detection & Classification". IIITA: "Multimodal Emotion
Classification using User's Speech & Facial Expression". The figures were typed from the slides; none was
measured here. A lesson shows them beside what `course evaluate` measured, and `check_published` recomputes
what can be recomputed.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from course_lib.core.labels import EMOTIONS
from course_lib.datasets import fer2013

SPEECH_EMOTIONS = tuple(sorted(EMOTIONS))  # IIITA's order for speech: the alphabet's

# As printed. Accuracies are from 0 to 1. The program printed those with many decimals.
FIGURES = {
    ("P4", "images"): 27000,
    ("P4", "face model, accuracy"): 0.9680314064025879,
    ("P4", "face model, loss"): 0.09782330691814423,
    ("P4", "emotion model, accuracy"): 0.6150639057159424,
    ("P4", "emotion model, loss"): 1.0759339332580566,
    ("P4", "emotion model, top-3, over"): 0.88,
    ("P4", "emotion model, steps an epoch"): 338,
    ("P4", "emotion model, seconds an epoch"): 247,
    ("P4", "parameters of a first layer of 32 filters of 3x3"): 288,
    ("G7", "training faces"): 28709,
    ("G7", "faces that the cascade leaves, by the name of its model file"): 20000,
    ("G7", "epochs, by the name of its model file"): 100,
    ("IIITA", "faces"): 32298,
    ("IIITA", "face network, accuracy"): 0.612705489002,
    ("IIITA", "face network, loss"): 1.08653423576,
    ("IIITA", "face network, parameters"): 7394247,
    ("IIITA", "face network, parameters of the first layer"): 13856,
    ("IIITA", "face network, misclassified whose second guess is right"): 0.2156,
    ("IIITA", "face network, place on Kaggle's leaderboard"): 9,
    ("IIITA", "speech clips"): 1333,
    ("IIITA", "speech by MFCC, accuracy"): 0.5012,
    ("IIITA", "speech CNN, accuracy"): 0.724637680814,
    ("IIITA", "speech CNN, parameters"): 21205127,
    ("IIITA", "speech CNN, trainable parameters"): 21204487,
    ("IIITA", "speech CNN + LSTM, accuracy"): 0.7449,
    ("IIITA", "speech CNN + LSTM, accuracy as printed by the program"): 0.7449871345,
    ("IIITA", "speech CNN + LSTM, parameters"): 401303,
    ("IIITA", "speech CNN + LSTM, trainable parameters"): 400407,
    ("IIITA", "speech CNN + LSTM, accuracy on SAVEE"): 0.6019,
    ("IIITA", "speech CNN + LSTM, accuracy on own recordings"): 0.8093,
}

# P4's emotion model, epochs 1 to 20: loss, accuracy, top-3, and the same in validation.
P4_LOG = pd.DataFrame(
    [
        (2.1785, 0.2553, 0.5894, 1.8391, 0.2668, 0.5996),
        (1.6989, 0.3554, 0.6987, 1.5513, 0.3919, 0.7371),
        (1.5221, 0.4130, 0.7530, 1.7051, 0.3621, 0.7093),
        (1.4134, 0.4615, 0.7935, 1.3273, 0.4901, 0.8267),
        (1.3505, 0.4825, 0.8123, 1.2568, 0.5203, 0.8378),
        (1.2886, 0.5060, 0.8344, 1.2188, 0.5302, 0.8517),
        (1.2418, 0.5278, 0.8438, 1.2345, 0.5231, 0.8389),
        (1.2147, 0.5385, 0.8559, 1.1891, 0.5500, 0.8588),
        (1.1781, 0.5544, 0.8622, 1.1523, 0.5624, 0.8638),
        (1.1556, 0.5617, 0.8699, 1.2028, 0.5409, 0.8580),
        (1.1344, 0.5747, 0.8756, 1.1563, 0.5627, 0.8745),
        (1.1096, 0.5807, 0.8809, 1.1308, 0.5767, 0.8723),
        (1.0858, 0.5936, 0.8885, 1.1150, 0.5866, 0.8760),
        (1.0650, 0.6004, 0.8920, 1.1075, 0.5838, 0.8755),
        (1.0531, 0.6067, 0.8962, 1.0895, 0.5874, 0.8809),
        (1.0341, 0.6118, 0.9000, 1.0994, 0.5856, 0.8837),
        (1.0068, 0.6234, 0.9053, 1.0819, 0.5914, 0.8899),
        (0.9971, 0.6294, 0.9058, 1.1057, 0.5850, 0.8783),
        (0.9821, 0.6348, 0.9090, 1.1077, 0.5848, 0.8772),
        (0.9657, 0.6396, 0.9157, 1.1124, 0.5871, 0.8877),
    ],
    index=pd.RangeIndex(1, 21, name="epoch"),
    columns=["loss", "accuracy", "top_3", "val_loss", "val_accuracy", "val_top_3"],
)


def _matrix(rows: list[list[int]], labels: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, pd.Index(labels, name="true"), pd.Index(labels, name="predicted"))


FACE_MATRIX = _matrix(
    [  # IIITA on FER2013's PublicTest
        [239, 3, 41, 44, 70, 12, 58],
        [14, 23, 6, 4, 7, 0, 2],
        [32, 3, 205, 30, 113, 36, 77],
        [22, 1, 13, 744, 30, 17, 68],
        [74, 2, 55, 50, 315, 8, 149],
        [11, 2, 47, 23, 8, 307, 17],
        [45, 1, 29, 61, 99, 6, 366],
    ],
    EMOTIONS,
)
SPEECH_MATRIX = _matrix(
    [  # IIITA's speech CNN
        [49, 0, 0, 7, 1, 0, 1],
        [4, 33, 4, 5, 4, 3, 0],
        [2, 0, 21, 6, 0, 5, 5],
        [10, 4, 3, 33, 2, 0, 2],
        [0, 1, 0, 0, 52, 6, 0],
        [0, 1, 3, 1, 5, 34, 0],
        [2, 0, 4, 4, 0, 0, 28],
    ],
    SPEECH_EMOTIONS,
)
F_SCORES = pd.DataFrame(  # IIITA's table, by which it fuses faces and speech
    {
        "faces": [0.5308, 0.5748, 0.4581, 0.8113, 0.4765, 0.7623, 0.5302],
        "speech": [0.9034, 0.4864, 0.5194, 0.6024, 0.7500, 0.6236, 0.7880],
    },
    pd.Index(EMOTIONS, name="class"),
)
LEADERBOARD = (
    0.69769,
    0.69072,
    0.68153,
    0.67317,
    0.64558,
    0.64447,
    0.64057,
    0.62775,
    0.61911,
    0.61382,
    0.60797,
    0.59181,
    0.58958,
    0.58038,
)  # Kaggle's, as IIITA shows it
_SPEECH_BLOCKS = [(64, 98, 433), (64, 49, 216), (128, 51, 218), (128, 17, 72), (128, 19, 74), (128, 4, 18)]
# The layers of IIITA's summaries that change the shape, channels first, as printed.
SPEECH_SUMMARY = {
    "CNN": [*_SPEECH_BLOCKS, (9216,), (2048,), (1024,), (7,)],
    "CNN + LSTM": [
        *_SPEECH_BLOCKS,
        *[(128, 6, 20), (128, 1, 5), (5, 128, 1), (5, 128), (5, 32), (32,), (16,), (16,), (7,)],
    ],
}
_CHANGING = ("Conv2D", "MaxPooling2D", "Flatten", "Permute", "Reshape", "LSTM", "Dense")


class Check(NamedTuple):
    """A published figure and the same figure recomputed, both as text.

    Attributes
    ----------
    source : str
        The project: P4, G7 or IIITA.
    claim, published, recomputed : str
    adds_up : bool
        Whether the two agree.
    note : str
    """

    source: str
    claim: str
    published: str
    recomputed: str
    adds_up: bool
    note: str = ""


def check_published() -> pd.DataFrame:
    """Recompute every published figure that can be recomputed.

    An accuracy adds up if a whole number of correct items gives it, to its last printed decimal. Sums,
    F-scores and numbers of parameters must be equal. Figures that need the data (losses, G7's 20,000 faces)
    are left out.

    Returns
    -------
    pd.DataFrame
        One row for each figure, with the columns source, claim, published, recomputed, adds_up and note.

    Notes
    -----
    `docs/published_figures.md` shows the table.

    Examples
    --------
    >>> checks = check_published()
    >>> checks.loc[checks["claim"] == "face network, accuracy", "recomputed"].item()
    '2,199 of 3,589 = 61.27055%'
    """
    return pd.DataFrame([*_p4(), *_g7(), *_iiita_faces(), *_iiita_speech(), *_f_scores()])


def counts_of_batches(accuracy: float, batches: int, batch_size: int = 32) -> list[tuple[int, int]]:
    """The counts that give an accuracy as Keras prints it (float32), if the last batch may have any size.

    Parameters
    ----------
    accuracy : float
        As printed, 0 to 1.
    batches, batch_size : int

    Returns
    -------
    list of (int, int)
        (correct, n), with correct / n equal to the accuracy.

    Notes
    -----
    Used by `check_published`.

    Examples
    --------
    >>> counts_of_batches(0.5, batches=1, batch_size=4)
    [(1, 2), (2, 4)]
    """
    counts = range((batches - 1) * batch_size + 1, batches * batch_size + 1)
    return [
        (round(accuracy * n), n)
        for n in counts
        if np.float32(round(accuracy * n) / n) == np.float32(accuracy)
    ]


def _p4() -> Iterator[Check]:
    log = P4_LOG["val_accuracy"]
    for model, batches in (("face", 112), ("emotion", 225)):
        accuracy = FIGURES["P4", f"{model} model, accuracy"]
        found = counts_of_batches(accuracy, batches)
        yield Check(
            "P4",
            f"{model} model, accuracy over {batches} batches",
            f"{accuracy:.2%}",
            "; ".join(f"{k:,} of {n:,} = {k / n:.2%}" for k, n in found),
            len(found) > 0,
            f"the only count that {batches} batches of 32 allow" if len(found) == 1 else "",
        )
    accuracy = round(FIGURES["P4", "emotion model, accuracy"], 4)
    yield Check(
        "P4",
        "emotion model, accuracy in the logged training",
        f"{accuracy:.2%}",
        f"{log.max():.2%} at most, {log.iloc[-1]:.2%} at the end",
        accuracy in log.tolist(),
        "a different evaluation from the logged one; neither is on PublicTest",
    )
    top_3 = P4_LOG["val_top_3"].iloc[-1]
    yield Check(
        "P4",
        "emotion model, top-3 in the logged training",
        "over 88%",
        f"{top_3:.2%} at the end",
        bool(top_3 > FIGURES["P4", "emotion model, top-3, over"]),
        f"it goes with top-1 {log.iloc[-1]:.2%}",
    )
    yield _p4_images()
    first = FIGURES["P4", "parameters of a first layer of 32 filters of 3x3"]
    yield _equal(
        "P4",
        "parameters of a first layer of 32 filters of 3x3",
        first,
        convolution(3, 1, 32),
        "the 32 biases are missing",
    )


def _p4_images(batch_size: int = 64) -> Check:
    """Whether P4's faces are enough for its steps per epoch and its test. 338 steps suggest batches of 64."""
    steps = FIGURES["P4", "emotion model, steps an epoch"]
    ((_, tested),) = counts_of_batches(FIGURES["P4", "emotion model, accuracy"], 225)
    least, most = ((steps - 1) * batch_size + 1 + tested, steps * batch_size + tested)
    images = FIGURES["P4", "images"]
    return Check(
        "P4",
        "images, trained on and tested",
        f"{images:,}",
        f"{least:,} to {most:,}",
        least <= images <= most,
        f"{steps} steps of {batch_size} faces, and {tested:,} tested",
    )


def _g7() -> Iterator[Check]:
    yield _equal("G7", "training faces", FIGURES["G7", "training faces"], sum(fer2013.PUBLISHED["Training"]))


def _iiita_faces() -> Iterator[Check]:
    public, matrix = fer2013.PUBLISHED["PublicTest"], FACE_MATRIX.to_numpy()
    n, wrong = sum(public), int(matrix.sum() - np.trace(matrix))
    yield _equal(
        "IIITA",
        "faces, training and validation",
        FIGURES["IIITA", "faces"],
        n + sum(fer2013.PUBLISHED["Training"]),
    )
    yield _accuracy("IIITA", "face network, accuracy", FIGURES["IIITA", "face network, accuracy"], n, 7)
    yield _diagonal("face network, accuracy by its confusion matrix", FACE_MATRIX, "61.27%")
    rows = tuple(matrix.sum(axis=1).tolist())
    yield Check(
        "IIITA",
        "rows of the faces' confusion matrix are PublicTest's classes",
        _listed(rows),
        _listed(public),
        rows == public,
    )
    yield _equal(
        "IIITA",
        "first layer's parameters, 32 filters of 3x3 on one grey channel",
        FIGURES["IIITA", "face network, parameters of the first layer"],
        convolution(3, 1, 32),
        f"{convolution(3, 48, 32):,} on 48 channels: the columns of pixels were used as channels",
    )
    yield _equal(
        "IIITA",
        "face network, parameters with that layer",
        FIGURES["IIITA", "face network, parameters"],
        sum(convolution(3, *pair) for pair in ((48, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128)))
        + dense(3 * 9 * 128, 2048)
        + dense(2048, 7),
    )
    second = FIGURES["IIITA", "face network, misclassified whose second guess is right"]
    near = round(second * n)
    yield _accuracy(
        "IIITA",
        "second guess right, of the misclassified",
        second,
        wrong,
        note=f"{near} of all {n:,} is {near / n:.3%}: 21.56% if cut off and not rounded, as 74.49% is",
    )
    place = 1 + sum(score > FIGURES["IIITA", "face network, accuracy"] for score in LEADERBOARD)
    yield _equal(
        "IIITA",
        "place on the leaderboard shown",
        FIGURES["IIITA", "face network, place on Kaggle's leaderboard"],
        place,
    )


def _iiita_speech() -> Iterator[Check]:
    n = 345
    yield _equal("IIITA", "speech clips, SAVEE and own", FIGURES["IIITA", "speech clips"], 480 + 853)
    yield _equal("IIITA", "speech clips, training and validation", FIGURES["IIITA", "speech clips"], 988 + n)
    yield _accuracy("IIITA", "speech by MFCC, accuracy", FIGURES["IIITA", "speech by MFCC, accuracy"], n)
    yield _accuracy("IIITA", "speech CNN, accuracy", FIGURES["IIITA", "speech CNN, accuracy"], n, 7)
    yield _diagonal("speech CNN, accuracy by its confusion matrix", SPEECH_MATRIX, "72.46%")
    yield _accuracy(
        "IIITA", "speech CNN + LSTM, accuracy", FIGURES["IIITA", "speech CNN + LSTM, accuracy"], n
    )
    printed = FIGURES["IIITA", "speech CNN + LSTM, accuracy as printed by the program"]
    yield _accuracy(
        "IIITA",
        "speech CNN + LSTM, accuracy as printed by the program",
        printed,
        n,
        7,
        f"rounded it would be {printed:.2%}",
    )
    yield _both_sets(n)
    yield from _speech_parameters()


def _speech_parameters() -> Iterator[Check]:
    blocks = [
        convolution(3, 1, 64),
        convolution(3, 64, 128),
        convolution(3, 128, 128),
        convolution(3, 128, 128),
    ]
    # Batch normalisation: as many fixed parameters (means, variances) as learnt ones.
    fixed = [2 * filters for filters in (64, 128, 128, 128)]
    cnn = sum(blocks[:3]) + sum(fixed[:3]) + dense(9216, 2048) + dense(2048, 1024) + dense(1024, 7)
    recurrent = (
        sum(blocks)
        + sum(fixed)
        + lstm_parameters(128, 32)
        + lstm_parameters(32, 32)
        + dense(32, 16)
        + dense(16, 16)
        + dense(16, 7)
    )
    for name, trainable, others in (("CNN", cnn, sum(fixed[:3])), ("CNN + LSTM", recurrent, sum(fixed))):
        yield _equal(
            "IIITA",
            f"speech {name}, parameters",
            FIGURES["IIITA", f"speech {name}, parameters"],
            trainable + others,
        )
        yield _equal(
            "IIITA",
            f"speech {name}, trainable parameters",
            FIGURES["IIITA", f"speech {name}, trainable parameters"],
            trainable,
        )


def _both_sets(n: int) -> Check:
    """Whether SAVEE's and the own recordings' accuracies can be those of two subsets of the n clips."""
    savee, own = (
        FIGURES["IIITA", f"speech CNN + LSTM, accuracy on {name}"] for name in ("SAVEE", "own recordings")
    )
    whole = [
        total
        for total in range(2, n + 20)
        for first in range(1, total)
        if _fits(savee, first) and _fits(own, total - first)
    ]
    nearest = min(whole, key=lambda total: abs(total - n))
    first = next(first for first in range(1, nearest) if _fits(savee, first) and _fits(own, nearest - first))
    a, b = round(savee * first), round(own * (nearest - first))
    return Check(
        "IIITA",
        f"speech CNN + LSTM, SAVEE and own together {n} clips",
        f"{savee:.2%} and {own:.2%}",
        f"{a} of {first} and {b} of {nearest - first}: {nearest} clips, {(a + b) / nearest:.2%}",
        n in whole,
        "the nearest number of clips that allows both",
    )


def _f_scores() -> Iterator[Check]:
    for kind, matrix in (("faces", FACE_MATRIX), ("speech", SPEECH_MATRIX)):
        again = f_from_matrix(matrix)
        for emotion, value in F_SCORES[kind].items():
            yield Check(
                "IIITA",
                f"F-score of {emotion}, {kind}",
                f"{value:.4f}",
                f"{again[emotion]:.4f}",
                f"{value:.4f}" == f"{again[emotion]:.4f}",
                "no counts of these clips give those of angry and neutral" if kind == "speech" else "",
            )


def f_from_matrix(matrix: pd.DataFrame) -> pd.Series:
    """The F1 of each class from a confusion matrix: 2 * correct / (row total + column total).

    Parameters
    ----------
    matrix : pd.DataFrame
        Counts; rows are true classes, columns predicted ones.

    Returns
    -------
    pd.Series

    Notes
    -----
    Used in lesson 13.

    Examples
    --------
    >>> f_from_matrix(pd.DataFrame([[3, 1], [1, 3]], ["sad", "happy"])).to_dict()
    {'sad': 0.75, 'happy': 0.75}
    """
    counts = matrix.to_numpy()
    return pd.Series(2 * np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1)), matrix.index)


def beside_summary(network: Any, name: str) -> pd.DataFrame:
    """Compare the layers of a network that change the shape with IIITA's printed summary.

    Parameters
    ----------
    network : keras.Model
        `networks.speech_cnn()` or `networks.speech_cnn_lstm()`.
    name : {"CNN", "CNN + LSTM"}

    Returns
    -------
    pd.DataFrame
        Columns: layer, published, here (channels first), parameters, the same.

    Notes
    -----
    Used in lesson 12.
    """
    kept, rows = [layer for layer in network.layers if type(layer).__name__ in _CHANGING], []
    for layer, printed in zip(kept, SPEECH_SUMMARY[name], strict=True):
        shape = layer.output.shape[1:]
        if type(layer).__name__ in ("Conv2D", "MaxPooling2D"):
            shape = (shape[2], *shape[:2])
        rows.append(
            (type(layer).__name__, str(printed), str(shape), f"{layer.count_params():,}", printed == shape)
        )
    return pd.DataFrame(rows, columns=["layer", "published", "here", "parameters", "the same"])


def convolution(kernel: int, channels: int, filters: int) -> int:
    """The number of parameters of a convolution layer.

    Parameters
    ----------
    kernel, channels, filters : int
        Height (and width) of the kernel, channels of the input, and number of filters.

    Returns
    -------
    int
        Weights and biases.

    Examples
    --------
    >>> convolution(3, 1, 32)
    320
    """
    return kernel * kernel * channels * filters + filters


def dense(inputs: int, units: int) -> int:
    """The number of parameters of a dense layer.

    Parameters
    ----------
    inputs, units : int

    Returns
    -------
    int
        Weights and biases.

    Examples
    --------
    >>> dense(16, 7)
    119
    """
    return inputs * units + units


def lstm_parameters(inputs: int, units: int) -> int:
    """The number of parameters of an LSTM layer: four gates, each on the inputs and on the layer's last
    output.

    Parameters
    ----------
    inputs, units : int

    Returns
    -------
    int
        Weights and biases.

    Examples
    --------
    >>> lstm_parameters(128, 32)
    20608
    """
    return 4 * ((inputs + units) * units + units)


def _fits(accuracy: float, n: int, decimals: int = 4) -> bool:
    return abs(round(accuracy * n) / n - accuracy) <= 0.5 * 10**-decimals


def _accuracy(source: str, claim: str, accuracy: float, n: int, decimals: int = 4, note: str = "") -> Check:
    """The check of an accuracy. Seven decimals are the precision of float32."""
    k, digits = round(accuracy * n), decimals - 2
    return Check(
        source,
        claim,
        f"{accuracy:.{digits}%}",
        f"{k:,} of {n:,} = {k / n:.{digits}%}",
        _fits(accuracy, n, decimals),
        note,
    )


def _diagonal(claim: str, matrix: pd.DataFrame, published: str) -> Check:
    right, n = int(np.trace(matrix)), int(matrix.to_numpy().sum())
    return Check(
        "IIITA", claim, published, f"{right:,} of {n:,} = {right / n:.2%}", f"{right / n:.2%}" == published
    )


def _equal(source: str, claim: str, published: float, recomputed: int, note: str = "") -> Check:
    return Check(source, claim, f"{published:,}", f"{recomputed:,}", published == recomputed, note)


def _listed(numbers: Iterable[int]) -> str:
    return " ".join(map(str, numbers))
