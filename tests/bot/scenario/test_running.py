"""Over the wire: traffic with live words, a promotion with a second person, an alarm, a rollback from the card."""

from __future__ import annotations

import asyncio
from typing import Any

from experiments.commands import ImportAggregates
from experiments.design import Direction, Metric, MetricRole
from experiments.execute import execute
from experiments.model import Experiment, Status
from handlers.readings import read_new
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, CHANNEL, Lab, eventually, filled
from tests.handlers.surfaces.test_limits import nodes

DAY = 86_400.0


def rows(day: float, control: float, treatment: float, n: int = 20_000) -> list[tuple[Any, ...]]:
    """How many of n units in each arm had bought by then."""
    arms = (("control", control), ("treatment", treatment))
    return [("conversion", arm, day, n, p, p * (1 - p)) for arm, p in arms]


async def measured(lab: Lab, key: str, day: float, control: float, treatment: float) -> None:
    """Data arrive on that day, and Bunsen reads them."""
    actor = await lab.world.people.actor(lab.world.workspace, ADA)
    batch = rows(day, control, treatment, n=int(4_000 * day))
    await execute(ImportAggregates.model_validate({"key": key, "rows": batch}), actor, lab.world)
    await read_new(lab.world)
    await lab.settled()


async def card_of(lab: Lab, key: str) -> dict[str, Any]:
    """The one card of the experiment in the channel."""
    cards = [each for each in await lab.messages() if is_card(each, key)]
    assert len(cards) == 1
    return cards[0]


def is_card(message: dict[str, Any], key: str) -> Any:
    last = message["blocks"][-1] if message.get("blocks") else {}
    footer = last["elements"][0]["text"] if last.get("type") == "context" else ""
    return message["blocks"][:1] and message["blocks"][0]["type"] == "header" and footer.startswith(f"{key} · design")


async def chooses(lab: Lab, words: str, message: dict[str, Any], user: str = ADA) -> Any:
    """The person opens the menu of a message and takes the entry with these words."""
    for block in message["blocks"]:
        for element in block.get("elements", ()):
            for option in element.get("options", ()):
                if option["text"]["text"] == words:
                    action = {
                        "type": "overflow", "action_id": element["action_id"], "block_id": block["block_id"],
                        "selected_option": option,
                    }  # fmt: skip
                    container = {"type": "message", "channel": CHANNEL, "message_ts": message["ts"]}
                    return await lab.control("action", user=user, container=container, action=action)
    raise AssertionError(f"no entry {words} in {message['blocks']}")


async def presses_in_modal(lab: Lab, verb: str, user: str = ADA) -> Any:
    view = lab.modal(user)
    [found] = [node for node in nodes(view["blocks"]) if node.get("action_id") == verb]
    block = next(block for block in view["blocks"] if found in nodes(block))
    action = {name: found[name] for name in ("type", "action_id", "value")} | {"block_id": block["block_id"]}
    return await lab.control("action", user=user, container={"type": "view", "view_id": view["id"]}, action=action)


async def test_traffic_is_moved_from_the_menu_of_the_card(lab: Lab) -> None:
    running = await lab.runs()
    lab.clock.advance(DAY)
    await chooses(lab, "Change traffic", await card_of(lab, running.key))
    view = await lab.modal_titled("Change the traffic")
    state = filled(view, {})
    state["weights__control"]["weights__control"]["value"] = "80"
    action = {"type": "number_input", "action_id": "weights__control", "block_id": "weights__control", "value": "80"}
    container = {"type": "view", "view_id": view["id"]}
    await lab.control("action", user=ADA, container=container, action=action, state={"values": state})

    async def said() -> bool:
        return "30 % is too much" in str(lab.modal())

    await eventually(said)
    refused = await lab.control("submit", user=ADA, view_id=view["id"], state={"values": state})
    assert "sum to 130 %" in str(refused), "the error stands in the form, and nothing typed is lost"
    state["weights__treatment"]["weights__treatment"]["value"] = "20"
    await lab.control("submit", user=ADA, view_id=lab.modal()["id"], state={"values": state})
    await lab.settled()
    assert (await lab.experiment(running.key)).weights == {"control": 8_000, "treatment": 2_000}
    assert "control 80 % · treatment 20 % (phase 2)" in str(await card_of(lab, running.key))
    assert "control 50 % → 80 %" in str(await lab.message_with("phase 2 begins"))


async def test_every_action_is_reached_from_the_card_and_gives_way_to_its_form(lab: Lab) -> None:
    running = await lab.runs()
    await chooses(lab, "All actions…", await card_of(lab, running.key), user=BO)
    await lab.modal_titled("All actions", BO)
    await presses_in_modal(lab, "pause", user=BO)
    await lab.modal_titled("Pause the experiment", BO)
    assert len(lab.modals(BO)) == 1
    await lab.submits(BO, comment="Look at the log first.")
    await lab.settled()
    assert (await lab.experiment(running.key)).status is Status.PAUSED
    assert not lab.modals(BO)


