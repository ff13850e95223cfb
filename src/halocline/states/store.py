"""The state store: one Zarr group, one stacked array (member, time, channel, y, x), one sample per chunk.

Layout (Zarr format 3)::

    states   (member, time, channel, y, x) float32, chunk (1, 1, channel, y, x), land = NaN, CRC-32C per chunk
    time     (time,) int32, hours since 2000-01-01, calendar noleap
    channel  (channel,) names from the variable registry
    mask, area, lat, lon, x, y, projection    the grid (see states/grid.py)
    attributes: halocline_store, complete, splits, statistics, fingerprint, provenance

Values keep 13 mantissa bits, cut towards zero: no value below 1 becomes 1, no positive value becomes 0, so the atoms
at the bounds are those of the simulator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from halocline.runtime import files
from halocline.runtime.errors import StoreError
from halocline.states.grid import Grid
from halocline.states.variables import variable

STORE_VERSION = 1
HOURS_PER_YEAR = 8760
TIME_UNITS = "hours since 2000-01-01 00:00:00"
CALENDAR = "noleap"
_DROPPED_BITS = 23 - 13


def cut_mantissa(values: np.ndarray) -> np.ndarray:
    """Cut float32 values to 13 mantissa bits, towards zero."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    cut = (bits & np.uint32((0xFFFFFFFF << _DROPPED_BITS) & 0xFFFFFFFF)).view(np.float32)
    return np.where(np.isnan(values), np.float32(np.nan), cut)


def create_store(
    path: Path,
    grid: Grid,
    channels: Sequence[str],
    members: int,
    hours: np.ndarray,
    provenance: dict[str, Any],
) -> None:
    """Create an empty store; ``complete`` is false until ``statistics.finish_store`` has run.

    Args:
        path: Folder to create; must not exist.
        grid: The horizontal grid.
        channels: Variable names, in order.
        members: Number of independent members.
        hours: Valid times (time,) in hours since 2000-01-01 00:00, noleap calendar.
        provenance: JSON-able record of how the states were made.

    Raises:
        OutputError: If ``path`` exists or cannot be written.
    """
    with files.new_path(Path(path)) as folder:
        group = zarr.create_group(folder, zarr_format=3)
        ny, nx = grid.shape
        states = group.create_array(
            "states",
            shape=(members, len(hours), len(channels), ny, nx),
            chunks=(1, 1, len(channels), ny, nx),
            dtype="float32",
            fill_value=float("nan"),
            compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"), Crc32cCodec()],
            dimension_names=("member", "time", "channel", "y", "x"),
        )
        states.attrs["channels"] = {name: variable(name).attributes() for name in channels}
        static = grid.to_dataset()
        for name, values in static.variables.items():
            _put(group, str(name), values.dims, np.asarray(values.values), values.attrs)
        time_attrs = {"standard_name": "time", "units": TIME_UNITS, "calendar": CALENDAR}
        _put(group, "time", ("time",), np.asarray(hours, np.int32), time_attrs)
        _put(group, "member", ("member",), np.arange(members, dtype=np.int32), {"standard_name": "realization"})
        _put(
            group,
            "channel",
            ("channel",),
            np.array(list(channels), dtype=np.dtypes.StringDType()),
            {"long_name": "variable"},
        )
        group.attrs.update(
            {
                **static.attrs,
                "Conventions": "CF-1.11",
                "halocline_store": STORE_VERSION,
                "complete": False,
                "channels": list(channels),
                "provenance": provenance,
            }
        )


def _put(group: zarr.Group, name: str, dims: Sequence[Any], values: np.ndarray, attrs: dict[str, Any]) -> None:
    array = group.create_array(
        name, shape=values.shape, dtype=values.dtype, chunks=tuple(max(1, n) for n in values.shape),
        dimension_names=[str(d) for d in dims],
    )  # fmt: skip
    array[...] = values
    array.attrs.update(attrs)


