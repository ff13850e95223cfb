"""Peak memory of exports by the number of members: each in a process of its own, sea ice on a polar plane.

    python benchmarks/cost/export_memory.py --out OUT [--cells 512] [--members 2 64] [--kinds nextsim-dg enkf ...]

Makes states of smooth random sea ice (six variables, float32) and the grids of CICE and NEMO, and of an ocean of ten
levels for ``dart-pop``, then exports so many members of them by each kind. Prints the largest memory, CPU seconds and
what was written; the files are removed.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import netCDF4
import numpy as np

from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane

KINDS = ("nextsim-dg", "cice", "si3", "enkf", "dart", "dart-pop", "ioda")
TEMPLATES = {"cice": "cice.nc", "dart": "cice.nc", "si3": "nemo.nc"}
DATED = ("dart", "dart-pop", "ioda")
LEVELS = 10
_RUN = """
import json, resource, sys
from halocline.cli.main import app
try:
    app(json.loads(sys.argv[1]))
except SystemExit as end:
    code = end.code
usage = resource.getrusage(resource.RUSAGE_SELF)
print("USED", json.dumps([code, usage.ru_maxrss / 1e3, usage.ru_utime + usage.ru_stime]))
"""


def main() -> None:
    """Make states and grids, export, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cells", type=int, default=512)
    parser.add_argument("--members", type=int, nargs="+", default=[2, 64])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    arguments = parser.parse_args()
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "states.nc").exists():
        write_inputs(folder, arguments.cells, max(arguments.members))
    if "dart-pop" in arguments.kinds and not (folder / "ocean.nc").exists():
        write_ocean(folder / "ocean.nc", arguments.cells, max(arguments.members))
    print("| kind | members | peak memory, MB | CPU s | written, MB |\n|---|---:|---:|---:|---:|", flush=True)
    for kind in arguments.kinds:
        for members in arguments.members:
            print(row(folder, kind, members), flush=True)


def row(folder: Path, kind: str, members: int) -> str:
    """Export some members by a kind in a process of its own; return the line of the table."""
    out = folder / f"{kind}-{members}"
    states = folder / ("ocean.nc" if kind == "dart-pop" else "states.nc")
    words = ["export", kind.removesuffix("-pop"), str(states), "--out", str(out)]
    words += [word for k in range(members) for word in ("--member", str(k))]
    words += ["--template", str(folder / TEMPLATES[kind])] if kind in TEMPLATES else []
    words += ["--date", "2020-03-15"] if kind in DATED else []
    words += ["--velocities", "balanced"] if kind == "dart-pop" else []
    words += ["--error", "sic=0.1", "--error", "sit=0.3"] if kind == "ioda" else []
    done = subprocess.run([sys.executable, "-c", _RUN, json.dumps(words)], capture_output=True, text=True, check=False)
    used = [line for line in done.stdout.splitlines() if line.startswith("USED")]
    code, memory, seconds = json.loads(used[-1][5:]) if used else (done.returncode, 0.0, 0.0)
    if code:
        raise SystemExit(f"{kind} of {members} members ended with {code}:\n{done.stdout}\n{done.stderr}")
    written = sum(file.stat().st_size for file in out.rglob("*") if file.is_file()) / 1e6
    shutil.rmtree(out)
    return f"| `{kind}` | {members} | {memory:.0f} | {seconds:.0f} | {written:.0f} |"


