"""The forecast file: Zarr, one chunk a state and variable, written as the forecast goes; a killed one continues.

Layout (Zarr format 3)::

    sit, sic, ... (start, member, lead, y, x) float32, chunk (1, 1, 1, y, x), land NaN, CRC-32C per chunk
    start         hours since 2000-01-01 in the starts' calendar; store_member, start_index beside it along start
    lead          hours, 0 included
    member        numbers of the members; of paired ones, draw beside it: two with the same one have opposite noise
    leads_written (start, member) how many leads are there, written after them
    mask, area, lat, lon, x, y, projection: the grid; attributes: complete, provenance
"""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec
from zarr.storage import MemoryStore

from halocline.chain.forecast.starts import Start
from halocline.data.fields.calendar import NOLEAP, TIME_UNITS
from halocline.data.fields.variables import channel_variable, definitions_of
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.store.zarr_arrays import put_array, put_dataset
from halocline.runtime import files
from halocline.runtime.disk.flush import flush
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import OutputError
from halocline.runtime.seals.zarr_group import change_attributes, check_seal, seal_folder, settle_seal

WRITTEN = "leads_written"
_DIMS = ("start", "member", "lead", "y", "x")


class ForecastFile:
    """A forecast being written.

    Args:
        path: The folder; made by ``create``.
        channels: Variables, in order.
        grid: The grid.
    """

    def __init__(self, path: Path | MemoryStore, channels: Sequence[str], grid: Grid) -> None:
        self._at, self._on_disk = path, isinstance(path, Path)
        self.path = path if isinstance(path, Path) else Path("in memory")
        self._channels, self._wet = channels, wet_of(channels, grid)
        if isinstance(path, Path):
            check_seal(path, "forecast", OutputError)
        self._group = zarr.open_group(path, mode="r+")
        self._arrays = dict(self._group.arrays())

    def written(self, start: int, member: int) -> int:
        """Return how many leads of a member are there: those that are counted are read, up to the first bad one."""
        try:
            counted = int(np.asarray(self._arrays[WRITTEN][start, member]))
        except Exception:  # the count is damaged
            counted = 0
        for lead in range(counted):
            try:
                self.read(start, member, lead)
            except OutputError:
                return lead
        return counted

    def write(self, start: int, members: Sequence[int], lead: int, states: np.ndarray) -> None:
        """Write states (member, channel, y, x), and count them once they are on the disk.

        Args:
            start: Position of the start.
            members: Positions of the members.
            lead: Position of the lead.
            states: Of each member.
        """
        with files.explain_write_errors(self.path):
            for member, state in zip(members, states, strict=True):
                for k, name in enumerate(self._channels):
                    self._arrays[name][start, member, lead] = np.where(self._wet[k], state[k], np.float32(np.nan))
            if self._on_disk:
                place = [("c", str(start), str(member), str(lead), "0", "0") for member in members]
                flush([self.path.joinpath(name, *at) for at in place for name in self._channels])
            for member in members:
                self._arrays[WRITTEN][start, member] = lead + 1

    def read(self, start: int, member: int, lead: int) -> np.ndarray:
        """Return a written state (channel, y, x), land 0, bit by bit as it was.

        Raises:
            OutputError: If it is damaged.
        """
        try:
            state = np.stack([np.asarray(self._arrays[name][start, member, lead]) for name in self._channels])
            sound = bool(np.isfinite(state[self._wet]).all())
        except Exception:
            sound = False
        if not sound:
            raise OutputError(
                f"forecast {self.path}",
                found=f"a damaged state at lead number {lead}",
                expected="the state as it was written",
                remedy="Remove the folder and run the command again.",
            )
        return np.where(self._wet, state, np.float32(0.0))

    @property
    def complete(self) -> bool:
        """Whether the forecast is marked as complete."""
        return bool(self._group.attrs["complete"])

    @property
    def gained(self) -> bool:
        """Whether there is more than the starts."""
        return bool((np.asarray(self._arrays[WRITTEN][...]) > 1).any())

    def finish(self) -> None:
        """Mark the forecast as complete."""
        with files.explain_write_errors(self.path):
            self._mark(complete=True)

    def look_again(self) -> None:
        """Read all of a forecast that is marked as complete; mark it as unfinished if a state is missing or damaged."""
        starts, members = self._arrays[WRITTEN].shape
        leads = self._arrays["lead"].shape[0]
        if any(self.written(s, m) < leads for s in range(starts) for m in range(members)):
            self._mark(complete=False)

    def _mark(self, *, complete: bool) -> None:
        if isinstance(self._at, Path):
            large = (*self._channels, WRITTEN)
            part = {"whole": large} if complete else {"open_again": large}
            change_attributes(self._at, {"complete": complete}, **part)
            self._group = zarr.open_group(self._at, mode="r+")
        else:
            self._group.attrs["complete"] = complete


