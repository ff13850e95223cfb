"""Writing a state store: an empty one, then sample by sample.

Values of sea ice and air keep 13 mantissa bits, cut towards zero: no value below 1 becomes 1, no positive value becomes
0, so the atoms at the bounds are those of the simulator. Ocean values keep all 23: float32 itself rounds density by up
to 4e-6 kg m-3, and each bit less would double that, beyond the jumps of 1e-5 that make a column stable.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec

from halocline.data.fields import calendar as calendars
from halocline.data.fields.calendar import NOLEAP, TIME_UNITS
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import adopt, channel_variable, definitions_of
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.members import MemberTable
from halocline.data.store.store import STORE_VERSION, read_grid, states_of
from halocline.data.store.zarr_arrays import put_array, put_dataset
from halocline.runtime import files
from halocline.runtime.disk.flush import flush
from halocline.runtime.errors import StoreError
from halocline.runtime.seals.zarr_group import change_attributes, check_seal, seal_folder


def mantissa_bits(channel: str) -> int:
    """Return how many of float32's 23 mantissa bits the store keeps of a channel."""
    return 23 if channel_variable(channel)[0].group == "ocean" else 13


def cut_mantissa(values: np.ndarray, bits: int = 13) -> np.ndarray:
    """Cut float32 values to ``bits`` mantissa bits, towards zero."""
    raw = np.ascontiguousarray(values, np.float32).view(np.uint32)
    cut = (raw & _kept(bits)).view(np.float32)
    return np.where(np.isnan(values), np.float32(np.nan), cut)


def _kept(bits: int) -> np.uint32:
    return np.uint32((0xFFFFFFFF << (23 - bits)) & 0xFFFFFFFF)


