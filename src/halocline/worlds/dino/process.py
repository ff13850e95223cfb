"""Running Veros in processes of its own: start, watch, tell how far they are, and say what went wrong."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.processes.waiting import wait_for
from halocline.runtime.run_lock import held_locks
from halocline.worlds.dino.job import Job, ModelTask
from halocline.worlds.dino.seen import looked_at

Progress = Callable[[str, float], None]
"""``progress(task, day)``: a task has reached a day of its run."""

_LAST_LINES = 8
"""Of a process's messages, told when it has failed."""
_LISTEN = ("--listen",)
_SETTINGS = {
    "VEROS_LOGLEVEL": "error",
    "VEROS_DISKLESS_MODE": "1",
    "VEROS_USE_SPECIAL_TDMA": "0",  # plain JAX: as fast, and its custom call is announced for removal
    "VEROS_FLOAT_TYPE": "float64",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NPROC": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "2",
}


def require_veros() -> str:
    """Return the backend, ``jax`` or, where JAX is not installed, ``numpy``.

    Raises:
        InputError: If Veros is not installed.
    """
    if importlib.util.find_spec("veros") is None:
        remedy = "Install it with: pip install 'halocline[dino]' (it is GPL-3 and runs as a program of its own)."
        raise InputError("Veros, the ocean model", found="not installed", expected="veros 1.6 or newer", remedy=remedy)
    return "jax" if importlib.util.find_spec("jax") is not None else "numpy"


def environment(backend: str) -> dict[str, str]:
    """Return the environment of Veros's process: one thread, quiet, float64, compiled programs kept."""
    # Compiled programs are kept between runs: compiling takes longer than a year of the coarse model.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "halocline" / "jax"
    return {"JAX_COMPILATION_CACHE_DIR": str(cache), **os.environ, **_SETTINGS, "VEROS_BACKEND": backend}


def start_veros(job: Path, log: Path, backend: str, *, listen: bool = False) -> "subprocess.Popen[str]":
    """Start Veros's process on a job; it ends with this one, and holds the locks of its run until then.

    Args:
        job: The job's file.
        log: File that takes its messages.
        backend: From ``require_veros``.
        listen: Whether it waits for further jobs on its standard input.
    """
    with open(log, "wb") as messages:
        return subprocess.Popen(
            [sys.executable, "-m", "halocline.worlds.dino.veros", str(job), str(os.getpid()), *_LISTEN[:listen]],
            stdin=subprocess.PIPE if listen else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=environment(backend),
            text=True,
            pass_fds=held_locks(),
        )


def end(processes: "Iterable[subprocess.Popen[str]]") -> None:
    """End processes of Veros, whatever they do, and wait until they have ended; what they have written stays."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.kill()
    for process in running:
        process.wait()


def stopped(what: str, code: int, log: Path) -> HaloclineError:
    """Return the error that says in words why a process ended, from its exit status and its log."""
    if code < 0:
        why = f"it was ended by {signal.Signals(-code).name} (killed, or out of memory)"
    else:
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        why = f"exit status {code}: " + ("\n".join(lines[-_LAST_LINES:]) if lines else "no message")
    return HaloclineError(
        f"Veros's process for {what}",
        found=why,
        expected="it runs to its end",
        remedy="Run the same command again: finished runs are kept and what was not continues from its restart.",
    )


def run_tasks(
    tasks: Sequence[ModelTask], preset: str, folder: Path, *, jobs: int = 1, progress: Progress | None = None
) -> None:
    """Run tasks in ``jobs`` processes, each taking every ``jobs``-th; finished tasks that are whole are passed over.

    A task that crashes (a model that blows up) ends with ``crash.json`` and the others go on. A process that is killed
    leaves the others running; the error comes when they are done.

    Args:
        tasks: What to run.
        preset: Name of the grid.
        folder: Where job files and logs lie.
        jobs: Processes.
        progress: Called from this thread or another, in order for each task.

    Raises:
        InputError: If Veros is not installed.
        HaloclineError: If a process ended before its tasks did.
    """
    backend = require_veros()
    for task in tasks:
        looked_at(task, preset)
    folder.mkdir(parents=True, exist_ok=True)
    running: list[_Process] = []
    try:
        for number in range(min(jobs, len(tasks))):
            job = folder / f"job-{number}.json"
            Job(preset, tuple(tasks[number::jobs]), backend).write(job)
            running.append(_Process(job, progress, backend))
        for process in running:
            process.wait()
    except BaseException:
        end(process.popen for process in running)
        raise
    for process in running:
        if process.code != 0:
            raise stopped(process.job.name, process.code, process.log)


class _Process:
    def __init__(self, job: Path, progress: Progress | None, backend: str) -> None:
        self.job, self.log = job, job.with_suffix(".log")
        self.popen = start_veros(job, self.log, backend)
        self._thread = threading.Thread(target=self._listen, args=(progress,), daemon=True)
        self._thread.start()

    def _listen(self, progress: Progress | None) -> None:
        assert self.popen.stdout is not None
        for line in self.popen.stdout:
            if line.startswith("{") and progress is not None:
                words = json.loads(line)
                progress(words["task"], float(words["day"]))

    @property
    def code(self) -> int:
        return self.popen.returncode

    def wait(self) -> None:
        wait_for(self.popen)
        self._thread.join()
