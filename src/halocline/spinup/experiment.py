"""The experiment: each target's known equilibria, then every method until it is at one; survives a kill."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from halocline.runtime.errors import HaloclineError
from halocline.spinup.accelerate import Accelerator, AndersonBetweenBlocks, JumpsBetweenBlocks
from halocline.spinup.admissible import admissible
from halocline.spinup.anderson import Anderson, AndersonSettings
from halocline.spinup.criterion import TIERS, WINDOW, Criterion, Equilibrium, equilibrium_of
from halocline.spinup.histories import write_forcing
from halocline.spinup.jump.jump import JumpSettings
from halocline.spinup.jump.shared_map import SharedMap
from halocline.spinup.methods import REFERENCES, Method
from halocline.spinup.outcome import Outcome, arrival, judge
from halocline.spinup.reference.settings import ROUND
from halocline.spinup.run import InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool
from halocline.spinup.targets import Archive, Target
from halocline.worlds.dino.session import Session

REFERENCE_BLOCKS = 3
"""Blocks at the end of a reference run whose mean is an equilibrium."""
Report = Callable[[int, str], None]


@dataclass(frozen=True, eq=False)
class SpinupPlan:
    """What to run.

    Attributes:
        archive: The training members and the held-out ones.
        targets: Whose equilibrium.
        methods: Which ways, the references first (see methods.choose).
        starts: States to start from, by name of the target and of the plain method; the cold start needs none.
        max_years: Years of the reference runs; the other methods end there at the latest.
        criterion: When a method has arrived.
        anderson: How boldly it extrapolates.
        known: Known equilibria by name of the target; where there are none, the ends of two runs serve.
        slow: Maps for jumps by name of the target, taught by other forcings.
        jump: How boldly they jump.
        stricter: Whether runs go on until the stricter criterion holds as well (criterion.TIERS).
        cold_years: Years of the plain cold start at most, the yardstick of all others; as ``max_years`` if None.
    """

    archive: Archive
    targets: Sequence[Target]
    methods: Sequence[Method]
    starts: Mapping[tuple[str, str], InitialState]
    max_years: int
    criterion: Criterion = field(default_factory=Criterion)
    anderson: AndersonSettings = field(default_factory=AndersonSettings)
    known: Mapping[str, Equilibrium] = field(default_factory=dict)
    slow: Mapping[str, SharedMap] = field(default_factory=dict)
    jump: JumpSettings = field(default_factory=JumpSettings)
    stricter: bool = False
    cold_years: int | None = None

    @property
    def until(self) -> Criterion:
        """What ends a run."""
        return self.criterion.times(TIERS["stricter"]) if self.stricter else self.criterion

    @property
    def blocks(self) -> int:
        """Most blocks of a run."""
        return self.max_years // WINDOW

    def most_years(self, method: Method) -> int:
        """Most years of a way to an equilibrium."""
        longer = method.name == "cold" and self.cold_years is not None
        return WINDOW * ((self.cold_years or 0) // WINDOW if longer else self.blocks)

    @property
    def total_years(self) -> int:
        """Most model years in all."""
        return len(self.targets) * sum(self.most_years(method) for method in self.methods)


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
        report: Receives the model years that are done or turned out not to be needed, and a remark.
    """

    def __init__(self, plan: SpinupPlan, out: Path, report: Report) -> None:
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
        with SessionPool(plan.archive.preset, self._out / "jobs", jobs) as pool:
            for target in plan.targets:
                write_forcing(self._out / target.name, plan.archive.preset, target.forcing)
            references = self._references(pool)
            work = [(target, start) for target in plan.targets for start in starts]
            found = pool.map(lambda unit: self._from(*unit, references[unit[0].name], pool), work)
            seconds = pool.start_seconds
        made = {(o.target, o.method): o for part in found for o in part}
        outcomes = tuple(made[t.name, m.name] for t in plan.targets for m in plan.methods)
        return Result(outcomes, references, seconds)

    def _references(self, pool: SessionPool) -> dict[str, tuple[Equilibrium, ...]]:
        plan = self._plan
        if plan.known:
            return {target.name: (plan.known[target.name],) for target in plan.targets}
        unknown = [(target, name) for target in plan.targets for name in REFERENCES]
        ends, at = pool.map(lambda unit: self._reference(*unit, pool), unknown), len(REFERENCES)
        return {t.name: tuple(ends[at * k : at * (k + 1)]) for k, t in enumerate(plan.targets)}

    def _reference(self, target: Target, start: str, pool: SessionPool) -> Equilibrium:
        run = self._run_of(target, start)
        with pool.session() as session:
            while len(run.blocks) < self._plan.blocks:
                if not run.extend(session):
                    raise HaloclineError(
                        f"reference run of {target.name}, {start}",
                        found=f"the model blew up: {run.crash}",
                        expected="a stable run under the target's forcing",
                        remedy="Leave this target out, or remove its folder and use a grid with shorter steps.",
                    )
                self._tell(target, start, WINDOW * len(run.blocks))
        last = run.blocks[-REFERENCE_BLOCKS:]
        states = np.concatenate([block.states for block in last])
        series = [line for block in last for line in block.series]
        return equilibrium_of(start, self._plan.archive.metric, states, series, run.years)

    def _from(
        self, target: Target, start: str, references: tuple[Equilibrium, ...], pool: SessionPool
    ) -> list[Outcome]:
        """Run the plain method from a start, and the accelerated one if it is asked for: it needs the plain one."""
        plain = self._run_of(target, start)
        chosen = [m for m in self._plan.methods if m.start == start]
        with pool.session() as session:
            return [self._pursue(target, method, plain, references, session) for method in chosen]

    def _pursue(
        self, target: Target, method: Method, plain: SpinupRun, references: tuple[Equilibrium, ...], session: Session
    ) -> Outcome:
        run = self._accelerated(target, method, plain) if method.accelerated else plain
        plan, most = self._plan, self._plan.most_years(method)
        while True:
            outcome = judge(target.name, target.role, method.name, run, plan.archive.metric, references, plan.criterion)
            self._tell(target, method.name, WINDOW * len(run.blocks))
            arrived = arrival(outcome.stages, plan.until) is not None
            if arrived or WINDOW * len(run.blocks) >= most or not run.extend(session):
                self._tell(target, method.name, most)
                return outcome if run.crash is None else replace(outcome, crash=run.crash)

    def _run_of(self, target: Target, start: str) -> SpinupRun:
        return SpinupRun(self._out / target.name / start, target.forcing, self._start(target, start))

    def _start(self, target: Target, start: str) -> InitialState:
        return InitialState() if start == "cold" else self._plan.starts[target.name, start]

    def _accelerated(self, target: Target, method: Method, plain: SpinupRun) -> SpinupRun:
        plan, metric = self._plan, self._plan.archive.metric

        def accelerate() -> Accelerator:
            if method.by == "jump":
                slow = plan.slow[target.name]
                return JumpsBetweenBlocks(lambda _: slow, plan.jump, ROUND)
            return AndersonBetweenBlocks(Anderson(plan.anderson, metric.slow))

        return SpinupRun(
            self._out / target.name / method.name,
            target.forcing,
            self._start(target, method.start),
            plain=plain,
            accelerate=accelerate,
            repair=lambda state: admissible(state, metric.grid),
        )

    def _tell(self, target: Target, method: str, years: int) -> None:
        with self._lock:
            self._done[target.name, method] = years
            self._report(sum(self._done.values()), f"{target.name}, {method}: year {years}")
