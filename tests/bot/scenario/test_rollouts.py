"""Over the wire: what won is given to more and more people, stage by stage, and taken away when it does harm."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.assignment import assign
from experiments.commands import (
    ArchiveExperiment,
    ConfirmPromotion,
    LogDecision,
    PauseRollout,
    PromoteVariant,
    ResumeRollout,
)
from experiments.execute import execute
from experiments.model import Experiment, Outcome, Status
from tests.bot.scenario.test_running import card_of
from tests.bot.scenario.traffic_hands import Answers, Application, acts, approved, looks, people, served_at, starts
from tests.bot.web.applications import end
from tests.worlds import ADA, BO

GUARDED = "error-rate proportion down limit 0.25"
STAGES = (1_000, 2_500, 5_000, 9_500)
CROWD, SOME = people(1_500, "crowd"), people(100)
EVERY_TENTH, MOST = 0.1, 0.9


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Application]:
    async with served_at(tmp_path) as application:
        yield application


async def promoted(shop: Application, **plan: object) -> Experiment:
    """The treatment of an experiment that has ended is rolled out with 5 % held back."""
    lab, world = shop.lab, shop.lab.world
    await starts(lab, (await approved(lab, "Price", GUARDED)).key)
    await end(world, "price")
    await execute(LogDecision(key="price", outcome=Outcome.SHIP, reasoning="It is better."), ADA, world)
    wish = {"stages": STAGES, "holdback": 500, "watched": ("error-rate",), "stage_hours": 1.0, **plan}
    await execute(PromoteVariant.model_validate({"key": "price", "variant": "treatment", **wish}), ADA, world)
    rolling = await execute(ConfirmPromotion(key="price"), BO, world)
    await shop.caught_up()
    return rolling


async def visits(shop: Application, errors: float = EVERY_TENTH, harm: float = EVERY_TENTH) -> Answers:
    """Some are served one by one, a crowd was looked up and reports itself; so many of them run into errors."""
    answers = await shop.serves("price", SOME)
    served = shop.lab.snapshot.flag("general", "price")
    assert served is not None
    now = shop.lab.clock.now().isoformat()
    crowd = {unit: assign(served.flag, unit, {}) for unit in CROWD}
    await shop.sends(
        {
            "type": "exposure",
            "experiment": "price",
            "variant": each.variant,
            "unit": unit,
            "time": now,
            "phase": served.flag.phase,
        }
        for unit, each in crowd.items()
        if each.exposed
    )
    given = {unit: each["variant"] for unit, each in answers.items()} | {unit: a.variant for unit, a in crowd.items()}
    failing: dict[str, float] = {}
    for variant, share in (("control", errors), ("treatment", harm)):
        units = [unit for unit, its in given.items() if its == variant]
        failing |= dict.fromkeys(units[: round(share * len(units))], 1.0)
    await shop.reports("error-rate", failing)
    return answers


def reached(answers: Answers) -> set[str]:
    return {unit for unit, each in answers.items() if each["variant"] == "treatment"}


async def test_it_goes_from_stage_to_stage_and_is_shipped_at_the_end_alone(shop: Application) -> None:
    lab = shop.lab
    await promoted(shop)
    before: set[str] = set()
    for share in STAGES[:-1]:
        await looks(lab, 62)
        rolling = await lab.experiment("price")
        assert rolling.rollout is not None
        assert (rolling.status, rolling.rollout.share) == (Status.ROLLING_OUT, share), "it waits without data"
        card = str(await card_of(lab, "price"))
        assert f"Rolling out {share // 100} %" in card
        assert "Rolled out" not in card
        answers = await visits(shop)
        assert before <= reached(answers)
        assert len(reached(answers)) == pytest.approx(share / 100, abs=12)
        assert {each["reason"] for each in answers.values()} == {"SPLIT"}
        before = reached(answers)
        await looks(lab)
        await shop.caught_up()
    rolled_out = await lab.experiment("price")
    assert rolled_out.status is Status.ROLLED_OUT
    assert "Rolled out" in str(await card_of(lab, "price"))
    await execute(ArchiveExperiment(key="price"), ADA, lab.world)
    await shop.caught_up()
    assert (await lab.experiment("price")).status is Status.ARCHIVED
    last = await shop.serves("price", SOME)
    assert before <= reached(last)
    assert 85 <= len(reached(last)) < 100, "the holdback keeps control"


async def test_from_its_card_it_is_rolled_back(shop: Application) -> None:
    lab = shop.lab
    await promoted(shop)
    assert 0 < len(reached(await shop.serves("price", SOME))) < 30
    await lab.presses("rollback", await lab.message_with("Rollout of "), user=BO.user)
    await shop.until("price", "DISABLED")
    assert reached(await shop.serves("price", SOME)) == set()


async def test_harm_takes_it_back_at_once(shop: Application) -> None:
    lab = shop.lab
    await promoted(shop, stages=(2_500, 9_500))
    await visits(shop, harm=MOST)
    await looks(lab)
    await shop.until("price", "DISABLED")
    assert (await lab.experiment("price")).status is Status.ROLLED_BACK
    assert [each.command for each in await acts(lab, "price")] == ["RollBack"]
    assert reached(await shop.serves("price", SOME)) == set()


async def test_held_it_stays_and_let_go_on_it_begins_the_stage_anew(shop: Application) -> None:
    lab = shop.lab
    await promoted(shop, stages=(2_500, 9_500))
    await visits(shop)
    await execute(PauseRollout(key="price"), ADA, lab.world)
    await looks(lab, 90)
    assert (await lab.experiment("price")).rollout.share == 2_500
    await execute(ResumeRollout(key="price"), ADA, lab.world)
    await shop.caught_up()
    begun = lab.clock.now()
    await looks(lab, 30)
    again = await visits(shop)
    assert 0 < len(reached(again)) < 50
    await looks(lab, 20)
    assert (await lab.experiment("price")).rollout.share == 2_500
    await visits(shop)
    [found] = (
        await lab.world.measurements.measure([await lab.experiment("price")], lab.clock.now(), detail=False)
    ).values()
    assert sum(row.n for row in found.rows if row.metric == "error-rate") == len(CROWD) + len(SOME)
    await looks(lab, 15)
    assert lab.clock.now() - begun > timedelta(hours=1)
    assert (await lab.experiment("price")).rollout.share == 9_500
