"""Faults on demand: what a test asks Slack to do wrong."""

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal["ratelimited", "http", "silence", "error"]


@dataclass
class Fault:
    """The next `times` calls of `method` ("*": any) go wrong; `after` lets the call take effect first."""

    method: str
    kind: FaultKind
    times: int = 1
    status: int = 500
    error: str = "internal_error"
    retry_after: int = 1
    after: bool = False


class Faults:
    """The faults still to come, in the order they were asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let a fault happen."""
        self._waiting.append(fault)

    def clear(self) -> None:
        """Let everything work again."""
        self._waiting.clear()

    def take(self, method: str) -> Fault | None:
        """The fault that hits this call, if any."""
        for fault in self._waiting:
            if fault.method in (method, "*"):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None
