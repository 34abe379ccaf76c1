"""The calculator: filled in from a project's history, numbers first, and the curve once somebody stops typing."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.errors import Unavailable
from experiments.model import Experiment
from handlers import size
from handlers.forms import about, answers
from handlers.surfaces.kit import View
from handlers.surfaces.size_modal import CURVE, remembering
from handlers.surfaces.sizing_block import SIZING
from tests.experiments.knowledge.test_usual import rows
from tests.experiments.pictures.attempts import attempt
from tests.handlers.asking import Asking, submitted
from tests.worlds import WORKSPACE, MemoryWorld

RATE = {"baseline": "20", "per_day": "4000"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types here, so there is nothing to wait for."""
    monkeypatch.setattr(size, "PATIENCE", 0)


def measured(*some: Experiment) -> MemoryWorld:
    """A world in which these experiments have two weeks of data."""
    bench = MemoryWorld()
    tables = bench.database.tables(WORKSPACE)
    for each in some:
        tables.experiments[each.key] = each.evolve(workspace=WORKSPACE, version=1, data_version=1)
        tables.batches[each.key, 1] = tuple(rows())
    return bench


async def changed(bench: MemoryWorld, view: View, **given: str) -> list[View]:
    """What the form becomes, step by step, after fields were changed to these."""
    ask, before = Asking(bench), len(bench.slack.made("views.update"))
    await ask(size.again, view=submitted(view, **given))
    await ask.afterwards()
    return [each["view"] for each in bench.slack.made("views.update")[before:]]


async def opened(bench: MemoryWorld) -> View:
    ask = Asking(bench)
    await ask(size.by_command)
    return ask.opened()


def block(view: View, block_id: str) -> Any:
    return next((each for each in view["blocks"] if each.get("block_id") == block_id), None)


async def test_the_numbers_come_first_and_the_curve_when_it_is_drawn() -> None:
    bench = MemoryWorld()
    numbers, waiting, drawn = await changed(bench, await opened(bench), **RATE)
    assert "find a change of 5.0 %" in block(numbers, SIZING)["text"]["text"]
    assert block(numbers, CURVE) is None
    assert "follows in a moment" in str(block(waiting, CURVE))
    assert block(drawn, CURVE)["slack_file"] == {"id": "F1"}
    assert "With 80 % power it finds" in block(drawn, CURVE)["alt_text"]
    assert [each["block_id"] for each in drawn["blocks"]][:2] == [SIZING, CURVE]
    assert len(bench.draw.drawn) == 1


async def test_nothing_is_drawn_again_while_nothing_changed() -> None:
    bench = MemoryWorld()
    *_, drawn = await changed(bench, await opened(bench), **RATE)
    (again,) = await changed(bench, drawn, **RATE)
    assert block(again, CURVE)["slack_file"] == {"id": "F1"}
    assert len(bench.slack.uploads) == 1
    *_, other = await changed(bench, again, **RATE, planned_days="28")
    assert block(other, CURVE)["slack_file"] == {"id": "F2"}


async def test_who_types_on_is_not_overtaken_by_an_old_curve() -> None:
    bench = MemoryWorld()
    view = await opened(bench)
    answer = bench.slack.answer
    answer("views.update", view={"hash": "h1"})
    bench.slack.refuse("views.update", "hash_conflict")
    assert len(await changed(bench, view, **RATE)) == 2
    assert bench.slack.made("views.update")[1]["hash"] == "h1"
    assert bench.draw.drawn == []


async def test_other_refusals_are_told() -> None:
    bench = MemoryWorld()
    view = await opened(bench)
    bench.slack.answer("views.update", view={"hash": "h1"})
    bench.slack.refuse("views.update", "ratelimited")
    with pytest.raises(Unavailable):
        await changed(bench, view, **RATE)


async def test_without_traffic_there_are_numbers_and_no_curve() -> None:
    bench = MemoryWorld()
    (numbers,) = await changed(bench, await opened(bench), baseline="20")
    assert "Say how many users come a day" in block(numbers, SIZING)["text"]["text"]
    assert block(numbers, CURVE) is None


async def test_a_curve_that_fails_leaves_the_numbers_and_words() -> None:
    bench = MemoryWorld()
    bench.draw.error = RuntimeError("no ink")
    *_, last = await changed(bench, await opened(bench), **RATE)
    assert "could not be drawn" in str(block(last, CURVE))
    assert about(last)["drawn"] == ""


async def test_a_project_fills_the_form_in_from_its_history() -> None:
    bench = measured(attempt(1), attempt(2), attempt(3, project="search"))
    view = await opened(bench)
    (choose,) = [each for each in view["blocks"] if each.get("block_id") == "project"]
    assert [each["value"] for each in choose["element"]["options"]] == ["shop", "search"]
    filled, *_, drawn = await changed(bench, view, project="shop", planned_days="21")
    assert "From the 2 newest measured experiments of shop: conversion 10.0 % in control, 1,000 users a day." in str(
        filled
    )
    assert "find a change of 5.0 %" in block(filled, SIZING)["text"]["text"]
    assert block(drawn, CURVE)["slack_file"] == {"id": "F1"}
    assert "conversion, 10.0 % in control" in block(drawn, CURVE)["alt_text"]
    assert "In the planned 21 days" in block(filled, SIZING)["text"]["text"]
    kept = answers(submitted(filled))
    assert (kept["baseline"], kept["per_day"], kept["primary_kind"]) == (0.1, 1000, "proportion")


async def test_what_was_filled_in_can_be_changed_afterwards() -> None:
    bench = measured(attempt(1))
    filled, *_ = await changed(bench, await opened(bench), project="shop")
    other, *_ = await changed(bench, filled, primary_kind="mean")
    names = [each["block_id"] for each in other["blocks"] if each["type"] == "input"]
    scope = about(filled)["scope"]
    assert {f"baseline__mean{scope}", f"sd{scope}"} <= {*names}
    assert f"baseline__percent{scope}" not in names
    assert len(names) == len({*names})


async def test_a_project_without_measurements_keeps_what_is_there() -> None:
    bench = measured()
    tables = bench.database.tables(WORKSPACE)
    each = attempt(1)
    tables.experiments[each.key] = each.evolve(workspace=WORKSPACE, version=1, data_version=0)
    view = await opened(bench)
    first, *_ = await changed(bench, view, project="shop", **RATE)
    assert "Nobody has measured a rate or a mean in shop yet." in str(first)
    assert "find a change of 5.0 %" in block(first, SIZING)["text"]["text"]


async def test_choosing_a_project_again_fills_in_its_numbers_again() -> None:
    bench = measured(attempt(1))
    first, *_ = await changed(bench, await opened(bench), project="shop")
    cleared, *_ = await changed(bench, remembering(first, project=""), project="shop", baseline="55")
    assert about(cleared)["scope"] != about(first)["scope"]
    assert answers(submitted(cleared))["baseline"] == 0.1
