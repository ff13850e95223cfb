"""One member from its start to its end: spin-up, samples into the store, restarts every 30 days."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.seen import are_there
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.seals.json_object import damaged
from halocline.worlds.arctic.budget import VolumeBudget
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.forcing import Forcing
from halocline.worlds.arctic.forcing_file import FileForcing
from halocline.worlds.arctic.model import MODEL_STEP_HOURS, ArcticModel
from halocline.worlds.arctic.parameters import Physics
from halocline.worlds.arctic.restart import memory_from, read_restart, state_from, write_restart
from halocline.worlds.arctic.start import start_state
from halocline.worlds.arctic.state import winter_state
from halocline.worlds.arctic.weather.synthetic import STEPS_PER_YEAR, SyntheticWeather

RESTART_EVERY = 120  # 6-h steps: 30 days
REPORT_EVERY = 20  # 6-h steps


@dataclass(frozen=True)
class ArcticPlan:
    """What to simulate; the same for every member. See ``run.simulate`` for the meaning of each."""

    resolution_km: int
    years: int
    spinup_years: int
    interval_hours: int
    seed: int
    rheology: str
    warming: float
    start: str | None
    start_index: int
    forcing: str | None
    year_steps: int = STEPS_PER_YEAR  # tests shorten the year
    choices: Choices = AS_THE_FILE_SAYS  # what the files of start and forcing do not say
    begin: int = 0  # 6-h step of the first stored state; 0 is 1 January
    physics: Mapping[str, float] = field(default_factory=dict)  # constants changed, see parameters.Physics

    @property
    def first_step(self) -> int:
        """The 6-h step the spin-up begins at; that of the first stored state without one."""
        return self.begin if self.start is not None else -self.spinup_years * self.year_steps

    @property
    def last_step(self) -> int:
        """The step after the last stored year."""
        return self.begin + self.years * self.year_steps


def restart_folder(out: Path) -> Path:
    """Return the folder of a store's restarts, beside it."""
    return out.with_name(out.name + ".restarts")


def final_restart(out: Path, member: int) -> Path:
    """Return the path of a member's end state."""
    return restart_folder(out) / f"member-{member}.end.safetensors"


def run_member(out: Path, plan: ArcticPlan, member: int, report: Callable[[int], None] = lambda steps: None) -> None:
    """Simulate one member into the store ``out``, from its last restart if there is one that can be trusted.

    Args:
        out: A store made by ``create_store``.
        plan: What to simulate.
        member: Member number.
        report: Called with the number of 6-h steps done since the start of the spin-up.
    """
    latest, end = restart_folder(out) / f"member-{member}.safetensors", final_restart(out, member)
    for restart in (end, latest):
        if restart.exists() and not _is_backed(restart, out, plan, member):
            files.remove(restart)
    if end.exists():
        files.remove(latest)  # of a run that was killed before it could
        report(plan.last_step - plan.first_step)
        return
    if latest.exists():
        model, start_volume = _continued(latest, plan, member)
    else:
        model = make_model(plan, member)
        start_volume = model.volume()
    writer, every = StoreWriter(out), plan.interval_hours // MODEL_STEP_HOURS
    while model.step < plan.last_step:
        since = model.step - plan.begin
        if since >= 0 and since % every == 0:
            writer.write(member, since // every, model.sample())
        model.advance()
        if model.step % RESTART_EVERY == 0:
            writer.flush()
            write_restart(latest, model, start_volume)
        if model.step % REPORT_EVERY == 0:
            report(model.step - plan.first_step)
    writer.flush()
    write_restart(end, model, start_volume)
    files.remove(latest)
    report(plan.last_step - plan.first_step)


def _is_backed(restart: Path, out: Path, plan: ArcticPlan, member: int) -> bool:
    """Tell whether a restart can be read, and all samples that it counts too; if not, the member begins anew."""
    try:
        step = int(read_restart(restart, arctic_domain(plan.resolution_km).grid)["step"][0])
    except InputError:
        return False
    every = plan.interval_hours // MODEL_STEP_HOURS
    return are_there(open_store(out, require_complete=False), member, max(0, -((plan.begin - step) // every)))


def make_forcing(plan: ArcticPlan, member: int) -> Forcing:
    """Return the member's atmosphere: the user's file, or synthetic weather.

    Raises:
        InputError: If the user's file does not fit.
    """
    domain = arctic_domain(plan.resolution_km)
    if plan.forcing is not None:
        return FileForcing(Path(plan.forcing), domain, plan.years, plan.begin * MODEL_STEP_HOURS, plan.choices)
    return SyntheticWeather(domain, plan.seed, member, plan.warming)


def make_model(plan: ArcticPlan, member: int) -> ArcticModel:
    """Return the member's model at its first step.

    Raises:
        InputError: If the user's start or forcing does not fit.
    """
    domain = arctic_domain(plan.resolution_km)
    forcing = make_forcing(plan, member)
    air = forcing.at(plan.first_step)
    moving = False
    if plan.start is not None:
        state, moving, _ = start_state(Path(plan.start), plan.start_index, domain, air, plan.choices)
    else:
        state = winter_state(domain, air.sst)
    physics = Physics.changed(plan.physics)
    model = ArcticModel(
        domain,
        forcing,
        state,
        step=plan.first_step,
        rheology=plan.rheology,
        dynamics=physics.dynamics,
        thermodynamics=physics.thermodynamics,
    )
    if not moving:
        model.find_velocity()
    return model


def _continued(path: Path, plan: ArcticPlan, member: int) -> tuple[ArcticModel, float]:
    domain = arctic_domain(plan.resolution_km)
    arrays = read_restart(path, domain.grid)
    forcing = make_forcing(plan, member)
    try:
        forcing.recall(memory_from(arrays))
    except (KeyError, ValueError, IndexError) as error:
        raise damaged(f"restart {path}", f"memory of another weather ({error})") from error
    physics = Physics.changed(plan.physics)
    model = ArcticModel(
        domain,
        forcing,
        state_from(arrays),
        step=int(arrays["step"][0]),
        rheology=plan.rheology,
        budget=VolumeBudget(arrays["budget"]),
        dynamics=physics.dynamics,
        thermodynamics=physics.thermodynamics,
    )
    return model, float(arrays["start_volume"][0])
