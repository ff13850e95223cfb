"""A NEMO restart from temperature, salinity and sea-surface height, at rest, for an Euler first step."""

from dataclasses import dataclass
from pathlib import Path

import netCDF4
import numpy as np

from halocline.bridge.nemo.check import check_restart
from halocline.bridge.nemo.files import open_nemo, piece_number, read
from halocline.bridge.nemo.mesh import NemoMesh, mesh_of
from halocline.bridge.nemo.rules import BEFORE, DIMENSIONS
from halocline.data.files.ocean import OceanStates
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, InputError, OutputError

# State variables of a template that are replaced: velocities and what belongs to them start from rest.
_REST = ("un", "vn", "ub", "vb", "uu_n", "vv_n", "ub2_b", "vb2_b", "un_bf", "vn_bf", "ssu_m", "ssv_m")
_HEIGHT = ("sshn", "sshb", "ssha", "ssh_m")
# NEMO computes the density again from T and S; a template's would belong to another state.
_STALE = ("rhop",)


@dataclass(frozen=True)
class Calendar:
    """Time of a restart that is made from a mesh; with nn_rstctl = 0 NEMO takes date and step from its namelist.

    Attributes:
        time_step: rdt, s; another one than the namelist's rn_Dt forces an Euler step.
        step: kt, the last step done.
        date: ndastp, yyyymmdd.
        days: adatrj, days since the run began.
    """

    time_step: float
    step: int = 0
    date: int = 10101
    days: float = 0.0


def write_restart(
    ocean: OceanStates, template: Path, out: Path, *, member: int = 0, calendar: Calendar | None = None
) -> None:
    """Write one state as a restart that NEMO 4.2 and 5.0 read; run it with ln_1st_euler = .true. and nn_rstctl = 0.

    Now and before fields are equal, velocities 0, land 0, everything in double precision. From a template restart all
    other variables (calendar, turbulence, surface) are copied, density is left out (NEMO computes it); from a template
    mesh_mask the file holds the state and the calendar only.

    Args:
        ocean: The states, with sea-surface height.
        template: A restart or a mesh_mask of the mesh that NEMO will run on.
        out: The file to make; its name may not end in _<digits>.nc.
        member: Which state, counted from 0.
        calendar: Needed with a mesh; a restart brings its own.

    Raises:
        InputError: If states and template do not fit, or the result would break a rule.
        ConfigError: If the member or the time step is missing.
        OutputError: If ``out`` exists or has a name that NEMO misreads.
    """
    out = Path(out)
    if out.suffix != ".nc" or piece_number(out.name) is not None:
        raise OutputError(
            f"output {out}",
            found=f"the name '{out.name}'",
            expected="a name that ends in .nc and not in _<digits>.nc, which NEMO takes for one process's piece",
            remedy="Call it e.g. restart_start.nc.",
        )
    files.require_absent(out)
    if not 0 <= member < len(ocean.states):
        raise ConfigError(
            "member", found=member, expected=f"0 to {len(ocean.states) - 1}", remedy="Members are counted from 0."
        )
    with open_nemo(template, "template") as source:
        field = f"template {template}"
        if "tmask" in source.variables:
            mesh = mesh_of(source, field)
            fields = _state(ocean, member, mesh.grid.wet, mesh.nav_lev, mesh.grid.lat, field)
            if calendar is None:
                raise ConfigError(
                    "time step",
                    found="none, and a mesh has none",
                    expected="the time step of the run, s (rn_Dt of NEMO's namelist)",
                    remedy="Give --time-step, or a restart as the template.",
                )
            with files.new_path(out) as hidden:
                _from_mesh(hidden, source, mesh, fields, calendar)
                check_restart(hidden, mesh, name=out.name)
            return
        check_template(source, field)
        mask = read(source, "sn", field) != 0
        lat = read(source, "nav_lat", field) if "nav_lat" in source.variables else None
        fields = _state(ocean, member, mask, read(source, "nav_lev", field), lat, field)
        with files.new_path(out) as hidden:
            _from_restart(hidden, source, fields, calendar)
            check_restart(hidden, name=out.name)


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


