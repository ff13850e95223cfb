"""What an analysis begins with: observations that the model can be told, their operator, and the date."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from halocline.analysis.operators.observing import ObservationOperator
from halocline.analysis.operators.places.base import PLACES
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import date_of, day_of_year, days_in_year, year_of
from halocline.data.sampling.conditions import DAY
from halocline.observations.files import read_observations
from halocline.observations.on_grid import OFF_GRID
from halocline.observations.superobs import superob
from halocline.observations.table import COLUMNS, FLAGS, Observations
from halocline.runtime.errors import ConfigError, InputError, require_choice

if TYPE_CHECKING:
    import xarray as xr

LONGEST = 31.0
"""Days over which observations of one analysis may spread: what is drawn is a state, not a season."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Observations beside a model.

    Attributes:
        generator: The model.
        table: The observations that count.
        operator: H for them.
        conditions: What the members are told, name to number.
        day: Day of the year that they are for, in the model's year; None for a model that is not told it.
        left_out: Rows that do not count, by reason.
        fingerprint: Of the observations that count.
    """

    generator: Generator
    table: Observations
    operator: ObservationOperator
    conditions: dict[str, float]
    day: float | None
    left_out: dict[str, int]
    fingerprint: str

    @property
    def unknown(self) -> tuple[str, ...]:
        """Forcing parameters that members are told and nobody gave."""
        conditions = self.generator.conditions
        names = () if conditions is None or self.generator.guidance == 0 else conditions.parameters
        return tuple(name for name in names if name not in self.conditions)


def prepare(
    generator: Generator,
    observations: "Observations | xr.Dataset | Path | str",
    *,
    conditions: Mapping[str, float] | None = None,
    places: Mapping[str, str] | None = None,
    footprints: Mapping[str, float] | None = None,
    joined: bool = True,
) -> Prepared:
    """Look at observations and model together.

    A sampler of data space goes on to its end: a third stage, which draws the rest at once, would not see observations.

    Args:
        generator: The model.
        observations: A table, or its file.
        conditions: What members are told; the day of the year is that of the observations unless given.
        places: Place by kind of observation; ``*`` for all others.
        footprints: Diameter by kind, m.
        joined: Whether rows of a day in one cell become one superobservation.

    Raises:
        InputError: If no row counts, the model has not a variable, or the rows are of dates that lie far apart.
        ConfigError: If a place is unknown.
    """
    if generator.chain.latent is None:
        generator = generator.without_detail()  # what it draws nobody guides
    table = observations if isinstance(observations, Observations) else read_observations(observations)
    for place in (places or {}).values():
        require_choice("place of observations", place, PLACES)
    left_out = {FLAGS[int(flag)]: int((table.flag == flag).sum()) for flag in np.unique(table.flag) if flag}
    good = table.select(table.good)
    if joined and len(good) and good.axes == "earth":
        good = _superobbed(good, generator)
    if not len(good) and len(table):
        raise InputError(
            table.source,
            found=f"{len(table)} rows, all flagged: " + ", ".join(f"{n} {k}" for k, n in left_out.items()),
            expected="rows of flag 0",
            remedy="Look at why they were flagged: halocline inspect, or the column 'flag'.",
        )
    _known_kinds(good, {**(places or {}), **(footprints or {})})
    operator = ObservationOperator(good, generator.codec.channels, generator.grid, places, footprints)
    if operator.lacking:
        raise InputError(
            f"observations of {', '.join(operator.lacking)}",
            found=f"a model without {', '.join(sorted({n for names in operator.lacking.values() for n in names}))}",
            expected=f"observations of {', '.join(dict.fromkeys(_names(generator)))}, or what follows from them",
            remedy="Leave these rows out, or train a model that draws the variable.",
        )
    seen = operator.seen
    if len(good) and not seen.any():
        raise InputError(
            table.source,
            found=f"{len(good)} rows, none of them on the ocean of the model's grid",
            expected=f"places on the grid {generator.grid.name}",
            remedy="Check latitude, longitude (degrees) and depth (m) of the rows.",
        )
    if not seen.all():
        left_out["off the model's ocean"] = int((~seen).sum())
        good = good.select(seen)
        operator = ObservationOperator(good, generator.codec.channels, generator.grid, places, footprints)
    told = dict(conditions or {})
    day = told.get(DAY)
    if generator.conditions is not None and generator.conditions.season and day is None and len(good):
        day = told[DAY] = day_of(good, generator.conditions.days_per_year)
    return Prepared(generator, good, operator, told, day, left_out, fingerprint_of(good))


def day_of(table: Observations, days_per_year: float) -> float:
    """Return the day of the year of a table's mean date, stretched to a year of that length.

    Raises:
        InputError: If dates lie more than a month apart.
    """
    first, last, middle = float(table.time.min()), float(table.time.max()), float(table.time.mean())
    if last - first > 24 * LONGEST:
        raise InputError(
            f"dates of {table.source}",
            found=f"{date_of(first, table.calendar)} to {date_of(last, table.calendar)}",
            expected=f"at most {LONGEST:g} days, of which one state is drawn",
            remedy="Analyse them part by part, or give --condition day_of_year=NUMBER if they are of one season.",
        )
    own = days_in_year(int(year_of(np.array(middle), table.calendar)), table.calendar)
    return float(day_of_year(np.array(middle), table.calendar)) * days_per_year / own


def fingerprint_of(table: Observations) -> str:
    """Return a sha256, shortened, of all columns."""
    digest = hashlib.sha256(table.calendar.encode())
    for name in COLUMNS:
        values = getattr(table, name)
        text = values.dtype.kind == "U"
        digest.update("\x1f".join(values.tolist()).encode() if text else np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:16]


def _superobbed(table: Observations, generator: Generator) -> Observations:
    """Return superobservations on the model's cells, and behind them what lies on none."""
    made = superob(table, generator.grid, keep=True)
    off = made.flag == OFF_GRID
    kept = made.select((made.flag == 0) | off)
    return kept.replace(flag=np.zeros(len(kept), np.int8))


def _names(generator: Generator) -> list[str]:
    from halocline.data.fields.layout import Layout

    return list(Layout.from_channels(generator.codec.channels).names)


def _known_kinds(table: Observations, given: Mapping[str, object]) -> None:
    kinds = ["*", *(str(kind) for kind in pd.unique(table.kind))]
    for kind in given:
        if kind not in kinds:
            raise ConfigError(
                f"kind of observations '{kind}'",
                found="no such kind in the table",
                expected=", ".join(kinds),
                remedy="Name one of these; * stands for all others.",
            )
