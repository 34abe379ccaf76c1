"""Random people doing random things to a few experiments, from plain numbers, so that a run can be repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from random import Random
from typing import NamedTuple
from unittest.mock import patch

from pydantic import ValidationError

from experiments.commands import (
    COMMANDS,
    AdvanceRollout,
    ApproveReview,
    ArchiveExperiment,
    Command,
    ConfirmPromotion,
    CreateExperiment,
    DeleteDraft,
    EditExperiment,
    LogDecision,
    PromoteVariant,
    RequestReview,
    ResumeExperiment,
    RollBack,
    StartExperiment,
    StopExperiment,
)
from experiments.errors import BunsenError, Busy
from experiments.execute import execute
from experiments.model import Experiment, Status
from experiments.permissions import Role, bunsen
from tests.experiments.invariants import faults
from tests.experiments.stages import a_command
from tests.memory import MemoryOutbox
from tests.worlds import ADA, BO, CHEN, DEE, WORKSPACE, MemoryWorld

KEYS = ("bigger-button", "quicker-search")
DELETES = 4
"""Of the troubles of a step, the one that lets a draft be deleted; oftener than that no experiment would grow old."""
OTHER_WORKSPACE = "T0OTHER"
ACTORS = (
    ADA,
    BO,
    CHEN,
    ADA.model_copy(update={"via": "api"}),
    BO.model_copy(update={"via": "cli", "role": Role.OUTSIDER, "projects": {"general": Role.ADMIN}}),
    bunsen(WORKSPACE),
    DEE.model_copy(update={"role": Role.VIEWER}),
    ADA.model_copy(update={"user": "U0GUEST", "role": Role.OUTSIDER}),
    ADA.model_copy(update={"workspace": OTHER_WORKSPACE}),
)
NEXT: dict[Status, type[Command]] = {
    Status.DRAFT: RequestReview,
    Status.IN_REVIEW: ApproveReview,
    Status.APPROVED: StartExperiment,
    Status.SCHEDULED: StartExperiment,
    Status.RUNNING: StopExperiment,
    Status.PAUSED: ResumeExperiment,
    Status.STOPPED: LogDecision,
    Status.DECIDED: PromoteVariant,
    Status.ROLLING_OUT: AdvanceRollout,
    Status.ROLLED_OUT: RollBack,
    Status.ROLLED_BACK: ArchiveExperiment,
}


class Step(NamedTuple):
    """Somebody does something: `command` beyond the list means the next one on an experiment's usual way."""

    actor: int
    command: int
    key: int
    delivery: int
    trouble: int


RANGES = Step(actor=len(ACTORS), command=2 * len(COMMANDS), key=len(KEYS), delivery=40, trouble=12)


def random_steps(seed: int, count: int) -> list[Step]:
    """The same steps for the same seed."""
    chance = Random(seed)
    return [Step(*(chance.randrange(most) for most in RANGES)) for _ in range(count)]


def command_for(step: Step, before: Experiment | None, turn: int) -> Command:
    """What this step asks for; now and then about an older revision or another design."""
    key = KEYS[step.key]
    kinds = tuple(COMMANDS.values())
    kind = kinds[step.command] if step.command < len(kinds) else _next(before)
    if kind is DeleteDraft and step.trouble != DELETES:
        kind = _next(before)
    command = a_command(kind, before, key=key, turn=turn)
    if step.trouble == 1 and before is not None:
        return command.model_copy(update={"revision": before.revision - 1})
    if step.trouble == 2 and "design_hash" in type(command).model_fields:
        return command.model_copy(update={"design_hash": "f" * 64})
    return command


def _next(before: Experiment | None) -> type[Command]:
    """The next command on an experiment's usual way."""
    if before is None:
        return CreateExperiment
    if before.status is Status.DRAFT and before.design.missing():
        return EditExperiment
    if before.status is Status.DECIDED and before.promotion:
        return ConfirmPromotion
    return NEXT.get(before.status, EditExperiment)


async def _walk(steps: Iterable[Step], bench: MemoryWorld) -> list[str]:
    for turn, step in enumerate(steps, 1):
        bench.clock.advance(minutes=10)
        actor = ACTORS[step.actor]
        if step.delivery < RANGES.delivery // 2:
            actor = actor.model_copy(update={"delivery": f"delivery-{step.delivery}"})
        tables = bench.database.tables(actor.workspace)
        kept, before = tables.copy(), tables.experiments.get(KEYS[step.key])
        command = command_for(step, before, turn)
        try:
            if step.trouble == 3:
                with patch.object(MemoryOutbox, "add", side_effect=Busy()):
                    await execute(command, actor, bench.world)
            else:
                await execute(command, actor, bench.world)
        except (BunsenError, ValidationError) as refusal:
            if bench.database.tables(actor.workspace) != kept:
                return [f"{type(command).__name__} was refused ({refusal}) but left something behind"]
        for workspace in (WORKSPACE, OTHER_WORKSPACE):
            if found := faults(bench.database.tables(workspace), workspace):
                return [f"after turn {turn}, {type(command).__name__} by {actor.user}: {words}" for words in found]
    return []


def walk(steps: Iterable[Step], bench: MemoryWorld | None = None) -> list[str]:
    """Do all steps in turn and tell the first faults that appear; empty when none does."""
    with asyncio.Runner() as runner:
        return runner.run(_walk(steps, bench or MemoryWorld()))
