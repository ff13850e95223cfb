"""What a stochastic decoder is trained on: states, their latents perturbed, and squares cut from both."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from halocline.data.sampling.part import WHOLE, Part
from halocline.data.sampling.patches import LEAST_OCEAN
from halocline.data.sampling.samples import BatchOrder, Source
from halocline.diffusion.objectives.base import Objective, stratified_times
from halocline.runtime import keyed
from halocline.runtime.noise.device import NoiseKind
from halocline.training.batch_noise import batch_noise
from halocline.training.batches import spread

_AT_ONCE = 32


class DetailBatch(NamedTuple):
    """What a step of the stochastic decoder sees.

    Attributes:
        x: States, or squares of them (square, channel, y, x), network space.
        z: Perturbed latents of the whole fields (field, z, y/f, x/f); each is decoded once.
        field: Which of them each square was cut from (square,).
        corner: Where (square, 2), y and x in cells.
        t: Pseudo-times (square,).
        eps: Noise, of the objective's ``noise_shape``.
    """

    x: Tensor
    z: Tensor
    field: Tensor
    corner: Tensor
    t: Tensor
    eps: Tensor


@dataclass(frozen=True, eq=False)
class Squares:
    """Squares of cells, aligned with the latent's, with a tenth of ocean at least; or the whole field.

    Attributes:
        mask: Ocean (y, x), 1 or 0.
        side: Cells a side; 0 for the whole field.
        factor: Cells a side of a latent's cell.
    """

    mask: np.ndarray
    side: int
    factor: int

    @property
    def shape(self) -> tuple[int, int]:
        """Cells (y, x) of a square; no more than the field has."""
        ny, nx = self.mask.shape
        return (min(self.side, ny), min(self.side, nx)) if self.side else (ny, nx)

    def corners(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Return corners (count, 2) drawn evenly from those that are allowed."""
        return self._allowed[rng.integers(len(self._allowed), size=count)]

    @cached_property
    def _allowed(self) -> np.ndarray:
        ny, nx = self.shape
        total = np.pad(self.mask, ((1, 0), (1, 0))).cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
        ocean = total[ny:, nx:] - total[:-ny, nx:] - total[ny:, :-nx] + total[:-ny, :-nx]
        ocean = ocean[:: self.factor, :: self.factor]
        least = min(LEAST_OCEAN * ny * nx, ocean.max())
        return np.argwhere(ocean >= least) * self.factor


def cut(fields: Tensor, corner: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return squares (square, ..., y, x) of fields (square, ..., y, x), each from its own corner (square, 2)."""
    if tuple(fields.shape[-2:]) == shape:
        return fields
    places = zip(fields, corner.tolist(), strict=True)
    return torch.stack([field[..., y : y + shape[0], x : x + shape[1]] for field, (y, x) in places])


class DetailBatches:
    """States with their latents, z + perturbation * eta, eta standard normal: functions of (seed, step).

    Args:
        train: Training states and their latents, one order.
        validation: Validation states and latents.
        objective: Says which noise it needs.
        squares: What is cut from a field.
        batch: Squares a step.
        crops: Squares of each field.
        perturbation: Standard deviation of the noise on the latents.
        seed: The run's seed.
        noise: Where the training's noise comes from; that of the latents and of the validation is ``keyed``.
    """

    def __init__(
        self,
        train: tuple[Source, Source],
        validation: tuple[Source, Source],
        objective: Objective,
        squares: Squares,
        *,
        batch: int,
        crops: int,
        perturbation: float,
        seed: int,
        noise: NoiseKind = "keyed",
    ) -> None:
        self._noise = noise
        self._train, self._objective, self._squares = train, objective, squares
        self._batch, self._crops, self._perturbation, self._seed = batch, crops, perturbation, seed
        self._order = BatchOrder(len(train[0]), batch // crops, seed)
        picked = spread(len(validation[0]))
        self._held = tuple(source.take(picked) for source in validation)

    def batch(self, step: int, part: Part = WHOLE) -> DetailBatch:
        """Return a part of what a step sees, whole fields with their squares, CPU tensors."""
        numbers = self._order.numbers(step)
        x, z = (source.take(numbers[part.slice(len(numbers))]) for source in self._train)
        times = stratified_times(float(keyed.generator(self._seed, "detail-times", step).random()), self._batch)
        return self._made(x, z, times, self._crops, self._seed, "detail-training", step, part, self._noise)

    def validation(self) -> Iterator[DetailBatch]:
        """Yield fixed squares of the validation states, times and noise, one of each state."""
        x, z = self._held
        times = stratified_times(0.5 / len(x), len(x))
        times = times[torch.from_numpy(keyed.generator(0, "validation-times").permutation(len(x)))]
        for k in range(0, len(x), _AT_ONCE):
            part = slice(k, k + _AT_ONCE)
            yield self._made(x[part], z[part], times[part], 1, 0, "detail-validation", k)

    def _made(
        self,
        x: np.ndarray,
        z: np.ndarray,
        times: Tensor,
        crops: int,
        seed: int,
        purpose: str,
        number: int,
        part: Part = WHOLE,
        noise: NoiseKind = "keyed",
    ) -> DetailBatch:
        """Cut squares of the fields of a part; the times are those of the squares of all parts."""
        count = len(times)
        mine, fields = part.slice(count), count // crops
        eta = keyed.normal(seed, (fields, *z.shape[1:]), f"{purpose}-latents", number)
        z = z + np.float32(self._perturbation) * part.of_noise(eta, fields)
        field = torch.arange(len(x)).repeat_interleave(crops)
        corners = self._squares.corners(keyed.generator(seed, f"{purpose}-squares", number), count)
        corner = torch.from_numpy(corners[mine])
        squares = cut(torch.from_numpy(x)[field], corner, self._squares.shape)
        shape = self._objective.noise_shape((count, *squares.shape[1:]))
        eps = batch_noise(noise, part, count, seed, shape, f"{purpose}-noise", number)
        return DetailBatch(squares, torch.from_numpy(z), field, corner, times[mine], eps)  # type: ignore[arg-type]
