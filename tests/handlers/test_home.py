"""Home: set-up while it lasts, what needs me, what is mine, the fleet as I narrowed it."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.execute import change_policies
from experiments.fleet import ANY
from experiments.model import Status
from experiments.permissions import Actor, Role
from experiments.policy import GiveRole, SetProject
from experiments.policy import Project as ProjectRules
from experiments.readout import VerdictStatus
from experiments.running import Loosening, Reading, Rollout, Significance
from handlers import home, narrow, setup
from handlers.forms import about
from handlers.surfaces.home import FLEET_PAGE
from tests.experiments.stages import lead_to
from tests.handlers.asking import Asking
from tests.storage.samples import draft, in_review
from tests.worlds import ADA, BO, CHEN, DEE, MemoryWorld

ADMIN = ADA.model_copy(update={"role": Role.ADMIN})
VIEWER = DEE.model_copy(update={"role": Role.VIEWER})


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def published(bench: MemoryWorld, ask: Asking, handler: Any = home.opened, **given: Any) -> dict[str, Any]:
    """The tab that a handler leads to, published after the acknowledgement."""
    bench.slack.calls.clear()
    assert await ask(handler, **given) == {}
    assert not bench.slack.made("views.publish"), "acknowledged before anything slow"
    await ask.afterwards()
    call, *with_picture = bench.slack.made("views.publish")
    assert len(with_picture) <= 1
    assert call["user_id"] == ask.actor.user
    return dict(call["view"])


def chosen(view: dict[str, Any], **fields: str) -> dict[str, Any]:
    """The tab as Slack sends it back after these choices in its menus."""
    values: dict[str, Any] = {}
    for block in view["blocks"]:
        for element in [*block.get("elements", ()), *([block["element"]] if "element" in block else [])]:
            name = element.get("action_id", "").split("__")[1:2]
            if name and name[0] in fields:
                kind = element["type"]
                value = fields[name[0]]
                state = {"value": value} if kind == "plain_text_input" else {"selected_option": {"value": value}}
                if kind == "conversations_select":
                    state = {"selected_conversation": value}
                block_id = block.get("block_id", "b")
                values.setdefault(block_id, {})[element["action_id"]] = {"type": kind, **state}
    assert len(values) > 0
    return {**view, "id": "V1", "state": {"values": values}}


async def many(bench: MemoryWorld, count: int, **changes: Any) -> None:
    running = await lead_to(Status.RUNNING, bench)
    for number in range(count):
        key = f"more-{number:02}"
        bench.tables.experiments[key] = running.evolve(key=key, title=f"More {number:02}", owner="U0BO", **changes)


async def test_each_person_sees_what_needs_them(bench: MemoryWorld) -> None:
    await in_review(bench.world, "asked", reviewers=("U0BO",))
    assert "waits for your review" in str(await published(bench, Asking(bench, BO)))
    assert "waits for your review" not in str(await published(bench, Asking(bench, DEE)))
    assert "waits for your review" not in str(await published(bench, Asking(bench, ADA)))


async def test_who_may_not_approve_is_not_asked(bench: MemoryWorld) -> None:
    await in_review(bench.world, "asked")
    assert "waits for your review" in str(await published(bench, Asking(bench, DEE)))
    assert "waits for your review" not in str(await published(bench, Asking(bench, VIEWER)))


async def test_the_owner_sees_the_owed_decision_and_others_do_not(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    assert "waits for your decision" in str(await published(bench, Asking(bench, ADA)))
    assert "waits for your decision" not in str(await published(bench, Asking(bench, DEE)))


async def test_a_second_person_is_asked_to_confirm_and_to_agree(bench: MemoryWorld) -> None:
    decided = await lead_to(Status.DECIDED, bench)
    at = bench.world.now()
    wish = Rollout(variant="treatment", stages=(10_000,), by="U0ADA", at=at, stage_at=at)
    bench.tables.experiments[decided.key] = decided.evolve(promotion=wish)
    other = MemoryWorld()
    running = await lead_to(Status.RUNNING, other)
    loosening = Loosening(guardrails=(), by="U0ADA", at=at)
    bench.tables.experiments["loose"] = running.evolve(key="loose", loosening=loosening)
    seen = str(await published(bench, Asking(bench, CHEN)))
    assert "its promotion waits for a second person" in seen
    assert "looser guardrails wait for a second person" in seen
    for nobody in (ADA, VIEWER):
        assert "second person*" not in str(await published(bench, Asking(bench, nobody)))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (VerdictStatus.ROLL_BACK, "does harm, by its own rule"),
        (VerdictStatus.UNHEALTHY, "its data are not sound"),
        (VerdictStatus.SHIP, ""),
    ],
)
async def test_the_owner_is_alarmed(status: VerdictStatus, words: str, bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    reading = Reading(
        number=1,
        day=1,
        status=status,
        sentence="So.",
        significance=Significance.SIGNIFICANT,
        at=bench.world.now(),
    )
    bench.tables.experiments[running.key] = running.evolve(reading=reading)
    seen = str(await published(bench, Asking(bench, ADA)))
    assert (words in seen) if words else ("Look at results" not in seen)
    other = str(await published(bench, Asking(bench, DEE)))
    assert "Look at results" not in other
    assert (f"🚨 {words}" in other) == bool(words)
    assert seen.count(f"🚨 {words}") == 2 * bool(words)


async def test_the_fleet_is_paged(bench: MemoryWorld) -> None:
    await many(bench, 2 * FLEET_PAGE + 4)
    ask = Asking(bench, DEE)
    first = await published(bench, ask)
    assert "Page 1 of 3" in str(first)
    assert f"{2 * FLEET_PAGE + 5} running" in str(first)
    last = await published(bench, ask, narrow.page, value="2", view=first)
    assert "Page 3 of 3" in str(last)
    assert about(last)["page"] == "2"
    beyond = await published(bench, ask, narrow.page, value="77", view=first)
    assert "Page 3 of 3" in str(beyond)


async def test_filters_and_words_narrow_and_are_remembered(bench: MemoryWorld) -> None:
    await many(bench, 12, status=Status.PAUSED)
    ask = Asking(bench, DEE)
    everything = await published(bench, ask)
    found = await published(bench, ask, narrow.filtered, view=chosen(everything, text="more 07"))
    assert "More 07" in str(found)
    assert "More 08" not in str(found)
    paused = await published(bench, ask, narrow.filtered, view=chosen(found, text="", status="Stopped"))
    assert "No experiment passes" in str(paused)
    assert "No experiment passes" in str(await published(bench, ask)), "kept for the next visit"
    assert "More 08" in str(await published(bench, Asking(bench, CHEN))), "for this person alone"
    usual = await published(bench, ask, narrow.usual, view=paused)
    assert "More 08" in str(usual)
    assert about(usual)["status"] == "Active"
    shown = await published(bench, ask, narrow.everything, view=usual)
    assert about(shown)["status"] == ANY


async def test_nobody_sees_what_they_may_not_read(bench: MemoryWorld) -> None:
    await many(bench, 3)
    shop = bench.tables.experiments["more-00"].evolve(key="in-the-shop", title="In the shop", project="shop")
    bench.tables.experiments[shop.key] = shop
    reader = Actor(workspace=ADA.workspace, user="U0X", role=Role.OUTSIDER, projects={"shop": Role.VIEWER})
    seen = str(await published(bench, Asking(bench, reader)))
    assert "In the shop" in seen
    assert "More" not in seen
    assert "1 running" in seen


async def test_a_department_is_its_projects(bench: MemoryWorld) -> None:
    await many(bench, 2)
    shop = bench.tables.experiments["more-00"].evolve(key="in-the-shop", title="In the shop", project="shop")
    bench.tables.experiments[shop.key] = shop
    rules = ProjectRules(name="shop", department="Growth")
    await change_policies(SetProject(project=rules), ADMIN, bench.world)
    ask = Asking(bench, DEE)
    seen = await published(bench, ask, narrow.filtered, view=chosen(await published(bench, ask), department="Growth"))
    assert "In the shop" in str(seen)
    assert "More 01" not in str(seen)


async def test_a_first_visit_is_led_step_by_step(bench: MemoryWorld) -> None:
    ask = Asking(bench, ADMIN)
    first = await published(bench, ask)
    assert "➡️ *1. Connect a channel*" in str(first)
    assert "The fleet" not in str(first)
    second = await published(bench, ask, setup.choose_channel, view=chosen(first, channel="C0EXPERIMENTS"))
    assert [call["channel"] for call in bench.slack.made("chat.postMessage")] == ["C0EXPERIMENTS"]
    assert "✅ 1. Connect a channel" in str(second)
    assert "➡️ *2. Say who does what*" in str(second)
    await change_policies(GiveRole(subjects=("U0BO",), role=Role.REVIEWER), ADMIN, bench.world)
    third = await published(bench, ask)
    assert "➡️ *3. Write down a first experiment*" in str(third)
    await draft(bench.world)
    assert "Welcome" not in str(await published(bench, ask)), "it disappears when all is done"


async def test_a_channel_without_bunsen_says_how_to_mend_it(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    first = await published(bench, ask)
    bench.slack.refuse("chat.postMessage", "not_in_channel")
    refused = await published(bench, ask, setup.choose_channel, view=chosen(first, channel="C0GENERAL"))
    assert "Type /invite @Bunsen there, then try again" in str(refused)
    again = await published(bench, ask, setup.choose_channel, value="C0GENERAL", view=refused)
    assert "✅ 1. Connect a channel" in str(again)


async def test_steps_can_be_skipped_and_stay_so(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    assert "Say who does what" not in str(await published(bench, ask)), "roles are for admins"
    await published(bench, ask, setup.skip, value="channel")
    assert "Connect a channel" not in str(await published(bench, ask))
    assert "Welcome" not in str(await published(bench, ask, setup.skip, value="first"))
    assert "Welcome" not in str(await published(bench, ask))


async def test_who_only_reads_has_nothing_to_set_up(bench: MemoryWorld) -> None:
    assert "Welcome" not in str(await published(bench, Asking(bench, VIEWER)))


async def test_what_runs_is_shown_as_a_picture_once_it_is_drawn() -> None:
    bench = MemoryWorld()
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench)
    for _ in range(2):
        await ask(home.opened)
        await ask.afterwards()
    without, first, _, second = (call["view"]["blocks"] for call in bench.slack.made("views.publish"))
    assert not [block for block in without if block["type"] == "image"]
    for blocks in (first, second):
        [image] = [block for block in blocks if block["type"] == "image"]
        assert image["slack_file"] == {"id": "F1"}
        assert image["alt_text"].startswith("Running experiments, 1:")
    assert [name for name, _ in bench.draw.drawn] == ["active"]


async def test_where_nothing_runs_there_is_no_picture() -> None:
    bench = MemoryWorld()
    await lead_to(Status.DECIDED, bench)
    ask = Asking(bench)
    await ask(home.opened)
    await ask.afterwards()
    assert len(bench.slack.made("views.publish")) == 1
    assert not bench.draw.drawn
