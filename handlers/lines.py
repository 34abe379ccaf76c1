"""The lines of forms in which people write variants, metrics, guardrails and tags, as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from pydantic import ValidationError

from experiments.design import FULL_WEIGHT, Action, Direction, Metric, MetricKind, MetricRole, Scale
from experiments.errors import BadInput
from experiments.faults import first_fault, sentence

VARIANT = re.compile(r"(?P<key>.*?)(?:[\s:=]+(?P<weight>\d+(?:[.,]\d+)?)\s*%?)?")
NUMBER = re.compile(r"[\d.,]+\s*%?")
FACTOR = re.compile(r"\s(?P<factor>[^\s=,;:]+)=(?P<level>[^\s=,;]+)(?=\s|$)")
CONTROL_MARK = re.compile(r"\s*\(control\)", re.IGNORECASE)
UNIT = re.compile(r"(?P<key>\S.*?)\s(?:in\s|(?=per\s))(?P<unit>.*\S)", re.IGNORECASE)
LIMIT = re.compile(
    r"\slimit\s+(?P<harm>\d+(?:[.,]\d+)?)\s*(?P<percent>%?)(?P<points>\s*points?\b)?(?=[\s,]|$)", re.IGNORECASE
)
FROM = re.compile(
    r"\sfrom\s+(?P<units>\d{1,3}(?:,\d{3})+|\d+)(?=[\s,]|$)(?:\s+(?:unit|user|session|request)s?\b)?", re.IGNORECASE
)
MISSING = re.compile(r"\smissing\s+(?P<action>[\w-]+)", re.IGNORECASE)
ROLL_BACK = re.compile(r"(?<=[\s,:])roll[\s_-]?back(?=[\s,:]|$)", re.IGNORECASE)
PERCENT = r"(?P<percent>\d+(?:[.,]\d+)?)\s*%(?=[\s,]|$)"
CAP = re.compile(rf"\scap(?:ped)?(?:\s+at)?\s+{PERCENT}", re.IGNORECASE)
QUANTILE = re.compile(rf"\squantile\s+{PERCENT}", re.IGNORECASE)
CUPED = re.compile(r"\scuped\s+(?P<days>\d{1,4})(?:\s*d(?:ays?)?)?(?=[\s,]|$)", re.IGNORECASE)
RATIO = re.compile(r"[\s,:]ratio(?=[\s,:]|$)", re.IGNORECASE)
# Of a ratio, one word after “per” names the metric it divides by; what people read as its unit comes after “in”.
PER = re.compile(
    r"\sper\s+(?P<denominator>[a-z0-9][a-z0-9-]*)"
    r"(?=\s*,|\s*$|\s+(?:in|cap|cuped|limit|from|missing|up|down|cost|secondary|guardrail|warn|pause|stop|roll\S*)\s)",
    re.IGNORECASE,
)
QUERY = re.compile(r"\sprometheus\s+(?P<query>\S.*)", re.IGNORECASE)
AFTER_THE_UNIT = re.compile(r"\s(?:(?:limit|from|cap|cuped|quantile)\s+\d|prometheus\s)", re.IGNORECASE)
THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
ACTIONS = {action.value: action.value for action in Action}
METRIC_WORDS: dict[str, dict[str, str]] = {
    "kind": {kind.value: kind.value for kind in MetricKind},
    "direction": {direction.value: direction.value for direction in Direction},
    "role": {role.value: role.value for role in MetricRole if role is not MetricRole.PRIMARY},
    "action": ACTIONS,
}
OF_GUARDRAILS = {
    "limit": "a limit",
    "minimum_units": "a number of units",
    "action": "an action",
    "missing": "an action",
}
QUANTILE_EXAMPLE = "latency quantile down quantile 95 % in ms"
EXAMPLE = "latency-p95 mean down guardrail in ms"
GUARDRAIL_EXAMPLE = "latency-p95 mean down limit 2 % from 500 units stop in ms"


def tags_from(text: str) -> tuple[str, ...]:
    """Tags with commas or line ends between them, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in re.split(r"[,;\n]", text) if tag.strip(" #")))


def variants_from(text: str) -> tuple[dict[str, Any], ...]:
    """Variants from `control 50, treatment 50` or one a line; without any percents they share equally.

    The control is the one marked `(control)`, else the one called so, else the first. In a multivariate experiment each
    also names its level of every factor: `short-small 25 prompt=short model=small`.
    """
    parts = [" ".join(part.split()) for part in re.split(r"[;\n]|,(?!\d)", text) if part.strip()]
    marked = [bool(CONTROL_MARK.search(part)) for part in parts]
    cells = [_factors(CONTROL_MARK.sub("", part)) for part in parts]
    pairs = [_variant(rest) for rest, _ in cells]
    keys = [key for key, _ in pairs]
    control = marked.index(True) if any(marked) else keys.index("control") if "control" in keys else 0
    return tuple(
        {"key": key, "weight": weight, "is_control": place == control, "factors": factors}
        for place, (key, weight, (_, factors)) in enumerate(zip(keys, _weights(pairs), cells, strict=True))
    )


