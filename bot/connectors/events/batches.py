"""One file per accepted batch, named after its key, until a compaction takes it along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bot.connectors.events import disk
from bot.connectors.events.catalogue import Taken

SUFFIX = ".parquet"
BODY, RECEIVED = b"body", b"received"


def put(folder: Path, table: pa.Table, taken: Taken) -> bool:
    """The batch is whole on the disk; false when one with this key is there. Its name lasts after `sync_folder`."""
    about = {BODY: taken.body.hex(), RECEIVED: str(taken.received)}
    buffer = pa.BufferOutputStream()
    pq.write_table(
        table.replace_schema_metadata(about), buffer, compression="lz4", use_dictionary=False, write_statistics=False
    )
    return disk.publish(memoryview(buffer.getvalue()), path_of(folder, taken.key))


def find(folder: Path, key: bytes) -> Taken | None:
    """What is known of the batch with this key, if it waits here."""
    try:
        found = pq.read_metadata(path_of(folder, key))
    except FileNotFoundError:
        return None
    return _taken(key, found.metadata, found.num_rows)


def load(path: Path) -> tuple[Taken, pa.Table]:
    """The batch in this file; `ArrowInvalid` when the file is damaged."""
    with pq.ParquetFile(path) as file:
        table = file.read()
        return _taken(bytes.fromhex(path.stem), file.metadata.metadata, len(table)), table


def waiting(folder: Path) -> Iterator[Path]:
    """The files of batches that no compaction has taken along."""
    return folder.glob(f"[0-9a-f]*{SUFFIX}")


def path_of(folder: Path, key: bytes) -> Path:
    return folder / f"{key.hex()}{SUFFIX}"


def _taken(key: bytes, about: dict[bytes, bytes], events: int) -> Taken:
    return Taken(key, bytes.fromhex(about[BODY].decode()), events, int(about[RECEIVED]))
