"""What Veros's process is asked to do, as JSON: the only words the two programs have in common."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from halocline.runtime import files
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.parameters import ForcingParameters

Mode = Literal["accelerated", "synchronous", "frozen"]
"""``accelerated``: long tracer steps, the momentum clock runs slow; for climates. ``synchronous``: one step for both;
for the first days of a state. ``frozen``: synchronous with temperature and salinity held; velocities adjust."""


@dataclass(frozen=True)
class Leg:
    """A stretch of a run.

    Attributes:
        mode: Which clock.
        days: Length, days.
        sample_days: Interval between stored states, days, from the leg's first day on; 0 for none.
        diagnose_days: Interval between diagnostics, days; also at the leg's end; 0 for none.
    """

    mode: Mode
    days: float
    sample_days: float = 0.0
    diagnose_days: float = 0.0


@dataclass(frozen=True)
class ModelTask:
    """One run of the model, in a folder of its own.

    Attributes:
        name: For people.
        folder: Where everything it writes lies.
        forcing: The forcing.
        legs: One after the other.
        start: ``None`` for the analytic start; else an .npz with ``thetao`` and ``so`` (level, y, x), everything else
            at rest; or the ``end.npz`` of another task, which continues it.
        keep_end: Whether the end state is written.
        replace: ``None``, or an .npz with ``thetao`` and ``so`` (level, y, x) that take the place of the start's: with
            an ``end.npz`` its velocities stay.
    """

    name: str
    folder: str
    forcing: ForcingPlan
    legs: tuple[Leg, ...]
    start: str | None = None
    keep_end: bool = False
    replace: str | None = None

    @property
    def days(self) -> float:
        """Length of all legs, days."""
        return sum(leg.days for leg in self.legs)


@dataclass(frozen=True)
class Job:
    """Tasks for one process, done in order.

    Attributes:
        preset: Name of the grid.
        tasks: What to do.
        backend: ``jax``, or ``numpy`` where JAX is not installed.
    """

    preset: str
    tasks: tuple[ModelTask, ...]
    backend: str = "jax"
    version: int = 1

    def write(self, path: Path) -> None:
        """Write as JSON."""
        files.write_text(path, json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> "Job":
        """Read what ``write`` wrote."""
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return cls(raw["preset"], tuple(_task(t) for t in raw["tasks"]), raw["backend"])


def _task(raw: dict[str, Any]) -> ModelTask:
    forcing = dict(raw["forcing"])
    forcing |= {key: ForcingParameters(**forcing[key]) for key in ("start", "end")}
    legs = tuple(Leg(**leg) for leg in raw["legs"])
    return ModelTask(**raw | {"forcing": ForcingPlan(**forcing), "legs": legs})


class TaskFolder:
    """Names of the files of a task.

    ``samples/<day>.npz`` states; ``series.jsonl`` diagnostics; ``restart.npz`` to continue from; at the end ``end.npz``
    and ``done.json``, or ``crash.json``.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.samples = self.path / "samples"
        self.series = self.path / "series.jsonl"
        self.restart = self.path / "restart.npz"
        self.end = self.path / "end.npz"
        self.done = self.path / "done.json"
        self.crash = self.path / "crash.json"

    def sample(self, day: float) -> Path:
        """Return the file of the state on a day of the task."""
        return self.samples / f"{day:09.2f}.npz"

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of a finished task, the compiling of its steps included."""
        return float(json.loads((self.done if self.done.exists() else self.crash).read_text())["cpu_seconds"])

    def end_state(self) -> tuple[np.ndarray, np.ndarray]:
        """Return thetao (degC) and so (psu) at the end of a task that kept it, (level, y, x) float64; dry cells 0."""
        with np.load(self.end) as file:
            return file["state:thetao"], file["state:so"]

    @property
    def finished(self) -> bool:
        """Whether the task has ended, well or not."""
        return self.done.exists() or self.crash.exists()

    @property
    def has_begun(self) -> bool:
        """Whether there is something from which the task would go on, or its end."""
        return self.finished or self.restart.exists()

    def read_series(self) -> list[dict[str, float]]:
        """Return the diagnostics, one dict a time; a line that was cut off by a kill is left out."""
        lines = self.series.read_text(encoding="utf-8").splitlines() if self.series.exists() else []
        found = []
        for line in lines:
            with contextlib.suppress(json.JSONDecodeError):
                found.append(json.loads(line))
        return found
