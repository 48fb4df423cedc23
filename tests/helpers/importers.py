"""The importers of Moodle and Canvas, written again in Python from their source, to test what we publish.

Our reading of a rule is written twice this way, from two sides.
"""

import csv
import io
import os
import re
import zipfile


def moodle_worksheet(path, participants, maximum, old=None):
    """Moodle, mod/assign/feedback/offline: importgradeslib.php (init, next) and locallib.php
    (process_import_grades), without scales. lib/csvlib.class.php takes a BOM off. Returns {participant:
    (grade, comment)}; `participants` are the ids of the assignment, `old` its grades."""
    columns, *records = csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""))
    index = {name: columns.index(name) for name in ("Identifier", "Grade", "Last modified (grade)")}
    assert all(len(record) == len(columns) for record in records)
    taken = {}
    for record in records:
        id = record[index["Identifier"]][len("Participant ") :]
        if not (id.isdigit() and int(id) in participants):
            continue
        grade = record[index["Grade"]]
        if grade == "" or not 0 <= float(grade) <= maximum or float(grade) == (old or {}).get(int(id)):
            continue
        taken[int(id)] = (float(grade), record[columns.index("Feedback comments")])
    return taken


def moodle_feedback(path, participants):
    """Moodle, mod/assign/feedback/file/importziplib.php, is_valid_filename_for_import. Returns
    {participant: [name of a feedback file]}."""
    found = {}
    for full in zipfile.ZipFile(path).namelist():
        if full.endswith("/") or full.rpartition("/")[2].startswith((".", "~")):
            continue
        parts = full.split("/")
        while parts:
            info = parts.pop(0).split("_", 4)
            if len(info) < 4 or not info[1].isdigit() or int(info[1]) not in participants:
                continue
            if (info[2], info[3]) not in {("assignfeedback", "file"), ("assignsubmission", "file")}:
                continue
            parts.insert(0, info[4] if len(info) > 4 else "")
            found.setdefault(int(info[1]), []).append("/".join(parts).lstrip("/"))
            break
    return found


def canvas_gradebook(path, users, assignments=()):
    """Canvas, lib/gradebook_importer.rb of 2026 (header?, update_column_count, parse_assignments, process_pp,
    process_student), without custom columns and first and last names. `users` are ids, `assignments` titles.
    Returns (points possible, {user: grade}, titles that Canvas would ask about)."""
    text = path.read_bytes().decode("utf-8")  # Canvas takes no BOM off
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    count = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        count += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        integration = bool(re.search(r"Integration\s+ID", header[4]))
        count += 2 + integration
        count += bool(re.search(r"Root\s+Account", header[4 + integration]))
    assert "Section" in header[count - 1]
    (title,) = header[count:]
    possible, grades = None, {}
    for row in rows:
        if "Points Possible" in row[0]:
            possible = row[count]
        else:
            assert int(row[1]) in users  # else Canvas looks for the name, and asks
            grades[int(row[1])] = row[count]
    return possible, grades, [] if title in assignments else [title]


def canvas_feedback(path, attachments):
    """Canvas, app/models/assignment.rb, infer_comment_context_from_filename. `attachments` is {(user,
    attachment)}. Returns the users that get a comment."""
    found = []
    for full in zipfile.ZipFile(path).namelist():
        name = os.path.basename(full)
        numbers = [part for part in name.split("_") if re.fullmatch(r"\d+", part)][:2]
        assert not re.match("link", name.split("_")[-1]) and not name.startswith("._")
        user, attachment = map(int, numbers)
        assert (user, attachment) in attachments
        found.append(user)
    return found
