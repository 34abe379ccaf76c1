"""Directions read together: which are kept, which effect stands for one, how lucky, and what is left out."""

from __future__ import annotations

import doctest

import pytest

from experiments.design import Design, Direction, Metric, MetricKind, MetricRole, Unit
from experiments.knowledge.patterns import Signal
from experiments.pictures import ended
from experiments.pictures.patterns import MOST, patterns_picture_of
from tests.experiments.pictures.attempts import NOW, VARIANTS, attempt


def test_the_examples_hold() -> None:
    assert doctest.testmod(ended).failed == 0


def test_the_strongest_direction_is_first_with_hits_luck_and_pooled_effect() -> None:
    some = [attempt(number, lift, tags=("pricing",)) for number, lift in enumerate((0.03, 0.035, 0.025))]
    some += [attempt(number, 0.0, tags=("emails",)) for number in range(3, 6)]
    data = patterns_picture_of(some, "tag", NOW)
    first, second = data.directions
    assert (first.pattern.tag, first.pattern.signal, first.luck) == ("pricing", Signal.HIGH, 8)
    assert (second.pattern.tag, second.pattern.signal, second.luck) == ("emails", Signal.LOW, 1)
    assert first.effect is not None
    assert first.effect.lift == pytest.approx(0.03)
    assert first.effect.interval is not None
    assert (data.experiments, data.hits, data.missing) == (6, 3, ())
    assert data.signals == {Signal.HIGH: 1, Signal.MODERATE: 0, Signal.LOW: 1}


def test_of_several_metrics_that_of_most_experiments_stands_for_it() -> None:
    seconds = Metric(key="seconds", role=MetricRole.PRIMARY, kind=MetricKind.MEAN)
    other = Design(variants=VARIANTS, metrics=(seconds,), unit=Unit.REQUEST)
    some = [attempt(number, 0.03 + number / 1e4, tags=("speed",)) for number in range(3)]
    some += [attempt(number, 0.09, tags=("speed",), design=other) for number in range(3, 5)]
    (direction,) = patterns_picture_of(some, "tag", NOW).directions
    assert len(direction.pattern.pooled) == 2
    assert direction.effect is not None
    assert (direction.effect.unit, direction.effect.experiments) == ("user", 3)


def test_one_alone_has_no_effect_together_and_no_luck() -> None:
    (direction,) = patterns_picture_of([attempt(1, tags=("pricing",))], "tag", NOW).directions
    assert direction.effect is not None
    assert (direction.effect.lift, direction.luck) == (None, 1)
    assert direction.effect.refused


def test_what_falls_for_the_good_is_a_hit() -> None:
    some = [attempt(number, -0.03, direction=Direction.DOWN, tags=("speed",)) for number in range(3)]
    (direction,) = patterns_picture_of(some, "tag", NOW).directions
    assert (direction.pattern.positive, direction.pattern.average_lift) == (3, 0.03)


def test_projects_and_kinds_group_too() -> None:
    some = [attempt(1), attempt(2, project="search")]
    by_project = patterns_picture_of(some, "project", NOW)
    assert {each.pattern.tag for each in by_project.directions} == {"shop", "search"}
    by_kind = patterns_picture_of(some, "kind", NOW)
    assert [each.pattern.tag for each in by_kind.directions] == ["feature"]


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    some = [attempt(number, tags=(f"tag-{number}",)) for number in range(MOST + 4)]
    some += [attempt(90), attempt(91, tags=("lost",)).evolve(reading=None)]
    data = patterns_picture_of(some, "tag", NOW)
    assert (len(data.directions), data.not_drawn) == (MOST, 4)
    assert data.missing == ("1 has no tag", "1 has no lift: their data allow none, or nobody has read them")
