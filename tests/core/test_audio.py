"""Each sampling rate of the course is written in one place."""

import ast
import inspect

import pytest

from course_lib import features
from course_lib.core import audio
from course_lib.core.paths import ROOT
from course_lib.features import functionals
from course_lib.media.audio import read_audio

RATES = {name: value for name, value in vars(audio).items() if name.endswith("_SR")}
# Numbers that happen to be equal: the rate of the Studio's synthesis, and bits per second of an audio track.
OTHERS = {("synthetic/voice.py", "VOICE_RATE"), ("show/players.py", "_SOUND")}


def written_rates():
    """(file, name) of each constant and each default of a parameter that is a sampling rate in digits."""
    package = ROOT / "course_lib"
    for path in package.rglob("*.py"):
        place = path.relative_to(package).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Assign) and is_rate(node.value):
                yield from ((place, target.id) for target in node.targets if isinstance(target, ast.Name))
            if isinstance(node, ast.FunctionDef):
                yield from ((place, node.name) for default in node.args.defaults if is_rate(default))


def is_rate(node):
    return isinstance(node, ast.Constant) and node.value in RATES.values() and type(node.value) is int


def test_a_rate_is_written_in_core_only():
    found = {place for place in written_rates() if not place[0].startswith("exercises/")}
    assert found - OTHERS == {("core/audio.py", name) for name in RATES}


@pytest.mark.parametrize(
    ("function", "rate"),
    [
        (read_audio, audio.LECTURE_SR),
        (features.mfcc, audio.LECTURE_SR),
        (features.log_mel_spectrogram, audio.SAVEE_SR),
        (features.f0, audio.SPEECH_SR),
    ],
)
def test_defaults_are_the_rates_of_the_lectures_and_projects(function, rate):
    assert inspect.signature(function).parameters["sr"].default == rate


def test_the_classifier_for_voices_hears_speech_at_its_rate():
    assert functionals.MFCC["sr"] == audio.SPEECH_SR
