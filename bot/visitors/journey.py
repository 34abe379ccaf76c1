"""Journey: the visitors of a scenario come one after the other, are assigned, act, and what they did is sent."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np

from bot.visitors.door import Answer
from bot.visitors.outcomes import HOUR, Observed, exposure_line, iso, lines_of, observed
from bot.visitors.people import Flags, Population, Visits
from bot.visitors.scenario import Exposures, Kept, Loss, Outage, Scenario
from bot.visitors.tally import Tally
from experiments.errors import BunsenError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BATCH = 1_000
BATCHES_AT_ONCE = 4
LOOKS_A_BATCH = 2
# A server records its own time with an evaluation: who came earlier is reported by an event with the true time.
TOLERANCE = timedelta(minutes=1)


class Bunsen(Protocol):
    """What visitors need of Bunsen; `bot.visitors.door.Door` has it over HTTP."""

    connections: int
    retried: int

    async def evaluate(self, experiment: str, unit: str, attributes: dict[str, str]) -> Answer: ...
    async def look_up(self, experiment: str, unit: str, attributes: dict[str, str]) -> Answer: ...
    async def send(self, lines: list[str]) -> None: ...


class Journey:
    """One scenario from `since` on; `tally` tells how far it has come.

    Who came more than `tolerance` before they are looked at counts as having been there at their own time.
    """

    def __init__(
        self, scenario: Scenario, bunsen: Bunsen, since: datetime, *, tolerance: timedelta = TOLERANCE
    ) -> None:
        self.scenario = scenario
        self.tally = Tally(scenario.experiment)
        self.bunsen = bunsen
        self._start = self._reached = self._moment = _microseconds(since)
        self._people = Population(scenario, self._start)
        self._ready: list[str] = []
        self._waiting: list[tuple[int, int, str]] = []
        self._order = itertools.count()
        self.tolerance = tolerance

    async def live(
        self,
        until: datetime | None,
        now: Callable[[], datetime],
        *,
        every: float = 0.25,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Let everybody visit until then, as fast as `now` allows; looks at it `every` so many real seconds."""
        end = None if until is None else _microseconds(until)
        try:
            for look in itertools.count(1):
                present = _microseconds(now())
                await self.reach(present if end is None else min(present, end), now)
                if end is not None and present >= end:
                    break
                self._fall_due(_microseconds(now()) if end is None else min(_microseconds(now()), end))
                await self._deliver(at_least=BATCH if look % LOOKS_A_BATCH else 1)
                await sleep(every)
            await self._deliver(at_least=1)
        finally:
            self.tally.ahead = len(self._waiting)
            self.tally.retried = self.bunsen.retried

    async def reach(self, moment: int, now: Callable[[], datetime]) -> None:
        """Let those visit who come until this moment, and send what is due by then."""
        self._moment = max(self._moment, moment)
        present = max(self._reached, min(moment, _microseconds(now() - self.tolerance)))
        for late, since, until in ((True, self._reached, present), (False, present, moment)):
            for visits in self._people.between(since, until):
                await self._receive(visits, now, by_events=late or self.scenario.exposures is Exposures.EVENTS)
                await self._deliver(at_least=BATCH)
        self._reached = max(self._reached, moment)
        self._fall_due(moment)
        await self._deliver(at_least=BATCH)

    async def _receive(self, visits: Visits, now: Callable[[], datetime], *, by_events: bool) -> None:
        answers = await self._assigned(visits, self.bunsen.look_up if by_events else self.bunsen.evaluate)
        seen = visits.times if by_events else np.maximum(visits.times, _microseconds(now()))
        variants = [answer.variant for answer in answers]
        self._count(visits, answers)
        if by_events:
            self._expose(visits, answers)
        else:
            for answer in answers:
                self.tally.of(answer.variant).exposures += answer.exposed
        lost = _losing(self.scenario, Kept.OBSERVATIONS, visits, variants)
        for found in observed(self.scenario, visits, variants, seen, self._start):
            self._take(found, visits, variants, lost)

    async def _assigned(
        self, visits: Visits, ask: Callable[[str, str, dict[str, str]], Awaitable[Answer]]
    ) -> list[Answer]:
        answers: list[Answer | None] = [None] * len(visits.units)
        queue = iter(range(len(visits.units)))

        async def take_turns() -> None:
            for row in queue:
                answers[row] = await ask(self.scenario.experiment, visits.units[row], visits.attributes[row])
                self.tally.evaluations += 1

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.bunsen.connections, len(answers))):
                    group.create_task(take_turns())
        except* BunsenError as refusals:
            raise refusals.exceptions[0] from None
        return [answer for answer in answers if answer is not None]

    def _count(self, visits: Visits, answers: list[Answer]) -> None:
        self.tally.visits += len(answers)
        for answer, age, is_bot in zip(answers, visits.age.tolist(), visits.is_bot.tolist(), strict=True):
            if is_bot:
                self.tally.bots += not age
            elif not age:
                self.tally.people += 1
                self.tally.of(answer.variant).people += 1

    def _expose(self, visits: Visits, answers: list[Answer]) -> None:
        lost = _losing(self.scenario, Kept.EXPOSURES, visits, [answer.variant for answer in answers])
        for row, (answer, when) in enumerate(zip(answers, iso(visits.times), strict=True)):
            if not answer.exposed:
                continue
            if lost[row]:
                self.tally.lost["exposures that were never reported"] += 1
                continue
            self.tally.of(answer.variant).exposures += 1
            unit, attributes = visits.units[row], visits.attributes[row]
            line = exposure_line(self.scenario.experiment, answer.phase, answer.variant, unit, when, attributes)
            self._wait(int(visits.times[row]), line)

    def _take(self, found: Observed, visits: Visits, variants: list[str], lost: Flags) -> None:
        for row, when, line in zip(
            found.rows.tolist(), found.times.tolist(), lines_of(found, visits.units), strict=True
        ):
            if lost[row]:
                self.tally.lost["observations that were never reported"] += 1
                continue
            self.tally.of(variants[row]).observations += 1
            self._wait(when, line)

    def _wait(self, when: int, line: str) -> None:
        """Put an event where it waits for its time; what falls into an outage waits for its end, or is gone."""
        for outage in self.scenario.outages:
            first, last = _stretch(outage, self._start)
            if first <= when < last:
                if outage.lost:
                    self.tally.lost["events in an outage"] += 1
                    return
                self.tally.late += 1
                when = last
        if when <= self._moment:
            self._ready.append(line)
        else:
            heapq.heappush(self._waiting, (when, next(self._order), line))

    def _fall_due(self, moment: int) -> None:
        """Send what was to wait until this moment; what has passed it in the time that evaluation took, too."""
        self._moment = max(self._moment, moment)
        while self._waiting and self._waiting[0][0] <= self._moment:
            self._ready.append(heapq.heappop(self._waiting)[2])

    async def _deliver(self, at_least: int) -> None:
        while len(self._ready) >= at_least:
            taken = self._ready[: BATCH * BATCHES_AT_ONCE]
            if at_least > 1:
                taken = taken[: len(taken) - len(taken) % BATCH]
            batches = [taken[first : first + BATCH] for first in range(0, len(taken), BATCH)]
            try:
                async with asyncio.TaskGroup() as group:
                    for batch in batches:
                        group.create_task(self.bunsen.send(batch))
            except* BunsenError as refusals:
                raise refusals.exceptions[0] from None
            del self._ready[: len(taken)]
            self.tally.kept += len(taken)
            self.tally.batches += len(batches)


def _losing(scenario: Scenario, what: Kept, visits: Visits, variants: list[str]) -> Flags:
    """Whose exposures or observations are lost on the way."""
    lost = np.zeros(len(variants), np.bool_)
    for loss in scenario.losses:
        if loss.what is what:
            lost |= np.array([_meant(loss, each, scenario.control) for each in variants]) & (visits.fate < loss.share)
    return lost


def _meant(loss: Loss, variant: str, control: str) -> bool:
    return variant == loss.variant or (loss.variant == "*" and variant != control)


def _stretch(outage: Outage, start: int) -> tuple[int, int]:
    first = start + round(outage.after_hours * HOUR)
    return first, first + round(outage.hours * HOUR)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
