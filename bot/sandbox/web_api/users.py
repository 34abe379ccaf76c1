"""users.*, usergroups.*, bots.info and reactions.add."""

import re

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Person, UserGroup
from bot.sandbox.web_api.method import Call, Method, page_of
from bot.sandbox.workspace import Workspace


def info(call: Call) -> Json:
    """users.info"""
    return {"ok": True, "user": describe_person(call.workspace, call.workspace.person(call.text("user")))}


def listing(call: Call) -> Json:
    """users.list"""
    page, metadata = page_of([describe_person(call.workspace, each) for each in call.workspace.people.values()], call)
    return {"ok": True, "members": page, "response_metadata": metadata}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail"""
    email = call.text("email")
    person = next((each for each in call.workspace.people.values() if each.email == email and not each.is_bot), None)
    if person is None:
        raise SlackError("users_not_found")
    return {"ok": True, "user": describe_person(call.workspace, person)}


def usergroups(call: Call) -> Json:
    """usergroups.list"""
    wanted = [each for each in call.workspace.usergroups.values() if _shown(call, each)]
    return {"ok": True, "usergroups": [_described(call, each) for each in wanted]}


def usergroup_members(call: Call) -> Json:
    """usergroups.users.list"""
    group = call.workspace.usergroups.get(call.text("usergroup"))
    if group is None or not _shown(call, group):
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": _active(call, group)}


def _shown(call: Call, group: UserGroup) -> bool:
    return call.flag("include_disabled") or not group.disabled


def _active(call: Call, group: UserGroup) -> list[str]:
    people = call.workspace.people
    return [each for each in group.users if each in people and not people[each].deleted]


def _described(call: Call, group: UserGroup) -> Json:
    about = describe_group(call.workspace, group)
    return about | ({"users": _active(call, group)} if call.flag("include_users") else {})


def bot_info(call: Call) -> Json:
    """bots.info"""
    app = call.workspace.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise SlackError("bot_not_found")
    icons: Json = {}
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "app_id": app.id, "user_id": app.user_id}
    return {"ok": True, "bot": {**bot, "updated": 0, "icons": icons}}


def add_reaction(call: Call) -> Json:
    """reactions.add"""
    channel = call.channel()
    name = call.text("name").strip(":")
    if not re.fullmatch(r"[a-z0-9_+\-']+(::skin-tone-[2-6])?", name):
        raise SlackError("invalid_name")
    if channel.is_archived:
        raise SlackError("is_archived")
    message = channel.find(call.text("timestamp"))
    if message is None:
        raise SlackError("message_not_found")
    reactions = [dict(each) for each in message.get("reactions", ())]
    reaction = next((each for each in reactions if each["name"] == name), None)
    bot = call.workspace.app.user_id
    if reaction is None:
        reactions.append({"name": name, "users": [bot], "count": 1})
    elif bot in reaction["users"]:
        raise SlackError("already_reacted")
    else:
        reaction |= {"users": [*reaction["users"], bot], "count": reaction["count"] + 1}
    call.workspace.change(channel, message, {"reactions": reactions})
    return {"ok": True}


def describe_person(workspace: Workspace, person: Person) -> Json:
    """Slack's user object; of those who left, and of strangers, it says little."""
    team = person.team or workspace.team["id"]
    about: Json = {
        "id": person.id,
        "team_id": team,
        "name": person.handle,
        "deleted": person.deleted,
        "color": person.color.lstrip("#"),
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": person.tz_offset(workspace.clock.now()),
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": False,
        "updated": 0,
        "locale": "en-GB",
        "profile": {
            "title": person.title,
            "real_name": person.real_name,
            "display_name": person.real_name,
            "team": team,
        },
    }
    if person.team:
        shared = (each for each in workspace.channels.values() if person.id in each.members)
        about["is_stranger"] = not any(workspace.app.user_id in each.members for each in shared)
    if person.deleted:
        return {key: about[key] for key in _OF_THOSE_WHO_LEFT}
    if "users:read.email" in workspace.app.scopes and not person.is_bot:
        about["profile"]["email"] = person.email
    return about


def describe_group(workspace: Workspace, group: UserGroup) -> Json:
    """Slack's user group object, without its people."""
    return {
        "id": group.id,
        "team_id": workspace.team["id"],
        "is_usergroup": True,
        "is_subteam": True,
        "is_external": False,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "date_create": 0,
        "date_update": 0,
        "date_delete": int(group.disabled),
        "auto_type": None,
        "auto_provision": False,
        "created_by": "U0ADA",
        "updated_by": "U0ADA",
        "deleted_by": "U0ADA" if group.disabled else None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }


_OF_THOSE_WHO_LEFT = ("id", "team_id", "name", "deleted", "is_bot", "is_app_user", "updated", "profile")
_READ = ("users:read",)
METHODS = {
    "users.info": Method(info, _READ, "Tier4"),
    "users.list": Method(listing, _READ, "Tier2"),
    "users.lookupByEmail": Method(lookup_by_email, ("users:read.email",)),
    "usergroups.list": Method(usergroups, ("usergroups:read",), "Tier2"),
    "usergroups.users.list": Method(usergroup_members, ("usergroups:read",), "Tier2"),
    "bots.info": Method(bot_info, _READ),
    "reactions.add": Method(add_reaction, ("reactions:write",)),
}
