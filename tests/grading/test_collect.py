"""Whose a file is and when it came, from the names that the platforms give to the files of their exports.

The names are made here by the rules of each platform's source or help, so that a rule and our reading of it
are two texts.
"""

import json
import os
import re
import shutil
import zipfile
from datetime import UTC, datetime

import notebook_files
import pytest
from notebook_files import code

from course_lib.core.errors import CourseError
from course_lib.exercises import Exercise
from course_lib.grading import collect, intake, roster
from course_lib.grading.roster import Student

MEAN = Exercise(id="91.1", name="own_mean", title="", points=1, text="", returns="float")
PEOPLE = [
    Student("al01", "Ann Lee", "ann@uni.example", "17", "annlee"),
    Student("jo02", "Jörg O'Neil-Öz", "joerg@uni.example", "18", "joneil"),
    Student("bm03", "Bao Minh Tran", "bao@uni.example", "19", "bao-m_t"),
]
NAME = "hand_in_02.ipynb"


# --- the platforms' rules


def moodle(student, name=NAME, folders=True, surname_first=False, group=""):
    """Moodle, mod/assign/locallib.php, download_submissions:

    $prefix = str_replace('_', ' ', $groupname . fullname($student));
    $prefix = clean_filename($prefix . '_' . $this->get_uniqueid_for_user($userid));
    in folders: clean_filename($prefix . '_' . $subtype . '_' . $type . '_') . $file->get_filepath() . name
    else: clean_filename($prefix . '_' . $subtype . '_' . $type . '_' . $zipfilename)
    """
    first, _, last = student.name.rpartition(" ")
    full = f"{last} {first}" if surname_first else student.name
    prefix = f"{group}{full}".replace("_", " ") + f"_{student.number}_assignsubmission_file_"
    return re.sub(r"[&<>\"`|':\\]", "", prefix) + ("/" if folders else "") + name


def canvas(student, name=NAME, late=False, attachment=501):
    """Canvas, lib/content_zipper.rb of 2026: get_user_name (sortable_name, lower case), get_filename
    ([name, LATE, user id] joined by "_", without all but word characters), add_upload_submission."""
    first, _, last = student.name.rpartition(" ")
    user = re.sub(r"_(\d+)_", r"\1", f"{last}, {first}").lower()
    filename = "_".join([user, *["LATE"] * late, student.number])
    filename, name = re.sub(r"[^\w]", "", filename), re.sub(r'[\0/\\:*?"<>|]+', "_", name)
    return f"{filename}_{attachment}_{name}"


RULES = {
    "moodle": moodle,
    "canvas": canvas,
    # Google Classroom's folder in Drive; the owner's name in front
    "classroom": lambda one: f"{one.name} - {NAME}",
    # gh classroom clone student-repos: ASSIGNMENT-submissions/ASSIGNMENT-LOGIN
    "github": lambda one: f"lesson-02-submissions/lesson-02-{one.login}/notebooks/{NAME}",
    # nbgrader 0.9, docs/source/user_guide: {course_directory}/submitted/{student_id}/{assignment_id}
    "nbgrader": lambda one: f"course/submitted/{one.id}/lesson_02/{NAME}",
    # Blackboard Learn, "Download Assignment Files": Assignment_USERNAME_attempt_DATE_file
    "blackboard": lambda one: f"Lesson 02_{one.login}_attempt_2026-11-30-14-05-33_{NAME}",
    # Brightspace, "Download Submissions": "ORG-USER - First Last - Mon D, YYYY HMM PM"
    "brightspace": lambda one: f"export/60{one.number}-8 - {one.name} - Nov 30, 2026 205 PM/{NAME}",
    "plain": lambda one: f"{one.id}/{NAME}",
}


def whose(paths, people=PEOPLE, **options):
    found = collect.find(paths, people, **options)
    said = {}
    for path in paths:
        try:
            said[path] = found.whose(path).student
        except collect.Refusal as why:
            said[path] = str(why)
    return found, said


