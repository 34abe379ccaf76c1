"""Aside: what takes long holds up neither the loop nor what somebody waits for."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest

from experiments.errors import NotFound
from experiments.model import Status
from handlers import decide
from handlers.aside import aside
from handlers.reading import experiment_of
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking
from tests.patience import LONG
from tests.worlds import ADA, MemoryWorld


async def test_an_answer_does_not_wait_for_pictures() -> None:
    bench = MemoryWorld()
    await lead_to(Status.STOPPED, bench)
    done = Event()
    picture = asyncio.create_task(aside(done.wait, LONG))
    ask = Asking(bench)
    try:
        with pytest.raises(NotFound):
            await experiment_of("no-such-thing", ADA, bench.world)
        await ask(decide.decide.by_command, KEY)
        assert ask.opened()["callback_id"] == "decide"
        assert not picture.done()
    finally:
        done.set()
    assert await picture
