"""What the judge of sea ice runs: the protocol, the groups of states, and each state's control."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.splits import Sample, Split
from halocline.evaluate.ice.edge import edge_error
from halocline.runtime.errors import InputError, require_at_least
from halocline.runtime.extras import require_extra
from halocline.runtime.limits import check_numbers
from halocline.trials.control_starts import control_starts, control_words
from halocline.trials.groups import FLOOR, check_groups, without_control
from halocline.trials.ice.climate import IceClimate
from halocline.trials.ice.controls import IceControls
from halocline.trials.ice.diagnostics import FIGURES
from halocline.trials.ice.runs import end_of, perform, read_series, restart_of, task_of, values_of
from halocline.trials.ice.starts import YEAR, IceStart, read_starts
from halocline.trials.protocol import Run
from halocline.trials.recoding import Recoding
from halocline.trials.run_table import Figures, RunTable
from halocline.worlds.arctic.domain import arctic_grid
from halocline.worlds.arctic.model import check_rheology

EDGES: Figures = {
    "iiee_truth": ("ice-edge error against the control's run", "m2"),
    "iiee_climate": ("ice-edge error against the median edge of the training states of the date", "m2"),
}


@dataclass(frozen=True)
class IceProtocol:
    """How a state is run; day 0 is its start.

    Attributes:
        shock_days: Days diagnosed every 6 h.
        first_days: Days up to which there are daily diagnostics.
        years: Years of 365 days; 0 for the first days only.
        every_days: Days between diagnostics after the first days.
    """

    shock_days: int = 2
    first_days: int = 10
    years: int = 1
    every_days: int = 10

    @property
    def days(self) -> tuple[float, ...]:
        """Times of the diagnostics, days since the start."""
        hours = [6 * k / 24 for k in range(4 * self.shock_days + 1)]
        daily = [float(day) for day in range(self.shock_days + 1, self.first_days + 1)]
        end = round(self.years * YEAR)
        later = [float(day) for day in range(self.first_days + self.every_days, end + 1, self.every_days)]
        later += [float(end)] if later and later[-1] != end else []
        return (*hours, *daily, *later)


@dataclass(frozen=True, eq=False)
class IceTrialPlan:
    """All runs of one call.

    Attributes:
        resolution_km: Of the grid.
        starts: Every run.
        protocol: How each is run.
        rheology: Of the model.
        seed: Seed of the weather.
        about: What was compared with what, for people.
        climate: Training states by date; None without a control.
    """

    resolution_km: int
    starts: list[IceStart]
    protocol: IceProtocol
    rheology: str
    seed: int
    about: dict[str, str]
    climate: IceClimate | None

    @property
    def identity(self) -> dict[str, Any]:
        """What all runs of a folder have in common."""
        words = {"world": "seaice", "resolution_km": self.resolution_km, "rheology": self.rheology, "seed": self.seed}
        return {**words, **asdict(self.protocol)}

    def require(self) -> None:
        """Raise MissingExtraError if the simulator's parts are not installed."""
        require_extra("simulate", "running the Arctic world")

    def conditions(self, start: IceStart) -> dict[str, Any]:
        """Return weather and day of a run."""
        return {"weather": start.weather, "day": start.day, "fields": list(start.fields)}

    def has_begun(self, folder: Path) -> bool:
        """Tell whether a run would go on from something."""
        return end_of(folder).exists() or restart_of(folder).exists()

    def perform(self, runs: Sequence[Run], out: Path, jobs: int, quiet: bool) -> None:
        """Make the runs: each a full reset to the state, from its day of the year on, under its weather."""
        days = self.protocol.days
        perform([task_of(run, self.resolution_km, self.rheology, self.seed, days) for run in runs], jobs, quiet)

    def collect(self, folders: Mapping[str, Path]) -> RunTable:
        """Read what the runs wrote, and compare the ice edge with the control's and with the climate's."""
        grid, days = arctic_grid(self.resolution_km), np.array(self.protocol.days)
        names = [start.name for start in self.starts]
        series = {name: read_series(folders[name], grid.shape) for name in names}
        values = values_of(series, names, len(days))
        values |= {name: np.full((len(names), len(days)), np.nan) for name in EDGES}
        area = np.where(grid.mask, grid.area, 0.0)
        for row, start in enumerate(self.starts):
            own = series[start.name].cover
            control = series[start.control or start.name].cover
            for column in range(min(len(own), len(control))):
                values["iiee_truth"][row, column] = edge_error(own[column], control[column], area).total
            if self.climate is not None:
                for column, day in enumerate(days[: len(own)]):
                    edge = self.climate.edge((start.day + day) / YEAR % 1.0)
                    values["iiee_climate"][row, column] = edge_error(own[column], edge, area).total
        return RunTable.build(
            self.starts,
            [folders[name].name for name in names],
            days,
            values,
            np.array([series[name].crash for name in names]),
            figures={**FIGURES, **EDGES},
            since="the start",
            along={
                "weather": (np.array([start.weather for start in self.starts], np.int32), ""),
                "day_of_year": (np.array([start.day for start in self.starts]), "days"),
            },
            about=self.about,
            attributes={
                "title": "Runs of the Arctic world from sea-ice states",
                "world": "seaice",
                "grid": grid.name,
                "rheology": self.rheology,
                "years": self.protocol.years,
                "seed": self.seed,
            },
        )


