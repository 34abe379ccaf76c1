"""The forms of a draft as fields of its design: what was typed, beside what a form does not ask for and keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.design import FULL_WEIGHT, Design, Metric, MetricRole
from experiments.errors import BadInput
from experiments.targeting_lines import audience_from
from experiments.templates import TEMPLATES, Template
from handlers.forms import about, answers, block_of
from handlers.lines import guardrails_from, metrics_from, variants_from
from handlers.plan_lines import canary_from, exclusion_from
from handlers.surfaces.kit import View
from handlers.surfaces.what_modal import FILLED, What, proposed
from handlers.variant_lines import Details, details_from

Fields = dict[str, Any]
NO_NAME = "primary"
FIELDS = {MetricRole.PRIMARY.value: "primary_metric", MetricRole.GUARDRAIL.value: "guardrails"}
CLEARABLE = ("expectation", "exclusion", "canary")


def design_fields(view: View, before: Design, *, typing: bool = False) -> Fields:
    """Step 2; while somebody is `typing`, a primary metric without a name counts as one."""
    given = ({"primary_metric": NO_NAME} if typing else {}) | answers(view)
    fields = {name: given[name] for name in ("unit", "smallest_effect") if name in given}
    if "exposure" in given:
        fields["exposure"] = round(given["exposure"] * FULL_WEIGHT)
    if block_of(view, "variants"):
        fields["variants"] = _variants(view, given, before)
    if block_of(view, "audience"):
        fields["audience"] = audience_from(given.get("audience", ""))
    if block_of(view, "exclusion"):
        fields["exclusion"] = exclusion_from(given.get("exclusion", ""))
    metrics = _metrics(view, given, before)
    if not typing:
        _require_denominators(metrics)
    return fields | {"metrics": metrics} | _expectation(given, typing)


def safety_fields(view: View, before: Design) -> Fields:
    """Step 3, without the reviewers."""
    given = answers(view)
    asked = ("planned_days", "planned_units", "method", "correction", "rule")
    fields = {name: given[name] for name in asked if name in given}
    if block_of(view, "guardrails"):
        others = [metric for metric in before.metrics if metric.role is not MetricRole.GUARDRAIL]
        guardrails = guardrails_from(given.get("guardrails", ""), taken=[metric.key for metric in others])
        fields["metrics"] = _as_before([dict(each) for each in (*others, *guardrails)], _keys(before))
        _require_denominators(fields["metrics"])
    if block_of(view, "canary_steps"):
        fields["canary"] = canary_from(given, before.canary)
        _require_critical(fields)
    return fields


def cleared(fields: Fields) -> Fields:
    """The fields of an edit, in which nothing at all is said by name: what is None there stays as it is."""
    return fields | {"cleared": tuple(name for name in CLEARABLE if name in fields and fields[name] is None)}


def with_fields(design: Design, fields: Fields) -> Design:
    """The design with these fields, validated anew."""
    return Design.model_validate({**dict(design), **fields})


def refilled(view: View, template: Template | None) -> What:
    """Step 1 with another template: it fills in what is empty or what the template before it filled in. A field that
    changes gets a new id, since Slack keeps what stands in the old one; all others keep theirs."""
    given, was, now = answers(view), proposed(TEMPLATES.get(about(view).get("template", ""))), proposed(template)
    kept = {name: given.get(name, "") for name in ("title", "project", "source_kind", "source_reference")}
    filled: dict[str, str] = {}
    ids: dict[str, str] = {}
    for name in FILLED:
        stands, offered = given.get(name, ""), getattr(now, name)
        untouched = stands in ("", getattr(was, name))
        filled[name] = offered if untouched else stands
        ids[name] = (block_of(view, name) or name) if filled[name] == stands else f"{name}__{now.template}"
    return What(**kept, **filled, template=now.template, ids=ids)


def _variants(view: View, given: Mapping[str, Any], before: Design) -> list[Fields]:
    """The variants with what they are, which stays as it is where the form does not ask for it."""
    known = {variant.key: dict(variant) for variant in before.variants}
    typed = [{**known.get(each["key"], {}), **each} for each in variants_from(given.get("variants", ""))]
    if block_of(view, "details"):
        details = details_from(given.get("details", ""), [each["key"] for each in typed])
        typed = [each | details.get(each["key"], Details())._asdict() for each in typed]
    return _as_before(typed, [*known])


def _metrics(view: View, given: Mapping[str, Any], before: Design) -> list[Fields]:
    """The primary metric, the others, and the guardrails that step 3 asks for."""
    typed = metrics_from(given)
    if not block_of(view, "other_metrics"):
        typed += tuple(dict(each) for each in before.metrics if each != before.primary and not _guards(each))
    named = {each["key"] for each in typed}
    guardrails = [dict(each) for each in before.guardrails if each.key not in named]
    return _as_before([*typed, *guardrails], _keys(before))


def _require_denominators(metrics: list[Fields]) -> None:
    """What a ratio is divided by is a metric too."""
    keys = {each["key"] for each in metrics}
    for each in metrics:
        if (by := each.get("denominator")) and by not in keys:
            raise BadInput(
                f"{each['key']} is divided by {by}, which is no metric here. Give {by} a line of its own, or write "
                f"the unit as: in per {by}.",
                field=FIELDS.get(each.get("role", ""), "other_metrics"),
            )


def _require_critical(fields: Fields) -> None:
    """The judge of a canary looks at its primary metrics, guardrails and costs."""
    plan, metrics = fields["canary"], fields.get("metrics")
    if plan is None or metrics is None:
        return
    judged = {each["key"] for each in metrics if each.get("role", MetricRole.SECONDARY) != MetricRole.SECONDARY}
    if strangers := [key for key in plan.critical if key not in judged]:
        known = ", ".join(sorted(judged)) or "none"
        raise BadInput(
            f"{strangers[0][:60]} is not among the primary metrics, guardrails and costs: {known[:600]}.",
            field="canary_critical",
        )


def _expectation(given: Mapping[str, Any], typing: bool) -> Fields:
    expected = {name: given[name] for name in ("baseline", "sd", "per_day") if name in given}
    if expected and "baseline" not in expected:
        if typing:
            return {"expectation": None}
        raise BadInput("Say where the metric stands today too, or leave the numbers below empty.", field="baseline")
    return {"expectation": expected or None}


def _as_before(things: list[Fields], order: list[str]) -> list[Fields]:
    """In the order they were in before, new ones last: an order that changed would be another design."""
    return sorted(things, key=lambda thing: order.index(thing["key"]) if thing["key"] in order else len(order))


def _keys(design: Design) -> list[str]:
    return [metric.key for metric in design.metrics]


def _guards(metric: Metric) -> bool:
    return metric.role is MetricRole.GUARDRAIL
