"""What people write about traffic, as plain values: testers, the place in an exclusion group, the steps of a canary."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from experiments.canary import CanaryPlan
from experiments.commands.testers import LONGEST_UNIT
from experiments.errors import BadInput
from experiments.faults import first_fault, sentence
from experiments.targeting import Exclusion

PERCENT = r"(\d{1,3}(?:[.,]\d{1,2})?)\s*%?"
EXCLUSION = re.compile(rf"(?P<group>\S+)\s+{PERCENT}\s*(?:-|–|to)\s*{PERCENT}")
STEP = re.compile(r"\d{1,3}(\.\d{1,2})?")


def overrides_from(text: str, variants: Collection[str]) -> dict[str, str]:
    """Unit → variant from lines like `user-4711 = treatment`; the last = parts the two.

    >>> overrides_from("user-1 = treatment\\nid=7 = control", ["control", "treatment"])
    {'user-1': 'treatment', 'id=7': 'control'}
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        unit, between, variant = (part.strip() for part in line.rpartition("="))
        if not between or not unit or not variant:
            raise BadInput(
                f"Line {number}: write a unit, = and its variant, like user-4711 = treatment.", field="overrides"
            )
        if variant not in variants:
            known = ", ".join(sorted(variants))
            raise BadInput(
                f"Line {number}: there is no variant {variant[:60]}; it has {known[:600]}.", field="overrides"
            )
        if len(unit) > LONGEST_UNIT or not unit.isprintable():
            raise BadInput(f"Line {number}: an id has at most {LONGEST_UNIT} printable characters.", field="overrides")
        if unit in found:
            raise BadInput(f"Line {number}: {unit[:60]} is named twice.", field="overrides")
        found[unit] = variant
    return found


def exclusion_from(text: str) -> Exclusion | None:
    """The place in a group from `checkout 0-50`; None when nothing is written.

    >>> exclusion_from("checkout 0 % to 50 %")
    Exclusion(group='checkout', first=0, share=5000)
    """
    if not (words := " ".join(text.split())):
        return None
    found = EXCLUSION.fullmatch(words)
    if not found:
        raise BadInput("Write the group and its part in percent, like checkout 0-50.", field="exclusion")
    first, end = (_hundredths(part) for part in found.groups()[1:])
    if first >= end:
        raise BadInput("The part begins before it ends, like checkout 0-50.", field="exclusion")
    try:
        return Exclusion(group=found["group"], first=first, share=end - first)
    except ValidationError as error:
        raise BadInput(sentence(first_fault(error)), field="exclusion") from None


def canary_from(given: dict[str, Any], before: CanaryPlan | None) -> CanaryPlan | None:
    """The plan from the answers `canary_steps`, `canary_minutes` and `canary_critical`; no steps mean no canary.

    >>> canary_from({"canary_steps": "5, 25 %, 50", "canary_critical": "error-rate"}, None).critical
    ('error-rate',)
    """
    parts = [part for part in re.split(r"[\s,;%→]+", given.get("canary_steps", "")) if part]
    if not parts:
        return None
    if odd := next((part for part in parts if not STEP.fullmatch(part)), None):
        raise BadInput(f"“{odd[:20]}” is not a percent; write the steps like 5, 25, 50.", field="canary_steps")
    plan = dict(before or CanaryPlan()) | {
        "steps": tuple(map(_hundredths, parts)),
        "critical": tuple(part for part in re.split(r"[\s,;]+", given.get("canary_critical", "")) if part),
    }
    if "canary_minutes" in given:
        plan["minutes"] = given["canary_minutes"]
    try:
        return CanaryPlan.model_validate(plan)
    except ValidationError as error:
        field = {"critical": "canary_critical", "minutes": "canary_minutes"}.get(_blamed(error), "canary_steps")
        raise BadInput(sentence(first_fault(error)), field=field) from None


def _blamed(error: ValidationError) -> str:
    place = error.errors()[0]["loc"]
    return str(place[0]) if place else ""


def _hundredths(percent: str) -> int:
    return round(float(percent.replace(",", ".")) * 100)
