"""The page behind a link to an experiment: it leads into Slack and tells nothing, since anybody may open it."""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from experiments.texts import KEY

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={link}">
<title>Bunsen</title>
<style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}}</style>
<h1>Slack opens</h1>
<p>If it does not, <a href="{link}">open Bunsen in Slack</a>.</p>
<p>There, <code>/experiment show {key}</code> shows the experiment.</p>
</html>
"""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def experiment_page(home: str) -> Route:
    """`/e/KEY`; `home` is the address of Bunsen's tab in Slack."""

    async def page(request: Request) -> Response:
        key = request.path_params["key"]
        if not KEY.fullmatch(key):
            return PlainTextResponse("There is no such page.", 404)
        return HTMLResponse(PAGE.format(key=html.escape(key), link=html.escape(home)), headers=HEADERS)

    return Route("/e/{key}", page)
