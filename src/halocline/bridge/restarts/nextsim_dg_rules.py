"""What a start file must fulfil for neXtSIM-DG, rule by rule, each with where the model says so.

Files of the two layouts are told apart by their groups, as the model does.
"""

import netCDF4
import numpy as np

from halocline.bridge.restarts.rules import Held, Rule, first, missing, not_finite, not_zero, outside
from halocline.physics.ice_enthalpy import IceConstants

CONSTANTS = IceConstants(depression=0.055, conductivity_ice=2.0334, conductivity_snow=0.3096)
"""neXtSIM-DG's ``constants.hpp``: mu, kappa of ice and snow."""
THINNEST, _THICKEST, _DEEPEST = 0.01, 50.0, 10.0  # m, IceMinima's h, and the limits of PrognosticData
_COLDEST = -90.0  # degC, minT of the temperatures that are advected
MELTS = -0.275  # degC, melting temperature of ice of 5 psu: -mu s
INSIDE = MELTS - 0.05  # degC, warmest inside of the ice that is written

_CELL = "ydimxdim"
_KNOWN = {_CELL, "zdimydimxdim", "yvertexxvertex", "yvertexxvertexncoords", "ydimxdimdg_comp", "ydimxdimdgstress_comp"}
LAYERS = ("tsurf", "tinterior", "tbottom")
"""Temperatures of the surface, the upper and the lower half of the ice."""
_FIELDS = ("mask", "hice", "cice", "hsnow", "damage", "sst", "sss", "u", "v", "coords", "grid_azimuth")
_ICE = ("hice", "cice", "hsnow", "u", "v")
_FASTEST = 4.0  # m s-1


def held(root: netCDF4.Dataset, name: str, mask: np.ndarray) -> Held:
    """Return what the rules look at of an open start file of either layout."""
    return Held(root["data"] if "data" in root.groups else root, root, name, mask)


def _layout(h: Held) -> str | None:
    groups = h.root.groups
    gone = [n for n in ("structure", "metadata", "data") if n not in groups]
    if groups and gone:
        return f"groups {', '.join(groups)}, and none called {', '.join(gone)}"
    kind = getattr(h.root["structure"], "type", None) if groups else getattr(h.root, "structure_name", None)
    return None if kind == "parametric_rectangular" else f"a structure called {kind}"


def _variables(h: Held) -> str | None:
    return missing(h, (*_FIELDS, *(("tice",) if h.root.groups else LAYERS)))


def _dimensions(h: Held) -> str | None:
    unknown = [
        f"{n}{v.dimensions}"
        for n, v in h.file.variables.items()
        if v.dimensions and "".join(v.dimensions) not in _KNOWN
    ]
    sizes = {n: h.file[n].shape[-2:] for n in (*_FIELDS, *LAYERS) if n in h.file.variables and n != "coords"}
    wrong = [f"{n} of {s} on a grid of {h.mask.shape}" for n, s in sizes.items() if s != h.mask.shape]
    return ", ".join((*unknown, *wrong)) or None


def _mesh(h: Held) -> str | None:
    """Find sizes that are missing, or none of the mesh; nodes of elements of degree 1 or 2."""
    ny, nx = h.mask.shape
    wanted = {"xdim": {nx}, "ydim": {ny}, "xvertex": {nx + 1}, "yvertex": {ny + 1}}
    wanted |= {"x_cg": {nx + 1, 2 * nx + 1}, "y_cg": {ny + 1, 2 * ny + 1}}
    wanted |= {"zdim": {1, 3}} if h.root.groups else {}
    sizes = {name: len(d) for name, d in h.file.dimensions.items()}
    wrong = [f"{n} = {sizes.get(n, 'none')}" for n, right in wanted.items() if sizes.get(n) not in right]
    return ", ".join(wrong) or None


def _coordinates(h: Held) -> str | None:
    plane, sphere = ({a, b} <= set(h.file.variables) for a, b in (("x", "y"), ("longitude", "latitude")))
    return (
        None
        if plane != sphere
        else ("both of x, y and longitude, latitude" if plane else "neither x, y nor longitude, latitude")
    )


