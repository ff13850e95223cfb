"""Weather of ECMWF's reanalysis ERA5 as the Climate Data Store delivers it, in the old and the new form of NetCDF.

Sources: ERA5 data documentation; "GRIB to netCDF conversion on new CDS and ADS systems" and "ERA5 CDS requests which
return a mixture of ERA5 and ERA5T data" (ECMWF, Copernicus Knowledge Base). The new form has ``valid_time``, ``number``
and, for a mixture of final and preliminary months, ``expver`` along time; the old one ``time``, and ``expver`` as a
dimension. Latitudes decrease, longitudes go from 0 to 360. Instantaneous (``stepType-instant``), accumulated and mean
fields come in files of their own; of the accumulated ones Halocline uses none.
"""

from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources.base import SOURCES, FileByFile, Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.names import named, ours_of
from halocline.data.reading.work import Group
from halocline.runtime.errors import InputError

_MANUAL = {
    "t2m": {"units": "K", "standard_name": "air_temperature"},
    "d2m": {"units": "K", "standard_name": "dew_point_temperature"},
    "q2m": {"units": "kg kg-1", "standard_name": "specific_humidity"},
    "u10": {"units": "m s-1", "standard_name": "eastward_wind"},
    "v10": {"units": "m s-1", "standard_name": "northward_wind"},
}
_SILENT = ("", "unknown", "~")


class Era5(FileByFile):
    """Files of hours, days, months or years; variables of the same times may lie in files of their own."""

    summary = "ERA5 weather of the Climate Data Store, old and new form: t2m, d2m (becomes q2m), u10, v10"
    group: Group | None = "forcing"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return the files of the same times together; those with accumulated and mean fields only are left out."""
        together: dict[tuple[str, ...], list[Path]] = {}
        for file in files:
            with open_dataset(file, times="raw") as dataset:
                if ours_of(dataset, "forcing"):
                    together.setdefault(_times(dataset), []).append(file)
        if not together:
            raise InputError(
                f"{', '.join(file.name for file in files)} as ERA5",
                found="none of its instantaneous variables",
                expected=", ".join(_MANUAL),
                remedy="Give the files of the instantaneous fields (stepType-instant), or import as --source cf.",
            )
        return [Part(tuple(group)) for group in together.values()]

    def open(self, part: Part) -> xr.Dataset:
        """Return the files as one dataset; what its converter writes as unknown is told by the manual."""
        try:
            opened = [_completed(super(Era5, self).open(Part((file,)))) for file in part.files]
            whole = xr.merge(opened, join="exact", compat="no_conflicts")
        except (ValueError, xr.MergeError) as error:
            raise InputError(
                f"files {', '.join(file.name for file in part.files)}",
                found=f"files of the same times that do not go together ({error})",
                expected="other variables on the same grid",
                remedy="Import them one at a time.",
            ) from error
        return whole


def _times(dataset: xr.Dataset) -> tuple[str, ...]:
    name = named(dataset, "time")
    return () if name is None else (str(dataset[name].attrs.get("units")), *map(str, dataset[name].values.ravel()))


def _completed(dataset: xr.Dataset) -> xr.Dataset:
    found = {theirs[0]: _MANUAL[ours] for ours, theirs in ours_of(dataset, "forcing").items() if ours in _MANUAL}
    for name, manual in found.items():
        silent = {k: v for k, v in manual.items() if str(dataset[name].attrs.get(k, "")).strip() in _SILENT}
        dataset[name] = dataset[name].assign_attrs(silent)
    return dataset[list(found)]


SOURCES.register("era5")(Era5())
