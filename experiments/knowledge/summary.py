"""Decision summaries: the evidence a writer gets, the check of every number it uses, and the plain template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.design import FULL_WEIGHT, MetricKind
from experiments.errors import BadInput, Unavailable
from experiments.knowledge import figures
from experiments.model import Experiment, Note, Outcome
from experiments.numerals import amount, days, percent
from experiments.readout import Comparison, Interval, Readout
from experiments.texts import Frozen

if TYPE_CHECKING:
    from experiments.ports import Writer

MOST_CHARACTERS = 1200
MOST_NOTES = 20
MOST_OF_A_NOTE = 500
MOST_OF_A_THREAD = 30
MOST_OF_A_MESSAGE = 300
WHY_NOT = {
    "no_key": "no language model is set up",
    "bad_key": "the language model does not accept the key",
    "timeout": "the language model took too long",
    "over_budget": "today's budget for the language model is used up",
    "rate_limited": "the language model is busy",
    "refused": "the language model refused",
    "malformed": "the language model's answer could not be read",
}
DECIDED = {Outcome.SHIP: "ship it", Outcome.ITERATE: "iterate", Outcome.ABANDON: "abandon it"}


class Evidence(Frozen):
    """All a writer may know when it drafts the summary of a decision; `thread` is the talk it is drawn from."""

    experiment: Experiment
    readout: Readout | None
    notes: tuple[Note, ...]
    outcome: Outcome | None = None
    reasoning: str = ""
    next_steps: str = ""
    thread: tuple[str, ...] = ()


class Summary(Frozen):
    """A drafted summary; `why_not` says why no language model wrote it."""

    text: str
    by_model: bool
    why_not: str | None = None


async def summarise(evidence: Evidence, writer: Writer) -> Summary:
    """A summary in the model's words when every number in it is supported, else the template and why."""
    try:
        return Summary(text=checked(await writer.draft(evidence), evidence), by_model=True)
    except Unavailable as error:
        why_not = WHY_NOT.get(error.reason, "the language model did not answer")
    except BadInput as error:
        why_not = error.words
    return Summary(text=template(evidence), by_model=False, why_not=why_not)


def checked(text: str, evidence: Evidence) -> str:
    """The text, cut to its limit; `BadInput` when it is empty or has a number that is not in the evidence."""
    text = _cut(text, MOST_CHARACTERS)
    if not text:
        raise BadInput("the language model wrote nothing")
    if bad := unsupported_numbers(text, evidence):
        raise BadInput(f"it used a number that is not in the data: {_cut(', '.join(bad), 80)}")
    return text


def unsupported_numbers(text: str, evidence: Evidence) -> list[str]:
    """The numbers in `text`, as they stand there, that are not in the evidence within display rounding.

    Percentages, p values and decimals must come from the readout, the design, or the words of the person who
    decides; notes support whole numbers and dates only.
    """
    return figures.unsupported(text, _known(evidence))


def facts(evidence: Evidence) -> dict[str, Any]:
    """What the writer is given, as JSON-ready data with numbers the way they should be shown."""
    experiment, readout, design = evidence.experiment, evidence.readout, evidence.experiment.design
    return {
        "title": experiment.title,
        "hypothesis": _cut(design.hypothesis, 1000),
        "variants": {each.key: percent(each.weight / FULL_WEIGHT) for each in design.variants},
        "stopped_because": experiment.stop_reason.words if experiment.stop_reason else None,
        "readout": _readout_facts(readout) if readout else None,
        "decision": {
            "outcome": evidence.outcome.words if evidence.outcome else None,
            "reasoning": _cut(evidence.reasoning, 1500),
            "next_steps": _cut(evidence.next_steps, 800),
        },
        "notes": [
            {"kind": note.kind.words, "text": _cut(note.text, MOST_OF_A_NOTE)} for note in evidence.notes[-MOST_NOTES:]
        ],
        "conversation": [_cut(each, MOST_OF_A_MESSAGE) for each in evidence.thread[-MOST_OF_A_THREAD:]],
    }


def _readout_facts(readout: Readout) -> dict[str, Any]:
    return {
        "number": readout.number,
        "covers": f"{days(readout.day)} of {readout.planned_days} planned",
        "verdict": readout.verdict.sentence,
        "units": dict(readout.units),
        "health": [finding.words for finding in readout.findings],
        "comparisons": [] if readout.blocked else [_comparison_facts(each) for each in readout.comparisons],
    }


