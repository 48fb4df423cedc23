"""JupyterLab on a free port, and a lesson in it, in a headless Chromium."""

import json
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from driver import CHROMIUM, waited_for

# All cells are on the page, also those far below; no dialog asks for news, for a kernel or to save.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


@contextmanager
def served(lessons, home):
    """Start JupyterLab in the folder `lessons` and yield its address. Its own files go to `home`."""
    for name, setting in SETTINGS.items():
        file = Path(home, "lab", "user-settings", f"{name}.jupyterlab-settings")
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(setting))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {f"JUPYTER_{which}_DIR": str(Path(home, which)) for which in ("CONFIG", "DATA", "RUNTIME")}
    options = ["--no-browser", f"--port={port}", "--IdentityProvider.token=", "--allow-root"]
    options += [f"--ServerApp.root_dir={lessons}", "--LabApp.expose_app_in_browser=True"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            *options,
            f"--LabApp.user_settings_dir={home}/lab/user-settings",
        ],
        env=os.environ | folders,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield waited_for(f"http://127.0.0.1:{port}/", process)
    finally:
        process.terminate()
        process.wait(60)


@contextmanager
def opened(browser, address, name):
    """Open a lesson; yield the page when all its cells are there. Close it, and end its kernel."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}lab/tree/{name}.ipynb?reset", timeout=90_000)
    page.wait_for_function(
        "name => window.jupyterapp?.shell.currentWidget?.context?.path === name",
        arg=f"{name}.ipynb",
        timeout=60_000,
    )
    page.evaluate("window.jupyterapp.shell.currentWidget.revealed")
    yield page
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()


def run_up_to(page, place):
    """Run all cells from the first one up to the cell at a place, and wait for their end."""
    page.evaluate(
        """async place => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = place + 1;
            await window.jupyterapp.shell.currentWidget.sessionContext.ready;
            await window.jupyterapp.commands.execute("notebook:run-all-above");
        }""",
        place,
    )


def browser(playwright):
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
