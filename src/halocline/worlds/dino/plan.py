"""What an ensemble of DINO oceans is made of: one spin-up, then a task for each member."""

from dataclasses import asdict, dataclass
from pathlib import Path

from halocline.runtime.errors import require_at_least
from halocline.runtime.limits import check_numbers
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import ForcingParameters, Member

RAMP_YEARS = 3
"""Length of the linear ramp to a member's own forcing, years; an abrupt change has crashed the model."""


@dataclass(frozen=True)
class EnsemblePlan:
    """What to simulate; see ``run.simulate``."""

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


def runs_folder(out: Path) -> Path:
    """Return the folder of a store's unfinished runs, beside it."""
    return out.with_name(out.name + ".runs")


def plan_tasks(out: Path, plan: EnsemblePlan, forced: list[Member]) -> tuple[ModelTask, list[ModelTask]]:
    """Return the common spin-up and the members' runs, which start from its end."""
    runs, dino = runs_folder(out), ForcingParameters()
    start = ModelTask(
        name="start",
        folder=str(runs / "start"),
        forcing=ForcingPlan(plan.seed, plan.members, dino, dino, 0),
        legs=(Leg("accelerated", plan.start_years * YEAR_DAYS, diagnose_days=YEAR_DAYS),),
        keep_end=True,
    )
    members = [
        ModelTask(
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
        for number, member in enumerate(forced)
    ]
    return start, members


def check_plan(plan: EnsemblePlan, jobs: int) -> None:
    """Raise ConfigError if a number is out of range."""
    check_numbers({**asdict(plan), "jobs": jobs})
    least = {"years": (plan.years, 1), "start-years": (plan.start_years, 1), "branch-years": (plan.branch_years, 0)}
    require_at_least({**least, "sample-days": (plan.sample_days, 1), "jobs": (jobs, 1)})
