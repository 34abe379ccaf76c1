"""Everything that can go wrong for a person, each with a code, the words and the field it blames.

BunsenError
├── NotFound            no such experiment in this workspace
├── KeyTaken            another experiment has this key
├── Forbidden           the role, or being an author, does not allow it
├── IllegalTransition   the experiment's state does not allow it
├── Incomplete          something must be filled in first
├── Stale               somebody changed the experiment in between
├── AlreadyDone         the very same change has been made before
├── PartTaken           another live experiment has a part of its exclusion group
├── BadInput            a value a person or a file gave cannot be used
├── InsufficientData    statistics refuse to give a number
├── Busy                the database did not answer in time
└── Unavailable         Slack or another outside system did not answer, or refused
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime


class BunsenError(Exception):
    """An error with words for the person who caused or met it; `by` and `at` tell whose change came first."""

    code = "error"

    def __init__(
        self, words: str, *, field: str | None = None, by: str | None = None, at: datetime | None = None
    ) -> None:
        super().__init__(words)
        self.words = words
        self.field = field
        self.by = by or None
        self.at = at


class NotFound(BunsenError):
    code = "not_found"

    def __init__(self, key: str, near: tuple[str, ...] = ()) -> None:
        meant = f"Did you mean {' or '.join(near)}?" if near else "/experiment list shows those there are."
        super().__init__(f"There is no experiment “{key}” here. {meant}", field="key")
        self.near = near


class KeyTaken(BunsenError):
    code = "key_taken"

    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key} is taken. Choose another one, for example {key}-2nd.", field="key")


class Forbidden(BunsenError):
    code = "forbidden"


class IllegalTransition(BunsenError):
    code = "illegal_transition"


class Incomplete(BunsenError):
    code = "incomplete"

    def __init__(self, missing: dict[str, str]) -> None:
        self.missing = missing
        super().__init__("Not ready yet: " + "; ".join(missing.values()) + ".", field=next(iter(missing), None))


class Stale(BunsenError):
    code = "stale"


class AlreadyDone(BunsenError):
    code = "already_done"


class PartTaken(BunsenError):
    code = "part_taken"


class BadInput(BunsenError):
    """`beside` are the faults of other fields of the same form."""

    code = "bad_input"
    beside: Sequence[BadInput] = ()


class InsufficientData(BunsenError):
    """Statistics refuse: the data are too few or degenerate for an honest number."""

    code = "insufficient_data"


class Busy(BunsenError):
    code = "busy"

    def __init__(self) -> None:
        super().__init__("The database is busy right now; nothing was changed. Try again in a moment.")


class Unavailable(BunsenError):
    """An outside system refused or did not answer; `reason` is its own word for why."""

    code = "unavailable"

    def __init__(self, words: str, *, reason: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.reason = reason
        self.retry_after = retry_after
