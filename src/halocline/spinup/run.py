"""A run towards equilibrium in blocks of ten years, plain or accelerated between them; survives a kill."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from halocline.runtime import files
from halocline.runtime.errors import OutputError
from halocline.runtime.seals.arrays import read_npz
from halocline.spinup.accelerate import Accelerator
from halocline.spinup.anderson import Proposal
from halocline.spinup.block import Block
from halocline.spinup.block_files import block_file, read_block, write_block
from halocline.spinup.criterion import WINDOW
from halocline.worlds.dino.climate import YEAR_DAYS
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.session import Session

SHARED = 2
"""Blocks before the first extrapolation: an accelerated run takes them from its plain run."""
FROZEN_DAYS, SYNCHRONOUS_DAYS = 30, 10
"""What a state without velocities needs before the accelerated clock."""


@dataclass(frozen=True, eq=False)
class InitialState:
    """Where a run begins.

    Attributes:
        state: Temperature (degC) and salinity (psu), (variable, level, y, x); None for the model's analytic start.
        day: Day of the year, from 0 on.
    """

    state: np.ndarray | None = None
    day: float = 0.0


class SpinupRun:
    """A run under constant forcing without weather.

    Args:
        folder: Where it is kept; a run that is begun again with the same folder continues.
        forcing: The parameters.
        start: Where it begins.
        plain: The plain run that an accelerated one shares its first blocks with.
        accelerate: Makes what acts between blocks, without memory yet; None for a plain run.
        repair: Makes an extrapolated state admissible.
    """

    def __init__(
        self,
        folder: Path,
        forcing: ForcingParameters,
        start: InitialState,
        *,
        plain: "SpinupRun | None" = None,
        accelerate: Callable[[], Accelerator] | None = None,
        repair: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self.folder, self._forcing, self._start, self._plain = Path(folder), forcing, start, plain
        self._accelerate, self._repair = accelerate, repair
        self._memory = None if accelerate is None else accelerate()
        self._blocks: list[Block] = []
        self.crash: str | None = None
        """What the model said when it blew up; None if it has not."""
        self._load()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """What has been run."""
        return tuple(self._blocks)

    @property
    def years(self) -> float:
        """Model years so far."""
        return sum(block.years for block in self._blocks)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds so far."""
        return sum(block.cpu_seconds for block in self._blocks)

    @property
    def end(self) -> Path:
        """The model's state at the end of the last block: ``end.npz``, from which other tasks can go on."""
        return self._task_folder(len(self._blocks) - 1).end

    def extend(self, session: Session, given: Proposal | None = None) -> bool:
        """Run one more block; return whether it was reached (False: the model blew up).

        Args:
            session: Where.
            given: Where the block begins, if neither where the last one ended nor where the run's own acceleration
                says.
        """
        number = len(self._blocks)
        if self.crash is not None:
            return False
        if self._plain is not None and number < SHARED:
            if len(self._plain.blocks) > number or self._plain.extend(session):
                self._take(self._plain.blocks[number])
            else:
                self.crash = self._plain.crash
            return self.crash is None
        task, began = self._task(number, given)
        done = session.run(task)
        if done.crash.exists() and task.replace is not None:
            os.replace(done.path, self._failed(number))
            task, began = self._task(number, given)
            done = session.run(task)
        if done.crash.exists():
            self.crash = json.dumps(done.outcome())
            return False
        self._keep(number, task, done, began)
        return True

    def _task(self, number: int, given: Proposal | None) -> tuple[ModelTask, str]:
        forcing = ForcingPlan(0, -1, self._forcing, self._forcing, 0, int(self._start.day) if number == 0 else 0)
        years = Leg("accelerated", WINDOW * YEAR_DAYS, YEAR_DAYS, YEAR_DAYS)
        folder = self._task_folder(number)
        name = f"{self.folder.name} {number}"
        if number == 0:
            legs = (years,) if self._start.state is None else (*adjustment(forcing.first_day), years)
            start = None if self._start.state is None else self._state(number, self._start.state)
            return ModelTask(name, str(folder.path), forcing, legs, start, True), "start"
        before = self._task_folder(number - 1)
        proposal = given if self._memory is None or number < SHARED else self._proposal
        failed = self._failed(number).exists()
        if proposal is None or proposal.kind in ("plain", "fallen back") or failed:
            began = "crashed" if failed else "plain" if proposal is None else proposal.kind
            return ModelTask(name, str(folder.path), forcing, (years,), str(before.end), True), began
        repaired = proposal.state if self._repair is None else self._repair(proposal.state)
        replace = self._state(number, repaired)
        return ModelTask(name, str(folder.path), forcing, (years,), str(before.end), True, replace), proposal.kind

    def _keep(self, number: int, task: ModelTask, done: TaskFolder, began: str) -> None:
        """Write the block, then drop what continues it no longer."""
        before = task.days - WINDOW * YEAR_DAYS
        states = []
        for year in range(1, WINDOW):
            water = read_npz(done.sample(before + year * YEAR_DAYS), "sample", "thetao", "so")
            states.append(np.stack([water["thetao"], water["so"]]))
        states.append(np.stack(done.end_state()).astype(np.float32))
        lost_years, lost_seconds = _lost(TaskFolder(self._failed(number)))
        block = Block(
            np.stack(states),
            [line for line in done.read_series() if line["day"] > before][-WINDOW:],
            task.days / YEAR_DAYS + lost_years,
            done.cpu_seconds() + lost_seconds,
            began,
        )
        write_block(self.folder, number, block)
        self._drop(number, block)
        self._take(block)

    def _drop(self, number: int, block: Block) -> None:
        """Remove what is needed no longer once a block is kept; ends of stretches stay, to go on from."""
        files.remove(self._task_folder(number).samples)
        if number > SHARED and not block.interrupts:
            files.remove(self._task_folder(number - 1).path)

    def _take(self, block: Block) -> None:
        self._blocks.append(block)
        if self._accelerate is not None and block.began == "crashed":
            self._memory = self._accelerate()
        if self._memory is not None:
            self._proposal: Proposal = self._memory.take(block)

    def _load(self) -> None:
        """Take the blocks that are there; what an acceleration remembers is what it makes of them again."""
        first = self._home(0) / "start-000.npz"
        if self._start.state is not None and first.exists():
            water = read_npz(first, "start", "thetao", "so")
            if not np.array_equal(np.stack([water["thetao"], water["so"]]), self._start.state):
                raise OutputError(
                    f"runs in {self._home(0)}",
                    found="runs from another state",
                    expected="runs from the state that is given now",
                    remedy="Choose another --out, or remove this folder.",
                )
        while block_file(self._home(len(self._blocks)), len(self._blocks), "json").exists():
            number = len(self._blocks)
            block = read_block(self._home(number), number)
            if self._home(number) == self.folder:
                self._drop(number, block)  # of a run that was killed before it could
            self._take(block)

    def _home(self, number: int) -> Path:
        return self._plain.folder if self._plain is not None and number < SHARED else self.folder

    def _task_folder(self, number: int) -> TaskFolder:
        return TaskFolder(self._home(number) / f"run-{number:03d}")

    def _failed(self, number: int) -> Path:
        return self.folder / f"failed-{number:03d}"

    def _state(self, number: int, state: np.ndarray) -> str:
        path = self.folder / f"start-{number:03d}.npz"
        files.write_npz(path, {"thetao": state[0], "so": state[1]})
        return str(path)


def adjustment(day: int) -> tuple[Leg, ...]:
    """Return the legs from a state without velocities on a day of the year to the next 1 January."""
    rest = (-day - SYNCHRONOUS_DAYS) % YEAR_DAYS
    legs = (Leg("frozen", FROZEN_DAYS), Leg("synchronous", SYNCHRONOUS_DAYS))
    return (*legs, Leg("accelerated", rest)) if rest else legs


def _lost(failed: TaskFolder) -> tuple[float, float]:
    """Return model years and CPU seconds of a block that blew up; zeros if there was none."""
    if not failed.crash.exists():
        return 0.0, 0.0
    return float(failed.outcome()["day"]) / YEAR_DAYS, failed.cpu_seconds()
