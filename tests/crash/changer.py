"""A process that changes experiments one after the other until it is killed, by itself at a named step or by another.

It says every change that was committed as "key version"; its keys begin with its name.
"""

from dataclasses import replace
from itertools import count

from experiments.commands import AddNote, CreateExperiment
from experiments.execute import execute
from storage import Database
from tests.mortal import mortal, say
from tests.worlds import ADA, MemoryWorld

NUMBERS = ("one", "two", "three")
CHANNEL = "C0EXPERIMENTS"
FATAL_CHANGE = 8


def keys_of(name: str) -> list[str]:
    return [f"{name}-{number}" for number in NUMBERS]


async def main(url: str, name: str, step: str) -> None:
    database = await Database.open(url)
    uow = mortal(database, step, FATAL_CHANGE - 1)
    world = replace(MemoryWorld().world, uow=uow, reading=database.reading)
    keys = keys_of(name)
    for key in keys:
        await execute(CreateExperiment(key=key, title=key, channel=CHANNEL), ADA, world)
        say(key, 1)
    for number in count():
        after = await execute(AddNote(key=keys[number % 3], text=f"note {number}"), ADA, world)
        say(after.key, after.version)
