"""What the kinds of ocean reanalyses share: a static file goes with each, attributes as the manual has them."""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources._mesh_files import apart
from halocline.bridge.sources.base import FileByFile, Part
from halocline.data.reading.work import Group

MANUAL = {"thetao": "degC", "so": "1e-3", "zos": "m", "votemper": "degC", "vosaline": "1e-3", "sossheig": "m"}


class OceanFiles(FileByFile):
    """One file a part; the static files go with each."""

    group: Group = "ocean"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each file of states."""
        states, grids = apart(files)
        return [Part((file, *grids)) for file in states]


def completed(dataset: xr.Dataset) -> xr.Dataset:
    """Return the dataset with the units of the manual where it has none, and depths downwards."""
    for name, unit in MANUAL.items():
        if name in dataset.variables:
            dataset[name].attrs.setdefault("units", unit)
    for name in ("depth", "deptht"):
        if name in dataset.variables:
            dataset[name].attrs.setdefault("positive", "down")
            dataset[name].attrs.setdefault("units", "m")
    return dataset
