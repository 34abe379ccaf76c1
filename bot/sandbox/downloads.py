"""`/upload/…` and `/files/…`: the bytes of files, in and out."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.sandbox.errors import SlackError
from bot.sandbox.workspace import Workspace


class Downloads:
    """File transfer of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def upload(self, request: Request) -> Response:
        """The second step of files v2: the raw bytes, or a form with one file."""
        if request.headers.get("Content-Type", "").startswith("multipart/"):
            async with request.form() as form:
                sent = next((each for each in form.values() if isinstance(each, UploadFile)), None)
                content = await sent.read() if sent else b""
        else:
            content = await request.body()
        try:
            self._workspace.files.receive(request.path_params["ticket"], content)
        except SlackError as refusal:
            return PlainTextResponse(refusal.code, 400)
        return PlainTextResponse(f"OK - {len(content)}")

    async def download(self, request: Request) -> Response:
        """A file, for the app with its token and for the page."""
        token = request.headers.get("Authorization", "")
        if request.query_params.get("page") != "1" and token != f"Bearer {self._workspace.app.bot_token}":
            return PlainTextResponse("Sign in to see this file.", 403)
        try:
            stored = self._workspace.files.get(request.path_params["file_id"])
        except SlackError:
            return PlainTextResponse("There is no such file.", 404)
        # A page that shows someone's upload must not run it.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        if not stored.mimetype.startswith("image/"):
            headers["Content-Disposition"] = "attachment"
        return Response(stored.content, media_type=stored.mimetype, headers=headers)
