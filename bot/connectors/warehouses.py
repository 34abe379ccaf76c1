"""The warehouses that the operator configured: measured by projects' sources, and tried before one is saved."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from bot.connectors.measuring.warehouse import Warehouse
from experiments.errors import BadInput, BunsenError, Unavailable
from experiments.numerals import listed
from experiments.sources import DataSource, Probe, SourceOfData

TRY_SECONDS = 20
LONGEST_TRY = 45.0
PROMETHEUS_SECONDS = 10.0
SHOWN = 6


class Warehouses:
    """By the names under which people choose them. A connection is kept for each pair of tables that is measured.

    `urls` hold passwords, so no word that is said of a warehouse comes from them; `headers` are what each Prometheus is
    sent besides the question.
    """

    def __init__(
        self, urls: Mapping[str, SecretStr], headers: Mapping[str, Mapping[str, SecretStr]] | None = None
    ) -> None:
        self._urls = urls
        self._headers = headers or {}
        self._open: dict[tuple[str, str, str], Warehouse] = {}
        self._turn = threading.Lock()

    @property
    def warehouses(self) -> tuple[str, ...]:
        """The names of those there are."""
        return tuple(sorted(self._urls))

    def of(self, source: DataSource) -> Warehouse:
        """The tables of this source; `Unavailable` when there is no warehouse of this name."""
        place = (source.connection, source.exposures, source.observations)
        with self._turn:
            if place not in self._open:
                self._open[place] = self._opened(source)
            return self._open[place]

    def close(self) -> None:
        """Let go of every connection."""
        with self._turn:
            for warehouse in self._open.values():
                warehouse.close()
            self._open.clear()

    async def probe(self, source: DataSource, allowed: Sequence[str]) -> Probe:
        """Ask everything that the source names a little, within a time; see `experiments.ports.Sources`."""
        found, problems = dict[str, str](), dict[str, str]()
        for told in await asyncio.gather(self._tables(source), self._prometheus(source, allowed)):
            found |= told.found
            problems |= told.problems
        return Probe(found, problems)

    async def _tables(self, source: DataSource) -> Probe:
        if source.kind is not SourceOfData.WAREHOUSE:
            return Probe({"Events": "Bunsen keeps those that applications send, and those of its own evaluations."})
        try:
            async with asyncio.timeout(LONGEST_TRY):
                return Probe(await asyncio.to_thread(self._asked, source))
        except BunsenError as error:
            return Probe(problems={error.field or "connection": error.words})
        except TimeoutError:
            words = f"The warehouse {source.connection} did not answer within {LONGEST_TRY:.0f} seconds."
            return Probe(problems={"connection": words})

    def _asked(self, source: DataSource) -> dict[str, str]:
        from bot.connectors.measuring.probing import estimate, probe

        warehouse = self._opened(source, TRY_SECONDS)
        try:
            cost, told = estimate(warehouse), probe(warehouse)
        finally:
            warehouse.close()
        return {
            "Exposures": told.exposures.words,
            "Observations": told.observations.words,
            "Units": _units(told.units),
            "Cost": cost.words,
            **({"Look again": " ".join(told.warnings)} if told.warnings else {}),
        }

    async def _prometheus(self, source: DataSource, allowed: Sequence[str]) -> Probe:
        if not source.prometheus:
            return Probe()
        from bot.connectors.outward import Outward
        from bot.connectors.prometheus import Prometheus

        try:
            asked = Prometheus(source.prometheus, Outward(lambda: allowed), self._headers, seconds=PROMETHEUS_SECONDS)
            await asked.value("vector(1)", "", datetime.now(UTC), 60)
        except BunsenError as error:
            return Probe(problems={"prometheus": error.words})
        return Probe({"Prometheus": "it answers."})

    def _opened(self, source: DataSource, seconds: int | None = None) -> Warehouse:
        from bot.connectors.measuring.connecting import open_warehouse

        url = self._urls.get(source.connection)
        if url is None:
            known = f"known here: {listed(self.warehouses)}" if self._urls else "the operator configured none"
            words = f"There is no warehouse called {source.connection} here; {known}."
            raise Unavailable(words, reason="warehouse")
        limit = {} if seconds is None else {"seconds": seconds}
        try:
            return open_warehouse(url.get_secret_value(), source, **limit)
        except BadInput as error:
            raise Unavailable(error.words, reason="warehouse") from None


def _units(units: Mapping[tuple[str, str], int]) -> str:
    """The largest experiments with their units by variant."""
    by_experiment: dict[str, list[str]] = {}
    for (experiment, variant), count in units.items():
        by_experiment.setdefault(experiment, []).append(f"{variant} {count:,}")
    told = [f"{experiment}: {', '.join(sorted(counts))}" for experiment, counts in by_experiment.items()]
    more = [f"and {len(told) - SHOWN:,} more"] if len(told) > SHOWN else []
    return "; ".join([*told[:SHOWN], *more]) or "none yet"
