"""Drawing in a process of its own: the picture comes back, a killed one is replaced, and none outlives its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.connectors import pictures
from bot.connectors.pictures import Pictures
from experiments.errors import Unavailable
from tests.charts import samples
from tests.patience import LONG

ORPHAN = """
import asyncio, os, psutil, signal
from bot.connectors.pictures import Pictures
from tests.charts import samples

async def main():
    await Pictures()("comparison", samples.readout())
    print(*(each.pid for each in psutil.Process().children(recursive=True)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


class Endless:
    """Data of which nothing can be read before the world ends."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        threading.Event().wait()


def children() -> set[int]:
    """The drawing processes that are alive; others may end while they are looked at."""
    alive = set()
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie is one, too
            if "spawn_main" in " ".join(each.cmdline()):
                alive.add(each.pid)
    return alive


async def test_a_picture_comes_back_from_another_process() -> None:
    png = await Pictures()("comparison", samples.readout())
    assert png.startswith(b"\x89PNG")
    assert children(), "nothing else draws"


async def test_what_the_chart_refuses_is_told_here() -> None:
    with pytest.raises(KeyError):
        await Pictures()("no-such-chart", samples.readout())


async def test_a_killed_process_is_replaced_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    class Counted(ProcessPoolExecutor):
        def __init__(self, *args: Any, **given: Any) -> None:
            begun.append(self)
            super().__init__(*args, **given)

    monkeypatch.setattr(pictures, "ProcessPoolExecutor", Counted)
    draw = Pictures()
    await draw("comparison", samples.readout())
    before = children()
    begun.clear()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    drawn = await asyncio.gather(*(draw("comparison", samples.readout()) for _ in range(3)))
    assert all(png.startswith(b"\x89PNG") for png in drawn)
    assert children() - before
    assert len(begun) == 1


async def test_what_is_never_done_is_given_up_and_others_are_drawn_again() -> None:
    with pytest.raises(Unavailable):
        await Pictures(seconds=1)("comparison", Endless())
    assert (await Pictures()("comparison", samples.readout())).startswith(b"\x89PNG")


def test_no_drawing_process_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(ORPHAN)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    )
    assert done.returncode == -signal.SIGKILL
    pids = [int(each) for each in done.stdout.split()]
    assert pids, done.stderr
    _, alive = psutil.wait_procs([psutil.Process(each) for each in pids if psutil.pid_exists(each)], timeout=LONG)
    assert not alive
