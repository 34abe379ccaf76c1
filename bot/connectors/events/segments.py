"""Segments: the Parquet files per kind and day that readers get, written whole and merged in a stream."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bot.connectors.events import disk
from bot.connectors.events.catalogue import EXPOSURES, OBSERVATIONS, Segment

COLUMNS = {
    EXPOSURES: ("experiment", "phase", "variant", "unit", "time", "received", "attributes"),
    OBSERVATIONS: ("metric", "value", "unit", "time", "received", "attributes"),
}
ROW_GROUP = 128 * 1024
GENERATION = pa.field("generation", pa.int64(), nullable=False)


def cut(root: Path, table: pa.Table, generation: int) -> list[Segment]:
    """Write the events of many batches as new segments, one per kind and day; nobody knows of them yet."""
    made: list[Segment] = []
    table = table.combine_chunks()
    exposed = pc.is_valid(table["experiment"])
    for kind, rows in ((EXPOSURES, exposed), (OBSERVATIONS, pc.invert(exposed))):
        events = table.filter(rows).select(COLUMNS[kind])
        days = events["time"].cast(pa.date32(), safe=False)
        for day in sorted(pc.unique(days).to_pylist()):
            of_day = events.filter(pc.equal(days, day))
            numbered = of_day.append_column(GENERATION, pa.repeat(pa.scalar(generation), len(of_day)))
            segment = _name(kind, day.isoformat(), generation, generation, len(of_day))
            _write(root / segment.name, numbered.schema, iter([numbered]))
            made.append(segment)
    _keep(root, made)
    return made


def merge(root: Path, old: Sequence[Segment]) -> Segment:
    """Write one segment with the rows of these, which are of one kind and day, in the same order."""
    first, last = min(each.first for each in old), max(each.last for each in old)
    segment = _name(old[0].kind, old[0].day, first, last, sum(each.rows for each in old))
    with pq.ParquetFile(root / old[0].name) as file:
        schema = file.schema_arrow
    _write(root / segment.name, schema, _row_groups(root, old))
    _keep(root, [segment])
    return segment


def to_merge(segments: Sequence[Segment]) -> list[Segment]:
    """The newest segments of a kind and day that are better one: as many as are no larger than all after them.

    So there are never more than about log2(rows) of them, and a row is rewritten about log2(rows) times at most.
    """
    rest = sorted(segments, key=lambda each: (each.last, each.first))
    chosen = rest[-1:]
    rows = sum(each.rows for each in chosen)
    for each in reversed(rest[:-1]):
        if each.rows > rows:
            break
        chosen.insert(0, each)
        rows += each.rows
    return chosen if len(chosen) > 1 else []


def remove(root: Path, names: Sequence[str]) -> None:
    for name in names:
        (root / name).unlink(missing_ok=True)


def _name(kind: str, day: str, first: int, last: int, rows: int) -> Segment:
    name = f"{kind}/day={day}/{first:09}-{last:09}-{uuid.uuid4().hex[:12]}.parquet"
    return Segment(name, kind, day, first, last, rows)


def _write(path: Path, schema: pa.Schema, tables: Iterator[pa.Table]) -> None:
    disk.make_folder(path.parent)
    try:
        with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=ROW_GROUP)
        disk.sync_file(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _row_groups(root: Path, segments: Sequence[Segment]) -> Iterator[pa.Table]:
    """Their rows again, a row group at a time."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for segment in segments:
        with pq.ParquetFile(root / segment.name) as file:
            for batch in file.iter_batches(batch_size=ROW_GROUP // 4):
                held.append(batch)
                if (rows := rows + len(batch)) >= ROW_GROUP:
                    yield pa.Table.from_batches(held)
                    held, rows = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _keep(root: Path, made: Sequence[Segment]) -> None:
    for folder in {(root / each.name).parent for each in made}:
        disk.sync_folder(folder)
