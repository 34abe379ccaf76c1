"""Home: what needs me, what is mine, what runs."""

from __future__ import annotations

import pytest

from experiments.model import Status
from handlers import home
from tests.experiments.stages import lead_to
from tests.handlers.asking import Asking
from tests.storage.samples import in_review
from tests.worlds import ADA, BO, DEE, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def published(bench: MemoryWorld, ask: Asking) -> str:
    assert await ask(home.opened) == {}
    assert not bench.slack.calls, "acknowledged before anything slow"
    await ask.afterwards()
    call = bench.slack.made("views.publish")[-1]
    assert call["user_id"] == ask.actor.user
    bench.slack.calls.clear()
    return str(call["view"])


async def test_each_person_sees_what_needs_them(bench: MemoryWorld) -> None:
    await in_review(bench.world, "asked", reviewers=("U0BO",))
    assert "waits for your review" in await published(bench, Asking(bench, BO))
    assert "waits for your review" not in await published(bench, Asking(bench, DEE))
    assert "waits for your review" not in await published(bench, Asking(bench, ADA))


async def test_the_owner_sees_the_owed_decision_and_others_do_not(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    assert "waits for your decision" in await published(bench, Asking(bench, ADA))
    assert "waits for your decision" not in await published(bench, Asking(bench, DEE))


async def test_everybody_sees_what_runs_and_how_many(bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    for number in range(home.MOST + 5):
        bench.tables.experiments[f"more-{number}"] = running.evolve(key=f"more-{number}")
    view = await published(bench, Asking(bench, DEE))
    assert "more-24" in view
    assert str(home.MOST + 6) in view


async def test_a_first_visit_is_shown_the_way(bench: MemoryWorld) -> None:
    assert "'create'" in await published(bench, Asking(bench, DEE))
