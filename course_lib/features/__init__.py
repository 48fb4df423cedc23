"""Features of many clips at once: HoG of images (lecture 14), MFCC and log-mel spectrograms of sound (lecture
27), the fundamental frequency and statistics of a voice (lesson 12)."""

from course_lib.features.f0 import f0
from course_lib.features.hog import hog
from course_lib.features.prosody import Prosody, prosody
from course_lib.features.spectral import log_mel_spectrogram, mel_filters, mfcc

__all__ = ["Prosody", "f0", "hog", "log_mel_spectrogram", "mel_filters", "mfcc", "prosody"]
