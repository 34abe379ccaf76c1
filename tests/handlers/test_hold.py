"""Holding a rollout, letting it go on, and the next step of a canary, from the form to what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.canary import CanaryPlan
from experiments.commands import RollBack, StartExperiment
from experiments.errors import AlreadyDone, Stale
from experiments.execute import execute
from experiments.model import Experiment, Status
from handlers import pause, promote, step
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, MemoryWorld


def kept(bench: MemoryWorld) -> Experiment:
    return bench.tables.experiments[KEY]


def drawn(bench: MemoryWorld, surface: str) -> list[dict[str, Any]]:
    rows = sorted(bench.tables.outbox.items())
    return [row.announcement.payload for _, row in rows if row.announcement.surface == surface]


async def test_a_rollout_is_held_with_a_reason_and_goes_on_with_its_stage_anew() -> None:
    bench = MemoryWorld()
    before = await lead_to(Status.ROLLING_OUT, bench)
    ask = Asking(bench)
    assert before.rollout is not None
    await ask(pause.hold.by_command, KEY)
    assert "until somebody lets it go on" in str(ask.opened())
    bench.clock.advance(hours=2)
    await ask(pause.hold.submit, view=submitted(ask.opened(), comment="Support is busy"))
    held = kept(bench).rollout
    assert held is not None
    assert held.paused_at == bench.clock.now()
    assert "Support is busy" in [each.sentence for each in bench.tables.records.values()][-1]
    with pytest.raises(AlreadyDone):
        await ask(pause.hold.submit, view=submitted(ask.opened()))
    bench.clock.advance(hours=1)
    await ask(pause.go_on.by_button, value=f"{KEY}@1")
    assert "The stage begins anew" in str(ask.opened())
    await ask(pause.go_on.submit, view=submitted(ask.opened()))
    going = kept(bench).rollout
    assert going is not None
    assert (going.paused_at, going.stage, going.stage_at) == (None, held.stage, bench.clock.now())


async def test_the_next_stage_by_hand_says_that_the_gate_has_not_passed() -> None:
    bench = MemoryWorld()
    before = await lead_to(Status.ROLLING_OUT, bench)
    assert before.rollout is not None
    bench.tables.experiments[KEY] = before.evolve(rollout=before.rollout.model_copy(update={"watched": ("latency",)}))
    ask = Asking(bench)
    await ask(promote.advance.by_command, KEY)
    assert "The gate of this stage has not passed" in str(ask.opened())


async def canary(bench: MemoryWorld) -> Experiment:
    """One that was just started."""
    before = await lead_to(Status.APPROVED, bench)
    design = before.design.model_copy(update={"canary": CanaryPlan(steps=(500, 2_500), minutes=10)})
    assert before.approval is not None
    approval = before.approval.model_copy(update={"design_hash": design.hash})
    bench.tables.experiments[KEY] = before.evolve(design=design, approval=approval)
    return await execute(StartExperiment(key=KEY), ADA, bench.world)


async def test_a_canary_begins_with_its_first_step_and_a_live_card() -> None:
    bench = MemoryWorld()
    started = await canary(bench)
    assert started.weights == {"control": 9_500, "treatment": 500}
    assert len(drawn(bench, "live")) == 1


async def test_a_person_gives_a_canary_its_next_step_once() -> None:
    bench = MemoryWorld()
    await canary(bench)
    ask = Asking(bench)
    bench.clock.advance(minutes=3)
    await ask(step.step.by_command, KEY)
    asked = ask.opened()
    assert "from 5 % to 25 % now" in str(asked)
    assert "your decision" in str(asked)
    await ask(step.submit, view=submitted(asked))
    await ask.afterwards()
    after = kept(bench)
    assert after.weights == {"control": 7_500, "treatment": 2_500}
    assert after.phase is not None
    assert after.phase.started_at == bench.clock.now()
    with pytest.raises(Stale, match="at another step"):
        await ask(step.submit, view=submitted(asked))
    await ask(step.step.by_button, value=f"{KEY}@1")
    assert "at its last step" in str(ask.opened())


async def test_the_live_card_follows_the_traffic_to_its_end() -> None:
    bench = MemoryWorld()
    await canary(bench)
    bench.clock.advance(minutes=3)
    ask = Asking(bench)
    await ask(step.step.by_command, KEY)
    await ask(step.submit, view=submitted(ask.opened()))
    await ask.afterwards()
    bench.clock.advance(minutes=5)
    await execute(RollBack(key=KEY), ADA, bench.world)
    told = [each["experiment"]["status"] for each in drawn(bench, "live")]
    assert told == ["running", "running", "rolled_back"]
