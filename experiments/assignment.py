"""Who gets which variant: a pure function of a flag, a unit and its attributes, the same wherever it is computed.

`docs/assignment.md` says it for other languages, `tests/golden/assignment.json` pins it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from itertools import accumulate
from typing import Literal, NamedTuple

import mmh3
from pydantic import JsonValue

from experiments.design import FULL_WEIGHT, Design
from experiments.model import Experiment, Status
from experiments.targeting import Condition, Exclusion, targets
from experiments.texts import Words

Serves = Literal["split", "rollout", "control"]
Purpose = Literal["exposure", "variant", "group", "holdout"]
SALT_LENGTH = 16
EXACT = 2**53
GIVEN = frozenset({Status.ROLLING_OUT, Status.ROLLED_OUT})
SERVED = frozenset(
    {
        Status.APPROVED,
        Status.SCHEDULED,
        Status.RUNNING,
        Status.PAUSED,
        Status.STOPPED,
        Status.DECIDED,
        Status.ROLLED_BACK,
    }
)


class Why(Words):
    ASSIGNED = "assigned"
    TESTER = "tester"
    NOT_TARGETED = "not_targeted"
    NOT_EXPOSED = "not_exposed"
    HOLDOUT = "holdout"
    OTHER_EXPERIMENT = "other_experiment"
    NOT_SERVING = "not_serving"


class Assignment(NamedTuple):
    """The variant a unit gets, why, and whether seeing it counts as an exposure."""

    variant: str
    why: Why
    exposed: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """What is served of one experiment: all that an assignment depends on, and the value of every variant.

    `weights` belong to `variants` and sum to 10,000, like every share here hundredths of a percent. In a rollout they
    are the shares of everybody, the variant that is rolled out first; `exposure` has no part in it then.
    """

    key: str
    workspace: str
    project: str
    salt: str
    serves: Serves
    control: str
    variants: tuple[str, ...]
    weights: tuple[int, ...]
    exposure: int = FULL_WEIGHT
    audience: tuple[Condition, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    exclusion: Exclusion | None = None
    holdout: int = 0
    phase: int = 0
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    _bounds: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _assigned: tuple[Assignment, ...] = field(init=False, repr=False, compare=False)
    _exposure_text: bytes = field(init=False, repr=False, compare=False)
    _variant_text: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.variants) or sum(self.weights) != FULL_WEIGHT or min(self.weights) < 0:
            raise ValueError(f"the weights of {self.key} do not share out everything among its variants")
        # What is the same for every unit is worked out once, because an evaluation is a matter of microseconds.
        object.__setattr__(self, "_bounds", tuple(accumulate(self.weights)))
        assigned = tuple(Assignment(variant, Why.ASSIGNED, exposed=True) for variant in self.variants)
        object.__setattr__(self, "_assigned", assigned)
        object.__setattr__(self, "_exposure_text", f"exposure/{self.salt}/".encode())
        object.__setattr__(self, "_variant_text", f"variant/{self.salt}/".encode())


def bucket(purpose: Purpose, salt: str, unit: str) -> int:
    """The place of a unit among 10,000 of the same size; `purpose` and `salt` make it independent of others.

    >>> bucket("variant", "0123456789abcdef", "user-1"), bucket("exposure", "0123456789abcdef", "user-1")
    (4419, 4260)
    """
    return _place(f"{purpose}/{salt}/".encode(), _bytes(unit))


def assign(flag: Flag, unit: str, attributes: Mapping[str, object]) -> Assignment:
    """The variant of a unit. Without a reason to give it another one, it gets control.

    In this order: testers, whether anything is served, the audience, the holdout, the exclusion group, the exposure,
    the variant. A rollout is for everybody in the audience, so that groups no longer part them; both its variant and
    control are exposed, as one is compared with the other.
    """
    if flag.overrides and unit in flag.overrides:
        return Assignment(flag.overrides[unit], Why.TESTER, exposed=False)
    if flag.serves == "control":
        return Assignment(flag.control, Why.NOT_SERVING, exposed=False)
    if flag.audience and not targets(flag.audience, attributes):
        return Assignment(flag.control, Why.NOT_TARGETED, exposed=False)
    told = unit.encode("utf-8", "surrogatepass")
    if flag.holdout and bucket("holdout", flag.workspace, unit) < flag.holdout:
        return Assignment(flag.control, Why.HOLDOUT, exposed=False)
    if flag.serves == "rollout":
        return flag._assigned[bisect_right(flag._bounds, _place(flag._exposure_text, told))]
    if flag.exclusion and not flag.exclusion.holds(bucket("group", flag.exclusion.group, unit)):
        return Assignment(flag.control, Why.OTHER_EXPERIMENT, exposed=False)
    if flag.exposure < FULL_WEIGHT and _place(flag._exposure_text, told) >= flag.exposure:
        return Assignment(flag.control, Why.NOT_EXPOSED, exposed=False)
    # What most evaluations come to is written out: two calls cost as much as the hash itself.
    first_half: int = mmh3.mmh3_x64_128_utupledigest(flag._variant_text + told, 0)[0]
    return flag._assigned[bisect_right(flag._bounds, first_half * FULL_WEIGHT >> 64)]


def flag_of(experiment: Experiment, holdout: int) -> Flag | None:
    """What is served of an experiment as it stands; None before it was approved and once it was put away.

    `holdout` is that of its project. What was rolled out is served on when its experiment was put away.
    """
    design, phase = experiment.design, experiment.phase
    status = experiment.archived_from if experiment.status is Status.ARCHIVED else experiment.status
    weights = {variant.key: experiment.weights.get(variant.key, 0) for variant in design.variants}
    number = phase.number if phase else 0
    serves: Serves
    if status in GIVEN and (rollout := experiment.rollout):
        serves, number = "rollout", len(experiment.phases) + 1 + rollout.stage
        given = {rollout.variant: rollout.share, design.control.key: FULL_WEIGHT - rollout.share}
        weights = {**given, **{key: 0 for key in weights if key not in given}}
    elif experiment.status in SERVED and design.variants:
        serves = "split" if experiment.status is Status.RUNNING else "control"
    else:
        return None
    return Flag(
        key=experiment.key,
        workspace=experiment.workspace,
        project=experiment.project,
        salt=_salt(experiment),
        serves=serves,
        control=design.control.key,
        variants=tuple(weights),
        weights=tuple(weights.values()),
        exposure=phase.exposure if phase else design.exposure,
        audience=design.audience,
        overrides={unit: variant for unit, variant in experiment.overrides.items() if variant in weights},
        exclusion=design.exclusion,
        holdout=holdout,
        phase=number,
        values=_values(design),
    )


def _salt(experiment: Experiment) -> str:
    """Drawn anew for every attempt, and the same as long as one lasts."""
    begun = experiment.created_at.astimezone(UTC).isoformat()
    told = f"{experiment.workspace}/{experiment.key}/{begun}"
    return hashlib.sha256(told.encode()).hexdigest()[:SALT_LENGTH]


def _values(design: Design) -> dict[str, JsonValue]:
    """What an application gets for every variant: the plain value of its configuration, or that, or its name."""
    if all(variant.config.keys() == {"value"} for variant in design.variants):
        plain = {variant.key: variant.config["value"] for variant in design.variants}
        kinds = {_kind(value) for value in plain.values()}
        if len(kinds) == 1 and None not in kinds:
            # A flag has one type: where one variant has a fraction, the whole numbers of the others are floats too.
            fractions = any(isinstance(value, float) for value in plain.values())
            return {key: float(value) if fractions else value for key, value in plain.items()}
    if any(variant.config for variant in design.variants):
        return {variant.key: variant.config for variant in design.variants}
    return {variant.key: variant.key for variant in design.variants}


def _kind(value: object) -> type | None:
    """The type of a plain value in JSON; None of what is not plain, or not the same number in every language."""
    if isinstance(value, bool | str):
        return type(value)
    return float if isinstance(value, int | float) and abs(value) <= EXACT else None


def _bytes(unit: str) -> bytes:
    # A lone surrogate can come out of JSON; it must give some variant rather than an error.
    return unit.encode("utf-8", "surrogatepass")


def _place(text: bytes, unit: bytes) -> int:
    first_half: int = mmh3.mmh3_x64_128_utupledigest(text + unit, 0)[0]
    return first_half * FULL_WEIGHT >> 64
