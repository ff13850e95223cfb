"""The runs behind a known equilibrium: sides, extrapolations, years of the plain model; survives a kill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.runtime.errors import HaloclineError
from halocline.spinup.admissible import admissible
from halocline.spinup.anderson import Proposal
from halocline.spinup.block import Block
from halocline.spinup.criterion import WINDOW
from halocline.spinup.jump.history import History
from halocline.spinup.metric import Metric, even_metric
from halocline.spinup.reference.extrapolate import MIDDLE, SIDES, Decision, decide, grown
from halocline.spinup.reference.figures import Figures, figures_of
from halocline.spinup.reference.settings import ROUND, ReferenceSettings
from halocline.spinup.reference.starts import Case
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.reference.tail import Tail, mirrored, tail_of
from halocline.spinup.run import InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool

Report = Callable[[str, int, str], None]
"""``report(case, years, note)``: model years of a case that are done."""


@dataclass(frozen=True, eq=False)
class Round:
    """What was known after a round.

    Attributes:
        years: Years of the other side, extrapolations aside; of the cold one, if it was not run longer.
        figures: What the runs said.
        decision: What was done about it; None after the last round.
    """

    years: int
    figures: Figures
    decision: Decision | None


@dataclass(frozen=True, eq=False)
class Reference:
    """A known equilibrium.

    Attributes:
        case: Whose.
        metric: The norms.
        rounds: From the first years on; the last one's figures hold.
        runs: The blocks of each run, by name.
        folding: E-folding time of what was left of the plain cold start, years, where its mirror image is the other
            side; else None.
    """

    case: Case
    metric: Metric
    rounds: tuple[Round, ...]
    runs: Mapping[str, Sequence[Block]]
    folding: float | None = None

    @property
    def figures(self) -> Figures:
        """What is known at the end."""
        return self.rounds[-1].figures

    @property
    def years(self) -> float:
        """Model years of all runs."""
        return sum(b.years for blocks in self.runs.values() for b in blocks)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all runs."""
        return sum(b.cpu_seconds for blocks in self.runs.values() for b in blocks)


class ReferenceRuns:
    """Runs what is missing of a case.

    What is extrapolated, and where to, depends on nothing but the blocks before; so the same call again makes the same
    decisions from the blocks that are there, and goes on.

    Args:
        case: Whose equilibrium.
        grid: The cells.
        folder: Of the case.
        settings: Limits and lengths.
        report: Hears of each block.
        taught: Of runs of other forcings, which teach the map of changes as well.
    """

    def __init__(
        self,
        case: Case,
        grid: Grid,
        folder: Path,
        settings: ReferenceSettings,
        report: Report,
        taught: Sequence[History] = (),
    ) -> None:
        self._case, self._metric, self._folder = case, even_metric(grid), folder
        self._settings, self._report, self._taught = settings, report, taught
        starts = dict(zip(SIDES, (InitialState(), case.other), strict=True))
        self._runs = {name: self._run(name, start) for name, start in starts.items() if start is not None}

    def make(self, pool: SessionPool) -> Reference:
        """Run until the limits hold or the years are used up.

        Raises:
            HaloclineError: If the model blew up where nothing had been extrapolated, or its process ended.
        """
        first = dict(zip(SIDES, (self._settings.cold_blocks, self._settings.first_blocks), strict=True))
        if SIDES[1] not in self._runs:
            self._extend(pool, {SIDES[0]: first[SIDES[0]]}, {})
            beyond = self._admissible(mirrored(self._tail(first[SIDES[0]]), self._metric))
            self._runs[SIDES[1]] = self._run(SIDES[1], InitialState(beyond))
        self._extend(pool, first, {})
        rounds: list[Round] = []
        history: list[dict[str, Stretch]] = []
        for number in range(self._settings.rounds + 1):
            lengths = {side: blocks + number * ROUND for side, blocks in first.items()} | {MIDDLE: number * ROUND}
            now = self._now(lengths)
            history.append(now)
            figures = figures_of(now, self._metric, self._settings, self._taught, history[:-1])
            years = WINDOW * lengths[SIDES[1]]
            if number == self._settings.rounds or (number and figures.verified):
                break
            hold = grown(history, self._metric, self._settings)
            decision = decide(now, self._metric, self._settings, hold, self._taught, history[:-1])
            rounds.append(Round(years, figures, decision))
            if number == 0:
                middle = 0.5 * (now[SIDES[0]].mean + now[SIDES[1]].mean)
                self._runs[MIDDLE] = self._run(MIDDLE, InitialState(self._admissible(middle)))
            self._extend(pool, {name: length + ROUND for name, length in lengths.items()}, decision.proposals)
        rounds.append(Round(years, figures, None))
        runs = {name: run.blocks[: lengths[name]] for name, run in self._runs.items()}
        folding = None if self._case.other is not None else self._tail(first[SIDES[0]]).folding
        return Reference(self._case, self._metric, tuple(rounds), runs, folding)

    def end(self, name: str) -> Path:
        """Return the model's state at the end of a run, ``end.npz``."""
        return self._runs[name].end

    def _now(self, lengths: Mapping[str, int]) -> dict[str, Stretch]:
        """Return the runs as they were at these lengths; an earlier call may have gone further."""
        return {name: Stretch(name, run.blocks[: lengths[name]]) for name, run in self._runs.items()}

    def _extend(self, pool: SessionPool, lengths: Mapping[str, int], proposals: Mapping[str, Proposal]) -> None:
        """Bring every run to its length; its next block but one round begins from its proposal."""

        def extend(name: str) -> None:
            run, begins = self._runs[name], lengths[name] - ROUND
            while len(run.blocks) < lengths[name]:
                given = proposals.get(name) if len(run.blocks) == begins else None
                with pool.session() as session:
                    if not run.extend(session, given):
                        raise HaloclineError(
                            f"run of {self._case.name}, {name}",
                            found=f"the model blew up: {run.crash}",
                            expected="a stable run under this forcing",
                            remedy="Leave this forcing out, or use a grid with shorter steps.",
                        )
                self._tell(name)
            self._tell(name)

        pool.map(extend, list(lengths))

    def _tail(self, blocks: int) -> Tail:
        return tail_of(self._runs[SIDES[0]].blocks[:blocks], self._metric, self._case.name)

    def _run(self, name: str, start: InitialState) -> SpinupRun:
        return SpinupRun(self._folder / name, self._case.forcing, start, repair=self._admissible)

    def _admissible(self, state: np.ndarray) -> np.ndarray:
        return admissible(state, self._metric.grid)

    def _tell(self, name: str) -> None:
        years = sum(10 * len(run.blocks) for run in self._runs.values())
        self._report(self._case.name, years, f"{self._case.name}, {name}: year {10 * len(self._runs[name].blocks)}")
