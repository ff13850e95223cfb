"""Restarts: everything a member needs to continue bit-identically, in one safetensors file that appears whole."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError
from halocline.runtime.seals.arrays import read_arrays, write_arrays
from halocline.runtime.seals.json_object import damaged
from halocline.worlds.arctic.budget import TERMS
from halocline.worlds.arctic.model import ArcticModel
from halocline.worlds.arctic.state import IceState

_CORNERS = ("u", "v", "u_mean", "v_mean")
_CELLS = tuple(field.name for field in fields(IceState) if field.name not in _CORNERS)
RESTART_VERSION = "1"
_STORED = {"sit": "volume", "sic": "cover"}
"""Names in the file of fields that are called otherwise in the model."""


def write_restart(
    path: Path, model: ArcticModel, start_volume: float, beside: Mapping[str, np.ndarray] | None = None
) -> None:
    """Write state, weather memory, budget and clock of ``model``, and arrays ``beside`` them; atomic."""
    arrays = {
        **{f"state_{_STORED.get(name, name)}": values for name, values in model.state.arrays().items()},
        **{f"forcing_{name}": values for name, values in model.forcing.memory().items()},
        "step": np.array([model.step], np.int64),
        "budget": model.budget.totals,
        "start_volume": np.array([start_volume]),
        **(beside or {}),
    }
    notes = {
        "halocline_restart": RESTART_VERSION,
        "grid": model.domain.grid.name,
        "grid_fingerprint": model.domain.grid.fingerprint(),
        "budget_terms": json.dumps(TERMS),
    }
    write_arrays(path, arrays, notes)


def read_restart(path: Path, grid: Grid) -> dict[str, np.ndarray]:
    """Read a restart's arrays.

    Raises:
        InputError: If it cannot be read or belongs to another grid.
    """
    arrays, notes, _ = read_arrays(path, "restart")
    version = notes.get("halocline_restart")
    if version != RESTART_VERSION or not grid.is_same_as(str(notes.get("grid_fingerprint"))):
        raise InputError(
            f"restart {path}",
            found=f"version {version}, grid {notes.get('grid')} ({notes.get('grid_fingerprint')})",
            expected=f"version {RESTART_VERSION}, grid {grid.name} ({grid.fingerprint()})",
            remedy="Pass the --resolution the restart was made with.",
        )
    _check(path, arrays, grid)
    return arrays


def _check(path: Path, arrays: dict[str, np.ndarray], grid: Grid) -> None:
    """Raise InputError unless all that a restart needs is there: finite, of the grid's shape, ice within its bounds."""
    ny, nx = grid.shape
    sizes: dict[str, tuple[int, ...]] = {name: (ny, nx) for name in _CELLS}  # noqa: C420
    shapes = {f"state_{_STORED.get(name, name)}": shape for name, shape in sizes.items()}
    shapes |= {"step": (1,), "start_volume": (1,), "budget": (len(TERMS),)}
    wrong = [name for name, shape in shapes.items() if name not in arrays or arrays[name].shape != shape]
    wrong = wrong or [name for name, values in arrays.items() if not np.isfinite(values).all()]
    wrong = wrong or [n for n in ("state_cover", "state_damage") if arrays[n].min() < 0 or arrays[n].max() > 1]
    wrong = wrong or [n for n in ("state_volume", "state_snow") if arrays[n].min() < 0]
    if wrong:
        raise damaged(f"restart {path}", f"'{wrong[0]}' that is missing, of another shape or out of bounds")


def state_from(arrays: dict[str, np.ndarray]) -> IceState:
    """Return the ice state inside a restart's arrays."""
    names = {stored: name for name, stored in _STORED.items()}
    return IceState(**{names.get(k, k): v for k, v in _under("state_", arrays).items()})


def memory_from(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the forcing's memory inside a restart's arrays."""
    return _under("forcing_", arrays)


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): v.copy() for k, v in arrays.items() if k.startswith(prefix)}
