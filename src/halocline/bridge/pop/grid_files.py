"""The files in which POP has its grid, as DART reads them: horizontal grid, topography, levels, and ``pop_in``.

Source: NCAR/DART, models/POP/dart_pop_mod.f90: initialize_module (the six namelists of ``pop_in``), read_horiz_grid
(records of 8-byte reals, latitude and longitude of the corners in radians first; the others in the order of its
comment), read_topography (one record of 4-byte integers), read_vert_grid (a line a level: thickness in cm, centre and
bottom in m); models/POP/readme.rst, binary_grid_file_format (big_endian unless input.nml says otherwise).
"""

from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.pop.grid import PopGrid
from halocline.physics.flow.faces import distance

HORIZONTAL, TOPOGRAPHY, VERTICAL = "horiz_grid.bin", "topography.bin", "vert_grid.txt"
NAMELIST, READABLE = "pop_in", "pop_grid.nc"
NAMES = (HORIZONTAL, TOPOGRAPHY, VERTICAL, NAMELIST, READABLE)
RECORDS = ("ULAT", "ULON", "HTN", "HTE", "HUS", "HUW", "ANGLE")
_CM = 100.0


def write_grid(folder: Path, grid: PopGrid) -> list[str]:
    """Write the grid for DART, and once more as NetCDF for people and for ``halocline import``; return the names."""
    with (folder / HORIZONTAL).open("wb") as file:
        for record in horizontal(grid):
            file.write(np.ascontiguousarray(record, ">f8").tobytes())
    (folder / TOPOGRAPHY).write_bytes(np.ascontiguousarray(grid.kmt, ">i4").tobytes())
    bottom = np.cumsum(grid.thickness)
    depth = grid.mesh.nominal[: len(bottom)]
    lines = (f"{_CM * t:.8f} {z:.10f} {b:.10f}" for t, z, b in zip(grid.thickness, depth, bottom, strict=True))
    (folder / VERTICAL).write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / NAMELIST).write_text("\n".join(namelists()) + "\n", encoding="utf-8")
    _write_readable(folder / READABLE, grid, depth, bottom)
    return list(NAMES)


def horizontal(grid: PopGrid) -> list[np.ndarray]:
    """Return the records (y, x) of the horizontal grid in the order of RECORDS: radians, cm, radians."""
    cells, lat, lon = grid.cells, grid.ulat, grid.ulon

    def apart(a: np.ndarray, b: np.ndarray, axis: int, step: int) -> np.ndarray:
        other, where = np.roll(a, step, axis), np.roll(b, step, axis)
        out = _CM * distance(a, b, other, where)
        if axis == 0 or not grid.periodic:  # the first or last has no neighbour: as long as the next
            edge, inner = (0, 1) if step > 0 else (-1, -2)
            np.moveaxis(out, axis, 0)[edge] = np.moveaxis(out, axis, 0)[inner]
        return out

    sides = [apart(lat, lon, axis, 1) for axis in (1, 0)]
    sides += [apart(cells.lat, cells.lon, axis, -1) for axis in (1, 0)]
    east = np.radians((np.roll(lon, -1, 1) - lon + 180.0) % 360.0 - 180.0) * np.cos(np.radians(lat))
    angle = np.arctan2(np.radians(np.roll(lat, -1, 1) - lat), east)
    if not grid.periodic:
        angle[:, -1] = angle[:, -2]
    return [np.radians(lat), np.radians(lon), *sides, angle]


def namelists() -> list[str]:
    """Return the lines of a ``pop_in`` that holds what DART reads of it."""
    return [
        "! The namelists that DART reads (models/POP/dart_pop_mod.f90); no pop_in that POP could run with.",
        "&time_manager_nml",
        "   runid = 'halocline', stop_option = 'nday', stop_count = 1, allow_leapyear = .true.",
        "/",
        "&io_nml",
        "   luse_pointer_files = .true., pointer_filename = 'rpointer.ocn'",
        "/",
        "&init_ts_nml",
        "   init_ts_option = 'ccsm_hybrid', init_ts_file = 'pop.r.nc', init_ts_file_fmt = 'nc'",
        "/",
        "&restart_nml",
        "   restart_freq_opt = 'nday', restart_freq = 1, restart_fmt = 'nc'",
        "/",
        "&domain_nml",
        "   ew_boundary_type = 'cyclic', ns_boundary_type = 'closed'",
        "/",
        "&grid_nml",
        f"   horiz_grid_opt = 'file', horiz_grid_file = '{HORIZONTAL}'",
        f"   vert_grid_opt = 'file', vert_grid_file = '{VERTICAL}'",
        f"   topography_opt = 'file', topography_file = '{TOPOGRAPHY}'",
        "/",
    ]


def _write_readable(path: Path, grid: PopGrid, depth: np.ndarray, bottom: np.ndarray) -> None:
    """Write the grid under the names of DART's own dart_grid.nc (model_mod.f90, output_grid), cells as the states'."""
    with netCDF4.Dataset(path, "w") as file:
        for name, size in zip(("k", "j", "i"), grid.cells.wet.shape, strict=True):
            file.createDimension(name, size)
        maps = {"TLAT": grid.cells.lat, "TLON": grid.cells.lon, "ULAT": grid.ulat, "ULON": grid.ulon}
        for name, values in maps.items():
            held = file.createVariable(name, np.float64, ("j", "i"))
            held.units = "degrees_north" if name.endswith("LAT") else "degrees_east"
            held[:] = values
        for name, values in (("KMT", grid.kmt), ("KMU", grid.kmu)):
            file.createVariable(name, np.int32, ("j", "i"))[:] = values
            file[name].units = "levels"
        for name, values in (("ZC", depth), ("ZG", bottom), ("dz", grid.thickness)):
            file.createVariable(name, np.float64, ("k",))[:] = values
            file[name].units = "m"
        file["ZC"].positive = file["ZG"].positive = "down"
