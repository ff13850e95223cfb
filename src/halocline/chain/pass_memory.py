"""What a pass of the sampler takes in memory, counted while one runs: any network, codec and constraint, any device."""

import contextlib
import gc
import os
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
from torch.autograd.profiler import profile

from halocline.runtime.errors import ConfigError

_LIBRARIES = 1.9
"""Tensors in a library's own order, for one convolution or product at a time, and the gaps that freed ones leave in the
heap. These depend on how threads happen to free: the peak of one and the same command varies by tens of per cent."""


@dataclass(frozen=True)
class PassMemory:
    """Bytes that drawing takes beside the program and the model.

    Attributes:
        fixed: However many members a pass has.
        per_member: For each member of a pass.
    """

    fixed: int
    per_member: int

    def members(self, memory: int, most: int) -> int:
        """Return how many members a pass may have, at most ``most``, so that it takes no more than ``memory`` bytes.

        Raises:
            ConfigError: If not even one fits.
        """
        fit = (memory - self.fixed) // self.per_member
        if fit < 1:
            raise ConfigError(
                "memory",
                found=f"{memory / 1e6:.0f} MB",
                expected=f"at least {-(-(self.fixed + self.per_member) // 10**6)} MB: the network "
                f"{self.fixed / 1e6:.0f}, a member in a pass {self.per_member / 1e6:.0f}",
                remedy="Give more --memory; what the program itself takes comes on top.",
            )
        return int(min(most, fit))


def measured(work: Callable[[int], Callable[[], object]], own: int) -> PassMemory:
    """Return what passes take, as those of one member and of two do.

    Args:
        work: Returns a pass of so many members.
        own: Bytes of the model's weights; the libraries keep them once more in their own order.
    """
    work(1)()  # what is made once for all stays
    one, two = (counted(work(members)) for members in (1, 2))
    return PassMemory(2 * own + max(0, 2 * one - two), max(1, two - one))


def counted(work: Callable[[], object]) -> int:
    """Return the most bytes that some work holds at once in new tensors and arrays, with what libraries add.

    Of several devices, that with most tensors counts.
    """
    gc.collect()
    tracemalloc.start()
    try:
        with _quiet(), profile(profile_memory=True) as profiled:
            result = work()
        arrays = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return int(_LIBRARIES * _most(profiled)) + arrays


def _most(profiled: profile) -> int:
    """Return the most bytes of tensors that were alive at once, of what was allocated and freed."""
    assert profiled.kineto_results is not None
    sizes: dict[Any, list[tuple[int, int]]] = {}
    for event in profiled.kineto_results.events():
        if event.name() == "[memory]":
            sizes.setdefault(event.device_type(), []).append((event.start_ns(), event.nbytes()))  # type: ignore[attr-defined]
    sums = [np.cumsum([size for _, size in sorted(of, key=itemgetter(0))]) for of in sizes.values()]
    return max((int(sum_.max()) for sum_ in sums), default=0)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the profiler's library from telling on the terminal when it begins and ends."""
    before = os.environ.get(_LEVEL)
    os.environ[_LEVEL] = "99"
    try:
        yield
    finally:
        os.environ.pop(_LEVEL) if before is None else os.environ.update({_LEVEL: before})


_LEVEL = "KINETO_LOG_LEVEL"
