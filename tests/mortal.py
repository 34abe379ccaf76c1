"""Transactions of a process that kills itself with SIGKILL at a named step of one of them, as a crash would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

from experiments.repositories import UnitOfWork
from storage import Database

STEPS = ("before", "within", "after")


def mortal(database: Database, step: str, number: int = 0) -> Callable[[str], AbstractAsyncContextManager[UnitOfWork]]:
    """Units of work of which this one (the first is 0) ends the process: before it begins, within it (all is written
    but the commit) or after it; with another word for the step all live."""
    numbers = count()

    @asynccontextmanager
    async def uow(workspace: str) -> AsyncIterator[UnitOfWork]:
        is_fatal = next(numbers) == number

        def reached(place: str) -> None:
            if is_fatal and place == step:
                os.kill(os.getpid(), signal.SIGKILL)

        reached("before")
        async with database.uow(workspace) as unit:
            yield unit
            reached("within")
        reached("after")

    return uow


def say(*words: object) -> None:
    """A line to the test."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def when_told() -> None:
    """Say that it is ready, and wait for a line."""
    say("ready")
    sys.stdin.readline()
