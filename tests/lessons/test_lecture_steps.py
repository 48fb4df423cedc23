"""Each step of the two lectures is in a lesson, in the lecture's own calls.

The table names for each step the lesson, its time mark (or the words of its heading), and the calls that must
be in a code cell below this heading, before the next time mark."""

import re

import pytest

from course_lib.lessons import masters, names

STEPS = [
    # lecture 14
    ("01", "00:37", []),
    ("01", "01:01", [r"\.split\(.-.\)|parse_name\("]),
    (
        "01",
        "02:12",
        [r"\.glob\(|os\.listdir\(", r"cv2\.VideoCapture\(", r"cv2\.imwrite\(", r"np\.array\(data_all\)"],
    ),
    ("01", "05:23", [r"np\.array\(label_all\)"]),
    ("02", "05:43", [r"np\.isin\(", r"skimage\.transform\.resize\("]),
    ("02", "08:12", [r"plt\.imshow\("]),
    ("02", "09:45", [r"hog\(.*orientations=9.*pixels_per_cell=\(8, 8\)", r"hog_features\.append\("]),
    (
        "03",
        "11:55",
        [
            r"X_train, X_test, y_train, y_test = train_test_split\(",
            r"GaussianNB\(\)",
            r"LinearDiscriminantAnalysis\(\)",
            r"SVC\(kernel=.linear.\)",
            r"SVC\(kernel=.rbf.\)",
            r"\.fit\(X_train, y_train\)",
            r"\.score\(X_test, y_test\)",
        ],
    ),
    ("04", "16:08", [r"keras\.applications\.VGG16\(include_top=False", r"load_weights\(|weights="]),
    ("04", "17:48", [r"for layer in vgg\.layers", r"\.trainable"]),
    ("04", "18:50", [r"layer\.trainable = False"]),
    ("04", "20:56", [r"keras\.Sequential\(", r"Flatten\(\)", r"Dense\(1024", r"Dense\(512", r"\.summary\("]),
    (
        "04",
        "22:03",
        [
            r"\.compile\(",
            r"to_categorical\(",
            r"train_test_split\(",
            r"\.fit\(.*batch_size=16.*epochs=10",
            r"\.evaluate\(",
        ],
    ),
    # lecture 27
    ("05", "00:22", []),
    ("05", "01:09", []),
    ("05", "01:58", []),
    ("05", "02:12", []),
    ("05", "03:41", [r"import.*moviepy|from moviepy"]),
    ("05", "04:37", [r"VideoFileClip\(", r"\.write_videofile\(", r"\.write_audiofile\("]),
    ("05", "07:35", [r"\.glob\(|os\.listdir\("]),
    ("05", "07:50", [r"for .* in .*iter_frames\(|VideoCapture\("]),
    ("05", "07:55", [r"librosa\.load\(|soundfile\.read\("]),
    ("06", "09:15", [r"librosa\.feature\.mfcc\("]),
    (
        "06",
        "18:38",
        [
            r"VGG16\(|face_identity",
            r"Flatten\(\)",
            r"BatchNormalization\(\)",
            r"Dense\(21",
            r"\.compile\(",
            r"\.fit\(.*batch_size=128",
        ],
    ),
    ("06", "20:17", [r"keras\.Model\(.*get_layer\(.feature_layer.\)\.output"]),
    ("06", "23:11", [r"\.reshape\("]),
    ("07", "25:17", [r"\.fit\(", r"\.score\("]),
    ("07", "27:37", [r"np\.hstack\(|np\.concatenate\("]),
    (
        "08",
        "30:31",
        [
            r"Conv1D\(",
            r"MaxPooling1D\(",
            r"Flatten\(\)",
            r"BatchNormalization\(\)",
            r"Dense\(128",
            r"Dropout\(",
        ],
    ),
    ("08", "32:14", [r"\.fit\(.*batch_size=8.*epochs=10"]),
    ("08", "32:50", [r"\.evaluate\(|\.predict\("]),
    ("08", "33:57", []),
    ("08", "34:27", [r"np\.hstack\(|np\.concatenate\("]),
    ("08", "34:34", []),
    ("08", "35:03", []),
    ("08", "39:03", [r"keras\.Model\(.*\.output"]),
    ("08", "39:17", [r"np\.hstack\(|np\.concatenate\("]),
    ("08", "41:47", [r"Dense\(16", r"Dropout\(0\.1\)"]),
    ("08", "42:19", [r"\.evaluate\(|\.predict\("]),
]
MARK = re.compile(r"^#+ (\d+:\d\d) · ", re.MULTILINE)


def sections(number):
    """{time mark: the code below it} of a lesson. Code above the first mark belongs to no mark."""
    mark, found = None, {}
    for cell in masters.read_master(names([number])[0]).cells:
        if cell.cell_type == "markdown":
            marks = MARK.findall(cell.source)
            found |= {one: "" for one in marks}
            mark = marks[-1] if marks else mark
        elif mark:
            found[mark] += cell.source + "\n"
    return found


@pytest.mark.parametrize(("number", "mark", "calls"), STEPS, ids=[f"{n} {m}" for n, m, _ in STEPS])
def test_a_step_of_the_lecture_is_visible_in_its_own_calls(number, mark, calls):
    found = sections(number)
    assert mark in found, f"lesson {number} has no heading '## {mark} · ...'"
    missing = [call for call in calls if not re.search(call, found[mark], re.DOTALL)]
    assert not missing, f"below {mark}: {missing}"
