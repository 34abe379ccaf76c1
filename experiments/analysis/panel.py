"""The panel: comparisons of many experiments as columns, the looks of one comparison next to each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.checks.minimum_units import MINIMUM_UNITS
from experiments.design import DEFAULT_PLANNED_UNITS, Correction, Method
from experiments.stats.estimates import Estimates
from experiments.stats.moments import Floats
from experiments.stats.refusal import Refusal, refusals

Ints: TypeAlias = NDArray[np.intp]
Scalar = TypeVar("Scalar", bound=np.generic)

SEQUENTIAL = (Method.ALWAYS_VALID, Method.GROUP_SEQUENTIAL)
PLANNED_LOOKS = 20
ROUNDING = 1e-9


class Role(IntEnum):
    """What a comparison is for; segments are read beside the verdict, never for it."""

    PRIMARY = 0
    SECONDARY = 1
    GUARDRAIL = 2
    COST = 3
    SEGMENT = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """How all comparisons of a panel are read; experiments that differ here go into different panels."""

    method: Method = Method.ALWAYS_VALID
    correction: Correction = Correction.HOLM
    alpha: float = 0.05


@dataclass(frozen=True, slots=True)
class Panel:
    """`control` and `treatment` have a row per look, oldest first within each comparison, `day` its days since start.

    `starts` has the first look of every comparison (one without looks begins where the next one does). The columns
    after it have a row per comparison: the number of its `experiment`, of its treatment `arm` and of its `family`
    (numbers from 0, unique over the panel), its `role`, `good` (+1 where more is better, −1 where less is), for
    guardrails the tolerated `limit` (a share of control where `relative`), and whether the metric is a `proportion`.
    `planned_units` has a row per experiment.
    """

    control: Estimates
    treatment: Estimates
    day: Floats
    starts: Ints
    experiment: Ints
    arm: Ints
    family: Ints
    role: NDArray[np.int8]
    good: Floats
    limit: Floats
    relative: NDArray[np.bool_]
    proportion: NDArray[np.bool_]
    planned_units: Floats

    @classmethod
    def of(
        cls,
        control: Estimates,
        treatment: Estimates,
        *,
        day: ArrayLike = 0.0,
        starts: ArrayLike | None = None,
        experiment: ArrayLike | None = None,
        arm: ArrayLike | None = None,
        family: ArrayLike | None = None,
        role: ArrayLike = Role.PRIMARY,
        good: ArrayLike = 1.0,
        limit: ArrayLike = 0.0,
        relative: ArrayLike = False,
        proportion: ArrayLike = False,
        planned_units: ArrayLike = DEFAULT_PLANNED_UNITS,
    ) -> Panel:
        """A panel from its columns, or one value for a whole column.

        Unless told otherwise each look is a comparison, and each comparison an experiment, arm and family of its own.

        >>> once = Estimates.given([500, 700], [2.0, 2.1], 0.01)
        >>> Panel.of(once, once).size, Panel.of(once, once, starts=[0]).size
        (2, 1)
        """
        first = np.arange(control.n.size) if starts is None else np.asarray(starts, dtype=np.intp)
        own = np.arange(first.size)
        owner, arms, families = (
            own if each is None else np.asarray(each, dtype=np.intp) for each in (experiment, arm, family)
        )
        return cls(
            control=control,
            treatment=treatment,
            day=_column(day, np.float64, control.n.size),
            starts=first,
            experiment=owner,
            arm=arms,
            family=families,
            role=_column(role, np.int8, own.size),
            good=_column(good, np.float64, own.size),
            limit=_column(limit, np.float64, own.size),
            relative=_column(relative, np.bool_, own.size),
            proportion=_column(proportion, np.bool_, own.size),
            planned_units=_column(planned_units, np.float64, int(owner.max(initial=-1)) + 1),
        )

    @property
    def size(self) -> int:
        """How many comparisons there are."""
        return int(self.starts.size)

    @property
    def looks(self) -> Ints:
        """How many looks each comparison has."""
        return np.diff(np.append(self.starts, self.control.n.size))

    def per_look(self, column: NDArray[Scalar]) -> NDArray[Scalar]:
        """A column with a row per comparison, repeated for each of its looks.

        >>> three = Estimates.given([500, 900, 700], 2.0, 0.01)
        >>> Panel.of(three, three, starts=[0, 2], good=[1, -1]).per_look(np.array(["clicks", "errors"])).tolist()
        ['clicks', 'clicks', 'errors']
        """
        return np.repeat(column, self.looks)

    def keep(self, looks: NDArray[np.bool_], rows: Ints) -> Panel:
        """These comparisons alone, each with those of its looks that are marked.

        >>> three = Estimates.given([500, 900, 700], 2.0, 0.01)
        >>> Panel.of(three, three, starts=[0, 2]).keep(np.array([False, True, True]), np.array([0])).control.n.tolist()
        [900.0]
        """
        chosen = np.zeros(self.size, dtype=np.bool_)
        chosen[rows] = True
        of = np.repeat(np.arange(self.size), self.looks)
        kept = np.flatnonzero(looks & chosen[of])
        left = np.bincount(of[kept], minlength=self.size)[rows]
        return replace(
            self,
            control=self.control.take(kept),
            treatment=self.treatment.take(kept),
            day=self.day[kept],
            starts=(np.cumsum(left) - left).astype(np.intp),
            **{name: getattr(self, name)[rows] for name in PER_COMPARISON},
        )

    def only(self, rows: Ints) -> Panel:
        """These comparisons alone, with all their looks.

        >>> three = Estimates.given([500, 900, 700], 2.0, 0.01)
        >>> Panel.of(three, three, starts=[0, 2]).only(np.array([0])).control.n.tolist()
        [500.0, 900.0]
        """
        return self.keep(np.ones(self.day.size, dtype=np.bool_), rows)


PER_COMPARISON = (
    "experiment", "arm", "family", "role", "good", "limit", "relative", "proportion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ready:
    """The comparisons that can be read: `rows` are their numbers in the panel that was given, `panel` holds them and
    their sound looks alone. `refused` has a `Refusal` (0 where ready) for every comparison of the panel given."""

    panel: Panel
    rows: Ints
    refused: NDArray[np.int8]

    def at_planned_looks(self) -> Ready:
        """The looks of a group-sequential design alone: the first at or beyond each twentieth of the planned units.

        Which looks count must not depend on what they show nor on when somebody asks; from the planned end on there is
        no further look.

        >>> arm = Estimates.given([100, 120, 240, 2000, 2500], 2.0, 0.01)
        >>> planned = Panel.of(arm, arm, starts=[0], planned_units=4_000)
        >>> ready(planned, Method.GROUP_SEQUENTIAL).at_planned_looks().panel.control.n.tolist()
        [100.0, 240.0, 2000.0]
        """
        panel = self.panel
        due = np.floor(np.minimum(fractions(panel), 1) * PLANNED_LOOKS + ROUNDING)
        before = np.concatenate(([0.0], due[:-1]))
        before[panel.starts] = 0
        counts = due > before
        seen = np.add.reduceat(counts, panel.starts) > 0 if panel.size else np.zeros(0, dtype=np.bool_)
        refused = self.refused.copy()
        refused[self.rows[~seen]] = Refusal.BEFORE_FIRST_LOOK
        return Ready(panel.keep(counts, np.flatnonzero(seen)), self.rows[seen], refused)


def fractions(panel: Panel) -> Floats:
    """Per look the share of the planned units that both arms together have reached.

    >>> arm = Estimates.given([500, 1000], 2.0, 0.01)
    >>> fractions(Panel.of(arm, arm, starts=[0], planned_units=4_000)).tolist()
    [0.25, 0.5]
    """
    return np.asarray((panel.control.n + panel.treatment.n) / panel.per_look(panel.planned_units[panel.experiment]))


def ready(panel: Panel, method: Method) -> Ready:
    """Leave out unsound looks and comparisons whose newest look is one of these: what cannot be read now is not
    answered with an older reading. Sequential methods need a hundred units in each arm, single looks two.

    >>> arm = Estimates.given([80, 5000], 2.0, 0.01)
    >>> [ready(Panel.of(arm, arm), method).rows.tolist() for method in (Method.ALWAYS_VALID, Method.WELCH)]
    [[1], [0, 1]]
    """
    flaw = refusals(panel.control, panel.treatment)
    if method in SEQUENTIAL:
        with np.errstate(invalid="ignore"):
            few = ~(np.minimum(panel.control.n, panel.treatment.n) >= MINIMUM_UNITS)
        flaw = np.where(few & (flaw == Refusal.SOUND), Refusal.TOO_FEW_UNITS, flaw)
    looks = panel.looks
    newest = np.full(panel.size, Refusal.NO_LOOK, dtype=np.int8)
    seen = looks > 0
    newest[seen] = flaw[(panel.starts + looks)[seen] - 1]
    rows = np.flatnonzero(newest == Refusal.SOUND)
    usable = flaw == Refusal.SOUND
    if usable.all() and rows.size == panel.size:
        return Ready(panel, rows, newest)
    return Ready(panel.keep(usable, rows), rows, newest)


def _column(values: ArrayLike, of: type[Scalar], size: int) -> NDArray[Scalar]:
    """One value for all, or a value for each."""
    given = np.asarray(values, dtype=of)
    return given if given.ndim else np.full(size, given)
