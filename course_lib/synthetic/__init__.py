"""The Studio: 24 drawn, speaking actors, in RAVDESS's own file names and formats, so that every lesson runs
offline.

Everything here is SYNTHETIC. A score on the Studio shows how a method or a protocol behaves; it is never
emotion recognition. Each actor's face and voice are told apart more easily than what they express, as with
real people, so a split at random scores higher than one by actor: by construction, to teach why the split
matters."""

from course_lib.synthetic.corpus import make, recording_names

__all__ = ["make", "recording_names"]
