"""Mutants of the solutions that compute the same as the solution, by name, each with the reason.

`python -m course_lib.authoring.mutants` does not count them: no hidden case can catch them.
"""

SYMMETRIC = "the matrix is symmetric, so rows and columns are the same"
STRICT = "both lists are always equally long"
UNKNOWN = "NumPy takes each negative length as the unknown one"
KIND = "NumPy looks at the first letter of the name only"
NOTHING = "where the divisor is replaced, the number that is divided is 0"
ARRAYS = "the arguments are arrays already"
AT_REST = "the curve begins and ends near rest, so there is always a frame outside before and after the peak"
PEAK = "the peak itself is always inside"
THIN = "boxes apart share at most one row of pixels then, which is less than `least` for a face of 3 pixels"
NEVER_EQUAL = "an end of the interval and the baseline are equal only by rounding"
DEVIATIONS = "the deviations of the other variable sum to 0, so a constant that is added changes nothing"


def _of(line: str, changes: dict[tuple[str, str], str]) -> dict[str, str]:
    """The names of the mutants of a line, by what is replaced in it and by what."""
    return {f"{line} -> {line.replace(old, new, 1)}": why for (old, new), why in changes.items()}


NEAREST = "nearest = np.where(own, np.inf, distance).argmin(axis=1)"
CHANCE = "chance = (same & ~own).sum(axis=1) / (~own).sum(axis=1)"
PHASES = "return (out[out < peak].max(initial=-1) + 1, out[out > peak].min(initial=len(inside)) - 1)"
ORDER = "order = np.argsort(-probabilities, axis=1, kind='stable')"
MFCC = "rows = [librosa.feature.mfcc(y=signal, sr=8000, n_mfcc=n_mfcc).T.reshape(-1) for signal in signals]"
COVARIANCE = "covariance = ((y_true - y_true.mean()) * (y_pred - y_pred.mean())).mean()"
FRACTIONS = (
    "fractions = [np.mean(np.asarray(answers)[:, np.newaxis] == np.asarray(classes), axis=0)"
    " for answers in (before, now)]"
)
AS_ARRAYS = "right, people, group = (np.asarray(right, float), np.asarray(people), np.asarray(group, bool))"

EQUIVALENT = {
    "02.3": _of(NEAREST, {("argmin(axis=1)", "argmin(axis=0)"): SYMMETRIC})
    | _of(
        CHANCE,
        {
            ("own).sum(axis=1) /", "own).sum(axis=0) /"): SYMMETRIC,
            ("/ (~own).sum(axis=1)", "/ (~own).sum(axis=0)"): SYMMETRIC,
        },
    ),
    "04.1": _of(
        "return sum(((before + 1) * after for before, after in zip(inputs, units, strict=True)))",
        {("strict=True", "strict=False"): STRICT},
    ),
    "04.3": _of(
        "while low <= baseline <= high:",
        {("low <=", "low <"): NEVER_EQUAL, ("<= high", "< high"): NEVER_EQUAL},
    )
    | _of(
        "z, n, low, high = (1.96, 0, 0.0, 1.0)",
        {
            ("1.0)", "1.1)"): "it is only the first value, and no baseline lies above 1",
            ("1.96, 0", "1.96, 1"): "one image alone is never enough: its accuracy is 0 or 1",
        },
    ),
    "05.3": _of(
        "recording = name.split('.')[0][3:]",
        {
            ("[3:]", "[4:]"): "the vocal channel is 01 or 02, so its first digit is always 0",
            ("[3:]", "[2:]"): "the character before is always a hyphen",
        },
    ),
    "06.5": _of(MFCC, {("reshape(-1)", "reshape(-2)"): UNKNOWN}),
    "06.6": _of("flat = maps.reshape(len(maps), -1)", {("-1", "-2"): UNKNOWN})
    | _of("return np.maximum(normalised @ weights + bias, 0).reshape(-1)", {("-1", "-2"): UNKNOWN}),
    "07.1": {"group = group.ravel() -> pass": "it is flat already; older versions of NumPy need the line"},
    "08.5": _of(
        "return np.hstack([audio, video.reshape(len(video), -1)])[..., None]", {("-1", "-2"): UNKNOWN}
    ),
    "09.2": _of("shared = np.prod(np.maximum(high - low, 0))", {("0))", "1))"): THIN, ("0))", "-1))"): THIN}),
    "09.4": _of(
        PHASES,
        {
            ("initial=-1", "initial=+1"): AT_REST,
            ("initial=-1", "initial=-2"): AT_REST,
            ("initial=-1", "initial=-0"): AT_REST,
            ("out < peak", "out <= peak"): PEAK,
            ("out > peak", "out >= peak"): PEAK,
        },
    ),
    "10.3": _of(ORDER, {("'stable'", "'stablex'"): KIND}),
    "10.4": _of(ORDER, {("'stable'", "'stablex'"): KIND}),
    "11.1": _of(
        "return kept / np.where(total > 0, total, 1)",
        {
            ("total, 1", "total, 2"): NOTHING,
            ("total > 0", "total > 1"): "the total is a whole number, and a division by 1 changes nothing",
        },
    ),
    "11.2": _of(
        "counts = (others[:, :, None] == np.arange(answers.max() + 1)).sum(axis=1)",
        {("+ 1", "+ 2"): "one more class, which nobody answers"},
    ),
    "11.3": _of("return heat / np.where(highest > 0, highest, 1)", {("highest, 1", "highest, 2"): NOTHING}),
    "11.4": _of(
        "_, image = np.unique(images.reshape(len(images), -1), axis=0, return_inverse=True)",
        {("-1", "-2"): UNKNOWN},
    ),
    "12.1": _of("for row, path in zip(rows, paths, strict=True):", {("True", "False"): STRICT})
    | _of(
        "speaker = found and (found[1] or (folders or [''])[-1])",
        {("['']", "['x']"): "neither text is a speaker"},
    ),
    "12.2": _of("for count, pool in zip(filters, pools, strict=True):", {("True", "False"): STRICT}),
    "13.1": _of(
        "return 2 * right / np.maximum(true_and_called, 1)",
        {(", 1)", ", 2)"): "if the sum is 1, nothing is right, and 0 is divided"},
    ),
    "14.2": _of(
        "found, before = (probabilities.copy(), np.full(probabilities.shape[1], np.nan))",
        {("shape[1]", "shape[0]"): "only whether it contains NaN is asked"},
    ),
    "14.3": _of(
        "for number in range(1, len(answers)):",
        {("range(1", "range(0"): "the first answer is equal to itself, so it is not read out again"},
    ),
    "14.4": _of("side = picture.shape[0]", {("shape[0]", "shape[1]"): "the picture is a square"}),
    "15.2": _of(
        "logs = np.log(np.where(fractions > 0, fractions, 1))",
        {("fractions, 1", "fractions, 2"): "where it is replaced, it is multiplied by 0"},
    ),
    "15.3": _of(
        COVARIANCE,
        {
            ("y_true - y_true", "y_true + y_true"): DEVIATIONS,
            ("y_pred - y_pred", "y_pred + y_pred"): DEVIATIONS,
        },
    ),
    "16.1": _of("for one, length in zip(outputs, samples, strict=True):", {("True", "False"): STRICT}),
    "16.3": {"speakers, sentences = (np.asarray(speakers), np.asarray(sentences)) -> pass": ARRAYS},
    "17.2": _of(
        FRACTIONS, {("==", "!="): "both fractions become 1 minus themselves, so they differ as before"}
    ),
    "17.3": {f"{AS_ARRAYS} -> pass": ARRAYS},
}
