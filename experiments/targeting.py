"""Who takes part: conditions on the attributes of an evaluation, and the share of a mutual-exclusion group."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from experiments.numerals import share
from experiments.texts import Frozen, Key, Words, clean_line

EVERYBODY = 10_000
MOST_VALUES = 100
LONGEST_VALUE = 200
# At most 15 digits before the point: up to there every language has exactly the same number.
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{0,30}[1-9])?")
DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,31})?")
VERSION = re.compile(r"[vV]?([0-9]{1,9}(?:\.[0-9]{1,9}){0,5})(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
ATTRIBUTE = re.compile(r"[^\s,\"“”=!<>≥]{1,60}")
# What would be read as something else than a value where it stands without quotation marks.
AMBIGUOUS = re.compile(r"[\"“].*|.*,.*|(?:missing|not|in|one of|version)(?: .*)?", re.IGNORECASE)


class Operator(Words):
    IS = "is"
    IS_NOT = "is_not"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    GREATER = "greater"
    LESS = "less"
    AT_LEAST_VERSION = "at_least_version"
    EXISTS = "exists"
    MISSING = "missing"

    @property
    def words(self) -> str:
        return SPOKEN.get(self, super().words)


SPOKEN = {
    Operator.GREATER: "greater than",
    Operator.LESS: "less than",
    Operator.AT_LEAST_VERSION: "at least",
    Operator.MISSING: "is missing",
}
LONE = frozenset({Operator.EXISTS, Operator.MISSING})
SINGLE = frozenset({Operator.GREATER, Operator.LESS, Operator.AT_LEAST_VERSION})


def _one_word(name: str) -> str:
    if not ATTRIBUTE.fullmatch(name):
        raise ValueError("an attribute is one word of at most 60 characters, like app_version")
    return name


Value = str | float | bool
Attribute = Annotated[str, BeforeValidator(clean_line), AfterValidator(_one_word)]


class Condition(Frozen):
    """What an attribute of the evaluation has to be. Any of the `values` may match.

    Only texts, booleans and finite numbers are attributes; null, lists, objects and NaN are as if they were not there.
    What is missing matches nothing but `missing` and `is_not`. Reading `words` again gives the same condition.
    """

    attribute: Attribute
    operator: Operator
    values: tuple[Value, ...] = Field(default=(), max_length=MOST_VALUES, validate_default=True)

    @field_validator("values")
    @classmethod
    def _values_fit(cls, values: tuple[Value, ...], info: ValidationInfo) -> tuple[Value, ...]:
        operator: Operator | None = info.data.get("operator")
        if operator is None:
            return values
        if operator in LONE:
            if values:
                raise ValueError(f"“{operator.words}” stands alone, without a value")
            return ()
        if operator in SINGLE and len(values) > 1:
            raise ValueError(f"“{operator.words}” has one value; write a number without commas between its digits")
        if not values:
            raise ValueError(f"say which value after “{operator.words}”")
        return tuple(_fitting(value, operator) for value in values)

    def holds(self, attributes: Mapping[str, object]) -> bool:
        """Whether it holds for these attributes. Nothing that JSON can carry makes it raise."""
        given = _known(attributes.get(self.attribute))
        operator = self.operator
        if operator is Operator.IS:
            return given is not None and self._names(given)
        if operator is Operator.IS_NOT:
            return given is None or not self._names(given)
        if operator in LONE or given is None:
            return (given is None) == (operator is Operator.MISSING)
        if operator is Operator.GREATER or operator is Operator.LESS:
            return _exceeds(given, self.values[0], upwards=operator is Operator.GREATER)
        if operator is Operator.AT_LEAST_VERSION:
            return _is_at_least(given, str(self.values[0]))
        return isinstance(given, str) and any(_found(operator, given, str(value)) for value in self.values)

    def _names(self, given: Value) -> bool:
        meant = _meant(given)
        return any(value == meant and type(value) is type(meant) for value in self.values)

    @property
    def words(self) -> str:
        """The condition as people write it: `country is DE, FR`."""
        return f"{self.attribute} {self.operator.words} {', '.join(map(_quoted, self.values))}".rstrip()


class Exclusion(Frozen):
    """A place in a mutual-exclusion group: `share` of its people from `first` on, in hundredths of a percent.

    Experiments of one group whose places do not overlap never have a person in common.
    """

    group: Key
    first: int = Field(default=0, ge=0, lt=EVERYBODY)
    share: int = Field(ge=1, le=EVERYBODY)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.first + self.share > EVERYBODY:
            raise ValueError(f"from {share(self.first)} on, {share(EVERYBODY - self.first)} are left")
        return self

    @property
    def end(self) -> int:
        """Where its place ends; the next one may begin here."""
        return self.first + self.share

    def holds(self, place: int) -> bool:
        """Whether the unit at this place of the group takes part."""
        return self.first <= place < self.end

    def overlaps(self, other: Exclusion) -> bool:
        """Whether both could have a person in common although they are in the same group."""
        return self.group == other.group and self.first < other.end and other.first < self.end

    @property
    def words(self) -> str:
        return f"{share(self.share)} of {self.group}, from {share(self.first)} to {share(self.end)}"


def targets(audience: Iterable[Condition], attributes: Mapping[str, object]) -> bool:
    """Whether all conditions hold; without any, everybody is meant."""
    return all(condition.holds(attributes) for condition in audience)


def _fitting(value: Value, operator: Operator) -> Value:
    """The value as this operator compares it; ValueError when it cannot."""
    text = str(clean_line(_written(value)))
    if not text or len(text) > LONGEST_VALUE:
        raise ValueError(f"a value has 1 to {LONGEST_VALUE} characters")
    if operator is Operator.GREATER or operator is Operator.LESS:
        if not DECIMAL.fullmatch(text := text.replace("−", "-")):
            raise ValueError(f"“{text[:40]}” is no number; write one like 17 or 0.5")
        return float(text) + 0.0
    if operator is Operator.AT_LEAST_VERSION:
        version = VERSION.fullmatch(text)
        if not version or version[2]:
            raise ValueError(f"“{text[:40]}” is no version; write one like 2.10.0")
        return text
    return _meant(text) if operator in (Operator.IS, Operator.IS_NOT) else text


def _meant(value: Value) -> Value:
    """A text that is a number or a boolean, as it is usually written, stands for it."""
    if not isinstance(value, str):
        return value
    if NUMBER.fullmatch(value):
        return float(value) + 0.0
    return value == "true" if value in ("true", "false") else value


def _known(value: object) -> Value | None:
    if isinstance(value, str | bool):
        return value
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _exceeds(given: Value, limit: Value, *, upwards: bool) -> bool:
    number = _meant(given)
    if not isinstance(number, float) or not isinstance(limit, float):
        return False
    return number > limit if upwards else number < limit


def _is_at_least(given: Value, wanted: str) -> bool:
    """By the parts of a version where a text is given; a number is compared as one."""
    if isinstance(given, float):
        return bool(DECIMAL.fullmatch(wanted)) and given >= float(wanted)
    version, least = VERSION.fullmatch(given) if isinstance(given, str) else None, VERSION.fullmatch(wanted)
    if not version or not least:
        return False
    has, needs = _parts(version[1]), _parts(least[1])
    return has > needs or (has == needs and not version[2])


def _parts(version: str) -> list[int]:
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _found(operator: Operator, text: str, part: str) -> bool:
    if operator is Operator.CONTAINS:
        return part in text
    return text.startswith(part) if operator is Operator.STARTS_WITH else text.endswith(part)


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        raise ValueError("a number has an end; this one has none")
    return format(Decimal(repr(value + 0.0)).normalize(), "f")


def _quoted(value: Value) -> str:
    text = _written(value)
    if not AMBIGUOUS.fullmatch(text):
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
