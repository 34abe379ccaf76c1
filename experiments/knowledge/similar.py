"""Similar experiments: what was tried before that an idea ought to know of, each with the reason in words.

Shared words of title and hypothesis weigh by how rare they are among all experiments (tf-idf, Salton & Buckley 1988),
shared tags, primary metric, kind and project a fixed amount each. What is only a little alike is left out.
"""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable
from math import fsum, log, sqrt
from typing import NamedTuple

from experiments.model import Experiment
from experiments.numerals import listed, plural

APART = str.maketrans(dict.fromkeys(string.punctuation + "…–—‘’“”„«»", " "))
STOP_WORDS = frozenset(
    "about above after again all also although and another any are because been before being below better between both "
    "but can change could did does doing down during each every few fewer for from further goes had has have having "
    "her here him his how increase increases into its itself just less like make makes many may might more most much "
    "must new next not now off old once only other our out over own per rather same she should since some such than "
    "that the their them then there these they this those though through too under until upon use used user users uses "
    "using very was way were what when where whether which while who whom whose why will with within without would "
    "you your one two get gets give gives lead leads show shows drop drops fall falls improve improves reduce reduces "
    "rise rises raise raises lower higher test tests experiment experiments".split()
)
TAG, METRIC, KIND, PROJECT = 0.2, 0.2, 0.05, 0.1
THRESHOLD = 0.4
DIGITS = 9
NAMED = 4
SHORTEST = 3


class Known(NamedTuple):
    """What is compared of an experiment, or of an idea that has no key yet; `metric` is the primary one.

    >>> Known("bigger-button", "Bigger button").tags
    ()
    """

    key: str
    title: str
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    metric: str = ""
    kind: str = ""
    project: str = ""


class Match(NamedTuple):
    """A similar experiment; `why` says in words what both have in common, `score` how much that weighs."""

    key: str
    title: str
    why: str
    score: float


def known(experiment: Experiment) -> Known:
    """What of an experiment is compared with others."""
    design = experiment.design
    metric = design.primary.key if design.primary else ""
    return Known(
        experiment.key,
        experiment.title,
        design.hypothesis,
        experiment.tags,
        metric,
        design.kind.words,
        experiment.project,
    )


def similar(idea: Known, candidates: Iterable[Known], most: int = 5) -> tuple[Match, ...]:
    """The candidates most like the idea, best first and never the idea itself; none where nothing is much alike.

    >>> idea = Known("", "Larger checkout button", tags=("checkout",), metric="conversion")
    >>> tried = [Known("red", "Red checkout button", tags=("checkout",), metric="conversion"), Known("gpt", "Prompt")]
    >>> [(match.key, match.why) for match in similar(idea, tried)]
    [('red', 'same metric conversion, tag checkout, words button and checkout')]
    """
    subject = _Subject()
    mine = {subject[token]: token for token in reversed(_tokens(idea)) if subject[token]}
    others = [(each, {*map(subject.__getitem__, _tokens(each))} - {""}) for each in candidates if each.key != idea.key]
    spread = Counter[str]()
    for _, words in others:
        spread.update(words)
    weight = {word: log(1 + len(others) / count) for word, count in spread.items()}
    unheard = log(1 + max(1, len(others)))

    def length(words: Iterable[str]) -> float:
        return sqrt(fsum([weight.get(word, unheard) ** 2 for word in words]))

    found, own = [], length(mine)
    for each, words in others:
        shared, common = mine.keys() & words, _in_common(idea, each)
        # One word alone may be chance, so it counts half, two count two thirds.
        most_alike = length(shared) / own * len(shared) / (len(shared) + 1) if shared else 0.0
        if most_alike + common < THRESHOLD:
            continue
        score = most_alike * length(shared) / length(words) + common if shared else common
        if score >= THRESHOLD:
            rarest = sorted(shared, key=lambda word: (-weight[word], word))
            found.append(Match(each.key, each.title, _why(idea, each, [mine[word] for word in rarest]), score))
    return tuple(sorted(found, key=lambda match: (-round(match.score, DIGITS), match.key))[:most])


def _in_common(idea: Known, each: Known) -> float:
    """What tags, metric, kind and project weigh; summed exactly, so that the order of tags does not matter."""
    return fsum(
        (
            TAG * len({*idea.tags} & {*each.tags}),
            METRIC * _same(idea.metric, each.metric),
            KIND * _same(idea.kind, each.kind),
            PROJECT * _same(idea.project, each.project),
        )
    )


def _why(idea: Known, each: Known, shared: list[str]) -> str:
    tags = [tag for tag in dict.fromkeys(idea.tags) if tag in each.tags]
    reasons = [
        f"same metric {idea.metric}" if _same(idea.metric, each.metric) else "",
        f"{plural(len(tags), 'tag')} {listed(tags)}" if tags else "",
        f"{plural(len(shared), 'word')} {listed(shared[:NAMED])}" if shared else "",
        f"same kind {idea.kind}" if _same(idea.kind, each.kind) else "",
        f"same project {idea.project}" if _same(idea.project, each.project) else "",
    ]
    return ", ".join(reason for reason in reasons if reason)


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _tokens(of: Known) -> list[str]:
    return f"{of.title} {of.hypothesis}".casefold().translate(APART).split()


class _Subject(dict[str, str]):
    """A token without the s of its plural, or "" where it says nothing of the subject; worked out once for each."""

    def __missing__(self, token: str) -> str:
        long = len(token) >= SHORTEST and token not in STOP_WORDS and any(map(str.isalpha, token))
        plural = len(token) > SHORTEST and token[-1] == "s" and token[-2] != "s"
        self[token] = "" if not long else token[:-1] if plural else token
        return self[token]
