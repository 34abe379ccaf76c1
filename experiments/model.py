"""The experiment and all that belongs to it as frozen values: status, source, review, approval, decision, note."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import model_validator

from experiments.design import Design, Variant
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


class Source(Frozen):
    """Where the idea came from: a kind and a reference such as a link or a title."""

    kind: SourceKind = SourceKind.HYPOTHESIS
    reference: Line = ""


class Review(Frozen):
    """A request for approval of one exact design. `due_at` is when the answer is expected."""

    number: int
    design_hash: str
    requested_by: str
    requested_at: datetime
    due_at: datetime
    reviewers: tuple[str, ...] = ()
    question: Prose = ""


class Approval(Frozen):
    design_hash: str
    by: str
    at: datetime
    comment: Prose = ""


class Decision(Frozen):
    """What was concluded and why, with the number of the readout it rests on and what that readout said."""

    outcome: Outcome
    reasoning: RequiredProse
    next_steps: Prose = ""
    summary: Prose = ""
    by: str
    at: datetime
    readout_number: int


class Note(Frozen):
    """A remark kept with an experiment."""

    kind: NoteKind
    text: RequiredProse
    by: str
    at: datetime


class Experiment(Frozen):
    """One question with its hypothesis, variants, metrics and decision, as it stood at one version.

    `version` counts every change; `revision` leaves out notes and data, so that a form stays valid while data arrive.
    `authors` are all who wrote the present design; none of them may approve it. `data_version` counts accepted
    batches of aggregates: readout number n is the reading of the first n batches. `data_digests` are the SHA-256
    of those batches, so that the same one is not taken twice.
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
    review_count: int = 0
    review: Review | None = None
    approval: Approval | None = None
    started_at: datetime | None = None
    started_by: str | None = None
    stopped_at: datetime | None = None
    stop_reason: StopReason | None = None
    stop_note: Prose = ""
    decision: Decision | None = None
    archived_from: Status | None = None
    data_version: int = 0
    data_day: float | None = None
    data_at: datetime | None = None
    data_digests: tuple[str, ...] = ()
    note_count: int = 0

    @model_validator(mode="after")
    def _states_agree(self) -> Self:
        approved = self.approval is not None and self.approval.design_hash == self.design.hash
        if self.status is Status.APPROVED and not approved:
            raise ValueError("an approved experiment carries the approval of its own design")
        if self.status is Status.IN_REVIEW and self.review is None:
            raise ValueError("an experiment in review carries its review")
        if self.status is Status.DECIDED and self.decision is None:
            raise ValueError("a decided experiment carries its decision")
        return self

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


LIVE = frozenset({Status.RUNNING, Status.PAUSED})
ENDED = frozenset({Status.STOPPED, Status.DECIDED, Status.ROLLED_OUT, Status.ROLLED_BACK})
EDITABLE = frozenset({Status.DRAFT, Status.IN_REVIEW, Status.APPROVED})
