"""Results: the readout in words first, then the numbers as text, then the pictures; and the daily update."""

from __future__ import annotations

from collections.abc import Sequence

from charts import describe, wording
from experiments.readout import Comparison, GuardrailState, Readout, Segments, Severity, Standing, VerdictStatus
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Group, Message, Picture
from handlers.surfaces.words import counted, moment, said

MOST_PICTURES = 2
MOST_LEVELS = 8
DIFFERS = 0.05
# What calls for people comes first. A verdict whose sentence says by itself what to do needs no lead.
LEADS = {
    VerdictStatus.SHIP: ("🚀", ""),
    VerdictStatus.ROLL_BACK: ("🛑", ""),
    VerdictStatus.REVIEW: ("🤔", "Your judgement is needed:"),
    VerdictStatus.UNHEALTHY: ("🚫", "Do not read these numbers."),
    VerdictStatus.DAYS_LEFT: ("⏳", "Keep it running:"),
    VerdictStatus.NO_DATA: ("⚪", ""),
}
URGENCY = list(LEADS)
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


def results(readout: Readout) -> Message:
    """The verdict, the comparisons, the health of the data, two pictures, and on what all this rests."""
    pictures = tuple(Picture(chart, readout, describe(chart, readout)) for chart in _charts(readout))
    verdict = _verdict(readout)
    head = [kit.header(readout.title), kit.section(verdict)]
    tail = [
        *_health(readout),
        *(kit.picture(index, picture.alt) for index, picture in enumerate(pictures)),
        kit.context(_footer(readout, wording.day_of(readout))),
    ]
    groups = (
        [] if readout.blocked else [Group([kit.section(*_comparison(each, readout))]) for each in readout.comparisons]
    )
    groups += [Group([kit.section(*_segments(each))]) for each in readout.segments]
    body = kit.fit(groups, "comparison", around=[*head, *tail])
    return kit.message(f"{said(readout.title, 200)}. {verdict}", *head, *body, *tail, pictures=pictures)


def significance_update(channel_entries: Sequence[Readout]) -> Message:
    """One part for each running experiment with news, those that call for people first.

    The first few bring their picture, the others on demand; where no lift may be shown there is none to draw.
    """
    words = f"📈 Significance update: news from {counted(len(channel_entries), 'running experiment')}"
    around = [kit.section(f"*{words}*")]
    pictures: list[Picture] = []
    groups = []
    for each in sorted(channel_entries, key=lambda readout: URGENCY.index(readout.verdict.status)):
        group = [
            kit.section(
                f"*{said(each.title, 400)}* · {wording.day_of(each)}",
                _verdict(each),
                accessory=kit.button("Results", "results", f"{each.key}@"),
            )
        ]
        chart = None if each.blocked else next(reversed(_charts(each)), None)
        if chart and len(pictures) < MOST_PICTURES:
            pictures.append(Picture(chart, each, describe(chart, each)))
            group.append(kit.picture(len(pictures) - 1, pictures[-1].alt))
        groups.append(Group([*group, kit.context(_footer(each))]))
    body = kit.fit(groups, "experiment", around=around)
    shown = sum(block["type"] == "image" for block in body)
    return kit.message(words, *around, *body, pictures=tuple(pictures[:shown]))


def _charts(readout: Readout) -> tuple[str, ...]:
    if not sum(readout.units.values()):
        return ()
    has_looks = any(trail.looks for trail in readout.trails)
    return ("comparison", "significance") if has_looks and not readout.blocked else ("comparison",)


def _verdict(readout: Readout) -> str:
    emoji, lead = LEADS[readout.verdict.status]
    sentence = readout.verdict.sentence
    if readout.verdict.status in (VerdictStatus.SHIP, VerdictStatus.ROLL_BACK):
        lead, colon, sentence = sentence.partition(":")
        lead += colon
    # A number and its sign stay on one line.
    words = said(sentence, 900).replace(" %", "\u00a0%")
    return f"{emoji} *{said(lead, 200)}* {words}" if lead else f"{emoji} {words}"


def _comparison(each: Comparison, readout: Readout) -> list[str]:
    against = f"{said(each.treatment.variant, 80)} against {said(each.control.variant, 80)}"
    title = f"*{said(each.metric, 80)}* ({each.role.words}) · {against}"
    standing = f"{title} · {_reading(each)}"
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
    numbers.append(wording.good_direction(each))
    arms = [
        f"{said(arm.variant, 80)} {wording.mean(arm.mean, each.kind)} (n\u00a0=\u00a0{arm.n:,})"
        for arm in (each.control, each.treatment)
        if arm.mean is not None
    ]
    return [*lines, " · ".join(numbers), " → ".join(arms)]


def _evidence(each: Comparison, readout: Readout) -> list[str]:
    """The p behind the reading. A guardrail's is always-valid whatever the method: it has to stop harm at any look."""
    if each.harm_p is not None:
        harm = f"harm past its limit of {said(wording.limit(each), 80)}" if each.limit else "any harm"
        return [f"always-valid {said(wording.p_value(each.harm_p))} for {harm}"]
    if each.p is None:
        return []
    adjusted = f" ({said(each.family, 80)})" if each.family else ""
    return [f"{said(wording.method(readout), 80)} {said(wording.p_value(each.p))}{adjusted}"]


def _reading(each: Comparison) -> str:
    if each.guardrail is None or (each.standing is Standing.REFUSED and not wording.is_judged(each)):
        return STANDINGS[each.standing]
    return GUARDRAILS[each.guardrail]


def _segments(each: Segments) -> list[str]:
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


def _health(readout: Readout) -> list[Block]:
    if readout.findings:
        lines = [f"{SEVERITIES[finding.severity]}: {said(finding.words, 500)}" for finding in readout.findings]
        return [kit.section("*Health of the data*", *lines)]
    if not sum(readout.units.values()):
        return []
    return [kit.section("*Health of the data* · ✅ nothing found that speaks against them")]


def _footer(readout: Readout, *more: str) -> str:
    if readout.progress is not None:
        more = (*more, f"{wording.percent(readout.progress)} of the planned precision")
    return " · ".join(
        (
            f"Readout {readout.number:,} of {readout.key}",
            f"as of {moment(readout.as_of)}",
            *more,
            f"n = {sum(readout.units.values()):,}",
            _method(readout),
            f"design {readout.design_hash[:8]}",
        )
    )


def _method(readout: Readout) -> str:
    if wording.is_monitored(readout):
        return f"{said(wording.method(readout), 80)}, read once, at the planned end"
    return f"{said(wording.method(readout), 80)} {wording.level(readout)} intervals"
