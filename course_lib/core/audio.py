"""The sampling rates of the course, in samples a second (Hz); every other module takes them from here."""

LECTURE_SR = 8_000  # lecture 27 at 25:17 reads sound at this rate
SPEECH_SR = 16_000  # the classifier for voices and the demo
SAVEE_SR = 44_100  # SAVEE's recordings, and project IIITA's log-mel spectrograms of them
RAVDESS_SR = 48_000  # RAVDESS's recordings