def plan_runs(
    groups: Mapping[str, Path | xr.Dataset],
    *,
    control: Path | None = None,
    members: int = 8,
    protocol: IceProtocol | None = None,
    conditions: Mapping[str, float] | None = None,
    recode: Recoding | None = None,
    noise: float = 0.0,
    floor: bool = False,
    seed: int = 0,
    rheology: str = "bbm",
    split: Split = "test",
    choices: Choices = AS_THE_FILE_SAYS,
) -> IceTrialPlan:
    """Read and check all states and choose their controls; nothing is run.

    Args:
        groups: Generated states by name of the group; the controls belong to the first. The k-th state of another group
            has the same control as the k-th of the first if it is of the same day, else one of its own.
        control: Store of the Arctic world: its held-out states of the same date are run untouched and through
            ``recode``, and beside them the mean of its training states of the date. None for no controls.
        members: Maximum number of states of each group.
        protocol: How each is run.
        conditions: ``day_of_year`` for states that do not say it.
        recode: The model's encoding and back, for the group ``encoded truth``.
        noise: Amplitude of the group of true states with white noise, in standard deviations over the ice; 0 for none.
        floor: Add the group ``another true state``: one of the same date, of another member or year.
        seed: Seed of weather and noise.
        rheology: ``bbm``, ``mevp`` or ``freedrift``.
        split: Which states of the store are controls.
        choices: What the states do not say.

    Raises:
        InputError: If states or store cannot be used.
        ConfigError: If a name of a group, a condition or a number is wrong.
    """
    protocol = protocol or IceProtocol()
    check_numbers({"members": members, "years": protocol.years, "noise": noise, "seed": seed})
    require_at_least({"members": (members, 1), "years": (protocol.years, 0), "noise": (noise, 0)})
    check_rheology(rheology)
    check_groups(groups)
    if control is None and (noise or floor or recode):
        raise without_control("noise, floor, model")
    read = {
        name: read_starts(states, name, members=members, conditions=conditions, choices=choices)
        for name, states in groups.items()
    }
    first_name, first = next(iter(read.items()))
    for name, group in read.items():
        if group.resolution_km != first.resolution_km:
            raise InputError(
                f"states of '{name}'",
                found=f"a grid of {group.resolution_km} km",
                expected=f"{first.resolution_km} km, as '{first_name}'",
                remedy="Run states of different grids by themselves.",
            )
    about = {name: _lack_words(group.lacks, control is not None) for name, group in read.items()}
    if control is None:
        starts = [start for group in read.values() for start in group.starts]
        words = {**about, "control": "none"}
        return IceTrialPlan(first.resolution_km, starts, protocol, rheology, seed, words, None)
    controls = IceControls.open(control, first.resolution_km, seed, split)
    drawn: list[IceStart] = []
    truths: dict[tuple[Sample, int], IceStart] = {}
    pairs: list[tuple[Sample, IceStart]] = []
    for name, group in read.items():
        for start, sample in zip(group.starts, controls.nearest(group.starts), strict=True):
            key = (sample, start.weather)
            truths.setdefault(key, controls.truth(sample, start, len(truths)))
            full = controls.climate.completed(start.fields, start.share)
            drawn.append(replace(start.with_state(name, full, truths[key].name), member=start.member))
            if name == first_name:
                pairs.append((sample, truths[key]))

    def again(sample: Sample, truth: IceStart) -> IceStart:
        return controls.truth(sample, truth, truth.member, FLOOR, truth.name)

    beside = control_starts(controls, pairs, recode=recode, noise=noise, again=again if floor else None)
    starts = [*truths.values(), *drawn, *beside]
    about |= control_words(control, controls.store, recode)
    return IceTrialPlan(first.resolution_km, starts, protocol, rheology, seed, about, controls.climate)


def _lack_words(lacks: Sequence[str], controlled: bool) -> str:
    if not lacks:
        return "all of sit, sic, sid, siu, siv, snt"
    made = [name for name in lacks if name in ("sid", "snt")]
    words = f"without {', '.join(lacks)}"
    if made:
        words += f"; {', '.join(made)} of the mean state of the date" if controlled else f"; {', '.join(made)} 0"
    return words + ("; drift found in the wind of the start" if {"siu", "siv"} & set(lacks) else "")