async def shipped_against_the_rule(lab: Lab) -> Experiment:
    running = await lab.runs()
    await measured(lab, running.key, 5.0, 0.10, 0.10)
    await lab.types(f"stop {running.key}")
    await lab.submits(reason="completed")
    await lab.types(f"decide {running.key}")
    assert "a second person has to confirm" in str(lab.modal())
    await lab.submits(outcome="ship", reasoning="It is simpler, and not worse.")
    await lab.settled()
    return await lab.experiment(running.key)


async def test_a_promotion_against_the_rule_goes_through_two_people(lab: Lab) -> None:
    decided = await shipped_against_the_rule(lab)
    await lab.types(f"promote {decided.key}")
    await lab.submits()
    await lab.settled()
    request = await lab.message_with("'confirm_promotion'")
    await lab.presses("confirm_promotion", request)
    await lab.message_with("somebody else has to confirm it")
    assert (await lab.experiment(decided.key)).rollout is None
    await lab.presses("confirm_promotion", request, user=BO)
    await lab.presses("confirm_promotion", request, user=BO)
    await lab.settled()
    rolling = await lab.experiment(decided.key)
    assert rolling.status is Status.ROLLING_OUT
    card = await card_of(lab, decided.key)
    assert "Rolling out 10 %" in str(card)
    assert "shipped" not in str(card)
    assert "Routing is not connected" in str(card)
    await lab.presses("advance", card)
    await lab.submits()
    await lab.settled()
    assert "Rolling out 25 %" in str(await card_of(lab, decided.key))
    lab.clock.advance(2 * DAY)
    await lab.presses("rollback", await card_of(lab, decided.key), user=BO)
    await lab.settled()
    assert "Time to safe: 2 days, with 25 % of everybody at the end." in str(await lab.message_with("Time to safe"))
    assert (await lab.experiment(decided.key)).status is Status.ROLLED_BACK
    assert await verify(lab.database, lab.world.workspace) == []


async def test_harm_raises_an_alarm_from_which_it_is_rolled_back(lab: Lab) -> None:
    running = await lab.runs()
    await measured(lab, running.key, 5.0, 0.10, 0.10)
    await measured(lab, running.key, 8.0, 0.10, 0.06)
    await measured(lab, running.key, 9.0, 0.10, 0.06)
    alarms = [each for each in await lab.messages() if "needs you. It does harm." in str(each)]
    assert len(alarms) == 1
    await lab.presses("rollback", alarms[0], user=BO)
    await lab.settled()
    assert (await lab.experiment(running.key)).status is Status.ROLLED_BACK
    await lab.presses("pause", alarms[0], user=BO)
    await lab.modal_titled("Not now", BO)


async def test_results_lead_to_the_variant_and_back(lab: Lab) -> None:
    running = await lab.runs()
    await measured(lab, running.key, 5.0, 0.10, 0.12)
    await lab.types(f"analyze {running.key}")
    await lab.settled()
    await lab.presses("variants", await lab.message_with("'variants'"))
    every = await lab.message_with("20,000 units · 50.0 % of all, 50 % planned")
    await lab.presses("variant", every)
    one = await lab.message_with("Anomalies and checks")
    assert "Fleet › " in str(one)
    await lab.presses("show", one)
    await lab.settled()


async def test_two_people_and_ten_presses_roll_back_once(lab: Lab) -> None:
    running = await lab.runs()
    card = await card_of(lab, running.key)
    await asyncio.gather(*(lab.presses("rollback", card, user=user) for user in (ADA, BO) * 5))
    await lab.settled()
    async with lab.world.reading(lab.world.workspace) as uow:
        records = [each for each in await uow.audit.of(running.key) if each.command == "RollBack"]
    assert len(records) == 1
    first, second = (ADA, BO) if records[0].actor == ADA else (BO, ADA)
    told = str(await lab.messages(second))
    assert "has been rolled back already" in told
    assert f"The newest change is by <@{first}>" in told
    assert sum("Time to safe" in str(each) for each in await lab.messages()) == 1


async def test_looser_guardrails_are_asked_for_in_the_channel_and_answered_there(lab: Lab) -> None:
    running = await lab.runs()
    guarded = Metric(key="latency", role=MetricRole.GUARDRAIL, direction=Direction.DOWN, unit="ms")
    await lab.types(f"guardrails {running.key}")
    await lab.submits(guardrails="latency mean down stop in ms")
    await lab.settled()
    assert (await lab.experiment(running.key)).design.guardrails == (guarded.model_copy(update={"action": "stop"}),)
    await lab.types(f"guardrails {running.key}")
    await lab.submits(guardrails="", comment="<!channel> *noise* `x` <@U1>")
    await lab.settled()
    request = await lab.message_with("'agree_loosening'")
    assert "<!channel>" not in request["text"]
    await lab.presses("agree_loosening", request)
    await lab.message_with("somebody else has to agree")
    await lab.presses("agree_loosening", request, user=BO)
    await lab.settled()
    assert (await lab.experiment(running.key)).design.guardrails == ()
