"""The experiment and all that belongs to it as frozen values: status, source, review, approval, decision, note."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import model_validator

from experiments.design import Design, Variant
from experiments.readout import VerdictStatus
from experiments.running import Booking, Breach, Loosening, Origin, Phase, Prediction, Reading, Rollout, Withdrawal
from experiments.sources import DataSource
from experiments.texts import Frozen, Key, Line, Name, Prose, RequiredProse, Tag, Title, Words


class Status(Words):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DECIDED = "decided"
    ROLLING_OUT = "rolling_out"
    ROLLED_OUT = "rolled_out"
    ROLLED_BACK = "rolled_back"
    ARCHIVED = "archived"


class SourceKind(Words):
    PAPER = "paper"
    REPOSITORY = "repository"
    MODEL = "model"
    HYPOTHESIS = "hypothesis"
    INCIDENT = "incident"
    RECOMMENDATION = "recommendation"


class StopReason(Words):
    COMPLETED = "completed"
    HARM = "harm"
    INSUFFICIENT_DATA = "insufficient_data"
    OTHER = "other"


class Outcome(Words):
    SHIP = "ship"
    ITERATE = "iterate"
    ABANDON = "abandon"


class NoteKind(Words):
    OBSERVATION = "observation"
    LEARNING = "learning"
    DECISION = "decision"
    INCIDENT = "incident"


class NoteState(Words):
    WRITTEN = "written"
    EDITED = "edited"
    DELETED = "deleted"


class Source(Frozen):
    """Where the idea came from: a kind and a reference such as a link or a title."""

    kind: SourceKind = SourceKind.HYPOTHESIS
    reference: Line = ""


class Approval(Frozen):
    """Somebody's agreement to the design with this hash; `ticked` are the points of the checklist they looked at."""

    design_hash: str
    by: str
    at: datetime
    comment: Prose = ""
    ticked: tuple[Line, ...] = ()


class Check(Frozen):
    """A point of the automatic checklist as it stood when the review was asked for; None where nobody could tell."""

    code: str
    words: str
    passed: bool | None


class Precedent(Frozen):
    """A past experiment that is much like this one: why, and what was decided."""

    key: str
    title: str
    why: str
    outcome: Outcome | None = None


class Review(Frozen):
    """A request for approval of one exact design by `required` people.

    `due_at` is when the answer is expected, `expires_at` when the request ends without one. `reviewers` are asked by
    name, those of `groups` (Slack user groups) among them; nobody named means anybody who may review. `checklist` are
    the project's own points; `previous` is the design as it was last put to review. `checks` and `precedents` are what
    was known of the design when it was asked for, `data` is where the data of its project came from then.
    """

    number: int
    design_hash: str
    requested_by: str
    requested_at: datetime
    due_at: datetime
    expires_at: datetime | None = None
    reviewers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    question: Prose = ""
    required: int = 1
    checklist: tuple[Line, ...] = ()
    approvals: tuple[Approval, ...] = ()
    previous: Design | None = None
    checks: tuple[Check, ...] = ()
    precedents: tuple[Precedent, ...] = ()
    data: DataSource | None = None

    @property
    def awaited(self) -> tuple[str, ...]:
        """The reviewers asked by name who have not approved yet."""
        given = {approval.by for approval in self.approvals}
        return tuple(reviewer for reviewer in self.reviewers if reviewer not in given)


class Decision(Frozen):
    """What was concluded and why, with the number of the readout it rests on and what the rule advised.

    `source` links to the conversation it was taken from.
    """

    outcome: Outcome
    reasoning: RequiredProse
    next_steps: Prose = ""
    summary: Prose = ""
    by: str
    at: datetime
    readout_number: int
    advice: VerdictStatus | None = None
    source: Line = ""

    @property
    def is_against_advice(self) -> bool:
        """Whether it ships what the rule, fixed beforehand, did not say to ship."""
        return self.outcome is Outcome.SHIP and self.advice is not VerdictStatus.SHIP


class Note(Frozen):
    """A remark kept with an experiment. `number` counts them from 1; `source` links to the message it was taken from.

    A note that was edited or deleted says so; what it said before stays in its history.
    """

    kind: NoteKind
    text: RequiredProse
    by: str
    at: datetime
    number: int = 0
    source: Line = ""
    state: NoteState = NoteState.WRITTEN


