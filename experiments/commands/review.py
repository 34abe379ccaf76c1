"""RequestReview, ApproveReview, RequestChanges, CancelReview, ExpireReview: agreement on one exact design."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from pydantic import AwareDatetime, Field

from experiments.commands.base import Command
from experiments.errors import AlreadyDone, BadInput, Incomplete, Stale
from experiments.model import Approval, Check, Experiment, Note, NoteKind, Precedent, Review, Status
from experiments.permissions import Actor, Permission
from experiments.policy import Project
from experiments.sources import DataSource
from experiments.texts import Line, Prose, RequiredProse

DEFAULT_REVIEW_TIME = timedelta(days=2)
DEFAULT_EXPIRY = timedelta(days=5)


class RequestReview(Command):
    """Ask for approval of the design as it stands; without reviewers anybody but its authors may give it.

    `groups` are the Slack user groups whose members are among the reviewers. The project may ask for more approvals
    than `required`, and for reviewers and points of its own. `checks` and `precedents` are shown to those who review,
    and so is where the `data` of the project come from.
    """

    needs = Permission.REQUEST_REVIEW

    reviewers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    due_at: AwareDatetime | None = None
    question: Prose = ""
    required: int = Field(default=1, ge=1, le=5)
    checklist: tuple[Line, ...] = ()
    default_reviewers: tuple[str, ...] = ()
    review_time: timedelta = DEFAULT_REVIEW_TIME
    expires_after: timedelta = DEFAULT_EXPIRY
    checks: tuple[Check, ...] = Field(default=(), max_length=20)
    precedents: tuple[Precedent, ...] = Field(default=(), max_length=5)
    data: DataSource | None = None

    def under(self, project: Project) -> Self:
        return self.model_copy(
            update={
                "required": max(self.required, project.required_approvals),
                "checklist": tuple(dict.fromkeys((*project.checklist, *self.checklist))),
                "default_reviewers": project.reviewers,
                "review_time": timedelta(days=project.review_days),
                "expires_after": timedelta(days=project.expires_days),
                "data": project.source,
            }
        )

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.status is Status.IN_REVIEW:
            raise self.done_before(before, "is in review already")
        before = self.existing(before, "sent to review")
        if missing := before.design.missing():
            raise Incomplete(missing)
        by_default = tuple(each for each in self.default_reviewers if each not in before.authors)
        reviewers = tuple(dict.fromkeys(self.reviewers or before.reviewers or by_default))
        if authors := set(reviewers) & set(before.authors):
            raise BadInput(
                f"{len(authors)} of these reviewers wrote the design; choose somebody else to look at it.",
                field="reviewers",
            )
        if reviewers and len(reviewers) < self.required:
            raise BadInput(
                f"This project asks for {self.required} approvals; name at least {self.required} reviewers, or nobody "
                "so that everybody may answer.",
                field="reviewers",
            )
        due_at = self.due_at or now + self.review_time
        if due_at <= now:
            raise BadInput("This date has passed; choose one in the future.", field="due_at")
        number = before.review_count + 1
        review = Review(
            number=number,
            design_hash=before.design.hash,
            requested_by=actor.user,
            requested_at=now,
            due_at=due_at,
            expires_at=due_at + self.expires_after,
            reviewers=reviewers,
            groups=self.groups,
            question=self.question,
            required=self.required,
            checklist=self.checklist,
            previous=before.reviewed,
            checks=self.checks,
            precedents=self.precedents,
            data=self.data,
        )
        return before.evolve(
            status=Status.IN_REVIEW,
            review=review,
            review_count=number,
            reviewers=reviewers,
            reviewed=before.design,
            approval=None,
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "asked for a review"


class ApproveReview(Command):
    """Approve the design with this hash, and no other; it is approved once as many people have as are required."""

    needs = Permission.APPROVE

    design_hash: str
    comment: Prose = ""
    ticked: tuple[Line, ...] = ()

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.approval and before.approval.design_hash == self.design_hash:
            raise self.done_before(before, "is approved already")
        before = self.existing(before, "approved")
        review = before.review
        if review is None or before.design.hash != self.design_hash:
            raise Stale("The design was changed since this request was posted. Look at the newest request.")
        if any(approval.by == actor.user for approval in review.approvals):
            raise AlreadyDone("You have approved this already; it waits for somebody else.")
        if undone := [point for point in review.checklist if point not in self.ticked]:
            raise Incomplete({"ticked": f"look at “{undone[0]}” first, and tick it"})
        approval = Approval(
            design_hash=self.design_hash, by=actor.user, at=now, comment=self.comment, ticked=self.ticked
        )
        answered = review.model_copy(update={"approvals": (*review.approvals, approval)})
        if len(answered.approvals) < review.required:
            return before.evolve(review=answered)
        return before.evolve(status=Status.APPROVED, review=answered, approval=approval)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        said = f": {self.comment}" if self.comment else ""
        if after.status is Status.APPROVED or after.review is None:
            return f"approved the design ({after.design.hash[:8]}){said}"
        given, required = len(after.review.approvals), after.review.required
        return f"approved the design ({given} of {required} approvals){said}"


class RequestChanges(Command):
    """Send the design back to its authors, saying what is missing."""

    needs = Permission.APPROVE

    design_hash: str
    comment: RequiredProse

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "sent back")
        if before.design.hash != self.design_hash:
            raise Stale("The design was changed since this request was posted. Look at the newest request first.")
        return before.evolve(
            status=Status.DRAFT,
            review=None,
            note_count=before.note_count + 1,
            note_authors=(*before.note_authors, actor.user),
        )

    def note(self, actor: Actor, now: datetime) -> Note | None:
        return Note(kind=NoteKind.OBSERVATION, text=self.comment, by=actor.user, at=now)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"asked for changes: {self.comment}"


class CancelReview(Command):
    """Take the request back; the draft stays as it is."""

    needs = Permission.CANCEL_REVIEW

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "taken out of review")
        return before.evolve(status=Status.DRAFT, review=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "took the request for review back"


class ExpireReview(Command):
    """End a request that nobody answered in time."""

    needs = Permission.RECORD

    number: int

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "taken out of review", Status.IN_REVIEW)
        review = before.review
        if review is None or review.number != self.number or review.expires_at is None or now < review.expires_at:
            raise Stale("This request is not over yet.")
        return before.evolve(status=Status.DRAFT, review=None)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "ended the request for review, which nobody answered in time; ask again when somebody can look"
