"""Prometheus as a source of numbers: one value for each variant and window of time."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from bot.connectors.outward import Answer, Outward, origin, parsed
from experiments.errors import BadInput, BunsenError, Unavailable
from experiments.measuring import Samples
from experiments.model import Experiment
from experiments.policy import Policies
from experiments.promql import filled

SECONDS = 15.0
AT_ONCE = 4
MOST_POINTS = 10_000
"""Prometheus gives at most 11 000 points in one answer."""
MOST_WINDOWS = 100_000
UNUSABLE = frozenset({"bad_data", "execution"})

Point = tuple[datetime, float]


class Prometheus:
    """Asks the HTTP API of one Prometheus, or of anything that speaks it.

    A value at a moment speaks for the window that ends there. What Prometheus does not know, a value that is no number
    (NaN, +Inf), and one whose newest sample is older than the window are missing, never zero.
    """

    def __init__(
        self,
        url: str,
        outward: Outward,
        headers: Mapping[str, Mapping[str, SecretStr]] | None = None,
        *,
        seconds: float = SECONDS,
    ) -> None:
        """`headers` has by the origin of a server (https://prometheus.example.com) what it is to be sent as well."""
        place = parsed(url)
        if place.query:
            raise BadInput("Leave out the question mark and what follows it: Bunsen asks its own.", field="url")
        self._base = f"{str(place).rstrip('/')}/api/v1"
        self._name = origin(place)
        self._headers = _of_origin(headers or {}, self._name)
        self._outward = outward
        self._seconds = seconds
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def value(self, query: str, variant: str, at: datetime, window_seconds: int) -> Point | None:
        """The value of the window that ends at this moment, or None when it is missing."""
        asked = {"query": filled(query, variant, window_seconds), "time": _time(at)}
        found = await self._ask("query", asked, variant)
        return next(iter(found), None)

    async def series(
        self, query: str, variant: str, since: datetime, until: datetime, step_seconds: int
    ) -> tuple[Point, ...]:
        """The values of all whole windows between two moments, by the end of each; missing ones are left out.

        The first window begins at `since`, and none overlaps another."""
        windows = int((until - since).total_seconds() // step_seconds)
        if windows > MOST_WINDOWS:
            raise BadInput(f"These are {windows:,} windows of time; {MOST_WINDOWS:,} is the most. Choose longer ones.")
        text, points = filled(query, variant, step_seconds), list[Point]()
        for first in range(1, windows + 1, MOST_POINTS):
            last = min(first + MOST_POINTS - 1, windows)
            asked = {
                "query": text,
                "start": _time(since + timedelta(seconds=first * step_seconds)),
                "end": _time(since + timedelta(seconds=last * step_seconds)),
                "step": f"{step_seconds}s",
            }
            points += await self._ask("query_range", asked, variant)
        return tuple(points)

    async def samples(
        self, queries: Mapping[str, str], variants: Sequence[str], since: datetime, until: datetime, step_seconds: int
    ) -> Samples:
        """The values of every metric and variant in each whole window, oldest first; NaN where one is missing."""
        asked = [(metric, variant) for metric in queries for variant in variants]
        answers = await asyncio.gather(
            *(self.series(queries[metric], variant, since, until, step_seconds) for metric, variant in asked)
        )
        step, windows = timedelta(seconds=step_seconds), int((until - since).total_seconds() // step_seconds)
        samples: dict[str, dict[str, tuple[float, ...]]] = {metric: {} for metric in queries}
        for (metric, variant), points in zip(asked, answers, strict=True):
            values = [math.nan] * windows
            for moment, value in points:
                if 0 < (number := round((moment - since) / step)) <= windows:  # some round moments to whole steps
                    values[number - 1] = value
            samples[metric][variant] = tuple(values)
        return samples

    async def _ask(self, what: str, form: Mapping[str, str], variant: str) -> list[Point]:
        limit = f"{max(1, int(self._seconds) - 1)}s"
        async with self._turn:
            answer = await self._outward.fetch(
                f"{self._base}/{what}", method="POST", form={**form, "timeout": limit}, headers=self._headers,
                seconds=self._seconds,
            )  # fmt: skip
        return _points(self._data(answer), variant)

    def _data(self, answer: Answer) -> Mapping[str, Any]:
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
        if isinstance(told, dict) and told.get("status") == "success" and isinstance(told.get("data"), dict):
            return dict(told["data"])
        raise self._refusal(answer.status, told if isinstance(told, dict) else {})

    def _refusal(self, status: int, told: Mapping[str, Any]) -> BunsenError:
        kind, reason = str(told.get("errorType", "")), " ".join(str(told.get("error", "")).split())[:300]
        if status in (401, 403):
            return Unavailable(
                f"{self._name} does not let Bunsen in. Is its header in BUNSEN_PROMETHEUS_HEADERS right?",
                reason="forbidden",
            )
        if kind in UNUSABLE:
            return BadInput(f"Prometheus cannot answer the query: {reason or kind}.", field="query")
        if kind in ("timeout", "canceled"):
            return Unavailable("Prometheus took too long over the query. Ask for less, or record it.", reason="timeout")
        if told.get("status") == "error":
            return Unavailable(f"Prometheus has trouble of its own: {reason or kind}.", reason="trouble")
        return Unavailable(
            f"{self._name} does not answer as Prometheus does (HTTP {status}). Is this its address?", reason="no_api"
        )


def _points(data: Mapping[str, Any], variant: str) -> list[Point]:
    """The points of the one series in an answer; none when there is no series."""
    kind, result = data.get("resultType"), data.get("result") or []
    try:
        if kind == "scalar":
            return _numbers([result])
        if kind not in ("vector", "matrix"):
            raise _no_number()
        if len(result) > 1:
            raise BadInput(
                f"The query gives {len(result):,} series for the variant {variant}, and one number is wanted. "
                "Put sum( … ) or avg( … ) around it.",
                field="query",
            )
        for series in result:
            if "histogram" in series or "histograms" in series:
                raise _no_number()
            return _numbers([series["value"]] if kind == "vector" else series["values"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unavailable("Prometheus sent an answer that cannot be read.", reason="malformed") from error
    return []


def _numbers(pairs: Sequence[Sequence[Any]]) -> list[Point]:
    """Values come as text, because JSON has no word for NaN."""
    read = ((datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in pairs)
    return [(at, value) for at, value in read if math.isfinite(value)]


def _no_number() -> BadInput:
    return BadInput("The query gives text or a histogram, and one number is wanted.", field="query")


def _time(moment: datetime) -> str:
    return f"{moment.timestamp():.3f}"


def _of_origin(headers: Mapping[str, Mapping[str, SecretStr]], name: str) -> dict[str, str]:
    """What goes to this server and to no other, however its origin is spelt."""
    return {
        header: secret.get_secret_value()
        for url, those in headers.items()
        if origin(parsed(url)) == name
        for header, secret in those.items()
    }


async def samples_of(
    experiment: Experiment,
    policies: Policies,
    headers: Mapping[str, Mapping[str, SecretStr]],
    since: datetime,
    until: datetime,
    step_seconds: int,
) -> Samples:
    """The samples of an experiment's metrics that have a query, from the Prometheus of its project as it is set now."""
    url = policies.project(experiment.project).source.prometheus
    queries = {metric.key: metric.query for metric in experiment.design.metrics if metric.query}
    if not url or not queries:
        return {}
    source = Prometheus(url, Outward(lambda: policies.allowed_hosts), headers)
    variants = [variant.key for variant in experiment.design.variants]
    return await source.samples(queries, variants, since, until, step_seconds)
