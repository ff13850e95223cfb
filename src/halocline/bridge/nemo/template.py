"""What a restart is made like: a mesh, or a restart of which only the water is replaced."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.nemo.files import open_nemo, read
from halocline.bridge.nemo.mesh import NemoMesh, is_mesh, read_mesh
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.reading.ocean.cell_thickness import between_midpoints
from halocline.data.reading.ocean.mesh import Mesh
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Template:
    """A template, read.

    Attributes:
        path: Its file.
        cells: Mask, levels and positions that the states must have, and lend theirs to states that do not say them.
        mesh: The mesh; None if the template is a restart.
    """

    path: Path
    cells: Mesh
    mesh: NemoMesh | None


def read_template(path: Path | str) -> Template:
    """Read a restart, a mesh_mask or a domain_cfg of the mesh that NEMO will run on.

    Raises:
        InputError: If it is neither, a piece of one, or has a fixed time dimension.
    """
    path = Path(path)
    with open_nemo(path, "template") as file:
        if not is_mesh(file):
            check_template(file, f"template {path}")
            return Template(path, _of_restart(file, f"template {path}"), None)
    mesh = read_mesh(path)
    return Template(path, mesh.beside, mesh)


def check_template(source: netCDF4.Dataset, field: str) -> None:
    """Raise InputError if an open template restart is a piece, lacks what is copied, or has a fixed time dimension."""
    if int(getattr(source, "DOMAIN_number_total", 1)) > 1:
        raise InputError(
            field,
            found="one process's piece of a restart",
            expected="one global file",
            remedy="Put the pieces together with NEMO's REBUILD_NEMO tool.",
        )
    for name in ("tn", "sn", "nav_lev"):
        read(source, name, field)
    time = source.dimensions.get("time_counter")
    if time is None or not time.isunlimited():
        raise InputError(
            f"time dimension of {field}",
            found="no time_counter" if time is None else f"a fixed dimension of length {len(time)}",
            expected="time_counter unlimited",
            remedy="Make it unlimited, e.g. with ncks --mk_rec_dmn time_counter; NEMO stops otherwise.",
        )


def _of_restart(source: netCDF4.Dataset, field: str) -> Mesh:
    """Return the cells of a restart: wet where salinity is not 0; the thickness of its levels stands in for theirs."""
    levels = read(source, "nav_lev", field).astype(np.float64)
    wet = read(source, "sn", field) != 0
    place = {
        ours: read(source, theirs, field).astype(np.float64)
        for ours, theirs in (("lat", "nav_lat"), ("lon", "nav_lon"))
        if theirs in source.variables
    }
    vertical = Vertical.build(levels, between_midpoints(levels), wet, positive="down", source=field)
    grid = Grid.of_columns(vertical, lat=place.get("lat"), lon=place.get("lon"), name=field)
    return Mesh(grid, levels)
