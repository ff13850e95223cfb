"""The observations beside what prior and posterior predict of them, and maps of what was changed."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.analysis.prepare import Prepared
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import variable
from halocline.observations.files import to_dataset
from halocline.runtime import files
from halocline.runtime.seals.file_end import seal_file

Member = Callable[[int], np.ndarray]


def beside_path(out: Path) -> Path:
    """Return where the observations of an analysis are written: beside it, ``NAME-observations.nc``."""
    return out.with_name(f"{out.stem}-observations.nc")


def comparison(ready: Prepared, numbers: list[int], prior: Member, posterior: Member) -> xr.Dataset:
    """Return the table with ``before`` and ``after`` (member, observation), and maps of mean and spread of both.

    Args:
        ready: Observations and model.
        numbers: Members.
        prior: A member of the prior (channel, y, x).
        posterior: A member of the posterior (channel, y, x).
    """
    dataset = to_dataset(ready.table)
    dataset["sigma"] = ("observation", ready.table.sigma, {"long_name": "standard deviation of value minus truth"})
    layout, grid = Layout.from_channels(ready.generator.codec.channels), ready.generator.grid
    dataset = dataset.assign_coords(
        member=("member", np.array(numbers, np.int32)),
        lat=(("y", "x"), grid.lat, {"units": "degrees_north"}),
        lon=(("y", "x"), grid.lon, {"units": "degrees_east"}),
    )
    for which, words, read in (("before", "the prior", prior), ("after", "the posterior", posterior)):
        predicted = []
        total, squares = np.zeros(1), np.zeros(1)
        for number in numbers:
            state = read(number).astype(np.float64)
            predicted.append(ready.operator.of_arrays(state[None])[0])
            total, squares = total + state, squares + state**2
        about = {"long_name": f"what members of {words} predict of the observations"}
        dataset[which] = (("member", "observation"), np.array(predicted, np.float32), about)
        mean = total / len(numbers)
        spread = np.sqrt(np.maximum(squares / len(numbers) - mean**2, 0.0))
        for field in layout:
            for kind, values in (("mean", mean), ("spread", spread)):
                cut = values[layout[field.name]]
                surface = cut[0]  # of a field on levels, the uppermost
                words_of = f"{kind} of {words}, {variable(field.name).long_name}"
                name = f"{field.name}_{kind}_{which}"
                about = {"long_name": words_of, "units": variable(field.name).unit}
                dataset[name] = (("y", "x"), surface.astype(np.float32), about)
    return dataset


def write_beside(dataset: xr.Dataset, path: Path) -> None:
    """Write the comparison, whole and sealed."""
    with files.new_path(path) as hidden:
        packed = {str(n): {"zlib": True, "complevel": 3, "_FillValue": None} for n in dataset.variables}
        dataset.to_netcdf(hidden, engine="netcdf4", encoding=packed)
        seal_file(hidden)
