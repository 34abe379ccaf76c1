"""The words of the product: text is cleaned once, designs compare by hash, states agree with what they carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from experiments.audit import state_hash
from experiments.design import Design, Limit, Metric, Variant
from experiments.model import ENDED, LIVE, Approval, Experiment, Status, StopReason
from experiments.texts import Line, Prose, Tag
from tests.experiments.stages import HYPOTHESIS, METRICS, VARIANTS, lead_to
from tests.worlds import MONDAY, MemoryWorld

DESIGN = Design.model_validate({"hypothesis": HYPOTHESIS, "variants": VARIANTS, "metrics": METRICS})
CHANGES = {
    "hypothesis": "If not, then not.",
    "kind": "prompt_ab",
    "unit": "session",
    "variants": [{**VARIANTS[0], "weight": 1000}, {**VARIANTS[1], "weight": 9000}],
    "metrics": METRICS[:1],
    "smallest_effect": 0.03,
    "planned_days": 15,
    "planned_units": 6000,
    "alpha": 0.01,
    "rule": "do_no_harm",
    "method": "fixed",
    "correction": "none",
    "exposure": 5000,
    "expectation": {"baseline": 0.12},
    "audience": [{"attribute": "country", "operator": "is", "values": ["DE"]}],
    "exclusion": {"group": "checkout", "first": 0, "share": 5000},
    "canary": {"steps": [500, 2500]},
}


@pytest.mark.parametrize("kind", [Line, Prose, Tag])
@given(text=st.text(max_size=30))
def test_cleaning_twice_changes_nothing_more(kind: type[str], text: str) -> None:
    clean = TypeAdapter(kind)
    try:
        once = clean.validate_python(text)
    except ValidationError:
        return
    assert clean.validate_python(once) == once
    assert once.encode().decode() == once


@given(text=st.text(max_size=30))
async def test_what_is_kept_reads_back_the_same(text: str) -> None:
    experiment = Experiment(
        workspace="T1", key="ab", title=f"x{text}", owner="U1", created_at=MONDAY, updated_at=MONDAY, stop_note=text
    )
    again = Experiment.model_validate_json(experiment.model_dump_json())
    assert state_hash(again) == state_hash(experiment)


def test_every_field_of_a_design_moves_its_hash() -> None:
    assert set(CHANGES) == set(Design.model_fields)
    changed = {Design.model_validate({**DESIGN.model_dump(), name: value}).hash for name, value in CHANGES.items()}
    assert len(changed | {DESIGN.hash}) == len(CHANGES) + 1


def test_approvals_from_before_methods_corrections_and_limits_stay_valid() -> None:
    """SHA-256 of the canonical JSON of the fields that a design had when these were added."""
    design = Design.model_validate(
        {
            "hypothesis": "If bigger then more.",
            "kind": "prompt_ab",
            "variants": [
                {"key": "control", "weight": 5000, "is_control": True},
                {"key": "treatment", "weight": 5000, "config": {"limit": None, "method": "always_valid"}},
            ],
            "metrics": [
                {"key": "conversion", "role": "primary", "kind": "proportion"},
                {"key": "latency", "role": "guardrail", "direction": "down", "unit": "ms"},
            ],
            "smallest_effect": 0.03,
        }
    )
    assert design.hash == "35dc7d05137e69779dbef5b33fd9f92d71927f6f3123413ebe906e58a2820495"
    latency = design.metrics[1].model_copy(update={"limit": Limit(harm=0.0)})
    assert design.model_copy(update={"metrics": (design.metrics[0], latency)}).hash != design.hash


def test_factors_are_approved_with_the_design_and_their_order_does_not_matter() -> None:
    one, two, other = (
        DESIGN.model_copy(
            update={
                "variants": tuple(
                    each.model_copy(update={"factors": cell}) for each, cell in zip(DESIGN.variants, cells, strict=True)
                )
            }
        )
        for cells in (
            ({"model": "small", "prompt": "long"}, {"model": "large", "prompt": "short"}),
            ({"prompt": "long", "model": "small"}, {"prompt": "short", "model": "large"}),
            ({"model": "small", "prompt": "long"}, {"model": "large", "prompt": "shorter"}),
        )
    )
    assert one.hash == two.hash
    assert len({DESIGN.hash, one.hash, other.hash}) == 3


def test_equal_designs_share_their_hash_whatever_the_order_of_their_config() -> None:
    one = Variant(key="aa", weight=0, config={"model": "small", "t": 1})
    two = Variant(key="aa", weight=0, config={"t": 1, "model": "small"})
    control = Variant(key="control", weight=10_000, is_control=True)
    assert Design(variants=(control, one)).hash == Design(variants=(control, two)).hash
    assert Design.model_validate_json(DESIGN.model_dump_json()).hash == DESIGN.hash


def test_a_design_knows_its_arms_and_what_it_lacks() -> None:
    assert (DESIGN.control.key, [each.key for each in DESIGN.treatments]) == ("control", ["treatment"])
    assert DESIGN.primary is not None
    assert DESIGN.primary.key == "conversion"
    assert DESIGN.missing() == {}
    assert set(Design().missing()) == {"hypothesis", "variants", "primary_metric"}
    assert Design(metrics=(Metric(key="latency"),)).primary is None


def test_two_controls_are_one_too_many() -> None:
    both = [{**variant, "is_control": True} for variant in VARIANTS]
    with pytest.raises(ValidationError, match="exactly one variant is the control"):
        Design.model_validate({"variants": both})


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.APPROVED, "carries the approval of its own design"),
        (Status.IN_REVIEW, "carries its review"),
        (Status.DECIDED, "carries its decision"),
    ],
)
async def test_a_status_carries_what_led_to_it(status: Status, words: str) -> None:
    draft = await lead_to(Status.DRAFT, MemoryWorld())
    with pytest.raises(ValidationError, match=words):
        draft.evolve(status=status)


async def test_an_approval_of_another_design_is_none() -> None:
    draft = await lead_to(Status.DRAFT, MemoryWorld())
    foreign = Approval(design_hash="f" * 64, by="U0BO", at=MONDAY)
    with pytest.raises(ValidationError, match="approval of its own design"):
        draft.evolve(status=Status.APPROVED, approval=foreign)


async def test_values_never_change_once_made() -> None:
    draft = await lead_to(Status.DRAFT, MemoryWorld())
    with pytest.raises(ValidationError, match="frozen"):
        draft.title = "Other"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="colour"):
        draft.evolve(colour="red")


async def test_live_and_ended_are_told_apart() -> None:
    running = await lead_to(Status.RUNNING, MemoryWorld())
    assert running.is_live
    assert running.control.key == "control"
    assert not LIVE & ENDED
    assert StopReason.INSUFFICIENT_DATA.words == "insufficient data"
