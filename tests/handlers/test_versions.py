"""Versions compared field by field, and the history page by page."""

from __future__ import annotations

import pytest

from experiments.commands import AddNote, ConfigureTraffic, EditExperiment
from experiments.errors import BadInput, NotFound
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Actor, Role
from handlers import versions
from handlers.surfaces.history import A_PAGE, happenings
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking
from tests.storage.samples import draft
from tests.worlds import ADA, BO, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def ask(bench: MemoryWorld) -> Asking:
    return Asking(bench)


async def test_the_newest_version_is_compared_with_the_one_before(bench: MemoryWorld, ask: Asking) -> None:
    await draft(bench.world, KEY)
    await execute(EditExperiment(key=KEY, planned_days=28, title="A wider one", reviewers=(BO.user,)), ADA, bench.world)
    await ask(versions.diff.by_command, KEY)
    shown = str(ask.opened())
    assert "*Planned days* 14 → 28" in shown
    assert "*Title* Green checkout button → A wider one" in shown
    assert "*Reviewers* none → " in shown


async def test_two_versions_are_named_or_chosen(bench: MemoryWorld, ask: Asking) -> None:
    await draft(bench.world, KEY)
    for days in (21, 28):
        await execute(EditExperiment(key=KEY, planned_days=days), ADA, bench.world)
    await ask(versions.diff.by_command, KEY, "2", "4")
    view = ask.opened()
    assert "*Planned days* 14 → 28" in str(view)
    await ask(versions.compare, value="newer:3", view={**view, "id": "V1", "type": "modal"})
    updated = bench.slack.made("views.update")[-1]
    assert updated["view_id"] == "V1"
    assert "*Planned days* 14 → 21" in str(updated["view"])
    await ask(versions.compare, value="older:3", view={**updated["view"], "id": "V1", "type": "modal"})
    assert "the same version twice" in str(bench.slack.made("views.update")[-1])


async def test_each_version_is_offered_with_what_led_to_it(bench: MemoryWorld, ask: Asking) -> None:
    await lead_to(Status.RUNNING, bench)
    await execute(AddNote(key=KEY, text="A note makes no version."), ADA, bench.world)
    await ask(versions.diff.by_command, KEY)
    choices = [
        option["text"]["text"]
        for block in ask.opened()["blocks"]
        for option in block.get("accessory", {}).get("options", ())
    ]
    assert choices[: len(choices) // 2] == choices[len(choices) // 2 :]
    assert any("started it" in each for each in choices)
    assert any(each.startswith("1 ·") for each in choices)
    assert not any("noted" in each for each in choices)


async def test_state_and_traffic_are_compared_too(bench: MemoryWorld, ask: Asking) -> None:
    running = await lead_to(Status.RUNNING, bench)
    weights = {"control": 2_000, "treatment": 8_000}
    await execute(ConfigureTraffic(key=KEY, weights=weights, exposure=5_000), ADA, bench.world)
    await ask(versions.diff.by_command, KEY)
    shown = str(ask.opened())
    assert "*Traffic of control* 50 % → 20 %" in shown
    assert "*Exposure while it runs* 100 % → 50 %" in shown
    await ask(versions.diff.by_command, KEY, "2", str(running.revision))
    assert "*State* draft → running" in str(ask.opened())


@pytest.mark.parametrize(("words", "says"), [(("2", "99"), "no version 99"), (("one",), "is no version")])
async def test_a_version_there_is_not(words: tuple[str, ...], says: str, bench: MemoryWorld, ask: Asking) -> None:
    await draft(bench.world, KEY)
    with pytest.raises(BadInput, match=says):
        await ask(versions.diff.by_command, KEY, *words)


async def test_history_is_told_newest_first_page_by_page(bench: MemoryWorld, ask: Asking) -> None:
    await draft(bench.world, KEY)
    for number in range(A_PAGE):
        await execute(AddNote(key=KEY, text=f"Note {number}"), ADA, bench.world)
    await ask(versions.history.by_command, KEY)
    first = ask.opened()
    assert f"Note {A_PAGE - 1}" in str(first["blocks"][1])
    assert "Note 0'" in str(first["blocks"][A_PAGE])
    older = next(each for block in first["blocks"] for each in block.get("elements", ()) if "older" in str(each))
    await ask(versions.turn_page, value=older["value"], view={**first, "id": "V1", "type": "modal"})
    second = str(bench.slack.made("views.update")[-1]["view"])
    assert "page 2 of 2" in second
    assert "Newer" in second
    assert "Note" not in second


async def test_imports_and_readings_in_a_row_are_told_once(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    records = list(bench.tables.records.values())
    place = next(place for place, each in enumerate(records) if each.command == "ImportAggregates")
    reading = records[place].model_copy(update={"command": "RecordReading", "sentence": "read it"})
    row = [records[place], reading] * 5
    told = happenings([*records[:place], *row, *records[place + 1 :]])
    assert len(told) == len(records) + 1
    assert next(each.words for each in told if "before)" in each.words).endswith("(4 imports before)")


async def test_who_may_not_read_it_compares_nothing(bench: MemoryWorld) -> None:
    await draft(bench.world, KEY)
    outsider = Actor(workspace=ADA.workspace, user="U0GUEST", role=Role.OUTSIDER, projects={"other": Role.VIEWER})
    for opening in (versions.diff, versions.history):
        with pytest.raises(NotFound):
            await Asking(bench, outsider)(opening.by_command, KEY)
