"""Run a forecast: starts, members and steps, streamed to a file; a killed run continues at the last written step."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from zarr.storage import MemoryStore

from halocline.chain.forecast.air_history import AirHistory
from halocline.chain.forecast.budget import Budget, plan
from halocline.chain.forecast.noise import draw_numbers
from halocline.chain.forecast.output import ForecastFile, create
from halocline.chain.forecast.starts import Start
from halocline.chain.forecast.stepper import StepContext, Stepper
from halocline.chain.forecast.weather import Weather, require_cover
from halocline.data.fields.calendar import date_of
from halocline.data.grids.grid import Grid
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.errors import HaloclineError
from halocline.runtime.progress import Report, progress
from halocline.runtime.ranks import Ranks


def forecast(
    stepper: Stepper,
    starts: Sequence[Start],
    weather_of: Callable[[Start], Weather],
    grid: Grid,
    out: Path | MemoryStore,
    *,
    steps: int,
    every: int = 1,
    members: int = 8,
    seed: int = 0,
    paired: bool = False,
    memory: int = 2 * 10**9,
    provenance: dict[str, Any] | None = None,
    ranks: Ranks | None = None,
    quiet: bool = False,
) -> Path | MemoryStore:
    """Step ``members`` from each start through the weather, and write every ``every``-th state.

    The same call again continues a run that was killed. States depend on (seed, store member, hour, member), not on
    memory, ranks, or where a run was cut.

    Args:
        stepper: The model.
        starts: Where it starts; states (1 or member, channel, y, x).
        weather_of: The weather of a start; steppers without forcing never ask.
        grid: Grid of the starts.
        out: Zarr folder to make, or a store in memory.
        steps: Steps of ``stepper.step_hours``.
        every: Steps between written states.
        members: Members of each start.
        seed: Seed of the ensemble.
        paired: Give members 2k and 2k + 1 opposite noise: better means, see noise.step_noise.
        memory: Bytes for networks, states, starts and weather: all that this process holds beside the program.
        provenance: What the file tells of its making.
        ranks: Processes that share the work.
        quiet: Show no progress.

    Raises:
        InputError: If the weather does not cover the forecast.
        ConfigError: If the memory is too small for one tile.
        OutputError: If ``out`` is something else, or the disk is full; what is written stays.
        HaloclineError: If a state is no longer finite; what is written stays.
    """
    ranks = ranks or Ranks()
    weathers: list[Weather | None] = [weather_of(start) if stepper.forcing else None for start in starts]
    for start, weather in zip(starts, weathers, strict=True):
        if weather is not None:
            require_cover(weather, start.hour, start.hour + steps * stepper.step_hours, stepper.step_hours)
    units = [(s, m) for s in range(len(starts)) for m in range(members)]
    alone = ranks.size <= len(units)  # each process has members of its own; otherwise all share the tiles of all
    mine = [units[k] for k in ranks.share(len(units))] if alone else units
    together = max(Counter(s for s, _ in mine).values(), default=0)
    air = max((_weather_bytes(stepper, w, grid) for w in weathers if w), default=0)
    budget = plan(stepper, grid, together, memory, air, sum(start.states.nbytes for start in starts))
    leads = np.arange(0, steps + 1, every) * stepper.step_hours
    facts = {
        "members": members,
        "seed": seed,
        "model": stepper.card.get("name", ""),
        "model_fingerprint": stepper.card.get("files", {}).get("model.safetensors", "")[:16],
        "starts": [[s.hour, s.store_member] for s in starts],
        "leads": leads.tolist(),
        **({"paired": True} if paired else {}),
        **(provenance or {}),
    }
    draws = draw_numbers(range(members), paired=True) if paired else None
    ranks.lead(lambda: create(out, grid, stepper.channels, starts, members, leads, facts, draws))
    file = ForecastFile(out, stepper.channels, grid)
    if file.complete:
        return out
    rollout = _Rollout(stepper, grid, file, leads, every, seed, paired, budget, Ranks() if alone else ranks)
    made = [out] if isinstance(out, Path) and ranks.size == 1 else []
    with (
        progress("forecast, member steps", len(mine) * steps, quiet=quiet or ranks.rank > 0) as report,
        clean_start(lambda: file.gained, *made),
    ):
        before = 0
        for s, start in enumerate(starts):
            numbers = [m for k, m in mine if k == s]
            if numbers:
                rollout.run(s, start, weathers[s], numbers, steps, lambda n, note, b=before: report(b + n, note))  # type: ignore[misc]
                before += len(numbers) * steps
    ranks.wait()
    ranks.lead(file.finish)
    return out


def _weather_bytes(stepper: Stepper, weather: Weather, grid: Grid) -> int:
    """Return memory in bytes: what is kept for degree days, and the records at both ends of a step."""
    records = 2 * len(stepper.forcing) + len(stepper.degree_days.names)
    return AirHistory.working_bytes(weather, stepper.degree_days, grid.mask) + 4 * records * grid.mask.size


@dataclass(frozen=True, eq=False)
class _Rollout:
    """Carries members of one start after the other through their steps."""

    stepper: Stepper
    grid: Grid
    file: ForecastFile
    leads: np.ndarray
    every: int
    seed: int
    paired: bool
    budget: Budget
    ranks: Ranks

    def run(
        self, s: int, start: Start, weather: Weather | None, members: Sequence[int], steps: int, report: Report
    ) -> None:
        done = min(self.file.written(s, m) for m in members)
        self.ranks.wait()
        if done == len(self.leads):
            return
        if done == 0:
            states = np.stack([start.states[m if len(start.states) > 1 else 0] for m in members])
            self._write(s, members, 0, states)
            done = 1
        else:
            states = np.stack([self.file.read(s, m, done - 1) for m in members])
        air = _Air(self.stepper, weather, self.grid)
        hours = self.stepper.step_hours
        if air.history is not None:
            air.history.warn_if_short(start.hour + (done - 1) * self.every * hours)
        for step in range((done - 1) * self.every, (len(self.leads) - 1) * self.every):
            hour = start.hour + step * hours
            now, later, degree_days = air.step(hour, hour + hours)
            parts = []
            for first in range(0, len(members), self.budget.members):
                part = slice(first, first + self.budget.members)
                whose = (members[part], self.seed, start.store_member, self.paired, start.calendar)
                context = StepContext(hour, now, later, degree_days, *whose)
                parts.append(self.stepper.advance(states[part], context, self.grid, self.budget.tiles, self.ranks))
            states = np.concatenate(parts)
            if not np.isfinite(states).all():
                raise HaloclineError(
                    f"forecast from {date_of(start.hour, start.calendar)}, {date_of(hour + hours, start.calendar)}",
                    found="values that are not finite",
                    expected="finite states",
                    remedy="The model has blown up; the steps before are in the file.",
                )
            if (step + 1) % self.every == 0:
                self._write(s, members, (step + 1) // self.every, states)
            report((step + 1) * len(members), date_of(hour + hours, start.calendar))

    def _write(self, s: int, members: Sequence[int], lead: int, states: np.ndarray) -> None:
        if self.ranks.rank == 0:
            self.file.write(s, members, lead, states)


class _Air:
    """Forcing at both ends of each step, each record read once."""

    def __init__(self, stepper: Stepper, weather: Weather | None, grid: Grid) -> None:
        self._names, self._weather, self._shape = stepper.forcing, weather, grid.shape
        self.history = None if weather is None else AirHistory(weather, stepper.degree_days, grid.mask)
        self._later: tuple[int, np.ndarray] | None = None

    def step(self, hour: int, end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if self._weather is None or self.history is None:
            none = np.zeros((0, *self._shape), np.float32)
            return none, none, none
        now = self._later[1] if self._later and self._later[0] == hour else self._weather.read(hour, self._names)
        later = self._weather.read(end, self._names)
        self._later = (end, later)
        return now, later, self.history.at(hour)
