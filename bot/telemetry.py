"""What Bunsen counts of itself, for Prometheus to scrape: plain numbers, and no word that a person wrote.

Counting costs a comparison and an addition; the library that writes the numbers down is loaded with the first scrape.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from handlers.turn import Ack

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""Seconds; Slack waits for three."""
EXPECTED, UNEXPECTED = "invalid", "unexpected"

Read = Callable[[], float | None]
"""A number that somebody else keeps; None where there is none now, and then nothing is told."""

GAUGES = {
    "bunsen_database_up": "1 when the database answered within its time, else 0.",
    "bunsen_outbox_waiting": "Messages that are not delivered yet, those that wait for quiet hours to end included.",
    "bunsen_outbox_lag_seconds": "Age of the oldest message that could be delivered now; 0 when there is none.",
    "bunsen_monitor_lag_seconds": "How long the most overdue experiment has been waiting to be looked at.",
    "bunsen_snapshot_age_seconds": "Time since the database last confirmed what is served to applications.",
    "bunsen_snapshot_flags": "Flags that are served to applications.",
}
COUNTERS = {
    "bunsen_evaluations": "Flags that were evaluated for applications.",
    "bunsen_requests_refused": "Requests of applications that their token did not let in, or not so often.",
    "bunsen_requests_failed": "Requests of applications that could not be answered.",
    "bunsen_events_accepted": "Events that were accepted and kept, exposures of evaluation included.",
    "bunsen_events_refused": "Batches of events in which something was wrong.",
    "bunsen_events_put_off": "Batches of events that were told to come again later, because too many wait.",
    "bunsen_events_failed": "Batches of events that could not be kept.",
    "bunsen_exposures_dropped": "Exposures of evaluation that could not be kept.",
    "bunsen_snapshot_misses": "Times that the database did not say what is to be served.",
}


@dataclass(slots=True)
class Durations:
    """How long something took, by buckets."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Telemetry:
    """One per process. Labels are of small sets of our own: families of deliveries, codes of errors."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self.acknowledgements: dict[str, Durations] = {}
        self.errors: Counter[str] = Counter()
        self._clock = clock
        self._reads: dict[str, Read] = {}

    def reads(self, name: str, read: Read) -> None:
        """Have a number of GAUGES or COUNTERS read from where it is kept, each time that somebody wants to know."""
        if name not in GAUGES and name not in COUNTERS:
            raise ValueError(f"there is no metric {name}")
        self._reads[name] = read

    def timed(self, family: str, ack: Ack) -> Ack:
        """The same acknowledgement, with the time from now until it is first given counted."""
        began: float | None = self._clock()

        async def acknowledge(**answer: Any) -> None:
            nonlocal began
            await ack(**answer)
            if began is not None:
                self.acknowledgements.setdefault(family, Durations()).add(self._clock() - began)
                began = None

        return acknowledge

    def failed(self, error: BaseException | None = None) -> None:
        """Count an error by its code; one that nobody expected has none."""
        self.errors[str(getattr(error, "code", EXPECTED)) if error else UNEXPECTED] += 1

    def exposition(self, now: Mapping[str, float]) -> tuple[bytes, str]:
        """The text that Prometheus scrapes and its content type: what is counted, what is known `now` besides, and what
        the process itself uses."""
        from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
        from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collected([*self._with_labels(), *self._without_labels(now)]))
        ProcessCollector(registry=registry)
        return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4

    def _with_labels(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        words = "Time from a delivery of Slack to its acknowledgement; Slack waits for three seconds."
        times = HistogramMetricFamily("bunsen_acknowledgement_seconds", words, labels=["family"])
        for family, durations in sorted(self.acknowledgements.items()):
            limits = [*(str(bound) for bound in BOUNDS), "+Inf"]
            sums = [float(count) for count in accumulate(durations.buckets)]
            times.add_metric([family], list(zip(limits, sums, strict=True)), durations.total)
        yield times
        errors = CounterMetricFamily("bunsen_errors", "Errors that people met, by code.", labels=["code"])
        for code, count in sorted(self.errors.items()):
            errors.add_metric([code], count)
        yield errors

    def _without_labels(self, now: Mapping[str, float]) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        known = {**{name: read() for name, read in self._reads.items()}, **now}
        for name, value in sorted(known.items()):
            if value is None:
                continue
            if name in GAUGES:
                yield GaugeMetricFamily(name, GAUGES[name], value=value)
            else:
                yield CounterMetricFamily(name, COUNTERS[name], value=value)


@dataclass(slots=True, eq=False)
class _Collected:
    """What a registry writes down."""

    metrics: list[Metric]

    def collect(self) -> list[Metric]:
        return self.metrics
