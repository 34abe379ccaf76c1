"""Results: the readout in words first, then the numbers as text, then the pictures; and the daily update."""

from __future__ import annotations

from collections.abc import Sequence

from charts import describe, wording
from experiments.numerals import counted
from experiments.pictures.read import day_of, method_of
from experiments.pictures.significance import Significance, significance_of
from experiments.readout import Readout, VerdictStatus
from handlers.surfaces import kit
from handlers.surfaces.kit import Block, Group, Message, Picture
from handlers.surfaces.readings import SEVERITIES, comparison_lines, segment_lines
from handlers.surfaces.state import VERDICT_EMOJI
from handlers.surfaces.variant import levels
from handlers.surfaces.words import moment, said

MOST_PICTURES = 2
LEADS = {
    VerdictStatus.REVIEW: "Your judgement is needed:",
    VerdictStatus.UNHEALTHY: "Do not read these numbers.",
    VerdictStatus.DAYS_LEFT: "Keep it running:",
}
"""A verdict whose sentence says by itself what to do needs no lead."""
URGENCY = list(VERDICT_EMOJI)


def results(readout: Readout, evidence: Significance | None = None) -> Message:
    """The verdict, the comparisons, the health of the data, two pictures, and on what all this rests; with the
    `evidence` one of the pictures also tells how far the plan is."""
    pictures = _pictures(readout, evidence)
    verdict = _verdict(readout)
    head = [kit.header(readout.title), kit.section(verdict)]
    tail = [
        *_health(readout),
        levels(readout),
        *(kit.picture(index, picture.alt) for index, picture in enumerate(pictures)),
        kit.context(_footer(readout, day_of(readout))),
    ]
    groups = (
        []
        if readout.blocked
        else [Group([kit.section(*comparison_lines(each, readout))]) for each in readout.comparisons]
    )
    if not readout.is_early:
        groups += [Group([kit.section(*segment_lines(each))]) for each in readout.segments]
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
                f"*{said(each.title, 400)}* · {day_of(each)}",
                _verdict(each),
                accessory=kit.button("Results", "results", f"{each.key}@"),
            )
        ]
        if len(pictures) < MOST_PICTURES and not each.blocked and (found := _pictures(each)):
            pictures.append(found[-1])
            group.append(kit.picture(len(pictures) - 1, pictures[-1].alt))
        groups.append(Group([*group, kit.context(_footer(each))]))
    body = kit.fit(groups, "experiment", around=around)
    shown = sum(block["type"] == "image" for block in body)
    return kit.message(words, *around, *body, pictures=tuple(pictures[:shown]))


def _pictures(readout: Readout, evidence: Significance | None = None) -> tuple[Picture, ...]:
    """The comparison and, where there are looks, how it came about."""
    if not sum(readout.units.values()) or readout.is_early:
        return ()
    shown: dict[str, Readout | Significance] = {"comparison": readout}
    if not readout.blocked and any(trail.looks for trail in readout.trails):
        shown["significance"] = evidence or significance_of(readout)
    return tuple(Picture(chart, data, describe(chart, data)) for chart, data in shown.items())


def _verdict(readout: Readout) -> str:
    emoji, lead = VERDICT_EMOJI[readout.verdict.status], LEADS.get(readout.verdict.status, "")
    sentence = readout.verdict.sentence
    if readout.verdict.status in (VerdictStatus.SHIP, VerdictStatus.ROLL_BACK):
        lead, colon, sentence = sentence.partition(":")
        lead += colon
    # A number and its sign stay on one line.
    words = said(sentence, 900).replace(" %", "\u00a0%")
    return f"{emoji} *{said(lead, 200)}* {words}" if lead else f"{emoji} {words}"


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
        return f"{said(method_of(readout), 80)}, read once, at the planned end"
    return f"{said(method_of(readout), 80)} {wording.level(readout)} intervals"
