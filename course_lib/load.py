"""Load a corpus with one call: drawn data, real data that come with the course, or real data of your own.

`load.clips(CORPUS, DATA_DIR, ACTORS, EMOTIONS)` loads clips, `load.faces(CORPUS, DATA_FILE)` faces."""

import warnings
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from course_lib import synthetic
from course_lib.core.errors import CourseError
from course_lib.core.labels import EMOTIONS, OF_RAVDESS
from course_lib.core.names import check_choice
from course_lib.datasets import crema_d, embedded, emodb, fer2013, fetch, london, ravdess
from course_lib.synthetic import fer2013 as drawn

CORPORA = {
    "studio": "the Studio: drawn, speaking actors made on this machine (SYNTHETIC)",
    "embedded": "the part of RAVDESS that comes with the course: speech of 2 actors and 5 films, "
    "Livingstone & Russo 2018 (CC BY-NC-SA 4.0)",
    "emodb": "EmoDB: German speech of 10 actors, Burkhardt et al. 2005 (CC0 1.0)",
    "crema_d": "CREMA-D: 10 films and 19 recordings come with the course, Cao et al. 2014 "
    "(ODbL 1.0, contents DbCL 1.0)",
    "london": "the Face Research Lab London Set: photographs of 102 people, DeBruine & Jones 2017 "
    "(CC BY 4.0)",
    "ravdess": "RAVDESS as a whole: `course fetch`, Livingstone & Russo 2018 (CC BY-NC-SA 4.0)",
}
FACES = {
    "studio": "the Studio's FER2013: drawn faces made on this machine (SYNTHETIC)",
    "london": "the Face Research Lab London Set: 204 faces, neutral or happy, DeBruine & Jones 2017 "
    "(CC BY 4.0)",
    "fer2013": "FER2013, Goodfellow et al. 2013 (no open licence is known)",
}
# For each modality: the kinds of file that have it, the preferred one first, and the set to download.
MODALITIES = {
    "video-only": (["video-only", "audio-video", "photograph"], "ravdess-video"),
    "audio-video": (["audio-video"], "ravdess-video"),
    "audio-only": (["audio-only", "audio-video"], "ravdess-speech"),
}
CONTENT = {"video-only": "images", "audio-only": "sound", "audio-video": "films with sound"}
# For each real corpus: its name, its folder in `datasets/embedded`, and what reads a folder.
READERS = {
    "embedded": ("RAVDESS", "ravdess", ravdess.table),
    "emodb": ("EmoDB", "emodb", emodb.table),
    "crema_d": ("CREMA-D", "crema_d", crema_d.table),
    "london": ("London", "london", london.table),
    "ravdess": ("RAVDESS", None, ravdess.table),
}
OF_CORPUS = {
    "emodb": tuple(emodb.EMOTIONS.values()),
    "crema_d": tuple(crema_d.EMOTIONS.values()),
    "london": tuple(emotion for _, emotion in london.EXPRESSIONS.values()),
}
# How many actors show both of a lesson's two emotions, in what comes with the course, or in a full download.
ACTORS_WITH = {
    "studio": dict.fromkeys(MODALITIES, 24),
    "london": {"video-only": 102},
    "emodb": {"audio-only": 10, "audio-video": 10},  # where there is no film, the sound alone is used
    "embedded": {"video-only": 1, "audio-only": 2, "audio-video": 2},
    "crema_d": {"video-only": 0, "audio-only": 1, "audio-video": 1},
    "ravdess": dict.fromkeys(MODALITIES, 24),
}
COLUMNS = tuple(ravdess.row("01-01-01-01-01-01-01.mp4"))  # every table has these, and "corpus"
# x and y of the eyes' centres in a face of 48 x 48 pixels: where they lie in the mean of FER2013's faces.
FACE_EYES = ((14.0, 18.0), (33.0, 18.0))


