"""One event as it comes over the wire, and the rules that each has to keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from experiments.texts import KEY

LONGEST_KEY = 60
LONGEST_UNIT = 200
LONGEST_VALUE = 200
MOST_ATTRIBUTES = 20
LARGEST_PHASE = 2**31 - 1
LARGEST_WHOLE = 2**63 - 1
AHEAD = timedelta(minutes=5)

_Key = Annotated[str, Meta(min_length=2, max_length=LONGEST_KEY)]
_Unit = Annotated[str, Meta(min_length=1, max_length=LONGEST_UNIT)]
_Time = Annotated[datetime, Meta(tz=True)]
_Phase = Annotated[int, Meta(ge=1, le=LARGEST_PHASE)]
_Value = (
    Annotated[str, Meta(max_length=LONGEST_VALUE)] | Annotated[int, Meta(ge=-LARGEST_WHOLE, le=LARGEST_WHOLE)] | float
)
_Attributes = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY)], _Value | bool], Meta(max_length=MOST_ATTRIBUTES)
]


class Exposure(msgspec.Struct, tag_field="type", tag="exposure", forbid_unknown_fields=True, gc=False, frozen=True):
    """A unit saw a variant; without a phase the one counts that ran at that time."""

    experiment: _Key
    variant: _Key
    unit: _Unit
    time: _Time
    attributes: _Attributes | UnsetType = UNSET
    phase: _Phase | UnsetType = UNSET


class Observation(
    msgspec.Struct, tag_field="type", tag="observation", forbid_unknown_fields=True, gc=False, frozen=True
):
    """The value of a metric for a unit."""

    metric: _Key
    value: float
    unit: _Unit
    time: _Time
    attributes: _Attributes | UnsetType = UNSET


Event = Exposure | Observation


class Stretch(NamedTuple):
    """The times at which an event may have happened, both included."""

    oldest: datetime
    newest: datetime

    @classmethod
    def at(cls, received: datetime, retention: timedelta) -> Stretch:
        return cls(received - retention, received + AHEAD)


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None
