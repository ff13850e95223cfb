"""The tidy table of forecast scores, and what a report draws."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.evaluate.engine.family import Better
from halocline.evaluate.engine.scorecard import Evaluation
from halocline.evaluate.forecast.longrun_series import LongRun

FORECAST_CARD_VERSION = 1


@dataclass(frozen=True)
class ForecastRow:
    """One score of one source at one lead.

    Attributes:
        source: What is scored: a forecast, ``persistence``, ``climatology``, ``damped anomaly`` or ``other years``.
        lead_hours: Hours since the start; NaN for scores of a whole long run.
        score: What is measured.
        variable: Name of the variable, ``drift``, or ``all``.
        band: Region, wavelength band, or month; empty if there is none.
        value: The score over all starts.
        low: Lower end of its 90 % interval (starts drawn with replacement); NaN with fewer than three starts.
        high: Upper end.
        truth: What the truth itself would get, NaN if it says nothing.
        unit: SI unit.
        better: What a good value is.
        starts: Number of starts it was computed from.
        id: Name of the score that never changes; variable, source and lead tell the row from all others.
    """

    source: str
    lead_hours: float
    score: str
    variable: str
    band: str
    value: float
    low: float
    high: float
    truth: float
    unit: str
    better: Better
    starts: int
    id: str


@dataclass(frozen=True, eq=False)
class Line:
    """A score against lead, each (lead,), in ``unit``."""

    lead_hours: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    truth: np.ndarray
    unit: str


_COLUMNS = ("lead_hours", "value", "low", "high", "truth")


@dataclass(frozen=True, eq=False)
class ForecastCard(Evaluation[ForecastRow]):
    """All scores of a forecast and of what it is compared with.

    Attributes:
        kind: ``forecast``.
        pictures: What the page draws of leads up to some weeks; None for long runs alone.
        sources: Names of what was scored, the forecast first.
        long_run: Series and climate of a long run; None if there is none.
    """

    FORMAT = ("halocline_forecast_card", FORECAST_CARD_VERSION)

    kind: str = "forecast"
    sources: tuple[str, ...] = ()
    long_run: LongRun | None = None

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], list[ForecastRow]]:
        found: dict[tuple[str, str, str], list[ForecastRow]] = {}
        for row in self.rows:
            found.setdefault((row.id, row.variable, row.source), []).append(row)
        return found

    @property
    def lead_hours(self) -> list[float]:
        """All leads that have scores, increasing."""
        return sorted({row.lead_hours for row in self.rows if np.isfinite(row.lead_hours)})

    def row(self, id: str, variable: str = "all", *, lead_hours: float, source: str | None = None) -> ForecastRow:
        """Return one row, of the forecast if no source is named.

        Raises:
            KeyError: If there is none; the message lists the scores.
        """
        return self.table.row(id, variable=variable, source=source or self.sources[0], lead_hours=lead_hours)

    def line(self, id: str, variable: str = "all", *, source: str | None = None) -> Line | None:
        """Return a score against lead, of the forecast if no source is named; None if there is none."""
        chosen = self._by_name.get((id, variable, source or self.sources[0]), [])
        if not chosen:
            return None
        numbers = {name: np.array([getattr(row, name) for row in chosen], np.float64) for name in _COLUMNS}
        return Line(**numbers, unit=chosen[0].unit)