def clips(
    corpus: str = "studio",
    folder: str | Path | None = None,
    actors: int | str | Iterable[int | str] | None = None,
    emotions: str | Iterable[str] | None = None,
    modality: str = "video-only",
    seed: int = 0,
    *,
    most_actors: int | None = None,
    least_actors: int = 1,
    least_clips: int = 1,
    ravdess_names: bool = False,
) -> pd.DataFrame:
    """Load the table of a corpus's speech clips, or of its photographs.

    Parameters
    ----------
    corpus : str
        One of `CORPORA`. "studio" makes the clips that are not in the course's cache yet. "embedded",
        "emodb", "crema_d" and "london" come with the course. "ravdess" is the whole of RAVDESS.
    folder : str or path, optional
        The folder of a download of RAVDESS, EmoDB, CREMA-D or the London set. By default what comes with the
        course; of "ravdess", the folder where `course fetch` puts it. Not for "studio" and "embedded".
    actors : int, str or several, optional
        In the corpus's own numbers: 1 to 24 for RAVDESS and the Studio, 3 (or "03") to 16 for EmoDB,
        1001 to 1091 for CREMA-D, the person's number for the London set. By default all.
    emotions : str or several, optional
        In the corpus's own words. RAVDESS's words serve for all: where a corpus has no calm, neutral is used.
        By default all.
    modality : {"video-only", "audio-only", "audio-video"}
        What the lesson needs: frames (lecture 14), sound, or both in one file (lecture 27). A photograph
        counts as a film of one frame.
    seed : int
        Seed of the Studio.
    most_actors : int, optional
        If `actors` is None, load only the first so many actors who have two clips or more of each emotion.
        If nobody has two, all actors are loaded.
    least_actors : int
        At least so many actors must show every emotion. A lesson that tests on new actors needs 2 or more.
    least_clips : int
        There must be at least so many clips of each emotion.
    ravdess_names : bool
        The lesson reads the fields of RAVDESS's file names, so it refuses the corpora with other names.

    Returns
    -------
    pd.DataFrame
        The columns of `ravdess.table` (a field that the corpus does not have is "unspecified", and each
        repetition is then 1), the corpus's further columns, and `corpus`. One row for each recording: of
        several files of a recording the one with the named modality is used.

    Raises
    ------
    CourseError
        For an unknown corpus, actor, emotion or modality, a folder with "studio" or "embedded", a corpus that
        does not have what is needed, and if no clip is left.

    Notes
    -----
    Warnings tell when a corpus lacks something: emotions are replaced by those with most clips, missing
    actors are left out, and if there is no file with picture and sound, the sound alone is used (see the
    column `modality`).

    Do not join the tables of two corpora if the corpora do not have the same emotions: a classifier could
    then tell the emotion from the microphone or the camera. Used in lessons 00 to 08, 12, 13, 16 and 17.

    Examples
    --------
    >>> heard = clips("emodb", actors=3, emotions=["neutral", "angry"], modality="audio-only")
    >>> heard["emotion"].value_counts().to_dict(), heard["actor"].unique().tolist()
    ({'angry': 14, 'neutral': 11}, ['03'])
    """
    check_choice("corpus", corpus, CORPORA)
    check_choice("modality", modality, MODALITIES)
    numbers, words = _own_numbers(corpus, actors), _own_words(corpus, emotions)
    use = _use_another(corpus, modality, least_actors, ravdess_names)
    if ravdess_names and corpus in OF_CORPUS:
        raise CourseError(
            READERS[corpus][0], "this lesson reads RAVDESS's file names, and its files have others", use
        )
    if folder is not None and corpus in ("studio", "embedded"):
        what = "drawn clips" if corpus == "studio" else "the clips that come with the course"
        raise CourseError(
            folder,
            f'this is a folder of real clips, and the corpus "{corpus}" is {what}',
            'Set CORPUS = "ravdess" (course run --corpus ravdess), or leave the folder out',
        )
    if corpus == "studio":
        numbers = numbers or range(1, (most_actors or 24) + 1)
        names = synthetic.recording_names(numbers, words or ravdess.EMOTIONS, modality)
        table = synthetic.make(names, seed=seed)
    else:
        table = _real(corpus, folder, numbers, words, modality, most_actors, use)
    _check_least(table, least_actors, least_clips, use)
    return table


