"""The menus below a picture: what is chosen is always among them, however many there are to choose from."""

from __future__ import annotations

from typing import Any

import pytest

from experiments.model import Status
from handlers.pictures.asked import Option
from handlers.surfaces.fields import OPTIONS
from tests.gallery.pictures import shown
from tests.handlers.surfaces.situations import experiment


def menu(*options: Option) -> dict[str, Any]:
    """The last menu of the message."""
    message = shown("comparison", "readout", experiment(Status.RUNNING), *options)
    menus = [each for block in message.blocks for each in block.get("elements", ()) if "options" in each]
    return dict(menus[-1])


@pytest.mark.parametrize("chosen", ["variant-3", "variant-130"])
def test_what_is_chosen_is_among_the_choices(chosen: str) -> None:
    choices = [(f"variant-{place}", f"variant {place}") for place in range(140)]
    found = menu(Option("variant", "Variant", choices, chosen))
    assert found["initial_option"]["value"] == chosen
    assert found["initial_option"] in found["options"]
    assert len(found["options"]) <= OPTIONS


def test_a_filter_with_nothing_to_choose_is_no_menu() -> None:
    found = menu(Option("variant", "Variant", [("treatment", "treatment")], "treatment"))
    assert found["action_id"].startswith("chart_by__picture__")
