"""Two versions of a design or an experiment compared field by field, in words: old → new.

Nothing that differs is left out: a field without words of its own is called by its name and shown as its JSON value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from experiments.design import Design, Limit, Metric, Scale, Variant
from experiments.factors import cell_words
from experiments.model import Experiment
from experiments.numerals import share, stated
from experiments.texts import Words

LABELS = {
    "Design.unit": "randomised unit",
    "Design.alpha": "significance level",
    "Design.rule": "decision rule",
    "Design.method": "way of reading",
    "Design.correction": "correction for several treatments",
    "Design.expectation": "assumption of the plan",
    "Expectation.sd": "standard deviation",
    "Expectation.per_day": "units a day",
    "Metric.direction": "good direction",
    "Variant.factors": "factor",
    "Metric.action": "action on a breach",
    "Metric.missing": "action on missing data",
    "Metric.cap": "capped at the quantile",
    "Metric.lookback_days": "days of values from before exposure",
    "Metric.query": "Prometheus query",
    "Design.canary": "steps of the canary",
    "Design.exclusion": "exclusion group",
}
OF_AN_EXPERIMENT = ("title", "project", "source", "tags", "reviewers")
Part = TypeVar("Part", Variant, Metric)


class Change(NamedTuple):
    """One difference: the field in words, and what it said before and after; None where there was nothing at all.

    >>> Change("planned days", "14", "21").words
    'planned days: 14 → 21'
    >>> Change("metric latency", "guardrail, mean, good when down", None).words
    'metric latency removed: guardrail, mean, good when down'
    """

    field: str
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        if self.before is None:
            return f"{self.field} added: {self.after}"
        if self.after is None:
            return f"{self.field} removed: {self.before}"
        return f"{self.field}: {self.before} → {self.after}"


def differences(before: Design, after: Design) -> tuple[Change, ...]:
    """What differs between two designs, in the order of their fields; empty exactly when they are the same.

    >>> [change.words for change in differences(Design(), Design(planned_days=21, smallest_effect=0.05))]
    ['smallest effect: 2 % → 5 %', 'planned days: 14 → 21']
    """
    return tuple(_of_models(before, after, tuple(Design.model_fields)))


def of_experiments(before: Experiment, after: Experiment) -> tuple[Change, ...]:
    """What people wrote down differently: title, project, source, tags and reviewers, then the design.

    Reviewers are listed as their Slack ids, with a comma and a space between.
    """
    return (*_of_models(before, after, OF_AN_EXPERIMENT), *differences(before.design, after.design))


def _of_models(before: BaseModel, after: BaseModel, names: Sequence[str], *, of: str = "") -> Iterator[Change]:
    stated, restated = (model.model_dump(mode="json", include=set(names)) for model in (before, after))
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if _exact(stated[name]) == _exact(restated[name]):
            continue
        label = _label(before, name)
        if name == "variants":
            yield from _of_parts("variant", old, new)
            yield from _of_control(old, new)
        elif name == "metrics":
            yield from _of_parts("metric", old, new)
        elif isinstance(old, dict):
            yield from _of_config(stated[name], restated[name], f"{label} ", of)
        elif isinstance(old, BaseModel) and isinstance(new, BaseModel) and name not in SHOWN:
            yield from _of_models(old, new, tuple(type(old).model_fields), of=f"{label} of {of}" if of else label)
        else:
            words, reworded = _words(name, old), _words(name, new)
            if words == reworded:
                words, reworded = _exact(stated[name]), _exact(restated[name])
            yield Change(f"{label} of {of}" if of else label, words, reworded)


def _label(model: BaseModel, name: str) -> str:
    return LABELS.get(f"{type(model).__name__}.{name}", name.replace("_", " "))


def _of_parts(what: str, before: Sequence[Part], after: Sequence[Part]) -> Iterator[Change]:
    """Variants or metrics, told apart by their keys; their order counts, since the first primary metric decides."""
    old, new = {each.key: each for each in before}, {each.key: each for each in after}
    for key in (key for key in old if key not in new):
        yield Change(f"{what} {key}", _summary(old[key]), None)
    for key in (key for key in new if key not in old):
        yield Change(f"{what} {key}", None, _summary(new[key]))
    kept = [key for key in old if key in new]
    for key in kept:
        names = [name for name in type(old[key]).model_fields if name not in {"key", "is_control"}]
        yield from _of_models(old[key], new[key], names, of=key)
    moved = [key for key in new if key in old]
    if kept != moved:
        yield Change(f"order of {what}s", ", ".join(kept), ", ".join(moved))


def _of_control(before: Sequence[Variant], after: Sequence[Variant]) -> Iterator[Change]:
    old, new = ([variant.key for variant in side if variant.is_control] for side in (before, after))
    if old and new and old != new:
        yield Change("control", old[0], new[0])


def _of_config(before: dict[str, Any], after: dict[str, Any], path: str, of: str) -> Iterator[Change]:
    """Every leaf that differs, by the path of its keys."""
    for key in dict.fromkeys((*before, *after)):
        where = f"{path}{key} of {of}" if of else f"{path}{key}"
        if key not in before:
            yield Change(where, None, _leaf(after[key]))
        elif key not in after:
            yield Change(where, _leaf(before[key]), None)
        elif before[key] and after[key] and isinstance(before[key], dict) and isinstance(after[key], dict):
            yield from _of_config(before[key], after[key], f"{path}{key}.", of)
        elif (old := _exact(before[key])) != (new := _exact(after[key])):
            told = _leaf(before[key]), _leaf(after[key])
            yield Change(where, *(told if told[0] != told[1] else (old, new)))


def _summary(part: Variant | Metric) -> str:
    """What a variant or a metric that came or went is about: all that is not as it is for every other one."""
    if isinstance(part, Variant):
        config = _leaf(part.config) if part.config else ""
        role = "control" if part.is_control else ""
        stated = [role, share(part.weight), cell_words(part.factors), part.description, config]
    else:
        limit = f"limit {_limit(part.limit)}" if part.limit else ""
        stated = [part.role.words, part.kind.words, f"good when {part.direction.words}", limit]
    return ", ".join(words for words in stated if words)


def _words(name: str, value: object) -> str:
    if name in SHOWN and value is not None:
        return str(SHOWN[name](value))
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Words):
        return value.words
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, BaseModel):
        stated = {field: each for field, each in dict(value).items() if each is not None}
        return ", ".join(f"{_label(value, field)} {_words(field, each)}" for field, each in stated.items())
    if isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        return ", ".join(each.words if isinstance(each, Words) else each for each in value)
    return _leaf(value)


def _leaf(value: object) -> str:
    if isinstance(value, str):
        return value or "empty"
    return _exact(value)


def _exact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=_stated)


def _stated(value: object) -> object:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def _limit(limit: Limit) -> str:
    return f"{stated(limit.harm)} of control" if limit.scale is Scale.RELATIVE else f"{limit.harm:.15g}"


SHOWN: dict[str, Any] = {
    "smallest_effect": stated,
    "alpha": stated,
    "exposure": share,
    "weight": share,
    "limit": _limit,
    "audience": lambda audience: "; ".join(each.words for each in audience) or "everybody",
    "exclusion": lambda exclusion: exclusion.words,
    "canary": lambda plan: plan.words,
}
