"""Velocities of a NEMO restart: at rest, in geostrophic balance with the state, the template's, or the nearest one's.

Positions, masks and staggering are NEMO's C grid: u on the eastern, v on the northern face of a tracer cell, 0 on dry
faces; see ``physics/flow/geostrophy.py`` for the balance, ``physics/flow/equator.py`` for the rule where f vanishes and
``physics/flow/ekman.py`` for what the wind adds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halocline.bridge.nemo.files import open_nemo, read
from halocline.bridge.nemo.template import Template
from halocline.bridge.nemo.wind import stress_of
from halocline.data.files.problems import Problems
from halocline.data.grids.grid import Grid
from halocline.physics.eos import DINO_EOS
from halocline.physics.flow.balance import Balance
from halocline.physics.flow.ekman import DEPTH, ekman
from halocline.physics.flow.equator import RULES
from halocline.physics.flow.faces import Column
from halocline.physics.flow.geostrophy import geostrophic, with_stream_function
from halocline.runtime.errors import ConfigError, InputError, require_choice, require_within

KINDS = ("rest", "balanced", "nearest", "template")
EQUATIONS = ("seos", "teos10")
_STREAM = ("sobarstf", "psi", "bsf")


@dataclass(frozen=True)
class Velocities:
    """Where the velocities of a restart come from.

    Attributes:
        kind: ``rest``: 0. ``balanced``: geostrophic, absolute by the state's sea-surface height unless a level of no
            motion is given. ``nearest``: those of the restart among ``restarts`` whose water is nearest. ``template``:
            the template's, which must be a restart.
        no_motion: Depth of the level of no motion, m; the deepest wet level in shallower water.
        stream_function: NetCDF with the barotropic stream function on the f points (y, x), m3 s-1 (``sobarstf``,
            ``psi`` or ``bsf``), whose transports take the place of the depth means.
        equator: The rule's latitude, degrees: 2.2 for ``beta``, 5 for ``zero`` if left out.
        equation: Density by ``seos``, DINO's simplified equation, or ``teos10`` (Python package gsw).
        restarts: NEMO restarts of the training runs, for ``nearest``.
        rule: What is done at the equator: ``beta`` (the derivative of the balance) or ``zero``.
        wind: Whose stress drives an Ekman layer: see ``wind.stress_of``; the template's if left out, where it has one.
        ekman_depth: Thickness of that layer, m.
    """

    kind: str = "rest"
    no_motion: float | None = None
    stream_function: Path | None = None
    equator: float | None = None
    equation: str = "seos"
    restarts: tuple[Path, ...] = ()
    rule: str = "beta"
    wind: str | None = None
    ekman_depth: float = DEPTH

    def __post_init__(self) -> None:
        problems = Problems("options of the velocities")
        for name, word, valid in (
            ("velocities", self.kind, KINDS),
            ("equation of state", self.equation, EQUATIONS),
            ("equator-rule", self.rule, tuple(RULES)),
        ):
            with problems.collect(ConfigError):
                require_choice(name, word, valid)
        for name, number, low, high, unit in (
            ("ekman-depth", self.ekman_depth, 1.0, 1000.0, " m"),
            ("equator", self.equator, 0.1, 30.0, " degrees"),
            ("no-motion", self.no_motion, 1.0, 12_000.0, " m"),
        ):
            with problems.collect(ConfigError):
                if number is not None:
                    require_within(name, number, low, high, unit)
        given: dict[str, object] = {"no-motion": self.no_motion, "stream-function": self.stream_function}
        given |= {"equator": self.equator, "wind": self.wind}
        for name, value in given.items():
            if value is not None and self.kind in KINDS and self.kind != "balanced":
                problems.found.append(_mismatch(f"--{name}", self.kind, "balanced"))
        if self.kind in KINDS and bool(self.restarts) != (self.kind == "nearest"):
            problems.found.append(_mismatch("--nearest-of", self.kind, "nearest"))
        problems.raise_all()

    @property
    def reach(self) -> float:
        """Latitude of the rule at the equator, degrees."""
        return RULES[self.rule] if self.equator is None else self.equator

    def balance(self, height: np.ndarray) -> Balance:
        """Return what velocities are balanced with; the sea-surface height (y, x), m, only without a level."""
        given = height if self.no_motion is None else None
        return Balance(DINO_EOS.rho0, given, self.no_motion, self.rule, self.reach)


AT_REST = Velocities()


def velocities_of(
    how: Velocities, fields: Mapping[str, np.ndarray], template: Template, at_45s: float | None = None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return (u, v), each (level, y, x), m s-1, 0 on dry faces, and in words where they are from.

    Args:
        how: Where they come from.
        fields: ``tn`` (degC), ``sn`` (psu) (level, y, x) and ``sshn`` (y, x), 0 on land.
        template: The mesh or restart of the run.
        at_45s: Zonal stress at 45S of DINO's wind, N m-2; DINO's own if left out.

    Raises:
        InputError: If the template lacks positions, or a file does not fit.
        ConfigError: If the template is a mesh and its velocities or its wind are asked for.
    """
    shape = template.cells.grid.wet.shape
    if how.kind == "rest":
        return np.zeros(shape), np.zeros(shape), "at rest"
    wet_u, wet_v = faces_of(template)
    if how.kind == "balanced":
        u, v, wind = _balanced(how, fields, template, wet_u, wet_v, at_45s)
        level = "the sea-surface height" if how.no_motion is None else f"no motion at {how.no_motion:g} m"
        means = "" if how.stream_function is None else f", depth means of {how.stream_function.name}"
        words = f"geostrophic, by {level}{means}; {_equator_words(how)}; {wind}"
    elif how.kind == "template":
        if template.mesh is not None:
            remedy = "Give a restart of the run as the template, or other --velocities."
            raise ConfigError("velocities", found="a mesh as the template", expected="a restart", remedy=remedy)
        u, v = _read_pair(template.path, "template", shape)
        words = f"those of {template.path.name}"
    else:
        path = nearest_restart(how.restarts, fields, template)
        u, v = _read_pair(path, "restart", shape)
        words = f"those of {path.name}, the nearest of {len(how.restarts)} restarts"
    return np.where(wet_u, u, 0.0), np.where(wet_v, v, 0.0), words


