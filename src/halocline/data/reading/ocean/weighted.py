"""Temperature and salinity times the thickness of the cells, as NEMO writes them without XIOS: told and undone."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.reading.ocean.cell_thickness import BY_RECORD, between_midpoints
from halocline.data.reading.work import Work

_SALT = (0.5, 45.0)  # psu; what salinity over thickness has to be for the product to be one
_CAUSE = "NEMO without XIOS writes votemper and vosaline times the thickness of the cells, under the same unit"


def undo_weights(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return temperature and salinity without the thickness as a factor.

    They have it if salinity itself is none, and salinity divided by the thickness is one. A mean of the product over
    the mean thickness is the mean weighted by thickness. Without a thickness at each record it cannot be undone.
    """
    if "so" not in names or "level_mask" not in dataset.variables:
        return dataset
    wet = dataset["level_mask"].values > 0.5
    so = dataset["so"].values[..., wet]
    if not so.size or np.nanmax(so) <= variable("so").plausible[1]:
        return dataset
    for thickness, exact in _thicknesses(dataset):
        share = so / np.broadcast_to(thickness, dataset["so"].shape)[..., wet]
        if not (_SALT[0] <= np.nanmin(share) and np.nanmax(share) <= _SALT[1]):
            continue
        if not exact:
            work.wrong(
                "'thetao' and 'so'",
                found=f"salinity from {np.nanmin(so):.3g} to {np.nanmax(so):.3g}: weighted by thickness ({_CAUSE})",
                expected="the thickness of the same records, vovvle3t or e3t, by which it is undone",
                remedy="Write it out too (vovvle3t, with key_vvl or key_qco), or let XIOS write toce and soce.",
            )
            return dataset
        for name in (n for n in ("thetao", "so") if n in names):
            values = np.where(wet, dataset[name].values / np.where(wet, thickness, 1.0), np.nan)
            dataset[name] = dataset[name].copy(data=values.astype(dataset[name].dtype))
            work.notes.add("converted", name, f"divided by the thickness of the cells ({_CAUSE})")
        return dataset
    return dataset


def _thicknesses(dataset: xr.Dataset) -> list[tuple[np.ndarray, bool]]:
    """Return thicknesses, broadcast to (…, depth, y, x), that may be the factor, and whether they are the records'."""
    found = []
    if BY_RECORD in dataset.variables:
        found.append((dataset[BY_RECORD].values, True))
    elif "e3t" in dataset.variables:
        found.append((dataset["e3t"].values, False))
    if dataset.sizes["depth"] > 1:
        found.append((between_midpoints(dataset["depth"].values), False))
    return [(v[:, None, None] if v.ndim == 1 else v, exact) for v, exact in found]
