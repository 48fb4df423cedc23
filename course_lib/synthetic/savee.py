"""The Studio's SAVEE: four drawn men speak in seven emotions; wav files (44.1 kHz) with SAVEE's names."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.audio import RAVDESS_SR, SAVEE_SR
from course_lib.core.io import whole_file
from course_lib.core.names import check_choice
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import savee
from course_lib.synthetic import voice

VERSION = 1  # increase it when the voice changes, so that cached clips are made again
PEOPLE = 1000  # added to the seed, so that the speakers are not those of the Studio's RAVDESS
STUDIO_NAMES = {"fear": "fearful", "surprise": "surprised"}  # names of these emotions in `voice`


def make(
    speakers: Iterable[str] = savee.SPEAKERS,
    emotions: Iterable[str] = tuple(savee.SENTENCES),
    folder: str | Path | None = None,
    seed: int = 0,
    jobs: int = -1,
) -> pd.DataFrame:
    """Make clips of the Studio's SAVEE that do not exist yet.

    There are 15 clips for each emotion and speaker, and 30 for neutral. The Studio alternates between two
    sentences, and every third clip has a strong intensity. The same seed gives the same bytes.

    Parameters
    ----------
    speakers : iterable of str
        SAVEE's speakers: DC, JE, JK, KL.
    emotions : iterable of str
        SAVEE's emotions.
    folder : str or Path, optional
        Where the files go; by default a folder of the course's cache for this seed.
    seed : int
        The Studio's seed.
    jobs : int
        Clips that are made at the same time; -1 uses all cores.

    Returns
    -------
    pd.DataFrame
        The rows of `savee.table`, and `corpus`: "Studio (SYNTHETIC)".

    Raises
    ------
    CourseError
        If SAVEE does not have the emotion or the speaker.

    Notes
    -----
    Each file is written completely or not at all. Used in lesson 12.
    """
    folder = Path(folder or home() / "studio" / f"savee-seed-{seed}-version-{VERSION}")
    speakers, emotions = list(speakers), list(emotions)
    for speaker in speakers:
        check_choice("speaker", speaker, savee.SPEAKERS)
    for emotion in emotions:
        check_choice("emotion", emotion, savee.SENTENCES)
    names = [
        savee.format_name(emotion, sentence, speaker)
        for speaker in speakers
        for emotion in emotions
        for sentence in range(1, savee.SENTENCES[emotion] + 1)
    ]
    missing = [folder / f"{name}.wav" for name in names if not (folder / f"{name}.wav").exists()]
    if missing:
        folder.mkdir(parents=True, exist_ok=True)
        made = Parallel(n_jobs=jobs if len(missing) > 1 else 1, return_as="generator")(
            delayed(_make_clip)(path, seed) for path in missing
        )
        list(progress(made, total=len(missing), desc="making Studio clips", unit="clip", leave=False))
    table = savee.table(folder)
    return table[table["recording"].isin(names)].reset_index(drop=True).assign(corpus="Studio (SYNTHETIC)")


def _make_clip(path, seed):
    import soundfile
    import soxr

    fields = savee.parse_name(path)
    sentence = fields["sentence"]
    recording = {
        "actor": 1 + 2 * savee.SPEAKERS.index(fields["actor"]),
        "emotion": STUDIO_NAMES.get(fields["emotion"], fields["emotion"]),
        "intensity": "strong" if sentence % 3 == 0 else "normal",
        "statement": "kids" if sentence % 2 else "dogs",
        "repetition": (sentence + 1) // 2,
    }
    samples = voice.speak(recording, seed + PEOPLE).samples
    with whole_file(path) as part:
        soundfile.write(
            part,
            voice.to_int16(soxr.resample(samples, RAVDESS_SR, SAVEE_SR)),
            SAVEE_SR,
            subtype="PCM_16",
        )
