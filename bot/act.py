"""`bunsen do`: any command given at a terminal, with the checks it meets in Slack; messages wait for the bot."""

from __future__ import annotations

import difflib
import json
from typing import NamedTuple

from pydantic import ValidationError

from bot.offline import offline_world
from bot.settings import Settings
from experiments.commands import COMMANDS, Command
from experiments.errors import (
    AlreadyDone,
    BadInput,
    BunsenError,
    Forbidden,
    IllegalTransition,
    Incomplete,
    KeyTaken,
    NotFound,
    Stale,
)
from experiments.execute import change_policies, execute
from experiments.faults import fault_words
from experiments.permissions import Actor
from experiments.policy import AUDITED_AS, SUBJECT, PolicyCommand
from experiments.policy_commands import POLICY_COMMANDS
from experiments.ports import World
from storage import Database

AnyCommand = Command | PolicyCommand
KNOWN: dict[str, type[Command] | type[PolicyCommand]] = {**COMMANDS, **POLICY_COMMANDS}
MISUSED, MAY_NOT, NOT_THERE, NOT_NOW, FAILED = 2, 3, 4, 5, 1
EXIT_CODES: tuple[tuple[tuple[type[BunsenError], ...], int], ...] = (
    ((BadInput, Incomplete), MISUSED),
    ((Forbidden,), MAY_NOT),
    ((NotFound,), NOT_THERE),
    ((IllegalTransition, AlreadyDone, KeyTaken, Stale), NOT_NOW),
)


class Done(NamedTuple):
    """What became of a command: the record's sentence, and where the experiment stands now."""

    key: str
    version: int
    status: str
    sentence: str

    @property
    def words(self) -> str:
        if not self.status:
            return f"Done: {self.sentence}."
        return f"{self.key}: {self.sentence} (version {self.version}, {self.status.replace('_', ' ')})"


class Refused(Exception):
    """A command that was not carried out: the lines to say, and the exit code."""

    def __init__(self, lines: list[str], code: int) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines
        self.code = code


def listing() -> str:
    """Every command with what it does."""
    width = max(map(len, KNOWN))
    return "\n".join(f"{name:<{width}}  {_summary(kind)}" for name, kind in KNOWN.items())


def schema(name: str) -> str:
    """The JSON schema of a command's fields."""
    return json.dumps(_kind(name).model_json_schema(), indent=2, ensure_ascii=False)


def command_from(name: str, key: str, given: str) -> AnyCommand:
    """The command of this name with these fields, which are JSON; `Refused` names each field that does not fit."""
    kind = _kind(name)
    try:
        fields = json.loads(given or "{}")
    except ValueError as error:
        raise Refused([f"--json is no JSON: {error}"], MISUSED) from None
    if not isinstance(fields, dict):
        raise Refused(['--json is an object, like \'{"reason": "completed"}\'.'], MISUSED)
    if key and "key" not in kind.model_fields:
        raise Refused([f"{name} changes the settings of the workspace; leave --key out."], MISUSED)
    try:
        return kind.model_validate({**fields, **({"key": key} if key else {})})
    except ValidationError as error:
        raise Refused(_faults(error), MISUSED) from None


async def act(command: AnyCommand, user: str, via: str, workspace: str, settings: Settings) -> Done:
    """Carry it out in this person's name; `Refused` with the reason and its exit code when it may not be."""
    if not SUBJECT.fullmatch(user) or user.startswith("S"):
        raise Refused(["--as is the Slack id of a person, like U0123ABCD."], MISUSED)
    async with Database.ready(settings.database_url.get_secret_value()) as database:
        try:
            world = offline_world(database, workspace, settings.admins)
            actor = (await world.people.actor(workspace, user)).model_copy(update={"via": via})
            return await _done(command, actor, world)
        except BunsenError as error:
            raise Refused([_blamed(error)], _code(error)) from error
        except ValidationError as error:
            raise Refused(_faults(error), MISUSED) from None


async def _done(command: AnyCommand, actor: Actor, world: World) -> Done:
    key, version, status = AUDITED_AS, 0, ""
    if isinstance(command, PolicyCommand):
        version = (await change_policies(command, actor, world)).version
    else:
        after = await execute(command, actor, world)
        key, version, status = after.key, after.version, after.status.value
    async with world.reading(world.workspace) as uow:
        records = await uow.audit.of(key)
    sentence = next((each.sentence for each in records if each.version_after == version), "")
    return Done(key, version, status, sentence)


def _kind(name: str) -> type[Command] | type[PolicyCommand]:
    if name not in KNOWN:
        near = difflib.get_close_matches(name, KNOWN, n=3, cutoff=0.5)
        words = f" Did you mean {' or '.join(near)}?" if near else " bunsen do alone lists them."
        raise Refused([f"There is no command {name}.{words}"], MISUSED)
    return KNOWN[name]


def _summary(kind: type[Command] | type[PolicyCommand]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _faults(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, fault['loc'])) or 'command'}: {fault_words(fault)}" for fault in error.errors()]


def _blamed(error: BunsenError) -> str:
    return f"{error.field}: {error.words}" if error.field else error.words


def _code(error: BunsenError) -> int:
    return next((code for kinds, code in EXIT_CODES if isinstance(error, kinds)), FAILED)
