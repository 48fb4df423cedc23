"""What every corpus that comes with the course must tell about itself, and how large three of them may be."""

import pytest

from course_lib.datasets import embedded

MIB = 2**20


@pytest.mark.parametrize(
    ("corpus", "limit"), [("london", 3 * MIB), ("crema_d", 2.5 * MIB), ("pexels", 0.5 * MIB)]
)
def test_a_corpus_stays_small(corpus, limit):
    assert sum(path.stat().st_size for path in embedded.folder(corpus).rglob("*") if path.is_file()) <= limit


@pytest.mark.parametrize("corpus", ["london", "crema_d", "pexels"])
def test_each_corpus_names_makers_licence_source_and_changes(corpus):
    text = (embedded.folder(corpus) / "README.md").read_text(encoding="utf-8")
    for part in ("**Maker", "**Licence:**", "**Source:**", "commit ", "## What was changed"):
        assert part in text, part
