"""What pydantic finds wrong with a value, in words that follow the name of a field: the one place that has them."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails

WORDS = {
    "missing": "fill this in",
    "extra_forbidden": "there is no such field",
    "enum": "this is not one of the choices",
    "literal_error": "this is not one of the choices",
    "string_too_long": "this is too long; {max_length} characters fit",
    "string_type": "write this as text",
    "too_short": "choose at least one",
    "too_long": "these are too many; {max_length} is the most",
    "greater_than": "write a number above {gt:g}",
    "greater_than_equal": "write a number of at least {ge:g}",
    "less_than": "write a number below {lt:g}",
    "less_than_equal": "write a number of at most {le:g}",
    "int_parsing": "write a whole number",
    "int_from_float": "write a whole number",
    "int_type": "write a whole number",
    "float_parsing": "write a number",
    "float_type": "write a number",
    "finite_number": "write a number",
    "bool_parsing": "say true or false",
}


def fault_words(fault: ErrorDetails) -> str:
    """What to do about one fault, without a capital letter or a full stop."""
    told = WORDS.get(fault["type"])
    return told.format(**fault.get("ctx", {})) if told else fault["msg"].removeprefix("Value error, ")


def first_fault(error: ValidationError) -> str:
    """The same of the first fault that was found."""
    return fault_words(error.errors()[0])


def sentence(words: str) -> str:
    """The words as a sentence of its own."""
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "?")) else ".")
