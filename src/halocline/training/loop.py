"""The training loop: every network, every stage; what a step does depends on (seed, step) alone."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from halocline.runtime.device import Compute
from halocline.runtime.errors import ModelError
from halocline.runtime.log import JsonLines
from halocline.runtime.model_folder import LOG
from halocline.runtime.progress import progress
from halocline.training.checkpoint import load_checkpoint, save_checkpoint
from halocline.training.ema import Average, Averaging
from halocline.training.optimizers import make_optimizers, set_rate
from halocline.training.power_averages import PowerAverages
from halocline.training.prefetch import batches
from halocline.training.settings import TrainingSettings
from halocline.training.stop import StopRequested, graceful_stop


class Task(Protocol):
    """What is trained and on what."""

    @property
    def name(self) -> str:
        """Name of the stage in logs and folders."""

    @property
    def module(self) -> nn.Module:
        """The network whose parameters are trained."""

    def batch(self, step: int) -> Any:
        """Return what a step sees, CPU tensors in a tuple: a function of (seed, step) that other processes may call."""

    def loss(self, batch: Any) -> Tensor:
        """Return the loss of a batch."""

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return named validation figures of ``module`` (the averaged weights) on fixed data and noise."""

    def error(self, figures: dict[str, float]) -> float:
        """Return what of the figures averages of the weights are compared by; smaller is better."""


def fit(
    task: Task, settings: TrainingSettings, folder: Path, compute: Compute, *, quiet: bool = False
) -> tuple[nn.Module, dict[str, float]]:
    """Train ``task.module``, continuing from the checkpoint in ``folder`` if there is one.

    Returns:
        The averaged module, chosen among several where the settings say so, and its validation figures.

    Raises:
        StopRequested: On Ctrl-C or SIGTERM, after writing a checkpoint.
        ModelError: If the loss is not finite.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = JsonLines(folder / LOG)
    module = task.module.to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = make_average(module, settings)
    optimizers = make_optimizers(module, settings)
    start, running = load_checkpoint(folder, module, average.modules, optimizers)
    log.cut_after(task.name, start)
    before = [r["seconds"] for r in log.records() if r.get("stage") == task.name]
    began = time.perf_counter() - (before[-1] if before else 0.0)
    with graceful_stop() as stop, progress(f"training {task.name}", settings.steps, quiet=quiet) as report:
        steps = range(start, settings.steps)
        for step, batch in zip(steps, batches(task.batch, steps, compute), strict=True):
            set_rate(optimizers, settings.rate(step))
            value = _step(task, module, optimizers, batch, settings.clip, step, compute)
            average.update(step)
            running = value if running is None else 0.98 * running + 0.02 * value
            done, last = step + 1, step + 1 == settings.steps
            average.keep(folder, done)
            if last or done % settings.validate_every == 0:
                with torch.no_grad(), compute.autocast():
                    figures = task.validate(average.module)
                seconds = time.perf_counter() - began
                log.write({"stage": task.name, "step": done, "loss": running, **figures, "seconds": round(seconds, 1)})
            if last or done % settings.checkpoint_every == 0 or stop():
                save_checkpoint(folder, done, module, average.modules, optimizers, running, len(log.records()))
            if stop() and not last:
                raise StopRequested(folder, stop())
            report(done, f"loss {running:.4f}")
    with torch.no_grad(), compute.autocast():
        return average.chosen(folder, task)


def make_average(module: nn.Module, settings: TrainingSettings) -> Averaging:
    """Return what averages the weights of a training."""
    if settings.ema_profile == "power":
        return PowerAverages(module, settings.steps, settings.ema_snapshots)
    return Average(module, settings.ema)


def _step(
    task: Task,
    module: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    batch: Any,
    clip: float,
    step: int,
    compute: Compute,
) -> float:
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    with compute.autocast():
        loss = task.loss(batch)
    loss.backward()
    norm = nn.utils.clip_grad_norm_(module.parameters(), clip)
    value = float(loss.detach())
    if not torch.isfinite(norm):
        raise ModelError(
            f"training {task.name}, step {step}",
            found=f"loss {value}, gradient norm {float(norm)}",
            expected="finite numbers",
            remedy="Lower the learning rate (--set …learning_rate=…) in a training anew; --resume keeps it.",
        )
    for optimizer in optimizers:
        optimizer.step()
    return value