def create_store(
    path: Path,
    grid: Grid,
    channels: Sequence[str],
    members: int,
    hours: np.ndarray,
    provenance: dict[str, Any],
    *,
    calendar: str = NOLEAP,
    splits: Mapping[Any, Sequence[Sequence[int]]] | None = None,
    members_table: MemberTable | None = None,
    years_begin: int = 0,
) -> None:
    """Create an empty store; ``complete`` is false until ``statistics.finish_store`` has run.

    Args:
        path: Folder to create; must not exist.
        grid: The horizontal grid.
        channels: Channel names, in order; for the ocean ``Layout.ocean(levels).channels``.
        members: Number of independent members.
        hours: Valid times (time,) in hours since 2000-01-01 00:00 of the calendar.
        provenance: JSON-able record of how the states were made.
        calendar: A CF calendar, e.g. ``standard``, ``noleap`` or ``360_day``.
        splits: Entries of ``train``, ``validation`` and ``test``, e.g. (member, year), see data/store/splits.py; shared
            out by whole years if None.
        members_table: Forcing parameters and roles of the members.
        years_begin: Hours after 1 January at which the store's years begin.

    Raises:
        OutputError: If ``path`` exists or cannot be written.
        StoreError: If the table does not fit.
        InputError: If a channel names a level that the grid has not, or there is no such calendar.
    """
    calendar = calendars.calendar_named(calendar)
    if members_table is not None and len(members_table.roles) != members:
        raise StoreError(
            f"store {path}",
            found=f"a table of {len(members_table.roles)} members",
            expected=f"a table of {members} members",
            remedy="Correct the call that makes the store.",
        )
    _check_levels(grid, channels)
    with files.new_path(Path(path)) as folder:
        group = zarr.create_group(folder, zarr_format=3)
        ny, nx = grid.shape
        states = group.create_array(
            "states",
            shape=(members, len(hours), len(channels), ny, nx),
            chunks=(1, 1, len(channels), ny, nx),
            dtype="float32",
            fill_value=float("nan"),
            compressors=[BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"), Crc32cCodec()],
            dimension_names=("member", "time", "channel", "y", "x"),
        )
        states.attrs["channels"] = {name: channel_variable(name)[0].attributes() for name in channels}
        static = grid.to_dataset()
        put_dataset(group, static)
        time_attrs = {"standard_name": "time", "units": TIME_UNITS, "calendar": calendar}
        put_array(group, "time", ("time",), np.asarray(hours, np.int32), time_attrs)
        put_array(group, "member", ("member",), np.arange(members, dtype=np.int32), {"standard_name": "realization"})
        put_array(
            group,
            "channel",
            ("channel",),
            np.array(list(channels), dtype=np.dtypes.StringDType()),
            {"long_name": "variable"},
        )
        if members_table is not None:
            rows = np.asarray(members_table.values, np.float64)
            about = {"long_name": "forcing parameters", **members_table.to_attributes()}
            put_array(group, "parameter", ("member", "parameter"), rows, about)
        group.attrs.update(
            {
                **static.attrs,
                "Conventions": "CF-1.11",
                "halocline_store": STORE_VERSION,
                "complete": False,
                "channels": list(channels),
                **({"variables": own} if (own := definitions_of(channels)) else {}),
                "provenance": provenance,
                "calendar": calendar,
                **({"years_begin": years_begin} if years_begin else {}),
                **({} if splits is None else {"splits": {k: [list(p) for p in v] for k, v in splits.items()}}),
            }
        )
        seal_folder(folder, ["states"])


def _check_levels(grid: Grid, channels: Sequence[str]) -> None:
    levels: dict[str, list[int]] = {}
    for var, level in map(channel_variable, channels):
        if level is not None:
            levels.setdefault(var.name, []).append(level)
    for name, found in levels.items():
        if found != list(range(len(found))) or len(found) < grid.levels:
            raise StoreError(
                f"channels of '{name}'",
                found=f"the levels {found}",
                expected=f"all {grid.levels} levels, the surface first",
                remedy="Use halocline.data.fields.layout.Layout(...).channels.",
            )
    GridLayout(Layout.from_channels(channels), grid)


class StoreWriter:
    """Writes samples into a store that ``create_store`` made; each write is one chunk, so processes can share it."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        check_seal(self._path, "store", StoreError)
        self._group = zarr.open_group(self._path, mode="r+")
        self._states = states_of(self._group)
        adopt(self._group.attrs.get("variables", {}), f"store {path}")  # type: ignore[arg-type]
        channels = [str(name) for name in self._group.attrs["channels"]]  # type: ignore[union-attr]
        self._wet = GridLayout(Layout.from_channels(channels), read_grid(self._path)[0]).wet
        self._dry = ~self._wet
        self._unflushed: list[Path] = []
        self._kept_bits = np.array([_kept(mantissa_bits(name)) for name in channels])[:, None, None]

    def write(self, member: int, index: int, values: np.ndarray) -> np.ndarray:
        """Write one sample (channel, y, x) in physical units; land and dry cells become NaN.

        Returns:
            What the store then reads: cut to its precision, 0 where dry.

        Raises:
            StoreError: If a value on an ocean cell is not finite.
            OutputError: If the disk is full.
        """
        values = np.ascontiguousarray(values, np.float32)
        if not np.isfinite(values).all(where=self._wet):
            raise StoreError(
                f"sample (member {member}, time {index})",
                found="values that are not finite on ocean cells",
                expected="finite values",
                remedy="The run that made them has failed; nothing of this sample was written.",
            )
        cut = (values.view(np.uint32) & self._kept_bits).view(np.float32)
        np.copyto(cut, np.float32(np.nan), where=self._dry)
        with files.explain_write_errors(self._path):
            self._states[member, index] = cut
        self._unflushed.append(self._path.joinpath("states", "c", str(member), str(index), "0", "0", "0"))
        np.copyto(cut, np.float32(0.0), where=self._dry)
        return cut

    def flush(self) -> None:
        """Bring what was written to the disk; to be done before anything counts it."""
        flush(self._unflushed)
        self._unflushed = []

    def note(self, lines: list[str]) -> None:
        """Add to the provenance what was done to the states."""
        about: Any = zarr.open_group(self._path, mode="r").attrs["provenance"]
        noted = {**about, "notes": [*about.get("notes", []), *lines]}
        change_attributes(self._path, {"provenance": noted})
