"""The checklist as lines, and what an experiment is about to be compared with: for reviewers and before a start."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.checklist import CUSTOM, Item, State
from experiments.design import Design, Metric, MetricKind, Variant
from experiments.factors import cell_words, grid_words
from experiments.model import Check, Precedent
from experiments.numerals import counted, share, stated
from experiments.sources import DataSource
from handlers.surfaces import kit
from handlers.surfaces.kit import Block
from handlers.surfaces.state import OUTCOME_EMOJI, RULES, metric_words, metrics_line, plan_line
from handlers.surfaces.words import said

SHOWN_CONFIG = 160
UNSAID = Metric.model_fields["unit"].default
"""The unit of a metric for which nobody named one."""


def check_line(words: str, passed: bool | None, *, blocks: bool = False) -> str:
    """✅ what holds, ❌ what must be mended first, ⚠️ what to think about, ❔ what nobody knows yet."""
    mark = {True: "✅", None: "❔", False: "❌" if blocks else "⚠️"}[passed]
    return f"{mark} {said(words, 420)}"


def item_lines(items: Sequence[Item]) -> list[str]:
    """The points of the checklist, a line each."""
    return [
        f"☐ {said(item.words, 420)}"
        if _to_tick(item)
        else check_line(item.words, passed(item.state), blocks=item.blocks)
        for item in items
    ]


def _to_tick(item: Item) -> bool:
    return item.state is State.UNKNOWN and item.code.startswith(CUSTOM)


def recorded_lines(checks: Sequence[Check]) -> list[str]:
    """The points as they stood when the review was asked for."""
    return [check_line(check.words, check.passed) for check in checks]


def passed(state: State) -> bool | None:
    """Whether it holds; None where nobody can tell yet."""
    return None if state is State.UNKNOWN else state is State.PASSED


def precedent_lines(precedents: Sequence[Precedent]) -> list[str]:
    """What was tried before that is much like it, and what came of it."""
    return [
        f"• {OUTCOME_EMOJI[each.outcome] + ' ' if each.outcome else ''}*{said(each.title, 200)}* ({each.key}): "
        f"{said(each.why, 240)}{_concluded(each)}"
        for each in precedents
    ]


def configuration(design: Design, data: DataSource | None = None) -> list[list[Block]]:
    """Everything an approval approves, in groups of blocks that belong together; and where its data come from."""
    cells = [
        ("Smallest effect", f"{stated(design.smallest_effect)} relative to control"),
        ("Plan", plan_line(design)),
        ("Rule", RULES[design.rule]),
        ("Takes part", f"{share(design.exposure)} of all {design.unit.words}s"),
        ("Plan assumes", _expected(design)),
    ]
    part = participation(design)
    return [
        [kit.section("*Variants*", *(_variant(each) for each in design.variants), *_grid(design))],
        [kit.section("*Metrics*", *(_metric(each, design) for each in design.metrics))],
        [kit.fields(*cells)],
        *([[kit.section(*part)]] if part else []),
        *([data_blocks(data)] if data else []),
    ]


def participation(design: Design) -> list[str]:
    """Who is meant at all, with whom nobody is shared, and in which steps a canary gets more: a line for each."""
    lines = []
    if design.audience:
        lines.append(f"*Only for* {' and '.join(said(each.words, 400) for each in design.audience)}")
    if design.exclusion:
        lines.append(f"*Exclusion group* {design.exclusion.words}")
    if plan := design.canary:
        critical = f"; critical: {', '.join(plan.critical)}" if plan.critical else ""
        scores = f"; passes from a score of {plan.pass_score:g}, goes back below {plan.marginal_score:g}"
        lines.append(f"*Canary* {plan.words}{critical}{scores}")
    return lines


def data_blocks(data: DataSource) -> list[Block]:
    """Where the data come from; of a warehouse the very tables or queries."""
    asked = (("Exposures", data.exposures), ("Observations", data.observations))
    queries = [kit.prose(f"{label} are read from", sql, 2_900) for label, sql in asked if sql]
    return [kit.section(f"*Data* from {said(data.words, 600)}"), *queries]


def measured_words(metric: Metric) -> str:
    """How it is measured beyond the usual: "divided by orders, capped at its 99 % quantile"; mostly empty."""
    told = [f"divided by {metric.denominator}"] if metric.denominator else []
    told += [f"capped at its {stated(metric.cap)} quantile"] if metric.cap is not None else []
    if metric.lookback_days:
        told.append(f"made more precise by the {counted(metric.lookback_days, 'day')} before (CUPED)")
    told += [f"the {stated(metric.quantile)} quantile"] if metric.kind is MetricKind.QUANTILE else []
    told += [f"from Prometheus: {said(metric.query, 500)}"] if metric.query else []
    return ", ".join(told)


def _grid(design: Design) -> list[str]:
    """Of a multivariate experiment its factors, and whether every combination is there."""
    words = grid_words([variant.factors for variant in design.variants])
    return [f"*Factors* {said(words, 1_000)}."] if words else []


def _variant(variant: Variant) -> str:
    role = " (control)" if variant.is_control and variant.key != "control" else ""
    parts = [f"• *{variant.key}* {share(variant.weight)}{role}"]
    parts += [said(cell_words(variant.factors), 400)] if variant.factors else []
    parts += [said(variant.description, 200)] if variant.description else []
    config = ", ".join(f"{key} = {value}" for key, value in variant.config.items())
    return " · ".join([*parts, *([said(config, SHOWN_CONFIG)] if config else [])])


def _metric(metric: Metric, design: Design) -> str:
    unit = f" · {said(metric.unit, 80)}" if metric.unit != UNSAID else ""
    unit += f" · {how}" if (how := measured_words(metric)) else ""
    if metric == design.primary:
        return f"• *{metric_words(metric)}*: decides{unit}"
    alone = design.model_copy(update={"metrics": (metric,)})
    words = metrics_line(alone) if metric.role.value != "primary" else f"{metric_words(metric)}, also primary"
    return f"• {words}{unit}{_breach(metric)}"


def _breach(metric: Metric) -> str:
    if metric.role.value != "guardrail":
        return ""
    units = f" from {metric.minimum_units:,} units on" if metric.minimum_units else ""
    return f" · {metric.action.words} on a breach{units}, {metric.missing.words} when data are missing"


def _expected(design: Design) -> str:
    """conversion at 12 %, 4,000 users a day; empty when nothing was assumed."""
    assumed = design.expectation
    if assumed is None or design.primary is None:
        return ""
    stands = stated(assumed.baseline) if design.primary.kind is MetricKind.PROPORTION else f"{assumed.baseline:,g}"
    spread = f" ± {assumed.sd:,g}" if assumed.sd else ""
    coming = f", {assumed.per_day:,} {design.unit.words}s a day" if assumed.per_day else ""
    return f"{design.primary.key} at {stands}{spread}{coming}"


def _concluded(precedent: Precedent) -> str:
    return f"; decided to {precedent.outcome.words}" if precedent.outcome else ""
