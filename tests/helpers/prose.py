"""The sentences of a lesson: of its text, its exercises and its questions."""

import ast
import re

from course_lib.authoring import student_copy
from course_lib.lessons import masters

# What is no sentence: formulas, code blocks, tables, headings, lines of HTML, the targets of links.
NO_PROSE = r"\$\$.*?\$\$|```.*?```|^\|[^\n]*$|^#+ [^\n]*$|^\s*<[^\n]*$|(?<=\])\([^)]*\)|<[^>]+>"
ENDS = re.compile(r"(?<=[.?!])[\"'*)»”]*\s+(?=[\"'*(`\[A-Z0-9$])")


def texts(name):
    """The Markdown of a lesson's cells, with its exercises, and the texts of its quizzes."""
    lesson = student_copy.with_exercises(masters.read_master(name), name, solved=False)
    for cell in lesson.cells:
        if cell.cell_type == "markdown":
            yield cell.source
        elif re.match(r"show\.(quiz|predict|reveal)\(|from course_lib import show", cell.source):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
                    yield node.value


def sentences(name):
    """Return all sentences of a lesson, in which code is one word, `x`."""
    found = []
    for text in texts(name):
        text = re.sub(NO_PROSE, " ", text, flags=re.DOTALL | re.MULTILINE)
        for paragraph in re.split(r"\n\s*\n|\n\s*[-*>] |\n\s*\d\. ", text):
            plain = re.sub(r"`[^`]*`|\$[^$\n]+\$", "`x`", re.sub(r"\s+", " ", paragraph)).strip(" -*")
            found += [one for one in ENDS.split(plain) if re.search(r"[a-z]", one)]
    return found
