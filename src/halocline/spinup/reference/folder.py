"""A known equilibrium on disk: ``equilibrium.nc``, ``reference.json`` and ``approach.csv`` in a folder a forcing."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.table import ScoreTable
from halocline.physics.means import level_means
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.seals.file_end import seal_file
from halocline.runtime.seals.json_object import read_json, write_json
from halocline.runtime.version import __version__
from halocline.spinup.criterion import WINDOW, Equilibrium, trend
from halocline.spinup.histories import read_forcing, write_forcing
from halocline.spinup.reference.make import Reference, Round
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.targets import Target
from halocline.trials.ocean.starts import DAY, read_starts
from halocline.worlds.dino.parameters import NAMES, UNITS, ForcingParameters

STATE, RECORD, APPROACH = "equilibrium.nc", "reference.json", "approach.csv"


@dataclass(frozen=True, eq=False)
class Known:
    """An equilibrium that was made before.

    Attributes:
        forcing: Whose.
        equilibrium: State, transports and what is left of the drift; its name is that of the folder.
        record: What ``reference.json`` says.
    """

    forcing: ForcingParameters
    equilibrium: Equilibrium
    record: dict[str, Any]


def write_reference(found: Reference, preset: str, settings: ReferenceSettings, folder: Path) -> None:
    """Write state, record and approach into the folder of a case; older ones are replaced."""
    write_forcing(folder, preset, found.case.forcing)
    path = folder / STATE
    files.remove(path)
    with files.new_path(path) as hidden:
        dataset = _dataset(found)
        packed = {name: {"zlib": True, "complevel": 3} for name in ("thetao", "so")}
        dataset.to_netcdf(hidden, engine="netcdf4", encoding=packed)
        seal_file(hidden)
    ScoreTable(tuple(approach(found))).to_csv(folder / APPROACH)
    write_json(folder / RECORD, record(found, preset, settings))


def record(found: Reference, preset: str, settings: ReferenceSettings) -> dict[str, Any]:
    """Return what is known of an equilibrium, JSON-able: K, psu, Sv, years, CPU seconds."""
    now = found.figures
    return {
        "halocline": __version__,
        "preset": preset,
        "forcing": asdict(found.case.forcing),
        "other": found.case.other_words,
        "verified": now.verified,
        "error_thetao": now.error,
        "acc": now.acc,
        "moc": now.moc,
        **_words(found.rounds[-1]),
        "second_equilibrium": now.second,
        "years": found.years,
        "cpu_seconds": found.cpu_seconds,
        **({} if found.folding is None else {"cold_e_folding_years": found.folding}),
        "runs": {
            name: {"years": sum(b.years for b in run), "cpu_seconds": sum(b.cpu_seconds for b in run)}
            for name, run in found.runs.items()
        },
        "rounds": [{"years": r.years, **_words(r)} for r in found.rounds],
        "settings": asdict(settings),
    }


def _words(now: Round) -> dict[str, Any]:
    f, decision = now.figures, now.decision
    out: dict[str, Any] = {
        "drift": {name: dict(d) for name, d in f.drift.items()},
        "signed_drift": dict(f.signed),
        "apart": dict(f.apart),
        "remaining": dict(f.remaining),
        "bound": f.bound if np.isfinite(f.bound) else None,
        "middle": dict(f.middle),
        "middle_ahead": dict(f.middle_ahead),
    }
    if f.secant.rate > 0:
        out |= {"share": f.secant.share, "e_folding_years": WINDOW / f.secant.rate}
    if decision is not None:
        out |= {"then": decision.kind}
    return out


def approach(found: Reference) -> Iterator[dict[str, Any]]:
    """Yield a line a run and block: distance from the equilibrium, drift, means, how it began."""
    metric, end = found.metric, found.figures.state
    for name, run in found.runs.items():
        years = seconds = 0.0
        for block in run:
            years, seconds = years + block.years, seconds + block.cpu_seconds
            distance = metric.rms(block.mean - end)
            drift = metric.rms_levels(trend(level_means(block.states, metric.grid.volume)))
            mean = level_means(block.mean, metric.grid.volume) @ metric.level_volume / metric.level_volume.sum()
            yield {
                "run": name,
                "years": round(years, 3),
                "cpu_seconds": round(seconds, 2),
                "began": block.began,
                **{f"distance_{k}": distance[k] for k in ("thetao", "so")},
                **{f"drift_{k}": drift[k] for k in ("thetao", "so")},
                **{f"mean_{k}": float(v) for k, v in zip(("thetao", "so"), mean, strict=True)},
                "acc": float(np.mean([line["acc"] for line in block.series])),
                "moc": float(np.mean([line["moc_upper"] for line in block.series])),
            }


def _dataset(found: Reference) -> xr.Dataset:
    grid: Grid = found.metric.grid
    dataset = grid.to_dataset()
    for name, values in zip(("thetao", "so"), found.figures.state, strict=True):
        field = np.where(grid.wet, values, np.nan).astype(np.float32)[None]
        dataset[name] = (("member", "depth", "y", "x"), field, variable(name).attributes())
    dataset = dataset.assign_coords({"member": ("member", np.zeros(1, np.int32)), DAY: ("member", np.zeros(1))})
    for name, value in zip(NAMES, found.case.forcing.values(), strict=True):
        dataset = dataset.assign_coords({name: ("member", [value], {"units": UNITS.get(name, "1")})})
    dataset.attrs |= {
        "Conventions": "CF-1.11",
        "title": f"Equilibrium of DINO without weather, {found.case.name}",
        "source": "Veros: mean of two runs from opposite sides",
        "halocline": __version__,
        "verified": int(found.figures.verified),
        "error_thetao_K": found.figures.error,
    }
    return dataset


def read_known(folder: Path, preset: str) -> list[Known]:
    """Return the equilibria in a folder of ``halocline spinup reference``.

    Args:
        folder: Where.
        preset: Size of the basin; others are left out.

    Raises:
        InputError: If there are none of this size, or one was changed on disk.
    """
    out = []
    for path in sorted(Path(folder).glob(f"*/{RECORD}")):
        words = read_json(path, "reference")
        if words["preset"] != preset:
            continue
        start = read_starts(path.parent / STATE, "reference").starts[0]
        drift = {f"drift_{k}": max(words["drift"][s][k] for s in ("cold", "other")) for k in words["drift"]["cold"]}
        state = np.stack([start.thetao, start.so]).astype(np.float64)
        name = path.parent.name
        end = Equilibrium(name, state, words["acc"], words["moc"], words["years"], drift)
        out.append(Known(read_forcing(path.parent)[1], end, words))
    if not out:
        raise InputError(
            f"references {folder}",
            found=f"no equilibrium of DINO {preset} ({RECORD} in a folder of its own)",
            expected="a folder of 'halocline spinup reference'",
            remedy="Make one with: halocline spinup reference --data DATA.zarr --targets N --out DIR",
        )
    return out


def known_for(target: Target, known: list[Known], folder: Path) -> Known:
    """Return the equilibrium of a target's forcing.

    Raises:
        InputError: If there is none.
    """
    for each in known:
        if np.allclose(each.forcing.values(), target.forcing.values(), rtol=0, atol=1e-6):
            return each
    raise InputError(
        f"references {folder}",
        found=f"none with the forcing of {target.name} among {', '.join(k.equilibrium.name for k in known)}",
        expected="a known equilibrium for every target",
        remedy=f"Make it with: halocline spinup reference --data DATA.zarr --member {target.member} --out {folder}",
    )
