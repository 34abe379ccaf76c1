"""Finding: filters, ranking and paging mean the same on every database, and are answered from the index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from benchmarks.fleet import NOW, USER, WORKSPACE, population
from experiments.design import Kind
from experiments.model import LIVE, Experiment, Outcome, Status
from experiments.repositories import Filter
from experiments.running import Rollout, Significance
from experiments.targeting import Exclusion
from storage import Database
from storage.finding import by_status, counting, listing, naming, values
from tests.databases import Place
from tests.memory import MemoryExperiments, Tables

FILTERS = {
    "everything": Filter(limit=500),
    "a page": Filter(limit=7, offset=14),
    "beyond the end": Filter(limit=7, offset=9_000),
    "states": Filter(statuses=tuple(sorted(LIVE))),
    "projects": Filter(projects=("project-3", "project-5")),
    "no project": Filter(projects=()),
    "kind": Filter(kinds=(Kind.FEATURE, Kind.PROMPT_AB)),
    "significance": Filter(significance=Significance.SIGNIFICANT),
    "outcome": Filter(outcome=Outcome.SHIP),
    "since": Filter(since=NOW - timedelta(days=30)),
    "owner": Filter(owner=USER),
    "channel": Filter(channel="C00000001"),
    "reviewer": Filter(reviewer=USER),
    "booked": Filter(booked_by=NOW),
    "unread": Filter(unread=True),
    "pending": Filter(pending=True),
    "group": Filter(group="checkout", statuses=tuple(sorted(LIVE))),
    "one word": Filter(text="checkout", limit=500),
    "two words": Filter(text="BOLDER because", limit=500),
    "a key": Filter(text="bolder search 7", limit=500),
    "next steps": Filter(text="tokens", statuses=(Status.DECIDED,), limit=500),
    "nothing": Filter(text="nowhere-to-be-found"),
    "all together": Filter(
        text="because",
        statuses=(Status.DECIDED,),
        outcome=Outcome.ITERATE,
        since=NOW - timedelta(days=300),
        kinds=tuple(Kind),
        limit=3,
        offset=1,
    ),
}


def some() -> list[Experiment]:
    made = population(240)
    wish = Rollout(variant="control", stages=(10_000,), by=USER, at=NOW, stage_at=NOW)
    decided, other = [each for each in made if each.status is Status.DECIDED][:2]
    changes: dict[str, dict[str, Any]] = {decided.key: {"promotion": wish}, other.key: {"data_version": 21}}
    grouped = zip([each for each in made if each.is_live], ("checkout", "search", "checkout"), strict=False)
    for each, group in (*grouped, (decided, "checkout")):
        part = Exclusion(group=group, first=0, share=100)
        changes.setdefault(each.key, {})["design"] = each.design.model_copy(update={"exclusion": part})
    return [each.evolve(**changes.get(each.key, {})) for each in made]


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.uow(WORKSPACE) as uow:
        for each in some():
            await uow.experiments.save(None, each)
    return database


async def test_storage_finds_what_memory_finds_in_the_same_order(filled: Database) -> None:
    plain = MemoryExperiments(Tables(experiments={each.key: each for each in some()}))
    async with filled.reading(WORKSPACE) as reading:
        for name, which in FILTERS.items():
            wanted = [each.key for each in await plain.list(which)]
            assert [each.key for each in await reading.experiments.list(which)] == wanted, name
            assert await reading.experiments.count(which) == await plain.count(which), name
            assert await reading.experiments.statuses(which) == await plain.statuses(which), name
            assert await reading.experiments.keys(which) == await plain.keys(which), name


async def test_every_filter_of_this_test_finds_something_and_leaves_something_out() -> None:
    plain = MemoryExperiments(Tables(experiments={each.key: each for each in some()}))
    counts = {name: await plain.count(which) for name, which in FILTERS.items()}
    assert {name for name, count in counts.items() if not count} == {"no project", "nothing"}
    assert {name for name, count in counts.items() if count == 240} == {"everything", "a page", "beyond the end"}


async def test_one_workspace_never_finds_another_s(filled: Database) -> None:
    async with filled.reading("T0OTHER") as reading:
        for which in FILTERS.values():
            assert await reading.experiments.list(which) == ()
            assert await reading.experiments.statuses(which) == {}
            assert await reading.experiments.keys(which) == ()


@pytest.mark.parametrize("statement", [by_status, counting, naming], ids=["by_status", "counting", "naming"])
async def test_counts_are_answered_from_the_index_alone(
    statement: Callable[[Filter], Select[Any]], sqlite_place: Place
) -> None:
    which = Filter(
        statuses=tuple(LIVE), projects=("shop",), kinds=(Kind.FEATURE,), since=NOW, owner=USER, group="checkout"
    )
    query = statement(which).params(values(which, WORKSPACE))
    written = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    database = await sqlite_place.open()
    async with database.snapshot() as transaction:
        plan = await transaction.rows(text(f"EXPLAIN QUERY PLAN {written}".replace(":", r"\:")))
    await database.close()
    assert "COVERING INDEX ix_experiment_listed" in str(plan)


@pytest.mark.parametrize("statement", [listing, by_status, counting, naming])
def test_a_statement_is_built_once_for_all_moments(statement: Callable[[Filter], Select[Any]]) -> None:
    one, other = (Filter(since=moment, booked_by=moment) for moment in (NOW, NOW + timedelta(days=1)))
    assert statement(one) is statement(other)
    assert statement(one) is not statement(Filter(since=NOW))
