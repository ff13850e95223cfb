"""Figures that tell whether an ocean run is healthy: energies, transports, overturning, contents, stability."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error, density_jumps, violation_share
from halocline.worlds.dino.geometry import CHANNEL, RADIUS, Geometry
from halocline.worlds.dino.grid import make_grid

GRAVITY = 9.81
_UNSTABLE_N2 = -1e-10  # s-2; less negative values are the noise of convection


@dataclass(frozen=True, eq=False)
class Flow:
    """A state of the ocean with its velocities; (level, y, x), surface first, dry cells 0.

    Attributes:
        thetao: degC.
        so: psu.
        u: Zonal velocity at the eastern faces, m s-1.
        v: Meridional velocity at the northern faces, m s-1.
        w: Vertical velocity at the upper faces, m s-1.
        mixing: Temperature tendency of vertical mixing, K s-1.
    """

    thetao: np.ndarray
    so: np.ndarray
    u: np.ndarray
    v: np.ndarray
    w: np.ndarray
    mixing: np.ndarray


def diagnose(flow: Flow, geometry: Geometry) -> dict[str, float]:
    """Return the figures of a state.

    Returns:
        ``kinetic_energy`` (J m-3), ``w_rms`` (m s-1), ``potential_energy`` (J m-3, relative), ``thetao_mean`` (degC),
        ``so_mean`` (psu), ``sst_mean`` (degC), ``acc`` (Sv), ``moc_upper`` and ``moc_lower`` (Sv), ``unstable`` (% of
        the volume, N2 < -1e-10 s-2, pairs at their interface), ``mixing`` (mK day-1).
    """
    grid = make_grid(geometry)
    volume = grid.volume
    total = volume.sum()
    surface = np.where(geometry.wet[0], geometry.area, 0.0)
    faces = (volume[1:] + volume[:-1]) * geometry.wet[1:]
    rho = DINO_EOS.density(flow.thetao, flow.so, grid.depth) - DINO_EOS.rho0
    jump = -_UNSTABLE_N2 * DINO_EOS.rho0 / GRAVITY * float(np.diff(geometry.depth).min())
    moc = overturning(flow.v, geometry)
    return {
        "kinetic_energy": float(0.5 * DINO_EOS.rho0 * ((flow.u**2 + flow.v**2) * volume).sum() / total),
        "w_rms": float(np.sqrt((flow.w[1:] ** 2 * faces).sum() / faces.sum())),
        "potential_energy": float(-GRAVITY * (rho * grid.depth * volume).sum() / total),
        "thetao_mean": float((flow.thetao * volume).sum() / total),
        "so_mean": float((flow.so * volume).sum() / total),
        "sst_mean": float((flow.thetao[0] * surface).sum() / surface.sum()),
        "acc": channel_transport(flow.u, geometry),
        "moc_upper": float(moc[_rows(geometry, 20.0, 60.0, 300.0)].max()),
        "moc_lower": float(-moc[_rows(geometry, -45.0, 60.0, 1500.0)].min()),
        "unstable": float(density_error(flow.thetao, flow.so, grid, DINO_EOS, tolerance=jump, reference="local")),
        "mixing": float(8.64e7 * (np.abs(flow.mixing) * volume).sum() / total),
    }


def channel_transport(u: np.ndarray, geometry: Geometry) -> float:
    """Return the eastward transport through the channel at its eastern end, Sv."""
    dy = RADIUS * np.pi / 180.0 * np.diff(geometry.lat_edges)
    inside = (geometry.lat > CHANNEL[0]) & (geometry.lat < CHANNEL[1])
    section = u[:, :, -1] * geometry.thickness[:, None] * dy[None, :]
    return float(1e-6 * section[:, inside].sum())


def overturning(v: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the northward transport above the lower edge of each level through each row's northern edge, Sv."""
    degrees = np.pi / 180.0
    dx = RADIUS * degrees * geometry.preset.spacing * np.cos(geometry.lat_edges[1:] * degrees)
    return np.asarray(1e-6 * np.cumsum(v.sum(axis=2) * dx[None, :] * geometry.thickness[:, None], axis=0))


def _rows(geometry: Geometry, south: float, north: float, depth: float) -> np.ndarray:
    lat = geometry.lat_edges[1:]
    below = np.cumsum(geometry.thickness) >= depth
    return np.asarray(below[:, None] & ((lat > south) & (lat < north))[None, :])


def stability_of(thetao: np.ndarray, so: np.ndarray, grid: Grid) -> float:
    """Return the share of interfaces that are unstable at their own depth, per cent."""
    return 100.0 * violation_share(density_jumps(thetao, so, grid, DINO_EOS, "local"))
