"""The life of one experiment: its card, its modals, what is answered and announced."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.design import Design
from experiments.errors import BadInput
from experiments.model import Source, Status
from handlers.surfaces import problem
from handlers.surfaces.archive_modal import archive_modal
from handlers.surfaces.card import card
from handlers.surfaces.change import change
from handlers.surfaces.decide_modal import decide_modal
from handlers.surfaces.decision import decision
from handlers.surfaces.digest import weekly_digest
from handlers.surfaces.import_modal import import_modal
from handlers.surfaces.import_report import import_progress, import_refused, import_report
from handlers.surfaces.kit import Message, View
from handlers.surfaces.reminders import decision_reminder, review_reminder
from handlers.surfaces.results import results, significance_update
from handlers.surfaces.review_modal import request_changes_modal, review_modal
from handlers.surfaces.review_request import review_request, review_settled
from handlers.surfaces.start_modal import start_modal
from handlers.surfaces.stop_modal import stop_modal
from tests.charts import readings, samples
from tests.handlers.surfaces.situations import (
    ADA,
    BO,
    LONG,
    NOW,
    bait,
    experiment,
    full_week,
    hostile,
    report,
    summary,
    week,
)


def messages() -> Iterator[tuple[str, Message]]:
    for status in Status:
        yield f"card {status.value}", card(experiment(status))
        yield f"card {status.value} hostile", card(hostile(status))
    yield "card new draft", card(experiment(design=Design(), tags=(), reviewers=(), source=Source()))
    yield "card running without data", card(experiment(Status.RUNNING, data_version=0, data_day=None))
    yield "change", change(experiment(Status.RUNNING), "started it (control 50 %, bigger-button 50 %)", ADA)
    yield "change hostile", change(hostile(Status.DRAFT), f"asked for changes: {bait(3000)}", "<!channel>")
    for name, each in (("", experiment(Status.IN_REVIEW)), (" hostile", hostile(Status.IN_REVIEW))):
        yield f"review request{name}", review_request(each)
        yield f"review reminder half{name}", review_reminder(each, "half")
        yield f"review reminder due{name}", review_reminder(each, "due")
    yield "review settled", review_settled(experiment(Status.APPROVED), "approved the design (1a2b3c4d)", BO)
    yield "review settled hostile", review_settled(hostile(), f"asked for changes: {bait(3000)}", BO)
    for name, each in (("", experiment(Status.DECIDED)), (" hostile", hostile(Status.DECIDED))):
        yield f"decision{name}", decision(each, ADA)
    for name, each in (("", experiment(Status.STOPPED)), (" hostile", hostile(Status.STOPPED))):
        yield f"decision reminder{name}", decision_reminder(each)
    readouts = {
        "": samples.readout(),
        " several": samples.several(),
        " blocked": samples.broken(),
        " empty": samples.empty(),
        " hostile": samples.hostile(),
        " extreme": samples.extreme(),
        " endless": samples.readout(
            comparisons=tuple(samples.compared(f"metric-{n}", unit=bait(60)) for n in range(200)),
            title=bait(120),
            findings=samples.broken().findings * 0 + samples.several().findings * 5,
        ),
    }
    by_engine = {f" {name.replace('_', ' ')}": made() for name, made in readings.ALL.items()}
    for name, readout in {**readouts, **by_engine}.items():
        yield f"results{name}", results(readout)
        yield f"results{name} with files", results(readout).with_files(["F1", None][: len(results(readout).pictures)])
    yield "significance update", significance_update((readouts[""], readouts[" blocked"]))
    yield "significance update by method", significance_update((readings.monitoring(), readings.group_sequential()))
    yield "significance update full", significance_update(tuple(readouts.values()) * 12)
    yield "weekly digest", weekly_digest(week())
    yield "weekly digest full", weekly_digest(full_week())
    yield from _answers()


def _answers() -> Iterator[tuple[str, Message]]:
    """What is said to one person alone."""
    yield "problem", problem.problem("The key checkout-button is taken.")
    yield "problem hostile", problem.problem(bait(LONG))
    yield "import progress", import_progress("aggregates.csv", 4_000_000)
    yield "import report", import_report(report())
    rows = tuple(f"line {n:,}: {bait(300)} {n % 40}" for n in range(2, 1781))
    reached = {f"experiment-{n}": 30.0 for n in range(78)}
    yield "import report full", import_report(report(left_out=rows, reached=reached, created=tuple(reached)))
    yield "import refused", import_refused(bait(LONG), BadInput("line 4: the variance is negative\n" + bait(LONG)))


def views() -> Iterator[tuple[str, View]]:
    about = {"channel": "C0EXPERIMENTS"}
    yield "review too late", review_modal(experiment(Status.RUNNING), NOW)
    yield "decide too late", decide_modal(experiment(Status.DECIDED), samples.readout())
    for name, make in (("", experiment), (" hostile", hostile)):
        yield f"review{name}", review_modal(make(), NOW)
        yield f"request changes{name}", request_changes_modal(make(Status.IN_REVIEW), seen=make().design.hash)
        yield f"start{name}", start_modal(make(Status.APPROVED))
        yield f"start not ready{name}", start_modal(make(Status.DRAFT))
        yield f"stop{name}", stop_modal(make(Status.RUNNING))
        yield f"stop too late{name}", stop_modal(make(Status.STOPPED))
        yield f"decide{name}", decide_modal(make(Status.STOPPED), samples.readout())
        yield f"archive{name}", archive_modal(make(Status.STOPPED))
    stopped = experiment(Status.STOPPED)
    yield "review not ready", review_modal(experiment(design=Design()), NOW)
    yield "decide without data", decide_modal(stopped, None)
    yield "decide drafting", decide_modal(stopped, samples.readout(), drafting=True)
    yield "decide drafted", decide_modal(stopped, samples.readout(), draft=summary())
    template = summary(by_model=False, why_not="no key", text=bait(1200))
    yield "decide from template", decide_modal(stopped, samples.hostile(), draft=template)
    yield "import", import_modal(about=about)
    yield "problem modal", problem.problem_modal("“Bigger checkout button” was changed in the meantime.")
    yield "problem modal hostile", problem.problem_modal(bait(LONG))
    yield "home refused", problem.problem_home("Only members of this workspace can use Bunsen. <!channel>")
