"""A NEMO restart from temperature, salinity, sea-surface height and velocities, for an Euler first step."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import netCDF4
import numpy as np
import xarray as xr

from halocline.bridge.fit import misfit
from halocline.bridge.nemo.check import check_restart
from halocline.bridge.nemo.dates import Calendar, of_state
from halocline.bridge.nemo.files import open_nemo
from halocline.bridge.nemo.mesh import NemoMesh
from halocline.bridge.nemo.rules import BEFORE, CALENDAR, DIMENSIONS, TURBULENCE
from halocline.bridge.nemo.template import Template, read_template
from halocline.bridge.nemo.velocities import AT_REST, Velocities, faces_of, velocities_of
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.files.pieces import piece_number
from halocline.data.files.problems import Problems
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.ocean.mesh import Mesh
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, OutputError, require_choice

# Of a template, begun anew: what the barotropic solver remembers of former steps.
_REST = ("ub2_b", "vb2_b", "un_bf", "vn_bf")
FLUXES = (
    *("utau_b", "vtau_b", "qns_b", "emp_b", "sfx_b", "sbc_hc_b", "sbc_sc_b", "qsr_hc_b", "fraqsr_1lev"),
    *("rnf_b", "rnf_hc_b", "rnf_sc_b"),
)
"""Surface fluxes of the step before; without them NEMO takes the present ones, in an Euler step too."""
KEEP = {"turbulence": TURBULENCE, "fluxes": FLUXES}
"""What may be kept of a template restart, by name."""
_HEIGHT = ("sshn", "sshb", "ssha", "ssh_m")
# NEMO computes the density again from T and S; a template's would belong to another state.
_STALE = ("rhop",)


def states_for(
    template: Template,
    dataset: xr.Dataset,
    *,
    choices: Choices = AS_THE_FILE_SAYS,
    source: str = "the dataset",
) -> OceanStates:
    """Read states of any origin for a template, compared with its mask, levels, positions and order of cells.

    A restart holds no thickness, so that of the states is not asked for.

    Raises:
        InputError: If states and template do not fit.
    """
    choices = replace(choices, layer_thickness=choices.layer_thickness or "depth")
    return ocean_states(dataset, source=source, choices=choices, mesh=template.cells)


def write_restart(
    ocean: OceanStates,
    template: Template | Path,
    out: Path,
    *,
    member: int = 0,
    calendar: Calendar | None = None,
    velocities: Velocities = AT_REST,
    keep: Collection[str] = tuple(KEEP),
) -> Calendar:
    """Write one state as a restart that NEMO 4.2 and 5.0 read; run it with ln_1st_euler = .true. and nn_rstctl = 0.

    Now and before fields are equal, land 0, everything in double precision. From a template restart all other variables
    (turbulence and fluxes, if they are kept) are copied, density is left out (NEMO computes it); from a template mesh
    the file holds the state and the calendar only. States with a ``day_of_year`` begin on it.

    Args:
        ocean: The states, with sea-surface height.
        template: A restart, or a mesh_mask or domain_cfg, of the mesh that NEMO will run on.
        out: The file to make; its name may not end in _<digits>.nc.
        member: Which state, counted from 0.
        calendar: Needed with a mesh; a restart brings its own.
        velocities: Where they come from; 0 if left out.
        keep: Of KEEP, what is copied from a template restart.

    Returns:
        The calendar of the restart; ``dates.namelist`` makes NEMO's namelist of it.

    Raises:
        InputError: If states and template do not fit, or the result would break a rule.
        ConfigError: If the member or the time step is missing.
        OutputError: If ``out`` exists or has a name that NEMO misreads.
    """
    out = Path(out)
    made_like = template if isinstance(template, Template) else read_template(template)
    problems = problems_of(ocean, made_like, out, member=member, calendar=calendar, keep=keep)
    if 0 <= member < len(ocean.states):
        with problems.collect(HaloclineError):
            fields = _state(ocean, member, made_like.cells, f"template {made_like.path}")
            at_45s = _wind_of(ocean, member)
            fields["un"], fields["vn"], words = velocities_of(velocities, fields, made_like, at_45s)
    problems.raise_all()
    if velocities.kind != "rest":
        ocean.notes.add("filled", "velocities", words)
    dropped = {name for kind, names in KEEP.items() if kind not in keep for name in names}
    with open_nemo(made_like.path, "template") as source:
        if made_like.mesh is None:
            own = calendar_of(source)
            own = own if calendar is None else replace(own, time_step=calendar.time_step)
        else:
            own = calendar or Calendar(0.0)
        begins = of_state(ocean, member, own, f"template {made_like.path}")
        with files.new_path(out) as hidden:
            if made_like.mesh is None:
                _from_restart(hidden, source, fields, begins, made_like, dropped)
            else:
                _from_mesh(hidden, made_like.mesh, fields, begins)
            check_restart(hidden, made_like.mesh, name=out.name)
    return begins


def problems_of(
    ocean: OceanStates | None,
    template: Template | None,
    out: Path,
    *,
    member: int,
    calendar: Calendar | None,
    keep: Collection[str],
) -> Problems:
    """Return all that is wrong with what a restart is asked for, but for the states' fields and the velocities.

    Args:
        ocean: The states; None if they could not be read.
        template: Likewise.
        out: The file to make.
        member: Which state.
        calendar: As for ``write_restart``.
        keep: Likewise.
    """
    problems = Problems(f"export nemo of {out.name}")
    if out.suffix != ".nc" or piece_number(out.name) is not None:
        problems.found.append(
            OutputError(
                f"output {out}",
                found=f"the name '{out.name}'",
                expected="a name that ends in .nc and not in _<digits>.nc, which NEMO takes for one process's piece",
                remedy="Call it e.g. restart_start.nc.",
            )
        )
    with problems.collect(HaloclineError):
        files.require_absent(out)
    if ocean is not None and not 0 <= member < len(ocean.states):
        expected = f"0 to {len(ocean.states) - 1}"
        problems.found.append(
            ConfigError("member", found=member, expected=expected, remedy="Members are counted from 0.")
        )
    for name in keep:
        with problems.collect(HaloclineError):
            require_choice("what to keep of the template", name, KEEP)
    if template is not None and template.mesh is not None and calendar is None:
        problems.found.append(
            ConfigError(
                "time step",
                found="none, and a mesh has none",
                expected="the time step of the run, s (rn_Dt of NEMO's namelist)",
                remedy="Give --time-step, or a restart as the template.",
            )
        )
    return problems


def _wind_of(ocean: OceanStates, member: int) -> float | None:
    """Return the forcing parameter ``wind_stress`` of a state, as ``generate`` writes it for DINO, N m-2; or None."""
    if "wind_stress" not in ocean.dataset.variables:
        return None
    thetao = ocean.dataset["thetao"]
    one = thetao.isel(dict.fromkeys(thetao.dims[-3:], 0), drop=True)
    return float(np.ravel(xr.broadcast(ocean.dataset["wind_stress"], one)[0].transpose(*one.dims))[member])


def _state(ocean: OceanStates, member: int, cells: Mesh, field: str) -> dict[str, np.ndarray]:
    """Return tn, sn, sshn on the template's levels, 0 on land."""
    grid, mask = ocean.layout.grid, cells.grid.wet
    found = misfit(grid, cells)
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
    fields = {"sshn": np.where(mask[0], zos, 0.0).astype(np.float64)}
    for name, values in (("tn", thetao), ("sn", so)):
        fields[name] = np.zeros(mask.shape)
        np.copyto(fields[name][: grid.levels], values, where=mask[: grid.levels])
    return fields


