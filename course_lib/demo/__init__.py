"""Predict emotions from a face and a voice, in a file or live: `course analyse` and `course demo`."""
