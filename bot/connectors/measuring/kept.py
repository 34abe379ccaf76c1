"""What is kept of a project's events between two measurements: who is exposed, what was observed of each of them, and
the sums over that.

A unit is its 64-bit hash. Of a unit in a look there is one row of `members` and one of `cells` for every metric, in the
order of the metrics, then one for what every metric that looks back has from before exposure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bot.connectors.measuring import duck, sums
from bot.connectors.measuring.columns import Columns
from bot.connectors.measuring.layout import Layout, Numbers
from bot.connectors.measuring.mark import Mark
from bot.connectors.measuring.plan import Look, Plan
from bot.connectors.measuring.sums import Floats, Mask, Points

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = int(np.iinfo(np.int64).min)
"""No time, as NumPy has it; all times in these tables are microseconds since 1970."""
TABLES: Mapping[str, Mapping[str, str]] = {
    "arms": {"look": "i4", "arm": "i2", "n": "i8", "crossed": "i8", "latest": "i8"},
    "groups": {
        "measure": "i4", "look": "i4", "arm": "i2", "latest": "i8", "present": "i8",
        **dict.fromkeys((*sums.CENTRES, *sums.SUMS, *sums.PEAKS.values()), "f8"),
    },
    "members": {"look": "i4", "unit": "u8", "arm": "i2", "crossed": "?", "first": "i8", "start": "i8"},
    "cells": {"total": "f8", "under": "f8"},
}  # fmt: skip
WRITTEN = 2
"""What has changed is written once it is one part of so many of all; new events in one percent change a tenth."""


@dataclass(frozen=True, slots=True)
class KeptLook:
    """A look without an end while it runs; `made` is what it is made of, `oldest` from when on its events are, `asked`
    when somebody last wanted it."""

    look: Look
    made: str
    oldest: datetime
    asked: datetime


class Cells(NamedTuple):
    """What was observed of units; `total` is NaN where nothing was."""

    total: Floats
    under: Floats
    before: Floats
    before_under: Floats

    def only(self, wanted: Mask) -> Cells:
        """Those of these units."""
        return Cells(*(values[wanted] for values in self))


class Kept:
    """The tables of `TABLES` for the looks of one project by the keys of their experiments."""

    def __init__(self) -> None:
        self.mark = Mark()
        self.looks: dict[str, KeptLook] = {}
        self.tables = {name: Columns(types) for name, types in TABLES.items()}
        self.changes = 0
        self._layout = Layout.of(())
        self._plan = Plan.of(())
        self._asked: Mapping[str, pa.Table] | None = None

    @classmethod
    def of(cls, mark: Mark, looks: Iterable[KeptLook], tables: Mapping[str, Columns]) -> Kept:
        """What was kept, put together again."""
        found = cls()
        found.mark = mark
        found.tables = dict(tables)
        found.hold(looks)
        return found

    @property
    def plan(self) -> Plan:
        """All looks that are kept."""
        return self._plan

    @property
    def asked(self) -> Mapping[str, pa.Table]:
        """What the expressions ask for these looks: tables `arms` and `parts`."""
        if self._asked is None:
            self._asked = {"arms": duck.arrow(self._plan.arms()), "parts": duck.arrow(self._plan.parts())}
        return self._asked

    @property
    def next_numbers(self) -> tuple[int, int]:
        """Above those of all looks, and of all their metrics."""
        return len(self._layout.metrics), len(self._layout.place)

    @property
    def is_changed(self) -> bool:
        """Whether so much has changed since it was last written that it is worth to write it anew."""
        return self.changes > 0 and self.changes * WRITTEN >= len(self.tables["members"]) + len(self.tables["cells"])

    def hold(self, looks: Iterable[KeptLook]) -> None:
        """These looks in place of what was known of their experiments; their rows are there, or will be at the end."""
        self.looks |= {each.look.experiment: each for each in looks}
        self._plan = Plan.of(each.look for each in self.looks.values())
        self._layout = Layout.of(self._plan.looks)
        self._asked = None

    def begin(self, fresh: Sequence[KeptLook]) -> None:
        """Further looks, of which nothing was counted yet."""
        arms = [(each.look.number, arm) for each in fresh for arm in range(len(each.look.arms))]
        if arms:
            look, arm = np.transpose(arms)
            self.tables["arms"].append(len(arms), look=look, arm=arm, n=0, crossed=0, latest=NEVER)
        groups = [
            (measure.number, each.look.number, arm)
            for each in fresh
            for measure in each.look.measures
            for arm in range(len(each.look.arms))
        ]
        if groups:
            measure, look, arm = np.transpose(groups)
            self.tables["groups"].append(
                len(groups), measure=measure, look=look, arm=arm, latest=NEVER, **sums.nothing()
            )
        self.hold(fresh)

    def forget(self, numbers: Collection[int]) -> None:
        """Without these looks."""
        if not numbers:
            return
        gone = list(numbers)
        stay = ~np.isin(self.tables["members"]["look"], gone)
        width = self._layout.width[self.tables["members"]["look"]]
        self.tables["cells"].keep(np.repeat(stay, width))
        self.tables["members"].keep(stay)
        self.tables["members"]["start"][:] = _starts(width[stay])
        for name in ("arms", "groups"):
            self.tables[name].keep(~np.isin(self.tables[name]["look"], gone))
        self.looks = {key: each for key, each in self.looks.items() if each.look.number not in set(gone)}
        self.changes += len(width) - len(self.tables["members"])
        self.hold(())

    def end(self, moved: Iterable[Look], asked: Collection[int], now: datetime) -> None:
        """Looks of the same rows with other ends; those that were asked for by now."""
        known = {each.number: each for each in moved}
        self.hold(
            replace(each, look=known.get(number, each.look), asked=now if number in asked else each.asked)
            for each in self.looks.values()
            if (number := each.look.number) in known or number in asked
        )

    def expose(self, found: Mapping[str, NDArray[Any]]) -> Numbers:
        """Take in rows of `expression.exposed` with the `member` that is known, or −1; gives the members whose cells
        have to be counted from all events, since they are new or were exposed earlier than was known."""
        rows = self._arm(found["look"], found["arm"])
        np.maximum.at(self.tables["arms"]["latest"], rows, found["latest"])
        is_new = found["member"] < 0
        joined = self._join({name: values[is_new] for name, values in found.items()})
        changed = self._correct({name: values[~is_new] for name, values in found.items()})
        recounted = np.concatenate([joined, changed])
        return np.asarray(recounted[~self.tables["members"]["crossed"][recounted]])

    def add(self, found: Mapping[str, NDArray[Any]]) -> None:
        """Take in rows of `expression.units`, which are further observations of their units."""
        metric, member = found["measure"], found["member"]
        np.maximum.at(self.tables["groups"]["latest"], self._group(metric, member), found["latest"])
        old, new = self._read(metric, member), Cells(*(found[name] for name in Cells._fields))
        known = ~np.isnan(old.total)
        if known.any():
            self._move(metric[known], member[known], old.only(known), -1)
            new = Cells(*(more + np.where(known, before, 0.0) for more, before in zip(new, old, strict=True)))
        self._move(metric, member, new, 1)
        self._write(metric, member, new)

    def mend(self) -> None:
        """Sum up anew the groups that need it."""
        groups = self.tables["groups"]
        ill = sums.lost(groups)
        if not ill.any():
            return
        metric, member = self.pairs(np.isin(self.tables["members"]["look"], groups["look"][ill]).nonzero()[0])
        values = self._read(metric, member)
        mended = ill[self._group(metric, member)] & ~np.isnan(values.total)
        for name, value in sums.nothing().items():
            groups[name][ill] = value
        self._move(metric[mended], member[mended], values.only(mended), 1)

    def pairs(self, members: Numbers) -> tuple[Numbers, Numbers]:
        """All metrics of these members, each with its member."""
        look = self.tables["members"]["look"][members]
        count = self._layout.metrics[look]
        within = np.arange(count.sum()) - np.repeat(_starts(count), count)
        return np.repeat(self._layout.first[look], count) + within, np.repeat(members, count)

    def observed(self, members: Numbers, metrics: Collection[int]) -> dict[str, NDArray[Any]]:
        """What was observed of these members in these metrics, a row each."""
        metric, member = self.pairs(members)
        wanted = np.isin(metric, list(metrics))
        metric, member = metric[wanted], member[wanted]
        found = self._read(metric, member)
        there = ~np.isnan(found.total)
        arm, look = (self.tables["members"][name][member[there]] for name in ("arm", "look"))
        keys = {"measure": metric[there].astype(np.int32), "look": look, "arm": arm, "member": member[there]}
        return keys | found.only(there)._asdict()

    def _join(self, found: Mapping[str, NDArray[Any]]) -> Numbers:
        """Further members, with cells of which nothing was observed."""
        members, cells = self.tables["members"], self.tables["cells"]
        width = self._layout.width[found["look"]]
        first, start = len(members), len(cells) + _starts(width)
        cells.append(int(width.sum()), total=np.nan, under=0.0)
        columns = {name: found[name] for name in ("look", "unit", "arm", "crossed", "first")}
        members.append(len(width), **columns, start=start)
        self.changes += len(width) + int(width.sum())
        self._count(found, 1)
        return np.arange(first, len(members))

    def _correct(self, found: Mapping[str, NDArray[Any]]) -> Numbers:
        """Members that were exposed earlier, or to something else: they lose what they have; gives these."""
        member = found["member"]
        old = {name: self.tables["members"][name][member] for name in ("look", "arm", "crossed", "first")}
        new = {
            "look": old["look"],
            "arm": np.minimum(old["arm"], found["arm"]),
            "crossed": old["crossed"] | found["crossed"] | (old["arm"] != found["arm"]),
            "first": np.minimum(old["first"], found["first"]),
        }
        changes = (new["first"] < old["first"]) | (new["crossed"] & ~old["crossed"])
        member, old, new = member[changes], _only(changes, old), _only(changes, new)
        self._clear(member)
        self._count(old, -1)
        self._count(new, 1)
        for name, values in new.items():
            self.tables["members"][name][member] = values
        self.changes += len(member)
        return np.asarray(member)

    def _count(self, found: Mapping[str, NDArray[Any]], sign: int) -> None:
        rows = self._arm(found["look"], found["arm"])
        for name, which in (("crossed", found["crossed"]), ("n", ~found["crossed"])):
            self.tables["arms"][name] += sign * np.bincount(rows[which], minlength=len(self.tables["arms"]))

    def _clear(self, members: Numbers) -> None:
        """Nothing was observed of these."""
        metric, member = self.pairs(members)
        values = self._read(metric, member)
        known = ~np.isnan(values.total)
        self._move(metric[known], member[known], values.only(known), -1)
        gone = np.full(len(metric), np.nan)
        self._write(metric, member, Cells(gone, *[np.zeros_like(gone)] * 3))

    def _move(self, metric: Numbers, member: Numbers, cells: Cells, sign: int) -> None:
        """Put the values of units into the sums, or take them out, where their metric is a sum."""
        counted = self._layout.additive[metric]
        if not counted.all():
            metric, member, cells = metric[counted], member[counted], cells.only(counted)
        binary = self._layout.binary[metric]
        x, z = (np.where(binary, each > 0, each) for each in (cells.total, cells.before))
        sums.move(self.tables["groups"], self._group(metric, member), Points(x, cells.under, z), sign)

    def _read(self, metric: Numbers, member: Numbers) -> Cells:
        total, under = self.tables["cells"]["total"], self.tables["cells"]["under"]
        at, earlier, has = self._places(metric, member)
        before, before_under = np.zeros(len(at)), np.zeros(len(at))
        before[has], before_under[has] = total[earlier], under[earlier]
        return Cells(total[at], under[at], before, before_under)

    def _write(self, metric: Numbers, member: Numbers, cells: Cells) -> None:
        total, under = self.tables["cells"]["total"], self.tables["cells"]["under"]
        at, earlier, has = self._places(metric, member)
        total[at], under[at] = cells.total, cells.under
        total[earlier], under[earlier] = cells.before[has], cells.before_under[has]
        self.changes += len(metric)

    def _places(self, metric: Numbers, member: Numbers) -> tuple[Numbers, Numbers, Mask]:
        """The rows of cells, those from before exposure, and which have one of these."""
        start = self.tables["members"]["start"][member]
        earlier = self._layout.earlier[metric]
        has = earlier >= 0
        return start + self._layout.place[metric], (start + earlier)[has], has

    def _arm(self, look: NDArray[Any], arm: NDArray[Any]) -> Numbers:
        """The rows of variants."""
        return np.asarray(self._layout.arms[look] + arm)

    def _group(self, metric: Numbers, member: Numbers) -> Numbers:
        """The rows of groups."""
        return np.asarray(self._layout.group[metric] + self.tables["members"]["arm"][member])


def time_of(microseconds: int) -> datetime:
    """A time of these tables."""
    return EPOCH + timedelta(microseconds=microseconds)


def _only(wanted: Mask, columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name: values[wanted] for name, values in columns.items()}


def _starts(counts: Numbers) -> Numbers:
    """Where each of these begins when they follow one another."""
    return np.asarray(np.cumsum(counts) - counts)
