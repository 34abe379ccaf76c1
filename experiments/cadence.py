"""When something that repeats is due: local wall-clock slots, turned into UTC moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from experiments.texts import Frozen


class Cadence(Frozen):
    """Every day at `at` local time, or on one `weekday` (0 = Monday) only; later than `late` counts as missed."""

    at: time
    weekday: int | None = None
    late: timedelta = timedelta(hours=6)

    def next(self, after: datetime, tz: str) -> datetime:
        """The first moment of the cadence strictly after `after`, in UTC.

        A local time that does not exist (spring) moves on by the gap; one that exists twice (autumn) is the first.
        """
        zone = ZoneInfo(tz)
        day = after.astimezone(zone).date() - timedelta(days=1)  # a gap can carry a moment into the next day
        while (moment := self._moment(day, zone)) <= after or not self._fits(day):
            day += timedelta(days=1)
        return moment

    def previous(self, before: datetime, tz: str) -> datetime:
        """The last moment of the cadence strictly before `before`, in UTC."""
        zone = ZoneInfo(tz)
        day = before.astimezone(zone).date() + timedelta(days=1)
        while (moment := self._moment(day, zone)) >= before or not self._fits(day):
            day -= timedelta(days=1)
        return moment

    def holds(self, moment: datetime, tz: str) -> bool:
        """Whether it is one of the moments of the cadence."""
        return self.next(moment - timedelta(microseconds=1), tz) == moment

    def slot(self, moment: datetime, tz: str) -> str:
        """The name of the run that is due at `moment`: its local date and time without fold."""
        return moment.astimezone(ZoneInfo(tz)).replace(tzinfo=None).isoformat(timespec="minutes")

    def _fits(self, day: date) -> bool:
        return self.weekday is None or day.weekday() == self.weekday

    def _moment(self, day: date, zone: ZoneInfo) -> datetime:
        return datetime.combine(day, self.at, zone).astimezone(UTC)
