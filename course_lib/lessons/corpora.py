"""Which lessons run on which corpus: what `course run --corpus` uses."""

from pathlib import Path

from course_lib.core.names import check_choice
from course_lib.lessons.find import names, that_take

# The parameters of a lesson that hold the path of a download of each corpus: on clips, on faces.
PATHS = {
    "embedded": ("DATA_DIR",),
    "emodb": ("DATA_DIR",),
    "crema_d": ("DATA_DIR",),
    "london": ("DATA_DIR", "DATA_FILE"),
    "ravdess": ("DATA_DIR",),
    "fer2013": ("DATA_FILE",),
}
# The numbers of the lessons that run to their end with what comes with the course. The other lessons end in
# the cell that loads the clips, with an error that tells what the lesson needs and which corpora have it.
LESSONS = {
    "embedded": ("00", "01", "02", "05", "12", "13"),
    "emodb": ("12",),
    "crema_d": ("00", "02"),
    "london": ("00", "02", "03", "04", "09"),
}
# With a download of CREMA-D: those on voices, and those on films.
CREMA_D_VOICES, CREMA_D_FILMS = ("12",), ("00", "02", "03", "04", "05", "06", "13")


def lessons_for(corpus: str, folder: str | Path | None = None) -> list[str]:
    """List the lessons that run on a corpus.

    Parameters
    ----------
    corpus : str
        "studio", or one of `PATHS`.
    folder : str or path, optional
        The folder of a download of the corpus. By default only what comes with the course is there.

    Returns
    -------
    list of str
        The names of the lessons.

    Raises
    ------
    CourseError
        If there is no such corpus.

    Examples
    --------
    >>> lessons_for("emodb")[0]
    '12_speech_cnn_and_lstm'
    """
    check_choice("corpus", corpus, ("studio", *PATHS))
    numbers = LESSONS.get(corpus)
    if corpus == "crema_d" and folder is not None:
        filmed = any(path.suffix.lower() in (".flv", ".mp4") for path in Path(folder).rglob("*"))
        numbers = CREMA_D_VOICES + CREMA_D_FILMS * filmed
    if numbers is not None:
        return [name for name in names() if name[:2] in numbers]
    return that_take(*PATHS[corpus]) if corpus in PATHS else names()
