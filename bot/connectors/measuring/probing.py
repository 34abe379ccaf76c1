"""A source of a warehouse tried before it is saved: what it gives, and what asking it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.connectors.measuring.warehouse import WANTED, Warehouse
from experiments.numerals import amount, counted, listed

if TYPE_CHECKING:
    from ibis import BaseBackend, Table

SHOWN = 5
MOST_VARIANTS = 200
LONGEST_PLAN = 100_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the two tables: what its columns hold, judged by its first rows (`rows` of at most five), never the values
    themselves, and when its newest event happened."""

    columns: Mapping[str, str]
    rows: int
    newest: datetime | None

    @property
    def words(self) -> str:
        held = listed([f"{name} ({kind})" for name, kind in self.columns.items()])
        newest = f"newest {self.newest:%Y-%m-%d %H:%M} UTC" if self.newest else "no event yet"
        return f"{held}; {newest}"


@dataclass(frozen=True, slots=True)
class Probe:
    """What both tables give; `units` are distinct units by (experiment, variant)."""

    exposures: Sample
    observations: Sample
    units: Mapping[tuple[str, str], int]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong although it can be read."""
        return tuple(f"There are no {kind} yet." for kind in WANTED if not getattr(self, kind).rows)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one full reading costs as far as the warehouse says so beforehand: rows it expects to look at, and its own
    unit of cost."""

    rows: int | None
    cost: float | None

    @property
    def words(self) -> str:
        if self.rows is None:
            return "This warehouse does not say beforehand what a reading costs; see docs/warehouses.md."
        cost = "" if self.cost is None else f", at a cost of {amount(self.cost)} in its own unit"
        return f"One reading looks at about {counted(self.rows, 'row')}{cost}."


def probe(warehouse: Warehouse) -> Probe:
    """Ask both tables for a few rows and counts; `BadInput` names the field that is wrong, `Unavailable` says why there
    is no answer."""
    with warehouse.asking() as backend:
        (exposures, _), (observations, _) = warehouse.events(backend).values()
        units = exposures.group_by("experiment", "variant").agg(n=exposures.unit.nunique())
        return Probe(
            _sample(warehouse, backend, "exposures", exposures),
            _sample(warehouse, backend, "observations", observations),
            {
                (row["experiment"], row["variant"]): row["n"]
                for row in warehouse.run(backend, units.order_by(units.n.desc()).limit(MOST_VARIANTS))
            },
        )


def estimate(warehouse: Warehouse) -> Estimate:
    """What reading both tables once costs, by the warehouse's own plan; nothing is read."""
    with warehouse.asking() as backend:
        plans = [_plan(backend, warehouse.query(backend, kind).sql(backend.dialect)) for kind in WANTED]
    known = [plan for plan in plans if plan is not None]
    if len(known) < len(plans):
        return Estimate(None, None)
    costs = [cost for _, cost in known if cost is not None]
    return Estimate(sum(rows for rows, _ in known), sum(costs) if costs else None)


def _sample(warehouse: Warehouse, backend: BaseBackend, kind: str, events: Table) -> Sample:
    rows = warehouse.run(backend, events.limit(SHOWN))
    newest = warehouse.run(backend, events.agg(newest=events.time.max()))
    columns = {name: _held([row[name] for row in rows]) for name in events.columns}
    return Sample(columns, len(rows), newest[0]["newest"] if newest else None)


def _held(values: list[Any]) -> str:
    kinds = {
        "time" if isinstance(value, datetime | date) else "number" if isinstance(value, int | float) else "text"
        for value in values
        if value is not None
    }
    return " or ".join(sorted(kinds)) or "nothing"


def _plan(backend: BaseBackend, query: str) -> tuple[int, float | None] | None:
    """Rows and cost of a checked SELECT by EXPLAIN; None where there is no such thing."""
    if backend.name == "postgres":
        cursor = backend.raw_sql(f"EXPLAIN (FORMAT JSON) {query}")
        try:
            (plan,) = cursor.fetchall()[0]
        finally:
            cursor.close()
        top = plan[0]["Plan"]
        return max(_scanned(top)), float(top["Total Cost"])
    if backend.name == "duckdb":
        answer = backend.raw_sql(f"EXPLAIN (FORMAT JSON) {query}").fetchall()
        text = json.dumps(json.loads(answer[0][1])[:LONGEST_PLAN])
        found = [int(number) for number in re.findall(r'"Estimated Cardinality": "?~?(\d+)', text)]
        return (max(found), None) if found else None
    return None


def _scanned(node: Mapping[str, Any]) -> list[int]:
    return [int(node["Plan Rows"]), *(rows for child in node.get("Plans", ()) for rows in _scanned(child))]
