"""What is said about a change: which messages it leaves in the outbox, as immutable payloads."""

from __future__ import annotations

from typing import Any

from experiments.audit import AuditRecord
from experiments.model import Experiment, Status
from experiments.texts import Frozen

CARD = "card"


class Announcement(Frozen):
    """One message to deliver once.

    `surface` names the function that draws it, `payload` is all that function gets. A message with a `slot` is edited
    in place wherever it stands; one with `thread_of` goes into the thread of that slot. Messages of one `stream` are
    delivered in order.
    """

    surface: str
    stream: str
    channel: str
    payload: dict[str, Any]
    slot: str = ""
    thread_of: str = ""


def announcements(record: AuditRecord, after: Experiment) -> tuple[Announcement, ...]:
    """The card redrawn, the change told in its thread, and what needs a person said in the channel.

    An experiment that an import made says nothing: a file may bring a hundred of them, and its report names them.
    """
    made_by_import = record.command == "ImportAggregates" and record.status_before is None
    if not after.channel or made_by_import:
        return ()
    snapshot = {"experiment": after.model_dump(mode="json"), "actor": record.actor, "sentence": record.sentence}

    def announce(surface: str, **place: str) -> Announcement:
        return Announcement(surface=surface, stream=after.key, channel=after.channel, payload=snapshot, **place)

    said = [announce("card", slot=CARD)]
    if record.command not in {"CreateExperiment", "ImportAggregates"} and not _is_quiet_edit(record, after):
        said.append(announce("change", thread_of=CARD))
    if record.command == "RequestReview":
        said.append(announce("review_request", slot=f"review-{after.review_count}"))
    elif record.status_before == Status.IN_REVIEW and after.status is not Status.IN_REVIEW:
        said.append(announce("review_settled", slot=f"review-{after.review_count}"))
    if record.command == "LogDecision":
        said.append(announce("decision"))
    return tuple(said)


def _is_quiet_edit(record: AuditRecord, after: Experiment) -> bool:
    return record.command == "EditExperiment" and record.status_before == after.status
