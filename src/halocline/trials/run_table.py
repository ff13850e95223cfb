"""The diagnostics of all runs as one table: a row a run and a day in CSV, (run, day) in NetCDF."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.runtime import files
from halocline.runtime.seals.file_end import seal_file
from halocline.runtime.version import __version__
from halocline.trials.long_run import level_drift
from halocline.trials.plan import TrialPlan
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import TaskFolder
from halocline.worlds.dino.parameters import NAMES, UNITS

FIGURES: dict[str, tuple[str, str]] = {
    "kinetic_energy": ("kinetic energy, volume mean", "J m-3"),
    "w_rms": ("rms vertical velocity", "m s-1"),
    "potential_energy": ("potential energy relative to water of the reference density, volume mean", "J m-3"),
    "thetao_mean": ("volume-mean potential temperature", "degC"),
    "so_mean": ("volume-mean salinity", "1e-3"),
    "sst_mean": ("area-mean temperature of the top level", "degC"),
    "acc": ("eastward transport through the channel", "Sv"),
    "moc_upper": ("upper overturning cell, largest northward transport above, 20N to 60N", "Sv"),
    "moc_lower": ("lower overturning cell, largest southward transport above, 45S to 60N", "Sv"),
    "unstable": ("volume with N2 below -1e-10 s-2", "percent"),
    "mixing": ("volume mean of the temperature tendency's size by vertical mixing", "1e-3 K day-1"),
}
"""Long name and unit of the diagnostics, see worlds/dino/diagnostics.py. Sv is 1e6 m3 s-1."""


@dataclass(frozen=True, eq=False)
class RunTable:
    """All runs.

    Attributes:
        dataset: ``FIGURES`` (run, day), NaN after a crash, ``crash_day`` (run,), NaN for none; coordinates along run:
            its name, ``group``, ``member``, ``control`` (name of the run it is compared with, or empty), ``folder`` (in
            ``members``; equal runs share one), ``weather``,
            ``day_of_year`` and the forcing parameters. Day 0 is the end of the spin-up.
    """

    dataset: xr.Dataset

    @classmethod
    def collect(cls, plan: TrialPlan, folders: Mapping[str, TaskFolder]) -> "RunTable":
        """Read what the runs of a plan wrote."""
        legs, spin_up = plan.protocol.legs(), plan.protocol.frozen_days
        days = [float(d) for d in range(plan.protocol.synchronous_days + 1)]
        if len(legs) > 2:
            every = plan.protocol.every_days
            days += list(days[-1] + np.arange(every, legs[2].days + 0.5, every))
        at = {day: k for k, day in enumerate(days)}
        values = {name: np.full((len(plan.starts), len(days)), np.nan) for name in FIGURES}
        crash = np.full(len(plan.starts), np.nan)
        drifts, grid = np.full((2, len(plan.starts)), np.nan), make_grid(make_geometry(plan.preset))
        for row, start in enumerate(plan.starts):
            folder = folders[start.name]
            for line in folder.read_series():
                column = at.get(round(line["day"] - spin_up, 6))
                # The accelerated leg repeats the last synchronous day.
                if column is None or np.isfinite(values["kinetic_energy"][row, column]):
                    continue
                for name in FIGURES:
                    values[name][row, column] = line[name]
            if plan.protocol.kept_days():
                drifts[:, row] = level_drift([folder.sample(day) for day in plan.protocol.kept_days()], grid)
            if folder.crash.exists():
                crash[row] = folder.outcome()["day"] - spin_up
        names = [folders[start.name].path.name for start in plan.starts]
        dataset = _dataset(plan, names, np.array(days), values, crash)
        for name, unit, found in zip(("thetao", "so"), ("K", "1e-3"), drifts, strict=True):
            about = {
                "long_name": f"trend of the level means of {name}, rms over the volume",
                "units": f"{unit} (10 year)-1",
            }
            if plan.protocol.kept_days():
                dataset[f"level_drift_{name}"] = ("run", found, about)
        return cls(dataset)

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
        runs = self.dataset
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["group", "member", "control", "day", *FIGURES, "crashed"])
        for k in range(runs.sizes["run"]):
            run = runs.isel(run=k)
            ends = bool(np.isfinite(run["crash_day"]))
            table = np.stack([run[name].values for name in FIGURES], axis=1)
            there = np.flatnonzero(np.isfinite(table).all(axis=1))
            who = [str(run["group"].item()), int(run["member"]), str(run["control"].item())]
            if ends and not len(there):
                writer.writerow([*who, "", *[""] * len(FIGURES), 1])
            for n in there:
                last = int(ends and n == there[-1])
                writer.writerow([*who, f"{runs['day'].values[n]:g}", *[f"{v:.8g}" for v in table[n]], last])
        return text.getvalue()


def _dataset(
    plan: TrialPlan, folders: list[str], days: np.ndarray, values: Mapping[str, np.ndarray], crash: np.ndarray
) -> xr.Dataset:
    starts = plan.starts
    variables = {
        name: (("run", "day"), values[name], {"long_name": words, "units": unit, "cell_methods": "day: point"})
        for name, (words, unit) in FIGURES.items()
    }
    dataset = xr.Dataset(
        {**variables, "crash_day": ("run", crash, {"long_name": "day of the crash; none if missing", "units": "days"})},
        coords={
            "run": [start.name for start in starts],
            "day": ("day", days, {"long_name": "days since the end of the spin-up", "units": "days"}),
            "group": ("run", [start.group for start in starts]),
            "member": ("run", np.array([start.member for start in starts], np.int32)),
            "control": ("run", [start.control for start in starts]),
            "folder": ("run", folders),
            "weather": ("run", np.array([start.weather for start in starts], np.int32)),
            "day_of_year": ("run", np.array([start.day for start in starts]), {"units": "days"}),
        },
        attrs={
            "Conventions": "CF-1.11",
            "title": "Runs of Veros from ocean states",
            "halocline": __version__,
            "preset": plan.preset.name,
            "years": plan.protocol.years,
            "seed": plan.seed,
            **{f"about_{name}": words for name, words in plan.about.items()},
        },
    )
    for k, name in enumerate(NAMES):
        parameters = np.array([start.forcing.values()[k] for start in starts])
        dataset = dataset.assign_coords({name: ("run", parameters, {"units": UNITS.get(name, "1")})})
    return dataset