def calendar_of(source: netCDF4.Dataset) -> Calendar:
    """Return the calendar of an open restart; 1 January of year 1 where it has none."""
    numbers = {n: float(np.ravel(source[n][:])[0]) for n in ("rdt", *CALENDAR) if n in source.variables}
    step, date, days = (numbers.get(n, d) for n, d in zip(CALENDAR, (0, 10101, 0), strict=True))
    return Calendar(numbers.get("rdt", 0.0), int(step), int(date), days)


def _from_restart(
    path: Path,
    source: netCDF4.Dataset,
    fields: dict[str, np.ndarray],
    calendar: Calendar,
    template: Template,
    dropped: Collection[str],
) -> None:
    top = {"sst_m": fields["tn"][0], "sss_m": fields["sn"][0], "ssu_m": fields["un"][0], "ssv_m": fields["vn"][0]}
    for now, barotropic, axis in (("un", "uu_n", 2), ("vn", "vv_n", 1)):
        top[barotropic] = _depth_mean(fields[now], template, axis)
    new = {**dict.fromkeys(_REST, np.float64(0.0)), **dict.fromkeys(_HEIGHT, fields["sshn"]), **top}
    new |= {"tn": fields["tn"], "tb": fields["tn"], "sn": fields["sn"], "sb": fields["sn"]}
    new |= {"un": fields["un"], "ub": fields["un"], "vn": fields["vn"], "vb": fields["vn"]}
    new["rdt"] = np.float64(calendar.time_step)
    if calendar.dated:
        new |= {"kt": np.float64(calendar.step), "ndastp": np.float64(calendar.date), "ntime": np.float64(0.0)}
        new["adatrj"] = np.float64(calendar.days)
    with netCDF4.Dataset(str(path), "w", format="NETCDF4") as target:
        target.setncatts({k: source.getncattr(k) for k in source.ncattrs() if not k.startswith("DOMAIN_")})
        for name, dimension in source.dimensions.items():
            target.createDimension(name, None if dimension.isunlimited() else len(dimension))
        for name, old in source.variables.items():
            if name in _STALE or name in dropped:
                continue
            kind = np.float64 if np.issubdtype(old.dtype, np.floating) and name not in DIMENSIONS else old.dtype
            made = target.createVariable(name, kind, old.dimensions)
            made.setncatts({k: old.getncattr(k) for k in old.ncattrs() if k != "_FillValue"})
            deep = {"uu_n": "un", "vv_n": "vn"}.get(name) if old.ndim == 4 else None
            value = fields[deep] if deep else new.get(name)
            made[:] = old[:] if value is None else np.broadcast_to(value, old.shape)
        for name in ("un", "vn", "sshn"):
            if name not in target.variables:
                like = source["tn"].dimensions
                dims = (like[0], *like[2:]) if name == "sshn" else like
                target.createVariable(name, np.float64, dims)[:] = np.asarray(new[name])[None]


def _depth_mean(field: np.ndarray, template: Template, axis: int) -> np.ndarray:
    """Return the mean over depth (y, x) of velocities on the eastern (2) or northern (1) faces."""
    thick = template.cells.grid.thickness
    thick = np.where(faces_of(template)[0 if axis == 2 else 1], np.minimum(thick, np.roll(thick, -1, axis)), 0.0)
    return np.asarray((field * thick).sum(axis=0) / np.maximum(thick.sum(axis=0), 1e-3))


def _from_mesh(path: Path, mesh: NemoMesh, fields: dict[str, np.ndarray], calendar: Calendar) -> None:
    levels, ny, nx = mesh.grid.wet.shape
    now = fields
    with netCDF4.Dataset(str(path), "w", format="NETCDF4") as target:
        target.title = "NEMO restart made by Halocline: Euler first step"
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
