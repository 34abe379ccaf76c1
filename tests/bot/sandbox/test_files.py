"""Files v2, slack_file images, downloads, and files that people upload."""

import base64
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.bot.sandbox.conftest import Connect, Lab

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


def image(file_id: str) -> dict[str, Any]:
    return {"type": "image", "alt_text": "a chart", "slack_file": {"id": file_id}}


async def test_upload_show_and_download(lab: Lab) -> None:
    uploaded = await lab.client.files_upload_v2(filename="chart.png", content=PNG, title="Chart", alt_txt="a dot")
    file = uploaded["file"]
    assert (file["title"], file["mimetype"], file["size"], file["alt_txt"]) == ("Chart", "image/png", len(PNG), "a dot")
    await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="chart", blocks=[image(file["id"])])
    assert (await lab.messages())[0]["blocks"][0]["slack_file"] == {"id": file["id"]}
    about = (await lab.client.files_info(file=file["id"]))["file"]
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        url = about["url_private_download"]
        assert (await client.get(url)).status_code == 403
        assert (await client.get(url, headers={"Authorization": "Bearer xoxb-sandbox"})).content == PNG
        shown = await client.get(url + "?page=1")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")


async def test_uploading_to_a_thread_posts_there(lab: Lab) -> None:
    parent = await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="card")
    await lab.client.files_upload_v2(
        filename="report.csv", content="a,b", channel="C0EXPERIMENTS", thread_ts=parent["ts"], initial_comment="Here"
    )
    card, reply = await lab.messages()
    assert (card["reply_count"], reply["thread_ts"], reply["text"]) == (1, parent["ts"], "Here")
    assert reply["files"][0]["name"] == "report.csv"


async def test_an_unfinished_or_missing_file_is_no_image(lab: Lab) -> None:
    announced = await lab.client.files_getUploadURLExternal(filename="chart.png", length=len(PNG))
    for file_id in (announced["file_id"], "F0NONE"):
        with pytest.raises(SlackApiError) as caught:
            await lab.client.chat_postMessage(channel="C0EXPERIMENTS", text="x", blocks=[image(file_id)])
        assert caught.value.response["error"] == "invalid_blocks"
        messages = caught.value.response["response_metadata"]["messages"]
        assert messages == ["[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"]
    with pytest.raises(SlackApiError, match="file_not_found"):
        await lab.client.files_completeUploadExternal(files=[{"id": announced["file_id"]}])


async def test_a_file_input_brings_whole_files(lab: Lab, connect: Connect) -> None:
    got: list[dict[str, Any]] = []

    @lab.app.view("import")
    async def take(ack: Any, view: dict[str, Any]) -> None:
        got.extend(view["state"]["values"]["csv"]["csv"]["files"])
        await ack()

    await connect(lab)
    words = {"type": "plain_text", "text": "Import"}
    element = {"type": "file_input", "action_id": "csv", "filetypes": ["csv"]}
    view = {
        "type": "modal",
        "callback_id": "import",
        "title": words,
        "submit": words,
        "blocks": [{"type": "input", "block_id": "csv", "label": words, "element": element}],
    }
    await lab.client.views_open(trigger_id=lab.workspace.triggers.issue("U0ADA"), view=view)
    view_id = lab.modal()["id"]

    async def submit(name: str) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=lab.sandbox.url, trust_env=False, verify=False) as client:
            sent = await client.post("/_sandbox/upload", data={"user": "U0ADA"}, files={"file": (name, b"a,b")})
        file_id = sent.json()["file"]["id"]
        answer = {"type": "file_input", "files": [{"id": file_id}]}
        return await lab.do("submit", view_id=view_id, state={"values": {"csv": {"csv": answer}}})

    assert (await submit("picture.png"))["errors"] == {"csv": "Please add files of these types: csv."}
    assert await submit("data.csv") == {"ok": True}
    assert (got[0]["name"], got[0]["size"]) == ("data.csv", 3)
    assert got[0]["url_private_download"].startswith(lab.sandbox.url)


async def test_a_length_that_does_not_match_is_refused(lab: Lab) -> None:
    announced = await lab.client.files_getUploadURLExternal(filename="a.txt", length=5)
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        assert (await client.post(announced["upload_url"], content=b"1234")).status_code == 400
        assert (await client.post(announced["upload_url"], content=b"12345")).status_code == 200
