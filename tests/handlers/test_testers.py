"""Testers: lines read and written back, and who is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import AlreadyDone, BadInput, Forbidden
from experiments.model import Status
from experiments.permissions import Role
from handlers import testers
from handlers.plan_lines import overrides_from
from handlers.surfaces.design_lines import overrides_text
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.worlds import ADA, BO, MemoryWorld

UNITS = st.text(min_size=1, max_size=60).map(str.strip).filter(lambda unit: bool(unit) and unit.isprintable())


@given(st.dictionaries(UNITS, st.sampled_from(["control", "treatment"]), max_size=6))
def test_testers_come_back_as_they_were_written(overrides: dict[str, str]) -> None:
    assert overrides_from(overrides_text(overrides), ["control", "treatment"]) == overrides


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("user-1", "write a unit, = and its variant"),
        ("= control", "write a unit, = and its variant"),
        ("user-1 =", "write a unit, = and its variant"),
        ("user-1 = winner", "there is no variant winner; it has control, treatment"),
        ("x" * 201 + " = control", "at most 200"),
        ("user-0 = control", "user-0 is named twice"),
    ],
)
def test_a_line_that_cannot_be_read_names_itself(line: str, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        overrides_from(f"user-0 = control\n\n{line}", ["control", "treatment"])
    assert caught.value.field == "overrides"
    assert caught.value.words.startswith("Line 3: ")
    assert words in caught.value.words


async def test_testers_are_set_changed_and_taken_away() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench)
    await ask(testers.testers.by_command, KEY)
    await ask(testers.submit, view=submitted(ask.opened(), overrides="user-1 = treatment\nuser-2 = control"))
    assert bench.tables.experiments[KEY].overrides == {"user-1": "treatment", "user-2": "control"}
    await ask(testers.testers.by_button, value=f"{KEY}@1")
    assert "user-1 = treatment\nuser-2 = control" in [
        block["element"].get("initial_value") for block in ask.opened()["blocks"] if block["type"] == "input"
    ]
    with pytest.raises(AlreadyDone):
        await ask(testers.submit, view=submitted(ask.opened()))
    await ask(testers.submit, view=submitted(ask.opened(), overrides=""))
    assert bench.tables.experiments[KEY].overrides == {}


async def test_a_viewer_sets_no_testers() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench, BO.model_copy(update={"role": Role.VIEWER}))
    with pytest.raises(Forbidden):
        await ask(testers.testers.by_command, KEY)
    await Asking(bench, ADA)(testers.testers.by_command, KEY)
