"""Commands for authors of the course: `course build`, `release`, `publish`, `site`, `cards`."""

import argparse
import signal
import sys
from pathlib import Path


def build(options: argparse.Namespace) -> int:
    """run the masters, and write the lessons with their outputs

    The lessons are in notebooks/ then.

    Examples:
      course build 02
      course build 02 --texts        only new texts: nothing is run
      course build 02 --solved       with the solutions, into build/solved/
    """
    from course_lib.authoring import build

    if options.texts:
        print(f"new texts, outputs kept: {', '.join(build.build_texts(options.lessons))}")
        return 0
    execute = build.build_solved if options.solved else build.build
    return 1 if any(result.error for result in execute(options.lessons)) else 0


def _build_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("lessons", nargs="*", metavar="NN", help="numbers of lessons (default: all)")
    how = command.add_mutually_exclusive_group()
    how.add_argument(
        "--texts", action="store_true", help="only write new texts: run nothing and keep the outputs"
    )
    how.add_argument(
        "--solved", action="store_true", help="run with the solutions, into build/solved/, to see all figures"
    )


def release(options: argparse.Namespace) -> int:
    """make the students' zip: lessons and wheel, no masters, no bank

    Examples:
      course release --out releases
      course release --out releases --lessons 01 02 --with-solutions
      course release --out releases --only-free
    """
    from course_lib.authoring import release

    bundle = release.release(options.out, options.lessons, options.with_solutions, options.only_free)
    print(f"wrote {bundle}")
    if options.only_free:
        print(f"without {', '.join(release.not_free())}, whose licences are not free")
    return 0


def _release_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write the zip into"
    )
    command.add_argument(
        "--lessons", nargs="+", default=[], metavar="NN", help="numbers of lessons (default: all)"
    )
    command.add_argument(
        "--with-solutions",
        action="store_true",
        help="let students see the solution of an exercise after an attempt",
    )
    command.add_argument(
        "--only-free",
        action="store_true",
        help="leave out the corpora and networks whose licences are not free",
    )


def site(options: argparse.Namespace) -> int:
    """make a web site of the lessons, the functions and the other pages

    The site works offline: open its index.html. Nothing is run. The pages show
    the outputs that are saved in notebooks/. After course run, --executed shows
    those of your own run; lessons that you have not run stay as they are saved.

    Examples:
      course site
      course site --executed build/lessons --out build/site
      course site --browser pyodide-VERSION.tar.bz2
                                     with lessons that run in the browser
    """
    from course_lib.authoring import site

    if options.follow:  # `course run` was interrupted, and there is no site yet: leave nothing half done
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    made = site.build(options.out, options.executed, options.browser, _told() if options.follow else None)
    for problem in made.problems:
        print(f"Problem: {problem}")
    took = "" if options.follow else f"in {made.seconds:.0f} s, "  # it waited for the lessons
    print(
        f"{made.pages} pages, {made.size / 1e6:.0f} MB, {took}"
        f"{len(made.problems)} problems. Open: {made.folder / 'index.html'}"
    )
    return 1 if made.problems else 0


def _told():
    """Read the names of the lessons that end. This begins when the site is in its place."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the end of the input ends it, after the last page
    for line in sys.stdin:
        yield line.strip()


def _site_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out",
        type=Path,
        default=Path("build/site"),
        metavar="DIR",
        help="the folder for the site (default: build/site)",
    )
    command.add_argument(
        "--executed", type=Path, metavar="DIR", help="the folder with executed lessons (default: notebooks)"
    )
    command.add_argument(
        "--browser",
        default="",
        metavar="PYODIDE",
        help="the file or address of a full release of Pyodide: five lessons can then be run in the browser, "
        "without a server (default: none)",
    )
    command.add_argument(
        "--follow",
        action="store_true",
        help="then make the page of each lesson again whose name comes as a line of the standard input "
        "(course run does this)",
    )


def publish(options: argparse.Namespace) -> int:
    """write the course's address into badges and the cells for Colab

    Examples:
      course publish --repo OWNER/NAME --branch main
    """
    from course_lib.authoring import publish

    paths = publish.publish(options.repo, options.branch)
    print(
        f"{len(paths)} lessons have the address {options.repo}/{options.branch}. Commit them and "
        f"colab/address.txt."
    )
    return 0


def _publish_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the repository on GitHub")
    command.add_argument("--branch", default="main", metavar="NAME", help="the branch (default: main)")


def cards(options: argparse.Namespace) -> int:
    """write the model cards and the pages of results again

    The pages are docs/results.md and docs/published_figures.md.

    Examples:
      course cards
    """
    from course_lib.authoring import cards, published_page, results_page

    for path in (*cards.write(), results_page.write(), published_page.write()):
        print(f"wrote {path}")
    return 0


def _cards_options(command: argparse.ArgumentParser) -> None:
    pass


COMMANDS = {
    build: _build_options,
    release: _release_options,
    publish: _publish_options,
    site: _site_options,
    cards: _cards_options,
}
