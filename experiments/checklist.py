"""What to look at before a design is reviewed and before it starts: automatic items, and the project's own to tick."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from experiments.design import FULL_WEIGHT, Design
from experiments.model import Experiment
from experiments.numerals import counted, listed, percent, share
from experiments.sizing import DEFAULT_POWER, Sizing, chance_words, run_words
from experiments.targeting import Exclusion
from experiments.texts import Words

WEEK = 7
MOST_DAYS = 400
PARTS = ("if", "then", "because")
GAP = "…"
PART = "part"
"""The code of the item about the part of an exclusion group, which nothing starts without."""
CUSTOM = "custom-"
"""How the codes of a project's own items begin."""


class State(Words):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Item(NamedTuple):
    """One point of the checklist. `words` say what is the case and, unless it passed, what to do; `blocks` that nobody
    can review the design before that. `code` names the item wherever it is kept."""

    code: str
    words: str
    state: State
    blocks: bool = False


class Overlap(NamedTuple):
    """A live experiment that reaches the same units, and why its effect cannot be told from this one's."""

    key: str
    title: str
    why: str


def checklist(
    design: Design,
    *,
    sizing: Sizing | None = None,
    overlaps: Sequence[Overlap] = (),
    taken: str | None = None,
    custom: Sequence[str] = (),
    ticked: Collection[str] = (),
) -> tuple[Item, ...]:
    """The automatic items, then the project's own (`custom`), which stay unknown until a reviewer ticked them.

    `ticked` has the words of those that were, as an approval keeps them. `sizing` is None while baseline and traffic
    are not known. `taken` says why the part of its exclusion group is not free, empty when it is; None when nobody
    looked. The items that block are those of `Design.missing`.

    >>> [item.code for item in checklist(Design(planned_days=10)) if item.state is State.FAILED]
    ['hypothesis', 'variants', 'primary_metric', 'guardrail', 'weeks']
    >>> checklist(Design(), custom=["Legal has seen it"])[-1].words
    'Legal has seen it'
    """
    missing = design.missing()
    automatic = (
        _hypothesis(design),
        _variants(design),
        _primary_metric(design),
        _guardrail(design),
        _power(design, sizing),
        _weeks(design),
        _overlap(design, overlaps),
        *_part(design, taken),
    )
    own = {custom_code(words): words for words in custom}
    return (
        *(item._replace(blocks=item.code in missing) for item in automatic),
        *(Item(code, words, State.PASSED if words in ticked else State.UNKNOWN) for code, words in own.items()),
    )


def custom_code(words: str) -> str:
    """The code of a project's own item: the same as long as it says the same, wherever it stands.

    >>> custom_code("Legal has seen it")
    'custom-653d2a81'
    """
    return f"{CUSTOM}{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def overlaps(experiment: Experiment, others: Iterable[Experiment]) -> tuple[Overlap, ...]:
    """The live experiments of the same project that randomise the same unit and share a metric with this one, or
    together with it take more than all of the traffic; by key. Other parts of one exclusion group share nobody."""
    found = (
        Overlap(other.key, other.title, " and ".join(why))
        for other in others
        if other.is_live
        and (other.workspace, other.project) == (experiment.workspace, experiment.project)
        and other.key != experiment.key
        and other.design.unit is experiment.design.unit
        and not _apart(experiment.design.exclusion, other.design.exclusion)
        and (why := tuple(_shared(experiment, other)))
    )
    return tuple(sorted(found))


def _apart(part: Exclusion | None, other: Exclusion | None) -> bool:
    return part is not None and other is not None and part.group == other.group and not part.overlaps(other)


def _shared(experiment: Experiment, other: Experiment) -> Iterator[str]:
    measured = {metric.key for metric in other.design.metrics}
    if both := [metric.key for metric in experiment.design.metrics if metric.key in measured]:
        yield f"also measures {listed(both)}"
    if (total := _exposure(experiment) + _exposure(other)) > FULL_WEIGHT:
        yield f"together they take {share(total)} of the {_units(experiment.design)}"


def _exposure(experiment: Experiment) -> int:
    return experiment.phase.exposure if experiment.phase else experiment.design.exposure


def _hypothesis(design: Design) -> Item:
    said = set(re.findall(r"\w+", design.hypothesis.casefold()))
    if not design.hypothesis:
        return _failed("hypothesis", "The hypothesis is empty. Write: if … then … because …")
    if lacking := [part for part in PARTS if part not in said]:
        return _failed(
            "hypothesis",
            f"The hypothesis has no {_quoted(lacking, 'and no')}. Write it as: if … then … because …, so that it "
            "says what you change, what you expect and why.",
        )
    if GAP in design.hypothesis:
        return _failed("hypothesis", "The hypothesis still has gaps (…). Fill them in.")
    return _passed("hypothesis", "The hypothesis says if, then and because.")


