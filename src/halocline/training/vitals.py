"""What the host has to know of each step, read without holding up the accelerator."""

import math
from collections import deque

import torch
from torch import Tensor

from halocline.runtime.errors import ModelError


class Vitals:
    """Loss, gradient norm and requests to stop of the steps: on a CPU known at once, on an accelerator one step late.

    There the host prepares a step while the one before it is computed, and never waits for the step at hand.

    Attributes:
        running: Loss, smoothed over some fifty steps; nan before the first is known.
        stop: Whether a process was asked to stop.

    Args:
        name: Of the training, for errors.
        device: Where steps are computed.
        running: What a training goes on with, as a checkpoint has kept it.
    """

    def __init__(self, name: str, device: torch.device, running: float | None = None) -> None:
        self.running, self.stop = math.nan if running is None else running, False
        self._name, self._late = name, device.type == "cuda"
        self._waiting: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()

    def put(self, step: int, values: Tensor) -> None:
        """Note the loss of the whole batch, the norm of its gradient and how many want to stop, (3,) on the device."""
        event = None
        if values.is_cuda:
            values = torch.empty(values.shape, dtype=values.dtype, pin_memory=True).copy_(values, non_blocking=True)
            event = torch.cuda.Event()
            event.record()
        self._waiting.append((step, values, event))

    def read(self, *, all: bool = False) -> None:
        """Take in the steps that are known by now; with ``all``, wait for the last one.

        Raises:
            ModelError: If a loss or a gradient is not finite.
        """
        while len(self._waiting) > (1 if self._late and not all else 0):
            step, values, event = self._waiting.popleft()
            if event is not None:
                event.synchronize()
            loss, norm, stops = values.tolist()
            if not math.isfinite(norm):
                raise ModelError(
                    f"training {self._name}, step {step}",
                    found=f"loss {loss}, gradient norm {norm}",
                    expected="finite numbers",
                    remedy="Lower the learning rate (--set …learning_rate=…) in a training anew; --resume keeps it.",
                )
            self.running = loss if math.isnan(self.running) else 0.98 * self.running + 0.02 * loss
            self.stop = self.stop or stops > 0