def _comparison_facts(each: Comparison) -> dict[str, Any]:
    told: dict[str, Any] = {
        "metric": each.metric,
        "role": each.role.words,
        "treatment": each.treatment.variant,
        "reading": each.standing.words,
    }
    if each.refused or each.difference is None:
        return told | {"no_number_because": each.refused or "too few data"}
    told["difference"] = f"{amount(each.difference)} {each.unit}"
    if each.relative is not None:
        told["relative_change"] = percent(each.relative, signed=True)
    if (bounds := each.relative_interval) and None not in (bounds.lower, bounds.upper):
        told["interval"] = " to ".join(percent(end) for end in _ends(bounds))
    if each.p is not None:
        told["p"] = "below 0.001" if each.p < 0.001 else f"{each.p:.3f}"
    return told


def template(evidence: Evidence) -> str:
    """A summary without a language model, which says so."""
    readout = evidence.readout
    lines = (
        [f"{evidence.experiment.title}: the decision is to {DECIDED[evidence.outcome]}."] if evidence.outcome else []
    )
    if readout:
        lines.append(f"{readout.verdict.sentence} (Readout {readout.number}, {days(readout.day)} of data.)")
    else:
        lines.append("There are no data.")
    if evidence.reasoning.strip():
        lines.append(f"Why: {_cut(evidence.reasoning, 400)}")
    if evidence.next_steps.strip():
        lines.append(f"Next: {_cut(evidence.next_steps, 250)}")
    return f"{_cut(' '.join(lines), MOST_CHARACTERS - 30)}\nWritten from a template."


def _known(evidence: Evidence) -> figures.Known:
    experiment, readout, design = evidence.experiment, evidence.readout, evidence.experiment.design
    moments = [each for each in (experiment.created_at, experiment.started_at, experiment.stopped_at) if each]
    changes: list[float] = []
    shares = [design.alpha, 1 - design.alpha, design.smallest_effect]
    weights = [variant.weight / FULL_WEIGHT for variant in design.variants]
    amounts: list[float] = [design.alpha, design.planned_days, design.planned_units, len(design.metrics)]
    amounts += [len(design.variants), len(design.treatments), *(weight * 100 for weight in weights)]
    names = [experiment.key, experiment.title, experiment.project, *(variant.key for variant in design.variants)]
    names += [metric.key for metric in design.metrics]
    said = [design.hypothesis, evidence.reasoning, evidence.next_steps, *(metric.unit for metric in design.metrics)]
    compared: tuple[Comparison, ...] = ()
    if readout:
        compared = () if readout.blocked else readout.comparisons
        total = sum(readout.units.values())
        moments.append(readout.as_of)
        amounts += [readout.number, readout.day, readout.planned_days, total, *readout.units.values()]
        amounts += [readout.alpha, *([readout.verdict.days_left] if readout.verdict.days_left is not None else [])]
        shares += [readout.alpha, 1 - readout.alpha, *(units / total for units in readout.units.values() if total)]
        said += [readout.verdict.sentence, *(finding.words for finding in readout.findings)]
        names += [name for each in readout.comparisons for name in (each.metric, each.treatment.variant)]
    for each in compared:
        amounts += [each.control.n, each.treatment.n]
        measured = (each.control.mean, each.treatment.mean, each.difference, *_ends(each.interval))
        amounts += [value for value in measured if value is not None]
        changes += [value for value in (each.relative, *_ends(each.relative_interval)) if value is not None]
        if each.kind is MetricKind.PROPORTION:
            shares += [value for value in measured if value is not None]
    return figures.Known(
        amounts=tuple(amounts),
        shares=(*shares, *weights),
        changes=tuple(changes),
        ps=tuple(p for each in compared for p in (each.p, each.fixed_p) if p is not None),
        moments=tuple(moments),
        names=tuple(names),
        words=" \n".join(said),
        remarks=" \n".join([*(note.text for note in evidence.notes), *evidence.thread]),
    )


def _ends(interval: Interval | None) -> tuple[float, ...]:
    """The finite ends of an interval."""
    return () if interval is None else tuple(end for end in (interval.lower, interval.upper) if end is not None)


def _cut(text: str, most: int) -> str:
    """The text, given up at a space for “…” where it would be longer than `most`."""
    text = text.strip()
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    return (kept.rsplit(None, 1)[0] if " " in kept else kept).rstrip() + "…"
