"""Figures that papers published, as they print them: none was measured here (lessons 13, 15 and 16)."""

import pandas as pd

# Human recognition of the intended emotion by voice, face and both, from the abstract of Cao et al. (2014),
# CREMA-D: Crowd-sourced Emotional Multimodal Actors Dataset, doi:10.1109/TAFFC.2014.2336244.
CREMA_D = {"audio-only": 0.409, "video-only": 0.582, "audio-video": 0.636}

# Scores of pretrained speech encoders as their authors published them, read in November 2026. None was
# measured here. EmoBox: emo-box.github.io/leaderboard1.html at commit 3f14667 of its repository; its folds:
# emo-box/EmoBox, data/ravdess (six) and data/emodb (five). ARCH: huggingface.co/spaces/ALM/ARCH,
# index.html at 7f6e741; its split: MorenoLaQuatra/ARCH, evaluation/classification/speech/ravdess.py.
_EMOBOX = "EmoBox 2024, doi:10.48550/arXiv.2406.07162"
_ARCH = "ARCH 2024, doi:10.48550/arXiv.2405.00934"
_SIX = "six folds of actors"
_OWN = "EmoBox's split"
SPEECH_ENCODERS = pd.DataFrame(
    [
        ("Whisper large v3", "frozen, small network", "RAVDESS", _SIX, 75.87, "accuracy", _EMOBOX),
        ("WavLM large", "frozen, small network", "RAVDESS", _SIX, 72.22, "accuracy", _EMOBOX),
        ("HuBERT large", "frozen, small network", "RAVDESS", _SIX, 70.29, "accuracy", _EMOBOX),
        ("wav2vec 2.0 base", "frozen, small network", "RAVDESS", _SIX, 55.40, "accuracy", _EMOBOX),
        ("Whisper large v3", "frozen, small network", "EmoDB, 7 emotions", _OWN, 92.43, "accuracy", _EMOBOX),
        ("WavLM large", "frozen, small network", "EmoDB, 7 emotions", _OWN, 92.67, "accuracy", _EMOBOX),
        ("Whisper large v3", "frozen, small network", "MSP-Podcast", _OWN, 44.10, "accuracy", _EMOBOX),
        ("WavLM large", "frozen, small network", "MSP-Podcast", _OWN, 40.47, "accuracy", _EMOBOX),
        ("WavLM (M)", "frozen, linear", "RAVDESS", "random split", 71.76, "accuracy", _ARCH),
        ("XLS-R (M)", "frozen, linear", "RAVDESS", "random split", 31.48, "accuracy", _ARCH),
        ("XLS-R (L)", "frozen, linear", "RAVDESS", "random split", 55.44, "accuracy", _ARCH),
        (
            "LSTM, 46,772 parameters",
            "no pretraining",
            "RAVDESS",
            "five folds of actors",
            62.32,
            "UAR",
            "Krasnoproshin & Vashkevich 2026, doi:10.48550/arXiv.2606.03359",
        ),
        (
            "PANNs CNN14 + face",
            "fine-tuned, with video",
            "RAVDESS",
            "five folds of actors (the same)",
            80.08,
            "accuracy",
            "Luna-Jiménez et al. 2021, doi:10.3390/s21227665",
        ),
        (
            "XLSR wav2vec 2.0 + face",
            "fine-tuned, with video",
            "RAVDESS",
            "five folds of actors (the same)",
            86.70,
            "accuracy",
            "Luna-Jiménez et al. 2022, doi:10.3390/app12010327",
        ),
    ],
    columns=["encoder", "how used", "corpus", "split", "score in %", "measure", "source"],
)
