"""OFREP: an application asks which variant somebody gets, of one flag or of all; any OpenFeature client speaks it."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import msgspec

from bot.exposures import Exposures
from bot.traffic import Served, Snapshot
from bot.web.answer import Answer, refusal
from experiments.assignment import Assignment, Why, assign

LONGEST_UNIT = 200
AT_ONCE = 250
REASONS = {Why.ASSIGNED: "SPLIT", Why.TESTER: "TARGETING_MATCH", Why.NOT_SERVING: "DISABLED"}
NO_KEY = "The context has no targetingKey: send the id of the person, session or request that gets a variant."
BAD_KEY = f"The targetingKey is not a text of at most {LONGEST_UNIT} characters."
NO_FLAG = "No experiment of this project serves a flag of this key."
SEND = 'Send {"context": {"targetingKey": "…"}}.'
NOT_JSON = f"The body is not JSON. {SEND}"
NO_CONTEXT = f"The request has no context that can be read. {SEND}"
UNREADABLE = (ValueError, RecursionError)


class Question(msgspec.Struct, gc=False):
    """The body of a request."""

    context: dict[str, Any]


READ = msgspec.json.Decoder(Question).decode


class Ofrep:
    """Answers out of the snapshot; `evaluations` counts the flags that were answered for."""

    def __init__(self, snapshot: Snapshot, exposures: Exposures) -> None:
        self._snapshot = snapshot
        self._exposures = exposures
        self.evaluations = 0

    def one(self, project: str, key: str, content: bytes) -> Answer:
        """What somebody gets of one flag. Being exposed to it is recorded."""
        try:
            context = READ(content).context
        except UNREADABLE as error:
            return _unreadable(error, key=key[:LONGEST_UNIT])
        served = self._snapshot.flag(project, key)
        if served is None:
            return refusal(404, "FLAG_NOT_FOUND", NO_FLAG, key=key[:LONGEST_UNIT])
        unit = context.get("targetingKey")
        if not isinstance(unit, str) or not 0 < len(unit) <= LONGEST_UNIT:
            return _without_unit(served, unit)
        self.evaluations += 1
        assignment = assign(served.flag, unit, context)
        if assignment.exposed:
            self._exposures.saw(served.flag, assignment.variant, unit, context)
        return served.answers.get(assignment) or _rendered(served, assignment)

    async def all(self, project: str, content: bytes, known: bytes = b"") -> Answer:
        """What somebody gets of all flags of the project, each answered for itself; nothing when it is what they
        have already, by the `known` ETag. No exposure: they may never come where a flag matters."""
        try:
            context = READ(content).context
        except UNREADABLE as error:
            return _unreadable(error)
        unit, parts = context.get("targetingKey"), []
        who = unit if isinstance(unit, str) and 0 < len(unit) <= LONGEST_UNIT else None
        flags = self._snapshot.flags(project)
        for number, served in enumerate(flags, 1):
            if who is None:
                answer = _without_unit(served, unit)
            else:
                assignment = assign(served.flag, who, context)
                answer = served.answers.get(assignment) or _rendered(served, assignment)
            parts.append(answer.content)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        self.evaluations += len(flags)
        found = b'{"flags":[' + b",".join(parts) + b"]}"
        etag = b'"' + hashlib.blake2b(found, digest_size=16).hexdigest().encode() + b'"'
        if known and etag in known.replace(b"W/", b"").replace(b" ", b"").split(b","):
            return Answer(304, b"", (b"etag", etag))
        return Answer(200, found, (b"etag", etag))


def _unreadable(error: Exception, **about: str) -> Answer:
    """What is wrong with a body that is no request."""
    if isinstance(error, msgspec.ValidationError):
        return refusal(400, "INVALID_CONTEXT", NO_CONTEXT, **about)
    return refusal(400, "PARSE_ERROR", NOT_JSON, **about)


def _without_unit(served: Served, unit: object) -> Answer:
    """What nobody in particular gets: control where everybody has it, else that the targeting key is wanted."""
    flag = served.flag
    if flag.serves == "control":
        assignment = assign(flag, "", {})
        return served.answers.get(assignment) or _rendered(served, assignment)
    missing = unit is None or unit == ""
    if (answer := served.answers.get(missing)) is None:
        code, details = ("TARGETING_KEY_MISSING", NO_KEY) if missing else ("INVALID_CONTEXT", BAD_KEY)
        answer = served.answers[missing] = refusal(400, code, details, key=flag.key)
    return answer


def _rendered(served: Served, assignment: Assignment) -> Answer:
    """The answer of this flag and assignment, kept for all who get the same."""
    flag, (variant, why, exposed) = served.flag, assignment
    answer = served.answers[assignment] = Answer(
        200,
        msgspec.json.encode(
            {
                "key": flag.key,
                "value": flag.values[variant],
                "variant": variant,
                "reason": REASONS.get(why, "STATIC"),
                "metadata": {
                    "experiment": flag.key,
                    "project": flag.project,
                    "phase": flag.phase,
                    "exposed": exposed,
                    "why": why.value,
                },
            }
        ),
    )
    return answer
