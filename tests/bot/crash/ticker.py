"""A replica that does one piece of work when a line comes in, or kills itself with SIGKILL at a named step of it.

Steps are those of its first transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from experiments.commands import EditNote
from experiments.execute import change_policies, execute
from experiments.permissions import Role
from experiments.policy import Project, SetProject
from experiments.ports import World
from handlers.booked import run_booked
from handlers.readings import read_new
from handlers.reminders import remind
from storage import Database
from tests.experiments.stages import KEY
from tests.mortal import mortal, when_told
from tests.worlds import ADA, WORKSPACE, MemoryWorld, delivered

POLICY = SetProject(project=Project(name="general", required_approvals=2))
ADMIN = ADA.model_copy(update={"role": Role.ADMIN})


async def _edit_note(world: World) -> None:
    await execute(EditNote(key=KEY, number=1, text="Looks odd."), delivered(ADA, "view V1"), world)


async def _change_policy(world: World) -> None:
    await change_policies(POLICY, delivered(ADMIN, "view V2"), world)


WORK: dict[str, Callable[[World], Awaitable[object]]] = {
    "bookings": run_booked,
    "readings": read_new,
    "reminders": remind,
    "note": _edit_note,
    "policy": _change_policy,
}


async def main(url: str, work: str, step: str, now: datetime) -> None:
    database = await Database.open(url)
    bench = MemoryWorld(WORKSPACE, at=now)
    world = replace(bench.world, uow=mortal(database, step), reading=database.reading)
    when_told()
    await WORK[work](world)
    await database.close()
