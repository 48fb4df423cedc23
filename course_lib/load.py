"""Load the Studio's data or real data with the same call.

`load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS)` loads clips, `load.faces(CORPUS, DATA_FILE)` faces."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from course_lib import synthetic
from course_lib.core.errors import CourseError
from course_lib.core.validation import check_choice
from course_lib.datasets import fer2013, fetch, ravdess
from course_lib.synthetic import fer2013 as drawn

CORPORA = {
    "studio": "the Studio: drawn, speaking actors made on this machine (SYNTHETIC)",
    "ravdess": "RAVDESS, Livingstone & Russo 2018 (CC BY-NC-SA 4.0)",
}
FACES = {
    "studio": "the Studio's FER2013: drawn faces made on this machine (SYNTHETIC)",
    "fer2013": "FER2013, Goodfellow et al. 2013 (no open licence is known)",
}
# For each modality: the kinds of file that have it, the preferred one first, and the set to download.
MODALITIES = {
    "video-only": (["video-only", "audio-video"], "ravdess-video"),
    "audio-video": (["audio-video"], "ravdess-video"),
    "audio-only": (["audio-only", "audio-video"], "ravdess-speech"),
}


def clips(
    corpus: str = "studio",
    folder: str | Path | None = None,
    actors: int | Iterable[int] | None = None,
    emotions: str | Iterable[str] | None = None,
    modality: str = "video-only",
    seed: int = 0,
) -> pd.DataFrame:
    """Load the table of a corpus's speech clips.

    Parameters
    ----------
    corpus : {"studio", "ravdess"}
        "studio" makes the clips that are not in the course's cache yet. "ravdess" reads real clips.
    folder : str or path, optional
        The folder of RAVDESS's clips. By default where `course fetch` puts them. Not for the Studio.
    actors : int or several, optional
        Numbers from 1 to 24. By default all.
    emotions : str or several, optional
        RAVDESS's words. By default all.
    modality : {"video-only", "audio-only", "audio-video"}
        What the lesson needs: frames (lecture 14), sound, or both in one file (lecture 27).
    seed : int
        Seed of the Studio.

    Returns
    -------
    pd.DataFrame
        The columns of `ravdess.table`, and `corpus`. One row for each recording: of several files of a
        recording the one with the named modality is used.

    Raises
    ------
    CourseError
        For an unknown corpus, actor, emotion or modality, a folder with the Studio, and if no clip is left.

    Notes
    -----
    Warnings tell when a RAVDESS folder lacks something: emotions are replaced by those with most clips,
    missing actors are left out, and if there is no file with picture and sound, the sound alone is used (see
    the column `modality`). Used in lessons 00 to 08, 12 and 13.
    """
    actors = [actors] if isinstance(actors, int) else actors
    emotions = [emotions] if isinstance(emotions, str) else emotions
    for what, given, known in (
        ("corpus", [corpus], CORPORA),
        ("modality", [modality], MODALITIES),
        ("emotion", emotions or [], ravdess.EMOTIONS),
        ("actor", actors or [], range(1, 25)),
    ):
        for value in given:
            check_choice(what, value, known)
    if corpus == "studio":
        if folder is not None:
            raise CourseError(
                folder,
                "this is a folder of real clips, and the corpus is the Studio",
                'Set CORPUS = "ravdess" (course run --corpus ravdess), or leave the folder out',
            )
        names = synthetic.recording_names(actors or range(1, 25), emotions or ravdess.EMOTIONS, modality)
        return synthetic.make(names, seed=seed)
    return _ravdess(folder, actors, emotions, modality)


def faces(corpus: str = "studio", path: str | Path | None = None, seed: int = 0) -> fer2013.Faces:
    """Load the faces of a corpus.

    Parameters
    ----------
    corpus : {"studio", "fer2013"}
        "studio" draws 3,000 faces at the first call and keeps them in the course's cache.
    path : str or path, optional
        A file or folder of FER2013. The course does not download it. Not for the Studio.
    seed : int
        Seed of the Studio.

    Returns
    -------
    fer2013.Faces
        Images uint8 (n, 48, 48), labels uint8 (n,), usage str (n,).

    Raises
    ------
    CourseError
        For an unknown corpus, a path with the Studio, no path with FER2013, and as in `fer2013.read`.

    Notes
    -----
    A warning lists differences from FER2013's published counts. Used in lessons 09 to 11.
    """
    check_choice("corpus of faces", corpus, FACES)
    if corpus == "studio":
        if path is not None:
            raise CourseError(
                path,
                "these are faces of your own, and the corpus is the Studio",
                'Set CORPUS = "fer2013", or leave the path out',
            )
        return fer2013.read(drawn.make(seed=seed))
    if path is None:
        raise CourseError(
            "FER2013",
            "its path is missing; the course may not pass it on, because no open licence is known",
            "Get fer2013.csv from Kaggle (Challenges in Representation Learning: Facial Expression "
            "Recognition Challenge, with an account of your own) and give its path (DATA_FILE)",
        )
    found = fer2013.read(path)
    fer2013.warn_of_counts(found, path)
    return found


def _ravdess(folder, actors, emotions, modality):
    files, name = MODALITIES[modality]
    folder = (
        folder or fetch.found(name) or (modality == "audio-video" and fetch.found("ravdess-speech")) or None
    )
    if folder is None:
        raise CourseError(
            "RAVDESS", "it is not on this machine", f"Run: course fetch {name}. Or give its folder (DATA_DIR)"
        )
    table = ravdess.table(folder)
    table = table[table["vocal_channel"] == "speech"]
    if modality == "audio-video" and _only_sound(table, emotions):
        files = ["audio-only"]
        warnings.warn(
            f"{folder} has no clips with picture and sound of these emotions. The sound alone is used.",
            stacklevel=3,
        )
    table = table[table["modality"].isin(files)]
    table = table.sort_values("modality", key=lambda column: column.map(files.index), kind="stable")
    table = table.drop_duplicates("recording").sort_values("path")
    if actors is not None:
        missing = sorted(set(actors) - set(table["actor"]))
        table = table[table["actor"].isin(list(actors))]
        if missing and len(table):
            warnings.warn(f"{folder} has no clip of actor {', '.join(map(str, missing))}.", stacklevel=3)
    if table.empty:
        raise CourseError(
            folder,
            f"it contains no {' or '.join(files)} speech of these actors",
            f"Check DATA_DIR and ACTORS, or fetch more: course fetch {name}",
        )
    if emotions:
        table = table[table["emotion"].isin(_present(table, list(emotions), folder))]
    return table.reset_index(drop=True).assign(corpus="RAVDESS")


def _only_sound(table, emotions):
    filmed, heard = (
        set(table["emotion"][table["modality"] == kind]) for kind in ("audio-video", "audio-only")
    )
    return (
        bool(heard and not filmed)
        if emotions is None
        else bool(set(emotions) - filmed and set(emotions) <= heard)
    )


def _present(table, wanted, folder):
    # Most clips first, then most strong ones: a small download should still give two classes.
    ranking = (
        table.assign(strong=table["intensity"] == "strong").groupby("emotion")["strong"].agg(["size", "sum"])
    )
    there = list(ranking.sort_values(["size", "sum"], ascending=False, kind="stable").index)
    kept = [emotion for emotion in wanted if emotion in there]
    if len(kept) == len(wanted):
        return wanted
    chosen = kept + [emotion for emotion in there if emotion not in kept][: len(wanted) - len(kept)]
    missing = ", ".join(emotion for emotion in wanted if emotion not in there)
    warnings.warn(f"{folder} has no clip of: {missing}. Used instead: {', '.join(chosen)}.", stacklevel=4)
    return chosen
