"""What pictures cost, as a ratio to the simplest matplotlib figure of the same size with one line, in the same run.

    ./dev bench charts [--rounds 9] [--renders 2000] [--experiments 5000]

Then what two thousand of them leave behind in memory, and how long the event loop is held up while ten people ask for
pictures of a large workspace at once.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import io
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import psutil
from PIL import Image

from benchmarks.fleet import NOW, USER, WORKSPACE, fill, population, world_over
from bot.connectors.pictures import Pictures
from bot.terminal import TURN_SECONDS
from charts import CHARTS
from experiments import pictures
from experiments.aggregate import Aggregate
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Role
from experiments.ports import World
from experiments.running import Phase
from handlers import chart
from handlers.pictures.shelf import SHELF
from handlers.turn import Turn
from storage import Database
from tests.charts.pictures import EXAMPLES

MOST_MEDIAN, MOST, MOST_KILOBYTES, MOST_HELD_UP = 2.0, 4.0, 150, 20.0
PEOPLE, SETTLED = 10, 50


def simplest(width: int, height: int) -> bytes:
    """One line on one pair of axes, as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 100, height / 100), dpi=100)
    figure.add_axes((0.1, 0.1, 0.8, 0.8)).plot([1, 2, 3], [1, 2, 3])
    out = io.BytesIO()
    FigureCanvasAgg(figure).print_png(out)
    return out.getvalue()


def took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def prices(rounds: int) -> None:
    """Every example of every picture beside the floor of its own size, turn by turn."""
    ordinary, worst = [], (0.0, "")
    print(f"{'picture':34} {'size':>11} {'kB':>5} {'ms':>7} {'floor':>7} {'ratio':>6}")
    for name, examples in EXAMPLES.items():
        for place, (example, made) in enumerate(examples.items()):
            drawing = partial(CHARTS[name], made())
            png = drawing()
            width, height = Image.open(io.BytesIO(png)).size
            pairs = [(took(drawing), took(partial(simplest, width, height))) for _ in range(rounds)]
            mine, floor = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = mine / floor
            ordinary += [ratio] if place == 0 else []
            worst = max(worst, (ratio, f"{name} {example}"))
            heavy = " TOO HEAVY" if len(png) > MOST_KILOBYTES * 1000 else ""
            what, size = f"{name} {example}", f"{width} × {height}"
            print(f"{what:34} {size:>11} {len(png) / 1000:5.0f} {mine:7.1f} {floor:7.1f} {ratio:6.2f}{heavy}")
    print(f"median of the {len(ordinary)} pictures {statistics.median(ordinary):.2f} × (at most {MOST_MEDIAN:g})")
    print(f"slowest of all examples {worst[1]}: {worst[0]:.2f} × (at most {MOST:g})")


def memory(renders: int) -> None:
    """Resident memory after the first fifty, of all pictures in turn as people ask for them, after every example, the
    largest among them, was drawn once, and after all."""
    turns = itertools.zip_longest(*([(name, made()) for made in some.values()] for name, some in EXAMPLES.items()))
    everything = [each for turn in turns for each in turn if each is not None]
    process, found = psutil.Process(), {}
    for number, (name, data) in zip(range(1, renders + 1), itertools.cycle(everything), strict=False):
        CHARTS[name](data)
        if number in (SETTLED, len(everything), renders):
            gc.collect()
            found[number] = process.memory_info().rss / 2**20
    print("memory " + ", ".join(f"after {number:,} pictures {each:.0f} MB" for number, each in found.items()))


class Taking:
    """A Slack that takes everything at once."""

    def __init__(self) -> None:
        self.files = itertools.count(1)
        self.answered = 0

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        return {"ok": True, "ts": "1.0", "channel": "C1", "file": {}}

    async def respond(self, response_url: str, **message: Any) -> None:
        assert any(block["type"] == "image" for block in message["blocks"]), "a picture is left out"
        self.answered += 1

    async def upload(self, png: bytes, filename: str, alt: str) -> str:
        return f"F{next(self.files)}"


def running() -> Experiment:
    """A year of an experiment with data."""
    found = next(each for each in population(500) if each.status is Status.RUNNING)
    started = NOW - timedelta(days=200)
    weights = {each.key: each.weight for each in found.design.variants}
    return found.evolve(
        key="a-long-one", started_at=started, phases=(Phase(number=1, started_at=started, weights=weights),),
        data_version=1, data_day=200.0, data_at=NOW, reading=None,
    )  # fmt: skip


def rows(experiment: Experiment) -> list[Aggregate]:
    shares = {"conversion": (0.1, 0.09), "revenue": (12.0, 40.0), "latency": (180.0, 900.0)}
    return [
        Aggregate(metric, variant.key, float(day), 900 * day, mean * (1 + 0.03 * place), variance)
        for metric, (mean, variance) in shares.items()
        for place, variant in enumerate(experiment.design.variants)
        for day in range(1, 201)
    ]


async def at_once(experiments: int) -> None:
    """Ten people ask for ten pictures in the same moment; the longest that the loop could not turn."""
    with tempfile.TemporaryDirectory() as folder:
        database = await Database.open(f"sqlite:///{Path(folder, 'charts.db')}", migrate=True)
        long = running()
        await fill(database, [*population(experiments), long])
        async with database.uow(WORKSPACE) as uow:
            await uow.aggregates.add(long.key, 1, rows(long))
        slack = Taking()
        world = replace(world_over(database), slack=slack, draw=Pictures())
        await _asked("comparison", long.key, world)  # the drawing process and the libraries of statistics are there
        for module in iter_modules(pictures.__path__, f"{pictures.__name__}."):
            import_module(module.name)  # of code that was compiled when it was installed this takes no time
        gc.collect()
        gc.freeze()  # as the server does when it has started
        sys.setswitchinterval(TURN_SECONDS)
        names = [*SHELF, *SHELF][:PEOPLE] if len(SHELF) < PEOPLE else list(SHELF)
        for some in (names[:PEOPLE], names[-PEOPLE:]):
            done = asyncio.Event()
            watching = asyncio.create_task(_longest_pause(done))
            begun = time.perf_counter()
            await asyncio.gather(*(_asked(name, long.key, world) for name in some))
            seconds = time.perf_counter() - begun
            done.set()
            print(
                f"{len(some)} people at once among {experiments:,} experiments: all answered in {seconds:.2f} s, "
                f"the loop was held up {await watching:.1f} ms at most (at most {MOST_HELD_UP:g})"
            )
        await database.close()


async def _asked(name: str, key: str, world: World) -> None:
    slow: list[Any] = []

    async def ack(**answer: Any) -> None:
        """Slack hears that it arrived."""

    actor = Actor(workspace=WORKSPACE, user=USER, role=Role.ADMIN)
    words = (name, key) if SHELF[name].statuses else (name,)
    turn = Turn(later=slow.append, workspace=WORKSPACE, user=USER, channel="C1", response_url="https://x", words=words)
    await chart.by_command(ack, turn, actor, world)
    await asyncio.gather(*slow)


async def _longest_pause(done: asyncio.Event) -> float:
    longest, before = 0.0, time.perf_counter()
    while not done.is_set():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, before = max(longest, now - before - 0.001), now
    return longest * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--renders", type=int, default=2_000)
    parser.add_argument("--experiments", type=int, default=5_000)
    given = parser.parse_args()
    prices(given.rounds)
    memory(given.renders)
    asyncio.run(at_once(given.experiments))
