"""A table of recordings, as splits and audits are given one."""

import pandas as pd
import pytest


@pytest.fixture(scope="session")
def recordings():
    """Make a table as a folder of RAVDESS gives it: per actor 4 neutral and 8 angry takes, each with a silent
    twin.
    """

    def make(actors=6, frames=1):
        rows = []
        for actor in range(1, actors + 1):
            for number in range(12):
                emotion = "neutral" if number < 4 else "angry"
                recording = f"01-{5 if emotion == 'angry' else 1:02}-01-01-{number:02}-{actor:02}"
                for code, modality in ((1, "audio-video"), (2, "video-only")):
                    rows += [
                        {
                            "path": f"{code:02}-{recording}.mp4",
                            "recording": recording,
                            "modality": modality,
                            "emotion": emotion,
                            "actor": actor,
                        }
                    ] * frames
        return pd.DataFrame(rows)

    return make
