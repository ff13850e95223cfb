"""Forecast skill from drawn states: the simulator started from them under the weather of the truth, beside the truth.

Every start is a held-out state of a simulated store; the verification is what the store's own simulation made of it.
Since weather and model are the same, the error is that of the start alone. Finn et al. 2024, "Generative diffusion for
regional surrogate models from sea-ice simulations", J. Adv. Model. Earth Syst. 16, ask this next of drawn states.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.fields.season import season_share
from halocline.data.store.nearest import season, state_squared
from halocline.data.store.splits import Sample, Split, by_member_year, samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.bootstrap import whole_and_counts
from halocline.evaluate.engine.interval import known_interval
from halocline.evaluate.ice.edge import edge_error
from halocline.physics.deformation import strain_rates
from halocline.physics.quads import quad_mask, quad_mean
from halocline.physics.sea_ice import ICE_EDGE
from halocline.runtime import keyed
from halocline.runtime.errors import InputError, require_at_least
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.waiting import as_they_end
from halocline.trials.ice.climate import VARIABLES, IceClimate
from halocline.trials.ice.replaced import with_replaced
from halocline.trials.ice.replay import Replay
from halocline.worlds.arctic.model import CHANNELS, MODEL_STEP_HOURS, ArcticModel
from halocline.worlds.arctic.start import assemble
from halocline.worlds.arctic.weather.synthetic import SyntheticWeather

Fields = Mapping[str, np.ndarray]
ERRORS: dict[str, tuple[str, str]] = {
    "sit": ("thickness", "m"),
    "sic": ("concentration", "1"),
    "sid": ("damage", "1"),
    "drift": ("drift", "m s-1"),
    "deformation": ("total deformation", "s-1"),
    "iiee": ("ice edge (IIEE)", "m2"),
}
"""Name and unit of each error; all but the last are root mean squares."""
STARTS = (
    "truth",
    "drawn thickness, damage, drift",
    "nearest training state",
    "climatology",
    "drawn damage",
    "damage of the climatology",
    "no damage",
)
"""Ways to start, in the order of tables; see ``ways``."""
REPLICATES = 2000


@dataclass(frozen=True, eq=False)
class Skill:
    """Errors of forecasts.

    Attributes:
        leads: Days since the start (lead,).
        squares: Mean squares, and ice-edge errors, by (way to start, error): (start, lead).
        samples: (member, time index) of each start.
    """

    leads: np.ndarray
    squares: dict[tuple[str, str], np.ndarray]
    samples: list[Sample]

    def error(self, way: str, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return an error and its 90 % interval by lead time, each (lead,): starts resampled with replacement."""
        every = self.squares[way, name]
        weights = whole_and_counts(len(every), REPLICATES, keyed.generator(0, "ice-skill", name))
        means = weights @ every / weights.sum(axis=1, keepdims=True)
        values = means if name == "iiee" else np.sqrt(means)
        low, high = known_interval(values[1:], enough=len(every) > 1)
        return values[0], low, high

    def ratio(self, way: str, other: str, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the ratio of two ways' errors and its 90 % interval, each (lead,): the same starts in both."""
        first, second = self.squares[way, name], self.squares[other, name]
        weights = whole_and_counts(len(first), REPLICATES, keyed.generator(0, "ice-skill", name))
        with np.errstate(divide="ignore", invalid="ignore"):
            values = (weights @ first) / (weights @ second)
        values = values if name == "iiee" else np.sqrt(values)
        low, high = known_interval(values[1:], enough=len(first) > 1)
        return values[0], low, high


def starts_of(store: StateStore, count: int, days: float, split: Split = "test") -> list[Sample]:
    """Return starts spread evenly over the years of a split, members in turn, whose forecasts end within their year.

    Raises:
        InputError: If the split is too short.
    """
    free = _with_room(store, days, split, count)
    members = sorted({member for member, _ in free})
    own = {m: [s for s in free if s[0] == m] for m in members}
    out = []
    for k in range(count):
        mine = own[members[k % len(members)]]
        out.append(mine[min(len(mine) - 1, int((k + 0.5) / count * len(mine)))])
    return out


def _with_room(store: StateStore, days: float, split: Split, count: int) -> list[Sample]:
    interval = int(np.diff(store.hours).min())
    steps = round(24 * days / interval)
    free: list[Sample] = []
    for (member, _), indices in by_member_year(store, samples_of(store, split)).items():
        free += [(member, int(index)) for index in indices[: max(0, len(indices) - steps)]]
    if len(free) < count:
        raise InputError(
            f"split '{split}' of {store.path}",
            found=f"{len(free)} states from which {days:g} days lie in the split",
            expected=f"at least {count}",
            remedy="Ask for fewer starts.",
        )
    return free


def starts_for(store: StateStore, dates: Sequence[float], days: float, split: Split = "test") -> list[Sample]:
    """Return a start of the split for each date, members in turn, each once, whose forecast ends within its year.

    Args:
        store: The store.
        dates: Days of the year.
        days: Length of the forecasts.
        split: Where the starts lie.

    Raises:
        InputError: If the split is too short.
    """
    free = _with_room(store, days, split, len(dates))
    shares = 365.0 * season_share(store.hours[[index for _, index in free]], store.calendar)
    members = np.array([member for member, _ in free])
    taken = np.zeros(len(free))
    out = []
    for number, date in enumerate(dates):
        turn = (members - number) % store.members / (1e6 * store.members)
        at = int(np.argmin(season(shares, date, 365.0) + turn + taken))
        taken[at] = np.inf
        out.append(free[at])
    return out


def fields_of(store: StateStore, sample: Sample) -> dict[str, np.ndarray]:
    """Return the ice of a stored state (y, x) by variable, land 0."""
    state = store.read(*sample)
    return {name: state[store.channels.index(name)] for name in VARIABLES}


def nearest_state(climate: IceClimate, truth: Fields, share: float) -> dict[str, np.ndarray]:
    """Return the training state of the same season that is nearest to a state.

    The distance is the root of the mean over area and variables of squared differences, each over its variable's
    spread over the ocean in the training states.
    """
    store, wet = climate.store, climate.store.grid.mask
    scale = np.array([[max(store.statistics[name]["std"], 1e-6)] for name in VARIABLES])
    weight = np.sqrt(store.grid.area[wet] / store.grid.area[wet].sum())
    own = np.stack([truth[name][wet] for name in VARIABLES])
    best, found = np.inf, dict(truth)
    for sample in climate.samples_near(share):
        other = fields_of(store, sample)
        far = state_squared(own, np.stack([other[name][wet] for name in VARIABLES]), scale, weight)
        if far < best:
            best, found = far, other
    return found


def ways(climate: IceClimate, truth: Fields, drawn: Fields, share: float) -> dict[str, dict[str, np.ndarray]]:
    """Return the starts that are compared, by name: STARTS.

    Args:
        climate: Training states by date.
        truth: The true state.
        drawn: A drawn state of the same date: sit, sic, sid, siu, siv.
        share: Share of the year that has passed.
    """
    mean = climate.mean(share)
    intact = {**truth, "sid": np.zeros_like(truth["sid"])}
    made: tuple[dict[str, np.ndarray], ...] = (
        dict(truth),
        with_replaced(truth, drawn, ("sit", "sid", "siu", "siv")),
        nearest_state(climate, truth, share),
        mean,
        with_replaced(truth, drawn, ("sid",)),
        with_replaced(truth, mean, ("sid",)),
        intact,
    )
    return dict(zip(STARTS, made, strict=True))


def forecast_skill(
    store: StateStore,
    samples: Sequence[Sample],
    drawn: Sequence[Fields],
    *,
    days: float = 10.0,
    jobs: int = 1,
    report: Callable[[int], None] = lambda done: None,
) -> Skill:
    """Forecast from every start in every way, and measure the errors against the store.

    Args:
        store: A store of the Arctic world under synthetic weather.
        samples: Starts, from ``starts_of`` or ``starts_for``.
        drawn: A drawn state of the date of each.
        days: Length.
        jobs: Processes, one core each, of which each takes the starts of a member; the result is the same.
        report: Called with the number of starts that are done.

    Raises:
        InputError: If the store's weather cannot be made again.
    """
    require_at_least({"jobs": (jobs, 1)})
    Replay.of(store)
    count = round(24 * days / int(np.diff(store.hours).min()))
    squares = {(way, name): np.zeros((len(samples), count + 1)) for way in STARTS for name in ERRORS}
    members = sorted({m for m, _ in samples})
    shares = [[k for k, sample in enumerate(samples) if sample[0] == member] for member in members]
    tasks = [(store.path, [samples[k] for k in mine], [drawn[k] for k in mine], count) for mine in shares]
    done = 0

    def take(mine: list[int], found: Squares) -> None:
        nonlocal done
        for key, values in found.items():
            squares[key][mine] = values
        done += len(mine)
        report(done)

    if jobs == 1:
        for mine, task in zip(shares, tasks, strict=True):
            take(mine, _of_member(*task))
    else:
        with worker_pool(min(jobs, len(tasks))) as pool:
            futures = {pool.submit(_of_member, *task): mine for mine, task in zip(shares, tasks, strict=True)}
            for future in as_they_end(futures):
                take(futures[future], future.result())
    interval = int(np.diff(store.hours).min())
    return Skill(np.arange(count + 1) * interval / 24.0, squares, list(samples))


Squares = dict[tuple[str, str], np.ndarray]


def _of_member(path: Path, samples: list[Sample], drawn: list[Fields], count: int) -> Squares:
    """Return the errors of the starts of one member, (start, lead) by (way to start, error)."""
    store = open_store(path)
    replay, climate, member = Replay.of(store), IceClimate(store), samples[0][0]
    interval = int(np.diff(store.hours).min())
    squares = {(way, name): np.zeros((len(samples), count + 1)) for way in STARTS for name in ERRORS}
    memories = replay.memories(member, [index for _, index in samples])
    for k, (_, index) in enumerate(samples):
        share = float(season_share(store.hours[index : index + 1], store.calendar)[0])
        truths = [fields_of(store, (member, index + n)) for n in range(count + 1)]
        for way, fields in ways(climate, truths[0], drawn[k], share).items():
            weather = replay.weather(member, memories[index])
            found = _forecast(replay, weather, fields, replay.step_of(index), count, interval)
            for lead, (state, truth) in enumerate(zip(found, truths, strict=True)):
                for name, value in errors_of(state, truth, replay.domain.grid.area, replay.domain.ocean).items():
                    squares[way, name][k, lead] = value
    return squares


def _forecast(
    replay: Replay, weather: SyntheticWeather, fields: Fields, step: int, count: int, interval: int
) -> list[dict[str, np.ndarray]]:
    state = assemble(fields, replay.domain, weather.at(step))
    model = ArcticModel(
        replay.domain,
        weather,
        state,
        step=step,
        rheology=replay.rheology,
        dynamics=replay.physics.dynamics,
        thermodynamics=replay.physics.thermodynamics,
    )
    out = [{name: np.asarray(fields[name], np.float64) for name in VARIABLES}]
    for _ in range(count):
        for _ in range(interval // MODEL_STEP_HOURS):
            model.advance()
        sample = model.sample()
        out.append({name: sample[CHANNELS.index(name)] for name in VARIABLES})
    return out


def errors_of(state: Fields, truth: Fields, area: np.ndarray, ocean: np.ndarray) -> dict[str, float]:
    """Return mean squares of the errors, and the ice-edge error, weighted by area.

    Thickness and concentration count where either has ice (a concentration above 0.15), damage and drift where both
    have, deformation on squares of four such cells.

    Args:
        state: Forecast (y, x) by variable.
        truth: Truth likewise.
        area: True cell areas (y, x), m2.
        ocean: Ocean cells (y, x).
    """
    ours, theirs = (np.asarray(x["sic"]) > ICE_EDGE for x in (state, truth))
    either, both = (ours | theirs) & ocean, ours & theirs & ocean

    def off(name: str) -> np.ndarray:
        return (np.asarray(state[name], np.float64) - truth[name]) ** 2

    def mean(square: np.ndarray, where: np.ndarray, weight: np.ndarray) -> float:
        return float(np.average(square[where], weights=weight[where])) if where.any() else 0.0

    spacing = np.sqrt(quad_mean(area))
    strains = [
        strain_rates(np.asarray(x["siu"], np.float64), np.asarray(x["siv"], np.float64), spacing).total
        for x in (state, truth)
    ]
    return {
        "sit": mean(off("sit"), either, area),
        "sic": mean(off("sic"), either, area),
        "sid": mean(off("sid"), both, area),
        "drift": mean(off("siu") + off("siv"), both, area),
        "deformation": mean((strains[0] - strains[1]) ** 2, quad_mask(both), quad_mean(area)),
        "iiee": edge_error(ours, theirs, np.where(ocean, area, 0.0)).total,
    }
