"""What people type, cleaned and bounded, and the frozen values and enumerations it ends up in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
VERSION_IN_KEY = re.compile(r"(^|-)v\d+($|-)")


class Frozen(BaseModel):
    """A value that never changes once made and knows no field but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _clean(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFC", UNPRINTABLE.sub("", value)).strip()
    return text if any(unicodedata.category(character)[0] not in "CZ" for character in text) else ""


def clean_line(value: object) -> object:
    """A text on one line, without what cannot be printed."""
    cleaned = _clean(value)
    return " ".join(cleaned.split()) if isinstance(cleaned, str) else cleaned


def _within(least: int, most: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        if len(value) < least:
            raise ValueError("fill this in" if least == 1 else f"write at least {least} characters")
        if len(value) > most:
            raise ValueError(f"this has {len(value):,} characters; at most {most:,} fit")
        return value

    return check


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("a key has lower-case letters, digits and single hyphens between them, like checkout-button")
    if VERSION_IN_KEY.search(value):
        raise ValueError("leave the version out of the key; versions are counted for you")
    return value


def _clean_tag(value: object) -> object:
    cleaned = _clean(value)
    return re.sub(r"\s+", "-", cleaned.lower()).lstrip("#") if isinstance(cleaned, str) else cleaned


Key = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(2, 60)), AfterValidator(_key)]
Title = Annotated[str, BeforeValidator(clean_line), AfterValidator(_within(1, 120))]
Name = Annotated[str, BeforeValidator(clean_line), AfterValidator(_within(1, 60))]
Line = Annotated[str, BeforeValidator(clean_line), AfterValidator(_within(0, 200))]
Prose = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(0, 3000))]
RequiredProse = Annotated[str, BeforeValidator(_clean), AfterValidator(_within(1, 3000))]
Tag = Annotated[str, BeforeValidator(_clean_tag), AfterValidator(_within(1, 40))]


class Words(StrEnum):
    """An enumeration whose members read as words: `prompt_ab` → "prompt ab"."""

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")
