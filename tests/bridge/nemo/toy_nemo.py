"""A tiny NEMO mesh_mask and restart, with the traps of the real ones."""

import os
from pathlib import Path

import netCDF4
import numpy as np

from tests.ocean_toy import toy_ocean_grid

DEEP = ("time_counter", "nav_lev", "y", "x")


def write_mesh(path, grid=None):
    """x and y are 2-D and hold garbage, mbathy is 1 on land, the last level is dry, e3 is positive on land."""
    grid = grid or toy_ocean_grid()
    levels, ny, nx = grid.wet.shape
    with netCDF4.Dataset(str(path), "w") as f:
        for name, size in (("x", nx), ("y", ny), ("nav_lev", levels), ("time_counter", None)):
            f.createDimension(name, size)
        for name in ("x", "y"):
            f.createVariable(name, "f4", ("y", "x"))[:] = np.arange(ny * nx).reshape(ny, nx)
        f.createVariable("nav_lev", "f4", ("nav_lev",))[:] = grid.depth[:, 0, 0]
        f.createVariable("time_counter", "f4", ("time_counter",))[:] = [0.0]
        for name in ("tmask", "umask", "vmask"):
            f.createVariable(name, "i1", DEEP)[0] = grid.wet.astype(np.int8)
        f.createVariable("mbathy", "i4", ("time_counter", "y", "x"))[0] = np.maximum(1, grid.wet.sum(axis=0))
        side = np.sqrt(grid.area)
        for name, values in (("glamt", grid.lon), ("gphit", grid.lat), ("e1t", side), ("e2t", side)):
            f.createVariable(name, "f8", ("time_counter", "y", "x"))[0] = values
        thickness = np.where(grid.wet, grid.thickness, 50.0)
        for name, values in (("e3t_0", thickness), ("gdept_0", grid.depth)):
            f.createVariable(name, "f8", DEEP)[0] = values
        f.createVariable("gdept_1d", "f8", ("time_counter", "nav_lev"))[0] = grid.depth[:, 0, 0]
    return path


def write_template(path, grid=None, unlimited=True):
    """A restart of another time: every field is there, with other water in it, moving."""
    grid = grid or toy_ocean_grid()
    levels, ny, nx = grid.wet.shape
    with netCDF4.Dataset(str(path), "w") as f:
        for name, size in (("x", nx), ("y", ny), ("nav_lev", levels), ("time_counter", None if unlimited else 1)):
            f.createDimension(name, size)
        f.createVariable("nav_lev", "f4", ("nav_lev",))[:] = grid.depth[:, 0, 0]
        f.createVariable("nav_lat", "f4", ("y", "x"))[:] = grid.lat
        f.createVariable("time_counter", "f8", ("time_counter",))[:] = [0.0]
        numbers = {"kt": 4320.0, "ndastp": 110101.0, "adatrj": 3600.0, "ntime": 0.0, "rdt": 2700.0}
        for name, value in numbers.items():
            f.createVariable(name, "f8", ("time_counter",))[:] = [value]
        for k, name in enumerate(
            ("tn", "tb", "sn", "sb", "un", "ub", "vn", "vb", "rhop", "en", "avt_k", "avm_k", "dissl")
        ):
            f.createVariable(name, "f8", DEEP)[0] = np.where(grid.wet, 30.0 + k, 0.0)
        for name in ("sshn", "sshb", "ub2_b", "un_bf", "utau_b", "sst_m", "sss_m", "ssh_m"):
            f.createVariable(name, "f8", ("time_counter", "y", "x"))[0] = np.where(grid.wet[0], 0.5, 0.0)
    return path


def field_data(name):
    """A real file of the field, or None: in HALOCLINE_FIELD_DATA, else in ../shared/data beside the repository."""
    root = os.environ.get("HALOCLINE_FIELD_DATA")
    folder = Path(root) if root else Path(__file__).parents[4] / "shared" / "data"
    return folder / name if (folder / name).is_file() else None
