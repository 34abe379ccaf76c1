"""What every picture keeps to with every example: no words cover each other, and none leave the card."""

from __future__ import annotations

import pytest

from tests.charts.drawn import Drawn
from tests.charts.layout import covering, outside
from tests.charts.pictures import EXAMPLES


@pytest.mark.parametrize(("name", "example"), [(name, each) for name, some in EXAMPLES.items() for each in some])
def test_no_words_cover_each_other_or_leave_the_card(name: str, example: str) -> None:
    card = Drawn(name, EXAMPLES[name][example]()).card
    assert (covering(card), outside(card)) == ([], [])
