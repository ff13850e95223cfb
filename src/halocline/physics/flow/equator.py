"""Balance where f vanishes: at rest, or the derivative of the balance along the meridian (beta plane).

Away from the equator f v = X, -f u = Y with the pressure's gradient (X, Y) over rho0. At the equator it is the
gradient's derivative that the flow balances,

    beta v = dX/dy = (1 / rho0) d2p/dxdy,   -beta u = dY/dy = (1 / rho0) d2p/dy2,

and the gradient's value there, X0, which the wind holds, moves nothing. ``beta``:

    v = (1 - s) (X - w X0) / f + s (X1 + X2 y + X3 y2) / beta,   w = exp(-(latitude / E)2),   s = exp(-(latitude / S)2),

with the cubic X0 + X1 y + X2 y2 + X3 y3 that fits the gradient along each column of the grid with the weights s. E is
2.2 degrees, S half of that, or 3/4 of the rows' distance where that is more. ``zero``: velocities are 0 within 0.4 E of
the equator, in full balance beyond E = 5 degrees, and between them weighted with the square of a sine.

Source: Lagerloef, Mitchum, Lukas and Niiler 1999, J. Geophys. Res. 104 (C10), 23313-23326, doi:10.1029/1999JC900197,
as used by Bonjean and Lagerloef 2002, J. Phys. Oceanogr. 32, 2938-2954: the two balances blended by w, with 2.2
degrees. Both balances, w and the 2.2 are those of two public implementations of the paper, which itself was not at
hand; they take the derivative of the gradient at each latitude, w dX/dy / beta, where here a series about the equator
stands, (X1 + X2 y + ...) / beta. Its sum is (X - X0) / (beta y), which is taken beyond S, so that jets narrower than a
cubic keep their shape, and the series within S, where the quotient would raise noise. That currents of the first and
of the second derivative must meet is Picaut and Tournier's 1991 (J. Geophys. Res. 96, 3263-3277,
doi:10.1029/90JC02066; read in its abstract); the bell about the equator with which X0 is taken out for it is ours.
"""

import numpy as np

ROTATION = 7.292115e-5  # s-1, of the Earth
RADIUS = 6.371e6  # m, of the Earth
RULES = {"beta": 2.2, "zero": 5.0}
"""Rules and the latitude E of each, degrees."""
_INNER = 0.4
_POWERS = 4
_SEEN = 1e-6
"""Smallest weight of a row that the cubic is fitted to: within 3.7 S."""
_ROWS = 0.75
_SINGULAR = 1e-12


def equator_weight(lat: np.ndarray, equator: float = RULES["zero"]) -> np.ndarray:
    """Return the weight of balance by ``zero``: 0 within 0.4 ``equator`` degrees of the equator, 1 beyond it."""
    share = (np.abs(lat) - _INNER * equator) / ((1.0 - _INNER) * equator)
    return np.asarray(np.sin(0.5 * np.pi * np.clip(share, 0.0, 1.0)) ** 2)


def beta_weight(lat: np.ndarray, equator: float = RULES["beta"]) -> np.ndarray:
    """Return the weight w of the beta plane's balance: 1 at the equator, 1/e at ``equator`` degrees."""
    return np.asarray(np.exp(-((lat / equator) ** 2)))


def balancing(gradient: np.ndarray, wet: np.ndarray, lat: np.ndarray, rule: str, equator: float) -> np.ndarray:
    """Return the velocity V (level, y, x), m s-1, whose Coriolis force f V is a gradient; 0 on dry faces.

    Args:
        gradient: (level, y, x), m s-2, on faces.
        wet: Wet faces (level, y, x).
        lat: Their latitudes (y, x), degrees; columns of the grid run along meridians near the equator.
        rule: Of RULES.
        equator: Its latitude E, degrees.
    """
    f = 2 * ROTATION * np.sin(np.radians(lat))
    if rule == "zero":
        far = equator_weight(lat, equator)
        return np.where(wet, gradient * _over(far, f), 0.0)
    inner = _series_reach(lat, equator)
    held, near = beta_weight(lat, equator), beta_weight(lat, inner)
    rows = np.flatnonzero((held > _SEEN).any(axis=1))
    out = np.where(wet, gradient * _over(1.0 - near, f), 0.0)
    if len(rows):
        band = slice(rows[0], rows[-1] + 1)
        constant, series = _series(gradient[:, band], wet[:, band], lat[band], inner)
        out[:, band] += near[band] * series - constant[:, None] * held[band] * _over(1.0 - near[band], f[band])
    return np.where(wet, out, 0.0)


def moving(lat: np.ndarray, rule: str, equator: float) -> np.ndarray:
    """Return where a rule lets velocities be other than 0."""
    return equator_weight(lat, equator) > 0 if rule == "zero" else np.ones(np.shape(lat), bool)


def _over(weight: np.ndarray, f: np.ndarray) -> np.ndarray:
    """Return a weight over f, s; 0 where f is: both rules' weights vanish there with its square."""
    there = (weight > 0) & (f != 0)
    return np.where(there, weight / np.where(there, f, 1.0), 0.0)


def _series_reach(lat: np.ndarray, equator: float) -> float:
    """Return S: latitude within which the series is taken, degrees."""
    near = np.abs(lat) < 3 * equator
    steps = np.abs(np.diff(lat, axis=0))[near[1:] & near[:-1]]
    return max(0.5 * equator, _ROWS * float(steps.max(initial=0.0)))


def _series(gradient: np.ndarray, wet: np.ndarray, lat: np.ndarray, inner: float) -> tuple[np.ndarray, np.ndarray]:
    """Return X0 (level, x), m s-2, and the series' velocity (level, y, x) of a band of rows.

    Both are 0 in columns with fewer than four wet faces there.
    """
    scale = RADIUS * np.radians(inner)  # y in units of S, so that the fit is well conditioned
    y = lat / inner
    weight = np.where(wet & (beta_weight(lat, inner) > _SEEN), beta_weight(lat, inner), 0.0)
    powers = np.stack([y**n for n in range(2 * _POWERS - 1)])
    moments = np.einsum("kjx,njx->kxn", weight, powers)
    normal = np.stack([moments[..., n : n + _POWERS] for n in range(_POWERS)], axis=-2)
    right = np.einsum("kjx,njx->kxn", weight * gradient, powers[:_POWERS])
    fitted = np.einsum("kxnm,kxm->kxn", np.linalg.pinv(normal, rcond=_SINGULAR, hermitian=True), right)
    fitted = np.where(((weight > 0).sum(axis=1) >= _POWERS)[..., None], fitted, 0.0)
    slope = sum(fitted[:, None, :, n] * y ** (n - 1) for n in range(1, _POWERS))
    return fitted[..., 0], slope / (2 * ROTATION / RADIUS * scale)
