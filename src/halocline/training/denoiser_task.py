"""Training the denoiser, in data space or in the latent of an autoencoder: the same code."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from halocline.data.sampling.samples import BatchOrder, Source
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives import DenoisingObjective, stratified_times
from halocline.runtime import keyed

VALIDATION_SAMPLES = 128


class Noised(NamedTuple):
    """What a step sees: clean fields, pseudo-times (sample,), noise like the fields, conditions or None."""

    x0: Tensor
    times: Tensor
    eps: Tensor
    told: Tensor | None


class DenoiserTask:
    """Denoising loss on batches, times and noise that are functions of (seed, step).

    Args:
        module: The denoiser.
        train: Training fields.
        validation: Validation fields.
        objective: The loss.
        batch: Samples a step.
        seed: The run's seed.
        device: Where batches go.
    """

    name = "denoiser"

    def __init__(
        self,
        module: NetworkDenoiser,
        train: Source,
        validation: Source,
        *,
        objective: DenoisingObjective,
        batch: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self.module = module
        self._train, self._objective = train, objective
        self._batch, self._seed, self._device = batch, seed, device
        self._order = BatchOrder(len(train), batch, seed)
        picked = np.linspace(0, len(validation) - 1, min(VALIDATION_SAMPLES, len(validation))).astype(int)
        self._validation, self._told = validation.take(picked), validation.conditions(picked)

    def batch(self, step: int) -> Noised:
        """Return fields, times and noise of a step."""
        numbers = self._order.numbers(step)
        x0, condition = self._train.take(numbers), self._train.conditions(numbers)
        times = stratified_times(float(keyed.generator(self._seed, "times", step).random()), self._batch)
        eps = keyed.normal(self._seed, x0.shape, "training-noise", step)
        told = None if condition is None else torch.from_numpy(condition)
        return Noised(torch.from_numpy(x0), times, torch.from_numpy(eps), told)

    def loss(self, batch: Noised) -> Tensor:
        """Return the loss of a batch."""
        return self._loss(self.module, batch)

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return the loss on fixed fields, times and noise."""
        assert isinstance(module, NetworkDenoiser)
        times = stratified_times(0.5 / len(self._validation), len(self._validation))
        times = times[torch.from_numpy(keyed.generator(0, "validation-times").permutation(len(times)))]
        eps = keyed.normal(0, self._validation.shape, "validation-noise")
        total = 0.0
        for k in range(0, len(times), 32):
            part = slice(k, k + 32)
            told = None if self._told is None else torch.from_numpy(self._told[part])
            fields, noise = (torch.from_numpy(values[part]) for values in (self._validation, eps))
            total += float(self._loss(module, Noised(fields, times[part], noise, told))) * len(times[part])
        return {"validation_loss": total / len(times)}

    def _loss(self, module: nn.Module, batch: Noised) -> Tensor:
        assert isinstance(module, NetworkDenoiser)
        x0, times, eps = (part.to(self._device, non_blocking=True) for part in batch[:3])
        told = None if batch.told is None else batch.told.to(self._device, non_blocking=True)
        return self._objective.loss(module, x0, times, eps, told)
