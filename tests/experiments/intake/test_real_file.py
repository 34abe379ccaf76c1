"""The real, untidy file of 78 experiments: its faults are found, the rest is read and gives sound readouts."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from experiments.analysis.readouts import read
from experiments.commands import ImportAggregates
from experiments.intake import BadRows, Intake, read_aggregates
from experiments.permissions import Actor
from experiments.readout import VerdictStatus

FILE = Path(__file__).parents[4] / "shared" / "data" / "asos_digital_experiments.csv"
NOW = datetime(2026, 3, 2, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the real data set is not beside this checkout")


@pytest.fixture(scope="module")
def intake() -> Intake:
    with FILE.open("rb") as file:
        return read_aggregates(file, origin=FILE.name, skip_bad_rows=True)


def test_by_default_nothing_is_kept_and_every_bad_row_is_named() -> None:
    with FILE.open("rb") as file, pytest.raises(BadRows) as refused:
        read_aggregates(file, origin=FILE.name)
    assert refused.value.total_rows == 24_153
    assert len(refused.value.bad_rows) == 779 + 8
    columns = Counter(row.column for row in refused.value.bad_rows)
    assert columns == {"variance_c": 778, "variance_t": 1, "": 8}
    assert sum("cannot shrink" in row.reason for row in refused.value.bad_rows) == 8


def test_the_rest_is_78_experiments(intake: Intake) -> None:
    assert len(intake.batches) == 78
    series = {
        (key, row.variant, row.metric)
        for key, rows in intake.batches.items()
        for row in rows
        if row.variant != "control"
    }
    assert len({(key, variant) for key, variant, _ in series}) == 99
    assert {metric for _, _, metric in series} == {"metric-1", "metric-2", "metric-3", "metric-4"}


def test_every_experiment_of_it_gives_a_readout_without_a_number_that_is_none(intake: Intake) -> None:
    actor = Actor(workspace="T1", user="U1")
    verdicts: Counter[VerdictStatus] = Counter()
    for key, rows in intake.batches.items():
        experiment = ImportAggregates(key=key, rows=rows, create=True).apply(None, actor, NOW)
        readout = read(experiment, rows, NOW)
        verdicts[readout.verdict.status] += 1
        shown = [each.p for each in readout.comparisons if each.refused is None]
        assert all(p is not None and math.isfinite(p) for p in shown)
        assert bool(shown) != (readout.blocked is not None)
    assert verdicts[VerdictStatus.UNHEALTHY] == 10
    assert verdicts[VerdictStatus.SHIP] > verdicts[VerdictStatus.ROLL_BACK] > 0
