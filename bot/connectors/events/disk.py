"""Files that are whole and still there after a power cut, or not there at all."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

UNFINISHED = ".unfinished"
FORGOTTEN_AFTER = 600.0
"""Seconds after which an unfinished file belongs to nobody; one in use is as old as one write."""


def sync_folder(folder: Path) -> None:
    """Make what was linked, renamed or removed in this folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """The folder with all above it, made to last."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def publish(content: memoryview, path: Path) -> bool:
    """The whole content appears under this name at once; false when the name is taken.

    The content lasts when this returns; the name does so after `sync_folder`. A link, unlike a rename, never replaces
    what another process has put there.
    """
    unfinished = path.with_name(f".{uuid.uuid4().hex}{UNFINISHED}")
    try:
        write(content, unfinished)
        os.link(unfinished, path)
    except FileExistsError:
        return False
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def write(content: memoryview, path: Path) -> None:
    """A new file with this content, made to last."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    try:
        rest = content
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forgotten(folder: Path, pattern: str = f"*{UNFINISHED}") -> Iterator[Path]:
    """Files that nobody has written to for so long that whoever began them must have died."""
    before = time.time() - FORGOTTEN_AFTER
    for path in folder.glob(pattern):
        try:
            if path.stat().st_mtime < before:
                yield path
        except FileNotFoundError:
            continue
