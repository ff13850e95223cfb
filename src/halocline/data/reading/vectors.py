"""Components of vectors: east and north, or along the grid; turned to the grid's axes by the grid's own angle."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, variable
from halocline.data.grids.directions import hand_of, north_from_y
from halocline.data.grids.projection import projection_of, to_grid
from halocline.data.reading.choices import Basis
from halocline.data.reading.names import standard_names
from halocline.data.reading.work import Work


def turn_vectors(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with vectors along the grid's axes x and y."""
    for name in names:
        var = variable(name)
        if var.axis is not None and var.partner not in names:
            _check_alone(dataset, var, work)
        if var.axis != "x" or var.partner not in names:
            continue
        basis = basis_of(dataset, var, variable(var.partner), work)
        if basis == "east":
            if "lat" not in dataset.variables:
                work.wrong(
                    f"'{name}' and '{var.partner}'",
                    found="eastward and northward components on a grid without positions",
                    expected="latitudes and longitudes, by which they are turned",
                    remedy="Add lat and lon, or give the file of the grid with --mesh FILE.",
                )
                continue
            dataset = _turned(dataset, name, var.partner)
            work.notes.add("converted", name, f"eastward and northward, with '{var.partner}', to along the grid's axes")
    return dataset


def _check_alone(dataset: xr.Dataset, var: Variable, work: Work) -> None:
    """Keep the problem of one component of a vector whose other one is not there to turn it with."""
    if (work.choices.vectors or _said(dataset[var.name], var)) == "east" and not _along_meridians(dataset):
        work.wrong(
            f"'{var.name}'",
            found="an eastward or northward component without the other one",
            expected=f"'{var.partner}' beside it, to turn both to the grid's axes",
            remedy="Add the other component, or leave this one out.",
        )


def basis_of(dataset: xr.Dataset, x: Variable, y: Variable, work: Work) -> Basis | None:
    """Return the basis that the standard names tell; our own names mean the grid's axes."""
    said = {_said(dataset[v.name], v) for v in (x, y)} - {None}
    if len(said) > 1:
        work.wrong(
            f"'{x.name}' and '{y.name}'",
            found="standard names of different bases: "
            + ", ".join(str(dataset[v.name].attrs.get("standard_name")) for v in (x, y)),
            expected="both along the grid's axes, or eastward and northward",
            remedy="Correct the standard names.",
        )
        return None
    told = next(iter(said), None)
    chosen = None if work.group == "forcing" and told is not None else work.choices.vectors  # said of the states' drift
    if chosen is not None and told is not None and chosen != told:
        work.notes.add("warning", x.name, f"--vectors {chosen} although the standard name says {told}")
    if chosen is not None or told is not None:
        return chosen or told
    renamed = "halocline_name" in dataset[x.name].attrs
    if not renamed and not any("standard_name" in dataset[v.name].attrs for v in (x, y)):
        return "grid"  # our own names: along the grid's axes by definition
    if _along_meridians(dataset):
        return "grid"  # both bases are the same
    work.ask(
        f"'{x.name}' and '{y.name}'",
        found=f"'{dataset[x.name].attrs.get('halocline_name', x.name)}' without attributes that tell the direction",
        options={"--vectors grid": "they point along the grid's axes", "--vectors east": "they are east and northward"},
        why="components along the grid's axes, or eastward and northward",
    )
    return None


def _said(array: xr.DataArray, var: Variable) -> Basis | None:
    standard = str(array.attrs.get("standard_name", ""))
    long_name = str(array.attrs.get("long_name", "")).lower()
    in_words: Basis | None = "east" if "eastward" in long_name or "northward" in long_name else None
    if standard == var.standard_name:
        return "grid" if in_words is None else None  # a file that contradicts itself tells nothing
    if standard in standard_names(var):
        return "east"
    if "GRIB_uvRelativeToGrid" in array.attrs:
        return "grid" if int(array.attrs["GRIB_uvRelativeToGrid"]) else "east"
    return in_words  # type: ignore[return-value]


def _along_meridians(dataset: xr.Dataset) -> bool:
    return dataset["y"].attrs.get("standard_name") == "latitude" if "y" in dataset.variables else False


def _turned(dataset: xr.Dataset, east: str, north: str) -> xr.Dataset:
    lat, lon = (np.asarray(dataset[n].values, np.float64) for n in ("lat", "lon"))
    attrs = dataset["projection"].attrs if "projection" in dataset.variables else {}
    attrs = {k: v if isinstance(v, str) else float(v) for k, v in attrs.items() if np.ndim(v) == 0}
    plane = projection_of(attrs) if attrs else None
    x, y = dataset["x"].values, dataset["y"].values
    turn = north_from_y(lat, lon, x) if plane is None else plane.turn(lat, lon)
    kind = dataset[east].dtype
    u, v = to_grid(dataset[east].values, dataset[north].values, turn)
    v = v * (1 if plane is not None else hand_of(lat, lon, x, y))
    for name, values in ((east, u), (north, v)):
        attrs = {**dataset[name].attrs, "standard_name": variable(name).standard_name}
        dataset[name] = dataset[name].copy(data=values.astype(kind)).assign_attrs(attrs)
        dataset[name].encoding.pop("scale_factor", None)
    return dataset
