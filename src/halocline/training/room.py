"""Whether the backward pass of a batch fits in memory: seen from what one and two samples of it leave behind."""

import math

import torch

from halocline.data.sampling.part import Part
from halocline.runtime.device import Compute
from halocline.runtime.limits import require_memory
from halocline.runtime.ranks import Ranks
from halocline.training.loop import Task

ASKED_FROM = 64
"""Samples a batch from which it is asked; smaller ones are passed in any case."""


def require_room_to_pass(task: Task, batch: int, compute: Compute, ranks: Ranks) -> None:
    """Raise ConfigError unless what this process's part of a batch leaves for the backward pass fits in memory.

    Asked on the CPU only, whose memory other programs share; a GPU's own error is told in words.

    Args:
        task: What is trained.
        batch: Samples a step.
        compute: Where, and in how many passes a batch.
        ranks: The processes that share it.
    """
    if batch < ASKED_FROM or compute.device.type != "cpu" or compute.compiled:
        return
    few, more = (_left_behind(task, Part(0, of), compute) for of in (batch, batch // 2))
    each = (more - few) / (batch // (batch // 2) - 1)  # weights and what belongs to no sample are in both
    samples = math.ceil(batch / (ranks.size * compute.accumulate))
    remedy = f"Take a smaller batch: --set {task.name}.training.batch=…, or pass it in parts: --accumulate."
    require_memory(f"a training batch of {batch}", samples * each, remedy)


def _left_behind(task: Task, part: Part, compute: Compute) -> int:
    """Return the bytes that a part of the first batch keeps for its backward pass."""
    held = 0

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal held
        held += tensor.numel() * tensor.element_size()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor), compute.autocast():
        task.loss(task.batch(0, part))
    return held
