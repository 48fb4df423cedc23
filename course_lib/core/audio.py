"""The sampling rates of the course, in samples per second (Hz). All other modules import them from here."""

LECTURE_SR = 8_000  # lecture 27 at 07:35 reads sound at this rate
WINDOW = 2.5  # seconds of sound that the demo classifies at a time
SPEECH_SR = 16_000  # the classifier for voices and the demo
SAVEE_SR = 44_100  # SAVEE's recordings, and project IIITA's log-mel spectrograms of them
RAVDESS_SR = 48_000  # RAVDESS's recordings
