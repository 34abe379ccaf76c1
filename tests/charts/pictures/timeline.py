"""Timelines of experiments that live through their commands, an hour, a month, a year; and at the edges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from experiments.audit import AuditRecord
from experiments.canary import CanaryPlan
from experiments.commands import (
    AddNote,
    AdvanceRollout,
    ApproveReview,
    ArchiveExperiment,
    ChangeGuardrails,
    Command,
    ConfigureTraffic,
    CreateExperiment,
    EditExperiment,
    LogDecision,
    PauseExperiment,
    PromoteVariant,
    RaiseAlarm,
    RequestChanges,
    RequestReview,
    ResumeExperiment,
    RollBack,
    ScheduleStart,
    StartExperiment,
    StopExperiment,
)
from experiments.design import Action, Direction, Limit, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment, NoteKind, Outcome, StopReason
from experiments.permissions import Actor, guardrail
from experiments.pictures.timeline import Timeline, timeline_of
from experiments.readout import VerdictStatus
from experiments.running import Breach, Reading, Significance

KEY = "shorter-form"
CREATED = datetime(2026, 3, 2, 8, 40, tzinfo=UTC)
METRICS = (
    Metric(key="conversion", role=MetricRole.PRIMARY, kind=MetricKind.PROPORTION),
    Metric(key="error-rate", role=MetricRole.GUARDRAIL, kind=MetricKind.PROPORTION, direction=Direction.DOWN,
           limit=Limit(harm=0.1), action=Action.PAUSE),
)  # fmt: skip
ADA, BO = (Actor(workspace="T1", user=user) for user in ("U0ADA", "U0BO"))


class Life:
    """An experiment and its log, as command after command makes them."""

    def __init__(self, title: str = "Shorter sign-up form", **design: Any) -> None:
        self.now = CREATED
        self.made: Experiment | None = None
        self.records: list[AuditRecord] = []
        self.does(CreateExperiment, title=title, hypothesis="If the form is shorter, then more people finish it.")
        arms = (Variant(key="control", weight=5_000, is_control=True), Variant(key="short", weight=5_000))
        self.after(hours=2).does(EditExperiment, **{"variants": arms, "metrics": METRICS, "planned_days": 14, **design})

    @property
    def experiment(self) -> Experiment:
        assert self.made is not None
        return self.made

    def after(self, **time: float) -> Life:
        self.now += timedelta(**time)
        return self

    def does(self, given: type[Command], actor: Actor = ADA, **fields: Any) -> Life:
        """Gives this command now."""
        command, before = given.model_validate({"key": KEY, **fields}), self.made
        after = command.apply(before, actor, self.now).evolve(updated_at=self.now, version=len(self.records) + 1)
        self.records.append(
            AuditRecord(
                workspace="T1", number=len(self.records) + 1, key=KEY, command=given.__name__,
                payload=command.payload(),
                actor=actor.user, delivery=None, at=self.now, version_before=len(self.records),
                version_after=len(self.records) + 1, status_before=before.status if before else None,
                status_after=after.status, state_hash="", sentence=command.sentence(before, after),
            )
        )  # fmt: skip
        self.made = after
        return self

    def approved(self) -> Life:
        self.after(hours=5).does(RequestReview, reviewers=("U0BO",))
        return self.after(hours=20).does(ApproveReview, BO, design_hash=self.experiment.design.hash, comment="Go on.")

    def started(self) -> Life:
        return self.approved().after(hours=14).does(StartExperiment)

    def breached(self, action: Action, words: str = "error-rate is 0.6 points worse with short") -> dict[str, Any]:
        return {"breach": Breach(metric="error-rate", variant="short", action=action, words=words, at=self.now)}

    def shipped(self, **rollout: Any) -> Life:
        """Decided to ship by its rule, and promoted."""
        reading = Reading(
            number=0, day=14, status=VerdictStatus.SHIP, sentence="Ship.", significance=Significance.SIGNIFICANT,
            at=self.now,
        )  # fmt: skip
        self.made = self.experiment.evolve(reading=reading)
        self.does(LogDecision, outcome=Outcome.SHIP, reasoning="Conversion rose by 4 % and no guardrail moved.")
        return self.after(hours=18).does(PromoteVariant, variant="short", **rollout)

    def seen(self, **time: float) -> Timeline:
        """The picture, so long afterwards."""
        return timeline_of(self.experiment, self.records, self.now + timedelta(**time))


def ordinary() -> Timeline:
    """A month: review with changes, two phases, a pause by a guardrail, a decision, a rollout under way."""
    life = Life().after(hours=4)
    life.does(RequestReview, reviewers=("U0BO",)).after(hours=7)
    asked = life.experiment.design.hash
    life.does(RequestChanges, BO, design_hash=asked, comment="Say what the smallest effect is.").after(hours=20)
    life.does(EditExperiment, smallest_effect=0.03).started().after(days=2)
    life.does(AddNote, kind=NoteKind.OBSERVATION, text="A campaign brings twice the usual traffic until Sunday.")
    life.after(days=1).does(RaiseAlarm, guardrail("T1"), **life.breached(Action.WARN, "no data for error-rate"))
    life.after(days=1).does(ConfigureTraffic, weights={"control": 3_000, "short": 7_000}).after(days=3)
    life.does(PauseExperiment, guardrail("T1"), **life.breached(Action.PAUSE)).after(hours=20)
    life.does(ResumeExperiment).after(days=10).does(StopExperiment, reason=StopReason.COMPLETED).after(days=2)
    life.shipped(stages=(1_000, 2_500, 5_000, 9_500), holdback=500, stage_hours=36).after(hours=36)
    return life.does(AdvanceRollout, stage=0).after(hours=40).does(AdvanceRollout, stage=1).seen(hours=9)


def running() -> Timeline:
    """Day 5 of 14, at half of everybody."""
    return Life(exposure=5_000).started().seen(days=5)


def an_hour() -> Timeline:
    """From the start to a rollback in an hour, after quick work."""
    life = Life()
    life.after(minutes=1).does(RequestReview, reviewers=("U0BO",))
    life.after(minutes=3).does(ApproveReview, BO, design_hash=life.experiment.design.hash)
    life.after(minutes=2).does(StartExperiment).after(minutes=52)
    return life.does(RollBack, guardrail("T1"), **life.breached(Action.ROLL_BACK)).seen(minutes=20)


def a_year() -> Timeline:
    """A year of running with a change of weights every month, decided and archived."""
    life = Life(planned_days=365).started()
    for month in range(11):
        weights = {"control": 9_000 - 500 * month, "short": 1_000 + 500 * month}
        life.after(days=30).does(ConfigureTraffic, weights=weights)
        life.does(AddNote, text=f"Month {month + 1}: nothing unusual.")
    life.after(days=35).does(StopExperiment, reason=StopReason.COMPLETED).after(days=8)
    life.does(LogDecision, outcome=Outcome.ABANDON, reasoning="No difference in a whole year.")
    return life.after(days=3).does(ArchiveExperiment).seen(days=400)


def canary() -> Timeline:
    """A canary in its last step, minutes after the one before."""
    life = Life(canary=CanaryPlan(steps=(500, 2_500, 5_000), minutes=30)).started()
    for share in (2_500, 5_000):
        weights = {"control": 10_000 - share, "short": share}
        life.after(minutes=31).does(ConfigureTraffic, Actor(workspace="T1", user="bunsen"), weights=weights)
    return life.seen(minutes=12)


def draft() -> Timeline:
    return Life().seen(hours=3)


def in_review() -> Timeline:
    return Life().after(days=1).does(RequestReview, reviewers=("U0BO",)).seen(days=2)


def booked() -> Timeline:
    life = Life().approved()
    start = life.now + timedelta(days=2)
    return life.does(ScheduleStart, start_at=start, stop_at=start + timedelta(days=7)).seen(hours=6)


def paused() -> Timeline:
    return Life().started().after(days=3).does(PauseExperiment, comment="The shop is down.").seen(days=1)


def rolled_out() -> Timeline:
    """Given to everybody at once."""
    life = Life().started().after(days=14).does(StopExperiment, reason=StopReason.COMPLETED).after(days=1)
    return life.shipped(stages=(10_000,)).seen(days=90)


def just_begun() -> Timeline:
    """One entry, of this moment."""
    life = Life()
    first = life.records[0]
    made = Experiment(
        workspace="T1", key=KEY, title="A first thought", owner="U0ADA", created_at=first.at, updated_at=first.at
    )
    return timeline_of(made, [first], first.at)


def empty() -> Timeline:
    """Nothing was written down."""
    return timeline_of(Life().experiment, [], CREATED)


def crowded() -> Timeline:
    """Paused and resumed, warned and noted at all hours, with words without end."""
    life = Life(title=("$\\alpha$_x <!channel> שלום 😀 中 \u202e" * 5)[:120]).started()
    for turn in range(20):
        hostile = f"{turn} $x_1$ \\frac{{1}}{{2}} % <!channel> *b* `c` שלום \u202e中文 😀 " * 20
        life.after(minutes=7).does(PauseExperiment, comment=hostile[:900]).after(minutes=2).does(ResumeExperiment)
        life.does(AddNote, text=hostile[:2_900])
    life.after(hours=1).does(RaiseAlarm, guardrail("T1"), **life.breached(Action.WARN, "w" * 2_000))
    tighter = METRICS[1].model_copy(update={"limit": Limit(harm=0.05)})
    return life.does(ChangeGuardrails, guardrails=(tighter,)).seen(minutes=30)


EXAMPLES: dict[str, Callable[[], Timeline]] = {
    made.__name__: made
    for made in (
        ordinary, running, an_hour, a_year, canary, draft, in_review, booked, paused, rolled_out, just_begun, empty,
        crowded,
    )
}  # fmt: skip
GOLDEN = ("ordinary", "an_hour", "a_year", "crowded")
