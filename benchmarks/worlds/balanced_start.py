"""How much of the first adjustment a start in geostrophic balance saves in Veros: days 0 to 10 from four starts.

    python benchmarks/worlds/balanced_start.py --data DINO.zarr --out OUT [--members 4] [--no-motion 4000]

Held-out states of a store of the DINO world are first brought into the model's own balance (30 days with held tracers,
then 30 days free): the truth, with its velocities. Then the same temperature and salinity start from rest, from
velocities in balance (geostrophic by the sea-surface height or by a level of no motion, on the beta plane at the
equator, with the Ekman layer of DINO's analytic wind without its weather; without that wind; without both, at rest at
the equator, as in former versions), and from the true velocities, all else at rest; without a spin-up. Prints kinetic
energy and w_rms by day as ratios to the run that goes on from the truth untouched, and the kinetic energy of what each
start's velocities are off by, as a share of the truth's.
"""

import argparse
from pathlib import Path

import numpy as np

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.bootstrap import places
from halocline.evaluate.engine.interval import known_interval
from halocline.physics.eos import DINO_EOS
from halocline.physics.flow.balance import Balance
from halocline.physics.flow.ekman import ekman
from halocline.physics.flow.faces import Column
from halocline.physics.flow.geostrophy import geostrophic
from halocline.report.numbers import number
from halocline.runtime import files, keyed
from halocline.trials.ocean.dino_size import preset_of
from halocline.worlds.dino.climate import wind_stress
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.geometry import Geometry, make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.process import run_tasks

DAYS = (0, 1, 2, 3, 5, 10)
TRUTH, REST, TRUE = "untouched", "rest", "true velocities"


