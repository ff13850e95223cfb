"""Simulate an ensemble of DINO oceans into a store: a common start, then members under forcing of their own."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import halocline
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, HaloclineError, OutputError
from halocline.runtime.progress import progress
from halocline.states.grid import Grid
from halocline.states.members import MemberTable
from halocline.states.statistics import finish_store
from halocline.states.store import StoreWriter, create_store, open_store
from halocline.states.variables import ocean_channels
from halocline.states.vertical import Vertical
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.diagnostics import stability_of
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.geometry import Geometry, make_geometry
from halocline.worlds.dino.job import Leg, Task, TaskFolder
from halocline.worlds.dino.parameters import NAMES, RANGES, UNITS, ForcingParameters, Member, ensemble
from halocline.worlds.dino.presets import preset as find_preset
from halocline.worlds.dino.process import require_veros, run_tasks

RAMP_YEARS = 3
"""The forcing moves to a member's own over so many years; a step has crashed the model."""


@dataclass(frozen=True)
class Plan:
    """What to simulate; see ``simulate``."""

    preset: str
    members: int
    start_years: int
    branch_years: int
    years: int
    sample_days: int
    seed: int

    @property
    def samples(self) -> int:
        """States a member."""
        return self.years * YEAR_DAYS // self.sample_days

    @property
    def total_years(self) -> int:
        """Model years in all."""
        return self.start_years + self.members * (self.branch_years + self.years)


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
    plan = Plan(preset, members, start_years, branch_years, years, sample_days, seed)
    geometry = make_geometry(find_preset(preset))
    _check(plan, jobs)
    crew = ensemble(members, seed)
    provenance = {"command": "simulate dino", "halocline": halocline.__version__, **asdict(plan),
                  "ssh": "surface pressure under the rigid lid over rho0 g, area mean 0"}  # fmt: skip
    if out.exists():
        if _already_complete(out, provenance):
            if not quiet:
                print(f"{out} is complete already; nothing to do.")
            return out
        require_veros()
    else:
        require_veros()
        files.require_absent(runs_folder(out), field="runs")
        _create(out, plan, geometry, crew, provenance)
    _run(out, plan, crew, min(jobs, members), quiet)
    _collect(out, plan, members)
    with progress("statistics, states", members * plan.samples, quiet=quiet) as report:
        finish_store(out, report)
    shutil.rmtree(runs_folder(out))
    if not quiet:
        print(f"static instability of the data: {instability(out):.2f} % of the interfaces, at their own depth")
    return out


def runs_folder(out: Path) -> Path:
    """Return the folder of a store's unfinished runs, beside it."""
    return out.with_name(out.name + ".runs")


def make_grid(geometry: Geometry) -> Grid:
    """Return the basin as Halocline's grid; x and y are degrees, rows are Mercator."""
    lat, lon = np.meshgrid(geometry.lat, geometry.lon, indexing="ij")
    return Grid(
        name=f"dino-{geometry.preset.name}",
        x=geometry.lon,
        y=geometry.lat,
        lat=lat,
        lon=lon,
        area=geometry.area,
        mask=geometry.wet[0],
        spacing=geometry.preset.spacing * 111.2e3,
        projection={"grid_mapping_name": "latitude_longitude", "earth_radius": 6371229.0},
        vertical=Vertical(geometry.depth, geometry.thickness, geometry.wet),
    )


def instability(path: Path, states: int = 40) -> float:
    """Return the share of unstable interfaces in a store, per cent, over evenly picked states."""
    store = open_store(path)
    grid = store.grid.ocean_grid()
    pairs = [(m, t) for m in range(store.members) for t in range(len(store.hours))]
    picked = [pairs[k] for k in np.linspace(0, len(pairs) - 1, min(states, len(pairs))).astype(int)]
    found = [store.read(*pair).astype(np.float64) for pair in picked]
    return float(np.mean([stability_of(s[: grid.levels], s[grid.levels : 2 * grid.levels], grid) for s in found]))


