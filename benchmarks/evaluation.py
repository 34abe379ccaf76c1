"""Evaluation of flags as ratios to an empty JSON endpoint on the same server, in one run.

    ./dev bench evaluation [--seconds 2] [--rounds 5]

The floor is a raw ASGI endpoint that reads nothing and answers {}, behind the same uvicorn in the same process and asked
with the same requests. Server and load run in a process each; what is compared takes turns in short rounds, so that a
machine that gets slower for a while slows both.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from benchmarks.evaluation_sides import EMPTY, STARLETTE

CONNECTIONS = 16
SIZES = (10, 100, 10_000)
BULK = 100

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


def main(seconds: float, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        load = stack.enter_context(side("load"))
        addresses = {}
        for size in SIZES:
            started = stack.enter_context(side("serve", folder, str(size)))()
            addresses[size] = started["address"]
            print(f"{size:6,} running experiments loaded in {started['loaded']:.2f} s")

        def run(path: str, size: int, rate: float = 0.0, lasting: float = seconds) -> dict[str, Any]:
            question = {"address": addresses[size], "path": path, "flags": size, "seconds": lasting}
            answer = load(**question, connections=CONNECTIONS, rate=rate)
            if answer["wrong"]:
                raise SystemExit(f"{answer['wrong']} requests of {path} were not answered as they should be")
            return answer

        cases = [(EMPTY, BULK), (STARLETTE, BULK), ("one", 10), ("one", BULK), ("one", SIZES[-1]), ("all", BULK)]
        for case in cases:
            run(*case, lasting=1.0)
        found: dict[tuple[str, int], list[float]] = defaultdict(list)
        for _ in range(rounds):
            for case in cases:
                found[case].append(run(*case)["a_second"])
        rates = {case: statistics.median(each) for case, each in found.items()}
        floor, single, bulk = rates[EMPTY, BULK], rates["one", BULK], rates["all", BULK]
        print(f"\n{'requests a second, one process':44} {'':>9}  ratio")
        print(f"{'{} from a raw ASGI endpoint':44} {floor:9,.0f}   1.00")
        print(
            f"{'{} from a Starlette endpoint':44} {rates[STARLETTE, BULK]:9,.0f}  {rates[STARLETTE, BULK] / floor:5.2f}"
        )
        for size in SIZES:
            each = rates["one", size]
            print(f"{f'one flag of {size:,}':44} {each:9,.0f}  {each / floor:5.2f}   (promised: at least 0.8)")
        print(f"{f'all of {BULK} flags':44} {bulk:9,.0f}  {single / bulk:5.2f} × one flag   (promised: at most 5)")
        print(f"\n{'milliseconds at half of the floor’s load':44} {'median':>9}    p99")
        for path, size in ((EMPTY, BULK), ("one", 10), ("one", BULK), ("one", SIZES[-1])):
            runs = [run(path, size, rate=floor / 2) for _ in range(rounds)]
            median, p99 = (statistics.median(each[name] for each in runs) for name in ("median", "p99"))
            name = "{} from a raw ASGI endpoint" if path == EMPTY else f"one flag of {size:,}"
            print(f"{name:44} {median:9.2f} {p99:6.2f}   (promised: p99 under 5)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    main(given.seconds, given.rounds)
