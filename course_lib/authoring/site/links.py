"""Check the finished pages: each link leads somewhere, and no page loads anything from another server."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

DATA = re.compile(r"(data:[\w.+-]+/[\w.+-]+;base64,)[A-Za-z0-9+/=]+")  # a picture or sound inside the page
# What a browser loads by itself when it opens a page. A link is only followed when somebody clicks it.
LOADED = {("img", "src"), ("script", "src"), ("audio", "src"), ("video", "src"), ("source", "src"),
          ("iframe", "src"), ("video", "poster"), ("embed", "src"), ("object", "data")}  # fmt: skip
LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "shortcut icon", "prefetch", "preconnect"}


class Page(HTMLParser):
    """What one page links to.

    Attributes
    ----------
    places : set of str
        The names that a link may have after "#".
    links, loaded : list of str
        Where its links lead, and what a browser loads with the page.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(DATA.sub(r"\1", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the links of an element."""
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if given.get(name)}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel", "") in LOADED_LINKS:
            self.loaded.append(given.get("href", ""))
        self.loaded += [value for name, value in given.items() if (tag, name) in LOADED]


def html_pages(folder: Path) -> list[Path]:
    """List the pages of a site, without what the theme and JupyterLite bring.

    Parameters
    ----------
    folder : Path
        The site.

    Returns
    -------
    list of Path
    """
    return [
        path
        for path in sorted(folder.rglob("*.html"))
        if not {"_static", "browser"} & {*path.relative_to(folder).parts}
    ]


def check(folder: Path) -> list[str]:
    """Check all pages of a site.

    Parameters
    ----------
    folder : Path
        The site.

    Returns
    -------
    list of str
        One line for each link that leads nowhere, and for each file that a page loads from another server.
    """
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in html_pages(folder)}
    problems = []
    for path, page in pages.items():
        name = path.relative_to(folder.resolve()).as_posix()
        problems += [f"{name}: {link} leads nowhere" for link in page.links if not _leads(link, path, pages)]
        problems += [f"{name}: loads {link}" for link in page.loaded if urlsplit(link).netloc]
        problems += [f"{name}: {link} is not there" for link in page.loaded if not _leads(link, path, pages)]
    return list(dict.fromkeys(problems))


def _leads(link, path, pages):
    """Whether a link inside the site has a goal. Links to other servers are not followed here."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    goal = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if goal.is_dir():
        goal /= "index.html"
    if not parts.fragment or goal.suffix != ".html":
        return goal.exists()
    return goal in pages and unquote(parts.fragment) in pages[goal].places | {"top"}
