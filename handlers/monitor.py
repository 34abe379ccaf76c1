"""The monitor: what is due → data → one look → stop, roll back, pause, warn or go on; and readouts by their interval.

It loads numpy and scipy, so whoever runs it imports it beside the event loop. Every replica may try: a claim is a
lease, whoever dies while holding it is followed by another, and each act carries an id of its own, so that it is done
once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from experiments.commands import RecordMeasurements
from experiments.execute import execute
from experiments.guarding.look import Look, look
from experiments.guarding.watched import Watched
from experiments.guarding.wording import missing_words
from experiments.measuring import Measured, Samples
from experiments.model import Experiment, Status
from experiments.permissions import bunsen
from experiments.policy import Policies
from experiments.ports import World
from experiments.repositories import Filter
from experiments.sources import DataSource
from experiments.watch import Watch
from handlers.canaries import judge_step, show_end
from handlers.guarded import guarded
from handlers.safeguards import protect
from handlers.stages import pass_gate

WATCHED = (Status.RUNNING, Status.ROLLING_OUT)
OVER = (Status.STOPPED, Status.ROLLED_BACK)
A_CLAIM = 1_000
MOST_READOUTS = 100
"""Of one claim, so that many readouts at once keep no guardrail waiting; the others come with the next look."""
LEASE = timedelta(minutes=2)
CANARY_EVERY = timedelta(seconds=30)
AGAIN_AFTER = timedelta(seconds=5)
WINDOW_SECONDS = 120
NOTHING = Measured((), datetime.min.replace(tzinfo=UTC))


class Turn(NamedTuple):
    """An experiment whose turn it is, with what was known of it and where its data are."""

    watch: Watch
    experiment: Experiment
    source: DataSource

    @property
    def interval(self) -> timedelta:
        """How long until the next look; where nothing is guarded yet, a guardrail may be added at any time."""
        if self.experiment.design.canary and self.experiment.status is Status.RUNNING:
            return CANARY_EVERY
        guarded_every = timedelta(minutes=self.source.guardrail_minutes)
        return guarded_every if self.is_guarded else min(guarded_every, timedelta(minutes=self.source.refresh_minutes))

    @property
    def is_guarded(self) -> bool:
        """Whether there is anything to look at between two readouts."""
        return bool(self.experiment.design.guardrails) or self.experiment.status is Status.ROLLING_OUT

    @property
    def owes_readout(self) -> bool:
        return self.experiment.status is Status.RUNNING


async def watch(world: World) -> int:
    """Look at every experiment that is due by now; how many there were.

    What falls due meanwhile waits for the next time, which comes with what was started in between.
    """
    if not await world.measurements.ready():
        return 0
    await _enlist(world)
    seen, due = 0, world.now()
    while some := await _looked_at(due, world):
        seen += some
    return seen


async def _enlist(world: World) -> None:
    """Watch what has traffic and nothing else, whatever happened while nobody looked; what has ended since is measured
    once more up to its end."""
    async with world.reading(world.workspace) as uow:
        live = set(await uow.experiments.keys(Filter(statuses=WATCHED)))
        known = await uow.watches.keys()
        ended = await uow.experiments.many(sorted(known - live))
    for experiment in ended.values():
        await guarded(_last_readout(experiment, world), "last readout", key=experiment.key)
        await guarded(show_end(experiment, world), "last picture", key=experiment.key)
    if live != known:
        async with world.uow(world.workspace) as uow:
            await uow.watches.forget(sorted(known - live))
            await uow.watches.add(sorted(live - known), world.now())


async def _last_readout(experiment: Experiment, world: World) -> int:
    end = experiment.stopped_at
    if experiment.status not in OVER or end is None:
        return 0
    if experiment.measured and experiment.measured.until >= end:
        return 0
    measured = await world.measurements.measure([experiment], end, detail=True)
    return await _record(experiment, measured.get(experiment.key, NOTHING), world)


async def _looked_at(due: datetime, world: World) -> int:
    """Look at some of what is due, and say what is known of it now; how many there were."""
    now, wall = world.now(), world.wall()
    held = wall + LEASE
    async with world.uow(world.workspace) as uow:
        watches = await uow.watches.claim(due, wall, held, A_CLAIM)
    if not watches:
        return 0
    async with world.reading(world.workspace) as uow:
        experiments = await uow.experiments.many([each.key for each in watches])
        policies = await uow.policies.get()
    turns = [_turn(each, experiments[each.key], policies) for each in watches if each.key in experiments]
    after = await _all_seen([turn for turn in turns if turn.experiment.status in WATCHED], now, world)
    async with world.uow(world.workspace) as uow:
        await uow.watches.settle([after.get(each.key, _later(each, now)) for each in watches], held)
    return len(watches)


def _turn(watch: Watch, experiment: Experiment, policies: Policies) -> Turn:
    """Looks are counted anew in each phase and each stage of a rollout; what was heard of each metric stays known."""
    phase = len(experiment.phases) + (experiment.rollout.stage + 1 if experiment.rollout else 0)
    if watch.phase != phase:
        kept = {"next_at": watch.next_at, "readout_at": watch.readout_at, "pulses": watch.pulses}
        watch = Watch(key=watch.key, phase=phase, **kept)
    return Turn(watch, experiment, policies.project(experiment.project).source)


def _later(watch: Watch, now: datetime) -> Watch:
    """Soon again: what failed is not forgotten."""
    return watch.model_copy(update={"next_at": now + AGAIN_AFTER})


async def _all_seen(turns: Sequence[Turn], now: datetime, world: World) -> dict[str, Watch]:
    """What is known of each after this look; those that failed are left out."""
    looked = [turn for turn in turns if turn.is_guarded]
    measured = await world.measurements.measure([turn.experiment for turn in looked], now, detail=False)
    windows = await asyncio.gather(*(_windows(turn.experiment, now, world) for turn in looked))
    looks = await asyncio.to_thread(_looks, looked, measured, windows, now)
    after: dict[str, Watch] = {}
    for turn in turns:
        key = turn.experiment.key
        await guarded(_seen(turn, looks.get(key), now, world, after), "watch", key=key)
    due = [turn for turn in turns if turn.experiment.key in after and _is_due(turn, now)]
    following = await _read_out(sorted(due, key=lambda turn: turn.watch.readout_at or now), now, world)
    return after | {key: after[key].model_copy(update={"readout_at": at}) for key, at in following.items()}


async def _seen(turn: Turn, found: Look | None, now: datetime, world: World, after: dict[str, Watch]) -> int:
    """Act on what one look says, and remember it."""
    watch, experiment = turn.watch, turn.experiment
    if found is not None:
        since = _blind_since(watch, found, now)
        watch = watch.model_copy(update={"looks": found.number, "missing_since": since, "pulses": found.pulses})
        if experiment.status is Status.ROLLING_OUT:
            watch = await pass_gate(experiment, watch, found, now, world)
        else:
            watch = await protect(experiment, watch, found, now, world)
    if experiment.design.canary and experiment.status is Status.RUNNING:
        unknown = missing_words(found.missing[0], None, now) if found and found.missing else ""
        watch = await judge_step(experiment, watch, now, world, unknown)
    after[watch.key] = watch.model_copy(update={"next_at": now + turn.interval})
    return 1


def _is_due(turn: Turn, now: datetime) -> bool:
    return turn.owes_readout and (turn.watch.readout_at is None or turn.watch.readout_at <= now)


def _blind_since(watch: Watch, found: Look, now: datetime) -> datetime | None:
    return (watch.missing_since or now) if found.missing else None


async def _windows(experiment: Experiment, now: datetime, world: World) -> Samples:
    """What metrics without units say, window by window since the phase began."""
    if not any(metric.query for metric in experiment.design.metrics):
        return {}
    return await world.measurements.samples(experiment, _since(experiment), now, WINDOW_SECONDS)


def _since(experiment: Experiment) -> datetime:
    if experiment.rollout and experiment.status is Status.ROLLING_OUT:
        return experiment.rollout.stage_at
    return experiment.phase.started_at if experiment.phase else experiment.updated_at


def _looks(
    turns: Sequence[Turn],
    measured: Mapping[str, Measured],
    windows: Sequence[Samples],
    now: datetime,
) -> dict[str, Look]:
    """One look at each of them, in one go."""
    watched = []
    for turn, values in zip(turns, windows, strict=True):
        found = measured.get(turn.experiment.key, NOTHING)
        watched.append(
            Watched(
                experiment=turn.experiment,
                rows=found.rows,
                newest=found.newest,
                until=None if found is NOTHING else found.until,
                looks=turn.watch.looks,
                windows=values,
                newest_of=_newest_of(values, _since(turn.experiment)),
                heard=found.heard,
                pulses=turn.watch.pulses,
                refresh=turn.interval,
                trouble=found.trouble,
            )
        )
    return {each.key: each for each in look(watched, now)}


def _newest_of(values: Samples, since: datetime) -> dict[str, datetime]:
    """When the newest window with a value in every variant ended, by metric."""
    newest = {}
    for metric, arms in values.items():
        whole = [number for number, row in enumerate(zip(*arms.values(), strict=False), 1) if all(v == v for v in row)]
        if whole:
            newest[metric] = since + timedelta(seconds=WINDOW_SECONDS * whole[-1])
    return newest


async def _read_out(due: Sequence[Turn], now: datetime, world: World) -> dict[str, datetime]:
    """Keep what was measured of the first of these as the next batch, which the readings go on from; when the next one
    of each is due, which is at the next look where this one failed."""
    turns, following = due[:MOST_READOUTS], dict[str, datetime]()
    if turns:
        measured = await world.measurements.measure([turn.experiment for turn in turns], now, detail=True)
        for turn in turns:
            key, found = turn.experiment.key, measured.get(turn.experiment.key, NOTHING)
            kept = await guarded(_record(turn.experiment, found, world), "measurement", key=key)
            failed = bool(found.trouble) or (bool(found.rows) and not kept)
            refresh = timedelta(minutes=turn.source.refresh_minutes)
            following[key] = now + (min(turn.interval, refresh) if failed else refresh)
    return following


async def _record(experiment: Experiment, measured: Measured, world: World) -> int:
    if not measured.rows:
        return 0
    await execute(RecordMeasurements.of(experiment.key, measured), bunsen(experiment.workspace), world)
    return 1
