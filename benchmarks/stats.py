"""The statistics engine as ratios, in one run: to its floor, to libraries, over many experiments, and on real data.

    ./dev bench stats [FILE]

FILE is a file of aggregates of many experiments over time; without one that part is left out. One core is used.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy import special, stats

from experiments.analysis.columns import columns_of
from experiments.analysis.health import case_of
from experiments.analysis.panel import ready
from experiments.analysis.readouts import Gathered, read_all
from experiments.commands import ImportAggregates
from experiments.design import Method
from experiments.intake import read_aggregates
from experiments.permissions import Actor
from experiments.stats.always_valid import compare_always_valid, mixing
from experiments.stats.comparison import compare
from experiments.stats.estimates import of_means
from experiments.stats.moments import Moments

ROWS = 100_000
ROUNDS = 7
ONE_BY_ONE = 300
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Columns = tuple[np.ndarray[Any, Any], ...]


def best(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Seconds of the quickest of several rounds."""
    seconds = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def columns(rows: int) -> Columns:
    dice = np.random.default_rng(3)
    n_c, n_t = (dice.integers(500, 1_000_000, rows).astype(np.float64) for _ in range(2))
    m_c, m_t = (dice.normal(10, 0.5, rows) for _ in range(2))
    v_c, v_t = (dice.uniform(1, 50, rows) for _ in range(2))
    return n_c, m_c, v_c, n_t, m_t, v_t


def full(n_c: Any, m_c: Any, v_c: Any, n_t: Any, m_t: Any, v_t: Any) -> None:
    """Test, interval, lift interval, and the always-valid reading of the same, as the product makes them."""
    control, treatment = of_means(Moments.given(n_c, m_c, v_c)), of_means(Moments.given(n_t, m_t, v_t))
    compare(control, treatment)
    compare_always_valid(control, treatment, mixing(0.05, 5_000))


def bare(n_c: Any, m_c: Any, v_c: Any, n_t: Any, m_t: Any, v_t: Any) -> tuple[object, ...]:
    """The same mathematics as bare expressions: no check of the data, no refusal, nothing named."""
    a, b = v_c / n_c, v_t / n_t
    d, variance = m_t - m_c, a + b
    se = np.sqrt(variance)
    t = d / se
    df = variance**2 / (a**2 / (n_c - 1) + b**2 / (n_t - 1))
    p = 2 * special.stdtr(df, -np.abs(t))
    found: list[object] = [p]
    k = (n_c + n_t) * float(mixing(0.05, 5_000))
    log = np.log1p(k)
    found.append(np.minimum(np.exp(log / 2 - k * t**2 / (2 * (1 + k))), 1))
    for critical in (-special.stdtrit(df, 0.025), np.sqrt((1 + k) / k * (log - 2 * np.log(0.05)))):
        reach = critical * se
        g, ratio = critical**2 * a / m_c**2, m_t / m_c
        half = np.sqrt(g * ratio**2 + critical**2 * b / m_c**2 * (1 - g))
        found += [d - reach, d + reach, (ratio - 1 + g - half) / (1 - g), (ratio - 1 + g + half) / (1 - g)]
    return tuple(found)


def kernels() -> None:
    for rows in (1, 10_000, ROWS):
        data = columns(rows)
        ours, floor = best(lambda data=data: full(*data)), best(lambda data=data: bare(*data))  # type: ignore[misc]
        print(
            f"{rows:>7,} full comparisons   {ours * 1e3:9.3f} ms   {rows / ours:>11,.0f} per second   "
            f"{floor / ours:5.2f} of the floor ({floor * 1e3:.3f} ms)"
        )


