"""A process that changes experiments one after the other until it is killed, by itself at a named step or by another.

It says every change that was committed as "key version"; its keys begin with its name. Steps: before_commit,
after_commit, never.
"""

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count

from experiments.commands import AddNote, CreateExperiment
from experiments.execute import execute
from experiments.repositories import UnitOfWork
from storage import Database
from tests.worlds import ADA, MemoryWorld

NUMBERS = ("one", "two", "three")
CHANNEL = "C0EXPERIMENTS"
FATAL_CHANGE = 8


def keys_of(name: str) -> list[str]:
    return [f"{name}-{number}" for number in NUMBERS]


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def main(url: str, name: str, step: str) -> None:
    database = await Database.open(url)
    changes = count(1)

    @asynccontextmanager
    async def mortal(workspace: str) -> AsyncIterator[UnitOfWork]:
        fatal = next(changes) == FATAL_CHANGE
        async with database.uow(workspace) as uow:
            yield uow
            if fatal and step == "before_commit":
                os.kill(os.getpid(), signal.SIGKILL)
        if fatal and step == "after_commit":
            os.kill(os.getpid(), signal.SIGKILL)

    world = replace(MemoryWorld().world, uow=mortal, reading=database.reading)
    keys = keys_of(name)
    for key in keys:
        await execute(CreateExperiment(key=key, title=key, channel=CHANNEL), ADA, world)
        say(key, 1)
    for number in count():
        after = await execute(AddNote(key=keys[number % 3], text=f"note {number}"), ADA, world)
        say(after.key, after.version)
