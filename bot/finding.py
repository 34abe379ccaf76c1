"""A finding of `bunsen doctor`."""

from __future__ import annotations

from typing import NamedTuple

from experiments.texts import Words


class State(Words):
    FINE = "fine"
    NOTE = "note"
    MEND = "mend"


class Finding(NamedTuple):
    """What was looked at, how it is, and what to do about it; never a secret."""

    name: str
    state: State
    words: str
    mend: str = ""
