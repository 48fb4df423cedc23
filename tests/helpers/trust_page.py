"""The table of attacks in docs/trust.md."""

import re

from course_lib.core.paths import ROOT


def attacks(file):
    """{group: number of attacks} of the rows whose test is in a file, such as "test_attacks.py"."""
    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8").partition("## Attacks")[2]
    rows = re.findall(rf"^\| ([\w ,]+) \| (\d+) \| .* \| `{re.escape(file)}::", page, re.MULTILINE)
    return {group: int(number) for group, number in rows}
