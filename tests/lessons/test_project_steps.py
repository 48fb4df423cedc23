"""Each thing that the three student projects showed is in a lesson, below the heading that this table names.

For each item the table has the lesson, the heading, and what must be in the cells below it: calls in the
code, or words of the text."""

import re

import pytest

from course_lib.lessons import masters, names

STEPS = [
    (
        "P4",
        "names, grey, arrays",
        "09",
        "P4 · Names, arrays, scaling",
        [r"np\.array\(", r"class_folders\.rename\("],
    ),
    (
        "P4",
        "MinMax, one-hot",
        "09",
        "P4 · Names, arrays, scaling",
        [r"MinMaxScaler\(\)", r"to_categorical\("],
    ),
    (
        "P4",
        "a convolution on paper",
        "10",
        "P4 · A convolution on paper",
        [r"kernel = np\.array", r"show\.slider\("],
    ),
    ("P4", "pooling in numbers", "10", "P4 · Max pooling in numbers", [r"MaxPool"]),
    (
        "P4",
        "batch normalisation, training and test time",
        "10",
        "P4 · Batch normalisation in numbers",
        [r"BatchNormalization\(", r"training=True", r"training=False"],
    ),
    ("P4", "ReLU, swish", "10", "P4 · A convolution on paper", [r"swish = "]),
    (
        "P4",
        "Flatten, Dense, softmax, dropout",
        "10",
        "P4 · Flatten, dense layers, softmax, dropout",
        [r"\*\*Flatten\*\*", r"\*\*Dense\*\*", r"softmax", r"Dropout\("],
    ),
    (
        "P4",
        "loss, Adam, epoch",
        "10",
        "Loss, Adam, epoch: how a network learns",
        [r"[Ll]oss", r"Adam", r"[Ee]poch"],
    ),
    ("P4", "VGG16 drawn, acc@1", "10", "The networks, drawn and counted", [r"71\.592", r"show\.diagram\("]),
    ("P4", "face or not", "10", "P4 · Face or not?", [r"\.fit\(|training\.fit\(|small_", r"rocket|suit"]),
    (
        "P4",
        "cnn6: log, top-3",
        "10",
        "The projects' networks, trained on real faces",
        [r"P4_LOG", r"Top-3"],
    ),
    (
        "P4",
        "new images",
        "10",
        "The same task on real photographs",
        [r"london\.", r"emotion_net|from_preset"],
    ),
    (
        "G7",
        "fer2013.csv, the pixel string, NaN",
        "09",
        "G7 · FER2013: a face as a string",
        [r"read_csv\(", r"split\(|fromstring\(", r"isna\(\)"],
    ),
    (
        "G7",
        "columns and classes of the csv",
        "10",
        "G7 · FER2013, and its csv file",
        [r"read_csv\(", r"columns"],
    ),
    ("G7", "grey", "09", "G7 · From colour to grey", [r"cvtColor\(|COLOR_"]),
    ("G7", "gamma", "09", "G7 · Gamma correction", [r"adjust_gamma\("]),
    ("G7", "Gaussian filter", "09", "G7 · The Gaussian filter", [r"GaussianBlur\("]),
    (
        "G7",
        "a Haar feature",
        "09",
        "G7 · Viola and Jones: a question about brightness",
        [r"2001|Viola", r"show\.|plots\."],
    ),
    ("G7", "the cascade", "09", "G7 · The cascade: a funnel", [r"stages", r"show\.|plots\."]),
    (
        "G7",
        "detectMultiScale",
        "09",
        "G7 · The call, and what it needs",
        [r"detectMultiScale\(.*scaleFactor=1\.3"],
    ),
    (
        "G7",
        "largest face, 48 x 48",
        "09",
        "G7 · The largest face, 48 x 48 pixels",
        [r"INTER_CUBIC", r"/ 255"],
    ),
    (
        "G7",
        "csv to npy, dropped faces",
        "09",
        "G7 · From csv to npy: which faces are left?",
        [r"\.iterrows\(\)", r"np\.save\("],
    ),
    ("G7", "tracking", "09", "G7 · Following a face through a film", [r"track"]),
    ("G7", "parts of a face", "09", "G7 · Eyes, brows, mouth", [r"london\.landmarks\("]),
    ("G7", "head pose", "09", "G7 · Where does the head look?", [r"solvePnP", r"fit_head\("]),
    ("G7", "onset, apex, offset", "09", "G7 · Onset, apex, offset", [r"apex", r"amplitude"]),
    (
        "G7",
        "its network, RBM, DBN",
        "10",
        "The networks, drawn and counted",
        [r"G7", r"RBM", r"DBN", r"AlexNet|neighbouring channels"],
    ),
    ("G7", "a network that has learnt", "10", "A network that learns", [r"small_cnn", r"for seed in|seeds"]),
    ("G7", "confusion matrix", "10", "The same task on real photographs", [r"confusion"]),
    ("G7", "webcam", "14", "G7 · A webcam in a loop", [r"VideoCapture\(", r"cap\.read\(\)"]),
    ("G7", "emoji", "14", "G7 · A webcam in a loop", [r"emoji\.paste\("]),
    ("IIITA", "SAVEE, own recordings", "12", "The recordings", [r"savee\.parse_name\(", r"savee\.both\("]),
    (
        "IIITA",
        "MFCC, CNN, CNN + LSTM",
        "12",
        "Both networks, layer by layer",
        [r"speech_cnn\(\)", r"speech_cnn_lstm\(\)"],
    ),
    (
        "IIITA",
        "an LSTM, gate by gate",
        "12",
        "The LSTM, gate by gate",
        [r"lstm_step\(", r"show\.slider\(", r"layers\.LSTM\("],
    ),
    ("IIITA", "the three models, trained", "12", "Three models, two splits", [r"training\.fit\(|\.fit\("]),
    ("IIITA", "why a CNN", "10", "P4 · A convolution on paper", [r"Why CNN"]),
    ("IIITA", "why a CNN, counted", "12", "Why a CNN?", [r"dense:", r"convolution:"]),
    ("IIITA", "its face CNN", "10", "IIITA · 48 columns as 48 channels", [r"channels"]),
    (
        "IIITA",
        "fusion by F-scores, on a real film",
        "13",
        "The rule of IIITA",
        [r"published\.F_SCORES", r"fuse_decisions\("],
    ),
    (
        "IIITA",
        "one film with sound",
        "13",
        "One film, two answers",
        [r"uploads?\.|moments\.", r"show\.(film|video|audio)|show\."],
    ),
    ("IIITA", "a sound file", "14", "From a sound to seven bars", [r"moments\.hear\("]),
    ("IIITA", "microphone", "14", "IIITA · A microphone", [r"microphone\.record\(", r"microphone\.button\("]),
    ("IIITA", "microphone, in the lesson on speech", "12", "Your own voice", [r"microphone\."]),
    (
        "IIITA",
        "choosing the best model",
        "12",
        "Real speech: 24 people",
        [r"Choosing the best model", r"chosen"],
    ),
]


def sections(number):
    """{heading: all cells below it, up to the next heading of the second level} of a lesson."""
    heading, found = None, {}
    for cell in masters.read_master(names([number])[0]).cells:
        title = re.search(r"^## (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        heading = title[1] if title else heading
        if heading:
            found[heading] = found.get(heading, "") + cell.source + "\n"
    return found


@pytest.mark.parametrize(
    ("number", "heading", "wanted"),
    [step[2:] for step in STEPS],
    ids=[f"{p}: {what}" for p, what, *_ in STEPS],
)
def test_what_a_project_showed_is_in_a_lesson(number, heading, wanted):
    found = sections(number)
    assert heading in found, f"lesson {number} has no heading '## {heading}', but {list(found)}"
    missing = [one for one in wanted if not re.search(one, found[heading], re.DOTALL)]
    assert not missing, f"lesson {number}, below '{heading}': {missing}"
