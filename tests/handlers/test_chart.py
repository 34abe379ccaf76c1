"""`/experiment chart`: one picture where it was asked for, filters that redraw it in place, each drawn only once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from experiments.commands import ImportAggregates
from experiments.errors import BadInput, NotFound, Unavailable
from experiments.execute import execute
from experiments.model import Status
from handlers import chart
from handlers.drawing import LEASE, digest_of, illustrated
from handlers.surfaces.kit import Message, Picture, picture
from tests.charts import samples
from tests.experiments.stages import KEY, lead_to, rows
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import ADA, MemoryWorld


@pytest.fixture
async def bench() -> MemoryWorld:
    """Running for five days, so that there is something to draw."""
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(day=5.0, n=2_000)}), ADA, bench.world)
    return bench


def menus(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for block in blocks if block["type"] == "actions" for each in block["elements"] if "options" in each]


def chosen(blocks: list[dict[str, Any]], **values: str) -> dict[str, Any]:
    """The state of the message's menus after these were chosen."""
    state = {}
    for menu in menus(blocks):
        name = menu["action_id"].split("__")[1]
        options = {each["value"]: each for each in menu["options"]}
        option = options[values[name]] if name in values else menu.get("initial_option")
        state[menu["action_id"]] = {"type": "static_select", "selected_option": option}
    return {"state": {"values": {"b1": state}}}


