"""The diagnostics of all runs as one table: a row a run and a day in CSV, (run, day) in NetCDF."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.runtime import files
from halocline.runtime.seals.file_end import seal_file
from halocline.runtime.version import __version__
from halocline.trials.protocol import Start

Figures = Mapping[str, tuple[str, str]]
"""Name of a diagnostic to its long name and unit."""
WORDS = ("world", "preset", "grid", "rheology")
"""Attributes of the table that say what was run, where a world has them."""


@dataclass(frozen=True, eq=False)
class RunTable:
    """All runs.

    Attributes:
        dataset: The world's figures (run, day), NaN after a crash, ``crash_day`` (run,), NaN for none; coordinates
            along run: its name, ``group``, ``member``, ``control`` (name of the run it is compared with, or empty),
            ``folder`` (in ``members``; equal runs share one), ``weather``, ``day_of_year`` and what else the world
            has.
    """

    dataset: xr.Dataset

    @classmethod
    def build(
        cls,
        starts: Sequence[Start],
        folders: Sequence[str],
        days: np.ndarray,
        values: Mapping[str, np.ndarray],
        crash: np.ndarray,
        *,
        figures: Figures,
        since: str,
        along: Mapping[str, tuple[np.ndarray, str]],
        about: Mapping[str, str],
        attributes: Mapping[str, Any],
    ) -> "RunTable":
        """Put together what runs wrote.

        Args:
            starts: Each run's state.
            folders: Name of each run's folder.
            days: Days of the table (day,).
            values: Figures (run, day) by name.
            crash: Day of the crash (run,); NaN for none.
            figures: Long names and units.
            since: What the days count from, e.g. ``the start``.
            along: Further coordinates of the runs, values (run,) and unit by name.
            about: What was compared with what, for people.
            attributes: What was run: ``title``, ``years``, ``seed`` and those of WORDS.
        """
        variables = {
            name: (("run", "day"), values[name], {"long_name": words, "units": unit, "cell_methods": "day: point"})
            for name, (words, unit) in figures.items()
        }
        crashed = {"long_name": "day of the crash; none if missing", "units": "days"}
        dataset = xr.Dataset(
            {**variables, "crash_day": ("run", crash, crashed)},
            coords={
                "run": [start.name for start in starts],
                "day": ("day", days, {"long_name": f"days since {since}", "units": "days"}),
                "group": ("run", [start.group for start in starts]),
                "member": ("run", np.array([start.member for start in starts], np.int32)),
                "control": ("run", [start.control for start in starts]),
                "folder": ("run", list(folders)),
                **{name: ("run", each, {"units": unit} if unit else {}) for name, (each, unit) in along.items()},
            },
            attrs={
                "Conventions": "CF-1.11",
                "halocline": __version__,
                **attributes,
                **{f"about_{name}": words for name, words in about.items()},
            },
        )
        return cls(dataset)

    @property
    def figures(self) -> list[str]:
        """Names of the diagnostics."""
        return [str(name) for name, values in self.dataset.data_vars.items() if values.dims == ("run", "day")]

    def write(self, folder: Path) -> None:
        """Write ``runs.csv`` and ``runs.nc``, in place of older ones."""
        files.write_text(folder / "runs.csv", self.to_csv())
        path = folder / "runs.nc"
        files.remove(path)
        with files.new_path(path) as hidden:
            self.dataset.to_netcdf(hidden, engine="netcdf4")
            seal_file(hidden)

    def to_csv(self) -> str:
        """Return one row a run and a day; rows after a crash are left out, ``crashed`` is 1 on the last of its run."""
        runs, figures = self.dataset, self.figures
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["group", "member", "control", "day", *figures, "crashed"])
        for k in range(runs.sizes["run"]):
            run = runs.isel(run=k)
            ends = bool(np.isfinite(run["crash_day"]))
            table = np.stack([run[name].values for name in figures], axis=1)
            there = np.flatnonzero(np.isfinite(table).any(axis=1))
            who = [str(run["group"].item()), int(run["member"]), str(run["control"].item())]
            if ends and not len(there):
                writer.writerow([*who, "", *[""] * len(figures), 1])
            for n in there:
                last = int(ends and n == there[-1])
                cells = [f"{value:.8g}" if np.isfinite(value) else "" for value in table[n]]
                writer.writerow([*who, f"{runs['day'].values[n]:g}", *cells, last])
        return text.getvalue()


def world_of(runs: xr.Dataset) -> str:
    """Return the name of the world that runs were made in; tables of former versions are all of the ocean."""
    return str(runs.attrs.get("world", "ocean"))
