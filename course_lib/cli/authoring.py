"""What an author of the course runs: `course build`, `release`, `publish`."""

from pathlib import Path


def build(options) -> int:
    """execute masters/ and put the lessons into notebooks/ with their outputs"""
    from course_lib.authoring import build

    if options.texts:
        print(f"new texts, outputs kept: {', '.join(build.build_texts(options.lessons))}")
        return 0
    return 1 if any(result.error for result in build.build(options.lessons)) else 0


def _build_options(command):
    command.add_argument("lessons", nargs="*", help="their numbers (all)")
    command.add_argument(
        "--texts", action="store_true", help="only the texts: run nothing, and keep the outputs"
    )


def release(options) -> int:
    """make the students' bundle: lessons and wheel, no masters, no bank"""
    from course_lib.authoring import release

    print(f"wrote {release.release(options.out, options.lessons, options.with_solutions)}")
    return 0


def _release_options(command):
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write the zip into"
    )
    command.add_argument("--lessons", nargs="+", default=[], metavar="NN", help="their numbers (all)")
    command.add_argument(
        "--with-solutions", action="store_true", help="let students see a solution after an attempt"
    )


def publish(options) -> int:
    """stamp the course's address into badges and setup cells"""
    from course_lib.authoring import publish

    paths = publish.publish(options.repo, options.branch)
    print(
        f"{len(paths)} lessons carry the address {options.repo}/{options.branch}. Commit them and "
        f"colab/address.txt."
    )
    return 0


def _publish_options(command):
    command.add_argument("--repo", required=True, metavar="OWNER/NAME")
    command.add_argument("--branch", default="main")


COMMANDS = {build: _build_options, release: _release_options, publish: _publish_options}
