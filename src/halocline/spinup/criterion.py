"""When an ocean counts as being in equilibrium: it neither drifts, nor is it elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from halocline.physics.means import level_means
from halocline.spinup.metric import Metric

WINDOW = 10
"""Years over which drift is fitted and states are averaged: longer than the channel's waves take to go round."""
Region = Literal["whole", "upper"]
REGIONS: tuple[Region, ...] = ("whole", "upper")
TIERS: Mapping[str, float] = {"looser": 2.0, "as stated": 1.0, "stricter": 0.5}
"""Times the criterion's limits: its own, and one on either side, by which no ranking should turn on the limits."""
Series = Sequence[Mapping[str, float]]
"""Diagnostics of consecutive years, see worlds.dino.diagnostics."""


@dataclass(frozen=True)
class Criterion:
    """Limits of what counts as equilibrium, over WINDOW years without interference.

    The first two say that the ocean has come to rest, the others that it has done so in the right place: a state that
    hardly moves can still be far away.

    Attributes:
        drift_thetao: Trend of level-mean temperature, root mean square over the volume, K a decade.
        drift_so: Likewise of salinity, psu a decade.
        distance_thetao: Distance of the window's mean from the nearest known equilibrium, root mean square over the
            volume, K.
        distance_so: Likewise of salinity, psu.
        acc: Distance of the mean transport through the channel from that equilibrium's, Sv.
        moc: Likewise of the upper cell of the overturning, Sv.
    """

    drift_thetao: float = 0.02
    drift_so: float = 0.002
    distance_thetao: float = 0.1
    distance_so: float = 0.02
    acc: float = 5.0
    moc: float = 0.5

    def times(self, factor: float) -> "Criterion":
        """Return all limits multiplied by a factor: above 1 looser, below 1 stricter."""
        return Criterion(*(factor * limit for limit in asdict(self).values()))

    def misses(self, figures: Mapping[str, float], region: Region) -> list[str]:
        """Return the names of the limits that a window's figures exceed; none: equilibrium.

        Args:
            figures: From ``window_figures``.
            region: ``upper``: temperature and salinity above 1000 m, and the transports. ``whole``: these, and
                temperature and salinity over the whole volume.
        """
        limits = {name if name in ("acc", "moc") else f"{name}_upper": limit for name, limit in asdict(self).items()}
        if region == "whole":
            limits |= asdict(self)
        return [name for name, limit in limits.items() if not abs(figures[name]) <= limit]


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """What a run tends to: the mean of its last years.

    Attributes:
        name: Which run.
        state: (variable, level, y, x): K, psu.
        acc: Transport through the channel, Sv.
        moc: Upper cell of the overturning, Sv.
        years: Model years behind it.
        drift: What is left of its own drift, of the names of ``window_figures``, a decade.
    """

    name: str
    state: np.ndarray
    acc: float
    moc: float
    years: float
    drift: Mapping[str, float]


def equilibrium_of(name: str, metric: Metric, states: np.ndarray, series: Series, years: float) -> Equilibrium:
    """Return the mean of years (year, variable, level, y, x) with what is left of their drift."""
    acc, moc = (float(np.mean([line[name] for line in series])) for name in ("acc", "moc_upper"))
    drift = metric.rms_levels(trend(level_means(states, metric.grid.volume)))
    return Equilibrium(name, states.mean(axis=0), acc, moc, years, {f"drift_{k}": v for k, v in drift.items()})


def window_figures(
    metric: Metric, states: np.ndarray, series: Series, references: Sequence[Equilibrium]
) -> tuple[dict[str, float], str]:
    """Return drift of consecutive years, and their distance from the nearest of the known equilibria.

    Args:
        metric: The norms.
        states: States of one day of the year (year, variable, level, y, x).
        series: ``acc`` and ``moc_upper`` (Sv) of the same days.
        references: The equilibria.

    Returns:
        What ``Criterion`` limits, and ``drift_thetao_upper``, ``distance_so_upper`` and so on; the name of the
        equilibrium that is nearest in temperature.
    """
    now = equilibrium_of("", metric, states, series, 0.0)
    distances = [metric.rms(now.state - r.state) for r in references]
    at = min(range(len(references)), key=lambda k: distances[k]["thetao"])
    figures = {
        **now.drift,
        **{f"distance_{name}": value for name, value in distances[at].items()},
        "acc": now.acc - references[at].acc,
        "moc": now.moc - references[at].moc,
    }
    return figures, references[at].name


def trend(values: np.ndarray) -> np.ndarray:
    """Return the least-squares slopes a decade of yearly values (year, ...)."""
    years = np.arange(len(values)) - 0.5 * (len(values) - 1)
    return np.asarray(10.0 * np.tensordot(years, values, axes=1) / (years**2).sum())
