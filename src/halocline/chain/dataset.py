"""From drawn arrays to a CF dataset, and to disk."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from zarr.codecs import Crc32cCodec, ZstdCodec

from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import definitions_of, variable
from halocline.data.grids.grid import Grid
from halocline.runtime import files
from halocline.runtime.errors import ModelError, OutputError
from halocline.runtime.seals.file_end import seal_file
from halocline.runtime.seals.zarr_group import seal_folder


def to_dataset(
    states: np.ndarray, channels: Sequence[str], grid: Grid, members: Sequence[int], provenance: dict[str, Any]
) -> xr.Dataset:
    """Return states (member, channel, y, x) as a CF dataset with the grid beside them; levels become one variable."""
    dataset = grid.to_dataset()
    for name, values in Layout.from_channels(channels).split(states).items():
        var = variable(name)
        attrs = {**var.attributes(), "grid_mapping": "projection", "cell_measures": "area: area"}
        attrs["cell_methods"] = "area: mean"
        dims = ("member", "depth", "y", "x") if values.ndim == 4 else ("member", "y", "x")
        dataset[name] = (dims, values, attrs)
    dataset = dataset.assign_coords(
        member=("member", np.asarray(members, np.int32), {"standard_name": "realization", "units": "1"})
    )
    dataset.attrs |= {
        "Conventions": "CF-1.11",
        "title": f"{'Sea-ice' if grid.vertical is None else 'Ocean'} states drawn by Halocline",
        "source": "generative model trained on a simulation; not an observation",
        **{f"halocline_{key}": value for key, value in provenance.items()},
        **({"halocline_variables": json.dumps(own)} if (own := definitions_of(channels)) else {}),
    }
    return dataset


def write_dataset(dataset: xr.Dataset, path: Path) -> None:
    """Write to NetCDF (.nc) or Zarr (.zarr); the file appears whole or not at all.

    Raises:
        OutputError: If ``path`` exists, has another ending, or cannot be written.
    """
    path = Path(path)
    check_output(path)
    with files.new_path(path) as hidden:
        begin(dataset, hidden, netcdf=path.suffix == ".nc")
        seal_states(hidden)


def begin(dataset: xr.Dataset, path: Path, *, netcdf: bool, grows: Sequence[str] = ()) -> None:
    """Write a dataset to a new NetCDF or Zarr; states are packed, each chunk in Zarr with a checksum.

    Args:
        dataset: The dataset.
        path: Where.
        netcdf: Whether it is NetCDF.
        grows: Dimensions along which more will be appended.
    """
    states = [name for name, v in dataset.data_vars.items() if v.ndim >= 3]
    if netcdf:
        packed: dict[Any, dict[str, Any]] = {name: {"zlib": True, "complevel": 3} for name in states}
        dataset.to_netcdf(path, engine="netcdf4", encoding=packed, unlimited_dims=grows or None)
    else:
        checked = {name: {"compressors": [ZstdCodec(level=3), Crc32cCodec()]} for name in states}
        dataset.to_zarr(path, zarr_format=3, consolidated=False, encoding=checked)


def seal_states(path: Path) -> None:
    """Seal a NetCDF or Zarr of states that is whole."""
    if path.is_file():
        seal_file(path)
        return
    arrays = dict(zarr.open_group(path, mode="r").arrays())
    seal_folder(path, [name for name, array in arrays.items() if array.ndim >= 3], whole=True)


def check_output(path: Path) -> None:
    """Raise OutputError if ``path`` exists or has an ending that is not written; before the work, not after."""
    if path.suffix not in (".nc", ".zarr"):
        remedy = "Give the output one of these endings."
        raise OutputError(
            f"output {path}", found=f"the ending '{path.suffix}'", expected=".nc (NetCDF) or .zarr", remedy=remedy
        )
    files.require_absent(path)


def require_finite(states: np.ndarray, wet: np.ndarray, channels: Sequence[str], numbers: Sequence[int]) -> None:
    """Raise ModelError unless drawn states (member, channel, y, x) are finite on wet cells: nothing else is written."""
    bad = ~np.isfinite(states) & wet
    if bad.any():
        member, k = np.argwhere(bad.any(axis=(2, 3)))[0]
        raise ModelError(
            f"'{channels[k]}' of member {numbers[member]}",
            found="drawn values that are not finite",
            expected="finite values on every wet cell",
            remedy="The model cannot draw so: fewer members a pass, other --steps, --guidance or --condition, or "
            "--precision fp32; nothing of this batch was written.",
        )
