"""Aggregates: batches that replace one another where they speak of the same metric, variant, day and segment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, bindparam, func, select

from experiments.aggregate import Aggregate, Companion, Shape, Spread
from storage.engine import Transaction
from storage.tables import AGGREGATE

PLACE = ("metric", "variant", "day", "segment")
PLAIN = Aggregate._fields[: Aggregate._fields.index("denominator")]
NO_COMPANIONS = (None, None, None, None)
place_of = itemgetter(*map(Aggregate._fields.index, PLACE))
RANKED = (
    select(
        *(AGGREGATE.c[name] for name in (*PLAIN, "companions")),
        func.row_number()
        .over(partition_by=[AGGREGATE.c[name] for name in PLACE], order_by=AGGREGATE.c.data_version.desc())
        .label("age"),
    )
    .where(
        AGGREGATE.c.workspace == bindparam("workspace"),
        AGGREGATE.c.key == bindparam("key"),
        AGGREGATE.c.data_version <= bindparam("newest"),
    )
    .subquery()
)
OF = select(*(RANKED.c[name] for name in (*PLAIN, "companions"))).where(RANKED.c.age == 1)
FEW = 200
"""Up to so many are made at once, more of them in a thread."""


class Aggregates:
    """The aggregates of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, key: str, data_version: int, rows: Sequence[Aggregate]) -> None:
        same = {"workspace": self._workspace, "key": key, "data_version": data_version}
        last_said = {place_of(row): row for row in rows}.values()
        if last_said:
            are_plain = all(row[len(PLAIN) :] == NO_COMPANIONS for row in last_said)
            columns = _plain if are_plain else _with_companions
            await self._transaction.insert_many(AGGREGATE, same, [columns(row) for row in last_said])

    async def of(self, key: str, data_version: int) -> tuple[Aggregate, ...]:
        """Sorted here, because databases sort text by the rules of their own language."""
        values = {"workspace": self._workspace, "key": key, "newest": data_version}
        found = await self._transaction.rows(OF, values, many=True)
        return await asyncio.to_thread(_made, found) if len(found) > FEW else _made(found)


def _made(rows: Sequence[Row[Any]]) -> tuple[Aggregate, ...]:
    return tuple(sorted((Aggregate._make((*row[:-1], *_companions(row[-1]))) for row in rows), key=place_of))


def _plain(row: Aggregate) -> dict[str, str | float | None]:
    """The columns of a row, each in its one type: an array for PostgreSQL takes no mixture of 1 and 1.0."""
    measures = {"day": float(row.day), "n": int(row.n), "mean": float(row.mean), "variance": float(row.variance)}
    return {"metric": row.metric, "variant": row.variant, "segment": row.segment, **measures}


def _with_companions(row: Aggregate) -> dict[str, str | float | None]:
    companions = row[len(PLAIN) :]
    said = None if companions == NO_COMPANIONS else json.dumps(companions, separators=(",", ":"))
    return {**_plain(row), "companions": said}


def _companions(said: str | None) -> tuple[Companion | None, Companion | None, Shape | None, Spread | None]:
    """What was kept before there were spreads has three of the four."""
    if said is None:
        return NO_COMPANIONS
    denominator, covariate, shape, *rest = json.loads(said)
    return (
        denominator and Companion(*denominator),
        covariate and Companion(*covariate),
        shape and Shape(*shape),
        Spread(*rest[0]) if rest and rest[0] else None,
    )
