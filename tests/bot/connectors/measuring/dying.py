"""A measurer that kills itself at a chosen statement, in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd

from bot.connectors.measuring import duck, statements
from bot.connectors.measuring.embedded import Embedded
from experiments.model import Experiment
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.stores import Store

STATEMENTS = frozenset({"execute", "sql", "begin", "commit"})
LOADED = (duckdb.__version__, pd.__version__, statements.compiled((1, 2)))
"""Imported and compiled before a process is forked: DuckDB imports pandas when it is first given a parameter."""


class Death(NamedTuple):
    """At which statement, and whether before it or, `spins` turns of a loop after it began, amidst it."""

    statement: int
    spins: int | None = None


class Dying:
    """A connection whose process is killed at one of its statements."""

    def __init__(self, connection: Any, death: Death) -> None:
        self._connection, self._death, self._left = connection, death, death.statement

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        if name not in STATEMENTS:
            return found
        self._left -= 1
        if self._left == -1:
            if self._death.spins is None:
                os.kill(os.getpid(), signal.SIGKILL)
            threading.Thread(target=_die, args=(self._death.spins,)).start()
        return found


def _die(spins: int | None) -> None:
    for _ in range(spins or 0):
        pass
    os.kill(os.getpid(), signal.SIGKILL)


def measure(store: Store, folder: Path, experiment: Experiment, death: Death, *, recount: bool) -> None:
    """Refresh, or count anew, until that statement; what happens if there are fewer is the same as without."""
    connect = duck.connect
    duck.connect = lambda path, temporary: Dying(connect(path, temporary), death)  # type: ignore[assignment, return-value]
    embedded = Embedded(store, folder)
    if recount:
        embedded.recount("general", worlds.LATER)
    else:
        embedded.measure_now([experiment], worlds.LATER, detail=False)
    embedded.close()
