"""What surfaces offer and hide: the right buttons with the right targets, no lift where none may be shown."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from experiments.announcements import announcements
from experiments.design import Design, MetricRole
from experiments.knowledge.digest import digest_of
from experiments.knowledge.patterns import Trial
from experiments.model import Status
from experiments.pictures.significance import significance_of
from experiments.readout import GuardrailState, Segments, Verdict, VerdictStatus
from handlers.forms import about, target
from handlers.surfaces.announced import ANNOUNCED
from handlers.surfaces.card import card
from handlers.surfaces.decision import decision
from handlers.surfaces.import_report import import_report
from handlers.surfaces.kit import Message, section
from handlers.surfaces.lists import show
from handlers.surfaces.results import results, significance_update
from handlers.surfaces.review_request import review_request, review_settled
from handlers.surfaces.start_modal import start_modal
from handlers.surfaces.state import metrics_line, plan_line
from handlers.table import ACTIONS, PICKS, VIEWS
from tests import gallery
from tests.charts import readings, samples
from tests.handlers.surfaces import situations
from tests.handlers.surfaces.test_limits import nodes


def buttons(surface: Any) -> dict[str, dict[str, Any]]:
    root = surface.blocks if isinstance(surface, Message) else surface
    return {node["action_id"]: node for node in nodes(root) if node.get("type") == "button"}


@pytest.mark.parametrize(
    ("status", "verbs"),
    [
        (Status.DRAFT, {"review", "edit", "predict", "note"}),
        (Status.APPROVED, {"start", "schedule", "edit", "predict", "note"}),
        (Status.RUNNING, {"results", "note", "pause", "stop", "rollback"}),
        (Status.PAUSED, {"resume", "results", "note", "stop", "rollback"}),
        (Status.STOPPED, {"decide", "results", "import", "note", "archive"}),
        (Status.DECIDED, {"promote", "results", "note", "archive"}),
        (Status.ARCHIVED, {"results", "clone"}),
    ],
)
def test_a_card_has_the_buttons_of_its_state(status: Status, verbs: set[str]) -> None:
    found = buttons(card(situations.experiment(status)))
    assert set(found) == verbs
    assert {target(button["value"]) for button in found.values()} == {("checkout-button", "5")}


def test_an_unfinished_draft_cannot_ask_for_a_review() -> None:
    unfinished = situations.experiment(design=Design())
    assert set(buttons(card(unfinished))) == {"edit", "predict", "note"}
    assert "the hypothesis is empty" in json.dumps(card(unfinished).blocks)


def test_an_approval_carries_the_hash_of_what_is_looked_at() -> None:
    asked = situations.experiment(Status.IN_REVIEW)
    found = buttons(review_request(asked))
    for verb in ("approve", "request_changes"):
        assert target(found[verb]["value"]) == ("checkout-button", asked.design.hash)
    assert not buttons(review_settled(asked, "approved the design", situations.BO))


def test_nothing_can_be_pressed_that_nobody_answers() -> None:
    surfaces = [*gallery.all_messages().values(), *gallery.all_views().values()]
    verbs = {action_id.partition("__")[0] for surface in surfaces for action_id in buttons(surface)}
    assert verbs <= ACTIONS.keys()


def test_nothing_can_be_submitted_that_nobody_answers() -> None:
    for view in gallery.all_views().values():
        if "submit" in view and view["callback_id"] == "pick":
            assert about(view)["verb"] in PICKS
        elif "submit" in view:
            assert view["callback_id"] in VIEWS


def test_everything_that_is_announced_can_be_drawn() -> None:
    for status in (Status.IN_REVIEW, Status.APPROVED, Status.DECIDED):
        after = situations.experiment(status)
        for command in ("RequestReview", "LogDecision", "ApproveReview"):
            changed = {"command": command, "status_before": Status.IN_REVIEW}
            for each in announcements(situations.record().model_copy(update=changed), None, after):
                if each.surface != "decision" or after.decision:
                    assert ANNOUNCED[each.surface](each.payload).blocks


def test_scheduled_messages_are_drawn_from_their_payload() -> None:
    snapshot = situations.experiment(Status.IN_REVIEW).model_dump(mode="json")
    reminder = {"experiment": snapshot, "which": "half"}
    assert "still open" in ANNOUNCED["review_reminder"](reminder).text
    assert "was needed" in ANNOUNCED["review_reminder"]({**reminder, "which": "due"}).text
    assert "waits for its decision" in ANNOUNCED["decision_reminder"](reminder).text
    update = ANNOUNCED["significance_update"]({"readouts": [samples.readout().model_dump(mode="json")]})
    assert update == significance_update((samples.readout(),))
    digest = ANNOUNCED["weekly_digest"]({"digest": situations.week().model_dump(mode="json")})
    assert "Cache the embeddings" in json.dumps(digest.blocks)


def test_no_lift_is_shown_while_a_finding_forbids_it() -> None:
    blocked = samples.broken().model_copy(update={"comparisons": samples.readout().comparisons})
    for surface in (results(blocked), significance_update((blocked,))):
        assert "relative to control" not in json.dumps(surface.blocks)
        assert not {picture.chart for picture in surface.pictures} - {"comparison"}
    assert significance_update((blocked,)).pictures == ()
    assert "The split is off" in json.dumps(results(blocked).blocks)


def test_an_update_begins_with_what_calls_for_people() -> None:
    waiting, decisive = samples.readout(), samples.readout()
    assert waiting.verdict.status is VerdictStatus.DAYS_LEFT
    ship = Verdict(status=VerdictStatus.SHIP, sentence="Ship treatment: it raises conversion by 4.1 %.")
    decisive = decisive.model_copy(update={"key": "decisive", "verdict": ship})
    update = significance_update((waiting, samples.broken(), decisive))
    told = [block["text"]["text"] for block in update.blocks if "accessory" in block]
    assert "🚀 *Ship treatment:* it raises conversion by 4.1\u00a0%." in told[0]
    assert "🚫 *Do not read these numbers.*" in told[1]
    assert "⏳ *Keep it running:*" in told[2]
    assert [picture.data.readout.key for picture in update.pictures] == ["decisive", waiting.key]


def test_what_has_ended_is_not_offered_to_start() -> None:
    refused = json.dumps(start_modal(situations.experiment(Status.DECIDED)), ensure_ascii=False)
    assert "cannot be started now" in refused


def test_an_import_tells_each_reason_once_with_its_lines() -> None:
    rows = ("line 9: n falls", *(f"line {line:,}: variance_c is empty" for line in (3, 1_000, 1_001, 1_002)))
    told = json.dumps(import_report(situations.report(left_out=rows)).blocks, ensure_ascii=False)
    assert "Left out: 5 rows" in told
    assert "n falls: line 9\\nvariance_c is empty: lines 3, 1,000–1,002" in told


def test_an_import_without_news_says_so_alone() -> None:
    (told,) = import_report(situations.report(rows=0, reached={}, unchanged=("checkout-button",))).blocks
    assert told["text"]["text"].splitlines()[1:] == ["Already known, nothing added: 1 experiment."]


def test_imports_in_a_row_are_one_line_of_the_history() -> None:
    created = situations.record(0, "created the draft")
    imports = [
        situations.record(place, f"imported day {place}").model_copy(update={"command": "ImportAggregates"})
        for place in (1, 2, 3)
    ]
    told = json.dumps(show(situations.experiment(Status.RUNNING), (), [created, *imports], situations.actor()).blocks)
    assert "imported day 3 (2 imports before)" in told
    assert "imported day 2" not in told
    assert "created the draft" in told


def test_a_long_run_is_told_with_what_was_planned() -> None:
    late = situations.experiment(Status.RUNNING, data_day=16.0)
    assert "day 16 (14 planned)" in json.dumps(card(late).blocks)


def test_results_say_the_verdict_first_and_bring_both_pictures() -> None:
    readout = samples.readout()
    said = results(readout)
    assert said.blocks[1]["text"]["text"].endswith("About 8 days left.")
    assert [picture.chart for picture in said.pictures] == ["comparison", "significance"]
    assert [picture.data for picture in said.pictures] == [readout, significance_of(readout)]
    assert all(picture.alt for picture in said.pictures)
    assert "+4.1 % (1.2 % to 7.0 %) relative to control" in said.blocks[2]["text"]["text"]


def test_nothing_is_drawn_before_there_are_data() -> None:
    said = results(samples.empty())
    assert said.pictures == ()
    assert "nothing found" not in json.dumps(said.blocks)


def test_words_take_the_place_of_a_picture_that_failed() -> None:
    said = results(samples.readout()).with_files([None, "F2"])
    pictures = [block for block in said.blocks if block["type"] == "image"]
    assert [block["slack_file"] for block in pictures] == [{"id": "F2"}]
    assert "could not be drawn" in json.dumps(said.blocks)
    assert said.pictures == ()


def test_only_what_passes_the_checklist_can_be_started() -> None:
    approved = situations.experiment(Status.APPROVED)
    assert start_modal(approved)["submit"]["text"] == "Start now"
    for status in (Status.DRAFT, Status.IN_REVIEW, Status.RUNNING):
        assert "submit" not in start_modal(situations.experiment(status))
    assert "❌" not in json.dumps(start_modal(approved), ensure_ascii=False)


def test_an_undecided_experiment_has_nothing_to_announce() -> None:
    with pytest.raises(ValueError, match="no decision"):
        decision(situations.experiment(Status.STOPPED), situations.ADA)


def test_a_digest_tells_the_period_and_nothing_else() -> None:
    running = situations.experiment(Status.RUNNING)
    started = running.started_at
    assert started is not None
    trials = [Trial(tags=("checkout",), lift=0.032, hit=True)] * 5
    digest = digest_of([running], trials, started, started + timedelta(days=7))
    assert [each.key for each in digest.started] == ["checkout-button"]
    assert not digest.finished
    assert not digest.is_empty
    assert digest.pattern_experiments == 5
    assert digest.patterns[0].startswith("checkout: HIGH")
    later = digest_of([running], trials, started + timedelta(days=1), started + timedelta(days=8))
    assert later.is_empty
    overdue = digest_of([running], (), started + timedelta(days=10), started + timedelta(days=17))
    assert overdue.needs_people[0].what == "planned end passed 3 days ago"


def test_a_digest_names_who_is_waited_for() -> None:
    some = [situations.experiment(status) for status in (Status.IN_REVIEW, Status.APPROVED, Status.STOPPED)]
    digest = digest_of(some, (), situations.NOW, situations.NOW + timedelta(days=7))
    assert [(each.what, each.who) for each in digest.needs_people] == [
        ("the review waits for an answer and is late", (situations.BO,)),
        ("approved, to be started", (situations.ADA,)),
        ("stopped, the decision is owed", (situations.ADA,)),
    ]


def test_lines_beyond_a_section_are_counted() -> None:
    text = section(*["x" * 1000] * 5)["text"]["text"]
    assert text.endswith("\n… and 3 more lines")
    assert section("x" * 4000)["text"]["text"] == "… and 1 more line"


def lines_of(message: Message) -> list[str]:
    texts = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    return [line.replace("\u00a0", " ") for text in texts for line in text.splitlines()]


def test_guardrails_are_told_by_their_state_and_by_the_p_of_harm() -> None:
    lines = lines_of(results(readings.guarded()))
    for metric, state in (("latency-p95", "🚨 breached"), ("error-rate", "🛡️ healthy"), ("refunds", "〰️ inconclusive")):
        assert f"*{metric}* (guardrail) · bigger-button against control · {state}" in lines
    assert (
        "difference +24.3 (20.5 to 28.4) ms · always-valid p &lt; 0.001 for harm past its limit of 2.0 % · ↓ good"
        in lines
    )
    assert "+5.9 % (5.0 % to 6.9 %) relative to control" in lines


def test_the_p_of_harm_is_always_valid_whatever_the_method() -> None:
    lines = lines_of(results(readings.fixed()))
    assert any("fixed-horizon p = 0.038 · ↑ good" in line for line in lines)
    assert any("always-valid p = 1 for harm past its limit" in line for line in lines)


def test_monitoring_shows_estimates_and_nothing_to_read_into() -> None:
    message = results(readings.monitoring())
    lines = lines_of(message)
    assert sum(line.endswith("👀 monitoring only") for line in lines) == 2
    assert "*latency-p95* (guardrail) · two-columns against control · 🛡️ healthy" in lines, "guardrails never wait"
    assert "difference +0.76 points per user · ↑ good" in lines
    about_effects = [line for line in lines if "for harm past its limit" not in line]
    assert not [line for line in about_effects if "p = " in line or "p &lt;" in line or "unclear" in line]
    assert "fixed-horizon, read once, at the planned end" in message.blocks[-1]["elements"][0]["text"]
    assert [picture.chart for picture in message.pictures] == ["comparison"]


def test_segments_are_exploratory_and_say_whether_they_differ() -> None:
    lines = lines_of(results(readings.by_country()))
    head = "*conversion* of shorter-form by country · exploratory · the effect differs between them"
    assert f"{head} (p &lt; 0.001, I² 92.5 %)" in lines
    assert "• DE: +28.3 % (2.1 % to 63.2 %) · ✅ better · n = 8,000" in lines
    assert "• NL: no number, only 80 units in control so far; 100 are needed." in lines
    assert "Adjusted: Benjamini–Hochberg over 4 comparisons" in lines


def test_levels_that_do_not_differ_or_are_many_are_said_to() -> None:
    level = samples.compared(relative=None, relative_interval=None)
    segments = Segments(
        dimension="device", metric="conversion", treatment="bigger-button", i2=0.1, p=0.4,
        levels={f"device-{place}": level for place in range(11)},
    )  # fmt: skip
    alone = segments.model_copy(update={"i2": None, "p": None, "levels": {"phone": level}})
    lines = lines_of(results(samples.readout(segments=(segments, alone))))
    assert any(line.endswith("no clear difference between them (p = 0.400, I² 10.0 %)") for line in lines)
    assert "• device-7: +0.41 points per user · ✅ better · n = 10,000" in lines
    assert "… and 3 more" in lines
    assert "*conversion* of bigger-button by device · exploratory" in lines


def test_families_and_covariates_are_named_beside_their_p() -> None:
    lines = lines_of(results(readings.families()))
    assert any("always-valid p = 0.017 (Holm over 2 treatments)" in line for line in lines)
    assert any("always-valid p = 0.006 (Benjamini–Hochberg over 4 comparisons)" in line for line in lines)
    assert any("49.0 % less variance through CUPED" in line for line in lines_of(results(readings.cuped())))


def test_a_guardrail_without_a_limit_speaks_of_any_harm() -> None:
    guarded = samples.compared(
        role=MetricRole.GUARDRAIL, guardrail=GuardrailState.INCONCLUSIVE, harm=0.002, harm_p=0.2, limit=None
    )
    lines = lines_of(results(samples.readout().model_copy(update={"comparisons": (guarded,)})))
    assert any("always-valid p = 0.200 for any harm" in line for line in lines)


@pytest.mark.parametrize(
    ("kind", "unit", "limit", "words"),
    [
        ("mean", "ms", None, "(guardrail, ↓"),
        ("mean", "ms", {"harm": 0.02}, "(guardrail, limit 2 % worse, ↓"),
        ("mean", "ms", {"harm": 3, "scale": "absolute"}, "(guardrail, limit 3 ms worse, ↓"),
        ("mean", "per user", {"harm": 0.5, "scale": "absolute"}, "(guardrail, limit 0.5 worse, ↓"),
        ("proportion", "per user", {"harm": 0.005, "scale": "absolute"}, "(guardrail, limit 0.50 points worse, ↓"),
    ],
)
def test_a_guardrail_is_told_with_its_limit(kind: str, unit: str, limit: dict[str, Any] | None, words: str) -> None:
    metric = {"key": "latency", "role": "guardrail", "direction": "down", "kind": kind, "unit": unit, "limit": limit}
    assert words in metrics_line(Design.model_validate({"metrics": [metric]}))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "14 days, 5,000 users, α = 0.05, always-valid"),
        ({"method": "fixed"}, "14 days, 5,000 users, α = 0.05, fixed"),
        ({"variants": 3}, "α = 0.05, always-valid, Holm over treatments"),
        ({"variants": 3, "correction": "none"}, "α = 0.05, always-valid, treatments not adjusted"),
    ],
)
def test_the_plan_says_how_it_is_read(changes: dict[str, Any], words: str) -> None:
    if "variants" in changes:
        keys = (("control", 5_000), ("blue", 2_500), ("red", 2_500))
        changes = changes | {
            "variants": [{"key": key, "weight": weight, "is_control": key == "control"} for key, weight in keys]
        }
    assert plan_line(Design.model_validate(changes)).endswith(words)
