"""Ocean states to start the ocean model from, with the forcing each of them asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.files.ocean import ocean_states
from halocline.data.files.open import is_store, read_dataset
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.runtime.errors import ConfigError, InputError, require_choice
from halocline.trials.groups import run_name
from halocline.trials.ocean.dino_size import preset_of
from halocline.trials.protocol import refuse_store
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.parameters import NAMES, ForcingParameters
from halocline.worlds.dino.presets import Preset

DAY = "day_of_year"


@dataclass(frozen=True, eq=False)
class TrialStart:
    """One state from which the model starts.

    Attributes:
        group: What it belongs to, e.g. ``truth``.
        member: Its number in the group.
        thetao: (level, y, x) float32, degC; dry cells 0.
        so: Likewise, psu.
        forcing: Forcing parameters of its run.
        day: Day of the year on which its run begins, 0..360.
        weather: Number of the stochastic weather; the same for a state and its controls.
        control: Name of the start it is compared with; empty for none.
    """

    group: str
    member: int
    thetao: np.ndarray
    so: np.ndarray
    forcing: ForcingParameters
    day: float
    weather: int
    control: str = ""

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return run_name(self.group, self.member)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the state as it is written, by variable."""
        return {"thetao": self.thetao, "so": self.so}

    def with_state(self, group: str, thetao: np.ndarray, so: np.ndarray, control: str) -> "TrialStart":
        """Return another state under the same forcing and weather; dry cells become 0."""
        wet = self.so > 0
        warm, salt = (np.where(wet, values, 0.0).astype(np.float32) for values in (thetao, so))
        return replace(self, group=group, thetao=warm, so=salt, control=control)


@dataclass(frozen=True, eq=False)
class StartGroup:
    """The states of one group, and what they say of themselves.

    Attributes:
        preset: Size of their basin.
        starts: The states.
        given: Which forcing parameters, and ``day_of_year``, the states carry or were given; the rest are DINO's.
    """

    preset: Preset
    starts: list[TrialStart]
    given: frozenset[str]


def read_starts(
    states: Path | xr.Dataset,
    group: str,
    *,
    members: int | None = None,
    conditions: Mapping[str, float] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    source: str | None = None,
) -> StartGroup:
    """Read and check states.

    Args:
        states: NetCDF, Zarr or a dataset with ``thetao`` (degC) and ``so`` (psu), (..., depth, y, x), on a DINO grid;
            coordinates along the leading dimensions may give the forcing parameters and ``day_of_year``.
        group: Name of the group.
        members: Maximum number, the first ones.
        conditions: Forcing parameters and ``day_of_year`` for what the states do not say themselves.
        choices: What the states do not say.
        source: Name for errors; the path if there is one.

    Raises:
        InputError: If the states are in Kelvin, upside down, on another grid, not finite on wet cells, or implausible.
        ConfigError: If a condition is unknown or contradicts the states.
    """
    source = source or (str(states) if isinstance(states, Path) else f"the states of '{group}'")
    if isinstance(states, Path):
        if states.exists() and is_store(states):
            raise refuse_store(states)
        states = read_dataset(states)
    found = ocean_states(states, source=source, choices=choices)
    preset = preset_of(found.layout.grid, source)
    count = len(found.states) if members is None else min(members, len(found.states))
    thetao, so = found.layout.select(np.nan_to_num(found.states[:count]).astype(np.float32), "thetao", "so")
    given = _carried(found.dataset, count, source)
    for name, value in (conditions or {}).items():
        _check_condition(name, value, given, source)
        given[name] = np.full(count, value)
    _check_day(given, source)
    numbers = [found.members()[k] if len(set(found.members()[:count])) == count else k for k in range(count)]
    starts = []
    for k in range(count):
        day = float(given[DAY][k]) % YEAR_DAYS if DAY in given else 0.0
        starts.append(TrialStart(group, numbers[k], thetao[k], so[k], ForcingParameters.of(given, k), day, k))
    return StartGroup(preset, starts, frozenset(given))


def _carried(dataset: xr.Dataset, count: int, source: str) -> dict[str, np.ndarray]:
    like = dataset["thetao"]
    like = like.isel(dict.fromkeys(like.dims[-3:], 0), drop=True)
    out: dict[str, np.ndarray] = {}
    for name in (*NAMES, DAY):
        if name not in dataset.variables:
            continue
        if not set(dataset[name].dims) <= set(like.dims):
            raise InputError(
                f"coordinate '{name}' in {source}",
                found=f"dimensions {dataset[name].dims}",
                expected=f"one value a member, along {like.dims}",
                remedy="Give the forcing parameters along the dimension of the members.",
            )
        values = np.asarray(dataset[name].broadcast_like(like).transpose(*like.dims).values, np.float64).reshape(-1)
        if not np.isfinite(values[:count]).all():
            raise InputError(
                f"coordinate '{name}' in {source}",
                found="values that are not finite",
                expected="a number for every member",
                remedy="Give every member its forcing.",
            )
        out[name] = values[:count]
    return out


def _check_condition(name: str, value: float, given: Mapping[str, np.ndarray], source: str) -> None:
    require_choice("condition", name, (*NAMES, DAY))
    if name in given or not np.isfinite(value):
        raise ConfigError(
            f"condition '{name}'",
            found=f"{value:g}" + (f", and {source} has its own" if name in given else ""),
            expected="a number for what the states do not say themselves",
            remedy="Leave the condition out.",
        )


def _check_day(given: Mapping[str, np.ndarray], source: str) -> None:
    days = given.get(DAY, np.zeros(1))
    if days.min() < 0 or days.max() > YEAR_DAYS:
        raise InputError(
            f"'{DAY}' in {source}",
            found=f"values from {days.min():g} to {days.max():g}",
            expected=f"days from 0 to {YEAR_DAYS}: the model's year has 12 months of 30 days",
            remedy="Convert the days of the year.",
        )
