"""Subscribe, unsubscribe and mute: for a channel or for oneself, by command and by button."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from experiments.announcements import Event
from experiments.commands import AddNote, CreateExperiment
from experiments.errors import BadInput, BunsenError, Forbidden, NotFound
from experiments.execute import execute
from experiments.permissions import Role
from experiments.preferences import Preferences, Style
from handlers import deliveries, notifications, subscribe
from handlers.deliver import deliver_due
from tests.handlers.asking import CHANNEL, Asking, submitted
from tests.worlds import ADA, BO, MONDAY, MemoryWorld

KEY = "faster-search"
DM = "D0ADA"


@pytest.fixture
async def bench() -> MemoryWorld:
    bench = MemoryWorld()
    made = CreateExperiment(key=KEY, title="Faster search", project="search", channel="C0SEARCH")
    await execute(made, ADA, bench.world)
    return bench


@pytest.fixture
def ada(bench: MemoryWorld) -> Asking:
    return Asking(bench)


def chosen(bench: MemoryWorld, subject: str = CHANNEL) -> Preferences:
    return bench.tables.preferences[subject]


async def test_a_channel_chooses_by_form(bench: MemoryWorld, ada: Asking) -> None:
    await ada(subscribe.by_command)
    form = ada.opened()
    assert "<#C0EXPERIMENTS>" in str(form)
    sent = submitted(form, tags="pricing, Check out", events=["decision", "digest"])
    sent["state"]["values"]["projects"] = {
        "projects": {"type": "multi_static_select", "selected_options": [{"value": "search"}]}
    }
    answer = await ada(subscribe.submit, view=sent)
    after = chosen(bench)
    assert (after.projects, after.tags, after.events) == (
        ("search",),
        ("pricing", "check-out"),
        (Event.DECISION, Event.DIGEST),
    )
    assert after.changed_by == ADA.user
    assert (answer["response_action"], answer["view"]["callback_id"]) == ("update", "notifications")
    assert "✅ Saved." in str(answer["view"]["blocks"][0])
    await ada(subscribe.submit, view={**sent, "previous_view_id": "V5"})
    await ada.afterwards()
    [below] = bench.slack.made("views.update")
    assert (below["view_id"], "*Follows* the experiments that live here" in str(below["view"])) == ("V5", True)


async def test_in_a_direct_message_it_is_for_oneself(bench: MemoryWorld, ada: Asking) -> None:
    said = await ada(subscribe.by_command, KEY, channel=DM)
    assert chosen(bench, ADA.user).experiments == (KEY,)
    assert "reaches you" in said["text"]


async def test_from_the_channels_form_to_ones_own_and_back(ada: Asking, bench: MemoryWorld) -> None:
    await ada(subscribe.by_command)
    form = {**ada.opened(), "id": "V7"}
    await ada(subscribe.other, view=form, value="me", channel="")
    [mine] = bench.slack.made("views.update")
    assert mine["view_id"] == "V7"
    assert "reaches you by direct message" in str(mine["view"])
    await ada(subscribe.other, view={**mine["view"], "id": "V7"}, value=CHANNEL, channel="")
    assert "<#C0EXPERIMENTS>" in str(bench.slack.made("views.update")[-1]["view"])


async def test_a_key_twice_is_followed_once_and_ended_by_name(bench: MemoryWorld, ada: Asking) -> None:
    await ada(subscribe.by_command, KEY)
    await ada(subscribe.by_command, KEY)
    assert chosen(bench).experiments == (KEY,)
    await ada(subscribe.unsubscribe, KEY)
    assert not chosen(bench).follows_something
    with pytest.raises(BadInput, match="not followed"):
        await ada(subscribe.unsubscribe, KEY)


async def test_unsubscribing_from_all_keeps_how_and_when(bench: MemoryWorld, ada: Asking) -> None:
    bench.tables.preferences[CHANNEL] = Preferences(subject=CHANNEL, everything=True, digest_at=time(16))
    await ada(subscribe.unsubscribe)
    assert (chosen(bench).everything, chosen(bench).digest_at) == (False, time(16))


async def test_what_is_not_there_or_not_readable_cannot_be_followed(bench: MemoryWorld, ada: Asking) -> None:
    with pytest.raises(NotFound):
        await ada(subscribe.by_command, "no-such-thing")
    guest = Asking(bench, BO.model_copy(update={"role": Role.OUTSIDER, "projects": {"checkout": Role.VIEWER}}))
    with pytest.raises(NotFound):
        await guest(subscribe.by_command, KEY)
    with pytest.raises(Forbidden, match="subscribe me"):
        await guest(subscribe.by_command)
    await guest(subscribe.by_command, "me")
    assert KEY not in str(guest.opened())


async def test_nobody_chooses_for_somebody_else(bench: MemoryWorld, ada: Asking) -> None:
    with pytest.raises(Forbidden):
        await ada(subscribe.by_button, value=BO.user)


async def test_too_many_tags_are_refused_at_their_field(ada: Asking) -> None:
    await ada(subscribe.by_command)
    form = submitted(ada.opened(), tags=", ".join(f"tag-{n}" for n in range(60)))
    with pytest.raises(ValueError, match="tags"):
        await ada(subscribe.submit, view=form)


@pytest.mark.parametrize(
    ("words", "key", "wait"),
    [
        ((), "", timedelta(days=1)),
        (("1h",), "", timedelta(hours=1)),
        (("1W",), "", timedelta(weeks=1)),
        ((KEY,), KEY, timedelta(days=1)),
        ((KEY, "2d"), KEY, timedelta(days=2)),
        (("999w",), "", timedelta(weeks=52)),
    ],
)
async def test_muting(words: tuple[str, ...], key: str, wait: timedelta, bench: MemoryWorld, ada: Asking) -> None:
    await ada(notifications.mute, *words)
    until = chosen(bench).muted_keys.get(key) if key else chosen(bench).muted_until
    assert until == MONDAY + wait
    await ada(notifications.unmute, *([key] if key else []))
    assert not chosen(bench).is_muted(KEY, MONDAY)


async def test_muting_a_word_that_is_no_time_looks_for_the_experiment(ada: Asking) -> None:
    with pytest.raises(NotFound):
        await ada(notifications.mute, "0d")


async def test_a_time_that_is_not_understood_is_not_taken_for_a_day(bench: MemoryWorld, ada: Asking) -> None:
    with pytest.raises(BadInput, match="mute KEY 3d"):
        await ada(notifications.mute, KEY, "1y")
    assert CHANNEL not in bench.tables.preferences


async def notification_form(ada: Asking) -> None:
    await ada(notifications.open_notifications)


async def test_quiet_hours_style_and_digest_are_kept(bench: MemoryWorld, ada: Asking) -> None:
    await notification_form(ada)
    answers = {
        "style": "compact",
        "quiet_from": "18:30",
        "quiet_until": "08:00",
        "digest_weekday": "4",
        "digest_at": "16:00",
        "tz": "Asia/Kolkata",
    }
    answer = await ada(notifications.submit, view=submitted(ada.opened(), **answers))
    after = chosen(bench)
    assert (after.style, after.quiet_from, after.quiet_until) == (Style.COMPACT, time(18, 30), time(8))
    assert (after.digest_weekday, after.digest_at, after.tz) == (4, time(16), "Asia/Kolkata")
    assert answer["response_action"] == "update"
    assert answer["view"]["blocks"][0]["text"]["text"] == (
        "✅ Saved: style detailed → compact; quiet hours none → 18:30 to 08:00; "
        "weekly digest Monday at 09:00 → Friday at 16:00; time zone not chosen → Asia/Kolkata."
    )
    await notification_form(ada)
    again = await ada(notifications.submit, view=submitted(ada.opened(), **answers))
    assert "Nothing was changed" in str(again["view"])


@pytest.mark.parametrize(
    ("field", "answers"),
    [
        ("tz", {"tz": "Moon/Tycho"}),
        ("quiet_until", {"quiet_from": "22:00"}),
        ("quiet_until", {"quiet_until": "07:00"}),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(field: str, answers: dict[str, str], ada: Asking) -> None:
    await notification_form(ada)
    with pytest.raises(BunsenError) as refused:
        await ada(notifications.submit, view=submitted(ada.opened(), **answers))
    assert refused.value.field == field


async def test_from_the_app_home_it_is_for_oneself(ada: Asking) -> None:
    await ada(notifications.open_notifications, channel="")
    assert "What reaches you" in str(ada.opened())


@pytest.mark.parametrize(
    ("reason", "words"), [("", "The test arrived"), ("not_in_channel", "/invite @Bunsen"), ("is_archived", "archived")]
)
async def test_a_test_says_what_became_of_it(reason: str, words: str, bench: MemoryWorld, ada: Asking) -> None:
    await notification_form(ada)
    if reason:
        bench.slack.refuse("chat.postMessage", reason)
    await ada(notifications.send_test, view={**ada.opened(), "id": "V7"}, value=CHANNEL, channel="")
    await ada.afterwards()
    assert bench.slack.made("chat.postMessage")[0]["channel"] == CHANNEL
    assert words in str(bench.slack.made("views.update")[-1]["view"])


async def test_mute_and_unmute_on_the_form(bench: MemoryWorld, ada: Asking) -> None:
    await notification_form(ada)
    form = {**ada.opened(), "id": "V7"}
    await ada(notifications.mute_by_button, view=form, value=f"{CHANNEL}@", channel="")
    assert "Everything is muted" in str(bench.slack.made("views.update")[-1]["view"])
    await ada(notifications.unmute_by_button, view=form, value=f"{CHANNEL}@", channel="")
    assert "Everything is muted" not in str(bench.slack.made("views.update")[-1]["view"])


async def test_the_log_shows_what_was_refused_and_tries_it_again(bench: MemoryWorld, ada: Asking) -> None:
    bench.slack.refuse("chat.postMessage", "not_in_channel")
    await deliver_due(bench.world)
    await ada(deliveries.look)
    assert "1 message could not be delivered" in str(ada.opened())
    assert "/invite @Bunsen" in str(ada.opened())
    await ada(deliveries.retry, view={**ada.opened(), "id": "V7"}, value="1", channel="")
    assert bench.tables.outbox[1].state == "waiting"
    await deliver_due(bench.world)
    assert bench.tables.outbox[1].state == "delivered"
    await ada(deliveries.retry, value="1")
    assert "needs no retry" in str(bench.slack.made("chat.postEphemeral")[-1])


async def test_a_card_drawn_many_times_is_one_line_of_the_log(bench: MemoryWorld, ada: Asking) -> None:
    for number in range(5):
        bench.clock.advance(minutes=1)
        await execute(AddNote(key=KEY, text=f"Note {number}."), ADA, bench.world)
        await deliver_due(bench.world)
    await ada(deliveries.look)
    assert str(ada.opened()).count("Card ·") == 1


async def test_nobody_sees_or_retries_what_is_not_for_them(bench: MemoryWorld) -> None:
    outsider = BO.model_copy(update={"role": Role.OUTSIDER, "projects": {"checkout": Role.VIEWER}})
    bo = Asking(bench, outsider)
    bench.slack.refuse("chat.postMessage", "not_in_channel")
    await deliver_due(bench.world)
    await bo(deliveries.look)
    assert "Faster search" not in str(bo.opened())
    await bo(deliveries.retry, value="1")
    assert bench.tables.outbox[1].state == "refused"


@pytest.mark.parametrize("value", ["", "one", "-1"])
async def test_a_retry_of_nothing_is_told(value: str, ada: Asking) -> None:
    with pytest.raises(BadInput):
        await ada(deliveries.retry, value=value)
