"""The demo as a program: its port, its warm-up, and the frame in a notebook."""

import logging
import socket
import sys
import types
from http.client import HTTPConnection
from urllib.request import urlopen

import pytest

from course_lib.core.errors import CourseError
from course_lib.demo import page

pytest.importorskip("uvicorn", reason="the demo's extra is not installed")


def test_it_serves_on_this_machine_alone_until_it_is_closed(monkeypatch, capsys):
    warmed = []
    monkeypatch.setattr(page, "_warmed_up", lambda: warmed.append(True))
    served = page.launch(wait=False)
    with urlopen(served.address) as answer:
        assert b"Emotions from a face and a voice" in answer.read()
    assert served.address.startswith("http://127.0.0.1:78") and warmed == [True]
    assert served.address in capsys.readouterr().out
    with pytest.raises(CourseError, match="cannot be served there"):
        page.launch(int(served.address.rstrip("/").rpartition(":")[2]), wait=False)
    served.close()
    assert not served.thread.is_alive()


def test_small_answers_are_sent_at_once(monkeypatch):
    monkeypatch.setattr(page, "_warmed_up", lambda: None)
    served = page.launch(wait=False)
    visitor = HTTPConnection(served.address.split("/")[2])
    visitor.request("POST", "/visitor")
    visitor.getresponse().read()
    (connection,) = served.server.server_state.connections
    accepted = connection.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    visitor.close()
    served.close()


def test_logging_of_other_packages_goes_on_while_it_is_served(monkeypatch, capsys):
    """Keras's logging (absl) closes the error stream that it writes to when its handler is closed."""
    monkeypatch.setattr(page, "_warmed_up", lambda: None)
    closed, handler = [], logging.NullHandler()
    monkeypatch.setattr(handler, "close", lambda: closed.append(True), raising=False)
    page.launch(wait=False).close()
    assert not closed


def test_a_port_that_does_not_exist_is_refused():
    with pytest.raises(CourseError, match="port 99999"):
        page.launch(99999, wait=False)


def test_what_is_warmed_up_is_what_the_first_visitor_needs(monkeypatch):
    asked = []
    monkeypatch.setattr(page.moments, "see", lambda crops: asked.append("see") or [[1 / 7] * 7])
    monkeypatch.setattr(page.moments, "hear", lambda windows: asked.append("hear") or [[1 / 7] * 7])
    page._warmed_up()
    assert asked == ["see", "hear"]


def test_a_missing_network_does_not_stop_the_page(monkeypatch, capsys):
    monkeypatch.setattr(page.moments, "see", lambda crops: 1 / 0)
    page._warmed_up()
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("colab", [False, True])
def test_a_notebook_shows_a_frame_that_may_use_the_camera(monkeypatch, colab):
    shown, proxied = [], "https://proxy.example/"
    output = types.SimpleNamespace(eval_js=lambda code: proxied if "proxyPort(7861" in code else "")
    google = types.SimpleNamespace(output=output)
    monkeypatch.setitem(sys.modules, "google.colab", google)
    monkeypatch.setattr("IPython.get_ipython", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda one: shown.append(one.data))
    page._show(page.Served("http://127.0.0.1:7861/", None, None), colab)
    address = proxied if colab else "http://127.0.0.1:7861/"
    assert f'src="{address}"' in shown[0] and 'allow="camera; microphone' in shown[0]
    assert f'height="{page.HEIGHT}"' in shown[0] and page.HEIGHT >= 800
