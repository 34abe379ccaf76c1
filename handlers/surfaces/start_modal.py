"""Start: the checklist, who approved, that nothing was changed since, and what exactly will get which traffic."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.checklist import PART, Item, State, checklist
from experiments.design import Design
from experiments.difference import differences
from experiments.model import Experiment, Status
from experiments.numerals import share
from experiments.sources import DataSource
from handlers.surfaces import kit
from handlers.surfaces.checks import check_line, data_blocks, measured_words, participation, passed
from handlers.surfaces.diff import change_line
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import metric_words, metrics_line, name, plan_line, variants_line
from handlers.surfaces.traffic import shares
from handlers.surfaces.words import day, moment, person, said

BEFORE_START = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED, Status.SCHEDULED)
STARTABLE = (Status.APPROVED, Status.SCHEDULED)
CHANGES = 8


def start_modal(
    experiment: Experiment, items: Sequence[Item] = (), *, routed: bool = False, data: DataSource | None = None
) -> View:
    """A confirmation when every item holds; otherwise which one does not, and nothing to press."""
    if refused := refusal(experiment, "started", BEFORE_START):
        return refused
    checks = start_checks(experiment, items or checklist(experiment.design))
    ready = not any(blocks and holds is not True for _, holds, blocks in checks)
    failing = [said(words, 420) for words, holds, blocks in checks if blocks and holds is not True]
    verdict = "Ready to start" if ready else f"It cannot start yet. {' '.join(failing)}"
    design = experiment.design
    will_run = [
        f"*Traffic* {traffic_words(experiment)}",
        f"*Primary metric* {metric_words(design.primary) if design.primary else 'none yet'}",
        f"*Also measured* {metrics_line(design) or 'nothing'}",
        *([f"*How* {how}"] if (how := _measured(design)) else []),
        *participation(design),
        f"*Planned* {plan_line(design)}",
    ]
    return kit.modal(
        "start",
        "Start the experiment",
        kit.section(
            f"*{name(experiment)}*", *(check_line(words, holds, blocks=block) for words, holds, block in checks)
        ),
        *_approvals(experiment),
        *_changed(experiment),
        kit.section(*will_run),
        *(data_blocks(data) if data else []),
        *_booked(experiment),
        *([] if routed else [kit.context(NOT_ROUTED)]),
        kit.context(f"{verdict} · design {design.hash[:8]} · exactly this runs, nothing else"),
        submit="Start now" if ready else "",
        close="Cancel" if ready else "Close",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def _measured(design: Design) -> str:
    """How metrics are measured, where there is anything to say about it."""
    told = [(metric.key, measured_words(metric)) for metric in design.metrics]
    return "; ".join(f"{key}: {words}" for key, words in told if words)


def start_checks(experiment: Experiment, items: Sequence[Item]) -> list[tuple[str, bool | None, bool]]:
    """What must or should hold before it may start: its words, whether it holds, and whether the start needs it."""
    design, approval = experiment.design, experiment.approval
    approved = approval is not None and approval.design_hash == design.hash
    startable = experiment.status in STARTABLE
    known = [item for item in items if item.state is not State.UNKNOWN]
    state = "It was not started before" if startable else f"Its state is “{experiment.status.words}”, not “approved”"
    return [
        *((item.words, passed(item.state), item.blocks or item.code == PART) for item in known),
        ("The design is approved, and nothing was changed since." if approved else UNAPPROVED, approved, True),
        (f"{state}.", startable, True),
    ]


def traffic_words(experiment: Experiment) -> str:
    """Which traffic goes where once it runs."""
    design = experiment.design
    if not design.variants:
        return "none yet"
    who = f"{share(design.exposure)} of all {design.unit.words}s take part"
    if design.canary:
        return f"{who}, at first: {shares(design.first_weights)}"
    return f"{who}: {variants_line(design)}"


def _approvals(experiment: Experiment) -> list[Block]:
    approval = experiment.approval
    if approval is None:
        return []
    given = experiment.review.approvals if experiment.review and experiment.review.approvals else (approval,)
    return [kit.section("*Approved by* " + ", ".join(f"{person(each.by)} ({day(each.at)})" for each in given[:5]))]


def _changed(experiment: Experiment) -> list[Block]:
    """What differs from the design that was reviewed last; after an approval there is no such thing."""
    if experiment.reviewed is None:
        return []
    changes = differences(experiment.reviewed, experiment.design)
    if not changes:
        return []
    lines = [f"• {change_line(change, 160)}" for change in changes[:CHANGES]]
    more = [f"… and {len(changes) - CHANGES} more"] if len(changes) > CHANGES else []
    return [kit.section("*Changed since it was reviewed*, old → new", *lines, *more)]


def _booked(experiment: Experiment) -> list[Block]:
    booking = experiment.booking
    if booking is None:
        return []
    stop = f"; its stop at {moment(booking.stop_at)} stays" if booking.stop_at else ""
    return [kit.section(f"It is booked for {moment(booking.start_at)}. Starting it now takes the place of that{stop}.")]


UNAPPROVED = "Nobody has approved this design yet."
NOT_ROUTED = "Routing is not connected: your application sends the traffic, and Bunsen keeps what was agreed."
