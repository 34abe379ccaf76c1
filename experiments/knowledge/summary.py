"""Decision summaries: the evidence a writer gets, the check of every number it uses, and the plain template."""

from __future__ import annotations

from experiments.model import Experiment, Frozen, Note, Outcome
from experiments.readout import Readout


class Evidence(Frozen):
    """All a writer may know when it drafts the summary of a decision."""

    experiment: Experiment
    readout: Readout | None
    notes: tuple[Note, ...]
    outcome: Outcome | None = None
    reasoning: str = ""
    next_steps: str = ""