def _corners(h: Held) -> str | None:
    """Find cells whose corners do not run counter-clockwise; in degrees only where no meridian is crossed."""
    corners = h.get("coords")
    ny, nx = h.mask.shape
    if corners.shape != (ny + 1, nx + 1, 2):
        return f"coords of {corners.shape}"
    across = corners[1:, 1:] - corners[:-1, :-1]
    other = corners[1:, :-1] - corners[:-1, 1:]
    area = across[..., 0] * other[..., 1] - across[..., 1] * other[..., 0]
    if "longitude" in h.file.variables:
        near = (np.ptp(corners[..., 0]) < 180.0) and (np.abs(corners[..., 1]) < 89.0).all()
        return None if not near or (area > 0).all() else f"{int((area <= 0).sum())} cells that run clockwise"
    return None if (area > 0).all() else f"{int((area <= 0).sum())} cells that run clockwise"


def _mask(h: Held) -> str | None:
    if not h.shaped("mask"):
        return None
    values = h.get("mask")
    other = int((~np.isin(values, (0.0, 1.0))).sum())
    differ = int(((values > 0.5) != h.mask).sum())
    return first(
        f"{other} values that are not 0 or 1" if other else None,
        f"{differ} cells other than the grid's" if differ else None,
    )


def _on_land(h: Held) -> str | None:
    return not_zero(h, (*_ICE, "damage"), ~h.mask)


def _concentration(h: Held) -> str | None:
    return outside("cice", h.get("cice"), h.mask, 0.0, 1.0) if h.shaped("cice") else None


def _one_ice(h: Held) -> str | None:
    if not h.shaped("hice", "cice"):
        return None
    ice, volume = h.get("cice") > 0, h.get("hice") > 0
    differ = int((ice != volume).sum())
    return first(
        f"{differ} cells with only one of cice and hice" if differ else None, not_zero(h, ("hsnow", "u", "v"), ~ice)
    )


def _thin(h: Held) -> str | None:
    if not h.shaped("hice", "cice"):
        return None
    ice = h.get("cice") > 0
    floe = np.divide(h.get("hice"), h.get("cice"), out=np.zeros(ice.shape), where=ice)
    return outside("hice / cice", floe, ice, THINNEST * (1 - 1e-9), np.inf)


def _snow(h: Held) -> str | None:
    return outside("hsnow", h.get("hsnow"), h.mask, 0.0, _DEEPEST) if h.shaped("hsnow") else None


def _thick(h: Held) -> str | None:
    return outside("hice", h.get("hice"), h.mask, 0.0, _THICKEST) if h.shaped("hice") else None


def _damage(h: Held) -> str | None:
    if not h.shaped("damage", "cice"):
        return None
    damage, water = h.get("damage"), h.mask & (h.get("cice") == 0)
    broken = int((damage[water] != 1.0).sum())
    return first(
        outside("damage", damage, h.mask, 0.0, 1.0), f"{broken} cells of open water that are not 1" if broken else None
    )


def _temperature(h: Held) -> str | None:
    if not h.shaped("cice"):
        return None
    fields = {n: h.get(n) for n in LAYERS if h.shaped(n)}
    if h.shaped("tice") and h.get("tice").ndim == 3:
        fields |= {f"tice layer {k}": t for k, t in enumerate(h.get("tice"))}
    ice, surface = h.get("cice") > 0, ("tsurf", "tice layer 0")
    return first(*(outside(n, t, ice, _COLDEST, 0.0 if n in surface else MELTS) for n, t in fields.items()))


def _sea(h: Held) -> str | None:
    if not h.shaped("sst", "sss"):
        return None
    salt = h.get("sss")
    freezes = np.where(h.mask, -CONSTANTS.depression * salt, 0.0)
    cold = int((h.mask & (h.get("sst") < freezes - 1e-6)).sum())
    return first(
        outside("sss", salt, h.mask, 0.0, 50.0),
        outside("sst", h.get("sst"), h.mask, -3.0, 45.0),
        f"{cold} cells of water below its freezing point" if cold else None,
    )


def _speed(h: Held) -> str | None:
    return first(*(outside(n, np.abs(h.get(n)), h.mask, 0.0, _FASTEST) for n in ("u", "v") if h.shaped(n)))


