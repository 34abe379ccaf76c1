"""What a person filled in or pressed: Slack's view state and button values as plain values, read only here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from experiments.design import FULL_WEIGHT, Direction, MetricKind, MetricRole, Scale
from experiments.errors import BadInput

SCOPE = "__"
PERCENT = "percent"
VARIANT = re.compile(r"(?P<key>.*?)(?:[\s:=]+(?P<weight>\d+(?:[.,]\d+)?)\s*%?)?")
UNIT = re.compile(r"(?P<key>\S.*?)\s(?:in\s|(?=per\s))(?P<unit>.*\S)", re.IGNORECASE)
NUMBER = re.compile(r"[\d.,]+\s*%?")
LIMIT = re.compile(r"\slimit\s+(?P<harm>\d+(?:[.,]\d+)?)\s*(?P<percent>%?)(?=[\s,]|$)", re.IGNORECASE)
CONTROL_MARK = re.compile(r"\s*\(control\)", re.IGNORECASE)
METRIC_WORDS: dict[str, dict[str, str]] = {
    "kind": {kind.value: kind.value for kind in MetricKind},
    "direction": {direction.value: direction.value for direction in Direction},
    "role": {role.value: role.value for role in MetricRole if role is not MetricRole.PRIMARY},
}


class Target(NamedTuple):
    """What a button is about: the experiment and what the person saw of it (a revision or a design hash)."""

    key: str
    seen: str


def target(value: str) -> Target:
    """The target of a button's value, written `key@seen`."""
    key, _, seen = value.partition("@")
    return Target(key, seen)


def about(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a view was made about."""
    found = json.loads(view.get("private_metadata") or "{}")
    return found if isinstance(found, dict) else {}


def answers(view: Mapping[str, Any]) -> dict[str, Any]:
    """Field → value for everything that was filled in; what was left empty is left out.

    A field's scope (`metric__checkout`) is taken off its name; one scoped `__percent` comes as a share of one.
    """
    given: dict[str, Any] = {}
    for block_id, elements in view.get("state", {}).get("values", {}).items():
        field, _, scope = block_id.partition(SCOPE)
        for state in elements.values():
            value = _value(state, field)
            if value is None or value == "" or value == ():
                continue
            given[field] = round(value / 100, 10) if scope == PERCENT else value
    return given


def emptied(view: Mapping[str, Any]) -> dict[str, Any]:
    """Field → nothing for the texts and lists of people that were left empty, for forms in which that takes away
    what was there before."""
    return {
        block_id.partition(SCOPE)[0]: EMPTY[state["type"]]
        for block_id, elements in view.get("state", {}).get("values", {}).items()
        for state in elements.values()
        if state.get("type") in EMPTY and not _value(state, block_id)
    }


def block_of(view: Mapping[str, Any], field: str) -> str | None:
    """The id of the input block that asks for a field, so that an error can be shown beside it."""
    ids = [block.get("block_id", "") for block in view.get("blocks", ()) if block.get("type") == "input"]
    return next((each for each in ids if each.partition(SCOPE)[0] == field), None)


def tags_from(text: str) -> tuple[str, ...]:
    """Tags with commas or line ends between them, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in re.split(r"[,;\n]", text) if tag.strip(" #")))


def variants_from(text: str) -> tuple[dict[str, Any], ...]:
    """Variants from `control 50, treatment 50` or one a line; without any percents they share equally.

    The control is the one marked `(control)`, else the one called so, else the first.
    """
    parts = [" ".join(part.split()) for part in re.split(r"[;\n]|,(?!\d)", text) if part.strip()]
    marked = [bool(CONTROL_MARK.search(part)) for part in parts]
    pairs = [_variant(CONTROL_MARK.sub("", part)) for part in parts]
    keys = [key for key, _ in pairs]
    control = marked.index(True) if any(marked) else keys.index("control") if "control" in keys else 0
    return tuple(
        {"key": key, "weight": weight, "is_control": place == control}
        for place, (key, weight) in enumerate(zip(keys, _weights(pairs), strict=True))
    )


