"""Every status has a word in every vocabulary, and every word finds its statuses."""

from __future__ import annotations

import pytest

from experiments.errors import BadInput
from experiments.model import Status
from experiments.vocabularies import CHOICES, TABLE, Vocabulary, statuses_of, word_for


def test_every_status_is_in_the_table_in_the_order_of_the_lifecycle() -> None:
    assert list(TABLE) == list(Status)


@pytest.mark.parametrize("vocabulary", Vocabulary)
def test_every_status_is_found_under_its_word(vocabulary: Vocabulary) -> None:
    for status in Status:
        assert word_for(status, vocabulary) in CHOICES[vocabulary]
        assert status in statuses_of(vocabulary, word_for(status, vocabulary))


@pytest.mark.parametrize(("vocabulary", "word"), [(each, word) for each in Vocabulary for word in CHOICES[each]])
def test_every_word_finds_something_however_it_is_written(vocabulary: Vocabulary, word: str) -> None:
    assert statuses_of(vocabulary, word)
    assert statuses_of(vocabulary, word.upper().replace(" ", "_")) == statuses_of(vocabulary, word)


def test_what_was_stopped_is_found_as_stopped_and_as_waiting_for_its_analysis() -> None:
    assert statuses_of(Vocabulary.DASHBOARD, "Stopped") == (Status.STOPPED, Status.ROLLED_BACK)
    assert statuses_of(Vocabulary.DASHBOARD, "Analysis") == (Status.STOPPED,)
    assert word_for(Status.STOPPED, Vocabulary.DASHBOARD) == "Stopped"


def test_what_is_still_rolling_out_is_not_called_rolled_out() -> None:
    assert statuses_of(Vocabulary.DASHBOARD, "Rolled out") == (Status.ROLLED_OUT,)


def test_an_unknown_word_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        BadInput, match="“shipped” is not one of configure, in_progress, complete and validated"
    ) as caught:
        statuses_of(Vocabulary.EXPERIMENT_OPS, "shipped")
    assert caught.value.field == "status"