def write_inputs(folder: Path, cells: int, members: int) -> None:
    """Write states.nc member by member, and the grids that CICE and NEMO would have."""
    plane = Plane.of("EPSG:3413")
    spacing = 6.4e6 / cells
    axis = spacing * (np.arange(cells) - 0.5 * (cells - 1))
    land = (axis[None, :] > 1.5e6) & (axis[:, None] < -0.5e6)
    grid = projected_grid("a plane", plane, axis, axis, ~land)
    grid.to_dataset().to_netcdf(folder / "states.nc")
    north = np.clip(1.6 - (90 - grid.lat) / 12, 0, 1)
    random = np.random.default_rng(0)
    y, x = np.meshgrid(np.linspace(0, 1, cells), np.linspace(0, 1, cells), indexing="ij")
    with netCDF4.Dataset(folder / "states.nc", "a") as file:
        file.createDimension("member", members)
        file.createVariable("member", "i4", ("member",))[:] = np.arange(members)
        file.createVariable("day_of_year", "f8", ("member",))[:] = 74.0
        for name, unit in (("sit", "m"), ("sic", "1"), ("snt", "m"), ("sid", "1"), ("siu", "m s-1"), ("siv", "m s-1")):
            variable = file.createVariable(name, "f4", ("member", "y", "x"), fill_value=np.nan)
            variable.setncatts({"units": unit, "cell_methods": "area: mean", "halocline_damage_of_1": "broken"})
        for member in range(members):
            a, b, c, d = random.uniform(1, 6, 4)
            wave = 0.5 + 0.5 * np.sin(6 * (a * x + b * y)) * np.cos(6 * (c * x - d * y))
            sic = north * (0.7 + 0.3 * wave)
            fields = {"sit": sic * (0.5 + 2 * wave), "sic": sic, "snt": 0.1 * sic * wave, "sid": wave * (sic > 0)}
            fields |= {"siu": 0.1 * (wave - 0.5) * (sic > 0), "siv": 0.1 * (0.5 - wave) * (sic > 0)}
            for name, values in fields.items():
                file[name][member] = np.where(land, np.nan, values)
    lat, lon = plane.inverse(axis[None, :] + spacing / 2, axis[:, None] + spacing / 2)
    with netCDF4.Dataset(folder / "cice.nc", "w") as file:
        file.createDimension("ny", cells)
        file.createDimension("nx", cells)
        corners = (("ulat", "rad", np.radians(lat)), ("ulon", "rad", np.radians(lon)), ("kmt", "1", ~land))
        for name, unit, values in corners:
            variable = file.createVariable(name, "f8", ("ny", "nx"))
            variable.units = unit
            variable[:] = values
    wet, deep = ~land, ("time_counter", "nav_lev", "y", "x")
    with netCDF4.Dataset(folder / "nemo.nc", "w") as file:
        for name, size in (("x", cells), ("y", cells), ("nav_lev", 2), ("time_counter", None)):
            file.createDimension(name, size)
        file.createVariable("nav_lev", "f4", ("nav_lev",))[:] = [10.0, 50.0]
        for name, axis_of in (("tmask", None), ("umask", 1), ("vmask", 0)):
            face = wet if axis_of is None else wet & np.roll(wet, -1, axis_of)
            file.createVariable(name, "i1", deep)[0] = np.stack([face, np.zeros_like(face)])
        for name, values in (("glamt", grid.lon), ("gphit", grid.lat), ("e1t", spacing), ("e2t", spacing)):
            file.createVariable(name, "f8", ("time_counter", "y", "x"))[0] = values
        file.createVariable("e3t_0", "f8", deep)[0] = 40.0
        file.createVariable("gdept_0", "f8", deep)[0] = np.array([10.0, 50.0])[:, None, None]
        file.createVariable("gdept_1d", "f8", ("time_counter", "nav_lev"))[0] = [10.0, 50.0]


def write_ocean(path: Path, cells: int, members: int) -> None:
    """Write oceans with land all round, member by member: warm above cold, the surface of random waves."""
    lat, lon = np.linspace(-60, 60, cells), np.linspace(5, 350, cells)
    depth = 50.0 + 100.0 * np.arange(LEVELS)
    wet = np.ones((cells, cells), bool)
    wet[[0, -1]], wet[:, [0, -1]] = False, False
    random = np.random.default_rng(0)
    y, x = np.meshgrid(np.linspace(0, 1, cells), np.linspace(0, 1, cells), indexing="ij")
    with netCDF4.Dataset(path, "w") as file:
        for name, size in (("member", members), ("depth", LEVELS), ("lat", cells), ("lon", cells)):
            file.createDimension(name, size)
        for name, values, unit in (("depth", depth, "m"), ("lat", lat, "degrees_north"), ("lon", lon, "degrees_east")):
            file.createVariable(name, "f8", (name,))[:] = values
            file[name].units = unit
        file["depth"].positive = "down"
        file.createVariable("e3t", "f8", ("depth",))[:] = 100.0
        file["e3t"].units = "m"
        for name, unit in (("thetao", "degC"), ("so", "1e-3"), ("zos", "m")):
            dims = ("member", *(("depth",) if name != "zos" else ()), "lat", "lon")
            file.createVariable(name, "f4", dims, fill_value=np.nan).units = unit
        for member in range(members):
            a, b = random.uniform(1, 6, 2)
            wave = np.sin(6 * a * x) * np.cos(6 * b * y)
            file["zos"][member] = np.where(wet, 0.3 * wave, np.nan)
            for k, z in enumerate(depth):
                file["thetao"][member, k] = np.where(wet, 2 + (20 + wave) * np.exp(-z / 500), np.nan)
                file["so"][member, k] = np.where(wet, 35.0 + 0.1 * wave, np.nan)


if __name__ == "__main__":
    main()
