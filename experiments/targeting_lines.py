"""Conditions on attributes as people write them in a form, one a line."""

from __future__ import annotations

import re

from pydantic import ValidationError

from experiments.errors import BadInput
from experiments.faults import first_fault
from experiments.numerals import listed
from experiments.targeting import ATTRIBUTE, LONE, Condition, Operator
from experiments.texts import clean_line

MOST_CONDITIONS = 20
EXAMPLES = "country is DE, FR, or plan is not free, or app_version at least 2.10.0"
PIECE = re.compile(r'\s*(?:"(?P<quoted>(?:[^"]|"")*)"|“(?P<curly>[^“”]*)”|(?P<bare>[^,]*?))\s*(?:,|$)')
# The longest phrase is tried first, so that "is not" is never read as "is".
PHRASES = {
    "is missing": Operator.MISSING,
    "missing": Operator.MISSING,
    "exists": Operator.EXISTS,
    "is not one of": Operator.IS_NOT,
    "is not in": Operator.IS_NOT,
    "is not": Operator.IS_NOT,
    "not in": Operator.IS_NOT,
    "!=": Operator.IS_NOT,
    "is one of": Operator.IS,
    "is in": Operator.IS,
    "is": Operator.IS,
    "in": Operator.IS,
    "contains": Operator.CONTAINS,
    "starts with": Operator.STARTS_WITH,
    "ends with": Operator.ENDS_WITH,
    "greater than": Operator.GREATER,
    "more than": Operator.GREATER,
    "above": Operator.GREATER,
    "less than": Operator.LESS,
    "below": Operator.LESS,
    "at least version": Operator.AT_LEAST_VERSION,
    "at least": Operator.AT_LEAST_VERSION,
    ">=": Operator.AT_LEAST_VERSION,
    "≥": Operator.AT_LEAST_VERSION,
    ">": Operator.GREATER,
    "<": Operator.LESS,
    "==": Operator.IS,
    "=": Operator.IS,
}


def _phrase(words: str) -> str:
    """How such a phrase is found: a word ends where a space does, and after some nothing may follow."""
    ending = "$" if PHRASES[words] in LONE else r"(?=\s|$)" if words[-1].isalpha() else ""
    return re.escape(words) + ending


LINE = re.compile(
    rf"(?P<attribute>{ATTRIBUTE.pattern})\s*(?:(?<=\s)|(?=[=!<>≥]))"
    rf"(?P<phrase>{'|'.join(map(_phrase, PHRASES))})(?P<values>.*)",
    re.IGNORECASE,
)


def audience_from(text: str, field: str = "audience") -> tuple[Condition, ...]:
    """Conditions as people write them, one a line; all must hold. `BadInput` names the line that cannot be read.

    >>> [condition.words for condition in audience_from("country = DE, FR\\nage above 17")]
    ['country is DE, FR', 'age greater than 17']
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not (cleaned := str(clean_line(line))):
            continue
        try:
            found.append(_read(cleaned))
        except ValidationError as error:
            raise BadInput(f"Line {number}: {first_fault(error)}.", field=field) from None
        except ValueError as error:
            raise BadInput(f"Line {number}: {error}. Write it like {EXAMPLES}.", field=field) from None
        if len(found) > MOST_CONDITIONS:
            raise BadInput(f"Line {number}: {MOST_CONDITIONS} conditions are the most.", field=field)
    return tuple(found)


def _read(line: str) -> Condition:
    parts = LINE.fullmatch(line)
    if not parts:
        known = listed([operator.words for operator in Operator], len(Operator)).replace(" and ", " or ")
        raise ValueError(f"“{line[:60]}” is no condition. After the attribute, in one word, can come {known}")
    values = _split(parts["values"])
    return Condition(attribute=parts["attribute"], operator=PHRASES[parts["phrase"].lower()], values=values)


def _split(text: str) -> tuple[str, ...]:
    values = []
    for piece in PIECE.finditer(text):
        if piece["quoted"] is not None:
            values.append(piece["quoted"].replace('""', '"'))
        elif piece["curly"] is not None:
            values.append(piece["curly"])
        elif piece["bare"].startswith(('"', "“")):
            raise ValueError(f"in {piece['bare'][:60]} a quotation mark is not closed, or stands within a word")
        elif piece["bare"]:
            values.append(piece["bare"])
    return tuple(values)
