"""What the Studio is told of a recording."""


def recording(actor=1, emotion="neutral", intensity="normal", statement="kids", repetition=1):
    return {
        "actor": actor,
        "emotion": emotion,
        "intensity": intensity,
        "statement": statement,
        "repetition": repetition,
        "gender": "male" if actor % 2 else "female",
    }
