"""The glossary's terms, and the links from the lessons to their entries."""

import re
from functools import cache

from course_lib.core.paths import ROOT

PAGE = ROOT / "docs" / "glossary.md"
# Text that gets no link: a heading, a line of HTML, code, a formula, a link or picture, a HTML tag.
UNTOUCHED = (
    r"^#[^\n]*$|^\s*<[^\n]*$|```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|<[^>]*>|https?://\S+"
    r"|vocal channel"  # RAVDESS: speech or song
)


@cache
def terms() -> dict[str, str]:
    """Read the terms of the glossary, and where their entries are.

    Returns
    -------
    dict
        Each form of a term and the entry's place in the page. "action units (FACS)" has two forms.

    Examples
    --------
    >>> terms()["data leakage"]
    'data-leakage'
    """
    found = {}
    for title in re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE):
        place = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for form in re.split(r", | \(|\)", title):
            if form:
                found[form] = place
    return found


def with_links(texts: list[str]) -> list[str]:
    """Link each term of the glossary where a lesson uses it first.

    Parameters
    ----------
    texts : list of str
        The lesson's Markdown cells, in their order. The first one, the head, gets no links.

    Returns
    -------
    list of str
        The cells. Headings, code, formulas, HTML and links stay as they are.

    Examples
    --------
    >>> print(with_links(["# Lesson", "Avoid **data leakage**."])[1])
    Avoid **[data leakage](../docs/glossary.md#data-leakage)**.
    """
    places, linked = terms(), set()
    forms = {_key(form): places[form] for form in places}
    pattern = re.compile(f"{UNTOUCHED}|{_any(places)}", re.MULTILINE | re.DOTALL)

    def link(found):
        place = forms.get(_key(found["term"])) if found["term"] else None
        if place is None or place in linked:
            return found[0]
        linked.add(place)
        return f"[{found[0]}](../docs/glossary.md#{place})"

    return texts[:1] + [pattern.sub(link, text) for text in texts[1:]]


def _any(forms):
    # Longer terms first, so that "data augmentation" is not read as two words.
    written = [re.escape(form).replace(r"\ ", r"\s+") for form in sorted(forms, key=len, reverse=True)]
    either = "|".join(f"{one.removesuffix('s')}s?" for one in written)
    return rf"(?<![\w-])(?P<term>(?i:{either}))(?![\w-])"


def _key(form):
    return re.sub(r"\s+", " ", form).lower().removesuffix("s")
