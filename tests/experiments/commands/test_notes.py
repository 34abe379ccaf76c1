"""Notes that are changed: their source stays, deleted ones stay deleted, and whose they are is kept."""

from __future__ import annotations

import pytest

from experiments.commands import AddNote, DeleteNote, EditNote
from experiments.commands.note import may_change
from experiments.errors import BadInput, Forbidden
from experiments.execute import execute
from experiments.model import NoteState, Status
from experiments.permissions import Role
from tests.experiments.stages import KEY, lead_to
from tests.worlds import BO, CHEN, MemoryWorld

LINK = "https://lab.slack.com/archives/C1/p17"


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    await execute(AddNote(key=KEY, text="Low traffic.", source=LINK), BO, bench.world)
    return bench


def newest(bench: MemoryWorld) -> int:
    return bench.tables.experiments[KEY].note_count


async def test_an_edit_keeps_where_it_was_taken_from(bench: MemoryWorld) -> None:
    await execute(EditNote(key=KEY, number=newest(bench), text="High traffic.", source=LINK), BO, bench.world)
    note = bench.tables.notes[KEY][-1]
    assert (note.text, note.source, note.state) == ("High traffic.", LINK, NoteState.EDITED)


async def test_a_deleted_note_is_neither_edited_nor_deleted_again(bench: MemoryWorld) -> None:
    number = newest(bench)
    await execute(DeleteNote(key=KEY, number=number), BO, bench.world)
    for command in (EditNote(key=KEY, number=number, text="Back."), DeleteNote(key=KEY, number=number)):
        with pytest.raises(BadInput, match="deleted in the meantime"):
            await execute(command, BO, bench.world)
    assert bench.tables.notes[KEY][-1].state is NoteState.DELETED
    assert "Low traffic" not in bench.tables.notes[KEY][-1].text


async def test_the_note_beside_a_deleted_one_keeps_its_author(bench: MemoryWorld) -> None:
    await execute(AddNote(key=KEY, text="Chen's."), CHEN, bench.world)
    await execute(DeleteNote(key=KEY, number=newest(bench) - 1), BO, bench.world)
    with pytest.raises(Forbidden):
        await execute(EditNote(key=KEY, number=newest(bench), text="Bo's."), BO, bench.world)
    await execute(EditNote(key=KEY, number=newest(bench), text="Still Chen's."), CHEN, bench.world)


async def test_authors_the_owner_and_admins_may_change_a_note(bench: MemoryWorld) -> None:
    experiment, number = bench.tables.experiments[KEY], newest(bench)
    owner = BO.model_copy(update={"user": experiment.owner})
    admin = CHEN.model_copy(update={"role": Role.ADMIN})
    assert [may_change(experiment, number, each) for each in (BO, owner, admin, CHEN)] == [True, True, True, False]
