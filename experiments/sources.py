"""Where the data of a project are: Bunsen's own event store, or two tables of a warehouse; and its Prometheus."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from experiments.texts import Frozen, Words

CONNECTION = re.compile(r"[a-z][a-z0-9_-]{0,39}")
MOST_SQL = 3_000


class SourceOfData(Words):
    EVENTS = "events"
    WAREHOUSE = "warehouse"


class Probe(NamedTuple):
    """What became of trying a source: what was found, by a name for it, or by field what is wrong."""

    found: Mapping[str, str] = {}
    problems: Mapping[str, str] = {}

    @property
    def holds(self) -> bool:
        return not self.problems


class DataSource(Frozen):
    """`connection` names a warehouse that the operator configured; `exposures` and `observations` are the names of
    tables or texts of SQL. Readouts are made anew every `refresh_minutes`, guardrails of a warehouse every
    `guardrail_minutes`. `prometheus` is an address, for metrics that have a query."""

    kind: SourceOfData = SourceOfData.EVENTS
    connection: str = Field(default="", max_length=40)
    exposures: str = Field(default="", max_length=MOST_SQL)
    observations: str = Field(default="", max_length=MOST_SQL)
    refresh_minutes: int = Field(default=60, ge=1, le=7 * 24 * 60)
    guardrail_minutes: int = Field(default=2, ge=1, le=7 * 24 * 60)
    prometheus: str = Field(default="", max_length=300)

    @field_validator("prometheus")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password):
            raise ValueError("give an address like https://prometheus.example.com, without a password")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.kind is SourceOfData.WAREHOUSE:
            if not CONNECTION.fullmatch(self.connection):
                raise ValueError("name the connection as the operator configured it, like analytics")
            if not self.exposures.strip() or not self.observations.strip():
                raise ValueError("give a table or a SELECT for the exposures and one for the observations")
        return self

    @property
    def words(self) -> str:
        where = "Bunsen's own events" if self.kind is SourceOfData.EVENTS else f"the warehouse {self.connection}"
        beside = f", and Prometheus at {self.prometheus}" if self.prometheus else ""
        return f"{where}, read every {self.refresh_minutes} minutes{beside}"
