"""Training a denoiser by any objective on any batches: fields or patches, data space or latent space."""

import torch
from torch import Tensor, nn

from halocline.data.sampling.part import WHOLE, Part
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch, Objective
from halocline.training.batches import TrainingData


class DenoiserTask:
    """The objective's loss on batches that are functions of (seed, step).

    Args:
        name: Name of the stage.
        module: The denoiser.
        data: Its batches.
        objective: The loss.
        device: Where batches go.
        explained: Whether validation tells what one pass explains: 1 - |x_0 - x0_hat|^2 / |x_0|^2 of the estimate from
            pure noise (or none). Of a step's change, 0 is persistence.
    """

    def __init__(
        self,
        name: str,
        module: NetworkDenoiser,
        data: TrainingData,
        objective: Objective,
        device: torch.device,
        *,
        explained: bool = False,
    ) -> None:
        self.name, self.module = name, module
        self._data, self._objective, self._device, self._explained = data, objective, device, explained

    def batch(self, step: int, part: Part = WHOLE) -> Batch:
        """Return a part of what a step sees."""
        return self._data.batch(step, part)

    def counts(self, batch: Batch) -> Tensor:
        """Return what the means of the objective divide by (term,)."""
        weight = None if batch.weight is None else batch.weight.to(self._device, non_blocking=True)
        where = Given(mask=batch.given.mask).to(self._device)
        return self._objective.counts(self.module, batch._replace(given=where, weight=weight))

    def loss(self, batch: Batch, whole: Tensor | None = None) -> Tensor:
        """Return the loss of a batch, or of a part of one that counts ``whole``."""
        return self._objective.loss(self.module, batch.to(self._device)._replace(whole=whole))

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return the loss on fixed batches of the validation years, and what one pass explains."""
        assert isinstance(module, NetworkDenoiser)
        total, count, error, size = 0.0, 0, 0.0, 0.0
        for batch in self._data.validation():
            batch = batch.to(self._device)
            total += float(self._objective.loss(module, batch)) * len(batch.x0)
            count += len(batch.x0)
            if self._explained:
                weight = batch.counted(module)
                error += float(((self._one_pass(module, batch) - batch.x0) ** 2 * weight).sum())
                size += float((batch.x0**2 * weight).sum())
        figures = {"validation_loss": total / count}
        return figures | ({"explained": 1.0 - error / max(size, 1e-12)} if self._explained else {})

    def error(self, figures: dict[str, float]) -> float:
        """Return the validation loss."""
        return figures["validation_loss"]

    def _one_pass(self, module: NetworkDenoiser, batch: Batch) -> Tensor:
        x0 = batch.x0
        start = torch.zeros_like(x0)
        if self._objective.noisy:
            start = batch.eps.reshape(-1, *x0.shape)[0] * module.counts(batch.given)
        return torch.clamp(module(start, x0.new_ones(len(x0)), batch.given), *batch.bounds)