def faces(
    corpus: str = "studio",
    path: str | Path | None = None,
    seed: int = 0,
    *,
    all_emotions: bool = False,
) -> fer2013.Faces:
    """Load the faces of a corpus.

    Parameters
    ----------
    corpus : {"studio", "london", "fer2013"}
        "studio" draws 3,000 faces at the first call and keeps them in the course's cache. "london" are the
        204 photographs of the London set, neutral or happy, cut to the face.
    path : str or path, optional
        A file or folder of FER2013, which the course does not download, or the folder of a full download of
        the London set. Not for the Studio.
    seed : int
        Seed of the Studio.
    all_emotions : bool
        The lesson needs faces of all seven emotions, so it refuses the London set.

    Returns
    -------
    fer2013.Faces
        Images uint8 (n, 48, 48), labels uint8 (n,), usage str (n,). The London set is split by person: every
        third person is "PublicTest", all others are "Training".

    Raises
    ------
    CourseError
        For an unknown corpus, a path with the Studio, no path with FER2013, the London set where all emotions
        are needed, and as in `fer2013.read` and `london.table`.

    Notes
    -----
    A warning lists differences from FER2013's published counts. Used in lessons 09 to 11 and 17.

    Examples
    --------
    >>> images, labels, usage = faces("london")
    >>> images.shape, sorted({EMOTIONS[label] for label in labels})
    ((204, 48, 48), ['happy', 'neutral'])
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
    if corpus == "london":
        if all_emotions:
            raise CourseError(
                "London",
                "it has neutral and happy faces only; this lesson needs all seven emotions",
                'Use CORPUS = "studio", or "fer2013" with its file in DATA_FILE',
            )
        return _london_faces(path or embedded.folder("london"))
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


# --- what is asked for, in the corpus's own words ---


def check_asked(
    corpus: str, actors: Iterable[int] | None = None, emotions: Iterable[str] | None = None
) -> None:
    """Check the names that `clips` would be called with, without reading or drawing anything.

    Parameters
    ----------
    corpus : str
        One of `CORPORA`.
    actors, emotions
        As in `clips`.

    Raises
    ------
    CourseError
        For an unknown corpus, actor or emotion.

    Examples
    --------
    >>> check_asked("studio", [1, 2], ["neutral", "angri"])
    Traceback (most recent call last):
    course_lib.core.errors.CourseError: emotion 'angri': there is no such emotion. Did you mean 'angry'? ...
    """
    check_choice("corpus", corpus, CORPORA)
    _own_numbers(corpus, actors)
    with warnings.catch_warnings():  # what is replaced is said by `clips`
        warnings.simplefilter("ignore")
        _own_words(corpus, emotions)


def check_folder(corpus: str, folder: str | Path) -> None:
    """Check that a folder holds files of a corpus, by their names alone.

    Parameters
    ----------
    corpus : str
        A real corpus that is read from a folder: "ravdess", "emodb", "crema_d" or "london".
    folder : str or path
        The folder of the download.

    Raises
    ------
    CourseError
        If it does not exist, is a file, or holds no file of the corpus.
    """
    check_choice("corpus", corpus, READERS)
    with warnings.catch_warnings():  # what is left out is said by `clips`
        warnings.simplefilter("ignore")
        READERS[corpus][2](folder)


def _own_numbers(corpus, actors):
    if actors is None:
        return None
    actors = [actors] if isinstance(actors, Integral | str) else list(actors)
    if corpus == "emodb":
        actors = [f"{int(actor):02d}" if str(actor).isdecimal() else actor for actor in actors]
    known = {"emodb": emodb.SPEAKERS, "crema_d": range(1001, 1092), "london": range(1, 174)}
    for actor in actors:
        check_choice("actor", actor, known.get(corpus, range(1, 25)))
    return actors


def _own_words(corpus, emotions):
    if emotions is None:
        return None
    emotions = [emotions] if isinstance(emotions, str) else list(emotions)
    own = OF_CORPUS.get(corpus, ravdess.EMOTIONS)
    known = {*own, *ravdess.EMOTIONS, *(EMOTIONS if corpus in OF_CORPUS else ())}
    for emotion in emotions:
        if emotion not in known:
            check_choice("emotion", emotion, own)
    if corpus not in OF_CORPUS:
        return emotions
    if "calm" in emotions:
        warnings.warn(f"{READERS[corpus][0]} has no calm. Used instead: neutral.", stacklevel=3)
    return list(dict.fromkeys(OF_RAVDESS.get(emotion, emotion) for emotion in emotions))


def _use_another(corpus, modality, least_actors, ravdess_names):
    """What an error advises: the other corpora that have what is needed."""
    able = [
        f'"{other}"' + " (after course fetch)" * (other == "ravdess")
        for other, actors in ACTORS_WITH.items()
        if other != corpus
        and actors.get(modality, 0) >= least_actors
        and not (ravdess_names and other in OF_CORPUS)
    ]
    return f"Use CORPUS = {', '.join(able[:-1])} or {able[-1]}"


# --- real clips ---


def _real(corpus, folder, actors, emotions, modality, most_actors, use):
    name, _, read = READERS[corpus]
    here = folder or _folder(corpus, modality)
    where = name if folder is None and corpus in OF_CORPUS else here
    if corpus == "embedded":
        where = "The course's part of RAVDESS"
    table = _complete(read(here), name)
    table = table[table["vocal_channel"] != "song"]
    kinds, fetched = MODALITIES[modality]
    if modality == "audio-video" and _only_sound(table, emotions):
        kinds = ["audio-only"]
        warnings.warn(
            f"{where} has no clips with picture and sound of these emotions. The sound alone is used.",
            stacklevel=3,
        )
    if corpus != "ravdess":
        _check_modality(table, where, kinds, modality, use)
    table = table[table["modality"].isin(kinds)]
    table = table.sort_values("modality", key=lambda column: column.map(kinds.index), kind="stable")
    table = table.drop_duplicates("recording").sort_values("path")
    if actors is not None:
        missing = sorted(set(actors) - set(table["actor"]))
        table = table[table["actor"].isin(actors)]
        if missing and len(table):
            warnings.warn(f"{where} has no clip of actor {', '.join(map(str, missing))}.", stacklevel=3)
    if table.empty:
        raise _nothing_left(corpus, where, kinds, fetched)
    if emotions:
        table = table[table["emotion"].isin(_present(table, emotions, where))]
    if actors is None and most_actors is not None:
        table = table[table["actor"].isin(_first_actors(table, most_actors))]
    return table.reset_index(drop=True)


def _folder(corpus, modality):
    if corpus != "ravdess":
        return embedded.folder(READERS[corpus][1])
    _, name = MODALITIES[modality]
    found = fetch.found(name) or (modality == "audio-video" and fetch.found("ravdess-speech"))
    if not found:
        raise CourseError(
            "RAVDESS",
            "it is not on this machine",
            f"Run: course fetch {name}. Or give its folder (DATA_DIR). "
            'Or use the part that comes with the course: CORPUS = "embedded"',
        )
    return found


def _complete(table, name):
    """The table with the columns of RAVDESS's first, and `corpus` last."""
    unknown = {
        "modality": "photograph",
        "vocal_channel": "unspecified",
        "intensity": "unspecified",
        "statement": "unspecified",
        "repetition": 1,
    }
    if "version" in table:  # EmoDB's "a" is the first version that was kept
        unknown["repetition"] = table["version"].map(lambda letter: ord(letter) - ord("a") + 1)
    table = table.assign(**{column: value for column, value in unknown.items() if column not in table})
    further = [column for column in table if column not in (*COLUMNS, "corpus")]
    return table[[*COLUMNS, *further]].assign(corpus=name)


