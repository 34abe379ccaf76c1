"""How the comparisons of a picture read, in one or two lines above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from charts import frame, style
from charts.canvas import Card
from charts.wording import MARKS, SENTENCE, alt, headed, short
from experiments.numerals import listed
from experiments.readout import Comparison, Standing

MOST_SAID, MOST_NAMED = 2, 3
FIRST = 138
LONGEST = 60
SOON = "It is drawn as soon as there are enough."


def verdict_lines(comparisons: Sequence[Comparison], read: Callable[[Comparison], str]) -> list[str]:
    """One or two comparisons in full; of more, who is better, who is worse and who is neither."""
    if len(comparisons) <= MOST_SAID:
        return [f"{MARKS[each.standing]} {read(each)}" for each in comparisons]
    named: dict[Standing, list[str]] = {}
    for each in comparisons:
        named.setdefault(each.standing, []).append(short(each.treatment.variant, 32))
    words = [f"{MARKS[each]} {each.words}: {listed(named[each], MOST_NAMED)}" for each in Standing if each in named]
    return [line for line in (words[0], " · ".join(words[1:])) if line]


def write_verdicts(card: Card, lines: Sequence[str]) -> None:
    """These lines below the title."""
    for place, words in enumerate(lines):
        card.write(style.MARGIN, FIRST + 27 * place, words, size=style.SMALL, width=frame.INNER)


def refusal_words(head: str, refused: str) -> str:
    """The same in words: what there is not, why, and what to do or when there will be."""
    waits = len(SENTENCE.split(refused)) == 1
    return alt((headed(head, refused), SOON if waits else ""))


def refusal(card: Card, refused: str) -> None:
    """A picture that cannot be: its first sentence large, then what that means and what to do."""
    headline, _, words = refused.partition(". ")
    if len(headline) > LONGEST:
        headline, words = "Nothing to show yet", refused
    frame.nothing(card, f"⚠ {headline.removesuffix('.')}", words or SOON)
