"""What Veros's process is asked to do, as JSON: the only words the two programs have in common."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from halocline.runtime import files
from halocline.runtime.limits import is_number
from halocline.runtime.log import JsonLines
from halocline.runtime.seals.arrays import read_npz
from halocline.runtime.seals.json_object import damaged, read_json, write_json
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
        start: ``None`` for the analytic start; else an .npz with ``thetao`` and ``so``, perhaps ``u`` and ``v`` (level,
            y, x; eastern and northern faces), everything else at rest; or the ``end.npz`` of another task, which
            continues it.
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
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Job":
        """Read what ``write`` wrote."""
        raw = read_json(path, "job")
        return cls(raw["preset"], tuple(_task(t) for t in raw["tasks"]), raw["backend"])


def _task(raw: dict[str, Any]) -> ModelTask:
    forcing = dict(raw["forcing"])
    forcing |= {key: ForcingParameters(**forcing[key]) for key in ("start", "end")}
    legs = tuple(Leg(**leg) for leg in raw["legs"])
    return ModelTask(**raw | {"forcing": ForcingPlan(**forcing), "legs": legs})


class TaskFolder:
    """Names of the files of a task.

    ``samples/<day>.npz`` states; ``series.jsonl`` diagnostics; ``restart.npz`` to continue from, ``clock.json``
    what a clock has measured up to there; at the end ``end.npz`` and ``done.json``, or ``crash.json``.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.samples = self.path / "samples"
        self.series = self.path / "series.jsonl"
        self.restart = self.path / "restart.npz"
        self.clock = self.path / "clock.json"
        self.end = self.path / "end.npz"
        self.done = self.path / "done.json"
        self.crash = self.path / "crash.json"

    def sample(self, day: float) -> Path:
        """Return the file of the state on a day of the task."""
        return self.samples / f"{day:09.2f}.npz"

    def cpu_seconds(self) -> float:
        """Return the CPU seconds of a finished task, the compiling of its steps included."""
        words = self.outcome()
        if not is_number(words.get("cpu_seconds")):
            raise damaged(f"end of a run in {self.path}", f"cpu_seconds {words.get('cpu_seconds')!r}")
        return float(words["cpu_seconds"])

    def outcome(self) -> dict[str, Any]:
        """Return what a finished task says of its end: ``done.json`` or ``crash.json``.

        Raises:
            InputError: If the file is damaged.
        """
        file = self.done if self.done.exists() else self.crash
        words = read_json(file, "end of a run")
        if file == self.crash and not is_number(words.get("day")):
            raise damaged(f"end of a run {file}", f"day {words.get('day')!r}")
        return words

    def note_clock(self, cpu_seconds: float) -> None:
        """Write how long the task has taken so far, beside the restart that is about to be written.

        A restart itself holds nothing that a clock measures: those of one run are equal to the byte.
        """
        write_json(self.clock, {"cpu_seconds": cpu_seconds})

    def clock_seconds(self) -> float:
        """Return the CPU seconds up to the restart; 0 if nobody noted them.

        Raises:
            InputError: If the file is damaged.
        """
        if not self.clock.exists():
            return 0.0
        seconds = read_json(self.clock, "clock of a run").get("cpu_seconds")
        if not is_number(seconds):
            raise damaged(f"clock of a run {self.clock}", f"cpu_seconds {seconds!r}")
        return float(seconds or 0.0)

    def drop_restart(self) -> None:
        """Remove the restart of a task that has ended, and its clock."""
        files.remove(self.restart)
        files.remove(self.clock)

    def finish(self, file: Path, words: Mapping[str, Any]) -> None:
        """Write ``done`` or ``crash``, with the digest of the diagnostics that belong to it."""
        series = {"series_sha256": files.sha256_of(self.series)} if self.series.exists() else {}
        write_json(file, {**words, **series})

    def end_state(self) -> tuple[np.ndarray, np.ndarray]:
        """Return thetao (degC) and so (psu) at the end of a task that kept it, (level, y, x) float64; dry cells 0."""
        state = read_npz(self.end, "end of a run", "state:thetao", "state:so")
        return state["state:thetao"], state["state:so"]

    def end_flow(self) -> dict[str, np.ndarray]:
        """Return ``thetao so u v`` (level, y, x) and ``zos`` (y, x) at the end of a task that kept it; dry cells 0."""
        names = ("thetao", "so", "u", "v", "zos")
        state = read_npz(self.end, "end of a run", *(f"state:{name}" for name in names))
        return {name: state[f"state:{name}"] for name in names}

    @property
    def finished(self) -> bool:
        """Whether the task has ended, well or not."""
        return self.done.exists() or self.crash.exists()

    @property
    def has_begun(self) -> bool:
        """Whether there is something from which the task would go on, or its end."""
        return self.finished or self.restart.exists()

    def read_series(self) -> list[dict[str, float]]:
        """Return the diagnostics, one dict a time; of a finished task all that were written.

        Raises:
            InputError: If a line is damaged, or the file of a finished task is not as it was at its end.
        """
        stated = self.outcome().get("series_sha256") if self.finished else None
        if stated is not None and (not self.series.exists() or files.sha256_of(self.series) != stated):
            raise damaged(f"diagnostics {self.series}", "other lines than at the end of the run")
        return JsonLines(self.series).records("diagnostics")
