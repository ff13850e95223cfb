"""One Veros process that is kept: tasks one at a time, each depending on what came of the last."""

import json
import subprocess
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from halocline.runtime import files
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Job, Leg, Mode, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.process import Progress, end, require_veros, start_veros, stopped
from halocline.worlds.dino.seen import looked_at


class Session(AbstractContextManager["Session"]):
    """Runs tasks as ``process.run_tasks`` does, without a new process and new compiling for each.

    The process starts with the first task that is not finished. A clock (accelerated, synchronous) that is used for the
    first time is compiled in a day of its own, whose CPU seconds are in ``start_seconds`` and in no task's.

    Args:
        preset: Name of the grid.
        folder: Where job files and the log lie.
        progress: Called with the task's name and day.

    Attributes:
        start_seconds: CPU seconds of set-up and compiling so far.
    """

    def __init__(self, preset: str, folder: Path, progress: Progress | None = None) -> None:
        self._preset, self._folder, self._progress = preset, folder, progress
        self._popen: subprocess.Popen[str] | None = None
        self._starting, self._closed = threading.Lock(), False
        self._backend = ""
        self._warm: set[str] = set()
        self.start_seconds = 0.0

    def __exit__(self, *error: object) -> None:
        self.close()

    def run(self, task: ModelTask) -> TaskFolder:
        """Run a task unless it is finished, and return its folder.

        Raises:
            InputError: If Veros is not installed.
            HaloclineError: If the process ended before the task did.
        """
        folder = looked_at(task, self._preset)
        if not folder.finished:
            for mode in ("accelerated", "synchronous"):
                if any((leg.mode == "accelerated") == (mode == "accelerated") for leg in task.legs):
                    self._warm_up(mode)
            self._send(task, self._progress)
        return folder

    def close(self) -> None:
        """End the process, whatever it does; a thread that waits for a task gets an error, and so does a later one."""
        with self._starting:
            self._closed = True
            if self._popen is not None:
                end([self._popen])
                self._popen = None

    def _warm_up(self, mode: Mode) -> None:
        if mode in self._warm:
            return
        dino = ForcingParameters()
        folder = TaskFolder(self._folder / f"compile-{mode}")
        files.remove(folder.path)
        day = ModelTask(f"compile {mode}", str(folder.path), ForcingPlan(0, -1, dino, dino, 0), (Leg(mode, 1.0),))
        self._send(day, None)
        self.start_seconds += folder.cpu_seconds()
        files.remove(folder.path)
        self._warm.add(mode)

    def _send(self, task: ModelTask, progress: Callable[[str, float], None] | None) -> None:
        process = self._process()
        assert process.stdin is not None
        assert process.stdout is not None
        job = self._folder / "task.json"
        Job(self._preset, (task,), self._backend).write(job)
        try:
            process.stdin.write(f"{job}\n")
            process.stdin.flush()
            for line in process.stdout:
                words = json.loads(line) if line.startswith("{") else {}
                if "job" in words:
                    return
                if progress is not None and "day" in words:
                    progress(task.name, float(words["day"]))
        except BrokenPipeError:
            pass
        code = process.wait()
        self._popen = None
        self._warm.clear()
        raise stopped(task.name, code, self._folder / "veros.log")

    def _process(self) -> "subprocess.Popen[str]":
        with self._starting:
            if self._closed:
                raise KeyboardInterrupt
            if self._popen is None:
                self._backend = require_veros()
                self._folder.mkdir(parents=True, exist_ok=True)
                first = self._folder / "first.json"
                Job(self._preset, (), self._backend).write(first)
                self._popen = start_veros(first, self._folder / "veros.log", self._backend, listen=True)
            return self._popen
