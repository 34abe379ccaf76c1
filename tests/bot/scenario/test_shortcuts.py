"""Shortcuts and notes over the wire: messages and threads become notes and decisions."""

from __future__ import annotations

from typing import Any

from experiments.model import Experiment, NoteState, Outcome, Status
from experiments.preferences import Preferences
from tests.bot.scenario.lab import ADA, BO, CHANNEL, CHEN, Lab, button, filled

KEY = "bigger-button"


async def posts(lab: Lab, text: str, user: str = BO, channel: str = CHANNEL, thread_ts: str | None = None) -> str:
    """The person writes a message; its ts."""
    sent = await lab.control("message", user=user, channel=channel, text=text, thread_ts=thread_ts)
    return str(sent["message"]["ts"])


async def calls_up(
    lab: Lab, shortcut: str, ts: str | None = None, user: str = ADA, channel: str = CHANNEL
) -> dict[str, Any]:
    place = {"channel": channel, "message_ts": ts} if ts else {}
    return await lab.control("shortcut", user=user, callback_id=shortcut, **place)


async def notes_of(lab: Lab, key: str = KEY) -> list[Any]:
    async with lab.world.reading(lab.world.workspace) as uow:
        return list(await uow.notes.of(key))


async def stopped(lab: Lab) -> Experiment:
    running = await lab.runs()
    await lab.types(f"stop {running.key}")
    await lab.submits(reason="completed")
    await lab.settled()
    return await lab.experiment(running.key)


async def presses_in_modal(lab: Lab, entry: str, user: str = ADA) -> dict[str, Any]:
    """The person chooses this entry of a menu in the topmost modal."""
    view = lab.modal(user)
    for block in view["blocks"]:
        for option in (block.get("accessory") or {}).get("options", ()):
            if option["value"].startswith(entry):
                action = {"type": "overflow", "action_id": block["accessory"]["action_id"]}
                return await lab.control(
                    "action",
                    user=user,
                    container={"type": "view", "view_id": view["id"]},
                    action=action | {"block_id": block["block_id"], "selected_option": option},
                )
    raise AssertionError(f"no entry {entry} in {view}")


async def test_a_message_becomes_a_note_that_links_to_it(lab: Lab) -> None:
    await lab.drafts()
    ts = await posts(lab, "Hey <@U0ADA>, traffic was low & slow, see https://example.com/graph")
    await calls_up(lab, "add_to_experiment", ts)
    modal = lab.modal()
    text = next(block["element"]["initial_value"] for block in modal["blocks"] if block.get("block_id") == "text")
    assert text == "Hey @Ada Meyer, traffic was low & slow, see https://example.com/graph"
    await lab.submits(kind="learning")
    assert "has 1 note now" in str(lab.modal())
    (note,) = await notes_of(lab)
    assert (note.kind.value, note.text, note.by) == ("learning", text, ADA)
    assert note.source == f"{lab.sandbox.url}/archives/{CHANNEL}/p{ts.replace('.', '')}"
    await lab.settled()
    await lab.types(f"show {KEY}")
    assert f"<{note.source}|the message>" in str(await lab.answer())


async def test_a_long_message_is_cut_with_its_count_and_can_be_changed(lab: Lab) -> None:
    await lab.drafts()
    await calls_up(lab, "add_to_experiment", await posts(lab, "word " * 2_000))
    text = next(each["element"]["initial_value"] for each in lab.modal()["blocks"] if each.get("block_id") == "text")
    assert len(text) <= 3_000
    assert "characters more)" in text
    await lab.submits(text="Shorter.")
    assert [note.text for note in await notes_of(lab)] == ["Shorter."]


async def test_without_an_experiment_the_person_is_told_what_to_do(lab: Lab) -> None:
    ts = await posts(lab, "Something")
    for shortcut, words in (
        ("add_to_experiment", "no experiment you can add"),
        ("decision_from_thread", "No experiment"),
    ):
        await calls_up(lab, shortcut, ts)
        assert await lab.message_with(words)
        assert lab.modals() == []


async def test_an_experiment_archived_in_the_meantime_says_so_and_keeps_the_words(lab: Lab) -> None:
    ended = await stopped(lab)
    await calls_up(lab, "add_to_experiment", await posts(lab, "Too late?"))
    await lab.types(f"archive {ended.key}", user=BO)
    await lab.submits(BO)
    await lab.submits(text="My words")
    assert "is archived, so it cannot be given notes" in str(lab.modal())
    assert len(lab.modals()) == 2
    assert await notes_of(lab) == []


async def test_a_decision_is_drafted_from_its_thread(lab: Lab) -> None:
    await stopped(lab)
    root = await posts(lab, "So, do we ship it?")
    await posts(lab, "I would, <@U0ADA>: nothing else moved.", user=CHEN, thread_ts=root)
    await calls_up(lab, "decision_from_thread", root)
    await lab.submits()
    await lab.settled()
    modal = lab.modal()
    assert modal["callback_id"] == "decide"
    assert "2 messages read" in str(modal)
    assert "summary__" in str([block.get("block_id") for block in modal["blocks"]])
    await lab.submits(outcome="iterate", reasoning="Chen is right.", next_steps="Try blue.")
    await lab.settled()
    decided = await lab.experiment(KEY)
    assert decided.decision
    assert (decided.status, decided.decision.outcome) == (Status.DECIDED, Outcome.ITERATE)
    assert decided.decision.source.endswith(f"/archives/{CHANNEL}/p{root.replace('.', '')}")
    assert decided.decision.summary
    assert "this conversation" in str(await lab.message_with("decided to *iterate*"))


