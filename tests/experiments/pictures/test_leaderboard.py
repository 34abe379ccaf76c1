"""Who may be compared with whom, how they rank, who is on the front and how surely, and who has no place and why."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.design import Direction, Kind, Metric, MetricKind, MetricRole
from experiments.pictures.boards import boards_of
from experiments.pictures.leaderboard import Leaderboard
from experiments.pictures.measures import Column
from tests.charts.pictures import leaderboard as examples
from tests.experiments.pictures.contests import ACCURACY, METRICS, NOW, Contest, Truth, board_of, contest

SMALL, LARGE = Truth(0.70, 1.0, 400), Truth(0.85, 9.0, 2_000)
QA = {"dataset": "qa", "dataset_version": 1}


def two(config: dict[str, Any], other: dict[str, Any], key: str = "duel", **more: Any) -> Contest:
    return contest(key, {"control": config, "other": other}, {"control": SMALL, "other": LARGE}, **more)


def names(board: Leaderboard) -> list[str]:
    return [each.name for each in board.entries]


def test_the_best_quality_comes_first_with_its_own_numbers() -> None:
    made = two({"model": "small"}, {"model": "large"})
    found = board_of([made])
    assert names(found) == ["large", "small"]
    row = next(each for each in made.rows if (each.metric, each.variant, each.day) == ("accuracy", "other", 8.0))
    score = found.entries[0].scores[Column.QUALITY]
    assert (score.value, score.n) == (row.mean, row.n)
    assert score.error == pytest.approx((row.variance / row.n) ** 0.5)
    assert score.lower < score.value - 1.96 * score.error < score.value + 1.96 * score.error < score.upper
    assert score.trend[-1] == score.value
    assert len(score.trend) == 8
    assert found.basis.as_of == made.experiment.data_at


def test_the_levels_of_factors_name_model_and_prompt_too() -> None:
    made = two({"temperature": 0.2}, {"model": "large-2"})
    cells = ({"model": "small", "prompt": "short"}, {"model": "large", "prompt": "short"})
    variants = [each.model_copy(update={"factors": cell})
                for each, cell in zip(made.experiment.design.variants, cells, strict=True)]  # fmt: skip
    design = made.experiment.design.model_copy(update={"variants": tuple(variants)})
    found = board_of([made._replace(experiment=made.experiment.evolve(design=design))])
    assert names(found) == ["large-2 · prompt short", "small · prompt short"]


def test_where_less_is_better_the_least_comes_first() -> None:
    errors = ACCURACY.model_copy(update={"direction": Direction.DOWN})
    found = board_of([two({"model": "small"}, {"model": "large"}, metrics=(errors,))])
    assert names(found) == ["small", "large"]


def test_the_front_and_its_chances() -> None:
    """Dear and slow but best, cheap and quick but worst, and one that the first beats in everything."""
    truths = {"control": LARGE, "cheap": SMALL, "beaten": Truth(0.75, 12.0, 3_000)}
    configs = {name: {"model": name} for name in truths}
    found = {each.name: each for each in board_of([contest("three", configs, truths)]).entries}
    assert {name: each.on_front for name, each in found.items()} == {"control": True, "cheap": True, "beaten": False}
    assert found["beaten"].chance == 0
    assert found["control"].chance == found["cheap"].chance == 1
    assert found["control"].scores[Column.QUALITY].best == 1
    assert found["cheap"].scores[Column.COST].best == 1


def test_two_versions_of_a_dataset_are_not_compared() -> None:
    newer = {"dataset": "qa", "dataset_version": 2}
    some = [two({"model": "a", **QA}, {"model": "b", **QA}, "first"),
            two({"model": "a", **newer}, {"model": "c", **newer}, "second", ago=1)]  # fmt: skip
    found = board_of(some)
    assert (found.dataset, sorted(names(found))) == ("qa", ["a", "c"])
    assert found.apart == ("Not compared: qa version 1 (2 entries). Other versions ask other questions than version 2",)
    other = board_of(some, 1)
    assert sorted(names(other)) == ["a", "b"]
    assert "qa version 2" in other.apart[0]


def test_one_experiment_over_two_versions_is_parted_too() -> None:
    boards = boards_of([two({"model": "a", **QA}, {"model": "b", "dataset": "qa", "dataset_version": 2}).experiment])
    assert [(each.version, each.size) for each in boards] == [("1", 1), ("2", 1)]


def test_a_version_that_nobody_named_is_a_version_of_its_own() -> None:
    boards = boards_of([two({"model": "a", **QA}, {"model": "b", "dataset": "qa"}).experiment])
    assert [each.words for each in boards] == ["qa, version 1, by accuracy", "qa, no version named, by accuracy"]


def test_online_variants_are_compared_within_their_experiment_alone() -> None:
    some = [two({"model": "a"}, {"model": "b"}, "first"), two({"model": "a"}, {"model": "c"}, "second", ago=1)]
    assert [each.value for each in boards_of(each.experiment for each in some)] == [
        "experiment:second", "experiment:first",
    ]  # fmt: skip
    found = board_of(some)
    assert (found.is_run, sorted(names(found))) == (False, ["a", "c"])
    assert found.apart == ("1 other board can be chosen under the picture",)


def test_of_several_runs_the_newest_counts_and_the_others_are_its_course() -> None:
    some = [two({"model": "a", **QA}, {"model": "b", **QA}, f"run-{ago}", ago=ago, seed=ago) for ago in (5, 60, 30)]
    found = board_of(some)
    assert [each.runs for each in found.entries] == [3, 3]
    first = next(each for each in found.entries if each.name == "b")
    assert first.experiment == "run-5"
    ends = [next(row.mean for row in reversed(each.rows) if (row.metric, row.variant) == ("accuracy", "other"))
            for each in (some[1], some[2], some[0])]  # fmt: skip
    assert first.scores[Column.QUALITY].trend == tuple(ends)
    assert first.scores[Column.QUALITY].value == ends[-1]


def test_two_arms_alike_are_told_apart_by_their_variant() -> None:
    found = board_of([two({"model": "a"}, {"model": "a"})])
    assert sorted(names(found)) == ["a · (control)", "a · (other)"]
    heat = board_of([two({"model": "a", "temperature": 0, **QA}, {"model": "a", "temperature": 1, **QA})])
    assert len(heat.entries) == 2


def test_a_column_that_not_all_have_does_not_count() -> None:
    found = examples.without_latency()
    assert {each.column: each.counts for each in found.measures} == {Column.QUALITY: True, Column.COST: False}
    assert [each.name for each in found.entries if each.on_front] == [found.entries[0].name]
    assert [len(each.scores) for each in found.entries].count(1) == 2


def test_latency_is_the_first_time_that_something_takes() -> None:
    waits = Metric(key="waiting", unit="ms", kind=MetricKind.QUANTILE, direction=Direction.DOWN)
    clicks = Metric(key="clicks", unit="per unit", role=MetricRole.SECONDARY)
    found = board_of([two({"model": "a"}, {"model": "b"}, metrics=(ACCURACY, clicks, waits))])
    assert [(each.column, each.metric) for each in found.measures] == [
        (Column.QUALITY, "accuracy"), (Column.LATENCY, "waiting"),
    ]  # fmt: skip


def test_who_has_no_place_is_said_with_the_reason() -> None:
    assert examples.too_few().refused == "None of its variants can be ranked yet."
    assert "Only 11 units in small-short so far; 100 are needed" in examples.too_few().unranked[1]
    early = board_of([two({"model": "a"}, {"model": "b"}, days=2)])
    assert early.unranked == ("a: too early: the minimum run time is not over",
                              "b: too early: the minimum run time is not over")  # fmt: skip
    assert names(board_of([two({"model": "a", **QA}, {"model": "b", **QA}, days=2)])) == ["b", "a"], "a run is over"


def test_a_broken_sample_ratio_ranks_nobody() -> None:
    made = two({"model": "a"}, {"model": "b"})
    lost = [row._replace(n=row.n * 3 // 4) if row.variant == "other" else row for row in made.rows]
    found = board_of([Contest(made.experiment, lost)])
    assert (found.entries, len(found.unranked)) == ((), 2)


def test_what_names_nothing_and_what_compares_no_models_has_no_board() -> None:
    assert "2 variants there name neither" in examples.nameless().refused
    assert examples.empty().basis.as_of == NOW
    feature = two({"model": "a"}, {"model": "b"}, kind=Kind.FEATURE)
    assert boards_of([feature.experiment]) == ()
    assert boards_of([two({"model": "a"}, {"model": "b"}).experiment.evolve(data_version=0)]) == ()


def test_the_same_data_make_the_same_picture() -> None:
    assert examples.dataset().model_dump_json() == examples.dataset().model_dump_json()


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{2,8}", fullmatch=True),
        st.builds(Truth, st.floats(0.05, 0.95), st.floats(1e-6, 1e6), st.floats(1e-3, 1e5)),
        min_size=2, max_size=5,
    ),
    st.integers(0, 2),
)  # fmt: skip
def test_somebody_is_always_on_the_front_and_chances_are_chances(truths: dict[str, Truth], seed: int) -> None:
    configs = {name: {"model": name} for name in truths}
    found = board_of([contest("any", configs, truths, seed=seed, metrics=METRICS[: 1 + seed])])
    assert any(each.on_front for each in found.entries)
    values = [each.scores[Column.QUALITY].value for each in found.entries]
    assert values == sorted(values, reverse=True)
    assert found.entries[0].on_front or values[0] == values[1]
    for column in {each.column for each in found.measures if each.counts}:
        assert sum(each.scores[column].best or 0 for each in found.entries) == pytest.approx(1)
    assert all(0 <= (each.chance or 0) <= 1 for each in found.entries)
