"""The weekly digest: what started, finished and was decided, what the experiments say together, what needs people."""

from __future__ import annotations

from charts import describe
from experiments.knowledge.digest import Decided, Digest, Entry, Need
from experiments.numerals import counted
from experiments.pictures.patterns import Patterns
from handlers.surfaces import kit
from handlers.surfaces.kit import Group, Message, Picture
from handlers.surfaces.state import OUTCOME_EMOJI
from handlers.surfaces.words import clip, date, day, people, said

MOST = 7


TOGETHER = (("Patterns", "patterns"), ("Velocity", "velocity"), ("Portfolio", "portfolio"))


def weekly_digest(digest: Digest, directions: Patterns | None = None) -> Message:
    """As much as a message holds, then the count of what was left out; the picture is of all `directions`."""
    pictures = (Picture("patterns", directions, describe("patterns", directions)),) if directions else ()
    counts = (
        f"{len(digest.started)} started, {len(digest.finished)} finished, {len(digest.decided)} decided, "
        f"{len(digest.needs_people)} waiting for people"
    )
    head = [
        kit.header("The week in experiments"),
        kit.section(f"{date(digest.since)} to {date(digest.until)}: {counts}"),
    ]
    more = (kit.button(words, "chart", name, scope=name) for words, name in TOGETHER)
    tail = [
        *(kit.picture(index, each.alt) for index, each in enumerate(pictures)),
        kit.actions(kit.button("New experiment", "create", style="primary"), kit.button("The fleet", "list"), *more),
        kit.context(_footer(digest)),
    ]
    parts = (
        ("🙋 Needs people", [_need(each) for each in digest.needs_people[:MOST]], len(digest.needs_people)),
        ("🏁 Decided", [_decided(each) for each in digest.decided[:MOST]], len(digest.decided)),
        (
            "🧭 What they say together",
            [f"• {said(line, 400)}" for line in digest.patterns[:MOST]],
            len(digest.patterns),
        ),
        ("⏹️ Finished", [_entry(each) for each in digest.finished[:MOST]], len(digest.finished)),
        ("🟢 Started", [_entry(each) for each in digest.started[:MOST]], len(digest.started)),
    )
    groups = [group for title, lines, count in parts if lines for group in _part(title, lines, count)]
    body = kit.fit(groups, "entry", around=[*head, *tail])
    return kit.message(f"The week in experiments: {counts}", *head, *body, *tail, pictures=pictures)


def _part(title: str, lines: list[str], count: int) -> list[Group]:
    left_out = count - len(lines)
    more = [Group([kit.section(f"… and {left_out:,} more")], left_out)] if left_out else []
    first = Group([kit.section(f"*{title}*", lines[0])])
    return [first, *(Group([kit.section(line)]) for line in lines[1:]), *more]


def _entry(entry: Entry) -> str:
    said_of = f"\n{said(entry.words, 400)}" if entry.words else ""
    return f"• *{said(clip(entry.title, 120), 400)}* · {entry.key}{said_of}"


def _decided(entry: Decided) -> str:
    reasoning = said(entry.reasoning, 400)
    return (
        f"• {OUTCOME_EMOJI[entry.outcome]} {entry.outcome.words} · *{said(clip(entry.title, 120), 400)}* · {entry.key}"
        f"\n{reasoning}"
    )


def _need(need: Need) -> str:
    who = f" · {people(need.who, 5)}" if need.who else ""
    return f"• *{said(clip(need.title, 120), 400)}* · {need.key}\n{said(need.what, 300)}{who}"


def _footer(digest: Digest) -> str:
    parts = [f"As of {day(digest.until)}"]
    if digest.patterns:
        ended = counted(digest.pattern_experiments, "ended experiment")
        parts.append(f"patterns: {ended} by tag, lift of the primary metric, 95 % intervals")
    return " · ".join(parts)
