"""A Bunsen that starts, acknowledges one command and leaves; start.py measures it."""

from __future__ import annotations

import gc

gc.disable()


async def first_ack(api_url: str, database: str) -> None:
    """Start with an existing database, take one signed command over HTTP in this process, check the answer."""
    from benchmarks.requests import SECRET, command, signed
    from bot.app import create_app
    from bot.connectors.slack import web_client
    from bot.settings import Settings
    from bot.web.server import web_app
    from bot.world import assemble

    gc.freeze()
    gc.enable()
    settings = Settings(
        _env_file=None, slack_bot_token="xoxb-sandbox", slack_api_url=api_url, database_url=f"sqlite:///{database}"
    )
    async with assemble(settings) as assembly:
        app = web_app(create_app(assembly.desk, web_client("xoxb-sandbox", api_url), SECRET))
        content, headers = signed(command("help")(1))
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/slack/events",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        sent = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200, sent
