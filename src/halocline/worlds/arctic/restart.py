"""Restarts: everything a member needs to continue bit-identically, in one safetensors file that appears whole."""

import json
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

from halocline.data.grids.grid import Grid
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.budget import TERMS
from halocline.worlds.arctic.model import ArcticModel
from halocline.worlds.arctic.state import IceState

RESTART_VERSION = "1"
_STORED = {"sit": "volume", "sic": "cover"}
"""Names in the file of fields that are called otherwise in the model."""


def write_restart(path: Path, model: ArcticModel, start_volume: float) -> None:
    """Write state, weather memory, budget and clock of ``model``; atomic."""
    arrays = {
        **{f"state_{_STORED.get(name, name)}": values for name, values in model.state.arrays().items()},
        **{f"forcing_{name}": values for name, values in model.forcing.memory().items()},
        "step": np.array([model.step], np.int64),
        "budget": model.budget.totals,
        "start_volume": np.array([start_volume]),
    }
    notes = {
        "halocline_restart": RESTART_VERSION,
        "grid": model.domain.grid.name,
        "grid_fingerprint": model.domain.grid.fingerprint(),
        "budget_terms": json.dumps(TERMS),
    }
    contiguous = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
    files.write_bytes(path, in_order(safetensors.numpy.save(contiguous, metadata=notes)))


def in_order(content: bytes) -> bytes:
    """Return a safetensors file with the entries of its header in order: the library writes notes in any order."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    notes = dict(sorted(header.pop("__metadata__").items()))
    text = json.dumps({"__metadata__": notes, **header}, separators=(",", ":"), ensure_ascii=False).encode()
    text = text.ljust(-(-len(text) // 8) * 8)
    return len(text).to_bytes(8, "little") + text + content[8 + size :]


def read_restart(path: Path, grid: Grid) -> dict[str, np.ndarray]:
    """Read a restart's arrays.

    Raises:
        InputError: If it cannot be read or belongs to another grid.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            notes = file.metadata() or {}
        arrays: dict[str, np.ndarray] = safetensors.numpy.load_file(path)
        version = notes["halocline_restart"]
    except Exception as error:
        raise InputError(
            f"restart {path}",
            found=f"a file that cannot be read as one ({type(error).__name__}: {error})",
            expected="a restart written by 'halocline simulate arctic'",
            remedy="Use a file from a DATA.zarr.restarts folder.",
        ) from error
    if version != RESTART_VERSION or not grid.is_same_as(str(notes["grid_fingerprint"])):
        raise InputError(
            f"restart {path}",
            found=f"version {version}, grid {notes.get('grid')} ({notes.get('grid_fingerprint')})",
            expected=f"version {RESTART_VERSION}, grid {grid.name} ({grid.fingerprint()})",
            remedy="Pass the --resolution the restart was made with.",
        )
    return arrays


def state_from(arrays: dict[str, np.ndarray]) -> IceState:
    """Return the ice state inside a restart's arrays."""
    names = {stored: name for name, stored in _STORED.items()}
    return IceState(**{names.get(k, k): v for k, v in _under("state_", arrays).items()})


def memory_from(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the forcing's memory inside a restart's arrays."""
    return _under("forcing_", arrays)


def _under(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {k.removeprefix(prefix): v.copy() for k, v in arrays.items() if k.startswith(prefix)}
