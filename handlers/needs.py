"""What needs a person: reviews, decisions, second opinions, alarms of what is theirs, messages that did not arrive."""

from __future__ import annotations

from collections.abc import Iterable

from experiments.model import LIVE, Experiment, Status
from experiments.permissions import Actor, Permission, may
from experiments.repositories import Filter, UnitOfWork
from handlers.surfaces.needs import Need
from handlers.surfaces.state import alarm_words

MOST_MINE, MOST_ASKED = 100, 30


async def needs_of(actor: Actor, uow: UnitOfWork) -> tuple[Need, ...]:
    """Alarms first, then what others wait for, then what is owed."""
    mine = await uow.experiments.list(Filter(owner=actor.user, statuses=OWED, projects=actor.readable, limit=MOST_MINE))
    asked = await uow.experiments.list(Filter(reviewer=actor.user, projects=actor.readable, limit=MOST_ASKED))
    pending = await uow.experiments.list(Filter(pending=True, projects=actor.readable, limit=MOST_ASKED))
    return (*_alarms(mine), *_reviews(asked, actor), *_second_opinions(pending, actor), *_decisions(mine, actor))


OWED = (*sorted(LIVE), Status.STOPPED, Status.ROLLED_BACK)


def _alarms(mine: Iterable[Experiment]) -> Iterable[Need]:
    for each in mine:
        if what := alarm_words(each):
            yield Need(each, what, "results")


def _reviews(asked: Iterable[Experiment], actor: Actor) -> Iterable[Need]:
    for each in asked:
        approved = each.review and any(approval.by == actor.user for approval in each.review.approvals)
        if may(Permission.APPROVE, actor, each) and not approved:
            yield Need(each, "waits for your review", "show")


def _second_opinions(pending: Iterable[Experiment], actor: Actor) -> Iterable[Need]:
    for each in pending:
        if each.promotion and each.promotion.by != actor.user and may(Permission.CONFIRM, actor, each):
            yield Need(each, "its promotion waits for a second person", "show")
        if each.loosening and each.loosening.by != actor.user and may(Permission.AGREE, actor, each):
            yield Need(each, "looser guardrails wait for a second person", "show")


def _decisions(mine: Iterable[Experiment], actor: Actor) -> Iterable[Need]:
    for each in mine:
        undecided = each.owes_decision or (each.status is Status.ROLLED_BACK and each.decision is None)
        if undecided and may(Permission.DECIDE, actor, each):
            yield Need(each, "waits for your decision", "decide")
