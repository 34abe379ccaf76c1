"""Predict: what somebody expects before anybody can know; theirs alone until the start."""

from __future__ import annotations

from experiments.model import BEFORE_START, Experiment
from experiments.numerals import counted, stated
from experiments.running import Prediction
from handlers.surfaces import kit
from handlers.surfaces.fields import number_field, text_field
from handlers.surfaces.kit import View
from handlers.surfaces.problem import problem_modal
from handlers.surfaces.state import name, status_words
from handlers.surfaces.words import person, said

SHOWN = 8


def predict_modal(experiment: Experiment, user: str) -> View:
    """Asks for the odds, and shows the person what they said before; after the start it says that it is too late."""
    if experiment.status not in BEFORE_START:
        return _locked(experiment)
    mine = next((each for each in experiment.predictions if each.by == user), None)
    effect = None if mine is None or mine.effect is None else round(mine.effect * 100, 8)
    return kit.modal(
        "predict",
        "Predict the outcome",
        kit.section(
            f"*{name(experiment)}*",
            "Only you see your prediction until the start. Then it is locked, and everybody sees all of them.",
            *(["You have predicted already; what you save now takes its place."] if mine else []),
        ),
        number_field(
            "probability__percent",
            "How likely is it to succeed, in percent?",
            round(mine.probability * 100, 8) if mine else None,
            least=0,
            most=100,
            decimal=True,
            hint="50 means that you have no idea.",
        ),
        number_field(
            "effect__percent",
            "What effect do you expect, in percent of control?",
            effect,
            least=-100,
            most=1000,
            decimal=True,
            optional=True,
            hint="On the primary metric; below zero means that it falls.",
        ),
        text_field("reason", "Why?", mine.reason if mine else "", multiline=True, optional=True),
        submit="Save",
        about={"key": experiment.key},
    )


def predicted_modal(experiment: Experiment, user: str) -> View:
    """What was kept, for the person alone."""
    mine = [each for each in experiment.predictions if each.by == user]
    return kit.modal(
        "predicted",
        "Saved",
        kit.section(f"🔮 Your prediction for *{name(experiment)}*:", *map(_odds, mine)),
        kit.context(
            f"{_how_many(experiment)} so far. All are shown at the start; until then you can change yours with "
            f"/experiment predict {experiment.key}"
        ),
        close="Done",
        about={},
    )


def expected(experiment: Experiment) -> list[str]:
    """Who expected what and why, the most confident first; nothing before the start."""
    told = sorted(experiment.told_predictions, key=lambda each: (-each.probability, each.by))
    more = [f"… and {len(told) - SHOWN} more"] if len(told) > SHOWN else []
    return [*(f"{person(each.by)}: {_odds(each)}{_reason(each)}" for each in told[:SHOWN]), *more]


def _locked(experiment: Experiment) -> View:
    if experiment.started_at is None:
        return problem_modal(
            f"“{experiment.title}” was never started, so there is nothing to predict any more.", "Too late"
        )
    return problem_modal(
        f"“{experiment.title}” has started ({status_words(experiment.status)}), so predictions are locked. "
        f"/experiment show {experiment.key} tells who expected what.",
        "Too late",
    )


def _how_many(experiment: Experiment) -> str:
    return f"{counted(len(experiment.predictions), 'prediction')}"


def _odds(prediction: Prediction) -> str:
    if prediction.effect is None:
        return f"{stated(prediction.probability)} likely to succeed"
    sign = "+" if prediction.effect > 0 else ""
    return f"{stated(prediction.probability)} likely to succeed, effect {sign}{stated(prediction.effect)}"


def _reason(prediction: Prediction) -> str:
    return f" · {said(prediction.reason, 240)}" if prediction.reason else ""
