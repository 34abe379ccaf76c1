"""A token over the wire: shown once, used by an application, revoked and refused; its secret is kept nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.answered import Answered
from experiments.execute import change_policies
from experiments.permissions import Actor, Role
from experiments.policy import GiveRole, Policies
from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, Lab, eventually, forged, lab_at
from tests.bot.scenario.test_roles import nothing_said, presses_in_modal

SECRET = re.compile(r"bun_[A-Za-z0-9_-]{43}")
BOSS = Actor(workspace="T0SANDBOX", user=ADA, role=Role.ADMIN)


async def policies_of(lab: Lab) -> Policies:
    async with lab.world.reading(lab.world.workspace) as uow:
        return await uow.policies.get()


async def makes(lab: Lab, user: str = ADA, **fields: Any) -> str:
    """The person makes a token in the settings; the secret that is shown."""
    await lab.types("settings", user)
    await presses_in_modal(lab, "tokens", user)
    await lab.modal_titled("Tokens", user)
    await presses_in_modal(lab, "new_token", user)
    await lab.modal_titled("Make a token", user)
    await lab.submits(user, **fields)
    shown = await lab.modal_titled("Copy it now", user)
    [secret] = set(SECRET.findall(json.dumps(shown)))
    return str(secret)


async def asks(address: str, secret: str, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(base_url=address, headers=headers, trust_env=False) as application:
        body = {"context": {"targetingKey": "ann"}}
        return await application.post(f"/ofrep/v1/evaluate/flags/{key}", json=body)


async def test_made_used_revoked_and_refused(http_lab: Lab, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lab = http_lab
    running = await lab.runs()
    address = str(lab.workspace.app.request_url).removesuffix("/slack/events")
    secret = await makes(lab, name="shop backend", scopes=["evaluate"])

    async def let_in() -> httpx.Response | None:
        answer = await asks(address, secret, running.key)
        return answer if answer.status_code == 200 else None

    answer = (await eventually(let_in)).json()
    assert answer["variant"] in {variant.key for variant in running.design.variants}
    assert lab.world.routing.connects("general")
    [token] = (await policies_of(lab)).tokens
    assert (token.name, token.ending, token.by) == ("shop backend", secret[-4:], ADA)
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])
    await lab.settled()
    assert "Issued the token “shop backend”" in str(lab.modal())

    await presses_in_modal(lab, "revoke_token")
    await lab.settled()

    async def refused() -> bool:
        return (await asks(address, secret, running.key)).status_code == 401

    assert await eventually(refused)
    assert not lab.world.routing.connects("general")
    assert "Revoked the token “shop backend”" in str(lab.modal())

    async def exposure_kept() -> bool:
        return bool(lab.events.counts.events)

    await eventually(exposure_kept)
    assert written_in(tmp_path, secret) == []
    told = capfd.readouterr()
    everything = [await lab.messages(user, CHANNEL) for user in (ADA, BO)], await lab.state(ADA), lab.modals(ADA)
    assert secret not in told.out + told.err + str(everything) + str(list(lab.workspace.calls))


def written_in(folder: Path, secret: str) -> list[Path]:
    """The files in which it stands."""
    return [each for each in folder.rglob("*") if each.is_file() and secret.encode() in each.read_bytes()]


async def test_of_its_own_project_an_admin_makes_tokens_and_of_no_other(lab: Lab) -> None:
    command = GiveRole(subjects=(CHEN,), role=Role.ADMIN, project="checkout")
    await change_policies(command, BOSS, lab.world)
    await makes(lab, name="theirs", project="search")
    secret = await makes(lab, CHEN, name="mine")
    assert [each.ending for each in (await policies_of(lab)).tokens if each.project == "checkout"] == [secret[-4:]]
    await lab.control("close", user=CHEN, view_id=lab.modal(CHEN)["id"])
    await presses_in_modal(lab, "new_token", CHEN)
    await lab.modal_titled("Make a token", CHEN)
    answer = await lab.submits(CHEN, name="not mine", project="search")
    assert "You are admin of checkout alone" in str(answer)
    assert "theirs" not in str(lab.modals(CHEN))
    theirs = next(each for each in (await policies_of(lab)).tokens if each.project == "search")
    forged = f"{theirs.id}@search"
    await lab.desk.action(nothing_said, press(lab.modal(CHEN), "revoke_token", forged, CHEN))
    await lab.desk.action(nothing_said, press(lab.modal(CHEN), "revoke_token", f"{theirs.id}@checkout", CHEN))
    assert (await policies_of(lab)).tokens[0].revoked_at is None


async def test_nobody_else_sees_or_makes_any(lab: Lab) -> None:
    await lab.types("settings", BO)
    assert "Tokens" not in str(lab.modal(BO))
    before = await policies_of(lab)
    for verb in ("tokens", "new_token", "revoke_token"):
        await lab.desk.action(nothing_said, press(lab.modal(BO), verb, "x@general", BO))
    answers: list[dict[str, Any]] = []

    async def ack(**answer: Any) -> None:
        answers.append(answer)

    name = {"name": {"name": {"type": "plain_text_input", "value": "mine"}}}
    view = {
        "id": "V9",
        "type": "modal",
        "callback_id": "new_token",
        "hash": "1",
        "state": {"values": name},
        "blocks": [],
    }
    who = {"type": "view_submission", "team": {"id": "T0SANDBOX"}, "user": {"id": BO}, "trigger_id": "t"}
    await lab.desk.view(ack, {**who, "view": view})
    assert not SECRET.search(str(answers))
    assert await policies_of(lab) == before


async def test_a_form_sent_again_gets_the_same_secret_and_to_another_replica_none(lab: Lab) -> None:
    await makes(lab, name="first")
    assert len((await policies_of(lab)).tokens) == 1
    view = {**lab.modal(), "callback_id": "new_token", "hash": "2"}
    view["blocks"] = []
    view["state"] = {
        "values": {
            "name": {"name": {"type": "plain_text_input", "value": "again"}},
            "scopes": {"scopes": {"type": "checkboxes", "selected_options": [{"value": "events"}]}},
        }
    }
    body = {
        "type": "view_submission",
        "team": {"id": "T0SANDBOX"},
        "user": {"id": ADA},
        "trigger_id": "t",
        "view": view,
    }
    answers: list[dict[str, Any]] = []

    async def ack(**answer: Any) -> None:
        answers.append(answer)

    await lab.desk.view(ack, body)
    await lab.desk.view(ack, body)
    assert answers[0] == answers[1]
    assert len(SECRET.findall(str(answers))) == 2
    lab.desk.answered = Answered()
    await lab.desk.view(ack, body)
    assert "made a moment ago" in str(answers[2])
    assert not SECRET.search(str(answers[2]))
    assert len((await policies_of(lab)).tokens) == 2


async def test_what_is_wrong_is_said_at_its_field(tmp_path: Path) -> None:
    async with lab_at(tmp_path) as lab:
        await makes(lab, name="shop backend")
        await lab.control("close", user=ADA, view_id=lab.modal()["id"])
        await presses_in_modal(lab, "new_token")
        await lab.modal_titled("Make a token")
        assert "has a token called" in str(await lab.submits(name="shop backend"))
        assert "scopes" in str(await lab.submits(name="other", scopes=[]))


def press(view: dict[str, Any], verb: str, value: str, user: str) -> dict[str, Any]:
    """A press that no honest client sends."""
    action = {"type": "button", "action_id": verb, "block_id": "forged", "value": value}
    return forged(view, action, user)
