"""What a list of experiments is narrowed by: the choices people have, their defaults, and the filter they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from pydantic import Field

from experiments.design import Kind
from experiments.model import Outcome, Status
from experiments.policy import Policies
from experiments.repositories import Filter
from experiments.running import Significance
from experiments.texts import Frozen
from experiments.vocabularies import CHOICES, Vocabulary, statuses_of

ANY = "any"
DAYS = {"7": 7, "30": 30, "90": 90}
STATUSES = CHOICES[Vocabulary.DASHBOARD]
MOST_TEXT = 150
FILTERS = ("time", "department", "status", "kind", "significance", "outcome")


class Choices(Frozen):
    """The six filters as people chose them, the words they look for, and the page they are on, from 0.

    `status` is a word of the dashboard, or the exact status; `any` does not narrow.
    """

    time: str = "30"
    department: str = ANY
    status: str = "Active"
    kind: str = ANY
    significance: str = ANY
    outcome: str = ANY
    text: str = ""
    page: int = Field(default=0, ge=0)

    @classmethod
    def given(cls, chosen: Mapping[str, str]) -> Choices:
        """From what was kept or came back from Slack; what is not known any more falls back to the default."""
        known = {name: value for name, value in chosen.items() if name in FILTERS and value in _allowed(name, value)}
        page = str(chosen.get("page", "0"))
        text = " ".join(str(chosen.get("text", "")).split())[:MOST_TEXT]
        return cls(**known, text=text, page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 0)

    @classmethod
    def everything(cls, text: str = "") -> Choices:
        """Of all times and states."""
        return cls.given({"time": ANY, "status": ANY, "text": text})

    @classmethod
    def typed(cls, words: tuple[str, ...]) -> Choices:
        """From the words of `list`: a status in any vocabulary, `all`, or text to look for.

        >>> Choices.typed(("rolled", "out")).status, Choices.typed(("running",)).status, Choices.typed(("button",)).text
        ('Rolled out', 'running', 'button')
        """
        wanted = " ".join(words).casefold().replace("_", " ").replace("-", " ")
        dashboard = next((each for each in STATUSES if each.casefold() == wanted), None)
        exact = next((each.value for each in Status if each.words == wanted), None)
        if status := dashboard or exact:
            return cls(time=ANY, status=status)
        return cls.everything("" if wanted == "all" else " ".join(words))

    @property
    def kept(self) -> dict[str, str]:
        """The six filters alone, to be saved."""
        return {name: getattr(self, name) for name in FILTERS}

    @property
    def all(self) -> dict[str, str]:
        """Everything, as `given` takes it back."""
        return {**self.kept, "text": self.text, "page": str(self.page)}

    def filter(self, readable: Iterable[str] | None, policies: Policies, now: datetime, size: int) -> Filter:
        """The filter of this page of `size` entries, within the projects that may be read (None means all)."""
        projects = None if readable is None else tuple(readable)
        if self.department != ANY:
            theirs = policies.projects_of(self.department)
            projects = theirs if projects is None else tuple(each for each in theirs if each in projects)
        return Filter(
            statuses=self._statuses(),
            projects=projects,
            kinds=() if self.kind == ANY else (Kind(self.kind),),
            significance=None if self.significance == ANY else Significance(self.significance),
            outcome=None if self.outcome == ANY else Outcome(self.outcome),
            since=now - timedelta(days=DAYS[self.time]) if self.time in DAYS else None,
            text=self.text,
            limit=size,
            offset=self.page * size,
        )

    def _statuses(self) -> tuple[Status, ...]:
        if self.status == ANY:
            return ()
        if self.status in set(Status):
            return (Status(self.status),)
        return statuses_of(Vocabulary.DASHBOARD, self.status)


def _allowed(name: str, value: str) -> Iterable[str]:
    match name:
        case "time":
            return (*DAYS, ANY)
        case "status":
            return (*STATUSES, *(each.value for each in Status), ANY)
        case "kind":
            return (*Kind, ANY)
        case "significance":
            return (*Significance, ANY)
        case "outcome":
            return (*Outcome, ANY)
        case _:
            return (value,)
