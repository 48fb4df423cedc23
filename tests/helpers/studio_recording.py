"""The fields of a recording, as the Studio needs them."""


def recording(actor=1, emotion="neutral", intensity="normal", statement="kids", repetition=1):
    return {
        "actor": actor,
        "emotion": emotion,
        "intensity": intensity,
        "statement": statement,
        "repetition": repetition,
        "gender": "male" if actor % 2 else "female",
    }
