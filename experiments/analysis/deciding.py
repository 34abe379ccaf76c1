"""The decision rule over columns: the status of every experiment of a panel from its comparisons and its health."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.panel import Ints, Panel, Role
from experiments.analysis.reading import BETTER, BREACHED, INCONCLUSIVE, REFUSED, WORSE, Reading
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

    @property
    def ripe(self) -> Flags:
        """Whether the method may speak."""
        return self.over | self.sequential


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

    def harmed(self, given: Circumstances) -> Flags:
        """Which have done harm: by a guardrail at any look, by a primary metric once its method may speak.

        >>> import numpy as np
        >>> no, yes = np.array([False]), np.array([True])
        >>> given = Circumstances(blocked=no, early=no, over=no, live=yes, sequential=no, do_no_harm=no)
        >>> Treatments(np.array([0]), no, yes, no, no, np.zeros(1)).harmed(given).tolist()
        [False]
        """
        return self.broken | (self.worse & given.ripe[self.experiment])

    def fit(self, given: Circumstances) -> Flags:
        """Which may be shipped by the rule of their experiment.

        >>> from dataclasses import replace
        >>> yes, no = np.array([True]), np.array([False])
        >>> unclear = Treatments(np.array([0]), better=no, worse=no, broken=no, unread=no, gain=np.array([0.0]))
        >>> given = Circumstances(blocked=no, early=no, over=yes, live=yes, sequential=yes, do_no_harm=no)
        >>> unclear.fit(given).tolist(), unclear.fit(replace(given, do_no_harm=yes)).tolist()
        ([False], [True])
        """
        careful = given.do_no_harm[self.experiment]
        return self.harmless & np.where(careful, given.over[self.experiment], self.better)


def treatments_of(panel: Panel, reading: Reading) -> Treatments:
    """What the comparisons of each treatment say together.

    >>> from experiments.analysis.panel import Settings
    >>> from experiments.analysis.reading import read_panel
    >>> from experiments.stats.estimates import Estimates
    >>> control, treatment = (Estimates.given([5000, 5000], mean, 0.0001) for mean in (2.0, [2.1, 1.9]))
    >>> panel = Panel.of(control, treatment, experiment=[0, 0], arm=[0, 0], role=[Role.PRIMARY, Role.GUARDRAIL])
    >>> one = treatments_of(panel, read_panel(panel, Settings()))
    >>> one.better.tolist(), one.broken.tolist(), one.gain.round(4).tolist()
    ([True], [True], [0.05])
    """
    size = int(panel.arm.max(initial=-1)) + 1

    def any_of(condition: Flags) -> Flags:
        return np.bincount(panel.arm[condition], minlength=size) > 0

    primary, guardrail = panel.role == Role.PRIMARY, panel.role == Role.GUARDRAIL
    experiment = np.zeros(size, dtype=np.intp)
    experiment[panel.arm] = panel.experiment
    gain = np.zeros(size)
    # Backwards, so that of several primary metrics the first is written last and stays.
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
        unread=any_of((primary | (guardrail & (reading.guardrail == INCONCLUSIVE))) & (reading.standing == REFUSED)),
        gain=gain,
    )


def decide(panel: Panel, reading: Reading, treatments: Treatments, given: Circumstances) -> NDArray[np.int8]:
    """The index into `STATUSES` for every experiment.

    Ship and roll back need the minimum run time and units, and the planned end where the method is not sequential.
    Where every treatment has hurt something nothing can ship any more, so waiting is over and a person has to look,
    also before the planned end.

    >>> from experiments.analysis.panel import Settings
    >>> from experiments.analysis.reading import read_panel
    >>> from experiments.stats.estimates import Estimates
    >>> control, treatment = (Estimates.given([5000] * 3, mean, 0.0001) for mean in (2.0, [2.1, 2.0, 1.9]))
    >>> panel = Panel.of(control, treatment)
    >>> reading, yes, no = read_panel(panel, Settings()), np.full(3, True), np.full(3, False)
    >>> given = Circumstances(blocked=no, early=no, over=no, live=yes, sequential=yes, do_no_harm=no)
    >>> [STATUSES[each].value for each in decide(panel, reading, treatments_of(panel, reading), given)]
    ['ship', 'days_left', 'roll_back']
    """
    size = given.blocked.size

    def any_treatment(condition: Flags) -> Flags:
        return np.bincount(treatments.experiment[condition], minlength=size) > 0

    exist = np.bincount(treatments.experiment, minlength=size) > 0
    waits = given.live & ~given.over
    return np.select(
        [
            given.blocked,
            ~_has_primary_data(panel, size),
            given.early & waits,
            given.early,
            given.ripe & exist & ~any_treatment(~treatments.worse),
            given.ripe & any_treatment(treatments.fit(given)),
            exist & ~any_treatment(~treatments.harmed(given)),
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
