"""Over the wire: a canary goes from step to step by what Prometheus or the events say of it, and back when it fails."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.canary import CanaryPlan
from experiments.design import Action, Direction, Limit, Metric, MetricKind, MetricRole, Variant
from experiments.execute import change_policies
from experiments.model import Experiment, Status
from experiments.policy import Project, SetProject
from experiments.policy_commands import AllowHosts
from experiments.sources import DataSource
from tests.bot.connectors.prometheus.server import prometheus
from tests.bot.scenario.lab import NOON
from tests.bot.scenario.traffic_hands import Application, acts, looks, people, served_at
from tests.bot.web.applications import BOSS, begin

PLAN = CanaryPlan(steps=(500, 2_500), minutes=30)
ARMS = (Variant(key="stable", weight=9_500, is_control=True), Variant(key="canary", weight=500))
STEP = timedelta(minutes=30)
SCRAPED = 15
HARM = 1.5


def made() -> str:
    """Three hours of latency: that of a good canary, and that of a bad one."""
    dice = random.Random(7)
    lines = []
    for name, harm in (("good", 1.0), ("bad", HARM)):
        lines.append(f"# TYPE {name}_seconds gauge")
        for variant, times in (("stable", 1.0), ("canary", harm)):
            lines += [
                f'{name}_seconds{{variant="{variant}"}} {times * dice.lognormvariate(0, 0.1):.6f} {at}'
                for at in range(int(NOON.timestamp()), int(NOON.timestamp()) + 3 * 3_600, SCRAPED)
            ]
    return "\n".join([*lines, "# EOF\n"])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), openmetrics=made()) as url:
        yield url


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Application]:
    async with served_at(tmp_path) as application:
        yield application


def latency(query: str = "", **more: Any) -> Metric:
    return Metric(
        key="latency", role=MetricRole.PRIMARY, kind=MetricKind.MEAN, direction=Direction.DOWN, query=query, **more
    )


async def asks(shop: Application, prometheus: str) -> None:
    """The project asks this Prometheus, inside its own network."""
    world = shop.lab.world
    await change_policies(AllowHosts(hosts=("127.0.0.0/8",)), BOSS, world)
    project = Project(name="general", source=DataSource(prometheus=prometheus))
    await change_policies(SetProject(project=project), BOSS, world)


def shares(experiment: Experiment) -> list[int]:
    """The canary's share in every phase."""
    return [phase.weights["canary"] for phase in experiment.phases]


async def test_prometheus_lets_a_good_canary_pass_and_takes_a_bad_one_back(shop: Application, address: str) -> None:
    lab = shop.lab
    await asks(shop, address)
    for name in ("good", "bad"):
        await begin(
            lab.world, name, variants=ARMS, canary=PLAN, metrics=(latency(f'{name}_seconds{{variant="{{variant}}"}}'),)
        )
    await shop.caught_up()
    assert {(await shop.asks(name, "nobody"))["reason"] for name in ("good", "bad")} == {"SPLIT"}
    for minutes in (10, 21, 10, 21):
        await looks(lab, minutes)
    await shop.caught_up()
    good, bad = await lab.experiment("good"), await lab.experiment("bad")
    assert (good.status, shares(good)) == (Status.RUNNING, [500, 2_500])
    assert (bad.status, shares(bad)) == (Status.ROLLED_BACK, [500])
    assert [each.command for each in await acts(lab, "bad")] == ["RollBack"]
    assert bad.breach is not None
    assert "latency is higher with canary than with stable" in bad.breach.words
    assert (await shop.asks("bad"))["reason"] == "DISABLED"
    assert {each["variant"] for each in (await shop.serves("good", people(60))).values()} == {"stable", "canary"}


async def visits(shop: Application, key: str, harm: float) -> None:
    """Half an hour of people who were looked up before, four in each variant and half minute, all reported now."""
    dice, now = random.Random(11), shop.lab.clock.now()
    phase = len((await shop.lab.experiment(key)).phases)
    events: list[dict[str, Any]] = []
    for window in range(60):
        at = (now - STEP + timedelta(seconds=30 * window + 5)).isoformat()
        for variant, times in (("stable", 1.0), ("canary", harm)):
            for number in range(4):
                unit = f"{key}-{phase}-{window}-{variant}-{number}"
                value = times * dice.lognormvariate(0, 0.2)
                events.append({"type": "exposure", "experiment": key, "variant": variant, "unit": unit, "time": at})
                events.append({"type": "observation", "metric": "latency", "value": value, "unit": unit, "time": at})
    await shop.sends(events)


async def test_so_do_events(shop: Application) -> None:
    lab = shop.lab
    for name in ("good", "bad"):
        await begin(lab.world, name, variants=ARMS, canary=PLAN, metrics=(latency(),))
    await shop.caught_up()
    for _ in PLAN.steps:
        lab.clock.advance(STEP.total_seconds())
        await visits(shop, "good", 1.0)
        if (await lab.experiment("bad")).status is Status.RUNNING:
            await visits(shop, "bad", HARM)
        await looks(lab, 0.5)
    good, bad = await lab.experiment("good"), await lab.experiment("bad")
    assert (good.status, shares(good)) == (Status.RUNNING, [500, 2_500])
    assert (bad.status, shares(bad)) == (Status.ROLLED_BACK, [500])
    assert await shop.until("bad", "DISABLED")


async def test_a_prometheus_that_is_gone_leaves_other_guardrails_at_work_and_is_told(
    shop: Application, address: str
) -> None:
    lab = shop.lab
    await asks(shop, "http://127.0.0.1:9")
    guard = {"role": MetricRole.GUARDRAIL, "action": Action.STOP, "limit": Limit(harm=0.1)}
    blind = latency('good_seconds{variant="{variant}"}').model_copy(update=guard)
    seeing = Metric(key="error-rate", kind=MetricKind.PROPORTION, direction=Direction.DOWN, **guard)
    primary = Metric(key="conversion", role=MetricRole.PRIMARY)
    await begin(lab.world, "blind", metrics=(primary, blind))
    await begin(lab.world, "seeing", metrics=(primary, seeing))
    await shop.caught_up()
    answers = await shop.serves("seeing", people(260))
    await shop.serves("blind", people(260))
    treated = [unit for unit, each in answers.items() if each["variant"] == "treatment"]
    await shop.reports("error-rate", dict.fromkeys(treated, 1.0))
    await looks(lab)
    assert (await lab.experiment("seeing")).status is Status.STOPPED
    for _ in range(4):
        await looks(lab, 16)
    [alarm] = await acts(lab, "blind")
    told = (await lab.experiment("blind")).breach
    assert alarm.command == "RaiseAlarm"
    assert told is not None
    assert (told.metric, told.missing) == ("latency", True)
    assert (await lab.experiment("blind")).status is Status.RUNNING
