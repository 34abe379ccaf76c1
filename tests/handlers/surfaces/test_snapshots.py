"""Every surface looks as it looked when somebody last looked; UPDATE_SNAPSHOTS=1 keeps the new looks."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests import gallery

KEPT = Path(__file__).parent / "snapshots"
ORDINARY = {
    **{name: {"text": each.text, "blocks": each.blocks} for name, each in gallery.all_messages().items()},
    **gallery.all_views(),
}
NAMES = [name for name in ORDINARY if not any(word in name for word in ("hostile", "full", "endless", "extreme"))]


def file_of(name: str) -> Path:
    return KEPT / f"{name.replace(' ', '-')}.json"


@pytest.mark.parametrize("name", NAMES)
def test_looks_the_same(name: str) -> None:
    looks: dict[str, Any] = ORDINARY[name]
    file = file_of(name)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(json.dumps(looks, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert file.exists(), f"no snapshot of “{name}”; look at it, then run with UPDATE_SNAPSHOTS=1"
    assert json.loads(file.read_text(encoding="utf-8")) == looks


def test_no_snapshot_is_left_over() -> None:
    assert {file.name for file in KEPT.glob("*.json")} == {file_of(name).name for name in NAMES}
