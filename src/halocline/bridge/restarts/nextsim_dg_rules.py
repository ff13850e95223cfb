"""What a start file must fulfil for neXtSIM-DG, rule by rule, each with where the model says so."""

import numpy as np

from halocline.bridge.restarts.rules import Held, Rule, first, missing, not_finite, not_zero, outside
from halocline.physics.ice_enthalpy import COLDEST, IceConstants

CONSTANTS = IceConstants(depression=0.055, conductivity_ice=2.0334, conductivity_snow=0.3096)
"""neXtSIM-DG's ``constants.hpp``: mu, kappa of ice and snow."""
THINNEST = 0.01  # m, IceMinima's h
MELTS = -0.275  # degC, melting temperature of ice of 5 psu: -mu s
INSIDE = MELTS - 0.05  # degC, warmest inside of the ice that is written

_CELL = "ydimxdim"
_KNOWN = {_CELL, "zdimydimxdim", "yvertexxvertex", "yvertexxvertexncoords", "ydimxdimdg_comp", "ydimxdimdgstress_comp"}
_FIELDS = ("mask", "hice", "cice", "hsnow", "damage", "tice", "sst", "sss", "u", "v", "coords", "grid_azimuth")
_ICE = ("hice", "cice", "hsnow", "u", "v")
_FASTEST = 4.0  # m s-1


def _groups(h: Held) -> str | None:
    gone = [n for n in ("structure", "metadata", "data") if n not in h.root.groups]
    if gone:
        return f"no group {', '.join(gone)}"
    kind = getattr(h.root["structure"], "type", None)
    return None if kind == "parametric_rectangular" else f"structure of type {kind}"


def _variables(h: Held) -> str | None:
    return missing(h, _FIELDS)


def _dimensions(h: Held) -> str | None:
    unknown = [f"{n}{v.dimensions}" for n, v in h.file.variables.items() if "".join(v.dimensions) not in _KNOWN]
    sizes = {n: h.file[n].shape[-2:] for n in _FIELDS if n in h.file.variables and n != "coords"}
    wrong = [f"{n} of {s} on a grid of {h.mask.shape}" for n, s in sizes.items() if s != h.mask.shape]
    return ", ".join((*unknown, *wrong)) or None


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
    return outside("hsnow", h.get("hsnow"), h.mask, 0.0, np.inf) if h.shaped("hsnow") else None


def _damage(h: Held) -> str | None:
    if not h.shaped("damage", "cice"):
        return None
    damage, water = h.get("damage"), h.mask & (h.get("cice") == 0)
    broken = int((damage[water] != 1.0).sum())
    return first(
        outside("damage", damage, h.mask, 0.0, 1.0), f"{broken} cells of open water that are not 1" if broken else None
    )


def _temperature(h: Held) -> str | None:
    if not h.shaped("tice", "cice") or h.get("tice").ndim != 3:
        return None
    layers, ice = h.get("tice"), h.get("cice") > 0
    if len(layers) not in (1, 3):
        return f"{len(layers)} layers"
    limits = (0.0, MELTS, MELTS)
    return first(*(outside(f"tice layer {k}", t, ice, COLDEST, limits[k]) for k, t in enumerate(layers)))


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
    times = h.root.groups["metadata"].groups.get("time") if "metadata" in h.root.groups else None
    if times is None or "time" not in times.variables:
        return "no metadata/time/time"
    whole = np.issubdtype(times["time"].dtype, np.integer)
    return None if whole and "formatted" in times.variables else "no whole seconds and formatted time"


_AGAIN = "Write it with halocline export nextsim-dg."
_READER = "neXtSIM-DG, ParaGridIO"
RULES: tuple[Rule, ...] = (
    Rule(
        "groups", "neXtSIM-DG, StructureFactory", "structure (parametric_rectangular), metadata, data", _AGAIN, _groups
    ),
    Rule("variables", f"{_READER} and ModelState names", ", ".join(_FIELDS), _AGAIN, _variables),
    Rule("dimensions", f"{_READER}: dimensionKeys", "only kinds of fields that the model knows", _AGAIN, _dimensions),
    Rule(
        "coordinates",
        "neXtSIM-DG, checkSpherical",
        "x and y, or longitude and latitude",
        "Drop one pair.",
        _coordinates,
    ),
    Rule(
        "corners", "neXtSIM-DG, ParametricMesh", "cells counter-clockwise", "Turn the rows or columns round.", _corners
    ),
    Rule("mask", "neXtSIM-DG documentation, mask", "1 in the ocean, 0 on land", _AGAIN, _mask),
    Rule("finite values", f"{_READER}", "numbers everywhere", "Set land to 0.", not_finite),
    Rule("land", "neXtSIM-DG documentation, mask", "0 on land", "Multiply by the mask.", _on_land),
    Rule("concentration", "Richter et al. 2023: 0 <= A <= 1", "cice in 0..1", "Clip concentration.", _concentration),
    Rule(
        "one ice mask",
        "neXtSIM-DG, IceGrowth: ice below IceMinima is removed",
        "hice and cice together, nothing else without",
        _AGAIN,
        _one_ice,
    ),
    Rule("thinnest ice", "neXtSIM-DG, IceMinima", "hice / cice at least 0.01 m", "Pile it up: less area.", _thin),
    Rule("snow", "neXtSIM-DG, hsnow is a cell mean", "hsnow at least 0", "Clip it.", _snow),
    Rule("damage", "Olason et al. 2022; neXtSIM-DG: 1 is intact", "0..1, 1 without ice", "Write 1 - damage.", _damage),
    Rule(
        "ice temperature",
        "neXtSIM-DG, ThermoIce0 and ThermoWinton (Winton 2000: T < -mu S inside)",
        "1 or 3 layers; surface up to 0 degC, inside up to -0.275 degC",
        "Convert from Kelvin; cool the inside.",
        _temperature,
    ),
    Rule("sea surface", "neXtSIM-DG, LinearFreezing", "sst at or above freezing, degC; sss in psu", "Raise sst.", _sea),
    Rule("velocity", "neXtSIM-DG, DGTransport: Courant number", "up to 4 m/s", "Convert to m/s.", _speed),
    Rule(
        "time", "neXtSIM-DG, CommonRestartMetadata", "metadata/time: seconds since 1970, and formatted", _AGAIN, _time
    ),
)
