"""Start: the checklist, and what exactly will run."""

from __future__ import annotations

from experiments.model import Experiment, Status
from handlers.surfaces import kit
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import metric_words, metrics_line, name, plan_line, variants_line
from handlers.surfaces.words import day, person

BEFORE_START = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED)


def start_modal(experiment: Experiment) -> View:
    """A confirmation when every item holds; otherwise which one does not, and nothing to press."""
    if refused := refusal(experiment, "started", BEFORE_START):
        return refused
    checks = checklist(experiment)
    ready = all(holds for holds, _ in checks)
    listed = [f"{'✅' if holds else '❌'} {words}" for holds, words in checks]
    design = experiment.design
    will_run = [
        f"*Variants* {variants_line(design)}",
        f"*Primary metric* {metric_words(design.primary) if design.primary else 'none yet'}",
        f"*Also measured* {metrics_line(design) or 'nothing'}",
        f"*Planned* {plan_line(design)}",
    ]
    return kit.modal(
        "start",
        "Start the experiment",
        kit.section(f"*{name(experiment)}*", *listed),
        kit.section(*will_run),
        kit.context(f"design {design.hash[:8]} · exactly this runs, nothing else"),
        submit="Start now" if ready else "",
        close="Cancel" if ready else "Close",
        about={"key": experiment.key, "revision": experiment.revision},
    )


def checklist(experiment: Experiment) -> list[tuple[bool, str]]:
    """What must hold before it may start, each with its words."""
    design, approval = experiment.design, experiment.approval
    approved = approval is not None and approval.design_hash == design.hash
    if approval and approved:
        by = f"Approved by {person(approval.by)}, {day(approval.at)}"
    else:
        by = "No approval of this design yet"
    missing, startable = design.missing(), experiment.status is Status.APPROVED
    return [
        ("hypothesis" not in missing, "There is a hypothesis" if design.hypothesis else "The hypothesis is empty"),
        ("variants" not in missing, "Variants sum to 100 %, with a control" if design.variants else "No variants yet"),
        ("primary_metric" not in missing, "One metric decides" if design.primary else "No primary metric yet"),
        (approved, by),
        (startable, "Not started before" if startable else f"Its state is “{experiment.status.words}”"),
    ]
