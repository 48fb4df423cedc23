"""The Studio's SAVEE: four men of its cast say sentences in seven emotions, as wavs (44.1 kHz) in SAVEE's
names.
"""

from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from course_lib.core.io import whole_file
from course_lib.core.paths import home
from course_lib.core.progress import progress
from course_lib.datasets import savee
from course_lib.synthetic import voice

VERSION = 1  # a new voice gets a new number, so that clips of an older one are not taken for it
SAMPLE_RATE = 44_100  # Hz: SAVEE's
PEOPLE = 1000  # added to the seed: other people than those of the Studio's RAVDESS
SAID = {"fear": "fearful", "surprise": "surprised"}  # as the voices' emotions are called


def make(
    speakers=savee.SPEAKERS, emotions=tuple(savee.SENTENCES), folder=None, seed=0, jobs=-1
) -> pd.DataFrame:
    """Make the clips of these speakers and emotions that are not there yet, and return `savee.table`'s rows
    of them.

    Fifteen of an emotion and speaker, thirty of neutral. The Studio knows two sentences, said in turn; every
    third clip is strong. Files go to `folder`, by default one of the course's cache that belongs to the seed,
    each moved into place whole. The same seed gives the same bytes. `corpus` says "Studio (SYNTHETIC)"."""
    folder = Path(folder or home() / "studio" / f"savee-seed-{seed}-version-{VERSION}")
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
        list(progress(made, total=len(missing), desc="the Studio speaks", unit="clip", leave=False))
    table = savee.table(folder)
    return table[table["recording"].isin(names)].reset_index(drop=True).assign(corpus="Studio (SYNTHETIC)")


def _make_clip(path, seed):
    import soundfile
    import soxr

    fields = savee.parse_name(path)
    sentence = fields["sentence"]
    recording = {
        "actor": 1 + 2 * savee.SPEAKERS.index(fields["actor"]),
        "emotion": SAID.get(fields["emotion"], fields["emotion"]),
        "intensity": "strong" if sentence % 3 == 0 else "normal",
        "statement": "kids" if sentence % 2 else "dogs",
        "repetition": (sentence + 1) // 2,
    }
    samples = voice.speak(recording, seed + PEOPLE).samples
    with whole_file(path) as part:
        soundfile.write(
            part,
            voice.to_int16(soxr.resample(samples, voice.SAMPLE_RATE, SAMPLE_RATE)),
            SAMPLE_RATE,
            subtype="PCM_16",
        )
