"""Reviews, starts and schedules, versions and history: what is asked, shown and told around a design."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from experiments.checklist import Overlap, checklist
from experiments.design import Design, Expectation, Metric, Variant
from experiments.difference import of_experiments
from experiments.groups import obstacle
from experiments.model import Approval, Check, Experiment, Outcome, Precedent, Status
from experiments.policy import Project
from experiments.running import Booking
from experiments.sizing import Sizing, sizing
from experiments.targeting import Exclusion
from handlers.surfaces.diff import Comparison, diff_modal, only_version_modal, review_diff_modal
from handlers.surfaces.history import history_modal
from handlers.surfaces.kit import Message, View
from handlers.surfaces.reminders import review_expired, review_reminder
from handlers.surfaces.review_modal import Asking, approve_modal, left_out, review_modal, withdraw_modal
from handlers.surfaces.review_request import review_request
from handlers.surfaces.schedule_modal import countdown, schedule_modal, unschedule_modal
from handlers.surfaces.start_modal import start_modal
from tests.handlers.surfaces.situations import ADA, BO, CHEN, NOW, actor, bait, design, experiment, hostile, record

POINTS = ("Legal has seen it", "The on-call team knows the date", "A kill switch was tried " + "in staging " * 12)
TZ = "Europe/Berlin"
COUNTDOWNS = ("start in a day", "start in an hour", "stop in a day", "stop in an hour", "stop failed")


def before() -> Design:
    """The design as it was at the review before."""
    return design(
        hypothesis="If the button is bigger, then more people buy.",
        planned_days=10,
        variants=(
            Variant(key="control", weight=8_000, is_control=True),
            Variant(key="bigger-button", weight=2_000, config={"size": 12, "colour": {"hover": "blue"}}),
        ),
        metrics=(Metric(key="conversion", role="primary", kind="proportion", unit="per user"),),
    )


def asked(make: Any = experiment, **changes: Any) -> Experiment:
    """A second request, which two people have to approve and one has."""
    made = make(Status.IN_REVIEW)
    if make is experiment:
        made = make(Status.IN_REVIEW, design=design(expectation=Expectation(baseline=0.12, per_day=4_000)))
    review = made.review.model_copy(
        update={
            "number": 2,
            "required": 2,
            "reviewers": (BO, CHEN),
            "groups": ("S0REVIEWERS",),
            "checklist": POINTS[:2],
            "previous": before(),
            "approvals": (
                Approval(design_hash=made.design.hash, by=BO, at=NOW, comment="Looks sound. Watch latency.", ticked=()),
            ),
            "checks": tuple(
                Check(
                    code=item.code, words=item.words, passed=None if item.state == "unknown" else item.state == "passed"
                )
                for item in checklist(made.design, sizing=sized(made.design), overlaps=overlaps())
            ),
            "precedents": (
                Precedent(key="red-button", title="Red button", why="tag checkout", outcome=Outcome.ABANDON),
                Precedent(key="wide-button", title="Wide button", why="same metric conversion, word button"),
            ),
            **changes,
        }
    )
    return made.evolve(review=review)


def multivariate(*words: str) -> Design:
    """Three of the four combinations of two factors."""
    prompt, model, short, long, small, large = words or ("prompt", "model", "short", "long", "small", "large")
    cells = ({prompt: long, model: small}, {prompt: short, model: small}, {prompt: short, model: large})
    return design(
        variants=tuple(
            Variant(key=key, weight=weight, is_control=key == "control", factors=cell)
            for key, weight, cell in zip(
                ("control", "short-small", "short-large"), (4_000, 3_000, 3_000), cells, strict=True
            )
        )
    )


def sized(design: Design) -> Sizing | None:
    known = design.expectation
    return sizing(design, baseline=known.baseline, per_day=known.per_day) if known else None


def hostile_request() -> Experiment:
    nasty = bait(3000)
    return asked(
        hostile,
        groups=("<!channel>", "S0REVIEWERS"),
        reviewers=tuple(f"U{place:09d}" for place in range(60)),
        checklist=tuple(f"{place} {bait(190)}" for place in range(20)),
        question=nasty,
        approvals=tuple(Approval(design_hash="0", by=f"U1{place}", at=NOW, comment=nasty) for place in range(4)),
        checks=tuple(Check(code=f"c{place}", words=nasty, passed=place % 2 == 0) for place in range(20)),
        precedents=tuple(Precedent(key=f"k{place}", title=nasty, why=nasty) for place in range(5)),
    )


def overlaps() -> tuple[Overlap, ...]:
    return (Overlap("search-prompt", "Search prompt", "also measures conversion"),)


def booked(status: Status = Status.SCHEDULED, make: Any = experiment, **changes: Any) -> Experiment:
    start = NOW + timedelta(days=1)
    booking = Booking(start_at=start, stop_at=start + timedelta(days=14), tz=TZ, by=ADA, at=NOW - timedelta(days=3))
    return make(status, booking=booking.model_copy(update=changes))  # type: ignore[no-any-return]


def messages() -> Iterator[tuple[str, Message]]:
    yield "review request again", review_request(asked())
    yield "review request unchanged", review_request(asked(previous=design(), reviewers=(), groups=(), approvals=()))
    yield "review request again hostile", review_request(hostile_request())
    yield "review request factors", review_request(experiment(Status.IN_REVIEW, design=multivariate()))
    odd = ("<!channel>", "*bold*", "`code`", "<@U1>", "שלום\u202e", "😀" * 50)
    yield "review request factors hostile", review_request(experiment(Status.IN_REVIEW, design=multivariate(*odd)))
    yield "review reminder partly", review_reminder(asked(), "half")
    yield "review reminder ends", review_reminder(asked(expires_at=NOW + timedelta(days=3)), "due")
    yield "review reminder direct", review_reminder(asked(expires_at=NOW + timedelta(days=3)), "due", "U0CHEN")
    yield "review reminder direct half hostile", review_reminder(asked(hostile), "half", "<!channel>")
    yield "review expired", review_expired(experiment(), ADA)
    yield "review expired hostile", review_expired(hostile(), "<!channel>")
    yield "review left out", left_out(experiment(Status.IN_REVIEW), [ADA])
    for which in COUNTDOWNS:
        status = Status.SCHEDULED if which.startswith("start") else Status.RUNNING
        yield f"countdown {which}", countdown(booked(status), which)  # type: ignore[arg-type]
        yield f"countdown {which} hostile", countdown(booked(status, hostile, by="<!here>"), which)  # type: ignore[arg-type]


def views() -> Iterator[tuple[str, View]]:
    project = Project(name="checkout", required_approvals=2, reviewers=(CHEN,), review_days=3)
    asking = Asking(
        project=project,
        groups=(("S0REVIEWERS", "Experiment reviewers (@experiment-reviewers)"),),
        items=checklist(design(planned_days=10), overlaps=overlaps()),
        precedents=asked().review.precedents,  # type: ignore[union-attr]
    )
    yield "review with groups", review_modal(experiment(reviewers=()), NOW, asking)
    nasty = Asking(
        project=Project(name=bait(60)),
        groups=tuple((f"S{place}", bait(200)) for place in range(150)),
        items=checklist(hostile().design, overlaps=(Overlap("k", bait(120), bait(500)),) * 9),
        precedents=hostile_request().review.precedents,  # type: ignore[union-attr]
    )
    yield "review with groups hostile", review_modal(hostile(), NOW, nasty)
    yield "approve", approve_modal(asked(checklist=()))
    yield "approve with points", approve_modal(asked(checklist=POINTS))
    yield "approve hostile", approve_modal(hostile_request())
    yield "approve too late", approve_modal(experiment(Status.APPROVED))
    yield "withdraw", withdraw_modal(asked())
    yield "withdraw too late", withdraw_modal(experiment())
    yield "review diff", review_diff_modal(asked())
    yield "review diff first", review_diff_modal(experiment(Status.IN_REVIEW))
    yield "review diff hostile", review_diff_modal(hostile_request())
    yield from _starts()
    yield from _versions()


def _starts() -> Iterator[tuple[str, View]]:
    approved = experiment(Status.APPROVED)
    yield "start beside another", start_modal(approved, checklist(approved.design, overlaps=overlaps()), routed=True)
    yield "start booked", start_modal(booked())
    for name, make, title in (("", experiment, "Sticky button"), (" hostile", hostile, bait(120))):
        part = Exclusion(group="checkout", first=2_500, share=5_000)
        mine = make(Status.APPROVED, design=make().design.model_copy(update={"exclusion": part}))
        taken = obstacle(mine, [mine.evolve(key="sticky-button", title=title)], actor())
        yield f"start in a taken part{name}", start_modal(mine, checklist(mine.design, taken=taken))
        yield f"start in a free part{name}", start_modal(mine, checklist(mine.design, taken=""))
    yield "start changed", start_modal(experiment(reviewed=before()))
    for name, make in (("", experiment), (" hostile", hostile)):
        yield f"schedule{name}", schedule_modal(make(Status.APPROVED), NOW + timedelta(days=1), TZ)
        yield (
            f"schedule again{name}",
            schedule_modal(booked(make=make), NOW + timedelta(days=2), TZ, "02:30 comes twice."),
        )
        yield f"unschedule{name}", unschedule_modal(booked(make=make))
    yield "schedule too late", schedule_modal(experiment(Status.RUNNING), NOW, TZ)
    yield "unschedule too late", unschedule_modal(approved)


def _versions() -> Iterator[tuple[str, View]]:
    older, newer = experiment(design=before(), title="Big button", revision=2, reviewers=(CHEN,)), experiment()
    versions = [(str(number), f"{number} · 2026-03-0{number} · edited the draft") for number in range(5, 0, -1)]
    yield "diff", diff_modal(Comparison(older, newer, versions, of_experiments(older, newer)))
    yield "diff of the same", diff_modal(Comparison(newer, newer, versions, ()))
    yield "diff of nothing", diff_modal(Comparison(newer.evolve(revision=4), newer, versions, ()))
    many = [(str(number), bait(200)) for number in range(300)]
    yield "diff hostile", diff_modal(Comparison(older, hostile(), many, of_experiments(older, hostile())))
    yield "diff only version", only_version_modal(newer)
    records = tuple(record(place, f"edited the draft ({place})") for place in range(40, 0, -1))
    moved = record(0, "asked for a review").model_copy(
        update={"status_before": Status.DRAFT, "status_after": Status.IN_REVIEW}
    )
    yield "history", history_modal(newer, (*records[-3:], moved))
    yield "history page", history_modal(newer, records, 1)
    yield "history empty", history_modal(newer, ())
    yield "history hostile", history_modal(hostile(), tuple(record(place, bait(3000)) for place in range(40)), 99)
