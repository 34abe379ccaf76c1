"""Finding experiments: filters and words to search for as statements that read only what a page shows."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, literal, select

from experiments.model import Status
from experiments.repositories import Filter
from storage.tables import EXPERIMENT, REVIEW_PART

MOST_SEARCH_WORDS = 12
REMEMBERED = 1024
AUTHOR, REVIEWER = "author", "reviewer"

HERE = EXPERIMENT.c.workspace == bindparam("workspace")
MOMENTS = ("since", "booked_by")
SINCE, BOOKED_BY = (bindparam(name, type_=EXPERIMENT.c.updated_at.type) for name in MOMENTS)
SOMETIME = datetime(2000, 1, 1, tzinfo=UTC)

Build = Callable[[Filter], Select[Any]]


def values(which: Filter, workspace: str) -> dict[str, Any]:
    """What a statement about this filter is executed with."""
    return {"workspace": workspace, **_moments(which)}


def _moments(which: Filter) -> dict[str, datetime]:
    return {name: moment for name in MOMENTS if (moment := getattr(which, name))}


def _remembered(build: Build) -> Build:
    """Build a statement once for all moments, since hardly any filter speaks of the same one twice."""
    built = lru_cache(maxsize=REMEMBERED)(build)

    @wraps(build)
    def statement(which: Filter) -> Select[Any]:
        return built(which.model_copy(update=dict.fromkeys(_moments(which), SOMETIME)))

    return statement


@_remembered
def listing(which: Filter) -> Select[Any]:
    """The bodies of one page. The page is found first, in the index, so that no other body is read."""
    keys = (EXPERIMENT.c.workspace, EXPERIMENT.c.key, EXPERIMENT.c.updated_at, _rank(which).label("rank"))
    order = (keys[-1].asc(), EXPERIMENT.c.updated_at.desc(), EXPERIMENT.c.key.desc())
    found = _narrowed(select(*keys), which)
    page = found.order_by(*order[0 if which.text else 1 :]).limit(which.limit).offset(which.offset).subquery()
    same = and_(EXPERIMENT.c.workspace == page.c.workspace, EXPERIMENT.c.key == page.c.key)
    return (
        select(EXPERIMENT.c.body)
        .join_from(page, EXPERIMENT, same)
        .order_by(page.c.rank, page.c.updated_at.desc(), page.c.key.desc())
    )


@_remembered
def counting(which: Filter) -> Select[Any]:
    return _narrowed(select(func.count()).select_from(EXPERIMENT), which)


@_remembered
def by_status(which: Filter) -> Select[Any]:
    return _narrowed(select(EXPERIMENT.c.status, func.count().label("counted")), which).group_by(EXPERIMENT.c.status)


@_remembered
def naming(which: Filter) -> Select[Any]:
    """The keys alone."""
    return _narrowed(select(EXPERIMENT.c.key), which).order_by(EXPERIMENT.c.key)


def _rank(which: Filter) -> ColumnElement[int]:
    """The key itself comes first, then what has all the words in its key and title, then the rest."""
    words = search_words(which.text)
    if not words:
        return literal(0)
    named = and_(*(EXPERIMENT.c.named.contains(word, autoescape=True) for word in words))
    return case((EXPERIMENT.c.key == "-".join(words), 0), (named, 1), else_=2)


def _narrowed(query: Select[Any], which: Filter) -> Select[Any]:
    narrow: list[ColumnElement[bool]] = [HERE]
    if which.statuses:
        narrow.append(EXPERIMENT.c.status.in_([status.value for status in which.statuses]))
    if which.projects is not None:
        narrow.append(EXPERIMENT.c.project.in_(which.projects))
    if which.kinds:
        narrow.append(EXPERIMENT.c.kind.in_([kind.value for kind in which.kinds]))
    if which.significance:
        narrow.append(EXPERIMENT.c.significance == which.significance.value)
    if which.outcome:
        narrow.append(EXPERIMENT.c.outcome == which.outcome.value)
    if which.since:
        narrow.append(EXPERIMENT.c.updated_at >= SINCE)
    if which.booked_by:
        narrow.append(EXPERIMENT.c.booked_at <= BOOKED_BY)
    if which.unread:
        narrow.append(EXPERIMENT.c.unread == 1)
    if which.pending:
        narrow.append(EXPERIMENT.c.pending == 1)
    if which.group:
        narrow.append(EXPERIMENT.c.exclusion_group == which.group)
    if which.owner:
        narrow.append(EXPERIMENT.c.owner == which.owner)
    if which.channel:
        narrow.append(EXPERIMENT.c.channel == which.channel)
    if which.reviewer:
        named, anybody = _takes_part(REVIEWER, which.reviewer), ~_takes_part(REVIEWER)
        narrow.append(EXPERIMENT.c.status == Status.IN_REVIEW.value)
        narrow.append((named | anybody) & ~_takes_part(AUTHOR, which.reviewer))
    narrow.extend(EXPERIMENT.c.search_text.contains(word, autoescape=True) for word in search_words(which.text))
    return query.where(*narrow)


def search_words(text: str) -> list[str]:
    """The words to look for, as they are kept."""
    return unicodedata.normalize("NFC", text).replace("\0", " ").casefold().split()[:MOST_SEARCH_WORDS]


def _takes_part(part: str, person: str | None = None) -> ColumnElement[bool]:
    this = (REVIEW_PART.c.workspace == EXPERIMENT.c.workspace) & (REVIEW_PART.c.key == EXPERIMENT.c.key)
    found = this & (REVIEW_PART.c.part == part)
    return exists().where(found if person is None else found & (REVIEW_PART.c.person == person))