def _state(
    ocean: OceanStates, member: int, mask: np.ndarray, levels: np.ndarray, lat: np.ndarray | None, field: str
) -> dict[str, np.ndarray]:
    """Return tn, sn, sshn on the template's levels, 0 on land."""
    grid = ocean.layout.grid
    missing = mask.shape[0] - grid.levels
    padded = np.concatenate([grid.wet, np.zeros((max(0, missing), *grid.wet.shape[1:]), bool)])
    nominal = np.asarray(ocean.dataset[ocean.dataset["thetao"].dims[-3]].values, np.float64)
    if padded.shape != mask.shape:
        found = f"states of {grid.wet.shape} (level, y, x), a template of {mask.shape}"
    elif differ := int(np.count_nonzero(padded != mask)):
        found = f"wet cells that differ in {differ} of {mask.size} places"
    elif not np.allclose(np.abs(nominal), levels[: len(nominal)], rtol=0.02, atol=1.0):
        found = f"levels that differ by up to {np.abs(np.abs(nominal) - levels[: len(nominal)]).max():.3g} m"
    elif lat is not None and (off := np.abs(grid.lat - lat)[mask[0]]).max() > 0.01:
        found = f"latitudes that differ by up to {off.max():.3g} degrees"
    else:
        found = None
    if found is not None:
        raise InputError(
            f"mesh of the states against {field}",
            found=found,
            expected="the same cells in both",
            remedy="Use a template of the mesh that the states belong to, or regrid the states first.",
        )
    if "zos" not in ocean.layout.fields:
        raise InputError(
            "variable 'zos' of the states",
            found="none",
            expected="the sea-surface height, m: NEMO's sshn is mandatory",
            remedy="Add it; a field of zeros is legal and adjusts within days.",
        )
    thetao, so, zos = ocean.layout.select(ocean.states[member], "thetao", "so", "zos")
    deep = np.zeros((2, *mask.shape))
    deep[0, : grid.levels], deep[1, : grid.levels] = thetao, so
    deep = np.where(mask, deep, 0.0)
    return {"tn": deep[0], "sn": deep[1], "sshn": np.where(mask[0], zos, 0.0).astype(np.float64)}


def _from_restart(
    path: Path, source: netCDF4.Dataset, fields: dict[str, np.ndarray], calendar: Calendar | None
) -> None:
    top = {"sst_m": fields["tn"][0], "sss_m": fields["sn"][0]}
    new = {**dict.fromkeys(_REST, np.float64(0.0)), **dict.fromkeys(_HEIGHT, fields["sshn"]), **top}
    new |= {"tn": fields["tn"], "tb": fields["tn"], "sn": fields["sn"], "sb": fields["sn"]}
    if calendar is not None:
        new["rdt"] = np.float64(calendar.time_step)
    with netCDF4.Dataset(str(path), "w", format="NETCDF4") as target:
        target.setncatts({k: source.getncattr(k) for k in source.ncattrs() if not k.startswith("DOMAIN_")})
        for name, dimension in source.dimensions.items():
            target.createDimension(name, None if dimension.isunlimited() else len(dimension))
        for name, old in source.variables.items():
            if name in _STALE:
                continue
            kind = np.float64 if np.issubdtype(old.dtype, np.floating) and name not in DIMENSIONS else old.dtype
            made = target.createVariable(name, kind, old.dimensions)
            made.setncatts({k: old.getncattr(k) for k in old.ncattrs() if k != "_FillValue"})
            made[:] = np.broadcast_to(new[name], old.shape) if name in new else old[:]
        for name in ("un", "vn", "sshn"):
            if name not in target.variables:
                like = source["tn"].dimensions
                dims = (like[0], *like[2:]) if name == "sshn" else like
                values = np.broadcast_to(new[name], fields["sshn" if name == "sshn" else "tn"].shape)
                target.createVariable(name, np.float64, dims)[:] = values[None]


def _from_mesh(
    path: Path, source: netCDF4.Dataset, mesh: NemoMesh, fields: dict[str, np.ndarray], calendar: Calendar
) -> None:
    levels, ny, nx = mesh.grid.wet.shape
    rest = np.zeros(mesh.grid.wet.shape)
    now = fields | {"un": rest, "vn": rest}
    with netCDF4.Dataset(str(path), "w", format="NETCDF4") as target:
        target.title = "NEMO restart made by Halocline: Euler first step, from rest"
        for name, size in zip(DIMENSIONS, (nx, ny, levels, None), strict=True):
            target.createDimension(name, size)
        for name, place in (("nav_lon", mesh.grid.lon), ("nav_lat", mesh.grid.lat)):
            target.createVariable(name, np.float64, ("y", "x"))[:] = np.asarray(place)
        target.createVariable("nav_lev", np.float64, ("nav_lev",))[:] = mesh.nav_lev
        target.createVariable("time_counter", np.float64, ("time_counter",))[:] = np.zeros(1)
        scalars = {
            "kt": calendar.step,
            "ndastp": calendar.date,
            "adatrj": calendar.days,
            "ntime": 0,
            "rdt": calendar.time_step,
        }
        for name, value in scalars.items():
            target.createVariable(name, np.float64, ("time_counter",))[:] = np.full(1, float(value))
        for name, values in (now | {before: now[n] for before, n in BEFORE.items()}).items():
            dims = ("time_counter", *(("nav_lev",) if values.ndim == 3 else ()), "y", "x")
            target.createVariable(name, np.float64, dims)[:] = values[None]
