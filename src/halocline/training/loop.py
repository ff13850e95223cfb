"""The training loop: every network, every stage; what a step does depends on (seed, step) alone."""

import signal
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from halocline.data.sampling.part import WHOLE, Part
from halocline.runtime.device import Compute
from halocline.runtime.errors import ModelError
from halocline.runtime.log import JsonLines
from halocline.runtime.model_folder import LOG
from halocline.runtime.progress import progress
from halocline.runtime.ranks import Ranks
from halocline.training.averages.ema import Average, Averaging
from halocline.training.averages.power_averages import PowerAverages
from halocline.training.checkpoint import load_checkpoint, save_checkpoint
from halocline.training.gradients import Loss, backward, parts_of
from halocline.training.optimizers import make_optimizers, set_rate
from halocline.training.prefetch import batches
from halocline.training.settings import TrainingSettings
from halocline.training.shared_steps import SharedSteps
from halocline.training.stop import StopRequested, graceful_stop
from halocline.training.vitals import Vitals


class Task(Loss, Protocol):
    """What is trained and on what."""

    @property
    def name(self) -> str:
        """Name of the stage in logs and folders."""

    @property
    def module(self) -> nn.Module:
        """The network whose parameters are trained."""

    def batch(self, step: int, part: Part = WHOLE) -> Any:
        """Return a part of what a step sees, CPU tensors in a tuple: a function of (seed, step, part).

        Other processes may call it. The parts of a batch, put together, are the batch.
        """

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return named validation figures of ``module`` (the averaged weights) on fixed data and noise."""

    def error(self, figures: dict[str, float]) -> float:
        """Return what of the figures averages of the weights are compared by; smaller is better."""


def fit(
    task: Task,
    settings: TrainingSettings,
    folder: Path,
    compute: Compute,
    *,
    ranks: Ranks | None = None,
    quiet: bool = False,
) -> tuple[nn.Module, dict[str, float]]:
    """Train ``task.module``, continuing from the checkpoint in ``folder`` if there is one.

    Each of several processes passes its share of every batch and takes the same steps; the first one validates, and
    alone writes into ``folder``.

    Returns:
        The averaged module, chosen among several where the settings say so, and, in the first process, its validation
        figures.

    Raises:
        StopRequested: On Ctrl-C, SIGTERM or SIGUSR1 in any process: in all, after writing a checkpoint.
        ModelError: If the loss is not finite.
        RankError: If another process ends early.
    """
    ranks = ranks or Ranks()
    log = JsonLines(folder / LOG)
    ranks.lead(lambda: folder.mkdir(parents=True, exist_ok=True))
    module = task.module.to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = make_average(module, settings)
    optimizers = make_optimizers(module, settings)
    shared = SharedSteps(module, optimizers, ranks)
    start, loss = load_checkpoint(folder, module, average.modules, optimizers)
    _require_same_start(folder, start, ranks)
    ranks.lead(lambda: log.cut_after(task.name, start))
    before = [r["seconds"] for r in log.records() if r.get("stage") == task.name]
    began, vitals = time.perf_counter() - (before[-1] if before else 0.0), Vitals(task.name, compute.device, loss)

    def validate(done: int) -> None:
        with torch.no_grad(), compute.autocast():
            figures = task.validate(average.module)
        seconds = round(time.perf_counter() - began, 1)
        log.write({"stage": task.name, "step": done, "loss": vitals.running, **figures, "seconds": seconds})

    def keep(done: int) -> None:
        records = len(log.records())
        save_checkpoint(folder, done, module, average.modules, optimizers, vitals.running, records)

    def made(step: int) -> list[Any]:
        return [task.batch(step, part) for part in parts_of(ranks, compute.accumulate)]

    with graceful_stop() as stop, progress(f"training {task.name}", settings.steps, quiet=quiet) as report:
        steps = range(start, settings.steps)
        for step, batch in zip(steps, batches(made, steps, compute), strict=True):
            set_rate(optimizers, settings.rate(step))
            vitals.put(step, _gradient(task, shared, optimizers, batch, settings.clip, stop, compute))
            vitals.read()
            shared.step()
            average.update(step)
            done, last = step + 1, step + 1 == settings.steps
            if ranks.rank == 0:
                average.keep(folder, done)
            if last or done % settings.validate_every == 0:
                vitals.read(all=True)
                ranks.lead(partial(validate, done))
            if last or done % settings.checkpoint_every == 0 or vitals.stop:
                vitals.read(all=True)
                shared.complete()
                ranks.lead(partial(keep, done))
            if vitals.stop and not last:
                raise StopRequested(folder, stop() or signal.SIGTERM)
            report(done, f"loss {vitals.running:.4f}")
    with torch.no_grad(), compute.autocast():
        chosen = ranks.lead(lambda: average.chosen(folder, task)) or (average.module, {})
    ranks.copy(chosen[0].parameters())
    return chosen


def make_average(module: nn.Module, settings: TrainingSettings) -> Averaging:
    """Return what averages the weights of a training."""
    if settings.ema_profile == "power":
        return PowerAverages(module, settings.steps, settings.ema_snapshots)
    return Average(module, settings.ema)


def _require_same_start(folder: Path, start: int, ranks: Ranks) -> None:
    if int(ranks.total(torch.tensor(start))) != start * ranks.size:
        raise ModelError(
            f"checkpoint in {folder}",
            found=f"that of step {start} here, another one in another process",
            expected="one folder that all processes see alike",
            remedy="Put --out on a file system that all machines share, or give the same command with --resume again.",
        )


def _gradient(
    task: Task,
    shared: SharedSteps,
    optimizers: Sequence[torch.optim.Optimizer],
    batch: Sequence[Any],
    clip: float,
    stop: Callable[[], int],
    compute: Compute,
) -> Tensor:
    """Put the clipped gradient of a batch into the parameters; return its vitals (3,): loss, norm, stops."""
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss = backward(task, batch, shared.exchange, compute)
    norm, more = shared.gather(clip, torch.stack([loss, loss.new_full((), float(stop() > 0))]))
    return torch.stack([more[0], norm, more[1]])
