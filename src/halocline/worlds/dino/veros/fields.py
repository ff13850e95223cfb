# SPDX-License-Identifier: GPL-3.0-or-later
"""Veros's variables to files and back, and ocean states into and out of them."""

from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime import files
from halocline.runtime.seals.arrays import read_npz
from halocline.worlds.dino.veros.setup import GRAVITY, from_veros, to_veros
from halocline.worlds.dino.veros.step import Ocean


def save(path: Path, fields: dict[str, Any], cursor: dict[str, int]) -> None:
    """Write every variable that changes, whole or not at all; without a cursor, the state beside."""
    arrays = {f"field:{name}": np.asarray(value) for name, value in fields.items()}
    if not cursor:
        arrays |= {
            f"state:{name}": from_veros(np.asarray(fields[own])[..., 1])
            for name, own in (("thetao", "temp"), ("so", "salt"), ("u", "u"), ("v", "v"))
        }
        arrays["state:zos"] = from_veros(np.asarray(fields["psi"])[..., 1]) / GRAVITY
    files.write_npz(path, arrays | {f"cursor:{name}": np.asarray(value) for name, value in cursor.items()})


def load(path: Path | str) -> tuple[dict[str, Any], dict[str, int]]:
    """Read what ``save`` wrote: the variables and the cursor."""
    file = read_npz(path, "state of a run")
    fields = {k.removeprefix("field:"): values for k, values in file.items() if k.startswith("field:")}
    cursor = {k.removeprefix("cursor:"): int(n) for k, n in file.items() if k.startswith("cursor:")}
    return fields, cursor


def states_of(fields: dict[str, Any]) -> dict[str, np.ndarray]:
    """Return thetao, so (level, y, x) surface first and zos (y, x), float32; dry cells 0.

    The sea-surface height is the pressure under the rigid lid over rho0 g.
    """
    current = {name: np.asarray(fields[name])[..., 1] for name in ("temp", "salt", "psi")}
    return {
        "thetao": from_veros(current["temp"]).astype(np.float32),
        "so": from_veros(current["salt"]).astype(np.float32),
        "zos": (from_veros(current["psi"]) / GRAVITY).astype(np.float32),
    }


def with_states(ocean: Ocean, thetao: np.ndarray, so: np.ndarray, fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with temperature and salinity of a state, the density and stability that belong to them.

    Args:
        ocean: The model.
        thetao: (level, y, x), degC; dry cells anything.
        so: Likewise, psu.
        fields: All else; ``ocean.pristine`` for rest and no memory of tendencies.

    Raises:
        ValueError: If a wet cell is not finite or the salinity is negative.
    """
    fields = dict(fields)
    wet = np.asarray(ocean.mask)
    for name, values in (("temp", thetao), ("salt", so)):
        array = np.where(wet, to_veros(np.nan_to_num(values)), 0.0)
        if not np.isfinite(to_veros(values)[wet]).all() or (name == "salt" and array.min() < 0):
            raise ValueError(f"{name}: not finite, or negative salinity, on wet cells")
        fields[name] = np.repeat(array[..., None], 3, axis=-1)
    return ocean.with_density(fields)


def with_velocities(ocean: Ocean, u: np.ndarray, v: np.ndarray, fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with velocities at all time levels; the first step's pressure takes out their divergence.

    Args:
        ocean: The model.
        u: Zonal velocity on the eastern faces (level, y, x), m/s; dry faces anything.
        v: Meridional velocity on the northern faces, likewise.
        fields: All else.

    Raises:
        ValueError: If a wet face is not finite.
    """
    fields = dict(fields)
    for name, values in (("u", u), ("v", v)):
        wet = ocean.faces(name)
        if not np.isfinite(to_veros(values)[wet]).all():
            raise ValueError(f"{name}: not finite on wet faces")
        array = np.where(wet, to_veros(np.nan_to_num(values)), 0.0)
        fields[name] = np.repeat(array[..., None], 3, axis=-1)
    return fields