def _create(out: Path, plan: Plan, geometry: Geometry, crew: list[Member], provenance: dict[str, object]) -> None:
    table = MemberTable(
        names=NAMES,
        units=tuple(UNITS.get(name, "1") for name in NAMES),
        values=np.array([m.parameters.values() for m in crew]),
        roles=tuple(m.role for m in crew),
    )
    hours = 24 * plan.sample_days * np.arange(plan.samples)
    create_store(
        out, make_grid(geometry), ocean_channels(geometry.preset.levels), plan.members, hours,
        provenance | {"parameter_ranges": {k: list(v) for k, v in RANGES.items()}},
        calendar="360_day", splits=table.splits(plan.years), members_table=table,
    )  # fmt: skip


def _tasks(out: Path, plan: Plan, crew: list[Member]) -> tuple[Task, list[Task]]:
    runs, dino = runs_folder(out), ForcingParameters()
    start = Task(
        name="start",
        folder=str(runs / "start"),
        forcing=ForcingPlan(plan.seed, members_weather(plan), dino, dino, 0),
        legs=(Leg("accelerated", plan.start_years * YEAR_DAYS, diagnose_days=YEAR_DAYS),),
        keep_end=True,
    )
    members = [
        Task(
            name=f"member-{number:03d}",
            folder=str(runs / f"member-{number:03d}"),
            forcing=ForcingPlan(
                plan.seed, number, dino, member.parameters, min(RAMP_YEARS, max(1, plan.branch_years)) * YEAR_DAYS
            ),
            legs=(
                Leg("accelerated", plan.branch_years * YEAR_DAYS, diagnose_days=YEAR_DAYS),
                Leg("accelerated", plan.years * YEAR_DAYS, sample_days=plan.sample_days, diagnose_days=YEAR_DAYS),
            ),
            start=str(TaskFolder(start.folder).end),
        )
        for number, member in enumerate(crew)
    ]
    return start, members


def members_weather(plan: Plan) -> int:
    """Return the number of the common start's weather: none of the members'."""
    return plan.members


def _run(out: Path, plan: Plan, crew: list[Member], jobs: int, quiet: bool) -> None:
    start, members = _tasks(out, plan, crew)
    done = {task.name: 0.0 for task in (start, *members)}
    with progress(f"dino {plan.preset}, years", plan.total_years, quiet=quiet) as report:

        def show(task: str, day: float) -> None:
            done[task] = day
            report(int(sum(done.values()) / YEAR_DAYS), task)

        if not TaskFolder(start.folder).finished:
            run_tasks([start], plan.preset, runs_folder(out), progress=show)
        show(start.name, start.days)
        _require_health(start)
        run_tasks(members, plan.preset, runs_folder(out), jobs=jobs, progress=show)
    for task in members:
        _require_health(task)


def _require_health(task: Task) -> None:
    crash = TaskFolder(task.folder).crash
    if crash.exists():
        raise HaloclineError(
            f"ocean model of {task.name}",
            found=f"it blew up ({crash.read_text(encoding='utf-8').strip()})",
            expected="a stable run",
            remedy=f"The other members are complete. Remove {crash} to try again, or choose another --seed.",
        )


def _collect(out: Path, plan: Plan, members: int) -> None:
    writer = StoreWriter(out)
    for member in range(members):
        folder = TaskFolder(runs_folder(out) / f"member-{member:03d}")
        for index in range(plan.samples):
            with np.load(folder.sample(plan.branch_years * YEAR_DAYS + index * plan.sample_days)) as state:
                writer.write(member, index, np.concatenate([state["thetao"], state["so"], state["zos"][None]]))


def _check(plan: Plan, jobs: int) -> None:
    for name, value, least in (
        ("years", plan.years, 1),
        ("start-years", plan.start_years, 1),
        ("branch-years", plan.branch_years, 0),
        ("sample-days", plan.sample_days, 1),
        ("jobs", jobs, 1),
    ):
        if value < least:
            raise ConfigError(name, found=value, expected=f"at least {least}", remedy="Pass a larger number.")


def _already_complete(out: Path, provenance: dict[str, object]) -> bool:
    """Tell whether ``out`` is finished; raise if it was made by another command."""
    store = open_store(out, require_complete=False)
    before = store.attributes["provenance"]
    different = sorted(k for k in provenance if provenance.get(k) != before.get(k))
    if different:
        raise OutputError(
            f"output {out}",
            found=", ".join(f"{k} = {before.get(k)}" for k in different),
            expected=", ".join(f"{k} = {provenance.get(k)}" for k in different),
            remedy="A store continues with the command that began it; choose another --out for other settings.",
        )
    return bool(store.attributes["complete"])
