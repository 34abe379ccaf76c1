"""Import: one file, one transaction; bad rows with line and reason, and nothing kept of a file that is refused."""

from __future__ import annotations

import io

import pytest

from experiments.design import MetricKind
from experiments.errors import BadInput, BunsenError, IllegalTransition, NotFound
from experiments.intake.result import ImportReport
from experiments.model import Status
from handlers import import_data
from handlers.import_data import import_file
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import ADA, MemoryWorld

HEADER = "experiment,variant,metric,time,n,mean,variance"
GOOD = (
    HEADER,
    f"{KEY},control,conversion,1,1000,0.1,0.09",
    f"{KEY},treatment,conversion,1,1000,0.12,0.1056",
    f"{KEY},control,conversion,2,2000,0.1,0.09",
    f"{KEY},treatment,conversion,2,2000,0.12,0.1056",
)


def file_of(*lines: str, ending: str = "\n") -> bytes:
    return (ending.join(lines) + ending).encode()


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    await lead_to(Status.APPROVED, bench)
    bench.tables.experiments[KEY] = bench.tables.experiments[KEY].evolve(
        status=Status.RUNNING, started_at=bench.clock.now()
    )
    return bench


async def take(bench: MemoryWorld, content: bytes, **choices: bool) -> ImportReport:
    return await import_file(io.BytesIO(content), "shop.csv", ADA, bench.world, **choices)  # type: ignore[arg-type]


async def refused(bench: MemoryWorld, content: bytes, **choices: bool) -> BunsenError:
    """The refusal, after which everything is as it was before."""
    before = bench.tables.copy()
    with pytest.raises(BunsenError) as refusal:
        await take(bench, content, **choices)
    assert bench.tables == before
    return refusal.value


async def test_a_file_is_taken_in_with_one_record(bench: MemoryWorld) -> None:
    records = len(bench.tables.records)
    report = await take(bench, file_of(*GOOD))
    assert (report.origin, report.rows, report.reached, report.left_out) == ("shop.csv", 4, {KEY: 2.0}, ())
    assert len(bench.tables.records) == records + 1
    assert bench.tables.experiments[KEY].data_version == 1


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
async def test_other_delimiters_are_found_out(delimiter: str, bench: MemoryWorld) -> None:
    lines = [line.replace(",", delimiter) for line in GOOD]
    assert (await take(bench, file_of(*lines))).rows == 4


async def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(bench: MemoryWorld) -> None:
    content = b"\xef\xbb\xbf" + file_of(*GOOD, ending="\r\n")
    assert (await take(bench, content)).rows == 4


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (f"{KEY},control,conversion,3,1000,NaN,0.09", "mean"),
        (f"{KEY},control,conversion,3,3000,0.1,-0.09", "variance"),
        (f"{KEY},control,conversion,3,3000,inf,0.09", "mean"),
        (f"{KEY},control,conversion,3,many,0.1,0.09", "n"),
        (f"{KEY},control,conversion,3,10,0.1,0.09", "cannot shrink"),
        (f"{KEY},control,conversion,3,3000,0.1", ""),
    ],
)
async def test_a_bad_row_is_named_and_keeps_everything_out(bad: str, why: str, bench: MemoryWorld) -> None:
    error = await refused(bench, file_of(*GOOD, bad))
    assert isinstance(error, BadInput)
    assert "line 6" in error.words
    assert why in error.words
    assert "nothing was kept" in error.words


async def test_bad_rows_can_be_left_out_and_are_reported(bench: MemoryWorld) -> None:
    content = file_of(*GOOD, f"{KEY},control,conversion,3,3000,NaN,0.09", f"{KEY},treatment,conversion,3,3000,0.1,-1")
    report = await take(bench, content, skip_bad_rows=True)
    assert report.rows == 4
    assert [words.split(":")[0] for words in report.left_out] == ["line 6", "line 7"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (file_of(HEADER), "no rows"),
        (file_of(*(",".join(line.split(",")[:6]) for line in GOOD)), "variance"),
        (b"\xff\xfe" + "experiment,variant".encode("utf-16-le"), "UTF-16"),
        (b"PK\x03\x04\x00\x00\x00", "shop.csv"),
    ],
    ids=["empty", "header only", "missing column", "utf-16", "a zip"],
)
async def test_a_file_that_cannot_be_used_at_all(content: bytes, why: str, bench: MemoryWorld) -> None:
    assert why in (await refused(bench, content)).words


async def test_an_unknown_experiment_is_refused_unless_it_may_be_made(bench: MemoryWorld) -> None:
    lines = [line.replace(KEY, "elsewhere") for line in GOOD]
    both = file_of(*GOOD, *lines[1:])
    assert isinstance(await refused(bench, both), NotFound)
    report = await take(bench, both, create=True)
    assert report.created == ("elsewhere",)
    assert bench.tables.experiments["elsewhere"].status is Status.STOPPED


