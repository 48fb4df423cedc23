"""What every figure must have: one HTML output with alt text and a caption, and one line as text."""

import base64
import io
import re
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from course_lib import plots

LONG = "Four classifiers by three protocols on the clips of: the Studio (SYNTHETIC), seed 0, profile quick"


@pytest.fixture
def displayed(monkeypatch, capsys):
    """Draw as in a notebook; return the picture (height, width, 3) and the text version of the output.

    Nothing may run over the picture's edge, and nothing is printed.
    """

    def draw(function, *args, **options):
        calls = []
        monkeypatch.setattr(plots.base, "get_ipython", lambda: SimpleNamespace(execution_count=1))
        monkeypatch.setattr(plots.base, "display", lambda data, **how: calls.append((data, how)))
        plot = function(*args, **options)
        plot._ipython_display_()  # as the last line of the cell
        [(data, how)] = calls
        assert how == {"raw": True} and data.keys() == {"text/html", "text/plain"}
        assert capsys.readouterr().out == "" and data["text/plain"] == plot.text == repr(plot)
        html = data["text/html"]
        found = re.fullmatch(
            r'<figure [^>]*><img alt="([^"]+)" width="(\d+)" [^>]*base64,([^"]+)">'
            r"<figcaption><strong>([^<]*)</strong>([^<]*)</figcaption></figure>",
            html,
        )
        assert found, html[:200]
        alt, width, image, title, seen = map(unescape, found.groups())
        assert alt == plot.alt and plot.text.lower().startswith(title.rstrip(".").lower() + ": ")
        assert plot.text.endswith(seen)
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(image))), int)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert border.min() > 128, "something runs over the edge of the picture"
        assert int(width) <= 1000, "wider than a notebook"
        return picture, plot.text

    return draw


@pytest.fixture
def shown(displayed):
    """Draw as `displayed` does; return the text version alone."""
    return lambda function, *args, **options: displayed(function, *args, **options)[1]


@pytest.fixture
def drawn():
    """Draw; return the matplotlib figure."""
    return lambda function, *args, **options: function(*args, **options).figure


@pytest.fixture(params=["Short (SYNTHETIC)", LONG], ids=["short title", "long title"])
def has_its_title(request, displayed):
    """Draw under a short and a long title: it must be in the caption, and in a saved file of the figure."""

    def check(function, *args):
        _, text = displayed(function, *args, title=request.param)
        assert text.startswith(f"{request.param}: ") and text.endswith(".")
        saved = io.BytesIO()
        function(*args, title=request.param).savefig(saved, format="png", dpi=60)
        picture = np.asarray(Image.open(saved).convert("L"), int)
        assert picture[:30].min() < 128  # something is written at the top
        assert (np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]) == 255).all()

    return check
