"""New events folded into the state: the old contributions of changed units are taken out, the new ones put in.

The sums are about a fixed centre, so what one refresh rounds away is about 1e-16 of the largest sum there ever was
(`peak`). Where a sum has shrunk far below its peak, or the values have moved far from their centre, digits were lost;
such a group is summed up anew from its unit rows, about its new mean.
"""

# ruff: noqa: S608 (what is put into these texts are names and numbers of this package, never anybody's words)

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from bot.connectors.measuring import duck, statements
from bot.connectors.measuring.state import MEMBER_BITS, State


class Files(NamedTuple):
    """Files with events, and the SQL that tells those that count."""

    exposures: Sequence[Path]
    observations: Sequence[Path]
    counting: str


def count(state: State, looks: Sequence[int], files: Files) -> None:
    """Count everything of these looks, of which nothing is kept yet; call it inside `State.changing`."""
    texts, _ = _prepared(state, looks)
    exposures, observations = (
        duck.events(kind, getattr(files, kind), files.counting) for kind in ("exposures", "observations")
    )
    _make(state, "seen", _with(texts.arrived, exposures=exposures))
    run = state.connection.execute
    run(f"INSERT INTO main.exposed SELECT look, unit, {statements.NEXT_MEMBER}, arm, crossed, first FROM seen")
    known = f"SELECT * FROM main.exposed WHERE {statements.OF_THESE}"
    counted = _with(texts.counted, known=known, observations=observations)
    run(f"INSERT INTO main.units BY NAME SELECT {statements.CELL} AS cell, arm, latest, {texts.kept} FROM ({counted})")
    ((first, last),) = run("SELECT coalesce(min(measure), 0), coalesce(max(measure), 0) FROM folded_parts").fetchall()
    run(statements.JUST_COUNTED.format(first << MEMBER_BITS, (last + 1) << MEMBER_BITS))
    _sum_up(state, texts, f"{texts.all_come} just_counted")
    for statement in statements.COUNTED:
        run(statement)
    duck.drop(state.connection, ("seen",))


def fold(state: State, looks: Sequence[int], new: Files, earlier: Files) -> None:
    """Take in what is new for these looks; of units that are new among the exposed what came `earlier` as well. Call it
    inside `State.changing`."""
    texts, lookback = _prepared(state, looks)
    exposures, observations = (
        duck.events(kind, getattr(new, kind), new.counting) for kind in ("exposures", "observations")
    )
    _make(state, "seen", statements.SEEN.format(_with(texts.arrived, exposures=exposures)))
    _make(state, "moves", _with(texts.moves, known=statements.KNOWN, observations=observations))
    run = state.connection.execute
    [changed] = duck.rows(state.connection, statements.CHANGED)
    if changed["oldest"] is not None:
        start = changed["oldest"] - timedelta(days=lookback)
        since = f"{earlier.counting} AND time >= {duck.moment(start)}"
        history = duck.events("observations", duck.from_day(earlier.observations, start), since)
        run(texts.catch_up.format(_with(texts.counted, known=statements.FRESH, observations=history)))
    if changed["replaced"]:
        run(texts.leave)
        run(statements.GONE)
    _sum_up(state, texts, statements.MOVED)
    for statement in (*statements.WRITE, texts.come):
        run(statement)
    _mend(state, texts)
    duck.drop(state.connection, ("seen", "moves"))


def _prepared(state: State, looks: Sequence[int]) -> tuple[statements.Statements, int]:
    """What to ask for these looks, and how many days their metrics look back at most."""
    duck.numbers(state.connection, "folded", looks)
    for name, kept in statements.FOLDED.items():
        _make(state, f"folded_{name}", kept)
    found = state.connection.execute("SELECT DISTINCT lookback FROM folded_parts WHERE lookback > 0 ORDER BY 1")
    lookbacks = tuple(days for (days,) in found.fetchall())
    return statements.compiled(lookbacks), max(lookbacks, default=0)


def _with(query: str, **tables: str) -> str:
    """A query over these queries by their names."""
    return f"WITH {', '.join(f'{name} AS ({text})' for name, text in tables.items())} SELECT * FROM ({query})"


def _make(state: State, name: str, query: str) -> None:
    state.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")


def _sum_up(state: State, texts: statements.Statements, moved: str) -> None:
    """Add to the sums what changed rows of units make different."""
    run = state.connection.execute
    if run(statements.WITHOUT_CENTRE).fetchall():
        run(statements.NEW_CENTRES.format(_with(texts.about, moved=moved)))
    run(statements.MOVE_SUMS.format(_with(texts.differences, moved=moved)))


def _mend(state: State, texts: statements.Statements) -> None:
    """Sum up anew the groups whose sums have lost digits, and forget those without a unit."""
    connection = state.connection
    if not connection.execute(texts.ill).fetchall():
        return
    _make(state, "ill", texts.ill)
    for name in ("centres", "sums"):
        connection.execute(
            f"DELETE FROM main.{name} USING ill WHERE {name}.measure = ill.measure AND {name}.arm = ill.arm"
        )
    _sum_up(state, texts, f"{texts.all_come} main.cells SEMI JOIN ill USING (measure, arm)")
