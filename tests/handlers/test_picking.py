"""Picking: only what the verb fits and the person may do; with very many, found as they are typed."""

from __future__ import annotations

import pytest

from experiments.errors import NotFound
from experiments.model import Experiment, Status
from experiments.permissions import Actor, Role
from handlers import picking, stop
from handlers.turn import Turn
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking
from tests.storage.samples import in_review
from tests.worlds import ADA, BO, DEE, MemoryWorld

LIVE = (Status.RUNNING, Status.PAUSED)


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    running = await lead_to(Status.RUNNING, bench)
    for number in range(120):
        owner = DEE.user if number % 10 == 0 else ADA.user
        project = "shop" if number % 2 else "general"
        made = running.evolve(key=f"number-{number:03}", title=f"Number {number}", owner=owner, project=project)
        bench.tables.experiments[made.key] = made
    return bench


async def candidates(bench: MemoryWorld, actor: Actor, verb: str = "stop", text: str = "") -> tuple[Experiment, ...]:
    return await picking.candidates(verb, LIVE, actor, bench.world, text=text, most=500)


async def test_with_many_the_menu_finds_as_one_types(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(stop.stop.by_command)
    picker = ask.opened()
    [block] = picker["blocks"]
    assert block["element"]["type"] == "external_select"
    turn = Turn(later=ask.slow.append, workspace=ADA.workspace, user=ADA.user, value="number 11", view=picker)
    found = [key for key, _ in await picking.typed(turn, ADA, bench.world)]
    assert set(found) == {"number-011", "number-110", "number-111", "number-112", "number-113", "number-114"} | {
        f"number-{number}" for number in range(115, 120)
    }
    assert KEY in [key for key, _ in await picking.typed(turn_of(picker, KEY), ADA, bench.world)]


def turn_of(view: dict[str, object], value: str) -> Turn:
    return Turn(later=lambda work: work.close(), workspace=ADA.workspace, user=ADA.user, value=value, view=view)


async def test_a_viewer_is_offered_what_is_theirs_alone(bench: MemoryWorld) -> None:
    viewer = DEE.model_copy(update={"role": Role.VIEWER})
    assert {each.owner for each in await candidates(bench, viewer)} == {DEE.user}
    assert len(await candidates(bench, viewer, "results")) == 121


async def test_a_role_in_one_project_reaches_that_project_and_what_is_theirs(bench: MemoryWorld) -> None:
    actor = DEE.model_copy(update={"role": Role.VIEWER, "projects": {"shop": Role.EXPERIMENTER}})
    found = await candidates(bench, actor)
    assert {each.project for each in found if each.owner != DEE.user} == {"shop"}
    assert any(each.owner == DEE.user and each.project == "general" for each in found)
    outsider = actor.model_copy(update={"role": Role.OUTSIDER})
    assert {each.project for each in await candidates(bench, outsider, "results")} == {"shop"}


async def test_approval_is_offered_to_those_who_may_give_it() -> None:
    bench = MemoryWorld()
    await in_review(bench.world, "asked", reviewers=(BO.user,))
    states = (Status.IN_REVIEW,)
    offered = {
        actor.user: bool(await picking.candidates("approve", states, actor, bench.world)) for actor in (ADA, BO, DEE)
    }
    assert offered == {ADA.user: False, BO.user: True, DEE.user: False}


async def test_a_mistyped_key_names_the_nearest_that_may_be_read(bench: MemoryWorld) -> None:
    with pytest.raises(NotFound) as met:
        await Asking(bench)(stop.stop.by_command, "biger-button")
    assert met.value.near[0] == KEY
    assert f"Did you mean {KEY}" in met.value.words
    stranger = DEE.model_copy(update={"role": Role.OUTSIDER, "projects": {"elsewhere": Role.VIEWER}})
    with pytest.raises(NotFound) as met:
        await Asking(bench, stranger)(stop.stop.by_command, "biger-button")
    assert met.value.near == ()
