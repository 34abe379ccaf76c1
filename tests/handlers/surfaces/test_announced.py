"""What changes leave in the outbox is drawn from its payload alone, and says what a person has to know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from experiments.commands import (
    AgreeToLoosening,
    ChangeGuardrails,
    Command,
    ConfirmPromotion,
    PromoteVariant,
    RecordReading,
    RollBack,
)
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Actor, bunsen
from experiments.readout import VerdictStatus
from experiments.running import Significance
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.kit import Message
from tests.experiments.stages import KEY, lead_to
from tests.worlds import ADA, BO, WORKSPACE, MemoryWorld, Switch

ALARM = RecordReading(
    key=KEY, number=1, day=5.0, status=VerdictStatus.ROLL_BACK, verdict="Roll back: it lowers conversion by 4.1 %.",
    significance=Significance.SIGNIFICANT,
)  # fmt: skip
LOOSER = ChangeGuardrails(key=KEY, guardrails=(), comment="It fires on noise.")
PROMOTE = PromoteVariant(key=KEY, variant="treatment", stages=(1_000, 10_000))


def said(bench: MemoryWorld) -> Iterator[tuple[str, Message]]:
    """Everything in the outbox, drawn from its payload as it is stored."""
    for row in bench.tables.outbox.values():
        payload = json.loads(json.dumps(row.announcement.payload))
        yield row.announcement.surface, ANNOUNCED[row.announcement.surface](payload)


async def after(status: Status, *changes: tuple[Command, Actor], routed: bool = False) -> dict[str, str]:
    """The newest message of every surface after these changes, as text."""
    bench = MemoryWorld()
    bench.world = replace(bench.world, routing=Switch(connected=routed))
    await lead_to(status, bench)
    for command, actor in changes:
        bench.clock.advance(hours=5)
        await execute(command, actor, bench.world)
    return {surface: json.dumps(message.blocks, ensure_ascii=False) for surface, message in said(bench)}


async def test_an_alarm_names_the_owner_and_what_can_be_done() -> None:
    told = await after(Status.RUNNING, (ALARM, bunsen(WORKSPACE)))
    assert f"<@{ADA.user}>" in told["alarm"]
    assert "Roll back: it lowers conversion by 4.1 %." in told["alarm"]
    for verb in ("results", "pause", "stop", "rollback"):
        assert f'"action_id": "{verb}"' in told["alarm"]
    assert "🛑 Roll back: it lowers conversion by 4.1 %." in told["card"], "the card says it, too"


async def test_a_wish_for_looser_guardrails_is_asked_and_settled() -> None:
    asked = await after(Status.RUNNING, (LOOSER, ADA))
    assert "metric latency removed" in asked["loosening_request"]
    assert "It fires on noise." in asked["loosening_request"]
    assert "asks for looser guardrails" in asked["card"]
    settled = await after(Status.RUNNING, (LOOSER, ADA), (AgreeToLoosening(key=KEY, agreed=False), BO))
    assert "kept the guardrails" in settled["loosening_settled"]


async def test_a_promotion_against_the_rule_is_asked_and_settled() -> None:
    asked = await after(Status.DECIDED, (PROMOTE, ADA))
    assert "nothing, since nothing had been read" in asked["promotion_request"]
    assert "10 % → 100 %" in asked["promotion_request"]
    confirmed = await after(Status.DECIDED, (PROMOTE, ADA), (ConfirmPromotion(key=KEY), BO))
    assert "confirmed to ship treatment against the rule's advice" in confirmed["promotion_settled"]
    refused = await after(Status.DECIDED, (PROMOTE, ADA), (ConfirmPromotion(key=KEY, agreed=False), BO))
    assert "refused to ship it" in refused["promotion_settled"]


@pytest.mark.parametrize("routed", [False, True])
async def test_a_rollback_tells_how_long_and_how_many_and_who_moves_the_traffic(routed: bool) -> None:
    told = await after(Status.RUNNING, (RollBack(key=KEY, comment="Orders fell."), BO), routed=routed)
    assert "with 50 % of everybody at the end" in told["rolled_back"]
    assert "Orders fell." in told["rolled_back"]
    assert ("change it where you route traffic" in told["rolled_back"]) is not routed


@pytest.mark.parametrize("routed", [False, True])
async def test_a_card_pretends_no_routing_that_there_is_not(routed: bool) -> None:
    told = await after(Status.RUNNING, (LOOSER, ADA), routed=routed)
    assert ("Routing is not connected" in told["card"]) is not routed