def metrics_from(given: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The metrics of a design from the answers `primary_metric`, `primary_kind`, `primary_direction` and
    `other_metrics`, which has one metric a line: `latency-p95 mean down guardrail limit 2 % in ms`."""
    readers = [partial(_primary, given)] if given.get("primary_metric") else []
    readers += [partial(_other, *each) for each in _numbered(given.get("other_metrics", ""), "other_metrics")]
    metrics: list[dict[str, Any]] = []
    faults: list[BadInput] = []
    for read in readers:
        try:
            metrics.append(read())
        except BadInput as fault:
            faults.append(fault)
    if faults:
        faults[0].beside = [each for each in faults[1:2] if each.field != faults[0].field]
        raise faults[0]
    return tuple(metrics)


def guardrails_from(text: str, taken: Iterable[str] = ()) -> tuple[Metric, ...]:
    """Guardrails, one a line: `latency-p95 mean down limit 2 % from 500 units stop missing pause in ms`.

    The harm it tolerates (of control, or in the metric's own unit), how many units in every variant it waits for, what
    its breach leads to and what missing data lead to may be left out. `taken` are the keys of the other metrics.
    """
    found: dict[str, Metric] = {}
    for line, at in _numbered(text, "guardrails"):
        given = {"role": MetricRole.GUARDRAIL.value, **_metric(line, at, MetricRole.GUARDRAIL)}
        metric = _valid(given, at)
        if metric.key in found or metric.key in taken:
            raise at.problem(f"{metric.key} is named twice; each metric has one line.")
        found[metric.key] = metric
    return tuple(found.values())


class _At:
    """A line of a form: its field and its number, for the words when it cannot be read."""

    def __init__(self, field: str, number: int = 0) -> None:
        self.field, self.number = field, number

    def problem(self, words: str, example: str = "") -> BadInput:
        shown = f" Write it like {example}." if example else ""
        told = f"Line {self.number}: {words}" if self.number else sentence(words)
        return BadInput(f"{told}{shown}", field=self.field)


def _numbered(text: str, field: str) -> list[tuple[str, _At]]:
    return [
        (line.strip(), _At(field, number)) for number, line in enumerate(text.splitlines(), start=1) if line.strip()
    ]


def _factors(part: str) -> tuple[str, dict[str, str]]:
    """A variant without its `prompt=short model=small`, and these levels by factor."""
    found: dict[str, str] = {}
    for each in FACTOR.finditer(part):
        if each["factor"] in found:
            raise BadInput(f"“{part[:60]}” names {each['factor'][:40]} twice; one level is enough.", field="variants")
        found[each["factor"]] = each["level"]
    return FACTOR.sub("", part).strip(), found


def _variant(part: str) -> tuple[str, int | None]:
    found = VARIANT.fullmatch(part)
    if not found or not found["key"] or NUMBER.fullmatch(part):
        raise BadInput(f"“{part[:60]}” has no name; write a name and its percent, like control 50.", field="variants")
    if found["weight"] is None:
        return found["key"], None
    hundredths = float(found["weight"].replace(",", ".")) * 100
    if abs(hundredths - round(hundredths)) > 1e-6:
        raise BadInput(f"{found['weight']} % is too fine; two decimals are the most.", field="variants")
    if hundredths > FULL_WEIGHT:
        raise BadInput(f"{found['weight']} % is more than everything; 100 % is the most.", field="variants")
    return found["key"], round(hundredths)


def _weights(pairs: list[tuple[str, int | None]]) -> list[int]:
    given = [weight for _, weight in pairs if weight is not None]
    if pairs and not given:
        share, rest = divmod(FULL_WEIGHT, len(pairs))
        return [share + (place < rest) for place in range(len(pairs))]
    if len(given) < len(pairs):
        key = next(key for key, weight in pairs if weight is None)
        raise BadInput(f"“{key[:60]}” has no percent; give all of them one, or none.", field="variants")
    return given


def _metric(line: str, at: _At, only: MetricRole | None = None) -> dict[str, Any]:
    example = GUARDRAIL_EXAMPLE if only else EXAMPLE
    words, more = _measured(line, at)
    words, limit = _limit(ROLL_BACK.sub(Action.ROLL_BACK.value, words), at)
    words, minimum = _minimum(words)
    words, missing = _missing(words, at)
    key, *rest = re.split(r"[\s,:]+", words.strip(" ,:"))
    metric: dict[str, Any] = {"key": key, **more, **limit, **minimum, **missing}
    for word in rest:
        name = next((name for name, known in METRIC_WORDS.items() if word.lower() in known), None)
        if name is None or name in metric:
            problem = f"has a second {name}" if name else "is not a kind, a direction, a role or an action"
            raise at.problem(f"“{word[:40]}” {problem}.", example)
        metric[name] = word.lower()
    if "quantile" in metric and metric.setdefault("kind", MetricKind.QUANTILE.value) != MetricKind.QUANTILE:
        raise at.problem(f"only a quantile has one; {key[:40]} is a {metric['kind']}.", QUANTILE_EXAMPLE)
    role = metric.get("role", only)
    if only and role != only:
        raise at.problem(f"{key[:40]} is a guardrail here, not {role}.", example)
    if only and "direction" not in metric:
        raise at.problem(f"say which way is good for {key[:40]}: up or down.", example)
    for name, words in OF_GUARDRAILS.items():
        if name in metric and role != MetricRole.GUARDRAIL:
            raise at.problem(f"only a guardrail has {words}.", "latency mean down guardrail limit 2 % in ms")
    return metric


def _primary(given: Mapping[str, Any]) -> dict[str, Any]:
    at = _At("primary_metric")
    chosen = {name: given[f"primary_{name}"] for name in ("kind", "direction") if f"primary_{name}" in given}
    key, more = _measured(f"{given['primary_metric']} ", at, is_ratio=chosen.get("kind") == MetricKind.RATIO)
    metric = {"key": key.strip(" ,:"), "role": MetricRole.PRIMARY.value, **more, **chosen}
    _valid(metric, at)
    return metric


def _other(line: str, at: _At) -> dict[str, Any]:
    metric = _metric(line, at)
    _valid(metric, at)
    return metric


def _valid(given: dict[str, Any], at: _At) -> Metric:
    try:
        return Metric.model_validate(given)
    except ValidationError as error:
        raise at.problem(f"{first_fault(error)}.") from None


def _measured(line: str, at: _At, *, is_ratio: bool = False) -> tuple[str, dict[str, Any]]:
    """A line without what says how the metric is measured: its unit, what it is divided by, and how it is made more
    robust or precise."""
    found: dict[str, Any] = {}
    if query := QUERY.search(line):
        line, found["query"] = line[: query.start()], query["query"].strip()
    per = PER.search(line) if is_ratio or RATIO.search(line) else None
    named = UNIT.fullmatch(line.strip())
    if per and not (named and named.end("key") < per.start()):
        line, found["denominator"] = _without(line, per), per["denominator"].lower()
    words, unit = _unit(line)
    if AFTER_THE_UNIT.search(unit.get("unit", "")):
        raise at.problem("the unit comes last.", GUARDRAIL_EXAMPLE)
    words, found = f"{words} ", found | unit
    for name, clause in (("cap", CAP), ("quantile", QUANTILE)):
        if share := clause.search(words):
            found[name] = float(Decimal(share["percent"].replace(",", ".")) / 100)
            words = _without(words, share)
    if before := CUPED.search(words):
        words, found["lookback_days"] = _without(words, before), int(before["days"])
    return words.rstrip(), found


def _limit(line: str, at: _At) -> tuple[str, dict[str, Any]]:
    """A line without its `limit 2 %` (of control), `limit 3` (in the metric's own unit) or `limit 0.5 points` (of a
    proportion, 0.005 in its own unit), and that limit."""
    found = LIMIT.search(line)
    if not found:
        return line, {}
    if THOUSANDS.fullmatch(found["harm"]):
        raise at.problem(f"“{found['harm']}” can be read in two ways; write it without the comma.")
    harm = Decimal(found["harm"].replace(",", "."))
    if found["points"] and (found["percent"] or not re.search(r"\bproportion\b", line, re.IGNORECASE)):
        raise at.problem("points are of a proportion.", "errors proportion down limit 0.5 points")
    scale = Scale.RELATIVE if found["percent"] else Scale.ABSOLUTE
    limit = {"harm": float(harm / 100 if found["percent"] or found["points"] else harm), "scale": scale.value}
    return _without(line, found), {"limit": limit}


def _minimum(line: str) -> tuple[str, dict[str, int]]:
    """A line without its `from 500 units`, and that number."""
    found = FROM.search(line)
    return (_without(line, found), {"minimum_units": int(found["units"].replace(",", ""))}) if found else (line, {})


def _missing(line: str, at: _At) -> tuple[str, dict[str, str]]:
    """A line without its `missing pause`, and what missing data lead to."""
    found = MISSING.search(line)
    if not found:
        return line, {}
    if (action := found["action"].lower()) not in ACTIONS:
        raise at.problem(f"“missing {action[:40]}” is not warn, pause, stop or rollback.", GUARDRAIL_EXAMPLE)
    return _without(line, found), {"missing": action}


def _without(line: str, found: re.Match[str]) -> str:
    return line[: found.start()] + line[found.end() :]


def _unit(words: str) -> tuple[str, dict[str, str]]:
    """A metric's name and unit from `revenue in EUR` or `orders per user`."""
    found = UNIT.fullmatch(words.strip())
    return (found["key"].strip(), {"unit": found["unit"].strip()}) if found else (words.strip(), {})
