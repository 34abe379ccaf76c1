"""What people give that cannot be: a clear message each, and nothing half-written."""

from __future__ import annotations

import asyncio
import unicodedata
from datetime import timedelta
from typing import Any

import httpx
import pytest

from experiments.model import Status
from handlers import import_data
from tests.bot.scenario.lab import ADA, BO, DESIGN, Lab
from tests.patience import LONG

TEN_KILOBYTES = "ten thousand bytes of text " * 380
HYPOTHESIS = "If the button grows, then more people press it."
LITERAL = ("plain_text", "text")  # the second one is an element of rich text
HEADER = "experiment,variant,metric,time,n,mean,variance"
KEY = "bigger-button"
ROWS = tuple(
    f"{KEY},{variant},conversion,{day},{1000 * day},{mean},{mean * (1 - mean)}"
    for day in (1, 2)
    for variant, mean in (("control", 0.1), ("treatment", 0.12))
)


async def records(lab: Lab) -> int:
    async with lab.world.reading(lab.world.workspace) as uow:
        return len(await uow.audit.all())


async def errors(answer: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = answer.get("errors", {})
    return found


async def test_step_one_says_what_is_wrong_at_the_field(lab: Lab) -> None:
    await lab.types("create")
    for fields, field, words in (
        ({"key": "Bigger_Button"}, "key", "lower-case letters"),
        ({"key": "button-v2"}, "key", "leave the version out"),
        ({"key": "b"}, "key", "at least 2 characters"),
        ({"title": " \u200b "}, "title", "fill this in"),
        ({"tags": "x" * 50}, "tags", "50 characters"),
        ({"hypothesis": TEN_KILOBYTES}, "hypothesis", "no more than 3000 characters"),
    ):
        found = await errors(await lab.submits(**{"title": "Bigger button", **fields}))
        assert list(found) == [field]
        assert words in found[field].lower()
    assert lab.modal()["callback_id"] == "create_what"
    assert await records(lab) == 0


async def test_a_taken_key_is_said_with_another(lab: Lab) -> None:
    await lab.types("create")
    await lab.submits(title="Bigger button", key=KEY)
    await lab.control("close", user=ADA, view_id=lab.modal()["id"], clear=True)
    await lab.types("create")
    found = await errors(await lab.submits(title="Another", key=KEY))
    assert f"{KEY}-2nd" in found["key"]
    assert await records(lab) == 1
    assert (await lab.experiment(KEY)).title == "Bigger button"


async def test_step_two_says_what_is_wrong_at_the_field(lab: Lab) -> None:
    await lab.types("create")
    await lab.submits(title="Bigger button")
    for field, given, words in (
        ("variants", "control 50, treatment 40", "90 %"),
        ("variants", "control 50, treatment 60", "110 %"),
        ("variants", "control 50", "two variants"),
        ("variants", "control, control", "called control"),
        ("variants", "control 50, treatment", "no percent"),
        ("variants", "control 50, 50", "no name"),
        ("variants", "control 33.333, treatment 66.667", "too fine"),
        ("primary_metric", "<!channel>", "lower-case"),
        ("other_metrics", "latency sideways", "“sideways”"),
        ("other_metrics", "conversion mean", "twice"),
    ):
        found = await errors(await lab.submits(**{**DESIGN, field: given}))
        assert list(found) == [field]
        assert words in found[field]
    assert await records(lab) == 1
    assert (await lab.experiment(KEY)).design.variants == ()


async def test_a_review_without_a_hypothesis_is_refused_at_what_is_missing(lab: Lab) -> None:
    await lab.types("create")
    await lab.submits(title="Bigger button")
    await lab.types(f"review {KEY}")
    shown = str(lab.modal())
    assert "hypothesis" in shown
    assert "variants" in shown
    assert not lab.modal().get("submit")
    assert await records(lab) == 1


async def test_ten_thousand_bytes_are_refused_before_and_cut_nowhere(lab: Lab) -> None:
    draft = await lab.drafts()
    before = await records(lab)
    await lab.types(f"note {draft.key} {TEN_KILOBYTES}")
    assert "at most 3,000 fit" in str(await lab.answer())
    assert await records(lab) == before
    await lab.types(TEN_KILOBYTES)
    assert "I do not know" in str(await lab.answer())


async def test_every_script_and_emoji_is_kept_as_written(lab: Lab) -> None:
    scripts = (
        "🧪🚀 größer",
        "\u202eback to front\u202c",
        "עברית עם english",
        "a\u0301e\u0301",
        "👩‍👩‍👧‍👦",
        "\x00\x07bell",
    )
    for number, text in enumerate(scripts):
        await lab.types("create")
        assert not await errors(await lab.submits(title=f"Title {text}", key=f"script-{number}", hypothesis=text))
        written = unicodedata.normalize("NFC", text.replace("\x00", "").replace("\x07", ""))
        kept = await lab.experiment(f"script-{number}")
        assert (kept.title, kept.design.hypothesis) == (f"Title {written}", written)
        assert await lab.message_with(f"script-{number}")


async def test_nothing_a_person_writes_pings_or_links(lab: Lab) -> None:
    bait = "<!channel> <!here> <@U0BO> <https://evil.example|click> & *bold*"
    await lab.types("create")
    await lab.submits(title=f"T {bait}"[:120], key="bait", hypothesis=bait, tags="<!channel>")
    await lab.submits(**DESIGN)
    await lab.submits(reviewers=[BO])
    await lab.types(f"note bait {bait}")
    await lab.types(bait)
    await lab.types(f"show {bait}")
    await lab.types("show bait")
    await lab.types("list")
    await lab.types("review bait")
    await lab.submits(question=bait)
    await lab.settled()
    await lab.control("home", user=BO)
    await lab.sandbox.courier.settled()
    await lab.settled()
    seen = [*await lab.messages(), *await lab.messages(BO), (await lab.state(BO))["home"]]
    texts = [text for each in seen for text in formatted(each)]
    assert any("&lt;!channel&gt;" in text for text in texts)
    for forbidden in ("<!channel>", "<!here>", "<https://evil.example"):
        assert not [text for text in texts if forbidden in text]


def formatted(part: Any) -> list[str]:
    """Every text of a message or view in which Slack looks for mentions and links."""
    if isinstance(part, list):
        return [text for each in part for text in formatted(each)]
    if not isinstance(part, dict):
        return []
    own = [str(part["text"])] if isinstance(part.get("text"), str) and part.get("type") not in LITERAL else []
    return own + [text for each in part.values() for text in formatted(each)]


async def test_a_review_that_is_due_in_the_past_is_refused(lab: Lab) -> None:
    draft = await lab.drafts()
    before = await records(lab)
    await lab.types(f"review {draft.key}")
    past = int((lab.clock.now() - timedelta(days=1)).timestamp())
    found = await errors(await lab.submits(due_at=past))
    assert list(found) == ["due_at"]
    assert await records(lab) == before
    assert (await lab.experiment(draft.key)).status is Status.DRAFT


async def test_reviewing_ones_own_design_is_refused_when_asked_for(lab: Lab) -> None:
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    found = await errors(await lab.submits(reviewers=[ADA]))
    assert "reviewers" in found


async def upload(lab: Lab, content: bytes, name: str = "shop.csv", **choices: Any) -> str:
    """Ada uploads a file in the modal; what she is told about it."""
    async with httpx.AsyncClient(base_url=lab.sandbox.url, trust_env=False, verify=False) as hands:
        sent = await hands.post("/_sandbox/upload", data={"user": ADA}, files={"file": (name, content)})
    before = len(await lab.messages(channel="D0ADA"))
    await lab.types("import")
    await lab.submits(files=[sent.json()["file"]["id"]], **choices)
    await lab.settled()
    return str((await lab.messages(channel="D0ADA"))[before:])


def csv(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


async def test_a_file_that_cannot_be_taken_leaves_nothing(lab: Lab) -> None:
    running = await lab.runs()
    before = await records(lab)
    for content, words in (
        (csv(*ROWS, f"{KEY},control,conversion,3,3000,NaN,0.09"), "line 6"),
        (csv(*ROWS, f"{KEY},control,conversion,3,3000,0.1,-1"), "variance"),
        (csv(*(row.rsplit(",", 1)[0] for row in ROWS)).replace(b",variance", b""), "variance"),
        (csv(), "no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "shop.csv"),
        (csv(*ROWS, *(row.replace(KEY, "unknown-one") for row in ROWS)), "no experiment “unknown-one”"),
    ):
        told = await upload(lab, content)
        assert "Nothing of shop.csv was imported" in told
        assert words in told
        assert await records(lab) == before
    assert (await lab.experiment(running.key)).data_version == 0


@pytest.mark.parametrize(
    ("content", "choices", "words"),
    [
        (b"\xef\xbb\xbf" + csv(*ROWS), (), "Imported 4 aggregates"),
        (csv(*ROWS).replace(b",", b";"), (), "Imported 4 aggregates"),
        (csv(*ROWS, f"{KEY},control,conversion,3,3000,NaN,0.09"), ("skip_bad_rows",), "Left out: 1 row"),
        (csv(*ROWS, *(row.replace(KEY, "unknown-one") for row in ROWS)), ("create",), "New here: 1 experiment"),
    ],
    ids=["byte order mark", "semicolons", "bad row left out", "unknown made"],
)
async def test_a_file_that_can_be_taken_is_told_of(
    content: bytes, choices: tuple[str, ...], words: str, lab: Lab
) -> None:
    running = await lab.runs()
    assert words in await upload(lab, content, choices=choices)
    assert (await lab.experiment(running.key)).data_version == 1


async def test_two_gigabytes_are_refused_by_their_size_alone(lab: Lab) -> None:
    await lab.runs()
    before = await records(lab)
    stored = lab.workspace.files.add("huge.csv", csv(*ROWS), ADA, lab.clock.now())
    stored.length = 2 * 2**30
    await lab.types("import")
    await lab.submits(files=[stored.id])
    await lab.settled()
    told = str([*await lab.messages(channel="D0ADA"), *await lab.messages()])
    assert "huge.csv is larger than 256 MB" in told
    assert await records(lab) == before


async def test_a_file_that_lies_about_its_size_is_stopped_on_the_way(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_data, "MOST_BYTES", 100)
    await lab.runs()
    stored = lab.workspace.files.add("liar.csv", csv(*ROWS) * 50, ADA, lab.clock.now())
    stored.length = 10
    await lab.types("import")
    await lab.submits(files=[stored.id])
    await asyncio.wait_for(lab.settled(), LONG)
    assert "liar.csv is larger" in str([*await lab.messages(channel="D0ADA"), *await lab.messages()])