def _only_sound(table, emotions):
    filmed, heard = (
        set(table["emotion"][table["modality"] == kind]) for kind in ("audio-video", "audio-only")
    )
    if not filmed or emotions is None:
        return bool(heard and not filmed)
    return bool(set(emotions) - filmed and set(emotions) <= heard)


def _check_modality(table, where, kinds, modality, use):
    there = set(table["modality"])
    if not there & set(kinds):
        words = {"audio-only": "sound", "photograph": "photographs"}
        has = " and ".join(sorted(words.get(kind, "films") for kind in there))
        raise CourseError(where, f"it has {has} only, no {CONTENT[modality]}", use)


def _nothing_left(corpus, where, kinds, fetched):
    if corpus != "ravdess":
        return CourseError(where, "it contains no such clip of these actors", "Check ACTORS")
    kinds = " or ".join(kind for kind in kinds if kind != "photograph")
    return CourseError(
        where,
        f"it contains no {kinds} speech of these actors",
        f"Check DATA_DIR and ACTORS, or fetch more: course fetch {fetched}",
    )


def _present(table, wanted, where):
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
    warnings.warn(f"{where} has no clip of: {missing}. Used instead: {', '.join(chosen)}.", stacklevel=4)
    return chosen


def _first_actors(table, most):
    """The first `most` actors who have two clips or more of each emotion; all actors if nobody has."""
    clips_of = table.groupby(["actor", "emotion"]).size().unstack(fill_value=0)
    enough = clips_of.index[(clips_of >= 2).all(axis=1)]
    return list(enough[:most]) if len(enough) else list(clips_of.index)


