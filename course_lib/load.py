"""The same call gives the Studio's data or real ones: `load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS)` gives
clips, `load.faces(CORPUS, DATA_FILE)` faces."""

import warnings

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
# What a lesson asks for: which files have it, those that come first where a recording has several, and the
# set to fetch.
MODALITIES = {
    "video-only": (["video-only", "audio-video"], "ravdess-video"),
    "audio-video": (["audio-video"], "ravdess-video"),
    "audio-only": (["audio-only", "audio-video"], "ravdess-speech"),
}


def clips(
    corpus="studio", folder=None, actors=None, emotions=None, modality="video-only", seed=0
) -> pd.DataFrame:
    """The speech clips of a corpus: `ravdess.table`'s columns and `corpus`, one row a recording.

    `studio` makes what is asked for and not there yet, in the course's cache. `ravdess` reads `folder`, by
    default where `course fetch` puts it. `modality` says what is needed: "video-only", pictures (lecture 14);
    "audio-only", sound; "audio-video", both in one file (lecture 27). Where a RAVDESS folder has no such file
    of these emotions but sound alone, it gives the sound, with a warning; the column `modality` says which it
    is. No recording stands twice: of several files of a take the one of the named modality counts. Emotions
    that the folder lacks are replaced, with a warning, by the ones it has most clips of; actors that it lacks
    are named in a warning. Raises `CourseError` for an unknown corpus, actor, emotion or modality, for a
    folder with the Studio, which must not be mixed into real clips, and where nothing is left."""
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


def faces(corpus="studio", path=None, seed=0) -> fer2013.Faces:
    """The faces of a corpus, as `fer2013.read` gives them: images uint8 (n, 48, 48), labels uint8 (n,), usage
    str (n,).

    `studio` draws 3,000 faces at the first call and keeps them in the course's cache. `fer2013` reads `path`,
    a file or folder of FER2013; the course does not download it, and a warning names what differs from the
    published counts. Raises `CourseError` for an unknown corpus, for a path with the Studio, for none with
    FER2013, and for what `fer2013.read` refuses."""
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
            "its path is not given, and nobody may pass it on: no open licence is known",
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
            f"{folder} has no clips with picture and sound of these emotions. Going on with sound alone.",
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
            f"no {' or '.join(files)} speech of these actors is in it",
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
    # Most clips first, then most strong ones: what is left of a small download should still make two classes.
    ranking = (
        table.assign(strong=table["intensity"] == "strong").groupby("emotion")["strong"].agg(["size", "sum"])
    )
    there = list(ranking.sort_values(["size", "sum"], ascending=False, kind="stable").index)
    kept = [emotion for emotion in wanted if emotion in there]
    if len(kept) == len(wanted):
        return wanted
    chosen = kept + [emotion for emotion in there if emotion not in kept][: len(wanted) - len(kept)]
    missing = ", ".join(emotion for emotion in wanted if emotion not in there)
    warnings.warn(f"{folder} has no clip of: {missing}. Going on with: {', '.join(chosen)}.", stacklevel=4)
    return chosen
