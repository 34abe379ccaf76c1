"""A report knows of when it speaks and how people are called."""

from __future__ import annotations

from experiments.report import Report
from tests.charts import readings
from tests.handlers.surfaces.situations import NOW, experiment


def test_it_speaks_of_the_moment_of_its_numbers() -> None:
    readout = readings.cuped()
    assert Report(experiment(), readout, (), (), NOW, "1.0").as_of == readout.as_of
    assert Report(experiment(), None, (), (), NOW, "1.0").as_of == NOW


def test_a_person_without_a_name_is_called_by_their_id() -> None:
    report = Report(experiment(), None, (), (), NOW, "1.0", {"U1": "Ada", "U2": ""})
    assert [report.name(user) for user in ("U1", "U2", "U3")] == ["Ada", "U2", "U3"]
