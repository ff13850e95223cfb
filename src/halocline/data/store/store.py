"""The state store: one Zarr group, one stacked array (member, time, channel, y, x), one sample per chunk.

Layout (Zarr format 3)::

    states   (member, time, channel, y, x) float32, chunk (1, 1, channel, y, x), land = NaN, CRC-32C per chunk; in
             repacked stores instead of it state and forcing, sharded by months (see data/store/repack.py)
    time     (time,) int32, hours since 2000-01-01, in the calendar of the attribute (see data/fields/calendar.py)
    channel  (channel,) names: a variable, or one level of one (thetao_00 is the surface; see data/fields/variables.py)
    mask, area, lat, lon, x, y, projection    the grid (see data/grids/grid.py)
    depth, e3t, level_mask, [gdept]           its levels, for ocean stores; dry cells of a level are NaN in states
    parameter (member, parameter)             forcing parameters of the members, if any (see data/store/members.py)
    attributes: halocline_store, complete, splits (see data/store/splits.py), statistics, fingerprint, provenance,
        calendar; years_begin, hours after 1 January at which its years begin, if not there; variables, the
        definitions of those that are not in data/fields/variables.toml; grid_topology_x and _y where the sides of the
        grid meet
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from halocline.data.fields import calendar as calendars
from halocline.data.fields.calendar import NOLEAP
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import adopt, load_beside
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.members import MemberTable
from halocline.data.store.parts import PARTS, PartedStates, arrays_of
from halocline.data.store.years import year_numbers
from halocline.data.store.zarr_arrays import read_arrays
from halocline.runtime.errors import HaloclineError, InputError, StoreError
from halocline.runtime.places.zarr_place import zarr_place
from halocline.runtime.seals.zarr_group import check_seal

STORE_VERSION, REPACKED_VERSION = 1, 2
MEMORY_LIMIT = 2_000_000_000  # bytes of samples that a training keeps in memory
_BLOCK_BYTES = 10_000_000


@dataclass(frozen=True)
class StateStore:
    """A finished store opened for reading.

    Attributes:
        path: Where it lies.
        grid: Its grid.
        channels: Channel names in order.
        hours: Valid times (time,) in hours since 2000-01-01 of the calendar.
        attributes: All attributes of the group.
        table: Forcing parameters and roles of the members; None if the store has none.
    """

    path: Path
    grid: Grid
    channels: tuple[str, ...]
    hours: np.ndarray
    attributes: dict[str, Any]
    _states: zarr.Array | PartedStates
    table: MemberTable | None = None
    _at: tuple[int, ...] | None = None  # of the array's channels, which ones, if not all

    @property
    def calendar(self) -> str:
        """The CF calendar of ``hours``."""
        return str(self.attributes.get("calendar", NOLEAP))

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """Forcing parameters by name, each (member,); empty if there are none."""
        if self.table is None:
            return {}
        return {name: self.table.values[:, k] for k, name in enumerate(self.table.names)}

    @property
    def roles(self) -> tuple[str, ...]:
        """Role of each member (see data/store/members.py); empty if there are none."""
        return () if self.table is None else self.table.roles

    def day_of_year(self, index: int) -> float:
        """Return the days since 1 January 00:00 of a time's own year, 0 at midnight of 1 January."""
        return float(calendars.day_of_year(self.hours[index], self.calendar))

    @cached_property
    def layout(self) -> Layout:
        """Which channel is what."""
        return Layout.from_channels(self.channels)

    @cached_property
    def wet(self) -> np.ndarray:
        """Wet cells of each channel (channel, y, x)."""
        return GridLayout(self.layout, self.grid).wet

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self._states.shape[0])

    @property
    def statistics(self) -> dict[str, dict[str, float]]:
        """Per channel mean, std and atom shares over wet cells of the training years."""
        statistics: dict[str, dict[str, float]] = self.attributes["statistics"]
        return statistics

    @property
    def fingerprint(self) -> str:
        """The sha256 of the data, shortened."""
        return str(self.attributes["fingerprint"])

    def years(self) -> np.ndarray:
        """Return the year number, from 0, of each time (time,); years begin on 1 January if the store says nothing."""
        return year_numbers(self.hours, self.calendar, self.years_begin)

    @property
    def years_begin(self) -> int:
        """Hours after 1 January at which the store's years begin."""
        return int(self.attributes.get("years_begin", 0))

    def read(self, member: int, index: int) -> np.ndarray:
        """Return one sample (channel, y, x) float32, land and dry cells = 0.

        Raises:
            InputError: If there is no such member or time.
            StoreError: If the chunk is damaged, missing or holds NaN on ocean cells.
        """
        self._require(member, index)
        try:
            values = self._values(member, index)
        except Exception as error:
            raise self._damaged(member, index, f"a chunk that cannot be read ({error})") from error
        if not np.isfinite(values).all(where=self.wet):
            raise self._damaged(member, index, "NaN or infinite values on ocean cells (a missing chunk reads so)")
        return np.where(self.wet, values, np.float32(0.0))

    def _require(self, member: int, index: int) -> None:
        for what, number, count in (("member", member, self.members), ("time", index, len(self.hours))):
            if not 0 <= number < count:
                raise InputError(
                    f"{what} {number} of the store {self.path}",
                    found=f"{count} of them",
                    expected=f"0 to {count - 1}",
                    remedy="Name one that the store has.",
                )

    def of_fields(self, names: Sequence[str]) -> "StateStore":
        """Return the store with some of its variables only, each with all its levels, in the order given.

        Raises:
            InputError: If it has no such variable.
        """
        missing = [name for name in names if name not in self.layout]
        if missing:
            raise InputError(
                f"variable '{missing[0]}' in {self.path}",
                found=f"a store with {', '.join(self.layout.names)}",
                expected=f"the variables {', '.join(names)}",
                remedy="Use a store that holds them, or change variables with --set.",
            )
        if tuple(names) == self.layout.names:
            return self
        at = tuple(self.layout.numbers(*names).tolist())
        same = {f.name: getattr(self, f.name) for f in fields(StateStore)}
        return StateStore(**{**same, "channels": tuple(self.channels[k] for k in at), "_at": at})

    @property
    def parted(self) -> bool:
        """Whether variables that are not wanted need not be decoded."""
        return isinstance(self._states, PartedStates)

    def _values(self, member: int, when: int | slice) -> np.ndarray:
        if isinstance(self._states, PartedStates) and self._at is not None:
            return self._states.read((member, when), self._at)
        values = np.asarray(self._states[member, when])
        return values if self._at is None else values[..., list(self._at), :, :]

    def remembering(self, limit: int = MEMORY_LIMIT) -> "StateStore":
        """Return a store that keeps what ``read`` returned, up to ``limit`` bytes, so that it is read once."""
        return RememberingStore(**{f.name: getattr(self, f.name) for f in fields(self)}, _room=[limit])

    def read_range(self, member: int, first: int, last: int) -> np.ndarray:
        """Return the samples first ... last - 1 (time, channel, y, x) as ``read`` does; faster than one by one.

        Raises:
            InputError: If there is no such member or time.
            StoreError: As ``read``, naming the first damaged sample.
        """
        self._require(member, first)
        self._require(member, last - 1)
        try:
            values = self._values(member, slice(first, last))
            sound = bool(np.isfinite(values).all(where=self.wet))
        except Exception:  # one by one, to name the sample
            sound = False
        if not sound:
            return np.stack([self.read(member, index) for index in range(first, last)])
        if not values.flags.writeable:
            return np.where(self.wet, values, np.float32(0.0))
        np.copyto(values, np.float32(0.0), where=~self.wet)  # in place: memory holds one copy of a long range
        return values

    def blocks(self, member: int, count: int | None = None) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (first index, samples) of a member, all or the first ``count``, some ten megabytes at once."""
        size, last = max(1, _BLOCK_BYTES // (4 * int(np.prod(self._states.shape[2:])))), len(self.hours)
        last = last if count is None else min(count, last)
        for first in range(0, last, size):
            yield first, self.read_range(member, first, min(first + size, last))

    def _damaged(self, member: int, index: int, found: str) -> StoreError:
        return StoreError(
            f"store {self.path}, member {member}, time {index}",
            found=found,
            expected="finite values whose checksum fits",
            remedy="The store is truncated or was changed on disk; copy it again or simulate it again.",
        )


@dataclass(frozen=True)
class RememberingStore(StateStore):
    """A store whose samples are read from disk once, as long as they fit in memory."""

    _room: list[int] = field(default_factory=lambda: [MEMORY_LIMIT])
    _kept: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    def read(self, member: int, index: int) -> np.ndarray:
        """Return one sample (channel, y, x) float32, land and dry cells = 0; it must not be written to."""
        if (member, index) in self._kept:
            return self._kept[member, index]
        values = super().read(member, index)
        if values.nbytes <= self._room[0]:
            values.flags.writeable = False
            self._room[0] -= values.nbytes
            self._kept[member, index] = values
        return values


def open_store(path: Path | str, *, require_complete: bool = True) -> StateStore:
    """Open a store for reading.

    Raises:
        StoreError: If there is no store, it is of another version, or its simulation has not finished.
    """
    path = Path(path)
    check_seal(path, "store", StoreError)
    group = _open_group(path)
    attributes: dict[str, Any] = dict(group.attrs)
    version = attributes.get("halocline_store")
    if version not in (STORE_VERSION, REPACKED_VERSION):
        raise StoreError(
            f"store {path}",
            found=f"store version {version}",
            expected=f"version {STORE_VERSION}",
            remedy="Write it with this version of Halocline, or install the version that wrote it.",
        )
    if require_complete and not attributes.get("complete"):
        raise StoreError(
            f"store {path}",
            found="an unfinished store",
            expected="a finished one",
            remedy="Run the command that makes it once more: it continues where it stopped.",
        )
    load_beside(path)
    try:
        adopt(attributes.get("variables", {}), f"store {path}")
        grid, dataset = read_grid(path, group)
        table = None
        if "parameter" in dataset:
            table = MemberTable.from_attributes(dataset["parameter"].values, dataset["parameter"].attrs)
        store = StateStore(
            path=path,
            grid=grid,
            channels=tuple(attributes["channels"]),
            hours=np.asarray(dataset["time"].values, np.int64),
            attributes=attributes,
            _states=arrays_of(group),
            table=table,
        )
        _check_parts(store)
        return store
    except HaloclineError:
        raise
    except Exception as error:
        raise StoreError(
            f"store {path}",
            found=f"arrays that cannot be read ({type(error).__name__}: {error})",
            expected="states, time and the grid's arrays",
            remedy="The store is truncated or damaged; copy it again or simulate it again.",
        ) from error


def _check_parts(store: StateStore) -> None:
    """Raise ValueError unless the parts of a store fit each other; those of older versions have no seal."""
    shape = (len(store.hours), len(store.channels), *store.grid.shape)
    if store._states.ndim != 5 or store._states.shape[1:] != shape:
        raise ValueError(f"states {store._states.shape}, expected (member, {', '.join(map(str, shape))})")
    if not len(store.hours) or (np.diff(store.hours) <= 0).any():
        raise ValueError("times that do not increase")
    calendars.calendar_named(store.calendar)
    _ = store.layout, store.years_begin
    for entry in (entry for entries in store.attributes.get("splits", {}).values() for entry in entries):
        if len(entry) not in (2, 3) or not 0 <= entry[0] < store.members or not all(isinstance(n, int) for n in entry):
            raise ValueError(f"an entry of a split {entry}")
    if store.attributes.get("complete"):
        for name in store.channels:
            if not np.isfinite(list(store.statistics[name].values())).all():
                raise ValueError(f"statistics of {name} that are not finite")
        _ = store.fingerprint, store.attributes["splits"]


def read_grid(path: Path, group: zarr.Group | None = None) -> tuple[Grid, xr.Dataset]:
    """Return the grid, and everything in the store, opened already or not, but the states."""
    dataset = read_arrays(_open_group(path) if group is None else group, "states", *PARTS)
    return Grid.from_dataset(dataset), dataset


def _open_group(path: Path) -> zarr.Group:
    try:
        return zarr.open_group(zarr_place(path), mode="r")
    except Exception as error:
        raise StoreError(
            f"store {path}",
            found="no Zarr group" if path.exists() else "nothing at this path",
            expected="a store written by 'halocline simulate'",
            remedy="Check the path, or make a store with: halocline simulate arctic --out DATA.zarr",
        ) from error


def states_of(group: zarr.Group) -> zarr.Array:
    """Return the array of a store's states."""
    array = group["states"]
    assert isinstance(array, zarr.Array)
    return array
