"""Step 2 of a draft: what is compared on which metrics, how many units that takes, and what was tried before."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.design import Design, Direction, Metric, MetricKind, MetricRole, Unit
from experiments.model import EDITABLE, Experiment, Precedent
from handlers.surfaces import kit
from handlers.surfaces.design_lines import (
    MEASURED,
    audience_text,
    exclusion_text,
    other_metrics_text,
    primary_text,
    variants_text,
)
from handlers.surfaces.fields import number_field, select_field, text_field, words_of
from handlers.surfaces.kit import Block, View
from handlers.surfaces.past import past_blocks
from handlers.surfaces.problem import refusal
from handlers.surfaces.sizing_block import Sized, baseline_fields, per_day_field, sizing_block
from handlers.surfaces.state import name
from handlers.surfaces.wizard import Below, about_step, back_row, lines_field, submit_words, warning
from handlers.surfaces.words import said
from handlers.variant_lines import details_text

EXCLUSION = (
    "A group and this experiment's part of its people in percent. Experiments of one group whose parts do not overlap "
    "never share anybody."
)
USUAL = Metric(key="conversion", kind=MetricKind.PROPORTION, role=MetricRole.PRIMARY)


def design_modal(
    experiment: Experiment,
    sized: Sized = None,
    precedents: Sequence[Precedent] = (),
    below: Below = (),
    *,
    free: str = "",
    meant: str = "",
) -> View:
    """What was tried before comes first; the size is worked out anew with every change of what it follows from.

    `free` says what is free in its exclusion group; `meant` is the project that a mistyped one may have meant.
    """
    if refused := refusal(experiment, "edited", EDITABLE):
        return refused
    design = experiment.design
    primary = design.primary or USUAL
    expectation = design.expectation
    return kit.modal(
        "create_design",
        "Step 2 of 3: design",
        kit.section(f"*{name(experiment)}* is saved as {experiment.key}."),
        *_project(experiment, meant),
        *warning(experiment),
        *past_blocks(precedents),
        lines_field(
            "variants",
            "Variants and their weights",
            variants_text(design) or "control 50, treatment 50",
            hint="One a line or with commas between: a name and its percent. The first one is the control unless "
            "another is called control. With several factors: short-small 25 prompt=short model=small.",
        ),
        lines_field(
            "details",
            "What each of them is",
            details_text(design.variants),
            optional=True,
            placeholder="treatment: the cheaper one, model=small, prompt_version=3",
            hint="One a line: a variant, a few words, and what it runs with. The leaderboard ranks those that name a "
            "model or a prompt; an evaluation run also names its dataset and dataset_version.",
        ),
        select_field("unit", "What is split between the variants", words_of(Unit), design.unit.value),
        number_field(
            "exposure__percent",
            "How many of them take part, in percent",
            design.exposure / 100,
            least=0.01,
            most=100,
            decimal=True,
            hint="The others get control and are not counted.",
            live=True,
        ),
        *_eligible(design, free),
        text_field(
            "primary_metric",
            "Primary metric",
            primary_text(primary) if design.primary else "",
            placeholder="conversion",
            hint="The one number that decides. Add its unit if it has one: revenue in EUR, orders per user. "
            + MEASURED,
            most=1_500,
        ),
        select_field("primary_kind", "Kind of metric", words_of(MetricKind), primary.kind.value, live=True),
        select_field("primary_direction", "Good when it goes", words_of(Direction), primary.direction.value),
        _other_metrics(experiment),
        number_field(
            "smallest_effect__percent",
            "Smallest effect worth having, in percent of control",
            round(design.smallest_effect * 100, 8),
            least=0.01,
            most=1000,
            decimal=True,
            hint="Below this you would not bother to change anything.",
            live=True,
        ),
        *baseline_fields(primary.kind, expectation),
        per_day_field(design.unit.words, expectation.per_day if expectation else None),
        sizing_block(sized, design),
        back_row(experiment),
        submit=submit_words(below),
        about=about_step(experiment, below),
    )


def _other_metrics(experiment: Experiment) -> Block:
    return lines_field(
        "other_metrics",
        "Other metrics",
        other_metrics_text(experiment.design),
        optional=True,
        placeholder="revenue mean up secondary in EUR",
        hint="One a line: name, kind (proportion, mean, ratio, quantile), direction (up, down), role (secondary, "
        f"cost), unit. {MEASURED} The guardrails come in the next step.",
    )


def _project(experiment: Experiment, meant: str) -> list[Block]:
    if not meant:
        return []
    words = (
        f"Nothing else is in the project “{said(experiment.project)}” yet. Did you mean *{said(meant)}*? "
        "Go back to change it."
    )
    return [kit.section(f"⚠️ {words}")]


def _eligible(design: Design, free: str) -> list[Block]:
    """Who is meant at all, and with whom nobody is shared."""
    return [
        lines_field(
            "audience",
            "Only for",
            audience_text(design),
            optional=True,
            placeholder="country is DE, FR",
            hint="One condition a line; all must hold: plan is not free, app_version at least 2.10.0, age greater "
            "than 17, email ends with example.com, beta exists. Without any, everybody is meant.",
        ),
        text_field(
            "exclusion",
            "Exclusion group",
            exclusion_text(design.exclusion),
            optional=True,
            placeholder="checkout 0-50",
            hint=f"{free} {EXCLUSION}".strip(),
            most=120,
        ),
    ]
