"""The text of one cell → a key, a number, a count or a moment, or the reason why it is none."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from experiments.faults import first_fault
from experiments.intake.result import Unusable
from experiments.texts import UNPRINTABLE, Key

MOST_UNITS = 10**15
MOST_DAYS = 100_000
LONGEST_LEVEL = 60
SECONDS_PER_DAY = 86_400
KEY_OF: TypeAdapter[str] = TypeAdapter(Key)


def key_of(name: str, prefix: str, column: str = "") -> str:
    """The key a name becomes; bare numbers and single characters get the prefix, where there is one.

    >>> key_of("Check_Out page", ""), key_of("2", "variant-"), key_of("A", "variant-")
    ('check-out-page', 'variant-2', 'variant-a')
    """
    if not name:
        raise Unusable("is empty", column)
    text = "-".join(name.lower().replace("_", " ").split())
    try:
        return KEY_OF.validate_python(f"{prefix}{text}" if len(text) == 1 or text.isdecimal() else text)
    except ValidationError as error:
        raise Unusable(f"“{clip(name)}” cannot be a key: {first_fault(error)}", column) from None


def dimension_of(name: str, column: str) -> str:
    """The name of a dimension of segments, in snake case.

    >>> dimension_of("App Version", "segment")
    'app_version'
    """
    return key_of(name, "segment-", column).replace("-", "_")


class Names:
    """Names in one column → keys, refusing two names that would become the same key.

    >>> Names("metric", "metric-")["Page Views"]
    'page-views'
    """

    def __init__(self, column: str, prefix: str) -> None:
        self.column, self.prefix = column, prefix
        self.keys: dict[str, str] = {}
        self.first: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        key = self.keys.get(name)
        if key is None:
            key = key_of(name, self.prefix, self.column)
            if self.first.setdefault(key, name) != name:
                raise Unusable(f"“{clip(name)}” would be the same as “{clip(self.first[key])}”", self.column)
            self.keys[name] = key
        return key


class Cells:
    """How the cells of one file are read: with a decimal comma or not, and against which starts of experiments.

    >>> Cells(decimal_comma=True, starts={}).number("0,5", "mean")
    0.5
    """

    def __init__(self, *, decimal_comma: bool, starts: Mapping[str, datetime]) -> None:
        self.decimal_comma, self.starts = decimal_comma, starts

    def number(self, text: str, column: str) -> float:
        """A finite number.

        >>> Cells(decimal_comma=False, starts={}).number("1e3", "mean")
        1000.0
        """
        try:
            plain = float(text)
            if math.isfinite(plain) and "_" not in text:
                return plain
        except ValueError:
            pass
        value = self._float(text)
        if value is None:
            raise Unusable(f"“{clip(text)}” is not a number" if text else "is empty", column)
        if not math.isfinite(value):
            raise Unusable(f"“{clip(text)}” is not a finite number", column)
        return value

    def variance(self, text: str, column: str) -> float:
        """A number that is not negative; the words call it what the column does.

        >>> Cells(decimal_comma=False, starts={}).variance("0.25", "variance")
        0.25
        """
        value = self.number(text, column)
        if value < 0:
            raise Unusable(
                f"{value:g} is negative; a {'standard deviation' if column == 'sd' else 'variance'} cannot be", column
            )
        return value

    def count(self, text: str, column: str) -> int:
        """A whole number of units.

        >>> Cells(decimal_comma=False, starts={}).count("1000", "n")
        1000
        """
        value = self.number(text, column)
        if value < 0 or not value.is_integer():
            raise Unusable(f"“{clip(text)}” is not a count; it has to be 0, 1, 2 …", column)
        if value > MOST_UNITS:
            raise Unusable(f"{value:.3g} units are more than any experiment has", column)
        return int(value)

    def day(self, text: str, column: str, experiment: str) -> float:
        """Days since the start of the experiment, also from a date where that start is known.

        >>> Cells(decimal_comma=False, starts={}).day("1.5", "time", "shop")
        1.5
        """
        value = self._float(text)
        if value is None:
            value = self._since_start(text, column, experiment)
        if not 0 <= value <= MOST_DAYS:
            raise Unusable(f"“{clip(text)}” is not a number of days since the start", column)
        return value

    def segment(self, text: str, dimension: str, column: str) -> str:
        """A level as “dimension=level”; the cell may name its own dimension, and an empty one means everybody.

        >>> cells = Cells(decimal_comma=False, starts={})
        >>> cells.segment("DE", "country", "segment"), cells.segment("Device=phone", "segment", "segment")
        ('country=DE', 'device=phone')
        """
        if not text:
            return ""
        named, parted, level = text.partition("=")
        if parted:
            dimension = dimension_of(named.strip(), column)
        level = " ".join(unicodedata.normalize("NFC", UNPRINTABLE.sub("", level if parted else text)).split())
        if not level or "=" in level:
            raise Unusable(f"“{clip(text)}” is not one level of a segment; write dimension=level", column)
        if len(level) > LONGEST_LEVEL:
            raise Unusable(f"“{clip(text)}” has more than the {LONGEST_LEVEL} characters that fit", column)
        return f"{dimension}={level}"

    def _float(self, text: str) -> float | None:
        if self.decimal_comma and "." not in text:
            text = text.replace(",", ".")
        if "_" in text:
            return None
        try:
            return float(text)
        except ValueError:
            return None

    def _since_start(self, text: str, column: str, experiment: str) -> float:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Unusable(f"“{clip(text)}” is not a number of days" if text else "is empty", column) from None
        start = self.starts.get(experiment)
        if start is None:
            raise Unusable(f"is a date, but the start of {experiment} is not known; give days since start", column)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if moment < start:
            raise Unusable(f"“{clip(text)}” lies before the start of {experiment}", column)
        return (moment - start).total_seconds() / SECONDS_PER_DAY


def clip(text: str, most: int = 40) -> str:
    """The text, cut where it is too long to quote.

    >>> clip("a" * 50, most=3)
    'aaa…'
    """
    return text if len(text) <= most else f"{text[:most]}…"
