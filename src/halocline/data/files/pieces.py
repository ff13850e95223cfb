"""Files that NEMO's processes wrote, a piece of the domain each, put together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.files.open import open_dataset
from halocline.runtime.errors import InputError

_DIMS = ("x", "y")  # in the order of DOMAIN_position_first


def piece_number(name: str) -> str | None:
    """Return the digits if NEMO would read a file of this name as one process's piece: ``..._<digits>.nc``."""
    last = Path(name).stem.rsplit("_", 1)
    return last[1] if len(last) == 2 and last[1].isdigit() else None


def siblings(path: Path) -> list[Path]:
    """Return the pieces of the run that a piece belongs to, by its name ``…_<digits>.nc``; the file itself if whole."""
    if piece_number(path.name) is None or not path.exists():
        return [path]
    with open_dataset(path, times="raw") as dataset:
        if int(dataset.attrs.get("DOMAIN_number_total", 1)) == 1:
            return [path]
    stem = path.stem.rsplit("_", 1)[0]
    return sorted(p for p in path.parent.glob(f"{stem}_*.nc") if piece_number(p.name) is not None)


def join(files: Sequence[Path], what: str = "states") -> xr.Dataset:
    """Return the pieces as one dataset in memory; one whole file lazily, as it is.

    Each piece lies at ``DOMAIN_position_first`` (counted from 1) of ``DOMAIN_size_global``; where pieces overlap by
    halos, inner points win. Land that no process computed is missing in real numbers and 0 in integers.

    Args:
        files: Of one run and time.
        what: What they are, for errors.

    Raises:
        InputError: If a file cannot be read, or pieces are missing.
    """
    parts = [_open(file, what) for file in files]
    if len(parts) == 1 and int(parts[0].attrs.get("DOMAIN_number_total", 1)) == 1:
        return parts[0]
    total, found = int(parts[0].attrs["DOMAIN_number_total"]), {int(p.attrs["DOMAIN_number"]) for p in parts}
    if missing := sorted(set(range(total)) - found):
        raise InputError(
            f"pieces of {files[0].name}",
            found=f"{len(found)} of {total}; missing {', '.join(f'{k:04d}' for k in missing[:8])}",
            expected="the file of every process",
            remedy="Give all of them, or put them together with NEMO's REBUILD_NEMO tool.",
        )
    nx, ny = (int(n) for n in parts[0].attrs["DOMAIN_size_global"])
    names = [str(n) for n in parts[0].variables if n in parts[0].data_vars or parts[0][n].dims != (n,)]
    whole = parts[0].drop_vars([n for n in names if set(_DIMS) <= set(parts[0][n].dims)])
    made = {}
    for name in (n for n in names if set(_DIMS) <= set(parts[0][n].dims)):
        like = parts[0][name]
        shape = [{"x": nx, "y": ny}.get(str(d), like.sizes[d]) for d in like.dims]
        values = np.full(shape, np.nan, like.dtype) if like.dtype.kind == "f" else np.zeros(shape, like.dtype)
        for part in parts:
            inner, place = _place(part)
            values[tuple(place.get(str(d), slice(None)) for d in like.dims)] = part[name].isel(inner).values
        made[name] = (like.dims, values, like.attrs)
    attrs = {k: v for k, v in whole.attrs.items() if not k.startswith("DOMAIN_")}
    whole = whole.drop_dims([d for d in _DIMS if d in whole.dims])
    return whole.assign(made).assign_attrs(attrs).drop_attrs(deep=False).assign_attrs(attrs)


def _open(file: Path, what: str) -> xr.Dataset:
    """Open a file without NEMO's two-dimensional variables ``x`` and ``y``, which are named like their dimensions."""
    dataset = open_dataset(file, what, "cftime")
    return dataset.drop_vars([n for n in dataset.dims if n in dataset.variables and dataset[n].ndim > 1])


def _place(part: xr.Dataset) -> tuple[dict[str, slice], dict[str, slice]]:
    """Return which points of a piece are its own, and where they lie in the domain."""
    inner, place = {}, {}
    for k, dim in enumerate(_DIMS):
        first, last = (int(part.attrs[f"DOMAIN_position_{end}"][k]) for end in ("first", "last"))
        before, after = (int(part.attrs.get(f"DOMAIN_halo_size_{end}", [0, 0])[k]) for end in ("start", "end"))
        inner[dim] = slice(before, last - first + 1 - after)
        place[dim] = slice(first - 1 + before, last - after)
    return inner, place
