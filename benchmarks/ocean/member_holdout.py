"""Ensembles for held-out forcing against the run that was really made: errors beside baselines and the run's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.constraints.level_means import cell_weights, mean_groups
from halocline.data.fields.calendar import season_hour
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.nearest import trained_range
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import counts
from halocline.evaluate.engine.interval import centred, interval
from halocline.evaluate.ocean.families.profiles import ProfileScores
from halocline.evaluate.ocean.families.stability import StabilityScores
from halocline.evaluate.ocean.states import OceanSet, pairs_of, store_layout
from halocline.runtime.keyed import generator

NEIGHBOURS = 4
"""Runs in the neighbour average."""


@dataclass(frozen=True, eq=False)
class TrainingRuns:
    """Time means of the training members, and their forcing.

    Attributes:
        parameters: Forcing parameters (run, parameter), any units.
        means: Time mean of each run (run, channel, y, x).
    """

    parameters: np.ndarray
    means: np.ndarray

    def distances(self, target: np.ndarray) -> np.ndarray:
        """Return the distance of each run (run,) to a target (parameter,) in the range of the runs."""
        return trained_range(self.parameters, target, self.parameters)

    def nearest(self, target: np.ndarray) -> int:
        """Return the number of the run nearest to a target (parameter,)."""
        return int(self.distances(target).argmin())

    def neighbour_weights(self, target: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
        """Return weights (run,) over the ``count`` nearest runs, inverse to distance; a run on the target has all.

        Source: Shepard 1968, "A two-dimensional interpolation function for irregularly-spaced data", power 1.
        """
        distance = self.distances(target)
        weights = np.zeros(len(distance))
        near = np.argsort(distance, kind="stable")[:count]
        if distance[near[0]] == 0:
            weights[near[0]] = 1.0
        else:
            weights[near] = 1.0 / distance[near]
        return weights / weights.sum()

    def baselines(self, target: np.ndarray) -> dict[str, np.ndarray]:
        """Return the states (channel, y, x) that each baseline predicts for a target (parameter,)."""
        return {
            "mean state": self.means.mean(axis=0),
            "nearest run": self.means[self.nearest(target)],
            "neighbour average": np.tensordot(self.neighbour_weights(target), self.means, axes=1),
        }


@dataclass(frozen=True)
class Prediction:
    """How well one prediction of a member's mean state does.

    Attributes:
        rmse: Error of the (ensemble) mean state against the member's time mean: thetao (degC), so (psu), zos (m).
        low: Lower end of the 90 % interval of each; the value itself for a single state.
        high: Upper end.
        profile: W1 distance of the level means of temperature to those of the member's states, degC.
    """

    rmse: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    profile: float


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One held-out member.

    Attributes:
        member: Its number.
        predictions: ``generated``, the baselines, and ``real states``: as many states of the member's odd years in the
            place of generated ones, against its even years, and the other way round.
        single: Mean error of single generated states, by variable.
        spread: Root-mean-square standard deviation of the cells over the generated states, by variable.
        true_spread: The same over the member's states.
        inversions: Share of interfaces warmer below by more than 1e-3 K, generated and real, %.
        unstable: Share of locally unstable interfaces, generated and real, %.
    """

    member: int
    predictions: dict[str, Prediction]
    single: tuple[float, ...]
    spread: tuple[float, ...]
    true_spread: tuple[float, ...]
    inversions: tuple[float, float]
    unstable: tuple[float, float]


def state_rmse(a: np.ndarray, b: np.ndarray, layout: GridLayout) -> np.ndarray:
    """Return root-mean-square differences of states over wet cells, thetao and so by volume, zos by area.

    Args:
        a: (..., channel, y, x), dry cells finite.
        b: Broadcast against ``a``.
        layout: Channels and cells.

    Returns:
        (..., variable): degC, psu, m.
    """
    weights = mean_weights(layout)
    square = (np.asarray(a, np.float64) - b) ** 2
    return np.asarray(np.sqrt(np.tensordot(square, weights, axes=((-3, -2, -1), (1, 2, 3)))))


def cell_spread(states: np.ndarray, layout: GridLayout) -> np.ndarray:
    """Return the root of the mean variance of the cells over states (sample, channel, y, x): (variable,)."""
    variance = states.var(axis=0, dtype=np.float64, ddof=1)
    return np.asarray(np.sqrt(np.tensordot(mean_weights(layout), variance, axes=3)))


def training_runs(store: StateStore, roles: Sequence[str] = ("train",)) -> TrainingRuns:
    """Return forcing and time means of the members of some roles, one state in memory at a time."""
    members = sorted({member for member, _ in pairs_of(store, roles)})
    channels = store.layout.numbers(*store_layout(store).fields.names)
    means = []
    for member in members:
        total = np.zeros((len(channels), *store.grid.shape))
        for index in range(len(store.hours)):
            total += store.read(member, index)[channels]
        means.append(total / len(store.hours))
    table = np.stack(list(store.parameters.values()), axis=1)
    return TrainingRuns(table[members], np.stack(means))


