"""Answers to one person: own work, everything about one experiment, help."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from experiments.audit import AuditRecord
from experiments.model import Experiment, Note
from experiments.numerals import counted
from experiments.permissions import Actor, Permission, may
from handlers.surfaces import kit
from handlers.surfaces.breadcrumbs import trail, ways_up
from handlers.surfaces.card import card
from handlers.surfaces.fleet import may_begin, new_button
from handlers.surfaces.history import happenings
from handlers.surfaces.kit import Block, Group, Message
from handlers.surfaces.needs import Need, needed
from handlers.surfaces.note_modal import note_line
from handlers.surfaces.predict_modal import expected
from handlers.surfaces.requests import loosening_request, promotion_request
from handlers.surfaces.state import entry, name, target_of
from handlers.surfaces.steps import LABELS, first_button
from handlers.surfaces.words import either, moment, said

COMMANDS = (
    ("", "your work and what needs you"),
    ("create [template]", "write down an idea in three short steps"),
    ("size", "how many units and days it takes, before you begin"),
    ("edit KEY, delete KEY", "change a draft (after an approval this voids it), or give it up"),
    ("clone KEY", "another attempt, as a draft of its own"),
    ("predict KEY", "how likely it is to succeed; yours alone until the start"),
    ("review KEY", "ask for approval of the design"),
    ("approve KEY, request_changes KEY, withdraw KEY", "answer a request for review, or take it back"),
    ("start KEY", "start what was approved"),
    ("schedule KEY 2026-03-29 14:30", "start and stop at a time of yours; unschedule KEY takes it back"),
    ("pause KEY, resume KEY", "everybody gets control until it is resumed"),
    ("stop KEY", "end it; traffic returns to control"),
    ("traffic KEY", "other shares, which begin a new phase, or another exposure"),
    ("step KEY", "give a canary its next share now, without waiting for the judge"),
    ("testers KEY", "who sees which variant for a trial, without being counted"),
    ("guardrails KEY", "stricter at once; looser once somebody else agrees (agree KEY)"),
    ("results KEY, analyze KEY", "what the data say, in words and pictures"),
    ("chart NAME [KEY]", "one picture with its filters; without a name, which ones there are"),
    ("pictures KEY", "those of one experiment"),
    ("patterns, hypotheses, leaderboard", "what works, what was expected, and which model or prompt leads"),
    ("velocity, portfolio, roi", "how quickly experiments go, how projects do, what it costs and brings"),
    ("variants KEY [variant]", "sample, split, metrics and checks of each variant"),
    ("note KEY [words]", "keep an observation or a learning; without words, see and change those there are"),
    ("decide KEY", "log ship, iterate or abandon, and why"),
    ("promote KEY, advance KEY", "give what won to everybody, stage by stage (confirm KEY for a second person)"),
    ("hold KEY, go_on KEY", "keep a rollout at its present share, and let it go on"),
    ("rollback KEY", "everybody gets control again, at once"),
    ("actions KEY", "all that you may do with it now"),
    ("import", "take in a file of aggregates"),
    ("list [status or words]", "what is going on, with filters"),
    ("search words", "by key, title, hypothesis, decision or tag"),
    ("show KEY", "everything about one experiment"),
    ("report KEY", "all of it as PDF, JSON and CSV, in the thread of its card"),
    ("diff KEY [2 5], history KEY", "what differs between two versions, and who changed what"),
    ("archive KEY", "put an ended one away"),
    ("roles", "who is what, and giving people and groups a role"),
    ("subscribe [KEY], unsubscribe", "what this channel, or you alone, hear of"),
    ("mute [KEY] [1d]", "silence for a while; unmute ends it"),
    ("notifications", "quiet hours, style, digest day and time, a test"),
    ("deliveries", "which messages arrived, and trying the others again"),
    ("settings", "what projects ask, tokens, where data are, and what was changed"),
)
MOST_OF_MINE = 6
SHOWN_NOTES = 8
SHOWN_RECORDS = 12
HELP_LINES = 12
ALL = kit.button("The fleet", "list")
FIND = kit.button("Search", "search")


def mine(needs: Sequence[Need], owned: Sequence[Experiment], actor: Actor) -> Message:
    """What needs the person first, then what is theirs, the latest few of each with their likeliest next step."""
    if not owned and not needs:
        words = "👋 Nothing of yours is going on." + " An idea is written down in two minutes." * may_begin(actor)
        return kit.message(words, kit.section(words), kit.actions(*new_button(actor), ALL, FIND))
    groups: list[Group] = []
    if needs:
        groups += [Group([kit.section("*What needs you*")], 0), *needed(needs, MOST_OF_MINE)]
    if owned:
        shown = owned[:MOST_OF_MINE]
        latest = ", the latest" if len(shown) < len(owned) else ""
        groups.append(Group([kit.section(f"*Your experiments{latest}*")], 0))
        groups += [Group([kit.section(entry(each), accessory=first_button(each, actor))]) for each in shown]
    around = [kit.actions(*new_button(actor), ALL, FIND), kit.context("/experiment help lists every command.")]
    return kit.message(
        "What needs you, and your experiments",
        *kit.fit(groups, "experiment", around=around),
        *around,
    )


def show(
    experiment: Experiment,
    notes: Sequence[Note],
    records: Sequence[AuditRecord],
    actor: Actor,
    *,
    routed: bool = False,
    readout_at: datetime | None = None,
) -> Message:
    """The card with what it waits for, the notes and the history, newest first, and the ways up and down."""
    whole = card(experiment, routed=routed, actor=actor, readout_at=readout_at)
    ways = kit.actions(*_ways_down(experiment), *ways_up(experiment))
    around = [trail(experiment), *whole.blocks, *_asked(experiment, actor), ways]
    remarks = _newest([(note.at, note_line(note)) for note in notes[-SHOWN_NOTES:]], len(notes))
    told = happenings(records)
    happened = _newest(told[-SHOWN_RECORDS:], len(told))
    groups = [
        Group([kit.section(f"*{title}*", *lines)])
        for title, lines in (
            ("Expected before the start", expected(experiment)),
            ("Notes", remarks),
            ("History", happened),
        )
        if lines
    ]
    return kit.message(whole.text, *around[:-1], *kit.fit(groups, "part", around=around), around[-1])


def _ways_down(experiment: Experiment) -> list[Block]:
    has_data = experiment.is_live or experiment.data_version > 0
    return [kit.button("Variants", "variants", target_of(experiment))] if has_data else []


def _asked(experiment: Experiment, actor: Actor) -> list[Block]:
    """What somebody else asked for, with the answers this person may give."""
    blocks: list[Block] = []
    if experiment.promotion and may(Permission.CONFIRM, actor, experiment):
        blocks += promotion_request(experiment).blocks
    if experiment.loosening and may(Permission.AGREE, actor, experiment):
        blocks += loosening_request(experiment).blocks
    return blocks


def help_text(actor: Actor) -> Message:
    """Every command with what it does."""
    lines = [f"`/experiment{' ' + usage if usage else ''}` {does}" for usage, does in COMMANDS]
    return kit.message(
        "What /experiment can do",
        kit.section("*From an idea to a decision you can defend*", *lines[:HELP_LINES]),
        *(kit.section(*lines[begin : begin + HELP_LINES]) for begin in range(HELP_LINES, len(lines), HELP_LINES)),
        kit.context("KEY can be left out everywhere; you then choose from a list."),
        kit.actions(*new_button(actor), ALL),
    )


def unknown_word(word: str, near: tuple[str, ...]) -> Message:
    """The nearest commands for a word that is none."""
    meant = f" Did you mean {either([f'`/experiment {each}`' for each in near])}?" if near else ""
    words = f"I do not know “{said(word, 100)}”.{meant} `/experiment help` lists everything."
    return kit.message(words, kit.section(words))


def noted(experiment: Experiment) -> Message:
    """A note was kept."""
    words = f"📌 Noted with *{name(experiment)}*, which has {counted(experiment.note_count, 'note')} now."
    return kit.message(words, kit.section(words))


def nothing_to(verb: str, actor: Actor) -> Message:
    """There is no experiment for which the verb makes sense, or none in which the person may do it."""
    words = f"No experiment is ready for “{LABELS.get(verb, verb.capitalize())}” now, or none in which you may do it."
    return kit.message(words, kit.section(words), kit.actions(*new_button(actor), ALL))


def _newest(told: Sequence[tuple[datetime, str]], count: int) -> list[str]:
    """Lines from the newest to the oldest, then how many older ones there are."""
    older = [f"… and {count - len(told):,} older"] if count > len(told) else []
    return [*(f"{moment(at)} {words}" for at, words in reversed(told)), *older]
