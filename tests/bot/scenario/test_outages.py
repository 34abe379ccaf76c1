"""Without database, without data, and with replicas that die: applications go on, nothing is lost or doubled."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from bot.connectors.events import EventStore
from experiments.design import Action, Limit, Scale
from experiments.errors import BunsenError
from experiments.model import Experiment, Status
from handlers.monitor import watch
from storage import Database
from storage.verify import verify
from tests.bot.scenario import traffic_hands as hands
from tests.bot.scenario.measurer import main
from tests.bot.web.applications import METRICS, begin
from tests.bot.web.test_replicas import taken_away
from tests.databases import Place
from tests.experiments.watching import ERRORS
from tests.forks import Fork
from tests.storage.samples import world_on
from tests.worlds import WORKSPACE, MemoryWorld

GUARDED = ERRORS.model_copy(update={"action": Action.STOP, "limit": Limit(harm=0.05, scale=Scale.ABSOLUTE)})
COUNT = 260


async def test_without_the_database_applications_go_on_and_the_monitor_catches_up_once(
    postgres_place: Place, postgres_server: URL, tmp_path: Path
) -> None:
    async with hands.served_at(tmp_path, database_url=postgres_place.url) as shop:
        lab = shop.lab
        await begin(lab.world, "price", metrics=(*METRICS, GUARDED))
        await shop.caught_up()
        before = await shop.serves("price", hands.people(COUNT))
        await shop.reports("error-rate", hands.rate(hands.units_with(before, "control"), 0.1))
        await hands.looks(lab)
        with taken_away(postgres_server, str(make_url(postgres_place.url).database)):
            lab.clock.advance(600)
            meanwhile = await shop.serves("price", hands.people(COUNT, "later"))
            await shop.reports("error-rate", hands.rate(hands.units_with(meanwhile, "treatment"), 0.1))
            with pytest.raises(BunsenError):
                await watch(lab.world)
            lab.clock.advance(3_600)
        await hands.looks(lab)
        rows = await hands.newest(lab, "price")
        assert {arm: rows["error-rate", arm].n for arm in ("control", "treatment")} == hands.by_variant(
            before | meanwhile
        )
        assert [each.command for each in await hands.acts(lab, "price", "bunsen")].count("RecordMeasurements") == 2
        async with lab.world.reading(lab.world.workspace) as uow:
            known = await uow.watches.get("price")
        assert known is not None
        assert (known.looks, known.missing_since) == (2, lab.clock.now()), "what is an hour old says nothing of now"
        assert await verify(lab.database, lab.world.workspace) == []


async def test_silence_is_never_healthy_and_its_owner_is_told_once(tmp_path: Path) -> None:
    async with hands.served_at(tmp_path) as shop:
        lab = shop.lab
        key = (await hands.starts(lab, (await hands.approved(lab)).key)).key
        await shop.caught_up()
        answers = await shop.serves(key, hands.people(COUNT))
        await shop.reports("error-rate", hands.rate(hands.units_with(answers, "control"), 0.1))
        for minutes in (2, 20, 20):
            await hands.looks(lab, minutes)
        assert await hands.acts(lab, key) == []
        for _ in range(4):
            await hands.looks(lab, 12)
        assert [each.command for each in await hands.acts(lab, key)] == ["RaiseAlarm"]
        assert (await lab.experiment(key)).status is Status.RUNNING
        alarms = [each for each in await lab.messages() if "Data are missing in" in str(each)]
        assert len(alarms) == 1


async def with_events(database: Database, bench: MemoryWorld, folder: Path) -> tuple[Experiment, Counter[str]]:
    """An experiment that runs since half a minute, with people in it who behave."""
    world = world_on(database, bench)
    experiment = await begin(world, "price", metrics=(*METRICS, GUARDED))
    bench.clock.advance(seconds=30)
    return experiment, await arrive(bench, folder, "first", harm=0.1)


async def arrive(bench: MemoryWorld, folder: Path, prefix: str, harm: float) -> Counter[str]:
    """As many people in each variant, of whom so many in treatment run into errors."""
    now = bench.clock.now().isoformat()
    lines = []
    for number in range(COUNT):
        variant = ("control", "treatment")[number % 2]
        unit = f"{prefix}-{number}"
        lines.append({"type": "exposure", "experiment": "price", "variant": variant, "unit": unit, "time": now})
        if number % 20 < 20 * (harm if variant == "treatment" else 0.1):
            lines.append({"type": "observation", "metric": "error-rate", "value": 1, "unit": unit, "time": now})
    store = EventStore(folder, bench.clock.now)
    async with store.running():
        await store.accept("general", "\n".join(json.dumps(each) for each in lines).encode(), key=f"batch-{prefix}")
    return Counter(each["variant"] for each in lines if each["type"] == "exposure")


async def test_of_replicas_with_one_folder_one_measures_and_another_follows_it(
    sqlite_place: Place, tmp_path: Path
) -> None:
    database, bench, folder = await sqlite_place.open(), MemoryWorld(), tmp_path / "data"
    _, units = await with_events(database, bench, folder)
    first, second = [await Fork.running(main, sqlite_place.url, folder) for _ in range(2)]
    assert [await each.line() for each in (first, second)] == ["ready\n", "ready\n"]

    async def looks_at(replica: Fork, *, minutes: float = 2.0, dying: str = "") -> str:
        bench.clock.advance(minutes=minutes)
        await replica.told(f"{bench.clock.now().isoformat()} {dying}")
        while (line := await replica.line()) and not line.startswith("looked at "):
            pass
        return line.removeprefix("looked at ").strip()

    assert await looks_at(first) == "1"
    assert await looks_at(second) == "0", "the other one has the folder"
    assert await looks_at(first, dying="and die") == ""
    assert (await first.ended())[0] == -signal.SIGKILL, "only then is the folder free"
    units += await arrive(bench, folder, "second", harm=0.9)
    bench.clock.advance(minutes=3)
    assert await looks_at(second) == "1"
    assert await looks_at(second) == "0", "there is nothing left to be watched"
    await second.told("")
    assert (await second.ended())[0] == 0
    async with database.reading(WORKSPACE) as uow:
        after = await uow.experiments.find("price")
        records = await uow.audit.of("price")
        rows = await uow.aggregates.of("price", after.data_version)
    assert after.status is Status.STOPPED
    assert [each.command for each in records if each.actor == "guardrail"] == ["StopExperiment"]
    last = max(row.day for row in rows)
    assert {row.variant: row.n for row in rows if row.day == last and not row.segment} == units
    assert await verify(database, WORKSPACE) == []
    await database.close()