@pytest.mark.parametrize("platform", RULES)
def test_a_platform_is_recognised_from_its_paths_alone(platform):
    paths = [RULES[platform](one) for one in PEOPLE]
    found, said = whose(paths)
    assert list(said.values()) == ["al01", "jo02", "bm03"]
    title = next(one.title for one in (*collect.LAYOUTS, collect.PLAIN) if one.id == platform)
    assert found.lines[0].startswith(f"Layout: {title}, such as ")
    assert "3 files, 3 students, 0 files without a student" in found.lines[0]


def test_every_platform_is_tested():
    assert {collect.AUTO, *RULES} == set(collect.SOURCES)


@pytest.mark.parametrize(
    "more",
    [{"folders": False}, {"surname_first": True}, {"group": "Group A-"}, {"folders": False, "group": "G 2-"}],
)
@pytest.mark.parametrize("numbers", [True, False])
def test_moodle_in_its_forms(more, numbers):
    people = PEOPLE if numbers else [one._replace(number="") for one in PEOPLE]
    assert list(whose([moodle(one, **more) for one in PEOPLE], people)[1].values()) == [
        "al01",
        "jo02",
        "bm03",
    ]


def test_two_students_of_one_name_are_told_apart_by_moodle_s_number():
    twins = [PEOPLE[0], PEOPLE[0]._replace(id="al99", number="99")]
    paths = [moodle(one) for one in twins]
    assert list(whose(paths, twins)[1].values()) == ["al01", "al99"]
    unknown = [one._replace(number="") for one in twins]
    assert all("fits al01 and al99" in why for why in whose(paths, unknown, source="moodle")[1].values())


def test_who_is_not_in_the_roster_is_nobody_whose_name_is_the_end_of_it():
    """ "ann-lee" of GitHub is not "lee", and "Anna-Lena Öz" is not "Lena Öz"."""
    people = [Student("lee", "Lena Öz", login="lee"), Student("joe", "Joe Li", login="joe")]
    said = whose([f"{one}/x.ipynb" for one in ("lesson-02-ann-lee", "lesson-02-joe", "my-notes")], people)[1]
    assert said.pop("lesson-02-joe/x.ipynb") == "joe"
    assert all(why.startswith("its path names no student of the roster") for why in said.values())
    paths = [moodle(Student("", name, number="1")) for name in ("Anna-Lena Öz", "Joe Li")]
    assert whose(paths, people)[1][paths[0]].startswith("its path names no student")
    said = whose([f"L 02_{name}_attempt_2026-11-30-14-05-33_x.ipynb" for name in ("u_lee", "u_joe")], people)
    assert set(said[1].values()) == {"lee", "joe"}  # here "L 02_u_" is the assignment's name


def test_the_worksheet_of_another_assignment_gives_nobody_s_work_to_another():
    """Moodle counts its participants anew for each assignment."""
    swapped = [one._replace(number=str(35 - int(one.number))) for one in PEOPLE[:2]]
    said = whose([moodle(one) for one in PEOPLE[:2]], swapped, source="moodle")[1]
    assert all("is the roster that of another assignment?" in why for why in said.values())


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        ("moodle", "Ann Lee_17_assignsubmission_file_/Bao Minh Tran_19_assignsubmission_file_/x.ipynb"),
        ("moodle", "Ann Lee_17_assignsubmission_file_Bao Minh Tran_19_assignsubmission_file_x.ipynb"),
        ("canvas", "leeann_17_501_tranbaominh_19_502_x.ipynb"),
        ("blackboard", "L_annlee_attempt_2026-11-30-14-05-33_L_joneil_attempt_2026-11-30-14-05-33_x.ipynb"),
        ("nbgrader", "submitted/al01/lesson_02/submitted/jo02/lesson_02/x.ipynb"),
        (
            "brightspace",
            "1-2 - Ann Lee - Nov 30, 2026 205 PM/1-3 - Jörg O'Neil-Öz - Nov 30, 2026 205 PM/x.ipynb",
        ),
        ("github", "lesson-02-annlee/lesson-02-joneil/x.ipynb"),
        ("classroom", "Ann Lee - Bao Minh Tran - x.ipynb"),
        ("plain", "al01/jo02_02.ipynb"),
    ],
)
def test_a_name_that_the_student_chose_gives_the_file_to_nobody_else(platform, path):
    assert whose([path], source=platform)[1] == {path: "al01"}


