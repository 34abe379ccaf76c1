"""Why a batch of events was not taken.

NotTaken
├── BadLines      lines that break the rules; none of the batch was taken
├── TooLarge      more than fits
├── KeyConflict   its key came before with other events
├── Overloaded    too many batches are waiting; again in a moment
└── NotStored     the disk refused; again later
"""

from __future__ import annotations

from typing import NamedTuple

MOST_TOLD = 50


class Problem(NamedTuple):
    """What is the matter with a field; line 0 is the batch as a whole, an empty field the line as a whole."""

    line: int
    field: str
    problem: str


class NotTaken(Exception):
    """`problems` are the first ones, `count` is how many lines were refused in all."""

    def __init__(self, *problems: Problem, count: int = 1, retry_after: int = 0) -> None:
        super().__init__("; ".join(each.problem for each in problems))
        self.problems = problems
        self.count = count
        self.retry_after = retry_after


class BadLines(NotTaken):
    pass


class TooLarge(NotTaken):
    pass


class KeyConflict(NotTaken):
    pass


class Overloaded(NotTaken):
    pass


class NotStored(NotTaken):
    pass
