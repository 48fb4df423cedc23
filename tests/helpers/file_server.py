"""A web server on this machine for tests of downloads. It also breaks off, lies, is busy, and sends what it
should not. And a small file of weights in VGG-Face's layout for it."""

import re
import threading
import types
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import h5py
import numpy as np


@contextmanager
def running(**fields):
    """A server at a free port: a namespace with its address (`base`), the files it sends (`contents`), how it
    answers (`plan`: the last answer stays) and what it was asked (`log`)."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    server.site = types.SimpleNamespace(contents={}, plan={}, log=[], base=base, **fields)
    try:
        yield server.site
    finally:
        server.shutdown()
        server.server_close()


def serve(site, request):
    """Answer with the file, or with the rest of it from where Range says."""
    content = site.contents[request.name]
    start = int(re.match(r"bytes=(\d+)-", request.headers.get("Range", "bytes=0-"))[1])
    if start:
        request.answer(
            206, content[start:], {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        )
    else:
        request.answer(200, content)


def ignore_range(site, request):
    request.answer(200, site.contents[request.name])


def break_off(site, request):
    """Promise the file (or its rest) and close the connection half-way."""
    request.cut = 0.5
    serve(site, request)


def break_off_at_the_same_byte(site, request):
    request.cut = 0.5
    ignore_range(site, request)


def wrong_range(site, request):
    content = site.contents[request.name]
    request.answer(206, content[7:], {"Content-Range": f"bytes 7-{len(content) - 1}/{len(content)}"})


def not_satisfiable(site, request):
    request.answer(416, b"", {"Content-Range": f"bytes */{len(site.contents[request.name])}"})


def wrong_bytes(site, request):
    request.answer(200, bytes(len(site.contents[request.name])))


def too_short(site, request):
    request.answer(200, site.contents[request.name][:1000])


def endless(site, request):
    request.answer(200, site.contents[request.name] * 3, length=False)


def web_page(site, request):
    request.answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html; charset=utf-8"})


def status(code, headers=()):
    return lambda site, request: request.answer(code, b"", headers)


class Request(BaseHTTPRequestHandler):
    cut = 1.0

    def do_GET(self):
        site = self.server.site
        self.name = self.path.rpartition("/")[2]
        plan = site.plan.get(self.name, [serve])
        (plan.pop(0) if len(plan) > 1 else plan[0])(site, self)

    def answer(self, code, body, headers=(), length=True):
        sent = body[: int(len(body) * self.cut)]
        self.server.site.log.append((self.name, self.headers.get("Range"), code, len(sent)))
        self.send_response(code)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        if length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(sent)
        except ConnectionError:  # the client has seen enough
            pass

    def log_message(self, *args):
        pass


def weights_bytes(path, seed):
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([b"conv1_1"])
        file.create_group("conv1_1").attrs["weight_names"] = np.array([b"kernel:0", b"bias:0"])
        file["conv1_1/kernel:0"] = np.random.default_rng(seed).standard_normal((3, 3, 3, 64))
        file["conv1_1/bias:0"] = np.zeros(64)
    return path.read_bytes()
