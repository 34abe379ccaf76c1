"""Visitors ask, see, act and are heard of: live, late, in the past, and when something goes wrong on the way."""

from __future__ import annotations

from collections import Counter as Count
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.visitors.door import Door
from bot.visitors.journey import Journey
from bot.visitors.presets import PRESETS
from bot.visitors.scenario import Scenario
from experiments.errors import Unavailable
from tests.bot.visitors.counter import Counter, door_to, variant_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CLICKS = {"metric": "clicks", "kind": "mean", "baseline": 4}


def scenario(**changes: Any) -> Scenario:
    return Scenario.model_validate({"experiment": "checkout", "people_per_day": 2_400, "metrics": [CLICKS], **changes})


class Hands:
    """A clock that moves on by `minutes` whenever somebody sleeps."""

    def __init__(self, minutes: float = 10, at: datetime = NOON) -> None:
        self.time, self.minutes = at, minutes

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(minutes=self.minutes)


async def lived(
    door: Door, given: Scenario, *, hours: float = 3, past: float = 0, minutes: float = 10, tolerance: float = 1
) -> Journey:
    """The journey after so many hours from now on, having begun `past` hours ago."""
    hands = Hands(minutes)
    journey = Journey(given, door, NOON - timedelta(hours=past), tolerance=timedelta(hours=tolerance))
    await journey.live(NOON + timedelta(hours=hours), hands.now, sleep=hands.sleep)
    return journey


def moment(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])


async def test_live_people_are_exposed_by_their_evaluation_and_act_after_it() -> None:
    counter = Counter()
    async with door_to(counter) as (door, _):
        tally = (await lived(door, scenario())).tally
    assert tally.people == tally.visits == tally.evaluations == len(counter.evaluated["checkout"])
    assert 200 < tally.people < 400
    assert not counter.looked_up
    assert not counter.of("exposure")
    clicks = counter.of("observation")
    assert len(clicks) + tally.ahead == tally.people
    assert tally.kept == len(clicks)
    assert {name: each.people for name, each in tally.variants.items()} == Count(
        map(variant_of, counter.evaluated["checkout"])
    )
    assert all(NOON < moment(event) <= NOON + timedelta(hours=3) for event in clicks)


async def test_the_variant_is_the_one_that_was_answered() -> None:
    counter = Counter()
    given = scenario(metrics=[{**CLICKS, "effects": {"treatment": 1.0}}])
    async with door_to(counter) as (door, _):
        await lived(door, given)
    assert {(variant_of(event["unit"]), event["value"]) for event in counter.of("observation")} == {
        ("control", 4),
        ("treatment", 8),
    }


async def test_attributes_travel_with_the_evaluation() -> None:
    counter = Counter()
    given = scenario(segments=[{"attribute": "plan", "levels": [{"name": "free", "share": 1}]}])
    async with door_to(counter) as (door, _):
        await lived(door, given, hours=1)
    assert all(context["plan"] == "free" for context in counter.contexts)
    assert counter.contexts


async def test_the_past_is_made_up_for_with_its_own_times() -> None:
    counter = Counter()
    async with door_to(counter) as (door, _):
        tally = (await lived(door, scenario(), hours=0, past=24, tolerance=0)).tally
    exposures = {event["unit"]: event for event in counter.of("exposure")}
    assert not counter.evaluated
    assert len(exposures) == tally.people == len(counter.looked_up)
    assert 2_200 < tally.people < 2_600
    for unit, event in exposures.items():
        assert event["variant"] == variant_of(unit)
        assert event["phase"] == 1
        assert NOON - timedelta(hours=24) < moment(event) <= NOON
    for event in counter.of("observation"):
        assert moment(event) - moment(exposures[event["unit"]]) == timedelta(seconds=1)
    assert max(len(batch) for batch in counter.batches.values()) == 1_000


async def test_the_same_seed_tells_the_past_the_same_way() -> None:
    told = []
    for _ in range(2):
        counter = Counter()
        async with door_to(counter) as (door, _):
            await lived(door, PRESETS["bots"].changed(experiment="checkout", people_per_day=200), hours=0, past=24)
        told.append(sorted(map(str, counter.events)))
    assert told[0] == told[1]


async def test_who_came_while_nobody_looked_is_reported_with_the_true_time() -> None:
    """A machine that slept for five hours: the server's own time would be wrong for those who came meanwhile."""
    counter = Counter()
    async with door_to(counter) as (door, _):
        await lived(door, scenario(), hours=5, minutes=300)
    late = counter.of("exposure")
    assert len(late) == len(counter.looked_up) > 300
    assert counter.evaluated["checkout"]
    assert all(moment(event) < NOON + timedelta(hours=4.1) for event in late)