def main() -> None:
    """Make the truths, run from each start, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--first", type=int, help="Only the first so many of the members.")
    parser.add_argument("--no-motion", type=float, default=4000.0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    store = open_store(arguments.data)
    geometry = make_geometry(preset_of(store.grid, str(arguments.data)))
    truths = [truth(arguments.out, store, k, arguments) for k in range(arguments.members)][: arguments.first]
    run_tasks(truths, geometry.preset.name, arguments.out / "jobs", jobs=arguments.jobs)
    tasks, names = [], []
    off: dict[str, list[float]] = {}
    for task in truths:
        for name, start in starts(task, geometry, arguments.no_motion).items():
            names.append(name)
            if start is not None and "u" in start:
                off.setdefault(name, []).append(difference(start, task, geometry))
            tasks.append(trial(arguments.out, task, name, start))
    run_tasks(tasks, geometry.preset.name, arguments.out / "jobs", jobs=arguments.jobs)
    print(table(tasks, names))
    for name, shares in off.items():
        print(f"{name}: off by {number(np.mean(shares))} of the true kinetic energy at the start")


def truth(out: Path, store: StateStore, number: int, arguments: argparse.Namespace) -> ModelTask:
    """Return the task that brings a held-out state into balance and keeps its end."""
    samples = samples_of(store, "test")
    member, index = samples[int((number + 0.5) / arguments.members * len(samples))]
    folder = out / f"truth-{number}"
    thetao, so = store.layout.select(store.read(member, index), "thetao", "so")
    if not (folder / "start.npz").exists():
        files.write_npz(folder / "start.npz", {"thetao": thetao, "so": so})
    forcing = ForcingParameters.of(store.parameters, member)
    plan = ForcingPlan(arguments.seed, number, forcing, forcing, 0, int(store.day_of_year(index)))
    legs = (Leg("frozen", 30), Leg("synchronous", 30))
    return ModelTask(folder.name, str(folder.absolute()), plan, legs, str((folder / "start.npz").absolute()), True)


def starts(task: ModelTask, geometry: Geometry, no_motion: float) -> dict[str, dict[str, np.ndarray] | None]:
    """Return the starts of a truth by name; None for its end untouched."""
    flow = TaskFolder(task.folder).end_flow()
    water = {name: flow[name] for name in ("thetao", "so")}
    depth = np.broadcast_to(geometry.depth[:, None, None], geometry.wet.shape)
    thickness = np.broadcast_to(geometry.thickness[:, None, None], geometry.wet.shape)
    lat, lon = np.meshgrid(geometry.lat, geometry.lon, indexing="ij")
    wet, rho0 = geometry.wet, DINO_EOS.rho0
    wet_v = wet & np.roll(wet, -1, 1)
    wet_v[:, -1] = False
    cells = Column(depth, thickness, wet & np.roll(wet, -1, 2), wet_v, lat, lon)
    rho = np.where(wet, DINO_EOS.density(flow["thetao"], flow["so"], depth), rho0)
    stress = wind_stress(lat, task.forcing.start)
    driven = np.stack(ekman((stress, np.zeros_like(stress)), cells, rho0=rho0))
    balanced = np.stack(geostrophic(rho, cells, Balance(rho0, height=flow["zos"])))
    motionless = np.stack(geostrophic(rho, cells, Balance(rho0, no_motion=no_motion)))
    kinds = {
        TRUE: np.stack([flow["u"], flow["v"]]),
        "balanced, sea-surface height": balanced + driven,
        "the same without wind": balanced,
        "the same, 0 at the equator": np.stack(geostrophic(rho, cells, Balance(rho0, height=flow["zos"], rule="zero"))),
        f"balanced, no motion at {no_motion:g} m": motionless + driven,
    }
    moving = {name: {**water, "u": pair[0], "v": pair[1]} for name, pair in kinds.items()}
    return {TRUTH: None, **moving, REST: water}


def difference(start: dict[str, np.ndarray], task: ModelTask, geometry: Geometry) -> float:
    """Return the kinetic energy of a start's velocities less the true ones, as a share of the truth's."""
    flow, volume = TaskFolder(task.folder).end_flow(), make_grid(geometry).volume
    off, true = (sum(((flow[n] - share * start[n]) ** 2 * volume).sum() for n in ("u", "v")) for share in (1.0, 0.0))
    return float(off / true)


def trial(out: Path, truth: ModelTask, name: str, start: dict[str, np.ndarray] | None) -> ModelTask:
    """Return the ten days from a start."""
    folder = out / f"{truth.name}-{name.replace(' ', '-').replace(',', '')}"
    begin = str(TaskFolder(truth.folder).end.absolute())
    if start is not None:
        files.write_npz(folder / "start.npz", start)
        begin = str((folder / "start.npz").absolute())
    return ModelTask(
        folder.name, str(folder.absolute()), truth.forcing, (Leg("synchronous", 10, diagnose_days=1),), begin
    )


def table(tasks: list[ModelTask], names: list[str]) -> str:
    """Return the ratios to the untouched run, means over the members with 90 % intervals."""
    found = {
        (name, figure): np.array(
            [
                [line[figure] for line in TaskFolder(task.folder).read_series()]
                for task, own in zip(tasks, names, strict=True)
                if own == name
            ]
        )
        for name in dict.fromkeys(names)
        for figure in ("kinetic_energy", "w_rms")
    }
    lines = ["| ratio to the untouched run | start | " + " | ".join(f"day {d}" for d in DAYS) + " |"]
    lines.append("|---|---|" + "---:|" * len(DAYS))
    for figure, words in (("kinetic_energy", "kinetic energy"), ("w_rms", "w_rms")):
        for name in dict.fromkeys(names):
            if name == TRUTH:
                continue
            ratio = found[name, figure] / found[TRUTH, figure]
            rows = places(len(ratio), 2000, keyed.generator(0, "balanced-start", figure, name))
            low, high = known_interval(ratio[rows].mean(axis=1), enough=len(ratio) > 1)
            cells = [f"{number(ratio[:, d].mean())} ({number(low[d])} to {number(high[d])})" for d in DAYS]
            lines.append(f"| {words} | {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
