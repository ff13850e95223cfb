"""What a stochastic decoder is trained on: states, rough fields of them, and squares cut from both."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from halocline.data.sampling.part import WHOLE, Part
from halocline.data.sampling.samples import BatchOrder, Source
from halocline.data.sampling.told import told
from halocline.diffusion.objectives.base import Objective, stratified_times
from halocline.runtime import keyed
from halocline.runtime.noise.device import NoiseKind, batch_noise
from halocline.training.batches import spread
from halocline.training.squares import Squares, cut

_AT_ONCE = 32


class DetailBatch(NamedTuple):
    """What a step of the stochastic decoder sees.

    Attributes:
        x: States, or squares of them (square, channel, y, x), network space.
        z: Rough fields, perturbed latents or noisy states (field, z, y/f, x/f); each is answered once.
        field: Which of them each square was cut from (square,).
        corner: Where (square, 2), y and x in cells.
        t: Pseudo-times (square,).
        eps: Noise, of the objective's ``noise_shape``.
        vector: Condition vectors of the rough fields (field, condition); of no condition if there are none.
    """

    x: Tensor
    z: Tensor
    field: Tensor
    corner: Tensor
    t: Tensor
    eps: Tensor
    vector: Tensor


class DetailBatches:
    """States with rough fields z + perturbation * eta, eta standard normal: functions of (seed, step).

    Args:
        train: Training states and their latents, or themselves, one order.
        validation: Those of validation.
        objective: Says which noise it needs.
        squares: What is cut from a field.
        batch: Squares a step.
        crops: Squares of each field.
        perturbation: Standard deviation of the noise on the fields.
        seed: The run's seed.
        noise: Where the training's noise comes from; that of the fields and of the validation is ``keyed``.
        marked: Whether condition vectors say that they are told.
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
        marked: bool = False,
    ) -> None:
        self._noise, self._marked = noise, marked
        self._train, self._objective, self._squares = train, objective, squares
        self._batch, self._crops, self._perturbation, self._seed = batch, crops, perturbation, seed
        self._order = BatchOrder(len(train[0]), batch // crops, seed)
        picked = spread(len(validation[0]))
        self._held = tuple(source.take(picked) for source in validation)
        self._held_vectors = vectors_of(validation[1], picked, marked)

    def batch(self, step: int, part: Part = WHOLE) -> DetailBatch:
        """Return a part of what a step sees, whole fields with their squares, CPU tensors."""
        numbers = self._order.numbers(step)
        mine = numbers[part.slice(len(numbers))]
        x, z = (source.take(mine) for source in self._train)
        vectors = vectors_of(self._train[1], mine, self._marked)
        times = stratified_times(float(keyed.generator(self._seed, "detail-times", step).random()), self._batch)
        return self._made(x, z, vectors, times, self._crops, self._seed, "detail-training", step, part, self._noise)

    def validation(self) -> Iterator[DetailBatch]:
        """Yield fixed squares of the validation states, times and noise, one of each state."""
        x, z = self._held
        times = stratified_times(0.5 / len(x), len(x))
        times = times[torch.from_numpy(keyed.generator(0, "validation-times").permutation(len(x)))]
        for k in range(0, len(x), _AT_ONCE):
            part = slice(k, k + _AT_ONCE)
            vectors = None if self._held_vectors is None else self._held_vectors[part]
            yield self._made(x[part], z[part], vectors, times[part], 1, 0, "detail-validation", k)

    def _made(
        self,
        x: np.ndarray,
        z: np.ndarray,
        vectors: Tensor | None,
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
        numbers = range(fields)[part.slice(fields)]
        eta = keyed.member_normal(seed, numbers, z.shape[1:], f"{purpose}-latents", number)
        z = z + np.float32(self._perturbation) * eta
        field = torch.arange(len(x)).repeat_interleave(crops)
        corners = self._squares.corners(keyed.generator(seed, f"{purpose}-squares", number), count)
        corner = torch.from_numpy(corners[mine])
        squares = cut(torch.from_numpy(x)[field], corner, self._squares.shape)
        shape = self._objective.noise_shape((count, *squares.shape[1:]))
        eps = batch_noise(noise, mine, seed, shape, f"{purpose}-noise", number)
        vector = torch.zeros(len(z), 0) if vectors is None else vectors
        return DetailBatch(squares, torch.from_numpy(z), field, corner, times[mine], eps, vector)  # type: ignore[arg-type]


def vectors_of(source: Source, numbers: np.ndarray, marked: bool) -> Tensor | None:
    """Return the condition vectors (len(numbers), condition) of samples, or None if there are none."""
    vectors = source.conditions(numbers)
    if vectors is None:
        return None
    return torch.from_numpy(told(vectors) if marked else vectors)
