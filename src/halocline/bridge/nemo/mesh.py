"""A NEMO mesh_mask or domain_cfg: where its cells are and which are wet."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.nemo.files import open_nemo, read
from halocline.data.files.open import open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.reading.ocean.mesh import Mesh, mesh_of
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

    @property
    def beside(self) -> Mesh:
        """The mesh as a file beside states."""
        return Mesh(self.grid, self.nav_lev)


def is_mesh(dataset: netCDF4.Dataset) -> bool:
    """Tell whether an open file is a mesh_mask or a domain_cfg, not a restart."""
    return "tmask" in dataset.variables or "bottom_level" in dataset.variables


def read_mesh(path: Path | str) -> NemoMesh:
    """Read a NEMO mesh_mask (3.6 to 5.0, key_vco_1d with levels in one dimension among them) or a domain_cfg.

    See ``halocline.data.reading.ocean.mesh``. The last level is dry by construction; faces without a mask of their own
    are wet between two wet cells.

    Raises:
        InputError: If it is not a mesh, or its parts contradict each other.
    """
    field = f"mesh {path}"
    with open_nemo(Path(path), "mesh") as file:
        if not is_mesh(file):
            read(file, "tmask", field)
        mesh = mesh_of(open_dataset(Path(path), times="raw"), field)
        wet = mesh.grid.wet if mesh.grid.levels else mesh.grid.mask
        if wet.ndim != 3:
            raise InputError(
                f"'tmask' of {field}",
                found=f"{wet.ndim} dimensions besides time",
                expected="(nav_lev, y, x)",
                remedy="Give the three-dimensional mesh_mask.",
            )
        if wet[-1].any():
            raise InputError(
                f"'tmask' of {field}",
                found=f"{int(wet[-1].sum())} wet cells on the last level",
                expected="a dry last level, as in every NEMO mesh",
                remedy="The levels may run the wrong way, or the mesh was cut; give the mesh as NEMO writes it.",
            )
        faces = [
            read(file, name, field) > 0 if name in file.variables else wet & np.roll(wet, -1, axis)
            for name, axis in (("umask", 2), ("vmask", 1))
        ]
    return NemoMesh(mesh.grid, mesh.nominal, *faces)
