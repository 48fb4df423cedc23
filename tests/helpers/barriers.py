"""What keeps people with a disability from using a page, as axe-core finds it."""

import pytest


def barriers(page):
    """What axe-core calls serious or critical on a page: {rule: the first elements}."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return {
        one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }
