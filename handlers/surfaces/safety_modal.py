"""Step 3 of a draft: what must not get worse, how long it runs, how it is read, by which rule, and who looks first."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.checklist import Item
from experiments.design import Design, Method
from experiments.model import EDITABLE, Experiment
from handlers.surfaces import kit
from handlers.surfaces.checks import item_lines
from handlers.surfaces.design_lines import MEASURED, guardrails_text, steps_text
from handlers.surfaces.fields import number_field, people_field, select_field, text_field
from handlers.surfaces.kit import Block, View
from handlers.surfaces.problem import refusal
from handlers.surfaces.sizing_block import Sized, sizing_block
from handlers.surfaces.state import CORRECTIONS, READINGS, RULES, name, target_of
from handlers.surfaces.wizard import Below, about_step, back_row, lines_field, warning

CHECKLIST = "checklist"


def safety_modal(experiment: Experiment, sized: Sized = None, items: Sequence[Item] = (), below: Below = ()) -> View:
    """Ends with the size and the checklist, both as of what is filled in."""
    if refused := refusal(experiment, "edited", EDITABLE):
        return refused
    design = experiment.design
    return kit.modal(
        "create_safety",
        "Step 3 of 3: safety",
        kit.section(f"*{name(experiment)}* is saved. Last: what must not get worse, how long, and who looks first."),
        *warning(experiment),
        lines_field(
            "guardrails",
            "Guardrails",
            guardrails_text(design.guardrails),
            optional=True,
            placeholder="latency-p95 mean down limit 2 % from 500 units stop in ms",
            hint="One a line: name, kind, the good direction, then what you like of these: the harm it tolerates "
            "(limit 2 %, or limit 3 in its own unit), the units in every variant before it counts (from 500 units), "
            "what a breach does (warn, pause, stop, rollback), what missing data do (missing pause). Last the unit. "
            + MEASURED,
        ),
        *plan_fields(design),
        *_canary(design),
        select_field(
            "method",
            "How it is read",
            [(each.value, READINGS[each]) for each in Method if each in READINGS],
            design.method.value,
            hint="For the same power always-valid needs about 1.7 times the units of one look at the end, "
            "group-sequential about 1.05 times.",
            live=True,
        ),
        *_correction(experiment),
        sizing_block(sized, design),
        kit.actions(kit.button("Plan what it takes", "create_fit", target_of(experiment))),
        select_field(
            "rule", "The rule, fixed beforehand", [(each.value, RULES[each]) for each in RULES], design.rule.value
        ),
        people_field(
            "reviewers",
            "Reviewers",
            experiment.reviewers,
            hint="Nobody approves a design of their own. Without names, anybody else may.",
        ),
        checklist_block(items),
        back_row(experiment),
        submit="Save the draft",
        about=about_step(experiment, below),
    )


def plan_fields(design: Design, scope: str = "") -> list[Block]:
    """How long and for how many units; the scope makes other fields of them, since Slack keeps what stands in one."""
    return [
        number_field(f"planned_days{scope}", "Planned days", design.planned_days, least=1, most=400, live=True),
        number_field(
            f"planned_units{scope}",
            f"Planned number of {design.unit.words}s in control and one treatment together",
            design.planned_units,
            least=100,
            most=10**12,
            hint="An always-valid interval is tightest there; the other ways of reading have their end there.",
            live=True,
        ),
    ]


def _canary(design: Design) -> list[Block]:
    """The steps of a canary, where it is one."""
    plan = design.canary
    return [
        text_field(
            "canary_steps",
            "Steps of a canary, in percent",
            steps_text(plan),
            optional=True,
            placeholder="5, 25, 50",
            hint="Left empty, it is no canary. Otherwise the treatment goes from step to step by itself while it is as "
            "good as control, and back to control when it is not.",
            most=100,
        ),
        number_field(
            "canary_minutes",
            "Minutes of each step",
            plan.minutes if plan else None,
            least=1,
            most=7 * 24 * 60,
            optional=True,
            hint="Without a number, 30.",
        ),
        text_field(
            "canary_critical",
            "Critical metrics of the canary",
            ", ".join(plan.critical) if plan else "",
            optional=True,
            placeholder="error-rate",
            hint="With commas between. When one of them fails, the canary goes back at once, whatever the others say.",
            most=1_000,
        ),
    ]


def checklist_block(items: Sequence[Item]) -> Block:
    """Every item with what is the case and what to do; only what blocks keeps it from its review."""
    return kit.named(CHECKLIST, kit.section("*Checklist.* A draft can be saved at any time.", *item_lines(items)))


def _correction(experiment: Experiment) -> list[Block]:
    design = experiment.design
    if len(design.treatments) < 2:
        return []
    label = "Several treatments are adjusted by"
    return [select_field("correction", label, CORRECTIONS, design.correction.value, live=True)]