def test_a_folder_s_name_decides_before_a_name_that_looks_like_a_platform_s():
    found, said = whose(["al01/tranbaominh_19_501_x.ipynb"])
    assert set(said.values()) == {"al01"} and found.layout == "plain"


def test_what_the_platform_adds_is_nobody_s_file(tmp_path):
    for name in (
        "Lesson 02_annlee_attempt_2026-11-30-14-05-33.txt",
        "Lesson 02_annlee_attempt_2026-11-30-14-05-33_hand_in_02.ipynb",
    ):
        put(tmp_path / name)
    submissions, refused = intake.collect(tmp_path, PEOPLE, [MEAN])
    assert [one.student for one in submissions] == ["al01"] and refused == []


@pytest.mark.parametrize("platform", ["plain", "github", "blackboard", "nbgrader"])
def test_ids_have_no_case_where_one_student_fits(platform):
    shouting = [one._replace(id=one.id.upper(), login=one.login.upper()) for one in PEOPLE]
    paths = [RULES[platform](one) for one in shouting]
    assert list(whose(paths)[1].values()) == ["al01", "jo02", "bm03"]
    both = [Student("al01"), Student("AL01")]
    assert whose(["al01/x.ipynb", "Al01/x.ipynb"], both)[1] == {
        "al01/x.ipynb": "al01",
        "Al01/x.ipynb": "its path fits al01 and AL01: rename it, or declare a pattern",
    }


@pytest.mark.parametrize("coding", ["utf-8", "cp1252", "cp850", "cp437"])
def test_names_of_any_zip(tmp_path, coding):
    """A zip without the flag "UTF-8" does not say in which code its names are."""
    path = moodle(PEOPLE[1])
    plain = path.replace("ö", "o").replace("Ö", "O")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr(plain, book())
    data = (tmp_path / "all.zip").read_bytes()
    raw, ascii = path.encode(coding), plain.encode()
    if len(raw) == len(ascii):
        (tmp_path / "all.zip").write_bytes(data.replace(ascii, raw))
    else:  # the name is longer in UTF-8: written as macOS does, without the flag
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.writestr(raw.decode("cp437"), book())
        data = (tmp_path / "all.zip").read_bytes()
        (tmp_path / "all.zip").write_bytes(unflagged(data, raw.decode("cp437").encode(), raw))
    people = [one._replace(number="") for one in PEOPLE]
    submissions, refused = intake.collect(tmp_path / "all.zip", people, [MEAN])
    assert [one.student for one in submissions] == ["jo02"] and not refused


def unflagged(data, flagged, raw):
    """The zip with one entry again, its name in other bytes and without the flag "UTF-8"."""
    body = data[30 + len(flagged) : data.index(b"PK\x01\x02")]
    local = data[:6] + b"\0\0" + data[8:26] + len(raw).to_bytes(2, "little") + data[28:30] + raw + body
    entry = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    entry = entry[:8] + b"\0\0" + entry[10:28] + len(raw).to_bytes(2, "little") + entry[30:46] + raw
    end = data[data.index(b"PK\x05\x06") :]
    sizes = len(entry).to_bytes(4, "little") + len(local).to_bytes(4, "little")
    return local + entry + end[:12] + sizes + end[20:]


def test_files_without_a_student_are_shown_with_the_reason():
    found, _ = whose([moodle(PEOPLE[0]), "readme.ipynb", *(f"x{n}.ipynb" for n in range(4))])
    assert "6 files, 1 students, 5 files without a student" in found.lines[0]
    assert "readme.ipynb: its path names no student of the roster" in found.lines[1]
    assert len(found.lines) == 6 and found.lines[-2] == "  ... and 2 more"
    assert found.lines[-1].startswith("Warning: more than half of the files have no student")


