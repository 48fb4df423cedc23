"""The Affective Computing Course Companion.

`import course_lib` is light: each part is imported by name (`from course_lib import features`) when it is
needed, and nothing here loads TensorFlow. `course_lib.__version__` names the commit between two releases.
"""


def __getattr__(name: str) -> str:
    if name == "__version__":  # worked out when it is asked for, since it runs git in a checkout
        from course_lib.core.version import version

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
