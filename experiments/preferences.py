"""What a channel or a person chose to hear of, how, and when."""

from __future__ import annotations

from experiments.texts import Frozen


class Preferences(Frozen):
    """The choices of one `subject`: a channel, or a person."""

    subject: str
    filters: dict[str, str] = {}
