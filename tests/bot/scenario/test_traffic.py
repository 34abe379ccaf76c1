"""Over the wire: what starts in Slack routes an application's traffic, what it reports is read, and harm is stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.model import Status, StopReason
from storage.verify import verify
from tests.bot.scenario import traffic_hands as hands
from tests.bot.scenario.lab import Lab
from tests.bot.web.test_replicas import everywhere, replica
from tests.databases import Place

COUNT = 300
AN_HOUR = 60.0


async def cards(lab: Lab, text: str) -> list[dict[str, Any]]:
    return [each for each in await lab.messages() if text in str(each) and "thread_ts" not in each]


async def test_harm_is_stopped_on_every_replica_and_nothing_counts_after_that(
    postgres_place: Place, tmp_path: Path
) -> None:
    async with hands.served_at(tmp_path, database_url=postgres_place.url) as shop, replica(postgres_place.url) as other:
        lab = shop.lab
        ready = await hands.approved(lab)
        before = await shop.until(ready.key, "DISABLED")
        assert (before["variant"], before["reason"], before["metadata"]["exposed"]) == ("control", "DISABLED", False)
        await hands.starts(lab, ready.key)
        await shop.until(ready.key, "SPLIT")
        lab.clock.advance(60)
        answers = await shop.serves(ready.key, hands.people(COUNT))
        assert {each["reason"] for each in answers.values()} == {"SPLIT"}
        treated, controls = hands.units_with(answers, "treatment"), hands.units_with(answers, "control")
        bought = hands.rate(controls, 0.1) | hands.rate(treated, 0.1)
        await shop.reports("conversion", bought)
        await shop.reports("error-rate", hands.rate(controls, 0.02) | hands.rate(treated, 0.02))
        await hands.looks(lab, AN_HOUR + 5)
        exposed = hands.by_variant(answers)
        await said_in_results(lab, ready.key, exposed)
        rows = await hands.newest(lab, ready.key)
        assert {variant: rows["conversion", variant].n for variant in exposed} == exposed
        assert {
            variant: round(rows["conversion", variant].mean * rows["conversion", variant].n)
            for variant in ("control", "treatment")
        } == {
            variant: len(bought.keys() & set(hands.units_with(answers, variant)))
            for variant in ("control", "treatment")
        }
        assert (await lab.experiment(ready.key)).status is Status.RUNNING

        await shop.reports("error-rate", hands.rate(treated, 0.5))
        await hands.looks(lab)
        await shop.until(ready.key, "DISABLED")
        seconds = await everywhere([shop.http, other], ready.key, ("control", "DISABLED", 1))
        sys.stdout.write(f"\nafter the stop was seen on one replica, the other followed within {seconds:.2f} s\n")
        stopped = await lab.experiment(ready.key)
        assert (stopped.status, stopped.stop_reason) == (Status.STOPPED, StopReason.HARM)
        assert [each.command for each in await hands.acts(lab, ready.key)] == ["StopExperiment"]
        [card] = await cards(lab, "Guardrail stopped")
        for told in (
            "error-rate is",
            "you allow 0.50 points",
            "*With treatment*",
            "*With control*",
            "*Look*",
            "*Seen*",
        ):
            assert told in str(card), told

        late = await shop.serves(ready.key, hands.people(50, "late"))
        assert {(each["variant"], each["metadata"]["exposed"]) for each in late.values()} == {("control", False)}
        lab.clock.advance(60)
        await shop.reports("conversion", dict.fromkeys(treated, 1.0))
        await shop.sends(
            {"type": "exposure", "experiment": ready.key, "variant": "treatment", "unit": unit,
             "time": lab.clock.now().isoformat()} for unit in late
        )  # fmt: skip
        for _ in range(3):
            await hands.looks(lab)
        after = await hands.newest(lab, ready.key)
        assert stopped.stopped_at is not None
        assert {variant: after["conversion", variant].n for variant in exposed} == exposed
        assert after["conversion", "treatment"].mean == rows["conversion", "treatment"].mean
        assert (await lab.experiment(ready.key)).measured.until == stopped.stopped_at
        assert await verify(lab.database, lab.world.workspace) == []


async def said_in_results(lab: Lab, key: str, units: Mapping[str, int]) -> None:
    """`/experiment results` shows how many units each variant has."""
    await lab.types(f"results {key}")
    await lab.settled()
    readout = str(await lab.message_with("always-valid"))
    for count in units.values():
        assert f"(n\xa0=\xa0{count})" in readout.replace("\\xa0", "\xa0")
