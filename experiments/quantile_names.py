"""How the key of a metric says which quantile it is: latency-p95 is the 0.95 quantile of latency."""

from __future__ import annotations

import re

IN_KEY = re.compile(r"(?:^|-)(?:[pq](\d+(?:-\d+)?)|median)(?=-|$)")


def family_of(key: str) -> str:
    """What a quantile metric measures, without which quantile of it.

    >>> [family_of(key) for key in ("latency-p95", "p99-9-latency", "time-to-answer-median", "p50")]
    ['latency', 'latency', 'time-to-answer', 'p50']
    """
    return IN_KEY.sub("", key).strip("-") or key


def quantile_in(key: str) -> float | None:
    """The quantile that a key names, if it names one.

    >>> [quantile_in(key) for key in ("latency-p95", "p99-9-latency", "wait-median", "clicks", "sla-p0")]
    [0.95, 0.999, 0.5, None, None]
    """
    found = IN_KEY.search(key)
    if found is None:
        return None
    quantile = round(float(found[1].replace("-", ".")) / 100, 9) if found[1] else 0.5
    return quantile if 0 < quantile < 1 else None


def keyed(family: str, quantile: float) -> str:
    """The key of a quantile of what is measured.

    >>> keyed("latency", 0.95), keyed("latency", 0.999), quantile_in(keyed("latency", 0.5))
    ('latency-p95', 'latency-p99-9', 0.5)
    """
    return f"{family}-p{quantile * 100:.9g}".replace(".", "-")
