"""Tables of observations as CF datasets and NetCDF files: discrete sampling geometry "point", words as flags.

Source: CF conventions 1.11, sections 3.5 (flags), 4.4 (time) and H.1 (point data).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS
from halocline.data.files.open import Source, open_dataset, source_text
from halocline.observations.quantities import quantity
from halocline.observations.table import COLUMNS, FLAGS, Observations
from halocline.runtime import files
from halocline.runtime.errors import InputError, OutputError
from halocline.runtime.seals.file_end import seal_file
from halocline.runtime.version import __version__

_DIM = "observation"
_ABOUT: dict[str, dict[str, str]] = {
    "latitude": {"standard_name": "latitude", "units": "degrees_north"},
    "longitude": {"standard_name": "longitude", "units": "degrees_east"},
    "depth": {"standard_name": "depth", "units": "m", "positive": "down"},
    "value": {"long_name": "measured value, in the unit of its variable"},
    "error": {"long_name": "standard deviation of the error of measurement, in the unit of its variable"},
    "representativeness": {
        "long_name": "standard deviation of what a model's cell does not hold, in the unit of its variable"
    },
}


def to_dataset(table: Observations) -> xr.Dataset:
    """Return a table as a CF dataset of points along ``observation``."""
    time = {"standard_name": "time", "units": TIME_UNITS, "calendar": table.calendar}
    about = {**_ABOUT, "time": time}
    places = ("time", "latitude", "longitude", "depth")
    dataset = xr.Dataset(coords={n: (_DIM, getattr(table, n), about[n]) for n in places})
    for name in ("value", "error", "representativeness"):
        dataset[name] = (_DIM, getattr(table, name), about[name])
    for name in ("variable", "kind"):
        codes, words = pd.factorize(getattr(table, name), sort=True)
        dataset[name] = (_DIM, codes.astype(np.int16), _flags(range(len(words)), [str(w) for w in words], np.int16))
    dataset["variable"].attrs["units_of_flags"] = "; ".join(
        quantity(word, on_grid=True).unit for word in _words(dataset["variable"])
    )
    dataset["flag"] = (_DIM, table.flag, {"standard_name": "quality_flag", **_flags(FLAGS, FLAGS.values(), np.int8)})
    sides = ("cut_off_at_lower_bound", "not_cut_off", "cut_off_at_upper_bound")
    dataset["censored"] = (_DIM, table.censored, _flags((-1, 0, 1), sides, np.int8))
    dataset.attrs = {
        "Conventions": "CF-1.11",
        "featureType": "point",
        "title": "Observations of sea ice and ocean",
        "halocline_observations": np.int32(1),
        "halocline_version": __version__,
    }
    return dataset


def from_dataset(dataset: xr.Dataset, source: str = "the dataset") -> Observations:
    """Read the form of ``to_dataset`` back.

    Raises:
        InputError: If it is no table of observations, or a column is wrong.
    """
    missing = [name for name in COLUMNS if name not in dataset.variables]
    if missing or "halocline_observations" not in dataset.attrs:
        raise InputError(
            source,
            found=f"no column {', '.join(missing)}" if missing else "no table of Halocline's",
            expected=f"a table of observations: {', '.join(COLUMNS)}",
            remedy="Make one of files of another form with: halocline observe --read KIND FILES --out OBS.nc",
        )
    own = [name for name in COLUMNS if name not in ("variable", "kind")]
    columns: dict[str, Any] = {name: np.asarray(dataset[name].values) for name in own}
    for name in ("variable", "kind"):
        words, codes = np.array(_words(dataset[name]), dtype=np.str_), np.asarray(dataset[name].values)
        if codes.size and not (codes.min() >= 0 and codes.max() < len(words)):
            raise InputError(
                f"column '{name}' of {source}",
                found=f"codes {codes.min()} to {codes.max()}",
                expected=f"0 to {len(words) - 1}, as flag_meanings tells",
                remedy="The file was changed; write it again.",
            )
        columns[name] = words[codes] if codes.size else np.zeros(0, np.str_)
    return Observations(**columns, calendar=str(dataset["time"].attrs.get("calendar", "standard")), source=source)


def write(table: Observations, path: Path | str, about: Mapping[str, str] | None = None) -> Path:
    """Write a table to NetCDF; the file appears whole or not at all, and carries its checksum.

    Args:
        table: The rows, their vectors eastward and northward.
        path: File to make, .nc.
        about: Attributes that tell where the rows come from.

    Raises:
        OutputError: If ``path`` exists, has another ending, or cannot be written.
    """
    path = Path(path)
    check_output(path)
    if table.axes != "earth":
        raise InputError(
            f"observations for {path}",
            found="vectors along the axes of a grid",
            expected="eastward and northward components",
            remedy="Write the table as it was before it was placed on a grid.",
        )
    with files.new_path(path) as hidden:
        dataset = to_dataset(table).assign_attrs({f"halocline_{k}": v for k, v in (about or {}).items()})
        packed = {str(name): {"zlib": True, "complevel": 3, "_FillValue": None} for name in dataset.variables}
        dataset.to_netcdf(hidden, engine="netcdf4", encoding=packed)
        seal_file(hidden)
    return path


def check_output(path: Path) -> None:
    """Raise OutputError if ``path`` exists or does not end in .nc; before the work, not after."""
    if path.suffix != ".nc":
        raise OutputError(
            f"output {path}", found=f"the ending '{path.suffix}'", expected=".nc", remedy="Give the output this ending."
        )
    files.require_absent(path)


def is_observations(source: Source) -> bool:
    """Tell whether a file or dataset is a table of observations."""
    if not isinstance(source, xr.Dataset) and not Path(source).is_file():
        return False
    try:
        dataset = open_dataset(source, "observations", times="raw")
    except InputError:
        return False
    return "halocline_observations" in dataset.attrs


def read_observations(path: Source) -> Observations:
    """Read a table of observations that Halocline wrote.

    Raises:
        InputError: If the file is absent, damaged, no table of observations, or a column is wrong.
    """
    dataset = open_dataset(path, "observations", times="raw")
    return from_dataset(dataset.load(), f"observations {source_text(path)}")


def _words(array: xr.DataArray) -> list[str]:
    return str(array.attrs.get("flag_meanings", "")).split()


def _flags(values: object, meanings: object, kind: type) -> dict[str, object]:
    words = list(meanings)  # type: ignore[call-overload]
    return {"flag_values": np.array(list(values), kind), "flag_meanings": " ".join(words)} if words else {}  # type: ignore[call-overload]