async def test_nobody_is_exposed_where_nothing_is_served() -> None:
    counter = Counter(serving=False)
    async with door_to(counter) as (door, _):
        tally = (await lived(door, scenario(), past=6)).tally
    assert not counter.of("exposure")
    assert counter.of("observation")
    assert tally.variants["control"].exposures == 0
    assert set(tally.variants) == {"control"}


async def test_what_is_delayed_comes_when_it_is_due() -> None:
    counter = Counter()
    given = scenario(metrics=[{**CLICKS, "delay_hours": 2}])
    async with door_to(counter) as (door, _):
        hands = Hands(10)
        sent: list[datetime] = []
        journey = Journey(given, door, NOON, tolerance=timedelta(hours=1))
        knows = Door.send

        async def send(self: Door, lines: list[str]) -> None:
            sent.append(hands.now())
            await knows(self, lines)

        door.send = send.__get__(door)  # type: ignore[method-assign]
        await journey.live(NOON + timedelta(hours=6), hands.now, sleep=hands.sleep)
    assert journey.tally.ahead > 50
    assert journey.tally.ahead + len(counter.events) == journey.tally.people
    assert all(moment(event) <= sent[-1] for event in counter.events)


async def test_lost_exposures_leave_a_bad_ratio() -> None:
    counter = Counter()
    given = scenario(exposures="events", people_per_day=4_800, losses=[{"variant": "*", "share": 0.3}])
    async with door_to(counter) as (door, _):
        tally = (await lived(door, given, hours=0, past=10)).tally
    arms = Count(event["variant"] for event in counter.of("exposure"))
    assert arms["control"] == tally.variants["control"].people
    assert arms["treatment"] / tally.variants["treatment"].people == pytest.approx(0.7, abs=0.06)
    assert tally.lost == {"exposures that were never reported": tally.variants["treatment"].people - arms["treatment"]}


async def test_lost_observations_leave_exposures_alone() -> None:
    counter = Counter()
    given = scenario(losses=[{"variant": "control", "share": 1, "what": "observations"}])
    async with door_to(counter) as (door, _):
        tally = (await lived(door, given)).tally
    assert {variant_of(event["unit"]) for event in counter.of("observation")} == {"treatment"}
    assert tally.lost == {"observations that were never reported": tally.variants["control"].people}
    assert tally.variants["control"].exposures == tally.variants["control"].people


async def test_an_outage_delays_or_loses_its_stretch() -> None:
    outages = [{"after_hours": 1, "hours": 2}, {"after_hours": 4, "hours": 1, "lost": True}]
    counter = Counter()
    seen: list[tuple[datetime, int]] = []
    async with door_to(counter) as (door, _):
        hands = Hands(10)
        journey = Journey(scenario(outages=outages), door, NOON, tolerance=timedelta(hours=1))

        async def sleep(seconds: float) -> None:
            seen.append((hands.now(), len(counter.events)))
            await hands.sleep(seconds)

        await journey.live(NOON + timedelta(hours=6), hands.now, sleep=sleep)
    hours = Count(int((moment(event) - NOON) / timedelta(hours=1)) for event in counter.events)
    assert set(hours) == {0, 1, 2, 3, 5}
    assert journey.tally.late == hours[1] + hours[2]
    assert journey.tally.lost["events in an outage"] > 50
    silent = {count for when, count in seen if timedelta(hours=1.7) < when - NOON < timedelta(hours=2.9)}
    assert len(silent) == 1


async def test_nothing_is_lost_or_doubled_by_a_server_in_trouble() -> None:
    troubles = [Response(status_code=503), Response(status_code=429, headers={"Retry-After": "1"})] * 20
    counter = Counter(troubles=troubles)
    async with door_to(counter) as (door, waits):
        tally = (await lived(door, scenario(), hours=0, past=6, tolerance=0)).tally
    assert tally.retried == len(waits) == 40
    assert len(counter.of("exposure")) == len({event["unit"] for event in counter.of("exposure")}) == tally.people
    assert tally.kept == len(counter.events)


async def test_a_refusal_ends_the_journey() -> None:
    counter = Counter(troubles=[JSONResponse({"errorDetails": "no such scope"}, 403)])
    async with door_to(counter) as (door, _):
        with pytest.raises(Unavailable, match="no such scope"):
            await lived(door, scenario())
