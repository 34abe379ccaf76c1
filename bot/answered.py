"""Which deliveries were taken, and what the forms among them were answered, so that one that comes again acts once."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Any

MOST_DELIVERIES = 2_000
MOST_ANSWERS = 200  # fewer, because an answer may be a whole form


class Answered:
    """The newest deliveries of this process. The database knows the older ones, and those of other replicas."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._with_answer: deque[str] = deque()

    def before(self, delivery: str) -> dict[str, Any] | None:
        """What this delivery was answered, {} for a bare acknowledgement; None when it is new."""
        return self._seen.get(delivery)

    def take(self, delivery: str) -> None:
        """It is being answered; the oldest ones are let go of."""
        self._seen[delivery] = {}
        while len(self._seen) > MOST_DELIVERIES:
            self._seen.popitem(last=False)
        while len(self._with_answer) > MOST_ANSWERS:
            self._seen.pop(self._with_answer.popleft(), None)

    def keep(self, delivery: str, answer: dict[str, Any]) -> None:
        """What it was answered, for when it comes again."""
        self._seen[delivery] = answer
        self._with_answer.append(delivery)

    def forget(self, delivery: str) -> None:
        """Nothing came of it; it may come again."""
        self._seen.pop(delivery, None)
