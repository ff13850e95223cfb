"""Analysis cycles: a forecast model carries members from date to date, and observations correct them there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from zarr.storage import MemoryStore

from halocline.analysis.methods.base import Settings
from halocline.analysis.run import analyse
from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.starts import Start
from halocline.chain.forecast.stepper import Stepper
from halocline.chain.forecast.weather import Weather
from halocline.chain.generator import Generator
from halocline.data.fields.calendar import day_of_year, days_in_year, year_of
from halocline.data.fields.variables import variable
from halocline.data.sampling.conditions import DAY
from halocline.observations.table import Observations
from halocline.runtime import keyed
from halocline.runtime.errors import InputError

_LEAST_COVER = 0.01


@dataclass(frozen=True, eq=False)
class Cycle:
    """One date of a run of cycles.

    Attributes:
        hour: When, hours since 2000-01-01.
        before: The forecast (member, channel, y, x) of the forecast model's channels, physical units, land 0.
        after: The analysis of it, likewise; the forecast itself where nothing was observed.
    """

    hour: int
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True, eq=False)
class Cycling:
    """x_k+1 ~ M(x_k), then x_k+1 <- analysis of x_k+1 and y_k+1, for all members; each date keyed by its hour.

    What the forecast model carries and the generator does not draw (snow) stays the member's own: per ice-covered area
    where it is an amount per cell, on the ice that the analysis leaves.

    Attributes:
        generator: Constraints and climatological prior of the analyses, with its solver and steps.
        stepper: The forecast model.
        weather: What drives it; None if it needs none.
        method: Of the analyses (``METHODS``), with the forecast as its prior; None for none.
        settings: Of the method.
        seed: Seed of forecast and analyses.
        store_member: Member of the store that the weather is from; 0 for a file.
        batch: Members a pass.
        memory: Bytes for forecasts.
    """

    generator: Generator
    stepper: Stepper
    weather: Weather | None
    method: str | None = "resample"
    settings: Settings = Settings()  # noqa: RUF009
    seed: int = 0
    store_member: int = 0
    batch: int = 16
    memory: int = 2 * 10**9

    def __post_init__(self) -> None:
        """Raise InputError if the forecast model lacks a variable that the generator draws."""
        if missing := [n for n in self.generator.codec.channels if n not in self.stepper.channels]:
            raise InputError(
                "forecast model of the cycles",
                found=f"one without {', '.join(missing)}",
                expected=f"all that the generator draws: {', '.join(self.generator.codec.channels)}",
                remedy="Take a surrogate and a generator of the same variables.",
            )

    def run(self, states: np.ndarray, hours: Sequence[int], tables: Sequence[Observations | None]) -> Iterator[Cycle]:
        """Yield the cycles of some dates.

        Args:
            states: Where members start (member, channel, y, x), the forecast model's channels, land 0.
            hours: Hour of the start, then of each analysis; whole steps of the forecast model apart.
            tables: Observations of each analysis; None or an empty table for none.
        """
        for first, last, table in zip(hours[:-1], hours[1:], tables, strict=True):
            before = self._carried(states, int(first), int(last))
            states = before
            if self.method is not None and table is not None and len(table):
                states = self._analysed(before, int(last), table)
            yield Cycle(int(last), before, states)

    def _carried(self, states: np.ndarray, first: int, last: int) -> np.ndarray:
        step, out = self.stepper.step_hours, MemoryStore()
        if (last - first) % step or last <= first:
            raise InputError(
                "hours of the cycles",
                found=f"{last - first} between two",
                expected=f"a multiple of {step}, the step of the forecast model",
                remedy="Choose dates that it reaches.",
            )
        calendar = "noleap" if self.weather is None else self.weather.calendar
        start = Start(first, states.astype(np.float32), self.store_member, calendar=calendar)
        steps, seed = (last - first) // step, keyed.derived(self.seed, "cycle", first)
        forecast(
            self.stepper,
            [start],
            lambda _: self.weather,  # type: ignore[arg-type, return-value]
            self.generator.grid,
            out,
            steps=steps,
            every=steps,
            members=len(states),
            seed=seed,
            memory=self.memory,
            quiet=True,
        )
        made = xr.open_zarr(out, consolidated=False, chunks=None)
        ends = [made[name].values[0, :, -1] for name in self.stepper.channels]
        return np.nan_to_num(np.stack(ends, axis=1), nan=0.0)

    def _analysed(self, before: np.ndarray, hour: int, table: Observations) -> np.ndarray:
        model, names = self.generator, list(self.stepper.channels)
        drawn = [names.index(name) for name in model.codec.channels]
        wet = model.grid.mask
        fields = np.where(wet, before[:, drawn], np.nan).astype(np.float32)
        prior = to_dataset(fields, model.codec.channels, model.grid, range(len(before)), {})
        told = {}
        if model.conditions is not None and model.conditions.season:
            own = days_in_year(int(year_of(np.array(float(hour)), table.calendar)), table.calendar)
            day = float(day_of_year(np.array(float(hour)), table.calendar))
            told[DAY] = day * model.conditions.days_per_year / own
        states, _ = analyse(
            model,
            table,
            len(before),
            keyed.derived(self.seed, "analysis", hour),
            method=self.method or "",
            settings=self.settings,
            batch=self.batch,
            conditions=told,
            prior=prior,
            quiet=True,
        )
        after = before.copy()
        for name, k in zip(model.codec.channels, drawn, strict=True):
            after[:, k] = np.where(wet, states[name].values, 0.0)
        _follow_cover(before, after, names, set(model.codec.channels))
        return after


def _follow_cover(before: np.ndarray, after: np.ndarray, names: list[str], drawn: set[str]) -> None:
    """Scale amounts per cell that were not drawn with the ice cover, in place."""
    if "sic" not in drawn:
        return
    cover = names.index("sic")
    icy = before[:, cover] > _LEAST_COVER
    share = np.where(icy, after[:, cover] / np.maximum(before[:, cover], _LEAST_COVER), 0.0)
    for k, name in enumerate(names):
        if name not in drawn and variable(name).zero_without_ice:
            after[:, k] = before[:, k] * share
