"""What is asked of every figure: that it is shown as a picture with alt text, and prints the same in one
line.
"""

import base64
import io

import matplotlib.image
import numpy as np
import pytest

from course_lib import plots

LONG = "Four classifiers by three protocols on the clips of: the Studio (SYNTHETIC), seed 0, profile quick"


@pytest.fixture
def displayed(monkeypatch, capsys):
    """Draw; return the picture (height, width, 4) and the one printed line.

    Nothing may run over the picture's edge, and the line must be the picture's alt text, too.
    """

    def draw(function, *args, **options):
        calls = []
        monkeypatch.setattr(plots.base, "display", lambda data, **how: calls.append((data, how)))
        function(*args, **options)
        [(data, how)] = calls
        line, end, rest = capsys.readouterr().out.partition("\n")
        picture = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])))
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
        assert (border == 1).all(), "something runs over the edge of the picture"
        assert picture.shape[1] <= 1000, "wider than a notebook"
        assert how["raw"] and how["metadata"]["image/png"]["alt"] == line and line and end and not rest
        return picture, line

    return draw


@pytest.fixture
def shown(displayed):
    """Draw as `displayed` does; return the printed line alone."""
    return lambda function, *args, **options: displayed(function, *args, **options)[1]


@pytest.fixture
def drawn(monkeypatch):
    """Draw; return the figure."""

    def draw(function, *args, **options):
        figures = []
        monkeypatch.setattr(plots.base, "show", lambda figure, *_: figures.append(figure))
        function(*args, **options)
        [figure] = figures
        return figure

    return draw


@pytest.fixture(params=["Short (SYNTHETIC)", LONG], ids=["short title", "long title"])
def has_its_title(request, displayed):
    """Draw under a short and a long title: it must stand whole in the picture and in the printed line."""

    def check(function, *args):
        picture, line = displayed(function, *args, title=request.param)
        assert line.startswith(f"{request.param}: ") and line.endswith(".")
        assert picture[:40].min() < 0.5  # something is written at the top

    return check
