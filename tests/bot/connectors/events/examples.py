"""Events as an application sends them, and what a store says that it holds."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bot.connectors.events.project import Generation

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def exposure(unit: str = "u1", **changes: Any) -> dict[str, Any]:
    return {
        "type": "exposure",
        "experiment": "checkout-button",
        "variant": "treatment",
        "unit": unit,
        "time": "2026-11-21T11:00:00Z",
        **changes,
    }


def observation(unit: str = "u1", value: object = 1.5, **changes: Any) -> dict[str, Any]:
    return {
        "type": "observation",
        "metric": "revenue",
        "value": value,
        "unit": unit,
        "time": "2026-11-21T11:30:00+00:00",
        **changes,
    }


def lines(*events: dict[str, Any] | str) -> bytes:
    """A body: each event on a line; a text stands for itself."""
    written = (each if isinstance(each, str) else json.dumps(each, separators=(",", ":")) for each in events)
    return "".join(f"{line}\n" for line in written).encode()


def rows(files: tuple[Path, ...], after: int = 0) -> list[dict[str, Any]]:
    """The rows of these files that came after a watermark."""
    tables = [pq.ParquetFile(path).read() for path in files]
    if not tables:
        return []
    return [row for row in pa.concat_tables(tables).to_pylist() if row["generation"] > after]


def units(found: Generation) -> Counter[str]:
    """How often each unit has an exposure or an observation in what came."""
    return Counter(row["unit"] for row in rows(found.exposures, found.after) + rows(found.observations, found.after))
