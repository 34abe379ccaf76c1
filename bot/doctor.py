"""`bunsen doctor`: is everything there that Bunsen needs, and how to mend what is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.connectors.pictures import Pictures
from bot.connectors.printing import Printing
from bot.connectors.slack import SECONDS, UNREACHABLE
from bot.doctor_data import data_findings
from bot.finding import Finding, State
from bot.manifest import scopes
from bot.settings import Settings
from bot.world import utc_now
from experiments.audit import AuditRecord
from experiments.errors import BunsenError
from experiments.model import Experiment
from experiments.policy import Policies
from experiments.report import Report
from storage import Database

MOST_RECORDS = 1000
SLOW, WRONG = timedelta(seconds=30), timedelta(minutes=4)
"""Slack refuses what is signed five minutes beside its own time."""


MARKS = {State.FINE: "✓", State.NOTE: "•", State.MEND: "✗"}


class Bot(NamedTuple):
    """What Slack said when it was asked who the bot token is: its answer and its headers."""

    answer: Mapping[str, Any]
    headers: Mapping[str, str]


async def examine(settings: Settings, now: Callable[[], datetime] = utc_now) -> list[Finding]:
    """Everything, in the order in which it is worth mending."""
    known, findings = await _bot_token(settings)
    if known:
        findings += [_scopes(known.headers, scopes(settings.public_url)), _clock(known.headers, now())]
    findings += await _connection(settings)
    workspace = str(known.answer.get("team_id", "")) if known else ""
    findings += await _database(settings, workspace, now)
    findings += await data_findings(settings, await _policies(settings, workspace))
    findings += [await _pictures(), await _reports(now), _language_model(settings)]
    return findings


def must_be_mended(findings: list[Finding]) -> bool:
    return any(each.state is State.MEND for each in findings)


def as_text(findings: list[Finding]) -> str:
    """A line each, with what to do below."""
    lines = []
    for each in findings:
        lines.append(f"{MARKS[each.state]} {each.name}: {each.words}")
        lines += [f"    → {each.mend}"] if each.mend else []
    wrong = sum(each.state is State.MEND for each in findings)
    lines.append("")
    lines.append("All is well." if not wrong else f"{wrong} {'thing' if wrong == 1 else 'things'} to mend.")
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    return json.dumps({"ok": not must_be_mended(findings), "findings": [each._asdict() for each in findings]}, indent=2)


def _client(token: str, settings: Settings) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=settings.slack_api_url, timeout=SECONDS, retry_handlers=[])


async def _bot_token(settings: Settings) -> tuple[Bot | None, list[Finding]]:
    token = settings.slack_bot_token.get_secret_value()
    mend = "Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions at api.slack.com/apps."
    if not token:
        return None, [Finding("bot token", State.MEND, "SLACK_BOT_TOKEN is not set.", mend)]
    try:
        answer = await _client(token, settings).auth_test()
    except SlackApiError as error:
        reason = _reason(error)
        return None, [Finding("bot token", State.MEND, f"Slack refuses it ({reason}).", mend)]
    except UNREACHABLE as error:
        words = f"{settings.slack_api_url} does not answer ({type(error).__name__})."
        return None, [Finding("Slack", State.MEND, words, "Check the network, a proxy, and SLACK_API_URL.")]
    said = dict(answer.data) if isinstance(answer.data, dict) else {}
    names = f"{said.get('user', '?')} in {said.get('team', '?')} ({said.get('team_id', '?')})"
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Bot(said, headers), [Finding("bot token", State.FINE, names)]


def _scopes(headers: Mapping[str, str], needed: tuple[str, ...]) -> Finding:
    if "x-oauth-scopes" not in headers:
        return Finding("scopes", State.NOTE, "Slack did not say which scopes the token has.")
    given = {scope.strip() for scope in headers["x-oauth-scopes"].split(",")}
    if missing := sorted(set(needed) - given):
        mend = "Paste the output of `bunsen manifest` into the app's manifest, and install it to the workspace again."
        return Finding("scopes", State.MEND, f"missing: {', '.join(missing)}", mend)
    return Finding("scopes", State.FINE, f"all {len(needed)} are there")


def _clock(headers: Mapping[str, str], now: datetime) -> Finding:
    if "date" not in headers:
        return Finding("clock", State.NOTE, "Slack did not say what time it is.")
    beside = now - parsedate_to_datetime(headers["date"]).astimezone(UTC)
    seconds = abs(beside).total_seconds()
    words = f"{seconds:,.0f} seconds {'ahead of' if beside > timedelta(0) else 'behind'} Slack's"
    if abs(beside) < SLOW:
        return Finding("clock", State.FINE, "agrees with Slack's")
    mend = "Let the machine set its clock by itself (NTP)."
    return Finding("clock", State.MEND if abs(beside) > WRONG else State.NOTE, words, mend)


async def _connection(settings: Settings) -> list[Finding]:
    """At least one way in: Socket Mode by its app token, or HTTP by its signing secret."""
    token, secret = settings.slack_app_token.get_secret_value(), settings.slack_signing_secret.get_secret_value()
    if not token and not secret:
        mend = "Set SLACK_APP_TOKEN (for --socket), or SLACK_SIGNING_SECRET (for --http); see .env.example."
        return [Finding("connection", State.MEND, "neither an app token nor a signing secret is set", mend)]
    findings = [await _app_token(token, settings)] if token else []
    if secret:
        findings.append(Finding("signing secret", State.FINE, "set, for bunsen serve --http"))
    else:
        findings.append(Finding("signing secret", State.NOTE, "not set; only bunsen serve --http needs it"))
    return findings


async def _app_token(token: str, settings: Settings) -> Finding:
    try:
        await _client(token, settings).apps_connections_open(app_token=token)
    except SlackApiError as error:
        mend = (
            "Make an app-level token (xapp-…) with connections:write under Basic Information, and turn Socket Mode on."
        )
        return Finding("app token", State.MEND, f"Slack refuses it ({_reason(error)}).", mend)
    except UNREACHABLE as error:
        return Finding("app token", State.NOTE, f"could not be tried ({type(error).__name__})")
    return Finding("app token", State.FINE, "Slack lets Bunsen connect over Socket Mode")


async def _database(settings: Settings, workspace: str, now: Callable[[], datetime]) -> list[Finding]:
    try:
        database = await Database.open(settings.database_url.get_secret_value())
    except BunsenError as error:
        return [Finding("database", State.MEND, error.words, "Start it, or set BUNSEN_DATABASE_URL.")]
    try:
        if not await database.is_current():
            words = "its tables are not those of this version"
            return [Finding("database", State.MEND, words, "Run `bunsen migrate`.")]
        return [await _writable(database, now), await _records(database, workspace)]
    finally:
        await database.close()


async def _policies(settings: Settings, workspace: str) -> Policies | None:
    """What is set in the workspace, as far as it is known and its database can be read."""
    if not workspace:
        return None
    try:
        database = await Database.open(settings.database_url.get_secret_value())
    except BunsenError:
        return None
    try:
        if not await database.is_current():
            return None
        async with database.reading(workspace) as uow:
            return await uow.policies.get()
    finally:
        await database.close()


class _TakenBack(Exception):
    """Leaves a unit of work without keeping anything."""


async def _writable(database: Database, now: Callable[[], datetime]) -> Finding:
    try:
        async with database.uow("doctor") as uow:
            await uow.schedules.once("doctor", "doctor", "doctor", now())
            raise _TakenBack
    except _TakenBack:
        return Finding("database", State.FINE, "reachable, up to date and writable")
    except BunsenError as error:
        mend = "Look whether the disk is full, the folder belongs to Bunsen, and nobody else holds the database."
        return Finding("database", State.MEND, f"it cannot be written to: {error.words}", mend)


async def _records(database: Database, workspace: str) -> Finding:
    if not workspace:
        return Finding("audit trail", State.NOTE, "not looked at: Slack did not say which workspace this is")
    async with database.reading(workspace) as uow:
        newest = (await uow.audit.all())[-MOST_RECORDS:]
    if broken := _first_broken(newest):
        mend = f"Run `bunsen audit verify --workspace {workspace}`, and compare with a backup."
        return Finding("audit trail", State.MEND, f"the chain is broken at record {broken.number}", mend)
    return Finding("audit trail", State.FINE, f"the chain of the last {len(newest):,} records holds")


def _first_broken(records: tuple[AuditRecord, ...]) -> AuditRecord | None:
    for before, record in zip((None, *records), records, strict=False):
        if record.computed_hash() != record.hash or (before and record.previous != before.hash):
            return record
    return None


async def _pictures() -> Finding:
    return await _tried("pictures", asyncio.to_thread(_drawn), "drawn with its own fonts")


def _drawn() -> bool:
    from charts.canvas import Card, render  # matplotlib loads with the first picture

    def draw(card: Card, words: str) -> None:
        card.write(20, 50, words)

    return render(draw, "Bunsen", size=(400, 100)).startswith(b"\x89PNG")


async def _reports(now: Callable[[], datetime]) -> Finding:
    at = now()
    experiment = Experiment(workspace="doctor", key="doctor", title="Doctor", owner="", created_at=at, updated_at=at)
    return await _tried("reports", _printed(Report(experiment, None, (), (), at, "doctor")), "printed with their fonts")


async def _printed(report: Report) -> bool:
    return (await Printing(Pictures())(report))[0].content.startswith(b"%PDF")


async def _tried(name: str, work: Awaitable[bool], fine: str) -> Finding:
    """Whatever goes wrong in drawing or printing is a finding and no crash."""
    outcome = (await asyncio.gather(work, return_exceptions=True))[0]
    if outcome is True:
        return Finding(name, State.FINE, fine)
    mend = "Install Bunsen again with all that requirements.lock names."
    return Finding(name, State.MEND, f"they cannot be made ({outcome!r:.200})", mend)


def _language_model(settings: Settings) -> Finding:
    if settings.llm_base_url or settings.llm_api_key.get_secret_value():
        return Finding("language model", State.FINE, f"{settings.llm_model} drafts summaries")
    mend = "Set BUNSEN_LLM_API_KEY or BUNSEN_LLM_BASE_URL for drafts in better words."
    return Finding("language model", State.NOTE, "none; summaries are drafted from a template", mend)


def _reason(error: SlackApiError) -> str:
    data = error.response.data
    return str(data.get("error", "?")) if isinstance(data, dict) else f"HTTP {error.response.status_code}"
