"""Results: acknowledged at once, then the readout with its pictures where it was asked for."""

from __future__ import annotations

import pytest

from experiments.commands import ImportAggregates
from experiments.errors import NotFound
from experiments.execute import execute
from experiments.model import Status
from handlers import results
from tests.experiments.stages import KEY, lead_to, rows
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import ADA, MemoryWorld


@pytest.fixture
async def bench() -> MemoryWorld:
    """Running for five days, so that results may be shown."""
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(day=5.0, n=2_000)}), ADA, bench.world)
    return bench


async def test_by_command_the_answer_comes_through_the_response_url(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    assert await ask(results.by_command, KEY, response_url="https://hooks/1") == {}
    assert not bench.draw.drawn
    await ask.afterwards()
    [(url, said)] = bench.slack.responses
    assert (url, said["response_type"]) == ("https://hooks/1", "in_channel")
    assert [block["type"] for block in said["blocks"]].count("image") == len(bench.draw.drawn) > 0


async def test_by_button_it_comes_into_the_thread_of_the_card(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1", thread_ts="5.000100")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, "5.000100")


async def test_by_button_on_the_home_tab_it_comes_as_a_direct_message(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1", channel="")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert message["channel"] == ask.actor.user
    assert "thread_ts" not in message


async def test_by_pick_it_comes_where_the_command_was_typed(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(results.by_command, channel="C0SIDE")
    view = submitted(ask.opened(), key=KEY)
    assert await ask(results.by_pick, view=view, channel="") == {"response_action": "clear"}
    await ask.afterwards()
    assert bench.slack.made("chat.postMessage")[0]["channel"] == "C0SIDE"


async def test_before_the_first_data_it_says_so(bench: MemoryWorld) -> None:
    running = bench.tables.experiments[KEY]
    bench.tables.experiments[KEY] = running.evolve(data_version=0, data_day=None, data_at=None)
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1")
    await ask.afterwards()
    assert not bench.draw.drawn
    assert "data" in str(bench.slack.made("chat.postMessage")[0]["blocks"])


async def test_a_failed_picture_keeps_no_numbers_back(bench: MemoryWorld) -> None:
    bench.draw.error = ValueError("no picture")
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert "picture could not be drawn" in str(message["blocks"])


async def test_an_unknown_key_is_told_at_once(bench: MemoryWorld) -> None:
    with pytest.raises(NotFound):
        await Asking(bench)(results.by_command, "nothing")


async def test_before_the_minimum_run_time_nothing_is_compared() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench)
    await ask(results.by_button, value=f"{KEY}@1")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert "too early to compare" in str(message["blocks"])
    assert not any(word in str(message["blocks"]) for word in ("p = ", "better", "unclear", "relative to control"))
    assert not bench.draw.drawn, "a picture would show the intervals"


async def test_from_the_list_of_actions_it_comes_where_that_was_opened(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    listed = {"type": "modal", "callback_id": "more", "private_metadata": '{"channel": "C0SIDE"}'}
    await ask(results.by_button, value=f"{KEY}@1", view=listed, channel="")
    await ask.afterwards()
    assert bench.slack.made("chat.postMessage")[0]["channel"] == "C0SIDE"


async def test_the_picture_of_the_evidence_tells_how_far_the_plan_is(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(results.by_command, KEY, response_url="https://hooks/1")
    await ask.afterwards()
    shown = dict(bench.draw.drawn)
    assert shown["comparison"].key == KEY
    assert shown["significance"].prospect is not None or shown["significance"].no_prospect
