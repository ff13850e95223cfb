"""Sea-ice states to start the Arctic world from, each with its day of the year."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.season import season_share
from halocline.data.files.open import is_store, source_text
from halocline.data.files.state_day import share_of_year
from halocline.data.files.states import StateFile, open_state_file
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.runtime.errors import ConfigError, InputError, require_choice, require_within
from halocline.trials.groups import run_name
from halocline.trials.ice.climate import VARIABLES
from halocline.trials.protocol import refuse_store
from halocline.worlds.arctic.domain import RESOLUTIONS_KM, arctic_grid

DAY, YEAR = "day_of_year", 365.0
"""Name of the condition, and the world's year in days."""


@dataclass(frozen=True, eq=False)
class IceStart:
    """One state from which the model starts.

    Attributes:
        group: What it belongs to, e.g. ``truth``.
        member: Its number in the group.
        fields: ``sit``, ``sic`` and of ``sid siu siv snt`` what there is, (y, x) float32, land 0.
        day: Day of the year on which its run begins, 0..365.
        weather: Number of the weather; the same for a state and its controls.
        control: Name of the start it is compared with; empty for none.
    """

    group: str
    member: int
    fields: Mapping[str, np.ndarray]
    day: float
    weather: int
    control: str = ""

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return run_name(self.group, self.member)

    @property
    def share(self) -> float:
        """Share of the year that has passed."""
        return self.day / YEAR % 1.0

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the state as it is written, by variable."""
        return dict(self.fields)

    def with_state(self, group: str, fields: Mapping[str, np.ndarray], control: str) -> "IceStart":
        """Return another state on the same day under the same weather."""
        return replace(self, group=group, fields=as_written(fields), control=control)


@dataclass(frozen=True, eq=False)
class IceGroup:
    """The states of one group.

    Attributes:
        resolution_km: Of their grid.
        starts: The states.
        lacks: Variables that they do not hold.
    """

    resolution_km: int
    starts: list[IceStart]
    lacks: tuple[str, ...]


def as_written(fields: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return fields as a run's file holds them: those of VARIABLES, in this order, float32."""
    return {name: np.asarray(fields[name], np.float32) for name in VARIABLES if name in fields}


def read_starts(
    states: Path | xr.Dataset,
    group: str,
    *,
    members: int | None = None,
    conditions: Mapping[str, float] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
) -> IceGroup:
    """Read and check states.

    Args:
        states: States of any origin on an Arctic grid with sit and sic, better also sid, siu, siv, snt; with dates or
            ``day_of_year``.
        group: Name of the group.
        members: Maximum number, the first ones.
        conditions: ``day_of_year`` for states that do not say it.
        choices: What the states do not say.

    Raises:
        InputError: If the states lie on another grid, or units, values or days are wrong; it lists all that is.
        ConfigError: If a condition is unknown or contradicts the states.
    """
    if isinstance(states, Path) and states.exists() and is_store(states):
        raise refuse_store(states)
    source = source_text(states)
    file = open_state_file(states, "states", choices)
    resolution = _resolution(file, source)
    grid, count = arctic_grid(resolution), file.count if members is None else min(members, file.count)
    given = dict(conditions or {})
    for name in given:
        require_choice("condition", name, (DAY,))
    found = [n for n in VARIABLES if n in file.names]
    starts = []
    for k in range(count):
        read = file.read([n for n in VARIABLES if n in (*found, "sit", "sic")], index=k, target=grid).dataset
        fields = {n: np.where(grid.mask, np.asarray(read[n].values, np.float64), 0.0) for n in VARIABLES if n in read}
        starts.append(IceStart(group, k, as_written(fields), _day(file, k, given.get(DAY), source), k))
    return IceGroup(resolution, starts, tuple(name for name in VARIABLES if name not in starts[0].fields))


def _resolution(file: StateFile, source: str) -> int:
    sizes = {arctic_grid(km).shape: km for km in RESOLUTIONS_KM}
    shape = tuple(int(file.dataset.sizes.get(dim, 0)) for dim in ("y", "x"))
    if shape not in sizes:
        known = ", ".join(f"{km} km {ny}x{nx}" for (ny, nx), km in sizes.items())
        raise InputError(
            f"grid of {source}",
            found=f"{shape[0]}x{shape[1]} cells (y, x)",
            expected=f"an Arctic grid: {known}",
            remedy="Use states of a model that was trained on 'halocline simulate arctic', or regrid them.",
        )
    return sizes[shape]


def _day(file: StateFile, index: int, given: float | None, source: str) -> float:
    own = file.hour(index, file.calendar)
    if own is not None:
        share: float | None = float(season_share(np.array([own]), file.calendar)[0])
    else:
        share = share_of_year(file.dataset, ours_of(file.dataset, "seaice")["sic"][0], index, source)
    if given is not None:
        if share is not None:
            raise ConfigError(
                f"condition '{DAY}'",
                found=f"{given:g}, and {source} has its own",
                expected="a number for what the states do not say themselves",
                remedy="Leave the condition out.",
            )
        require_within(f"condition {DAY}", given, 0.0, YEAR, "")
        share = given / YEAR % 1.0
    if share is None:
        raise InputError(
            f"'{DAY}' of {source}",
            found="states that do not say of which day they are",
            expected="dates, or days since 1 January beside the states",
            remedy="Give it with --condition day_of_year=75.",
        )
    return share * YEAR
