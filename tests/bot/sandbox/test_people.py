"""Who is in the workspace: guests, people from outside, those who left, user groups, zones, and who meets whom."""

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.bot.sandbox.conftest import Connect, Lab

HERE = "C0EXPERIMENTS"


async def user(lab: Lab, person: str) -> dict[str, Any]:
    found: dict[str, Any] = (await lab.client.users_info(user=person))["user"]
    return found


async def refused(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_guests_and_people_from_outside_see_only_their_channels(lab: Lab) -> None:
    esha, finn = await user(lab, "U0ESHA"), await user(lab, "U0FINN")
    assert (esha["is_restricted"], esha["team_id"]) == (True, "T0SANDBOX")
    assert (finn["is_restricted"], finn["team_id"], finn["is_stranger"]) == (False, "T0HARBOUR", False)
    assert "is_stranger" not in esha
    for person, seen in (("U0ESHA", {HERE, "D0ESHA"}), ("U0FINN", {HERE})):
        state = await lab.look("state", user=person)
        assert {each["id"] for each in state["channels"]} == seen
        assert (await lab.look("messages", user=person, channel="C0GENERAL"))["error"] == "channel_not_found"
    info = await lab.client.conversations_info(channel=HERE)
    assert info["channel"]["is_ext_shared"] is True
    await lab.do("remove", user="U0FINN", channel=HERE)
    assert (await user(lab, "U0FINN"))["is_stranger"] is True
    assert (await lab.client.conversations_info(channel=HERE))["channel"]["is_ext_shared"] is False


async def test_people_from_outside_press_and_write_but_command_nothing(lab: Lab, connect: Connect) -> None:
    heard: list[str] = []

    @lab.app.event("app_mention")
    async def mention(body: dict[str, Any]) -> None:
        heard.append(f"{body['event']['user_team']} {body['is_ext_shared_channel']}")

    @lab.app.event("message")
    async def message() -> None:
        """Heard; what nobody takes is not acknowledged."""

    lab.workspace.retry_delays = ()
    await connect(lab)
    await lab.do("message", user="U0FINN", channel=HERE, text="<@U0BUNSEN> hello")
    await lab.sandbox.courier.settled()
    assert heard == ["T0HARBOUR True"]
    typed = await lab.do("command", user="U0FINN", channel=HERE, text="/experiment list")
    assert typed["error"] == "not_allowed_for_external_people"
    assert "/experiment works only for people of Bunsen Lab" in typed["detail"]
    assert (await lab.do("shortcut", user="U0FINN", callback_id="new"))["error"] == typed["error"]


async def test_whoever_is_deactivated_cannot_act_and_leaves_every_channel(lab: Lab) -> None:
    await lab.control("person", id="U0BO", deleted=True)
    bo = await user(lab, "U0BO")
    assert bo["deleted"] is True
    assert "tz" not in bo
    assert "U0BO" not in lab.workspace.channels[HERE].members
    assert (await lab.do("command", user="U0BO", channel=HERE, text="/experiment"))["error"] == "account_inactive"
    assert (await lab.do("home", user="U0BO"))["error"] == "account_inactive"
    assert (await lab.look("state", user="U0BO"))["error"] == "user_not_found"
    assert await refused(lab.client.conversations_open(users="U0BO")) == "user_disabled"
    assert await refused(lab.client.chat_postEphemeral(channel=HERE, user="U0BO", text="x")) == "user_not_in_channel"
    assert (await lab.do("invite", user="U0GUS", channel=HERE))["error"] == "user_disabled"
    await lab.control("person", id="U0BO", deleted=False)
    assert (await lab.do("home", user="U0BO"))["ok"] is True


async def test_user_groups_are_made_changed_and_put_aside(lab: Lab) -> None:
    (seeded,) = (await lab.client.usergroups_list(include_users=True))["usergroups"]
    assert (seeded["handle"], seeded["users"]) == ("experiment-reviewers", ["U0BO", "U0DEE"])
    await lab.control("usergroup", id="S0OPS", handle="ops", name="Operations", users=["U0DEE", "U0GUS"])
    assert (await lab.client.usergroups_users_list(usergroup="S0OPS"))["users"] == ["U0DEE"]
    await lab.control("usergroup", id="S0OPS", users=["U0CHEN"])
    assert (await lab.client.usergroups_users_list(usergroup="S0OPS"))["users"] == ["U0CHEN"]
    await lab.control("usergroup", id="S0OPS", disabled=True)
    assert [each["id"] for each in (await lab.client.usergroups_list())["usergroups"]] == ["S0REVIEWERS"]
    assert "users" not in (await lab.client.usergroups_list())["usergroups"][0]
    assert await refused(lab.client.usergroups_users_list(usergroup="S0OPS")) == "no_such_subteam"
    assert len((await lab.client.usergroups_list(include_disabled=True))["usergroups"]) == 2
    unknown = await lab.control("usergroup", id="S0OPS", users=["U0NOBODY"])
    assert unknown["error"] == "user_not_found"


@pytest.mark.parametrize(
    ("person", "moment", "offset"),
    [
        ("U0ESHA", "2026-03-01T12:00:00+00:00", 19_800),  # half past five all year
        ("U0FINN", "2026-03-01T12:00:00+00:00", 37_800),  # half past ten in southern summer
        ("U0FINN", "2026-07-01T12:00:00+00:00", 34_200),
        ("U0ADA", "2026-03-29T00:59:59+00:00", 3600),  # a second before the clocks go forward
        ("U0ADA", "2026-03-29T01:00:00+00:00", 7200),
    ],
)
async def test_the_offset_of_a_zone_follows_the_clock(lab: Lab, person: str, moment: str, offset: int) -> None:
    await lab.control("clock", now=moment, rate=0)
    assert (await user(lab, person))["tz_offset"] == offset


async def test_people_are_added_and_change(lab: Lab) -> None:
    await lab.control("person", id="U0NEW", handle="new", real_name="New Person", tz="Asia/Kathmandu", is_admin=True)
    new = await user(lab, "U0NEW")
    assert (new["real_name"], new["is_admin"], new["tz_offset"]) == ("New Person", True, 20_700)
    assert (await lab.client.chat_postMessage(channel="U0NEW", text="welcome"))["ok"]
    nowhere = await lab.control("person", id="U0NEW", tz="Mars/Olympus")
    assert nowhere["detail"] == "There is no time zone 'Mars/Olympus'."


async def test_people_write_to_each_other_and_bring_the_app_in(lab: Lab) -> None:
    opened = await lab.do("converse", users=["U0ADA", "U0BO"])
    pair = opened["channel"]["id"]
    assert (await lab.do("converse", user="U0BO", users=["U0ADA"]))["channel"]["id"] == pair
    await lab.do("message", channel=pair, text="between us")
    assert await lab.texts("U0BO", pair) == ["between us"]
    assert (await lab.look("messages", user="U0CHEN", channel=pair))["error"] == "channel_not_found"
    assert await refused(lab.client.chat_postMessage(channel=pair, text="may I?")) == "channel_not_found"
    several = (await lab.do("converse", users=["U0BO", "U0CHEN"]))["channel"]
    assert (several["is_mpim"], several["name"]) == (True, "mpdm-ada--bo--chen-1")
    await lab.do("invite", user="U0BUNSEN", channel=several["id"])
    await lab.client.chat_postMessage(channel=several["id"], text="thank you")
    listed = await lab.client.conversations_list(types="mpim")
    assert [(each["id"], each["is_mpim"]) for each in listed["channels"]] == [(several["id"], True)]
    with_app = await lab.client.conversations_open(users="U0ADA,U0DEE")
    assert "U0BUNSEN" in lab.workspace.channels[with_app["channel"]["id"]].members
    assert (await lab.do("converse", users=[]))["error"] == "not_enough_users"


async def test_without_its_membership_the_app_is_refused_and_may_come_back(lab: Lab) -> None:
    posted = await lab.client.chat_postMessage(channel=HERE, text="card")
    await lab.do("remove", user="U0BUNSEN", channel=HERE)
    assert (await lab.do("remove", user="U0BUNSEN", channel=HERE))["error"] == "not_in_channel"
    assert await refused(lab.client.chat_postMessage(channel=HERE, text="x")) == "not_in_channel"
    assert await refused(lab.client.conversations_history(channel=HERE)) == "not_in_channel"
    await lab.do("invite", user="U0BUNSEN", channel=HERE)
    await lab.client.chat_update(channel=HERE, ts=posted["ts"], text="card again")
    await lab.do("delete", channel=HERE, ts=posted["ts"])
    assert await refused(lab.client.chat_update(channel=HERE, ts=posted["ts"], text="x")) == "message_not_found"
    await lab.do("archive", channel=HERE)
    assert await refused(lab.client.chat_postMessage(channel=HERE, text="x")) == "is_archived"
    await lab.do("unarchive", channel=HERE)
    await lab.client.chat_postMessage(channel=HERE, text="open again")
    assert await lab.texts() == ["open again"]
