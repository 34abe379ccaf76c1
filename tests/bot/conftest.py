"""Whatever runs here has time enough, however busy the machine is elsewhere."""

from __future__ import annotations

from functools import partialmethod

import httpx
import pytest
import uvicorn

from bot import desk, traffic
from bot.connectors import outward, slack
from handlers import quoting, user_groups
from storage import postgres, sqlite
from tests.patience import LONG

IN_TIME = (
    (desk, "ANSWER_SECONDS"),
    (outward, "CONNECT_SECONDS"),
    (postgres, "PATIENCE_SECONDS"),
    (slack, "SECONDS"),
    (sqlite, "PATIENCE_SECONDS"),
    (traffic, "PATIENCE_SECONDS"),
    (user_groups, "SECONDS"),
)


@pytest.fixture(autouse=True)
def time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers, locks and connections are waited for; tests of what happens when they are not set a time of their own.

    Who closes a connection that was idle for five seconds does so, after a stall, just when the next request is on it.
    """
    for module, name in IN_TIME:
        monkeypatch.setattr(module, name, LONG)
    monkeypatch.setitem(quoting.names_of.__kwdefaults__, "seconds", LONG)
    monkeypatch.setattr(quoting._in_time, "__defaults__", (LONG,))
    patient = postgres.SESSION.replace(f"={postgres.PATIENCE} ", f"={round(LONG * 1000)} ")
    monkeypatch.setitem(postgres.CONNECT, "connect_timeout", round(LONG))
    monkeypatch.setitem(postgres.CONNECT, "options", patient)
    by_default = httpx.AsyncClient.__init__.__kwdefaults__
    monkeypatch.setitem(by_default, "timeout", httpx.Timeout(LONG))
    monkeypatch.setitem(by_default, "limits", httpx.Limits(max_connections=100, keepalive_expiry=LONG))
    waiting = partialmethod(uvicorn.Config.__init__, timeout_keep_alive=round(LONG))
    monkeypatch.setattr(uvicorn.Config, "__init__", waiting)
