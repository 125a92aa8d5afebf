"""When a campaign keeps silent: its quiet hours and its blackouts, asked at any instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pipeline.calendar import wall_clock
from pipeline.model import Blackout, Campaign, Frozen, QuietHours, Zone

FOREVER = datetime.max.replace(tzinfo=UTC)


class Silence(Frozen):
    """What the outbox needs to know about a campaign's silence, without the campaign.

    It can be kept beside the deliveries as text (:meth:`to_json`, :meth:`from_json`), so that a retry which comes
    late does not wake anybody even when the campaign's file cannot be read at that moment. Days and hours are those
    of the clocks in ``timezone``. Quiet hours whose two ends are equal are none; blackouts include both of their days.
    """

    timezone: Zone
    quiet_hours: QuietHours | None = None
    blackouts: tuple[Blackout, ...] = ()

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        """Return the silence that ``campaign`` asks for."""
        return cls(timezone=campaign.timezone, quiet_hours=campaign.quiet_hours, blackouts=campaign.blackouts)

    def to_json(self) -> str:
        """Return a text that :meth:`from_json` reads; the same silence always gives the same text."""
        return self.model_dump_json(by_alias=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote."""
        return cls.model_validate_json(text)

    def blackout_on(self, day: date) -> Blackout | None:
        """Return the blackout that holds on ``day``, a day of this zone."""
        return next((blackout for blackout in self.blackouts if blackout.start <= day <= blackout.end), None)

    def hushes(self, time_of_day: time) -> bool:
        """Whether ``time_of_day`` lies in the quiet hours: their start belongs to them, their end does not."""
        if self.quiet_hours is None:
            return False
        start, end = (time.fromisoformat(edge) for edge in (self.quiet_hours.start, self.quiet_hours.end))
        if start <= end:
            return start <= time_of_day < end
        return time_of_day >= start or time_of_day < end

    def reason(self, now: datetime, *, during_quiet_hours: bool = False) -> str | None:
        """Return why nothing may go out at ``now``, as a clause for a person, or ``None``.

        :param now: an instant with its zone.
        :param during_quiet_hours: whether the delivery may go out in the quiet hours; blackouts hold all the same.
        """
        local = now.astimezone(ZoneInfo(self.timezone))
        if blackout := self.blackout_on(local.date()):
            return f"{local:%Y-%m-%d} is a blackout day ({blackout.reason})"
        if self.quiet_hours and not during_quiet_hours and self.hushes(local.time()):
            hours = f"{self.quiet_hours.start}–{self.quiet_hours.end}"
            return f"{local:%H:%M} lies in the quiet hours {hours} ({self.timezone})"
        return None

    def until(self, now: datetime, *, during_quiet_hours: bool = False) -> datetime | None:
        """Return the first instant (UTC) after ``now`` at which something may go out; ``None``: it may now.

        Arguments as for :meth:`reason`. Silence is a matter of the clock on the wall: where a clock change repeats
        the end of the quiet hours, the first one counts. A blackout without an end in sight gives :data:`FOREVER`.
        """
        zone = ZoneInfo(self.timezone)
        instant = now.astimezone(UTC)
        silent = False
        while (end := self._end(instant.astimezone(zone), during_quiet_hours)) is not None:
            silent = True
            if end.year not in wall_clock.YEARS:
                return FOREVER
            instant = _when(end, after=instant, zone=zone)
        return instant if silent else None

    def _end(self, local: datetime, during_quiet_hours: bool) -> datetime | None:
        """Return the wall-clock time at which the silence that holds at ``local`` ends."""
        if blackout := self.blackout_on(local.date()):
            day_after = min(blackout.end, date.max - timedelta(days=1)) + timedelta(days=1)
            return datetime.combine(day_after, time())
        if self.quiet_hours and not during_quiet_hours and self.hushes(local.time()):
            end = datetime.combine(local.date(), time.fromisoformat(self.quiet_hours.end))
            return end if end.time() > local.time() else end + timedelta(days=1)
        return None


def _when(wall: datetime, *, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after ``after`` at which the clocks of ``zone`` show ``wall`` or have gone past it."""
    first, _ = wall_clock.candidates(wall, zone)
    instant = max(first, after)
    # Where a clock change skips or repeats the time, walk to the minute at which the clocks have reached it.
    while instant.astimezone(zone).replace(tzinfo=None) < wall:
        instant = instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return instant
