"""The chain of records: each change can be proved, and any edit, loss or addition is found."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.audit import FIRST, AuditRecord, as_told, broken_links, state_hash
from experiments.commands import AddNote, DeleteNote, EditNote, RequestChanges
from experiments.execute import execute
from experiments.model import Status
from tests.experiments.stages import KEY, PATH, lead_to
from tests.worlds import ADA, BO, MemoryWorld


async def chain() -> list[AuditRecord]:
    bench = MemoryWorld()
    await lead_to(Status.ARCHIVED, bench)
    return list(bench.tables.records.values())


async def test_a_life_leaves_one_record_a_change_bound_to_each_other() -> None:
    records = await chain()
    assert [record.command for record in records] == [kind.__name__ for kind, _ in PATH]
    assert [record.number for record in records] == list(range(1, len(PATH) + 1))
    assert [record.previous for record in records] == [FIRST, *(record.hash for record in records[:-1])]
    assert [record.actor for record in records][2:5] == ["U0ADA", "U0BO", "U0ADA"]
    assert broken_links(records) == []
    assert broken_links([]) == []


async def test_what_a_deleted_note_said_is_not_told_and_the_chain_holds() -> None:
    bench = MemoryWorld()
    asked = await lead_to(Status.IN_REVIEW, bench)
    await execute(AddNote(key=KEY, text="first: secret"), ADA, bench.world)
    await execute(RequestChanges(key=KEY, design_hash=asked.design.hash, comment="second"), BO, bench.world)
    await execute(AddNote(key=KEY, text="third"), ADA, bench.world)
    await execute(EditNote(key=KEY, number=1, text="secret still"), ADA, bench.world)
    before = tuple(bench.tables.records.values())
    assert as_told(before) == before
    await execute(DeleteNote(key=KEY, number=1), ADA, bench.world)
    await execute(DeleteNote(key=KEY, number=2), ADA, bench.world)
    records = list(bench.tables.records.values())
    told = [each.sentence for each in as_told(records)][-6:]
    assert told == [
        "noted (observation) (deleted since)",
        "asked for changes (deleted since)",
        "noted (observation): third",
        "edited note 1 (deleted since)",
        "deleted note 1",
        "deleted note 2",
    ]
    assert broken_links(records) == []


CHANGES: dict[str, Any] = {
    "workspace": "T9",
    "key": "other",
    "command": "AddNote",
    "payload": {"design_hash": "0"},
    "actor": "U0ADA",
    "delivery": "d1",
    "at": "2020-01-01T00:00:00Z",
    "version_before": 9,
    "version_after": 9,
    "status_before": Status.DRAFT,
    "status_after": Status.RUNNING,
    "state_hash": "0" * 64,
    "sentence": "did nothing",
    "previous": "0" * 64,
    "number": 40,
}


@pytest.mark.parametrize("field", [name for name in AuditRecord.model_fields if name != "hash"])
async def test_an_edit_of_any_field_is_found(field: str) -> None:
    records = await chain()
    edited = AuditRecord.model_validate({**dict(records[3]), field: CHANGES[field]})
    found = broken_links([*records[:3], edited, *records[4:]])
    assert any("edited after it was written" in words for words in found)


async def test_an_edit_that_is_sealed_again_breaks_the_next_link() -> None:
    records = await chain()
    forged = records[3].model_copy(update={"actor": "U0ADA"}).sealed(records[3].number, records[3].previous)
    found = broken_links([*records[:3], forged, *records[4:]])
    assert found == [f"record 5 (StartExperiment on {records[4].key}): does not follow the record before it"]


async def test_a_missing_a_swapped_and_a_repeated_record_are_found() -> None:
    records = await chain()
    for damaged in (
        [*records[:3], *records[4:]],
        [*records[:3], records[4], records[3], *records[5:]],
        [*records[:4], records[3], *records[4:]],
        records[1:],
    ):
        assert any("expected record" in words for words in broken_links(damaged))


async def test_a_version_gap_is_found_even_in_a_sound_chain() -> None:
    records = await chain()
    skipping = records[1].model_copy(update={"version_before": 2, "version_after": 3})
    assert any("leave a gap" in words for words in broken_links([records[0], skipping.sealed(2, records[0].hash)]))


async def test_two_experiments_share_one_chain_and_count_their_own_versions() -> None:
    records = await chain()
    other = records[0].model_copy(update={"key": "other"}).sealed(2, records[0].hash)
    back = records[1].sealed(3, other.hash)
    assert broken_links([records[0], other, back]) == []


async def test_a_record_survives_json() -> None:
    records = await chain()
    again = [AuditRecord.model_validate_json(record.model_dump_json()) for record in records]
    assert broken_links(again) == []


async def test_the_state_hash_sees_every_change() -> None:
    experiment = await lead_to(Status.RUNNING, MemoryWorld())
    assert state_hash(experiment.evolve(note_count=1)) != state_hash(experiment)
    assert state_hash(experiment.evolve()) == state_hash(experiment)
