"""Refreshed by what is new, the state gives what counting everything anew gives, in whatever order events come."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.connectors.measuring.embedded import Embedded
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.stores import Store


@pytest.mark.parametrize("seed", [1, 2])
def test_many_refreshes_give_what_one_count_gives(tmp_path: Path, seed: int) -> None:
    experiments = worlds.several()
    exposures, observations = worlds.events(experiments, 150, seed=seed)
    store = Store(tmp_path / "events")
    embedded = Embedded(store, tmp_path)
    parts = 7
    for at in range(parts):
        store.take(exposures[at::parts], observations[at::parts])
        embedded.measure_now(experiments[: 1 + at], worlds.LATER, detail=False)
    for detail in (False, True):
        found = embedded.measure_now(experiments, worlds.LATER, detail=detail)
        for each in experiments:
            rows, crossed = worlds.wanted(each, exposures, observations, detail=detail, until=worlds.LATER)
            assert worlds.differences(found[each.key], rows, shape=detail) == []
            assert found[each.key].crossed == crossed
    assert embedded.recount("general", worlds.LATER) == {}
    embedded.close()
