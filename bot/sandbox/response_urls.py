"""`/response/…`: answers after the acknowledgement, five within thirty minutes."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.app import Json
from bot.sandbox.errors import SlackError
from bot.sandbox.seeds import Channel
from bot.sandbox.tickets import Response as Ticket
from bot.sandbox.web_api.messages import checked_content
from bot.sandbox.workspace import Workspace


class ResponseUrls:
    """Carries out what the app posts to a response URL."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def __call__(self, request: Request) -> Response:
        """One answer."""
        try:
            body = await request.json()
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, 400)
        now = self._workspace.clock.lived()
        try:
            ticket = self._workspace.responses.use(request.path_params["ticket"], now)
        except SlackError as refusal:
            return JSONResponse(refusal.answer(), 404)
        try:
            self._carry_out(ticket, body)
        except SlackError as refusal:
            return JSONResponse(refusal.answer(), 400)
        return JSONResponse({"ok": True})

    def _carry_out(self, ticket: Ticket, body: Json) -> None:
        workspace = self._workspace
        channel = workspace.channel(ticket.channel)
        if _yes(body.get("delete_original")):
            self._replace(ticket, channel, None)
            return
        content = checked_content(workspace, body)
        if _yes(body.get("replace_original")) and ticket.message_ts:
            self._replace(ticket, channel, content)
            return
        thread_ts = body.get("thread_ts") or ticket.thread_ts
        if body.get("response_type") == "in_channel":
            workspace.post(channel, workspace.app.user_id, content, thread_ts)
        else:
            workspace.post_ephemeral(channel, ticket.user, content, thread_ts)

    def _replace(self, ticket: Ticket, channel: Channel, content: Json | None) -> None:
        workspace = self._workspace
        ts = ticket.message_ts or ""
        ephemeral = workspace.find_ephemeral(channel, ticket.user, ts)
        message = channel.find(ts)
        if ephemeral is not None:
            workspace.change_ephemeral(channel, ticket.user, ephemeral, content)
        elif message is None or message["user"] != workspace.app.user_id:
            raise SlackError("message_not_found")
        elif content is None:
            workspace.delete(channel, message)
        else:
            if "blocks" in message:
                content.setdefault("blocks", None)
            workspace.change(channel, message, content, edited_by=workspace.app.user_id)


def _yes(value: object) -> bool:
    return value in (True, "true")
