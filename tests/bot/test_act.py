"""`bunsen do`: every command from a terminal, with the same checks, words at the field and an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from bot import logs
from bot.act import KNOWN
from experiments.commands import COMMANDS
from experiments.policy_commands import POLICY_COMMANDS
from tests.bot.shell import bunsen
from tests.databases import Place
from tests.experiments.stages import KEY, METRICS, VARIANTS, a_command

ADMIN = "U0ROOT"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, sqlite_place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BUNSEN_DATABASE_URL", sqlite_place.url)
    monkeypatch.setenv("BUNSEN_ADMINS", ADMIN)
    monkeypatch.setattr(logs, "set_up_logs", lambda level: None)


def do(name: str, user: str = "U0ADA", key: str = "", *more: str, **fields: Any) -> Result:
    about = ("--key", key) if key else ()
    return bunsen("do", name, *about, "--json", json.dumps(fields), "--as", user, "--workspace", "T1", *more)


def drafted() -> str:
    do("CreateExperiment", key=KEY, title="Bigger button", hypothesis="If bigger, then more.")
    do("EditExperiment", key=KEY, variants=VARIANTS, metrics=METRICS)
    asked = do("RequestReview", "U0ADA", KEY, "--as-json")
    assert asked.exit_code == 0, asked.output
    schema = json.loads(bunsen("do", "ApproveReview", "--schema").output)
    assert "design_hash" in schema["required"]
    return str(json.loads(asked.output)["status"])


def test_it_lists_every_command_with_what_it_does() -> None:
    lines = bunsen("do").output.splitlines()
    assert [line.split()[0] for line in lines] == [*COMMANDS, *POLICY_COMMANDS]
    assert all(len(line.split()) > 3 for line in lines)


@pytest.mark.parametrize("name", KNOWN)
def test_every_command_tells_its_fields(name: str) -> None:
    result = bunsen("do", name, "--schema")
    assert result.exit_code == 0
    assert set(json.loads(result.output)["properties"]) == set(KNOWN[name].model_fields)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_reaches_its_checks(name: str) -> None:
    """Without an experiment each is refused with what is missing, or begins one; none falls over."""
    given = a_command(COMMANDS[name], None).model_dump(mode="json", exclude={"key"}, exclude_none=True)
    result = do(name, "U0ADA", KEY, **given)
    by_bunsen = name in {"RecordReading", "RecordMeasurements", "RaiseAlarm", "ExpireReview", "SuspendSchedule"}
    begins = name in {"CreateExperiment", "CloneExperiment"}
    assert result.exit_code == (3 if by_bunsen else 0 if begins else 4), result.output


def test_a_change_says_what_happened_and_where_it_stands() -> None:
    assert drafted() == "in_review"
    result = do("CancelReview", key=KEY)
    assert result.output == "bigger-button: took the request for review back (version 4, draft)\n"


def test_the_author_approves_nothing_here_either() -> None:
    drafted()
    refused = do("ApproveReview", "U0ADA", KEY, "--via", "api", design_hash="0" * 64)
    assert (refused.exit_code, "You wrote this design" in refused.output) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("StopExperimnt",), 2, "Did you mean StopExperiment"),
        (("Xyzzy",), 2, "bunsen do alone lists them"),
        (("StopExperiment", "--key", KEY, "--json", "{"), 2, "--json is no JSON"),
        (("StopExperiment", "--key", KEY, "--json", "[]"), 2, "--json is an object"),
        (("StopExperiment", "--key", KEY, "--json", '{"reason":"boredom"}'), 2, "reason: "),
        (("StopExperiment", "--key", KEY, "--json", '{"reson":"other"}'), 2, "reson: "),
        (("StopExperiment", "--json", '{"reason":"other"}'), 2, "key: "),
        (("StopExperiment", "--key", KEY, "--json", '{"reason":"other"}'), 2, "--as and --workspace"),
        (("SetDefaultRole", "--key", KEY, "--json", '{"role":"viewer"}'), 2, "leave --key out"),
        (("GiveRole", "--json", '{"subjects":["bob"],"role":"viewer"}'), 2, "subjects: "),
    ],
)
def test_what_is_wrong_is_said_with_an_exit_code(arguments: tuple[str, ...], code: int, words: str) -> None:
    result = bunsen("do", *arguments)
    assert (result.exit_code, words in result.output) == (code, True), result.output


@pytest.mark.parametrize("user", ["S0GROUP", "ada", ""])
def test_somebody_has_to_be_named(user: str) -> None:
    assert do("CreateExperiment", user, title="Button").exit_code == 2


def test_states_that_do_not_allow_it_have_a_code_of_their_own() -> None:
    do("CreateExperiment", key=KEY, title="Bigger button")
    assert do("CreateExperiment", key=KEY, title="Bigger button").exit_code == 5
    assert do("StopExperiment", key=KEY, reason="other").exit_code == 5
    missing = do("RequestReview", key=KEY)
    assert (missing.exit_code, "hypothesis" in missing.output) == (2, True)


def test_roles_come_from_the_policies_and_count_here() -> None:
    refused = do("SetDefaultRole", role="viewer")
    assert refused.exit_code == 3
    done = do("SetDefaultRole", ADMIN, role="viewer")
    assert done.output == "Done: set the default role: reviewer → viewer.\n"
    viewer = do("CreateExperiment", title="Button")
    assert (viewer.exit_code, "needs the role experimenter" in viewer.output) == (3, True)
    do("GiveRole", ADMIN, "", "--as-json", subjects=["U0ADA"], role="experimenter", project="search")
    assert do("CreateExperiment", title="Button", project="search").exit_code == 0
    elsewhere = do("CreateExperiment", title="Banner", project="shop")
    assert (elsewhere.exit_code, elsewhere.output.startswith("project: ")) == (3, True)


def test_fields_may_come_on_standard_input() -> None:
    who = ("--as", "U0ADA", "--workspace", "T1")
    result = bunsen("do", "CreateExperiment", "--json", "-", *who, given=b'{"title": "Button"}')
    assert (result.exit_code, result.output.startswith("button: created the draft")) == (0, True)


def test_what_was_done_here_is_in_the_chain() -> None:
    do("CreateExperiment", "U0ADA", KEY, "--via", "nightly", title="Button")
    verified = bunsen("audit", "verify", "--workspace", "T1")
    assert verified.output == "✓ 1 records, the chain holds.\n"
