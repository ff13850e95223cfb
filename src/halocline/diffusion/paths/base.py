"""Noise schedules: x_t = alpha(t) x_0 + sigma(t) eps, with t from 0 (clean) to 1 (noise)."""

from collections.abc import Callable
from typing import Protocol

from torch import Tensor

from halocline.runtime.registry import Registry


class Schedule(Protocol):
    """alpha and sigma as functions of t."""

    def alpha(self, t: Tensor) -> Tensor:
        """Return the signal's share at t in [0, 1]."""

    def sigma(self, t: Tensor) -> Tensor:
        """Return the noise's share at t in [0, 1]."""

    def times(self, steps: int) -> Tensor:
        """Return the sampling times (steps + 1,), decreasing from 1 to 0."""


SCHEDULES: Registry[Callable[[], Schedule]] = Registry("schedule", __package__, "halocline.schedules")
"""Schedules by name, with their defaults."""
