"""Roles over the wire: given and taken in Slack, counted at the next click; guests and strangers get nothing."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.model import Status
from experiments.permissions import Role
from handlers import table
from storage.verify import verify
from tests.bot.scenario.lab import ADA, BO, CHEN, DEE, Lab, eventually, forged

ESHA, FINN = "U0ESHA", "U0FINN"
REFUSAL = "were given a role"


async def gives(lab: Lab, role: str, *, people: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> None:
    """Ada gives a role from the list of roles."""
    await lab.types("roles")
    await presses_in_modal(lab, "give_role")
    view = await lab.modal_titled("Give a role")
    values = {
        "subjects__people": {"subjects__people": {"type": "multi_users_select", "selected_users": list(people)}},
        "subjects__groups": {
            "subjects__groups": {
                "type": "multi_static_select",
                "selected_options": [
                    option for option in _options(view, "subjects__groups") if option["value"] in groups
                ],
            }
        },
        "role": {
            "role": {
                "type": "static_select",
                "selected_option": next(each for each in _options(view, "role") if each["value"] == role),
            }
        },
        "project": {"project": {"type": "plain_text_input", "value": None}},
    }
    await lab.control("submit", user=ADA, view_id=view["id"], state={"values": values})
    await lab.settled()


def _options(view: dict[str, Any], block: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(
        each["element"]["options"] for each in view["blocks"] if each.get("block_id") == block
    )
    return found


async def presses_in_modal(lab: Lab, verb: str, user: str = ADA) -> None:
    view = lab.modal(user)
    for block in view["blocks"]:
        for element in [*block.get("elements", ()), block.get("accessory", {})]:
            if element.get("action_id", "").split("__")[0] == verb:
                action = {**element, "block_id": block["block_id"]}
                container = {"type": "view", "view_id": view["id"]}
                await lab.control("action", user=user, container=container, action=action)
                return
    raise AssertionError(f"no button {verb}")


async def told(lab: Lab, user: str, words: str) -> dict[str, Any]:
    return await lab.message_with(words, user)


async def test_an_admin_gives_a_role_and_it_counts_at_the_next_click(lab: Lab) -> None:
    await gives(lab, "viewer", people=(BO,))
    await lab.settled()
    list_again = await lab.modal_titled("Roles")
    assert "Changed roles everywhere: <@U0BO> none given → viewer" in str(list_again)
    await lab.types("create", BO)
    assert lab.modals(BO) == []
    assert await told(lab, BO, "needs the role experimenter")
    await gives(lab, "none", people=(BO,))
    await lab.types("create", CHEN)
    await lab.submits(CHEN, title="Another idea")
    assert (await lab.experiment("another-idea")).owner == CHEN
    assert await verify(lab.database, lab.world.workspace) == []


async def test_a_role_by_a_user_group_and_its_loss(lab: Lab) -> None:
    await lab.types("roles")
    await presses_in_modal(lab, "default_role")
    await lab.modal_titled("The default role")
    await lab.submits(role="viewer")
    await lab.settled()
    await gives(lab, "reviewer", groups=("S0REVIEWERS",))
    people = lab.world.people
    assert (await people.actor(lab.world.workspace, DEE)).role is Role.REVIEWER
    assert (await people.actor(lab.world.workspace, CHEN)).role is Role.VIEWER
    await lab.control("usergroup", id="S0REVIEWERS", users=[BO])

    async def lost() -> bool:
        return (await people.actor(lab.world.workspace, DEE)).role is Role.VIEWER

    assert await eventually(lost)


async def test_a_member_sees_the_list_and_changes_nothing(lab: Lab) -> None:
    await lab.types("roles", CHEN)
    assert "Give a role" not in str(lab.modal(CHEN))
    await lab.types("settings", CHEN)
    shown = lab.modal(CHEN)
    assert "Admins can change this" in str(shown)
    for verb in ("give_role", "default_role", "project_settings", "settings_history"):
        action = {"type": "button", "action_id": verb, "block_id": shown["blocks"][0]["block_id"], "value": "0"}
        await lab.desk.action(nothing_said, forged(shown, action, CHEN))
    assert (await _policies(lab)).version == 0


async def nothing_said(**_: Any) -> None:
    return None


async def _policies(lab: Lab) -> Any:
    async with lab.world.reading(lab.world.workspace) as uow:
        return await uow.policies.get()


async def test_a_project_is_set_and_reviews_follow(lab: Lab) -> None:
    await lab.types("settings")
    await presses_in_modal(lab, "project_settings")
    await lab.modal_titled("Project")
    await lab.submits(
        name="general", required_approvals="2", checklist="The legal team has seen it.\n\n", department="Shop"
    )
    await lab.settled()
    again = await lab.modal_titled("Settings")
    assert "Changed the settings of general: department none → Shop; required approvals 1 → 2" in str(again)
    await presses_in_modal(lab, "settings_history")
    assert "required approvals 1 → 2" in str(await lab.modal_titled("Changed settings"))
    draft = await lab.drafts()
    await lab.types(f"review {draft.key}")
    await lab.submits(reviewers=[BO, CHEN])
    asked = (await lab.experiment(draft.key)).review
    assert asked is not None
    assert (asked.required, asked.checklist) == (2, ("The legal team has seen it.",))


async def test_money_of_a_project_is_set_and_kept(lab: Lab) -> None:
    await lab.types("settings")
    await presses_in_modal(lab, "project_settings")
    await lab.modal_titled("Project")
    answer = await lab.submits(name="general", worth="conversion lots")
    assert "like conversion 12.50" in str(answer)
    await lab.submits(name="general", worth="conversion 12.50\napi-calls −0.002", currency="EUR", day_cost="450")
    changed = "worth none → api-calls −0.002, conversion 12.5; currency none → EUR; day cost none → 450"
    await lab.settled()
    assert changed in str(await lab.modal_titled("Settings"))
    project = (await _policies(lab)).project("general")
    assert (project.worth, project.currency, project.day_cost) == (
        {"conversion": 12.5, "api-calls": -0.002},
        "EUR",
        450,
    )


async def test_what_cannot_be_set_is_said_at_its_field(lab: Lab) -> None:
    await lab.types("settings")
    await presses_in_modal(lab, "project_settings")
    await lab.modal_titled("Project")
    points = "\n".join(f"Point {number}" for number in range(11))
    answer = await lab.submits(name="general", checklist=points)
    assert "checklist" in str(answer)
    assert lab.modal()["title"]["text"] == "Project"
    await lab.types("roles")
    await presses_in_modal(lab, "give_role")
    await lab.modal_titled("Give a role")
    assert "choose at least one" in str(await lab.submits(role="viewer")).lower()


async def test_two_admins_at_the_same_settings(lab: Lab) -> None:
    await lab.control("person", id=BO, is_admin=True)
    for user in (ADA, BO):
        await lab.types("settings", user)
        await presses_in_modal(lab, "project_settings", user)
        await lab.modal_titled("Project", user)
    await lab.submits(BO, name="general", required_approvals="2")
    await lab.submits(ADA, name="general", required_approvals="3")
    assert "changed the settings in the meantime" in str(lab.modal(ADA))
    assert (await _policies(lab)).project("general").required_approvals == 2


@pytest.mark.parametrize("user", [ESHA, FINN])
async def test_guests_and_strangers_get_nothing_through_any_door(lab: Lab, user: str) -> None:
    running = await lab.runs()
    before = await lab.experiment(running.key)
    for name in table.COMMANDS:
        answers: list[dict[str, Any]] = []
        await lab.desk.command(_kept(answers), _typed(f"{name} {running.key}", user))
        assert REFUSAL in str(answers), name
    for name in [*table.ACTIONS, "more"]:
        action = {"type": "button", "action_id": name, "block_id": "b", "value": f"{running.key}@{running.revision}"}
        await lab.desk.action(nothing_said, forged({"type": "home", "id": "V1"}, action, user))
    for name in [*table.VIEWS, "pick"]:
        answers = []
        await lab.desk.view(_kept(answers), _sent(name, running.key, user))
        assert REFUSAL in str(answers), name
    about = {"team": {"id": "T0SANDBOX"}, "user": {"id": user}}
    for name in table.SHORTCUTS:
        message = {"ts": "1.1", "text": "Seen", "user": ADA}
        shortcut = {"callback_id": name, "trigger_id": name, "message": message, "channel": {"id": "C0EXPERIMENTS"}}
        await lab.desk.shortcut(nothing_said, {**about, **shortcut})
    for name in table.OPTIONS:
        answers = []
        await lab.desk.options(_kept(answers), {**about, "action_id": name, "value": ""})
        assert answers == [{"options": []}]
    link = {"url": f"https://bunsen.example/e/{running.key}", "domain": "bunsen.example"}
    shared = {"type": "link_shared", "user": user, "channel": "C0GENERAL", "message_ts": "1.1", "links": [link]}
    await lab.desk.link_shared(nothing_said, {"team_id": "T0SANDBOX", "event_id": "Ev1", "event": shared})
    await lab.control("home", user=user)
    await lab.settled()
    assert "chat.unfurl" not in {call["method"] for call in lab.workspace.calls}
    assert "Bigger button" not in str(lab.workspace.views.home(user))
    assert (await lab.experiment(running.key)) == before
    assert lab.modals(user) == []


def _kept(answers: list[dict[str, Any]]) -> Any:
    async def ack(**answer: Any) -> None:
        answers.append(answer)

    return ack


def _typed(text: str, user: str) -> dict[str, Any]:
    place = {"team_id": "T0SANDBOX", "channel_id": "C0EXPERIMENTS", "response_url": ""}
    return {"command": "/experiment", "text": text, "user_id": user, "trigger_id": f"t {text}", **place}


def _sent(callback: str, key: str, user: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
    view = {
        "id": f"V{callback}",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": f'{{"key":"{key}","verb":"show","revision":1}}',
        "state": {"values": values or {}},
        "blocks": [],
    }
    return {"type": "view_submission", "team": {"id": "T0SANDBOX"}, "user": {"id": user}, "view": view}


async def test_a_guest_with_a_role_reads_and_no_more(lab: Lab) -> None:
    running = await lab.runs()
    await gives(lab, "admin", people=(ESHA,))
    assert (await lab.world.people.actor(lab.world.workspace, ESHA)).role is Role.VIEWER
    await lab.types(f"show {running.key}", ESHA)
    assert await told(lab, ESHA, "Bigger button")
    answers: list[dict[str, Any]] = []
    reason = {"type": "static_select", "selected_option": {"value": "other"}}
    sent = _sent("stop", running.key, ESHA, {"reason": {"reason": reason}})
    await lab.desk.view(_kept(answers), sent)
    assert "This needs the role experimenter; you are a viewer here" in str(answers)
    assert (await lab.experiment(running.key)).status is Status.RUNNING


async def test_whoever_left_has_no_role_any_more(lab: Lab) -> None:
    people = lab.world.people
    assert (await people.actor(lab.world.workspace, CHEN)).role is Role.REVIEWER
    await lab.control("person", id=CHEN, deleted=True)

    async def gone() -> bool:
        return (await people.actor(lab.world.workspace, CHEN)).role is Role.OUTSIDER

    assert await eventually(gone)
