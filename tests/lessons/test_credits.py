"""Each executed lesson, and its page, names makers and licence of the corpora that it shows or plays."""

import ast
import re

import nbformat
import pytest
from small_lesson import lesson as small_lesson

from course_lib import lessons
from course_lib.authoring.site import sources
from course_lib.datasets import credits, embedded, london
from course_lib.lessons import masters, notebook
from course_lib.lessons.execute import execute_all

NAMES = lessons.names()
START = "from course_lib.lessons import notebook"
CREDITS = "notebook.credits()"
PLAYER = """from IPython.display import Audio
from course_lib.datasets import embedded, emodb
from course_lib.media import audio
clip = emodb.table(embedded.folder("emodb"))["path"].iloc[0]
Audio(audio.read_audio(clip, 16000), rate=16000)"""
# How the code of a lesson can get a picture or a sound of a corpus: pattern, and the corpus or its group.
SOURCES = {
    r'embedded\.folder\(["\'](\w+)["\']\)': None,
    r"\bdata\.(astronaut|chelsea|coffee|coins)\(": None,
    r"(not_faces\.lfw_test)\(": "lfw",
    r"(not_faces\.(?:not_faces|hard_negatives))\(": "photographs",
    r"(synthetic\.make|drawn\.make)\(": "studio",
    r'(load\.\w+\(["\']studio["\'])': "studio",
}


def credited(lesson):
    """The corpora that the outputs of an executed lesson credit."""
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    return [corpus for output in outputs for corpus in output.get("metadata", {}).get("credits", [])]


def lines_of(lesson):
    """What the last cell of a lesson shows as text."""
    return "".join(
        output.data["text/plain"]
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "credits" in output.get("metadata", {})
    )


def shown(lesson):
    """The corpora that the code of a lesson names where it gets pictures or sounds."""
    source = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "code")
    return {group or match for pattern, group in SOURCES.items() for match in re.findall(pattern, source)}


@pytest.mark.parametrize("name", NAMES)
def test_every_master_ends_with_the_common_credits_cell(name):
    last = masters.read_master(name).cells[-1]
    assert last.metadata["tags"] == ["credits"]
    assert "notebook.credits(" in last.source.splitlines()[-1]
    for node in ast.walk(ast.parse(last.source)):
        if isinstance(node, ast.Constant):
            assert node.value in credits.load()


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_names_the_makers_and_licences_of_what_it_shows(name, published, executed):
    """Every lesson shows pictures or sounds, so each credits a corpus: at least those that its code names."""
    for lesson in (published[name], executed[name]):
        found = credited(lesson)
        assert found and shown(lesson) <= set(found)
        for corpus in found:
            assert credits.line(corpus) in lines_of(lesson) or credits.line(corpus, False) in lines_of(lesson)


@pytest.mark.parametrize("name", NAMES)
def test_a_published_notebook_holds_nothing_of_a_corpus_that_must_not_travel(name, published):
    assert not {"fer2013", "savee", "own"} & set(credited(published[name]))


def london_shown(lesson):
    """The people of the London set that a lesson shows: what it records, or those of `london.shown`."""
    source = "\n".join(cell.source for cell in lesson.cells)
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    recorded = [output.get("metadata", {}).get("course", {}).get("london_shown", []) for output in outputs]
    return {one for people in recorded for one in people} | set(
        london.SHOWN if "london.shown(" in source else ()
    )


def test_all_lessons_together_show_no_more_than_twelve_people_of_the_london_set(published):
    """Who is in a picture cannot be seen, so a lesson chooses by `london.shown` or records `london_shown`."""
    found = {name: london_shown(lesson) for name, lesson in published.items() if "london" in credited(lesson)}
    assert [name for name, people in found.items() if not people] == []
    assert len({one for people in found.values() for one in people}) <= 12


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Lessons with a player, without a corpus, and one that stops: {name: lesson}."""
    folder = tmp_path_factory.mktemp("small")
    code = {
        "player": [START, PLAYER, CREDITS],
        "none": [START, "1 + 1", CREDITS],
        "stops": [START, PLAYER, "1 / 0", CREDITS],
    }
    for name, cells in code.items():
        lesson = small_lesson(*cells)
        del lesson.cells[1]  # its cell for Colab
        nbformat.write(lesson, folder / f"{name}.ipynb")
    tasks = [(folder / f"{name}.ipynb", folder / "lessons" / f"{name}.ipynb", {}, None) for name in code]
    execute_all(tasks, 1)
    return {name: nbformat.read(folder / "lessons" / f"{name}.ipynb", 4) for name in code}


def test_a_small_lesson_with_a_player_has_the_line(small):
    lesson = small["player"]
    assert credited(lesson) == ["emodb"]
    assert lines_of(lesson) == f"{notebook.CREDITS}\n{credits.line('emodb')}"
    assert "Burkhardt et al. 2005" in lines_of(lesson)


def test_a_small_lesson_without_a_corpus_has_no_line(small):
    assert credited(small["none"]) == [] and small["none"].cells[-1].outputs == []


def test_the_page_of_a_lesson_that_stopped_before_its_credits_must_not_be_passed_on(small):
    first = {name: sources._shown(name, lesson, [])["cells"][0]["source"] for name, lesson in small.items()}
    assert sources.NO_CREDITS in first["stops"] and "The lesson stopped: `cell " in first["stops"]
    for name in ("player", "none"):
        assert "From your own run:" in first[name] and "stopped" not in first[name]


def test_addresses_become_links():
    linked = notebook._linked(credits.line("crema_d") + " <b>")
    assert '<a href="https://doi.org/10.1109/TAFFC.2014.2336244">' in linked
    assert '<a href="https://opendatacommons.org/licenses/">' in linked and "&lt;b&gt;" in linked


def test_every_corpus_of_the_course_can_be_found_in_code():
    for corpus in embedded.names():
        lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f'embedded.folder("{corpus}")')])
        assert shown(lesson) == {corpus}
