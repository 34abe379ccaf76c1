"""The three steps of a new or an edited draft: what and why, design, safety."""

from __future__ import annotations

from typing import Any

from experiments.design import Design, Direction, Kind, Metric, MetricKind, MetricRole, Scale, Unit
from experiments.model import EDITABLE, Experiment, SourceKind
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, people_field, select_field, text_field, words_of
from handlers.surfaces.kit import View
from handlers.surfaces.problem import refusal
from handlers.surfaces.state import CORRECTIONS, READINGS, RULES
from handlers.surfaces.words import said


def what_modal(draft: Experiment | None, about: dict[str, Any]) -> View:
    """Step 1: what is tried and why."""
    if draft and (refused := refusal(draft, "edited", EDITABLE)):
        return refused
    design = draft.design if draft else Design()
    source = draft.source if draft else None
    return kit.modal(
        "create_what",
        "Step 1 of 3: what, why",
        kit.section(
            "Write down the idea; it is kept as a draft that you can finish later."
            if draft is None
            else f"You are editing *{said(draft.title)}* ({draft.key}). A change of the design voids its approval."
        ),
        text_field("title", "Title", draft.title if draft else "", placeholder="Bigger checkout button", most=120),
        *(
            []
            if draft
            else [
                text_field(
                    "key",
                    "Key",
                    optional=True,
                    placeholder="bigger-checkout-button",
                    hint="A short name for commands: lower-case letters, digits and hyphens. Made from the title "
                    "when left empty.",
                    most=60,
                )
            ]
        ),
        text_field(
            "hypothesis",
            "Hypothesis",
            design.hypothesis,
            multiline=True,
            optional=True,
            placeholder="If … then … because …",
            hint="What do you expect, and why? It can wait, but a review needs it.",
        ),
        select_field("kind", "Kind", words_of(Kind), design.kind.value),
        text_field(
            "project",
            "Project",
            draft.project if draft else "general",
            hint="What it is grouped by, for example a team or a product.",
            most=60,
        ),
        select_field(
            "source_kind",
            "Where the idea comes from",
            words_of(SourceKind),
            (source.kind if source else SourceKind.HYPOTHESIS).value,
        ),
        text_field(
            "source_reference",
            "Reference",
            source.reference if source else "",
            optional=True,
            placeholder="A link, a title, a ticket",
            most=200,
        ),
        text_field(
            "tags",
            "Tags",
            ", ".join(draft.tags) if draft else "",
            optional=True,
            placeholder="checkout, copy",
            hint="With commas between. Experiments that share a tag are later read together.",
        ),
        submit="Save and go on",
        about=about,
    )


def design_modal(experiment: Experiment) -> View:
    """Step 2: variants and metrics."""
    design = experiment.design
    primary = design.primary or Metric(key="conversion", kind=MetricKind.PROPORTION, role=MetricRole.PRIMARY)
    return kit.modal(
        "create_design",
        "Step 2 of 3: design",
        kit.section(f"*{said(experiment.title)}* is saved as {experiment.key}."),
        text_field(
            "variants",
            "Variants and their shares",
            variants_text(design) or "control 50, treatment 50",
            multiline=True,
            hint="One a line or with commas between: a name and its percent. The first one is the control unless "
            "another is called control.",
        ),
        select_field("unit", "What is split between the variants", words_of(Unit), design.unit.value),
        text_field(
            "primary_metric",
            "Primary metric",
            _measured(primary) if design.primary else "",
            placeholder="conversion",
            hint="The one number that decides. Add its unit if it has one: revenue in EUR, orders per user.",
            most=130,
        ),
        select_field("primary_kind", "Kind of metric", words_of(MetricKind), primary.kind.value),
        select_field("primary_direction", "Good when it goes", words_of(Direction), primary.direction.value),
        text_field(
            "other_metrics",
            "Other metrics",
            other_metrics_text(design),
            multiline=True,
            optional=True,
            placeholder="latency-p95 mean down guardrail limit 2 % in ms",
            hint="One a line: name, kind (proportion, mean, ratio, quantile), direction (up, down), role (secondary, "
            "guardrail, cost), for a guardrail the harm it tolerates (limit 2 %, or limit 3 in its own unit), unit.",
        ),
        number_field(
            "smallest_effect__percent",
            "Smallest effect worth having, in percent of control",
            round(design.smallest_effect * 100, 8),
            least=0.01,
            most=1000,
            decimal=True,
            hint="Below this you would not bother to change anything.",
        ),
        submit="Save and go on",
        about=_about(experiment),
    )


def safety_modal(experiment: Experiment) -> View:
    """Step 3: how long, how it is read, by which rule, and who looks at it first."""
    design = experiment.design
    return kit.modal(
        "create_safety",
        "Step 3 of 3: safety",
        kit.section(f"*{said(experiment.title)}* is saved. Last: how long it runs and who looks at it first."),
        number_field("planned_days", "Planned days", design.planned_days, least=1, most=400),
        number_field(
            "planned_units",
            f"Planned number of {design.unit.words}s in control and one treatment together",
            design.planned_units,
            least=100,
            most=10**12,
            hint="An always-valid interval is tightest there; the other ways of reading have their end there.",
        ),
        select_field(
            "method",
            "How it is read",
            [(each.value, READINGS[each]) for each in READINGS],
            design.method.value,
            hint="For the same power always-valid needs about 1.7 times the units of one look at the end, "
            "group-sequential about 1.05 times.",
        ),
        *(
            [select_field("correction", "Several treatments are adjusted by", CORRECTIONS, design.correction.value)]
            if len(design.treatments) > 1
            else []
        ),
        select_field(
            "rule", "The rule, fixed beforehand", [(each.value, RULES[each]) for each in RULES], design.rule.value
        ),
        people_field(
            "reviewers",
            "Reviewers",
            experiment.reviewers,
            hint="Nobody approves a design of their own. Without names, anybody else may.",
        ),
        submit="Save the draft",
        about=_about(experiment),
    )


def variants_text(design: Design) -> str:
    """The variants as the form takes them: the control first, a line each."""
    ordered = sorted(design.variants, key=lambda variant: not variant.is_control)
    lines = [f"{variant.key} {variant.weight / 100:g}" for variant in ordered]
    if ordered and any(variant.key == "control" for variant in ordered[1:]):
        lines[0] += " (control)"
    return "\n".join(lines)


def other_metrics_text(design: Design) -> str:
    """The metrics beside the primary one as the form takes them, a line each."""
    return "\n".join(
        " ".join((metric.key, metric.kind, metric.direction, metric.role, *_limit(metric), *_unit(metric)))
        for metric in design.metrics
        if metric != design.primary
    )


def _limit(metric: Metric) -> tuple[str, ...]:
    if metric.limit is None:
        return ()
    if metric.limit.scale is Scale.RELATIVE:
        return "limit", f"{round(metric.limit.harm * 100, 8):.15g} %"
    return "limit", f"{metric.limit.harm:.15g}"


def _measured(metric: Metric) -> str:
    return " ".join((metric.key, *_unit(metric)))


def _unit(metric: Metric) -> tuple[str, ...]:
    if metric.unit == Metric(key=metric.key).unit:
        return ()
    return (metric.unit,) if metric.unit.lower().startswith("per ") else ("in", metric.unit)


def _about(experiment: Experiment) -> dict[str, Any]:
    return {"key": experiment.key, "revision": experiment.revision}
