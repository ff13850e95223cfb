"""What the runs say of the states they began from: each figure beside that of the true state it is paired with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from halocline.evaluate.engine.bootstrap import places
from halocline.evaluate.engine.interval import LEVEL, known_interval
from halocline.evaluate.engine.table import ScoreTable
from halocline.runtime import keyed
from halocline.trials.controls import TRUTH
from halocline.trials.long_run import LONG, trend, variability, yearly
from halocline.trials.run_table import RunTable

REPLICATES = 2000
"""Resamplings of the members."""
TARGET = (0.8, 1.25)
"""Ratios of kinetic energy and w_rms on day 5 within which a state counts as accepted."""
YEAR = 360.0
Kind = Literal["ratio", "difference", "share"]


@dataclass(frozen=True)
class Verdict:
    """One figure of one group.

    Attributes:
        group: The states.
        figure: What.
        day: When, days since the end of the spin-up; the last year's end for its means; NaN over the whole run.
        kind: How ``value`` compares with the control: ``ratio`` (mean over members of each one's own over its
            control's), ``difference`` (likewise), ``share`` (of the members; nothing is compared).
        value: The comparison; NaN without a control.
        low: Lower end of its interval: members resampled with replacement.
        high: Upper end.
        own: Mean of the group's own figures, ``unit``.
        control: Mean of their controls' figures, ``unit``.
        unit: Unit of ``own``, ``control`` and of differences.
        members: Members that count; crashed ones drop out from their crash on.
    """

    group: str
    figure: str
    day: float
    kind: Kind
    value: float
    low: float
    high: float
    own: float
    control: float
    unit: str
    members: int

    @property
    def id(self) -> str:
        """Name of the score that never changes: the figure's."""
        return self.figure


@dataclass(frozen=True, eq=False)
class Judgement:
    """Verdicts on all groups.

    Attributes:
        table: The tidy table; ids are the names of the figures.
    """

    table: ScoreTable[Verdict]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Rows of the table."""
        return self.table.rows

    @property
    def about(self) -> dict[str, Any]:
        """What was run."""
        return self.table.about

    @property
    def groups(self) -> list[str]:
        """Names in order."""
        return list(dict.fromkeys(verdict.group for verdict in self.verdicts))

    def find(self, group: str, figure: str, day: float | None = None) -> Verdict:
        """Return a verdict; ``day`` None for the first of its figure.

        Raises:
            KeyError: If there is none.
        """
        return self.table.row(figure, group=group, **({} if day is None else {"day": day}))

    def write(self, folder: Path) -> None:
        """Write ``judgement.csv`` and ``judgement.json``, in place of older ones."""
        self.table.to_csv(folder / "judgement.csv")
        self.table.to_json(folder / "judgement.json", rows="verdicts")


def judge(table: RunTable) -> Judgement:
    """Compare every group with its controls.

    Ratios: ``kinetic_energy`` and ``w_rms`` by day 1..10; ``mixing_integral`` over days 1..10 (the first day, when the
    turbulence starts, is left out); ``potential_energy_released`` by day 5 and 10 (of the group means, since one may be
    near zero); ``unstable`` on day 0. Differences: ``acc`` and ``moc_upper`` on day 5 and over the last year,
    ``thetao_drift`` and ``so_drift`` from day 0 to the end, per year. Share: ``crashes``. Of runs of long_run.LONG
    years and more also, after the first ten years: trends a decade of mean temperature and salinity, channel transport
    and overturning (``acc_trend``), of the level means (``level_drift_thetao``), and the standard deviation of yearly
    means about their trend as a ratio (``acc_variability``).
    """
    runs = table.dataset
    names = list(map(str, runs["run"].values))
    groups = runs["group"].values
    verdicts: list[Verdict] = []
    for group in dict.fromkeys(map(str, groups)):
        own = np.flatnonzero(groups == group)
        paired = [names.index(str(c)) if c else -1 for c in runs["control"].values[own]]
        if group == TRUTH:
            paired = list(own)
        verdicts += _group(runs, group, own, np.array(paired))
    about = {name.removeprefix("about_"): words for name, words in runs.attrs.items() if name.startswith("about_")}
    about |= {"preset": runs.attrs["preset"], "years": int(runs.attrs["years"]), "interval": LEVEL}
    return Judgement(ScoreTable(tuple(verdicts), about))


def _group(runs: xr.Dataset, group: str, own: np.ndarray, paired: np.ndarray) -> list[Verdict]:
    days = runs["day"].values
    first = days[days <= 10]

    def at(name: str, day: float) -> np.ndarray:
        return np.asarray(runs[name].values[:, int(np.flatnonzero(days == day)[0])])

    def verdict(figure: str, day: float, kind: Kind, every: np.ndarray, unit: str, of_means: bool = False) -> Verdict:
        x = every[own]
        c = np.where(paired >= 0, every[paired], np.nan)
        value, low, high = _compare(x, c, kind, of_means, (group, figure, str(day)))
        both = np.isfinite(x) & (np.isfinite(c) | (paired < 0))
        return Verdict(
            group, figure, day, kind, value, low, high, _mean(x[both]), _mean(c[both]), unit, int(both.sum())
        )

    out = []
    for name, unit in (("kinetic_energy", "J m-3"), ("w_rms", "m s-1")):
        out += [verdict(name, float(day), "ratio", at(name, day), unit) for day in first[1:]]
    inside = (days >= 1) & (days <= 10)
    mixing = np.trapezoid(runs["mixing"].values[:, inside], days[inside], axis=1)
    out.append(verdict("mixing_integral", float(first[-1]), "ratio", mixing, "1e-3 K"))
    energy = "potential_energy"
    for day in (5.0, 10.0):
        if day in first:
            released = at(energy, 0) - at(energy, day)
            out.append(verdict("potential_energy_released", day, "ratio", released, "J m-3", of_means=True))
    out.append(verdict("unstable", 0.0, "ratio", at("unstable", 0), "percent"))
    if 5.0 in first:
        out += [verdict(name, 5.0, "difference", at(name, 5.0), "Sv") for name in ("acc", "moc_upper")]
    if days[-1] > 10 + 1:
        out += _years(runs, days, verdict)
    if days[-1] >= 10 + LONG * YEAR:
        out += _decades(runs, days, verdict)
    crashed = np.isfinite(runs["crash_day"].values[own]).astype(float)
    low, high = _interval(crashed, lambda rows: crashed[rows].mean(axis=1), (group, "crashes"))
    theirs = np.isfinite(runs["crash_day"].values[paired[paired >= 0]]).astype(float)
    share = float(crashed.mean())
    return [*out, Verdict(group, "crashes", np.nan, "share", share, low, high, share, _mean(theirs), "1", len(crashed))]


def _years(runs: xr.Dataset, days: np.ndarray, verdict: Callable[..., Verdict]) -> list[Verdict]:
    end = float(days[-1])
    last = (days > end - YEAR + 1e-6) & (days > 10)
    out = []
    for name, unit in (("acc", "Sv"), ("moc_upper", "Sv"), ("kinetic_energy", "J m-3")):
        kind = "ratio" if name == "kinetic_energy" else "difference"
        out.append(verdict(f"{name}_last_year", end, kind, runs[name].values[:, last].mean(axis=1), unit))
    for name, unit in (("thetao", "K year-1"), ("so", "1e-3 year-1")):
        values = runs[f"{name}_mean"].values
        out.append(verdict(f"{name}_drift", end, "difference", (values[:, -1] - values[:, 0]) / (end / YEAR), unit))
    return out


def _decades(runs: xr.Dataset, days: np.ndarray, verdict: Callable[..., Verdict]) -> list[Verdict]:
    """Trends after the first ten years, and how one year differs from the next, beside the controls' own."""
    end, out = float(days[-1]), []
    for name, unit in (("thetao_mean", "K"), ("so_mean", "1e-3"), ("acc", "Sv"), ("moc_upper", "Sv")):
        years = yearly(runs[name].values, days)
        out.append(verdict(f"{name}_trend", end, "difference", trend(years), f"{unit} (10 year)-1"))
    for name, unit in (("sst_mean", "K"), ("acc", "Sv"), ("moc_upper", "Sv")):
        years = yearly(runs[name].values, days)
        out.append(verdict(f"{name}_variability", end, "ratio", variability(years), unit))
    for name, unit in (("thetao", "K"), ("so", "1e-3")):
        if f"level_drift_{name}" in runs:
            drift = runs[f"level_drift_{name}"].values
            out.append(verdict(f"level_drift_{name}", end, "difference", drift, f"{unit} (10 year)-1"))
    return out


def _compare(
    x: np.ndarray, c: np.ndarray, kind: Kind, of_means: bool, key: tuple[str, ...]
) -> tuple[float, float, float]:
    """Return the value and its interval over the pairs that count."""
    both = np.isfinite(x) & np.isfinite(c)
    if not of_means and kind == "ratio":
        both &= c != 0
    x, c, count = x[both], c[both], int(both.sum())
    if not count:
        return np.nan, np.nan, np.nan
    if of_means:

        def statistic(rows: np.ndarray) -> np.ndarray:
            below = c[rows].mean(axis=1)
            return np.where(below > 0, x[rows].mean(axis=1) / np.where(below > 0, below, 1.0), np.nan)

    else:
        each = x / c if kind == "ratio" else x - c

        def statistic(rows: np.ndarray) -> np.ndarray:
            return np.asarray(each[rows].mean(axis=1))

    value = float(statistic(np.arange(count)[None])[0])
    return value, *_interval(x, statistic, key)


def _interval(x: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], key: Sequence[str]) -> tuple[float, float]:
    """Return the central interval of a statistic of resampled members; NaN for fewer than two."""
    rows = places(len(x), REPLICATES, keyed.generator(0, "judgement", *key))
    low, high = known_interval(statistic(rows)[:, None], enough=len(x) > 1)
    return float(low[0]), float(high[0])


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size and np.isfinite(values).any() else float("nan")
