"""A NEMO mesh_mask: where its cells are and which are wet."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.nemo.files import open_nemo, read
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class NemoMesh:
    """What a state needs to know of a NEMO mesh.

    Attributes:
        grid: Tracer cells; depth is the local gdept_0, latitude gphit, area e1t * e2t.
        nav_lev: Nominal depth of the levels (level,), m.
        wet_u: Wet faces of u (level, y, x).
        wet_v: Wet faces of v (level, y, x).
    """

    grid: Grid
    nav_lev: np.ndarray
    wet_u: np.ndarray
    wet_v: np.ndarray


def read_mesh(path: Path | str) -> NemoMesh:
    """Read a NEMO mesh_mask (4.x or 5.x), with or without a time dimension.

    Longitude and latitude are glamt and gphit: the variables ``x`` and ``y`` are named like the dimensions and may hold
    anything. Wet cells are those of tmask: mbathy is 1, not 0, on land. The last level is dry by construction.

    Raises:
        InputError: If it is not a mesh, or its parts contradict each other.
    """
    with open_nemo(Path(path), "mesh") as dataset:
        return mesh_of(dataset, f"mesh {path}")


def mesh_of(dataset: netCDF4.Dataset, field: str) -> NemoMesh:
    """Return the mesh of an open file; see read_mesh."""
    mask = read(dataset, "tmask", field) > 0
    if mask.ndim != 3:
        raise InputError(
            f"'tmask' of {field}",
            found=f"{mask.ndim} dimensions besides time",
            expected="(nav_lev, y, x)",
            remedy="Give the three-dimensional mesh_mask.",
        )
    if mask[-1].any():
        raise InputError(
            f"'tmask' of {field}",
            found=f"{int(mask[-1].sum())} wet cells on the last level",
            expected="a dry last level, as in every NEMO mesh",
            remedy="The levels may run the wrong way, or the mesh was cut; give the mesh as NEMO writes it.",
        )
    nominal = read(dataset, "gdept_1d" if "gdept_1d" in dataset.variables else "nav_lev", field).astype(np.float64)
    area = read(dataset, "e1t", field).astype(np.float64) * read(dataset, "e2t", field)
    depth = read(dataset, "gdept_0", field) if "gdept_0" in dataset.variables else nominal
    thickness = read(dataset, "e3t_0", field)
    grid = Grid.of_columns(
        Vertical.build(depth, thickness, mask, positive="down", source=field),
        area=area,
        lat=read(dataset, "gphit", field).astype(np.float64),
        lon=read(dataset, "glamt", field).astype(np.float64),
        name=field,
    )
    return NemoMesh(grid, nominal, read(dataset, "umask", field) > 0, read(dataset, "vmask", field) > 0)
