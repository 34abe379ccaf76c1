"""Rate limits: calls per minute by tier, and one message per second and channel."""

import time
from collections import defaultdict, deque

from bot.sandbox import limits
from bot.sandbox.errors import RateLimited

_BURST = 3


class Rates:
    """Counts calls in real time and refuses what exceeds the tier."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def check(self, method: str, tier: str, channel: str) -> None:
        """Count this call or refuse it with the seconds to wait."""
        if method == "chat.postMessage":
            self._count(f"{method} {channel}", limits.MESSAGES_PER_SECOND * _BURST, _BURST)
        elif tier in limits.TIERS_PER_MINUTE:
            self._count(method, limits.TIERS_PER_MINUTE[tier], 60)

    def _count(self, key: str, most: int, seconds: float) -> None:
        now = time.monotonic()
        calls = self._calls[key]
        while calls and now - calls[0] >= seconds:
            calls.popleft()
        if len(calls) >= most:
            raise RateLimited(max(1, int(seconds - (now - calls[0]) + 0.999)))
        calls.append(now)
