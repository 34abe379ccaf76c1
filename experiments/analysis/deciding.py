"""The decision rule over columns: the status of every experiment of a panel from its comparisons and its health."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.panel import Ints, Panel, Role
from experiments.analysis.reading import BETTER, BREACHED, REFUSED, WORSE, Reading
from experiments.readout import VerdictStatus
from experiments.stats.moments import Floats

Flags = NDArray[np.bool_]

STATUSES = (
    VerdictStatus.NO_DATA,
    VerdictStatus.UNHEALTHY,
    VerdictStatus.DAYS_LEFT,
    VerdictStatus.SHIP,
    VerdictStatus.ROLL_BACK,
    VerdictStatus.REVIEW,
)
NO_DATA, UNHEALTHY, DAYS_LEFT, SHIP, ROLL_BACK, REVIEW = range(len(STATUSES))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """A row per experiment: whether health forbids a lift (`blocked`), it is too early for any verdict (`early`), the
    planned end is reached (`over`) or more data will come (`live`), whether its method may decide before the end
    (`sequential`) and its rule asks for no more than that nothing got worse (`do_no_harm`)."""

    blocked: Flags
    early: Flags
    over: Flags
    live: Flags
    sequential: Flags
    do_no_harm: Flags


@dataclass(frozen=True, slots=True)
class Treatments:
    """A row per treatment of the panel: its `experiment`, and what its comparisons say together.

    `better`: all primary metrics are; `worse`: one of them got worse; `broken`: a guardrail is breached; `unread`: a
    primary metric or guardrail has no number, and what cannot be read is never healthy. `gain` is the change of its
    first primary metric in the good direction, relative where control allows it.
    """

    experiment: Ints
    better: Flags
    worse: Flags
    broken: Flags
    unread: Flags
    gain: Floats

    @property
    def harmless(self) -> Flags:
        return ~(self.worse | self.broken | self.unread)

    def fit(self, given: Circumstances) -> Flags:
        """Which may be shipped by the rule of their experiment."""
        careful = given.do_no_harm[self.experiment]
        return self.harmless & np.where(careful, given.over[self.experiment], self.better)


def treatments_of(panel: Panel, reading: Reading) -> Treatments:
    """What the comparisons of each treatment say together."""
    size = int(panel.arm.max(initial=-1)) + 1

    def any_of(condition: Flags) -> Flags:
        return np.bincount(panel.arm[condition], minlength=size) > 0

    primary, guardrail = panel.role == Role.PRIMARY, panel.role == Role.GUARDRAIL
    experiment = np.zeros(size, dtype=np.intp)
    experiment[panel.arm] = panel.experiment
    gain = np.zeros(size)
    rows = reading.rows[panel.role[reading.rows] == Role.PRIMARY][::-1]
    change = np.zeros(panel.size)
    newest = reading.newest
    change[reading.rows] = np.where(newest.bounded, newest.lift, newest.difference)
    gain[panel.arm[rows]] = (change * panel.good)[rows]
    return Treatments(
        experiment,
        better=any_of(primary) & ~any_of(primary & (reading.standing != BETTER)),
        worse=any_of(primary & (reading.standing == WORSE)),
        broken=any_of(guardrail & (reading.guardrail == BREACHED)),
        unread=any_of((primary | guardrail) & (reading.standing == REFUSED)),
        gain=gain,
    )


def decide(panel: Panel, reading: Reading, treatments: Treatments, given: Circumstances) -> NDArray[np.int8]:
    """The index into `STATUSES` for every experiment.

    Ship and roll back need the minimum run time and units, and the planned end where the method is not sequential.
    Where every treatment has hurt something nothing can ship any more, so waiting is over and a person has to look,
    also before the planned end.
    """
    size = given.blocked.size

    def any_treatment(condition: Flags) -> Flags:
        return np.bincount(treatments.experiment[condition], minlength=size) > 0

    exist = np.bincount(treatments.experiment, minlength=size) > 0
    ripe = given.over | given.sequential
    waits = given.live & ~given.over
    return np.select(
        [
            given.blocked,
            ~_has_primary_data(panel, size),
            given.early & waits,
            given.early,
            ripe & exist & ~any_treatment(~treatments.worse),
            ripe & any_treatment(treatments.fit(given)),
            ripe & exist & ~any_treatment(~(treatments.worse | treatments.broken)),
            waits,
        ],
        [UNHEALTHY, NO_DATA, DAYS_LEFT, REVIEW, ROLL_BACK, SHIP, REVIEW, DAYS_LEFT],
        REVIEW,
    ).astype(np.int8)


def _has_primary_data(panel: Panel, size: int) -> Flags:
    """Whether both arms of any primary comparison of an experiment have units at its newest look."""
    looks = panel.looks
    seen = np.flatnonzero((looks > 0) & (panel.role == Role.PRIMARY))
    last = (panel.starts + looks)[seen] - 1
    both = (panel.control.n[last] > 0) & (panel.treatment.n[last] > 0)
    return np.bincount(panel.experiment[seen[both]], minlength=size) > 0
