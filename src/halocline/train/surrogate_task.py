"""Training a surrogate on patches: as a flow, as its deterministic twin, or as a one-pass ensemble."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from halocline.diffusion.flow import FlowDenoiser, FlowObjective, Given
from halocline.diffusion.objectives import stratified_times
from halocline.diffusion.one_pass import EnsembleObjective, RegressionObjective
from halocline.runtime import keyed
from halocline.states.patches import PatchBatch, Patches

SurrogateObjective = FlowObjective | RegressionObjective | EnsembleObjective
_VALIDATION_BATCHES, _VALIDATION_PATCHES = 4, 16


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
        self, module: FlowDenoiser, train: Patches, validation: Patches, *, objective: SurrogateObjective,
        members: int, batch: int, seed: int, device: torch.device, pure_noise: float = 0.0,
    ) -> None:  # fmt: skip
        self.module = module
        self._train, self._validation = train, validation
        self._objective, self._members = objective, members
        self._batch, self._seed, self._device = batch, seed, device
        self._last = round(pure_noise * batch)

    def loss(self, step: int) -> Tensor:
        """Return the loss of a step."""
        patches = self._train.batch(self._seed, "patches", step, self._batch)
        shift = float(keyed.generator(self._seed, "surrogate-times", step).random())

        def noise(shape: tuple[int, ...]) -> np.ndarray:
            return keyed.normal(self._seed, shape, "surrogate-noise", step)

        times = torch.cat([torch.ones(self._last), stratified_times(shift, self._batch - self._last)])
        return self._loss(self.module, patches, times, noise)

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return the loss on fixed patches, times and noise of the validation years, and what one pass explains.

        ``explained`` is 1 - |x_0 - x0_hat|^2 / |x_0|^2 of the estimate from pure noise (or none): 0 is persistence.
        """
        assert isinstance(module, FlowDenoiser)
        total, error, size = 0.0, 0.0, 0.0
        for k in range(_VALIDATION_BATCHES):
            patches = self._validation.batch(0, "validation-patches", k, _VALIDATION_PATCHES)
            times = stratified_times((k + 0.5) / (_VALIDATION_BATCHES * _VALIDATION_PATCHES), _VALIDATION_PATCHES)

            def noise(shape: tuple[int, ...], k: int = k) -> np.ndarray:
                return keyed.normal(0, shape, "surrogate-validation", k)

            total += float(self._loss(module, patches, times, noise)) / _VALIDATION_BATCHES
            x0, given, bounds, weight = self._tensors(patches)
            start = torch.zeros_like(x0)
            if not isinstance(self._objective, RegressionObjective):
                start = torch.from_numpy(noise(tuple(x0.shape))).to(x0) * given.mask
            x0_hat = torch.clamp(module(start, x0.new_ones(len(x0)), given), *bounds)
            error += float(((x0_hat - x0) ** 2 * weight).sum())
            size += float((x0**2 * weight).sum())
        return {"validation_loss": total, "explained": 1.0 - error / max(size, 1e-12)}

    def _loss(
        self, module: FlowDenoiser, patches: PatchBatch, times: Tensor, noise: Callable[[tuple[int, ...]], np.ndarray]
    ) -> Tensor:
        x0, given, bounds, weight = self._tensors(patches)
        objective, shape = self._objective, tuple(x0.shape)
        if isinstance(objective, RegressionObjective):
            return objective.loss(module, x0, given, weight)
        if isinstance(objective, EnsembleObjective):
            eps = torch.from_numpy(noise((self._members, *shape))).to(x0)
            return objective.loss(module, x0, eps, given, bounds, weight)
        eps = torch.from_numpy(noise(shape)).to(x0)
        return objective.loss(module, x0, times.to(x0), eps, given, bounds, weight)

    def _tensors(self, patches: PatchBatch) -> tuple[Tensor, Given, tuple[Tensor, Tensor], Tensor]:
        def put(values: np.ndarray) -> Tensor:
            return torch.from_numpy(values).to(self._device)

        given = Given(put(patches.fields), put(patches.mask), put(patches.labels))
        return put(patches.residual), given, (put(patches.lower), put(patches.upper)), put(patches.weight)
