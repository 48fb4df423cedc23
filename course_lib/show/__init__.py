"""What a lesson shows besides figures: questions, players, sliders and diagrams.

Everything is HTML inside the saved output, needs no kernel and no network, works with the keyboard, and has
no ids, so that several outputs can be on one page."""

from course_lib.show.diagrams import diagram, network
from course_lib.show.players import audio, sounds, video
from course_lib.show.questions import predict, quiz, reveal
from course_lib.show.sliders import slider

__all__ = ["audio", "diagram", "network", "predict", "quiz", "reveal", "slider", "sounds", "video"]
