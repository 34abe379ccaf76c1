"""The sandbox's own time: it runs at a chosen rate and can be moved."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """A clock that starts at `start` (now by default) and passes `rate` sandbox seconds per real second."""

    def __init__(self, start: datetime | None = None, rate: float = 1.0) -> None:
        self._base = start or datetime.now(UTC)
        self._since = time.monotonic()
        self._rate = rate
        self._jumped = 0.0
        self._moved: set[asyncio.Event] = set()
        self.on_change: Callable[[], None] | None = None

    def now(self) -> datetime:
        """The sandbox's present moment, aware and in UTC."""
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self._rate)

    @property
    def rate(self) -> float:
        """Sandbox seconds per real second; 0 stands still."""
        return self._rate

    @rate.setter
    def rate(self, rate: float) -> None:
        if rate < 0:
            raise ValueError("The clock cannot run backwards.")
        self._rebase(self.now())
        self._rate = rate
        self._tell()

    def lived(self) -> float:
        """Seconds that people lived through: real time and jumps, but not the haste of a fast rate."""
        return time.monotonic() + self._jumped

    def advance(self, seconds: float) -> None:
        """Jump forward by `seconds`."""
        if seconds < 0:
            raise ValueError("The clock cannot run backwards.")
        self._jumped += seconds
        self._rebase(self.now() + timedelta(seconds=seconds))
        self._tell()

    def set(self, moment: datetime) -> None:
        """Jump to `moment`, which must be aware."""
        if moment.tzinfo is None:
            raise ValueError("The clock needs a time with its zone.")
        self._jumped += (moment - self.now()).total_seconds()
        self._rebase(moment.astimezone(UTC))
        self._tell()

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of sandbox time have passed, at once when the clock is moved beyond them."""
        until = self.now() + timedelta(seconds=seconds)
        moved = asyncio.Event()
        self._moved.add(moved)
        try:
            while (left := (until - self.now()).total_seconds()) > 0:
                moved.clear()
                try:
                    await asyncio.wait_for(moved.wait(), left / self._rate if self._rate else None)
                except TimeoutError:
                    continue
        finally:
            self._moved.discard(moved)

    def _rebase(self, moment: datetime) -> None:
        self._base, self._since = moment, time.monotonic()

    def _tell(self) -> None:
        for moved in self._moved:
            moved.set()
        if self.on_change is not None:
            self.on_change()
