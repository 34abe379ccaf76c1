"""RequestReview, ApproveReview, RequestChanges: agreement on one exact design before it runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import AwareDatetime

from experiments.commands.base import Command
from experiments.errors import BadInput, Incomplete, Stale
from experiments.model import Approval, Experiment, Note, NoteKind, Review, Status
from experiments.permissions import Actor, Permission
from experiments.texts import Prose, RequiredProse

DEFAULT_REVIEW_TIME = timedelta(days=2)


class RequestReview(Command):
    """Ask for approval of the design as it stands; without reviewers anybody but its authors may give it."""

    needs = Permission.REQUEST_REVIEW

    reviewers: tuple[str, ...] = ()
    due_at: AwareDatetime | None = None
    question: Prose = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "sent to review", Status.DRAFT)
        if missing := before.design.missing():
            raise Incomplete(missing)
        reviewers = tuple(dict.fromkeys(self.reviewers or before.reviewers))
        if authors := set(reviewers) & set(before.authors):
            raise BadInput(
                f"{len(authors)} of these reviewers wrote the design; choose somebody else to look at it.",
                field="reviewers",
            )
        due_at = self.due_at or now + DEFAULT_REVIEW_TIME
        if due_at <= now:
            raise BadInput("This date has passed; choose one in the future.", field="due_at")
        number = before.review_count + 1
        review = Review(
            number=number,
            design_hash=before.design.hash,
            requested_by=actor.user,
            requested_at=now,
            due_at=due_at,
            reviewers=reviewers,
            question=self.question,
        )
        return before.evolve(
            status=Status.IN_REVIEW, review=review, review_count=number, reviewers=reviewers, approval=None
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return "asked for a review"


class ApproveReview(Command):
    """Approve the design with this hash, and no other."""

    needs = Permission.APPROVE

    design_hash: str
    comment: Prose = ""

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        if before is not None and before.approval and before.approval.design_hash == self.design_hash:
            raise self.done_before(before, "is approved already")
        before = self.existing(before, "approved", Status.IN_REVIEW)
        if before.design.hash != self.design_hash:
            raise Stale("The design was changed since this request was posted. Look at the newest request.")
        return before.evolve(
            status=Status.APPROVED,
            approval=Approval(design_hash=self.design_hash, by=actor.user, at=now, comment=self.comment),
        )

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"approved the design ({after.design.hash[:8]})"


class RequestChanges(Command):
    """Send the design back to its authors, saying what is missing."""

    needs = Permission.APPROVE

    design_hash: str
    comment: RequiredProse

    def apply(self, before: Experiment | None, actor: Actor, now: datetime) -> Experiment:
        before = self.existing(before, "sent back", Status.IN_REVIEW)
        if before.design.hash != self.design_hash:
            raise Stale("The design was changed since this request was posted. Look at the newest request first.")
        return before.evolve(status=Status.DRAFT, review=None, note_count=before.note_count + 1)

    def note(self, actor: Actor, now: datetime) -> Note:
        return Note(kind=NoteKind.OBSERVATION, text=self.comment, by=actor.user, at=now)

    def sentence(self, before: Experiment | None, after: Experiment) -> str:
        return f"asked for changes: {self.comment}"
