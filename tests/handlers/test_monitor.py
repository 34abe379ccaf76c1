"""The monitor over a world in memory: harm is stopped once, blindness is told, rollouts and canaries go on or back."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest

from experiments.aggregate import Aggregate
from experiments.canary import CanaryPlan
from experiments.commands import ResumeExperiment, StopExperiment
from experiments.design import Action
from experiments.execute import execute
from experiments.measuring import Measured
from experiments.model import Experiment, Status, StopReason
from experiments.running import Phase, Rollout
from handlers.monitor import watch
from tests.experiments.stages import KEY, lead_to
from tests.experiments.watching import ERRORS
from tests.worlds import ADA, MemoryWorld

STOPPING = ERRORS.model_copy(update={"action": Action.STOP})
HARMFUL, HARMLESS = 0.04, 0.02


async def running(bench: MemoryWorld, **changes: Any) -> Experiment:
    """A running experiment with the guardrail error-rate, changed as told."""
    before = await lead_to(Status.RUNNING, bench)
    guard = STOPPING.model_copy(update=changes.pop("metric", {}))
    design = before.design.model_copy(
        update={"metrics": (before.design.metrics[0], guard), **changes.pop("design", {})}
    )
    return put(bench, before.evolve(design=design, **changes))


def put(bench: MemoryWorld, experiment: Experiment) -> Experiment:
    bench.tables.experiments[experiment.key] = experiment
    return experiment


def measured(bench: MemoryWorld, rate: float, *, n: int = 5_000, of_control: int = 1) -> Measured:
    """So many units in treatment and as many, or that many times more, in control, with an error rate of 2 % there."""
    experiment, now = bench.tables.experiments[KEY], bench.clock.now()
    day = (now - (experiment.started_at or now)) / timedelta(days=1)
    rows = [
        Aggregate(metric.key, variant, day, units, p, p * (1 - p))
        for metric in experiment.design.metrics
        for variant, p, units in (("control", HARMLESS, n * of_control), ("treatment", rate, n))
    ]
    return Measured(tuple(rows), now, now)


async def see(bench: MemoryWorld, rate: float | None, **more: Any) -> Experiment:
    """Two minutes later, with these data."""
    bench.clock.advance(minutes=2)
    if rate is None:
        bench.measurements.rows.pop(KEY, None)
    else:
        bench.measurements.rows[KEY] = measured(bench, rate, **more)
    await watch(bench.world)
    return bench.tables.experiments[KEY]


def records(bench: MemoryWorld, actor: str) -> list[str]:
    return [each.command for each in bench.tables.records.values() if each.actor == actor]


def said(bench: MemoryWorld, surface: str) -> int:
    return sum(row.announcement.surface == surface for row in bench.tables.outbox.values())


@pytest.mark.parametrize(
    ("action", "status", "command"),
    [
        (Action.STOP, Status.STOPPED, "StopExperiment"),
        (Action.ROLL_BACK, Status.ROLLED_BACK, "RollBack"),
        (Action.PAUSE, Status.PAUSED, "PauseExperiment"),
        (Action.WARN, Status.RUNNING, "RaiseAlarm"),
    ],
)
async def test_harm_is_answered_once_by_what_the_guardrail_says(action: Action, status: Status, command: str) -> None:
    bench = MemoryWorld()
    await running(bench, metric={"action": action})
    assert (await see(bench, HARMLESS)).status is Status.RUNNING
    assert records(bench, "guardrail") == []
    for _ in range(3):
        after = await see(bench, HARMFUL)
    assert after.status is status
    assert records(bench, "guardrail") == [command]
    assert said(bench, "guardrail") == 1
    breach = after.breach
    assert breach is not None
    assert (breach.metric, breach.variant, breach.look) == ("error-rate", "treatment", 2)
    assert (breach.value, breach.control) == (HARMFUL, HARMLESS)
    assert breach.p is not None
    assert breach.p < 0.05


async def test_who_resumes_after_a_guardrail_paused_is_not_overruled_by_the_same_finding() -> None:
    bench = MemoryWorld()
    await running(bench, metric={"action": Action.PAUSE})
    assert (await see(bench, HARMFUL)).status is Status.PAUSED
    await execute(ResumeExperiment(key=KEY), ADA, bench.world)
    assert (await see(bench, HARMFUL)).status is Status.RUNNING
    assert records(bench, "guardrail") == ["PauseExperiment"]


async def test_a_guardrail_that_is_added_while_it_runs_is_looked_at_soon() -> None:
    bench = MemoryWorld()
    before = await lead_to(Status.RUNNING, bench)
    put(bench, before.evolve(design=before.design.model_copy(update={"metrics": before.design.metrics[:1]})))
    assert (await see(bench, HARMLESS)).status is Status.RUNNING
    guarded = (*before.design.metrics[:1], STOPPING)
    put(bench, before.evolve(design=before.design.model_copy(update={"metrics": guarded})))
    await see(bench, HARMLESS)
    assert (await see(bench, HARMFUL)).status is Status.STOPPED


async def test_missing_data_are_told_after_a_while_and_never_healthy() -> None:
    bench = MemoryWorld()
    await running(bench)
    await see(bench, HARMLESS)
    for _ in range(10):
        await see(bench, None)
    assert records(bench, "guardrail") == []
    bench.clock.advance(hours=2)
    for _ in range(3):
        after = await see(bench, None)
    assert records(bench, "guardrail") == ["RaiseAlarm"]
    assert after.breach is not None
    assert after.breach.missing


async def test_every_replica_may_look_and_each_look_is_made_once() -> None:
    bench = MemoryWorld()
    await running(bench)
    await see(bench, HARMLESS)
    before = len(bench.measurements.asked)
    assert await watch(bench.world) == 0
    assert len(bench.measurements.asked) == before
    bench.clock.advance(minutes=1)
    assert await watch(bench.world) == 0
    bench.clock.advance(hours=7)
    assert await watch(bench.world) == 1
    assert await watch(bench.world) == 0


async def test_who_dies_while_looking_is_followed_by_another() -> None:
    bench = MemoryWorld()
    await running(bench)
    await see(bench, HARMLESS)
    bench.clock.advance(minutes=3)
    now = bench.clock.now()
    async with bench.world.uow(bench.world.workspace) as uow:
        assert [each.key for each in await uow.watches.claim(now, now, now + timedelta(minutes=2), 5)] == [KEY]
    bench.measurements.rows[KEY] = measured(bench, HARMFUL)
    assert await watch(bench.world) == 0
    bench.clock.advance(minutes=2)
    assert await watch(bench.world) == 1
    assert bench.tables.experiments[KEY].status is Status.STOPPED


async def test_what_ended_is_measured_up_to_its_end_and_watched_no_more() -> None:
    bench = MemoryWorld()
    await running(bench)
    await see(bench, HARMLESS)
    bench.clock.advance(minutes=10)
    bench.measurements.rows[KEY] = measured(bench, HARMLESS, n=6_000)
    stopped = await execute(StopExperiment(key=KEY, reason=StopReason.COMPLETED), ADA, bench.world)
    await watch(bench.world)
    after = bench.tables.experiments[KEY]
    assert after.measured is not None
    assert after.measured.until == stopped.stopped_at
    assert bench.tables.watches == {}
    version = after.data_version
    await watch(bench.world)
    assert bench.tables.experiments[KEY].data_version == version


async def test_readouts_come_by_their_interval_and_not_at_every_look() -> None:
    bench = MemoryWorld()
    start = (await running(bench)).data_version
    for _ in range(65):
        after = await see(bench, HARMLESS)
    assert after.data_version == start + 3
    assert after.measured is not None
    assert after.measured.seen == 10_000


async def test_a_readout_that_failed_is_made_at_the_next_look() -> None:
    bench = MemoryWorld()
    start = (await running(bench)).data_version
    bench.measurements.rows[KEY] = Measured((), bench.clock.now(), trouble="The warehouse does not answer.")
    await watch(bench.world)
    assert bench.tables.experiments[KEY].data_version == start
    assert (await see(bench, HARMLESS)).data_version == start + 1
    assert (await see(bench, HARMLESS)).data_version == start + 1


async def rolling_out(bench: MemoryWorld, **changes: Any) -> Experiment:
    before = await running(bench)
    bench.clock.advance(days=1)
    now = bench.clock.now()
    plan = {"stages": (1_000, 5_000, 10_000), "watched": ("error-rate",), "stage_hours": 1.0, **changes}
    rollout = Rollout(variant="treatment", by="U0ADA", at=now, stage_at=now, **plan)
    return put(bench, before.evolve(status=Status.ROLLING_OUT, stopped_at=now, rollout=rollout))


async def test_a_rollout_goes_on_when_its_time_is_up_and_what_is_watched_is_healthy() -> None:
    bench = MemoryWorld()
    await rolling_out(bench)
    after = await see(bench, HARMLESS, n=40_000, of_control=9)
    assert (after.status, after.rollout and after.rollout.stage) == (Status.ROLLING_OUT, 0)
    bench.clock.advance(hours=1)
    after = await see(bench, HARMLESS, n=40_000, of_control=9)
    assert (after.status, after.rollout and after.rollout.stage) == (Status.ROLLING_OUT, 1)
    assert records(bench, "bunsen")[-1] == "AdvanceRollout"
    assert said(bench, "live") == 2, "what was found at the first stage, and the second stage begun"


async def test_a_rollout_waits_for_what_is_not_clear() -> None:
    bench = MemoryWorld()
    await rolling_out(bench)
    bench.clock.advance(hours=5)
    after = await see(bench, HARMLESS, n=150, of_control=9)
    assert (after.status, after.rollout and after.rollout.stage) == (Status.ROLLING_OUT, 0)
    live = bench.tables.watches[KEY][0].live
    assert live is not None
    assert "Not on to 50 %" in live.words


async def test_a_rollout_goes_back_at_once_when_it_does_harm() -> None:
    bench = MemoryWorld()
    await rolling_out(bench)
    after = await see(bench, HARMFUL, n=20_000, of_control=9)
    assert after.status is Status.ROLLED_BACK
    assert records(bench, "guardrail") == ["RollBack"]
    assert said(bench, "guardrail") == 1


async def test_a_rollout_that_may_not_go_back_by_itself_warns_once() -> None:
    bench = MemoryWorld()
    await rolling_out(bench, automatic_rollback=False)
    for _ in range(3):
        after = await see(bench, HARMFUL, n=20_000, of_control=9)
    assert after.status is Status.ROLLING_OUT
    assert records(bench, "guardrail") == ["RaiseAlarm"]


async def canary(bench: MemoryWorld) -> Experiment:
    before = await running(
        bench, design={"canary": CanaryPlan(steps=(500, 2_500), minutes=10, critical=("error-rate",))}
    )
    bench.clock.advance(minutes=1)
    phase = Phase(number=1, started_at=bench.clock.now(), weights={"control": 9_500, "treatment": 500})
    return put(bench, before.evolve(phases=(phase,)))


def sampled(bench: MemoryWorld, rate: float, count: int) -> None:
    control = tuple(HARMLESS + 0.002 * math.sin(7 * number) for number in range(count))
    treated = tuple(rate + 0.002 * math.sin(11 * number + 1) for number in range(count))
    bench.measurements.values[KEY] = {
        metric: {"control": control, "treatment": treated} for metric in ("error-rate", "conversion")
    }


async def test_a_canary_that_is_as_good_as_stable_gets_more_traffic_step_by_step() -> None:
    bench = MemoryWorld()
    await canary(bench)
    sampled(bench, HARMLESS, 40)
    bench.clock.advance(minutes=12)
    await watch(bench.world)
    after = bench.tables.experiments[KEY]
    assert after.weights == {"control": 7_500, "treatment": 2_500}
    bench.clock.advance(minutes=12)
    for _ in range(3):
        await watch(bench.world)
        bench.clock.advance(minutes=1)
    assert bench.tables.experiments[KEY].weights == {"control": 7_500, "treatment": 2_500}
    assert said(bench, "canary_passed") == 1


async def test_a_canary_whose_critical_metric_fails_goes_back_before_its_step_is_over() -> None:
    bench = MemoryWorld()
    await canary(bench)
    sampled(bench, HARMFUL, 30)
    for _ in range(3):
        bench.clock.advance(seconds=40)
        await watch(bench.world)
    after = bench.tables.experiments[KEY]
    assert after.status is Status.ROLLED_BACK
    assert after.breach is not None
    assert after.breach.metric == "error-rate"
    assert (after.breach.value, after.breach.control) == (
        pytest.approx(HARMFUL, rel=0.05),
        pytest.approx(HARMLESS, rel=0.05),
    )
    assert after.breach.score == 0
    assert records(bench, "guardrail") == ["RollBack"]
