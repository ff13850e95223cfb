"""The localised gain of an ensemble, for EnOI and the EnKF with perturbed observations.

K = (rho_xy o X Y^T) (rho_yy o Y Y^T + R)^-1, X and Y anomalies of states and predicted observations over sqrt(n - 1),
rho the taper of Gaspari and Cohn. Source: Houtekamer & Mitchell 2001, Mon. Wea. Rev. 129, 123, equation 6.
"""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from halocline.analysis.localisation import distances, gaspari_cohn
from halocline.analysis.methods.base import Prior, Settings

_CHUNK = 512  # cells whose gain is held at once


def increments(prior: Prior, settings: Settings, innovations: np.ndarray) -> np.ndarray:
    """Return K d (k, channel, y, x) of innovations d (k, observation); 0 on land."""
    states = prior.states
    n, channels, ny, nx = states.shape
    grid, table = prior.generator.grid, prior.table
    wet = np.flatnonzero(grid.mask.ravel())
    flat = np.nan_to_num(states.reshape(n, channels, ny * nx)[:, :, wet], nan=0.0)
    x = settings.inflation * (flat - flat.mean(axis=0)) / np.sqrt(n - 1)
    predicted = prior.operator.of_arrays(states)
    y = settings.inflation * (predicted - predicted.mean(axis=0)) / np.sqrt(n - 1)
    support = settings.radius_km * 1e3
    place = (table.latitude, table.longitude)
    system = gaspari_cohn(distances(*place, *place), support) * (y.T @ y) + np.diag(table.sigma**2)
    weights = cho_solve(cho_factor(system), innovations.T)  # (observation, k)
    out = np.zeros((len(innovations), channels, ny * nx))
    lat, lon = grid.lat.ravel()[wet], grid.lon.ravel()[wet]
    for start in range(0, len(wet), _CHUNK):
        part = slice(start, start + _CHUNK)
        taper = gaspari_cohn(distances(lat[part], lon[part], *place), support)
        for c in range(channels):
            out[:, c, wet[part]] = ((taper * (x[:, c, part].T @ y)) @ weights).T
    return out.reshape(len(innovations), channels, ny, nx)
