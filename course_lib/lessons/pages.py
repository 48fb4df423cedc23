"""Write a page for each executed lesson, and an index of them."""

import html
import json
from pathlib import Path

from course_lib.core import looks
from course_lib.core.io import whole_file


def write_pages(folder: str | Path) -> Path:
    """Write an HTML page for each executed lesson in a folder, and an index.

    A page that is newer than its copy is kept, so it can be called each time a lesson ends.

    Parameters
    ----------
    folder : str or Path
        The folder with the executed copies. The pages go beside it. The index lists all copies there, also
        those of earlier runs.

    Returns
    -------
    Path
        The index, `index.html`.
    """
    folder, rows = Path(folder), []
    for path in sorted(folder.glob("[!.]*.ipynb")):
        lesson = json.loads(path.read_text(encoding="utf-8"))
        if "course" not in lesson["metadata"]:
            continue  # a notebook of the reader's own
        title, page = _title(lesson) or path.stem, folder.parent / f"{path.stem}.html"
        if not page.exists() or page.stat().st_mtime_ns < path.stat().st_mtime_ns:
            _write_page(path, title, page)
        ran = lesson["metadata"]["course"]
        rows.append(
            f'<tr><td><a href="{path.stem}.html">{html.escape(title)}</a></td><td>{ran["seconds"]:.0f} s</td>'
            f"<td>{ran['memory']:.0f} MiB</td><td>{html.escape(ran['error']) or 'ran to its end'}</td></tr>"
        )
    with whole_file(folder.parent / "index.html") as part:
        part.write_text(_INDEX.format(rows="\n".join(rows), style=looks.style_sheet()), encoding="utf-8")
    return folder.parent / "index.html"


def _title(lesson):
    lines = [line for cell in lesson["cells"] for line in "".join(cell["source"]).splitlines()]
    return next((line[2:] for line in lines if line.startswith("# ")), "")


def _write_page(path, title, to):
    import nbformat
    from nbconvert import HTMLExporter

    lesson = nbformat.read(path, 4)
    page, _ = HTMLExporter(template_name="lab").from_notebook_node(lesson, {"metadata": {"name": title}})
    with whole_file(to) as part:
        part.write_text(_with_warning(_with_alt_texts(page, lesson), lesson), encoding="utf-8")


def _with_warning(page, lesson):
    # A lesson that stopped early may show a corpus, but its last cell has not named makers and licence.
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    if not lesson.metadata["course"]["error"] or any(
        "credits" in output.get("metadata", {}) for output in outputs
    ):
        return page
    before, end, after = page.rpartition("</body>")
    return f"{before}<p>{NO_CREDITS}</p>{end}{after}"


def _with_alt_texts(page, lesson):
    # nbconvert writes a placeholder at each picture: put the alt texts there, in their order.
    for cell in lesson.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "a figure")
                page = page.replace(f'alt="{_NO_ALT}"', f'alt="{html.escape(alt)}"', 1)
    return page


NO_CREDITS = (
    "This lesson stopped before the cell that names the makers and licences of its data. Do not pass this "
    "page on."
)
_NO_ALT = "No description has been provided for this image"
_INDEX = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Affective Computing Course Companion</title>
<style>{style} body {{ max-width: 55rem; padding: 2rem 1rem }}</style>
<h1>Affective Computing Course Companion</h1>
<p>The lessons as they ran on this machine. To work in them: <code>course lab</code>.</p>
<table><tr><th>Lesson</th><th>Time</th><th>Peak memory</th><th>Result</th></tr>
{rows}
</table></html>
"""
