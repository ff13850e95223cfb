"""ORAS5 of ECMWF, monthly means on NEMO's tripolar grid, a variable a file, as the Climate Data Store gives them.

Source: Zuo et al. 2019 (doi:10.5194/os-15-779-2019) and the product's documentation. votemper (potential temperature,
C), vosaline (PSU), sossheig (m), not weighted by thickness (NEMO 3.4 with fixed levels); the stamp is the middle of
the month. Files hold no thickness of cells and no mask of levels: land is missing.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import xarray as xr

from halocline.bridge.sources._marine import OceanFiles, apart, completed
from halocline.bridge.sources.base import SOURCES, Part
from halocline.data.files.open import open_dataset
from halocline.data.reading.ocean.mesh_files import beside
from halocline.runtime.errors import InputError

_NAME = re.compile(r"^(?P<variable>[a-z0-9]+)_(?P<member>control|opa\d)_monthly_\w+?_[23]D_(?P<month>\d{6})_")
_NEEDED = {"votemper", "vosaline"}


class Oras5(OceanFiles):
    """The files of one month are a part; members of the ensemble are refused where months have several."""

    summary = "ORAS5: monthly votemper, vosaline and sossheig, a file a variable, with mesh_mask or static file"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part a month.

        Raises:
            InputError: If files of several members are given, or a month lacks temperature or salinity.
        """
        states, grids = apart(files)
        months: dict[str, list[Path]] = {}
        members = set()
        for file in states:
            found = _NAME.match(file.name)
            months.setdefault(file.name if found is None else found["month"], []).append(file)
            members |= set() if found is None else {found["member"]}
        if len(members) > 1:
            raise InputError(
                "files of ORAS5",
                found=f"members {', '.join(sorted(members))}",
                expected="one member of the ensemble",
                remedy="Import each member to a store of its own.",
            )
        return [Part((*month, *grids)) for _, month in sorted(months.items())]

    def open(self, part: Part) -> xr.Dataset:
        """Return the files of a month as one lazy dataset."""
        states, grids = apart(part.files)
        opened = [completed(open_dataset(file, times="cftime")) for file in states]
        dataset = opened[0]
        for more in opened[1:]:
            dataset = dataset.assign({n: more[n].variable for n in more.data_vars if n not in dataset.variables})
            dataset = dataset.assign_coords({n: more[n].variable for n in more.coords if n not in dataset.variables})
        if missing := sorted(_NEEDED - set(dataset.variables)):
            raise InputError(
                f"files of {states[0].name}",
                found=f"no {' and no '.join(missing)}",
                expected="temperature and salinity of each month",
                remedy="Give the other files of the month too.",
            )
        return beside(dataset, grids)


SOURCES.register("oras5")(Oras5())
