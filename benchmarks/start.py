"""Time from process start to the first acknowledgement, as a ratio to importing Bolt, Starlette, uvicorn and SQLModel.

./dev bench start [--runs 7]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

IMPORTS = "import slack_bolt.async_app, starlette.applications, uvicorn, sqlmodel"
FIRST_ACK = """
import asyncio, sys
from benchmarks.first_ack import first_ack
asyncio.run(first_ack(sys.argv[1], sys.argv[2]))
"""


def seconds(*arguments: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, env={**os.environ, "PYTHONPATH": "."})
    return time.perf_counter() - begun


def main(runs: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server", "slack"], stdout=subprocess.PIPE, text=True
        ) as slack,
    ):
        assert slack.stdout is not None
        api_url = slack.stdout.readline().strip()
        database = Path(folder) / "bunsen.db"
        seconds("-c", FIRST_ACK, api_url, str(database))
        floors, starts = [], []
        for _ in range(runs):
            floors.append(seconds("-c", IMPORTS))
            starts.append(seconds("-c", FIRST_ACK, api_url, str(database)))
        slack.terminate()
    floor, start = statistics.median(floors), statistics.median(starts)
    print(f"imports alone              {floor * 1000:7.0f} ms (median of {runs})")
    print(f"start to first acknowledged {start * 1000:6.0f} ms   {start / floor:.2f} ×")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    main(parser.parse_args().runs)