def test_a_platform_is_named_even_if_no_student_is_known():
    found, _ = whose([moodle(one) for one in PEOPLE], [Student("x", "Nobody Else")])
    assert found.lines[0].startswith("Layout: Moodle") and "0 students" in found.lines[0]
    with pytest.raises(
        CourseError, match=r"--from webct: there is no such platform\. There are: auto, plain"
    ):
        collect.find(["a"], PEOPLE, source="webct")


def test_a_declared_pattern_may_have_the_platform_s_number_and_login():
    for pattern, path in (("{number}/*.ipynb", "18/x.ipynb"), ("*-{login}/**.ipynb", "hw-joneil/a/x.ipynb")):
        assert whose([path], pattern=pattern)[1] == {path: "jo02"}


# --- times


def put(path, when=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(book())
    if when:
        os.utime(path, (when.timestamp(),) * 2)
    return path


def book():
    return json.dumps(notebook_files.book(code("def own_mean(x):\n    return sum(x) / len(x)"))).encode()


NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def local(*when):
    return datetime(*when).astimezone(UTC)


def test_the_time_in_a_path_is_the_time(tmp_path):
    for path in (RULES["blackboard"](PEOPLE[0]), RULES["blackboard"](PEOPLE[1]).replace("14-05", "09-05")):
        put(tmp_path / path, NOON)
    found, _ = intake.collect(tmp_path, PEOPLE, [MEAN])
    assert [(one.when, one.clock) for one in found] == [
        (local(2026, 11, 30, 14, 5, 33), "path"),
        (local(2026, 11, 30, 9, 5, 33), "path"),
    ]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Nov 30, 2026 205 PM", 14),
        ("Nov 30, 2026 1205 AM", 0),
        ("November 30, 2026 1105 PM", 23),
        ("30 November, 2026 905", 9),
        ("30 Nov, 2026 1405", 14),
    ],
)
def test_brightspace_writes_a_time_by_its_user_s_language(text, hour):
    path = f"60-8 - Ann Lee - {text}/x.ipynb"
    found = collect.find([path], PEOPLE)
    assert found.whose(path).when == local(2026, 11, 30, hour, 5)


def test_canvas_says_who_is_late_and_which_attachment_is_newer(tmp_path):
    put(tmp_path / canvas(PEOPLE[0], late=True, attachment=900), NOON)
    put(tmp_path / canvas(PEOPLE[1]), NOON)
    found, _ = intake.collect(tmp_path, PEOPLE, [MEAN])
    assert {one.student: (one.late, one.order, one.number) for one in found} == {
        "al01": (True, 900, "17"),
        "jo02": (False, 501, "18"),
    }


@pytest.mark.parametrize("packed", [False, True])
def test_nbgrader_s_timestamp_is_the_time_of_its_folder(tmp_path, packed):
    for one, text in zip(
        PEOPLE, ("2026-11-30 14:05:33.9 UTC", "2026-11-30 14:05:33 Europe/Berlin", "x"), strict=True
    ):
        put(tmp_path / "in" / RULES["nbgrader"](one), NOON)
        (tmp_path / "in" / RULES["nbgrader"](one)).with_name("timestamp.txt").write_text(text)
    if packed:
        shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "in")
    found, refused = intake.collect(tmp_path / ("all.zip" if packed else "in"), PEOPLE, [MEAN])
    times = {one.student: (one.when.hour, one.clock) for one in found if one.student != "bm03"}
    assert times == {"al01": (14, "path"), "jo02": (13, "path")} and refused == []
    assert {one.student: one.clock for one in found}["bm03"] == "file"


def test_canvas_marks_need_no_warning(tmp_path):
    for one in PEOPLE:
        put(tmp_path / canvas(one), NOON)
    said = []
    found, _ = intake.collect(tmp_path, PEOPLE, [MEAN], say=said.append)
    assert {one.clock for one in found} == {"download"} and not any("Warning" in line for line in said)