async def test_where_the_bot_is_no_member_it_says_how_to_mend_that(lab: Lab) -> None:
    await stopped(lab)
    elsewhere = "C0GENERAL"
    root = await posts(lab, "Ship it.", channel=elsewhere)
    await calls_up(lab, "decision_from_thread", root, channel=elsewhere)
    await lab.submits()
    await lab.settled()
    assert "not a member of its channel. Type /invite @Bunsen there, then draft again." in str(lab.modal())
    await lab.control("invite", user=lab.workspace.app.user_id, inviter=ADA, channel=elsewhere)
    again = button(lab.modal()["blocks"], "draft_summary")
    state = {"values": filled(lab.modal(), {"reasoning": "Typed before."})}
    container = {"type": "view", "view_id": lab.modal()["id"]}
    await lab.control("action", user=ADA, container=container, action=again, state=state)
    await lab.settled()
    assert "1 message read" in str(lab.modal())
    assert lab.modal()["state"]["values"]["reasoning"]["reasoning"]["value"] == "Typed before."


async def test_a_decided_experiment_is_not_offered_again(lab: Lab) -> None:
    await stopped(lab)
    root = await posts(lab, "Ship it.")
    await calls_up(lab, "decision_from_thread", root)
    await lab.types(f"decide {KEY}", user=BO)
    await lab.submits(BO, outcome="ship", reasoning="Clear.")
    await lab.submits()
    assert "decided" in str(lab.modal())
    assert not lab.modal().get("submit")
    await lab.settled()
    await calls_up(lab, "decision_from_thread", root, user=CHEN)
    assert await lab.message_with("No experiment waits for your decision", user=CHEN)


async def test_an_experiment_begins_from_anywhere(lab: Lab) -> None:
    await calls_up(lab, "new_experiment")
    assert lab.modal()["callback_id"] == "create_what"
    await lab.submits(title="From the bolt")
    await lab.settled()
    assert (await lab.experiment("from-the-bolt")).owner == ADA


async def test_a_shortcut_that_comes_again_opens_one_modal(lab: Lab) -> None:
    await calls_up(lab, "new_experiment")
    index = lab.sandbox.courier.deliveries[-1].index
    assert (await lab.control("redeliver", index=index))["ok"]
    assert len(lab.modals()) == 1


async def test_a_guest_is_told_that_shortcuts_are_for_members(lab: Lab) -> None:
    await lab.drafts()
    ts = await posts(lab, "Add me")
    await lab.control("person", id=CHEN, is_restricted=True)
    lab.world.people.forget()
    await calls_up(lab, "add_to_experiment", ts, user=CHEN)
    assert await lab.message_with("given a role", user=CHEN)
    assert lab.modals(CHEN) == []


async def test_an_experiment_from_the_home_tab_lives_in_the_channel_one_connected(lab: Lab) -> None:
    async with lab.world.uow(lab.world.workspace) as uow:
        await uow.preferences.save(Preferences(subject=ADA, filters={"channel": CHANNEL}))
    await calls_up(lab, "new_experiment")
    assert f"Its card will stand in <#{CHANNEL}>" in str(lab.modal())
    await lab.submits(title="First idea")
    await lab.settled()
    assert (await lab.experiment("first-idea")).channel == CHANNEL
    await calls_up(lab, "new_experiment", user=BO)
    assert "Its card will stand" not in str(lab.modal(BO))


async def test_a_note_is_edited_and_deleted_and_says_so(lab: Lab) -> None:
    await lab.drafts()
    await lab.types(f"note {KEY} Traffic was low.")
    await lab.types(f"note {KEY} Remove me.")
    await lab.types(f"note {KEY}")
    await presses_in_modal(lab, f"note_edit:{KEY}@1")
    assert lab.modal()["title"]["text"] == "Edit note 1"
    await lab.submits(text="Traffic was high.")
    await lab.settled()
    assert "Traffic was high." in str(lab.modal())
    await presses_in_modal(lab, f"note_before:{KEY}@1")
    assert "Traffic was low." in str(lab.modal())
    assert "Traffic was high." in str(lab.modal())
    await lab.control("close", user=ADA, view_id=lab.modal()["id"])
    await presses_in_modal(lab, f"note_delete:{KEY}@2")
    await lab.submits()
    await lab.settled()
    shown = str(lab.modal())
    assert "Note 2 was deleted by <@U0ADA>" in shown
    assert "Remove me" not in shown
    assert [note.state for note in await notes_of(lab)] == [NoteState.EDITED, NoteState.DELETED]
    await lab.types(f"show {KEY}")
    told = str(await lab.answer())
    assert "noted (observation) (deleted since)" in told
    assert "Remove me" not in told
    assert "Traffic was low." in told


async def test_somebody_elses_note_is_theirs_and_a_deleted_one_stays_deleted(lab: Lab) -> None:
    await lab.drafts(user=BO)
    await lab.types(f"note {KEY} From Bo.", user=BO)
    await lab.types(f"note {KEY}", user=CHEN)
    assert "note_edit" not in str(lab.modal(CHEN))
    await lab.types(f"note {KEY}", user=BO)
    await presses_in_modal(lab, f"note_edit:{KEY}@1", user=BO)
    await lab.types(f"note {KEY}", user=ADA)
    await presses_in_modal(lab, f"note_delete:{KEY}@1", user=ADA)
    await lab.submits(ADA)
    await lab.submits(BO, text="Changed too late.")
    assert "deleted in the meantime" in str(lab.modal(BO))
    assert [note.state for note in await notes_of(lab)] == [NoteState.DELETED]
