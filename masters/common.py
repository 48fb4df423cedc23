# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# The cells that lessons share. A master has only the header of such a cell, for example `# %% setup`, and `course build`
# puts the cell in its place. A master may also write lines of its own below the header: then these lines are the cell, and
# a line that is only a name (`SEED`) becomes the line below that gives this name its value.
#
# The metadata fold these cells in JupyterLab (`jupyter`) and in Colab (`cellView`), which then show the first line alone.

# %% parameters for clips tags=["parameters"] jupyter={"source_hidden": true} cellView="form"
# @title Parameters: open this cell to change them, then run the lesson again
CORPUS = "studio"  # drawn actors; real ones: "embedded", "emodb", "crema_d" or "london" (in the course), "ravdess" (all of it)
DATA_DIR = None  # the folder of a download; None: what comes with the course, or where `course fetch ravdess-...` puts it
ACTORS = None  # for example [1, 2, 3], in the corpus's own numbers; None: as many as the profile takes
EMOTIONS = None  # two of them, for example ["happy", "sad"]; None: the lecture's two
PROFILE = "quick"  # "quick": few actors and frames, for two cores; "lecture": the lecture's own sizes
WEIGHTS = None  # lessons 04, 06 and 07: "vggface", "face_identity", "random" or a file; None: in Colab "vggface"
SEED = 0  # the same seed, the same result
USE_DRIVE = False  # in Colab: keep data and caches in your Google Drive

# %% parameters for faces tags=["parameters"] jupyter={"source_hidden": true} cellView="form"
# @title Parameters: open this cell to change them, then run the lesson again
CORPUS = "studio"  # drawn faces; real ones: "fer2013", or in lesson 09 "london" (204 faces, in the course)
DATA_FILE = None  # of "fer2013": fer2013.csv, icml_face_data.csv, an npz, or the folder of pictures
PROFILE = "quick"  # "quick": few faces and epochs, for two cores; "lecture": as many as the projects had
SEED = 0  # the same seed, the same result
USE_DRIVE = False  # in Colab: keep data and caches in your Google Drive

# %% colab tags=["colab"] jupyter={"source_hidden": true} cellView="form"
# @title Colab: this cell installs the course there. Elsewhere it does nothing
import importlib.util
import os
import re
import sys
from contextlib import suppress
from urllib.parse import unquote
from urllib.request import urlopen, urlretrieve

COURSE_ADDRESS = ""  # "OWNER/NAME/BRANCH", filled in by `course publish`
if "google.colab" in sys.modules:
    sys.path[:0] = [".", "/content/drive/MyDrive/course/colab"]
    if not COURSE_ADDRESS:  # Colab knows the repository from which this lesson, or the original of a copy, was opened
        known, server = "", "http://{COLAB_JUPYTER_IP}:{KMP_TARGET_PORT}/api/sessions"
        with suppress(Exception):
            known += unquote(urlopen(server.format(**{"KMP_TARGET_PORT": "9000", **os.environ}), timeout=5).read())
        with suppress(Exception):
            messages = importlib.import_module("google.colab._message")
            known += str(messages.blocking_request("get_ipynb", timeout_sec=30)["ipynb"]["metadata"])
        found = re.search(r"github\.com/([\w.-]+/[\w.-]+)/blob/([\w./-]+?)/notebooks/", known)
        COURSE_ADDRESS = "/".join(found.groups()) if found else ""
    try:
        if COURSE_ADDRESS:
            urlretrieve(f"https://raw.githubusercontent.com/{COURSE_ADDRESS}/colab/bootstrap.py", "bootstrap.py")
    except OSError:  # no network, or a private repository
        COURSE_ADDRESS = ""
    importlib.invalidate_caches()  # what was uploaded or mounted since the last try counts
    if not importlib.util.find_spec("bootstrap"):
        raise RuntimeError("This lesson cannot find its course: upload the course's wheel and colab/bootstrap.py (folder icon "
                           "on the left), or put its folder in Drive as MyDrive/course and mount the drive; then run this again.")
    importlib.import_module("bootstrap").install(COURSE_ADDRESS)

# %% setup tags=["setup"] jupyter={"source_hidden": true} cellView="form"
# @title Setup: run this cell and go on
from course_lib.lessons import notebook  # in Colab the cell above installs it

settings = notebook.start(PROFILE, USE_DRIVE)

# %% [markdown]
# The code of these two is folded, because a student needs only what it shows: for a question it holds the answers.

# %% question jupyter={"source_hidden": true} cellView="form"
# @title Question: run this cell

# %% diagram jupyter={"source_hidden": true} cellView="form"
# @title Diagram: run this cell

# %% [markdown]
# The last cell of each master, because what a notebook or a page shows of a corpus must name makers and licence.

# %% credits tags=["credits"] jupyter={"source_hidden": true} cellView="form"
# @title Credits: makers and licences of the data in this lesson
notebook.credits()