def test_a_table_of_times_replaces_all_others(tmp_path):
    for one in PEOPLE[:2]:
        put(tmp_path / "in" / one.id / NAME, NOON)
    for header, key in (("student", "joneil"), ("file", f"jo02/{NAME}")):
        path = tmp_path / "times.csv"
        path.write_text(f"{header},when\n{key},2026-11-29T10:00+00:00\n")
        times = collect.read_times(path, PEOPLE)
        found, _ = intake.collect(tmp_path / "in", PEOPLE, [MEAN], times=times)
        assert [(one.when.day, one.clock) for one in found] == [(30, "file"), (29, "times")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("who,when\nann,x\n", "line 1: the columns student,when or file,when are missing"),
        ("student,when\neve,2026-11-30T10:00\n", "line 2: student 'eve' is not in the roster"),
        ("student,when\nal01,yesterday\n", "line 2: 'yesterday' is not a time. Write it as 2026-11-30T14:05"),
    ],
)
def test_a_table_of_times_that_is_wrong(tmp_path, text, message):
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(CourseError, match=re.escape(message)):
        collect.read_times(tmp_path / "times.csv", PEOPLE)


@pytest.mark.parametrize(("students", "minutes", "warned"), [(3, 4, True), (3, 6, False), (2, 0, False)])
def test_the_time_of_the_download_is_nobody_s_time(tmp_path, students, minutes, warned):
    for number, one in enumerate(PEOPLE[:students]):
        when = datetime.fromtimestamp(NOON.timestamp() + number * minutes * 60, UTC)
        put(tmp_path / one.id / NAME, when)
    said = []
    found, _ = intake.collect(tmp_path, PEOPLE, [MEAN], say=said.append)
    assert {one.clock for one in found} == {"download" if warned else "file"}
    assert any("--times times.csv" in line for line in said) == warned


# --- rosters that platforms export


MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 17,Ann Lee,ann@uni.example,Submitted for grading,,5.00,Yes,\
"Monday, 30 November 2026, 2:05 PM",-,
Participant 18,Jörg Öz,joerg@uni.example,No submission,,5.00,Yes,-,-,
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lesson 02 (1234)
    Points Possible,,,,,5
,,,,,Manual Posting
"Lee, Ann",17,s1,annlee,A,
"Öz, Jörg",18,s2,joerg,A,
"""


@pytest.mark.parametrize(
    ("text", "students"),
    [
        (
            MOODLE,
            [
                Student("ann@uni.example", "Ann Lee", "ann@uni.example", "17"),
                Student("joerg@uni.example", "Jörg Öz", "joerg@uni.example", "18"),
            ],
        ),
        (
            CANVAS,
            [
                Student("annlee", "Lee, Ann", "", "17", "annlee"),
                Student("joerg", "Öz, Jörg", "", "18", "joerg"),
            ],
        ),
        (
            CANVAS.replace("joerg", ""),
            [Student("s1", "Lee, Ann", "", "17", "annlee"), Student("s2", "Öz, Jörg", "", "18")],
        ),
        (
            "identifier,github_username,github_id,name\nal01,annlee,7,Ann Lee\n",
            [Student("al01", "Ann Lee", login="annlee")],
        ),
        (
            "Last Name,First Name,Email Address,Lesson 02\nDate,,,2026-11-30\nPoints,,,5\n"
            "Lee,Ann,ann@u.example,\n",
            [Student("ann@u.example", "Ann Lee", "ann@u.example")],
        ),
        (
            "OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n"
            "#7,#al01,Lee,Ann,a@u,#\n",
            [Student("al01", "Ann Lee", "a@u", login="#al01")],
        ),
    ],
)
def test_a_platform_s_list_is_a_roster(tmp_path, text, students):
    (tmp_path / "roster.csv").write_text(text)
    assert roster.read_roster(tmp_path / "roster.csv") == students


def test_moodle_s_worksheet_says_when_the_work_came(tmp_path):
    (tmp_path / "roster.csv").write_text(MOODLE)
    assert roster.submitted(tmp_path / "roster.csv") == {"ann@uni.example": local(2026, 11, 30, 14, 5)}
    (tmp_path / "roster.csv").write_text(CANVAS)
    assert roster.submitted(tmp_path / "roster.csv") == {}
