"""The seven emotions, in the order of every table, network and figure, and how each corpus spells them."""

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

# Spellings of each emotion in folder names and file names, in the order of EMOTIONS.
SPELLINGS = (
    ("angry", "anger", "an"),
    ("disgust", "disgusted", "di"),
    ("fear", "fearful", "fe"),
    ("happy", "happiness", "ha"),
    ("sad", "sadness", "sa"),
    ("surprise", "surprised", "su"),
    ("neutral", "neutrality", "ne"),
)

# RAVDESS has eight emotions, in the order of its file names' codes 01 to 08.
RAVDESS_EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")

# RAVDESS's words that differ from EMOTIONS. Calm counts as neutral only where a lesson says so.
OF_RAVDESS = {"calm": "neutral", "fearful": "fear", "surprised": "surprise"}

# FER+'s column for each emotion, in the order of EMOTIONS.
OF_FERPLUS = {
    "anger": "angry",
    "disgust": "disgust",
    "fear": "fear",
    "happiness": "happy",
    "sadness": "sad",
    "surprise": "surprise",
    "neutral": "neutral",
}

# The letters for each emotion in a SAVEE file name.
OF_SAVEE = {
    "a": "angry",
    "d": "disgust",
    "f": "fear",
    "h": "happy",
    "sa": "sad",
    "su": "surprise",
    "n": "neutral",
}

# The letters for each emotion in an EmoDB file name: the German words' initials (W is for Wut, T for Trauer).
# Boredom (L, Langeweile) is none of the seven.
OF_EMODB = {
    "W": "angry",
    "E": "disgust",
    "A": "fear",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
    "L": "boredom",
}

# The three letters for each emotion in a CREMA-D file name.
OF_CREMA_D = {
    "ANG": "angry",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "happy",
    "SAD": "sad",
    "NEU": "neutral",
}