def _time(h: Held) -> str | None:
    metadata = h.root.groups.get("metadata")
    times = h.root if not h.root.groups else metadata and metadata.groups.get("time")
    if times is None or "time" not in times.variables:
        return "no time"
    time = times["time"]
    whole = np.issubdtype(time.dtype, np.integer) and not time.dimensions
    return None if whole and "formatted" in time.ncattrs() else "no whole seconds and formatted time"


_AGAIN = "Write it with halocline export nextsim-dg."
_READER = "core/src/ParaGridIO.cpp, getModelState"
_DATA = "core/src/PrognosticData.cpp, checks of fields"
RULES: tuple[Rule, ...] = (
    Rule(
        "layout",
        "core/src/StructureFactory.cpp, structureNameFromFile; ParaGridIO.cpp: getGroupCount",
        "structure_name = parametric_rectangular and no group; before July 2025 groups structure, metadata, data",
        _AGAIN,
        _layout,
    ),
    Rule(
        "variables",
        "setData of PrognosticData, BBMDynamics, ThermoIce0 and ThermoWinton",
        ", ".join((*_FIELDS, *LAYERS)) + " (tice in files with groups)",
        _AGAIN,
        _variables,
    ),
    Rule(
        "dimensions",
        f"{_READER}: dimensionKeys",
        "only kinds of fields that the model knows",
        _AGAIN,
        _dimensions,
    ),
    Rule(
        "sizes of the mesh",
        "core/src/ParaGridIO.cpp, readDimensions: stops without one",
        "xdim, ydim, one more xvertex, yvertex, x_cg, y_cg; zdim in files with groups",
        _AGAIN,
        _mesh,
    ),
    Rule(
        "coordinates",
        "IDynamics.hpp, checkSpherical",
        "x and y, or longitude and latitude",
        "Drop one pair.",
        _coordinates,
    ),
    Rule(
        "corners",
        "neXtSIM-DG documentation, ParametricMesh",
        "cells counter-clockwise",
        "Turn the rows or columns round.",
        _corners,
    ),
    Rule("mask", "run/make_init_base.py", "1 in the ocean, 0 on land", _AGAIN, _mask),
    Rule(
        "finite values",
        "run/make_init_base.py: no missing values",
        "numbers everywhere",
        "Set land to 0.",
        not_finite,
    ),
    Rule("land", "run/make_init_base.py", "0 on land", "Multiply by the mask.", _on_land),
    Rule("concentration", _DATA, "cice in 0..1", "Clip concentration.", _concentration),
    Rule(
        "one ice mask",
        "physics/src/IceGrowth.cpp: ice below IceMinima is removed",
        "hice and cice together, nothing else without",
        _AGAIN,
        _one_ice,
    ),
    Rule(
        "thinnest ice",
        "physics/src/include/IceMinima.hpp; ThermoIce0 and ThermoWinton take hice / cice",
        "hice / cice at least 0.01 m",
        "Pile it up: less area.",
        _thin,
    ),
    Rule("thickest ice", _DATA, "hice up to 50 m", "Clip it; is it in m?", _thick),
    Rule("snow", _DATA, "hsnow in 0..10 m", "Clip it; is it in m?", _snow),
    Rule(
        "damage", f"{_DATA}; BrittleCGDynamicsKernel: 1 is intact", "0..1, 1 without ice", "Write 1 - damage.", _damage
    ),
    Rule(
        "ice temperature",
        "IIceThermodynamics.hpp and ThermoWinton.cpp: minT, seaIceTf",
        "-90 degC up to 0 degC at the surface, up to -0.275 degC inside",
        "Convert from Kelvin; cool the inside.",
        _temperature,
    ),
    Rule(
        "sea surface",
        "core/src/include/constants.hpp: mu of the linear freezing point",
        "sst at or above freezing, degC; sss in psu",
        "Raise sst.",
        _sea,
    ),
    Rule("velocity", "neXtSIM-DG documentation, DGTransport: Courant number", "up to 4 m/s", "Convert to m/s.", _speed),
    Rule(
        "time",
        "core/src/CommonRestartMetadata.cpp, writeRestartMetadata",
        "time (in metadata/time with groups): whole seconds since 1970, with an attribute formatted",
        _AGAIN,
        _time,
    ),
)
