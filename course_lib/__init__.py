"""The Affective Computing Course Companion.

`import course_lib` is light: each part is imported by name (`from course_lib import features`) when it is
needed, and nothing here loads TensorFlow."""

__version__ = "0.1.0"