def faces_of(template: Template) -> tuple[np.ndarray, np.ndarray]:
    """Return the wet faces of u and v (level, y, x): the mesh's masks, else between two wet cells of a restart."""
    if template.mesh is not None:
        return template.mesh.wet_u, template.mesh.wet_v
    wet = template.cells.grid.wet
    wet_u, wet_v = wet & np.roll(wet, -1, 2), wet & np.roll(wet, -1, 1)
    wet_u[:, :, -1] = wet_v[:, -1] = False
    return wet_u, wet_v


def nearest_restart(paths: tuple[Path, ...], fields: Mapping[str, np.ndarray], template: Template) -> Path:
    """Return the restart whose water is nearest: volume-weighted rms of T and S, each over its own spread.

    Raises:
        InputError: If one is of another shape.
    """
    grid = template.cells.grid
    wet = grid.wet
    volume = np.where(np.isfinite(grid.area), grid.area, 1.0)[None] * grid.thickness
    weight = volume[wet] / volume[wet].sum()
    far = []
    for path in paths:
        with open_nemo(Path(path), "restart") as file:
            total = 0.0
            for name in ("tn", "sn"):
                other = read(file, name, f"restart {path}")
                if other.shape != wet.shape:
                    raise _other_shape(path, name, other.shape, wet.shape)
                own = fields[name][wet]
                spread = np.average((own - np.average(own, weights=weight)) ** 2, weights=weight)
                total += float(np.average((own - other[wet]) ** 2, weights=weight) / max(spread, 1e-12))
            far.append(total)
    return Path(paths[int(np.argmin(far))])


