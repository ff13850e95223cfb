"""Training a surrogate on patches: as a flow, as its deterministic twin, or as a one-pass ensemble."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from halocline.data.sampling.patches import PatchBatch, Patches
from halocline.diffusion.flow import FlowDenoiser, FlowObjective, Given
from halocline.diffusion.objectives import stratified_times
from halocline.diffusion.one_pass import EnsembleObjective, RegressionObjective
from halocline.runtime import keyed

SurrogateObjective = FlowObjective | RegressionObjective | EnsembleObjective
_VALIDATION_BATCHES, _VALIDATION_PATCHES = 4, 16


class Drawn(NamedTuple):
    """What a step sees: the arrays of ``PatchBatch``, pseudo-times (patch,), noise as the objective needs it."""

    residual: Tensor
    lower: Tensor
    upper: Tensor
    fields: Tensor
    mask: Tensor
    weight: Tensor
    labels: Tensor
    times: Tensor
    eps: Tensor


class SurrogateTask:
    """Loss on patches, times and noise that are functions of (seed, step).

    Args:
        module: The denoiser.
        train: Training patches.
        validation: Validation patches.
        objective: What is learned.
        members: Members drawn for the ensemble objective.
        pure_noise: Share of each step's patches at t = 1.
        batch: Patches a step.
        seed: The run's seed.
        device: Where batches go.
    """

    name = "surrogate"

    def __init__(
        self,
        module: FlowDenoiser,
        train: Patches,
        validation: Patches,
        *,
        objective: SurrogateObjective,
        members: int,
        batch: int,
        seed: int,
        device: torch.device,
        pure_noise: float = 0.0,
    ) -> None:
        self.module = module
        self._train, self._validation = train, validation
        self._objective, self._members = objective, members
        self._batch, self._seed, self._device = batch, seed, device
        self._last = round(pure_noise * batch)

    def batch(self, step: int) -> Drawn:
        """Return patches, times and noise of a step."""
        patches = self._train.batch(self._seed, "patches", step, self._batch)
        shift = float(keyed.generator(self._seed, "surrogate-times", step).random())
        times = torch.cat([torch.ones(self._last), stratified_times(shift, self._batch - self._last)])
        return self._drawn(patches, times, self._seed, "surrogate-noise", step)

    def loss(self, batch: Drawn) -> Tensor:
        """Return the loss of a batch."""
        return self._loss(self.module, batch)

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return the loss on fixed patches, times and noise of the validation years, and what one pass explains.

        ``explained`` is 1 - |x_0 - x0_hat|^2 / |x_0|^2 of the estimate from pure noise (or none): 0 is persistence.
        """
        assert isinstance(module, FlowDenoiser)
        total, error, size = 0.0, 0.0, 0.0
        for k in range(_VALIDATION_BATCHES):
            patches = self._validation.batch(0, "validation-patches", k, _VALIDATION_PATCHES)
            times = stratified_times((k + 0.5) / (_VALIDATION_BATCHES * _VALIDATION_PATCHES), _VALIDATION_PATCHES)
            drawn = self._drawn(patches, times, 0, "surrogate-validation", k)
            total += float(self._loss(module, drawn)) / _VALIDATION_BATCHES
            x0, given, bounds, weight = self._tensors(drawn)
            start = torch.zeros_like(x0)
            if not isinstance(self._objective, RegressionObjective):
                start = torch.from_numpy(keyed.normal(0, x0.shape, "surrogate-validation", k)).to(x0) * given.mask
            x0_hat = torch.clamp(module(start, x0.new_ones(len(x0)), given), *bounds)
            error += float(((x0_hat - x0) ** 2 * weight).sum())
            size += float((x0**2 * weight).sum())
        return {"validation_loss": total, "explained": 1.0 - error / max(size, 1e-12)}

    def _drawn(self, patches: PatchBatch, times: Tensor, seed: int, purpose: str, number: int) -> Drawn:
        shape = patches.residual.shape
        if isinstance(self._objective, EnsembleObjective):
            shape = (self._members, *shape)
        elif isinstance(self._objective, RegressionObjective):
            shape = (0,)
        eps = torch.from_numpy(keyed.normal(seed, shape, purpose, number))
        arrays = {name: torch.from_numpy(values) for name, values in vars(patches).items()}
        return Drawn(**arrays, times=times, eps=eps)

    def _loss(self, module: FlowDenoiser, drawn: Drawn) -> Tensor:
        x0, given, bounds, weight = self._tensors(drawn)
        objective = self._objective
        if isinstance(objective, RegressionObjective):
            return objective.loss(module, x0, given, weight)
        eps = self._put(drawn.eps)
        if isinstance(objective, EnsembleObjective):
            return objective.loss(module, x0, eps, given, bounds, weight)
        return objective.loss(module, x0, self._put(drawn.times), eps, given, bounds, weight)

    def _tensors(self, drawn: Drawn) -> tuple[Tensor, Given, tuple[Tensor, Tensor], Tensor]:
        given = Given(*map(self._put, (drawn.fields, drawn.mask, drawn.labels)))
        return (
            self._put(drawn.residual),
            given,
            (self._put(drawn.lower), self._put(drawn.upper)),
            self._put(drawn.weight),
        )

    def _put(self, values: Tensor) -> Tensor:
        return values.to(self._device, non_blocking=True)
