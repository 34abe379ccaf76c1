"""The same data as files of every layout and format."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from experiments.aggregate import Aggregate
from experiments.intake import BadRow, BadRows, Default, Intake, read_aggregates

DEFAULT = Default("shop", 14.0)


def parquet_of(columns: Mapping[str, Sequence[Any] | Any], **options: Any) -> bytes:
    """A Parquet file of these columns."""
    file = io.BytesIO()
    parquet.write_table(pa.table(dict(columns)), file, **options)
    return file.getvalue()


def parquet_like(text: str) -> bytes:
    """A Parquet file of text columns that says the same as this CSV."""
    header, *rows = (line.split(",") for line in text.strip().splitlines())
    return parquet_of({name: [row[place] for row in rows] for place, name in enumerate(header)})


def taken(content: bytes | str, *, default: Default | None = DEFAULT, skip: bool = False, **options: Any) -> Intake:
    """What is read of a file for `bunsen analyze`."""
    source = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return read_aggregates(source, origin="data.csv", default=default, skip_bad_rows=skip, **options)


def bad_rows_of(content: bytes | str, **options: Any) -> tuple[BadRow, ...]:
    """The rows for which a file is refused."""
    try:
        taken(content, **options)
    except BadRows as refused:
        return refused.bad_rows
    return ()


def long_file(rows: Sequence[Aggregate]) -> str:
    """These aggregates in the long layout, with every column there is."""
    header = (
        "metric,variant,time,n,mean,variance,segment,denominator_mean,denominator_variance,denominator_covariance,"
        "covariate_mean,covariate_variance,covariate_covariance,covariate_denominator_covariance,skewness,largest,"
        "spread_parts"
    )
    return "\n".join([header, *(_long_row(row) for row in rows)])


def _long_row(row: Aggregate) -> str:
    below, before, shape = row.denominator, row.covariate, row.shape
    parts = (
        row.metric, row.variant, row.day, row.n, row.mean, row.variance, row.segment,
        *(below[:3] if below else [""] * 3), *(before[:3] if before else [""] * 3),
        before.with_denominator if before and below else "", *(shape or [""] * 2),
        row.spread.text if row.spread else "",
    )  # fmt: skip
    return ",".join(map(str, parts))


def two_arms_file(rows: Sequence[Aggregate], control: str = "control") -> str:
    """These aggregates (without segments and companions) in the layout of both arms in a row."""
    header = "experiment_id,variant_id,metric_id,time_since_start,count_c,count_t,mean_c,mean_t,variance_c,variance_t"
    of = {(row.metric, row.variant, row.day): row for row in rows}
    lines = [header]
    for (metric, variant, day), theirs in of.items():
        if variant != control:
            ours = of[metric, control, day]
            lines.append(
                f"shop,{variant},{metric},{day},{ours.n},{theirs.n},{ours.mean},{theirs.mean},"
                f"{ours.variance},{theirs.variance}"
            )
    return "\n".join(lines)
