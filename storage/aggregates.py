"""Aggregates: batches that replace one another where they speak of the same metric, variant and day."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, func, select

from experiments.aggregate import Aggregate
from storage.engine import Transaction
from storage.tables import AGGREGATE

VALUES = (AGGREGATE.c.metric, AGGREGATE.c.variant, AGGREGATE.c.day, AGGREGATE.c.n, AGGREGATE.c.mean)
SAME = (AGGREGATE.c.metric, AGGREGATE.c.variant, AGGREGATE.c.day)
RANKED = (
    select(
        *VALUES,
        AGGREGATE.c.variance,
        func.row_number().over(partition_by=SAME, order_by=AGGREGATE.c.data_version.desc()).label("age"),
    )
    .where(
        AGGREGATE.c.workspace == bindparam("workspace"),
        AGGREGATE.c.key == bindparam("key"),
        AGGREGATE.c.data_version <= bindparam("newest"),
    )
    .subquery()
)
OF = select(*(RANKED.c[name] for name in Aggregate._fields)).where(RANKED.c.age == 1)


class Aggregates:
    """The aggregates of one workspace."""

    def __init__(self, transaction: Transaction, workspace: str) -> None:
        self._transaction = transaction
        self._workspace = workspace

    async def add(self, key: str, data_version: int, rows: Sequence[Aggregate]) -> None:
        place = {"workspace": self._workspace, "key": key, "data_version": data_version}
        last_said = {(row.metric, row.variant, row.day): row for row in rows}
        if last_said:
            await self._transaction.insert_many(AGGREGATE, place, [_numbers(row) for row in last_said.values()])

    async def of(self, key: str, data_version: int) -> tuple[Aggregate, ...]:
        """Sorted here, because databases sort text by the rules of their own language."""
        values = {"workspace": self._workspace, "key": key, "newest": data_version}
        return tuple(sorted(Aggregate._make(row) for row in await self._transaction.rows(OF, values, many=True)))


def _numbers(row: Aggregate) -> dict[str, str | float]:
    """The columns of a row, each in its one type: an array for PostgreSQL takes no mixture of 1 and 1.0."""
    measures = {"day": float(row.day), "n": int(row.n), "mean": float(row.mean), "variance": float(row.variance)}
    return {"metric": row.metric, "variant": row.variant, **measures}