class Experiment(Frozen):
    """One question with its hypothesis, variants, metrics and decision, as it stood at one version.

    `version` counts every change; `revision` leaves out notes and data, so that a form stays valid while data arrive.
    `authors` are all who wrote the present design; none of them may approve it. `data_version` counts accepted
    batches of aggregates: readout number n is the reading of the first n batches. `data_digests` are the SHA-256
    of those batches, so that the same one is not taken twice. `changed_by` made the newest revision. `reviewed` is the
    design as it was last put to review. `measured` tells of the newest data that Bunsen measured itself; `overrides`
    gives testers (unit → variant) what they want to see, without counting them. `breach` is what the monitor last
    acted on. `predictions` stay private until the start: ask for `told_predictions`.
    """

    workspace: str
    key: Key
    version: int = 0
    revision: int = 0
    title: Title
    status: Status = Status.DRAFT
    project: Name = "general"
    source: Source = Source()
    tags: tuple[Tag, ...] = ()
    channel: str = ""
    design: Design = Design()
    reviewers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    owner: str
    created_at: datetime
    updated_at: datetime
    changed_by: str = ""
    derived_from: str = ""
    review_count: int = 0
    review: Review | None = None
    reviewed: Design | None = None
    approval: Approval | None = None
    predictions: tuple[Prediction, ...] = ()
    booking: Booking | None = None
    phases: tuple[Phase, ...] = ()
    loosening: Loosening | None = None
    started_at: datetime | None = None
    started_by: str | None = None
    stopped_at: datetime | None = None
    stop_reason: StopReason | None = None
    stop_note: Prose = ""
    decision: Decision | None = None
    promotion: Rollout | None = None
    rollout: Rollout | None = None
    withdrawal: Withdrawal | None = None
    breach: Breach | None = None
    reading: Reading | None = None
    archived_from: Status | None = None
    data_version: int = 0
    data_day: float | None = None
    data_at: datetime | None = None
    data_digests: tuple[str, ...] = ()
    measured: Origin | None = None
    overrides: dict[str, str] = {}
    note_count: int = 0
    note_authors: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _states_agree(self) -> Self:
        if self.status is Status.APPROVED and not self._is_approved():
            raise ValueError("an approved experiment carries the approval of its own design")
        if self.status is Status.IN_REVIEW and self.review is None:
            raise ValueError("an experiment in review carries its review")
        if self.status is Status.SCHEDULED and (self.booking is None or not self._is_approved()):
            raise ValueError("a scheduled experiment carries its booking and the approval of its own design")
        if self.status is Status.DECIDED and self.decision is None:
            raise ValueError("a decided experiment carries its decision")
        if self.status in {Status.ROLLING_OUT, Status.ROLLED_OUT} and self.rollout is None:
            raise ValueError("what is rolled out carries its rollout")
        return self

    def _is_approved(self) -> bool:
        return self.approval is not None and self.approval.design_hash == self.design.hash

    def evolve(self, **changes: Any) -> Experiment:
        """The same experiment with these fields changed, validated anew."""
        return Experiment.model_validate({**dict(self), **changes})

    @property
    def control(self) -> Variant:
        return self.design.control

    @property
    def owes_decision(self) -> bool:
        """Whether it was run here and nobody has written down yet what was concluded."""
        return self.status is Status.STOPPED and self.stopped_at is not None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def told_predictions(self) -> tuple[Prediction, ...]:
        """The predictions once everybody may read them: from the start on."""
        return self.predictions if self.started_at else ()

    @property
    def phase(self) -> Phase | None:
        """The phase that is running, or ran last."""
        return self.phases[-1] if self.phases else None

    @property
    def weights(self) -> dict[str, int]:
        """The present weight of every variant: that of the newest phase, or of the design before the start."""
        return self.phase.weights if self.phase else {variant.key: variant.weight for variant in self.design.variants}

    @property
    def reach(self) -> datetime | None:
        """Up to when its data reach; None before there are any."""
        return self.measured.until if self.measured else self.data_at

    @property
    def unread(self) -> bool:
        """Whether there are data that no reading tells all of."""
        known = self.reading
        return self.data_version > (known.number if known and known.effects is not None else 0)

    @property
    def pending(self) -> bool:
        """Whether a promotion or looser guardrails wait for a second person."""
        return self.promotion is not None or self.loosening is not None


LIVE = frozenset({Status.RUNNING, Status.PAUSED})
ENDED = frozenset({Status.STOPPED, Status.DECIDED, Status.ROLLED_OUT, Status.ROLLED_BACK})
EDITABLE = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.APPROVED})
BEFORE_START = EDITABLE | {Status.SCHEDULED}
SERVING = LIVE | {Status.ROLLING_OUT, Status.ROLLED_OUT}
"""States in which a treatment may reach people."""
