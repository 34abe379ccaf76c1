"""Opening: a command with a key, a button, or a picker lead into the same modal."""

from __future__ import annotations

import pytest

from experiments.errors import Forbidden, NotFound
from experiments.model import Status
from experiments.permissions import Role
from handlers import archive, create, decide, note, review, start, stop
from handlers.chart import COMMANDS as TOGETHER
from handlers.opening import Opening
from handlers.table import ACTIONS, COMMANDS, PICKS, VIEWS
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import DEE, MemoryWorld

OPENINGS = [
    (create.edit, Status.DRAFT, "create_what"),
    (review.review, Status.DRAFT, "review"),
    (start.start, Status.APPROVED, "start"),
    (stop.stop, Status.RUNNING, "stop"),
    (note.note, Status.RUNNING, "note"),
    (decide.decide, Status.STOPPED, "decide"),
    (archive.archive, Status.DECIDED, "archive"),
]
each_opening = pytest.mark.parametrize(
    ("opening", "status", "callback"), OPENINGS, ids=lambda each: each.verb if isinstance(each, Opening) else str(each)
)


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


@each_opening
async def test_every_door_leads_to_the_same_modal(
    opening: Opening, status: Status, callback: str, bench: MemoryWorld
) -> None:
    experiment = await lead_to(status, bench)
    ask = Asking(bench)
    await ask(opening.by_command, KEY)
    by_command = ask.opened()
    await ask(opening.by_button, value=f"{KEY}@{experiment.revision}")
    by_button = ask.opened()
    await ask(opening.by_command)
    picker = submitted(ask.opened(), key=KEY)
    by_pick = await ask(opening.by_pick, view=picker)
    assert by_command["callback_id"] == callback
    assert by_command == by_button == by_pick["view"]
    assert by_pick["response_action"] == "update"


@each_opening
async def test_where_it_makes_no_sense_it_says_so(
    opening: Opening, status: Status, callback: str, bench: MemoryWorld
) -> None:
    answer = await Asking(bench)(opening.by_command)
    assert "No experiment is ready for" in answer["text"]
    assert not bench.slack.calls


async def test_the_picker_holds_only_what_the_verb_fits(bench: MemoryWorld) -> None:
    running = await lead_to(Status.RUNNING, bench)
    bench.tables.experiments["ended"] = running.evolve(key="ended", status=Status.STOPPED)
    ask = Asking(bench)
    await ask(stop.stop.by_command)
    picker = ask.opened()
    options = picker["blocks"][0]["element"]["options"]
    assert [option["value"] for option in options] == [KEY]
    assert CHANNEL in picker["private_metadata"]


async def test_in_a_modal_the_next_one_comes_on_top(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    await Asking(bench)(stop.stop.by_button, value=f"{KEY}@1", view={"type": "modal", "id": "V1"})
    assert [call.method for call in bench.slack.calls] == ["views.push"]


async def test_an_unknown_key_is_told_before_anything_opens(bench: MemoryWorld) -> None:
    with pytest.raises(NotFound):
        await Asking(bench)(start.start.by_command, "nothing")
    assert not bench.slack.calls


async def test_a_button_pressed_too_late_explains_itself(bench: MemoryWorld) -> None:
    await lead_to(Status.STOPPED, bench)
    ask = Asking(bench)
    await ask(stop.stop.by_button, value=f"{KEY}@1")
    assert "is stopped already" in str(ask.opened()["blocks"])
    assert "submit" not in ask.opened()


def test_every_command_that_opens_a_modal_has_its_button_and_its_form() -> None:
    twins = {"analyze": "results", "actions": "more", "unsubscribe": "subscribe", **dict.fromkeys(TOGETHER, "chart")}
    assert {twins.get(word, word) for word in COMMANDS} - {"", "help"} <= set(ACTIONS)
    assert set(PICKS) <= set(COMMANDS)
    assert {"review", "start", "stop", "note", "decide", "import", "archive"} <= set(VIEWS)


@each_opening
async def test_nobody_fills_in_what_would_be_refused(
    opening: Opening, status: Status, callback: str, bench: MemoryWorld
) -> None:
    await lead_to(status, bench)
    viewer = Asking(bench, DEE.model_copy(update={"role": Role.VIEWER}))
    for door in (viewer(opening.by_command, KEY), viewer(opening.by_button, value=f"{KEY}@1")):
        with pytest.raises(Forbidden, match="needs the role experimenter"):
            await door
    assert not bench.slack.calls
