"""Presets: scenarios with a name, one for each thing that can happen to an experiment."""

from __future__ import annotations

from bot.visitors.scenario import (
    Bots,
    Effect,
    Exposures,
    Kept,
    Level,
    Loss,
    Outage,
    Outliers,
    Scenario,
    Segment,
    TrueKind,
    TrueMetric,
)

TREATED = "*"
SEGMENTS = (
    Segment(
        attribute="country",
        levels=(
            Level(name="DE", share=0.45),
            Level(name="FR", share=0.25, baseline=0.9),
            Level(name="US", share=0.3, baseline=1.1, effect=0.7),
        ),
    ),
    Segment(
        attribute="device",
        levels=(Level(name="phone", share=0.6, effect=1.3), Level(name="desktop", share=0.4, baseline=1.2, effect=0.6)),
    ),
    Segment(
        attribute="plan",
        levels=(Level(name="free", share=0.8, baseline=0.9), Level(name="pro", share=0.2, baseline=1.4)),
    ),
)


def metrics(
    conversion: float = 0.0,
    revenue: float = 0.0,
    errors: float = 0.0,
    latency: float = 0.0,
    *,
    after_hours: float = 0.0,
) -> tuple[TrueMetric, ...]:
    """Conversion, revenue, latency and error rate with these relative effects of every treatment."""

    def of(relative: float) -> dict[str, Effect]:
        return {TREATED: Effect(relative=relative, after_hours=after_hours)} if relative else {}

    return (
        TrueMetric(
            metric="conversion", kind=TrueKind.PROPORTION, baseline=0.12, effects=of(conversion), delay_hours=0.5
        ),
        TrueMetric(
            metric="revenue",
            kind=TrueKind.MEAN,
            baseline=20,
            spread=1.2,
            effects=of(revenue),
            outliers=Outliers(share=0.0005, factor=30),
            history_days=7,
        ),
        TrueMetric(metric="latency", kind=TrueKind.LATENCY, baseline=180, spread=0.5, per_visit=2, effects=of(latency)),
        TrueMetric(
            metric="error-rate",
            kind=TrueKind.RATIO,
            baseline=0.02,
            per_visit=6,
            denominator="requests",
            effects=of(errors),
        ),
    )


def _scenario(about: str, true: tuple[TrueMetric, ...], **more: object) -> Scenario:
    given = {"about": about, "segments": SEGMENTS, "returning": 0.2, "rhythm": 0.4, "metrics": true, **more}
    return Scenario.model_validate(given)


PRESETS = {
    "healthy": _scenario("Treatment converts 12 % better, nothing gets worse.", metrics(conversion=0.12, revenue=0.1)),
    "aa": _scenario("Both arms are the same.", metrics()),
    "harmful": _scenario(
        "Treatment converts no better, doubles the error rate and takes 30 % longer.",
        metrics(errors=1.0, latency=0.3),
        people_per_day=24_000,
    ),
    "outage": _scenario(
        "The event source is silent from hour 6 to 12 and sends late; from hour 30 to 33 events are lost.",
        metrics(conversion=0.12, revenue=0.1),
        outages=(Outage(after_hours=6, hours=6), Outage(after_hours=30, hours=3, lost=True)),
    ),
    "bad-split": _scenario(
        "One in twelve exposures to treatment is never reported: the sample ratio is off.",
        metrics(conversion=0.12, revenue=0.1),
        exposures=Exposures.EVENTS,
        losses=(Loss(share=0.08, what=Kept.EXPOSURES),),
    ),
    "bots": _scenario(
        "No difference, but a few machines send thousands of events a day.",
        metrics(),
        bots=Bots(per_day=4, events=5_000),
    ),
    "novelty": _scenario(
        "People who come back use treatment a third more at first, and get over it within days.",
        (
            TrueMetric(
                metric="clicks",
                kind=TrueKind.MEAN,
                baseline=8,
                spread=0.6,
                effects={TREATED: Effect(relative=0.35, fades_days=2)},
            ),
            *metrics(),
        ),
        returning=0.7,
    ),
}
