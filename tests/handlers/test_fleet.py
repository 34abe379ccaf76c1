"""Fleet: `list` and `search` find, count, page and remember; the menus of an answer change it in place."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.commands import CreateExperiment
from experiments.execute import change_policies, execute
from experiments.model import Status
from experiments.permissions import Actor, Role
from experiments.policy import Project, SetProject
from handlers import fleet, narrow
from handlers.surfaces.fleet import FEW_DEPARTMENTS
from handlers.turn import Turn
from tests.experiments.stages import lead_to
from tests.handlers.asking import Asking, submitted
from tests.handlers.test_home import chosen
from tests.worlds import ADA, BO, MemoryWorld

URL = "https://hooks/1"
ADMIN = ADA.model_copy(update={"role": Role.ADMIN})


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def many(bench: MemoryWorld, count: int) -> None:
    for number in range(count):
        bench.clock.advance(minutes=1)
        await execute(CreateExperiment(key=f"number-{number:02}", title="One of many"), ADA, bench.world)


async def changed(bench: MemoryWorld, ask: Asking, handler: Any, answer: dict[str, Any], **given: Any) -> Any:
    """What stands in place of the answer after a choice in its menus or a press of its buttons."""
    assert await ask(handler, response_url=URL, **given) == {}
    await ask.afterwards()
    url, said = bench.slack.responses[-1]
    assert (url, said["replace_original"]) == (URL, True)
    return said


def state_of(answer: dict[str, Any], **fields: str) -> dict[str, Any]:
    """The state of the menus as Slack sends it with a press: all of them, some changed."""
    shown = {
        element["action_id"].split("__")[1]: element["initial_option"]["value"]
        for block in answer["blocks"]
        for element in block.get("elements", ())
        if "initial_option" in element
    }
    return {"state": chosen(answer, **{**shown, **fields})["state"]}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), {"running-one", "draft-one"}),
        (("all",), {"running-one", "draft-one", "archived-one"}),
        (("running",), {"running-one"}),
        (("In", "Review"), set()),
        (("completed",), {"archived-one"}),
        (("draft-o",), {"draft-one"}),
        (("sells",), {"running-one"}),
        (("<!channel>",), set()),
    ],
)
async def test_list_narrows_by_state_or_text(words: tuple[str, ...], found: set[str], bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    archived = running.evolve(key="archived-one", status=Status.ARCHIVED)
    about = running.design.model_copy(update={"hypothesis": "If blue, then it sells."})
    running = running.evolve(key="running-one", design=about, approval=None)
    bench.tables.experiments.clear()
    bench.tables.experiments |= {each.key: each for each in (running, archived)}
    await execute(CreateExperiment(key="draft-one", title="A draft"), ADA, bench.world)
    answer = str((await Asking(bench)(fleet.by_command, *words))["blocks"])
    assert {key for key in bench.tables.experiments if f"'{key}@" in answer} == found
    assert "<!channel>" not in answer.replace("'value': '<!channel>'", "").replace("“<!channel>”", "")


async def test_what_changed_long_ago_needs_another_time_range(bench: MemoryWorld) -> None:
    await many(bench, 1)
    bench.clock.advance(days=31)
    ask = Asking(bench)
    answer = await ask(fleet.by_command)
    assert "No experiment passes these filters" in answer["text"]
    wider = await changed(bench, ask, narrow.filtered, answer, view=state_of(answer, time="90"))
    assert "number-00" in str(wider)
    everything = await changed(bench, ask, narrow.everything, answer, view=state_of(answer))
    assert "number-00" in str(everything)


async def test_pages_count_and_turn(bench: MemoryWorld) -> None:
    await many(bench, fleet.PAGE + 3)
    ask = Asking(bench)
    answer = await ask(fleet.by_command)
    assert f"{fleet.PAGE + 3} experiments" in answer["text"]
    assert "Page 1 of 2" in str(answer)
    assert "number-10" in str(answer)
    assert "number-00" not in str(answer)
    second = await changed(bench, ask, narrow.page, answer, value="1", view=state_of(answer))
    assert "number-00" in str(second)
    assert "Previous" in str(second)
    assert "Next" not in str(second)


async def test_filters_are_kept_for_the_channel(bench: MemoryWorld) -> None:
    await many(bench, 2)
    ask = Asking(bench)
    answer = await ask(fleet.by_command)
    await changed(bench, ask, narrow.filtered, answer, view=state_of(answer, kind="prompt_ab"))
    assert "No experiment passes" in (await Asking(bench, BO)(fleet.by_command))["text"]
    assert "2 experiments" in (await Asking(bench, BO)(fleet.by_command, channel="C0OTHER"))["text"]
    await changed(bench, ask, narrow.usual, answer, view=state_of(answer, kind="prompt_ab"))
    assert "2 experiments" in (await Asking(bench, BO)(fleet.by_command))["text"]


async def test_what_was_typed_is_for_once(bench: MemoryWorld) -> None:
    await many(bench, 2)
    ask = Asking(bench)
    found = await ask(fleet.search, "number-01")
    assert "1 experiment found for “number-01”" in found["text"]
    narrowed = await changed(bench, ask, narrow.filtered, found, view=state_of(found, kind="prompt_ab"))
    assert "Nothing found for “number-01” with these filters" in narrowed["text"]
    assert "2 experiments" in (await ask(fleet.by_command))["text"]
    freed = await changed(bench, ask, narrow.filtered, found, view=state_of(found, searched="any"))
    assert "2 experiments" in freed["text"]


async def test_a_search_that_filters_hide_goes_on_everywhere_and_only_then_is_given_up(bench: MemoryWorld) -> None:
    await many(bench, 2)
    ask = Asking(bench)
    found = await ask(fleet.search, "number-01")
    narrowed = await changed(bench, ask, narrow.filtered, found, view=state_of(found, kind="prompt_ab"))
    assert "Search everywhere" in str(narrowed["blocks"])
    everywhere = await changed(bench, ask, narrow.everything, narrowed, view=state_of(narrowed))
    assert "1 experiment found for “number-01”" in everywhere["text"]
    nowhere = await ask(fleet.search, "runing")
    assert "Did you mean `/experiment list running`" in nowhere["text"]
    assert "Show everything" in str(nowhere["blocks"])
    given_up = await changed(bench, ask, narrow.everything, nowhere, view=state_of(nowhere))
    assert "2 experiments" in given_up["text"]


async def test_key_and_title_come_before_all_else(bench: MemoryWorld) -> None:
    for key, title, hypothesis in (
        ("zebra", "Stripes", ""),
        ("zebra-crossing", "Other", ""),
        ("plain-one", "A zebra in the title", ""),
        ("plain-two", "Elsewhere", "If zebra, then more."),
    ):
        bench.clock.advance(minutes=1)
        await execute(CreateExperiment(key=key, title=title, hypothesis=hypothesis), ADA, bench.world)
    answer = await Asking(bench)(fleet.search, "Zebra")
    shown = [block["accessory"]["value"].split("@")[0] for block in answer["blocks"] if "accessory" in block]
    assert shown == ["zebra", "plain-one", "zebra-crossing", "plain-two"]


async def test_search_without_words_asks_for_them(bench: MemoryWorld) -> None:
    await many(bench, 1)
    ask = Asking(bench)
    await ask(fleet.search)
    assert await ask(fleet.submit_search, view=submitted(ask.opened(), text="many")) == {}
    [told] = bench.slack.made("chat.postEphemeral")
    assert "1 experiment found" in told["text"]


async def test_the_list_button_answers_the_presser_alone(bench: MemoryWorld) -> None:
    ask = Asking(bench)
    assert await ask(fleet.by_button, response_url=URL) == {}
    [(url, said)] = bench.slack.responses
    assert (url, said["response_type"], said["replace_original"]) == (URL, "ephemeral", False)


async def test_nobody_finds_what_they_may_not_read(bench: MemoryWorld) -> None:
    await many(bench, 2)
    await execute(CreateExperiment(key="in-shop", title="One of many", project="shop"), ADMIN, bench.world)
    reader = Actor(workspace=ADA.workspace, user="U0X", role=Role.OUTSIDER, projects={"shop": Role.VIEWER})
    for handler, words in ((fleet.by_command, ("all",)), (fleet.search, ("many",)), (fleet.by_command, ())):
        answer = await Asking(bench, reader)(handler, *words)
        assert "1 experiment" in answer["text"]
        assert "number" not in str(answer["blocks"])


async def test_many_departments_are_found_as_somebody_types(bench: MemoryWorld) -> None:
    for number in range(FEW_DEPARTMENTS + 1):
        rules = Project(name=f"project-{number}", department=f"Department {number}")
        await change_policies(SetProject(project=rules), ADMIN, bench.world)
    assert "external_select" in str((await Asking(bench)(fleet.by_command))["blocks"])
    turn = Turn(later=lambda work: work.close(), workspace=ADA.workspace, user=ADA.user, value="department 1")
    found = [value for value, _ in await fleet.departments(turn, ADA, bench.world)]
    assert found == ["Department 1", "Department 10", "Department 11", "Department 12"]
