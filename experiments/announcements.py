"""What is said about a change: which messages it leaves in the outbox, as immutable payloads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from experiments.audit import AuditRecord
from experiments.model import Experiment, Status
from experiments.readout import VerdictStatus
from experiments.texts import Frozen, Words

CARD = "card"
LIVE_CARD = "live"
EXPIRED = "review_expired"
SETTLE_SECONDS = 3.0
"""How long a change that needs nobody waits for others to be told in one message with it."""
MOST_TOLD = 20
TELL_NOTHING = frozenset(
    {
        *("CreateExperiment", "CloneExperiment", "ImportAggregates", "RecordMeasurements", "RecordReading"),
        *("ExpireReview", "RaiseAlarm"),
    }
)
"""What no note in the thread tells: who asked for a review that expired is told so by name."""
ALARMING = frozenset({VerdictStatus.UNHEALTHY, VerdictStatus.ROLL_BACK})


class Event(Words):
    """What kind of news it is, as people choose what to hear of."""

    CARD = "card"
    NEEDS_PEOPLE = "needs_people"
    ALARM = "alarm"
    DECISION = "decision"
    CHANGE = "change"
    SIGNIFICANCE = "significance"
    DIGEST = "digest"


class Announcement(Frozen):
    """One message to deliver once.

    `surface` names the function that draws it, `payload` is all that function gets. A message with a `slot` is edited
    in place wherever it stands; one with `thread_of` goes into the thread of that slot. Messages of one `stream` are
    delivered in order. What may `settle` for some seconds takes others of its kind along, see `joined`; `due_at` is the
    end of somebody's quiet hours.
    """

    surface: str
    stream: str
    channel: str
    payload: dict[str, Any]
    slot: str = ""
    thread_of: str = ""
    event: Event = Event.CHANGE
    settle: float = 0.0
    due_at: datetime | None = None


def joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any] | None:
    """The payload that tells the changes of both, of very many the newest and how many came before them; None where
    one of the two is no list of changes."""
    if "changes" not in earlier or "changes" not in later:
        return None
    told = [*earlier["changes"], *later["changes"]]
    before = earlier.get("earlier", 0) + later.get("earlier", 0) + max(0, len(told) - MOST_TOLD)
    return {**later, "changes": told[-MOST_TOLD:], "earlier": before}


def announcements(
    record: AuditRecord, before: Experiment | None, after: Experiment, *, routed: bool = False
) -> tuple[Announcement, ...]:
    """The card redrawn, the change told in its thread, and what needs a person said in the experiment's own channel;
    `audience` says who else hears of it.

    `routed` says whether traffic follows by itself. An experiment that an import made says nothing: a file may bring a
    hundred of them, and its report names them.
    """
    made_by_import = record.command == "ImportAggregates" and record.status_before is None
    made_by_import |= record.command == "RecordReading" and after.started_at is None
    if made_by_import:
        return ()
    snapshot = {
        "experiment": after.model_dump(mode="json"),
        "actor": record.actor,
        "sentence": record.sentence,
        "routed": routed,
    }

    def announce(surface: str, event: Event, **place: str) -> Announcement:
        return Announcement(
            surface=surface, stream=after.key, channel=after.channel, payload=snapshot, event=event, **place
        )

    said = [announce("card", Event.CARD, slot=CARD)]
    if record.command not in TELL_NOTHING and not _is_quiet_edit(record, after):
        change = announce("change", Event.CHANGE, thread_of=CARD)
        told = {**snapshot, "changes": [{"actor": record.actor, "sentence": record.sentence, **_turn(record, after)}]}
        said.append(change.model_copy(update={"payload": told, "settle": SETTLE_SECONDS}))
    if surface := _of_review(record, after):
        said.append(announce(surface, Event.NEEDS_PEOPLE, slot=f"review-{after.review_count}"))
    for name, was, now in (
        ("promotion", before and before.promotion, after.promotion),
        ("loosening", before and before.loosening, after.loosening),
    ):
        if was and was != now:
            said.append(announce(f"{name}_settled", Event.NEEDS_PEOPLE, slot=f"{name}-{was.at:%Y%m%d%H%M%S%f}"))
        if now and now != was:
            said.append(announce(f"{name}_request", Event.NEEDS_PEOPLE, slot=f"{name}-{now.at:%Y%m%d%H%M%S%f}"))
    if record.command == "ExpireReview" and before and before.review:
        told = {**snapshot, "asked_by": before.review.requested_by}
        expired = announce(EXPIRED, Event.NEEDS_PEOPLE, thread_of=CARD)
        said.append(expired.model_copy(update={"payload": told}))
    if record.command == "SuspendSchedule":
        said.append(announce("suspended", Event.NEEDS_PEOPLE))
    if _is_alarming(before, after):
        said.append(announce("alarm", Event.ALARM))
    if record.command == "LogDecision":
        said.append(announce("decision", Event.DECISION))
    if after.breach and (before is None or before.breach != after.breach):
        said.append(announce("guardrail", Event.ALARM))
    elif record.command == "RollBack":
        said.append(announce("rolled_back", Event.DECISION))
    if _moves_live_card(before, after):
        said.append(announce(LIVE_CARD, Event.CARD, slot=LIVE_CARD))
    return tuple(said)


def _moves_live_card(before: Experiment | None, after: Experiment) -> bool:
    """Whether a canary or a rollout begins, ends, or gets another share: what was found before is not of this one."""
    if not _has_live_card(after) and not (before and _has_live_card(before)):
        return False
    return before is None or _standing(before) != _standing(after)


def _has_live_card(experiment: Experiment) -> bool:
    is_canary = experiment.is_live and experiment.design.canary is not None
    return is_canary or experiment.status is Status.ROLLING_OUT


def _standing(experiment: Experiment) -> tuple[object, ...]:
    return experiment.status, len(experiment.phases), experiment.rollout


def _turn(record: AuditRecord, after: Experiment) -> dict[str, str]:
    """Whose move it is once a reviewer has answered: an edited request rings nowhere."""
    is_over = record.command in {"ApproveReview", "RequestChanges"} and after.status is not Status.IN_REVIEW
    return {"to": after.owner} if is_over else {}


def _of_review(record: AuditRecord, after: Experiment) -> str | None:
    """The request posted or redrawn while the review is under way, and what became of it afterwards."""
    redrawn = record.command in {"ApproveReview", "EditExperiment"} and after.status is Status.IN_REVIEW
    if record.command == "RequestReview" or redrawn:
        return "review_request"
    ended = record.status_before == Status.IN_REVIEW and after.status is not Status.IN_REVIEW
    return "review_settled" if ended else None


def _is_alarming(before: Experiment | None, after: Experiment) -> bool:
    """Whether the newest reading turned bad while it runs."""
    was, now = before.reading if before else None, after.reading
    if now is None or now == was or not after.is_live or now.status not in ALARMING:
        return False
    return was is None or was.status is not now.status


def _is_quiet_edit(record: AuditRecord, after: Experiment) -> bool:
    return record.command == "EditExperiment" and record.status_before == after.status
