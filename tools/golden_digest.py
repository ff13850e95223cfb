"""Digests of what Halocline writes: arrays by name, dtype, shape and bytes; tables by row."""

import hashlib
import json
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import zarr
from safetensors import safe_open


def digest(path: Path, *, timed: tuple[str, ...] = ("seconds",)) -> dict[str, Any]:
    """Return the digest of a NetCDF file, a Zarr group (with its restarts), a model folder or an evaluation.

    Args:
        path: What a command made.
        timed: Columns of a training log to leave out, as they tell of time.
    """
    if path.suffix == ".nc":
        return _netcdf(path)
    if path.suffix == ".zarr":
        arrays = {name: _array(array[...]) for name, array in zarr.open_group(path, mode="r").arrays()}
        return arrays | _safetensors(path.with_name(path.name + ".restarts"))
    if (path / "scores.json").exists():
        return _rows(json.loads((path / "scores.json").read_text())["rows"])
    log = [json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()]
    return _safetensors(path) | _rows([{k: v for k, v in line.items() if k not in timed} for line in log])


def _netcdf(path: Path) -> dict[str, Any]:
    with netCDF4.Dataset(str(path)) as file:
        file.set_auto_maskandscale(False)
        return {name: _array(variable[...]) for name, variable in file.variables.items()}


def _safetensors(folder: Path) -> dict[str, Any]:
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, framework="np") as tensors:
            found |= {f"{file.name}: {name}": _array(tensors.get_tensor(name)) for name in tensors.keys()}  # noqa: SIM118
    return found


def _array(values: Any) -> str:
    values = np.asarray(values)
    raw = values.tobytes() if values.dtype.kind in "biufSM" else "\0".join(map(str, values.ravel())).encode()
    kind = values.dtype.str if values.dtype.kind in "biufSM" else "text"
    return f"{kind} {'x'.join(map(str, values.shape))} {hashlib.sha256(raw).hexdigest()}"


ADDED = ("id",)
"""Columns of tables that came after the recording."""


def _rows(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Return rows numbered and named by their words, with every value as JSON writes it: to the last bit."""
    named = {}
    for number, row in enumerate(rows):
        row = {column: value for column, value in row.items() if column not in ADDED}
        words = " ".join(value for value in row.values() if isinstance(value, str) and value)
        named[f"{number:04d} {words}"] = json.dumps(row, sort_keys=True)
    return named
