"""The axes of a file: told by name, put in the order (member, time, depth, y, x) by name, never by position."""

import xarray as xr

from halocline.data.reading.names import coordinate_names, named
from halocline.data.reading.positions import begin_at_the_gap
from halocline.data.reading.times import with_dates
from halocline.data.reading.work import Work

ORDER = ("member", "time", "depth", "y", "x")
_GRID_NAMES = ("lat", "lon", "mask", "area")
_VERSIONS = "expver"


def name_axes(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return the dataset with dimensions and coordinates under our names.

    On a latitude-longitude grid y is the latitude and x the longitude. A coordinate of two dimensions with the name of
    one of them (NEMO's ``x`` and ``y``) is dropped. Dimensions of length 1 that are none of ours go.
    """
    dataset = dataset.drop_vars([n for n in dataset.dims if n in dataset.variables and dataset[n].ndim > 1])
    dataset = _rename_grid(dataset, work)
    dims = {str(d): axis_of(dataset, str(d)) for d in dataset.dims}
    dims |= _horizontal(dataset, dims, work)
    renames, taken = {}, {d for d, ours in dims.items() if d == ours}
    for theirs, ours in dims.items():
        if ours is not None and theirs != ours and ours not in taken:
            renames[theirs] = ours
            taken.add(ours)
    for theirs in (t for t, ours in renames.items() if ours == "depth"):
        for name in [theirs] if theirs in dataset.variables else _fields(dataset):
            dataset[name].attrs["halocline_name" if name == theirs else "halocline_depth"] = theirs
    clash = [ours for ours in renames.values() if ours in dataset.variables and ours not in dataset.dims]
    dataset = dataset.drop_vars(clash).rename(renames)
    used = {d for name in _fields(dataset) for d in dataset[name].dims}
    loose = [str(d) for d in dataset.dims if str(d) in used and d not in ORDER and dataset.sizes[d] == 1]
    dataset = dataset.isel(dict.fromkeys(loose, 0), drop=True)
    return begin_at_the_gap(with_dates(dataset, work), work)


def join_versions(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Join ERA5 and its preliminary months (dimension ``expver``): where the first is missing the next is taken."""
    if _VERSIONS not in dataset.dims:
        return dataset.drop_vars(_VERSIONS, errors="ignore")
    merged = dataset.isel({_VERSIONS: 0}, drop=True)
    for k in range(1, dataset.sizes[_VERSIONS]):
        merged = merged.fillna(dataset.isel({_VERSIONS: k}, drop=True))
    for name in merged.variables:
        merged[name].attrs = dict(dataset[name].attrs)
    work.notes.add("converted", _VERSIONS, f"{dataset.sizes[_VERSIONS]} versions of the data joined")
    return merged


def order_axes(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with the variables ``names`` in the order (member, time, depth, y, x)."""
    for name in names:
        array = dataset[name]
        others = [str(d) for d in array.dims if d not in ORDER]
        leading = (
            others
            if (work.group == "ocean" or not work.needs_grid) and array.dims[: len(others)] == tuple(others)
            else []
        )
        others = [] if leading else others  # dimensions of samples, whatever their names
        missing = [d for d in ("y", "x") if d not in array.dims]
        if others or missing:
            work.wrong(
                f"dimensions of '{name}'",
                found=", ".join(map(str, array.dims)) or "none",
                expected="(member, time, depth, y, x) or some of them, y and x among them",
                remedy=f"Rename the dimensions, or select along {', '.join(others)}."
                if others
                else "Name the two horizontal dimensions y and x.",
            )
            continue
        order = [*leading, *(d for d in ORDER if d in array.dims)]
        if list(array.dims) != order:
            kept = [d for d in array.dims if d in ("y", "x")]
            if kept == ["x", "y"]:
                work.notes.add("converted", name, "(x, y) to (y, x)")
            dataset[name] = array.transpose(*order)
    for name in _GRID_NAMES:
        if name in dataset.variables and set(dataset[name].dims) >= {"y", "x"}:
            dataset[name] = dataset[name].transpose(..., "y", "x")
    return dataset


def _rename_grid(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Give latitude, longitude, mask and area our names; on rectilinear grids lat and lon stay dimensions' too."""
    renames = {}
    for ours in _GRID_NAMES:
        theirs = named(dataset, ours)
        if theirs is None or theirs == ours or ours in dataset.variables:
            continue
        renames[theirs] = ours
        dataset[theirs].attrs.setdefault("halocline_name", theirs)
    dataset = dataset.rename({k: v for k, v in renames.items() if k not in dataset.dims})
    for theirs, ours in renames.items():
        if theirs in dataset.dims:
            dataset = dataset.rename({theirs: ours})
    for ours, axis in (("lat", "y"), ("lon", "x")):
        if ours in dataset.dims and axis not in dataset.dims:
            values = dataset[ours]
            dataset = dataset.drop_vars([axis], errors="ignore").rename({ours: axis})
            dataset = dataset.assign_coords({axis: (axis, values.values, {**values.attrs})})
            dataset[axis].attrs["standard_name"] = {"lat": "latitude", "lon": "longitude"}[ours]
    return dataset


def axis_of(dataset: xr.Dataset, dim: str) -> str | None:
    """Return which of our axes a dimension is: by name, by the coordinate's axis attribute or standard name."""
    for ours in ORDER:
        if dim.lower() in coordinate_names(ours):
            return ours
    if dim in dataset.variables:
        attrs = dataset[dim].attrs
        by_axis = {"T": "time", "Z": "depth", "Y": "y", "X": "x"}.get(str(attrs.get("axis", "")).upper())
        by_name = next((ours for ours in ORDER if named(dataset, ours) == dim), None)
        return by_axis or by_name
    return None


def _horizontal(dataset: xr.Dataset, dims: dict[str, str | None], work: Work) -> dict[str, str | None]:
    """Return y and x for the two dimensions of the latitudes where no name tells them."""
    if "lat" not in dataset.variables or dataset["lat"].ndim != 2 or {"y", "x"} & set(dims.values()):
        return {}
    unknown = [str(d) for d in dataset["lat"].dims]
    work.notes.add("assumed", "grid", f"dimensions {unknown[0]}, {unknown[1]} of the latitudes are y and x")
    return dict(zip(unknown, ("y", "x"), strict=True))


def _fields(dataset: xr.Dataset) -> list[str]:
    return [str(n) for n in dataset.data_vars if dataset[n].ndim >= 2]
