"""What is known of an equilibrium: its state, its own error, and whether a second one was seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from halocline.spinup.criterion import Equilibrium
from halocline.spinup.jump.history import History
from halocline.spinup.jump.own_stretches import Passed, ahead
from halocline.spinup.metric import Metric
from halocline.spinup.reference.extrapolate import MIDDLE, SIDES, places, pooled, signed_drifts
from halocline.spinup.reference.secant import Secant
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.reference.stretch import Stretch

Second = Literal["none seen", "seen", "undecided"]
ELSEWHERE = 0.1
"""Distance of runs at rest beyond which they are in different equilibria, K: at 0.0008 K a decade a mode of a thousand
years can still be 0.08 K from its end."""


@dataclass(frozen=True, eq=False)
class Figures:
    """The mean of two sides, and how far it can be trusted.

    Attributes:
        state: (variable, level, y, x), degC and psu.
        acc: Transport through the channel, Sv.
        moc: Upper cell of the overturning, Sv.
        drift: Trend of each side's level means, root mean square over the volume, by name of the side and then of the
            variable: K and psu a decade.
        secant: Drifts of the sides along their difference.
        apart: Distance of the sides' means: ``thetao`` (K) and ``so`` (psu), and above 1000 m.
        remaining: What is still ahead of their mean, by the pooled map and the secants between all stretches, likewise;
            empty if there is no map.
        bound: The same, K, if all of their change a decade belonged to the slowest mode; NaN if there is no map.
        middle: Distance of the run from the sides' mean, likewise; empty before it has begun.
        middle_ahead: The same, of where its change leads by both.
        verified: Whether the limits hold.
        second: Whether runs have come to rest in different places; ``none seen``: all three are in one.
    """

    state: np.ndarray
    acc: float
    moc: float
    drift: Mapping[str, Mapping[str, float]]
    secant: Secant
    apart: Mapping[str, float]
    remaining: Mapping[str, float]
    bound: float
    middle: Mapping[str, float]
    middle_ahead: Mapping[str, float]
    verified: bool
    second: Second

    @property
    def signed(self) -> dict[str, float]:
        """Drift of each side along the sides' difference, K a decade, positive from the cold side to the other."""
        return {name: a * self.apart["thetao"] for name, a in zip(SIDES, (self.secant.a, self.secant.b), strict=True)}

    @property
    def error(self) -> float:
        """The reference's own error, K: the larger of the sides' distance and what is still ahead."""
        return max(self.apart["thetao"], self.remaining.get("thetao", 0.0))


def figures_of(
    runs: Mapping[str, Stretch],
    metric: Metric,
    settings: ReferenceSettings,
    taught: Sequence[History] = (),
    before: Sequence[Mapping[str, Stretch]] = (),
) -> Figures:
    """Return what the runs say now; ``taught`` and ``before`` as in extrapolate.decide."""
    cold, other = (runs[name] for name in SIDES)
    ends = [side.equilibrium(metric) for side in (cold, other)]
    state = np.asarray(0.5 * (ends[0].state + ends[1].state))
    apart = metric.rms(ends[1].state - ends[0].state)
    slow = pooled(runs, metric, settings, taught)
    change = 0.5 * (cold.change + other.change)
    here, own = Passed(0.5 * (cold.mean + other.mean), change), places([*before, runs])
    remaining = {} if slow is None else metric.rms(ahead(slow, here, own).field)
    bound = np.nan if slow is None else metric.rms(change)["thetao"] * slow.longest
    drift = {end.name: _drift(end) for end in ends}
    middle: Mapping[str, float] = {}
    middle_ahead: Mapping[str, float] = {}
    if MIDDLE in runs:
        run = runs[MIDDLE]
        drift[MIDDLE] = _drift(run.equilibrium(metric))
        middle = metric.rms(run.state - state)
        if slow is not None:
            middle_ahead = metric.rms(run.mean + ahead(slow, run.passed, own).field - state)
    verified = (
        cold.steady
        and other.steady
        and all(_steady(drift[name], settings) for name in SIDES)
        and apart["thetao"] <= settings.apart_thetao
        and apart["so"] <= settings.apart_so
    )
    return Figures(
        state,
        float(np.mean([e.acc for e in ends])),
        float(np.mean([e.moc for e in ends])),
        drift,
        signed_drifts(runs, metric),
        apart,
        remaining,
        bound,
        middle,
        middle_ahead,
        verified,
        _second(verified, runs, drift, (middle, middle_ahead), metric, settings),
    )


def _drift(end: Equilibrium) -> dict[str, float]:
    return {name.removeprefix("drift_"): value for name, value in end.drift.items()}


def _steady(drift: Mapping[str, float], settings: ReferenceSettings) -> bool:
    return drift["thetao"] <= settings.drift_thetao and drift["so"] <= settings.drift_so


def _second(
    verified: bool,
    runs: Mapping[str, Stretch],
    drift: Mapping[str, Mapping[str, float]],
    middle: tuple[Mapping[str, float], Mapping[str, float]],
    metric: Metric,
    settings: ReferenceSettings,
) -> Second:
    """Return whether all runs are in one place, or at rest in several, or still on their way."""
    if MIDDLE not in runs:
        return "undecided"
    if verified and min(each.get("thetao", np.inf) for each in middle) <= settings.apart_thetao:
        return "none seen"
    resting = [run.state for name, run in runs.items() if run.steady and _steady(drift[name], settings)]
    away = [metric.rms(a - b)["thetao"] for a, b in combinations(resting, 2)]
    return "seen" if max(away, default=0.0) > ELSEWHERE else "undecided"