def matching_times(store: StateStore, count: int) -> np.ndarray:
    """Return ``count`` time indices (count,) that cover the seasons evenly: the days an ensemble is drawn for.

    Times are ordered by day of the year and taken at even distances; all of them as often as ``count`` allows.
    """
    order = np.argsort(season_hour(store.hours, store.calendar), kind="stable")
    return order[((np.arange(count) + 0.5) * len(order) / count).astype(int)]


def held_out(
    generated: np.ndarray,
    truth: OceanSet,
    runs: TrainingRuns,
    target: np.ndarray,
    *,
    replicates: int = 200,
    seed: int = 0,
) -> HeldOut:
    """Compare an ensemble for a member's forcing with that member and with the baselines.

    Args:
        generated: Ensemble (sample, channel, y, x) for the member's forcing and days of its year, dry cells 0.
        truth: All states of that one member.
        runs: Training runs, for the baselines.
        target: The member's forcing (parameter,).
        replicates: Bootstrap replicates, of states of the ensemble.
        seed: Their seed.
    """
    layout, real = truth.layout, truth.values
    mean = real.mean(axis=0, dtype=np.float64)
    random = generator(seed, "evaluate", "held-out", int(truth.member[0]))
    predictions = {"generated": _ensemble(generated, mean, real, layout, replicates, random)}
    for name, state in runs.baselines(target).items():
        error = tuple(float(x) for x in state_rmse(state, mean, layout))
        profile = _profile(state[None].astype(np.float32), real, layout)
        predictions[name] = Prediction(error, error, error, profile)
    own = _own(truth, len(generated), replicates, random)
    if own is not None:
        predictions["real states"] = own
    stable = StabilityScores(layout)
    shares = [stable.summary(states).mean(axis=0)[-2:] for states in (generated, real)]
    return HeldOut(
        member=int(truth.member[0]),
        predictions=predictions,
        single=tuple(float(x) for x in state_rmse(generated, mean, layout).mean(axis=0)),
        spread=tuple(float(x) for x in cell_spread(generated, layout)),
        true_spread=tuple(float(x) for x in cell_spread(real, layout)),
        inversions=(float(shares[0][1]), float(shares[1][1])),
        unstable=(float(shares[0][0]), float(shares[1][0])),
    )


def read_member(store: StateStore, member: int) -> OceanSet:
    """Read all states of one member."""
    pairs = [(member, index) for index in range(len(store.hours))]
    layout = store_layout(store)
    channels = store.layout.numbers(*layout.fields.names)
    values = np.stack([store.read(*pair)[channels] for pair in pairs])
    return OceanSet(values, layout, np.full(len(pairs), member), tuple(pairs), store.years(), forced=True)


def _ensemble(
    states: np.ndarray,
    mean: np.ndarray,
    real: np.ndarray,
    layout: GridLayout,
    replicates: int,
    random: np.random.Generator,
) -> Prediction:
    value = state_rmse(states.mean(axis=0, dtype=np.float64), mean, layout)
    flat = states.reshape(len(states), -1).astype(np.float32)
    weights = counts(len(states), len(states), replicates, random) / len(states)
    drawn = [state_rmse((row @ flat).reshape(mean.shape), mean, layout) for row in weights.astype(np.float32)]
    low, high = interval(centred(np.stack(drawn), value))
    profile = _profile(states, real, layout)
    rmse, lower, upper = (tuple(float(x) for x in np.maximum(0.0, part)) for part in (value, low, high))
    return Prediction(rmse, lower, upper, profile)


def _own(truth: OceanSet, count: int, replicates: int, random: np.random.Generator) -> Prediction | None:
    """Return the error of real states of the even years against the mean of the odd ones, and the other way round."""
    assert truth.years is not None
    odd = truth.years % 2 == 1
    if odd.all() or not odd.any():
        return None
    found = []
    for part in (odd, ~odd):
        chosen = random.choice(np.flatnonzero(part), size=count)
        reference = truth.values[~part]
        mean = reference.mean(axis=0, dtype=np.float64)
        found.append(_ensemble(truth.values[chosen], mean, reference, truth.layout, replicates, random))
    rmse, low, high = np.mean([(p.rmse, p.low, p.high) for p in found], axis=0).tolist()
    return Prediction(tuple(rmse), tuple(low), tuple(high), float(np.mean([p.profile for p in found])))


def mean_weights(layout: GridLayout) -> np.ndarray:
    """Return the weights of the basin's means (mean, channel, y, x) over wet cells; each mean's sum to 1."""
    cells = np.stack([cell_weights(layout, k) for k in range(len(layout.fields))])
    belongs = mean_groups(layout, "basin")
    weights = belongs[:, :, None, None] * cells
    return np.asarray(weights / weights.sum(axis=(1, 2, 3), keepdims=True))


def _profile(states: np.ndarray, real: np.ndarray, layout: GridLayout) -> float:
    family = ProfileScores.over(*(OceanSet(part, layout, np.arange(len(part))) for part in (real, states)))
    parts = [family.summary(part).mean(axis=0)[None] for part in (states, real)]
    keys = [(label.id, label.variable) for label in family.labels]
    return float(family.scores(*parts)[0, keys.index(("profile_w1", "thetao"))])
