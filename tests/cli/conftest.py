import warnings

import pytest


@pytest.fixture(autouse=True)
def own_warnings(monkeypatch):
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # `main` replaces it