def peers() -> None:
    import pandas as pd
    import tea_tasting as tt
    from statsmodels.stats.weightstats import CompareMeans, DescrStatsW
    from tea_tasting.aggr import Aggregates

    data = columns(ONE_BY_ONE)
    ours = best(lambda: full(*data)) / ONE_BY_ONE

    def scipy_one_by_one() -> None:
        for n_c, m_c, v_c, n_t, m_t, v_t in zip(*data, strict=True):
            stats.ttest_ind_from_stats(m_t, v_t**0.5, n_t, m_c, v_c**0.5, n_c, equal_var=False)

    def tea_tasting() -> None:
        metric = tt.Mean("x")
        for n_c, m_c, v_c, n_t, m_t, v_t in zip(*data, strict=True):
            arms = [
                Aggregates(count_=int(n), mean_={"x": m}, var_={"x": v}, cov_={})
                for n, m, v in ((n_c, m_c, v_c), (n_t, m_t, v_t))
            ]
            metric.analyze_aggregates(*arms)

    raw = np.random.default_rng(1).normal(10, 2, (2, 1_000))

    def statsmodels() -> None:
        for _ in range(ONE_BY_ONE):
            both = CompareMeans(DescrStatsW(raw[1]), DescrStatsW(raw[0]))
            both.ttest_ind(usevar="unequal")
            both.tconfint_diff(usevar="unequal")

    theirs = (
        ("scipy.stats.ttest_ind_from_stats, one by one (p alone)", scipy_one_by_one),
        (f"statsmodels CompareMeans, one by one (p, interval), pandas {pd.__version__}", statsmodels),
        (f"tea-tasting {tt.__version__} Mean, one by one (p, interval, lift)", tea_tasting),
    )
    for name, work in theirs:
        each = best(work, 3) / ONE_BY_ONE
        print(f"{name:<75} {each * 1e6:8.1f} µs each   ours {ours * 1e6:6.2f} µs   {each / ours:7.0f} ×")


def many() -> None:
    """In a process of its own, so that the memory is that of the engine."""
    subprocess.run([sys.executable, "-m", "benchmarks.portfolio"], check=True)


def real(file: Path) -> None:
    with file.open(encoding="utf-8-sig") as lines:
        floor = best(lambda: [lines.seek(0), sum(1 for _ in csv.reader(lines))], 3)
    begun = time.perf_counter()
    with file.open("rb") as content:
        intake = read_aggregates(content, origin=file.name, skip_bad_rows=True)
    parsed = time.perf_counter() - begun
    gathered = [Gathered(_ended(key, rows), rows) for key, rows in intake.batches.items()]
    begun = time.perf_counter()
    readouts = read_all(gathered, NOW)
    seconds = time.perf_counter() - begun
    looks = sum(len(trail.looks) for readout in readouts for trail in readout.trails)
    print(
        f"{file.name}: {len(readouts)} experiments, {looks:,} looks drawn; rows read and checked in "
        f"{parsed * 1e3:.0f} ms ({parsed / floor:.1f} × csv.reader alone), all readouts in {seconds * 1e3:.0f} ms"
    )
    called_by_peeking(gathered)


def called_by_peeking(gathered: list[Gathered]) -> None:
    """In how many series a t test at every look would have called a winner that the always-valid reading does not."""
    cases = [case_of(*each) for each in gathered]
    panel = ready(columns_of([(case.design, case.pairs) for case in cases]).panel, Method.ALWAYS_VALID).panel
    once = compare(panel.control, panel.treatment)
    always = compare_always_valid(panel.control, panel.treatment, mixing(0.05, 5_000))
    naive, valid = (np.logical_or.reduceat(each.p <= 0.05, panel.starts) for each in (once, always))
    print(
        f"of {panel.size} readable series a t test at every look would have called {naive.sum()}, the always-valid "
        f"reading calls {valid.sum()}: {(naive & ~valid).sum()} are called by peeking alone"
    )


def _ended(key: str, rows: Iterable[Any]) -> Any:
    command = ImportAggregates(key=key, rows=tuple(rows), create=True)
    return command.apply(None, Actor(workspace="T1", user="U1"), NOW)


def main() -> None:
    kernels()
    peers()
    many()
    for name in sys.argv[1:2]:
        real(Path(name))


if __name__ == "__main__":
    main()