class StoreWriter:
    """Writes samples into a store that ``create_store`` made; each write is one chunk, so processes can share it."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._group = zarr.open_group(self._path, mode="r+")
        self._states = _array(self._group, "states")
        self._mask = np.asarray(_array(self._group, "mask")[...]) > 0

    def write(self, member: int, index: int, values: np.ndarray) -> None:
        """Write one sample (channel, y, x) in physical units; land becomes NaN.

        Raises:
            StoreError: If a value on an ocean cell is not finite.
            OutputError: If the disk is full.
        """
        if not np.isfinite(values[:, self._mask]).all():
            raise StoreError(
                f"sample (member {member}, time {index})",
                found="values that are not finite on ocean cells",
                expected="finite values",
                remedy="The run that made them has failed; nothing of this sample was written.",
            )
        with files.explain_write_errors(self._path):
            self._states[member, index] = np.where(self._mask, cut_mantissa(values), np.float32(np.nan))


@dataclass(frozen=True)
class StateStore:
    """A finished store opened for reading.

    Attributes:
        path: Where it lies.
        grid: Its grid.
        channels: Variable names in order.
        hours: Valid times (time,) in hours since 2000-01-01, noleap.
        attributes: All attributes of the group.
    """

    path: Path
    grid: Grid
    channels: tuple[str, ...]
    hours: np.ndarray
    attributes: dict[str, Any]
    _states: zarr.Array

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
        """Return the year number, from 0, of each time (time,)."""
        return (self.hours - self.hours[0] // HOURS_PER_YEAR * HOURS_PER_YEAR) // HOURS_PER_YEAR

    def read(self, member: int, index: int) -> np.ndarray:
        """Return one sample (channel, y, x) float32, land = 0.

        Raises:
            StoreError: If the chunk is damaged, missing or holds NaN on ocean cells.
        """
        try:
            values = np.asarray(self._states[member, index])
        except Exception as error:
            raise self._damaged(member, index, f"a chunk that cannot be read ({error})") from error
        if not np.isfinite(values[:, self.grid.mask]).all():
            raise self._damaged(member, index, "NaN or infinite values on ocean cells (a missing chunk reads so)")
        return np.where(self.grid.mask, values, np.float32(0.0))

    def _damaged(self, member: int, index: int, found: str) -> StoreError:
        return StoreError(
            f"store {self.path}, member {member}, time {index}",
            found=found,
            expected="finite values whose checksum fits",
            remedy="The store is truncated or was changed on disk; copy it again or simulate it again.",
        )


def open_store(path: Path | str, *, require_complete: bool = True) -> StateStore:
    """Open a store for reading.

    Raises:
        StoreError: If there is no store, it is of another version, or its simulation has not finished.
    """
    path = Path(path)
    group = _open_group(path)
    attributes: dict[str, Any] = dict(group.attrs)
    version = attributes.get("halocline_store")
    if version != STORE_VERSION:
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
    try:
        dataset = xr.open_zarr(path, consolidated=False, decode_times=False, chunks=None)
        grid = Grid.from_dataset(dataset.load() if "states" not in dataset else dataset.drop_vars("states").load())
        return StateStore(
            path=path,
            grid=grid,
            channels=tuple(attributes["channels"]),
            hours=np.asarray(dataset["time"].values, np.int64),
            attributes=attributes,
            _states=_array(group, "states"),
        )
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(
            f"store {path}",
            found=f"arrays that cannot be read ({type(error).__name__}: {error})",
            expected="states, time and the grid's arrays",
            remedy="The store is truncated or damaged; copy it again or simulate it again.",
        ) from error


def _open_group(path: Path) -> zarr.Group:
    try:
        return zarr.open_group(path, mode="r")
    except Exception as error:
        raise StoreError(
            f"store {path}",
            found="no Zarr group" if path.exists() else "nothing at this path",
            expected="a store written by 'halocline simulate'",
            remedy="Check the path, or make a store with: halocline simulate arctic --out DATA.zarr",
        ) from error


def _array(group: zarr.Group, name: str) -> zarr.Array:
    array = group[name]
    assert isinstance(array, zarr.Array)
    return array
