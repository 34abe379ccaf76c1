"""The one table that says what a status is called by the dashboard, in ExperimentOps and in experiment files."""

from __future__ import annotations

from typing import NamedTuple

from experiments.errors import BadInput
from experiments.model import Status
from experiments.numerals import listed
from experiments.texts import Words


class Vocabulary(Words):
    DASHBOARD = "dashboard"
    EXPERIMENT_OPS = "experiment_ops"
    FILE = "file"


class Projected(NamedTuple):
    """What one status is called elsewhere; under `also` the dashboard finds it too."""

    dashboard: str
    experiment_ops: str
    file: str
    also: str = ""


# Whoever stopped an experiment looks for it under Stopped; whoever owes a decision looks under Analysis.
TABLE = {
    Status.DRAFT: Projected("Active", "configure", "draft"),
    Status.IN_REVIEW: Projected("Active", "configure", "draft"),
    Status.APPROVED: Projected("Active", "configure", "ready"),
    Status.SCHEDULED: Projected("Active", "configure", "ready"),
    Status.RUNNING: Projected("Active", "in_progress", "running"),
    Status.PAUSED: Projected("Active", "in_progress", "running"),
    Status.STOPPED: Projected("Stopped", "complete", "completed", also="Analysis"),
    Status.DECIDED: Projected("Completed", "validated", "completed"),
    Status.ROLLING_OUT: Projected("Active", "validated", "completed"),
    Status.ROLLED_OUT: Projected("Rolled out", "validated", "completed"),
    Status.ROLLED_BACK: Projected("Stopped", "complete", "failed"),
    Status.ARCHIVED: Projected("Completed", "complete", "archived"),
}
CHOICES = {
    Vocabulary.DASHBOARD: ("Active", "Completed", "Stopped", "Analysis", "Rolled out"),
    Vocabulary.EXPERIMENT_OPS: ("configure", "in_progress", "complete", "validated"),
    Vocabulary.FILE: ("draft", "ready", "running", "completed", "failed", "archived"),
}


def word_for(status: Status, vocabulary: Vocabulary) -> str:
    """What a status is called in a vocabulary.

    >>> word_for(Status.PAUSED, Vocabulary.EXPERIMENT_OPS), word_for(Status.ROLLED_BACK, Vocabulary.FILE)
    ('in_progress', 'failed')
    """
    return str(getattr(TABLE[status], vocabulary.value))


def statuses_of(vocabulary: Vocabulary, word: str) -> tuple[Status, ...]:
    """The statuses somebody means by a word, in the order of the lifecycle; `BadInput` for a word it does not have.

    >>> [status.value for status in statuses_of(Vocabulary.DASHBOARD, "rolled out")]
    ['rolled_out']
    >>> [status.value for status in statuses_of(Vocabulary.DASHBOARD, "Analysis")]
    ['stopped']
    """
    meant = next((each for each in CHOICES[vocabulary] if _plain(each) == _plain(word)), None)
    if meant is None:
        raise BadInput(f"“{word}” is not one of {listed(CHOICES[vocabulary], 10)}.", field="status")
    return tuple(
        status
        for status, projected in TABLE.items()
        if meant in ({word_for(status, vocabulary)} | ({projected.also} & set(CHOICES[vocabulary])))
    )


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").replace("-", " ").casefold().split())
