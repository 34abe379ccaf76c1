"""Over the wire: a harmful variant is stopped with one card, a rollout is held and goes on, testers are set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.world
from experiments.aggregate import Aggregate
from experiments.measuring import Measured
from experiments.model import Status
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, Lab, eventually, lab_at
from tests.bot.scenario.test_running import card_of, chooses, shipped_against_the_rule
from tests.worlds import ScriptedMeasurements

MINUTE = 60.0
HOUR = 3_600.0
LIVE = ("🚚 *Rollout of", "↩️ The rollout of")


@pytest.fixture
def measurements(monkeypatch: pytest.MonkeyPatch) -> ScriptedMeasurements:
    """What Bunsen measures, in place of what its event store holds."""
    scripted = ScriptedMeasurements()
    monkeypatch.setattr(bot.world, "BySource", lambda *parts, **more: scripted)
    return scripted


@pytest.fixture
async def watched(measurements: ScriptedMeasurements, tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_at(tmp_path) as lab:
        yield lab


async def measured(lab: Lab, key: str, rate: float, measurements: ScriptedMeasurements) -> None:
    """Two minutes later that share of those with the treatment met an error, and of the others 2 %."""
    experiment = await lab.experiment(key)
    lab.clock.advance(2.5 * MINUTE)
    now = lab.world.now()
    assert experiment.started_at is not None
    day = (now - experiment.started_at) / timedelta(days=1)
    rows = [
        Aggregate(metric, variant, day, 5_000, p, p * (1 - p))
        for metric in ("conversion", "error-rate")
        for variant, p in (("control", 0.02), ("treatment", rate))
    ]
    measurements.rows[key] = Measured(tuple(rows), now, now)


async def becomes(lab: Lab, key: str, status: Status) -> None:
    async def so() -> bool:
        return (await lab.experiment(key)).status is status

    await eventually(so)


async def test_harm_is_stopped_with_one_card_whose_buttons_work(
    watched: Lab, measurements: ScriptedMeasurements
) -> None:
    lab = watched
    running = await lab.runs()
    await lab.types(f"guardrails {running.key}")
    await lab.submits(guardrails="error-rate proportion down limit 0.005 stop")
    await lab.settled()
    await measured(lab, running.key, 0.02, measurements)
    await measured(lab, running.key, 0.06, measurements)
    await becomes(lab, running.key, Status.STOPPED)
    await lab.settled()
    told = await lab.message_with("Guardrail stopped *")
    for words in (f"<@{ADA}>", "error-rate is 4.0 points worse", "you allow 0.50 points", "10,000 users", "*Look*"):
        assert words in str(told), words
    assert "Everybody should get control now. The data stay" in str(told), "routing is not connected here"
    assert sum("Guardrail stopped *" in str(each) for each in await lab.messages()) == 1
    assert "Stopped (harm)" in str(await card_of(lab, running.key))
    await lab.presses("results", told, user=BO)
    await lab.presses("decide", told)
    await lab.submits(outcome="abandon", reasoning="It doubles the errors.")
    await lab.settled()
    await becomes(lab, running.key, Status.DECIDED)
    await lab.presses("decide", told, user=BO)
    await lab.modal_titled("Not now", BO)
    assert await verify(lab.database, lab.world.workspace) == []


async def live_card(lab: Lab, text: str) -> dict[str, Any]:
    """The one live card, once this stands in it."""

    async def found() -> dict[str, Any] | None:
        cards = [each for each in await lab.messages() if each.get("text", "").startswith(LIVE)]
        assert len(cards) <= 1, "it is edited in place"
        return next((each for each in cards if text in str(each)), None)

    card: dict[str, Any] = await eventually(found)
    return card


async def test_a_rollout_is_held_from_its_live_card_and_goes_on_by_itself(watched: Lab) -> None:
    lab = watched
    decided = await shipped_against_the_rule(lab)
    await lab.types(f"promote {decided.key}")
    await lab.submits(stage_hours="2")
    await lab.settled()
    await lab.presses("confirm_promotion", await lab.message_with("'confirm_promotion'"), user=BO)
    await lab.presses("hold", await live_card(lab, "Stage 1 of 4"), user=BO)
    await lab.submits(BO, comment="Support is busy")
    held = await live_card(lab, "Held since")
    assert "'hold'" not in str(held)
    lab.clock.advance(5 * HOUR)
    await lab.settled()
    assert "Rolling out 10 %" in str(await card_of(lab, decided.key)), "its time is up, but it is held"
    await lab.presses("go_on", held)
    await lab.submits()
    await live_card(lab, "On to 25 % by itself")
    lab.clock.advance(2.2 * HOUR)
    await live_card(lab, "Stage 2 of 4")
    await lab.presses("rollback", await live_card(lab, "Stage 2 of 4"))
    await live_card(lab, "is over: rolled back")
    await lab.settled()
    assert (await lab.experiment(decided.key)).status is Status.ROLLED_BACK
    assert await verify(lab.database, lab.world.workspace) == []


async def test_testers_are_set_from_the_menu_and_stand_on_the_card(watched: Lab) -> None:
    lab = watched
    running = await lab.runs()
    await lab.types(f"testers {running.key}")
    refused = await lab.submits(overrides="user-1 = winner")
    assert "Line 1: there is no variant winner" in str(refused)
    await lab.submits(overrides="user-1 = treatment\n<!channel> = control")
    await lab.settled()
    assert (await lab.experiment(running.key)).overrides == {"user-1": "treatment", "<!channel>": "control"}
    card = await card_of(lab, running.key)
    assert "2 testers, not counted" in str(card)
    await chooses(lab, "Testers", card, user=BO)
    await lab.modal_titled("Testers", BO)
