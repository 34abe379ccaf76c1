"""Evaluation of flags as ratios to an empty JSON endpoint on the same server, in one run.

    ./dev bench evaluation [--seconds 2] [--rounds 5]

The floor is a Starlette endpoint that reads nothing and answers {}, on the same uvicorn in the same process and asked
with the same requests; beside it stands a bare ASGI function that does the same. Server and load run in a process each.
What is compared takes turns in short rounds, so that a machine that gets slower for a while slows both. The processor
time that the server has for a request, at its best, tells the truth where others want the processor too.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.evaluation_sides import EMPTY, STARLETTE

CONNECTIONS = 16
SIZES = (10, 100, 10_000)
BULK = 100
WARM_UP = 2

Ask = Callable[..., dict[str, Any]]


@contextmanager
def side(*arguments: str) -> Iterator[Ask]:
    """A process that answers lines; a server says its first line by itself."""
    command = [sys.executable, "-m", "benchmarks.evaluation_sides", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, answers = process.stdin, process.stdout

        def ask(**question: Any) -> dict[str, Any]:
            if question:
                asked.write(json.dumps(question) + "\n")
                asked.flush()
            line = answers.readline()
            if not line:
                raise SystemExit(f"benchmarks.evaluation_sides {arguments[0]} stopped")
            answer: dict[str, Any] = json.loads(line)
            return answer

        try:
            yield ask
        finally:
            process.kill()


class Bench:
    """Servers of several sizes and the load on them."""

    def __init__(self, stack: ExitStack, folder: str, seconds: float) -> None:
        self._seconds = seconds
        self._load = stack.enter_context(side("load"))
        self._servers = {}
        for size in SIZES:
            self._servers[size] = started = stack.enter_context(side("serve", folder, str(size)))()
            took = f"{started['loaded']:.2f} s, {started['cost']:.2f} s of a processor"
            print(f"{size:6,} running experiments loaded in {took}")

    def run(self, path: str, size: int, rate: float = 0.0) -> Run:
        server = self._servers[size]
        address, before = server["floor" if path == EMPTY else "address"], processor_time(server["pid"])
        question = {"address": address, "path": path, "flags": size, "seconds": self._seconds}
        answer = self._load(**question, connections=CONNECTIONS, rate=rate)
        if answer["wrong"]:
            raise SystemExit(f"{answer['wrong']} requests of {path} were not answered as they should be")
        cost = (processor_time(server["pid"]) - before) / answer["count"] * 1e6
        return Run(answer["a_second"], cost, answer["median"], answer["p99"])


class Run(NamedTuple):
    """Answers a second, the server's processor time for one in microseconds, and times to an answer in milliseconds."""

    a_second: float
    cost: float
    median: float
    p99: float


def processor_time(pid: int) -> float:
    """Seconds that the main thread of a process has had of a processor (Linux)."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


def main(seconds: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        bench = Bench(stack, folder, seconds)
        cases = [(EMPTY, BULK), (STARLETTE, BULK), *(("one", size) for size in SIZES), ("all", BULK)]
        runs: dict[tuple[str, int], list[Run]] = {case: [] for case in cases}
        for number in range(rounds + WARM_UP):
            for case in cases:
                run = bench.run(*case)
                if number >= WARM_UP:
                    runs[case].append(run)
        rate = {case: statistics.median(each.a_second for each in found) for case, found in runs.items()}
        cost = {case: min(each.cost for each in found) for case, found in runs.items()}
        floor, bare, single = (STARLETTE, BULK), (EMPTY, BULK), ("one", BULK)
        against = f"{'of {}':>6} {'bare':>6}"
        print(f"\n{'closed loop, one process':34} {'a second':>9} {against}   {'µs':>6} {against}")
        for case in cases:
            parts = [f"{rate[case] / rate[each]:6.2f}" for each in (floor, bare)]
            costs = [f"{cost[each] / cost[case]:6.2f}" for each in (floor, bare)]
            promise = "at least 0.8 of {}" if case[0] == "one" else ""
            print(f"{named(*case):34} {rate[case]:9,.0f}", *parts, f"  {cost[case]:6.1f}", *costs, f"  {promise}")
        bulk = ("all", BULK)
        times = f"{rate[single] / rate[bulk]:.2f} by rate, {cost[bulk] / cost[single]:.2f} by processor time"
        print(f"all {BULK} flags take {times} × one flag (promised: at most 5)")
        print(f"\n{'open loop, half of what {} takes':34} {'a second':>9} {'median':>7} {'p99':>7} ms")
        for path, size in (bare, floor, *(("one", size) for size in SIZES)):
            found = [bench.run(path, size, rate=rate[floor] / 2) for _ in range(rounds)]
            middle = Run(*(statistics.median(column) for column in zip(*found, strict=True)))
            promise = "p99 under 5" if path == "one" else ""
            print(f"{named(path, size):34} {middle.a_second:9,.0f} {middle.median:7.2f} {middle.p99:7.2f}   {promise}")


def named(path: str, size: int) -> str:
    endpoints = {EMPTY: "{} from a bare ASGI function", STARLETTE: "{} from a Starlette endpoint"}
    return endpoints.get(path) or (f"one flag of {size:,}" if path == "one" else f"all {size} flags")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    main(given.seconds, given.rounds)
