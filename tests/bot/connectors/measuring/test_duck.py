"""Everything counted anew from Parquet by DuckDB is what plain Python makes of the same events."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.connectors.measuring import duck
from bot.connectors.measuring.plan import plan_of
from bot.connectors.measuring.results import measured
from tests.bot.connectors.measuring import worlds


@pytest.mark.parametrize("detail", [True, False])
def test_the_same_as_by_hand(tmp_path: Path, detail: bool) -> None:
    experiments = worlds.several()
    exposures, observations = worlds.events(experiments, 400, seed=1)
    files = worlds.write(tmp_path, exposures, observations)
    connection = duck.connect(None, tmp_path / "temporary")
    plan = plan_of(experiments, worlds.UNTIL)
    found = measured(plan, duck.count(connection, plan, files, detail=detail), worlds.UNTIL)
    assert set(found) == {each.key for each in experiments}
    for each in experiments:
        rows, crossed = worlds.wanted(each, exposures, observations, detail=detail)
        assert worlds.differences(found[each.key], rows, shape=detail) == []
        assert found[each.key].crossed == crossed > 0
    assert found["checkout"].note.startswith("spent was capped at ")
    assert found["checkout"].note.endswith(", the 97 % quantile of its units")
