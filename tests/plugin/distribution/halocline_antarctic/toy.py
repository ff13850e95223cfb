"""Archives of a toy Antarctic: a land mass around the pole, ice around it, a seasonal cycle, weather. Only shape."""

from pathlib import Path

import numpy as np

CELLS, SPACING_KM = 16, 500.0
DAYS = 8  # of each year, from its first; twice a day


def write_year(folder: Path, year: int) -> Path:
    """Write the archive of a year (0 = 2000) and return its path."""
    x = (np.arange(CELLS) - CELLS / 2 + 0.5) * SPACING_KM
    y = x[::-1]  # the first row is the northernmost on the page, as in NSIDC's files
    far = np.hypot(x[None, :], y[:, None])
    days = year * 365 + 0.5 * np.arange(2 * DAYS)
    fields = [_fields(x, y, far, day, index + 100 * year) for index, day in enumerate(days)]
    path = folder / f"antarctic_{2000 + year}.npz"
    stacked = {name: np.stack([field[name] for field in fields]) for name in fields[0]}
    np.savez(path, x=x, y=y, land=far < 1500.0, day=days, **stacked)
    return path


def _fields(x: np.ndarray, y: np.ndarray, far: np.ndarray, day: float, number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(number)
    wave = np.cos(x[None, :] / 1000.0 + day) * np.sin(y[:, None] / 1300.0 - day)
    sic = np.clip(2.6 - far / 1500.0 + 0.2 * wave + 0.1 * rng.standard_normal(far.shape), 0.0, 1.0)
    sic[sic < 0.05] = 0.0
    ice = sic > 0
    u10, v10 = 6.0 * wave, 6.0 * np.roll(wave, 3, 0)
    sit = np.where(ice, sic * (0.8 + 0.3 * rng.random(far.shape)), 0.0)
    return {
        "sit": sit,
        "sic": 100.0 * sic,
        "sid": np.where(ice, 0.5 + 0.3 * wave, 0.0),
        "siu": np.where(ice, 0.02 * u10, 0.0),
        "siv": np.where(ice, 0.02 * v10, 0.0),
        "snt": 0.2 * sit,
        "sipl": 100.0 * np.where(far < 2500.0, 0.4 * sit, 0.0),
        "t2m": 275.0 - (5000.0 - far) / 200.0 + 3.0 * wave,
        "q2m": 0.002 + 0.0005 * wave,
        "u10": u10,
        "v10": v10,
        "prsn": 1e-5 * (1.0 + wave),
    }