async def test_a_picture_is_answered_where_it_was_asked_for_with_its_words(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    assert await ask(chart.by_command, "comparison", KEY, response_url="https://hooks/1") == {}
    await ask.afterwards()
    [(url, said)] = bench.slack.responses
    assert (url, said["response_type"]) == ("https://hooks/1", "in_channel")
    [image] = [block for block in said["blocks"] if block["type"] == "image"]
    assert image["slack_file"] == {"id": "F1"}
    assert image["alt_text"].startswith("Forest plot for")
    assert said["text"].startswith("Forest plot for")
    assert [drawn for drawn, _ in bench.draw.drawn] == ["comparison"]


async def test_another_picture_takes_its_place(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(chart.by_command, "comparison", KEY, response_url="https://hooks/1")
    await ask.afterwards()
    shown = bench.slack.responses[0][1]["blocks"]
    view = chosen(shown, picture="significance")
    await ask(chart.choose, view=view, response_url="https://hooks/2", thread_ts="1.0")
    await ask.afterwards()
    url, said = bench.slack.responses[1]
    assert (url, said["replace_original"]) == ("https://hooks/2", True)
    assert [drawn for drawn, _ in bench.draw.drawn] == ["comparison", "significance"]
    assert said["text"].startswith("Difference and")


async def test_without_a_key_an_experiment_is_picked_and_it_comes_where_it_was_typed(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(chart.by_command, "comparison", channel="C0SIDE")
    view = submitted(ask.opened(), key=KEY)
    assert await ask(chart.by_pick, view=view, channel="") == {"response_action": "clear"}
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert message["channel"] == "C0SIDE"


async def test_by_button_it_comes_into_the_thread(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(chart.by_button, value=f"significance:{KEY}", thread_ts="5.000100", response_url="https://hooks/1")
    await ask.afterwards()
    [message] = bench.slack.made("chat.postMessage")
    assert (message["channel"], message["thread_ts"]) == (CHANNEL, "5.000100")


async def test_without_a_name_every_picture_is_on_offer(bench: MemoryWorld) -> None:
    answer = await Asking(bench)(chart.by_command)
    offered = {
        option["value"] for block in answer["blocks"] for option in block.get("accessory", {}).get("options", ())
    }
    assert offered == set(chart.SHELF)


async def test_the_pictures_of_an_experiment_are_offered_below_its_results(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    await ask(chart.pictures_by_button, value=f"{KEY}@1", response_url="https://hooks/1", thread_ts="5.0")
    await ask.afterwards()
    [(_, said)] = bench.slack.responses
    assert said["response_type"] == "ephemeral"
    offered = [option["value"] for option in said["blocks"][1]["accessory"]["options"]]
    assert f"comparison:{KEY}" in offered
    await ask(chart.by_button, value=f"comparison:{KEY}", response_url="https://hooks/2", thread_ts="5.0")
    await ask.afterwards()
    assert bench.slack.made("chat.postMessage")[0]["thread_ts"] == "5.0"


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("comparisson", KEY), BadInput, "Did you mean comparison"),
        (("xyzzy",), BadInput, "`/experiment chart` shows those there are"),
        (("comparison", "no-such-thing"), NotFound, "no-such-thing"),
    ],
)
async def test_what_cannot_be_shown_says_why(
    words: tuple[str, ...], error: type[Exception], said: str, bench: MemoryWorld
) -> None:
    with pytest.raises(error, match=said):
        await Asking(bench)(chart.by_command, *words)


async def test_a_menu_that_says_nothing_of_itself_is_met_with_words(bench: MemoryWorld) -> None:
    with pytest.raises(BadInput, match="There is no picture called"):
        await Asking(bench)(chart.choose, view={"state": {"values": {"b": {"chart_by__time": {}}}}})


async def test_below_a_picture_only_those_that_can_be_drawn_are_on_offer() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    ask = Asking(bench)
    await ask(chart.by_command, "timeline", KEY, response_url="https://hooks/1")
    await ask.afterwards()
    [others, *_] = menus(bench.slack.responses[0][1]["blocks"])
    assert {option["value"] for option in others["options"]} == {"timeline", "size"}


async def test_before_the_start_there_is_nothing_to_draw() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DRAFT, bench)
    with pytest.raises(BadInput, match="is draft: there is nothing to draw"):
        await Asking(bench)(chart.by_command, "comparison", KEY)


async def test_the_same_data_are_drawn_and_uploaded_once(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    for _ in range(3):
        await ask(chart.by_command, "comparison", KEY, response_url="https://hooks/1")
        await ask.afterwards()
        bench.clock.advance(seconds=20)
    assert len(bench.draw.drawn) == len(bench.slack.uploads) == 1
    await execute(ImportAggregates.model_validate({"key": KEY, "rows": rows(day=6.0, n=2_500)}), ADA, bench.world)
    await ask(chart.by_command, "comparison", KEY, response_url="https://hooks/1")
    await ask.afterwards()
    assert len(bench.draw.drawn) == len(bench.slack.uploads) == 2


def pictured(alt: str = "words") -> Message:
    return Message("text", [picture(0, alt)], (Picture("comparison", samples.readout(), alt),))


async def test_two_who_ask_at_once_get_one_drawing(bench: MemoryWorld) -> None:
    drawing, finished = asyncio.Event(), asyncio.Event()
    quick = bench.draw

    async def slowly(name: str, data: Any) -> bytes:
        drawing.set()
        await finished.wait()
        return await quick(name, data)

    object.__setattr__(bench.world, "draw", slowly)
    first = asyncio.create_task(illustrated(pictured(), bench.world))
    await drawing.wait()
    second = asyncio.create_task(illustrated(pictured(), bench.world))
    await asyncio.sleep(0)
    finished.set()
    shown = await asyncio.gather(first, second)
    assert [each.blocks[0]["slack_file"]["id"] for each in shown] == ["F1", "F1"]
    assert len(quick.drawn) == 1


async def test_whoever_died_while_drawing_is_not_waited_for(bench: MemoryWorld) -> None:
    [asked] = pictured().pictures
    async with bench.world.uow(ADA.workspace) as uow:
        wall = bench.world.wall()
        assert (await uow.pictures.claim(digest_of(asked), wall - LEASE, wall)).yours
    shown = await illustrated(pictured(), bench.world)
    assert shown.blocks[0]["slack_file"]["id"] == "F1"


async def test_a_drawing_that_failed_is_tried_again_by_the_next(bench: MemoryWorld) -> None:
    bench.draw.error = Unavailable("no", reason="drawing")
    assert "could not be drawn" in str((await illustrated(pictured(), bench.world)).blocks)
    bench.draw.error = None
    assert (await illustrated(pictured(), bench.world)).blocks[0]["slack_file"]["id"] == "F1"


async def test_a_drawing_that_never_ends_holds_up_no_message(
    bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.drawing.LONGEST", 0.2)

    async def never(name: str, data: Any) -> bytes:
        return await asyncio.Future[bytes]()

    world = replace(bench.world, draw=never)
    assert "could not be drawn" in str((await illustrated(pictured(), world)).blocks)
    monkeypatch.undo()
    assert (await illustrated(pictured(), bench.world)).blocks[0]["slack_file"]["id"] == "F1"


async def test_a_file_that_slack_no_longer_has_is_drawn_again(bench: MemoryWorld) -> None:
    await illustrated(pictured(), bench.world)
    bench.slack.refuse("files.info", "file_not_found")
    shown = await illustrated(pictured(), bench.world)
    assert shown.blocks[0]["slack_file"]["id"] == "F2"
    assert len(bench.draw.drawn) == 2
