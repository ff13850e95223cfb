"""Squares of whole fields in data space, with the maps of their places: functions of (seed, step)."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from halocline.data.sampling.part import WHOLE, Part
from halocline.data.sampling.samples import BatchOrder, Source
from halocline.data.sampling.told import told
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch, Objective, stratified_times
from halocline.diffusion.times import Times, uniform
from halocline.runtime import keyed
from halocline.runtime.noise.device import NoiseKind, batch_noise
from halocline.training.batches import require_room, spread
from halocline.training.squares import Squares, cut

_AT_ONCE = 32


class SquareBatches:
    """Squares of fields, for a denoiser without maps and mask of its own: each square is given those of its place.

    Args:
        train: Training fields.
        validation: Validation fields; one square of VALIDATION_SAMPLES of them at most, evenly spread.
        objective: Says which noise it needs.
        squares: What is cut from a field.
        place: Maps that the network sees (map, y, x), and the cells that count for it (1 or channel, y, x).
        batch: Squares a step.
        crops: Squares of each field.
        seed: The run's seed.
        weight: Where and how much the loss counts (channel or 1, y, x); None for the cells that count.
        times: Pseudo-times of evenly spread shares, those of the validation included.
        drop: Share of the fields that are told nothing (see data/sampling/told.py).
        noise: Where the training's noise comes from; that of the validation is ``keyed``.
    """

    def __init__(
        self,
        train: Source,
        validation: Source,
        objective: Objective,
        squares: Squares,
        place: tuple[Tensor, Tensor],
        *,
        batch: int,
        crops: int,
        seed: int,
        weight: np.ndarray | None = None,
        times: Times = uniform,
        drop: float = 0.0,
        noise: NoiseKind = "keyed",
    ) -> None:
        self._noise = noise
        self._train, self._objective, self._squares, self._place = train, objective, squares, place
        self._batch, self._crops, self._seed, self._times, self._drop = batch, crops, seed, times, drop
        self._weight = place[1] if weight is None else torch.from_numpy(weight)
        picked = spread(len(validation))
        self._held, self._held_vectors = validation.take(picked), validation.conditions(picked)
        require_room(batch, (self._held.shape[1], *squares.shape))
        self._order = BatchOrder(len(train), batch // crops, seed)

    def batch(self, step: int, part: Part = WHOLE) -> Batch:
        """Return squares, times and noise of a part of a step; its parts are whole fields with their squares."""
        fields = self._batch // self._crops
        mine = part.slice(fields)
        numbers = self._order.numbers(step)[mine]
        times = stratified_times(float(keyed.generator(self._seed, "times", step).random()), self._batch)
        vectors = self._train.conditions(numbers)
        if self._drop and vectors is not None:
            left_out = keyed.generator(self._seed, "drop-conditions", step).random(fields)[mine] < self._drop
            vectors = told(vectors, left_out)
        key = (self._seed, "square", step)
        return self._made(self._train.take(numbers), vectors, times, self._crops, key, part, self._noise)

    def validation(self) -> Iterator[Batch]:
        """Yield fixed squares of the validation fields, times and noise, one of each field."""
        times = stratified_times(0.5 / len(self._held), len(self._held))
        times = times[torch.from_numpy(keyed.generator(0, "validation-times").permutation(len(times)))]
        vectors = self._held_vectors
        if self._drop and vectors is not None:
            vectors = told(vectors, None)
        for k in range(0, len(times), _AT_ONCE):
            part = slice(k, k + _AT_ONCE)
            conditions = None if vectors is None else vectors[part]
            yield self._made(self._held[part], conditions, times[part], 1, (0, "validation-square", k))

    def _made(
        self,
        fields: np.ndarray,
        vectors: np.ndarray | None,
        times: Tensor,
        crops: int,
        key: tuple[int, str, int],
        part: Part = WHOLE,
        noise: NoiseKind = "keyed",
    ) -> Batch:
        """Cut squares of the fields of a part; the times are those of the squares of all parts."""
        (seed, purpose, number), count = key, len(times)
        mine = part.slice(count)
        field = torch.arange(len(fields)).repeat_interleave(crops)
        corners = self._squares.corners(keyed.generator(seed, f"{purpose}-corners", number), count)
        corner = torch.from_numpy(corners[mine])
        x0 = self._cut(torch.from_numpy(fields)[field], corner)
        maps, mask, weight = (
            self._cut(each.expand(len(corner), *each.shape), corner) for each in (*self._place, self._weight)
        )
        shape = self._objective.noise_shape((count, *x0.shape[1:]))
        eps = batch_noise(noise, mine, seed, shape, f"{purpose}-noise", number)
        vector = None if vectors is None else torch.from_numpy(vectors)[field]
        given = Given(maps, mask, vector)
        return Batch(x0, self._times(times)[mine], eps, given, weight=weight)  # type: ignore[arg-type]

    def _cut(self, fields: Tensor, corner: Tensor) -> Tensor:
        return cut(fields, corner, self._squares.shape)
