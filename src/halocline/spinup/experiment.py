"""The experiment: each target's known equilibria, then every method until it is at one; survives a kill."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from halocline.runtime.errors import HaloclineError
from halocline.spinup.admissible import admissible
from halocline.spinup.anderson import Anderson, AndersonSettings
from halocline.spinup.criterion import WINDOW, Criterion, Equilibrium, equilibrium_of
from halocline.spinup.methods import REFERENCES, Method
from halocline.spinup.outcome import Outcome, judge
from halocline.spinup.run import Course, Start
from halocline.spinup.session_pool import Crew
from halocline.spinup.targets import Archive, Target
from halocline.worlds.dino.session import Session

REFERENCE_BLOCKS = 3
"""Blocks at the end of a reference run whose mean is an equilibrium."""
Report = Callable[[int, str], None]


@dataclass(frozen=True, eq=False)
class Plan:
    """What to run.

    Attributes:
        archive: The training members and the held-out ones.
        targets: Whose equilibrium.
        methods: Which ways, the references first (see methods.choose).
        starts: States to start from, by name of the target and of the plain method; the cold start needs none.
        max_years: Years of the reference runs; the other methods end there at the latest.
        criterion: When a method has arrived.
        anderson: How boldly it extrapolates.
    """

    archive: Archive
    targets: Sequence[Target]
    methods: Sequence[Method]
    starts: Mapping[tuple[str, str], Start]
    max_years: int
    criterion: Criterion = field(default_factory=Criterion)
    anderson: AndersonSettings = field(default_factory=AndersonSettings)

    @property
    def blocks(self) -> int:
        """Most blocks of a course."""
        return self.max_years // WINDOW

    @property
    def total_years(self) -> int:
        """Most model years in all."""
        return len(self.targets) * len(self.methods) * self.blocks * WINDOW


@dataclass(frozen=True)
class Result:
    """What came out.

    Attributes:
        outcomes: Of each target and method.
        references: The known equilibria, by name of the target.
        start_seconds: CPU seconds of set-up and compiling in this call; in no method's count.
    """

    outcomes: tuple[Outcome, ...]
    references: Mapping[str, tuple[Equilibrium, ...]]
    start_seconds: float


class Experiment:
    """Runs what is missing of a plan.

    Args:
        plan: What to run.
        out: Folder of the runs; the same plan and folder again continue.
        report: Told the model years that are done or turned out not to be needed, and a remark.
    """

    def __init__(self, plan: Plan, out: Path, report: Report) -> None:
        self._plan, self._out, self._report = plan, Path(out), report
        self._done: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def run(self, jobs: int) -> Result:
        """Run in ``jobs`` processes.

        Raises:
            InputError: If Veros is not installed.
            HaloclineError: If a process was ended, or the model blew up in the reference run.
        """
        plan = self._plan
        starts = list(dict.fromkeys(m.start for m in plan.methods))
        with Crew(plan.archive.preset, self._out / "jobs", jobs) as crew:
            ends = crew.map(
                lambda unit: self._reference(*unit, crew), [(t, name) for t in plan.targets for name in REFERENCES]
            )
            at = len(REFERENCES)
            references = {t.name: tuple(ends[at * k : at * (k + 1)]) for k, t in enumerate(plan.targets)}
            work = [(target, start) for target in plan.targets for start in starts]
            found = crew.map(lambda unit: self._from(*unit, references[unit[0].name], crew), work)
            seconds = crew.start_seconds
        order = {m.name: k for k, m in enumerate(plan.methods)}
        outcomes = [
            o
            for t in plan.targets
            for o in sorted((o for part in found for o in part if o.target == t.name), key=lambda o: order[o.method])
        ]
        return Result(tuple(outcomes), references, seconds)

    def _reference(self, target: Target, start: str, crew: Crew) -> Equilibrium:
        course = self._course(target, start)
        with crew.session() as session:
            while len(course.blocks) < self._plan.blocks:
                if not course.extend(session):
                    raise HaloclineError(
                        f"reference run of {target.name}, {start}",
                        found=f"the model blew up: {course.crash}",
                        expected="a stable run under the target's forcing",
                        remedy="Leave this target out, or remove its folder and use a grid with shorter steps.",
                    )
                self._tell(target, start, WINDOW * len(course.blocks))
        last = course.blocks[-REFERENCE_BLOCKS:]
        states = np.concatenate([block.states for block in last])
        series = [line for block in last for line in block.series]
        return equilibrium_of(start, self._plan.archive.metric, states, series, course.years)

    def _from(self, target: Target, start: str, references: tuple[Equilibrium, ...], crew: Crew) -> list[Outcome]:
        """Run the plain method from a start, and the accelerated one if it is asked for: it needs the plain one."""
        twin = self._course(target, start)
        chosen = [m for m in self._plan.methods if m.start == start]
        with crew.session() as session:
            return [self._pursue(target, method, twin, references, session) for method in chosen]

    def _pursue(
        self, target: Target, method: Method, twin: Course, references: tuple[Equilibrium, ...], session: Session
    ) -> Outcome:
        course = self._course(target, method.start, method.name, twin) if method.accelerated else twin
        plan = self._plan
        while True:
            outcome = judge(
                target.name, target.role, method.name, course, plan.archive.metric, references, plan.criterion
            )
            self._tell(target, method.name, WINDOW * len(course.blocks))
            arrived = outcome.reached["whole"] is not None
            if arrived or len(course.blocks) >= plan.blocks or not course.extend(session):
                self._tell(target, method.name, WINDOW * plan.blocks)
                return outcome if course.crash is None else replace(outcome, crash=course.crash)

    def _course(self, target: Target, start: str, name: str = "", twin: Course | None = None) -> Course:
        plan = self._plan
        folder = self._out / target.name / (name or start)
        begin = Start() if start == "cold" else plan.starts[target.name, start]
        if twin is None:
            return Course(folder, target.forcing, begin)
        metric = plan.archive.metric
        return Course(
            folder,
            target.forcing,
            begin,
            twin=twin,
            anderson=lambda: Anderson(plan.anderson, metric.slow),
            mend=lambda state: admissible(state, metric.grid),
        )

    def _tell(self, target: Target, method: str, years: int) -> None:
        with self._lock:
            self._done[target.name, method] = years
            self._report(sum(self._done.values()), f"{target.name}, {method}: year {years}")
