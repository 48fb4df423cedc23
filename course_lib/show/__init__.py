"""What a lesson shows besides figures: questions (`quiz`, `predict`, `reveal`), sound and diagrams."""

from course_lib.show.diagrams import diagram
from course_lib.show.players import audio
from course_lib.show.questions import predict, quiz, reveal

__all__ = ["audio", "diagram", "predict", "quiz", "reveal"]
