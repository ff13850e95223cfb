"""What may go wrong with files of an ocean, and what becomes of it; the table of the docs is made of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from halocline.data.reading.choices import Choices
from tests.bridge.imports import ocean_products as make


@dataclass(frozen=True)
class Trap:
    """One cell of the table.

    Attributes:
        source: The kind.
        trap: What is special about the files.
        outcome: ``read``, ``converted``, ``asked for`` or ``refused``.
        how: What the docs say about it.
        files: Makes the files in a folder.
        words: What the notes or the error say.
        choices: The answers given.
    """

    source: str
    trap: str
    outcome: str
    how: str
    files: Callable[[Path], list[Path]]
    words: str = ""
    choices: Choices = field(default=Choices())


def _xios(folder, **options):
    return [make.xios(folder / "X_1d_grid_T.nc", **options), make.mesh(folder / "mesh_mask.nc")]


def _restart(folder):
    return [make.restart(folder / "X_00000080_restart.nc"), make.mesh(folder / "mesh_mask.nc")]


def _edit(files, function, which=0):
    make.changed(files[which], function)
    return files


def _attrs(name, **attrs):
    def change(dataset):
        dataset[name].attrs.update(attrs)
        return dataset

    return change


def _scaled(name, factor, **attrs):
    def change(dataset):
        dataset[name] = (factor * dataset[name]).assign_attrs(dataset[name].attrs, **attrs)
        return dataset

    return change


def _river(dataset):
    dataset["soce"][:, 0, 3, 3] = 1.5
    return dataset


def _other_coast(dataset):
    dataset["tmask"][:, :, 3, 3] = 0
    return dataset


def _rolled(dataset):
    return dataset.roll(x=2, roll_coords=True)


def _up(dataset):
    turned = dataset.isel(deptht=slice(None, None, -1))
    return turned.assign_coords(deptht=-turned["deptht"]).pipe(_attrs("deptht", positive="up", units="m"))


def _stamped_at_the_end(dataset):
    dataset["time_counter"].attrs["bounds"] = "time_counter_bounds"
    stamps = dataset["time_counter"].values
    dataset["time_counter_bounds"] = (("time_counter", "n"), np.stack([stamps - 43200.0, stamps + 43200.0], axis=1))
    return dataset.assign_coords(time_counter=dataset["time_counter"].copy(data=stamps + 43200.0))


def _glorys(folder, static=True):
    files = [make.glorys(folder / "cmems_2001.nc")]
    return [*files, make.glorys_static(folder / "coordinates.nc")] if static else files


def _east360(dataset):
    return dataset.assign_coords(
        longitude=((dataset["longitude"] - 2.0) % 360.0).assign_attrs(dataset["longitude"].attrs)
    )


TRAPS = [
    Trap(
        "nemo", "names toce, soce, ssh (XIOS)", "read", "one quantity, whatever its name", _xios, "in the file 'toce'"
    ),
    Trap(
        "nemo",
        "names thetao, so, zos",
        "read",
        "the same",
        lambda d: _xios(d, names=("thetao", "so", "zos")),
    ),
    Trap(
        "nemo",
        "`e3t` with several times",
        "read",
        "each record has its own thickness in `constrain`; the grid has the nominal one",
        _xios,
        "each record has its own",
    ),
    Trap(
        "nemo",
        "dimensions `*_inner` (5.0, XIOS 3)",
        "read",
        "one with the others",
        lambda d: [make.inner(d / "X_grid_T.nc"), make.mesh(d / "mesh_mask.nc")],
        "each record has its own",
    ),
    Trap(
        "nemo",
        "thickness-weighted votemper, vosaline (no XIOS), calendar `360d`, zeros on land",
        "converted",
        "divided by `vovvle3t`; the mask is the mesh's",
        lambda d: [make.ioipsl(d / "X_grid_T.nc"), make.mesh(d / "mesh_mask.nc")],
        "divided by the thickness",
    ),
    Trap(
        "nemo",
        "the same without `vovvle3t`",
        "refused",
        "the cause is named; nominal thickness would be wrong",
        lambda d: [make.ioipsl(d / "X_grid_T.nc", thickness=False), make.mesh(d / "mesh_mask.nc")],
        "weighted by thickness.*vovvle3t",
    ),
    Trap(
        "nemo",
        "restart: no units, no dates, no direction, leap-frog",
        "read",
        "units, levels and date as the manual has them; the fields now",
        _restart,
        "no unit: 'degC', as 'tn' is defined",
    ),
    Trap(
        "nemo",
        "zeros on land without a mesh",
        "asked for",
        "`--mesh`, or `--land zero`",
        lambda d: _restart(d)[:1],
        "--mesh FILE if .*--land zero if",
    ),
    Trap(
        "nemo",
        "missing values on land, no mesh",
        "read",
        "land is where values are missing",
        lambda d: _xios(d)[:1],
        "mean of the records",
    ),
    Trap(
        "nemo",
        "pieces of several processes",
        "read",
        "put together, of states and mesh",
        lambda d: [*make.pieces(_xios(d)[0]), *make.pieces(d / "mesh_mask.nc")],
    ),
    Trap(
        "nemo",
        "a piece is missing",
        "refused",
        "its number is named",
        lambda d: make.pieces(_xios(d)[0], count=3, write=(0, 2)),
        "missing 0001",
    ),
    Trap(
        "nemo",
        "domain_cfg instead of mesh_mask",
        "read",
        "wet cells from top_level and bottom_level, depths from e3w_0",
        lambda d: [*_xios(d)[:1], make.domain_cfg(d / "domain_cfg.nc")],
    ),
    Trap(
        "nemo",
        "mesh of another basin",
        "refused",
        "wet cells are compared",
        lambda d: _edit(_xios(d), _other_coast, which=1),
        "wet cells that differ in",
    ),
    Trap(
        "nemo", "rolled longitudes", "converted", "turned to the mesh's", lambda d: _edit(_xios(d), _rolled), "turned"
    ),
    Trap("nemo", "levels from the bottom, heights", "converted", "turned", lambda d: _edit(_xios(d), _up), "turned"),
    Trap(
        "nemo",
        "means stamped at their end",
        "converted",
        "dated by the middle of the bounds",
        lambda d: _edit(_xios(d), _stamped_at_the_end),
    ),
    Trap(
        "nemo",
        "conservative temperature (standard name)",
        "refused",
        "or converted: `--teos10 convert` (gsw)",
        lambda d: _edit(_xios(d), _attrs("toce", standard_name="sea_water_conservative_temperature")),
        "conservative temperature of TEOS-10.*--teos10 convert",
    ),
    Trap(
        "nemo",
        "absolute salinity (g kg-1)",
        "refused",
        "or converted: `--teos10 convert` (gsw)",
        lambda d: _edit(_xios(d), _attrs("soce", units="g kg-1")),
        "absolute salinity of TEOS-10.*--teos10 convert",
    ),
    Trap("nemo", "temperature in K, said so", "converted", "by its unit", lambda d: _edit(_xios(d), _kelvin), "'K' to"),
    Trap(
        "nemo",
        "temperature in K, called degC",
        "refused",
        "by its range",
        lambda d: _edit(_xios(d), lambda s: _kelvin(s, "degC")),
        "--unit thetao=K",
    ),
    Trap(
        "nemo",
        "a river mouth of S = 1.5",
        "read",
        "with a note",
        lambda d: _edit(_xios(d), _river),
        "taken for river mouths",
    ),
    Trap(
        "nemo",
        "salinity as a fraction (0.035), called 1e-3",
        "refused",
        "by its largest value",
        lambda d: _edit(_xios(d), _scaled("soce", 1e-3)),
        "multiply by 1000",
    ),
    Trap(
        "nemo",
        "salinity in per cent (3.5), called 1e-3",
        "refused",
        "by its largest value",
        lambda d: _edit(_xios(d), _scaled("soce", 0.1)),
        "multiply by 10",
    ),
    Trap(
        "nemo",
        "velocities beside",
        "read",
        "left out, with a note, unless they are registered",
        _restart,
        "un: a velocity",
    ),
    Trap(
        "glorys",
        "no thickness of cells",
        "asked for",
        "`--mesh`, the static file among the files, or `--layer-thickness depth`",
        lambda d: _glorys(d, static=False),
        "--layer-thickness depth if",
    ),
    Trap(
        "glorys",
        "the same, thickness from depths as asked",
        "read",
        "midpoints between depths; partial bottom cells are full",
        lambda d: _glorys(d, static=False),
        "as asked",
        Choices(layer_thickness="depth"),
    ),
    Trap(
        "glorys",
        "static file among the files; packed integers; names latitude, longitude",
        "read",
        "thickness, mask and areas are the static file's",
        _glorys,
    ),
    Trap(
        "glorys",
        "rows from north to south",
        "converted",
        "turned to the static file's",
        lambda d: _edit(_glorys(d), lambda s: s.isel(latitude=slice(None, None, -1))),
        "turned",
    ),
    Trap(
        "glorys",
        "longitudes 0 to 360",
        "read",
        "compared modulo 360",
        lambda d: [make.changed(f, _east360) for f in _glorys(d)],
    ),
    Trap(
        "glorys",
        "another region's static file",
        "refused",
        "positions are compared",
        lambda d: _edit(_glorys(d), lambda s: s.assign_coords(longitude=s["longitude"] + 20.0), which=1),
        "km away",
    ),
    Trap("glorys", "velocities beside", "read", "left out, with a note", _glorys, "uo: no registered variable"),
    Trap(
        "oras5",
        "a file a variable and month, C and PSU, fill values",
        "read",
        "the files of a month are one",
        lambda d: [*make.oras5(d), make.mesh(d / "mesh_mask.nc")],
        "in the file 'votemper'",
    ),
    Trap(
        "oras5",
        "a month without salinity",
        "refused",
        "the missing variable is named",
        lambda d: make.oras5(d, variables=("votemper",)),
        "no vosaline",
    ),
    Trap(
        "oras5",
        "several members of the ensemble",
        "refused",
        "a store for each",
        lambda d: [*make.oras5(d), *make.oras5(d, member="opa1")],
        "one member of the ensemble",
    ),
    Trap(
        "oras5",
        "no thickness of cells",
        "asked for",
        "`--mesh`, a mesh_mask among the files, or `--layer-thickness depth`",
        make.oras5,
        "--layer-thickness depth if",
    ),
]


def _kelvin(dataset, unit="K"):
    dataset["toce"] = (dataset["toce"] + 273.15).assign_attrs(units=unit)
    return dataset


def table() -> str:
    """Return the table of the docs."""
    rows = ["| source | trap | outcome | how |", "|---|---|---|---|"]
    return "\n".join([*rows, *(f"| `{t.source}` | {t.trap} | {t.outcome} | {t.how} |" for t in TRAPS)])
