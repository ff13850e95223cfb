"""What the ocean's judge runs: the protocol, the groups of states, and each state's control."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.splits import Split
from halocline.runtime.errors import InputError, require_at_least
from halocline.runtime.limits import check_numbers
from halocline.trials.control_starts import control_starts, control_words
from halocline.trials.groups import FLOOR, check_groups, without_control
from halocline.trials.ocean import runs as ocean_runs
from halocline.trials.ocean.controls import Controls, Sample
from halocline.trials.ocean.long_run import LONG, add_level_drifts
from halocline.trials.ocean.nearest_forcing import with_nearest_forcing
from halocline.trials.ocean.starts import StartGroup, TrialStart, read_starts
from halocline.trials.protocol import Run
from halocline.trials.recoding import Recoding
from halocline.trials.run_table import RunTable
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.job import Leg, TaskFolder
from halocline.worlds.dino.presets import Preset
from halocline.worlds.dino.presets import preset as find_preset
from halocline.worlds.dino.process import require_veros


@dataclass(frozen=True)
class Protocol:
    """How a state is run; day 0 is the end of the spin-up of the velocities.

    Attributes:
        frozen_days: Days in which velocities and turbulence adjust, from rest, to temperature and salinity held fast.
        synchronous_days: Days with one time step for all, diagnosed daily.
        years: Years of 360 days with long tracer steps, diagnosed every ``every_days``; from long_run.LONG on a state
            of each is kept.
        every_days: See above.
    """

    frozen_days: int = 30
    synchronous_days: int = 10
    years: int = 10
    every_days: int = 30

    def legs(self) -> tuple[Leg, ...]:
        """Return the legs of a run."""
        legs = [Leg("frozen", self.frozen_days), Leg("synchronous", self.synchronous_days, diagnose_days=1)]
        if self.years:
            kept = YEAR_DAYS if self.years >= LONG else 0
            legs.append(Leg("accelerated", self.years * YEAR_DAYS, sample_days=kept, diagnose_days=self.every_days))
        return tuple(legs)

    def kept_days(self) -> list[int]:
        """Return the days of the task whose states a long run keeps: one a year, of the same day."""
        first = self.frozen_days + self.synchronous_days
        return [first + YEAR_DAYS * year for year in range(self.years)] if self.years >= LONG else []

    def steps(self, preset: Preset, day: float) -> int:
        """Return the model steps taken up to a day of the task: the days of the legs cost differently."""
        out = 0.0
        for leg in self.legs():
            part = min(max(day, 0.0), leg.days)
            step = preset.dt_tracer if leg.mode == "accelerated" else preset.dt_synchronous
            out += part * 86400.0 / step
            day -= part
        return round(out)


@dataclass(frozen=True, eq=False)
class TrialPlan:
    """All runs of one call.

    Attributes:
        preset: Size of the basin.
        starts: Every run.
        protocol: How each is run.
        seed: Seed of the weather.
        about: What was compared with what, for people.
    """

    preset: Preset
    starts: list[TrialStart]
    protocol: Protocol
    seed: int
    about: dict[str, str]

    @property
    def identity(self) -> dict[str, Any]:
        """What all runs of a folder have in common."""
        return {"preset": self.preset.name, "seed": self.seed, **asdict(self.protocol)}

    def require(self) -> None:
        """Raise InputError if Veros is not installed."""
        require_veros()

    def conditions(self, start: TrialStart) -> dict[str, Any]:
        """Return the forcing of a run."""
        return asdict(ocean_runs.forcing_of(start, self.seed))

    def has_begun(self, folder: Path) -> bool:
        """Tell whether a run would go on from something."""
        return TaskFolder(folder).has_begun

    def perform(self, runs: Sequence[Run], out: Path, jobs: int, quiet: bool) -> None:
        """Make the runs in Veros, each a full reset to the state's temperature and salinity (Protocol)."""

        def steps(day: float) -> int:
            return self.protocol.steps(self.preset, day)

        ocean_runs.perform(runs, out, self.preset.name, self.protocol.legs(), self.seed, steps, jobs, quiet)

    def collect(self, folders: Mapping[str, Path]) -> RunTable:
        """Read what the runs wrote."""
        protocol = self.protocol
        days = [float(d) for d in range(protocol.synchronous_days + 1)]
        if protocol.years:
            end = protocol.years * YEAR_DAYS + 0.5
            days += [days[-1] + day for day in range(protocol.every_days, int(end) + 1, protocol.every_days)]
        words = {"preset": self.preset.name, "years": protocol.years, "seed": self.seed}
        table = ocean_runs.collect(self.starts, folders, days, protocol.frozen_days, self.about, words)
        if kept := protocol.kept_days():
            add_level_drifts(table, [folders[start.name] for start in self.starts], kept, self.preset)
        return table


