"""What a denoiser is trained on: batches of clean fields with times and noise, all functions of (seed, step).

The parts of a batch, put together, are the batch: noise and times are drawn for all of it.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from halocline.data.sampling.part import WHOLE, Part
from halocline.data.sampling.patches import PatchBatch, Patches
from halocline.data.sampling.samples import BatchOrder, Source
from halocline.data.sampling.told import told
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch, Objective, stratified_times
from halocline.diffusion.times import Times, uniform
from halocline.runtime import keyed
from halocline.runtime.limits import require_memory
from halocline.runtime.noise.device import NoiseKind, Pending, batch_noise

_HELD = 4
"""Arrays of a batch that a step holds at once, at the least: fields, noise, what the network answers, its gradient."""
VALIDATION_SAMPLES = 128
VALIDATION_PATCHES = 64
_AT_ONCE, _PATCHES_AT_ONCE = 32, 16


class TrainingData(Protocol):
    """Batches by step, and the fixed ones that validation sees."""

    def batch(self, step: int, part: Part = WHOLE) -> Batch:
        """Return a part of what a step sees, CPU tensors; other processes may call it."""

    def validation(self) -> Iterator[Batch]:
        """Yield fixed batches of the validation years."""


class FieldBatches:
    """Whole fields, of data space or of an autoencoder's latent space.

    Args:
        train: Training fields.
        validation: Validation fields; at most VALIDATION_SAMPLES of them are used, evenly spread.
        objective: Says which noise it needs.
        batch: Samples a step.
        seed: The run's seed.
        weight: Where and how much the loss counts (channel or 1, y, x); None for the denoiser's mask.
        times: Pseudo-times of evenly spread shares, those of the validation included.
        drop: Share of the training samples that are told nothing, for a network that sees whether it is told (see
            data/sampling/told.py); 0 for one that does not.
        noise: Where the training's noise comes from; that of the validation is ``keyed``.
    """

    def __init__(
        self,
        train: Source,
        validation: Source,
        objective: Objective,
        batch: int,
        seed: int,
        weight: np.ndarray | None = None,
        times: Times = uniform,
        drop: float = 0.0,
        noise: NoiseKind = "keyed",
    ) -> None:
        self._train, self._objective, self._batch, self._seed = train, objective, batch, seed
        picked = spread(len(validation))
        self._weight, self._times = None if weight is None else torch.from_numpy(weight), times
        self._drop, self._noise = drop, noise
        self._fields, self._vectors = validation.take(picked), validation.conditions(picked)
        require_room(batch, self._fields.shape[1:])
        self._order = BatchOrder(len(train), batch, seed)

    def batch(self, step: int, part: Part = WHOLE) -> Batch:
        """Return fields, times, noise and conditions of a part of a step."""
        mine = part.slice(self._batch)
        numbers = self._order.numbers(step)[mine]
        x0 = self._train.take(numbers)
        times = stratified_times(float(keyed.generator(self._seed, "times", step).random()), self._batch)[mine]
        shape = self._objective.noise_shape((self._batch, *x0.shape[1:]))
        eps = batch_noise(self._noise, part.slice(self._batch), self._seed, shape, "training-noise", step)
        left_out = None
        if self._drop:
            left_out = keyed.generator(self._seed, "drop-conditions", step).random(self._batch)[mine] < self._drop
        return self._made(x0, times, eps, self._train.conditions(numbers), left_out)

    def validation(self) -> Iterator[Batch]:
        """Yield the validation fields with fixed times and noise."""
        count = len(self._fields)
        times = stratified_times(0.5 / count, count)
        times = times[torch.from_numpy(keyed.generator(0, "validation-times").permutation(count))]
        shape = self._objective.noise_shape(self._fields.shape)
        eps = torch.from_numpy(keyed.normal(0, shape, "validation-noise"))
        for k in range(0, count, _AT_ONCE):
            part = slice(k, k + _AT_ONCE)
            vectors = None if self._vectors is None else self._vectors[part]
            noise = eps[..., part, :, :, :] if eps.ndim > 3 else eps
            yield self._made(self._fields[part], times[part], noise, vectors)

    def _made(
        self,
        x0: np.ndarray,
        times: Tensor,
        eps: Tensor | Pending,
        vectors: np.ndarray | None,
        left_out: np.ndarray | None = None,
    ) -> Batch:
        if self._drop and vectors is not None:
            vectors = told(vectors, left_out)
        given = Given(vector=None if vectors is None else torch.from_numpy(vectors))
        weight = None if self._weight is None else self._weight.expand(len(x0), -1, -1, -1)
        return Batch(torch.from_numpy(x0), self._times(times), eps, given, weight=weight)  # type: ignore[arg-type]


class PatchBatches:
    """Patches of one step of a system, with weather, bounds and labels.

    Args:
        train: Training patches.
        validation: Validation patches; VALIDATION_PATCHES of them are drawn once for all.
        objective: Says which noise it needs.
        batch: Patches a step.
        seed: The run's seed.
        pure_noise: Share of each step's patches at t = 1.
        noise: Where the training's noise comes from; that of the validation is ``keyed``.
    """

    def __init__(
        self,
        train: Patches,
        validation: Patches,
        objective: Objective,
        batch: int,
        seed: int,
        pure_noise: float = 0.0,
        noise: NoiseKind = "keyed",
    ) -> None:
        self._train, self._validation, self._objective = train, validation, objective
        require_room(batch, (len(train.codec.channels), train.side, train.side))
        self._batch, self._seed, self._noise = batch, seed, noise
        self._last = round(pure_noise * batch)

    def batch(self, step: int, part: Part = WHOLE) -> Batch:
        """Return patches, times and noise of a part of a step."""
        patches = self._train.batch(self._seed, "patches", step, self._batch, part)
        shift = float(keyed.generator(self._seed, "surrogate-times", step).random())
        times = torch.cat([torch.ones(self._last), stratified_times(shift, self._batch - self._last)])
        return self._with_noise(patches, times, self._seed, "surrogate-noise", step, part, self._noise)

    def validation(self) -> Iterator[Batch]:
        """Yield fixed patches, times and noise of the validation years."""
        for k in range(VALIDATION_PATCHES // _PATCHES_AT_ONCE):
            patches = self._validation.batch(0, "validation-patches", k, _PATCHES_AT_ONCE)
            times = stratified_times((k + 0.5) / VALIDATION_PATCHES, _PATCHES_AT_ONCE)
            yield self._with_noise(patches, times, 0, "surrogate-validation", k)

    def _with_noise(
        self,
        patches: PatchBatch,
        times: Tensor,
        seed: int,
        purpose: str,
        number: int,
        part: Part = WHOLE,
        noise: NoiseKind = "keyed",
    ) -> Batch:
        """Put noise to the patches of a part; the times are those of all parts."""
        shape = self._objective.noise_shape((len(times), *patches.residual.shape[1:]))
        eps = batch_noise(noise, part.slice(len(times)), seed, shape, purpose, number)
        times = times[part.slice(len(times))]
        arrays = {name: torch.from_numpy(values) for name, values in vars(patches).items()}
        given = Given(arrays["fields"], arrays["mask"], arrays["labels"])
        return Batch(
            arrays["residual"],
            times,
            eps,  # type: ignore[arg-type]
            given,
            arrays["lower"],
            arrays["upper"],
            arrays["weight"],
        )


def require_room(batch: int, shape: Sequence[int]) -> None:
    """Raise ConfigError unless a batch of samples of a shape (channel, y, x) fits in memory."""
    remedy = "Take a smaller batch: --set …training.batch=…"
    require_memory(f"a training batch of {batch}", _HELD * 4 * batch * math.prod(shape), remedy)


def spread(count: int) -> np.ndarray:
    """Return which of ``count`` samples validation sees: VALIDATION_SAMPLES at most, evenly spread."""
    return np.linspace(0, count - 1, min(VALIDATION_SAMPLES, count)).astype(int)
