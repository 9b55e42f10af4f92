"""A JupyterLab of its own settings, for tests."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect


@contextmanager
def jupyterlab(root: Path, home: Path) -> Iterator[str]:
    """Run JupyterLab on a folder, with its settings in `home`, and give the address of the folder."""
    with served([sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"], home) as address:
        yield address


@contextmanager
def served(command: list[str], home: Path, cwd: Path | None = None) -> Iterator[str]:
    """Run a command that starts JupyterLab, with its settings in `home`, and give the address of its folder."""
    folders = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = {"ip": "127.0.0.1", "port": port, "open_browser": False, "allow_root": True}
    (home / "config").mkdir(exist_ok=True)
    config = {"ServerApp": server, "IdentityProvider": {"token": ""}}
    (home / "config/jupyter_server_config.json").write_text(json.dumps(config), encoding="utf-8")
    environment = os.environ | {name: str(home / folder) for name, folder in folders.items()}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(port, process, home / "log")
        yield f"http://127.0.0.1:{port}/lab/tree"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"JupyterLab did not start in a minute: {log.read_text()}")


def open_notebook(page: Page, address: str) -> None:
    """Open a notebook and wait until its kernel is ready."""
    page.goto(f"{address}?reset", timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    expect(page.locator(".jp-Toolbar-kernelName").first).to_have_text("Python 3 (ipykernel)", timeout=60_000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status='idle']", timeout=60_000)
