"""Find lessons and execute them; `notebook` has the first steps of each lesson."""

from course_lib.lessons.execute import Run, at_a_time, run
from course_lib.lessons.find import course_folder, names, that_take
from course_lib.lessons.memory import peak_memory

__all__ = ["Run", "at_a_time", "course_folder", "names", "peak_memory", "run", "that_take"]
