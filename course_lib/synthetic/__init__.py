"""The Studio: 24 drawn, speaking actors, with RAVDESS's file names and formats, so that lessons run offline.

Everything here is SYNTHETIC. A score on the Studio shows how a method or a protocol behaves. It never
measures emotion recognition. As with real people, the actors' identities are easier to recognise than their
emotions, so a random split scores higher than a speaker-independent one. The Studio is built like this to
teach why the split matters.
"""

from course_lib.synthetic.corpus import make, recording_names

__all__ = ["make", "recording_names"]
