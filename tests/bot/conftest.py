"""Whatever runs here has time enough, however busy the machine is elsewhere."""

from __future__ import annotations

import httpx
import pytest

from bot import desk
from bot.connectors import slack
from storage import postgres, sqlite
from tests.patience import LONG


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and locks are waited for; tests of what happens when they are not set a time of their own."""
    monkeypatch.setattr(desk, "ANSWER_SECONDS", LONG)
    monkeypatch.setattr(slack, "SECONDS", LONG)
    monkeypatch.setitem(httpx.AsyncClient.__init__.__kwdefaults__, "timeout", httpx.Timeout(LONG))
    for engine in (sqlite, postgres):
        monkeypatch.setattr(engine, "PATIENCE_SECONDS", LONG)
    monkeypatch.setitem(postgres.CONNECT, "connect_timeout", round(LONG))
    monkeypatch.setitem(
        postgres.CONNECT, "options", postgres.SESSION.replace(f"={postgres.PATIENCE} ", f"={round(LONG * 1000)} ")
    )