def plan_runs(
    groups: Mapping[str, Path | xr.Dataset],
    *,
    control: Path | None = None,
    members: int = 8,
    protocol: Protocol | None = None,
    conditions: Mapping[str, float] | None = None,
    nearest_forcing: bool = False,
    recode: Recoding | None = None,
    noise: float = 0.0,
    floor: bool = False,
    seed: int = 0,
    preset: str | None = None,
    split: Split = "test",
    choices: Choices = AS_THE_FILE_SAYS,
) -> TrialPlan:
    """Read and check all states and choose their controls; nothing is run.

    Args:
        groups: Generated states by name of the group; the controls belong to the first. A state of another group has
            the same true state as its control if it was drawn for the same forcing, else one of its own.
        control: Store of the DINO world; its held-out states are run untouched, through ``recode``, and beside them
            the mean of its training states. None for no controls.
        members: Maximum number of states of each group.
        protocol: How each is run.
        conditions: Forcing for what the states do not say themselves; the rest is DINO's.
        nearest_forcing: Take what is not given from the training state that is nearest, not from DINO.
        recode: The model's encoding and back, for the group ``encoded truth``.
        noise: Amplitude of the group of true states with white noise, in standard deviations of a level; 0 for none.
        floor: Add the group ``another true state``: one of the same member and season, of another year.
        seed: Seed of weather and noise.
        preset: Size of the basin the states must have; found from their grid.
        split: Which states of the store are controls; ``validation`` where something is chosen by the outcome.
        choices: What the states do not say.

    Raises:
        InputError: If states or store cannot be used.
        ConfigError: If a name of a group, a condition or a number is wrong.
    """
    protocol = protocol or Protocol()
    _check_numbers(groups, members, protocol, noise, control)
    read = {
        name: read_starts(states, name, members=members, conditions=conditions, choices=choices)
        for name, states in groups.items()
    }
    first_name, first = next(iter(read.items()))
    size = find_preset(preset or first.preset.name).name
    for name, group in read.items():
        if group.preset.name != size:
            raise InputError(
                f"states of '{name}'",
                found=f"DINO {group.preset.name}",
                expected=f"DINO {size}" + ("" if preset else f", as '{first_name}'"),
                remedy="Run states of different sizes by themselves.",
            )
    about = {name: _forcing_words(group, nearest_forcing) for name, group in read.items()}
    if control is None:
        if nearest_forcing or floor or recode:
            raise without_control("nearest-forcing, floor, model")
        starts = [start for group in read.values() for start in group.starts]
        return TrialPlan(first.preset, starts, protocol, seed, {**about, "control": "none"})
    controls = Controls.open(control, first.preset, seed, split)
    drawn: list[TrialStart] = []
    truths: dict[tuple[Sample, int], TrialStart] = {}
    pairs: list[tuple[Sample, TrialStart]] = []
    for name, group in read.items():
        mine = group.starts
        if nearest_forcing:
            mine = with_nearest_forcing(mine, controls.store, group.given)
        for start, sample in zip(mine, controls.nearest(mine), strict=True):
            key = (sample, start.weather)
            truths.setdefault(key, controls.truth(sample, len(truths), start.weather))
            drawn.append(replace(start, control=truths[key].name))
            if name == first_name:
                pairs.append((sample, truths[key]))

    def again(sample: Sample, truth: TrialStart) -> TrialStart:
        return controls.truth(sample, truth.member, truth.weather, FLOOR, truth.name)

    beside = control_starts(controls, pairs, recode=recode, noise=noise, again=again if floor else None)
    starts = [*truths.values(), *drawn, *beside]
    about |= control_words(control, controls.store, recode)
    return TrialPlan(first.preset, starts, protocol, seed, about)


def _forcing_words(group: StartGroup, nearest: bool) -> str:
    given = ", ".join(sorted(group.given)) or "nothing"
    return f"forcing of its own: {given}; the rest " + ("from the nearest training state" if nearest else "DINO's")


def _check_numbers(
    groups: Mapping[str, object], members: int, protocol: Protocol, noise: float, control: Path | None
) -> None:
    check_numbers({"members": members, "years": protocol.years, "noise": noise})
    days = {"frozen days": (protocol.frozen_days, 1), "synchronous days": (protocol.synchronous_days, 1)}
    require_at_least({"members": (members, 1), "years": (protocol.years, 0), **days, "noise": (noise, 0)})
    if noise and control is None:
        raise without_control("noise")
    check_groups(groups)
