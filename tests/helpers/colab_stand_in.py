"""A stand-in for what Colab tells a notebook about its own file.

It follows what is public. `google.colab._message.blocking_request(request_type, request="", timeout_sec=5,
parent=None)` returns the answer of the page, or None if none came in time (googlecolab/colabtools,
google/colab/_message.py). The answer to "get_ipynb" is {"ipynb": notebook}; a copy in Drive lists its
originals in `metadata.colab.provenance`. `/api/sessions` is Jupyter's own; at COLAB_JUPYTER_IP and
KMP_TARGET_PORT it lists the session with the path "fileId=" and, quoted, the file's number in Drive or its
address on GitHub. This path is known from notebooks of Colab's users only."""

import http.server
import json
import sys
import threading
from contextlib import contextmanager
from types import ModuleType
from urllib.parse import quote


@contextmanager
def colab(monkeypatch, file="", originals=(), server=True):
    """Make this process look like a kernel of Colab that has opened `file`.

    `file` is an address on GitHub, a number in Drive, or "" of an upload. `originals` are the files that
    Drive's copy was made from, the latest first. Without `server` nothing answers at `/api/sessions`. Gives
    the list of what was asked."""
    asked = []
    package, message = ModuleType("google.colab"), ModuleType("google.colab._message")
    provenance = [{"file_id": one, "timestamp": 1540300000} for one in originals or ()]
    notebook = {"cells": [], "metadata": {"colab": {"provenance": provenance, "name": "02.ipynb"}}}

    def blocking_request(request_type, request="", timeout_sec=5, parent=None):
        asked.append(request_type)
        return {"ipynb": notebook} if request_type == "get_ipynb" and originals is not None else None

    class Sessions(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            path = f"fileId={quote(file, safe='')}"
            body = json.dumps([{"path": path, "name": "02.ipynb", "type": "notebook", "kernel": {}}])
            self.send_response(200 if self.path == "/api/sessions" else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

    message.blocking_request = blocking_request
    package._message = message
    monkeypatch.setitem(sys.modules, "google.colab", package)
    monkeypatch.setitem(sys.modules, "google.colab._message", message)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sessions) as listening:
        monkeypatch.setenv("COLAB_JUPYTER_IP", "127.0.0.1")
        monkeypatch.setenv("KMP_TARGET_PORT", str(listening.server_port if server else 1))
        threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True).start()
        yield asked
        listening.shutdown()