def create(
    path: Path | MemoryStore,
    grid: Grid,
    channels: Sequence[str],
    starts: Sequence[Start],
    members: int,
    leads: np.ndarray,
    provenance: dict[str, Any],
    draws: Sequence[int] | None = None,
) -> None:
    """Make an empty forecast, or find the same command's, and look whether it is as whole as it says.

    Raises:
        OutputError: If something else is there, or it cannot be written.
    """
    provenance = json.loads(json.dumps(provenance))
    if isinstance(path, Path) and path.exists():
        _require_same(path, provenance)
        clear_inside(path)
        file = ForecastFile(path, channels, grid)
        settle_seal(path)
        if file.complete:
            file.look_again()
        return
    if isinstance(path, Path) and path.suffix != ".zarr":
        remedy = "Forecasts are streamed to Zarr: give --out a name ending with .zarr"
        raise OutputError(f"output {path}", found=f"the ending '{path.suffix}'", expected=".zarr", remedy=remedy)
    with files.new_path(path) if isinstance(path, Path) else nullcontext(path) as folder:
        _lay_out(zarr.create_group(folder, zarr_format=3), grid, channels, starts, members, leads, provenance, draws)
        if isinstance(folder, Path):
            seal_folder(folder, (*channels, WRITTEN))


def _lay_out(
    group: zarr.Group,
    grid: Grid,
    channels: Sequence[str],
    starts: Sequence[Start],
    members: int,
    leads: np.ndarray,
    provenance: dict[str, Any],
    draws: Sequence[int] | None,
) -> None:
    ny, nx = grid.shape
    ice = any(channel_variable(name)[0].group == "seaice" for name in channels)
    static = grid.to_dataset()
    for name in channels:
        var = channel_variable(name)[0]
        array = group.create_array(
            name,
            shape=(len(starts), members, len(leads), ny, nx),
            chunks=(1, 1, 1, ny, nx),
            dtype="float32",
            fill_value=float("nan"),
            dimension_names=_DIMS,
            compressors=[BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"), Crc32cCodec()],
        )
        array.attrs.update({**var.attributes(), "grid_mapping": "projection", "cell_measures": "area: area"})
        array.attrs["coordinates"] = "lat lon store_member start_index" + (" draw" if draws is not None else "")
    put_dataset(group, static)
    calendar = starts[0].calendar if starts else NOLEAP
    time = {"standard_name": "forecast_reference_time", "units": TIME_UNITS, "calendar": calendar}
    for name, numbers, told in (
        ("start", [s.hour for s in starts], time),
        ("store_member", [s.store_member for s in starts], {"long_name": "store member"}),
        ("start_index", [s.index for s in starts], {"long_name": "start index"}),
    ):
        put_array(group, name, ("start",), np.array(numbers, np.int64), told)
    lead = {"standard_name": "forecast_period", "units": "hours"}
    put_array(group, "lead", ("lead",), np.asarray(leads, np.int64), lead)
    put_array(group, "member", ("member",), np.arange(members, dtype=np.int32), {"standard_name": "realization"})
    if draws is not None:
        told_draw = {"long_name": "number of the noise; members with the same one have opposite noise"}
        put_array(group, "draw", ("member",), np.array(draws, np.int32), told_draw)
    group.create_array(
        WRITTEN,
        shape=(len(starts), members),
        chunks=(1, 1),
        dtype="int32",
        fill_value=0,
        dimension_names=("start", "member"),
    )
    group.attrs.update(
        {
            **static.attrs,
            "Conventions": "CF-1.11",
            "title": f"{'Sea-ice forecasts' if ice else 'Forecasts'} by Halocline",
            "complete": False,
            "halocline_forecast": 1,
            "provenance": provenance,
            **({"variables": own} if (own := definitions_of(channels)) else {}),
        }
    )


def _require_same(path: Path, told: dict[str, Any]) -> None:
    if path.is_dir():
        check_seal(path, "forecast", OutputError)
    try:
        attributes = dict(zarr.open_group(path, mode="r").attrs)
        before: Any = attributes["provenance"] if attributes.get("halocline_forecast") == 1 else None
    except Exception:
        before = None
    if before is None:
        raise OutputError(
            f"output {path}",
            found="something that is no forecast",
            expected="a path that does not exist yet, or a forecast to continue",
            remedy="Choose another --out, or move the old one away.",
        )
    remedy = "A forecast continues with the command that began it; choose another --out for other settings."
    files.require_same(f"output {path}", before, told, remedy)
