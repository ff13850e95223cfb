"""The tidy table of forecast scores, and what a report draws."""

import csv
import io
import json
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from halocline.evaluate.engine.family import Better
from halocline.evaluate.engine.table import plain
from halocline.evaluate.forecast.longrun_series import LongRun
from halocline.evaluate.forecast.pictures import ForecastPictures
from halocline.runtime import files

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


@dataclass(frozen=True, eq=False)
class Line:
    """A score against lead, each (lead,)."""

    lead_hours: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    truth: np.ndarray


@dataclass(frozen=True, eq=False)
class ForecastCard:
    """All scores of a forecast and of what it is compared with.

    Attributes:
        rows: The tidy table.
        about: JSON-able facts: starts, members, stores, notes.
        sources: Names of what was scored, the forecast first.
        pictures: What the page draws of leads up to some weeks; None for long runs alone.
        long_run: Series and climate of a long run; None if there is none.
    """

    rows: tuple[ForecastRow, ...]
    about: dict[str, Any]
    sources: tuple[str, ...]
    pictures: ForecastPictures | None = None
    long_run: LongRun | None = None

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str, str], list[ForecastRow]]:
        found: dict[tuple[str, str, str, str], list[ForecastRow]] = {}
        for row in self.rows:
            found.setdefault((row.score, row.variable, row.band, row.source), []).append(row)
        return found

    @property
    def lead_hours(self) -> list[float]:
        """All leads that have scores, increasing."""
        return sorted({row.lead_hours for row in self.rows if np.isfinite(row.lead_hours)})

    def row(
        self, score: str, variable: str = "all", band: str = "", *, lead_hours: float, source: str | None = None
    ) -> ForecastRow:
        """Return one row, of the forecast if no source is named.

        Raises:
            KeyError: If there is none; the message lists the scores.
        """
        for row in self._by_name.get((score, variable, band, source or self.sources[0]), []):
            if row.lead_hours == lead_hours:
                return row
        names = ", ".join(dict.fromkeys(row.score for row in self.rows))
        raise KeyError(f"no score ({score}, {variable}, {band}) at {lead_hours} h; scores: {names}")

    def line(self, score: str, variable: str = "all", band: str = "", *, source: str | None = None) -> Line | None:
        """Return a score against lead, of the forecast if no source is named; None if there is none."""
        chosen = self._by_name.get((score, variable, band, source or self.sources[0]), [])
        if not chosen:
            return None
        return Line(*(np.array([getattr(row, part.name) for row in chosen], np.float64) for part in fields(Line)))

    def to_csv(self, path: Path) -> None:
        """Write the table, one score per line, SI units in a column of their own."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [f.name for f in fields(ForecastRow)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(plain(asdict(row)) for row in self.rows)
        files.write_text(path, text.getvalue())

    def to_json(self, path: Path) -> None:
        """Write table and facts; what is not a finite number becomes null."""
        content = {
            "halocline_forecast_card": FORECAST_CARD_VERSION,
            "about": self.about,
            "rows": [plain(asdict(row)) for row in self.rows],
        }
        files.write_text(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")