def _variants(design: Design) -> Item:
    if not design.variants:
        return _failed("variants", "There are no variants. Add a control and at least one other, with their weights.")
    if idle := [each.key for each in design.variants if not each.weight]:
        return _failed(
            "variants", f"No traffic goes to {listed(idle)}. Give every variant a weight above 0, or remove it."
        )
    split = [f"{each.key} {share(each.weight)}" for each in design.variants]
    return _passed("variants", f"The weights sum to 100 % ({listed(split)}); {design.control.key} is the control.")


def _primary_metric(design: Design) -> Item:
    if design.primary is None:
        return _failed("primary_metric", "There is no primary metric. Choose the one that decides.")
    return _passed("primary_metric", f"The primary metric is {design.primary.key}.")


def _guardrail(design: Design) -> Item:
    if not design.guardrails:
        return _failed(
            "guardrail",
            "There is no guardrail. Add a metric that must not get worse, such as latency-p95 or error-rate.",
        )
    keys = [metric.key for metric in design.guardrails]
    return _passed("guardrail", f"{listed(keys)} {'is a guardrail' if len(keys) == 1 else 'are guardrails'}.")


def _power(design: Design, sizing: Sizing | None) -> Item:
    change = f"a change of {percent(design.smallest_effect)}"
    if sizing is None or sizing.power is None:
        why = (
            sizing.unknown
            if sizing
            else f"Say where the primary metric stands and how many {_units(design)} a day come."
        )
        return Item("power", f"The power to find {change} is not known. {why}", State.UNKNOWN)
    found = (
        f"In the planned {run_words(sizing.planned_days)} the power to find {change} is {chance_words(sizing.power)}"
    )
    if sizing.is_powered:
        return _passed("power", f"{found}.")
    least = f"{DEFAULT_POWER:.0%}".replace("%", " %")
    return _failed("power", f"{found}; {least} is the least worth running. {_more_power(design, sizing)}")


def _more_power(design: Design, sizing: Sizing) -> str:
    plan = []
    if sizing.days is not None and sizing.days > MOST_DAYS:
        return (
            f"It would take {run_words(sizing.days)}: look for a larger effect, or let more {_units(design)} take part."
        )
    if sizing.days is not None and sizing.days > design.planned_days:
        plan.append(run_words(sizing.days))
    if sizing.tuned_to is not None and sizing.tuned_to != sizing.planned_units:
        plan.append(f"{sizing.planned_units:,} {_units(design)}")
    if not plan:
        return f"Look for a larger effect, or let more {_units(design)} take part."
    return f"Plan {' and '.join(plan)}, or look for a larger effect."


def _weeks(design: Design) -> Item:
    weeks, rest = divmod(design.planned_days, WEEK)
    if rest:
        return _failed(
            "weeks",
            f"{run_words(design.planned_days)} {'is' if design.planned_days == 1 else 'are'} not whole weeks, so some "
            f"weekdays count more than others. Plan {(weeks + 1) * WEEK} days.",
        )
    return _passed("weeks", f"It runs {counted(weeks, 'whole week')}.")


def _overlap(design: Design, overlaps: Sequence[Overlap]) -> Item:
    if not overlaps:
        return _passed("overlap", "No other live experiment of the project gets in its way.")
    named = listed([f"“{each.title}” ({each.key}: {each.why})" for each in overlaps])
    ended = "that has" if len(overlaps) == 1 else "those have"
    return _failed(
        "overlap",
        f"The same {_units(design)} are in {named}. Wait until {ended} ended, or agree with whoever runs "
        f"{'it' if len(overlaps) == 1 else 'them'} that they do not touch each other.",
    )


def _part(design: Design, taken: str | None) -> list[Item]:
    if design.exclusion is None or taken is None:
        return []
    free = f"Its part of the exclusion group is free: {design.exclusion.words}."
    return [_failed(PART, taken) if taken else _passed(PART, free)]


def _units(design: Design) -> str:
    return f"{design.unit.words}s"


def _quoted(words: Sequence[str], between: str) -> str:
    return f" {between} ".join(f"“{word}”" for word in words)


def _passed(code: str, words: str) -> Item:
    return Item(code, words, State.PASSED)


def _failed(code: str, words: str) -> Item:
    return Item(code, words, State.FAILED)
