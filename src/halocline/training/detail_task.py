"""Training a stochastic decoder: the residual of a frozen answer, drawn given that answer."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from halocline.data.sampling.part import WHOLE, Part
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import Batch, Objective
from halocline.diffusion.residual import Residual, beside
from halocline.training.detail_batches import DetailBatch, DetailBatches
from halocline.training.squares import Squares, cut


class DetailTask:
    """The objective's loss on r = (x - m) / sigma_r, given m = answer(z); no gradient reaches what answers.

    Args:
        module: Draws r.
        data: Its batches.
        objective: The loss.
        answer: m (field, channel, y, x) of rough fields (field, z, y/f, x/f) and their condition vectors: the frozen
            decoder or denoiser.
        residual: Scale and bounds of r.
        target: r of (x, m): ``residual.of`` for an objective that knows the bounds, else ``residual.beyond``.
        maps: Maps of the place (map, y, x).
        mask: Cells that the network draws (1 or channel, y, x), 1 or 0.
        weight: Cells whose loss counts, likewise. Of a square, its rim is seen and does not count, unless it lies at
            the side of the field.
        squares: What is cut from a field.
        device: Where batches go.
    """

    name = "detail"

    def __init__(
        self,
        module: NetworkDenoiser,
        data: DetailBatches,
        objective: Objective,
        *,
        answer: Callable[[Tensor, Tensor | None], Tensor],
        residual: Residual,
        target: Callable[[Tensor, Tensor], Tensor],
        maps: Tensor,
        mask: Tensor,
        weight: Tensor,
        squares: Squares,
        device: torch.device,
    ) -> None:
        self.module = module
        self._data, self._objective, self._answer = data, objective, answer
        self._residual, self._target = residual, target
        self._maps, self._mask, self._weight = (part.to(device) for part in (maps, mask, weight))
        self._squares, self._device = squares, device

    def batch(self, step: int, part: Part = WHOLE) -> DetailBatch:
        """Return a part of what a step sees."""
        return self._data.batch(step, part)

    def counts(self, batch: DetailBatch) -> Tensor:
        """Return what the means of the objective divide by (term,); nothing is answered for it."""
        squares = Batch(batch.x, batch.t, batch.eps, weight=self._counted(batch))
        return self._objective.counts(self.module, squares)

    def loss(self, batch: DetailBatch, whole: Tensor | None = None) -> Tensor:
        """Return the loss of a batch, or of a part of one that counts ``whole``."""
        return self._objective.loss(self.module, self._residuals(batch)._replace(whole=whole))

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return the loss on fixed squares of the validation years."""
        assert isinstance(module, NetworkDenoiser)
        total, count = 0.0, 0
        for batch in self._data.validation():
            total += float(self._objective.loss(module, self._residuals(batch))) * len(batch.x)
            count += len(batch.x)
        return {"validation_loss": total / count}

    def error(self, figures: dict[str, float]) -> float:
        """Return the validation loss."""
        return figures["validation_loss"]

    @torch.no_grad()
    def _residuals(self, batch: DetailBatch) -> Batch:
        """Answer, cut, and return what the objective sees."""
        x, z, field, _, t, eps, vector = (part.to(self._device, non_blocking=True) for part in batch)
        m = self._cut(self._answer(z, vector if vector.shape[1] else None).float()[field], batch.corner)
        maps, mask = (self._cut(part.expand(len(x), -1, -1, -1), batch.corner) for part in (self._maps, self._mask))
        given, (lower, upper) = beside(m, maps, mask), self._residual.bounds(m)
        return Batch(self._target(x, m) * mask, t, eps, given, lower, upper, self._counted(batch))

    def _counted(self, batch: DetailBatch) -> Tensor:
        """Return where the loss of each square counts (square, 1 or channel, y, x)."""
        weight = self._cut(self._weight.expand(len(batch.x), -1, -1, -1), batch.corner)
        return weight * self._inner(batch.corner)

    def _cut(self, fields: Tensor, corner: Tensor) -> Tensor:
        return cut(fields, corner, self._squares.shape)

    def _inner(self, corner: Tensor) -> Tensor:
        """Return 1 where the loss of a square counts (square, 1, y, x), 0 on a rim inside the field."""
        (ny, nx), shape, rim = self._squares.mask.shape, self._squares.shape, self._squares.rim
        inner = torch.ones(len(corner), 1, *shape)
        for one, (y, x) in zip(inner, corner.tolist(), strict=True):
            one[:, : rim * (y > 0)] = 0.0
            one[:, :, : rim * (x > 0)] = 0.0
            one[:, shape[0] - rim * (y + shape[0] < ny) :] = 0.0
            one[:, :, shape[1] - rim * (x + shape[1] < nx) :] = 0.0
        return inner.to(self._device)