def _check_least(table, actors, clips, use):
    if actors == clips == 1:
        return
    clips_of = table.groupby(["actor", "emotion"]).size().unstack(fill_value=0)
    each, n = clips_of.sum(), int((clips_of > 0).all(axis=1).sum())
    if 1 < actors > n:
        wrong = f"{n} actor{'s' * (n != 1)} with all of {', '.join(each.index)}; this lesson tests on other "
        wrong += f"actors than it trains on, so it needs {actors} or more"
    elif each.min() < clips:
        wrong = f"{each.min()} clips of {each.idxmin()}; this lesson needs {clips} or more of each emotion"
    else:
        return
    raise CourseError(table["corpus"].iloc[0], wrong, f"{use}, or give more ACTORS")


# --- the London set as faces ---


def _london_faces(folder):
    """The photographs as FER2013's faces: grey, 48 x 48, both eyes always in the same place."""
    table = london.table(folder)
    images = [_face(path, points) for path, points in zip(table["path"], london.points(table), strict=True)]
    person = pd.factorize(table["actor"], sort=True)[0]
    return fer2013.Faces(
        np.stack(images),
        table["emotion"].map(EMOTIONS.index).to_numpy(np.uint8),
        np.where(person % 3 == 2, "PublicTest", "Training"),
    )


def _face(path, points):
    """One photograph turned, scaled and cut so that the eyes' centres come to `FACE_EYES`."""
    photograph = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
    if photograph is None:
        raise CourseError(path, "it is not an image, or it is damaged", "Copy or unpack it again")
    photograph = cv2.resize(photograph, (london.WIDTH, london.WIDTH), interpolation=cv2.INTER_AREA)
    eyes = [points[2:4].mean(axis=0), points[0:2].mean(axis=0)]  # at the left and at the right of the image
    finer = 4  # warpAffine takes single pixels; averaging four by four afterwards avoids aliasing
    wanted = (np.array(FACE_EYES) + 0.5) * finer - 0.5
    turn = complex(*(wanted[1] - wanted[0])) / complex(*(eyes[1] - eyes[0]))
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    matrix = np.column_stack([matrix, wanted[0] - matrix @ eyes[0]])
    size = (fer2013.SIZE * finer,) * 2
    large = cv2.warpAffine(photograph, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return cv2.resize(large, (fer2013.SIZE,) * 2, interpolation=cv2.INTER_AREA)
