"""Comparisons and segments of a readout in lines of text: how they read, then their numbers."""

from __future__ import annotations

from charts import wording
from experiments.pictures.read import method_of
from experiments.readout import Comparison, GuardrailState, Readout, Segments, Severity, Standing
from handlers.surfaces.words import said

MOST_LEVELS = 8
DIFFERS = 0.05
STANDINGS = {
    Standing.BETTER: "✅ better",
    Standing.WORSE: "❌ worse",
    Standing.UNCLEAR: "〰️ unclear",
    Standing.MONITORING: "👀 monitoring only",
    Standing.REFUSED: "⚪ no number",
}
GUARDRAILS = {
    GuardrailState.HEALTHY: "🛡️ healthy",
    GuardrailState.BREACHED: "🚨 breached",
    GuardrailState.INCONCLUSIVE: "〰️ inconclusive",
}
SEVERITIES = {
    Severity.BLOCKS_LIFT: "🚫 No lift is shown",
    Severity.WARNING: "⚠️ Warning",
    Severity.INFORMATION: "ℹ️ Note",
}


def comparison_lines(each: Comparison, readout: Readout) -> list[str]:
    """One comparison: how it reads, its numbers, and the arms; before the minimum run time the arms alone."""
    against = f"{said(each.treatment.variant, 80)} against {said(each.control.variant, 80)}"
    title = f"*{said(each.metric, 80)}* ({each.role.words}) · {against}"
    if readout.is_early:
        return _early(each, title)
    standing = f"{title} · {reading_words(each)}"
    if each.refused or each.difference is None:
        return [standing, f"No number: {said(wording.refusal(each), 400)}", *_evidence(each, readout)]
    lines = [standing]
    if each.relative is not None:
        interval = f" ({wording.percent_range(each.relative_interval)})" if each.relative_interval else ""
        lines.append(f"{wording.percent(each.relative, signed=True)}{interval} relative to control")
    numbers = [f"difference {wording.change(each.difference, each.kind)}"]
    if each.interval:
        numbers[0] += f" ({wording.change_range(each.interval, each.kind)})"
    numbers[0] += f" {said(each.unit, 80)}"
    numbers += _evidence(each, readout)
    if each.variance_left is not None:
        numbers.append(f"{wording.percent(1 - each.variance_left)} less variance through CUPED")
    numbers.append(wording.good_direction(each.direction))
    return [*lines, " · ".join(numbers), _arms(each)]


def _early(each: Comparison, title: str) -> list[str]:
    """Before the minimum run time: no difference, no interval, no p. Only a breach of a guardrail never waits."""
    breached = each.guardrail is GuardrailState.BREACHED
    lines = [f"{title} · {reading_words(each) if breached else '⏳ too early to compare'}"]
    arms = _arms(each)
    return [*lines, arms] if arms else lines


def _arms(each: Comparison) -> str:
    return " → ".join(
        f"{said(arm.variant, 80)} {wording.mean(arm.mean, each.kind)} (n\u00a0=\u00a0{arm.n:,})"
        for arm in (each.control, each.treatment)
        if arm.mean is not None
    )


def _evidence(each: Comparison, readout: Readout) -> list[str]:
    """The p behind the reading. A guardrail's is always-valid whatever the method: it has to stop harm at any look."""
    if each.harm_p is not None:
        harm = f"harm past its limit of {said(wording.limit(each), 80)}" if each.limit else "any harm"
        return [f"always-valid {said(wording.p_value(each.harm_p))} for {harm}"]
    if each.p is None:
        return []
    adjusted = f" ({said(each.family, 80)})" if each.family else ""
    return [f"{said(method_of(readout), 80)} {said(wording.p_value(each.p))}{adjusted}"]


def reading_words(each: Comparison) -> str:
    """How a comparison reads for whoever has to act on it."""
    if each.guardrail is None or (each.standing is Standing.REFUSED and not wording.is_judged(each)):
        return STANDINGS[each.standing]
    return GUARDRAILS[each.guardrail]


def segment_lines(each: Segments) -> list[str]:
    """The effect in every level of a dimension, said to be exploratory, and whether the levels differ."""
    head = f"*{said(each.metric, 80)}* of {said(each.treatment, 80)} by {said(each.dimension, 80)} · exploratory"
    if each.p is not None and each.i2 is not None:
        differ = "the effect differs between them" if each.p <= DIFFERS else "no clear difference between them"
        head += f" · {differ} ({said(wording.p_value(each.p))}, I² {wording.percent(each.i2)})"
    lines = [
        f"• {said(level, 80)}: {_level(comparison)}" for level, comparison in list(each.levels.items())[:MOST_LEVELS]
    ]
    left_out = len(each.levels) - len(lines)
    family = next((each.family for each in each.levels.values() if each.family), "")
    adjusted = [f"Adjusted: {said(family, 80)}"] if family else []
    return [head, *lines, *([f"… and {left_out:,} more"] if left_out else []), *adjusted]


def _level(each: Comparison) -> str:
    if each.refused or each.difference is None:
        return f"no number, {said(wording.refusal(each), 200)}"
    if each.relative is not None and each.relative_interval is not None:
        change = f"{wording.percent(each.relative, signed=True)} ({wording.percent_range(each.relative_interval)})"
    else:
        change = f"{wording.change(each.difference, each.kind)} {said(each.unit, 80)}"
    return f"{change} · {STANDINGS[each.standing]} · n\u00a0=\u00a0{each.control.n + each.treatment.n:,}"
