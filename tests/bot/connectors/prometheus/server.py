"""A real Prometheus in a process group of its own, over data that were made for it or scraping what it is told to."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

MISSING = (
    "NO PROMETHEUS WAS FOUND, SO NOTHING IS PROVEN AGAINST A REAL ONE. "
    "Get it with `apt-get install prometheus` (it brings promtool) and run again."
)
READY = "Server is ready to receive web requests"
SCRAPE = """
global: {{scrape_interval: 300ms, scrape_timeout: 300ms}}
scrape_configs:
  - job_name: bunsen
    static_configs: [{{targets: ["{target}"]}}]
"""


@contextmanager
def prometheus(folder: Path, *, openmetrics: str = "", scrapes: str = "") -> Iterator[str]:
    """Its address while it runs; the test is skipped where there is none to be run."""
    if not shutil.which("prometheus") or not shutil.which("promtool"):
        pytest.skip(MISSING)
    data, config = folder / "data", folder / "prometheus.yml"
    if openmetrics:
        (folder / "made.om").write_text(openmetrics)
        made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "made.om", data]
        subprocess.run(made, check=True, capture_output=True)
    config.write_text(SCRAPE.format(target=scrapes) if scrapes else "")
    address = f"127.0.0.1:{_free_port()}"
    options = {
        "config.file": config,
        "storage.tsdb.path": data,
        "storage.tsdb.retention.time": "100y",
        "web.listen-address": address,
    }
    server = subprocess.Popen(
        ["prometheus", *(f"--{name}={value}" for name, value in options.items())],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert server.stderr is not None
    try:
        said = next((line for line in server.stderr if READY in line), "")
        assert said, f"Prometheus ended with {server.wait(10)}."
        yield f"http://{address}"
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()
        server.stderr.close()


def _free_port() -> int:
    """Outside of those that the system gives to whoever asks for any, since it takes a while until it is listened to;
    where the search begins differs from process to process."""
    for port in range(20_000 + os.getpid() * 37 % 10_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("there is no free port")
