"""Running Veros in processes of its own: start, watch, tell how far they are, and say what went wrong."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from halocline.runtime.errors import HaloclineError, InputError
from halocline.worlds.dino.job import Job, ModelTask

Progress = Callable[[str, float], None]
"""``progress(task, day)``: a task has reached a day of its run."""

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
        raise InputError(
            "Veros, the ocean model",
            found="not installed",
            expected="veros 1.6 or newer",
            remedy="Install it with: pip install 'halocline[dino]' (it is GPL-3 and runs as a program of its own).",
        )
    return "jax" if importlib.util.find_spec("jax") is not None else "numpy"


def environment(backend: str) -> dict[str, str]:
    """Return the environment of Veros's process: one thread, quiet, float64, compiled programs kept."""
    out = os.environ | _SETTINGS | {"VEROS_BACKEND": backend}
    out.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache()))
    return out


def start_veros(job: Path, log: Path, backend: str, *, listen: bool = False) -> "subprocess.Popen[str]":
    """Start Veros's process on a job.

    Args:
        job: The job's file.
        log: File that takes its messages.
        backend: From ``require_veros``.
        listen: Whether it waits for further jobs on its standard input.
    """
    with open(log, "wb") as messages:
        return subprocess.Popen(
            [sys.executable, "-m", "halocline.worlds.dino.veros", str(job), *(["--listen"] if listen else [])],
            stdin=subprocess.PIPE if listen else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=environment(backend),
            text=True,
        )


def ended(code: int, log: Path) -> str:
    """Return in words why a process ended, from its exit status and its log."""
    if code < 0:
        return f"it was ended by {signal.Signals(-code).name} (killed, or out of memory)"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return f"exit status {code}: {lines[-1] if lines else 'no message'}"


def run_tasks(
    tasks: Sequence[ModelTask], preset: str, folder: Path, *, jobs: int = 1, progress: Progress | None = None
) -> None:
    """Run tasks in ``jobs`` processes, each taking every ``jobs``-th; finished tasks are passed over.

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
    folder.mkdir(parents=True, exist_ok=True)
    shares = [list(tasks[k::jobs]) for k in range(min(jobs, len(tasks)))]
    running: list[_Process] = []
    try:
        for number, share in enumerate(shares):
            job = folder / f"job-{number}.json"
            Job(preset, tuple(share), backend).write(job)
            running.append(_Process(job, progress, backend))
        for process in running:
            process.wait()
    except BaseException:
        for process in running:
            process.stop()
        raise
    failed = [process for process in running if process.code != 0]
    if failed:
        first = failed[0]
        raise HaloclineError(
            f"Veros's process for {first.job.name}",
            found=first.reason(),
            expected="it runs to its end",
            remedy="Run the same command again: finished runs are kept and the others continue from their restarts. "
            f"Its log is {first.log}.",
        )


class _Process:
    def __init__(self, job: Path, progress: Progress | None, backend: str) -> None:
        self.job, self.log = job, job.with_suffix(".log")
        self._popen = start_veros(job, self.log, backend)
        self._thread = threading.Thread(target=self._listen, args=(progress,), daemon=True)
        self._thread.start()

    def _listen(self, progress: Progress | None) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if not line.startswith("{"):
                continue
            words = json.loads(line)
            if progress is not None:
                progress(words["task"], float(words["day"]))

    @property
    def code(self) -> int:
        return self._popen.returncode

    def wait(self) -> None:
        self._popen.wait()
        self._thread.join()

    def stop(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            try:
                self._popen.wait(10)
            except subprocess.TimeoutExpired:
                self._popen.kill()

    def reason(self) -> str:
        return ended(self.code, self.log)


def _cache() -> Path:
    """Where compiled programs are kept between runs: compiling takes longer than a year of the coarse model."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "halocline" / "jax"
