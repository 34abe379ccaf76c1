"""The tables of docs/guardrails.md, made by simulation: `python -m simulations.guardrails_page [--scale 1.0]`."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from simulations.guardrails import FALSE_STOP, PROMISES
from simulations.promise import Promise, Tried

PAGE = Path(__file__).parent.parent / "docs" / "guardrails.md"
BEGIN, END = "<!-- measured: begin (python -m simulations.guardrails_page) -->", "<!-- measured: end -->"
HEADINGS = ("what", "promised or predicted", "measured ± 3 standard errors", "runs")


def written(results: Sequence[Tried], scale: float = 1.0) -> str:
    """One table for each promise, a row for each kind of data."""
    tables: dict[str, list[str]] = {}
    for each in results:
        tables.setdefault(each.promise.name, []).append(_row(each, scale))
    head = f"| {' | '.join(HEADINGS)} |\n|{'---|' * len(HEADINGS)}"
    return "\n\n".join("\n".join([f"**{name[0].upper()}{name[1:]}**\n", head, *rows]) for name, rows in tables.items())


def promised(promise: Promise) -> str:
    """What the page says is promised: a share at most, or a time."""
    return _time(promise.promised) if promise.bound == "within" else f"at most {promise.promised:.2%}"


def _row(tried: Tried, scale: float) -> str:
    value, band = tried.obtained.value, tried.obtained.band
    if tried.promise.bound == "within":
        measured = f"{_time(value)} ± {band * 60:.0f} min"
    else:
        measured = f"{value:.2%} ± {band:.2%}"
    kept = "" if tried.kept else " ✗"
    cells = tried.promise.data, promised(tried.promise), measured + kept, f"{round(tried.promise.runs * scale):,}"
    return f"| {' | '.join(cells)} |"


def _time(hours: float) -> str:
    whole, minutes = divmod(round(hours * 60), 60)
    return f"{whole} h {minutes:02d} min"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the promises of guardrails in two processes and write what came out into the page."""
    parser = argparse.ArgumentParser(prog="python -m simulations.guardrails_page")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the runs to make")
    scale: float = parser.parse_args(arguments).scale
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        slowest_first = sorted(PROMISES, key=lambda each: each.name != FALSE_STOP)
        asked = {each: pool.submit(each.try_it, scale) for each in slowest_first}
        results = [asked[each].result() for each in PROMISES]
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{written(results, scale)}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0 if all(each.kept for each in results) else 1


if __name__ == "__main__":
    sys.exit(main())
