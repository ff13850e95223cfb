"""Noise made where it is needed: the kinds there are, and Philox by PyTorch on any device."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from halocline.runtime import keyed
from halocline.runtime.errors import require_choice
from halocline.runtime.keyed import Key
from halocline.runtime.noise.normals import normals_of
from halocline.runtime.noise.philox import MULTIPLIERS, ROUNDS, WEYL, WORDS, streams

NoiseKind = Literal["keyed", "philox"]
"""``keyed``: by NumPy on the host (runtime/keyed.py), as all released ensembles; ``philox``: on the device."""
_LOW, _HALF = 0xFFFFFFFF, 0xFFFF
_AT_ONCE = 2**22
"""Blocks of four words computed together: some 1 GB."""


def noise_kind(name: str) -> NoiseKind:
    """Return the kind of a name.

    Raises:
        ConfigError: If there is none.
    """
    require_choice("noise", name, get_args(NoiseKind))
    return name  # type: ignore[return-value]


def member_noise(
    kind: NoiseKind, seed: int, members: Iterable[int], shape: Sequence[int], device: torch.device, *key: Key
) -> Tensor:
    """Return standard normal numbers (member, *shape) float32 on a device; each member's depend on its own number only.

    Args:
        kind: Which generator.
        seed: Seed of the ensemble.
        members: Their numbers.
        shape: Of each.
        device: Where.
        *key: Purpose and step.
    """
    if kind == "keyed":
        return torch.from_numpy(keyed.member_normal(seed, members, shape, *key)).to(device)
    return normal_rows(seed, [(*key, int(member)) for member in members], shape, device)


def normal_rows(seed: int, keys: Sequence[Sequence[Key]], shape: Sequence[int], device: torch.device) -> Tensor:
    """Return ``philox.normal_rows`` on a device: the same bits, where its arithmetic is IEEE's (see normals.py)."""
    of = torch.from_numpy(streams(seed, keys).astype(np.int64)).to(device)
    count = int(np.prod(shape))
    parts = []
    for first in range(0, -(-count // WORDS), _AT_ONCE):
        blocks = torch.arange(first, min(first + _AT_ONCE, -(-count // WORDS)), device=device)
        counter = (blocks, torch.zeros_like(blocks), of[:, 2:3], of[:, 3:4])
        words = [word.double() for word in philox4x32(counter, (of[:, 0:1], of[:, 1:2]))]
        parts.append(torch.stack(normals_of(words, torch), dim=-1).float().flatten(1))
    return torch.cat(parts, dim=1)[:, :count].reshape(len(of), *shape)


def philox4x32(counter: Sequence[Tensor], key: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the four words of counters and keys, whole numbers 0 to 2^32 - 1 in int64, broadcast; see philox.py."""
    a, b, c, d = counter
    k0, k1 = key
    for turn in range(ROUNDS):
        if turn:
            k0, k1 = (k0 + WEYL[0]) & _LOW, (k1 + WEYL[1]) & _LOW
        (high0, low0), (high1, low1) = _product(MULTIPLIERS[0], a), _product(MULTIPLIERS[1], c)
        a, b, c, d = high1 ^ b ^ k0, low1, high0 ^ d ^ k1, low0
    return a, b, c, d


def _product(factor: int, word: Tensor) -> tuple[Tensor, Tensor]:
    """Return the upper and the lower word of a product: in halves, since int64 has no 64th bit to spare."""
    lower = (word & _HALF) * factor
    upper = (word >> 16) * factor + (lower >> 16)
    return upper >> 16, ((upper & _HALF) << 16) | (lower & _HALF)


@dataclass(frozen=True)
class Pending:
    """Noise of a training batch that is not made yet: ``to`` makes it on a device, only that of the samples at hand.

    Attributes:
        seed: The run's seed.
        key: Purpose and step.
        shape: (sample, ...) or (member, sample, channel, y, x), of the whole batch.
        samples: Which samples, as a slice; noise with fewer than four dimensions belongs to none.
    """

    seed: int
    key: tuple[Key, ...]
    shape: tuple[int, ...]
    samples: slice

    def to(self, device: torch.device, *, non_blocking: bool = False) -> Tensor:
        """Return it, float32."""
        if len(self.shape) < 4:
            return normal_rows(self.seed, [self.key], self.shape, device)[0]
        keys, shape = _rows(self.shape, self.samples)
        return normal_rows(self.seed, [(*self.key, *row) for row in keys], self.shape[-3:], device).reshape(shape)


def batch_noise(kind: NoiseKind, samples: slice, seed: int, shape: Sequence[int], *key: Key) -> Tensor | Pending:
    """Return the standard normal noise of some samples of a batch: each has its own, whoever draws it.

    ``philox`` travels as its key and is made on the device; ``keyed`` is drawn here.

    Args:
        kind: Which generator.
        samples: The samples.
        seed: The run's seed.
        shape: Of the batch's noise, (sample, channel, y, x) or (member, sample, channel, y, x); noise of no such shape
            belongs to no sample.
        *key: Purpose and step.
    """
    if kind == "philox":
        return Pending(seed, key, tuple(shape), samples)
    if len(shape) < 4:
        return torch.from_numpy(keyed.normal(seed, shape, *key))
    keys, of_these = _rows(shape, samples)
    rows = [keyed.normal(seed, shape[-3:], *key, *row) for row in keys]
    return torch.from_numpy(np.stack(rows).reshape(of_these))


def _rows(shape: Sequence[int], samples: slice) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Return the numbers (member, sample) or (sample,) of each field of some samples, and the shape of these."""
    *lead, count = shape[:-3]
    numbers = range(*samples.indices(count))
    rows = [(*map(int, at), n) for at in np.ndindex(*lead) for n in numbers]
    return rows, (*lead, len(numbers), *shape[-3:])
