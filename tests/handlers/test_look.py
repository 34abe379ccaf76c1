"""Look: own work, lists, one experiment, and words that are no command."""

from __future__ import annotations

import re

import pytest

from experiments.commands import AddNote
from experiments.errors import Forbidden, NotFound
from experiments.execute import execute
from experiments.model import Status
from experiments.permissions import Permission, Role, allows
from handlers import fleet, home, import_data, look, stop
from handlers.table import COMMANDS
from handlers.turn import Ack, Turn
from tests.experiments.stages import KEY, lead_to
from tests.handlers.asking import Asking, submitted
from tests.storage.samples import draft, in_review
from tests.worlds import ADA, BO, CHEN, DEE, MemoryWorld


@pytest.fixture
def bench() -> MemoryWorld:
    return MemoryWorld()


async def test_alone_it_shows_what_is_mine_and_what_waits_for_me(bench: MemoryWorld) -> None:
    await draft(bench.world, "mine")
    await in_review(bench.world, "asked", reviewers=("U0BO",))
    ada, bo = await Asking(bench)(look.own_work), await Asking(bench, BO)(look.own_work)
    assert "mine" in str(ada["blocks"])
    assert "waits for your review" not in str(ada["blocks"])
    assert "waits for your review" in str(bo["blocks"])
    assert "Nothing of yours" in (await Asking(bench, CHEN)(look.own_work))["text"]


async def test_what_is_over_is_no_longer_my_work(bench: MemoryWorld) -> None:
    await lead_to(Status.ARCHIVED, bench)
    assert "Nothing of yours" in (await Asking(bench)(look.own_work))["text"]


async def test_help_names_every_command(bench: MemoryWorld) -> None:
    shown = str((await Asking(bench)(look.help_))["blocks"])
    said = set(re.findall(r"[a-z_]+", shown))
    assert set(COMMANDS) - {"", "help"} <= said
    assert "more lines" not in shown


@pytest.mark.parametrize(
    ("word", "near"), [("creat", "create"), ("RESULT", "results"), ("desicde", "decide"), ("arhive", "archive")]
)
async def test_the_nearest_commands_are_offered(word: str, near: str, bench: MemoryWorld) -> None:
    said = await unknown(bench, word)
    assert f"/experiment {near}" in said


async def unknown(bench: MemoryWorld, word: str) -> str:
    async def handler(ack: Ack, turn: Turn, actor: object, world: object) -> None:
        await look.unknown(ack, turn, ADA, bench.world, tuple(each for each in COMMANDS if each))

    return str((await Asking(bench)(handler, word))["text"])


@pytest.mark.parametrize("word", ["frobnicate", "x"])
async def test_no_far_fetched_command_is_offered(word: str, bench: MemoryWorld) -> None:
    assert "Did you mean" not in await unknown(bench, word)


async def test_only_what_is_near_is_offered(bench: MemoryWorld) -> None:
    assert "Did you mean `/experiment create`?" in await unknown(bench, "creat")


async def test_the_name_of_an_experiment_leads_to_a_look_at_it(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    assert f"Did you mean `/experiment show {KEY}`?" in await unknown(bench, KEY.upper())


async def test_a_word_like_no_other_is_answered_with_help_and_pings_nobody(bench: MemoryWorld) -> None:
    said = await unknown(bench, "<!channel>")
    assert "<!channel>" not in said
    assert "&lt;!channel&gt;" in said
    assert "help" in said


async def test_show_tells_notes_and_history(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    await execute(AddNote(key=KEY, text="Traffic doubled on Tuesday."), BO, bench.world)
    shown = str((await Asking(bench)(look.show_by_command, KEY))["blocks"])
    assert "Traffic doubled on Tuesday." in shown
    assert "approved" in shown


async def test_show_without_a_key_lets_one_pick(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    ask = Asking(bench)
    await ask(look.show_by_command)
    view = submitted(ask.opened(), key=KEY)
    answer = await ask(look.show_by_pick, view=view)
    assert answer == {"response_action": "clear"}
    [told] = bench.slack.made("chat.postEphemeral")
    assert KEY in str(told["blocks"])


async def test_show_of_nothing_says_so(bench: MemoryWorld) -> None:
    with pytest.raises(NotFound):
        await Asking(bench)(look.show_by_button, value="nothing@1")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EXPERIMENTER])
async def test_only_who_may_begin_an_experiment_is_offered_to(role: Role, bench: MemoryWorld) -> None:
    await lead_to(Status.DRAFT, bench)
    reader = DEE.model_copy(update={"role": role})
    ask = Asking(bench, reader)
    await home.publish(reader, bench.world)
    offers = [str(bench.slack.made("views.publish")[-1]["view"])]
    for handler, words in ((look.own_work, ()), (look.help_, ()), (fleet.by_command, ()), (fleet.search, ("nothing",))):
        offers.append(str((await ask(handler, *words))["blocks"]))
    offers.append(str((await ask(stop.stop.by_command))["blocks"]))
    assert ["'action_id': 'create'" in each for each in offers] == [role > Role.VIEWER] * len(offers)


async def test_the_form_of_an_import_opens_for_those_who_may_import(bench: MemoryWorld) -> None:
    await lead_to(Status.RUNNING, bench)
    viewer = DEE.model_copy(update={"role": Role.VIEWER})
    with pytest.raises(Forbidden, match="you are a viewer here"):
        await Asking(bench, viewer)(import_data.open_form)
    owner = Asking(bench, ADA.model_copy(update={"role": Role.VIEWER}))
    await owner(import_data.open_form)
    assert owner.opened()["callback_id"] == "import"


def test_a_guest_is_not_sent_for_a_role_that_guests_do_not_get() -> None:
    guest = DEE.model_copy(update={"role": Role.VIEWER, "is_guest": True})
    refusal = str(allows(Permission.CREATE, guest, None))
    assert "can only read" in refusal
    assert "/experiment roles" not in refusal