async def test_a_made_experiment_has_the_kinds_the_file_tells(bench: MemoryWorld) -> None:
    lines = [f"{HEADER},kind,segment"]
    lines += [
        f"latency-test,{arm},p-90,1,900,120,4,quantile,{cut}" for arm in ("control", "new") for cut in ("", "os=ios")
    ]
    await take(bench, file_of(*lines), create=True)
    made = bench.tables.experiments["latency-test"]
    assert [metric.kind for metric in made.design.metrics] == [MetricKind.QUANTILE]
    async with bench.world.reading(ADA.workspace) as uow:
        kept = await uow.aggregates.of("latency-test", made.data_version)
    assert {row.segment for row in kept} == {"", "os=ios"}


async def test_one_experiment_that_takes_no_data_keeps_the_others_out(bench: MemoryWorld) -> None:
    ended = bench.tables.experiments[KEY].evolve(key="archived", status=Status.ARCHIVED)
    bench.tables.experiments["archived"] = ended
    lines = [line.replace(KEY, "archived") for line in GOOD[1:]]
    assert isinstance(await refused(bench, file_of(*GOOD, *lines)), IllegalTransition)


@pytest.mark.parametrize(("column", "stranger"), [("treatment", "blue"), ("conversion", "returns")])
async def test_a_stranger_among_variants_or_metrics_is_named(column: str, stranger: str, bench: MemoryWorld) -> None:
    error = await refused(bench, file_of(*(line.replace(column, stranger) for line in GOOD)))
    assert stranger in error.words
    assert column in error.words


async def test_the_same_file_twice_counts_once(bench: MemoryWorld) -> None:
    await take(bench, file_of(*GOOD))
    before = bench.tables.copy()
    again = await take(bench, file_of(*GOOD))
    assert (again.rows, again.unchanged) == (0, (KEY,))
    assert bench.tables == before


async def test_names_that_are_no_keys_are_refused_in_words(bench: MemoryWorld) -> None:
    error = await refused(bench, file_of(*(line.replace(KEY, "Größe & Co. №1") for line in GOOD)), create=True)
    assert "cannot be a key" in error.words


async def test_progress_is_told(bench: MemoryWorld) -> None:
    told: list[int] = []
    await import_file(io.BytesIO(file_of(*GOOD)), "shop.csv", ADA, bench.world, progress=told.append)
    assert told[-1] == 4


async def conversation(bench: MemoryWorld, content: bytes, choices: tuple[str, ...] = (), **given: str) -> str:
    """The person uploads the file in the modal; the last thing Bunsen says about it."""
    ask = Asking(bench)
    bench.slack.files["F0"] = ("shop.csv", content)
    handler = import_data.open_form
    await ask(handler, **given)
    view = submitted(ask.opened(), files=["F0"], choices=choices)
    assert await ask(import_data.submit, view=view) == {"response_action": "clear"}
    await ask.afterwards()
    [progress] = bench.slack.made("chat.postMessage")
    assert progress["channel"] == ADA.user
    assert "Reading shop.csv" in progress["text"]
    [outcome] = bench.slack.made("chat.update")
    return str(outcome["blocks"])


async def test_in_slack_the_outcome_replaces_the_progress(bench: MemoryWorld) -> None:
    said = await conversation(bench, file_of(*GOOD))
    assert "Imported 4 aggregates of 1 experiment from shop.csv" in said
    assert "'results'" in said


async def test_in_slack_a_refusal_names_the_rows(bench: MemoryWorld) -> None:
    said = await conversation(bench, file_of(*GOOD, f"{KEY},control,conversion,3,3000,NaN,0.09"))
    assert "Nothing of shop.csv was imported" in said
    assert "line 6" in said


async def test_in_slack_bad_rows_can_be_left_out(bench: MemoryWorld) -> None:
    bad = f"{KEY},control,conversion,3,3000,NaN,0.09"
    said = await conversation(bench, file_of(*GOOD, bad), ("skip_bad_rows",), value=f"{KEY}@1")
    assert "Left out: 1 row" in said
    assert "line 6" in said


async def test_in_slack_unknown_experiments_can_be_made_in_that_channel(bench: MemoryWorld) -> None:
    lines = [line.replace(KEY, "elsewhere") for line in GOOD]
    assert "New here: 1 experiment" in await conversation(bench, file_of(*lines), ("create",))
    assert bench.tables.experiments["elsewhere"].channel == CHANNEL


async def test_too_large_a_file_is_never_read(bench: MemoryWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_data, "MOST_BYTES", 10)
    ask = Asking(bench)
    bench.slack.files["F0"] = ("shop.csv", file_of(*GOOD))
    await ask(import_data.open_form)
    await ask(import_data.submit, view=submitted(ask.opened(), files=["F0"]))
    with pytest.raises(BadInput, match=r"shop\.csv"):
        await ask.afterwards()
    assert not bench.slack.made("chat.postMessage")