def metrics_from(given: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The metrics of a design from the answers `primary_metric`, `primary_kind`, `primary_direction` and
    `other_metrics`, which has one metric a line: `latency-p95 mean down guardrail limit 2 % in ms`."""
    metrics: list[dict[str, Any]] = []
    if primary := given.get("primary_metric"):
        key, unit = _unit(primary)
        chosen = {name: given[f"primary_{name}"] for name in ("kind", "direction") if f"primary_{name}" in given}
        metrics.append({"key": key, "role": MetricRole.PRIMARY.value, **chosen, **unit})
    for number, line in enumerate(given.get("other_metrics", "").splitlines(), start=1):
        if line.strip():
            metrics.append(_metric(line.strip(), number))
    return tuple(metrics)


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


def _metric(line: str, number: int) -> dict[str, Any]:
    words, limit = _limit(line)
    words, unit = _unit(words)
    key, *rest = re.split(r"[\s,:]+", words.strip(" ,:"))
    metric: dict[str, Any] = {"key": key, **unit, **limit}
    for word in rest:
        name = next((name for name, known in METRIC_WORDS.items() if word.lower() in known), None)
        if name is None or name in metric:
            problem = f"has a second {name}" if name else "is not a kind, a direction or a role"
            raise BadInput(
                f"Line {number}: “{word[:40]}” {problem}. Write it like latency-p95 mean down guardrail in ms.",
                field="other_metrics",
            )
        metric[name] = word.lower()
    if limit and metric.get("role") != MetricRole.GUARDRAIL.value:
        raise BadInput(
            f"Line {number}: only a guardrail has a limit. Write it like latency mean down guardrail limit 2 % in ms.",
            field="other_metrics",
        )
    return metric


def _limit(line: str) -> tuple[str, dict[str, Any]]:
    """A line without its `limit 2 %` (of control) or `limit 3` (in the metric's own unit), and that limit."""
    found = LIMIT.search(line)
    if not found:
        return line, {}
    harm, scale = float(found["harm"].replace(",", ".")), Scale.RELATIVE if found["percent"] else Scale.ABSOLUTE
    limit = {"harm": round(harm / 100, 10) if scale is Scale.RELATIVE else harm, "scale": scale.value}
    return line[: found.start()] + line[found.end() :], {"limit": limit}


def _unit(words: str) -> tuple[str, dict[str, str]]:
    """A metric's name and unit from `revenue in EUR` or `orders per user`."""
    found = UNIT.fullmatch(words.strip())
    return (found["key"].strip(), {"unit": found["unit"].strip()}) if found else (words.strip(), {})


def _value(state: Mapping[str, Any], field: str) -> Any:
    read = READ.get(state.get("type", ""))
    return read(state, field) if read else None


def _text(state: Mapping[str, Any], field: str) -> str:
    return (state.get("value") or "").strip()


def _number(state: Mapping[str, Any], field: str) -> float | int | None:
    if not (text := _text(state, field)):
        return None
    try:
        number = float(text)
    except ValueError:
        raise BadInput(f"“{text[:40]}” is not a number.", field=field) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise BadInput(f"“{text[:40]}” is not a number to count with.", field=field)
    return int(number) if number.is_integer() else number


def _option(state: Mapping[str, Any], field: str) -> str | None:
    chosen = state.get("selected_option")
    return chosen["value"] if chosen else None


def _options(state: Mapping[str, Any], field: str) -> tuple[str, ...]:
    return tuple(option["value"] for option in state.get("selected_options") or ())


def _moment(state: Mapping[str, Any], field: str) -> datetime | None:
    seconds = state.get("selected_date_time")
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _files(state: Mapping[str, Any], field: str) -> tuple[str, ...]:
    return tuple(file["id"] for file in state.get("files") or ())


def _plain(name: str) -> Callable[[Mapping[str, Any], str], Any]:
    return lambda state, field: state.get(name)


def _many(name: str) -> Callable[[Mapping[str, Any], str], tuple[str, ...]]:
    return lambda state, field: tuple(state.get(name) or ())


READ: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "plain_text_input": _text,
    "email_text_input": _text,
    "url_text_input": _text,
    "number_input": _number,
    "static_select": _option,
    "external_select": _option,
    "radio_buttons": _option,
    "multi_static_select": _options,
    "multi_external_select": _options,
    "checkboxes": _options,
    "users_select": _plain("selected_user"),
    "conversations_select": _plain("selected_conversation"),
    "channels_select": _plain("selected_channel"),
    "datepicker": _plain("selected_date"),
    "timepicker": _plain("selected_time"),
    "datetimepicker": _moment,
    "multi_users_select": _many("selected_users"),
    "multi_conversations_select": _many("selected_conversations"),
    "multi_channels_select": _many("selected_channels"),
    "file_input": _files,
    "rich_text_input": _plain("rich_text_value"),
}
EMPTY: dict[str, Any] = {"plain_text_input": "", "multi_users_select": ()}
