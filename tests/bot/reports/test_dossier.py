"""The report for programs and spreadsheets: all of it, finite numbers, private things left out, nothing that runs."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.document import Document
from bot.reports.dossier import FORMULA, HEAD, as_csv, as_json
from experiments.model import Status
from experiments.readout import Interval
from experiments.report import Report
from tests.bot.reports import samples
from tests.bot.reports.samples import a_report
from tests.charts import readings
from tests.handlers.surfaces import situations

NUMBERS = {
    "readout", "control_units", "control_mean", "treatment_units", "treatment_mean", "difference", "difference_lower",
    "difference_upper", "lift", "lift_lower", "lift_upper", "p", "fixed_p", "lift_error", "variance_left", "limit",
    "harm", "harm_p",
}  # fmt: skip


def read(report: Report) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found: dict[str, Any] = json.loads(as_json(report), parse_constant=refuse)
    return found


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(report).decode("utf-8-sig"), newline=""), strict=True))


def named(metric: str) -> Report:
    """A report with a comparison whose texts are these words."""
    report = samples.at(Status.RUNNING)
    assert report.readout
    first = report.readout.comparisons[0].model_copy(update={"metric": metric, "unit": metric, "refused": metric})
    return a_report(report.experiment, report.readout.model_copy(update={"comparisons": (first,)}))


def test_the_json_holds_everything() -> None:
    report, found = samples.whole(), read(samples.whole())
    assert found["schema"] == "bunsen.report/1"
    assert found["bunsen"] == "1.2.3"
    assert found["configuration_hash"] == report.experiment.design.hash
    assert found["experiment"]["design"]["hypothesis"] == report.experiment.design.hypothesis
    assert found["experiment"]["decision"]["reasoning"].startswith("Conversion rose")
    assert [each["probability"] for each in found["experiment"]["predictions"]] == [0.71, 0.23]
    assert [note["text"] for note in found["notes"]] == [*(note.text for note in report.notes[:-1]), None]
    assert [each["sentence"] for each in found["audit"]] == [each.sentence for each in report.records]
    assert found["audit"][-1]["previous"] == found["audit"][-2]["hash"]
    assert found["names"] == samples.NAMES


def test_the_readout_is_said_as_the_command_line_says_it() -> None:
    found = read(samples.whole())["readout"]
    fields = Document.model_json_schema(mode="serialization")["$defs"]["ExperimentOut"]["properties"]
    assert set(fields) - {"crossed"} <= set(found)
    assert found["weights"] == {"control": 0.5, "bigger-button": 0.5}
    assert len(found["comparisons"]) == 4
    assert set(found["segments"][0]["levels"]) == {"DE", "FR", "NL", "US"}


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.APPROVED])
def test_predictions_are_in_no_file_before_the_start(status: Status) -> None:
    private = samples.predictions()[0].model_copy(update={"reason": "between us", "probability": 0.7177})
    experiment = situations.experiment(status, predictions=(private,))
    record = situations.record(0, "wrote down a prediction").model_copy(update={"payload": private.model_dump()})
    report = a_report(experiment, records=(record,))
    for content in (as_json(report), as_csv(report)):
        assert b"between us" not in content
        assert b"7177" not in content
    assert read(report)["experiment"]["predictions"] == []


def test_an_infinite_bound_is_null_and_empty() -> None:
    report = named("conversion")
    assert report.readout
    made = report.readout.comparisons[0].model_copy(
        update={"interval": Interval.of(-math.inf, 0.5), "relative_interval": None, "harm": math.inf}
    )
    report = a_report(report.experiment, report.readout.model_copy(update={"comparisons": (made,)}))
    assert read(report)["readout"]["comparisons"][0]["harm"] is None
    row = rows(report)[0]
    assert (row["difference_lower"], row["difference_upper"], row["lift_lower"], row["harm"]) == ("", "0.5", "", "")


def test_a_report_without_data_has_a_head_and_no_rows() -> None:
    assert read(samples.blank())["readout"] is None
    assert as_csv(samples.blank()).decode("utf-8-sig") == ",".join(HEAD) + "\r\n"


def test_the_csv_has_every_comparison_with_its_exact_numbers() -> None:
    report = samples.whole()
    assert report.readout
    found = rows(report)
    assert len(found) == 4 + 4
    for row, each in zip(found, report.readout.comparisons, strict=False):
        assert (row["metric"], row["treatment"], row["level"]) == (each.metric, each.treatment.variant, "")
        assert float(row["difference"]) == each.difference
        assert float(row["lift"]) == each.relative
        assert row["guardrail"] == (each.guardrail or "")
    assert [(row["dimension"], row["level"]) for row in found[4:]] == [
        ("country", level) for level in ("DE", "FR", "NL", "US")
    ]


def test_numbers_stay_numbers() -> None:
    assert any(row["difference"].startswith("-") for row in rows(samples.whole()))
    for row in rows(samples.at(Status.RUNNING, readings.families)):
        for name in NUMBERS:
            assert row[name] == "" or math.isfinite(float(row[name]))


@pytest.mark.parametrize(
    "words", ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("https://evil.example","x")']
)
def test_no_text_runs_as_a_formula(words: str) -> None:
    row = rows(named(words))[0]
    assert row["metric"] == row["unit"] == row["refused"] == f"'{words}"


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_comes_back_as_it_was(words: str) -> None:
    """Quotes, commas and line ends included; only what would run has an apostrophe in front."""
    assert rows(named(words))[0]["metric"] == (f"'{words}" if words.startswith(FORMULA) else words)


def test_lines_end_as_the_standard_says() -> None:
    content = as_csv(named('a "quoted", text'))
    assert content.startswith(b"\xef\xbb\xbfexperiment,")
    assert content.endswith(b"\r\n")
    assert b'"a ""quoted"", text"' in content
