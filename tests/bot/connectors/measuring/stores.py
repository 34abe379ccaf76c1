"""An event store in a folder whose batches a test writes itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from bot.connectors.measuring.state import State
from tests.bot.connectors.measuring import worlds
from tests.bot.connectors.measuring.reference import Exposure, Observation


class Generation(NamedTuple):
    number: int
    after: int
    exposures: tuple[Path, ...]
    observations: tuple[Path, ...]


class Store:
    """One generation per batch, a file per kind and day, as the event store leaves them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0
        self.written: dict[str, list[tuple[int, Path]]] = {"exposures": [], "observations": []}

    def take(self, exposures: Sequence[Exposure], observations: Sequence[Observation]) -> None:
        self.number += 1
        self._write("exposures", worlds.exposure_table, exposures)
        self._write("observations", worlds.observation_table, observations)

    def files(self, project: str) -> Generation:
        return self.since(project, 0)

    def since(self, project: str, watermark: int) -> Generation:
        del project
        newer = {
            kind: tuple(path for number, path in files if number > watermark) for kind, files in self.written.items()
        }
        return Generation(self.number, watermark, newer["exposures"], newer["observations"])

    def _write(self, kind: str, table_of: object, rows: Sequence[Exposure] | Sequence[Observation]) -> None:
        by_day = defaultdict(list)
        for row in rows:
            by_day[f"{row.time:%Y-%m-%d}"].append(row)
        for day, of_day in by_day.items():
            folder = self.folder / kind / f"day={day}"
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{self.number}.parquet"
            table: pa.Table = table_of(of_day, self.number)  # type: ignore[operator]
            pq.write_table(table, path)
            self.written[kind].append((self.number, path))


def contents(folder: Path) -> tuple[object, ...]:
    """All that another process finds of the state; of none it is empty."""
    state = State(folder)
    found = state.of("general")
    tables = {
        f"{table}.{name}": values.tolist()
        for table, columns in found.tables.items()
        for name, values in columns.items().items()
    }
    state.close()
    return found.mark, found.looks, repr(tables)
