"""Pause and resume, hold and go on: an experiment, or its rollout, stands still for a while → confirmation → card."""

from __future__ import annotations

from experiments.commands import PauseExperiment, PauseRollout, ResumeExperiment, ResumeRollout
from handlers.opening import Confirmation, showing
from handlers.surfaces.hold_modal import go_on_modal, hold_modal
from handlers.surfaces.pause_modal import pause_modal, resume_modal

pause = Confirmation("pause", showing(pause_modal), PauseExperiment)
resume = Confirmation("resume", showing(resume_modal), ResumeExperiment)
hold = Confirmation("hold", showing(hold_modal), PauseRollout)
go_on = Confirmation("go_on", showing(go_on_modal), ResumeRollout)
