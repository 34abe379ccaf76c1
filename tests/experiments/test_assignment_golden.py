"""The golden vectors hold here and in another language that was written from the page alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from experiments.assignment import Why, assign, bucket
from tests.golden.make_assignment import GOLDEN, edges, flags, hashed, restored, stored

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "assignment.md"
SCRIPT = GOLDEN.with_suffix(".mjs")
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, so JavaScript cannot be asked")
EXAMPLE = re.compile(
    r"^\| `(\w+)/([^/`]+)/([^`]*)` \| (none|`[0-9a-f ]+`) \| `([0-9a-f]{16})` \| (\d+) \|$", re.MULTILINE
)


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(GOLDEN.read_text())
    return found


def in_javascript(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(NODE), SCRIPT, file], check=False, capture_output=True, text=True, timeout=120)


def test_every_vector_is_reproduced(golden: dict[str, Any]) -> None:
    restored_flags = [restored(flag) for flag in golden["flags"]]
    for row in golden["vectors"]["rows"]:
        flag, unit, attributes = restored_flags[row[0]], golden["units"][row[1]], golden["attributes"][row[2]]
        given = assign(flag, unit, attributes)
        hashes = [hashed(f"{purpose}/{flag.salt}/{unit}") for purpose in ("exposure", "variant")]
        buckets = [bucket("exposure", flag.salt, unit), bucket("variant", flag.salt, unit)]
        outcome = [flag.variants.index(given.variant), golden["why"].index(given.why), int(given.exposed)]
        assert row[3:] == [*hashes, *buckets, *outcome], row
    for purpose, salt, unit, *wanted in golden["places"]["rows"]:
        text = golden["units"][unit]
        assert wanted == [hashed(f"{purpose}/{salt}/{text}"), bucket(purpose, salt, text)]


def test_they_cover_what_can_happen(golden: dict[str, Any]) -> None:
    rows, units = golden["vectors"]["rows"], golden["units"]
    assert len(rows) >= 10_000
    assert GOLDEN.stat().st_size < 1_500_000
    assert Counter(golden["why"][row[8]] for row in rows).keys() == set(Why)
    assert {len(unit.encode("utf-8", "surrogatepass")) for unit in units} >= set(range(50))
    assert max(map(len, units)) == 10_000
    assert set(edges()) <= set(units)
    assert {"", "👩‍👩‍👧‍👦", "é", "e\u0301", "مستخدم-٧", "用户一二三", "\ud800"} <= set(units)
    assert [stored(flag) for flag in flags()] == [{**flag, **_tuples(flag)} for flag in golden["flags"]]
    unlikely = next(place for place, flag in enumerate(golden["flags"]) if 1 in flag["weights"])
    assert sum(row[7] for row in rows if row[0] == unlikely) == 1


def _tuples(flag: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(flag[name]) for name in ("variants", "weights")}


def test_the_page_tells_the_truth(golden: dict[str, Any]) -> None:
    page = PAGE.read_text()
    examples = EXAMPLE.findall(page)
    assert len(examples) == 7
    for purpose, salt, unit, told, hexadecimal, place in examples:
        assert unit.encode().hex(" ") == ("" if told == "none" else told.strip("`"))
        assert hashed(f"{purpose}/{salt}/{unit}") == hexadecimal
        assert bucket(purpose, salt, unit) == int(place)
    for text, hexadecimal in golden["hashes"].items():
        assert hexadecimal in page
        assert hashed(text) == hexadecimal
    assert f"{len(golden['vectors']['rows'])} vectors and {len(golden['places']['rows'])} places reproduced" in page


@needs_node
def test_javascript_reproduces_them_all(golden: dict[str, Any]) -> None:
    done = in_javascript(GOLDEN)
    assert done.returncode == 0, done.stderr
    count = len(golden["vectors"]["rows"]), len(golden["places"]["rows"])
    assert done.stdout.strip() == f"{count[0]} vectors and {count[1]} places reproduced"


@needs_node
@pytest.mark.parametrize("column", [3, 4, 5, 6, 7, 8, 9])
def test_javascript_would_notice_a_single_difference(golden: dict[str, Any], column: int, tmp_path: Path) -> None:
    altered = json.loads(json.dumps(golden))
    row = altered["vectors"]["rows"][5_000]
    row[column] = f"{row[column]}0" if isinstance(row[column], str) else row[column] + 1
    altered["vectors"]["rows"] = altered["vectors"]["rows"][4_999:5_001]
    file = tmp_path / "altered.json"
    file.write_text(json.dumps(altered))
    done = in_javascript(file)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "1 differ"
