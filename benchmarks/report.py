"""A report of ten and more pages as PDF, JSON and CSV, as a ratio to the drawing of its pictures alone.

./dev bench report [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.reports.dossier import as_csv, as_json
from bot.reports.pdf.document import pdf
from bot.reports.pdf.figures import Figure, shown_in
from charts import CHARTS, describe
from experiments.aggregate import Aggregate
from experiments.analysis.readouts import read
from experiments.audit import FIRST, AuditRecord
from experiments.design import Design, Metric, MetricKind, MetricRole, Variant
from experiments.model import Experiment, Note, NoteKind, Status
from experiments.report import Report

NOW = datetime(2026, 1, 15, tzinfo=UTC)
DAYS, PER_DAY, RECORDS, NOTES = 14, 900, 200, 12
SECONDS_ASKED = 3.0
ROLES = (MetricRole.PRIMARY, *[MetricRole.SECONDARY] * 4, *[MetricRole.GUARDRAIL] * 3)
SHARES = {"control": 3_334, "bold": 3_333, "quiet": 3_333}


def made_up() -> Report:
    """Three variants, eight metrics, two weeks of data, segments by country, many notes and changes."""
    metrics = tuple(
        Metric(key=f"metric-{place}", role=role, kind=MetricKind.MEAN, unit="€ per user")
        for place, role in enumerate(ROLES)
    )
    experiment = Experiment(
        workspace="T1", key="checkout", title="Two ways to say it", owner="U1", status=Status.RUNNING,
        design=Design(
            hypothesis="If the words are bolder, then more people buy, because they read them. " * 8,
            variants=tuple(
                Variant(key=key, weight=share, is_control=key == "control") for key, share in SHARES.items()
            ),
            metrics=metrics,
        ),
        created_at=NOW, updated_at=NOW, started_at=NOW - timedelta(days=DAYS), data_version=DAYS,
    )  # fmt: skip
    rows = [
        Aggregate(
            metric.key, variant, float(day), PER_DAY * day // parts, 12 + 0.4 * (variant == "bold"), 49.0, segment
        )
        for metric in metrics
        for variant in SHARES
        for day in range(1, DAYS + 1)
        for segment, parts in (("", 1), *((f"country={each}", 4) for each in ("DE", "FR", "NL", "US")))
    ]
    notes = tuple(
        Note(
            kind=NoteKind.OBSERVATION,
            text="Traffic was low on Sunday, and the campaign had ended. " * 9,
            by="U1",
            at=NOW,
        )
        for _ in range(NOTES)
    )
    return Report(experiment, read(experiment, rows, NOW), notes, _records(), NOW, "1.0", {"U1": "Ada Lovelace"})


def _records() -> tuple[AuditRecord, ...]:
    made: list[AuditRecord] = []
    for number in range(RECORDS):
        record = AuditRecord(
            workspace="T1", number=0, key="checkout", command="ImportAggregates", payload={}, actor="U1", delivery=None,
            at=NOW, version_before=number, version_after=number + 1, status_before=Status.RUNNING,
            status_after=Status.RUNNING, state_hash=FIRST,
            sentence=f"imported 240 aggregates from checkout-{number}.csv up to day {number / 14:.1f}",
        )  # fmt: skip
        made.append(record.sealed(number + 1, made[-1].hash if made else FIRST))
    return tuple(made)


def seconds(rounds: int, run: Callable[[], object]) -> tuple[float, float]:
    """The median and the longest of so many runs."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        run()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken), max(taken)


def main(rounds: int) -> None:
    report = made_up()

    def draw() -> dict[str, Figure]:
        return {name: Figure(CHARTS[name](data), describe(name, data)) for name, data in shown_in(report).items()}

    begun = time.perf_counter()
    pictures = draw()
    content = pdf(report, pictures)
    first = time.perf_counter() - begun
    pages = content.count(b"/Type /Page\n")
    drawing, _ = seconds(rounds, draw)
    setting, slowest = seconds(rounds, lambda: pdf(report, pictures))
    others, _ = seconds(rounds, lambda: (as_json(report), as_csv(report)))
    whole = drawing + setting + others
    print(f"{pages} pages, {len(content) / 1024:,.0f} kB, {RECORDS} changes, {NOTES} notes; medians of {rounds}")
    print(f"  its pictures alone         {drawing:.2f} s")
    print(f"  the pages around them      {setting:.2f} s (slowest {slowest:.2f} s)")
    print(f"  JSON and CSV               {others:.2f} s")
    print(f"  all of it                  {whole:.2f} s, {whole / drawing:.1f} times the pictures")
    print(f"  the first one, with imports of matplotlib: {first:.2f} s; asked for: under {SECONDS_ASKED:g} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
