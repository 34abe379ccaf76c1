"""Notices: what is chosen of news, lines for one person, bursts, the log of deliveries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from experiments.announcements import Announcement, Event
from experiments.model import Experiment, Status
from experiments.outbox import Delivery, DeliveryState
from experiments.preferences import Preferences, Style
from experiments.readout import VerdictStatus
from experiments.running import Reading, Significance
from handlers.surfaces.change import changes
from handlers.surfaces.deliveries import deliveries_modal, out_of_reach, retried, undelivered
from handlers.surfaces.kit import Message, View
from handlers.surfaces.news import news
from handlers.surfaces.notification_settings import muted, notifications_modal, trial, unmuted
from handlers.surfaces.subscribe_modal import subscribe_modal, subscribed
from tests.handlers.surfaces.situations import ADA, BO, LONG, NOW, bait, experiment, hostile

CHANNEL = "C0EXPERIMENTS"
QUIET = Preferences(subject=CHANNEL)
BUSY = Preferences(
    subject=CHANNEL,
    events=(Event.DECISION, Event.ALARM, Event.DIGEST),
    projects=("checkout", "search"),
    tags=("pricing",),
    experiments=("search-prompt",),
    style=Style.COMPACT,
    tz="Asia/Kolkata",
    quiet_from=time(18, 30),
    quiet_until=time(8, 0),
    digest_weekday=4,
    digest_at=time(16, 0),
    muted_until=NOW + timedelta(days=1),
    muted_keys={"checkout-button": NOW + timedelta(hours=2), "old": NOW - timedelta(days=1)},
    changed_by=BO,
)
NOISY = Preferences(
    subject=CHANNEL,
    projects=tuple(f"{n} {bait(50)}" for n in range(100)),
    tags=tuple(f"{n}{bait(30)}".replace(" ", "-") for n in range(50)),
    experiments=tuple(f"experiment-number-{n}" for n in range(100)),
    muted_keys={f"experiment-number-{n}": NOW + timedelta(hours=2) for n in range(100)},
    changed_by="<!channel>",
)
MINE = Preferences(subject=ADA, experiments=("checkout-button",), changed_by=ADA)
WROTE = {"actor": BO, "sentence": "added an observation: the queue is longer than last week"}


def payload(about: Experiment, event: Event, **more: Any) -> dict[str, Any]:
    said = {"actor": BO, "sentence": "stopped it (harm); traffic returned to control"}
    return {"experiment": about.model_dump(mode="json"), "event": event.value, **said, **more}


def read(about: Experiment, words: str) -> Experiment:
    reading = Reading(
        number=1,
        day=5.0,
        status=VerdictStatus.UNHEALTHY,
        sentence=words,
        significance=Significance.NOT_SHOWN,
        at=NOW,
    )
    return about.evolve(reading=reading)


def delivery(number: int, state: DeliveryState, surface: str = "card", **changes: Any) -> Delivery:
    about = changes.pop("about", experiment(Status.RUNNING))
    said = Announcement(
        surface=surface,
        stream=about.key,
        channel=changes.pop("channel", CHANNEL),
        payload={"experiment": about.model_dump(mode="json")},
    )
    return Delivery(id=number, announcement=said, state=state, created_at=NOW, at=NOW, **changes)


LOG = (
    delivery(6, DeliveryState.WAITING, "change", reason="ratelimited", attempts=2),
    delivery(5, DeliveryState.REFUSED, reason="not_in_channel", channel="C0GENERAL"),
    delivery(4, DeliveryState.REFUSED, "news", reason="account_inactive", channel=BO),
    delivery(3, DeliveryState.DELIVERED, "review_request"),
    delivery(2, DeliveryState.DELIVERED, "change"),
    delivery(1, DeliveryState.DELIVERED),
)


def messages() -> Iterator[tuple[str, Message]]:
    running, nasty = experiment(Status.RUNNING), hostile(Status.RUNNING)
    yield "changes", changes(running, [WROTE, {"actor": ADA, "sentence": "paused it"}, WROTE])
    yield "changes many", changes(running, [{**WROTE, "sentence": f"added note {n}"} for n in range(20)], 10)
    yield "changes hostile", changes(nasty, [{"actor": "<!channel>", "sentence": bait(3000)}] * 20, 4_000)
    for event in (Event.NEEDS_PEOPLE, Event.DECISION, Event.CHANGE):
        yield f"news {event.value}", news(running, payload(running, event))
    alarmed = read(running, "The sample is out of balance: 5,210 and 4,790 users where half were expected.")
    yield "news alarm", news(alarmed, payload(alarmed, Event.ALARM))
    yield "news compact", news(running, payload(running, Event.DECISION, style="compact"))
    yield "news needed", news(running, payload(running, Event.NEEDS_PEOPLE, needed=True))
    yield "news several", news(running, payload(running, Event.CHANGE, changes=[WROTE] * 8, earlier=3))
    for style in Style:
        many = payload(nasty, Event.CHANGE, changes=[{"actor": "<!here>", "sentence": bait(3000)}] * 20, style=style)
        yield f"news hostile {style.value}", news(nasty, many)
    worst = read(nasty, bait(3000))
    yield "news hostile alarm", news(worst, payload(worst, Event.ALARM))
    yield "undelivered", undelivered(payload(running, Event.CARD), "C0GENERAL", "not_in_channel", 7)
    yield "undelivered archived", undelivered(payload(running, Event.CARD), "C0GENERAL", "is_archived", 7)
    yield "undelivered digest", undelivered({"digest": {}}, "C0GENERAL", "is_archived", 7)
    yield "undelivered hostile", undelivered(payload(nasty, Event.CARD), "<!channel>", bait(LONG), 7)
    yield "out of reach", out_of_reach(payload(running, Event.NEEDS_PEOPLE), BO, "account_inactive", 7)
    yield "out of reach hostile", out_of_reach(payload(nasty, Event.NEEDS_PEOPLE), "U<!channel>", bait(LONG), 7)
    yield "subscribed", subscribed(BUSY)
    yield "subscribed me", subscribed(MINE)
    yield "subscribed full", subscribed(NOISY)
    until = NOW + timedelta(days=1)
    yield "muted", muted(QUIET, "", until)
    yield "muted one", muted(QUIET, "checkout-button", until)
    yield "muted for me", muted(MINE, "", until)
    yield "unmuted", unmuted(BUSY, "")
    yield "unmuted one", unmuted(MINE, "checkout-button")
    yield "test message", trial(ADA, QUIET)


def views() -> Iterator[tuple[str, View]]:
    some = (experiment(Status.RUNNING), experiment(key="search-prompt"))
    yield "subscribe", subscribe_modal(QUIET, ("checkout", "general"), some, CHANNEL)
    yield "subscribe chosen", subscribe_modal(BUSY, ("checkout", "general"), some, CHANNEL)
    yield "subscribe me", subscribe_modal(MINE, ("checkout", "general"), some, CHANNEL)
    yield "subscribe first day", subscribe_modal(Preferences(subject=ADA), (), (), "")
    crowd = tuple(hostile(key=f"experiment-number-{n}") for n in range(150))
    yield "subscribe full", subscribe_modal(NOISY, tuple(f"{n} {bait(50)}" for n in range(150)), crowd, CHANNEL)
    yield "notifications", notifications_modal(QUIET, NOW, "Europe/Berlin", CHANNEL)
    yield "notifications chosen", notifications_modal(BUSY, NOW, "Europe/Berlin", CHANNEL)
    yield "notifications me", notifications_modal(MINE, NOW, "Europe/Berlin", "", "✅ Saved.")
    yield "notifications full", notifications_modal(NOISY, NOW, "Europe/Berlin", CHANNEL, "✅ The test arrived.")
    yield "deliveries", deliveries_modal(LOG)
    yield "deliveries none", deliveries_modal(())
    yield "deliveries all well", deliveries_modal(LOG[3:], retried(False))
    nasty = tuple(
        delivery(n, DeliveryState.REFUSED, "<!channel>", reason=bait(300), about=hostile(), channel="<!channel>")
        for n in range(200)
    )
    yield "deliveries full", deliveries_modal(nasty, retried(True))
