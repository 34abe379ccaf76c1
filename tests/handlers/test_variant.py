"""The variant level: buttons lead down to variants, health and segments, told to the person alone."""

from __future__ import annotations

import pytest

from experiments.model import Status
from handlers import results, variant
from handlers.turn import Handler
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import MemoryWorld


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    return bench


def told(bench: MemoryWorld) -> str:
    """What was said to the person alone."""
    [message] = bench.slack.made("chat.postEphemeral")
    return str(message["blocks"])


@pytest.mark.parametrize(
    ("handler", "value", "words"),
    [
        (variant.variants, f"{KEY}@", "1,000 units · 50.0 % of all, 50 % planned"),
        (variant.one, f"{KEY}@treatment", "› *treatment*"),
        (variant.one, f"{KEY}@gone-by-now", "› *variants*"),
        (variant.one, f"{KEY}@5", "› *variants*"),
        (variant.health, f"{KEY}@", "Too early for a verdict"),
        (variant.segments, f"{KEY}@", "too early to tell segments apart"),
    ],
)
async def test_a_button_leads_down(bench: MemoryWorld, handler: Handler, value: str, words: str) -> None:
    ask = Asking(bench)
    await ask(handler, value=value)
    await ask.afterwards()
    assert words in told(bench)
    assert "‹ Bigger button" in told(bench), "and a breadcrumb up again"


async def test_by_command_with_and_without_names(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(variant.by_command, KEY, "treatment")
    await ask.afterwards()
    assert "› *treatment*" in told(bench)
    await ask(variant.by_command)
    await ask(variant.by_pick, view=submitted(ask.opened(), key=KEY), channel="C0SIDE")
    await ask.afterwards()
    assert "› *variants*" in str(bench.slack.made("chat.postEphemeral")[-1])


async def test_results_offer_the_way_down(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    for verb in ("variants", "health", "segments"):
        assert f"'action_id': '{verb}'" in str(message["blocks"])
