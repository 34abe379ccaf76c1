"""What is different: two designs or two versions of an experiment, field by field in words, old → new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.difference import Change, differences
from experiments.model import Experiment
from experiments.numerals import counted
from experiments.sources import DataSource
from handlers.surfaces import kit
from handlers.surfaces.card import hypothesis
from handlers.surfaces.checks import configuration
from handlers.surfaces.fields import OPTIONS, Choice, chosen
from handlers.surfaces.kit import Block, Group, View
from handlers.surfaces.state import name
from handlers.surfaces.words import PERSON, moment, person, said

LONG = 160
BRIEF = 240


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of one experiment; `versions` are all there are to choose from, newest first, with their words."""

    older: Experiment
    newer: Experiment
    versions: Sequence[Choice]
    changes: Sequence[Change]


def change_line(change: Change, most: int = BRIEF) -> str:
    """*planned days* 14 → 21."""
    field = f"*{said(_label(change), 200)}*"
    if change.before is None:
        return f"{field} added: {_value(change, change.after, most)}"
    if change.after is None:
        return f"{field} removed: {_value(change, change.before, most)}"
    return f"{field} {_value(change, change.before, most)} → {_value(change, change.after, most)}"


def _label(change: Change) -> str:
    return change.field[:1].upper() + change.field[1:]


def change_groups(changes: Sequence[Change]) -> list[Group]:
    """Every change in full; long words stand below each other, quoted."""
    return [Group(_in_full(change)) for change in changes]


def diff_modal(comparison: Comparison) -> View:
    """Two versions, a choice for each, and what differs between them."""
    older, newer = comparison.older, comparison.newer
    about = {"key": newer.key, "older": older.revision, "newer": newer.revision}
    head = [
        kit.section(f"*{name(newer)}*\nWhat differs between two versions of it, old → new."),
        _choice("From", "older", comparison.versions, older.revision),
        _choice("To", "newer", comparison.versions, newer.revision),
        kit.divider(),
    ]
    if older.revision == newer.revision:
        found = [kit.section("This is the same version twice. Choose another one.")]
    elif not comparison.changes:
        found = [kit.section("Nothing that people wrote down differs between the two.")]
    else:
        found = _fitted(comparison.changes, head)
    when = (
        f"version {older.revision}, {moment(older.updated_at)} → version {newer.revision}, {moment(newer.updated_at)}"
    )
    designs = f"design {older.design.hash[:8]} → {newer.design.hash[:8]}"
    return kit.modal(
        "diff", "Compare versions", *head, *found, kit.context(f"{when} · {designs}"), about=about, close="Close"
    )


def only_version_modal(experiment: Experiment) -> View:
    """There is nothing to compare yet."""
    words = f"*{name(experiment)}* has one version so far, so there is nothing to compare it with yet."
    return kit.modal("diff", "Compare versions", kit.section(words), about={"key": experiment.key}, close="Close")


def review_diff_modal(experiment: Experiment) -> View:
    """What is new in the design since it was last put to review, and everything that it says now."""
    previous = experiment.review.previous if experiment.review else experiment.reviewed
    if previous is None:
        changes: Sequence[Change] = ()
        words = f"*{name(experiment)}* is reviewed for the first time."
    else:
        changes = differences(previous, experiment.design)
        words = f"*{name(experiment)}*: {counted(len(changes), 'change')} since it was last put to review, old → new."
    whole = [hypothesis(experiment.design), *configuration(experiment.design, _data(experiment))]
    head = [
        kit.section(words),
        kit.divider(),
        *[block for blocks in whole for block in blocks],
        kit.context(f"{experiment.key} · design {experiment.design.hash[:8]}"),
    ]
    found = _fitted(changes, head)
    return kit.modal(
        "diff",
        "The whole design" if previous is None else "The whole diff",
        head[0],
        *found,
        *([head[1], kit.section("*The whole design as it is now*")] if found else []),
        *head[2:],
        about={"key": experiment.key},
        close="Close",
    )


def _data(experiment: Experiment) -> DataSource | None:
    return experiment.review.data if experiment.review else None


def _fitted(changes: Sequence[Change], head: Sequence[Block]) -> list[Block]:
    return kit.fit(
        change_groups(changes), "change", around=head, blocks=kit.VIEW_BLOCKS - 1, characters=kit.VIEW_CHARACTERS
    )


def _in_full(change: Change) -> list[Block]:
    texts = [text for text in (change.before, change.after) if text is not None]
    if change.field == "reviewers" or max(map(len, texts)) <= LONG:
        return [kit.section(change_line(change, 1400))]
    if change.before is None or change.after is None:
        return [kit.prose(f"{_label(change)} {'added' if change.before is None else 'removed'}", texts[0], 2900)]
    return [
        kit.prose(f"{_label(change)}, before", change.before or "empty", 2900),
        kit.prose(f"{_label(change)}, now", change.after or "empty", 2900),
    ]


def _value(change: Change, value: str | None, most: int) -> str:
    if change.field == "reviewers" and value:
        users = value.split(", ")
        if all(map(PERSON.fullmatch, users)):
            return ", ".join(map(person, users[:20])) + (f" and {len(users) - 20} more" if len(users) > 20 else "")
    return said(value or "empty", most) or "empty"


def _choice(label: str, end: str, versions: Sequence[Choice], revision: int) -> Block:
    shown = [(f"{end}:{value}", words) for value, words in versions[:OPTIONS]]
    select = {"action_id": f"compare__{end}"} | chosen("static_select", shown, f"{end}:{revision}")
    return kit.section(f"*{label}*", accessory=select)
