"""Names beside points: never over each other, over a point or outside, and the first ones first."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from charts import style
from charts.canvas import Card
from charts.letters import text_width
from charts.parts.callouts import TALL, UNDER, Box, Spot, call_out

WITHIN = Box(100, 100, 900, 500)
PLACES = st.lists(st.tuples(st.floats(100, 900), st.floats(100, 500), st.floats(1, 20)), min_size=1, max_size=25)


def boxes(card: Card) -> list[Box]:
    return [
        Box(each.x, each.y - TALL + UNDER, each.x + text_width(each.text, each.size, each.bold), each.y + UNDER)
        for each in card.words
    ]


@settings(max_examples=30)
@given(PLACES, st.integers(0, 5))
def test_no_name_covers_another_a_point_or_the_frame(places: list[tuple[float, float, float]], insist: int) -> None:
    card = Card(1000, 600)
    spots = [Spot(x, y, radius, f"Name {place}") for place, (x, y, radius) in enumerate(places)]
    hard, soft = [Box(100, 298, 900, 302)], [Box(498, 100, 502, 500)]
    written = call_out(card, spots, WITHIN, hard, soft, insist)
    found = boxes(card)
    assert len(found) == len(written)
    assert not any(one.meets(other) for one, other in combinations(found, 2))
    assert all(WITHIN.holds(each) and not each.meets(hard[0]) for each in found)
    assert not any(each.meets(Box(x - r, y - r, x + r, y + r)) for each in found for x, y, r in places)
    late = [box for words, box in zip(written, found, strict=True) if int(words.removeprefix("Name ")) >= insist]
    assert not any(each.meets(soft[0]) for each in late)


def test_a_lone_point_has_its_name_at_its_right_and_a_long_one_is_cut() -> None:
    card = Card(1000, 600)
    call_out(card, [Spot(200, 200, 10, "Here"), Spot(200, 300, 10, "x" * 200), Spot(200, 400, 10)], WITHIN)
    first, second = card.words
    assert (first.text, first.x > 210, abs(first.y - 200) < style.SMALL) == ("Here", True, True)
    assert second.text.endswith("…")
