"""api.test, auth.test, apps.connections.open, oauth.v2.access and team.info."""

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.web_api.method import Call, Method


def api_test(call: Call) -> Json:
    """api.test"""
    if call.text("error", ""):
        raise SlackError(call.text("error"), args=call.args)
    return {"ok": True, "args": call.args}


def auth_test(call: Call) -> Json:
    """auth.test"""
    workspace = call.workspace
    return {
        "ok": True,
        "url": f"{workspace.url}/",
        "team": workspace.team["name"],
        "team_id": workspace.team["id"],
        "user": workspace.person(workspace.app.user_id).handle,
        "user_id": workspace.app.user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


def open_connection(call: Call) -> Json:
    """apps.connections.open"""
    if not call.workspace.app.socket_mode:
        raise SlackError("socket_mode_not_enabled")
    url = call.workspace.url.replace("http", "ws", 1)
    return {"ok": True, "url": f"{url}/socket?ticket={call.sockets.ticket()}"}


def oauth_access(call: Call) -> Json:
    """oauth.v2.access"""
    workspace, app = call.workspace, call.workspace.app
    if call.text("client_id", "") != app.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret", "") != app.client_secret:
        raise SlackError("bad_client_secret")
    code = call.text("code", "")
    if code not in workspace.oauth_codes:
        raise SlackError("invalid_code")
    workspace.oauth_codes.discard(code)
    return {
        "ok": True,
        "access_token": app.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(app.scopes)),
        "bot_user_id": app.user_id,
        "app_id": app.id,
        "team": {"id": workspace.team["id"], "name": workspace.team["name"]},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U0ADA"},
    }


def team_info(call: Call) -> Json:
    """team.info"""
    return {"ok": True, "team": {**call.workspace.team, "email_domain": "", "icon": {}}}


METHODS = {
    "api.test": Method(api_test, tier="Tier4", caller="anyone"),
    "auth.test": Method(auth_test, tier="Special"),
    "apps.connections.open": Method(open_connection, caller="app"),
    "oauth.v2.access": Method(oauth_access, tier="Special", caller="anyone"),
    "team.info": Method(team_info, ("team:read",)),
}
