"""Measure figures on real data: `course evaluate --data DIR` writes course_lib/results, and lessons read it.

DIR is the folder that `COURSE_REAL_DATA` names for the tests. It holds `ravdess/speech_16k` (the 1,440 speech
recordings as FLAC, 16 kHz), `ravdess/original` (some original wavs), `ravdess/video/Actor_01` (original
mp4s), `fer2013` (see `faces`), `emodb/wav16k_flac` (339 utterances as FLAC), and `whisper` (see `encoder`).
Each result file records the command, the commit, a hash of the data files and n; a score also has its
protocol, interval and baseline. A test computes the figures again where the real data are present (a sample
of those that need minutes).
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from course_lib import results
from course_lib.authoring.experiments import (
    decisions,
    demo_answers,
    emodb_speech,
    emotion_ablation,
    encoder,
    face_calibration,
    face_finding,
    faces,
    fairness,
    hard_negatives,
    identity,
    lectures,
    people,
    speech,
    speech_full_size,
    speech_networks,
    steady_faces,
    transfer,
    voice_protocols,
)
from course_lib.core.io import hash_files, whole_file
from course_lib.core.names import check_choice
from course_lib.core.paths import commit

MEASUREMENTS = {
    function.__name__: function
    for function in (
        lectures.ravdess_speech_counts,
        lectures.ravdess_audit,
        lectures.lecture14_real_frames,
        lectures.lecture14_two_recordings,
        lectures.lecture27_two_readings,
        lectures.lecture27_calm_angry,
        speech.ravdess_eight_classes,
        emodb_speech.emodb_four_classes,
        encoder.ravdess_speech_encoder,
        encoder.emodb_speech_encoder,
        encoder.cross_corpus_speech,
        faces.fer2013_counts,
        faces.ferplus_raters,
        faces.fer2013_cascade_selection,
        faces.fer2013_nearest,
        faces.fer2013_networks,
        emotion_ablation.emotion_net_ablation,
        face_finding.face_finding,
        steady_faces.steady_faces,
        hard_negatives.hard_negatives,
        identity.face_identity_alignment,
        transfer.london_transfer,
        transfer.fer2013_transfer,
        speech_networks.ravdess_speech_networks,
        speech_full_size.ravdess_speech_full_size,
        voice_protocols.ravdess_voice_protocols,
        decisions.decision_calibration,
        decisions.encoder_calibration,
        demo_answers.demo_answers,
        face_calibration.emotion_net_calibration,
        face_calibration.face_or_not_calibration,
        face_calibration.emotion_net_publictest,
        fairness.london_fairness,
        people.crema_d_people,
        people.ferplus_agreement,
    )
}

__all__ = ["MEASUREMENTS", "plain_value", "write"]


def write(names: Sequence[str], data: str | Path) -> list[Path]:
    """Compute figures from real data and write them to course_lib/results.

    Parameters
    ----------
    names : sequence of str
        Keys of `MEASUREMENTS`. An empty sequence computes all of them.
    data : str or Path
        The folder of the real data.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    CourseError
        If a name is unknown, or a file is missing.
    """
    for name in names:
        check_choice("figure", name, MEASUREMENTS)
    paths, made_with = [], commit()  # before the first file that is written changes the checkout
    for name in names or MEASUREMENTS:
        found = MEASUREMENTS[name](Path(data))
        sources = found.pop("files")
        found = {
            "command": f"course evaluate {name} --data DIR",
            "commit": made_with,
            "data_sha256": hash_files(sources),
            "data_files": len(sources),
            **found,
        }
        paths.append(results.FOLDER / f"{name}.json")
        with whole_file(paths[-1]) as part:
            part.write_text(json.dumps(found, indent=1, default=plain_value) + "\n")
    return paths


def plain_value(value: object) -> bool | int | float | str:
    """Turn a NumPy scalar into Python's (`default` of `json.dumps`); anything else raises `TypeError`.

    Examples
    --------
    >>> json.dumps({"n": np.int64(3)}, default=plain_value)
    '{"n": 3}'
    """
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))