def density(equation: str, thetao: np.ndarray, so: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the in-situ density (level, y, x), kg m-3, by an equation of EQUATIONS; dry cells have the reference's."""
    if equation == "seos":
        rho = DINO_EOS.density(thetao, so, grid.depth)
    else:
        gsw = _gsw()
        pressure = gsw.p_from_z(-grid.depth, grid.lat)
        absolute = gsw.SA_from_SP(so, pressure, grid.lon, grid.lat)
        rho = gsw.rho(absolute, gsw.CT_from_pt(absolute, thetao), pressure)
    return np.where(grid.wet & np.isfinite(rho), rho, DINO_EOS.rho0)


def _equator_words(how: Velocities) -> str:
    if how.rule == "zero":
        return f"0 within {0.4 * how.reach:g} degrees of the equator"
    return f"the beta plane's at the equator, half of it at {how.reach * math.log(2) ** 0.5:.2g} degrees"


def _balanced(
    how: Velocities,
    fields: Mapping[str, np.ndarray],
    template: Template,
    wet_u: np.ndarray,
    wet_v: np.ndarray,
    at_45s: float | None,
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return (u, v) in balance, and in words whose wind moves them."""
    grid = template.cells.grid
    lost = [name for name in ("lat", "lon") if not np.isfinite(getattr(grid, name)[grid.wet[0]]).all()]
    if lost:
        raise InputError(
            f"template {template.path}",
            found=f"no {', '.join(lost)} of the cells",
            expected="positions of all wet cells: balance needs them",
            remedy="Give the mesh_mask as the template, or a restart with nav_lat and nav_lon.",
        )
    cells = Column(grid.depth, grid.thickness, wet_u, wet_v, np.nan_to_num(grid.lat), np.nan_to_num(grid.lon))
    rho = density(how.equation, fields["tn"], fields["sn"], grid)
    u, v = geostrophic(rho, cells, how.balance(fields["sshn"]))
    stress, words = stress_of(how.wind, template, at_45s)
    if stress is not None:
        driven = ekman(stress, cells, rho0=DINO_EOS.rho0, depth=how.ekman_depth)
        u, v = u + driven[0], v + driven[1]
        words = f"moved by {words}, over {how.ekman_depth:g} m"
    if how.stream_function is not None:
        u, v = with_stream_function(u, v, cells, stream_function(how.stream_function, grid.shape))
    return u, v, words


def stream_function(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Read a barotropic stream function on the f points (y, x), m3 s-1; 0 where the file has its fill value.

    Raises:
        InputError: If the file has none, or one of another shape or unit.
    """
    field = f"stream function {path}"
    with open_nemo(Path(path), "stream function") as file:
        name = next((n for n in _STREAM if n in file.variables), _STREAM[0])
        psi = np.asarray(read(file, name, field), np.float64)
        fill = getattr(file[name], "_FillValue", None)
    if psi.shape != shape:
        raise _other_shape(path, name, psi.shape, shape)
    if fill is not None:
        psi = np.where(psi == fill, 0.0, psi)
    if not np.isfinite(psi).all() or np.abs(psi).max() > 1e9:
        raise InputError(
            field,
            found=f"values up to {np.nanmax(np.abs(psi)):.3g}, or NaN",
            expected="m3 s-1 on the f points, at most 1e9, numbers everywhere",
            remedy="Convert from Sv by 1e6, and give islands their constants and land its neighbours' values.",
        )
    return psi


def _read_pair(path: Path, what: str, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    with open_nemo(Path(path), what) as file:
        pair = [np.asarray(read(file, name, f"{what} {path}"), np.float64) for name in ("un", "vn")]
    for name, values in zip(("un", "vn"), pair, strict=True):
        if values.shape != shape:
            raise _other_shape(path, name, values.shape, shape)
    return pair[0], pair[1]


def _other_shape(path: Path, name: str, found: tuple[int, ...], expected: tuple[int, ...]) -> InputError:
    return InputError(
        f"'{name}' of {path}",
        found=f"{found}",
        expected=f"{expected}, the cells of the template",
        remedy="Give a file of the mesh that NEMO will run on.",
    )


def _mismatch(option: str, kind: str, needed: str) -> ConfigError:
    return ConfigError(
        option,
        found=f"velocities '{kind}'",
        expected=f"--velocities {needed} with {option}, and neither without the other"
        if needed == "nearest"
        else f"--velocities {needed}",
        remedy="Give both, or leave the option out.",
    )


def _gsw() -> Any:
    try:
        import gsw
    except ImportError as error:
        raise InputError(
            "equation of state teos10",
            found="no Python package gsw",
            expected="the toolbox GSW",
            remedy="Install it: pip install gsw; or take --equation seos.",
        ) from error
    return gsw
