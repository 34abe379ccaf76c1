"""A measurer that kills itself at a chosen point, in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from bot.connectors.measuring import duck, folding, state
from bot.connectors.measuring.embedded import Embedded
from experiments.model import Experiment
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.stores import Store

STATEMENTS = frozenset({"execute", "sql", "register", "unregister"})
LOADED = (duckdb.__version__, pd.__version__, folding.units((1, 2)), folding.exposed(), state.VERSION)
"""Imported and compiled before a process is forked: DuckDB imports pandas when it is first given a parameter."""


class Death:
    """Comes at this point, counted from 0: before it or, `spins` turns of a loop after it began, amidst it."""

    def __init__(self, point: int, spins: int | None = None) -> None:
        self._left, self._spins = point, spins

    def at(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work as a point."""

        def point(*given: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left == -1:
                if self._spins is None:
                    os.kill(os.getpid(), signal.SIGKILL)
                threading.Thread(target=self._die).start()
            return work(*given, **named)

        return point

    def _die(self) -> None:
        for _ in range(self._spins or 0):
            pass
        os.kill(os.getpid(), signal.SIGKILL)


class Dying:
    """A connection each of whose statements is such a point."""

    def __init__(self, connection: Any, death: Death) -> None:
        self._connection, self._death = connection, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return self._death.at(found) if name in STATEMENTS else found


def measure(store: Store, folder: Path, experiment: Experiment, death: Death, *, recount: bool) -> None:
    """Refresh, or count anew, up to that point; what happens if there are fewer is the same as without."""
    connect = duck.connect
    duck.connect = lambda path, temporary: Dying(connect(path, temporary), death)  # type: ignore[assignment, return-value]
    for owner, name in ((state.np, "savez"), (os, "fsync"), (Path, "replace")):
        setattr(owner, name, death.at(getattr(owner, name)))
    embedded = Embedded(store, folder)
    if recount:
        embedded.recount("general", worlds.LATER + timedelta(hours=1))
    else:
        embedded.measure_now([experiment], worlds.LATER, detail=False)
    embedded.close()
