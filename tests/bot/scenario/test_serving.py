"""Over the wire: what people do to an experiment in Slack is what an application is told, person by person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.canary import CanaryPlan
from experiments.commands import ConfigureTraffic
from experiments.execute import change_policies, execute
from experiments.model import Status
from experiments.policy import Project, SetProject
from experiments.targeting import Condition, Exclusion, Operator
from handlers.booked import run_booked
from tests.bot.scenario.lab import BO
from tests.bot.scenario.test_running import card_of
from tests.bot.scenario.traffic_hands import (
    GUARDED,
    Answers,
    Application,
    approved,
    by_variant,
    looks,
    newest,
    people,
    rate,
    served_at,
    starts,
    units_with,
)
from tests.bot.web.applications import BOSS, begin
from tests.worlds import ADA

SOME, MANY = people(120), people(260)
FIRST_HALF, SECOND_HALF = (Exclusion(group="checkout", first=first, share=5_000) for first in (0, 5_000))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Application]:
    async with served_at(tmp_path) as application:
        yield application


def variants(answers: Answers) -> dict[str, str]:
    return {unit: each["variant"] for unit, each in answers.items()}


def exposed(answers: Answers) -> dict[str, str]:
    """The variants of those who take part."""
    return {unit: each["variant"] for unit, each in answers.items() if each["metadata"]["exposed"]}


def reasons(answers: Answers) -> set[str]:
    return {each["reason"] for each in answers.values()}


async def test_a_booked_start_and_stop_move_the_traffic(shop: Application) -> None:
    lab = shop.lab
    ready = await approved(lab)
    start = lab.clock.now() + timedelta(hours=20)
    stop = start + timedelta(days=3)
    await lab.types(f"schedule {ready.key}")
    await lab.submits(start_at=int(start.timestamp()), stop_at=int(stop.timestamp()))
    await shop.until(ready.key, "DISABLED")
    lab.clock.set(start - timedelta(minutes=1))
    await run_booked(lab.world)
    assert reasons(await shop.serves(ready.key, SOME[:20])) == {"DISABLED"}
    lab.clock.set(start)
    await run_booked(lab.world)
    await shop.until(ready.key, "SPLIT")
    assert len(by_variant(await shop.serves(ready.key, SOME[:20]))) == 2
    lab.clock.set(stop)
    await run_booked(lab.world)
    await shop.until(ready.key, "DISABLED")
    assert by_variant(await shop.serves(ready.key, SOME[:20])) == {}
    assert (await lab.experiment(ready.key)).status is Status.STOPPED


async def test_a_pause_gives_everybody_control_and_what_follows_is_as_before(shop: Application) -> None:
    lab = shop.lab
    running = await starts(lab, (await approved(lab)).key)
    await shop.until(running.key, "SPLIT")
    before = await shop.serves(running.key, SOME)
    assert len(by_variant(before)) == 2
    await lab.types(f"pause {running.key}", BO)
    await lab.submits(BO)
    await shop.until(running.key, "DISABLED")
    paused = await shop.serves(running.key, SOME)
    assert set(variants(paused).values()) == {"control"}
    assert by_variant(paused) == {}
    await lab.types(f"resume {running.key}", BO)
    await lab.submits(BO)
    await shop.until(running.key, "SPLIT")
    assert variants(await shop.serves(running.key, SOME)) == variants(before)
    await looks(lab, 70)
    assert {row.n for row in (await newest(lab, running.key)).values()} == set(by_variant(before).values())


async def test_other_weights_are_read_by_themselves_and_more_exposure_moves_nobody(shop: Application) -> None:
    lab = shop.lab
    await begin(lab.world, "price", exposure=3_000)
    await shop.caught_up()
    few = exposed(await shop.serves("price", SOME))
    await execute(ConfigureTraffic(key="price", exposure=7_000), ADA, lab.world)
    await shop.caught_up()
    more = exposed(await shop.serves("price", SOME))
    assert 0 < len(few) < len(more) < len(SOME)
    assert {unit: more.get(unit) for unit in few} == few
    lab.clock.advance(3_600)
    await shop.reports("conversion", dict.fromkeys(more, 1.0))
    await execute(ConfigureTraffic(key="price", weights={"control": 2_000, "treatment": 8_000}), ADA, lab.world)
    await shop.caught_up()
    lab.clock.advance(60)
    again = await shop.serves("price", SOME[:60])
    assert {each["metadata"]["phase"] for each in again.values()} == {2}
    treated = set(units_with(again, "treatment"))
    assert treated > {unit for unit, variant in more.items() if variant == "treatment" and unit in exposed(again)}
    await shop.reports("conversion", rate(sorted(treated), 0.5))
    await looks(lab, 90)
    rows = await newest(lab, "price")
    assert {variant: rows["conversion", variant].n for variant in ("control", "treatment")} == by_variant(again)
    assert rows["conversion", "control"].mean == 0.0
    assert rows["conversion", "treatment"].mean == pytest.approx(round(0.5 * len(treated)) / len(treated))


async def test_from_every_card_it_is_rolled_back(shop: Application) -> None:
    """The card of the experiment, what goes on in a canary, and what the guardrail says."""
    lab = shop.lab
    for title in ("Bigger button", "Quiet canary", "Louder button"):
        plan = {"canary": CanaryPlan()} if "canary" in title else {}
        ready = await approved(lab, title, f"{GUARDED} warn", **plan)
        running = await starts(lab, ready.key)
        await shop.caught_up()
        if title == "Bigger button":
            card = await card_of(lab, running.key)
        elif plan:
            await looks(lab)
            card = await lab.message_with("Canary of ")
        else:
            answers = await shop.serves(running.key, MANY)
            await shop.reports("error-rate", rate(units_with(answers, "treatment"), 0.9))
            await looks(lab)
            card = await lab.message_with("Guardrail breached in")
        lab.clock.advance(60)
        await lab.presses("rollback", card, user=BO)
        await shop.until(running.key, "DISABLED")
        await shop.caught_up()
        assert (await lab.experiment(running.key)).status is Status.ROLLED_BACK
    await looks(lab)
    measured = (await lab.experiment(running.key)).measured
    assert measured is not None
    assert measured.until == (await lab.experiment(running.key)).stopped_at


async def test_testers_see_their_variant_and_are_not_counted(shop: Application) -> None:
    lab = shop.lab
    running = await starts(lab, (await approved(lab)).key)
    await shop.caught_up()
    answers = await shop.serves(running.key, SOME)
    await lab.types(f"testers {running.key}")
    await lab.submits(overrides="qa-1 = treatment\nqa-2 = control")
    await shop.caught_up()
    testers = await shop.serves(running.key, ("qa-1", "qa-2"))
    assert variants(testers) == {"qa-1": "treatment", "qa-2": "control"}
    assert reasons(testers) == {"TARGETING_MATCH"}
    assert by_variant(testers) == {}
    await shop.reports("conversion", {"qa-1": 1.0, "qa-2": 1.0})
    await looks(lab, 70)
    rows = await newest(lab, running.key)
    assert {variant: rows["conversion", variant].n for variant in ("control", "treatment")} == by_variant(answers)
    assert {row.mean for row in rows.values()} == {0.0}


async def test_only_the_audience_takes_part_and_the_holdout_in_nothing(shop: Application) -> None:
    lab = shop.lab
    germans = (Condition(attribute="country", operator=Operator.IS, values=("DE",)),)
    await begin(lab.world, "price", audience=germans)
    await begin(lab.world, "colour")
    await shop.caught_up()
    assert exposed(await shop.serves("price", SOME, country="FR")) == {}
    assert exposed(await shop.serves("price", SOME)) == {}
    before = {key: exposed(await shop.serves(key, SOME, country="DE")) for key in ("price", "colour")}
    assert {len(each) for each in before.values()} == {len(SOME)}
    await change_policies(SetProject(project=Project(name="general", holdout=3_000)), BOSS, lab.world)
    await shop.caught_up()
    after = {key: exposed(await shop.serves(key, SOME, country="DE")) for key in ("price", "colour")}
    left_out = {key: set(SOME) - set(each) for key, each in after.items()}
    assert left_out["price"] == left_out["colour"]
    assert 0 < len(left_out["price"]) < len(SOME) / 2
    assert all(before[key][unit] == variant for key, each in after.items() for unit, variant in each.items())


async def test_two_experiments_of_a_group_share_nobody(shop: Application) -> None:
    lab = shop.lab
    await begin(lab.world, "price", exclusion=FIRST_HALF)
    await begin(lab.world, "colour", exclusion=SECOND_HALF)
    await shop.caught_up()
    price, colour = [exposed(await shop.serves(key, SOME)) for key in ("price", "colour")]
    assert price.keys().isdisjoint(colour)
    assert price.keys() | colour.keys() == set(SOME)
    assert min(len(price), len(colour)) > len(SOME) / 4
