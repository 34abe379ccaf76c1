"""All promises and what simulation makes of them, as one table: `python -m simulations [--scale 1.0]`.

The exit code is 1 when a promise is broken. Seeds are fixed, so the same scale gives the same table.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from simulations import (
    agreement,
    coverage,
    cuped,
    guarding,
    guardrails,
    looking,
    many,
    planned_looks,
    pooling,
    power,
    split,
)
from simulations.promise import Promise, Tried

WORKERS = 2
# The slowest come last here and are begun first.
FAMILIES = (looking, planned_looks, split, coverage, agreement, cuped, many, pooling, power, guarding, guardrails)
PROMISES: tuple[Promise, ...] = tuple(promise for family in FAMILIES for promise in family.PROMISES)
HEADINGS = ("promise", "data", "promised", "obtained (± 3σ)", "")


def rows(results: Sequence[Tried]) -> list[tuple[str, ...]]:
    """The cells of the table; a promise is named where it differs from the one above."""
    names = [each.promise.name for each in results]
    return [
        (
            "" if place and names[place - 1] == names[place] else names[place],
            each.promise.data,
            _promised(each.promise),
            _obtained(each),
            "✓" if each.kept else "✗",
        )
        for place, each in enumerate(results)
    ]


def table(results: Sequence[Tried]) -> str:
    """Aligned columns under their headings."""
    cells = [HEADINGS, *rows(results)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def main(arguments: Sequence[str] | None = None, promises: Sequence[Promise] = PROMISES) -> int:
    """Try all promises in two processes, print the table, and say with the exit code whether all are kept."""
    parser = argparse.ArgumentParser(prog="python -m simulations", description="Promised against obtained.")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="share of the runs to make (1.0: at least 10 000 each)"
    )
    scale: float = parser.parse_args(arguments).scale
    begun = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        begun_last_first = [pool.submit(each.try_it, scale) for each in reversed(promises)]
        results = [each.result() for each in reversed(begun_last_first)]
    broken = sum(not each.kept for each in results)
    summary = f"{len(results) - broken} of {len(results)} promises kept; {time.perf_counter() - begun:.0f} s"
    sys.stdout.write(f"{table(results)}\n\n{summary}\n")
    return 1 if broken else 0


def _promised(promise: Promise) -> str:
    sign = {"at most": "≤ ", "at least": "≥ ", "within": ""}[promise.bound]
    margin = f" {'±' if promise.bound == 'within' else '−'} {promise.margin:g}" if promise.margin else ""
    return f"{sign}{promise.promised:.4g}{margin}"


def _obtained(tried: Tried) -> str:
    value, band = tried.obtained.value, tried.obtained.band
    if band:
        return f"{value:.4f} ± {band:.4f}"
    return f"{value:.0f}" if value == round(value) else f"{value:.6f}"


if __name__ == "__main__":
    sys.exit(main())
