"""What metrics are worth, as people write it: a line of `conversion 12.50` per metric, read and written back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from experiments.errors import BadInput
from experiments.faults import first_fault
from experiments.numerals import MINUS
from experiments.policy import MOST_WORTH
from experiments.texts import Key

LINE = re.compile(r"(?P<key>\S+?)[\s:=]+(?P<money>[-+]?[\d.,]+)")
MONEY = re.compile(r"[-+]?(\d+(\.\d+)?|\d{1,3}(,\d{3})+(\.\d+)?|\d+,\d+)")
TWO_WAYS = re.compile(r"[-+]?[1-9]\d{0,2}(,\d{3})+")
EXAMPLE = "conversion 12.50"
KEY: TypeAdapter[str] = TypeAdapter(Key)


def worth_from(text: str) -> dict[str, float]:
    """Metric → money from lines like `conversion 12.50` or `api-calls −0.002`.

    >>> worth_from("conversion 12,50\\napi-calls = −0.002\\nseats 1,200.50")
    {'conversion': 12.5, 'api-calls': -0.002, 'seats': 1200.5}
    """
    found: dict[str, float] = {}
    for number, line in enumerate(text.replace(MINUS, "-").splitlines(), start=1):
        if not (words := line.strip()):
            continue
        parts = LINE.fullmatch(words)
        if not parts or not MONEY.fullmatch(parts["money"]):
            raise _problem(number, f"write a metric and what one more of it is worth, like {EXAMPLE}")
        if TWO_WAYS.fullmatch(parts["money"]):
            raise _problem(number, f"“{parts['money'][:40]}” can be read in two ways; write it without the comma")
        key = _key(parts["key"], number)
        if key in found:
            raise _problem(number, f"{key} is named twice")
        found[key] = _money(parts["money"])
    if len(found) > MOST_WORTH:
        raise BadInput(f"These are {len(found):,} metrics; {MOST_WORTH} is the most.", field="worth")
    return found


def worth_text(worth: Mapping[str, float]) -> str:
    """The lines that a form begins with.

    >>> worth_text({"conversion": 12.5, "api-calls": -0.002})
    'conversion 12.5\\napi-calls -0.002'
    """
    return "\n".join(f"{key} {_plain(money)}" for key, money in worth.items())


def _key(word: str, number: int) -> str:
    try:
        return KEY.validate_python(word)
    except ValidationError as error:
        raise _problem(number, first_fault(error)) from None


def _money(words: str) -> float:
    return float(words.replace(",", "" if "." in words else "."))


def _plain(money: float) -> str:
    """All its digits, and no power of ten."""
    words = f"{Decimal(repr(money)):f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _problem(number: int, words: str) -> BadInput:
    return BadInput(f"Line {number}: {words}.", field="worth")
