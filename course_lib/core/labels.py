"""The seven emotions in the order that every table, network and figure has, and RAVDESS's words for them."""

EMOTIONS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

# RAVDESS's words where they are others. Calm is its eighth emotion; only where a lesson says so it counts as
# neutral.
OF_RAVDESS = {"calm": "neutral", "fearful": "fear", "surprised": "surprise"}
