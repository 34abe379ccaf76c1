"""What Bunsen counts of itself: acknowledgements by family, errors by code, numbers that others keep."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bot.telemetry import COUNTERS, GAUGES, Telemetry
from experiments.errors import Busy, NotFound
from experiments.promql import checked_query
from tests.bot.connectors.prometheus.server import MISSING
from tests.bot.reception import Reception, new_reception


def samples(telemetry: Telemetry, **now: float) -> list[Sample]:
    text, _ = telemetry.exposition(now)
    return [sample for family in text_string_to_metric_families(text.decode()) for sample in family.samples]


def told(telemetry: Telemetry, name: str, **now: float) -> dict[tuple[str, ...], float]:
    """The values of a metric by the values of its labels."""
    return {tuple(each.labels.values()): each.value for each in samples(telemetry, **now) if each.name == name}


class Watch:
    """A clock that a test winds on."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


async def test_an_acknowledgement_is_timed_once_from_its_delivery() -> None:
    clock, given = Watch(), []

    async def ack(**answer: Any) -> None:
        given.append(answer)

    telemetry = Telemetry(clock)
    acknowledge = telemetry.timed("view", ack)
    clock.time += 0.07
    await acknowledge(response_action="clear")
    clock.time += 9
    await acknowledge()
    assert given == [{"response_action": "clear"}, {}]
    assert told(telemetry, "bunsen_acknowledgement_seconds_count") == {("view",): 1}
    assert told(telemetry, "bunsen_acknowledgement_seconds_sum") == {("view",): pytest.approx(0.07)}
    buckets = told(telemetry, "bunsen_acknowledgement_seconds_bucket")
    assert (buckets["view", "0.05"], buckets["view", "0.1"], buckets["view", "+Inf"]) == (0, 1, 1)


async def test_the_slowest_are_counted_above_every_bound() -> None:
    clock, telemetry = Watch(), Telemetry(Watch())

    async def ack(**answer: Any) -> None: ...

    telemetry = Telemetry(clock)
    acknowledge = telemetry.timed("command", ack)
    clock.time += 60
    await acknowledge()
    buckets = told(telemetry, "bunsen_acknowledgement_seconds_bucket")
    assert (buckets["command", "3.0"], buckets["command", "+Inf"]) == (0, 1)


def test_errors_are_counted_by_code() -> None:
    telemetry = Telemetry()
    for error in (Busy(), NotFound("a"), NotFound("b"), None):
        telemetry.failed(error)
    assert told(telemetry, "bunsen_errors_total") == {("busy",): 1, ("not_found",): 2, ("unexpected",): 1}


def test_numbers_of_others_are_read_when_somebody_wants_them() -> None:
    telemetry, kept = Telemetry(), {"n": 1}
    telemetry.reads("bunsen_evaluations", lambda: kept["n"])
    telemetry.reads("bunsen_snapshot_age_seconds", lambda: None)
    kept["n"] = 7
    assert told(telemetry, "bunsen_evaluations_total") == {(): 7}
    assert told(telemetry, "bunsen_snapshot_age_seconds") == {}
    assert told(telemetry, "bunsen_database_up", bunsen_database_up=0.0) == {(): 0}


def test_a_metric_that_nobody_described_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no metric bunsen_nonsense"):
        Telemetry().reads("bunsen_nonsense", lambda: 1)


def test_the_process_is_told_as_well() -> None:
    assert told(Telemetry(), "process_resident_memory_bytes")[()] > 1_000_000


def test_names_are_as_prometheus_wants_them() -> None:
    assert all(name.startswith("bunsen_") and not name.endswith("_total") for name in (*GAUGES, *COUNTERS))


@pytest.fixture
def reception() -> Reception:
    return new_reception()


async def test_the_desk_times_what_it_takes_and_counts_what_goes_wrong(reception: Reception) -> None:
    await reception.types("list")
    await reception.types("show nosuchthing")
    await reception.presses("show", "nosuchthing")
    await reception.desk.drained()
    telemetry = reception.desk.telemetry
    counts = told(telemetry, "bunsen_acknowledgement_seconds_count")
    assert counts == {("action",): 1, ("command",): 2}
    assert told(telemetry, "bunsen_errors_total")["not_found",] >= 1


async def test_no_label_holds_what_a_person_or_a_workspace_is_called(reception: Reception) -> None:
    await reception.types("show <!channel>-secret")
    await reception.types("hush-verb")
    text, _ = reception.desk.telemetry.exposition({})
    families = {"command", "action", "view", "options", "event", "shortcut", "step"}
    for each in samples(reception.desk.telemetry):
        assert set(each.labels) <= {"family", "code", "le"}
        assert each.labels.get("family", "command") in families
    assert b"hush" not in text
    assert b"secret" not in text
    assert reception.bench.world.workspace.encode() not in text


def page(name: str, language: str) -> list[str]:
    """The code of this language on a page of the documentation."""
    text = (Path(__file__).parents[2] / "docs" / name).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_page_names_every_metric_and_no_other() -> None:
    text = (Path(__file__).parents[2] / "docs" / "monitoring.md").read_text()
    named = set(re.findall(r"^\| `(bunsen_\w+)", text, re.MULTILINE))
    assert named == {
        "bunsen_acknowledgement_seconds", "bunsen_errors_total", *GAUGES, *(f"{name}_total" for name in COUNTERS)
    }  # fmt: skip
    used = set(re.findall(r"bunsen_\w+", text))
    assert {name.removesuffix("_bucket") for name in used} == named


def test_the_alerts_on_the_page_are_sound(tmp_path: Path) -> None:
    if not shutil.which("promtool"):
        pytest.skip(MISSING)
    [_, rules] = page("monitoring.md", "yaml")
    (tmp_path / "rules.yml").write_text(rules)
    done = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "rules.yml"], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "SUCCESS: 8 rules found" in done.stdout


def test_the_queries_on_the_page_can_be_asked() -> None:
    [queries] = page("prometheus.md", "promql")
    for query in queries.split("\n\n"):
        assert checked_query(query) == query.strip()


def test_the_library_waits_for_the_first_scrape() -> None:
    command = "import sys, bot.app, bot.telemetry; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"
