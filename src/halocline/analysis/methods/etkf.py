"""The local ensemble transform Kalman filter."""

import numpy as np

from halocline.analysis.localisation import distances, gaspari_cohn
from halocline.analysis.methods.base import METHODS, Prior, Settings, Updating

_LEAST = 1e-3  # weight below which an observation is left out


class ETKF(Updating):
    """Deterministic: in each column an analysis of the observations around it, their errors grown with distance.

    w = P Y^T R^-1 (y - H(mean)), P = ((n - 1) 1 + Y^T R^-1 Y)^-1, W = ((n - 1) P)^(1/2).

    Source: Hunt, Kostelich & Szunyogh 2007, Physica D 230, 112, section 2.3.
    """

    uses = ("radius_km", "inflation")

    def update(self, prior: Prior, settings: Settings) -> np.ndarray:
        """Return the analysed members."""
        grid, table, states = prior.generator.grid, prior.table, prior.states
        n, channels, ny, nx = states.shape
        wet = np.flatnonzero(grid.mask.ravel())
        flat = np.nan_to_num(states.reshape(n, channels, ny * nx)[:, :, wet], nan=0.0).astype(np.float64)
        mean = flat.mean(axis=0)
        x = settings.inflation * (flat - mean)
        predicted = prior.operator.of_arrays(states)
        y = settings.inflation * (predicted - predicted.mean(axis=0)) / table.sigma
        d = (table.value - predicted.mean(axis=0)) / table.sigma
        out = np.zeros((n, channels, ny * nx))
        lat, lon = grid.lat.ravel()[wet], grid.lon.ravel()[wet]
        support = settings.radius_km * 1e3
        for k in range(len(wet)):
            away = distances(lat[k : k + 1], lon[k : k + 1], table.latitude, table.longitude)[0]
            taper = gaspari_cohn(away, support)
            near = taper > _LEAST
            change = _transform(y[:, near], d[near], taper[near]) if near.any() else np.eye(n)
            out[:, :, wet[k]] = mean[:, k] + change.T @ x[:, :, k]
        filled = out.reshape(n, channels, ny, nx)
        return np.where(np.isnan(states), np.nan, filled).astype(np.float32)


def _transform(y: np.ndarray, d: np.ndarray, taper: np.ndarray) -> np.ndarray:
    """Return w + W (member before, member after) of anomalies (member, observation) in units of the errors."""
    n = len(y)
    weighted = y * taper
    value, vectors = np.linalg.eigh(weighted @ y.T)
    value = (n - 1) + np.maximum(value, 0.0)
    mean = vectors @ ((vectors.T @ (weighted @ d)) / value)
    root = (vectors * np.sqrt((n - 1) / value)) @ vectors.T
    return np.asarray(mean[:, None] + root)


METHODS.register("etkf")(ETKF())
