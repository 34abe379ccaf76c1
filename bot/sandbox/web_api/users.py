"""users.*, usergroups.*, bots.info and reactions.add."""

import re

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Person
from bot.sandbox.web_api.method import Call, Method, page_of


def info(call: Call) -> Json:
    """users.info"""
    return {"ok": True, "user": describe(call, call.workspace.person(call.text("user")))}


def listing(call: Call) -> Json:
    """users.list"""
    page, metadata = page_of([describe(call, each) for each in call.workspace.people.values()], call)
    return {"ok": True, "members": page, "response_metadata": metadata}


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail"""
    email = call.text("email")
    person = next((each for each in call.workspace.people.values() if each.email == email and not each.is_bot), None)
    if person is None:
        raise SlackError("users_not_found")
    return {"ok": True, "user": describe(call, person)}


def usergroups(call: Call) -> Json:
    """usergroups.list"""
    groups = call.workspace.usergroups.values()
    if call.flag("include_users"):
        return {"ok": True, "usergroups": list(groups)}
    return {"ok": True, "usergroups": [{k: v for k, v in each.items() if k != "users"} for each in groups]}


def usergroup_members(call: Call) -> Json:
    """usergroups.users.list"""
    group = call.workspace.usergroups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": list(group["users"])}


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


def describe(call: Call, person: Person) -> Json:
    """Slack's user object."""
    about: Json = {
        "id": person.id,
        "team_id": call.workspace.team["id"],
        "name": person.handle,
        "deleted": False,
        "color": person.color.lstrip("#"),
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "tz_offset": person.tz_offset,
        "is_admin": person.is_admin,
        "is_owner": person.is_admin,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "is_restricted": False,
        "updated": 0,
        "locale": "en-GB",
        "profile": {
            "title": person.title,
            "real_name": person.real_name,
            "display_name": person.real_name,
            "team": call.workspace.team["id"],
        },
    }
    if "users:read.email" in call.workspace.app.scopes and not person.is_bot:
        about["profile"]["email"] = person.email
    return about


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
