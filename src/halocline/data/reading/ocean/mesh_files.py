"""Files of the grid beside states: opened once, put together, and named in the attributes of what they belong to."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import xarray as xr

from halocline.data.files.pieces import join, siblings
from halocline.data.reading.choices import Choices
from halocline.data.reading.ocean.mesh import Mesh, mesh_of

_BESIDE = "halocline_mesh"  # paths, one a line; an attribute of datasets in memory, never written


def beside(dataset: xr.Dataset, files: Sequence[Path]) -> xr.Dataset:
    """Return states that say which files hold their grid."""
    return dataset.assign_attrs({_BESIDE: "\n".join(map(str, files))}) if files else dataset


def mesh_beside(dataset: xr.Dataset, choices: Choices) -> Mesh | None:
    """Return the mesh that the user names, or that a dataset says is its own; None without one.

    Raises:
        InputError: If it cannot be read, or is no mesh.
    """
    said = [choices.mesh] if choices.mesh is not None else str(dataset.attrs.get(_BESIDE, "")).split("\n")
    files = [Path(file) for file in said if str(file)]
    return _mesh_in(tuple((file, file.stat().st_mtime if file.exists() else 0.0) for file in files)) if files else None


def without_files(dataset: xr.Dataset) -> xr.Dataset:
    """Return a dataset that no longer says which files hold its grid."""
    out = dataset.copy()
    out.attrs.pop(_BESIDE, None)
    return out


@lru_cache(maxsize=2)
def _mesh_in(stamped: tuple[tuple[Path, float], ...]) -> Mesh:
    """Return the mesh of one file, or of several such as coordinates and mask; of a piece the others follow."""
    files = [file for file, _ in stamped]
    parts = [join(siblings(file), "mesh") for file in files if siblings(file)[0] == file or len(files) == 1]
    attrs = {k: v for part in parts for k, v in part.attrs.items()}
    whole = parts[0] if len(parts) == 1 else xr.merge(parts, compat="override", join="outer", combine_attrs="drop")
    return mesh_of(whole.assign_attrs(attrs), f"mesh {', '.join(map(str, files))}")
