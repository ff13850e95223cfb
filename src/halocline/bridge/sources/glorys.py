"""GLORYS12 and the global ocean products of CMEMS on its grid, as downloaded, with their static files if given.

Source: Product user manual CMEMS-GLO-PUM-001-030. thetao (potential temperature, degC), so (practical salinity, 1e-3)
and zos (m) on a regular grid of 1/12 degree, 50 levels with partial bottom cells, packed to 16 bits; land is missing.
The thickness of the cells, e3t, is in the static file ``…_coordinates.nc`` only, the mask in ``…_mask_bathy.nc``.
"""

import xarray as xr

from halocline.bridge.sources._marine import OceanFiles, apart, completed
from halocline.bridge.sources.base import SOURCES, Part
from halocline.data.fields.variables import is_variable
from halocline.data.files.open import open_dataset
from halocline.data.reading.ocean.mesh_files import beside


class Glorys(OceanFiles):
    """One file a part."""

    summary = "GLORYS12 and other global ocean products of CMEMS: thetao, so, zos, with the static file of the grid"

    def open(self, part: Part) -> xr.Dataset:
        """Return one file with its static files; velocities, mixed layer and sea ice are left out."""
        (file,), grids = apart(part.files)
        dataset = completed(open_dataset(file, times="cftime"))
        left_out = [n for n in ("uo", "vo", "mlotst", "bottomT") if n in dataset.variables and not is_variable(n)]
        about = "\n".join(f"{n}: no registered variable takes it" for n in left_out)
        return beside(dataset.drop_vars(left_out), grids).assign_attrs(halocline_left_out=about)


SOURCES.register("glorys")(Glorys())
