"""Simulate an ensemble of DINO oceans into a store: a common start, then members under forcing of their own."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from halocline.data.fields.layout import Layout
from halocline.data.store.members import MemberTable
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import files
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import HaloclineError
from halocline.runtime.progress import progress
from halocline.runtime.run_lock import alone
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.version import __version__
from halocline.worlds.continued import already_complete
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.geometry import Geometry, make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.job import ModelTask, TaskFolder
from halocline.worlds.dino.parameters import NAMES, RANGES, UNITS, Member, ensemble
from halocline.worlds.dino.plan import EnsemblePlan, check_plan, plan_tasks, runs_folder
from halocline.worlds.dino.presets import preset as find_preset
from halocline.worlds.dino.process import require_veros, run_tasks
from halocline.worlds.dino.seen import looked_at
from halocline.worlds.dino.stability import instability


@alone
def simulate(
    out: Path,
    *,
    preset: str = "R4",
    members: int = 36,
    start_years: int = 100,
    branch_years: int = 20,
    years: int = 9,
    sample_days: int = 73,
    seed: int = 0,
    jobs: int = 1,
    quiet: bool = False,
) -> Path:
    """Simulate an ensemble into a store; the same call again continues one that was stopped or killed.

    All members branch from one spin-up under DINO's own forcing; each has its own forcing parameters and weather.

    Args:
        out: Store to create, e.g. ``DATA.zarr``; what Veros writes lies in ``DATA.zarr.runs`` until it is in the store.
        preset: R8, R4, R2 or R1.
        members: Size of the ensemble, at least 4; splits are by whole members (parameters.ensemble).
        start_years: Years of the common spin-up, of 360 days.
        branch_years: Years of each member before its first state.
        years: Years of each member from which states are stored.
        sample_days: Days between states; 73 walk through the seasons, 5 days further each year.
        seed: Seed of parameters and weather.
        jobs: Processes.
        quiet: No progress.

    Raises:
        ConfigError: If an argument is out of range.
        InputError: If Veros is not installed.
        OutputError: If ``out`` holds something else.
        HaloclineError: If a process was killed, or a member's model blew up.
    """
    out = Path(out)
    plan = EnsemblePlan(preset, members, start_years, branch_years, years, sample_days, seed)
    geometry = make_geometry(find_preset(preset))
    check_plan(plan, jobs)
    forced = ensemble(members, seed)
    provenance = {
        "command": "simulate dino",
        "halocline": __version__,
        **asdict(plan),
        "ssh": "surface pressure under the rigid lid over rho0 g, area mean 0",
        "parameter_ranges": {name: list(ends) for name, ends in RANGES.items()},
    }
    if out.exists() and already_complete(out, provenance, quiet):
        files.remove(runs_folder(out))  # of a run that was killed before it could
        return out
    require_veros()
    if not out.exists():
        files.require_absent(runs_folder(out), field="runs")
        sizes = {"years": plan.years, "samples": plan.samples, "sample_days": plan.sample_days}
        create_ensemble(out, geometry, forced, provenance, **sizes)
    runs = runs_folder(out)
    clear_inside(runs)
    with clean_start(lambda: _gained(out), out, runs):
        _run(out, plan, forced, min(jobs, members), quiet)
        writer, days = StoreWriter(out), plan.branch_years * YEAR_DAYS + plan.sample_days * np.arange(plan.samples)
        for member in range(members):
            collect(writer, member, TaskFolder(runs_folder(out) / f"member-{member:03d}"), days)
    with progress("statistics, states", members * plan.samples, quiet=quiet) as report:
        finish_store(out, report)
    files.remove(runs)
    if not quiet:
        print(f"static instability of the data: {instability(out):.2f} % of the interfaces, at their own depth")
    return out


def _gained(out: Path) -> bool:
    once_whole = "fingerprint" in open_store(out, require_complete=False).attributes
    return once_whole or any(TaskFolder(folder).has_begun for folder in runs_folder(out).glob("*/"))


def create_ensemble(
    out: Path,
    geometry: Geometry,
    forced: list[Member],
    provenance: dict[str, object],
    *,
    years: int,
    samples: int,
    sample_days: int,
) -> None:
    """Create the empty store of an ensemble.

    Args:
        out: The store.
        geometry: The basin.
        forced: The members.
        provenance: How it is made.
        years: Stored years a member.
        samples: Stored states a member.
        sample_days: Days between them.
    """
    table = MemberTable(
        names=NAMES,
        units=tuple(UNITS.get(name, "1") for name in NAMES),
        values=np.array([m.parameters.values() for m in forced]),
        roles=tuple(m.role for m in forced),
    )
    create_store(
        out,
        make_grid(geometry),
        Layout.ocean(geometry.preset.levels).channels,
        len(forced),
        24 * sample_days * np.arange(samples),
        provenance,
        calendar="360_day",
        splits=table.splits(years),
        members_table=table,
    )


def _run(out: Path, plan: EnsemblePlan, forced: list[Member], jobs: int, quiet: bool) -> None:
    start, members = plan_tasks(out, plan, forced)
    done = {task.name: 0.0 for task in (start, *members)}
    with progress(f"dino {plan.preset}, years", plan.total_years, quiet=quiet) as report:

        def show(task: str, day: float) -> None:
            done[task] = day
            report(int(sum(done.values()) / YEAR_DAYS), task)

        if not looked_at(start, plan.preset).finished:
            run_tasks([start], plan.preset, runs_folder(out), progress=show)
        show(start.name, start.days)
        require_health(start)
        run_tasks(members, plan.preset, runs_folder(out), jobs=jobs, progress=show)
    for task in members:
        require_health(task)


def require_health(task: ModelTask) -> None:
    """Raise HaloclineError if the model blew up in a task."""
    crash = TaskFolder(task.folder).crash
    if crash.exists():
        raise HaloclineError(
            f"ocean model of {task.name}",
            found=f"it blew up ({json.dumps(TaskFolder(task.folder).outcome())})",
            expected="a stable run",
            remedy=f"The other members are complete. Remove {crash} to try again, or choose another --seed.",
        )


def collect(writer: StoreWriter, member: int, folder: TaskFolder, days: Iterable[float]) -> None:
    """Write a member's states of some days of its task into the store."""
    for index, day in enumerate(days):
        state = read_npz(folder.sample(day), "sample", "thetao", "so", "zos")
        writer.write(member, index, np.concatenate([state["thetao"], state["so"], state["zos"][None]]))
